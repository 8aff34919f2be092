-- Forum search. A call, not a filter on the table: full-text match is not leakproof, so under row-level security Postgres
-- would read every post before it looks at the words, and never use the index on them.

set lock_timeout = '4s';

create function private.search_forum(p_text text, p_category_id uuid, p_after uuid, p_limit integer)
returns table (
    id uuid, author_id uuid, category_id uuid, title text, content text, is_pinned boolean, is_locked boolean,
    view_count integer, created_at timestamptz, updated_at timestamptz)
language plpgsql
stable
security definer
set search_path = ''
-- Planned for the words at hand: a rare one is looked up, a common one is met soon among the newest posts.
set plan_cache_mode = force_custom_plan
as $$
begin
    if p_text is null or length(p_text) not between 1 and 200 or p_limit is null or p_limit not between 1 and 100 then
        perform private.fail('invalid_argument', 'p_text has 1 to 200 characters, p_limit is 1 to 100.');
    end if;
    return query
    select p.id, p.author_id, p.category_id, p.title, p.content, p.is_pinned, p.is_locked, p.view_count, p.created_at, p.updated_at
    from public.forum_posts p
    where p.status = 'PUBLISHED' and p.search @@ websearch_to_tsquery('english', p_text)
      and (p_category_id is null or p.category_id = p_category_id) and (p_after is null or p.id < p_after)
    order by p.id desc
    limit p_limit;
end
$$;
comment on function private.search_forum(text, uuid, uuid, integer) is 'Published posts with these words, the newest first.';

create function public.search_forum(p_text text, p_category_id uuid default null, p_after uuid default null, p_limit integer default 20)
returns table (
    id uuid, author_id uuid, category_id uuid, title text, content text, is_pinned boolean, is_locked boolean,
    view_count integer, created_at timestamptz, updated_at timestamptz)
language sql stable set search_path = '' as $$ select * from private.search_forum(p_text, p_category_id, p_after, p_limit) $$;
comment on function public.search_forum(text, uuid, uuid, integer) is
    'Published forum posts by words, as one types them into a search box; the newest first, p_after: the last id of the page before. Refuses with invalid_argument.';
