-- transactions: the owner. Written by the money functions only.

revoke all on public.transactions from anon, authenticated, service_role;
grant select on public.transactions to authenticated, service_role;

drop policy if exists "own transactions" on public.transactions;
create policy "own transactions" on public.transactions for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own transactions" on public.transactions is 'A reader never sees the client''s row.';
