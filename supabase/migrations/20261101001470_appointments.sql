-- Appointments: a session at an agreed time. Nothing is taken or held before the time of preparation (prehold); then the
-- leases, the hold and the lobby are those of any session. Fees for who cancels late or does not come.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('too_many_open', 409, 'You have as many of these open as one may have.', 'Close one of them first.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('session.min_minutes', '5', 'INTEGER', 1, 1440, true, 'Shortest session, in minutes, that is begun before an appointment.'),
    ('session.prehold_minutes', '10', 'INTEGER', 1, 120, true, 'Minutes before an appointment at which both people and the first increment are reserved.'),
    ('booking.default_minutes', '30', 'INTEGER', 1, 1440, true, 'Length of an appointment that names none, in minutes.'),
    ('booking.min_notice_seconds', '3600', 'INTEGER', 0, 2592000, true, 'Seconds between the request for an appointment and its start, at least.'),
    ('booking.max_days_ahead', '60', 'INTEGER', 1, 365, true, 'Days that an appointment may lie ahead.'),
    ('booking.max_open', '5', 'INTEGER', 1, 1000, true, 'Appointments that one client may have open.'),
    ('booking.answer_seconds', '86400', 'INTEGER', 60, 2592000, true, 'Seconds a reader has to answer the request for an appointment; it ends with the time of preparation at the latest.'),
    ('booking.no_show_seconds', '600', 'INTEGER', 1, 7200, true, 'Seconds after its start at which a side that has not come to an appointment does not count on it any more.'),
    ('booking.funds_grace_seconds', '300', 'INTEGER', 0, 7200, true, 'Seconds after its start in which an appointment still waits for the client''s funds.'),
    ('booking.free_cancel_seconds', '14400', 'INTEGER', 0, 2592000, true, 'Seconds before its start until which a client cancels an appointment for nothing.'),
    ('booking.late_cancel_fee_bps', '2500', 'INTEGER', 0, 10000, true, 'Fee for a late cancellation, in basis points of the price of the booked length.'),
    ('booking.no_show_fee_bps', '5000', 'INTEGER', 0, 10000, true, 'Fee of a client who does not come, in basis points of the price of the booked length.');

create table private.appointments (
    session_id    uuid primary key references public.sessions (id) on delete cascade,
    next_at       timestamptz not null,
    unfunded_told boolean not null default false
);
comment on table private.appointments is
    'What the workers still have to do for an appointment, and when: one row until it starts or is closed.';
create index appointments_due on private.appointments (next_at);
alter table private.appointments enable row level security;

create unique index transactions_one_fee on public.transactions (session_id) where type = 'FEE';

----------------------------------------------------------------------
-- Telling
----------------------------------------------------------------------

create function private.notify_both(p_session public.sessions, p_kind text, p_more jsonb default '{}')
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payload jsonb := jsonb_build_object('session_id', p_session.id, 'scheduled_at', p_session.scheduled_at) || p_more;
begin
    perform private.notify(p_session.client_id, p_kind, v_payload);
    perform private.notify(p_session.reader_id, p_kind, v_payload);
end
$$;
comment on function private.notify_both(public.sessions, text, jsonb) is 'Notifies both sides of an appointment.';

----------------------------------------------------------------------
-- Rules, shown before and frozen at the request
----------------------------------------------------------------------

create function private.booking_rules()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_object_agg(substring(s.key from 9), s.value::bigint)
        || jsonb_build_object('prehold_seconds', private.setting_int('session.prehold_minutes') * 60)
    from public.system_settings s
    where s.key in ('booking.no_show_seconds', 'booking.funds_grace_seconds', 'booking.free_cancel_seconds',
                    'booking.late_cancel_fee_bps', 'booking.no_show_fee_bps')
$$;
comment on function private.booking_rules() is 'The settings that an appointment freezes in its terms, beside those of every session.';

create function private.fee_of(p_rate bigint, p_minutes integer, p_bps integer)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    return p_rate * p_minutes * p_bps / 10000;
end
$$;
comment on function private.fee_of(bigint, integer, integer) is 'Basis points of the price of the booked length, minor units, rounded down.';

create function private.booking_terms(p_reader_id uuid, p_type public.session_type, p_minutes integer)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_minutes integer := coalesce(p_minutes, private.setting_int('booking.default_minutes')::integer);
    v_rules   jsonb := private.booking_rules();
    v_rate    bigint;
begin
    perform private.require_user();
    if p_reader_id is null or p_type is null or v_minutes not between 1 and private.setting_int('session.max_minutes') then
        perform private.fail('invalid_argument', format(
            'p_reader_id and p_type are needed; p_minutes is 1 to %s.', private.setting_int('session.max_minutes')));
    end if;
    v_rate := private.offered_rate(p_reader_id, p_type, false);
    return v_rules || jsonb_build_object(
        'currency', private.currency(), 'rate', v_rate, 'minutes', v_minutes, 'price', v_rate * v_minutes,
        'late_cancel_fee', private.fee_of(v_rate, v_minutes, (v_rules ->> 'late_cancel_fee_bps')::integer),
        'no_show_fee', private.fee_of(v_rate, v_minutes, (v_rules ->> 'no_show_fee_bps')::integer),
        'min_notice_seconds', private.notice_seconds(), 'max_days_ahead', private.setting_int('booking.max_days_ahead'));
end
$$;
comment on function private.booking_terms(uuid, public.session_type, integer) is 'Price and rules of an appointment, as a request made now would freeze them; money in minor units.';

create function private.notice_seconds()
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    -- Room for an answer before the time of preparation, whatever the notice is set to.
    select greatest(private.setting_int('booking.min_notice_seconds'),
                    private.setting_int('session.prehold_minutes') * 60 + private.setting_int('session.accept_window_seconds'))
$$;
comment on function private.notice_seconds() is 'Seconds between the request for an appointment and its start, at least.';

----------------------------------------------------------------------
-- What else is in the calendar
----------------------------------------------------------------------

create function private.minutes_before_booking(p_user_id uuid, p_minutes integer)
returns integer
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_now     timestamptz := private.now();
    v_prehold integer := private.setting_int('session.prehold_minutes');
    v_ahead   tstzrange := tstzrange(v_now, v_now + (p_minutes + v_prehold) * interval '1 minute');
    v_next    timestamptz;
begin
    select min(lower(b.during)) into v_next
    from (select o.session_id, o.during from public.bookings o where o.reader_id = p_user_id and o.during && v_ahead
          union all
          select o.session_id, o.during from public.bookings o where o.client_id = p_user_id and o.during && v_ahead) b
    join public.sessions s on s.id = b.session_id
    where s.status = 'SCHEDULED' and s.accepted_at is not null;
    if v_next is null then
        return p_minutes;
    end if;
    return least(p_minutes, greatest(0, floor(extract(epoch from v_next - v_now) / 60)::integer - v_prehold));
end
$$;
comment on function private.minutes_before_booking(uuid, integer) is
    'Minutes, at most p_minutes, until a person''s next accepted appointment is prepared. What is not accepted yet is in nobody''s way.';

create function private.minutes_that_fit(p_client_id uuid, p_reader_id uuid, p_minutes integer)
returns integer
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_least  bigint := least(p_minutes, private.setting_int('session.min_minutes'));
    v_client integer := private.minutes_before_booking(p_client_id, p_minutes);
    v_reader integer := private.minutes_before_booking(p_reader_id, p_minutes);
begin
    if v_client < v_least then
        perform private.fail('already_in_session', 'An appointment of yours is about to begin.');
    elsif v_reader < v_least then
        perform private.fail('reader_unavailable');
    end if;
    return least(v_client, v_reader);
end
$$;
comment on function private.minutes_that_fit(uuid, uuid, integer) is
    'The asked length, capped before the next appointment of either; refuses what would be shorter than session.min_minutes.';

create function private.refuse_overlap(p_client_id uuid, p_reader_id uuid, p_during tstzrange)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_person uuid;
begin
    foreach v_person in array array[p_client_id, p_reader_id] loop
        if exists (select from public.bookings b where b.reader_id = v_person and b.during && p_during
                   union all
                   select from public.bookings b where b.client_id = v_person and b.during && p_during) then
            perform private.fail(case v_person when p_client_id then 'already_in_session' else 'reader_unavailable' end,
                case v_person when p_client_id then 'You have an appointment then.' else 'The reader is booked then.' end);
        end if;
    end loop;
end
$$;
comment on function private.refuse_overlap(uuid, uuid, tstzrange) is 'Refuses a time at which either has an appointment, in either role.';

----------------------------------------------------------------------
-- Request and acceptance
----------------------------------------------------------------------

create function private.check_appointment(p_client_id uuid, p_reader_id uuid, p_during tstzrange)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_now    timestamptz := private.now();
    v_notice bigint := private.notice_seconds();
    v_days   bigint := private.setting_int('booking.max_days_ahead');
begin
    -- The empty range of an infinite start has no lower bound.
    if not coalesce(lower(p_during) between v_now + v_notice * interval '1 second' and v_now + v_days * interval '1 day', false) then
        perform private.fail('outside_availability',
            format('Appointments are taken from %s seconds to %s days ahead.', v_notice, v_days));
    elsif (select count(*) from public.bookings b where b.client_id = p_client_id) >= private.setting_int('booking.max_open') then
        perform private.fail('too_many_open');
    end if;
    perform private.refuse_overlap(p_client_id, p_reader_id, p_during);
    if not private.free_time(p_reader_id, lower(p_during), upper(p_during)) @> p_during then
        perform private.fail('outside_availability');
    end if;
end
$$;
comment on function private.check_appointment(uuid, uuid, tstzrange) is 'Refuses a time that is too near, too far, taken, or not among the reader''s hours.';

create function private.request_appointment(
    p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_scheduled_at timestamptz, p_minutes integer)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_rate    bigint := private.offered_rate(p_reader_id, p_type, false);
    v_during  tstzrange := tstzrange(p_scheduled_at, p_scheduled_at + p_minutes * interval '1 minute');
    v_rules   jsonb := private.booking_rules();
    v_session public.sessions;
begin
    perform private.check_appointment(p_client_id, p_reader_id, v_during);
    insert into public.sessions
        (client_id, reader_id, type, scheduled_at, reader_rate, share_bps, max_minutes, terms, expires_at)
    values (p_client_id, p_reader_id, p_type, p_scheduled_at, v_rate,
            (ledger.rule_for('SESSION', p_reader_id, private.now())).share_bps, p_minutes, private.session_terms() || v_rules,
            least(private.now() + private.setting_int('booking.answer_seconds') * interval '1 second',
                  p_scheduled_at - (v_rules ->> 'prehold_seconds')::integer * interval '1 second'))
    returning * into v_session;
    -- Waits for a rival's commit. Without "on conflict" two rivals would wait for each other.
    insert into public.bookings (session_id, reader_id, client_id, during)
    values (v_session.id, p_reader_id, p_client_id, v_during) on conflict do nothing;
    if not found then
        perform private.refuse_overlap(p_client_id, p_reader_id, v_during);
        perform private.fail('reader_unavailable');
    end if;
    insert into private.appointments (session_id, next_at) values (v_session.id, v_session.expires_at);
    perform private.notify(p_reader_id, 'appointment_requested',
        jsonb_build_object('session_id', v_session.id, 'scheduled_at', p_scheduled_at));
    return v_session;
end
$$;
comment on function private.request_appointment(uuid, uuid, public.session_type, timestamptz, integer) is
    'Books the time and freezes rate, split, terms and the rules of cancellation. Takes no lease and no money.';

create function private.confirm_appointment(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.appointments a
    set next_at = p_session.scheduled_at - (p_session.terms ->> 'prehold_seconds')::integer * interval '1 second'
    where a.session_id = p_session.id;
    perform private.notify(p_session.client_id, 'appointment_accepted',
        jsonb_build_object('session_id', p_session.id, 'scheduled_at', p_session.scheduled_at));
end
$$;
comment on function private.confirm_appointment(public.sessions) is 'The reader said yes: next comes the preparation.';

----------------------------------------------------------------------
-- Fees
----------------------------------------------------------------------

create function private.fee_due(p_session public.sessions, p_reason public.end_reason, p_at timestamptz)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
    return private.fee_of(p_session.reader_rate, p_session.max_minutes, case
        when p_session.scheduled_at is null or p_session.accepted_at is null then 0
        when p_reason = 'no_show_client' then (p_session.terms ->> 'no_show_fee_bps')::integer
        when p_reason <> 'cancelled_by_client' then 0
        -- From the start on, a cancellation is a no-show, unless the client waited for a reader who did not come.
        when p_at >= p_session.scheduled_at then
            case when p_session.reader_joined_at is null then 0 else (p_session.terms ->> 'no_show_fee_bps')::integer end
        when p_at > p_session.scheduled_at - (p_session.terms ->> 'free_cancel_seconds')::integer * interval '1 second' then
            (p_session.terms ->> 'late_cancel_fee_bps')::integer
        else 0 end);
end
$$;
comment on function private.fee_due(public.sessions, public.end_reason, timestamptz) is
    'Fee for that end of a session that never started, minor units, by the terms it froze. Only a client owes one, and only when the reader had accepted.';

create function private.lock_fee_accounts(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform ledger.lock_accounts(array[ledger.account_of(p_session.client_id, 'client_wallet'),
        ledger.account_of(p_session.client_id, 'promo_credit'), ledger.account_of(p_session.reader_id, 'reader_earnings')]);
end
$$;
comment on function private.lock_fee_accounts(public.sessions) is 'All that a fee moves, in id order, before the hold is freed.';

create function private.charge_fee(p_session public.sessions, p_fee bigint)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    -- Never a debt: what the wallet holds is the most that is taken, and a frozen one gives nothing.
    v_fee         bigint := least(p_fee, case when private.wallet_is_frozen(p_session.client_id) then 0
                                              else private.available(p_session.client_id) end);
    v_share       bigint;
    v_transaction uuid;
begin
    if v_fee <= 0 then
        return 0;
    end if;
    insert into public.transactions (user_id, type, amount, status, session_id, description, metadata)
    values (p_session.client_id, 'FEE', v_fee, 'COMPLETED', p_session.id, 'Appointment cancelled late or missed',
            jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
    returning id into v_transaction;
    v_share := private.spend(v_transaction, 'fee', p_session.client_id, p_session.reader_id, v_fee, p_session.share_bps);
    update public.transactions t set reader_earnings = v_share, platform_revenue = v_fee - v_share where t.id = v_transaction;
    perform private.tell(p_session.client_id, 'wallet_changed', jsonb_build_object('transaction_id', v_transaction));
    return v_fee;
end
$$;
comment on function private.charge_fee(public.sessions, bigint) is
    'Takes a fee (minor units), shared as the session would have been, as far as the wallet reaches; answers what was taken.';

----------------------------------------------------------------------
-- Preparation, and the way in
----------------------------------------------------------------------

create function private.is_leased(p_session_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return exists (select from private.leases l where l.session_id = p_session_id);
end
$$;
comment on function private.is_leased(uuid) is 'True when both people are taken for this session.';

create function private.has_free_minutes(p_session public.sessions)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return coalesce((
        select private.free_increments(p_session, c.minutes) >= 1
        from public.promo_redemptions r join public.promo_codes c on c.id = r.promo_code_id
        where r.user_id = p_session.client_id and c.kind = 'FREE_MINUTES' and r.session_id is null
        order by r.id limit 1), false);
end
$$;
comment on function private.has_free_minutes(public.sessions) is 'True when reserve_free_minutes would find some for this session.';

create function private.can_begin(p_session public.sessions)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return not private.wallet_is_frozen(p_session.client_id)
       and (private.has_free_minutes(p_session)
            or private.available(p_session.client_id)
               >= private.price_of(p_session.reader_rate, (p_session.terms ->> 'increment_seconds')::integer, 1));
end
$$;
comment on function private.can_begin(public.sessions) is 'True when the client''s free minutes or wallet pay the first increment.';

create function private.prepare_appointment(p_session public.sessions)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_taken   uuid := private.lease_people(p_session.id, p_session.client_id, p_session.reader_id);
    v_session public.sessions;
begin
    if v_taken is not null then
        perform private.stop_for_appointment(v_taken);
        return false;
    end if;
    perform ledger.lock_accounts(array[ledger.account_of(p_session.client_id, 'client_wallet'),
                                       ledger.account_of(p_session.client_id, 'promo_credit')]);
    if not private.can_begin(p_session) then
        delete from private.leases l where l.session_id = p_session.id;
        return false;
    end if;
    perform private.hold_first_increment(p_session);
    update public.sessions s
    set expires_at = greatest(s.expires_at, private.now() + (s.terms ->> 'join_window_seconds')::integer * interval '1 second')
    where s.id = p_session.id returning s.* into v_session;
    update private.appointments a set next_at = v_session.expires_at where a.session_id = p_session.id;
    perform private.publish_reader_status(p_session.reader_id);
    perform private.publish_reader_status(p_session.client_id);
    perform private.tell_session(v_session, 'session_updated');
    perform private.notify_both(v_session, 'appointment_open');
    return true;
end
$$;
comment on function private.prepare_appointment(public.sessions) is
    'Takes both people and holds the first increment, or neither: false while one of them is still taken or the funds are lacking.';

create function private.stop_for_appointment(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.meters m set stop_reason = 'max_minutes', needs_advance = true
    where m.session_id = (select l.session_id from private.leases l where l.user_id = p_user_id)
      and m.stop_reason is null
      -- An appointment right before this one has its booked time.
      and not exists (select from public.bookings b where b.session_id = m.session_id and upper(b.during) > private.now());
end
$$;
comment on function private.stop_for_appointment(uuid) is
    'What still runs when an appointment is prepared (its pauses made it longer) ends with the increment that is paid.';

create function private.retry_appointment(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_told boolean;
begin
    update private.appointments a
    set next_at = private.now() + interval '5 seconds',
        unfunded_told = a.unfunded_told or not private.can_begin(p_session)
    from private.appointments o
    where a.session_id = p_session.id and o.session_id = a.session_id
    returning o.unfunded_told or not a.unfunded_told into v_told;
    if not v_told then
        perform private.notify(p_session.client_id, 'appointment_unfunded',
            jsonb_build_object('session_id', p_session.id, 'scheduled_at', p_session.scheduled_at));
    end if;
end
$$;
comment on function private.retry_appointment(public.sessions) is 'Looks again soon; a client whose wallet does not cover the start is told so, once.';

create function private.advance_appointment(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now timestamptz := private.now();
begin
    if exists (select from public.users u where u.id in (p_session.client_id, p_session.reader_id) and u.status <> 'ACTIVE') then
        perform private.close_scheduled(p_session, 'CANCELLED', 'account_suspended');
    elsif p_session.expires_at <= v_now then
        perform private.expire_scheduled(p_session);
    elsif private.is_leased(p_session.id) then
        update private.appointments a set next_at = p_session.expires_at where a.session_id = p_session.id;
    elsif v_now >= p_session.scheduled_at + (p_session.terms ->> 'funds_grace_seconds')::integer * interval '1 second' then
        perform private.close_scheduled(p_session, 'CANCELLED', 'expired');
    elsif not private.prepare_appointment(p_session) then
        perform private.retry_appointment(p_session);
    end if;
end
$$;
comment on function private.advance_appointment(public.sessions) is
    'What is due for an appointment that has not started: it was not answered, is to be prepared, waits for funds, or a side did not come. Without funds until the grace is over it is CANCELLED, expired, and nothing is due.';

create function worker_api.advance_appointment()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    if not private.setting_bool('switch.charges') then
        return jsonb_build_object('advanced', 0, 'failed', 0, 'more', false);
    end if;
    select s.* into v_session from private.appointments a join public.sessions s on s.id = a.session_id
    where a.next_at <= private.now() and s.status = 'SCHEDULED'
    order by a.next_at limit 1
    for no key update of s skip locked;
    if not found then
        return jsonb_build_object('advanced', 0, 'failed', 0, 'more', false);
    end if;
    begin
        if exists (select from private.appointments a where a.session_id = v_session.id and a.next_at <= private.now()) then
            perform private.advance_appointment(v_session);
        end if;
        return jsonb_build_object('advanced', 1, 'failed', 0, 'more', true);
    exception when others then
        -- A broken one must not stand before the others.
        update private.appointments a set next_at = private.now() + interval '60 seconds' where a.session_id = v_session.id;
        raise warning 'appointment % cannot advance: %', v_session.id, sqlerrm;
        return jsonb_build_object('advanced', 0, 'failed', 1, 'more', true);
    end;
end
$$;
comment on function worker_api.advance_appointment() is
    'Does what is due for one appointment; call again while it answers more. One a transaction: leases and wallets of two strangers are never locked together. Any number of callers.';

create function private.enter_appointment(p_session public.sessions, p_side private.side)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    if private.now() < p_session.scheduled_at - (p_session.terms ->> 'prehold_seconds')::integer * interval '1 second' then
        perform private.fail('invalid_state', format('The appointment opens %s seconds before its start.', p_session.terms ->> 'prehold_seconds'));
    elsif not private.is_leased(p_session.id) and not private.prepare_appointment(p_session) then
        perform private.fail(case when p_side = 'client' and not private.can_begin(p_session)
            then 'insufficient_funds' else 'invalid_state' end);
    end if;
    select s.* into v_session from public.sessions s where s.id = p_session.id;
    return v_session;
end
$$;
comment on function private.enter_appointment(public.sessions, private.side) is
    'The lobby of an appointment opens with its preparation, which whoever comes first makes if the workers have not. When both are in, it starts, be it before its time: both are taken for it, so nothing else is in the way.';

----------------------------------------------------------------------
-- The call clients make
----------------------------------------------------------------------

create function public.booking_terms(p_reader_id uuid, p_type public.session_type, p_minutes numeric default null)
returns jsonb
language plpgsql stable set search_path = '' as $$
begin
    return private.booking_terms(p_reader_id, p_type, private.whole_integer(p_minutes, 'p_minutes'));
end
$$;
comment on function public.booking_terms(uuid, public.session_type, numeric) is
    'Price and rules of an appointment before it is requested: fees for a late cancellation and for not coming, until when it is free, notice and horizon; money in minor units. Refuses with reader_unavailable, type_not_offered, invalid_argument, account_suspended.';

grant execute on all functions in schema worker_api to service_role;
