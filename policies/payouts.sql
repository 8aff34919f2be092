-- payouts: the reader, and administrators with manage_finances.

revoke all on public.payouts from anon, authenticated, service_role;
grant select on public.payouts to authenticated, service_role;

drop policy if exists "own payouts or manage_finances" on public.payouts;
create policy "own payouts or manage_finances" on public.payouts for select to authenticated
    using (reader_id = (select auth.uid()) or (select private.has_permission('manage_finances')));
comment on policy "own payouts or manage_finances" on public.payouts is 'Earnings are the reader''s own.';
