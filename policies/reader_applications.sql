-- reader_applications: own rows. Written by apply and review only.

revoke all on public.reader_applications from anon, authenticated, service_role;
grant select on public.reader_applications to authenticated, service_role;

drop policy if exists "own applications" on public.reader_applications;
create policy "own applications" on public.reader_applications for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own applications" on public.reader_applications is 'An application is between its person and the reviewers.';
