-- gift_purchases: the buyer.

revoke all on public.gift_purchases from anon, authenticated, service_role;
grant select on public.gift_purchases to authenticated, service_role;

drop policy if exists "own purchases" on public.gift_purchases;
create policy "own purchases" on public.gift_purchases for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own purchases" on public.gift_purchases is 'What somebody bought is theirs.';
