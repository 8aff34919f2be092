-- admins: own row, and administrators with manage_users.

revoke all on public.admins from anon, authenticated, service_role;
grant select on public.admins to authenticated, service_role;

drop policy if exists "own row or manage_users" on public.admins;
create policy "own row or manage_users" on public.admins for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own row or manage_users" on public.admins is 'Who administers is not public.';
