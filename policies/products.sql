-- products: the shelf is public; a reader keeps their own products.

revoke all on public.products from anon, authenticated, service_role;
grant select on public.products to service_role;
-- The paths of what is sold stay out of reach; buyers get signed URLs.
grant select (id, name, description, type, category, price, currency, stock_quantity, sku, weight, dimensions, images,
              status, featured, reader_id, search, created_at, updated_at) on public.products to anon, authenticated;
grant insert (name, description, type, category, price, stock_quantity, sku, download_url, file_url, weight, dimensions,
              images, status, reader_id),
      update (name, description, category, price, stock_quantity, sku, download_url, file_url, weight, dimensions, images, status)
    on public.products to authenticated;

drop policy if exists "on the shelf" on public.products;
create policy "on the shelf" on public.products for select to anon using (status in ('ACTIVE', 'OUT_OF_STOCK'));
comment on policy "on the shelf" on public.products is 'Drafts and withdrawn products are their maker''s. File paths are kept out by the column grant.';

drop policy if exists "on the shelf, own and moderators" on public.products;
create policy "on the shelf, own and moderators" on public.products for select to authenticated
    using (status in ('ACTIVE', 'OUT_OF_STOCK') or reader_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "on the shelf, own and moderators" on public.products is 'Drafts and withdrawn products are their maker''s. File paths are kept out by the column grant.';

drop policy if exists "reader adds products" on public.products;
create policy "reader adds products" on public.products for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid()) and r.is_verified));
comment on policy "reader adds products" on public.products is 'Verified readers sell; featured is for administrators.';

drop policy if exists "reader changes products" on public.products;
create policy "reader changes products" on public.products for update to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes products" on public.products is 'Orders keep the price they were made at.';
