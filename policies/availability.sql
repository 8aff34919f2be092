-- availability: everyone sees when a reader works; the reader keeps it.

revoke all on public.availability from anon, authenticated, service_role;
grant select on public.availability to anon, authenticated, service_role;
grant insert (reader_id, day_of_week, start_time, end_time, is_recurring, specific_date, is_available),
      update (day_of_week, start_time, end_time, is_recurring, specific_date, is_available), delete
    on public.availability to authenticated;

drop policy if exists "hours are public" on public.availability;
create policy "hours are public" on public.availability for select to anon, authenticated using (true);
comment on policy "hours are public" on public.availability is 'Opening hours; what is booked is not in here.';

drop policy if exists "reader adds hours" on public.availability;
create policy "reader adds hours" on public.availability for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid())));
comment on policy "reader adds hours" on public.availability is 'Only readers have hours.';

drop policy if exists "reader changes hours" on public.availability;
create policy "reader changes hours" on public.availability for update to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes hours" on public.availability is 'Own rows.';

drop policy if exists "reader removes hours" on public.availability;
create policy "reader removes hours" on public.availability for delete to authenticated
    using (reader_id = (select auth.uid()) and (select private.is_active()));
comment on policy "reader removes hours" on public.availability is 'Own rows.';
