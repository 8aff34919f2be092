-- realtime.messages: who receives and who sends on which private topic. Where the database speaks, nobody else does.

grant execute on function private.may_hear(text), private.may_speak(text, text) to authenticated;

-- A person's own topic, their sessions' and conversations' topics, the streams they are in, and the readers' statuses. On
-- hosted the table belongs to Supabase: its policies may be made, and not commented on.
drop policy if exists "receive on own topics" on realtime.messages;
create policy "receive on own topics" on realtime.messages for select to authenticated
    using (extension in ('broadcast', 'presence') and (select private.may_hear((select realtime.topic()))));

-- On :peer topics alone: typing, presence, sealed signalling.
drop policy if exists "send to peers" on realtime.messages;
create policy "send to peers" on realtime.messages for insert to authenticated
    with check (case extension
        when 'broadcast' then (select private.may_speak((select realtime.topic()), 'broadcast'))
        when 'presence' then (select private.may_speak((select realtime.topic()), 'presence'))
        else false end);
