-- Refusals of direct writes: what people write into tables themselves is refused with a typed code and a column's name,
-- never with a constraint's name. The constraints stay the last word.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('already_exists', 409, 'There is one like this already.', 'Change what details names, or use the one that is there.');

create function private.broken_check(p_table regclass, p_row jsonb)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_check record;
    v_holds boolean;
    v_empty text := (
        select string_agg(a.attname, ', ' order by a.attnum) from pg_catalog.pg_attribute a
        where a.attrelid = p_table and a.attnum > 0 and a.attnotnull and a.attgenerated = '' and p_row -> a.attname = 'null');
begin
    if v_empty is not null then
        return v_empty;
    end if;
    for v_check in
        select pg_get_expr(c.conbin, c.conrelid) as expression,
               (select string_agg(a.attname, ', ' order by a.attnum) from pg_catalog.pg_attribute a
                where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as columns
        from pg_catalog.pg_constraint c where c.conrelid = p_table and c.contype = 'c' order by c.conname
    loop
        execute format('select %s from jsonb_populate_record(null::%s, $1)', v_check.expression, p_table)
        into v_holds using p_row;
        if v_holds is false then
            return v_check.columns;
        end if;
    end loop;
    return null;
end
$$;
comment on function private.broken_check(regclass, jsonb) is 'Columns that must not be null and are, or those of the first CHECK that a row would break, or null. Cost: one small query per CHECK; not for hot tables.';

create function private.taken(p_table regclass, p_row jsonb)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
    v_key   record;
    v_found boolean;
begin
    for v_key in
        select string_agg(a.attname, ', ' order by a.attnum) as columns,
               -- citext compares by its own operator, which an empty search path hides.
               string_agg(format('t.%I operator(%s.=) r.%I', a.attname,
                   case when a.atttypid = 'extensions.citext'::regtype then 'extensions' else 'pg_catalog' end, a.attname), ' and ') as same
        from pg_catalog.pg_constraint c join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
        where c.conrelid = p_table and c.contype = 'u' group by c.oid
        -- Nulls are never alike; and a column the caller may not read is not asked for.
        having not bool_or(p_row -> a.attname = 'null')
    loop
        execute format('select exists (select from %s t, jsonb_populate_record(null::%s, $1) r where %s and t.id <> r.id)',
            p_table, p_table, v_key.same)
        into v_found using p_row;
        if v_found then
            return v_key.columns;
        end if;
    end loop;
    return null;
end
$$;
comment on function private.taken(regclass, jsonb) is 'Columns of the first unique key that another row holds, of those the caller can see, or null. A race past it meets the key itself.';

create function private.is_plain_write()
returns boolean
language sql
stable
set search_path = ''
as $$
    select coalesce(h.headers ->> 'prefer', '') !~ 'resolution=' and h.headers is not null
    from (select nullif(current_setting('request.headers', true), '')::json as headers) h
$$;
comment on function private.is_plain_write() is
    'True for a write through the API that is no upsert. An upsert meets the row that is there on purpose, and triggers run before it can.';

grant execute on function private.broken_check(regclass, jsonb), private.taken(regclass, jsonb), private.is_plain_write()
    to authenticated, service_role;

create function private.refuse_invalid()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
    v_columns text := private.broken_check(tg_relid, to_jsonb(new));
begin
    if v_columns is not null then
        perform private.fail('invalid_argument', format('Not a valid value: %s.', v_columns));
    end if;
    v_columns := case when private.is_plain_write() then private.taken(tg_relid, to_jsonb(new)) end;
    if v_columns is not null then
        perform private.fail('already_exists', format('Taken: %s.', v_columns));
    end if;
    return new;
end
$$;
comment on function private.refuse_invalid() is 'Before a direct write: typed refusals in place of raw constraint errors. Runs as the caller, so that it never tells of a row the caller may not see.';

create function private.refuse_overlap()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if private.is_plain_write() and exists (
        select from public.availability a
        where a.reader_id = new.reader_id and a.id <> new.id and a.is_recurring = new.is_recurring
          and case when new.is_recurring
                then a.week_minutes && private.week_minutes(new.day_of_week, new.start_time, new.end_time)
                else a.is_available = new.is_available
                     and a.local_span && private.local_span(new.specific_date, new.start_time, new.end_time) end) then
        perform private.fail('already_exists', 'Another slot of the same kind overlaps.');
    end if;
    return new;
end
$$;
comment on function private.refuse_overlap() is 'A typed refusal before the exclusion constraints, which stay the last word.';
create trigger zzz_refuse_overlap before insert or update on public.availability
    for each row execute function private.refuse_overlap();

-- Named to run last of the BEFORE triggers, when the row is what will be written.
do $$
declare
    v_table text;
begin
    foreach v_table in array array['users', 'clients', 'readers', 'availability', 'products', 'forum_categories',
                                   'forum_posts', 'forum_replies', 'blocks', 'favorites', 'notifications'] loop
        execute format('create trigger zz_refuse_invalid before insert or update on public.%I
                        for each row execute function private.refuse_invalid()', v_table);
    end loop;
end
$$;
-- Only what people write: joins and leaves count viewers in the same row, often.
create trigger zz_refuse_invalid before insert or update of title, description, category, scheduled_at, max_viewers
    on public.live_streams for each row execute function private.refuse_invalid();
