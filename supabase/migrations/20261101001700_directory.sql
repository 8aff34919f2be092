-- Reader directory: the page every visitor opens. Stable, callable by GET, with validators a browser or CDN honours.

set lock_timeout = '4s';

create function private.words(p_texts text[])
returns text
language sql
immutable
set search_path = ''
as $$ select coalesce(string_agg(t, ' '), '') from unnest(p_texts) t $$;
comment on function private.words(text[]) is 'Array elements as one text; immutable, for generated columns.';
grant execute on function private.words(text[]) to authenticated, service_role;

alter table public.readers add column search tsvector not null generated always as (
    setweight(to_tsvector('simple', first_name || ' ' || last_name), 'A')
    || setweight(to_tsvector('english', coalesce(headline, '') || ' ' || private.words(specialties)), 'B')
    || setweight(to_tsvector('english', bio), 'C')) stored;
comment on column public.readers.search is 'What the directory''s text filter looks at.';
create function private.lowest_price(p_pricing jsonb)
returns bigint
language sql
immutable
set search_path = ''
as $$ select min(e.value::bigint) from jsonb_each_text(p_pricing) e $$;
comment on function private.lowest_price(jsonb) is 'The smallest price of a reader, minor units per minute; null without prices.';
grant execute on function private.lowest_price(jsonb) to anon, authenticated, service_role;

create index readers_directory on public.readers (average_rating desc, user_id desc) where is_verified;
create index readers_directory_online on public.readers (average_rating desc, user_id desc) where is_verified and status = 'ONLINE';
create index readers_specialties on public.readers using gin (specialties);
create index readers_languages on public.readers using gin (languages);
create index readers_search on public.readers using gin (search);
-- What "at most so much a minute" looks up; the directory's CASE is folded to one of these when it is planned.
create index readers_chat_price on public.readers (((pricing ->> 'CHAT')::bigint)) where is_verified;
create index readers_call_price on public.readers (((pricing ->> 'CALL')::bigint)) where is_verified;
create index readers_video_price on public.readers (((pricing ->> 'VIDEO')::bigint)) where is_verified;
create index readers_lowest_price on public.readers (private.lowest_price(pricing)) where is_verified;

create function private.answer_cached(p_body jsonb, p_max_age_seconds integer)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_etag  text := '"' || md5(p_body::text) || '"';
    v_known text := nullif(current_setting('request.headers', true), '')::json ->> 'if-none-match';
begin
    perform set_config('response.headers', json_build_array(
        json_build_object('Cache-Control', format('public, max-age=%s, stale-while-revalidate=30', p_max_age_seconds)),
        json_build_object('ETag', v_etag))::text, true);
    if v_known is not null and v_etag = any (string_to_array(replace(v_known, ' ', ''), ',')) then
        perform set_config('response.status', '304', true);
        return null;
    end if;
    return p_body;
end
$$;
comment on function private.answer_cached(jsonb, integer) is
    'Gives an answer a Cache-Control and an ETag; a caller who names the ETag in If-None-Match gets 304 and no body.';
grant execute on function private.answer_cached(jsonb, integer) to anon, authenticated, service_role;

create function private.directory_page(
    p_type public.session_type, p_specialty text, p_language text, p_max_price bigint, p_online boolean,
    p_min_rating numeric, p_text text, p_after_rating numeric, p_after_id uuid, p_limit integer)
returns setof public.readers
language plpgsql
stable
-- Under row-level security the planner may not look at the statistics of arrays and words, and so guesses; profiles are
-- public, so nothing is shown that a caller could not read.
security definer
set search_path = ''
-- Planned for the arguments at hand: a filter left out falls away, and one that is there can have its index.
set plan_cache_mode = force_custom_plan
as $$
begin
    return query
    select r.* from public.readers r
    where r.is_verified
      and (p_online is not true or r.status = 'ONLINE')
      and (p_type is null or r.session_types @> array[p_type])
      and (p_specialty is null or r.specialties @> array[p_specialty])
      and (p_language is null or r.languages @> array[p_language])
      and (p_max_price is null or case p_type
            when 'CHAT' then (r.pricing ->> 'CHAT')::bigint when 'CALL' then (r.pricing ->> 'CALL')::bigint
            when 'VIDEO' then (r.pricing ->> 'VIDEO')::bigint else private.lowest_price(r.pricing) end <= p_max_price)
      and (p_min_rating is null or r.average_rating >= p_min_rating)
      and (p_text is null or r.search @@ websearch_to_tsquery('english', p_text) or r.search @@ websearch_to_tsquery('simple', p_text))
      and (p_after_id is null or (r.average_rating, r.user_id) < (p_after_rating, p_after_id))
    order by r.average_rating desc, r.user_id desc
    limit p_limit;
end
$$;
comment on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer) is
    'One page of verified readers, best rated first. Prices in minor units per minute.';
grant execute on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer)
    to anon, authenticated, service_role;

create function public.reader_directory(
    p_type public.session_type default null, p_specialty text default null, p_language text default null,
    p_max_price bigint default null, p_online boolean default null, p_min_rating numeric default null,
    p_text text default null, p_after text default null, p_limit integer default 24)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_cursor text[] := string_to_array(p_after, '_');
    v_page   jsonb;
begin
    if p_limit is null or p_limit not between 1 and 100
       or (p_after is not null and p_after !~ '^[0-5]\.[0-9]{2}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') then
        perform private.fail('invalid_argument', 'p_limit is 1 to 100; p_after is the next of the page before.');
    end if;
    select jsonb_build_object(
        'readers', coalesce(jsonb_agg(jsonb_build_object(
            'reader_id', r.user_id, 'first_name', r.first_name, 'last_name', r.last_name, 'avatar', r.avatar,
            'headline', r.headline, 'specialties', r.specialties, 'languages', r.languages, 'experience', r.experience,
            'session_types', r.session_types, 'pricing', r.pricing, 'status', r.status,
            'average_rating', r.average_rating, 'total_sessions', r.total_sessions)
            order by r.average_rating desc, r.user_id desc), '[]'),
        'next', case when count(*) = p_limit then
            (array_agg(r.average_rating || '_' || r.user_id order by r.average_rating desc, r.user_id desc))[p_limit] end)
    into v_page
    from private.directory_page(p_type, p_specialty, p_language, p_max_price, p_online, p_min_rating, nullif(p_text, ''),
        v_cursor[1]::numeric, v_cursor[2]::uuid, p_limit) r;
    return private.answer_cached(v_page, 5);
end
$$;
comment on function public.reader_directory(public.session_type, text, text, bigint, boolean, numeric, text, text, integer) is
    'Readers by filters, best rated first, page by page (p_after: the next of the page before). Call it by GET to be cached: max-age 5 seconds, ETag, 304. Prices in minor units per minute. The readers topic tells of changes. Refuses with invalid_argument.';
