-- reader_accounts: own row. Nobody writes it directly.

revoke all on public.reader_accounts from anon, authenticated, service_role;
grant select on public.reader_accounts to authenticated, service_role;

drop policy if exists "own account" on public.reader_accounts;
create policy "own account" on public.reader_accounts for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own account" on public.reader_accounts is 'Stripe account, documents and earnings are nobody else''s business.';
