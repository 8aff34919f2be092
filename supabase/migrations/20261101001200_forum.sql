-- Forum: categories, posts, replies, with full-text search and views counted without rewriting posts.

set lock_timeout = '4s';

create type public.post_status as enum ('DRAFT', 'PUBLISHED', 'ARCHIVED', 'DELETED');
comment on type public.post_status is 'Whether a post or reply is shown. DELETED ones stay for moderators.';

create table public.forum_categories (
    id          uuid primary key default private.uuid_v7(),
    name        text not null unique check (length(name) between 1 and 80),
    description text check (length(description) <= 500),
    icon        text check (length(icon) <= 200),
    sort_order  integer not null default 0 check (sort_order between 0 and 1000000),
    created_at  timestamptz not null default private.now(),
    updated_at  timestamptz not null default private.now()
);
comment on table public.forum_categories is 'Shelves of the forum; administrators with moderate_content keep them.';

create table public.forum_posts (
    id          uuid primary key default private.uuid_v7(),
    author_id   uuid not null references public.users (id) on delete restrict,
    category_id uuid not null references public.forum_categories (id) on delete restrict,
    title       text not null check (length(title) between 1 and 200),
    content     text not null check (length(content) between 1 and 20000),
    status      public.post_status not null default 'PUBLISHED',
    is_pinned   boolean not null default false,
    is_locked   boolean not null default false,
    view_count  integer not null default 0 check (view_count >= 0),
    search      tsvector not null generated always as (
                    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', content), 'B')) stored,
    created_at  timestamptz not null default private.now(),
    updated_at  timestamptz not null default private.now()
);
comment on table public.forum_posts is 'A topic of the forum.';
comment on column public.forum_posts.view_count is 'Folded from private.post_views by upkeep; a view never rewrites the post.';
create index forum_posts_author on public.forum_posts (author_id, id desc);
create index forum_posts_category on public.forum_posts (category_id, is_pinned desc, id desc) where status = 'PUBLISHED';
create index forum_posts_category_id on public.forum_posts (category_id);
create index forum_posts_search on public.forum_posts using gin (search);

create table public.forum_replies (
    id         uuid primary key default private.uuid_v7(),
    post_id    uuid not null references public.forum_posts (id) on delete restrict,
    author_id  uuid not null references public.users (id) on delete restrict,
    content    text not null check (length(content) between 1 and 20000),
    status     public.post_status not null default 'PUBLISHED',
    created_at timestamptz not null default private.now(),
    updated_at timestamptz not null default private.now()
);
comment on table public.forum_replies is 'An answer to a topic.';
create index forum_replies_post on public.forum_replies (post_id, id);
create index forum_replies_author on public.forum_replies (author_id, id desc);

create table private.post_views (
    id      bigint generated always as identity primary key,
    post_id uuid not null
);
comment on table private.post_views is 'Views not yet folded into forum_posts.view_count. No foreign key: its check would lock, and so write, the post at every view.';
alter table private.post_views enable row level security;

do $$
declare
    v_table text;
begin
    foreach v_table in array array['forum_categories', 'forum_posts', 'forum_replies'] loop
        execute format('alter table public.%I enable row level security', v_table);
    end loop;
end
$$;
create trigger touch before update on public.forum_categories for each row execute function private.touch_updated_at();
-- Folding views is no change of the post.
create trigger touch before update of title, content, category_id, status, is_pinned, is_locked on public.forum_posts
    for each row execute function private.touch_updated_at();
create trigger touch before update on public.forum_replies for each row execute function private.touch_updated_at();

create function private.refuse_reply_to_locked()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from public.forum_posts p where p.id = new.post_id and p.status = 'PUBLISHED' and not p.is_locked for share;
    if not found then
        perform private.fail('post_locked');
    end if;
    return new;
end
$$;
comment on function private.refuse_reply_to_locked() is 'A post that is locked, or not published, takes no replies, race or not.';
create trigger refuse_reply_to_locked before insert on public.forum_replies
    for each row execute function private.refuse_reply_to_locked();
create trigger refuse_draft_to_locked before update of status on public.forum_replies
    for each row when (old.status = 'DRAFT' and new.status = 'PUBLISHED') execute function private.refuse_reply_to_locked();

insert into private.error_codes (code, status, sentence, hint) values
    ('post_locked', 409, 'The post takes no replies.', 'Open a topic of your own.');

create function private.brings_back(p_old public.post_status, p_new public.post_status)
returns boolean
language sql
immutable
set search_path = ''
as $$ select p_old in ('ARCHIVED', 'DELETED') and p_new in ('DRAFT', 'PUBLISHED') $$;
comment on function private.brings_back(public.post_status, public.post_status) is 'True when something taken down would be shown again.';

create function private.guard_post()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if auth.uid() is null then
        return new;
    elsif auth.uid() <> old.author_id and (new.title, new.content, new.category_id) is distinct from (old.title, old.content, old.category_id) then
        perform private.fail('permission_denied', 'Moderators set flags and status, not words.');
    elsif (new.is_pinned, new.is_locked) is distinct from (old.is_pinned, old.is_locked) and not private.has_permission('moderate_content') then
        perform private.fail('permission_denied', 'Only moderators pin and lock.');
    elsif private.brings_back(old.status, new.status) and not private.has_permission('moderate_content') then
        perform private.fail('permission_denied', 'What was taken down is brought back by moderators only.');
    end if;
    return new;
end
$$;
comment on function private.guard_post() is 'Words are the author''s, flags the moderators''.';
create trigger guard_post before update on public.forum_posts for each row execute function private.guard_post();

create function private.guard_reply()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if auth.uid() <> old.author_id and new.content is distinct from old.content then
        perform private.fail('permission_denied', 'Moderators set the status, not words.');
    elsif auth.uid() is not null and private.brings_back(old.status, new.status) and not private.has_permission('moderate_content') then
        perform private.fail('permission_denied', 'What was taken down is brought back by moderators only.');
    end if;
    return new;
end
$$;
comment on function private.guard_reply() is 'Words are the author''s; a moderator may only take a reply down or put it back.';
create trigger guard_reply before update on public.forum_replies for each row execute function private.guard_reply();

create function private.view_post(p_post_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
    insert into private.post_views (post_id)
    select p.id from public.forum_posts p where p.id = p_post_id and p.status = 'PUBLISHED' and private.is_active()
$$;
comment on function private.view_post(uuid) is 'Counts an active person''s view of a published post.';

create function public.view_post(p_post_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
    perform private.view_post(p_post_id);
end
$$;
comment on function public.view_post(uuid) is 'Count a view of a forum post. Answers nothing, whether or not the post exists.';

create function private.fold_post_views()
returns integer
language sql
security definer
set search_path = ''
as $$
    with taken as (
        delete from private.post_views v
        where v.id in (select w.id from private.post_views w order by w.id limit 10000 for update skip locked)
        returning v.post_id
    ), counted as (
        select t.post_id, count(*)::integer as views from taken t group by t.post_id
    ), folded as (
        update public.forum_posts p set view_count = p.view_count + c.views from counted c where p.id = c.post_id returning c.views
    )
    select coalesce(sum(f.views), 0)::integer from folded f
$$;
comment on function private.fold_post_views() is 'Adds waiting views to their posts, one update a post; answers how many.';
