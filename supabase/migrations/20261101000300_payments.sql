-- Payments: a person's transactions and wallet, the outbox, the Stripe inbox, top-ups.

set lock_timeout = '4s';

create type public.transaction_type as enum (
    'ADD_FUNDS', 'SESSION_CHARGE', 'REFUND', 'PAYOUT', 'PURCHASE', 'GIFT_PURCHASE',
    'TIP', 'MESSAGE', 'FEE', 'DISPUTE', 'ADJUSTMENT', 'PROMO', 'REVERSAL');
comment on type public.transaction_type is 'What a money event was. The specification''s six, and those that refunds, fees, disputes and promotions need.';
create type public.transaction_status as enum ('PENDING', 'COMPLETED', 'FAILED', 'REFUNDED', 'CANCELLED');
comment on type public.transaction_status is 'How far a money event is.';

create table public.transactions (
    id                       uuid primary key default private.uuid_v7(),
    transaction_id           text not null generated always as ('txn_' || replace(id::text, '-', '')) stored unique,
    user_id                  uuid not null references public.users (id) on delete restrict,
    type                     public.transaction_type not null,
    amount                   bigint not null check (amount >= 0),
    currency                 character(3) not null default private.currency(),
    status                   public.transaction_status not null,
    session_id               uuid,
    stripe_payment_intent_id text unique check (stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_-]{1,250}$'),
    stripe_checkout_session_id text check (stripe_checkout_session_id ~ '^cs_[A-Za-z0-9_-]{1,250}$'),
    stripe_transfer_id       text unique check (stripe_transfer_id ~ '^tr_[A-Za-z0-9_-]{1,250}$'),
    reader_earnings          bigint check (reader_earnings >= 0),
    platform_revenue         bigint check (platform_revenue >= 0),
    fee                      bigint check (fee >= 0),
    description              text check (length(description) <= 500),
    metadata                 jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at               timestamptz not null default private.now(),
    updated_at               timestamptz not null default private.now()
);
comment on table public.transactions is 'One row per money event, seen by its owner only. The postings are in ledger.transfers, under the same id.';
comment on column public.transactions.amount is 'Minor units; the type says which way it went.';
comment on column public.transactions.stripe_checkout_session_id is 'The page on which a top-up is paid, where it is paid on one of Stripe''s.';
comment on column public.transactions.reader_earnings is 'The reader''s part, minor units.';
comment on column public.transactions.platform_revenue is 'The platform''s part, minor units.';
comment on column public.transactions.fee is 'What Stripe kept, minor units.';
comment on column public.transactions.metadata is 'request_id of the call that caused it, last_error of a failed payment, debt_paid (minor units) of a top-up, processing while a bank is asked for its money, topup_id of what goes back to a card.';
create index transactions_user on public.transactions (user_id, id desc);
create unique index transactions_session on public.transactions (session_id) where type = 'SESSION_CHARGE';
create unique index transactions_checkout_session on public.transactions (stripe_checkout_session_id)
    where stripe_checkout_session_id is not null;
create index transactions_session_id on public.transactions (session_id);
alter table public.transactions enable row level security;
create trigger touch before update on public.transactions for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on public.transactions
    for each row execute function private.require_platform_currency();

create function ledger.keep_currency()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if new.value !~ '^[A-Z]{3}$' then
        perform private.fail('setting_invalid', 'platform.currency is three capital letters, such as USD.');
    elsif exists (select from ledger.transfers) or exists (select from public.transactions) then
        perform private.fail('setting_invalid', 'platform.currency stays as it is once money has moved.');
    end if;
    return new;
end
$$;
comment on function ledger.keep_currency() is 'The platform''s currency is chosen before the first payment, never after.';
create trigger keep_currency before update of value on public.system_settings
    for each row when (new.key = 'platform.currency' and new.value is distinct from old.value)
    execute function ledger.keep_currency();

create function ledger.follow_currency()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update ledger.accounts a set currency = new.value where a.currency <> new.value;
    return null;
end
$$;
comment on function ledger.follow_currency() is 'Accounts opened before the choice, all empty, take the chosen currency.';
create trigger follow_currency after update of value on public.system_settings
    for each row when (new.key = 'platform.currency' and new.value is distinct from old.value)
    execute function ledger.follow_currency();

create view public.wallets with (security_invoker = true) as
select w.id, w.user_id,
       w.credits - w.debits as balance,
       w.held + p.held as held,
       case when w.frozen_at is null then w.credits - w.debits - w.held + p.credits - p.debits - p.held else 0 end as available,
       p.credits - p.debits as promo,
       w.currency, w.created_at,
       greatest(w.updated_at, p.updated_at) as updated_at
from ledger.accounts w
join ledger.accounts p on p.user_id = w.user_id and p.kind = 'promo_credit'
where w.kind = 'client_wallet';
comment on view public.wallets is 'A person''s money, in minor units: balance (bought), promo (given, spent first), held, available.';

create function private.refuse_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception '% is read-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
comment on function private.refuse_write() is
    'Makes a view one that could be written, so that whoever tries is refused for want of the privilege, not with a server error.';
create trigger read_only instead of insert or update or delete on public.wallets
    for each row execute function private.refuse_write();

create function private.available(p_user_id uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select coalesce(sum(a.credits - a.debits - a.held) filter (where a.frozen_at is null), 0)::bigint
    from ledger.accounts a where a.user_id = p_user_id and a.kind in ('client_wallet', 'promo_credit'));
end
$$;
comment on function private.available(uuid) is 'What a person can spend now, minor units.';

create function private.wallet_is_frozen(p_user_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return exists (
        select from ledger.accounts a
        where a.user_id = p_user_id and a.kind = 'client_wallet' and a.frozen_at is not null);
end
$$;
comment on function private.wallet_is_frozen(uuid) is 'True while nothing may be spent from a person''s wallet.';

----------------------------------------------------------------------
-- Outbox: work written in the transaction that causes it
----------------------------------------------------------------------

create table private.outbox (
    id         uuid primary key default private.uuid_v7(),
    topic      text not null check (topic in ('session.settled', 'payout.execute', 'refund.execute')),
    payload    jsonb not null,
    request_id text,
    attempts   integer not null default 0,
    visible_at timestamptz not null default private.now(),
    begun_at   timestamptz,
    failed_at  timestamptz,
    last_error text,
    parked_at  timestamptz,
    created_at timestamptz not null default private.now()
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
comment on table private.outbox is 'Jobs that wait for their handler. A row dies only in its handler''s transaction; until then the relay sends it again.';
comment on column private.outbox.begun_at is 'When a run of it last began that may die without a word; null for those whose only step is one transaction.';
comment on column private.outbox.failed_at is 'When a run of it last failed of its own; null while nothing was wrong but that something was away.';
create index outbox_due on private.outbox (visible_at) where parked_at is null;
alter table private.outbox enable row level security;

create function private.enqueue(p_topic text, p_payload jsonb)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_result uuid;
begin
    insert into private.outbox (topic, payload, request_id) values (p_topic, p_payload, private.request_id())
    returning id into v_result;
    return v_result;
end
$$;
comment on function private.enqueue(text, jsonb) is 'Writes a job; it exists when, and only when, the transaction commits.';

create function private.backoff(p_attempts integer)
returns interval
language sql
volatile
set search_path = ''
as $$ select least(300, power(2, least(p_attempts, 10))) * (0.5 + random() / 2) * interval '1 second' $$;
comment on function private.backoff(integer) is 'Doubling from about a second to five minutes, less up to half of it, so that what failed together does not return together.';

create function worker_api.claim_outbox(p_limit integer default 100)
returns table (id uuid, topic text, payload jsonb, attempts integer, request_id text)
language sql
security definer
set search_path = ''
as $$
    with due as materialized (
        select o.id from private.outbox o
        where o.parked_at is null and o.visible_at <= private.now()
        order by o.visible_at
        limit least(greatest(p_limit, 1), 1000)
        for update skip locked
    ), claimed as (
        update private.outbox o
        set attempts = o.attempts + 1,
            visible_at = private.now() + private.setting_int('outbox.visibility_seconds') * interval '1 second',
            -- One of which no run was ever heard has only waited, as while no worker runs: that is no fault of the job.
            parked_at = case when o.attempts >= private.setting_int('outbox.max_attempts')
                                  and (o.begun_at is not null or o.failed_at is not null) then private.now() end
        from due where o.id = due.id
        returning o.*
    )
    select c.id, c.topic, c.payload, c.attempts, c.request_id from claimed c where c.parked_at is null
$$;
comment on function worker_api.claim_outbox(integer) is
    'Takes due jobs, invisible to others for the visibility timeout; parks what was taken too often and was begun or failed. Any number of relays may call it.';

create function private.patient(p_attempts integer)
returns integer
language sql
stable
set search_path = ''
as $$
    select least(p_attempts, greatest(1, private.setting_int('outbox.max_attempts')::integer - 4))
$$;
comment on function private.patient(integer) is
    'Attempts counted of what could only wait: so few below the most that some lost runs afterwards, a killed worker or an emptied queue, do not park it.';

create function worker_api.fail_outbox(p_outbox_id uuid, p_error text, p_is_away boolean default false)
returns void
language sql
security definer
set search_path = ''
as $$
    update private.outbox o
    set last_error = left(p_error, 2000), visible_at = private.now() + private.backoff(o.attempts),
        failed_at = case when p_is_away then o.failed_at else private.now() end,
        attempts = case when p_is_away then private.patient(o.attempts) else o.attempts end,
        -- It may have been parked while this very run waited, longer than the visibility timeout.
        parked_at = case when p_is_away then null else o.parked_at end
    where o.id = p_outbox_id
$$;
comment on function worker_api.fail_outbox(uuid, text, boolean) is
    'Notes why a job failed and lets it come again after a backoff. p_is_away: what it needs is away, Stripe above all, which is no fault of the job, so it is not parked for it.';

create function private.finish_job(p_outbox_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from private.outbox o where o.id = p_outbox_id;
    return found;
end
$$;
comment on function private.finish_job(uuid) is 'Ends a job in its handler''s transaction; false when another run ended it before.';

----------------------------------------------------------------------
-- Hints to screens: broadcasts to a person's own topic
----------------------------------------------------------------------

create function private.tell(p_user_id uuid, p_event text, p_payload jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform realtime.send(p_payload, p_event, 'user:' || p_user_id, true);
end
$$;
comment on function private.tell(uuid, text, jsonb) is 'Broadcast on user:<uid>. A hint; the row is the truth.';

----------------------------------------------------------------------
-- Stripe inbox
----------------------------------------------------------------------

create table private.stripe_events (
    event_id      text primary key check (length(event_id) between 1 and 255),
    endpoint      text not null check (endpoint in ('platform', 'connect')),
    type          text not null,
    api_version   text,
    account       text,
    object_id     text,
    created       timestamptz,
    payload       jsonb not null,
    request_id    text,
    received_at   timestamptz not null default private.now(),
    visible_at    timestamptz not null default private.now(),
    attempts      integer not null default 0,
    last_error    text,
    parked_at     timestamptz,
    processed_at  timestamptz,
    outcome       text check (outcome in ('APPLIED', 'STALE', 'IGNORED')),
    constraint processed_has_outcome check ((processed_at is null) = (outcome is null))
);
comment on table private.stripe_events is 'Every event Stripe ever posted to us, stored before it is answered, applied once.';
create index stripe_events_waiting on private.stripe_events (visible_at) where processed_at is null and parked_at is null;
alter table private.stripe_events enable row level security;

create table private.object_sequences (
    object_id text primary key,
    taken     bigint not null default 0,
    applied   bigint not null default 0
);
comment on table private.object_sequences is 'Per Stripe object: sequences taken before fetching, and the highest one applied, so that an older answer never wins.';
alter table private.object_sequences enable row level security;

create table private.stripe_customers (
    user_id            uuid primary key references public.users (id) on delete restrict,
    stripe_customer_id text not null unique check (stripe_customer_id ~ '^cus_'),
    created_at         timestamptz not null default private.now()
);
comment on table private.stripe_customers is 'Whose Stripe customer is whose.';
alter table private.stripe_customers enable row level security;

create function worker_api.store_stripe_events(p_events jsonb)
returns setof text
language sql
security definer
set search_path = ''
as $$
    -- In the order of their ids, so that two batches with events in common wait for one another in one direction only.
    insert into private.stripe_events as s (endpoint, event_id, type, api_version, account, object_id, created, payload, request_id)
    select distinct on (e.event_id)
        e.endpoint, e.event_id, e.type, e.api_version, e.account, e.object_id, e.created, e.payload, e.request_id
    from jsonb_to_recordset(p_events) as e (
        endpoint text, event_id text, type text, api_version text, account text, object_id text, created timestamptz, payload jsonb, request_id text)
    order by e.event_id
    on conflict (event_id) do update set parked_at = null, attempts = 0, visible_at = private.now()
        where s.parked_at is not null and s.processed_at is null
    returning s.event_id
$$;
comment on function worker_api.store_stripe_events(jsonb) is
    'Stores verified events that came at once, all or none; answers the ids of those that were not stored before, or were parked and are tried anew.';

create function worker_api.store_stripe_event(
    p_endpoint text, p_event_id text, p_type text, p_api_version text, p_account text,
    p_object_id text, p_created timestamptz, p_payload jsonb)
returns boolean
language sql
security definer
set search_path = ''
as $$
    select exists (select from worker_api.store_stripe_events(jsonb_build_array(jsonb_build_object(
        'endpoint', p_endpoint, 'event_id', p_event_id, 'type', p_type, 'api_version', p_api_version, 'account', p_account,
        'object_id', p_object_id, 'created', p_created, 'payload', p_payload, 'request_id', private.request_id()))))
$$;
comment on function worker_api.store_stripe_event(text, text, text, text, text, text, timestamptz, jsonb) is
    'Stores a verified event; false when it was stored before. One that was parked and is sent again is tried anew.';

create function worker_api.claim_stripe_events(p_limit integer default 100, p_older_than_seconds integer default 10)
returns table (event_id text, type text, attempts integer, request_id text)
language sql
security definer
set search_path = ''
as $$
    with due as materialized (
        select e.event_id from private.stripe_events e
        where e.processed_at is null and e.parked_at is null and e.visible_at <= private.now()
          and e.received_at <= private.now() - p_older_than_seconds * interval '1 second'
        order by e.visible_at
        limit least(greatest(p_limit, 1), 1000)
        for update skip locked
    ), claimed as (
        update private.stripe_events e
        set attempts = e.attempts + 1,
            visible_at = private.now() + private.setting_int('outbox.visibility_seconds') * interval '1 second',
            parked_at = case when e.attempts >= private.setting_int('outbox.max_attempts') then private.now() end
        from due where e.event_id = due.event_id
        returning e.*
    )
    select c.event_id, c.type, c.attempts, c.request_id from claimed c where c.parked_at is null
$$;
comment on function worker_api.claim_stripe_events(integer, integer) is
    'For the sweeper: events stored and not applied since p_older_than_seconds; parks what was tried too often.';

create function worker_api.read_stripe_event(p_event_id text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'event_id', e.event_id, 'endpoint', e.endpoint, 'type', e.type, 'account', e.account, 'object_id', e.object_id,
        'payload', e.payload, 'processed_at', e.processed_at, 'request_id', e.request_id)
    from private.stripe_events e where e.event_id = p_event_id
$$;
comment on function worker_api.read_stripe_event(text) is 'One stored event, or null.';

create function worker_api.next_object_sequence(p_object_id text)
returns bigint
language sql
security definer
set search_path = ''
as $$
    insert into private.object_sequences as s (object_id, taken) values (p_object_id, 1)
    on conflict (object_id) do update set taken = s.taken + 1
    returning taken
$$;
comment on function worker_api.next_object_sequence(text) is 'A number taken before fetching an object from Stripe.';

create function worker_api.fail_stripe_event(p_event_id text, p_error text, p_is_away boolean default false)
returns void
language sql
security definer
set search_path = ''
as $$
    update private.stripe_events e
    set last_error = left(p_error, 2000), visible_at = private.now() + private.backoff(e.attempts),
        attempts = case when p_is_away then private.patient(e.attempts) else e.attempts end,
        parked_at = case when p_is_away then null else e.parked_at end
    where e.event_id = p_event_id and e.processed_at is null
$$;
comment on function worker_api.fail_stripe_event(text, text, boolean) is
    'Notes why an event failed and lets the sweeper take it again after a backoff. p_is_away: Stripe could not be asked, which is no fault of the event, so it is not parked for it.';

create function private.open_event(p_event_id text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_processed timestamptz;
begin
    select e.processed_at into v_processed from private.stripe_events e where e.event_id = p_event_id for update;
    if not found then
        perform private.fail('not_found', 'No such Stripe event is stored.');
    end if;
    return v_processed is null;
end
$$;
comment on function private.open_event(text) is 'Locks a stored event; false when it was applied before.';

create function private.close_event(p_event_id text, p_outcome text default 'APPLIED')
returns void
language sql
security definer
set search_path = ''
as $$
    update private.stripe_events e set processed_at = private.now(), outcome = p_outcome, last_error = null
    where e.event_id = p_event_id
$$;
comment on function private.close_event(text, text) is 'Marks an event applied, in the transaction that applied it.';

create function private.is_newest(p_object_id text, p_sequence bigint)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.object_sequences s set applied = p_sequence
    where s.object_id = p_object_id and s.applied < p_sequence and s.taken >= p_sequence;
    return found;
end
$$;
comment on function private.is_newest(text, bigint) is 'True, and remembered, when no later fetch of the object was applied before.';

create function worker_api.ignore_stripe_event(p_event_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if private.open_event(p_event_id) then
        perform private.close_event(p_event_id, 'IGNORED');
    end if;
end
$$;
comment on function worker_api.ignore_stripe_event(text) is 'For types nothing here handles: stored, marked, never retried.';

----------------------------------------------------------------------
-- Top-ups
----------------------------------------------------------------------

create function private.check_topup(p_user_id uuid, p_amount bigint, p_currency text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_status  public.user_status;
    v_minimum bigint := private.setting_int('topup.minimum');
    v_maximum bigint := private.setting_int('topup.maximum');
begin
    select u.status into v_status from public.users u where u.id = p_user_id;
    if not found then
        perform private.fail('not_authenticated');
    elsif v_status <> 'ACTIVE' then
        perform private.fail('account_suspended');
    elsif not private.setting_bool('switch.topups') then
        perform private.fail('topups_disabled');
    elsif p_currency is null or upper(p_currency) <> private.currency() then
        perform private.fail('currency_mismatch');
    elsif p_amount is null or p_amount not between v_minimum and v_maximum then
        perform private.fail('amount_out_of_range', format('A top-up is %s to %s.', v_minimum, v_maximum));
    elsif private.wallet_is_frozen(p_user_id) then
        perform private.fail('wallet_frozen');
    elsif (select count(*) from public.transactions t where t.user_id = p_user_id and t.type = 'ADD_FUNDS'
           and t.id >= private.uuid_v7_floor(private.now() - interval '1 hour')) >= private.setting_int('topup.per_hour') then
        perform private.fail_until('rate_limited', 600);
    end if;
end
$$;
comment on function private.check_topup(uuid, bigint, text) is 'Refuses a top-up (minor units) that may not be.';

create function worker_api.begin_topup(
    p_user_id uuid, p_amount bigint, p_currency text, p_idempotency_key text, p_save_card boolean default false,
    p_checkout boolean default false)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id jsonb;
    v_transaction public.transactions;
begin
    v_id := private.claim_key(p_user_id, 'begin_topup', p_idempotency_key,
        jsonb_build_object('amount', p_amount, 'currency', upper(p_currency), 'save_card', p_save_card, 'checkout', p_checkout));
    if v_id is null then
        perform private.check_topup(p_user_id, p_amount, p_currency);
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (p_user_id, 'ADD_FUNDS', p_amount, 'PENDING', case when p_checkout then 'Top-up' else 'Top-up by card' end,
                jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
        returning to_jsonb(id) into v_id;
        perform private.record_result(p_user_id, 'begin_topup', p_idempotency_key, v_id);
    end if;
    select t.* into strict v_transaction from public.transactions t where t.id = (v_id #>> '{}')::uuid;
    return jsonb_build_object(
        'transaction_id', v_transaction.id, 'amount', v_transaction.amount, 'currency', v_transaction.currency,
        'status', v_transaction.status, 'payment_intent_id', v_transaction.stripe_payment_intent_id,
        'checkout_session_id', v_transaction.stripe_checkout_session_id,
        'email', (select u.email from auth.users u where u.id = p_user_id),
        'stripe_customer_id', (select c.stripe_customer_id from private.stripe_customers c where c.user_id = p_user_id));
end
$$;
comment on function worker_api.begin_topup(uuid, bigint, text, text, boolean, boolean) is
    'Writes the PENDING transaction of a top-up (minor units) before Stripe hears of it. p_save_card, and p_checkout for one that is paid on a page of Stripe''s, are part of what the key stands for, since Stripe is asked for them under a key of the transaction''s. The same key answers the same transaction, as it now stands.';

create function worker_api.record_stripe_customer(p_user_id uuid, p_stripe_customer_id text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id text;
begin
    insert into private.stripe_customers (user_id, stripe_customer_id) values (p_user_id, p_stripe_customer_id)
    on conflict (user_id) do nothing;
    select c.stripe_customer_id into v_id from private.stripe_customers c where c.user_id = p_user_id;
    return v_id;
end
$$;
comment on function worker_api.record_stripe_customer(uuid, text) is 'Remembers a person''s Stripe customer; answers the one that stands.';

create function worker_api.record_payment_intent(p_transaction_id uuid, p_payment_intent_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.transactions t set stripe_payment_intent_id = p_payment_intent_id
    where t.id = p_transaction_id and t.type = 'ADD_FUNDS'
      and coalesce(t.stripe_payment_intent_id, p_payment_intent_id) = p_payment_intent_id;
    if not found then
        perform private.fail('invalid_state', 'The transaction carries another PaymentIntent, or is none of a top-up.');
    end if;
end
$$;
comment on function worker_api.record_payment_intent(uuid, text) is 'Ties a top-up to its PaymentIntent, once.';

create function worker_api.record_checkout_session(p_transaction_id uuid, p_session_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.transactions t set stripe_checkout_session_id = p_session_id
    where t.id = p_transaction_id and t.type = 'ADD_FUNDS'
      and coalesce(t.stripe_checkout_session_id, p_session_id) = p_session_id;
    if not found then
        perform private.fail('invalid_state', 'The transaction carries another Checkout Session, or is none of a top-up.');
    end if;
end
$$;
comment on function worker_api.record_checkout_session(uuid, text) is 'Ties a top-up to the page it is paid on, once.';

create function private.credit_topup(p_transaction public.transactions, p_payment_intent_id text, p_amount bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_wallet   uuid := ledger.account_of(p_transaction.user_id, 'client_wallet');
    v_debt     uuid := ledger.account_of(p_transaction.user_id, 'client_debt');
    v_owed     bigint;
    v_legs     ledger.leg[] := '{}';
begin
    perform private.expect_low_balance(p_transaction.user_id, p_amount);
    perform ledger.lock_accounts(array[v_wallet, v_debt]);
    select least(greatest(a.debits - a.credits, 0), p_amount) into v_owed from ledger.accounts a where a.id = v_debt;
    if v_owed > 0 then
        v_legs := v_legs || ('topup', v_clearing, v_debt, v_owed, null, 0, null, null)::ledger.leg;
    end if;
    if p_amount > v_owed then
        v_legs := v_legs || ('topup', v_clearing, v_wallet, p_amount - v_owed, null, 0, null, null)::ledger.leg;
    end if;
    perform ledger.post_transfers(p_transaction.id, v_legs);
    update public.transactions t
    set status = 'COMPLETED', amount = p_amount, stripe_payment_intent_id = p_payment_intent_id,
        metadata = t.metadata - '{last_error, processing}'::text[] || case when v_owed > 0 then jsonb_build_object('debt_paid', v_owed) else '{}' end
    where t.id = p_transaction.id;
    perform private.tell(p_transaction.user_id, 'wallet_changed', jsonb_build_object('transaction_id', p_transaction.id));
end
$$;
comment on function private.credit_topup(public.transactions, text, bigint) is
    'stripe_clearing → client_debt first, then client_wallet; the transaction shows the debt it paid. p_amount: what Stripe received, minor units.';

create function worker_api.apply_payment_intent(
    p_event_id text, p_sequence bigint, p_payment_intent_id text, p_status text, p_amount bigint,
    p_amount_received bigint, p_currency text, p_error_code text default null, p_transaction_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_transaction public.transactions;
    v_outcome     text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    select t.* into v_transaction from public.transactions t
    where t.type = 'ADD_FUNDS'
      and (t.stripe_payment_intent_id = p_payment_intent_id
           or (t.id = p_transaction_id and t.stripe_payment_intent_id is null))
    for update;
    if not found then
        perform private.fail('transaction_not_found');
    elsif upper(p_currency) <> v_transaction.currency then
        perform private.fail('currency_mismatch');
    end if;
    if private.is_newest(p_payment_intent_id, p_sequence) and v_transaction.status <> 'COMPLETED' then
        perform private.apply_topup_status(v_transaction, p_payment_intent_id, p_status, p_amount_received, p_error_code);
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'transaction_id', v_transaction.id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_payment_intent(text, bigint, text, text, bigint, bigint, text, text, uuid) is
    'Applies a PaymentIntent as fetched (amounts in minor units): credits the wallet once when it succeeded, else moves the transaction''s status. Event and effect in one transaction.';

create function private.apply_topup_status(
    p_transaction public.transactions, p_payment_intent_id text, p_status text, p_amount_received bigint, p_error_code text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    -- In any other status the error is an earlier attempt's.
    v_failed boolean := p_error_code is not null and p_status = 'requires_payment_method';
begin
    if p_status = 'succeeded' then
        -- The row's status already says "once"; the business key says it again, for ever, whatever happens to the row.
        if private.claim_key(private.zero_uuid(), 'topup', p_payment_intent_id,
                jsonb_build_object('amount', p_amount_received)) is null then
            perform private.record_result(private.zero_uuid(), 'topup', p_payment_intent_id, to_jsonb(p_transaction.id));
            perform private.credit_topup(p_transaction, p_payment_intent_id, p_amount_received);
        end if;
    else
        update public.transactions t
        set stripe_payment_intent_id = p_payment_intent_id,
            status = case when p_status = 'canceled' then 'CANCELLED'
                          when v_failed then 'FAILED'
                          else 'PENDING' end::public.transaction_status,
            metadata = t.metadata - 'last_error' - 'processing'
                       || case when p_status = 'processing' then jsonb_build_object('processing', true) else '{}' end
                       || case when p_error_code is null then '{}' else jsonb_build_object('last_error', p_error_code) end
        where t.id = p_transaction.id;
        if v_failed and p_transaction.metadata ? 'processing' then
            perform private.notify(p_transaction.user_id, 'topup_failed', jsonb_build_object('transaction_id', p_transaction.id));
        end if;
    end if;
end
$$;
comment on function private.apply_topup_status(public.transactions, text, text, bigint, text) is
    'What each PaymentIntent status means for a top-up. Whoever paid from a bank account is told when the bank refuses, days later.';

create function worker_api.apply_checkout_session(
    p_event_id text, p_sequence bigint, p_session_id text, p_status text, p_transaction_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_transaction public.transactions;
    v_outcome     text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    select t.* into v_transaction from public.transactions t
    where t.id = p_transaction_id and t.type = 'ADD_FUNDS' for update;
    if not found then
        perform private.fail('transaction_not_found');
    end if;
    if private.is_newest(p_session_id, p_sequence)
       and coalesce(v_transaction.stripe_checkout_session_id, p_session_id) = p_session_id
       and v_transaction.stripe_payment_intent_id is null then
        update public.transactions t
        set stripe_checkout_session_id = p_session_id,
            status = case when p_status = 'expired' and t.status = 'PENDING' then 'CANCELLED' else t.status end
        where t.id = v_transaction.id;
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'transaction_id', v_transaction.id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_checkout_session(text, bigint, text, text, uuid) is
    'Applies a Checkout Session as fetched on which no payment was tried: state only. One with a PaymentIntent is applied as its payment.';

create function worker_api.apply_charge_fee(
    p_event_id text, p_payment_intent_id text, p_charge_id text, p_balance_transaction_id text,
    p_fee bigint, p_net bigint, p_currency text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    update public.transactions t
    set fee = p_fee, metadata = t.metadata || jsonb_build_object('charge_id', p_charge_id)
    where t.stripe_payment_intent_id = p_payment_intent_id
    returning t.id into v_id;
    if not found then
        perform private.fail('transaction_not_found');
    elsif upper(p_currency) <> private.currency() then
        perform private.fail('currency_mismatch');
    end if;
    if p_fee > 0 and private.claim_key(private.zero_uuid(), 'stripe_fee', p_balance_transaction_id,
            jsonb_build_object('fee', p_fee)) is null then
        perform private.record_result(private.zero_uuid(), 'stripe_fee', p_balance_transaction_id, to_jsonb(v_id));
        perform ledger.post_transfer(v_id, 'stripe_fee', ledger.account_of(null, 'stripe_fees'),
            ledger.account_of(null, 'stripe_clearing'), p_fee);
    end if;
    perform private.close_event(p_event_id);
    return jsonb_build_object('applied', true, 'transaction_id', v_id);
end
$$;
comment on function worker_api.apply_charge_fee(text, text, text, text, bigint, bigint, text) is
    'stripe_fees → stripe_clearing, once per balance transaction; fee and net in minor units.';

grant execute on all functions in schema worker_api to service_role;
