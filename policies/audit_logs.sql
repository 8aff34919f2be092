-- audit_logs: administrators with manage_users read; nobody writes.

revoke all on public.audit_logs from anon, authenticated, service_role;
grant select on public.audit_logs to authenticated, service_role;

drop policy if exists "manage_users" on public.audit_logs;
create policy "manage_users" on public.audit_logs for select to authenticated
    using ((select private.has_permission('manage_users')));
comment on policy "manage_users" on public.audit_logs is 'The record of who did what.';
