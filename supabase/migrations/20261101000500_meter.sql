-- Meter: what turns shared time into charges.
-- The batch (charge_due_minutes) does the common case set-based; advance_session replays everything else for one session:
-- absences, shortage, limits, resume, end. Both derive what is due from the database's clock and the presence it recorded.

set lock_timeout = '4s';

-- What the claim looks at stands first: it passes over every live row, and a row is read from its front.
create table private.meters (
    session_id           uuid primary key references public.sessions (id) on delete cascade,
    due_at               timestamptz not null,
    state                private.meter_state not null default 'RUNNING',
    needs_advance        boolean not null default false,
    low_balance_told     boolean not null default false,
    share_bps            integer not null,
    wallet_id            uuid not null,
    promo_id             uuid not null,
    earnings_id          uuid not null,
    transaction_id       uuid not null,
    client_id            uuid not null,
    reader_id            uuid not null,
    rate                 bigint not null,
    charged              bigint not null default 0,
    increments           integer not null default 0,
    free_increments      integer not null default 0,
    increment_seconds    integer not null,
    max_increments       integer not null,
    low_balance_minutes  integer not null,
    min_billable_seconds integer not null,
    max_pauses           integer not null,
    max_paused_seconds   integer not null,
    topup_grace_seconds  integer not null,
    run_started_at       timestamptz not null,
    shared_before        interval not null default '0',
    pauses               integer not null default 0,
    paused_for           interval not null default '0',
    paused_at            timestamptz,
    grace_until          timestamptz,
    stop_reason          public.end_reason,
    failed_at            timestamptz,
    last_error           text,
    constraint paused_has_time check ((state = 'PAUSED') = (paused_at is not null))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table private.meters is
    'One row per live session and nothing else, so a tick costs what is live, never what is past. No index but the key: every update is HOT.';
comment on column private.meters.rate is 'Minor units per minute.';
comment on column private.meters.charged is 'Charged to the client so far, net of reversals, minor units.';
comment on column private.meters.free_increments is 'The first so many are a promotion''s: posted at the start, given back to it where they were not used.';
comment on column private.meters.shared_before is 'Shared time before run_started_at; with the time since, the shared clock.';
comment on column private.meters.due_at is 'When the next increment begins if nobody leaves: the end of what is paid.';
comment on column private.meters.needs_advance is 'The batch found something out of the ordinary; advance_sessions takes it from here.';
alter table private.meters enable row level security;

----------------------------------------------------------------------
-- The shared clock
----------------------------------------------------------------------

create function private.shared_seconds(p_meter private.meters, p_at timestamptz)
returns numeric
language plpgsql
immutable
set search_path = ''
as $$
begin
    return extract(epoch from case p_meter.state
        when 'PAUSED' then p_meter.shared_before
        else p_meter.shared_before + greatest(p_at - p_meter.run_started_at, interval '0') end);
end
$$;
comment on function private.shared_seconds(private.meters, timestamptz) is 'Seconds both sides shared until then, absences up to then being folded in.';

create function private.begins_at(p_meter private.meters, p_increment integer)
returns timestamptz
language plpgsql
immutable
set search_path = ''
as $$
begin
    return p_meter.run_started_at + p_increment * p_meter.increment_seconds * interval '1 second' - p_meter.shared_before;
end
$$;
comment on function private.begins_at(private.meters, integer) is 'When that increment (from 0) begins in the current run.';

create function private.absences(p_meter private.meters, p_now timestamptz)
returns table (starts timestamptz, ends timestamptz, reason public.pause_reason)
language sql
stable
security definer
set search_path = ''
as $$
    with away as (
        select g.side, g.gap from private.presence_gaps g where g.session_id = p_meter.session_id
        union all
        -- Paused as of the earlier of the two last signs of life.
        select p.side, tstzrange((select min(b.last_seen_at) from private.presence b where b.session_id = p_meter.session_id), null)
        from private.presence p
        where p.session_id = p_meter.session_id and private.gone_at(p) < p_now
    ), merged as (
        select unnest(range_agg(a.gap) * tstzmultirange(tstzrange(p_meter.run_started_at, null))) as gap from away a
    )
    select lower(m.gap), upper(m.gap),
           case when exists (select from away a where a.side = 'client' and a.gap && m.gap) then 'client_absent' else 'reader_absent' end::public.pause_reason
    from merged m
    order by 1
$$;
comment on function private.absences(private.meters, timestamptz) is
    'Stretches of the current run that were not shared, merged over both sides; ends is null for the one that lasts.';

----------------------------------------------------------------------
-- Money of one session (slow path)
----------------------------------------------------------------------

create function private.charge_to(p_meter private.meters, p_target integer, p_passed integer)
returns private.meters
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_promo  bigint;
    v_wallet bigint;
    v_price  bigint;
    v_done   integer := p_meter.increments;
    v_legs   ledger.leg[] := '{}';
    v_cost   bigint := 0;
    v_meter  private.meters;
begin
    perform ledger.lock_accounts(array[p_meter.wallet_id, p_meter.promo_id, p_meter.earnings_id]);
    select coalesce(sum(a.credits - a.debits - a.held) filter (where a.id = p_meter.promo_id), 0),
           coalesce(sum(a.credits - a.debits - a.held) filter (where a.id = p_meter.wallet_id), 0)
    into v_promo, v_wallet
    from ledger.accounts a where a.id in (p_meter.promo_id, p_meter.wallet_id) and a.frozen_at is null;
    while v_done < p_target loop
        v_price := private.increment_price(p_meter, v_done);
        exit when v_price > v_promo + v_wallet;
        v_legs := v_legs || ledger.shared_legs('increment', p_meter.promo_id, p_meter.wallet_id, p_meter.earnings_id,
            least(v_promo, v_price), greatest(v_price - v_promo, 0), p_meter.share_bps, v_done);
        v_wallet := v_wallet - greatest(v_price - v_promo, 0);
        v_promo := greatest(v_promo - v_price, 0);
        v_cost := v_cost + v_price;
        v_done := v_done + 1;
    end loop;
    -- Increments that passed whole while the workers were away and that the wallet cannot cover are the house's.
    while v_done < p_passed loop
        v_legs := v_legs || private.outage_legs(p_meter, v_done);
        v_done := v_done + 1;
    end loop;
    perform ledger.post_transfers(p_meter.transaction_id, v_legs);
    update private.meters m
    set increments = v_done, charged = m.charged + v_cost, due_at = private.begins_at(m, v_done)
    where m.session_id = p_meter.session_id returning m.* into v_meter;
    return v_meter;
end
$$;
comment on function private.charge_to(private.meters, integer, integer) is
    'Charges increments up to the target count, of which the first p_passed have passed whole. Fewer than asked means that the wallet does not cover the one now running.';

create function private.increment_price(p_meter private.meters, p_increment integer)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
    return private.price_of(p_meter.rate, p_meter.increment_seconds, p_increment + 1)
         - private.price_of(p_meter.rate, p_meter.increment_seconds, p_increment);
end
$$;
comment on function private.increment_price(private.meters, integer) is 'Price of one increment (from 0), minor units.';

create function private.outage_legs(p_meter private.meters, p_increment integer)
returns ledger.leg[]
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(array_agg(('outage_increment', ledger.account_of(null, 'outage_expense'), p_meter.earnings_id,
        s.share, null, 0, p_increment, null)::ledger.leg), '{}')
    from (select ledger.share_of(private.increment_price(p_meter, p_increment), p_meter.share_bps) as share) s
    where s.share > 0
$$;
comment on function private.outage_legs(private.meters, integer) is 'outage_expense → reader_earnings: the reader is paid for an uncovered minute, the client is not charged.';

create function private.reverse_increment(p_meter private.meters, p_increment integer, p_refund bigint)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_price    bigint := private.increment_price(p_meter, p_increment);
    v_revenue  uuid := ledger.account_of(null, 'platform_revenue');
    v_legs     ledger.leg[] := '{}';
    v_earner   bigint;
    v_refunded bigint := 0;
    v_row      record;
begin
    for v_row in
        with open as (
            select t as transfer, sum(t.amount) over (order by t.id) as upto, sum(t.amount) over () as whole
            from ledger.transfers t
            where t.transaction_id = p_meter.transaction_id and t.increment = p_increment and t.reverses is null
              and not exists (select from ledger.transfers r
                              where r.transaction_id = t.transaction_id and r.increment = t.increment and r.reverses = t.id)
        )
        -- Differences of rounded running totals: the parts sum to the whole refund exactly.
        select (o.transfer).*, (o.upto * (o.whole * p_refund / v_price)) / o.whole
            - ((o.upto - (o.transfer).amount) * (o.whole * p_refund / v_price)) / o.whole as back
        from (select o.transfer, o.upto::bigint, o.whole::bigint from open o) o
    loop
        continue when v_row.back = 0;
        v_earner := (v_row.amount - v_row.commission)
                  - (v_row.amount - v_row.commission) * (v_row.amount - v_row.back) / v_row.amount;
        v_legs := v_legs || private.reversal_legs(v_row.id, v_row.credit_account_id, v_row.debit_account_id,
            p_increment, v_earner, v_row.back - v_earner, v_revenue);
        v_refunded := v_refunded + case when v_row.code = 'increment' then v_row.back else 0 end;
    end loop;
    perform ledger.post_transfers(p_meter.transaction_id, v_legs);
    return v_refunded;
end
$$;
comment on function private.reverse_increment(private.meters, integer, bigint) is
    'Gives back p_refund of one increment (minor units, at most its price) in the proportions it was paid and shared; answers what the client got.';

create function private.reversal_legs(
    p_reverses uuid, p_earner uuid, p_payer uuid, p_increment integer,
    p_from_earner bigint, p_from_house bigint, p_revenue uuid)
returns ledger.leg[]
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_legs ledger.leg[] := '{}';
begin
    if p_from_earner > 0 then
        v_legs := v_legs || ('increment_reversal', p_earner, p_payer, p_from_earner, null, 0, p_increment, p_reverses)::ledger.leg;
    end if;
    if p_from_house > 0 then
        v_legs := v_legs || ('increment_reversal', p_revenue, p_payer, p_from_house, null, 0, p_increment, p_reverses)::ledger.leg;
    end if;
    return v_legs;
end
$$;
comment on function private.reversal_legs(uuid, uuid, uuid, integer, bigint, bigint, uuid) is
    'The two ways back of one transfer, minor units: from the earner, from the house.';

create function private.reverse_from(p_meter private.meters, p_kept integer)
returns private.meters
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_meter    private.meters;
    v_refunded bigint := 0;
begin
    for i in p_kept .. p_meter.increments - 1 loop
        v_refunded := v_refunded + private.reverse_increment(p_meter, i, private.increment_price(p_meter, i));
    end loop;
    update private.meters m
    set increments = least(m.increments, p_kept), charged = m.charged - v_refunded,
        due_at = private.begins_at(m, least(m.increments, p_kept))
    where m.session_id = p_meter.session_id returning m.* into v_meter;
    return v_meter;
end
$$;
comment on function private.reverse_from(private.meters, integer) is 'Gives back every increment from that number on.';

----------------------------------------------------------------------
-- Pause, settle, finish
----------------------------------------------------------------------

create function private.pause(p_meter private.meters, p_at timestamptz, p_shared interval, p_reason public.pause_reason)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    update private.meters m
    set state = 'PAUSED', shared_before = p_shared, paused_at = p_at,
        pauses = m.pauses + (p_reason <> 'insufficient_funds')::integer,
        grace_until = case when p_reason = 'insufficient_funds'
            then private.now() + m.topup_grace_seconds * interval '1 second' end
    where m.session_id = p_meter.session_id;
    update public.sessions s set paused_at = p_at, pause_reason = p_reason
    where s.id = p_meter.session_id returning s.* into v_session;
    perform private.tell_session(v_session, 'session_updated');
    if p_reason = 'insufficient_funds' then
        perform private.queue_reload(p_meter.client_id);
    end if;
end
$$;
comment on function private.pause(private.meters, timestamptz, interval, public.pause_reason) is
    'Stops the meter as of a moment, keeping the shared time so far, so that the unused seconds of the paid increment carry over.';

create function private.resume(p_meter private.meters, p_at timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    update private.meters m
    set state = 'RUNNING', run_started_at = p_at, paused_at = null, grace_until = null,
        paused_for = m.paused_for + case when m.grace_until is null then p_at - m.paused_at else interval '0' end,
        due_at = p_at + m.increments * m.increment_seconds * interval '1 second' - m.shared_before
    where m.session_id = p_meter.session_id;
    update public.sessions s set paused_at = null, pause_reason = null
    where s.id = p_meter.session_id returning s.* into v_session;
    perform private.tell_session(v_session, 'session_updated');
end
$$;
comment on function private.resume(private.meters, timestamptz) is 'Runs the meter again from a moment on; the time away is not billed.';

create function private.settle(p_meter private.meters, p_at timestamptz)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_charged     bigint;
    v_earned      bigint;
    v_revenue     bigint;
    v_free        bigint := private.free_earnings(p_meter.transaction_id);
    v_transaction public.transactions;
begin
    select coalesce(sum(case when t.code = 'increment' then t.amount
                             when t.code = 'increment_reversal' and t.credit_account_id in (p_meter.wallet_id, p_meter.promo_id) then -t.amount end), 0),
           coalesce(sum(case when t.credit_account_id = p_meter.earnings_id then t.amount - t.commission
                             when t.debit_account_id = p_meter.earnings_id then -t.amount end), 0)
    into v_charged, v_earned
    from ledger.transfers t where t.transaction_id = p_meter.transaction_id;
    select coalesce(sum(case when t.code = 'increment' then t.commission
                             when t.debit_account_id = r.id then -t.amount end), 0)
    into v_revenue
    from ledger.transfers t, (select ledger.account_of(null, 'platform_revenue') as id) r
    where t.transaction_id = p_meter.transaction_id;
    update public.transactions t
    set amount = v_charged, reader_earnings = v_earned, platform_revenue = v_revenue,
        status = case when v_charged = 0 and v_free = 0 then 'REFUNDED' else 'COMPLETED' end::public.transaction_status
    where t.id = p_meter.transaction_id returning t.* into v_transaction;
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    select p_meter.earnings_id, p_meter.transaction_id, e.amount, p_at,
           private.now() + private.setting_int(e.clearing) * interval '1 second'
    from (values (v_earned - v_free, 'payout.clearing_seconds'), (v_free, 'payout.promo_clearing_seconds')) e (amount, clearing)
    where e.amount <> 0;
    if v_free = 0 then
        perform private.return_free_minutes(p_meter.session_id);
    end if;
    return v_transaction;
end
$$;
comment on function private.settle(private.meters, timestamptz) is
    'Writes the session''s transaction from its postings, and the reader''s earning with the day it clears, later for what was free.';

create function private.finish_session(
    p_meter private.meters, p_status public.session_status, p_reason public.end_reason, p_at timestamptz, p_refund_unused boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_meter       private.meters;
    v_shared      numeric := private.shared_seconds(p_meter, p_at);
    v_step        integer := p_meter.increment_seconds;
    v_unused      bigint;
    v_billed      integer;
    v_transaction public.transactions;
    v_session     public.sessions;
begin
    perform ledger.lock_accounts(array[p_meter.wallet_id, p_meter.promo_id, p_meter.earnings_id]);
    v_meter := private.reverse_from(p_meter, case
        when v_shared < p_meter.min_billable_seconds then 0
        else least(p_meter.increments, floor(v_shared / v_step)::integer + 1) end);
    v_billed := v_meter.increments * v_step;
    if p_refund_unused and v_shared < v_billed and v_meter.increments > 0 then
        v_unused := private.price_of(v_meter.rate, v_step, v_meter.increments)
                  - greatest(floor(v_meter.rate * v_shared / 60)::bigint, private.price_of(v_meter.rate, v_step, v_meter.increments - 1));
        perform private.reverse_increment(v_meter, v_meter.increments - 1, v_unused);
        v_billed := ceil(v_shared);
    end if;
    v_transaction := private.settle(v_meter, p_at);
    delete from private.meters m where m.session_id = p_meter.session_id;
    update public.sessions s
    set status = p_status, end_reason = p_reason, ended_at = greatest(p_at, s.started_at), paused_at = null, pause_reason = null,
        billed_seconds = v_billed, duration = ceil(v_shared / 60), total_cost = v_transaction.amount
    where s.id = p_meter.session_id returning s.* into v_session;
    perform private.release_people(v_session);
    perform private.enqueue('session.settled', jsonb_build_object('session_id', v_session.id));
    perform private.tell_session(v_session, 'session_updated');
    perform private.tell(v_session.client_id, 'wallet_changed', jsonb_build_object('transaction_id', v_transaction.id));
end
$$;
comment on function private.finish_session(private.meters, public.session_status, public.end_reason, timestamptz, boolean) is
    'Settles and ends a started session as of a moment: gives back what was not shared, and, if asked, the unused seconds; frees both people.';

----------------------------------------------------------------------
-- Replay of one session
----------------------------------------------------------------------

create function private.meter_of(p_session_id uuid)
returns private.meters
language sql
security definer
set search_path = ''
as $$ select m.* from private.meters m where m.session_id = p_session_id for update $$;
comment on function private.meter_of(uuid) is 'Locks the meter; null when the session has none (any more).';

create function private.charge_until(p_meter private.meters, p_at timestamptz, p_lasting_absence boolean)
returns private.meters
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_meter  private.meters := p_meter;
    v_needed integer := floor(private.shared_seconds(p_meter, p_at) / p_meter.increment_seconds)::integer + 1;
    v_target integer := least(v_needed, p_meter.max_increments);
begin
    if v_needed > v_meter.increments and v_meter.stop_reason is not null then
        perform private.finish_session(v_meter, 'COMPLETED', v_meter.stop_reason, private.begins_at(v_meter, v_meter.increments), false);
        return null;
    end if;
    if v_target > v_meter.increments then
        v_meter := private.charge_to(v_meter, v_target, least(v_needed - 1, v_target));
        if v_meter.increments < v_target then
            perform private.pause(v_meter, private.begins_at(v_meter, v_meter.increments),
                v_meter.increments * v_meter.increment_seconds * interval '1 second', 'insufficient_funds');
            return null;
        end if;
    elsif v_meter.stop_reason is not null and v_needed < v_meter.increments then
        v_meter := private.reverse_from(v_meter, v_needed);
    elsif p_lasting_absence and greatest(v_needed, v_meter.free_increments) < v_meter.increments then
        v_meter := private.reverse_from(v_meter, greatest(v_needed, v_meter.free_increments));
    end if;
    if v_needed > v_meter.max_increments then
        perform private.finish_session(v_meter, 'COMPLETED', 'max_minutes', private.begins_at(v_meter, v_meter.max_increments), false);
        return null;
    end if;
    return v_meter;
end
$$;
comment on function private.charge_until(private.meters, timestamptz, boolean) is
    'Charges what a running meter owes at a moment; null when that paused or ended the session. Before a lasting absence it gives back increments begun after it, but free ones, which wait for the return; before a stop those too.';

create function private.run_meter(p_meter private.meters, p_now timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_meter private.meters := p_meter;
    v_away  record;
begin
    for v_away in select a.* from private.absences(p_meter, p_now) a loop
        v_meter := private.charge_until(v_meter, v_away.starts, v_away.ends is null);
        if v_meter.session_id is null then
            return;
        elsif v_meter.pauses >= v_meter.max_pauses
              or v_meter.paused_for + (coalesce(v_away.ends, v_away.starts) - v_away.starts) > v_meter.max_paused_seconds * interval '1 second' then
            perform private.finish_session(v_meter, 'DISCONNECTED', 'disconnected', v_away.starts, true);
            return;
        elsif v_away.ends is null then
            perform private.pause(v_meter, v_away.starts,
                v_meter.shared_before + (v_away.starts - v_meter.run_started_at), v_away.reason);
            return;
        end if;
        update private.meters m
        set shared_before = m.shared_before + (v_away.starts - m.run_started_at), run_started_at = v_away.ends,
            due_at = m.due_at + (v_away.ends - v_away.starts), pauses = m.pauses + 1,
            paused_for = m.paused_for + (v_away.ends - v_away.starts)
        where m.session_id = v_meter.session_id returning m.* into v_meter;
    end loop;
    perform private.charge_until(v_meter, p_now, false);
end
$$;
comment on function private.run_meter(private.meters, timestamptz) is
    'Replays a running meter up to now: charges shared time, skips absences that ended, pauses at one that lasts, ends past the caps.';

create function private.back_at(p_meter private.meters, p_now timestamptz)
returns timestamptz
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_paused private.meters := p_meter;
    v_away   record;
begin
    v_paused.run_started_at := p_meter.paused_at;
    select a.starts, a.ends into v_away from private.absences(v_paused, p_now) a order by a.starts limit 1;
    -- No absence at all: a heartbeat overtook the pause, which then never was.
    return case when found then v_away.ends else p_meter.paused_at end;
end
$$;
comment on function private.back_at(private.meters, timestamptz) is
    'When the absence that paused the meter ended; null while it lasts. Later absences are the replay''s business.';

create function private.try_resume(p_meter private.meters, p_now timestamptz)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_back timestamptz;
begin
    if p_meter.grace_until is null then
        v_back := private.back_at(p_meter, p_now);
        if p_meter.paused_for + (v_back - p_meter.paused_at) > p_meter.max_paused_seconds * interval '1 second' then
            return false;
        end if;
    elsif private.is_funded(p_meter, p_now) and private.heard_since(p_meter.session_id, p_meter.paused_at) then
        v_back := p_now;
    end if;
    if v_back is null then
        return false;
    end if;
    perform private.resume(p_meter, v_back);
    return true;
end
$$;
comment on function private.try_resume(private.meters, timestamptz) is
    'Resumes a paused meter when what it waited for is there: both sides, as of the return of the later one; or money, and a sign of life of both since it was lacking: a silence from before may be an absence.';

create function private.is_funded(p_meter private.meters, p_now timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.both_here(p_meter.session_id, p_now)
       and private.available(p_meter.client_id) >= private.increment_price(p_meter, p_meter.increments);
end
$$;
comment on function private.is_funded(private.meters, timestamptz) is 'True when nobody counts as gone and the wallet covers the next increment.';

create function private.heard_since(p_session_id uuid, p_at timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select count(*) = 2 from private.presence p where p.session_id = p_session_id and p.last_seen_at >= p_at);
end
$$;
comment on function private.heard_since(uuid, timestamptz) is 'True when both sides were heard then or later.';

create function private.hides_absence(p_meter private.meters, p_now timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return p_meter.grace_until is not null and exists (
        select from private.absences(p_meter, p_now) a
        where a.starts < p_meter.paused_at and coalesce(a.ends > p_meter.paused_at, true));
end
$$;
comment on function private.hides_absence(private.meters, timestamptz) is
    'True when the funds ran out while a side was silent already, and that silence has turned out to be an absence.';

create function private.undo_funds_pause(p_meter private.meters)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.meters m
    set state = 'RUNNING', paused_at = null, grace_until = null,
        shared_before = m.shared_before - (m.paused_at - m.run_started_at)
    where m.session_id = p_meter.session_id;
    update public.sessions s set paused_at = null, pause_reason = null where s.id = p_meter.session_id;
end
$$;
comment on function private.undo_funds_pause(private.meters) is
    'Takes a pause for want of funds back, so that the replay finds the absence that began before it.';

create function private.advance_session(p_session_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now     timestamptz := private.now();
    v_session public.sessions;
    v_meter   private.meters;
begin
    select s.* into v_session from public.sessions s where s.id = p_session_id for no key update;
    if v_session.status = 'SCHEDULED' then
        perform private.advance_scheduled(v_session, v_now);
        return;
    end if;
    v_meter := private.meter_of(p_session_id);
    if v_meter.session_id is null then
        return;
    end if;
    v_now := private.now();
    if private.hides_absence(v_meter, v_now) then
        perform private.undo_funds_pause(v_meter);
    elsif v_meter.state = 'PAUSED' and not private.try_resume(v_meter, v_now) then
        perform private.end_hopeless_pause(v_meter, v_now);
        return;
    end if;
    update private.meters m set needs_advance = false, failed_at = null, last_error = null
    where m.session_id = p_session_id returning m.* into v_meter;
    perform private.run_meter(v_meter, v_now);
    delete from private.presence_gaps g using private.meters m
    where g.session_id = p_session_id and m.session_id = p_session_id and m.state = 'RUNNING' and upper(g.gap) <= m.run_started_at;
end
$$;
comment on function private.advance_session(uuid) is
    'Brings one session up to now, from the clock, presence and money alone. Safe at any time, any number of times. The caller''s other locks must not include a meter.';

create function private.end_hopeless_pause(p_meter private.meters, p_now timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if p_meter.grace_until is not null and p_now >= p_meter.grace_until and not private.is_funded(p_meter, p_now) then
        perform private.finish_session(p_meter, 'COMPLETED', 'insufficient_funds', p_meter.paused_at, false);
    elsif p_meter.stop_reason is not null then
        perform private.finish_session(p_meter, 'COMPLETED', p_meter.stop_reason, p_meter.paused_at, p_meter.grace_until is null);
    elsif p_meter.grace_until is null
          and p_now >= p_meter.paused_at + p_meter.max_paused_seconds * interval '1 second' - p_meter.paused_for then
        perform private.finish_session(p_meter, 'DISCONNECTED', 'disconnected', p_meter.paused_at, true);
    end if;
end
$$;
comment on function private.end_hopeless_pause(private.meters, timestamptz) is 'Ends a session whose pause outlived its limit, as of the pause.';

create function private.advance_scheduled(p_session public.sessions, p_now timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if p_session.client_joined_at is not null and p_session.reader_joined_at is not null
       and private.both_here(p_session.id, p_now) and not private.wallet_is_frozen(p_session.client_id) then
        perform private.start_session(p_session);
    elsif p_session.expires_at <= p_now then
        perform private.expire_scheduled(p_session);
    end if;
end
$$;
comment on function private.advance_scheduled(public.sessions, timestamptz) is 'Starts a session whose sides found each other in the lobby, or expires it; one that may not start expires too.';

create function private.both_here(p_session_id uuid, p_now timestamptz)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select count(*) = 2 from private.presence p where p.session_id = p_session_id and private.gone_at(p) >= p_now);
end
$$;
comment on function private.both_here(uuid, timestamptz) is 'True while neither side counts as gone.';

create function private.start_session(p_session public.sessions)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_terms   jsonb := p_session.terms;
    v_step    integer := (p_session.terms ->> 'increment_seconds')::integer;
    v_now     timestamptz;
    v_meter   private.meters;
    v_session public.sessions;
    v_transaction uuid;
begin
    insert into public.transactions (user_id, type, amount, status, session_id, description, metadata)
    values (p_session.client_id, 'SESSION_CHARGE', 0, 'PENDING', p_session.id, 'Session',
            jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
    returning id into v_transaction;
    perform ledger.lock_accounts(array[ledger.account_of(p_session.client_id, 'client_wallet'),
        ledger.account_of(p_session.client_id, 'promo_credit'), ledger.account_of(p_session.reader_id, 'reader_earnings')]);
    perform ledger.resolve_holds(p_session.id, 'POSTED');
    v_now := private.now();
    update public.sessions s
    set status = 'IN_PROGRESS', started_at = v_now, transaction_id = v_transaction, expires_at = null
    where s.id = p_session.id returning s.* into v_session;
    insert into private.meters (
        session_id, client_id, reader_id, transaction_id, wallet_id, promo_id, earnings_id, rate, share_bps,
        increment_seconds, max_increments, min_billable_seconds, max_pauses, max_paused_seconds,
        topup_grace_seconds, low_balance_minutes, run_started_at, due_at)
    values (
        v_session.id, v_session.client_id, v_session.reader_id, v_transaction,
        ledger.account_of(v_session.client_id, 'client_wallet'), ledger.account_of(v_session.client_id, 'promo_credit'),
        ledger.account_of(v_session.reader_id, 'reader_earnings'), v_session.reader_rate, v_session.share_bps,
        v_step, greatest(1, v_session.max_minutes * 60 / v_step), (v_terms ->> 'min_billable_seconds')::integer,
        (v_terms ->> 'max_pauses')::integer, (v_terms ->> 'max_paused_seconds')::integer,
        (v_terms ->> 'topup_grace_seconds')::integer, (v_terms ->> 'low_balance_minutes')::integer, v_now, v_now)
    returning * into v_meter;
    delete from private.appointments a where a.session_id = v_session.id;
    -- Presence from before the start is no absence of the session.
    delete from private.presence_gaps g where g.session_id = v_session.id;
    v_meter := private.post_free_increments(v_meter);
    if v_meter.increments < 1 and (private.charge_to(v_meter, 1, 0)).increments < 1 then
        perform private.fail('insufficient_funds');
    end if;
    perform private.tell_session(v_session, 'session_updated');
    return v_session;
end
$$;
comment on function private.start_session(public.sessions) is
    'Both are here: spends the hold, or the free minutes, on the first increment and starts the meter, in one transaction.';

----------------------------------------------------------------------
-- Suspension ends a session where its paid time ends
----------------------------------------------------------------------

create function private.open_sessions_of(p_user_id uuid)
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
        select l.session_id from private.leases l where l.user_id = p_user_id and l.session_id is not null
        union select b.session_id from public.bookings b where b.reader_id = p_user_id
        union select b.session_id from public.bookings b where b.client_id = p_user_id;
end
$$;
comment on function private.open_sessions_of(uuid) is 'What a person is taken by now, and their appointments.';

create function private.stop_suspended()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    -- The sessions first: whoever is starting one has committed when this goes on, and its meter is found below.
    perform from public.sessions s
    where s.id in (select private.open_sessions_of(new.id))
    order by s.id for no key update;
    update private.meters m set stop_reason = 'account_suspended', needs_advance = true
    where new.id in (m.client_id, m.reader_id);
    for v_session in
        select s.* from public.sessions s
        where s.id in (select private.open_sessions_of(new.id)) and s.status = 'SCHEDULED'
    loop
        perform private.close_scheduled(v_session, 'CANCELLED', 'account_suspended');
    end loop;
    return null;
end
$$;
comment on function private.stop_suspended() is
    'Nothing more is charged to, or earned by, an account that is no longer ACTIVE: what has not started is cancelled, what runs ends at paid_until.';
create trigger stop_suspended after update of status on public.users
    for each row when (old.status = 'ACTIVE' and new.status <> 'ACTIVE') execute function private.stop_suspended();
