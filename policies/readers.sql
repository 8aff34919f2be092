-- readers: the public profile, readable by everyone; its reader edits what describes them.

revoke all on public.readers from anon, authenticated, service_role;
grant select on public.readers to anon, authenticated, service_role;
grant update (first_name, last_name, avatar, bio, headline, specialties, experience, certifications, languages, session_types, pricing, timezone)
    on public.readers to authenticated;

drop policy if exists "profiles are public" on public.readers;
create policy "profiles are public" on public.readers for select to anon, authenticated using (true);
comment on policy "profiles are public" on public.readers is 'Everything private of a reader is in reader_accounts.';

drop policy if exists "change own profile" on public.readers;
create policy "change own profile" on public.readers for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()))
    with check (user_id = (select auth.uid()));
comment on policy "change own profile" on public.readers is 'Status, verification and statistics are kept out by the column grant.';
