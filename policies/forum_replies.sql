-- forum_replies: what is published is public; people write and change their own; moderators see and change all.

revoke all on public.forum_replies from anon, authenticated, service_role;
grant select on public.forum_replies to anon, authenticated, service_role;
grant insert (author_id, post_id, content, status), update (content, status) on public.forum_replies to authenticated;

drop policy if exists "published" on public.forum_replies;
create policy "published" on public.forum_replies for select to anon using (status = 'PUBLISHED');
comment on policy "published" on public.forum_replies is 'Visitors read what is published.';

drop policy if exists "published, own, or moderators" on public.forum_replies;
create policy "published, own, or moderators" on public.forum_replies for select to authenticated
    using (status = 'PUBLISHED' or author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "published, own, or moderators" on public.forum_replies is 'Drafts are their author''s.';

drop policy if exists "write as oneself" on public.forum_replies;
create policy "write as oneself" on public.forum_replies for insert to authenticated
    with check (author_id = (select auth.uid()) and status in ('DRAFT', 'PUBLISHED') and (select private.has_account()));
comment on policy "write as oneself" on public.forum_replies is 'Active accounts only: what is said in public has somebody behind it.';

drop policy if exists "change own, or moderate" on public.forum_replies;
create policy "change own, or moderate" on public.forum_replies for update to authenticated
    using ((author_id = (select auth.uid()) and (select private.has_account())) or (select private.has_permission('moderate_content')))
    with check (author_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "change own, or moderate" on public.forum_replies is 'A trigger keeps words from moderators, and what was taken down from coming back by its author.';
