-- messages: sender and receiver.

revoke all on public.messages from anon, authenticated, service_role;
grant select on public.messages to authenticated, service_role;

drop policy if exists "both people" on public.messages;
create policy "both people" on public.messages for select to authenticated
    using (sender_id = (select auth.uid()) or receiver_id = (select auth.uid()));
comment on policy "both people" on public.messages is 'Sealed, and still nobody else''s.';
