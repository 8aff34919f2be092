-- Meter, set-based: what the workers call every second, and the calls both sides make while a session runs.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- The batch
----------------------------------------------------------------------

create function private.post_due_increments(p_meters tid[], p_has_promo boolean[], p_now timestamptz)
returns table (client_id uuid, steps integer, is_fast boolean, is_low boolean)
language plpgsql
security definer
set search_path = ''
-- One plan for the life of a connection, by the keys: the tables it reads are empty at one time and hot at another, and
-- neither their statistics nor a sample of arguments say which.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
    v_revenue uuid := ledger.account_of(null, 'platform_revenue');
    -- Ids of one batch differ in their last six digits only: in order they cost an index least, and a function for each costs more.
    v_id      text := left(replace(private.uuid_v7(p_now)::text, '-', ''), 26);
begin
    return query
    with due as materialized (
        -- Each "offset 0" has what stands inside computed once, not again wherever its name is used.
        select k.*, least(k.cost, k.in_promo) as promo_upto,
               -- price_of, share_of and gone_at written out: a call with a search path costs as much as looking up a row.
               k.cost / 10000 * k.share_bps + k.cost % 10000 * k.share_bps / 10000 as share,
               least(k.cost, k.in_promo) / 10000 * k.share_bps + least(k.cost, k.in_promo) % 10000 * k.share_bps / 10000 as promo_share,
               k.are_here and k.increments + k.steps <= k.max_increments and k.cost <= k.in_wallet + k.in_promo as is_fast,
               not k.low_balance_told and k.in_wallet + k.in_promo - k.cost < k.rate * k.low_balance_minutes as is_low
        from (
            select r.*, r.rate * r.increment_seconds * (r.increments + r.steps) / 60
                      - r.rate * r.increment_seconds * r.increments / 60 as cost
            from (
                select m.ctid as meter, w.ctid as wallet, p.ctid as promo, e.ctid as earnings,
                       m.transaction_id, m.wallet_id, m.promo_id, m.earnings_id, m.rate, m.share_bps, m.increment_seconds,
                       m.increments, m.max_increments, m.low_balance_minutes, m.low_balance_told,
                       w.debits as wallet_debits, p.debits as promo_debits, e.credits as earnings_credits,
                       case when w.frozen_at is null then w.credits - w.debits - w.held else 0 end as in_wallet,
                       coalesce(case when p.frozen_at is null then p.credits - p.debits - p.held end, 0) as in_promo,
                       case when p_now < m.due_at + m.increment_seconds * interval '1 second' then 1
                            else floor((extract(epoch from p_now - m.due_at) / m.increment_seconds)::numeric)::integer + 1 end as steps,
                       coalesce(least(pc.deadline_at, pc.last_seen_at + pc.timeout_seconds * interval '1 second') >= p_now
                                and least(pr.deadline_at, pr.last_seen_at + pr.timeout_seconds * interval '1 second') >= p_now, false) and m.stop_reason is null
                       and m.session_id not in (select g.session_id from private.presence_gaps g) as are_here
                from unnest(p_meters, p_has_promo) s (meter, has_promo)
                join private.meters m on m.ctid = s.meter
                join ledger.accounts w on w.id = m.wallet_id
                join ledger.accounts e on e.id = m.earnings_id
                left join ledger.accounts p on p.id = case when s.has_promo then m.promo_id end
                left join private.presence pc on pc.session_id = m.session_id and pc.side = 'client'
                left join private.presence pr on pr.session_id = m.session_id and pr.side = 'reader'
                offset 0
            ) r offset 0
        ) k
    ), late as materialized (
        select d.wallet, d.promo, d.earnings, d.transaction_id, d.wallet_id, d.promo_id, d.earnings_id,
               d.wallet_debits, d.promo_debits, d.earnings_credits,
               d.increments + i.n - 1 as increment, i.n = d.steps as is_last, u.upto - u.before as price, u.upto,
               least(u.upto, d.in_promo) - least(u.before, d.in_promo) as from_promo, least(u.upto, d.in_promo) as promo_upto,
               ledger.share_of(u.upto - u.before, d.share_bps) as share,
               ledger.share_of(least(u.upto, d.in_promo) - least(u.before, d.in_promo), d.share_bps) as promo_share,
               sum(ledger.share_of(u.upto - u.before, d.share_bps)) over (partition by d.meter order by i.n)::bigint as share_upto
        from due d
        cross join lateral generate_series(1, d.steps) i (n)
        cross join lateral (
            select private.price_of(d.rate, d.increment_seconds, d.increments + i.n)
                 - private.price_of(d.rate, d.increment_seconds, d.increments) as upto,
                   private.price_of(d.rate, d.increment_seconds, d.increments + i.n - 1)
                 - private.price_of(d.rate, d.increment_seconds, d.increments) as before) u
        where d.is_fast and d.steps > 1
    ), posted as (
        insert into ledger.transfers
            (id, transaction_id, code, increment, debit_account_id, credit_account_id, amount,
             commission_account_id, commission, debit_total, credit_total, posted_at)
        select (v_id || lpad(to_hex(row_number() over ()), 6, '0'))::uuid, l.transaction_id, 'increment', l.increment, l.payer,
               l.earnings_id, l.amount, case when l.amount > l.share then v_revenue end, l.amount - l.share,
               l.debit_total, l.credit_total, p_now
        from (
            select d.transaction_id, d.increments as increment, d.wallet_id as payer, d.earnings_id, d.cost - d.promo_upto as amount,
                   d.share - d.promo_share as share, d.wallet_debits + d.cost - d.promo_upto as debit_total,
                   d.earnings_credits + d.share as credit_total
            from due d where d.is_fast and d.steps = 1 and d.cost > d.promo_upto
            union all
            select d.transaction_id, d.increments, d.promo_id, d.earnings_id, d.promo_upto, d.promo_share,
                   d.promo_debits + d.promo_upto, d.earnings_credits + d.promo_share
            from due d where d.is_fast and d.steps = 1 and d.promo_upto > 0
            union all
            select l.transaction_id, l.increment, l.wallet_id, l.earnings_id, l.price - l.from_promo, l.share - l.promo_share,
                   l.wallet_debits + l.upto - l.promo_upto, l.earnings_credits + l.share_upto
            from late l where l.price > l.from_promo
            union all
            select l.transaction_id, l.increment, l.promo_id, l.earnings_id, l.from_promo, l.promo_share,
                   l.promo_debits + l.promo_upto, l.earnings_credits + l.share_upto - l.share + l.promo_share
            from late l where l.from_promo > 0
        ) l
    ), moved as (
        -- A person has one session, so no account stands here twice. Locked rows stay where they are.
        update ledger.accounts a
        set debits = a.debits + d.debit, credits = a.credits + d.credit, updated_at = p_now
        from (
            select d.wallet as place, d.cost - d.promo_upto as debit, 0::bigint as credit from due d where d.is_fast and d.cost > d.promo_upto
            union all
            select d.promo, d.promo_upto, 0::bigint from due d where d.is_fast and d.promo_upto > 0
            union all
            select d.earnings, 0::bigint, d.share from due d where d.is_fast and d.steps = 1 and d.share > 0
            union all
            select l.earnings, 0::bigint, l.share_upto from late l where l.is_last and l.share_upto > 0
        ) d
        where a.ctid = d.place
    )
    update private.meters m
    set increments = m.increments + case when d.is_fast then d.steps else 0 end,
        charged = m.charged + case when d.is_fast then d.cost else 0 end,
        due_at = case when d.is_fast then m.due_at + d.steps * m.increment_seconds * interval '1 second' else m.due_at end,
        needs_advance = not d.is_fast,
        low_balance_told = m.low_balance_told or (d.is_fast and d.is_low)
    from due d
    where m.ctid = d.meter
    returning m.client_id, d.steps, d.is_fast, d.is_fast and d.is_low;
end
$$;
comment on function private.post_due_increments(tid[], boolean[], timestamptz) is
    'Posts every due increment of the meters in these places, which the caller has locked, and their accounts: wallet, earnings, and promo credit where p_has_promo says so. Meters that are not the common case are only marked for advance_sessions.';

create function worker_api.charge_due_minutes(p_limit integer default 500)
returns jsonb
language plpgsql
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    v_before    timestamptz := private.now();
    v_limit     integer := least(greatest(p_limit, 1), 5000);
    v_meters    tid[];
    v_has_promo boolean[];
    v_accounts  uuid[];
    v_charged   bigint;
    v_slow      bigint;
    v_low       uuid[];
    v_client    uuid;
begin
    if not private.setting_bool('switch.charges') then
        return jsonb_build_object('claimed', 0, 'charged', 0, 'slow', 0, 'more', false);
    end if;
    -- Nobody is answered with this commit, so it need not wait for the disk: after a power cut what it charged is due again
    -- as a whole. Whatever leaves the database, a payout or an answer to a client, follows a commit that waits for this one too.
    perform set_config('synchronous_commit', 'off', true);
    -- Claim, lock and compute are three statements. In one, a worker that waited for a lock would compute
    -- with what the row was before the wait, and end funded sessions.
    -- Promo credit that is empty now is neither locked nor spent: what is given meanwhile pays the next increment.
    with due as materialized (
        select m.ctid as meter, m.wallet_id, m.promo_id, m.earnings_id from private.meters m
        where m.state = 'RUNNING' and m.due_at <= v_before and not m.needs_advance
        order by m.due_at
        limit v_limit
        for update skip locked
    )
    select coalesce(array_agg(d.meter), '{}'), coalesce(array_agg(p.credits > p.debits), '{}'),
           array_agg(d.wallet_id) || array_agg(d.earnings_id) || array_agg(d.promo_id) filter (where p.credits > p.debits)
    into v_meters, v_has_promo, v_accounts
    from due d join ledger.accounts p on p.id = d.promo_id;
    if cardinality(v_meters) = 0 then
        return jsonb_build_object('claimed', 0, 'charged', 0, 'slow', 0, 'more', false);
    end if;
    perform ledger.lock_accounts(v_accounts);
    select coalesce(sum(i.steps) filter (where i.is_fast), 0), count(*) filter (where not i.is_fast),
           array_agg(i.client_id) filter (where i.is_low)
    into v_charged, v_slow, v_low
    from private.post_due_increments(v_meters, v_has_promo, private.now()) i;
    foreach v_client in array coalesce(v_low, '{}') loop
        perform private.on_low_balance(v_client);
    end loop;
    return jsonb_build_object('claimed', cardinality(v_meters), 'charged', v_charged, 'slow', v_slow,
        'more', cardinality(v_meters) = v_limit);
end
$$;
comment on function worker_api.charge_due_minutes(integer) is
    'Charges up to p_limit due sessions in one transaction. Any number of workers may call it at once; a crash leaves nothing or everything. Answers sessions claimed, increments charged, sessions left to advance_sessions, and whether to call again at once.';

----------------------------------------------------------------------
-- Everything out of the ordinary
----------------------------------------------------------------------

create function private.wants_resume(p_meter private.meters, p_now timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return case
        when p_meter.stop_reason is not null then true
        when p_meter.grace_until is not null then
            private.hides_absence(p_meter, p_now)
            or case when private.is_funded(p_meter, p_now) then private.heard_since(p_meter.session_id, p_meter.paused_at)
                    else p_now >= p_meter.grace_until end
        else
            p_now >= p_meter.paused_at + p_meter.max_paused_seconds * interval '1 second' - p_meter.paused_for
            or private.both_here(p_meter.session_id, p_now)
    end;
end
$$;
comment on function private.wants_resume(private.meters, timestamptz) is 'True when advance_session would change something about a paused session.';

create function private.sessions_to_advance(p_now timestamptz, p_limit integer)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select s.id from public.sessions s where s.status = 'SCHEDULED' and s.scheduled_at is null and s.expires_at <= p_now
    union
    select s.id from public.sessions s
    where s.status = 'SCHEDULED' and s.client_joined_at is not null and s.reader_joined_at is not null
      and private.both_here(s.id, p_now)
    union
    select m.session_id from private.meters m
    where m.state = 'RUNNING' and m.needs_advance and coalesce(m.failed_at < p_now - interval '60 seconds', true)
    union
    -- Who is gone is found among all sides at once: a look-up for each live session costs a hundred times as much.
    select m.session_id from private.presence p join private.meters m on m.session_id = p.session_id
    where least(p.deadline_at, p.last_seen_at + p.timeout_seconds * interval '1 second') < p_now and m.state = 'RUNNING' and coalesce(m.failed_at < p_now - interval '60 seconds', true)
    union
    select m.session_id from private.meters m
    where m.state = 'PAUSED' and coalesce(m.failed_at < p_now - interval '60 seconds', true) and private.wants_resume(m, p_now)
    limit p_limit
$$;
comment on function private.sessions_to_advance(timestamptz, integer) is
    'Sessions with something to decide now; appointments that have not started are advance_appointment''s. Cost: one pass over the live ones and their sides.';

create function worker_api.advance_sessions(p_limit integer default 50)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id       uuid;
    v_advanced integer := 0;
    v_failed   integer := 0;
begin
    if not private.setting_bool('switch.charges') then
        return jsonb_build_object('advanced', 0, 'failed', 0, 'more', false);
    end if;
    for v_id in select private.sessions_to_advance(private.now(), least(greatest(p_limit, 1), 200)) loop
        perform from public.sessions s where s.id = v_id for no key update skip locked;
        continue when not found;
        -- One broken session must not stop the others; few enough rows a call for a subtransaction each.
        begin
            perform private.advance_session(v_id);
            v_advanced := v_advanced + 1;
        exception when others then
            v_failed := v_failed + 1;
            update private.meters m set failed_at = private.now(), last_error = sqlerrm where m.session_id = v_id;
            raise warning 'session % cannot advance: %', v_id, sqlerrm;
        end;
    end loop;
    return jsonb_build_object('advanced', v_advanced, 'failed', v_failed,
        'more', v_advanced + v_failed >= least(greatest(p_limit, 1), 200));
end
$$;
comment on function worker_api.advance_sessions(integer) is
    'Pauses, resumes, starts, expires and ends what the clock, presence and money say. Idempotent; any number of callers.';

create function worker_api.record_presence(p_session_ids uuid[], p_sides text[], p_left boolean default false)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    -- A leave is a hint: it shortens the side's patience, and a heartbeat takes it back.
    with seen as (
        select * from unnest(p_session_ids, p_sides::private.side[]) as s (session_id, side)
    ), locked as materialized (
        select p.session_id, p.side from private.presence p join seen s using (session_id, side)
        order by p.session_id, p.side for update of p
    )
    update private.presence p
    set last_seen_at = case when p_left then p.last_seen_at else private.now() end,
        deadline_at = case when p_left
            then private.now() + private.setting_int('session.hint_deadline_seconds') * interval '1 second' end
    from locked l where p.session_id = l.session_id and p.side = l.side
      -- Presence seen on a channel keeps a side alive; only the side's own heartbeat brings it back.
      and (p_left or private.gone_at(p) >= private.now());
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function worker_api.record_presence(uuid[], text[], boolean) is
    'What the realtime listener saw, many at once, at the database''s time; p_left marks hints that a side left.';

create function worker_api.apply_session_settled(p_outbox_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    select s.* into v_session from private.outbox o join public.sessions s on s.id = (o.payload ->> 'session_id')::uuid
    where o.id = p_outbox_id and o.topic = 'session.settled' for update of o;
    if not found or not private.finish_job(p_outbox_id) then
        return false;
    end if;
    -- The private row first, as set_reader_status does: one lock order.
    update public.reader_accounts a
    set total_earnings = a.total_earnings + coalesce((select t.reader_earnings from public.transactions t where t.id = v_session.transaction_id), 0)
    where a.user_id = v_session.reader_id;
    update public.readers r set total_sessions = r.total_sessions + 1
    where r.user_id = v_session.reader_id and v_session.billed_seconds > 0;
    return true;
end
$$;
comment on function worker_api.apply_session_settled(uuid) is 'Folds a settled session into the reader''s statistics, once.';

----------------------------------------------------------------------
-- Join, heartbeat, end
----------------------------------------------------------------------

create function private.see(p_session public.sessions, p_side private.side)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now  timestamptz;
    v_seen private.presence;
begin
    select p.* into v_seen from private.presence p
    where p.session_id = p_session.id and p.side = p_side for update;
    if not found then
        return false;
    end if;
    v_now := private.now();
    if private.gone_at(v_seen) < v_now then
        -- As a pause would have it: as of the earlier of the two last signs of life. After a hint the other side may be
        -- silent since longer, and this gap be folded in before its silence is known to be an absence.
        insert into private.presence_gaps (session_id, side, gap)
        select p_session.id, p_side, tstzrange(min(b.last_seen_at), v_now)
        from private.presence b where b.session_id = p_session.id;
    end if;
    update private.presence p set last_seen_at = greatest(v_now, p.last_seen_at), deadline_at = null
    where p.session_id = p_session.id and p.side = p_side;
    return true;
end
$$;
comment on function private.see(public.sessions, private.side) is
    'Records that a side was heard now, and the stretch that was not shared, if it was gone. Locks its own presence row only, so it never waits for a charge.';

create function private.session_state(p_session public.sessions, p_side private.side)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_meter     private.meters;
    v_available bigint := private.available(p_session.client_id);
    v_cost      bigint;
    v_begun     integer;
    v_free      integer := 0;
begin
    select m.* into v_meter from private.meters m where m.session_id = p_session.id;
    if found then
        v_begun := floor(private.shared_seconds(v_meter, private.now()) / v_meter.increment_seconds)::integer + 1;
        v_free := greatest(v_meter.free_increments - v_begun, 0) * v_meter.increment_seconds / 60;
    end if;
    v_cost := coalesce(v_meter.charged, p_session.total_cost, 0);
    return jsonb_build_object(
        'server_time', private.now(), 'session_id', p_session.id, 'status', p_session.status,
        'scheduled_at', p_session.scheduled_at, 'accepted_at', p_session.accepted_at, 'expires_at', p_session.expires_at,
        'client_joined_at', p_session.client_joined_at, 'reader_joined_at', p_session.reader_joined_at,
        'started_at', p_session.started_at, 'ended_at', p_session.ended_at, 'end_reason', p_session.end_reason,
        'paused_at', p_session.paused_at, 'pause_reason', p_session.pause_reason,
        'grace_until', v_meter.grace_until,
        'paid_until', case when v_meter.state = 'RUNNING' then v_meter.due_at end,
        'rate', p_session.reader_rate, 'max_minutes', p_session.max_minutes,
        'billed_seconds', coalesce(least(v_meter.increments, v_begun) * v_meter.increment_seconds, p_session.billed_seconds),
        'cost', v_cost,
        'next_heartbeat_seconds', case when p_session.status in ('SCHEDULED', 'IN_PROGRESS')
            then (p_session.terms ->> 'heartbeat_seconds')::integer end
    ) || case p_side when 'client' then jsonb_build_object(
        'balance', v_available, 'minutes_left', v_available / p_session.reader_rate + v_free,
        'low_balance', p_session.status = 'IN_PROGRESS'
            and v_available < p_session.reader_rate * ((p_session.terms ->> 'low_balance_minutes')::integer - v_free))
    else jsonb_build_object('earned', coalesce((select sum(case when t.credit_account_id = v_meter.earnings_id then t.amount - t.commission
            when t.debit_account_id = v_meter.earnings_id then -t.amount end)
        from ledger.transfers t where t.transaction_id = v_meter.transaction_id and t.increment < v_begun),
        (select t.reader_earnings from public.transactions t where t.id = p_session.transaction_id), 0))
    end;
end
$$;
comment on function private.session_state(public.sessions, private.side) is
    'All a screen needs, money in minor units. The client sees the balance and minutes left, the reader what is earned; neither sees the other''s.';

create function private.join_session(p_session_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_account();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
    v_side    private.side := private.side_of(v_session, v_user);
begin
    if v_session.status = 'SCHEDULED' then
        if v_session.accepted_at is null or v_session.expires_at <= private.now() then
            perform private.fail('invalid_state');
        elsif v_session.scheduled_at is not null then
            v_session := private.enter_appointment(v_session, v_side);
        end if;
        v_session := private.enter_lobby(v_session, v_side);
    elsif v_session.status = 'IN_PROGRESS' then
        perform private.see(v_session, v_side);
        perform private.advance_session(p_session_id);
        select s.* into v_session from public.sessions s where s.id = p_session_id;
    else
        perform private.fail('invalid_state');
    end if;
    return private.session_state(v_session, v_side);
end
$$;
comment on function private.join_session(uuid) is 'Server-recorded arrival; when both are in, the session starts and the first increment is charged out of the hold.';

create function private.enter_lobby(p_session public.sessions, p_side private.side)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    insert into private.presence (session_id, side, last_seen_at, timeout_seconds)
    values (p_session.id, p_side, private.now(), (p_session.terms ->> 'heartbeat_timeout_seconds')::integer)
    on conflict (session_id, side) do update set last_seen_at = private.now(), deadline_at = null;
    update public.sessions s
    set client_joined_at = case p_side when 'client' then coalesce(s.client_joined_at, private.now()) else s.client_joined_at end,
        reader_joined_at = case p_side when 'reader' then coalesce(s.reader_joined_at, private.now()) else s.reader_joined_at end
    where s.id = p_session.id returning s.* into v_session;
    if v_session.client_joined_at is not null and v_session.reader_joined_at is not null
       and private.both_here(v_session.id, private.now()) then
        if private.wallet_is_frozen(v_session.client_id) then
            perform private.fail('wallet_frozen');
        end if;
        return private.start_session(v_session);
    end if;
    perform private.tell_session(v_session, 'session_updated');
    return v_session;
end
$$;
comment on function private.enter_lobby(public.sessions, private.side) is 'Notes the arrival and starts the session when both are here.';

create function private.heartbeat_session(p_session_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := auth.uid();
    v_session public.sessions;
    v_side    private.side;
begin
    select s.* into v_session from public.sessions s
    where s.id = p_session_id and v_user in (s.client_id, s.reader_id);
    if not found then
        perform private.fail('not_participant');
    end if;
    v_side := private.side_of(v_session, v_user);
    if v_session.status in ('SCHEDULED', 'IN_PROGRESS') and not private.see(v_session, v_side) then
        -- The session may have ended between the two reads; its end is the answer then.
        select s.* into v_session from public.sessions s where s.id = p_session_id;
        if v_session.status in ('SCHEDULED', 'IN_PROGRESS') then
            perform private.fail('invalid_state', 'Join the session first.');
        end if;
    end if;
    return private.session_state(v_session, v_side);
end
$$;
comment on function private.heartbeat_session(uuid) is
    'Records presence and answers the state. After the end it answers how the session ended. Locks one presence row, never a session, meter or account.';

create function private.end_session(p_session_id uuid)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
    v_side    private.side := private.side_of(v_session, v_user);
    v_meter   private.meters;
begin
    if v_session.status <> 'IN_PROGRESS' then
        perform private.fail('invalid_state');
    end if;
    -- Being here to end it is being here; then everything due up to now is charged, as the worker would.
    perform private.see(v_session, v_side);
    perform private.advance_session(p_session_id);
    v_meter := private.meter_of(p_session_id);
    if v_meter.session_id is not null then
        perform private.finish_session(v_meter, 'COMPLETED',
            case v_side when 'client' then 'client_ended' else 'reader_ended' end::public.end_reason,
            private.now(),
            v_side = 'reader' or v_session.pause_reason = 'reader_absent' or exists (
                select from public.sessions s where s.id = p_session_id and s.pause_reason = 'reader_absent'));
    end if;
    select s.* into v_session from public.sessions s where s.id = p_session_id;
    return v_session;
end
$$;
comment on function private.end_session(uuid) is
    'Settles and ends. Ended by the client, the begun increment is owed; ended by the reader, or while the reader is away, the unused seconds are refunded.';

----------------------------------------------------------------------
-- The calls clients make
----------------------------------------------------------------------

create function public.set_reader_status(p_status public.reader_status) returns public.reader_status
language plpgsql set search_path = '' as $$
begin
    return private.set_reader_status(p_status);
end
$$;
comment on function public.set_reader_status(public.reader_status) is
    'A reader''s choice: ONLINE, OFFLINE, AWAY or INVISIBLE. Answers the published status. Refuses with not_a_reader, invalid_argument.';

create function public.request_session(
    p_reader_id uuid, p_type public.session_type, p_idempotency_key text,
    p_scheduled_at timestamptz default null, p_max_minutes numeric default null)
returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.request_session(p_reader_id, p_type, p_idempotency_key, p_scheduled_at,
        private.whole_integer(p_max_minutes, 'p_max_minutes'));
end
$$;
comment on function public.request_session(uuid, public.session_type, text, timestamptz, numeric) is
    'Ask a reader for a session now, or for an appointment at p_scheduled_at (booking_terms tells its rules). Answers max_minutes as granted: an appointment of either side may come first. Refuses with reader_unavailable, type_not_offered, insufficient_funds, already_in_session, account_suspended, account_required, wallet_frozen, sessions_disabled, outside_availability, too_many_open, rate_limited, invalid_argument, idempotency_key_reused.';

create function public.accept_session(p_session_id uuid) returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.accept_session(p_session_id);
end
$$;
comment on function public.accept_session(uuid) is 'The reader accepts a request. Refuses with not_participant, invalid_state.';

create function public.decline_session(p_session_id uuid) returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.withdraw_session(p_session_id, true);
end
$$;
comment on function public.decline_session(uuid) is 'The reader declines a request; the hold is freed. Refuses with not_participant, invalid_state.';

create function public.cancel_session(p_session_id uuid) returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.withdraw_session(p_session_id, false);
end
$$;
comment on function public.cancel_session(uuid) is
    'Either side cancels before the start; the hold is freed. A client who cancels an appointment late pays the fee of its terms, as far as the wallet reaches. Refuses with not_participant, invalid_state.';

create function public.join_session(p_session_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
    return private.join_session(p_session_id);
end
$$;
comment on function public.join_session(uuid) is
    'Enter an accepted session; an appointment from prehold_seconds before its start on. When both are in, it starts. Answers the state. Refuses with not_participant, invalid_state, insufficient_funds, wallet_frozen.';

create function public.heartbeat_session(p_session_id uuid) returns jsonb
language plpgsql set search_path = '' as $$
begin
    return private.heartbeat_session(p_session_id);
end
$$;
comment on function public.heartbeat_session(uuid) is
    'Say "still here" every next_heartbeat_seconds; answers the state. Refuses with not_participant, invalid_state.';

create function public.end_session(p_session_id uuid) returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.end_session(p_session_id);
end
$$;
comment on function public.end_session(uuid) is 'End a running session and settle it. Refuses with not_participant, invalid_state.';

grant execute on all functions in schema worker_api to service_role;
