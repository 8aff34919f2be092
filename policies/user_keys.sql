-- user_keys: public halves, readable by everyone signed in; devices are registered and revoked by calls.

revoke all on public.user_keys from anon, authenticated, service_role;
grant select on public.user_keys to authenticated, service_role;

drop policy if exists "keys are public" on public.user_keys;
create policy "keys are public" on public.user_keys for select to authenticated using (true);
comment on policy "keys are public" on public.user_keys is 'Public halves, to seal for before a first message, and for moderators to verify with.';
