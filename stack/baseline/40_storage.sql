-- Schema storage as a hosted project has it before its first migration: buckets, objects and the functions policies call.
-- Runs as the superuser supabase_admin after the roles exist.
--
-- Left out: multipart uploads, analytics and vector buckets, and the server's search functions. Nothing here serves them.

create schema storage authorization supabase_admin;

grant all   on schema storage to supabase_storage_admin;
grant usage on schema storage to anon, authenticated, service_role, dashboard_user;
grant usage on schema storage to postgres with grant option;

set role supabase_storage_admin;

alter default privileges in schema storage grant all on tables    to postgres, anon, authenticated, service_role;
alter default privileges in schema storage grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges in schema storage grant all on routines  to postgres, anon, authenticated, service_role;

create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');

create table storage.buckets (
    id                 text primary key,
    name               text not null,
    owner              uuid,
    created_at         timestamptz default now(),
    updated_at         timestamptz default now(),
    public             boolean default false,
    avif_autodetection boolean default false,
    file_size_limit    bigint,
    allowed_mime_types text[],
    owner_id           text,
    type               storage.buckettype not null default 'STANDARD'
);
create unique index bname on storage.buckets (name);
comment on column storage.buckets.owner is 'Field is deprecated, use owner_id instead';

create table storage.objects (
    id               uuid primary key default gen_random_uuid(),
    bucket_id        text references storage.buckets (id),
    name             text,
    owner            uuid,
    created_at       timestamptz default now(),
    updated_at       timestamptz default now(),
    last_accessed_at timestamptz default now(),
    metadata         jsonb,
    path_tokens      text[] generated always as (string_to_array(name, '/')) stored,
    version          text,
    owner_id         text,
    user_metadata    jsonb
);
create unique index bucketid_objname    on storage.objects (bucket_id, name);
create index        name_prefix_search  on storage.objects (name text_pattern_ops);
create index        idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
comment on column storage.objects.owner is 'Field is deprecated, use owner_id instead';

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;

-- Paths ----------------------------------------------------------------------------------------------------------------

create function storage.foldername(name text) returns text[]
language sql immutable
as $$ select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1] $$;

create function storage.filename(name text) returns text
language sql immutable
as $$ select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))] $$;

create function storage.extension(name text) returns text
language sql immutable
as $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;

-- What the server is doing, told by it in a setting of the transaction -----------------------------------------------------

create function storage.operation() returns text
language sql stable
as $$ select current_setting('storage.operation', true) $$;

create function storage.allow_any_operation(expected_operations text[]) returns boolean
language sql stable
as $$
    select exists (
        select 1
          from unnest(expected_operations) as expected (operation)
         where expected.operation <> ''
           and regexp_replace(lower(expected.operation), '^storage\.', '')
             = regexp_replace(lower(storage.operation()), '^storage\.', '')
    )
$$;

create function storage.allow_only_operation(expected_operation text) returns boolean
language sql stable
as $$ select storage.allow_any_operation(array[expected_operation]) $$;

-- Guards -----------------------------------------------------------------------------------------------------------------

create function storage.update_updated_at_column() returns trigger
language plpgsql
as $$
begin
    new.updated_at = now();
    return new;
end
$$;

-- Removing a row leaves the file behind in the store, so only the server may, and it says so in a setting.
create function storage.protect_delete() returns trigger
language plpgsql
as $$
begin
    if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
        raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
            using errcode = '42501',
                  hint    = 'This prevents accidental data loss from orphaned objects.';
    end if;
    return null;
end
$$;

create trigger update_objects_updated_at before update on storage.objects
    for each row execute function storage.update_updated_at_column();

create trigger protect_buckets_delete before delete on storage.buckets
    for each statement execute function storage.protect_delete();

create trigger protect_objects_delete before delete on storage.objects
    for each statement execute function storage.protect_delete();

reset role;

grant all on all tables in schema storage to postgres with grant option;

-- postgres is a member of the owner here, and on hosted it may not create in this schema. No server of ours does.
revoke create on schema storage from supabase_storage_admin;
