-- notification_preferences: own row, changed by its RPC; the token is in mails only.

revoke all on public.notification_preferences from anon, authenticated, service_role;
grant select (user_id, by_email, muted, created_at, updated_at) on public.notification_preferences to authenticated;
grant select on public.notification_preferences to service_role;

drop policy if exists "own row" on public.notification_preferences;
create policy "own row" on public.notification_preferences for select to authenticated using (user_id = (select auth.uid()));
comment on policy "own row" on public.notification_preferences is 'Nobody else''s business.';
