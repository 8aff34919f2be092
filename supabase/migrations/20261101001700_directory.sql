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
create function private.reader_card(
    p_user_id uuid, p_first_name text, p_last_name text, p_avatar text, p_headline text, p_specialties text[], p_languages text[],
    p_experience integer, p_session_types public.session_type[], p_pricing jsonb, p_status public.reader_status,
    p_average_rating numeric, p_total_sessions integer)
returns json
language sql
immutable
set search_path = ''
as $$
    -- Written without a space between names and values, unlike json_build_object.
    select row_to_json(c)
    from (select p_user_id, p_first_name, p_last_name, p_avatar, p_headline, p_specialties, p_languages, p_experience,
              p_session_types, p_pricing, p_status, p_average_rating, p_total_sessions)
        c (reader_id, first_name, last_name, avatar, headline, specialties, languages, experience,
           session_types, pricing, status, average_rating, total_sessions)
$$;
comment on function private.reader_card(uuid, text, text, text, text, text[], text[], integer, public.session_type[], jsonb, public.reader_status, numeric, integer) is
    'What the directory shows of a reader.';
grant execute on function private.reader_card(uuid, text, text, text, text, text[], text[], integer, public.session_type[], jsonb, public.reader_status, numeric, integer)
    to authenticated, service_role;

alter table public.readers add column card json not null generated always as (private.reader_card(
    user_id, first_name, last_name, avatar, headline, specialties, languages, experience, session_types, pricing, status,
    average_rating, total_sessions)) stored;
comment on column public.readers.card is
    'What the directory shows, written out when the profile changes: a page is read a thousand times as often.';

create function private.lowest_price(p_pricing jsonb)
returns bigint
language sql
immutable
set search_path = ''
as $$ select min(e.value::bigint) from jsonb_each_text(p_pricing) e $$;
comment on function private.lowest_price(jsonb) is 'The smallest price of a reader, minor units per minute; null without prices.';
grant execute on function private.lowest_price(jsonb) to authenticated, service_role;

alter table public.readers add column lowest_price bigint generated always as (private.lowest_price(pricing)) stored;
comment on column public.readers.lowest_price is 'The smallest of the prices, minor units per minute.';

create index readers_directory on public.readers (average_rating desc, user_id desc) where is_verified;
create index readers_directory_online on public.readers (average_rating desc, user_id desc) where is_verified and status = 'ONLINE';
create index readers_specialties on public.readers using gin (specialties);
create index readers_languages on public.readers using gin (languages);
create index readers_search on public.readers using gin (search);
create index readers_lowest_price on public.readers (lowest_price) where is_verified;

create domain public."*/*" as text;
comment on domain public."*/*" is
    'What a function answers that writes its body itself: PostgREST passes it on as it stands, under the Content-Type the function names, instead of gathering and parsing it as JSON once more.';

create function private.answer_cached(p_body text, p_max_age_seconds integer)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    -- No secret is kept by it, so a fast hash will do.
    v_etag  text := '"' || to_hex(hashtextextended(p_body collate "C", 1)) || '-' || to_hex(octet_length(p_body)) || '"';
    v_known text := nullif(current_setting('request.headers', true), '')::json ->> 'if-none-match';
begin
    perform set_config('response.headers',
        '[{"Content-Type": "application/json; charset=utf-8"}, {"Cache-Control": "public, max-age=' || p_max_age_seconds
        || ', stale-while-revalidate=30"}, {"ETag": ' || to_json(v_etag)::text || '}]', true);
    -- A proxy that compressed the answer gives its validator back as weak.
    if v_known is not null and (v_known = '*' or v_etag = any (string_to_array(replace(replace(v_known, ' ', ''), 'W/', ''), ','))) then
        perform set_config('response.status', '304', true);
        return null;
    end if;
    return p_body;
end
$$;
comment on function private.answer_cached(text, integer) is
    'Gives an answer (JSON as text) its Content-Type, a Cache-Control and an ETag; a caller who names the ETag in If-None-Match gets 304 and no body.';
grant execute on function private.answer_cached(text, integer) to anon, authenticated, service_role;

create function private.directory_top(p_after_rating numeric, p_after_id uuid, p_limit integer)
returns text
language plpgsql
stable
security definer
set search_path = ''
-- Planned once a connection. Left to itself Postgres would plan every call: it takes an unknown limit for a tenth of all rows.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_page text;
begin
    -- Cards are put side by side as they stand, and the last one of a full page is the cursor.
    select '{"readers": [' || coalesce(string_agg(p.card::text, ','), '') || '], "next": '
           || coalesce('"' || (array_agg(p.average_rating))[p_limit] || '_' || (array_agg(p.user_id))[p_limit] || '"', 'null') || '}'
    into v_page
    from (
        select r.card, r.average_rating, r.user_id from public.readers r
        where r.is_verified and (r.average_rating, r.user_id) < (coalesce(p_after_rating, 6), coalesce(p_after_id, private.zero_uuid()))
        order by r.average_rating desc, r.user_id desc
        limit p_limit) p;
    return v_page;
end
$$;
comment on function private.directory_top(numeric, uuid, integer) is
    'A page without filters, which most visitors open: planned once a connection.';
grant execute on function private.directory_top(numeric, uuid, integer) to anon, authenticated, service_role;

create table private.directory_entries (
    facet          text collate "C" not null,
    average_rating numeric(3, 2) not null,
    reader_id      uuid not null,
    is_online      boolean not null,
    session_types  public.session_type[] not null,
    languages      text[] not null,
    primary key (facet, average_rating, reader_id)
) with (fillfactor = 80);
comment on table private.directory_entries is
    'Who stands under which filter of the directory, in the order of its pages: a row for each specialty, language and session type of a verified reader. A page is read off the end of one facet, planned once a connection; what the other filters look at is copied here, so that only the readers of the page itself are fetched.';
create index directory_entries_reader on private.directory_entries (reader_id);
alter table private.directory_entries enable row level security;

create function private.facets_of(p_specialties text[], p_languages text[], p_types public.session_type[])
returns setof text
language sql
stable
set search_path = ''
as $$
    select 'specialty:' || x from unnest(p_specialties) x
    union select 'language:' || x from unnest(p_languages) x
    union select 'type:' || x from unnest(p_types) x
$$;
comment on function private.facets_of(text[], text[], public.session_type[]) is 'The filters of the directory that find such a reader.';

create function private.list_reader()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_reader uuid := coalesce(new.user_id, old.user_id);
begin
    -- By the row as it stands, not as it was for this event: another trigger may have changed it meanwhile.
    delete from private.directory_entries e where e.reader_id = v_reader;
    insert into private.directory_entries (facet, average_rating, reader_id, is_online, session_types, languages)
    select f.facet, r.average_rating, r.user_id, r.status = 'ONLINE', r.session_types, r.languages
    from public.readers r cross join lateral private.facets_of(r.specialties, r.languages, r.session_types) f (facet)
    where r.user_id = v_reader and r.is_verified;
    return null;
end
$$;
comment on function private.list_reader() is 'Keeps a reader''s entries in the directory.';
create trigger listed after insert or delete or update of is_verified, average_rating, specialties, languages, session_types
    on public.readers for each row execute function private.list_reader();

create function private.mark_reader_online()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.directory_entries e set is_online = r.status = 'ONLINE'
    from public.readers r
    where e.reader_id = new.user_id and r.user_id = new.user_id and e.is_online <> (r.status = 'ONLINE');
    return null;
end
$$;
comment on function private.mark_reader_online() is
    'Notes in a reader''s entries whether the reader is online: some ten small rows, no index among them.';
create trigger marked_online after update of status on public.readers
    for each row when ((old.status = 'ONLINE') <> (new.status = 'ONLINE')) execute function private.mark_reader_online();

create function private.directory_facet(
    p_facet text, p_type public.session_type, p_language text, p_online boolean, p_min_rating numeric,
    p_after_rating numeric, p_after_id uuid, p_limit integer)
returns text
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
-- The page is read in order until it is full: whatever gathers and sorts a whole facet first is slower.
set enable_sort = off
as $$
declare
    v_page text;
begin
    select '{"readers": [' || coalesce(string_agg(p.card::text, ','), '') || '], "next": '
           || coalesce('"' || (array_agg(p.average_rating))[p_limit] || '_' || (array_agg(p.user_id))[p_limit] || '"', 'null') || '}'
    into v_page
    from (
        select r.card, e.average_rating, r.user_id
        from private.directory_entries e join public.readers r on r.user_id = e.reader_id
        where e.facet = p_facet
          and (p_online is not true or e.is_online)
          and (p_type is null or p_type = any (e.session_types))
          and (p_language is null or p_language = any (e.languages))
          and e.average_rating >= coalesce(p_min_rating, 0)
          and (e.average_rating, e.reader_id) < (coalesce(p_after_rating, 6), coalesce(p_after_id, private.zero_uuid()))
        order by e.average_rating desc, e.reader_id desc
        limit p_limit) p;
    return v_page;
end
$$;
comment on function private.directory_facet(text, public.session_type, text, boolean, numeric, numeric, uuid, integer) is
    'A page of those under one facet, the other filters looked up in its entries. Cost: the entries it passes until the page is full.';
grant execute on function private.directory_facet(text, public.session_type, text, boolean, numeric, numeric, uuid, integer)
    to anon, authenticated, service_role;

create function private.directory_page(
    p_type public.session_type, p_specialty text, p_language text, p_max_price bigint, p_online boolean,
    p_min_rating numeric, p_text text, p_after_rating numeric, p_after_id uuid, p_limit integer)
returns text
language plpgsql
stable
-- Under row-level security the planner may not look at the statistics of arrays and words, and so guesses; profiles are
-- public, so nothing is shown that a caller could not read.
security definer
set search_path = ''
-- Planned for the arguments at hand: a filter left out falls away, and one that is there can have its index.
set plan_cache_mode = force_custom_plan
as $$
declare
    v_page text;
begin
    -- Cards are put side by side as they stand, and the last one of a full page is the cursor.
    select '{"readers": [' || coalesce(string_agg(p.card::text, ','), '') || '], "next": '
           || coalesce('"' || (array_agg(p.average_rating))[p_limit] || '_' || (array_agg(p.user_id))[p_limit] || '"', 'null') || '}'
    into v_page
    from (
        select r.card, r.average_rating, r.user_id from public.readers r
        where r.is_verified
          and (p_online is not true or r.status = 'ONLINE')
          and (p_type is null or array_position(r.session_types, p_type) is not null)
          and (p_specialty is null or r.specialties @> array[p_specialty])
          and (p_language is null or r.languages @> array[p_language])
          -- No price of a type is below the lowest one, which has the index.
          and (p_max_price is null or r.lowest_price <= p_max_price)
          and (p_max_price is null or p_type is null or (r.pricing ->> p_type::text)::bigint <= p_max_price)
          and (p_min_rating is null or r.average_rating >= p_min_rating)
          and (p_text is null or r.search @@ websearch_to_tsquery('english', p_text) or r.search @@ websearch_to_tsquery('simple', p_text))
          and (p_after_id is null or (r.average_rating, r.user_id) < (p_after_rating, p_after_id))
        order by r.average_rating desc, r.user_id desc
        limit p_limit) p;
    return v_page;
end
$$;
comment on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer) is
    'One page of verified readers, best rated first, with the cursor of the next. Prices in minor units per minute.';
grant execute on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer)
    to anon, authenticated, service_role;

create function public.reader_directory(
    p_type public.session_type default null, p_specialty text default null, p_language text default null,
    p_max_price numeric default null, p_online boolean default null, p_min_rating numeric default null,
    p_text text default null, p_after text default null, p_limit integer default 24)
returns public."*/*"
language plpgsql
stable
set search_path = ''
as $$
declare
    v_cursor text[] := string_to_array(p_after, '_');
begin
    if p_limit is null or p_limit not between 1 and 100 or length(p_text) > 200
       or (p_after is not null and p_after !~ '^[0-5]\.[0-9]{2}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') then
        perform private.fail('invalid_argument', 'p_limit is 1 to 100, p_text has at most 200 characters, p_after is the next of the page before.');
    end if;
    if num_nonnulls(p_type, p_specialty, p_language, p_max_price, nullif(p_online, false), p_min_rating, nullif(p_text, '')) = 0 then
        return private.answer_cached(private.directory_top(v_cursor[1]::numeric, v_cursor[2]::uuid, p_limit), 5);
    elsif p_max_price is null and coalesce(p_text, '') = '' and num_nonnulls(p_specialty, p_language, p_type) > 0 then
        return private.answer_cached(private.directory_facet(
            coalesce('specialty:' || p_specialty, 'language:' || p_language, 'type:' || p_type), p_type, p_language, p_online,
            p_min_rating, v_cursor[1]::numeric, v_cursor[2]::uuid, p_limit), 5);
    end if;
    return private.answer_cached(private.directory_page(
        p_type, p_specialty, p_language, private.whole(p_max_price, 'p_max_price', 'invalid_argument'), p_online, p_min_rating, nullif(p_text, ''),
        v_cursor[1]::numeric, v_cursor[2]::uuid, p_limit), 5);
end
$$;
comment on function public.reader_directory(public.session_type, text, text, numeric, boolean, numeric, text, text, integer) is
    'Readers by filters, best rated first, page by page (p_after: the next of the page before). Call it by GET to be cached: max-age 5 seconds, ETag, 304. Prices in minor units per minute. The readers topic tells of changes. Refuses with invalid_argument.';
