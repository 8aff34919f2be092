-- promo_redemptions: own rows.

revoke all on public.promo_redemptions from anon, authenticated, service_role;
grant select on public.promo_redemptions to authenticated, service_role;

drop policy if exists "own redemptions" on public.promo_redemptions;
create policy "own redemptions" on public.promo_redemptions for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own redemptions" on public.promo_redemptions is 'Who used what.';
