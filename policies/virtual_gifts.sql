-- virtual_gifts: the catalogue, readable by everyone. Kept by the operator.

revoke all on public.virtual_gifts from anon, authenticated, service_role;
grant select on public.virtual_gifts to anon, authenticated, service_role;

drop policy if exists "catalogue is public" on public.virtual_gifts;
create policy "catalogue is public" on public.virtual_gifts for select to anon, authenticated using (true);
comment on policy "catalogue is public" on public.virtual_gifts is 'Prices come from here and nowhere else.';
