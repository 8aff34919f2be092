-- promo_codes: administrators with manage_finances.

revoke all on public.promo_codes from anon, authenticated, service_role;
grant select on public.promo_codes to authenticated, service_role;

drop policy if exists "manage_finances" on public.promo_codes;
create policy "manage_finances" on public.promo_codes for select to authenticated
    using ((select private.has_permission('manage_finances')));
comment on policy "manage_finances" on public.promo_codes is 'Codes are handed out, not listed.';
