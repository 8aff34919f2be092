-- Audit: an append-only record of who changed what, sealed month by month with a hash chain.

set lock_timeout = '4s';

create table public.audit_logs (
    id          uuid not null default private.uuid_v7(),
    user_id     uuid,
    action      text not null check (action ~ '^[a-z_.]{1,60}$'),
    entity_type text not null,
    entity_id   text not null,
    changes     jsonb,
    ip_address  inet,
    user_agent  text,
    request_id  text,
    created_at  timestamptz not null default private.now(),
    primary key (id)
) partition by range (id);
comment on table public.audit_logs is
    'Who did what to which row, old and new values (personal ones masked), by month. No foreign key to users: the record outlives the person.';
create index audit_logs_entity on public.audit_logs (entity_type, entity_id, id desc);
create index audit_logs_actor on public.audit_logs (user_id, id desc);
alter table public.audit_logs enable row level security;

create table private.audit_seals (
    month     date primary key check (extract(day from month) = 1),
    rows      bigint not null,
    hash      bytea not null,
    sealed_at timestamptz not null default private.now()
);
comment on table private.audit_seals is 'One hash a month over its rows and the seal before it: a row changed or gone breaks every later seal.';
alter table private.audit_seals enable row level security;

create function private.guard_audit()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    -- Erasure may blank where somebody came from; nothing else ever changes.
    if tg_op = 'UPDATE' and new.ip_address is null and new.user_agent is null
       and (new.id, new.user_id, new.action, new.entity_type, new.entity_id, new.changes, new.request_id, new.created_at)
           is not distinct from
           (old.id, old.user_id, old.action, old.entity_type, old.entity_id, old.changes, old.request_id, old.created_at) then
        return new;
    end if;
    raise exception 'audit_logs is append-only' using errcode = 'restrict_violation';
end
$$;
comment on function private.guard_audit() is 'Refuses every change of the record but the blanking of ip and user agent.';
create trigger append_only before update or delete on public.audit_logs for each row execute function private.guard_audit();
create trigger never_truncated before truncate on public.audit_logs execute function private.guard_audit();
create trigger append_only before update or delete on private.audit_seals for each row execute function ledger.refuse_change();
create trigger never_truncated before truncate on private.audit_seals execute function ledger.refuse_change();

----------------------------------------------------------------------
-- Writing it
----------------------------------------------------------------------

create function private.client_address()
returns inet
language plpgsql
stable
set search_path = ''
as $$
begin
    return nullif(trim(split_part(nullif(current_setting('request.headers', true), '')::json ->> 'x-forwarded-for', ',', 1)), '')::inet;
exception when invalid_text_representation then
    return null;
end
$$;
comment on function private.client_address() is 'Address the gateway saw, or null.';

create function private.record_audit(p_action text, p_entity_type text, p_entity_id text, p_changes jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.audit_logs (user_id, action, entity_type, entity_id, changes, ip_address, user_agent, request_id)
    values (auth.uid(), p_action, p_entity_type, p_entity_id, p_changes, private.client_address(),
            left(nullif(current_setting('request.headers', true), '')::json ->> 'user-agent', 500), private.request_id());
end
$$;
comment on function private.record_audit(text, text, text, jsonb) is 'One line of the record, with actor, address, agent and request id of the call.';

create function private.masked(p_column text, p_value jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select case when p_value = 'null' or p_column <> all (array[
            'first_name', 'last_name', 'avatar', 'bio', 'headline', 'certifications', 'date_of_birth', 'username',
            'shipping_address', 'tracking_number', 'comment', 'response', 'title', 'content', 'message', 'preferences',
            'verification_docs', 'evidence', 'reason', 'resolution'])
        then p_value else '"…"' end
$$;
comment on function private.masked(text, jsonb) is 'Personal values are recorded as changed, not as what they were.';

create function private.audit()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_old     jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) else '{}' end;
    v_new     jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) else '{}' end;
    v_changes jsonb;
begin
    select jsonb_object_agg(c.name, jsonb_build_array(
            private.masked(c.name, coalesce(v_old -> c.name, 'null')), private.masked(c.name, coalesce(v_new -> c.name, 'null'))))
    into v_changes
    from (select jsonb_object_keys(v_old || v_new) as name) c
    where v_old -> c.name is distinct from v_new -> c.name
      and c.name <> all (array['id', 'created_at', 'updated_at', 'search'] || tg_argv);
    if v_changes is not null or tg_op = 'DELETE' then
        perform private.record_audit(lower(tg_op), tg_table_name, coalesce(v_new ->> 'id', v_old ->> 'id'), v_changes);
    end if;
    return null;
end
$$;
comment on function private.audit() is 'Records a row''s change, old → new by column; the trigger''s arguments name columns that change by themselves.';

create trigger audit after insert or update or delete on public.system_settings for each row execute function private.audit();
create trigger audit after update or delete on public.users for each row execute function private.audit();
create trigger audit after insert or update or delete on public.admins for each row execute function private.audit();
create trigger audit after insert or update or delete on public.readers for each row
    execute function private.audit('status', 'total_sessions', 'average_rating', 'card', 'lowest_price');
create trigger audit after insert or update or delete on public.reader_accounts for each row execute function private.audit('status', 'total_earnings');
create trigger audit after insert or update on public.reader_applications for each row execute function private.audit();
create trigger audit after insert or update or delete on public.payouts for each row execute function private.audit();
create trigger audit after insert or update or delete on public.products for each row execute function private.audit('stock_quantity');
create trigger audit after update or delete on public.orders for each row execute function private.audit();
create trigger audit after insert or update or delete on public.virtual_gifts for each row execute function private.audit();
create trigger audit after insert or update or delete on public.promo_codes for each row execute function private.audit('redemptions');
create trigger audit after insert or update on public.reports for each row execute function private.audit();
create trigger audit after update of is_hidden on public.reviews for each row execute function private.audit();
create trigger audit after update of status, is_locked, is_pinned on public.forum_posts for each row execute function private.audit('view_count');
create trigger audit after update of status on public.forum_replies for each row execute function private.audit();
create trigger audit after insert or update or delete on public.forum_categories for each row execute function private.audit();
create trigger audit after insert or update on public.consents for each row execute function private.audit('ip_address');
create trigger audit after insert or update on public.recording_consents for each row execute function private.audit();
create trigger audit after insert on ledger.rules for each row execute function private.audit();
create trigger audit after update of frozen_at on ledger.accounts for each row
    execute function private.audit('credits', 'debits', 'held');

----------------------------------------------------------------------
-- Sealing it
----------------------------------------------------------------------

create function private.audit_hash(p_month date)
returns table (rows bigint, hash bytea)
language sql
stable
security definer
set search_path = ''
as $$
    select count(*), sha256(coalesce(
        (select s.hash from private.audit_seals s where s.month < p_month order by s.month desc limit 1), ''::bytea)
        || coalesce(string_agg(sha256(convert_to(jsonb_build_array(
            l.id, l.user_id, l.action, l.entity_type, l.entity_id, l.changes, l.request_id, l.created_at)::text, 'UTF8')), ''::bytea order by l.id), ''::bytea))
    from public.audit_logs l
    where l.id >= private.uuid_v7_floor(p_month::timestamp at time zone 'UTC')
      and l.id < private.uuid_v7_floor((p_month + interval '1 month') at time zone 'UTC')
$$;
comment on function private.audit_hash(date) is 'Hash over a month''s rows and the seal before it; ip and user agent left out, since erasure may blank them.';

create function private.seal_audit()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_month  date;
    v_sealed integer := 0;
    v_last   date := (select max(s.month) from private.audit_seals s);
    -- By id, which the primary key orders: the record is long.
    v_first  date := (select (l.created_at at time zone 'UTC')::date from public.audit_logs l order by l.id limit 1);
begin
    perform pg_advisory_xact_lock(hashtextextended('private.seal_audit', 0));
    for v_month in
        select m::date from generate_series(
            date_trunc('month', coalesce(v_last + interval '1 month', v_first::timestamp)),
            date_trunc('month', (private.now() - interval '1 hour') at time zone 'UTC') - interval '1 month', interval '1 month') m
    loop
        insert into private.audit_seals (month, rows, hash) select v_month, h.rows, h.hash from private.audit_hash(v_month) h;
        v_sealed := v_sealed + 1;
    end loop;
    return v_sealed;
end
$$;
comment on function private.seal_audit() is 'Seals every whole month that is over and has no seal.';

create function worker_api.verify_audit(p_month date default null)
returns table (month date, sealed_rows bigint, actual_rows bigint)
language sql
stable
security definer
set search_path = ''
as $$
    select s.month, s.rows, h.rows
    from private.audit_seals s cross join lateral private.audit_hash(s.month) h
    where (p_month is null or s.month = p_month) and (h.hash <> s.hash or h.rows <> s.rows)
    order by s.month
$$;
comment on function worker_api.verify_audit(date) is
    'Months whose rows are not what was sealed; none is the proof. Reads every row of them, about a million in five seconds: a large record is proved month by month.';

select private.ensure_partitions(private.now() - interval '1 month', 5);
grant execute on all functions in schema worker_api to service_role;
