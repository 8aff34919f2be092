-- blocks: a person's own list, never shown to the one who is blocked.

revoke all on public.blocks from anon, authenticated, service_role;
grant select on public.blocks to authenticated, service_role;
grant insert (blocker_id, blocked_id), delete on public.blocks to authenticated;

drop policy if exists "own rows" on public.blocks;
create policy "own rows" on public.blocks for select to authenticated using (blocker_id = (select auth.uid()));
comment on policy "own rows" on public.blocks is 'Never shown to the other person.';

drop policy if exists "add own" on public.blocks;
create policy "add own" on public.blocks for insert to authenticated
    with check (blocker_id = (select auth.uid()) and (select private.is_active()));
comment on policy "add own" on public.blocks is 'As oneself.';

drop policy if exists "remove own" on public.blocks;
create policy "remove own" on public.blocks for delete to authenticated
    using (blocker_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.blocks is 'Own rows.';
