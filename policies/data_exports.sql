-- data_exports: the person who asked, nobody else.

revoke all on public.data_exports from anon, authenticated, service_role;
grant select on public.data_exports to authenticated, service_role;

drop policy if exists "own exports" on public.data_exports;
create policy "own exports" on public.data_exports for select to authenticated
    using (user_id = (select auth.uid()));
comment on policy "own exports" on public.data_exports is 'It holds everything of one person.';
