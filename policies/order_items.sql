-- order_items: the buyer and the seller of the line.

revoke all on public.order_items from anon, authenticated, service_role;
grant select on public.order_items to authenticated, service_role;

drop policy if exists "buyer or seller" on public.order_items;
create policy "buyer or seller" on public.order_items for select to authenticated
    using (reader_id = (select auth.uid()) or order_id in (select o.id from public.orders o where o.client_id = (select auth.uid())));
comment on policy "buyer or seller" on public.order_items is 'A seller sees what was sold, not to whom.';
