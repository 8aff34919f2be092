-- auto_reloads: own row. Changed through calls.

revoke all on public.auto_reloads from anon, authenticated, service_role;
grant select on public.auto_reloads to authenticated, service_role;

drop policy if exists "own wish" on public.auto_reloads;
create policy "own wish" on public.auto_reloads for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own wish" on public.auto_reloads is 'What a person agreed to, and whether it is on.';
