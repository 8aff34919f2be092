-- auto_reloads: own row, and administrators with manage_finances. Changed through calls.

revoke all on public.auto_reloads from anon, authenticated, service_role;
grant select on public.auto_reloads to authenticated, service_role;

drop policy if exists "own wish or manage_finances" on public.auto_reloads;
create policy "own wish or manage_finances" on public.auto_reloads for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own wish or manage_finances" on public.auto_reloads is 'What a person agreed to, and whether it is on.';
