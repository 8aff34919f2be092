-- messages: sender and receiver.

revoke all on public.messages from anon, authenticated, service_role;
grant select on public.messages to authenticated, service_role;

drop policy if exists "both people" on public.messages;
create policy "both people" on public.messages for select to authenticated
    -- A CASE, not an OR: no index serves it, and Postgres takes it for true of half the rows. So the last page of a
    -- conversation comes in order from the conversation's index; with an OR all of it is gathered and sorted.
    using (case (select auth.uid()) when sender_id then true when receiver_id then true else false end);
comment on policy "both people" on public.messages is 'Sealed, and still nobody else''s.';
