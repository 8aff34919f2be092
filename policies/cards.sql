-- cards: own rows.

revoke all on public.cards from anon, authenticated, service_role;
grant select on public.cards to authenticated, service_role;

drop policy if exists "own cards" on public.cards;
create policy "own cards" on public.cards for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own cards" on public.cards is 'As Stripe describes them; the number is nowhere.';
