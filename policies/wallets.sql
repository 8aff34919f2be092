-- wallets and reader_earnings: views over ledger.accounts, which runs its own row-level security as the reader of the view.

revoke all on public.wallets, public.reader_earnings from anon, authenticated, service_role;
grant select on public.wallets, public.reader_earnings to authenticated, service_role;

revoke all on ledger.accounts from anon, authenticated, service_role;
grant select (id, user_id, kind, currency, credits, debits, held, frozen_at, created_at, updated_at)
    on ledger.accounts to authenticated, service_role;

drop policy if exists "own accounts" on ledger.accounts;
create policy "own accounts" on ledger.accounts for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own accounts" on ledger.accounts is 'The schema is not exposed; this is what the views show to whom.';
