-- Upkeep: what must be done by the hour so that the platform stays writable, small and provable.

set lock_timeout = '4s';

create function private.forget_keys()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    with old as (
        select i.caller, i.call, i.key from private.idempotency i
        where i.caller <> private.zero_uuid()
          and i.created_at < private.now() - private.setting_int('idempotency.keep_days') * interval '1 day'
        limit 5000
    )
    delete from private.idempotency i using old
    where i.caller = old.caller and i.call = old.call and i.key = old.key;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function private.forget_keys() is 'Drops clients'' idempotency keys past their time, a batch a call.';

create function private.drop_exports()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    delete from public.data_exports e where e.completed_at < private.now() - interval '7 days';
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function private.drop_exports() is 'A gathered export is personal data in one heap: kept for a week.';

create function worker_api.run_upkeep()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    return jsonb_build_object(
        'partitions_made', private.ensure_partitions(private.now(), 4),
        'months_ready', private.months_ready(private.now()),
        'keys_forgotten', private.forget_keys(),
        'exports_dropped', private.drop_exports(),
        'views_folded', private.fold_post_views(),
        'approvals_expired', private.expire_approvals(),
        'answers_expired', private.expire_paid_messages(),
        'jobs_parked', (select count(*) from private.outbox o where o.parked_at is not null),
        'events_parked', (select count(*) from private.stripe_events e where e.parked_at is not null),
        'payouts_stuck', (select count(*) from public.payouts p where p.status = 'PROCESSING' and p.updated_at < private.now() - interval '14 days'),
        'sessions_stuck', (select count(*) from private.meters m where m.failed_at is not null));
end
$$;
comment on function worker_api.run_upkeep() is
    'Makes partitions ahead, forgets clients'' old idempotency keys and exports, folds forum views, frees what unanswered messages hold, ends administrators'' requests that nobody decided, counts what waits for an administrator. months_ready below two is an alarm. Every step takes a bounded batch.';

create function worker_api.seal_audit()
returns table (month date, sealed_rows bigint, hash text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.seal_audit();
    return query
        select s.month, s.rows, encode(s.hash, 'hex') from private.audit_seals s order by s.month desc limit 1;
end
$$;
comment on function worker_api.seal_audit() is
    'Seals the months of the audit record that are over, and answers the newest seal. The caller writes it where the database''s owner cannot: a chain that is rewritten whole no longer ends in it.';

grant execute on all functions in schema worker_api to service_role;
