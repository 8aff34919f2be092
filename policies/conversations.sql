-- conversations: its two members.

revoke all on public.conversations from anon, authenticated, service_role;
grant select on public.conversations to authenticated, service_role;

drop policy if exists "members" on public.conversations;
create policy "members" on public.conversations for select to authenticated
    using (first_id = (select auth.uid()) or second_id = (select auth.uid()));
comment on policy "members" on public.conversations is 'Who writes with whom is between the two.';
