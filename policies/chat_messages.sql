-- chat_messages: the session's two people read; they write while it runs and is not paused.

revoke all on public.chat_messages from anon, authenticated, service_role;
grant select on public.chat_messages to authenticated, service_role;
grant insert (session_id, sender_id, content, message_type) on public.chat_messages to authenticated;

drop policy if exists "participants read" on public.chat_messages;
create policy "participants read" on public.chat_messages for select to authenticated
    using (exists (select from public.sessions s
        where s.id = chat_messages.session_id and (s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))));
comment on policy "participants read" on public.chat_messages is 'The transcript stays readable to both.';

drop policy if exists "participants write while it runs" on public.chat_messages;
create policy "participants write while it runs" on public.chat_messages for insert to authenticated
    with check (sender_id = (select auth.uid()) and message_type <> 'SYSTEM' and (select private.is_active())
        and session_id in (select s.id from public.sessions s
            where (s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))
              and s.status = 'IN_PROGRESS' and s.paused_at is null));
comment on policy "participants write while it runs" on public.chat_messages is 'Paid time only: not before, not after, not in a pause.';
