-- Sessions: the paid conversation, its leases, presence, and the calls that both sides make.
-- Lock order everywhere: session, meter, accounts in id order. Presence rows are locked alone.

set lock_timeout = '4s';

create type public.session_status as enum ('SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW', 'DISCONNECTED');
comment on type public.session_status is 'Where a session is in its life. A pause is no status: see paused_at and pause_reason.';
create type public.pause_reason as enum ('client_absent', 'reader_absent', 'insufficient_funds');
comment on type public.pause_reason is 'Why a session in progress is not billed.';
create type public.end_reason as enum (
    'client_ended', 'reader_ended', 'max_minutes', 'insufficient_funds', 'disconnected', 'declined', 'expired',
    'cancelled_by_client', 'cancelled_by_reader', 'no_show_client', 'no_show_reader', 'account_suspended', 'admin_ended');
comment on type public.end_reason is 'How a session came to its end.';
create type private.side as enum ('client', 'reader');
comment on type private.side is 'The two sides of a session.';
create type private.meter_state as enum ('RUNNING', 'PAUSED');
comment on type private.meter_state is 'Whether a meter counts.';

----------------------------------------------------------------------
-- Tables
----------------------------------------------------------------------

create table public.sessions (
    id               uuid primary key default private.uuid_v7(),
    session_id       text not null generated always as ('ses_' || replace(id::text, '-', '')) stored unique,
    client_id        uuid not null references public.users (id) on delete restrict,
    reader_id        uuid not null references public.users (id) on delete restrict,
    type             public.session_type not null,
    status           public.session_status not null default 'SCHEDULED',
    scheduled_at     timestamptz,
    expires_at       timestamptz,
    accepted_at      timestamptz,
    client_joined_at timestamptz,
    reader_joined_at timestamptz,
    started_at       timestamptz,
    ended_at         timestamptz,
    paused_at        timestamptz,
    pause_reason     public.pause_reason,
    end_reason       public.end_reason,
    duration         integer check (duration >= 0),
    reader_rate      bigint not null check (reader_rate > 0),
    share_bps        integer not null check (share_bps between 0 and 10000),
    max_minutes      integer not null check (max_minutes > 0),
    terms            jsonb not null check (jsonb_typeof(terms) = 'object'),
    billed_seconds   integer not null default 0 check (billed_seconds >= 0),
    billed_minutes   integer not null generated always as ((billed_seconds + 59) / 60) stored,
    total_cost       bigint check (total_cost >= 0),
    transaction_id   uuid references public.transactions (id),
    recording_url    text check (length(recording_url) <= 500),
    created_at       timestamptz not null default private.now(),
    updated_at       timestamptz not null default private.now(),
    constraint two_people check (client_id <> reader_id),
    constraint started_needs_acceptance check (started_at is null or
        (accepted_at is not null and client_joined_at is not null and reader_joined_at is not null)),
    constraint started_by_status check ((started_at is not null) = (status in ('IN_PROGRESS', 'COMPLETED', 'DISCONNECTED'))),
    constraint final_has_end check (
        (status in ('SCHEDULED', 'IN_PROGRESS')) = (ended_at is null) and (ended_at is null) = (end_reason is null)),
    constraint pause_is_in_progress check (
        (paused_at is null) = (pause_reason is null) and (paused_at is null or status = 'IN_PROGRESS')),
    constraint started_has_transaction check (started_at is null or transaction_id is not null),
    constraint settled_has_cost check (status not in ('COMPLETED', 'DISCONNECTED') or total_cost is not null),
    constraint end_reason_fits check (
        case status
            when 'CANCELLED' then end_reason in ('declined', 'expired', 'cancelled_by_client', 'cancelled_by_reader', 'account_suspended', 'admin_ended')
            when 'NO_SHOW' then end_reason in ('no_show_client', 'no_show_reader')
            when 'DISCONNECTED' then end_reason = 'disconnected'
            when 'COMPLETED' then end_reason in ('client_ended', 'reader_ended', 'max_minutes', 'insufficient_funds', 'account_suspended', 'admin_ended')
            else true
        end)
);
comment on table public.sessions is 'A paid conversation of one client and one reader. Rate, split and terms are frozen at the request.';
comment on column public.sessions.reader_rate is 'Price per minute, minor units.';
comment on column public.sessions.share_bps is 'The reader''s share in basis points.';
comment on column public.sessions.total_cost is 'What the client was charged in the end, minor units.';
comment on column public.sessions.recording_url is 'Name of the recording in the bucket recordings, set by attach_recording; both sides sign a URL for it.';
comment on column public.sessions.terms is 'Lengths and limits that hold for this session, as the settings were at the request; seconds unless the name says minutes.';
comment on column public.sessions.duration is 'Shared time in minutes, rounded up.';
create index sessions_client on public.sessions (client_id, id desc);
create index sessions_reader on public.sessions (reader_id, id desc);
create index sessions_transaction on public.sessions (transaction_id);
create index sessions_waiting on public.sessions (expires_at) where status = 'SCHEDULED';
alter table public.sessions enable row level security;
create trigger touch before update on public.sessions for each row execute function private.touch_updated_at();

alter table public.transactions
    add constraint transactions_session_fkey foreign key (session_id) references public.sessions (id) on delete restrict;

create function private.keep_to_the_machine()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if not (old.status = 'SCHEDULED' and new.status in ('IN_PROGRESS', 'CANCELLED', 'NO_SHOW')
            or old.status = 'IN_PROGRESS' and new.status in ('COMPLETED', 'DISCONNECTED')) then
        raise exception 'session % cannot go from % to %', old.id, old.status, new.status using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
comment on function private.keep_to_the_machine() is 'The transitions that there are, whoever writes: what is final stays so.';
create trigger keep_to_the_machine before update of status on public.sessions
    for each row when (old.status <> new.status) execute function private.keep_to_the_machine();

create table private.leases (
    user_id    uuid primary key,
    session_id uuid references public.sessions (id) on delete cascade
);
comment on table private.leases is
    'Who is taken by which open session, in either role. One row a person, so that nobody is in two of them, race or not.';
comment on column private.leases.session_id is 'Null while a place of the wait list keeps a reader free for somebody.';
create index leases_session on private.leases (session_id);
alter table private.leases enable row level security;

create table private.presence (
    session_id      uuid not null references public.sessions (id) on delete cascade,
    side            private.side not null,
    last_seen_at    timestamptz not null,
    deadline_at     timestamptz,
    timeout_seconds integer not null,
    primary key (session_id, side)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table private.presence is 'When the server last heard each side of a session. One HOT update per heartbeat.';
comment on column private.presence.deadline_at is 'An earlier end of patience, set by a hint that the side left; the next heartbeat clears it.';
alter table private.presence enable row level security;

create table private.presence_gaps (
    id         uuid primary key default private.uuid_v7(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    side       private.side not null,
    gap        tstzrange not null check (not isempty(gap))
);
comment on table private.presence_gaps is 'Stretches in which a side was away and came back, so that a late meter knows which seconds were shared.';
create index presence_gaps_session on private.presence_gaps (session_id);
alter table private.presence_gaps enable row level security;

create function private.gone_at(p_presence private.presence)
returns timestamptz
language plpgsql
stable
parallel safe
set search_path = ''
as $$
begin
    return least((p_presence).deadline_at, (p_presence).last_seen_at + (p_presence).timeout_seconds * interval '1 second');
end
$$;
comment on function private.gone_at(private.presence) is 'From then on the side counts as gone, unless it is heard again.';

----------------------------------------------------------------------
-- Reading and telling
----------------------------------------------------------------------

create function private.side_of(p_session public.sessions, p_user_id uuid)
returns private.side
language plpgsql
immutable
set search_path = ''
as $$
begin
    return case p_user_id when p_session.client_id then 'client' when p_session.reader_id then 'reader' end::private.side;
end
$$;
comment on function private.side_of(public.sessions, uuid) is 'client, reader, or null for a stranger.';

create function private.lock_session(p_session_id uuid, p_user_id uuid)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    select s.* into v_session from public.sessions s
    where s.id = p_session_id and p_user_id in (s.client_id, s.reader_id)
    for no key update;
    if not found then
        perform private.fail('not_participant');
    end if;
    return v_session;
end
$$;
comment on function private.lock_session(uuid, uuid) is
    'Locks a session of the caller''s. A stranger and a wrong id get the same answer, not_participant.';

create function private.tell_session(p_session public.sessions, p_event text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payload jsonb := jsonb_build_object(
        'session_id', p_session.id, 'status', p_session.status, 'pause_reason', p_session.pause_reason,
        'end_reason', p_session.end_reason, 'expires_at', p_session.expires_at, 'scheduled_at', p_session.scheduled_at);
begin
    perform private.tell(p_session.client_id, p_event, v_payload);
    perform private.tell(p_session.reader_id, p_event, v_payload);
    perform realtime.send(v_payload, p_event, 'session:' || p_session.id, true);
end
$$;
comment on function private.tell_session(public.sessions, text) is 'Tells both sides that the session changed; ids and states only.';

create function private.publish_reader_status(p_reader_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_status public.reader_status;
begin
    update public.readers r
    set status = case
            when exists (select from private.leases l where l.user_id = r.user_id) then 'BUSY'
            when a.status = 'INVISIBLE' then 'OFFLINE'
            else a.status
        end
    from public.reader_accounts a
    where r.user_id = p_reader_id and a.user_id = r.user_id
    returning r.status into v_status;
    if found then
        perform realtime.send(jsonb_build_object('reader_id', p_reader_id, 'status', v_status), 'reader_status', 'readers', true);
    end if;
end
$$;
comment on function private.publish_reader_status(uuid) is
    'Derives readers.status from the lease and the chosen status, and tells the readers topic. Of a person who is no reader there is nothing to tell.';

----------------------------------------------------------------------
-- Readers say whether they take calls
----------------------------------------------------------------------

create function private.set_reader_status(p_status public.reader_status)
returns public.reader_status
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_status public.reader_status;
begin
    if p_status is null or p_status = 'BUSY' then
        perform private.fail('invalid_argument', 'Choose ONLINE, OFFLINE, AWAY or INVISIBLE; BUSY comes from a session.');
    end if;
    update public.reader_accounts a set status = p_status where a.user_id = v_user;
    if not found then
        perform private.fail('not_a_reader');
    end if;
    perform private.offer_place(v_user);
    perform private.publish_reader_status(v_user);
    select r.status into v_status from public.readers r where r.user_id = v_user;
    return v_status;
end
$$;
comment on function private.set_reader_status(public.reader_status) is 'The reader''s choice; answers the published status.';

----------------------------------------------------------------------
-- Request
----------------------------------------------------------------------

create function private.session_terms()
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select jsonb_object_agg(substring(s.key from 9), s.value::bigint)
    from public.system_settings s
    where s.key in ('session.increment_seconds', 'session.accept_window_seconds', 'session.join_window_seconds',
                    'session.heartbeat_seconds', 'session.heartbeat_timeout_seconds', 'session.min_billable_seconds',
                    'session.max_pauses', 'session.max_paused_seconds', 'session.topup_grace_seconds',
                    'session.low_balance_minutes'));
end
$$;
comment on function private.session_terms() is 'The settings that a session freezes at its request.';

create function private.price_of(p_rate bigint, p_increment_seconds integer, p_increments integer)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    return p_rate * p_increment_seconds * p_increments / 60;
end
$$;
comment on function private.price_of(bigint, integer, integer) is
    'Price of the first n increments, minor units, rounded down as a whole: increments of any length never drift from the rate per minute.';

create function private.check_request(p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_max_minutes integer)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_reader_id is null or p_type is null or p_reader_id = p_client_id then
        perform private.fail('invalid_argument', 'p_reader_id (another person) and p_type are needed.');
    elsif p_max_minutes not between 1 and private.setting_int('session.max_minutes') then
        perform private.fail('invalid_argument', format('p_max_minutes is 1 to %s.', private.setting_int('session.max_minutes')));
    elsif not private.setting_bool('switch.new_sessions') then
        perform private.fail('sessions_disabled');
    elsif private.wallet_is_frozen(p_client_id) then
        perform private.fail('wallet_frozen');
    elsif (select count(*) from public.sessions s where s.client_id = p_client_id
           and s.id >= private.uuid_v7_floor(private.now() - interval '1 minute')) >= private.setting_int('session.requests_per_minute') then
        perform private.fail_until('rate_limited', 60);
    end if;
end
$$;
comment on function private.check_request(uuid, uuid, public.session_type, integer) is 'Refuses a request that could never stand.';

create function private.offered_rate(p_reader_id uuid, p_type public.session_type, p_at_once boolean)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_reader public.readers;
    v_chosen public.reader_status;
begin
    select r.* into v_reader from public.readers r join public.users u on u.id = r.user_id
    where r.user_id = p_reader_id and r.is_verified and u.status = 'ACTIVE';
    select a.status into v_chosen from public.reader_accounts a where a.user_id = v_reader.user_id;
    -- A block is answered as absence is: nobody learns that they are blocked, or by whom.
    if v_chosen is null or (p_at_once and v_chosen <> 'ONLINE') or private.is_blocked(auth.uid(), p_reader_id) then
        perform private.fail('reader_unavailable');
    elsif not p_type = any (v_reader.session_types) then
        perform private.fail('type_not_offered');
    end if;
    return (v_reader.pricing ->> p_type::text)::bigint;
end
$$;
comment on function private.offered_rate(uuid, public.session_type, boolean) is
    'The reader''s price per minute for the caller, minor units, or a refusal; p_at_once asks for a reader who takes requests now. Whether somebody else has the reader is the lease''s to say.';

create function private.is_blocked(p_user_id uuid, p_other_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return exists (select from public.blocks b
                   where (b.blocker_id, b.blocked_id) in ((p_user_id, p_other_id), (p_other_id, p_user_id)));
end
$$;
comment on function private.is_blocked(uuid, uuid) is 'True when either of the two blocked the other.';

create function private.lease_people(p_session_id uuid, p_client_id uuid, p_reader_id uuid)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_taken uuid;
begin
    -- Waits for a rival's commit, in the order of the ids, so that of any number of simultaneous requests exactly one stands.
    with leased as (
        insert into private.leases (user_id, session_id)
        select p.id, p_session_id from unnest(array[p_client_id, p_reader_id]) p (id) order by p.id
        on conflict do nothing
        returning user_id
    )
    select p.id into v_taken
    from unnest(array[p_client_id, p_reader_id]) with ordinality p (id, n)
    where p.id not in (select l.user_id from leased l)
    order by p.n
    limit 1;
    if v_taken is not null then
        delete from private.leases l where l.session_id = p_session_id;
    end if;
    return v_taken;
end
$$;
comment on function private.lease_people(uuid, uuid, uuid) is
    'Takes both people for the session, or neither and answers who is taken already, the client before the reader.';

create function private.hold_promo_first(p_promo_id uuid, p_wallet_id uuid, p_reference uuid, p_amount bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_from_promo bigint;
begin
    select least(a.credits - a.debits - a.held, p_amount) into v_from_promo from ledger.accounts a
    where a.id = p_promo_id;
    if v_from_promo > 0 then
        perform ledger.hold(p_promo_id, p_reference, v_from_promo);
    end if;
    if p_amount > v_from_promo then
        perform ledger.hold(p_wallet_id, p_reference, p_amount - v_from_promo);
    end if;
end
$$;
comment on function private.hold_promo_first(uuid, uuid, uuid, bigint) is
    'Holds an amount (minor units): promo credit first, then the wallet. Both must be locked. Refuses with insufficient_funds.';

create function private.hold_first_increment(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_wallet uuid := ledger.account_of(p_session.client_id, 'client_wallet');
    v_promo  uuid := ledger.account_of(p_session.client_id, 'promo_credit');
    v_price  bigint := private.price_of(p_session.reader_rate, (p_session.terms ->> 'increment_seconds')::integer, 1);
begin
    if private.reserve_free_minutes(p_session) then
        return;
    end if;
    perform ledger.lock_accounts(array[v_wallet, v_promo]);
    perform private.hold_promo_first(v_promo, v_wallet, p_session.id, v_price);
end
$$;
comment on function private.hold_first_increment(public.sessions) is 'Holds the price of the first increment: promo credit first, then the wallet; nothing when free minutes pay it.';

create function private.request_now(
    p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_max_minutes integer)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
    v_taken   uuid;
begin
    -- A client who is taken hears that first, whatever the reader's state.
    if exists (select from private.leases l where l.user_id = p_client_id) then
        perform private.fail('already_in_session');
    end if;
    perform private.use_place(p_reader_id, p_client_id, true);
    insert into public.sessions (client_id, reader_id, type, reader_rate, share_bps, max_minutes, terms, expires_at)
    values (p_client_id, p_reader_id, p_type, private.offered_rate(p_reader_id, p_type, true),
            (ledger.rule_for('SESSION', p_reader_id, private.now())).share_bps,
            private.minutes_that_fit(p_client_id, p_reader_id, p_max_minutes), private.session_terms(),
            private.now() + private.setting_int('session.accept_window_seconds') * interval '1 second')
    returning * into v_session;
    v_taken := private.lease_people(v_session.id, p_client_id, p_reader_id);
    if v_taken is not null then
        perform private.fail(case v_taken when p_client_id then 'already_in_session' else 'reader_unavailable' end);
    end if;
    perform private.use_place(p_reader_id, p_client_id, false);
    perform private.hold_first_increment(v_session);
    perform private.publish_reader_status(p_reader_id);
    perform private.publish_reader_status(p_client_id);
    return v_session;
end
$$;
comment on function private.request_now(uuid, uuid, public.session_type, integer) is
    'A session at once: freezes rate, split and terms, takes the leases and the hold. max_minutes is what fits before the next appointment of either.';

create function private.request_session(
    p_reader_id uuid, p_type public.session_type, p_idempotency_key text,
    p_scheduled_at timestamptz, p_max_minutes integer)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_client  uuid := private.require_account();
    v_minutes integer := coalesce(p_max_minutes, private.setting_int(
        case when p_scheduled_at is null then 'session.max_minutes' else 'booking.default_minutes' end)::integer);
    v_known   jsonb;
    v_session public.sessions;
begin
    v_known := private.claim_key(v_client, 'request_session', p_idempotency_key, jsonb_build_object(
        'reader_id', p_reader_id, 'type', p_type, 'scheduled_at', p_scheduled_at, 'max_minutes', p_max_minutes));
    if v_known is not null then
        select s.* into strict v_session from public.sessions s where s.id = (v_known #>> '{}')::uuid;
        return v_session;
    end if;
    perform private.check_request(v_client, p_reader_id, p_type, v_minutes);
    if p_scheduled_at is null then
        v_session := private.request_now(v_client, p_reader_id, p_type, v_minutes);
    else
        v_session := private.request_appointment(v_client, p_reader_id, p_type, p_scheduled_at, v_minutes);
    end if;
    perform private.record_result(v_client, 'request_session', p_idempotency_key, to_jsonb(v_session.id));
    perform private.tell_session(v_session, 'session_requested');
    return v_session;
end
$$;
comment on function private.request_session(uuid, public.session_type, text, timestamptz, integer) is
    'A session now, or an appointment. Tells the reader. All or nothing.';

----------------------------------------------------------------------
-- Before the start: accept, decline, cancel, expire
----------------------------------------------------------------------

create function private.close_scheduled(p_session public.sessions, p_status public.session_status, p_reason public.end_reason)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
    v_fee     bigint := private.fee_due(p_session, p_reason, private.now());
begin
    if v_fee > 0 then
        perform private.lock_fee_accounts(p_session);
    end if;
    perform ledger.resolve_holds(p_session.id,
        case when p_reason = 'expired' then 'EXPIRED' else 'VOIDED' end::ledger.hold_status);
    perform private.return_free_minutes(p_session.id);
    if v_fee > 0 then
        v_fee := private.charge_fee(p_session, v_fee);
    end if;
    update public.sessions s set status = p_status, end_reason = p_reason, ended_at = private.now()
    where s.id = p_session.id returning s.* into v_session;
    perform private.release_people(v_session);
    perform private.tell_session(v_session, 'session_updated');
    if v_session.scheduled_at is not null then
        perform private.notify_both(v_session, 'appointment_closed', jsonb_build_object('end_reason', p_reason, 'fee', v_fee));
    end if;
    return v_session;
end
$$;
comment on function private.close_scheduled(public.sessions, public.session_status, public.end_reason) is
    'Ends a session that never started: the hold is freed; of an appointment the fee is taken that its terms name for this end.';

create function private.release_people(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from private.presence_gaps g where g.session_id = p_session.id;
    delete from private.presence p where p.session_id = p_session.id;
    if p_session.scheduled_at is not null then
        delete from private.appointments a where a.session_id = p_session.id;
        delete from public.bookings b where b.session_id = p_session.id;
    end if;
    delete from private.leases l where l.session_id = p_session.id;
    if found then
        perform private.offer_place(p_session.reader_id);
        perform private.offer_place(p_session.client_id);
        perform private.publish_reader_status(p_session.reader_id);
        perform private.publish_reader_status(p_session.client_id);
    end if;
end
$$;
comment on function private.release_people(public.sessions) is
    'Frees both people and the booked time; whoever waits for one of them is offered the place.';

create function private.accept_session(p_session_id uuid)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_account();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
begin
    if private.side_of(v_session, v_user) <> 'reader' then
        perform private.fail('not_participant', 'Only the reader answers a request.');
    elsif v_session.status = 'SCHEDULED' and v_session.accepted_at is not null then
        return v_session;
    elsif v_session.status <> 'SCHEDULED' or v_session.expires_at <= private.now() then
        perform private.fail('invalid_state');
    end if;
    update public.sessions s
    set accepted_at = private.now(),
        expires_at = case when s.scheduled_at is null
            then private.now() + (s.terms ->> 'join_window_seconds')::integer * interval '1 second'
            else s.scheduled_at + (s.terms ->> 'no_show_seconds')::integer * interval '1 second' end
    where s.id = p_session_id returning s.* into v_session;
    if v_session.scheduled_at is not null then
        perform private.confirm_appointment(v_session);
    end if;
    perform private.tell_session(v_session, 'session_updated');
    return v_session;
end
$$;
comment on function private.accept_session(uuid) is 'The reader''s yes, within the window to answer. A repeat answers as before.';

create function private.withdraw_session(p_session_id uuid, p_declined boolean)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
    v_side    private.side := private.side_of(v_session, v_user);
    v_reason  public.end_reason;
begin
    if p_declined and v_side <> 'reader' then
        perform private.fail('not_participant', 'Only the reader declines a request.');
    end if;
    v_reason := case when p_declined then 'declined' when v_side = 'client' then 'cancelled_by_client' else 'cancelled_by_reader' end;
    if v_session.status = 'CANCELLED' and v_session.end_reason = v_reason then
        return v_session;
    elsif v_session.status <> 'SCHEDULED' or (p_declined and v_session.accepted_at is not null) then
        perform private.fail('invalid_state');
    end if;
    return private.close_scheduled(v_session, 'CANCELLED', v_reason);
end
$$;
comment on function private.withdraw_session(uuid, boolean) is 'Decline (reader, before accepting) or cancel (either, before the start).';

create function private.expire_scheduled(p_session public.sessions)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if p_session.accepted_at is not null and p_session.client_joined_at is not null and p_session.reader_joined_at is null then
        perform private.close_scheduled(p_session, 'NO_SHOW', 'no_show_reader');
    elsif p_session.accepted_at is not null and p_session.reader_joined_at is not null and p_session.client_joined_at is null then
        perform private.close_scheduled(p_session, 'NO_SHOW', 'no_show_client');
    else
        perform private.close_scheduled(p_session, 'CANCELLED', 'expired');
    end if;
end
$$;
comment on function private.expire_scheduled(public.sessions) is 'The window is over: not answered, or a side never came.';
