-- reader_accounts: own row, and administrators with manage_finances. Nobody writes it directly.

revoke all on public.reader_accounts from anon, authenticated, service_role;
grant select on public.reader_accounts to authenticated, service_role;

drop policy if exists "own account or manage_finances" on public.reader_accounts;
create policy "own account or manage_finances" on public.reader_accounts for select to authenticated
    using (user_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own account or manage_finances" on public.reader_accounts is 'Stripe account, documents and earnings are nobody else''s business.';
