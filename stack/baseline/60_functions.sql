-- Schema supabase_functions, which the Supabase CLI's own stack has for database webhooks. Empty: without pg_net a webhook
-- cannot be sent from the database, and this project carries what matters in an outbox.

create schema supabase_functions authorization supabase_admin;
grant usage on schema supabase_functions to postgres, anon, authenticated, service_role;
