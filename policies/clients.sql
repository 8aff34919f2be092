-- clients: own row only; administrators read through admin_read_client, which is recorded.

revoke all on public.clients from anon, authenticated, service_role;
grant select on public.clients to authenticated, service_role;
grant update (first_name, last_name, avatar, bio, date_of_birth, timezone, preferences, preferred_session_types, preferred_categories)
    on public.clients to authenticated;

drop policy if exists "own profile" on public.clients;
create policy "own profile" on public.clients for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own profile" on public.clients is 'What a client tells about themselves is theirs.';

drop policy if exists "change own profile" on public.clients;
create policy "change own profile" on public.clients for update to authenticated
    using (user_id = (select auth.uid()) and (select private.is_active()))
    with check (user_id = (select auth.uid()));
comment on policy "change own profile" on public.clients is 'An account that is not ACTIVE loses its writes at once.';
