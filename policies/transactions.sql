-- transactions: the owner, and administrators with manage_finances. Written by the money functions only.

revoke all on public.transactions from anon, authenticated, service_role;
grant select on public.transactions to authenticated, service_role;

drop policy if exists "own transactions or manage_finances" on public.transactions;
create policy "own transactions or manage_finances" on public.transactions for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own transactions or manage_finances" on public.transactions is 'A reader never sees the client''s row.';
