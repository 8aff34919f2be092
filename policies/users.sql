-- users: the public card. Signed-in people see every card; a person changes their own user name only.

revoke all on public.users from anon, authenticated, service_role, supabase_auth_admin;
grant select on public.users to authenticated, service_role;
grant update (username) on public.users to authenticated;
grant select (id, role, status) on public.users to supabase_auth_admin;

drop policy if exists "cards are readable" on public.users;
create policy "cards are readable" on public.users for select to authenticated using (true);
comment on policy "cards are readable" on public.users is 'A card holds nothing private.';

drop policy if exists "own user name" on public.users;
create policy "own user name" on public.users for update to authenticated
    using (id = (select auth.uid()) and (select private.is_active()))
    with check (id = (select auth.uid()));
comment on policy "own user name" on public.users is 'Role and status are kept out by the column grant.';

drop policy if exists "token hook reads roles" on public.users;
create policy "token hook reads roles" on public.users for select to supabase_auth_admin using (true);
comment on policy "token hook reads roles" on public.users is 'For custom_access_token_hook, which runs as supabase_auth_admin.';
