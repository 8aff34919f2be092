-- reports: the reporter, and administrators with moderate_content.

revoke all on public.reports from anon, authenticated, service_role;
grant select on public.reports to authenticated, service_role;

drop policy if exists "own reports or moderate_content" on public.reports;
create policy "own reports or moderate_content" on public.reports for select to authenticated
    using (reporter_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "own reports or moderate_content" on public.reports is 'Never shown to the one who is reported.';
