-- favorites: a client's own list.

revoke all on public.favorites from anon, authenticated, service_role;
grant select on public.favorites to authenticated, service_role;
grant insert (client_id, reader_id), delete on public.favorites to authenticated;

drop policy if exists "own rows" on public.favorites;
create policy "own rows" on public.favorites for select to authenticated using (client_id = (select auth.uid()));
comment on policy "own rows" on public.favorites is 'Never shown to the other person.';

drop policy if exists "add own" on public.favorites;
create policy "add own" on public.favorites for insert to authenticated
    with check (client_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r));
comment on policy "add own" on public.favorites is 'As oneself; only readers are favourites.';

drop policy if exists "remove own" on public.favorites;
create policy "remove own" on public.favorites for delete to authenticated
    using (client_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.favorites is 'Own rows.';
