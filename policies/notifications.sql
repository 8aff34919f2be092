-- notifications: own rows; a person marks them read and removes them.

revoke all on public.notifications from anon, authenticated, service_role;
grant select on public.notifications to authenticated, service_role;
grant update (read_at), delete on public.notifications to authenticated;

drop policy if exists "own notifications" on public.notifications;
create policy "own notifications" on public.notifications for select to authenticated using (user_id = (select auth.uid()));
comment on policy "own notifications" on public.notifications is 'Written by the database.';

drop policy if exists "mark own" on public.notifications;
create policy "mark own" on public.notifications for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active())) with check (user_id = (select auth.uid()));
comment on policy "mark own" on public.notifications is 'read_at only, by the column grant.';

drop policy if exists "remove own" on public.notifications;
create policy "remove own" on public.notifications for delete to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()));
comment on policy "remove own" on public.notifications is 'Own rows.';
