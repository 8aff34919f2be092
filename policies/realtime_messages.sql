-- realtime.messages: who may receive on which topic. Clients send nothing on a topic the database speaks on.

grant execute on function private.stream_topics() to authenticated;

drop policy if exists "receive on own topics" on realtime.messages;
create policy "receive on own topics" on realtime.messages for select to authenticated
    using (extension in ('broadcast', 'presence') and (
        (select realtime.topic()) in ('readers', 'user:' || (select auth.uid())::text)
        or (select realtime.topic()) in (
            select 'session:' || s.id from public.sessions s
            where (select auth.uid()) in (s.client_id, s.reader_id))
        or (select realtime.topic()) in (select private.stream_topics())));
comment on policy "receive on own topics" on realtime.messages is 'A person''s own topic, their sessions'' topics, the streams they are in, and the readers'' statuses.';
