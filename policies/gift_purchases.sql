-- gift_purchases: the buyer, and administrators with manage_finances.

revoke all on public.gift_purchases from anon, authenticated, service_role;
grant select on public.gift_purchases to authenticated, service_role;

drop policy if exists "own purchases or manage_finances" on public.gift_purchases;
create policy "own purchases or manage_finances" on public.gift_purchases for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own purchases or manage_finances" on public.gift_purchases is 'What somebody bought is theirs.';
