-- money_approvals: administrators with manage_finances, for whom they are the papers of their own work. Written by their calls only.

revoke all on public.money_approvals from anon, authenticated, service_role;
grant select on public.money_approvals to authenticated, service_role;

drop policy if exists "manage_finances" on public.money_approvals;
create policy "manage_finances" on public.money_approvals for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.money_approvals is 'Whoever decides sees what waits; who gets it sees the transaction.';
