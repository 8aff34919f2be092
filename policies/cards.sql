-- cards: own rows, and administrators with manage_finances.

revoke all on public.cards from anon, authenticated, service_role;
grant select on public.cards to authenticated, service_role;

drop policy if exists "own cards or manage_finances" on public.cards;
create policy "own cards or manage_finances" on public.cards for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own cards or manage_finances" on public.cards is 'As Stripe describes them; the number is nowhere.';
