-- orders: the buyer. Written by the order functions only.

revoke all on public.orders from anon, authenticated, service_role;
grant select on public.orders to authenticated, service_role;

drop policy if exists "own orders" on public.orders;
create policy "own orders" on public.orders for select to authenticated
    using (client_id = (select auth.uid()));
comment on policy "own orders" on public.orders is 'An order holds an address.';
