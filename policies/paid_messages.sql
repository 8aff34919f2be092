-- paid_messages: the two people.

revoke all on public.paid_messages from anon, authenticated, service_role;
grant select on public.paid_messages to authenticated, service_role;

drop policy if exists "both people" on public.paid_messages;
create policy "both people" on public.paid_messages for select to authenticated
    using (case (select auth.uid()) when client_id then true when reader_id then true else false end);
comment on policy "both people" on public.paid_messages is 'What waits for an answer, and what was paid for one.';
