-- The roles of a hosted project with their attributes, memberships and limits, and the schemas nothing else here makes.
-- Runs as the superuser supabase_admin. Passwords are set by the stack, not here.
--
-- Left out: pgbouncer's own objects, vault, graphql (no package offers these extensions; their schemas are empty),
-- safeupdate (UPDATE and DELETE without WHERE pass here and fail on hosted), and supautils, which lets postgres
-- write policies on tables of storage and realtime: here postgres is a member of their owners instead, which is looser.

-- Roles a token can name ---------------------------------------------------------------------------------------------

create role anon          nologin noinherit;
create role authenticated nologin noinherit;
create role service_role  nologin noinherit bypassrls;

alter role anon          inherit;
alter role authenticated inherit;
alter role service_role  inherit;

alter role anon          set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';

-- PostgREST logs in as authenticator and becomes one of the three for each request.
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout      = '8s';

-- Roles of the services ----------------------------------------------------------------------------------------------

create role supabase_auth_admin        login noinherit;
create role supabase_storage_admin     login noinherit createrole;
create role supabase_realtime_admin    login noinherit replication;
create role supabase_replication_admin login replication;
create role supabase_etl_admin         login replication bypassrls;
create role pgbouncer                  login;
create role supabase_read_only_user    login bypassrls;
create role dashboard_user             nologin createdb createrole replication;

grant pg_read_all_data                  to supabase_read_only_user, supabase_etl_admin;
grant pg_monitor                        to supabase_read_only_user;
grant anon, authenticated, service_role to supabase_storage_admin, supabase_realtime_admin;

alter role supabase_admin          set search_path = public, extensions;
alter role supabase_storage_admin  set search_path = storage;
alter role supabase_realtime_admin set search_path = public, extensions, realtime;

-- The role of the project's owner: migrations run as this one. Not a superuser -----------------------------------------

create role postgres login nosuperuser createdb createrole replication bypassrls;
alter role postgres set search_path = "$user", public, extensions;

grant anon, authenticated, service_role                                           to postgres with admin option;
grant authenticator                                                               to postgres;
grant pg_monitor, pg_read_all_data, pg_signal_backend, pg_create_subscription     to postgres with admin option;
grant supabase_storage_admin, supabase_realtime_admin                             to postgres;

-- Schemas --------------------------------------------------------------------------------------------------------------

create schema extensions;
create schema graphql;
create schema graphql_public;
create schema pgbouncer authorization pgbouncer;
create schema vault;

grant usage on schema extensions              to anon, authenticated, service_role, supabase_storage_admin,
                                                 supabase_realtime_admin, supabase_auth_admin, dashboard_user;
grant all   on schema extensions              to postgres;
grant usage on schema graphql, graphql_public to postgres, anon, authenticated, service_role;
grant usage on schema vault                   to postgres, service_role;

-- In public a role may look, and holds no table until a migration grants it: projects made since 2026 start so.
grant usage         on schema public to anon, authenticated, service_role;
grant usage, create on schema public to postgres;
grant usage, create on schema public to supabase_realtime_admin;
