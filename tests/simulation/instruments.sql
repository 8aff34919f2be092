-- What turns a copy of the database into a simulated one: a clock and ids that follow the seed, and a journal of every
-- committed change of money and sessions. Run by the superuser, once, in the database that each seed's is cloned from.

create schema simulation;
grant usage on schema simulation to public;

-- The clock stands in a parameter that each call brings along; it moves between calls only.
create or replace function private.now() returns timestamptz language sql stable
as $$ select current_setting('simulation.now')::timestamptz $$;

-- Ids sort by time as before, and their random part follows from how many were made: a seed makes the same ids again.
create sequence simulation.ids cache 1;
grant usage on sequence simulation.ids to public;
create or replace function private.uuid_v7(p_at timestamptz default private.now()) returns uuid language sql volatile
as $$
    select encode(
        set_bit(set_bit(set_bit(set_bit(set_bit(set_bit(
            overlay(decode(md5(nextval('simulation.ids'::regclass)::text), 'hex')
                placing substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1), 54, 1), 55, 0), 70, 0), 71, 1),
        'hex')::uuid
$$;

-- Waits are spread by chance, which would be another chance each time a seed is run.
create or replace function private.backoff(p_attempts integer) returns interval language sql volatile
as $$ select least(300, power(2, least(p_attempts, 10))) * 0.75 * interval '1 second' $$;

-- Broadcasts are hints that nothing here reads.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void language sql as $$ select $$;

-- Asking for a zone reads a thousand files; everyone here lives in one that exists.
create or replace function private.valid_timezone(p_name text) returns boolean language sql stable
as $$ select p_name is not null $$;

create unlogged table simulation.journal (
    seq  bigint generated always as identity,
    what text not null,
    body jsonb not null
);
grant select, delete on simulation.journal to authenticator;

create function simulation.note() returns trigger language plpgsql security definer set search_path = ''
as $$
begin
    insert into simulation.journal (what, body) select tg_argv[0], to_jsonb(r) from rows_touched r;
    return null;
end
$$;

do $$
declare
    v_watch record;
begin
    for v_watch in
        select * from (values
            ('ledger.transfers', 'insert', 'transfer'),
            ('ledger.accounts', 'insert', 'account'), ('ledger.accounts', 'update', 'account'),
            ('ledger.holds', 'insert', 'hold'), ('ledger.holds', 'update', 'hold'),
            ('public.sessions', 'insert', 'session'), ('public.sessions', 'update', 'session'),
            ('public.payouts', 'insert', 'payout'), ('public.payouts', 'update', 'payout'),
            ('public.wait_list', 'insert', 'place'), ('public.wait_list', 'update', 'place'), ('public.wait_list', 'delete', 'place gone'),
            ('public.promo_redemptions', 'insert', 'redemption'), ('public.promo_redemptions', 'update', 'redemption'),
            ('public.auto_reloads', 'insert', 'reload terms'), ('public.auto_reloads', 'update', 'reload terms'),
            ('private.reload_attempts', 'insert', 'reload'), ('private.reload_attempts', 'update', 'reload'),
            ('private.outbox', 'insert', 'job'), ('private.outbox', 'delete', 'job done')
        ) w (place, event, what)
    loop
        execute format(
            'create trigger journal_%s after %s on %s referencing %s table as rows_touched '
            'for each statement execute function simulation.note(%L)',
            v_watch.event, v_watch.event, v_watch.place, case v_watch.event when 'delete' then 'old' else 'new' end, v_watch.what);
    end loop;
end
$$;

-- Where rows lie on disk depends on what else the server does at the time, so nothing may follow from it. Sessions with
-- something to decide come in no order; here they come by their ids.
alter function private.sessions_to_advance(timestamptz, integer) rename to sessions_to_advance_in_no_order;
create function private.sessions_to_advance(p_now timestamptz, p_limit integer) returns setof uuid language sql stable
as $$ select s from private.sessions_to_advance_in_no_order(p_now, p_limit) s order by s $$;

-- Autovacuum works when the machine's clock says so, and plans follow it.
do $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid::regclass from pg_class c
        where c.relkind = 'r' and c.relnamespace in (select n.oid from pg_namespace n where n.nspname in ('public', 'private', 'ledger', 'simulation'))
    loop
        execute format('alter table %s set (autovacuum_enabled = false)', v_table);
    end loop;
end
$$;
