-- sessions: the two participants, and administrators with manage_users. Written by the session calls only.

revoke all on public.sessions from anon, authenticated, service_role;
grant select on public.sessions to authenticated, service_role;

drop policy if exists "participants or manage_users" on public.sessions;
create policy "participants or manage_users" on public.sessions for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "participants or manage_users" on public.sessions is 'A session is its two sides''.';
