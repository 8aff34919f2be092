-- system_settings: public ones are readable by everyone, all by administrators with manage_settings.

revoke all on public.system_settings from anon, authenticated, service_role;
grant select on public.system_settings to anon, authenticated, service_role;

drop policy if exists "public settings" on public.system_settings;
create policy "public settings" on public.system_settings for select to anon using (is_public);
comment on policy "public settings" on public.system_settings is 'What a screen must know before anyone signs in.';

drop policy if exists "public settings or manage_settings" on public.system_settings;
create policy "public settings or manage_settings" on public.system_settings for select to authenticated
    using (is_public or (select private.has_permission('manage_settings')));
comment on policy "public settings or manage_settings" on public.system_settings is 'The others are for administrators.';
