-- orders: the buyer, and administrators with manage_finances. Written by the order functions only.

revoke all on public.orders from anon, authenticated, service_role;
grant select on public.orders to authenticated, service_role;

drop policy if exists "own orders or manage_finances" on public.orders;
create policy "own orders or manage_finances" on public.orders for select to authenticated
    using (client_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own orders or manage_finances" on public.orders is 'An order holds an address.';
