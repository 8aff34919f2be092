-- Schema auth as a hosted project has it before its first migration: the tables of Supabase Auth with their
-- columns, and the functions policies call. Runs as a superuser after the roles exist.
--
-- Left out: SAML, SSO and OAuth server tables, the audit log, and instances. Nothing here writes to them.

create schema if not exists auth authorization supabase_admin;

grant all   on schema auth to supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres, dashboard_user;

alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';

-- Every object below belongs to the Auth server's own role, as on hosted; postgres may read and write rows, hang
-- triggers and reference them, and may not change their shape.
set role supabase_auth_admin;

alter default privileges in schema auth grant all on tables    to postgres, dashboard_user;
alter default privileges in schema auth grant all on sequences to postgres, dashboard_user;
alter default privileges in schema auth grant all on routines  to postgres, dashboard_user;

-- Types ------------------------------------------------------------------------------------------------------------

create type auth.aal_level             as enum ('aal1', 'aal2', 'aal3');
create type auth.factor_type           as enum ('totp', 'webauthn', 'phone');
create type auth.factor_status         as enum ('unverified', 'verified');
create type auth.code_challenge_method as enum ('s256', 'plain');
create type auth.one_time_token_type   as enum (
    'confirmation_token', 'reauthentication_token', 'recovery_token',
    'email_change_token_new', 'email_change_token_current', 'phone_change_token'
);

-- People -----------------------------------------------------------------------------------------------------------

create table auth.users (
    instance_id                 uuid,
    id                          uuid primary key,
    aud                         varchar(255),
    role                        varchar(255),
    email                       varchar(255),
    encrypted_password          varchar(255),
    email_confirmed_at          timestamptz,
    invited_at                  timestamptz,
    confirmation_token          varchar(255),
    confirmation_sent_at        timestamptz,
    recovery_token              varchar(255),
    recovery_sent_at            timestamptz,
    email_change_token_new      varchar(255),
    email_change                varchar(255),
    email_change_sent_at        timestamptz,
    last_sign_in_at             timestamptz,
    raw_app_meta_data           jsonb,
    raw_user_meta_data          jsonb,
    is_super_admin              boolean,
    created_at                  timestamptz,
    updated_at                  timestamptz,
    phone                       text default null,
    phone_confirmed_at          timestamptz,
    phone_change                text default '',
    phone_change_token          varchar(255) default '',
    phone_change_sent_at        timestamptz,
    confirmed_at                timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    email_change_token_current  varchar(255) default '',
    email_change_confirm_status smallint default 0,
    banned_until                timestamptz,
    reauthentication_token      varchar(255) default '',
    reauthentication_sent_at    timestamptz,
    is_sso_user                 boolean not null default false,
    deleted_at                  timestamptz,
    is_anonymous                boolean not null default false,
    constraint users_phone_key unique (phone),
    constraint users_email_change_confirm_status_check check (email_change_confirm_status between 0 and 2)
);

-- One e-mail, one person; people of a single sign-on provider are outside this rule.
create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;

-- Stored tokens are unique when they are hashes; the empty string and bare digits are not tokens.
create unique index confirmation_token_idx         on auth.users (confirmation_token)         where confirmation_token !~ '^[0-9 ]*$';
create unique index recovery_token_idx             on auth.users (recovery_token)             where recovery_token !~ '^[0-9 ]*$';
create unique index email_change_token_current_idx on auth.users (email_change_token_current) where email_change_token_current !~ '^[0-9 ]*$';
create unique index email_change_token_new_idx     on auth.users (email_change_token_new)     where email_change_token_new !~ '^[0-9 ]*$';
create unique index reauthentication_token_idx     on auth.users (reauthentication_token)     where reauthentication_token !~ '^[0-9 ]*$';
create index users_instance_id_idx       on auth.users (instance_id);
create index users_instance_id_email_idx on auth.users (instance_id, lower(email));
create index users_is_anonymous_idx      on auth.users (is_anonymous);
create index users_created_at_idx        on auth.users (created_at desc);

comment on table  auth.users                    is 'Who may sign in. Written by the Auth server; one row per person.';
comment on column auth.users.raw_app_meta_data  is 'Set by the server only; becomes the app_metadata claim.';
comment on column auth.users.raw_user_meta_data is 'Set by the person; becomes the user_metadata claim. Never decides who may do what.';
comment on column auth.users.is_sso_user        is 'True when the person comes from a single sign-on provider; several may then share an e-mail.';

create table auth.identities (
    provider_id     text  not null,
    user_id         uuid  not null references auth.users (id) on delete cascade,
    identity_data   jsonb not null,
    provider        text  not null,
    last_sign_in_at timestamptz,
    created_at      timestamptz,
    updated_at      timestamptz,
    email           text generated always as (lower(identity_data ->> 'email')) stored,
    id              uuid primary key default gen_random_uuid(),
    constraint identities_provider_id_provider_unique unique (provider_id, provider)
);

create index identities_user_id_idx on auth.identities (user_id);
create index identities_email_idx   on auth.identities (email text_pattern_ops);

comment on table auth.identities is 'The ways one person signs in; e-mail and password is the provider "email".';

-- Signed-in devices ------------------------------------------------------------------------------------------------

create table auth.sessions (
    id                     uuid primary key,
    user_id                uuid not null references auth.users (id) on delete cascade,
    created_at             timestamptz,
    updated_at             timestamptz,
    factor_id              uuid,
    aal                    auth.aal_level,
    not_after              timestamptz,
    refreshed_at           timestamp without time zone,
    user_agent             text,
    ip                     inet,
    tag                    text,
    oauth_client_id        uuid,
    refresh_token_hmac_key text,
    refresh_token_counter  bigint,
    scopes                 text
);

create index sessions_user_id_idx       on auth.sessions (user_id);
create index user_id_created_at_idx     on auth.sessions (user_id, created_at);
create index sessions_not_after_idx     on auth.sessions (not_after desc);

comment on table  auth.sessions           is 'One row per signed-in device: the family its refresh tokens belong to.';
comment on column auth.sessions.not_after is 'When set, no token of this family is renewed after that moment.';

create table auth.refresh_tokens (
    instance_id uuid,
    id          bigserial primary key,
    token       varchar(255),
    user_id     varchar(255),
    revoked     boolean,
    created_at  timestamptz,
    updated_at  timestamptz,
    parent      varchar(255),
    session_id  uuid references auth.sessions (id) on delete cascade,
    constraint refresh_tokens_token_unique unique (token)
);

create index refresh_tokens_instance_id_idx         on auth.refresh_tokens (instance_id);
create index refresh_tokens_instance_id_user_id_idx on auth.refresh_tokens (instance_id, user_id);
create index refresh_tokens_parent_idx              on auth.refresh_tokens (parent);
create index refresh_tokens_session_id_revoked_idx  on auth.refresh_tokens (session_id, revoked);
create index refresh_tokens_updated_at_idx          on auth.refresh_tokens (updated_at desc);

comment on table auth.refresh_tokens is 'The chain of renewals of one family: each token names the one it replaced.';

create table auth.one_time_tokens (
    id         uuid primary key,
    user_id    uuid not null references auth.users (id) on delete cascade,
    token_type auth.one_time_token_type not null,
    token_hash text not null,
    relates_to text not null,
    created_at timestamp without time zone not null default now(),
    updated_at timestamp without time zone not null default now(),
    constraint one_time_tokens_token_hash_check check (char_length(token_hash) > 0)
);

create index        one_time_tokens_token_hash_hash_idx        on auth.one_time_tokens using hash (token_hash);
create index        one_time_tokens_relates_to_hash_idx        on auth.one_time_tokens using hash (relates_to);
create unique index one_time_tokens_user_id_token_type_key     on auth.one_time_tokens (user_id, token_type);

comment on table auth.one_time_tokens is 'Hashes of codes and links sent by mail and not used yet; at most one of each kind per person.';

create table auth.flow_state (
    id                     uuid primary key,
    user_id                uuid,
    auth_code              text,
    code_challenge_method  auth.code_challenge_method,
    code_challenge         text,
    provider_type          text not null,
    provider_access_token  text,
    provider_refresh_token text,
    created_at             timestamptz,
    updated_at             timestamptz,
    authentication_method  text not null,
    auth_code_issued_at    timestamptz
);

create index idx_auth_code             on auth.flow_state (auth_code);
create index idx_user_id_auth_method   on auth.flow_state (user_id, authentication_method);
create index flow_state_created_at_idx on auth.flow_state (created_at desc);

comment on table auth.flow_state is 'A mailed link asked for with a code challenge: the link gives a code, which only the asking device can redeem.';

-- Second factors ---------------------------------------------------------------------------------------------------

create table auth.mfa_factors (
    id                           uuid primary key,
    user_id                      uuid not null references auth.users (id) on delete cascade,
    friendly_name                text,
    factor_type                  auth.factor_type   not null,
    status                       auth.factor_status not null,
    created_at                   timestamptz not null,
    updated_at                   timestamptz not null,
    secret                       text,
    phone                        text,
    last_challenged_at           timestamptz unique,
    web_authn_credential         jsonb,
    web_authn_aaguid             uuid,
    last_webauthn_challenge_data jsonb
);

create unique index mfa_factors_user_friendly_name_unique on auth.mfa_factors (friendly_name, user_id) where trim(friendly_name) <> '';
create unique index unique_phone_factor_per_user          on auth.mfa_factors (user_id, phone);
create index        factor_id_created_at_idx              on auth.mfa_factors (user_id, created_at);
create index        mfa_factors_user_id_idx               on auth.mfa_factors (user_id);

comment on table auth.mfa_factors is 'Second factors a person has enrolled.';

create table auth.mfa_challenges (
    id                     uuid primary key,
    factor_id              uuid not null references auth.mfa_factors (id) on delete cascade,
    created_at             timestamptz not null,
    verified_at            timestamptz,
    ip_address             inet not null,
    otp_code               text,
    web_authn_session_data jsonb
);

create index mfa_challenge_created_at_idx on auth.mfa_challenges (created_at desc);

comment on table auth.mfa_challenges is 'Requests to prove a second factor.';

create table auth.mfa_amr_claims (
    session_id            uuid not null references auth.sessions (id) on delete cascade,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    authentication_method text not null,
    id                    uuid primary key,
    constraint mfa_amr_claims_session_id_authentication_method_pkey unique (session_id, authentication_method)
);

comment on table auth.mfa_amr_claims is 'How a signed-in device proved itself; becomes the amr claim.';

-- Row security is on without policies: the owner passes, everyone else needs BYPASSRLS besides a grant.
alter table auth.users           enable row level security;
alter table auth.identities      enable row level security;
alter table auth.sessions        enable row level security;
alter table auth.refresh_tokens  enable row level security;
alter table auth.one_time_tokens enable row level security;
alter table auth.flow_state      enable row level security;
alter table auth.mfa_factors     enable row level security;
alter table auth.mfa_challenges  enable row level security;
alter table auth.mfa_amr_claims  enable row level security;

grant select on all tables in schema auth to postgres with grant option;

-- Functions policies call ------------------------------------------------------------------------------------------
-- The claims of the request's verified token, which PostgREST puts into request.jwt.claims; releases before 9 set one
-- parameter per claim, and those win when present.

create function auth.uid() returns uuid
    language sql
    stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$;

create function auth.role() returns text
    language sql
    stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
$$;

create function auth.email() returns text
    language sql
    stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
$$;

create function auth.jwt() returns jsonb
    language sql
    stable
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;

comment on function auth.uid()   is 'Id of the person the request is made by; null without a signed-in person.';
comment on function auth.jwt()   is 'All claims of the request''s token; null outside an API request.';
comment on function auth.role()  is 'Database role named by the token. Deprecated: name the role in the policy with TO.';
comment on function auth.email() is 'E-mail named by the token. Deprecated: read it from auth.jwt().';

reset role;
