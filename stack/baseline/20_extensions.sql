-- Extensions that are on in a new hosted project, and the right of postgres to use what they bring.
-- Runs as the superuser supabase_admin. Left out: supabase_vault, pg_net, pg_cron, pg_graphql, pgmq (no package has them).

create extension if not exists "uuid-ossp"        with schema extensions;
create extension if not exists pgcrypto           with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;

grant all on all tables   in schema extensions to postgres with grant option;
grant all on all routines in schema extensions to postgres with grant option;

-- Empty until a migration adds a table.
create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
