-- Identity: the public card of a person, the profiles, who is an administrator, what goes into the token.
-- E-mail addresses and passwords stay in auth.users; nobody else's e-mail is readable here.

set lock_timeout = '4s';

create type public.user_role as enum ('CLIENT', 'READER', 'ADMIN');
comment on type public.user_role is 'What a person is to the platform. A reader may also buy as a client does.';
create type public.user_status as enum ('ACTIVE', 'SUSPENDED', 'PENDING', 'BANNED');
comment on type public.user_status is 'Whether a person may act. Anything but ACTIVE loses every write at once.';
create type public.reader_status as enum ('ONLINE', 'OFFLINE', 'BUSY', 'AWAY', 'INVISIBLE');
comment on type public.reader_status is 'How a reader wants to be found. INVISIBLE is published as OFFLINE; BUSY is set by a session, never chosen.';
create type public.session_type as enum ('CHAT', 'CALL', 'VIDEO');
comment on type public.session_type is 'The kinds of paid conversation, each with its own price.';
create type public.admin_permission as enum ('manage_users', 'manage_finances', 'moderate_content', 'manage_settings');
comment on type public.admin_permission is 'What an administrator may do; each may have several.';
create type public.application_status as enum ('PENDING', 'APPROVED', 'REJECTED');
comment on type public.application_status is 'How far an application to become a reader is.';

----------------------------------------------------------------------
-- Tables
----------------------------------------------------------------------

create table public.users (
    id         uuid primary key references auth.users (id) on delete cascade,
    username   extensions.citext unique
               check (username::text ~ '^[A-Za-z0-9_]{3,30}$'),
    role       public.user_role not null default 'CLIENT',
    status     public.user_status not null default 'ACTIVE',
    created_at timestamptz not null default private.now(),
    updated_at timestamptz not null default private.now()
);
comment on table public.users is 'The public card of a person. One row for each row of auth.users, made by a trigger. Deleting a login takes the card along only while nothing refers to it.';
comment on column public.users.role is 'Changes through administrators'' functions only.';
comment on column public.users.status is 'Anything but ACTIVE loses every write at once.';

create table public.clients (
    id                      uuid primary key default private.uuid_v7(),
    user_id                 uuid not null unique references public.users (id) on delete cascade,
    first_name              text check (length(first_name) between 1 and 80),
    last_name               text check (length(last_name) between 1 and 80),
    avatar                  text check (length(avatar) <= 500),
    bio                     text check (length(bio) <= 4000),
    date_of_birth           date check (date_of_birth > date '1900-01-01'),
    timezone                text not null default 'UTC',
    preferences             jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object' and length(preferences::text) <= 8000),
    preferred_session_types public.session_type[] not null default '{}',
    preferred_categories    text[] not null default '{}' check (cardinality(preferred_categories) <= 50),
    created_at              timestamptz not null default private.now(),
    updated_at              timestamptz not null default private.now()
);
comment on table public.clients is 'What a person tells about themselves as a client. Own row only.';

create function private.valid_pricing(p_pricing jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select jsonb_typeof(p_pricing) = 'object' and not exists (
        select from jsonb_each(case when jsonb_typeof(p_pricing) = 'object' then p_pricing else '{}' end) e
        where e.key not in ('CHAT', 'CALL', 'VIDEO')
           or jsonb_typeof(e.value) <> 'number'
           or e.value::text !~ '^[0-9]{1,7}$'
           or e.value::text::bigint not between 1 and 1000000)
$$;
comment on function private.valid_pricing(jsonb) is 'True for {"CHAT": 399, …}: session type to whole minor units per minute, 1 to 1000000.';

create function private.prices_every(p_pricing jsonb, p_types public.session_type[])
returns boolean
language sql
immutable
set search_path = ''
as $$ select not exists (select from unnest(p_types) t where not p_pricing ? t::text) $$;
comment on function private.prices_every(jsonb, public.session_type[]) is 'True when each offered session type has a price.';

create function private.valid_timezone(p_name text)
returns boolean
language sql
stable
set search_path = ''
as $$ select exists (select from pg_catalog.pg_timezone_names z where z.name = p_name) $$;
comment on function private.valid_timezone(text) is 'True for an IANA time zone that this server knows.';

grant execute on function private.valid_pricing(jsonb), private.prices_every(jsonb, public.session_type[]),
    private.valid_timezone(text) to authenticated, service_role;

create table public.readers (
    id             uuid primary key default private.uuid_v7(),
    user_id        uuid not null unique references public.users (id) on delete restrict,
    first_name     text not null check (length(first_name) between 1 and 80),
    last_name      text not null check (length(last_name) between 1 and 80),
    avatar         text check (length(avatar) <= 500),
    bio            text not null check (length(bio) between 1 and 8000),
    headline       text check (length(headline) <= 160),
    specialties    text[] not null default '{}' check (cardinality(specialties) <= 30),
    experience     integer not null default 0 check (experience between 0 and 90),
    certifications text[] not null default '{}' check (cardinality(certifications) <= 30),
    languages      text[] not null default '{en}' check (cardinality(languages) between 1 and 20),
    session_types  public.session_type[] not null default '{}',
    pricing        jsonb not null default '{}' check (private.valid_pricing(pricing)),
    reply_price    bigint check (reply_price between 1 and 1000000),
    timezone       text not null default 'UTC',
    status         public.reader_status not null default 'OFFLINE' check (status <> 'INVISIBLE'),
    is_verified    boolean not null default false,
    total_sessions integer not null default 0 check (total_sessions >= 0),
    average_rating numeric(3, 2) not null default 0 check (average_rating between 0 and 5),
    created_at     timestamptz not null default private.now(),
    updated_at     timestamptz not null default private.now(),
    constraint every_type_has_a_price check (private.prices_every(pricing, session_types))
);
comment on table public.readers is 'The public profile of a reader, readable by everyone.';
comment on column public.readers.pricing is 'Session type to minor units per minute.';
comment on column public.readers.reply_price is 'What an answer to a direct message costs, minor units; null for nothing.';
comment on column public.readers.status is 'The published status: a reader in a session is BUSY, an invisible one OFFLINE. The chosen one is in reader_accounts.';
create index readers_online on public.readers (status) where status = 'ONLINE';

create table public.reader_accounts (
    id                uuid primary key default private.uuid_v7(),
    user_id           uuid not null unique references public.users (id) on delete restrict,
    status            public.reader_status not null default 'OFFLINE' check (status <> 'BUSY'),
    stripe_account_id text unique check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$'),
    verification_docs text[] not null default '{}' check (cardinality(verification_docs) <= 50),
    total_earnings    bigint not null default 0 check (total_earnings >= 0),
    details_submitted boolean not null default false,
    payouts_enabled   boolean not null default false,
    disabled_reason   text,
    requirements_due  text[] not null default '{}',
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now()
);
comment on table public.reader_accounts is 'What only the reader and administrators may see of a reader.';
comment on column public.reader_accounts.total_earnings is 'Earned in settled sessions, minor units.';
comment on column public.reader_accounts.status is 'The status the reader chose.';
comment on column public.reader_accounts.payouts_enabled is 'The payout gate: what Stripe last said of the account.';

create table public.admins (
    id          uuid primary key default private.uuid_v7(),
    user_id     uuid not null unique references public.users (id) on delete restrict,
    first_name  text check (length(first_name) <= 80),
    last_name   text check (length(last_name) <= 80),
    avatar      text check (length(avatar) <= 500),
    permissions public.admin_permission[] not null default '{}',
    created_at  timestamptz not null default private.now(),
    updated_at  timestamptz not null default private.now()
);
comment on table public.admins is 'Administrators and what each may do.';

create table public.reader_applications (
    id            uuid primary key default private.uuid_v7(),
    user_id       uuid not null references public.users (id) on delete cascade,
    status        public.application_status not null default 'PENDING',
    first_name    text not null check (length(first_name) between 1 and 80),
    last_name     text not null check (length(last_name) between 1 and 80),
    bio           text not null check (length(bio) between 1 and 8000),
    specialties   text[] not null default '{}' check (cardinality(specialties) <= 30),
    session_types public.session_type[] not null check (cardinality(session_types) between 1 and 3),
    pricing       jsonb not null check (private.valid_pricing(pricing)),
    timezone      text not null,
    reviewed_by   uuid references public.users (id),
    reviewed_at   timestamptz,
    reason        text check (length(reason) <= 2000),
    created_at    timestamptz not null default private.now(),
    updated_at    timestamptz not null default private.now(),
    constraint every_type_has_a_price check (private.prices_every(pricing, session_types)),
    constraint reviewed_when_decided check ((status = 'PENDING') = (reviewed_at is null))
);
comment on table public.reader_applications is 'A person''s wish to become a reader, decided by an administrator with manage_users.';
comment on column public.reader_applications.pricing is 'Session type to minor units per minute.';
create unique index reader_applications_one_pending on public.reader_applications (user_id) where status = 'PENDING';
create index reader_applications_user on public.reader_applications (user_id);
create index reader_applications_reviewer on public.reader_applications (reviewed_by);

do $$
declare
    v_table text;
begin
    foreach v_table in array array['users', 'clients', 'readers', 'reader_accounts', 'admins', 'reader_applications'] loop
        execute format('alter table public.%I enable row level security', v_table);
        execute format('create trigger touch before update on public.%I for each row execute function private.touch_updated_at()', v_table);
    end loop;
end
$$;

create function private.require_timezone()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if not private.valid_timezone(new.timezone) then
        perform private.fail('invalid_argument', 'timezone must be an IANA name such as Europe/Berlin.');
    end if;
    return new;
end
$$;
comment on function private.require_timezone() is 'Refuses a time zone this server does not know.';
create trigger timezone_known before insert or update of timezone on public.clients
    for each row execute function private.require_timezone();
create trigger timezone_known before insert or update of timezone on public.readers
    for each row execute function private.require_timezone();
create trigger timezone_known before insert or update of timezone on public.reader_applications
    for each row execute function private.require_timezone();

----------------------------------------------------------------------
-- Sign-up
----------------------------------------------------------------------

create function private.create_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not private.setting_bool('switch.sign_ups') then
        perform private.fail('sign_ups_disabled');
    end if;
    insert into public.users (id) values (new.id);
    insert into public.clients (user_id) values (new.id);
    perform ledger.open_accounts(new.id, array['client_wallet', 'promo_credit', 'client_debt']::ledger.account_kind[]);
    return new;
end
$$;
comment on function private.create_user() is
    'Gives a new login its card, client profile and accounts. Takes nothing from user_metadata: the person writes that.';
create trigger create_user after insert on auth.users
    for each row execute function private.create_user();

----------------------------------------------------------------------
-- Who is calling
----------------------------------------------------------------------

create function private.is_active()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return exists (select from public.users u where u.id = (select auth.uid()) and u.status = 'ACTIVE');
end
$$;
comment on function private.is_active() is 'For policies: the caller''s account is ACTIVE in the table, whatever the token says.';
grant execute on function private.is_active() to authenticated;

create function private.has_account()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.is_active() and not coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false);
end
$$;
comment on function private.has_account() is 'For policies: is_active, and no anonymous sign-in.';
grant execute on function private.has_account() to authenticated;

create function private.has_permission(p_permission public.admin_permission)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return exists (
        select from public.admins a join public.users u on u.id = a.user_id
        where a.user_id = (select auth.uid()) and p_permission = any (a.permissions)
          and u.role = 'ADMIN' and u.status = 'ACTIVE');
end
$$;
comment on function private.has_permission(public.admin_permission) is 'For policies and functions: the caller is an active administrator with this permission.';
grant execute on function private.has_permission(public.admin_permission) to authenticated;

create function private.require_user()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_status public.user_status;
begin
    select u.status into v_status from public.users u where u.id = auth.uid();
    if not found then
        perform private.fail('not_authenticated');
    elsif v_status <> 'ACTIVE' then
        perform private.fail('account_suspended');
    end if;
    return auth.uid();
end
$$;
comment on function private.require_user() is 'The caller''s id, or not_authenticated, or account_suspended.';

create function private.require_account()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
        perform private.fail('account_required');
    end if;
    return private.require_user();
end
$$;
comment on function private.require_account() is 'As require_user, and refuses anonymous sign-ins: whoever spends or earns money has an account.';

create function private.require_permission(p_permission public.admin_permission)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if not private.has_permission(p_permission) then
        perform private.fail('permission_denied');
    end if;
    return auth.uid();
end
$$;
comment on function private.require_permission(public.admin_permission) is 'The administrator''s id, or permission_denied.';

----------------------------------------------------------------------
-- Token: user_role and user_status, as of the moment it is made
----------------------------------------------------------------------

create function public.custom_access_token_hook(event jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
    v_role   public.user_role;
    v_status public.user_status;
begin
    select u.role, u.status into v_role, v_status from public.users u where u.id = (event ->> 'user_id')::uuid;
    return jsonb_set(event, '{claims}', (event -> 'claims') || jsonb_build_object('user_role', v_role, 'user_status', v_status));
end
$$;
comment on function public.custom_access_token_hook(jsonb) is
    'Supabase Auth''s hook: adds user_role and user_status to the claims. Hints for screens; rules read the table.';
grant usage on schema public to supabase_auth_admin;
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;
revoke execute on function public.custom_access_token_hook(jsonb) from anon, authenticated, public;

----------------------------------------------------------------------
-- Becoming a reader
----------------------------------------------------------------------

create function private.apply_as_reader(
    p_first_name text, p_last_name text, p_bio text, p_specialties text[],
    p_session_types public.session_type[], p_pricing jsonb, p_timezone text)
returns public.reader_applications
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user        uuid := private.require_account();
    v_application public.reader_applications;
begin
    if exists (select from public.readers r where r.user_id = v_user) then
        perform private.fail('already_a_reader');
    end if;
    begin
        insert into public.reader_applications
            (user_id, first_name, last_name, bio, specialties, session_types, pricing, timezone)
        values (v_user, p_first_name, p_last_name, p_bio, coalesce(p_specialties, '{}'), p_session_types,
                p_pricing, coalesce(p_timezone, 'UTC'))
        returning * into v_application;
    exception
        when unique_violation then
            perform private.fail('application_pending');
        when check_violation or not_null_violation then
            perform private.fail('invalid_argument',
                'Names, bio, session types, and a price in whole minor units for each type are needed.');
    end;
    return v_application;
end
$$;
comment on function private.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) is
    'Files an application. Prices in minor units per minute.';

create function private.review_reader_application(p_user_id uuid, p_approve boolean, p_reason text)
returns public.reader_applications
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin       uuid := private.require_permission('manage_users');
    v_application public.reader_applications;
begin
    update public.reader_applications a
    set status = case when p_approve then 'APPROVED' else 'REJECTED' end::public.application_status,
        reviewed_by = v_admin, reviewed_at = private.now(), reason = p_reason
    where a.user_id = p_user_id and a.status = 'PENDING'
    returning a.* into v_application;
    if not found then
        perform private.fail('not_found', 'No application of this person is waiting.');
    end if;
    if p_approve then
        perform private.make_reader(v_application);
    end if;
    return v_application;
end
$$;
comment on function private.review_reader_application(uuid, boolean, text) is 'An administrator''s decision; approval makes the reader.';

create function private.make_reader(p_application public.reader_applications)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.users u set role = 'READER' where u.id = p_application.user_id and u.role = 'CLIENT';
    insert into public.readers
        (user_id, first_name, last_name, bio, specialties, session_types, pricing, timezone, is_verified)
    values (p_application.user_id, p_application.first_name, p_application.last_name, p_application.bio,
            p_application.specialties, p_application.session_types, p_application.pricing,
            p_application.timezone, true);
    insert into public.reader_accounts (user_id) values (p_application.user_id);
    perform ledger.open_accounts(p_application.user_id, array['reader_earnings']::ledger.account_kind[]);
end
$$;
comment on function private.make_reader(public.reader_applications) is 'Profile, private row and earnings account of a new reader.';

create function worker_api.appoint_admin(p_user_id uuid, p_permissions public.admin_permission[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.users u set role = 'ADMIN' where u.id = p_user_id;
    if not found then
        perform private.fail('not_found');
    end if;
    insert into public.admins (user_id, permissions) values (p_user_id, p_permissions)
    on conflict (user_id) do update set permissions = excluded.permissions;
end
$$;
comment on function worker_api.appoint_admin(uuid, public.admin_permission[]) is
    'The first administrators, from the operator''s command line. An empty list takes every permission away.';
grant execute on function worker_api.appoint_admin(uuid, public.admin_permission[]) to service_role;

create function public.apply_as_reader(
    p_first_name text, p_last_name text, p_bio text, p_specialties text[],
    p_session_types public.session_type[], p_pricing jsonb, p_timezone text default 'UTC')
returns public.reader_applications
language plpgsql
set search_path = ''
as $$
begin
    return private.apply_as_reader(p_first_name, p_last_name, p_bio, p_specialties, p_session_types, p_pricing, p_timezone);
end
$$;
comment on function public.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) is
    'Apply as a reader. p_pricing: {"CHAT": 399}, minor units per minute. Refuses with application_pending, already_a_reader, invalid_argument.';

create function public.review_reader_application(p_user_id uuid, p_approve boolean, p_reason text default null)
returns public.reader_applications
language plpgsql
set search_path = ''
as $$
begin
    return private.review_reader_application(p_user_id, p_approve, p_reason);
end
$$;
comment on function public.review_reader_application(uuid, boolean, text) is
    'For administrators with manage_users. Refuses with permission_denied, not_found.';
