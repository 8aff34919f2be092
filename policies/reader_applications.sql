-- reader_applications: own rows, and administrators with manage_users. Written by apply and review only.

revoke all on public.reader_applications from anon, authenticated, service_role;
grant select on public.reader_applications to authenticated, service_role;

drop policy if exists "own applications or manage_users" on public.reader_applications;
create policy "own applications or manage_users" on public.reader_applications for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_users')));
comment on policy "own applications or manage_users" on public.reader_applications is 'An application is between its person and the reviewers.';
