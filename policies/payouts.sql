-- payouts: the reader.

revoke all on public.payouts from anon, authenticated, service_role;
grant select on public.payouts to authenticated, service_role;

drop policy if exists "own payouts" on public.payouts;
create policy "own payouts" on public.payouts for select to authenticated
    using (reader_id = (select auth.uid()));
comment on policy "own payouts" on public.payouts is 'Earnings are the reader''s own.';
