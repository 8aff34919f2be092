-- Schema realtime as a hosted project has it: messages partitioned by day, and the functions that write and authorise.
-- Runs as the superuser supabase_admin after the roles exist.
--
-- Left out: subscriptions and the change feed's own functions. Partitions are made by realtime.ensure_partitions(),
-- which the stack calls each time it comes up; on hosted the server makes a day's partition once a client has connected.

create schema realtime authorization supabase_admin;

grant all   on schema realtime to supabase_realtime_admin with grant option;
grant usage on schema realtime to anon, authenticated, service_role, dashboard_user;
grant usage on schema realtime to postgres with grant option;

set role supabase_realtime_admin;

create table realtime.messages (
    topic          text not null,
    extension      text not null,
    payload        jsonb,
    event          text,
    private        boolean default false,
    updated_at     timestamp not null default now(),
    inserted_at    timestamp not null default now(),
    id             uuid not null default gen_random_uuid(),
    binary_payload bytea,
    primary key (id, inserted_at),
    constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);

create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
    where extension = 'broadcast' and private is true;

alter table realtime.messages enable row level security;

grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all                    on realtime.messages to postgres, dashboard_user;

-- What policies and triggers call ------------------------------------------------------------------------------------------

create function realtime.topic() returns text
language sql stable
as $$ select nullif(current_setting('realtime.topic', true), '')::text $$;

-- Never raises: a broadcast is a hint, and losing one must not undo the work that wanted to tell of it.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql
as $$
declare
    v_id uuid := gen_random_uuid();
begin
    begin
        perform set_config('realtime.topic', topic, true);
        insert into realtime.messages (id, payload, event, topic, private, extension)
        values (v_id,
                case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(v_id)) end,
                event, topic, private, 'broadcast');
    exception when others then
        raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
    end;
end
$$;

create function realtime.broadcast_changes(
    topic_name   text,
    event_name   text,
    operation    text,
    table_name   text,
    table_schema text,
    new          record,
    old          record,
    level        text default 'ROW'
) returns void
language plpgsql
as $$
begin
    if level = 'STATEMENT' then
        raise exception 'function can only be triggered for each row, not for each statement';
    end if;
    if operation not in ('INSERT', 'UPDATE', 'DELETE') then
        raise exception 'Unexpected operation type: %', operation;
    end if;
    perform realtime.send(
        jsonb_build_object('old_record', old, 'record', new, 'operation', operation,
                           'table', table_name, 'schema', table_schema),
        event_name, topic_name
    );
exception when others then
    raise exception 'Failed to process the row: %', sqlerrm;
end
$$;

grant execute on function realtime.topic(), realtime.send(jsonb, text, text, boolean),
    realtime.broadcast_changes(text, text, text, text, text, record, record, text)
    to postgres, anon, authenticated, service_role, dashboard_user;

reset role;

-- postgres is a member of the owner here, and on hosted it may not create in this schema: partitions are the superuser's.
revoke create on schema realtime from supabase_realtime_admin;

create function realtime.ensure_partitions(days_ahead integer default 7) returns void
language plpgsql
as $$
declare
    v_day date;
begin
    for v_day in
        select day::date
          from generate_series(current_date - 1, current_date + days_ahead, interval '1 day') as days (day)
    loop
        execute format(
            'create table if not exists realtime.%I partition of realtime.messages for values from (%L) to (%L)',
            'messages_' || to_char(v_day, 'YYYY_MM_DD'), v_day::timestamp, (v_day + 1)::timestamp
        );
    end loop;
end
$$;
revoke execute on function realtime.ensure_partitions(integer) from public;
comment on function realtime.ensure_partitions(integer) is 'Local stack only: makes the day partitions from yesterday to days_ahead.';

select realtime.ensure_partitions();
