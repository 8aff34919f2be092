-- bookings: its two people. Written by the session calls only.

revoke all on public.bookings from anon, authenticated, service_role;
grant select on public.bookings to authenticated, service_role;

drop policy if exists "both people" on public.bookings;
create policy "both people" on public.bookings for select to authenticated
    using (client_id = (select auth.uid()) or reader_id = (select auth.uid()));
comment on policy "both people" on public.bookings is 'Whose time is taken by whom is between the two.';
