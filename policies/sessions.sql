-- sessions: the two participants. Written by the session calls only.

revoke all on public.sessions from anon, authenticated, service_role;
grant select on public.sessions to authenticated, service_role;

drop policy if exists "participants" on public.sessions;
create policy "participants" on public.sessions for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "participants" on public.sessions is 'A session is its two sides''.';
