-- payout_attempts: administrators with manage_finances only; readers follow the payout.

revoke all on public.payout_attempts from anon, authenticated, service_role;
grant select on public.payout_attempts to authenticated, service_role;

drop policy if exists "manage_finances" on public.payout_attempts;
create policy "manage_finances" on public.payout_attempts for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.payout_attempts is 'What was sent to Stripe, for whoever looks after money.';
