-- promo_redemptions: own rows, and administrators with manage_finances.

revoke all on public.promo_redemptions from anon, authenticated, service_role;
grant select on public.promo_redemptions to authenticated, service_role;

drop policy if exists "own redemptions or manage_finances" on public.promo_redemptions;
create policy "own redemptions or manage_finances" on public.promo_redemptions for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own redemptions or manage_finances" on public.promo_redemptions is 'Who used what.';
