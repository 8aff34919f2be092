-- forum_categories: readable by everyone; kept by administrators with moderate_content.

revoke all on public.forum_categories from anon, authenticated, service_role;
grant select on public.forum_categories to anon, authenticated, service_role;
grant insert (name, description, icon, sort_order), update (name, description, icon, sort_order) on public.forum_categories to authenticated;

drop policy if exists "shelves are public" on public.forum_categories;
create policy "shelves are public" on public.forum_categories for select to anon, authenticated using (true);
comment on policy "shelves are public" on public.forum_categories is 'Names of shelves.';

drop policy if exists "moderators add shelves" on public.forum_categories;
create policy "moderators add shelves" on public.forum_categories for insert to authenticated
    with check ((select private.has_permission('moderate_content')));
comment on policy "moderators add shelves" on public.forum_categories is 'moderate_content.';

drop policy if exists "moderators change shelves" on public.forum_categories;
create policy "moderators change shelves" on public.forum_categories for update to authenticated
    using ((select private.has_permission('moderate_content'))) with check ((select private.has_permission('moderate_content')));
comment on policy "moderators change shelves" on public.forum_categories is 'moderate_content.';
