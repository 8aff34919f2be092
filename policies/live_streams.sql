-- live_streams: streams are announced to everyone; a reader plans their own.

revoke all on public.live_streams from anon, authenticated, service_role;
grant select on public.live_streams to anon, authenticated, service_role;
grant insert (reader_id, title, description, category, scheduled_at, max_viewers),
      update (title, description, category, scheduled_at, max_viewers) on public.live_streams to authenticated;

drop policy if exists "announced" on public.live_streams;
create policy "announced" on public.live_streams for select to anon, authenticated using (true);
comment on policy "announced" on public.live_streams is 'What is in a stream is on its topic, for viewers let in.';

drop policy if exists "reader plans streams" on public.live_streams;
create policy "reader plans streams" on public.live_streams for insert to authenticated
    with check (reader_id = (select auth.uid()) and (select private.is_active())
        and reader_id in (select r.user_id from public.readers r where r.user_id = (select auth.uid()) and r.is_verified));
comment on policy "reader plans streams" on public.live_streams is 'Verified readers only; start and end are functions.';

drop policy if exists "reader changes plans" on public.live_streams;
create policy "reader changes plans" on public.live_streams for update to authenticated
    using (reader_id = (select auth.uid()) and status = 'SCHEDULED' and (select private.is_active()))
    with check (reader_id = (select auth.uid()));
comment on policy "reader changes plans" on public.live_streams is 'Until it starts.';
