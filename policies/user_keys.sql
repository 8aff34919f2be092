-- user_keys: public halves, readable by everyone signed in; a person registers and revokes their own devices.

revoke all on public.user_keys from anon, authenticated, service_role;
grant select on public.user_keys to authenticated, service_role;
grant insert (user_id, device_id, identity_key, device_key, signature), update (revoked_at) on public.user_keys to authenticated;

drop policy if exists "keys are public" on public.user_keys;
create policy "keys are public" on public.user_keys for select to authenticated using (true);
comment on policy "keys are public" on public.user_keys is 'Public halves, to seal for.';

drop policy if exists "register own device" on public.user_keys;
create policy "register own device" on public.user_keys for insert to authenticated
    with check (user_id = (select auth.uid()) and (select private.is_active()));
comment on policy "register own device" on public.user_keys is 'Nobody registers a device for somebody else.';

drop policy if exists "revoke own device" on public.user_keys;
create policy "revoke own device" on public.user_keys for update to authenticated
    using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()) and revoked_at is not null);
comment on policy "revoke own device" on public.user_keys is 'Revoked for good, whatever the account''s status.';
