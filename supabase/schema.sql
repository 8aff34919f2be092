-- Made by `soulseer schema build`: what the migrations amount to. Functions stand by signature and digest.
-- For reading and comparing; what runs is in migrations/.

----------------------------------------------------------------------
-- Extensions
----------------------------------------------------------------------

create extension btree_gist with schema extensions;

create extension citext with schema extensions;

create extension pg_stat_statements with schema extensions;

create extension pg_trgm with schema extensions;

create extension pgcrypto with schema extensions;

create extension "uuid-ossp" with schema extensions;

----------------------------------------------------------------------
-- Schemas
----------------------------------------------------------------------

default privileges of postgres: functions: nobody

create schema ledger;
grant usage on schema ledger to authenticated, service_role;

create schema private;
grant usage on schema private to anon, authenticated, service_role;

create schema public;
grant create, usage on schema public to postgres, supabase_realtime_admin;
grant usage on schema public to anon, authenticated, public, service_role, supabase_auth_admin;

create schema worker_api;
grant usage on schema worker_api to service_role;

----------------------------------------------------------------------
-- Types
----------------------------------------------------------------------

create type ledger.account_kind as enum ('client_wallet', 'promo_credit', 'reader_earnings', 'client_debt', 'platform_revenue', 'stripe_clearing', 'stripe_fees', 'promo_expense', 'outage_expense', 'dispute_losses', 'platform_bank');

create type ledger.hold_status as enum ('PENDING', 'POSTED', 'VOIDED', 'EXPIRED');

create type ledger.leg as (
    code ledger.transfer_code,
    debit_account_id uuid,
    credit_account_id uuid,
    amount bigint,
    commission_account_id uuid,
    commission bigint,
    increment integer,
    reverses uuid
);

create type ledger.rule_kind as enum ('SESSION', 'GIFT', 'TIP', 'ORDER', 'MESSAGE');

create type ledger.transfer_code as enum ('topup', 'stripe_fee', 'increment', 'outage_increment', 'free_increment', 'increment_reversal', 'payout', 'payout_reversal', 'adjustment', 'gift', 'tip', 'order', 'message', 'fee', 'reversal', 'goodwill', 'promo', 'card_refund', 'card_refund_reversal', 'dispute', 'dispute_fee', 'dispute_reversal', 'debt', 'bank_payout', 'bank_payout_reversal');

create type private.card_refund_status as enum ('PENDING', 'MADE', 'FAILED');

create type private.meter_state as enum ('RUNNING', 'PAUSED');

create type private.order_line as (
    product_id uuid,
    quantity integer
);

create type private.refund_attempt_status as enum ('PENDING', 'SENDING', 'UNKNOWN', 'MADE', 'FAILED');

create type private.reload_status as enum ('SENDING', 'UNKNOWN', 'SUCCEEDED', 'FAILED');

create type private.sale as (
    earner_id uuid,
    amount bigint,
    share_bps integer
);

create type private.session_event as enum ('requested', 'accepted', 'client_joined', 'reader_joined', 'started', 'client_away', 'reader_away', 'paused', 'resumed', 'ended');

create type private.side as enum ('client', 'reader');

create type private.topic as (
    kind text,
    id uuid,
    is_peer boolean
);

create type public.admin_permission as enum ('manage_users', 'manage_finances', 'moderate_content', 'manage_settings');

create type public.application_status as enum ('PENDING', 'APPROVED', 'REJECTED');

create type public.consent_kind as enum ('TERMS', 'PRIVACY', 'ADULT', 'RECORDING', 'MARKETING', 'AUTO_RELOAD');

create type public.difference_kind as enum ('NOT_BOOKED', 'NOT_AT_STRIPE', 'AMOUNT_DIFFERS', 'NOT_OURS');

create type public.earning_state as enum ('CLEARING', 'PAYABLE', 'ON_ITS_WAY', 'PAID_OUT', 'TAKEN_BACK');

create type public.end_reason as enum ('client_ended', 'reader_ended', 'max_minutes', 'insufficient_funds', 'disconnected', 'declined', 'expired', 'cancelled_by_client', 'cancelled_by_reader', 'no_show_client', 'no_show_reader', 'account_suspended', 'admin_ended');

create type public.message_type as enum ('TEXT', 'IMAGE', 'SYSTEM');

create type public.money_approval_kind as enum ('REFUND', 'GOODWILL');

create type public.money_approval_status as enum ('WAITING', 'DONE', 'REJECTED', 'EXPIRED');

create type public.order_status as enum ('PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED');

create type public.paid_message_status as enum ('PENDING', 'ANSWERED', 'EXPIRED', 'WITHDRAWN');

create type public.pause_reason as enum ('client_absent', 'reader_absent', 'insufficient_funds');

create type public.payout_attempt_status as enum ('PENDING', 'SENDING', 'UNKNOWN', 'TRANSFERRED', 'COMPLETED', 'FAILED');

create type public.payout_status as enum ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED');

create type public.person_part as enum ('SESSIONS', 'CONSENTS', 'APPLICATIONS', 'ACCOUNTS', 'TRANSACTIONS', 'PAYOUTS', 'PAYOUT_ATTEMPTS', 'READER_ACCOUNT', 'ORDERS', 'ORDER_ITEMS', 'GIFT_PURCHASES', 'PROMO_REDEMPTIONS', 'CARDS', 'AUTO_RELOADS');

create type public.post_status as enum ('DRAFT', 'PUBLISHED', 'ARCHIVED', 'DELETED');

create type public.product_status as enum ('ACTIVE', 'INACTIVE', 'OUT_OF_STOCK', 'DRAFT');

create type public.product_type as enum ('SERVICE', 'DIGITAL', 'PHYSICAL');

create type public.promo_kind as enum ('CREDIT', 'FREE_MINUTES');

create type public.reader_status as enum ('ONLINE', 'OFFLINE', 'BUSY', 'AWAY', 'INVISIBLE');

create type public.report_status as enum ('OPEN', 'UPHELD', 'DISMISSED');

create type public.session_status as enum ('SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW', 'DISCONNECTED');

create type public.session_type as enum ('CHAT', 'CALL', 'VIDEO');

create type public.setting_type as enum ('INTEGER', 'BOOLEAN', 'TEXT');

create type public.stream_status as enum ('SCHEDULED', 'LIVE', 'ENDED', 'CANCELLED');

create type public.transaction_status as enum ('PENDING', 'COMPLETED', 'FAILED', 'REFUNDED', 'CANCELLED');

create type public.transaction_type as enum ('ADD_FUNDS', 'SESSION_CHARGE', 'REFUND', 'PAYOUT', 'PURCHASE', 'GIFT_PURCHASE', 'TIP', 'MESSAGE', 'FEE', 'DISPUTE', 'ADJUSTMENT', 'PROMO', 'REVERSAL');

create type public.user_role as enum ('CLIENT', 'READER', 'ADMIN');

create type public.user_status as enum ('ACTIVE', 'SUSPENDED', 'PENDING', 'BANNED');

----------------------------------------------------------------------
-- Tables
----------------------------------------------------------------------

CREATE TRIGGER create_user AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION private.create_user();

create table ledger.accounts (
    id uuid not null default private.uuid_v7(),
    user_id uuid,
    kind ledger.account_kind not null,
    currency character(3) not null default private.currency(),
    credits bigint not null default 0,
    debits bigint not null default 0,
    held bigint not null default 0,
    frozen_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint account_owner UNIQUE NULLS NOT DISTINCT (user_id, kind),
    constraint accounts_credits_check CHECK ((credits >= 0)),
    constraint accounts_debits_check CHECK ((debits >= 0)),
    constraint accounts_held_check CHECK ((held >= 0)),
    constraint accounts_pkey PRIMARY KEY (id),
    constraint accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint house_holds_no_totals CHECK (((user_id IS NOT NULL) OR ((credits = 0) AND (debits = 0) AND (held = 0)))),
    constraint persons_own_persons_kinds CHECK (((user_id IS NOT NULL) = (kind = ANY (ARRAY['client_wallet'::ledger.account_kind, 'promo_credit'::ledger.account_kind, 'reader_earnings'::ledger.account_kind, 'client_debt'::ledger.account_kind])))),
    constraint spendable_never_negative CHECK (((kind <> ALL (ARRAY['client_wallet'::ledger.account_kind, 'promo_credit'::ledger.account_kind])) OR (((credits - debits) - held) >= 0)))
) with (fillfactor=70);
alter table ledger.accounts enable row level security;
CREATE TRIGGER audit AFTER UPDATE OF frozen_at ON ledger.accounts FOR EACH ROW EXECUTE FUNCTION private.audit('credits', 'debits', 'held');
CREATE TRIGGER keep_history BEFORE DELETE ON ledger.accounts FOR EACH ROW EXECUTE FUNCTION ledger.refuse_account_deletion();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON ledger.accounts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
create policy "own accounts" on ledger.accounts as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select (created_at, credits, currency, debits, frozen_at, held, id, kind, updated_at, user_id) on ledger.accounts to authenticated, service_role;

create table ledger.card_returns (
    transaction_id uuid not null,
    topup_id uuid not null,
    account_id uuid not null,
    constraint card_returns_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id),
    constraint card_returns_pkey PRIMARY KEY (transaction_id),
    constraint card_returns_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.transactions(id),
    constraint card_returns_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id)
);
alter table ledger.card_returns enable row level security;
CREATE INDEX card_returns_account ON ledger.card_returns USING btree (account_id);
CREATE INDEX card_returns_topup ON ledger.card_returns USING btree (topup_id);

create table ledger.earnings (
    id uuid not null default private.uuid_v7(),
    account_id uuid not null,
    transaction_id uuid not null,
    amount bigint not null,
    earned_at timestamp with time zone not null,
    clears_at timestamp with time zone not null,
    constraint earnings_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id),
    constraint earnings_amount_check CHECK ((amount <> 0)),
    constraint earnings_pkey PRIMARY KEY (id)
);
alter table ledger.earnings enable row level security;
CREATE INDEX earnings_account ON ledger.earnings USING btree (account_id, clears_at) INCLUDE (amount);
CREATE INDEX earnings_newest ON ledger.earnings USING btree (account_id, id DESC) INCLUDE (amount);
CREATE INDEX earnings_transaction ON ledger.earnings USING btree (transaction_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.earnings FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.earnings FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.holds (
    id uuid not null default private.uuid_v7(),
    account_id uuid not null,
    reference uuid not null,
    amount bigint not null,
    posted_amount bigint not null default 0,
    status ledger.hold_status not null default 'PENDING'::ledger.hold_status,
    created_at timestamp with time zone not null default private.now(),
    resolved_at timestamp with time zone,
    constraint holds_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id),
    constraint holds_amount_check CHECK ((amount > 0)),
    constraint holds_pkey PRIMARY KEY (id),
    constraint one_hold_per_account_and_reference UNIQUE (reference, account_id),
    constraint posted_within_hold CHECK ((((posted_amount >= 0) AND (posted_amount <= amount)) AND ((posted_amount > 0) = (status = 'POSTED'::ledger.hold_status)))),
    constraint resolved_once CHECK (((status = 'PENDING'::ledger.hold_status) = (resolved_at IS NULL)))
);
alter table ledger.holds enable row level security;
CREATE INDEX holds_account ON ledger.holds USING btree (account_id);

create table ledger.house_days (
    account_id uuid not null,
    day date not null,
    debits bigint not null,
    credits bigint not null,
    rolled_at timestamp with time zone not null default private.now(),
    constraint house_days_account_id_fkey FOREIGN KEY (account_id) REFERENCES ledger.accounts(id),
    constraint house_days_credits_check CHECK ((credits >= 0)),
    constraint house_days_debits_check CHECK ((debits >= 0)),
    constraint house_days_pkey PRIMARY KEY (account_id, day)
);
alter table ledger.house_days enable row level security;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.house_days FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.house_days FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER read_only INSTEAD OF INSERT OR DELETE OR UPDATE ON ledger.house_totals FOR EACH ROW EXECUTE FUNCTION private.refuse_write();

create table ledger.lot_claims (
    id uuid not null default private.uuid_v7(),
    transaction_id uuid not null,
    lot_id uuid not null,
    amount bigint not null,
    after_credits bigint,
    number integer,
    constraint given_up_has_place CHECK (((after_credits IS NULL) = (number IS NULL))),
    constraint lot_claims_amount_check CHECK ((amount > 0)),
    constraint lot_claims_pkey PRIMARY KEY (id),
    constraint lot_claims_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES ledger.card_returns(transaction_id),
    constraint one_claim_per_lot UNIQUE (transaction_id, lot_id)
);
alter table ledger.lot_claims enable row level security;
CREATE INDEX lot_claims_lot ON ledger.lot_claims USING btree (lot_id);

create table ledger.reversals (
    transaction_id uuid not null,
    reversed_id uuid not null,
    amount bigint not null,
    created_at timestamp with time zone not null default private.now(),
    constraint reversals_amount_check CHECK ((amount > 0)),
    constraint reversals_pkey PRIMARY KEY (transaction_id),
    constraint reversals_reversed_id_fkey FOREIGN KEY (reversed_id) REFERENCES public.transactions(id),
    constraint reversals_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint reverses_another CHECK ((transaction_id <> reversed_id))
);
alter table ledger.reversals enable row level security;
CREATE INDEX reversals_reversed ON ledger.reversals USING btree (reversed_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.reversals FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.reversals FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.rules (
    id uuid not null default private.uuid_v7(),
    kind ledger.rule_kind not null,
    reader_id uuid,
    share_bps integer not null,
    valid_from timestamp with time zone not null default private.now(),
    created_by uuid,
    constraint rule_version UNIQUE NULLS NOT DISTINCT (kind, reader_id, valid_from),
    constraint rules_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id),
    constraint rules_pkey PRIMARY KEY (id),
    constraint rules_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id),
    constraint rules_share_bps_check CHECK (((share_bps >= 0) AND (share_bps <= 10000)))
);
alter table ledger.rules enable row level security;
CREATE INDEX rules_author ON ledger.rules USING btree (created_by);
CREATE INDEX rules_reader ON ledger.rules USING btree (reader_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.rules FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER audit AFTER INSERT ON ledger.rules FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.rules FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table ledger.transfers (
    id uuid not null,
    transaction_id uuid not null,
    code ledger.transfer_code not null,
    increment integer,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    amount bigint not null,
    commission_account_id uuid,
    commission bigint not null default 0,
    debit_total bigint,
    credit_total bigint,
    reverses uuid,
    posted_at timestamp with time zone not null,
    constraint commission_is_part CHECK ((((commission >= 0) AND (commission <= amount)) AND ((commission > 0) = (commission_account_id IS NOT NULL)))),
    constraint transfers_amount_check CHECK ((amount > 0)),
    constraint transfers_pkey PRIMARY KEY (id),
    constraint two_sides CHECK ((debit_account_id <> credit_account_id))
) partition by RANGE (id);
alter table ledger.transfers enable row level security;
CREATE INDEX transfers_transaction ON ONLY ledger.transfers USING btree (transaction_id, increment);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger.transfers FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON ledger.transfers FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table private.account_readings (
    account text not null,
    reconciliation_id uuid not null,
    since timestamp with time zone not null,
    until timestamp with time zone,
    constraint account_readings_pkey PRIMARY KEY (account),
    constraint account_readings_reconciliation_id_fkey FOREIGN KEY (reconciliation_id) REFERENCES private.reconciliations(id)
);
alter table private.account_readings enable row level security;
CREATE INDEX account_readings_run ON private.account_readings USING btree (reconciliation_id);

create table private.appointments (
    session_id uuid not null,
    next_at timestamp with time zone not null,
    unfunded_told boolean not null default false,
    constraint appointments_pkey PRIMARY KEY (session_id),
    constraint appointments_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE
);
alter table private.appointments enable row level security;
CREATE INDEX appointments_due ON private.appointments USING btree (next_at);

create table private.audit_seals (
    month date not null,
    rows bigint not null,
    hash bytea not null,
    sealed_at timestamp with time zone not null default private.now(),
    constraint audit_seals_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    constraint audit_seals_pkey PRIMARY KEY (month)
);
alter table private.audit_seals enable row level security;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON private.audit_seals FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON private.audit_seals FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

create table private.card_refunds (
    id uuid not null default private.uuid_v7(),
    topup_id uuid not null,
    transaction_id uuid not null,
    amount bigint not null,
    status private.card_refund_status not null default 'PENDING'::private.card_refund_status,
    stripe_refund_id text,
    failure_code text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint card_refunds_amount_check CHECK ((amount > 0)),
    constraint card_refunds_pkey PRIMARY KEY (id),
    constraint card_refunds_stripe_refund_id_key UNIQUE (stripe_refund_id),
    constraint card_refunds_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.transactions(id),
    constraint card_refunds_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint card_refunds_transaction_id_key UNIQUE (transaction_id),
    constraint made_has_refund CHECK (((status <> 'MADE'::private.card_refund_status) OR (stripe_refund_id IS NOT NULL)))
);
alter table private.card_refunds enable row level security;
CREATE INDEX card_refunds_topup ON private.card_refunds USING btree (topup_id);
CREATE TRIGGER touch BEFORE UPDATE ON private.card_refunds FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();

create table private.directory_entries (
    facet text not null,
    average_rating numeric(3,2) not null,
    reader_id uuid not null,
    is_online boolean not null,
    session_types public.session_type[] not null,
    languages text[] not null,
    constraint directory_entries_pkey PRIMARY KEY (facet, average_rating, reader_id)
) with (fillfactor=80);
alter table private.directory_entries enable row level security;
CREATE INDEX directory_entries_reader ON private.directory_entries USING btree (reader_id);

create table private.disputes (
    stripe_dispute_id text not null,
    topup_id uuid not null,
    transaction_id uuid,
    charge_id text not null,
    status text not null,
    reason text,
    amount bigint not null,
    withdrawn bigint not null default 0,
    reinstated bigint not null default 0,
    fee bigint not null default 0,
    recover_bps integer not null,
    due_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint disputes_amount_check CHECK ((amount >= 0)),
    constraint disputes_pkey PRIMARY KEY (stripe_dispute_id),
    constraint disputes_recover_bps_check CHECK (((recover_bps >= 0) AND (recover_bps <= 10000))),
    constraint disputes_reinstated_check CHECK ((reinstated >= 0)),
    constraint disputes_topup_id_fkey FOREIGN KEY (topup_id) REFERENCES public.transactions(id),
    constraint disputes_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint disputes_transaction_id_key UNIQUE (transaction_id),
    constraint disputes_withdrawn_check CHECK ((withdrawn >= 0))
);
alter table private.disputes enable row level security;
CREATE INDEX disputes_topup ON private.disputes USING btree (topup_id);
CREATE TRIGGER touch BEFORE UPDATE ON private.disputes FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();

create table private.error_codes (
    code text not null,
    status smallint not null,
    sentence text not null,
    hint text not null,
    constraint error_codes_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{2,60}$'::text)),
    constraint error_codes_pkey PRIMARY KEY (code),
    constraint error_codes_status_check CHECK (((status >= 400) AND (status <= 499)))
);
alter table private.error_codes enable row level security;

create table private.idempotency (
    caller uuid not null,
    call text not null,
    key text not null,
    input_hash bytea not null,
    result jsonb,
    created_at timestamp with time zone not null default private.now(),
    constraint idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    constraint idempotency_pkey PRIMARY KEY (caller, call, key)
);
alter table private.idempotency enable row level security;
CREATE INDEX idempotency_age ON private.idempotency USING btree (created_at) WHERE (caller <> '00000000-0000-0000-0000-000000000000'::uuid);

create table private.leases (
    user_id uuid not null,
    session_id uuid,
    offer_id uuid,
    constraint lease_is_for_one_thing CHECK ((num_nonnulls(session_id, offer_id) = 1)),
    constraint leases_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES public.wait_list(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    constraint leases_offer_id_key UNIQUE (offer_id),
    constraint leases_pkey PRIMARY KEY (user_id),
    constraint leases_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE
);
alter table private.leases enable row level security;
CREATE INDEX leases_session ON private.leases USING btree (session_id);

create table private.meters (
    session_id uuid not null,
    due_at timestamp with time zone not null,
    state private.meter_state not null default 'RUNNING'::private.meter_state,
    needs_advance boolean not null default false,
    low_balance_told boolean not null default false,
    share_bps integer not null,
    wallet_id uuid not null,
    promo_id uuid not null,
    earnings_id uuid not null,
    transaction_id uuid not null,
    client_id uuid not null,
    reader_id uuid not null,
    rate bigint not null,
    charged bigint not null default 0,
    increments integer not null default 0,
    free_increments integer not null default 0,
    increment_seconds integer not null,
    max_increments integer not null,
    low_balance_minutes integer not null,
    min_billable_seconds integer not null,
    max_pauses integer not null,
    max_paused_seconds integer not null,
    topup_grace_seconds integer not null,
    run_started_at timestamp with time zone not null,
    shared_before interval not null default '00:00:00'::interval,
    pauses integer not null default 0,
    paused_for interval not null default '00:00:00'::interval,
    paused_at timestamp with time zone,
    grace_until timestamp with time zone,
    stop_reason public.end_reason,
    failed_at timestamp with time zone,
    last_error text,
    constraint meters_pkey PRIMARY KEY (session_id),
    constraint meters_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE,
    constraint paused_has_time CHECK (((state = 'PAUSED'::private.meter_state) = (paused_at IS NOT NULL)))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
alter table private.meters enable row level security;

create table private.notification_kinds (
    kind text not null,
    by_email boolean not null,
    subject text not null,
    sentence text not null,
    constraint notification_kinds_kind_check CHECK ((kind ~ '^[a-z_]{1,60}$'::text)),
    constraint notification_kinds_pkey PRIMARY KEY (kind)
);
alter table private.notification_kinds enable row level security;

create table private.object_sequences (
    object_id text not null,
    taken bigint not null default 0,
    applied bigint not null default 0,
    constraint object_sequences_pkey PRIMARY KEY (object_id)
);
alter table private.object_sequences enable row level security;

create table private.outbox (
    id uuid not null default private.uuid_v7(),
    topic text not null,
    payload jsonb not null,
    request_id text,
    attempts integer not null default 0,
    visible_at timestamp with time zone not null default private.now(),
    begun_at timestamp with time zone,
    failed_at timestamp with time zone,
    last_error text,
    parked_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint outbox_pkey PRIMARY KEY (id),
    constraint outbox_topic_check CHECK ((topic = ANY (ARRAY['notification.email'::text, 'session.settled'::text, 'payout.execute'::text, 'refund.execute'::text, 'account.erased'::text, 'account.export'::text, 'payment.auto_reload'::text])))
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_cost_delay=0);
alter table private.outbox enable row level security;
CREATE INDEX outbox_due ON private.outbox USING btree (visible_at) WHERE (parked_at IS NULL);

create table private.platform_payouts (
    id text not null,
    transaction_id uuid not null default private.uuid_v7(),
    amount bigint not null,
    status text not null,
    is_booked boolean not null default false,
    constraint platform_payouts_amount_check CHECK ((amount <> 0)),
    constraint platform_payouts_id_check CHECK ((id ~ '^po_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint platform_payouts_pkey PRIMARY KEY (id),
    constraint platform_payouts_transaction_id_key UNIQUE (transaction_id)
);
alter table private.platform_payouts enable row level security;

create table private.post_views (
    id bigint not null generated always as identity,
    post_id uuid not null,
    constraint post_views_pkey PRIMARY KEY (id)
);
alter table private.post_views enable row level security;

create table private.presence (
    session_id uuid not null,
    side private.side not null,
    last_seen_at timestamp with time zone not null,
    deadline_at timestamp with time zone,
    timeout_seconds integer not null,
    constraint presence_pkey PRIMARY KEY (session_id, side),
    constraint presence_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
alter table private.presence enable row level security;

create table private.presence_gaps (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    side private.side not null,
    gap tstzrange not null,
    constraint presence_gaps_gap_check CHECK ((NOT isempty(gap))),
    constraint presence_gaps_pkey PRIMARY KEY (id),
    constraint presence_gaps_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE
);
alter table private.presence_gaps enable row level security;
CREATE INDEX presence_gaps_session ON private.presence_gaps USING btree (session_id);
CREATE TRIGGER log_absence AFTER INSERT ON private.presence_gaps FOR EACH ROW EXECUTE FUNCTION private.log_absence();

create table private.promo_attempts (
    user_id uuid not null,
    began_at timestamp with time zone not null,
    refused integer not null,
    constraint promo_attempts_pkey PRIMARY KEY (user_id),
    constraint promo_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table private.promo_attempts enable row level security;

create table private.reconciliation_differences (
    id uuid not null default private.uuid_v7(),
    kind public.difference_kind not null,
    account text not null,
    subject text not null,
    transaction_id uuid,
    at_stripe bigint,
    in_ledger bigint,
    moved_at timestamp with time zone not null,
    found_at timestamp with time zone not null default private.now(),
    found_by uuid not null,
    seen_by uuid not null,
    settled_at timestamp with time zone,
    constraint found_once UNIQUE (account, subject),
    constraint reconciliation_differences_found_by_fkey FOREIGN KEY (found_by) REFERENCES private.reconciliations(id),
    constraint reconciliation_differences_pkey PRIMARY KEY (id),
    constraint reconciliation_differences_seen_by_fkey FOREIGN KEY (seen_by) REFERENCES private.reconciliations(id)
);
alter table private.reconciliation_differences enable row level security;
CREATE INDEX differences_found_by ON private.reconciliation_differences USING btree (found_by);
CREATE INDEX differences_open ON private.reconciliation_differences USING btree (id DESC) WHERE (settled_at IS NULL);
CREATE INDEX differences_seen_by ON private.reconciliation_differences USING btree (seen_by);

create table private.reconciliations (
    id uuid not null default private.uuid_v7(),
    since timestamp with time zone not null,
    until timestamp with time zone not null,
    started_at timestamp with time zone not null default private.now(),
    finished_at timestamp with time zone,
    movements integer not null default 0,
    unread text[] not null default '{}'::text[],
    is_nightly boolean not null default false,
    constraint reconciliations_pkey PRIMARY KEY (id),
    constraint stretch_is_one CHECK ((since < until))
);
alter table private.reconciliations enable row level security;

create table private.refund_attempts (
    id uuid not null default private.uuid_v7(),
    refund_id uuid not null,
    number integer not null,
    status private.refund_attempt_status not null default 'PENDING'::private.refund_attempt_status,
    amount bigint not null,
    payment_intent_id text not null,
    first_tried_at timestamp with time zone,
    error_code text,
    error_message text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint refund_attempt_number UNIQUE (refund_id, number),
    constraint refund_attempts_amount_check CHECK ((amount > 0)),
    constraint refund_attempts_number_check CHECK ((number > 0)),
    constraint refund_attempts_pkey PRIMARY KEY (id),
    constraint refund_attempts_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES private.card_refunds(id)
);
alter table private.refund_attempts enable row level security;
CREATE UNIQUE INDEX refund_attempts_one_open ON private.refund_attempts USING btree (refund_id) WHERE (status <> 'FAILED'::private.refund_attempt_status);
CREATE TRIGGER touch BEFORE UPDATE ON private.refund_attempts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();

create table private.reload_attempts (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    session_id uuid not null,
    increment integer not null,
    transaction_id uuid not null,
    amount bigint not null,
    currency character(3) not null default private.currency(),
    stripe_customer_id text not null,
    payment_method_id text not null,
    status private.reload_status not null default 'SENDING'::private.reload_status,
    error_code text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint one_reload_per_increment UNIQUE (session_id, increment),
    constraint reload_attempts_amount_check CHECK ((amount > 0)),
    constraint reload_attempts_pkey PRIMARY KEY (id),
    constraint reload_attempts_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint reload_attempts_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint reload_attempts_transaction_id_key UNIQUE (transaction_id),
    constraint reload_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
alter table private.reload_attempts enable row level security;
CREATE INDEX reload_attempts_user ON private.reload_attempts USING btree (user_id, id DESC);
CREATE UNIQUE INDEX reload_attempts_one_open ON private.reload_attempts USING btree (user_id) WHERE (status = ANY (ARRAY['SENDING'::private.reload_status, 'UNKNOWN'::private.reload_status]));
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON private.reload_attempts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON private.reload_attempts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();

create table private.session_log (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    at timestamp with time zone not null,
    event private.session_event not null,
    detail text,
    constraint session_log_pkey PRIMARY KEY (id),
    constraint session_log_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE
);
alter table private.session_log enable row level security;
CREATE INDEX session_log_session ON private.session_log USING btree (session_id, at);

create table private.stream_viewers (
    stream_id uuid not null,
    user_id uuid not null,
    joined_at timestamp with time zone not null default private.now(),
    left_at timestamp with time zone,
    constraint stream_viewers_pkey PRIMARY KEY (stream_id, user_id),
    constraint stream_viewers_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.live_streams(id) ON DELETE CASCADE,
    constraint stream_viewers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table private.stream_viewers enable row level security;
CREATE INDEX stream_viewers_user ON private.stream_viewers USING btree (user_id);

create table private.stripe_customers (
    user_id uuid not null,
    stripe_customer_id text not null,
    created_at timestamp with time zone not null default private.now(),
    constraint stripe_customers_pkey PRIMARY KEY (user_id),
    constraint stripe_customers_stripe_customer_id_check CHECK ((stripe_customer_id ~ '^cus_'::text)),
    constraint stripe_customers_stripe_customer_id_key UNIQUE (stripe_customer_id),
    constraint stripe_customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
alter table private.stripe_customers enable row level security;

create table private.stripe_events (
    event_id text not null,
    endpoint text not null,
    type text not null,
    api_version text,
    account text,
    object_id text,
    created timestamp with time zone,
    payload jsonb not null,
    request_id text,
    received_at timestamp with time zone not null default private.now(),
    visible_at timestamp with time zone not null default private.now(),
    attempts integer not null default 0,
    last_error text,
    parked_at timestamp with time zone,
    processed_at timestamp with time zone,
    outcome text,
    constraint processed_has_outcome CHECK (((processed_at IS NULL) = (outcome IS NULL))),
    constraint stripe_events_endpoint_check CHECK ((endpoint = ANY (ARRAY['platform'::text, 'connect'::text]))),
    constraint stripe_events_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 255))),
    constraint stripe_events_outcome_check CHECK ((outcome = ANY (ARRAY['APPLIED'::text, 'STALE'::text, 'IGNORED'::text]))),
    constraint stripe_events_pkey PRIMARY KEY (event_id)
);
alter table private.stripe_events enable row level security;
CREATE INDEX stripe_events_waiting ON private.stripe_events USING btree (visible_at) WHERE ((processed_at IS NULL) AND (parked_at IS NULL));

create table private.stripe_movements (
    id text not null,
    account text not null,
    type text not null,
    source text,
    reference text,
    amount bigint not null,
    fee bigint not null,
    net bigint not null,
    moved_in text not null,
    moved_at timestamp with time zone not null,
    is_marked boolean not null default false,
    transaction_id uuid,
    constraint net_is_the_rest CHECK ((net = (amount - fee))),
    constraint stripe_movements_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
    constraint stripe_movements_pkey PRIMARY KEY (id),
    constraint transactions_are_the_platforms CHECK (((transaction_id IS NULL) OR (account = 'platform'::text)))
);
alter table private.stripe_movements enable row level security;
CREATE INDEX stripe_movements_account ON private.stripe_movements USING btree (account, moved_at);
CREATE INDEX stripe_movements_subject ON private.stripe_movements USING btree (account, COALESCE(reference, source, id)) WHERE (account <> 'platform'::text);
CREATE INDEX stripe_movements_transaction ON private.stripe_movements USING btree (transaction_id) WHERE (transaction_id IS NOT NULL);
CREATE INDEX stripe_movements_unknown ON private.stripe_movements USING btree (moved_at) WHERE (transaction_id IS NULL);

create table private.transfer_reversals (
    id text not null,
    payout_id uuid not null,
    amount bigint not null,
    posting_id uuid not null,
    booked_at timestamp with time zone not null default private.now(),
    constraint transfer_reversals_amount_check CHECK ((amount > 0)),
    constraint transfer_reversals_id_check CHECK ((id ~ '^trr_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint transfer_reversals_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id) ON DELETE RESTRICT,
    constraint transfer_reversals_pkey PRIMARY KEY (id)
);
alter table private.transfer_reversals enable row level security;
CREATE INDEX transfer_reversals_payout ON private.transfer_reversals USING btree (payout_id);

create table private.untold_gifts (
    gift_id uuid not null,
    stream_id uuid not null,
    constraint untold_gifts_gift_id_fkey FOREIGN KEY (gift_id) REFERENCES public.gifts(id) ON DELETE CASCADE,
    constraint untold_gifts_pkey PRIMARY KEY (gift_id),
    constraint untold_gifts_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.live_streams(id) ON DELETE CASCADE
);
alter table private.untold_gifts enable row level security;
CREATE INDEX untold_gifts_stream ON private.untold_gifts USING btree (stream_id);

create table private.wallet_freezes (
    user_id uuid not null,
    cause text not null,
    created_at timestamp with time zone not null default private.now(),
    constraint wallet_freezes_pkey PRIMARY KEY (user_id, cause),
    constraint wallet_freezes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table private.wallet_freezes enable row level security;

create table public.admins (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    first_name text,
    last_name text,
    avatar text,
    permissions public.admin_permission[] not null default '{}'::public.admin_permission[],
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint admins_avatar_check CHECK ((length(avatar) <= 500)),
    constraint admins_first_name_check CHECK ((length(first_name) <= 80)),
    constraint admins_last_name_check CHECK ((length(last_name) <= 80)),
    constraint admins_pkey PRIMARY KEY (id),
    constraint admins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint admins_user_id_key UNIQUE (user_id)
);
alter table public.admins enable row level security;
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.admins FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER touch BEFORE UPDATE ON public.admins FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own row or manage_users" on public.admins as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_users'::public.admin_permission) AS has_permission));
grant select on public.admins to authenticated, service_role;

create table public.audit_logs (
    id uuid not null default private.uuid_v7(),
    user_id uuid,
    action text not null,
    entity_type text not null,
    entity_id text not null,
    changes jsonb,
    ip_address inet,
    user_agent text,
    request_id text,
    created_at timestamp with time zone not null default private.now(),
    constraint audit_logs_action_check CHECK ((action ~ '^[a-z_.]{1,60}$'::text)),
    constraint audit_logs_pkey PRIMARY KEY (id)
) partition by RANGE (id);
alter table public.audit_logs enable row level security;
CREATE INDEX audit_logs_actor ON ONLY public.audit_logs USING btree (user_id, id DESC);
CREATE INDEX audit_logs_entity ON ONLY public.audit_logs USING btree (entity_type, entity_id, id DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.audit_logs FOR EACH ROW EXECUTE FUNCTION private.guard_audit();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.audit_logs FOR EACH STATEMENT EXECUTE FUNCTION private.guard_audit();
create policy manage_users on public.audit_logs as permissive for select to authenticated
    using ( SELECT private.has_permission('manage_users'::public.admin_permission) AS has_permission);
grant select on public.audit_logs to authenticated, service_role;

create table public.auto_reloads (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    card_id uuid not null,
    amount bigint not null,
    threshold bigint,
    monthly_cap bigint not null,
    currency character(3) not null default private.currency(),
    is_active boolean not null default true,
    stopped_reason text,
    declines integer not null default 0,
    retry_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint auto_reloads_amount_check CHECK ((amount > 0)),
    constraint auto_reloads_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.cards(id) ON DELETE CASCADE,
    constraint auto_reloads_declines_check CHECK ((declines >= 0)),
    constraint auto_reloads_monthly_cap_check CHECK ((monthly_cap > 0)),
    constraint auto_reloads_pkey PRIMARY KEY (id),
    constraint auto_reloads_stopped_reason_check CHECK ((stopped_reason = ANY (ARRAY['withdrawn'::text, 'authentication_required'::text, 'card_declined'::text, 'card_unusable'::text, 'card_removed'::text]))),
    constraint auto_reloads_threshold_check CHECK ((threshold > 0)),
    constraint auto_reloads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint auto_reloads_user_id_key UNIQUE (user_id),
    constraint cap_covers_amount CHECK ((monthly_cap >= amount)),
    constraint stopped_for_a_reason CHECK ((is_active = (stopped_reason IS NULL)))
);
alter table public.auto_reloads enable row level security;
CREATE INDEX auto_reloads_card ON public.auto_reloads USING btree (card_id);
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.auto_reloads FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.auto_reloads FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own wish" on public.auto_reloads as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.auto_reloads to authenticated, service_role;

create table public.availability (
    id uuid not null default private.uuid_v7(),
    reader_id uuid not null,
    day_of_week integer not null,
    start_time time(0) without time zone not null,
    end_time time(0) without time zone not null,
    is_recurring boolean not null default true,
    specific_date date,
    is_available boolean not null default true,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    week_minutes int4multirange not null generated always as (private.week_minutes(day_of_week, start_time, end_time)) stored,
    local_span tsrange generated always as (
CASE
    WHEN (specific_date IS NOT NULL) THEN private.local_span(specific_date, start_time, end_time)
    ELSE NULL::tsrange
END) stored,
    constraint availability_day_of_week_check CHECK (((day_of_week >= 0) AND (day_of_week <= 6))),
    constraint availability_end_time_check CHECK ((EXTRACT(second FROM end_time) = (0)::numeric)),
    constraint availability_pkey PRIMARY KEY (id),
    constraint availability_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint availability_start_time_check CHECK ((EXTRACT(second FROM start_time) = (0)::numeric)),
    constraint dated_on_its_weekday CHECK (((specific_date IS NULL) OR (EXTRACT(dow FROM specific_date) = (day_of_week)::numeric))),
    constraint dated_slots_apart EXCLUDE USING gist (reader_id WITH =, ((is_available)::integer) WITH =, local_span WITH &&) WHERE ((NOT is_recurring)),
    constraint recurring_adds_time CHECK ((is_available OR (NOT is_recurring))),
    constraint recurring_or_dated CHECK ((is_recurring = (specific_date IS NULL))),
    constraint recurring_slots_apart EXCLUDE USING gist (reader_id WITH =, week_minutes WITH &&) WHERE (is_recurring),
    constraint slot_given_once UNIQUE NULLS NOT DISTINCT (reader_id, day_of_week, start_time, end_time, specific_date),
    constraint slot_is_not_empty CHECK ((start_time <> end_time))
);
alter table public.availability enable row level security;
CREATE TRIGGER touch BEFORE UPDATE ON public.availability FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.availability FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
CREATE TRIGGER zzz_refuse_overlap BEFORE INSERT OR UPDATE ON public.availability FOR EACH ROW EXECUTE FUNCTION private.refuse_overlap();
create policy "hours are public" on public.availability as permissive for select to anon, authenticated
    using true;
create policy "reader adds hours" on public.availability as permissive for insert to authenticated
    with check ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active) AND (reader_id IN ( SELECT r.user_id
   FROM public.readers r
  WHERE (r.user_id = ( SELECT auth.uid() AS uid)))));
create policy "reader changes hours" on public.availability as permissive for update to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (reader_id = ( SELECT auth.uid() AS uid));
create policy "reader removes hours" on public.availability as permissive for delete to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
grant delete, insert (day_of_week, end_time, is_available, is_recurring, reader_id, specific_date, start_time), select, update (day_of_week, end_time, is_available, is_recurring, specific_date, start_time) on public.availability to authenticated;
grant select on public.availability to anon, service_role;

create table public.blocks (
    id uuid not null default private.uuid_v7(),
    blocker_id uuid not null,
    blocked_id uuid not null,
    created_at timestamp with time zone not null default private.now(),
    constraint blocked_once UNIQUE (blocker_id, blocked_id),
    constraint blocks_blocked_id_fkey FOREIGN KEY (blocked_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint blocks_blocker_id_fkey FOREIGN KEY (blocker_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint blocks_pkey PRIMARY KEY (id),
    constraint not_oneself CHECK ((blocker_id <> blocked_id))
);
alter table public.blocks enable row level security;
CREATE INDEX blocks_blocked ON public.blocks USING btree (blocked_id);
CREATE TRIGGER tell_change AFTER INSERT OR DELETE ON public.blocks FOR EACH ROW EXECUTE FUNCTION private.tell_block_change();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.blocks FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "add own" on public.blocks as permissive for insert to authenticated
    with check ((blocker_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
create policy "own rows" on public.blocks as permissive for select to authenticated
    using (blocker_id = ( SELECT auth.uid() AS uid));
create policy "remove own" on public.blocks as permissive for delete to authenticated
    using ((blocker_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
grant delete, insert (blocked_id, blocker_id), select on public.blocks to authenticated;
grant select on public.blocks to service_role;

create table public.bookings (
    session_id uuid not null,
    reader_id uuid not null,
    client_id uuid not null,
    during tstzrange not null,
    created_at timestamp with time zone not null default private.now(),
    constraint booking_has_length CHECK (((NOT isempty(during)) AND (lower(during) IS NOT NULL) AND (upper(during) IS NOT NULL))),
    constraint bookings_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint bookings_pkey PRIMARY KEY (session_id),
    constraint bookings_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint bookings_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE,
    constraint client_booked_once EXCLUDE USING gist (client_id WITH =, during WITH &&),
    constraint reader_booked_once EXCLUDE USING gist (reader_id WITH =, during WITH &&)
);
alter table public.bookings enable row level security;
create policy "both people" on public.bookings as permissive for select to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) OR (reader_id = ( SELECT auth.uid() AS uid)));
grant select on public.bookings to authenticated, service_role;

create table public.cards (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    payment_method_id text not null,
    fingerprint text not null,
    brand text not null,
    last4 text not null,
    exp_month smallint not null,
    exp_year smallint not null,
    is_saved boolean not null,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint cards_brand_check CHECK (((length(brand) >= 1) AND (length(brand) <= 40))),
    constraint cards_exp_month_check CHECK (((exp_month >= 1) AND (exp_month <= 12))),
    constraint cards_exp_year_check CHECK (((exp_year >= 2000) AND (exp_year <= 2200))),
    constraint cards_fingerprint_check CHECK (((length(fingerprint) >= 1) AND (length(fingerprint) <= 100))),
    constraint cards_last4_check CHECK ((last4 ~ '^[0-9]{4}$'::text)),
    constraint cards_payment_method_id_check CHECK ((payment_method_id ~ '^pm_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint cards_payment_method_id_key UNIQUE (payment_method_id),
    constraint cards_pkey PRIMARY KEY (id),
    constraint cards_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.cards enable row level security;
CREATE INDEX cards_fingerprint ON public.cards USING btree (fingerprint);
CREATE INDEX cards_user ON public.cards USING btree (user_id, id DESC);
CREATE TRIGGER touch BEFORE UPDATE ON public.cards FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own cards" on public.cards as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.cards to authenticated, service_role;

create table public.chat_messages (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    sender_id uuid not null,
    content jsonb not null,
    message_type public.message_type not null default 'TEXT'::public.message_type,
    created_at timestamp with time zone not null default private.now(),
    constraint chat_messages_pkey PRIMARY KEY (id),
    constraint chat_messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint chat_messages_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint sealed CHECK (private.valid_content(message_type, content))
) partition by RANGE (id);
alter table public.chat_messages enable row level security;
CREATE INDEX chat_messages_page ON ONLY public.chat_messages USING btree (session_id, id DESC);
CREATE INDEX chat_messages_sender ON ONLY public.chat_messages USING btree (sender_id, id DESC);
CREATE TRIGGER check_chat_key AFTER INSERT ON public.chat_messages FOR EACH ROW WHEN ((new.message_type <> 'SYSTEM'::public.message_type)) EXECUTE FUNCTION private.check_chat_key();
CREATE TRIGGER tell_chat_message AFTER INSERT ON public.chat_messages FOR EACH ROW EXECUTE FUNCTION private.tell_chat_message();
create policy "participants read" on public.chat_messages as permissive for select to authenticated
    using (EXISTS ( SELECT
   FROM public.sessions s
  WHERE ((s.id = chat_messages.session_id) AND ((s.client_id = ( SELECT auth.uid() AS uid)) OR (s.reader_id = ( SELECT auth.uid() AS uid))))));
create policy "participants write while it runs" on public.chat_messages as permissive for insert to authenticated
    with check ((sender_id = ( SELECT auth.uid() AS uid)) AND (message_type <> 'SYSTEM'::public.message_type) AND ( SELECT private.is_active() AS is_active) AND (session_id IN ( SELECT s.id
   FROM public.sessions s
  WHERE (((s.client_id = ( SELECT auth.uid() AS uid)) OR (s.reader_id = ( SELECT auth.uid() AS uid))) AND (s.status = 'IN_PROGRESS'::public.session_status) AND (s.paused_at IS NULL)))));
grant insert (content, message_type, sender_id, session_id), select on public.chat_messages to authenticated;
grant select on public.chat_messages to service_role;

create table public.clients (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    first_name text,
    last_name text,
    avatar text,
    bio text,
    date_of_birth date,
    timezone text not null default 'UTC'::text,
    preferences jsonb not null default '{}'::jsonb,
    preferred_session_types public.session_type[] not null default '{}'::public.session_type[],
    preferred_categories text[] not null default '{}'::text[],
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint clients_avatar_check CHECK ((length(avatar) <= 500)),
    constraint clients_bio_check CHECK ((length(bio) <= 4000)),
    constraint clients_date_of_birth_check CHECK ((date_of_birth > '1900-01-01'::date)),
    constraint clients_first_name_check CHECK (((length(first_name) >= 1) AND (length(first_name) <= 80))),
    constraint clients_last_name_check CHECK (((length(last_name) >= 1) AND (length(last_name) <= 80))),
    constraint clients_pkey PRIMARY KEY (id),
    constraint clients_preferences_check CHECK (((jsonb_typeof(preferences) = 'object'::text) AND (length((preferences)::text) <= 8000))),
    constraint clients_preferred_categories_check CHECK ((cardinality(preferred_categories) <= 50)),
    constraint clients_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint clients_user_id_key UNIQUE (user_id)
);
alter table public.clients enable row level security;
CREATE TRIGGER timezone_known BEFORE INSERT OR UPDATE OF timezone ON public.clients FOR EACH ROW EXECUTE FUNCTION private.require_timezone();
CREATE TRIGGER touch BEFORE UPDATE ON public.clients FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.clients FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "change own profile" on public.clients as permissive for update to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (user_id = ( SELECT auth.uid() AS uid));
create policy "own profile" on public.clients as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.clients to service_role;
grant select, update (avatar, bio, date_of_birth, first_name, last_name, preferences, preferred_categories, preferred_session_types, timezone) on public.clients to authenticated;

create table public.consents (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    kind public.consent_kind not null,
    version text not null,
    details jsonb not null default '{}'::jsonb,
    ip_address inet,
    accepted_at timestamp with time zone not null default private.now(),
    withdrawn_at timestamp with time zone,
    constraint consents_details_check CHECK ((length((details)::text) <= 2000)),
    constraint consents_pkey PRIMARY KEY (id),
    constraint consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint consents_version_check CHECK ((version ~ '^[0-9A-Za-z._-]{1,40}$'::text))
);
alter table public.consents enable row level security;
CREATE INDEX consents_user ON public.consents USING btree (user_id, id DESC);
CREATE UNIQUE INDEX consents_standing ON public.consents USING btree (user_id, kind, version) WHERE (withdrawn_at IS NULL);
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.consents FOR EACH ROW EXECUTE FUNCTION private.audit('ip_address');
CREATE TRIGGER follow_consent AFTER UPDATE OF withdrawn_at ON public.consents FOR EACH ROW WHEN (((new.kind = 'AUTO_RELOAD'::public.consent_kind) AND (old.withdrawn_at IS NULL) AND (new.withdrawn_at IS NOT NULL))) EXECUTE FUNCTION private.follow_consent();
create policy "own consents" on public.consents as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.consents to authenticated, service_role;

create table public.conversation_keys (
    id uuid not null default private.uuid_v7(),
    conversation_id uuid not null,
    version integer not null,
    user_id uuid not null,
    device_id uuid not null,
    wrapped_key text not null,
    wrapped_by uuid not null,
    wrapped_by_device uuid not null,
    created_at timestamp with time zone not null default private.now(),
    constraint conversation_keys_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE,
    constraint conversation_keys_pkey PRIMARY KEY (id),
    constraint conversation_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint conversation_keys_version_check CHECK ((version > 0)),
    constraint conversation_keys_wrapped_by_fkey FOREIGN KEY (wrapped_by) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint conversation_keys_wrapped_key_check CHECK ((wrapped_key ~ '^[A-Za-z0-9_-]{192}$'::text)),
    constraint wrapped_for_a_known_device FOREIGN KEY (user_id, device_id) REFERENCES public.user_keys(user_id, device_id) ON DELETE CASCADE,
    constraint wrapped_once_a_device UNIQUE (conversation_id, version, user_id, device_id)
);
alter table public.conversation_keys enable row level security;
CREATE INDEX conversation_keys_author ON public.conversation_keys USING btree (wrapped_by, id);
CREATE INDEX conversation_keys_device ON public.conversation_keys USING btree (user_id, device_id);
create policy "own wrapped keys" on public.conversation_keys as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.conversation_keys to authenticated, service_role;

create table public.conversations (
    id uuid not null default private.uuid_v7(),
    first_id uuid not null,
    second_id uuid not null,
    session_id uuid,
    key_version integer not null default 0,
    rotation_due boolean not null default false,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint conversations_first_id_fkey FOREIGN KEY (first_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint conversations_key_version_check CHECK (((key_version >= 0) AND (key_version <= 999999999))),
    constraint conversations_pkey PRIMARY KEY (id),
    constraint conversations_second_id_fkey FOREIGN KEY (second_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint conversations_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint conversations_session_id_key UNIQUE (session_id),
    constraint members_in_order CHECK ((first_id < second_id))
);
alter table public.conversations enable row level security;
CREATE INDEX conversations_first ON public.conversations USING btree (first_id, id DESC);
CREATE INDEX conversations_second ON public.conversations USING btree (second_id, id DESC);
CREATE UNIQUE INDEX conversations_pair ON public.conversations USING btree (first_id, second_id) WHERE (session_id IS NULL);
CREATE TRIGGER touch BEFORE UPDATE ON public.conversations FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy members on public.conversations as permissive for select to authenticated
    using ((first_id = ( SELECT auth.uid() AS uid)) OR (second_id = ( SELECT auth.uid() AS uid)));
grant select on public.conversations to authenticated, service_role;

create table public.data_exports (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    content jsonb,
    completed_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint content_when_completed CHECK (((content IS NULL) = (completed_at IS NULL))),
    constraint data_exports_pkey PRIMARY KEY (id),
    constraint data_exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.data_exports enable row level security;
CREATE INDEX data_exports_user ON public.data_exports USING btree (user_id, id DESC);
CREATE UNIQUE INDEX data_exports_one_open ON public.data_exports USING btree (user_id) WHERE (completed_at IS NULL);
create policy "own exports" on public.data_exports as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.data_exports to authenticated, service_role;

create table public.favorites (
    id uuid not null default private.uuid_v7(),
    client_id uuid not null,
    reader_id uuid not null,
    created_at timestamp with time zone not null default private.now(),
    constraint favored_once UNIQUE (client_id, reader_id),
    constraint favorites_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint favorites_pkey PRIMARY KEY (id),
    constraint favorites_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint not_oneself CHECK ((client_id <> reader_id))
);
alter table public.favorites enable row level security;
CREATE INDEX favorites_reader ON public.favorites USING btree (reader_id);
CREATE TRIGGER tell_change AFTER INSERT OR DELETE ON public.favorites FOR EACH ROW EXECUTE FUNCTION private.tell_favorite_change();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.favorites FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "add own" on public.favorites as permissive for insert to authenticated
    with check ((client_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active) AND (reader_id IN ( SELECT r.user_id
   FROM public.readers r)));
create policy "own rows" on public.favorites as permissive for select to authenticated
    using (client_id = ( SELECT auth.uid() AS uid));
create policy "remove own" on public.favorites as permissive for delete to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
grant delete, insert (client_id, reader_id), select on public.favorites to authenticated;
grant select on public.favorites to service_role;

create table public.forum_categories (
    id uuid not null default private.uuid_v7(),
    name text not null,
    description text,
    icon text,
    sort_order integer not null default 0,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint forum_categories_description_check CHECK ((length(description) <= 500)),
    constraint forum_categories_icon_check CHECK ((length(icon) <= 200)),
    constraint forum_categories_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    constraint forum_categories_name_key UNIQUE (name),
    constraint forum_categories_pkey PRIMARY KEY (id),
    constraint forum_categories_sort_order_check CHECK (((sort_order >= 0) AND (sort_order <= 1000000)))
);
alter table public.forum_categories enable row level security;
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.forum_categories FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER touch BEFORE UPDATE ON public.forum_categories FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.forum_categories FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "moderators add shelves" on public.forum_categories as permissive for insert to authenticated
    with check ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission);
create policy "moderators change shelves" on public.forum_categories as permissive for update to authenticated
    using ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission)
    with check ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission);
create policy "shelves are public" on public.forum_categories as permissive for select to anon, authenticated
    using true;
grant insert (description, icon, name, sort_order), select, update (description, icon, name, sort_order) on public.forum_categories to authenticated;
grant select on public.forum_categories to anon, service_role;

create table public.forum_posts (
    id uuid not null default private.uuid_v7(),
    author_id uuid not null,
    category_id uuid not null,
    title text not null,
    content text not null,
    status public.post_status not null default 'PUBLISHED'::public.post_status,
    is_pinned boolean not null default false,
    is_locked boolean not null default false,
    view_count integer not null default 0,
    search tsvector not null generated always as ((setweight(to_tsvector('english'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, content), 'B'::"char"))) stored,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint forum_posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint forum_posts_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.forum_categories(id) ON DELETE RESTRICT,
    constraint forum_posts_content_check CHECK (((length(content) >= 1) AND (length(content) <= 20000))),
    constraint forum_posts_pkey PRIMARY KEY (id),
    constraint forum_posts_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    constraint forum_posts_view_count_check CHECK ((view_count >= 0))
);
alter table public.forum_posts enable row level security;
CREATE INDEX forum_posts_author ON public.forum_posts USING btree (author_id, id DESC);
CREATE INDEX forum_posts_category ON public.forum_posts USING btree (category_id, is_pinned DESC, id DESC) WHERE (status = 'PUBLISHED'::public.post_status);
CREATE INDEX forum_posts_category_id ON public.forum_posts USING btree (category_id);
CREATE INDEX forum_posts_search ON public.forum_posts USING gin (search);
CREATE TRIGGER audit AFTER UPDATE OF status, is_locked, is_pinned ON public.forum_posts FOR EACH ROW EXECUTE FUNCTION private.audit('view_count');
CREATE TRIGGER guard_post BEFORE UPDATE ON public.forum_posts FOR EACH ROW EXECUTE FUNCTION private.guard_post();
CREATE TRIGGER touch BEFORE UPDATE OF title, content, category_id, status, is_pinned, is_locked ON public.forum_posts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.forum_posts FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "change own, or moderate" on public.forum_posts as permissive for update to authenticated
    using (((author_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.has_account() AS has_account)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission))
    with check ((author_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
create policy "published, own, or moderators" on public.forum_posts as permissive for select to authenticated
    using ((status = 'PUBLISHED'::public.post_status) OR (author_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
create policy "write as oneself" on public.forum_posts as permissive for insert to authenticated
    with check ((author_id = ( SELECT auth.uid() AS uid)) AND (status = ANY (ARRAY['DRAFT'::public.post_status, 'PUBLISHED'::public.post_status])) AND ( SELECT private.has_account() AS has_account));
create policy published on public.forum_posts as permissive for select to anon
    using (status = 'PUBLISHED'::public.post_status);
grant insert (author_id, category_id, content, status, title), select, update (category_id, content, is_locked, is_pinned, status, title) on public.forum_posts to authenticated;
grant select on public.forum_posts to anon, service_role;

create table public.forum_replies (
    id uuid not null default private.uuid_v7(),
    post_id uuid not null,
    author_id uuid not null,
    content text not null,
    status public.post_status not null default 'PUBLISHED'::public.post_status,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint forum_replies_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint forum_replies_content_check CHECK (((length(content) >= 1) AND (length(content) <= 20000))),
    constraint forum_replies_pkey PRIMARY KEY (id),
    constraint forum_replies_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.forum_posts(id) ON DELETE RESTRICT
);
alter table public.forum_replies enable row level security;
CREATE INDEX forum_replies_author ON public.forum_replies USING btree (author_id, id DESC);
CREATE INDEX forum_replies_post ON public.forum_replies USING btree (post_id, id);
CREATE TRIGGER audit AFTER UPDATE OF status ON public.forum_replies FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER guard_reply BEFORE UPDATE ON public.forum_replies FOR EACH ROW EXECUTE FUNCTION private.guard_reply();
CREATE TRIGGER refuse_draft_to_locked BEFORE UPDATE OF status ON public.forum_replies FOR EACH ROW WHEN (((old.status = 'DRAFT'::public.post_status) AND (new.status = 'PUBLISHED'::public.post_status))) EXECUTE FUNCTION private.refuse_reply_to_locked();
CREATE TRIGGER refuse_reply_to_locked BEFORE INSERT ON public.forum_replies FOR EACH ROW EXECUTE FUNCTION private.refuse_reply_to_locked();
CREATE TRIGGER touch BEFORE UPDATE ON public.forum_replies FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.forum_replies FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "change own, or moderate" on public.forum_replies as permissive for update to authenticated
    using (((author_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.has_account() AS has_account)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission))
    with check ((author_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
create policy "published, own, or moderators" on public.forum_replies as permissive for select to authenticated
    using ((status = 'PUBLISHED'::public.post_status) OR (author_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
create policy "write as oneself" on public.forum_replies as permissive for insert to authenticated
    with check ((author_id = ( SELECT auth.uid() AS uid)) AND (status = ANY (ARRAY['DRAFT'::public.post_status, 'PUBLISHED'::public.post_status])) AND ( SELECT private.has_account() AS has_account));
create policy published on public.forum_replies as permissive for select to anon
    using (status = 'PUBLISHED'::public.post_status);
grant insert (author_id, content, post_id, status), select, update (content, status) on public.forum_replies to authenticated;
grant select on public.forum_replies to anon, service_role;

create table public.gift_purchases (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    gift_id uuid not null,
    quantity integer not null,
    sent integer not null default 0,
    unit_price bigint not null,
    currency character(3) not null default private.currency(),
    transaction_id uuid not null,
    created_at timestamp with time zone not null default private.now(),
    constraint gift_purchases_gift_id_fkey FOREIGN KEY (gift_id) REFERENCES public.virtual_gifts(id) ON DELETE RESTRICT,
    constraint gift_purchases_pkey PRIMARY KEY (id),
    constraint gift_purchases_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
    constraint gift_purchases_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint gift_purchases_unit_price_check CHECK ((unit_price > 0)),
    constraint gift_purchases_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint sent_within_purchase CHECK (((sent >= 0) AND (sent <= quantity)))
);
alter table public.gift_purchases enable row level security;
CREATE INDEX gift_purchases_gift ON public.gift_purchases USING btree (gift_id);
CREATE INDEX gift_purchases_transaction ON public.gift_purchases USING btree (transaction_id);
CREATE INDEX gift_purchases_user ON public.gift_purchases USING btree (user_id, id DESC);
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.gift_purchases FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
create policy "own purchases" on public.gift_purchases as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.gift_purchases to authenticated, service_role;

create table public.gifts (
    id uuid not null default private.uuid_v7(),
    sender_id uuid not null,
    receiver_id uuid not null,
    gift_id uuid not null,
    purchase_id uuid not null,
    session_id uuid,
    stream_id uuid,
    message text,
    created_at timestamp with time zone not null default private.now(),
    constraint gifts_gift_id_fkey FOREIGN KEY (gift_id) REFERENCES public.virtual_gifts(id) ON DELETE RESTRICT,
    constraint gifts_message_check CHECK ((length(message) <= 500)),
    constraint gifts_pkey PRIMARY KEY (id),
    constraint gifts_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES public.gift_purchases(id) ON DELETE RESTRICT,
    constraint gifts_receiver_id_fkey FOREIGN KEY (receiver_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint gifts_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint gifts_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint gifts_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.live_streams(id) ON DELETE RESTRICT,
    constraint not_to_oneself CHECK ((sender_id <> receiver_id)),
    constraint one_context CHECK (((session_id IS NULL) OR (stream_id IS NULL)))
);
alter table public.gifts enable row level security;
CREATE INDEX gifts_gift ON public.gifts USING btree (gift_id);
CREATE INDEX gifts_purchase ON public.gifts USING btree (purchase_id);
CREATE INDEX gifts_receiver ON public.gifts USING btree (receiver_id, id DESC);
CREATE INDEX gifts_sender ON public.gifts USING btree (sender_id, id DESC);
CREATE INDEX gifts_session ON public.gifts USING btree (session_id);
CREATE INDEX gifts_stream ON public.gifts USING btree (stream_id, id DESC);
create policy "both people" on public.gifts as permissive for select to authenticated
    using ((sender_id = ( SELECT auth.uid() AS uid)) OR (receiver_id = ( SELECT auth.uid() AS uid)));
grant select on public.gifts to authenticated, service_role;

create table public.key_backups (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    backup jsonb not null,
    version integer not null,
    updated_at timestamp with time zone not null default private.now(),
    constraint key_backups_pkey PRIMARY KEY (id),
    constraint key_backups_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint key_backups_user_id_key UNIQUE (user_id),
    constraint key_backups_version_check CHECK ((version > 0)),
    constraint sealed CHECK (private.valid_backup(backup))
);
alter table public.key_backups enable row level security;
CREATE TRIGGER touch BEFORE UPDATE ON public.key_backups FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own backup" on public.key_backups as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.key_backups to authenticated;

create table public.live_streams (
    id uuid not null default private.uuid_v7(),
    stream_id text not null generated always as (('str_'::text || replace((id)::text, '-'::text, ''::text))) stored,
    reader_id uuid not null,
    title text not null,
    description text,
    category text not null,
    status public.stream_status not null default 'SCHEDULED'::public.stream_status,
    scheduled_at timestamp with time zone,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    viewer_count integer not null default 0,
    max_viewers integer,
    recording_url text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint ended_by_status CHECK (((ended_at IS NOT NULL) = (status = ANY (ARRAY['ENDED'::public.stream_status, 'CANCELLED'::public.stream_status])))),
    constraint ends_after_start CHECK (((ended_at IS NULL) OR (started_at IS NULL) OR (ended_at >= started_at))),
    constraint live_streams_category_check CHECK (((length(category) >= 1) AND (length(category) <= 80))),
    constraint live_streams_description_check CHECK ((length(description) <= 5000)),
    constraint live_streams_max_viewers_check CHECK ((max_viewers > 0)),
    constraint live_streams_pkey PRIMARY KEY (id),
    constraint live_streams_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint live_streams_recording_url_check CHECK ((length(recording_url) <= 500)),
    constraint live_streams_stream_id_key UNIQUE (stream_id),
    constraint live_streams_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    constraint live_streams_viewer_count_check CHECK ((viewer_count >= 0)),
    constraint started_by_status CHECK (((started_at IS NOT NULL) = (status = ANY (ARRAY['LIVE'::public.stream_status, 'ENDED'::public.stream_status])))),
    constraint within_capacity CHECK (((max_viewers IS NULL) OR (viewer_count <= max_viewers)))
);
alter table public.live_streams enable row level security;
CREATE INDEX live_streams_now ON public.live_streams USING btree (id DESC) WHERE (status = 'LIVE'::public.stream_status);
CREATE INDEX live_streams_reader ON public.live_streams USING btree (reader_id, id DESC);
CREATE UNIQUE INDEX live_streams_one_at_a_time ON public.live_streams USING btree (reader_id) WHERE (status = 'LIVE'::public.stream_status);
CREATE TRIGGER touch BEFORE UPDATE ON public.live_streams FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE OF title, description, category, scheduled_at, max_viewers ON public.live_streams FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "reader changes plans" on public.live_streams as permissive for update to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) AND (status = 'SCHEDULED'::public.stream_status) AND ( SELECT private.is_active() AS is_active))
    with check (reader_id = ( SELECT auth.uid() AS uid));
create policy "reader plans streams" on public.live_streams as permissive for insert to authenticated
    with check ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active) AND (reader_id IN ( SELECT r.user_id
   FROM public.readers r
  WHERE ((r.user_id = ( SELECT auth.uid() AS uid)) AND r.is_verified))));
create policy announced on public.live_streams as permissive for select to anon, authenticated
    using true;
grant insert (category, description, max_viewers, reader_id, scheduled_at, title), select, update (category, description, max_viewers, scheduled_at, title) on public.live_streams to authenticated;
grant select on public.live_streams to anon, service_role;

create table public.messages (
    id uuid not null default private.uuid_v7(),
    conversation_id uuid not null,
    sender_id uuid not null,
    receiver_id uuid not null,
    content jsonb not null,
    message_type public.message_type not null default 'TEXT'::public.message_type,
    is_read boolean not null generated always as ((read_at IS NOT NULL)) stored,
    read_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE RESTRICT,
    constraint messages_pkey PRIMARY KEY (id),
    constraint messages_receiver_id_fkey FOREIGN KEY (receiver_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint messages_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint sealed CHECK (private.valid_content(message_type, content)),
    constraint two_people CHECK ((sender_id <> receiver_id))
);
alter table public.messages enable row level security;
CREATE INDEX messages_page ON public.messages USING btree (conversation_id, id DESC);
CREATE INDEX messages_receiver ON public.messages USING btree (receiver_id, id DESC);
CREATE INDEX messages_sender ON public.messages USING btree (sender_id, id DESC);
CREATE INDEX messages_unread ON public.messages USING btree (receiver_id, id) WHERE (read_at IS NULL);
create policy "both people" on public.messages as permissive for select to authenticated
    using 
CASE ( SELECT auth.uid() AS uid)
    WHEN sender_id THEN true
    WHEN receiver_id THEN true
    ELSE false
END;
grant select on public.messages to authenticated, service_role;

create table public.money_approvals (
    id uuid not null default private.uuid_v7(),
    kind public.money_approval_kind not null,
    user_id uuid not null,
    session_id uuid,
    refunded_id uuid,
    amount bigint not null,
    currency character(3) not null default private.currency(),
    reason text not null,
    status public.money_approval_status not null default 'WAITING'::public.money_approval_status,
    needs_second boolean not null,
    requested_by uuid not null,
    approved_by uuid,
    rejected_by uuid,
    decided_at timestamp with time zone,
    expires_at timestamp with time zone not null,
    transaction_id uuid,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint approved_when_done CHECK (((approved_by IS NOT NULL) = (needs_second AND (status = 'DONE'::public.money_approval_status)))),
    constraint decided_once CHECK (((status = 'WAITING'::public.money_approval_status) = (decided_at IS NULL))),
    constraint done_has_transaction CHECK (((status = 'DONE'::public.money_approval_status) = (transaction_id IS NOT NULL))),
    constraint goodwill_is_of_no_session CHECK (((kind = 'REFUND'::public.money_approval_kind) OR (session_id IS NULL))),
    constraint money_approvals_amount_check CHECK ((amount > 0)),
    constraint money_approvals_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint money_approvals_pkey PRIMARY KEY (id),
    constraint money_approvals_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 2000))),
    constraint money_approvals_refunded_id_fkey FOREIGN KEY (refunded_id) REFERENCES public.transactions(id) ON DELETE RESTRICT,
    constraint money_approvals_rejected_by_fkey FOREIGN KEY (rejected_by) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint money_approvals_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint money_approvals_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint money_approvals_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint money_approvals_transaction_id_key UNIQUE (transaction_id),
    constraint money_approvals_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint only_what_waits_is_refused CHECK ((needs_second OR (status = ANY (ARRAY['WAITING'::public.money_approval_status, 'DONE'::public.money_approval_status])))),
    constraint refund_is_of_a_charge CHECK (((kind = 'REFUND'::public.money_approval_kind) = (refunded_id IS NOT NULL))),
    constraint rejected_by_somebody CHECK (((rejected_by IS NOT NULL) = (status = 'REJECTED'::public.money_approval_status))),
    constraint second_person_approves CHECK ((approved_by <> requested_by)),
    constraint second_person_rejects CHECK ((rejected_by <> requested_by))
);
alter table public.money_approvals enable row level security;
CREATE INDEX money_approvals_approver ON public.money_approvals USING btree (approved_by);
CREATE INDEX money_approvals_refunded ON public.money_approvals USING btree (refunded_id);
CREATE INDEX money_approvals_rejecter ON public.money_approvals USING btree (rejected_by);
CREATE INDEX money_approvals_requester ON public.money_approvals USING btree (requested_by, id DESC);
CREATE INDEX money_approvals_session ON public.money_approvals USING btree (session_id);
CREATE INDEX money_approvals_user ON public.money_approvals USING btree (user_id, id DESC);
CREATE INDEX money_approvals_waiting ON public.money_approvals USING btree (expires_at) WHERE (status = 'WAITING'::public.money_approval_status);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.money_approvals FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.money_approvals FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.money_approvals FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy manage_finances on public.money_approvals as permissive for select to authenticated
    using ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission);
grant select on public.money_approvals to authenticated, service_role;

create table public.notification_preferences (
    user_id uuid not null,
    by_email boolean not null default true,
    muted text[] not null default '{}'::text[],
    unsubscribe_token uuid not null default gen_random_uuid(),
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint notification_preferences_muted_check CHECK ((cardinality(muted) <= 100)),
    constraint notification_preferences_pkey PRIMARY KEY (user_id),
    constraint notification_preferences_unsubscribe_token_key UNIQUE (unsubscribe_token),
    constraint notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.notification_preferences enable row level security;
CREATE TRIGGER touch BEFORE UPDATE ON public.notification_preferences FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own row" on public.notification_preferences as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select (by_email, created_at, muted, updated_at, user_id) on public.notification_preferences to authenticated;
grant select on public.notification_preferences to service_role;

create table public.notifications (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    kind text not null,
    payload jsonb not null default '{}'::jsonb,
    read_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint notifications_kind_check CHECK ((kind ~ '^[a-z_]{1,60}$'::text)),
    constraint notifications_payload_check CHECK ((length((payload)::text) <= 4000)),
    constraint notifications_pkey PRIMARY KEY (id),
    constraint notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.notifications enable row level security;
CREATE INDEX notifications_user ON public.notifications USING btree (user_id, id DESC);
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.notifications FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "mark own" on public.notifications as permissive for update to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (user_id = ( SELECT auth.uid() AS uid));
create policy "own notifications" on public.notifications as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
create policy "remove own" on public.notifications as permissive for delete to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
grant delete, select, update (read_at) on public.notifications to authenticated;
grant select on public.notifications to service_role;

create table public.order_items (
    id uuid not null default private.uuid_v7(),
    order_id uuid not null,
    product_id uuid not null,
    quantity integer not null default 1,
    price bigint not null,
    reader_id uuid,
    share_bps integer not null default 0,
    shipped_at timestamp with time zone,
    tracking_number text,
    files text[] not null default '{}'::text[],
    created_at timestamp with time zone not null default private.now(),
    constraint order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE RESTRICT,
    constraint order_items_pkey PRIMARY KEY (id),
    constraint order_items_price_check CHECK ((price > 0)),
    constraint order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id) ON DELETE RESTRICT,
    constraint order_items_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
    constraint order_items_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint order_items_share_bps_check CHECK (((share_bps >= 0) AND (share_bps <= 10000))),
    constraint order_items_tracking_number_check CHECK (((length(tracking_number) >= 1) AND (length(tracking_number) <= 100))),
    constraint product_once_an_order UNIQUE (order_id, product_id),
    constraint tracked_when_shipped CHECK (((tracking_number IS NULL) OR (shipped_at IS NOT NULL)))
);
alter table public.order_items enable row level security;
CREATE INDEX order_items_files ON public.order_items USING gin (files) WHERE (files <> '{}'::text[]);
CREATE INDEX order_items_product ON public.order_items USING btree (product_id);
CREATE INDEX order_items_seller ON public.order_items USING btree (reader_id, id DESC);
create policy "buyer or seller" on public.order_items as permissive for select to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) OR (order_id IN ( SELECT o.id
   FROM public.orders o
  WHERE (o.client_id = ( SELECT auth.uid() AS uid)))));
grant select on public.order_items to authenticated, service_role;

create table public.orders (
    id uuid not null default private.uuid_v7(),
    order_id text not null generated always as (('ord_'::text || replace((id)::text, '-'::text, ''::text))) stored,
    client_id uuid not null,
    status public.order_status not null default 'PENDING'::public.order_status,
    total_amount bigint not null,
    currency character(3) not null default private.currency(),
    stripe_payment_intent_id text,
    shipping_address jsonb,
    tracking_number text,
    transaction_id uuid,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint orders_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint orders_order_id_key UNIQUE (order_id),
    constraint orders_pkey PRIMARY KEY (id),
    constraint orders_shipping_address_check CHECK (((jsonb_typeof(shipping_address) = 'object'::text) AND (length((shipping_address)::text) <= 2000))),
    constraint orders_stripe_payment_intent_id_check CHECK ((stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint orders_stripe_payment_intent_id_key UNIQUE (stripe_payment_intent_id),
    constraint orders_total_amount_check CHECK ((total_amount > 0)),
    constraint orders_tracking_number_check CHECK ((length(tracking_number) <= 100)),
    constraint orders_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint paid_has_transaction CHECK (((status = ANY (ARRAY['PENDING'::public.order_status, 'CANCELLED'::public.order_status])) OR (transaction_id IS NOT NULL))),
    constraint tracking_after_payment CHECK (((tracking_number IS NULL) OR (status = ANY (ARRAY['SHIPPED'::public.order_status, 'DELIVERED'::public.order_status, 'REFUNDED'::public.order_status]))))
);
alter table public.orders enable row level security;
CREATE INDEX orders_client ON public.orders USING btree (client_id, id DESC);
CREATE INDEX orders_transaction ON public.orders USING btree (transaction_id);
CREATE TRIGGER audit AFTER DELETE OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.orders FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own orders" on public.orders as permissive for select to authenticated
    using (client_id = ( SELECT auth.uid() AS uid));
grant select on public.orders to authenticated, service_role;

create table public.paid_messages (
    id uuid not null default private.uuid_v7(),
    message_id uuid not null,
    conversation_id uuid not null,
    client_id uuid not null,
    reader_id uuid not null,
    price bigint not null,
    share_bps integer not null,
    status public.paid_message_status not null default 'PENDING'::public.paid_message_status,
    transaction_id uuid,
    expires_at timestamp with time zone not null,
    resolved_at timestamp with time zone,
    constraint paid_messages_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint paid_messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE RESTRICT,
    constraint paid_messages_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE RESTRICT,
    constraint paid_messages_message_id_key UNIQUE (message_id),
    constraint paid_messages_pkey PRIMARY KEY (id),
    constraint paid_messages_price_check CHECK ((price > 0)),
    constraint paid_messages_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint paid_messages_share_bps_check CHECK (((share_bps >= 0) AND (share_bps <= 10000))),
    constraint paid_messages_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id) ON DELETE RESTRICT,
    constraint paid_messages_transaction_id_key UNIQUE (transaction_id),
    constraint paid_when_answered CHECK (((status = 'ANSWERED'::public.paid_message_status) = (transaction_id IS NOT NULL))),
    constraint resolved_once CHECK (((status = 'PENDING'::public.paid_message_status) = (resolved_at IS NULL)))
);
alter table public.paid_messages enable row level security;
CREATE INDEX paid_messages_client ON public.paid_messages USING btree (client_id, message_id DESC);
CREATE INDEX paid_messages_conversation ON public.paid_messages USING btree (conversation_id);
CREATE INDEX paid_messages_due ON public.paid_messages USING btree (expires_at) WHERE (status = 'PENDING'::public.paid_message_status);
CREATE INDEX paid_messages_reader ON public.paid_messages USING btree (reader_id, message_id DESC);
CREATE INDEX paid_messages_waiting ON public.paid_messages USING btree (conversation_id) WHERE (status = 'PENDING'::public.paid_message_status);
create policy "both people" on public.paid_messages as permissive for select to authenticated
    using 
CASE ( SELECT auth.uid() AS uid)
    WHEN client_id THEN true
    WHEN reader_id THEN true
    ELSE false
END;
grant select on public.paid_messages to authenticated, service_role;

create table public.payout_attempts (
    id uuid not null default private.uuid_v7(),
    payout_id uuid not null,
    number integer not null,
    status public.payout_attempt_status not null default 'PENDING'::public.payout_attempt_status,
    amount bigint not null,
    currency character(3) not null,
    destination text not null,
    method text not null default 'standard'::text,
    bank_try integer not null default 1,
    transfer_id text,
    stripe_payout_id text,
    failed_payouts text[] not null default '{}'::text[],
    first_tried_at timestamp with time zone,
    error_code text,
    error_message text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint attempt_number UNIQUE (payout_id, number),
    constraint payout_attempts_amount_check CHECK ((amount > 0)),
    constraint payout_attempts_bank_try_check CHECK ((bank_try > 0)),
    constraint payout_attempts_method_check CHECK ((method = ANY (ARRAY['standard'::text, 'instant'::text]))),
    constraint payout_attempts_number_check CHECK ((number > 0)),
    constraint payout_attempts_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id) ON DELETE RESTRICT,
    constraint payout_attempts_pkey PRIMARY KEY (id),
    constraint payout_attempts_stripe_payout_id_key UNIQUE (stripe_payout_id),
    constraint payout_attempts_transfer_id_key UNIQUE (transfer_id),
    constraint transferred_has_transfer CHECK (((status = ANY (ARRAY['TRANSFERRED'::public.payout_attempt_status, 'COMPLETED'::public.payout_attempt_status])) = (transfer_id IS NOT NULL)))
);
alter table public.payout_attempts enable row level security;
CREATE UNIQUE INDEX payout_attempts_one_open ON public.payout_attempts USING btree (payout_id) WHERE (status <> 'FAILED'::public.payout_attempt_status);
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.payout_attempts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.payout_attempts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
grant select on public.payout_attempts to service_role;

create table public.payouts (
    id uuid not null default private.uuid_v7(),
    reader_id uuid not null,
    amount bigint not null,
    returned bigint not null default 0,
    currency character(3) not null default private.currency(),
    status public.payout_status not null default 'PENDING'::public.payout_status,
    transaction_id uuid not null,
    stripe_transfer_id text,
    stripe_payout_id text,
    failure_code text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    processed_at timestamp with time zone,
    constraint payouts_amount_check CHECK ((amount > 0)),
    constraint payouts_failure_code_check CHECK ((length(failure_code) <= 200)),
    constraint payouts_pkey PRIMARY KEY (id),
    constraint payouts_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint payouts_stripe_payout_id_check CHECK ((stripe_payout_id ~ '^po_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint payouts_stripe_payout_id_key UNIQUE (stripe_payout_id),
    constraint payouts_stripe_transfer_id_check CHECK ((stripe_transfer_id ~ '^tr_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint payouts_stripe_transfer_id_key UNIQUE (stripe_transfer_id),
    constraint payouts_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint processed_when_final CHECK (((status = ANY (ARRAY['COMPLETED'::public.payout_status, 'FAILED'::public.payout_status])) = (processed_at IS NOT NULL))),
    constraint returned_within_amount CHECK (((returned >= 0) AND (returned <= amount)))
);
alter table public.payouts enable row level security;
CREATE INDEX payouts_reader ON public.payouts USING btree (reader_id, id DESC);
CREATE INDEX payouts_transaction ON public.payouts USING btree (transaction_id);
CREATE INDEX payouts_under_way ON public.payouts USING btree (updated_at) WHERE (status = 'PROCESSING'::public.payout_status);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own payouts" on public.payouts as permissive for select to authenticated
    using (reader_id = ( SELECT auth.uid() AS uid));
grant select on public.payouts to authenticated, service_role;

create table public.products (
    id uuid not null default private.uuid_v7(),
    stripe_product_id text,
    name text not null,
    description text not null,
    type public.product_type not null,
    category text not null,
    price bigint not null,
    currency character(3) not null default private.currency(),
    stock_quantity integer,
    sku text,
    download_url text,
    file_url text,
    weight numeric(10,3),
    dimensions jsonb,
    images text[] not null default '{}'::text[],
    status public.product_status not null default 'ACTIVE'::public.product_status,
    featured boolean not null default false,
    reader_id uuid,
    search tsvector not null generated always as (((setweight(to_tsvector('english'::regconfig, name), 'A'::"char") || setweight(to_tsvector('english'::regconfig, category), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, description), 'C'::"char"))) stored,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint digital_has_a_file CHECK (((type <> 'DIGITAL'::public.product_type) OR (status = 'DRAFT'::public.product_status) OR (COALESCE(file_url, download_url) IS NOT NULL))),
    constraint only_physical_has_measures CHECK (((type = 'PHYSICAL'::public.product_type) OR ((weight IS NULL) AND (dimensions IS NULL)))),
    constraint products_category_check CHECK (((length(category) >= 1) AND (length(category) <= 80))),
    constraint products_description_check CHECK (((length(description) >= 1) AND (length(description) <= 20000))),
    constraint products_dimensions_check CHECK (((jsonb_typeof(dimensions) = 'object'::text) AND (length((dimensions)::text) <= 500))),
    constraint products_download_url_check CHECK ((length(download_url) <= 500)),
    constraint products_file_url_check CHECK ((length(file_url) <= 500)),
    constraint products_images_check CHECK ((cardinality(images) <= 20)),
    constraint products_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    constraint products_pkey PRIMARY KEY (id),
    constraint products_price_check CHECK (((price >= 1) AND (price <= 100000000))),
    constraint products_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint products_sku_check CHECK (((length(sku) >= 1) AND (length(sku) <= 80))),
    constraint products_sku_key UNIQUE (sku),
    constraint products_stock_quantity_check CHECK ((stock_quantity >= 0)),
    constraint products_stripe_product_id_check CHECK ((stripe_product_id ~ '^prod_[A-Za-z0-9]+$'::text)),
    constraint products_stripe_product_id_key UNIQUE (stripe_product_id),
    constraint products_weight_check CHECK ((weight > (0)::numeric)),
    constraint sold_out_has_no_stock CHECK (((status <> 'OUT_OF_STOCK'::public.product_status) OR (stock_quantity = 0)))
);
alter table public.products enable row level security;
CREATE INDEX products_reader ON public.products USING btree (reader_id);
CREATE INDEX products_search ON public.products USING gin (search);
CREATE INDEX products_shelf ON public.products USING btree (category, id DESC) WHERE (status = 'ACTIVE'::public.product_status);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION private.audit('stock_quantity');
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.products FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "on the shelf" on public.products as permissive for select to anon
    using (status = ANY (ARRAY['ACTIVE'::public.product_status, 'OUT_OF_STOCK'::public.product_status]));
create policy "on the shelf, own and moderators" on public.products as permissive for select to authenticated
    using ((status = ANY (ARRAY['ACTIVE'::public.product_status, 'OUT_OF_STOCK'::public.product_status])) OR (reader_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
create policy "reader adds products" on public.products as permissive for insert to authenticated
    with check ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active) AND (reader_id IN ( SELECT r.user_id
   FROM public.readers r
  WHERE ((r.user_id = ( SELECT auth.uid() AS uid)) AND r.is_verified))));
create policy "reader changes products" on public.products as permissive for update to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (reader_id = ( SELECT auth.uid() AS uid));
grant insert (category, description, dimensions, download_url, file_url, images, name, price, reader_id, sku, status, stock_quantity, type, weight), select (category, created_at, currency, description, dimensions, featured, id, images, name, price, reader_id, search, sku, status, stock_quantity, type, updated_at, weight), update (category, description, dimensions, download_url, file_url, images, name, price, sku, status, stock_quantity, weight) on public.products to authenticated;
grant select (category, created_at, currency, description, dimensions, featured, id, images, name, price, reader_id, search, sku, status, stock_quantity, type, updated_at, weight) on public.products to anon;
grant select on public.products to service_role;

create table public.promo_codes (
    id uuid not null default private.uuid_v7(),
    code extensions.citext not null,
    kind public.promo_kind not null,
    amount bigint,
    minutes integer,
    currency character(3) not null default private.currency(),
    max_redemptions integer,
    redemptions integer not null default 0,
    valid_from timestamp with time zone not null default private.now(),
    valid_to timestamp with time zone,
    ended_at timestamp with time zone,
    created_by uuid,
    created_at timestamp with time zone not null default private.now(),
    constraint kind_has_its_value CHECK ((((kind = 'CREDIT'::public.promo_kind) = (amount IS NOT NULL)) AND ((kind = 'FREE_MINUTES'::public.promo_kind) = (minutes IS NOT NULL)))),
    constraint promo_codes_amount_check CHECK ((amount > 0)),
    constraint promo_codes_code_check CHECK (((code)::text ~ '^[A-Za-z0-9]{4,30}$'::text)),
    constraint promo_codes_code_key UNIQUE (code),
    constraint promo_codes_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id),
    constraint promo_codes_max_redemptions_check CHECK ((max_redemptions > 0)),
    constraint promo_codes_minutes_check CHECK (((minutes >= 1) AND (minutes <= 60))),
    constraint promo_codes_pkey PRIMARY KEY (id),
    constraint valid_interval CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
    constraint within_redemptions CHECK (((redemptions >= 0) AND (redemptions <= COALESCE(max_redemptions, redemptions))))
);
alter table public.promo_codes enable row level security;
CREATE INDEX promo_codes_author ON public.promo_codes USING btree (created_by);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.promo_codes FOR EACH ROW EXECUTE FUNCTION private.audit('redemptions');
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.promo_codes FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
create policy manage_finances on public.promo_codes as permissive for select to authenticated
    using ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission);
grant select on public.promo_codes to authenticated, service_role;

create table public.promo_redemptions (
    id uuid not null default private.uuid_v7(),
    promo_code_id uuid not null,
    user_id uuid not null,
    card_fingerprint text,
    transaction_id uuid,
    session_id uuid,
    increments integer,
    created_at timestamp with time zone not null default private.now(),
    constraint promo_redemptions_card_fingerprint_check CHECK ((length(card_fingerprint) <= 100)),
    constraint promo_redemptions_increments_check CHECK ((increments > 0)),
    constraint promo_redemptions_pkey PRIMARY KEY (id),
    constraint promo_redemptions_promo_code_id_fkey FOREIGN KEY (promo_code_id) REFERENCES public.promo_codes(id) ON DELETE RESTRICT,
    constraint promo_redemptions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id),
    constraint promo_redemptions_session_id_key UNIQUE (session_id),
    constraint promo_redemptions_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint promo_redemptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint redeemed_once_a_card UNIQUE (promo_code_id, card_fingerprint),
    constraint redeemed_once_a_person UNIQUE (promo_code_id, user_id),
    constraint reserved_has_increments CHECK (((session_id IS NULL) = (increments IS NULL)))
);
alter table public.promo_redemptions enable row level security;
CREATE INDEX promo_redemptions_transaction ON public.promo_redemptions USING btree (transaction_id);
CREATE INDEX promo_redemptions_user ON public.promo_redemptions USING btree (user_id);
create policy "own redemptions" on public.promo_redemptions as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.promo_redemptions to authenticated, service_role;

create table public.reader_accounts (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    status public.reader_status not null default 'OFFLINE'::public.reader_status,
    stripe_account_id text,
    verification_docs text[] not null default '{}'::text[],
    total_earnings bigint not null default 0,
    details_submitted boolean not null default false,
    payouts_enabled boolean not null default false,
    disabled_reason text,
    requirements_due text[] not null default '{}'::text[],
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint reader_accounts_pkey PRIMARY KEY (id),
    constraint reader_accounts_status_check CHECK ((status <> 'BUSY'::public.reader_status)),
    constraint reader_accounts_stripe_account_id_check CHECK ((stripe_account_id ~ '^acct_[A-Za-z0-9]+$'::text)),
    constraint reader_accounts_stripe_account_id_key UNIQUE (stripe_account_id),
    constraint reader_accounts_total_earnings_check CHECK ((total_earnings >= 0)),
    constraint reader_accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint reader_accounts_user_id_key UNIQUE (user_id),
    constraint reader_accounts_verification_docs_check CHECK ((cardinality(verification_docs) <= 50))
);
alter table public.reader_accounts enable row level security;
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.reader_accounts FOR EACH ROW EXECUTE FUNCTION private.audit('status', 'total_earnings');
CREATE TRIGGER touch BEFORE UPDATE ON public.reader_accounts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own account" on public.reader_accounts as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.reader_accounts to authenticated, service_role;

create table public.reader_applications (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    status public.application_status not null default 'PENDING'::public.application_status,
    first_name text not null,
    last_name text not null,
    bio text not null,
    specialties text[] not null default '{}'::text[],
    session_types public.session_type[] not null,
    pricing jsonb not null,
    timezone text not null,
    reviewed_by uuid,
    reviewed_at timestamp with time zone,
    reason text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint every_type_has_a_price CHECK (private.prices_every(pricing, session_types)),
    constraint reader_applications_bio_check CHECK (((length(bio) >= 1) AND (length(bio) <= 8000))),
    constraint reader_applications_first_name_check CHECK (((length(first_name) >= 1) AND (length(first_name) <= 80))),
    constraint reader_applications_last_name_check CHECK (((length(last_name) >= 1) AND (length(last_name) <= 80))),
    constraint reader_applications_pkey PRIMARY KEY (id),
    constraint reader_applications_pricing_check CHECK (private.valid_pricing(pricing)),
    constraint reader_applications_reason_check CHECK ((length(reason) <= 2000)),
    constraint reader_applications_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES public.users(id),
    constraint reader_applications_session_types_check CHECK (((cardinality(session_types) >= 1) AND (cardinality(session_types) <= 3))),
    constraint reader_applications_specialties_check CHECK ((cardinality(specialties) <= 30)),
    constraint reader_applications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint reviewed_when_decided CHECK (((status = 'PENDING'::public.application_status) = (reviewed_at IS NULL)))
);
alter table public.reader_applications enable row level security;
CREATE INDEX reader_applications_reviewer ON public.reader_applications USING btree (reviewed_by);
CREATE INDEX reader_applications_user ON public.reader_applications USING btree (user_id);
CREATE UNIQUE INDEX reader_applications_one_pending ON public.reader_applications USING btree (user_id) WHERE (status = 'PENDING'::public.application_status);
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.reader_applications FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER timezone_known BEFORE INSERT OR UPDATE OF timezone ON public.reader_applications FOR EACH ROW EXECUTE FUNCTION private.require_timezone();
CREATE TRIGGER touch BEFORE UPDATE ON public.reader_applications FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own applications" on public.reader_applications as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.reader_applications to authenticated, service_role;

CREATE TRIGGER read_only INSTEAD OF INSERT OR DELETE OR UPDATE ON public.reader_earnings FOR EACH ROW EXECUTE FUNCTION private.refuse_write();

create table public.readers (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    first_name text not null,
    last_name text not null,
    avatar text,
    bio text not null,
    headline text,
    specialties text[] not null default '{}'::text[],
    experience integer not null default 0,
    certifications text[] not null default '{}'::text[],
    languages text[] not null default '{en}'::text[],
    session_types public.session_type[] not null default '{}'::public.session_type[],
    pricing jsonb not null default '{}'::jsonb,
    reply_price bigint,
    timezone text not null default 'UTC'::text,
    status public.reader_status not null default 'OFFLINE'::public.reader_status,
    is_verified boolean not null default false,
    total_sessions integer not null default 0,
    average_rating numeric(3,2) not null default 0,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    search tsvector not null generated always as (((setweight(to_tsvector('simple'::regconfig, ((first_name || ' '::text) || last_name)), 'A'::"char") || setweight(to_tsvector('english'::regconfig, ((COALESCE(headline, ''::text) || ' '::text) || private.words(specialties))), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, bio), 'C'::"char"))) stored,
    card json not null generated always as (private.reader_card(user_id, first_name, last_name, avatar, headline, specialties, languages, experience, session_types, pricing, status, average_rating, total_sessions)) stored,
    lowest_price bigint generated always as (private.lowest_price(pricing)) stored,
    constraint every_type_has_a_price CHECK (private.prices_every(pricing, session_types)),
    constraint readers_avatar_check CHECK ((length(avatar) <= 500)),
    constraint readers_average_rating_check CHECK (((average_rating >= (0)::numeric) AND (average_rating <= (5)::numeric))),
    constraint readers_bio_check CHECK (((length(bio) >= 1) AND (length(bio) <= 8000))),
    constraint readers_certifications_check CHECK ((cardinality(certifications) <= 30)),
    constraint readers_experience_check CHECK (((experience >= 0) AND (experience <= 90))),
    constraint readers_first_name_check CHECK (((length(first_name) >= 1) AND (length(first_name) <= 80))),
    constraint readers_headline_check CHECK ((length(headline) <= 160)),
    constraint readers_languages_check CHECK (((cardinality(languages) >= 1) AND (cardinality(languages) <= 20))),
    constraint readers_last_name_check CHECK (((length(last_name) >= 1) AND (length(last_name) <= 80))),
    constraint readers_pkey PRIMARY KEY (id),
    constraint readers_pricing_check CHECK (private.valid_pricing(pricing)),
    constraint readers_reply_price_check CHECK (((reply_price >= 1) AND (reply_price <= 1000000))),
    constraint readers_specialties_check CHECK ((cardinality(specialties) <= 30)),
    constraint readers_status_check CHECK ((status <> 'INVISIBLE'::public.reader_status)),
    constraint readers_total_sessions_check CHECK ((total_sessions >= 0)),
    constraint readers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint readers_user_id_key UNIQUE (user_id)
);
alter table public.readers enable row level security;
CREATE INDEX readers_directory ON public.readers USING btree (average_rating DESC, user_id DESC) WHERE is_verified;
CREATE INDEX readers_directory_online ON public.readers USING btree (average_rating DESC, user_id DESC) WHERE (is_verified AND (status = 'ONLINE'::public.reader_status));
CREATE INDEX readers_languages ON public.readers USING gin (languages);
CREATE INDEX readers_lowest_price ON public.readers USING btree (lowest_price) WHERE is_verified;
CREATE INDEX readers_online ON public.readers USING btree (status) WHERE (status = 'ONLINE'::public.reader_status);
CREATE INDEX readers_search ON public.readers USING gin (search);
CREATE INDEX readers_specialties ON public.readers USING gin (specialties);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.readers FOR EACH ROW EXECUTE FUNCTION private.audit('status', 'total_sessions', 'average_rating', 'card', 'lowest_price');
CREATE TRIGGER listed AFTER INSERT OR DELETE OR UPDATE OF is_verified, average_rating, specialties, languages, session_types ON public.readers FOR EACH ROW EXECUTE FUNCTION private.list_reader();
CREATE TRIGGER marked_online AFTER UPDATE OF status ON public.readers FOR EACH ROW WHEN (((old.status = 'ONLINE'::public.reader_status) <> (new.status = 'ONLINE'::public.reader_status))) EXECUTE FUNCTION private.mark_reader_online();
CREATE TRIGGER timezone_known BEFORE INSERT OR UPDATE OF timezone ON public.readers FOR EACH ROW EXECUTE FUNCTION private.require_timezone();
CREATE TRIGGER touch BEFORE UPDATE ON public.readers FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.readers FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "change own profile" on public.readers as permissive for update to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (user_id = ( SELECT auth.uid() AS uid));
create policy "profiles are public" on public.readers as permissive for select to anon, authenticated
    using true;
grant select on public.readers to anon, service_role;
grant select, update (avatar, bio, certifications, experience, first_name, headline, languages, last_name, pricing, session_types, specialties, timezone) on public.readers to authenticated;

create table public.recording_consents (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    user_id uuid not null,
    consented_at timestamp with time zone not null default private.now(),
    withdrawn_at timestamp with time zone,
    constraint recording_consents_pkey PRIMARY KEY (id),
    constraint recording_consents_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint recording_consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
alter table public.recording_consents enable row level security;
CREATE INDEX recording_consents_session ON public.recording_consents USING btree (session_id, id);
CREATE INDEX recording_consents_user ON public.recording_consents USING btree (user_id, id DESC);
CREATE UNIQUE INDEX recording_consents_standing ON public.recording_consents USING btree (session_id, user_id) WHERE (withdrawn_at IS NULL);
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.recording_consents FOR EACH ROW EXECUTE FUNCTION private.audit();
create policy "participants read" on public.recording_consents as permissive for select to authenticated
    using (session_id IN ( SELECT s.id
   FROM public.sessions s
  WHERE ((s.client_id = ( SELECT auth.uid() AS uid)) OR (s.reader_id = ( SELECT auth.uid() AS uid)))));
grant select on public.recording_consents to authenticated, service_role;

create table public.reports (
    id uuid not null default private.uuid_v7(),
    reporter_id uuid not null,
    reported_id uuid not null,
    entity_type text not null,
    entity_id uuid not null,
    reason text not null,
    evidence jsonb,
    status public.report_status not null default 'OPEN'::public.report_status,
    resolved_by uuid,
    resolved_at timestamp with time zone,
    resolution text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint not_oneself CHECK ((reporter_id <> reported_id)),
    constraint reports_entity_type_check CHECK ((entity_type = ANY (ARRAY['user'::text, 'session'::text, 'message'::text, 'chat_message'::text, 'forum_post'::text, 'forum_reply'::text, 'review'::text, 'live_stream'::text]))),
    constraint reports_evidence_check CHECK ((length((evidence)::text) <= 200000)),
    constraint reports_pkey PRIMARY KEY (id),
    constraint reports_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 4000))),
    constraint reports_reported_id_fkey FOREIGN KEY (reported_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint reports_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint reports_resolution_check CHECK ((length(resolution) <= 4000)),
    constraint reports_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES public.users(id),
    constraint resolved_when_decided CHECK (((status = 'OPEN'::public.report_status) = (resolved_at IS NULL)))
);
alter table public.reports enable row level security;
CREATE INDEX reports_open ON public.reports USING btree (id) WHERE (status = 'OPEN'::public.report_status);
CREATE INDEX reports_reported ON public.reports USING btree (reported_id);
CREATE INDEX reports_reporter ON public.reports USING btree (reporter_id, id DESC);
CREATE INDEX reports_resolver ON public.reports USING btree (resolved_by);
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON public.reports FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER touch BEFORE UPDATE ON public.reports FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own reports or moderate_content" on public.reports as permissive for select to authenticated
    using ((reporter_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
grant select on public.reports to authenticated, service_role;

create table public.reviews (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    client_id uuid not null,
    reader_id uuid not null,
    rating smallint not null,
    comment text,
    response text,
    responded_at timestamp with time zone,
    is_hidden boolean not null default false,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint response_has_time CHECK (((response IS NULL) = (responded_at IS NULL))),
    constraint reviews_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint reviews_comment_check CHECK (((length(comment) >= 1) AND (length(comment) <= 4000))),
    constraint reviews_pkey PRIMARY KEY (id),
    constraint reviews_rating_check CHECK (((rating >= 1) AND (rating <= 5))),
    constraint reviews_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint reviews_response_check CHECK (((length(response) >= 1) AND (length(response) <= 4000))),
    constraint reviews_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint reviews_session_id_key UNIQUE (session_id)
);
alter table public.reviews enable row level security;
CREATE INDEX reviews_client ON public.reviews USING btree (client_id, id DESC);
CREATE INDEX reviews_reader ON public.reviews USING btree (reader_id, id DESC);
CREATE TRIGGER audit AFTER UPDATE OF is_hidden ON public.reviews FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER fold_rating AFTER INSERT OR UPDATE OF rating, is_hidden ON public.reviews FOR EACH ROW EXECUTE FUNCTION private.fold_rating();
CREATE TRIGGER touch BEFORE UPDATE ON public.reviews FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "shown reviews" on public.reviews as permissive for select to anon
    using (NOT is_hidden);
create policy "shown, own, or moderators" on public.reviews as permissive for select to authenticated
    using ((NOT is_hidden) OR (client_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('moderate_content'::public.admin_permission) AS has_permission));
grant select on public.reviews to anon, authenticated, service_role;

create table public.sessions (
    id uuid not null default private.uuid_v7(),
    session_id text not null generated always as (('ses_'::text || replace((id)::text, '-'::text, ''::text))) stored,
    client_id uuid not null,
    reader_id uuid not null,
    type public.session_type not null,
    status public.session_status not null default 'SCHEDULED'::public.session_status,
    scheduled_at timestamp with time zone,
    expires_at timestamp with time zone,
    accepted_at timestamp with time zone,
    client_joined_at timestamp with time zone,
    reader_joined_at timestamp with time zone,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    paused_at timestamp with time zone,
    pause_reason public.pause_reason,
    end_reason public.end_reason,
    duration integer,
    reader_rate bigint not null,
    share_bps integer not null,
    max_minutes integer not null,
    terms jsonb not null,
    billed_seconds integer not null default 0,
    billed_minutes integer not null generated always as (((billed_seconds + 59) / 60)) stored,
    total_cost bigint,
    transaction_id uuid,
    recording_url text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint end_reason_fits CHECK (
CASE status
    WHEN 'CANCELLED'::public.session_status THEN (end_reason = ANY (ARRAY['declined'::public.end_reason, 'expired'::public.end_reason, 'cancelled_by_client'::public.end_reason, 'cancelled_by_reader'::public.end_reason, 'account_suspended'::public.end_reason, 'admin_ended'::public.end_reason]))
    WHEN 'NO_SHOW'::public.session_status THEN (end_reason = ANY (ARRAY['no_show_client'::public.end_reason, 'no_show_reader'::public.end_reason]))
    WHEN 'DISCONNECTED'::public.session_status THEN (end_reason = 'disconnected'::public.end_reason)
    WHEN 'COMPLETED'::public.session_status THEN (end_reason = ANY (ARRAY['client_ended'::public.end_reason, 'reader_ended'::public.end_reason, 'max_minutes'::public.end_reason, 'insufficient_funds'::public.end_reason, 'account_suspended'::public.end_reason, 'admin_ended'::public.end_reason]))
    ELSE true
END),
    constraint final_has_end CHECK ((((status = ANY (ARRAY['SCHEDULED'::public.session_status, 'IN_PROGRESS'::public.session_status])) = (ended_at IS NULL)) AND ((ended_at IS NULL) = (end_reason IS NULL)))),
    constraint pause_is_in_progress CHECK ((((paused_at IS NULL) = (pause_reason IS NULL)) AND ((paused_at IS NULL) OR (status = 'IN_PROGRESS'::public.session_status)))),
    constraint sessions_billed_seconds_check CHECK ((billed_seconds >= 0)),
    constraint sessions_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint sessions_duration_check CHECK ((duration >= 0)),
    constraint sessions_max_minutes_check CHECK ((max_minutes > 0)),
    constraint sessions_pkey PRIMARY KEY (id),
    constraint sessions_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint sessions_reader_rate_check CHECK ((reader_rate > 0)),
    constraint sessions_recording_url_check CHECK ((length(recording_url) <= 500)),
    constraint sessions_session_id_key UNIQUE (session_id),
    constraint sessions_share_bps_check CHECK (((share_bps >= 0) AND (share_bps <= 10000))),
    constraint sessions_terms_check CHECK ((jsonb_typeof(terms) = 'object'::text)),
    constraint sessions_total_cost_check CHECK ((total_cost >= 0)),
    constraint sessions_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint settled_has_cost CHECK (((status <> ALL (ARRAY['COMPLETED'::public.session_status, 'DISCONNECTED'::public.session_status])) OR (total_cost IS NOT NULL))),
    constraint started_by_status CHECK (((started_at IS NOT NULL) = (status = ANY (ARRAY['IN_PROGRESS'::public.session_status, 'COMPLETED'::public.session_status, 'DISCONNECTED'::public.session_status])))),
    constraint started_has_transaction CHECK (((started_at IS NULL) OR (transaction_id IS NOT NULL))),
    constraint started_needs_acceptance CHECK (((started_at IS NULL) OR ((accepted_at IS NOT NULL) AND (client_joined_at IS NOT NULL) AND (reader_joined_at IS NOT NULL)))),
    constraint two_people CHECK ((client_id <> reader_id))
);
alter table public.sessions enable row level security;
CREATE INDEX sessions_client ON public.sessions USING btree (client_id, id DESC);
CREATE INDEX sessions_reader ON public.sessions USING btree (reader_id, id DESC);
CREATE INDEX sessions_transaction ON public.sessions USING btree (transaction_id);
CREATE INDEX sessions_waiting ON public.sessions USING btree (expires_at) WHERE (status = 'SCHEDULED'::public.session_status);
CREATE TRIGGER keep_to_the_machine BEFORE UPDATE OF status ON public.sessions FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION private.keep_to_the_machine();
CREATE TRIGGER log_session AFTER INSERT OR UPDATE OF accepted_at, client_joined_at, reader_joined_at, started_at, paused_at, ended_at ON public.sessions FOR EACH ROW EXECUTE FUNCTION private.log_session();
CREATE TRIGGER touch BEFORE UPDATE ON public.sessions FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy participants on public.sessions as permissive for select to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) OR (reader_id = ( SELECT auth.uid() AS uid)));
grant select on public.sessions to authenticated, service_role;

create table public.system_settings (
    id uuid not null default private.uuid_v7(),
    key text not null,
    value text not null,
    value_type public.setting_type not null,
    minimum bigint,
    maximum bigint,
    is_public boolean not null default false,
    description text not null,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint setting_range CHECK (((value_type = 'INTEGER'::public.setting_type) OR ((minimum IS NULL) AND (maximum IS NULL)))),
    constraint setting_value_fits CHECK (
CASE value_type
    WHEN 'INTEGER'::public.setting_type THEN ((value ~ '^-?[0-9]{1,18}$'::text) AND ((value)::bigint >= COALESCE(minimum, (value)::bigint)) AND ((value)::bigint <= COALESCE(maximum, (value)::bigint)))
    WHEN 'BOOLEAN'::public.setting_type THEN (value = ANY (ARRAY['true'::text, 'false'::text]))
    ELSE true
END),
    constraint system_settings_description_check CHECK (((length(description) >= 1) AND (length(description) <= 500))),
    constraint system_settings_key_check CHECK ((key ~ '^[a-z][a-z_]*(\.[a-z_]+)+$'::text)),
    constraint system_settings_key_key UNIQUE (key),
    constraint system_settings_pkey PRIMARY KEY (id),
    constraint system_settings_value_check CHECK ((length(value) <= 2000))
);
alter table public.system_settings enable row level security;
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.system_settings FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER follow_currency AFTER UPDATE OF value ON public.system_settings FOR EACH ROW WHEN (((new.key = 'platform.currency'::text) AND (new.value IS DISTINCT FROM old.value))) EXECUTE FUNCTION ledger.follow_currency();
CREATE TRIGGER keep_currency BEFORE UPDATE OF value ON public.system_settings FOR EACH ROW WHEN (((new.key = 'platform.currency'::text) AND (new.value IS DISTINCT FROM old.value))) EXECUTE FUNCTION ledger.keep_currency();
CREATE TRIGGER loaded BEFORE UPDATE OF value ON public.system_settings FOR EACH ROW EXECUTE FUNCTION private.keep_loaded_setting();
CREATE TRIGGER touch BEFORE UPDATE ON public.system_settings FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "public settings or manage_settings" on public.system_settings as permissive for select to authenticated
    using (is_public OR ( SELECT private.has_permission('manage_settings'::public.admin_permission) AS has_permission));
create policy "public settings" on public.system_settings as permissive for select to anon
    using is_public;
grant select on public.system_settings to anon, authenticated, service_role;

create table public.transactions (
    id uuid not null default private.uuid_v7(),
    transaction_id text not null generated always as (('txn_'::text || replace((id)::text, '-'::text, ''::text))) stored,
    user_id uuid not null,
    type public.transaction_type not null,
    amount bigint not null,
    currency character(3) not null default private.currency(),
    status public.transaction_status not null,
    session_id uuid,
    stripe_payment_intent_id text,
    stripe_checkout_session_id text,
    stripe_transfer_id text,
    reader_earnings bigint,
    platform_revenue bigint,
    fee bigint,
    description text,
    metadata jsonb not null default '{}'::jsonb,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint transactions_amount_check CHECK ((amount >= 0)),
    constraint transactions_description_check CHECK ((length(description) <= 500)),
    constraint transactions_fee_check CHECK ((fee >= 0)),
    constraint transactions_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    constraint transactions_pkey PRIMARY KEY (id),
    constraint transactions_platform_revenue_check CHECK ((platform_revenue >= 0)),
    constraint transactions_reader_earnings_check CHECK ((reader_earnings >= 0)),
    constraint transactions_session_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE RESTRICT,
    constraint transactions_stripe_checkout_session_id_check CHECK ((stripe_checkout_session_id ~ '^cs_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint transactions_stripe_payment_intent_id_check CHECK ((stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint transactions_stripe_payment_intent_id_key UNIQUE (stripe_payment_intent_id),
    constraint transactions_stripe_transfer_id_check CHECK ((stripe_transfer_id ~ '^tr_[A-Za-z0-9_-]{1,250}$'::text)),
    constraint transactions_stripe_transfer_id_key UNIQUE (stripe_transfer_id),
    constraint transactions_transaction_id_key UNIQUE (transaction_id),
    constraint transactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT
);
alter table public.transactions enable row level security;
CREATE INDEX transactions_session_id ON public.transactions USING btree (session_id);
CREATE INDEX transactions_user ON public.transactions USING btree (user_id, id DESC);
CREATE UNIQUE INDEX transactions_checkout_session ON public.transactions USING btree (stripe_checkout_session_id) WHERE (stripe_checkout_session_id IS NOT NULL);
CREATE UNIQUE INDEX transactions_one_fee ON public.transactions USING btree (session_id) WHERE (type = 'FEE'::public.transaction_type);
CREATE UNIQUE INDEX transactions_session ON public.transactions USING btree (session_id) WHERE (type = 'SESSION_CHARGE'::public.transaction_type);
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.transactions FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.transactions FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own transactions" on public.transactions as permissive for select to authenticated
    using (user_id = ( SELECT auth.uid() AS uid));
grant select on public.transactions to authenticated, service_role;

create table public.user_keys (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    device_id uuid not null,
    identity_key text not null,
    device_key text not null,
    signing_key text not null,
    signature text not null,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint device_registered_once UNIQUE (user_id, device_id),
    constraint user_keys_device_key_check CHECK ((device_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
    constraint user_keys_identity_key_check CHECK ((identity_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
    constraint user_keys_pkey PRIMARY KEY (id),
    constraint user_keys_signature_check CHECK ((signature ~ '^[A-Za-z0-9_-]{86}$'::text)),
    constraint user_keys_signing_key_check CHECK ((signing_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
    constraint user_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.user_keys enable row level security;
create policy "keys are public" on public.user_keys as permissive for select to authenticated
    using true;
grant select on public.user_keys to authenticated, service_role;

create table public.users (
    id uuid not null,
    username extensions.citext,
    role public.user_role not null default 'CLIENT'::public.user_role,
    status public.user_status not null default 'ACTIVE'::public.user_status,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint users_id_fkey FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE,
    constraint users_pkey PRIMARY KEY (id),
    constraint users_username_check CHECK (((username)::text ~ '^[A-Za-z0-9_]{3,30}$'::text)),
    constraint users_username_key UNIQUE (username)
);
alter table public.users enable row level security;
CREATE TRIGGER audit AFTER DELETE OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER stop_suspended AFTER UPDATE OF status ON public.users FOR EACH ROW WHEN (((old.status = 'ACTIVE'::public.user_status) AND (new.status <> 'ACTIVE'::public.user_status))) EXECUTE FUNCTION private.stop_suspended();
CREATE TRIGGER touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "cards are readable" on public.users as permissive for select to authenticated
    using true;
create policy "own user name" on public.users as permissive for update to authenticated
    using ((id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active))
    with check (id = ( SELECT auth.uid() AS uid));
create policy "token hook reads roles" on public.users as permissive for select to supabase_auth_admin
    using true;
grant select (id, role, status) on public.users to supabase_auth_admin;
grant select on public.users to service_role;
grant select, update (username) on public.users to authenticated;

create table public.virtual_gifts (
    id uuid not null default private.uuid_v7(),
    name text not null,
    description text,
    price bigint not null,
    currency character(3) not null default private.currency(),
    image_url text not null,
    animation_url text,
    is_active boolean not null default true,
    created_at timestamp with time zone not null default private.now(),
    constraint virtual_gifts_animation_url_check CHECK ((length(animation_url) <= 500)),
    constraint virtual_gifts_description_check CHECK ((length(description) <= 500)),
    constraint virtual_gifts_image_url_check CHECK ((length(image_url) <= 500)),
    constraint virtual_gifts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    constraint virtual_gifts_name_key UNIQUE (name),
    constraint virtual_gifts_pkey PRIMARY KEY (id),
    constraint virtual_gifts_price_check CHECK (((price >= 1) AND (price <= 10000000)))
);
alter table public.virtual_gifts enable row level security;
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.virtual_gifts FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.virtual_gifts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
create policy "catalogue is public" on public.virtual_gifts as permissive for select to anon, authenticated
    using true;
grant select on public.virtual_gifts to anon, authenticated, service_role;

create table public.wait_list (
    id uuid not null default private.uuid_v7(),
    reader_id uuid not null,
    client_id uuid not null,
    type public.session_type not null,
    offered_at timestamp with time zone,
    expires_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint not_oneself CHECK ((client_id <> reader_id)),
    constraint offered_expires CHECK (((offered_at IS NULL) = (expires_at IS NULL))),
    constraint wait_list_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint wait_list_pkey PRIMARY KEY (id),
    constraint wait_list_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint waits_once UNIQUE (reader_id, client_id)
);
alter table public.wait_list enable row level security;
CREATE INDEX wait_list_client ON public.wait_list USING btree (client_id);
CREATE INDEX wait_list_order ON public.wait_list USING btree (reader_id, id);
create policy "both people" on public.wait_list as permissive for select to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) OR (reader_id = ( SELECT auth.uid() AS uid)));
grant select on public.wait_list to authenticated, service_role;

CREATE TRIGGER read_only INSTEAD OF INSERT OR DELETE OR UPDATE ON public.wallets FOR EACH ROW EXECUTE FUNCTION private.refuse_write();

create policy "receive on own topics" on realtime.messages as permissive for select to authenticated
    using ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ( SELECT private.may_hear(( SELECT realtime.topic() AS topic)) AS may_hear));
create policy "send to peers" on realtime.messages as permissive for insert to authenticated
    with check 
CASE extension
    WHEN 'broadcast'::text THEN ( SELECT private.may_speak(( SELECT realtime.topic() AS topic), 'broadcast'::text) AS may_speak)
    WHEN 'presence'::text THEN ( SELECT private.may_speak(( SELECT realtime.topic() AS topic), 'presence'::text) AS may_speak)
    ELSE false
END;

create policy "read by bucket" on storage.objects as permissive for select to authenticated
    using 
CASE bucket_id
    WHEN 'avatars'::text THEN ((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text)
    WHEN 'verification-docs'::text THEN (((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) OR (( SELECT storage.allow_any_operation(ARRAY['object.get_authenticated'::text, 'object.info_authenticated'::text, 'object.list'::text, 'object.list_v2'::text]) AS allow_any_operation) AND ((storage.foldername(name))[1] IN ( SELECT private.applicant_folders() AS applicant_folders))))
    WHEN 'recordings'::text THEN ((storage.foldername(name))[1] IN ( SELECT (s.id)::text AS id
       FROM public.sessions s
      WHERE ((s.client_id = ( SELECT auth.uid() AS uid)) OR (s.reader_id = ( SELECT auth.uid() AS uid)))))
    WHEN 'products'::text THEN (((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) OR (name IN ( SELECT private.bought_files() AS bought_files)))
    WHEN 'product-images'::text THEN ((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text)
    WHEN 'chat-media'::text THEN (((storage.foldername(name))[1] IN ( SELECT private.media_folders(false) AS media_folders)) OR (( SELECT storage.allow_any_operation(ARRAY['object.get_authenticated'::text, 'object.info_authenticated'::text, 'object.list'::text, 'object.list_v2'::text]) AS allow_any_operation) AND ((storage.foldername(name))[1] IN ( SELECT private.reported_folders() AS reported_folders))))
    ELSE false
END;
create policy "remove own" on storage.objects as permissive for delete to authenticated
    using ((owner_id = (( SELECT auth.uid() AS uid))::text) AND ( SELECT private.is_active() AS is_active) AND (bucket_id = ANY (ARRAY['avatars'::text, 'products'::text, 'product-images'::text, 'chat-media'::text])) AND (NOT ((bucket_id = 'products'::text) AND private.is_sold(name))));
create policy "replace own" on storage.objects as permissive for update to authenticated
    using ((owner_id = (( SELECT auth.uid() AS uid))::text) AND ( SELECT private.is_active() AS is_active) AND (bucket_id = ANY (ARRAY['avatars'::text, 'products'::text, 'product-images'::text])) AND ((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) AND (NOT ((bucket_id = 'products'::text) AND private.is_sold(name))))
    with check ((owner_id = (( SELECT auth.uid() AS uid))::text) AND ((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) AND
CASE bucket_id
    WHEN 'avatars'::text THEN true
    WHEN 'products'::text THEN ((storage.foldername(name))[2] IN ( SELECT (p.id)::text AS id
       FROM public.products p
      WHERE (p.reader_id = ( SELECT auth.uid() AS uid))))
    WHEN 'product-images'::text THEN ((storage.foldername(name))[2] IN ( SELECT (p.id)::text AS id
       FROM public.products p
      WHERE (p.reader_id = ( SELECT auth.uid() AS uid))))
    ELSE false
END);
create policy "write by bucket" on storage.objects as permissive for insert to authenticated
    with check ((owner_id = (( SELECT auth.uid() AS uid))::text) AND ( SELECT private.is_active() AS is_active) AND
CASE bucket_id
    WHEN 'avatars'::text THEN ((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text)
    WHEN 'verification-docs'::text THEN (((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) AND ( SELECT private.has_account() AS has_account))
    WHEN 'recordings'::text THEN ((storage.foldername(name))[1] IN ( SELECT private.recording_folders() AS recording_folders))
    WHEN 'products'::text THEN (((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) AND ((storage.foldername(name))[2] IN ( SELECT (p.id)::text AS id
       FROM public.products p
      WHERE (p.reader_id = ( SELECT auth.uid() AS uid)))) AND (NOT storage.allow_any_operation(ARRAY['object.sign_upload_url'::text])))
    WHEN 'product-images'::text THEN (((storage.foldername(name))[1] = (( SELECT auth.uid() AS uid))::text) AND ((storage.foldername(name))[2] IN ( SELECT (p.id)::text AS id
       FROM public.products p
      WHERE (p.reader_id = ( SELECT auth.uid() AS uid)))))
    WHEN 'chat-media'::text THEN ((storage.foldername(name))[1] IN ( SELECT private.media_folders(true) AS media_folders))
    ELSE false
END);

----------------------------------------------------------------------
-- Views
----------------------------------------------------------------------

create view ledger.house_totals with (security_invoker=true) as
 WITH rolled AS (
         SELECT d.account_id,
            sum(d.debits) AS debits,
            sum(d.credits) AS credits
           FROM ledger.house_days d
          GROUP BY d.account_id
        ), since AS (
         SELECT e.account_id,
            sum(e.debit) AS debits,
            sum(e.credit) AS credits
           FROM ledger.transfers t
             CROSS JOIN LATERAL ( VALUES (t.debit_account_id,t.amount,0), (t.credit_account_id,0,t.amount - t.commission), (t.commission_account_id,0,t.commission)) e(account_id, debit, credit)
          WHERE t.id >= (( SELECT COALESCE(ledger.day_begins(max(d.day) + 1), private.zero_uuid()) AS "coalesce"
                   FROM ledger.house_days d))
          GROUP BY e.account_id
        )
 SELECT a.id,
    a.kind,
    (COALESCE(r.debits, 0::numeric) + COALESCE(s.debits, 0::numeric))::bigint AS debits,
    (COALESCE(r.credits, 0::numeric) + COALESCE(s.credits, 0::numeric))::bigint AS credits
   FROM ledger.accounts a
     LEFT JOIN rolled r ON r.account_id = a.id
     LEFT JOIN since s ON s.account_id = a.id
  WHERE a.user_id IS NULL;

create view public.reader_earnings with (security_invoker=true) as
 SELECT id,
    user_id,
    credits - debits AS balance,
    held,
    private.payable(id) AS payable,
    currency,
    created_at,
    updated_at
   FROM ledger.accounts a
  WHERE kind = 'reader_earnings'::ledger.account_kind;
grant select on public.reader_earnings to authenticated, service_role;

create view public.wallets with (security_invoker=true) as
 SELECT w.id,
    w.user_id,
    w.credits - w.debits AS balance,
    w.held + p.held AS held,
        CASE
            WHEN w.frozen_at IS NULL THEN w.credits - w.debits - w.held + p.credits - p.debits - p.held
            ELSE 0::bigint
        END AS available,
    p.credits - p.debits AS promo,
    w.currency,
    w.created_at,
    GREATEST(w.updated_at, p.updated_at) AS updated_at
   FROM ledger.accounts w
     JOIN ledger.accounts p ON p.user_id = w.user_id AND p.kind = 'promo_credit'::ledger.account_kind
  WHERE w.kind = 'client_wallet'::ledger.account_kind;
grant select on public.wallets to authenticated, service_role;

----------------------------------------------------------------------
-- Functions
----------------------------------------------------------------------

function ledger."check"()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 13bf7d550c4dcf581d94b4d0690015d9

function ledger.account_of(p_user_id uuid, p_kind ledger.account_kind)
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 0f4f9ef14441ee2285556a601848175f

function ledger.card_return_legs(p_transaction_id uuid, p_code ledger.transfer_code, p_amount bigint, p_is_retaken boolean DEFAULT false)
    returns ledger.leg[]
    plpgsql, stable, security definer, set search_path="", body md5 009c1ddf02e0285cb03ddb4ca93191af

function ledger.check_card_returns()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 efc85526115534ba4da7db31dc455aee

function ledger.check_fees()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 22968391ce599ec7b50bfeb6b3078f3a

function ledger.check_house_days()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 43b9cc3253696c941ee38acb0a541215

function ledger.check_payouts()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 ed41e7082f11efe9fffad83246f4f6e5

function ledger.check_promotions()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    plpgsql, stable, security definer, set search_path="", body md5 a3b3feaa718deca706c84b514038ac77

function ledger.check_reversals()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 cdcd7fd8046eecaeac2076b3ed832946

function ledger.check_running_totals()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 e6e480d7d098c58a020fcb3bc3afc0de

function ledger.check_sessions()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 27ac81df36097cbec04bbd7ba388e4cf

function ledger.check_spending()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    plpgsql, stable, security definer, set search_path="", body md5 14da807224c4bbb22b7dd0ae25f6e471

function ledger.check_statements()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 6680934e9bc1bbc116a6e9114f5aa4e6

function ledger.claim_lots(p_transaction_id uuid, p_topup_id uuid, p_amount bigint)
    returns bigint
    sql, volatile, security definer, set search_path="", body md5 bb2756bbd68e4bafb327f5e0950e8c9e

function ledger.cleared(p_account_id uuid, p_at timestamp with time zone)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 80013ba65cbefa92f403c3066630da43

function ledger.cover_owed(p_topup_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 10fc01d847eb733871c87437a1e2f0ff

function ledger.day_begins(p_day date)
    returns uuid
    sql, immutable, set search_path="", body md5 f40546f2264e9f754fb4c7575e2f8f41

function ledger.day_to_roll_up()
    returns date
    sql, stable, security definer, set search_path="", body md5 ad6ea7e3818cb874123c5a7076e0e8f9

function ledger.follow_currency()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 cbb35c2672be1777c5fbd3e454e1e2a0

function ledger.give_up_claims(p_transaction_id uuid)
    returns void
    sql, volatile, security definer, set search_path="", body md5 92981abddc109096f4f1e3c3f534d471

function ledger.hold(p_account_id uuid, p_reference uuid, p_amount bigint)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 396b7f1b066a55916e8c5f89c825f68b

function ledger.is_settled_charge(p_transaction public.transactions)
    returns boolean
    sql, immutable, set search_path="", body md5 63a3845ee31d0e9984c79bd3748aaf5b

function ledger.keep_currency()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 307a0a28b65a57f16770d8ba91ec1213

function ledger.lock_accounts(p_ids uuid[])
    returns void
    plpgsql, volatile, security definer, set search_path="", plan_cache_mode=force_generic_plan, body md5 ae044fff2b102145ebdd7d3a9130d42f

function ledger.lots(p_wallet_id uuid)
    returns TABLE(lot_id uuid, topup_id uuid, starts_at bigint, ends_at bigint, unspent bigint)
    plpgsql, stable, security definer, set search_path="", body md5 da5607567728a7cba0240e990238a062

function ledger.open_accounts(p_user_id uuid, p_kinds ledger.account_kind[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 774b4d974de4ad2226bb01474a2300f1

function ledger.paid_legs(p_transaction_id uuid)
    returns TABLE(transfer_id uuid, payer_id uuid, earner_id uuid, paid bigint, earned bigint, upto bigint)
    sql, stable, security definer, set search_path="", body md5 14bc7e7af55fee19b810ca6878d12586

function ledger.paid_parts(p_transaction_id uuid)
    returns TABLE(payer_id uuid, earner_id uuid, paid bigint, upto bigint)
    sql, stable, security definer, set search_path="", body md5 a7f8a91cf08e240c2cc525958cb4b550

function ledger.part_of(p_whole bigint, p_done bigint, p_of bigint)
    returns bigint
    plpgsql, immutable, set search_path="", parallel safe, body md5 e60e82051fbbb2b2cf1d259dd49b604e

function ledger.part_reversal_legs(p_transaction_id uuid, p_payer_id uuid, p_earner_id uuid, p_revenue_id uuid, p_before bigint, p_after bigint)
    returns ledger.leg[]
    sql, stable, security definer, set search_path="", body md5 65accd537d03918b80cef03f61b9f178

function ledger.payable(p_account_id uuid, p_at timestamp with time zone)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 cee06f50e4e4468b027045b08c4ee9bd

function ledger.post_card_return(p_transaction_id uuid, p_legs ledger.leg[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 b48fa5c2a6f887b17957dba6f0b36b89

function ledger.post_transfer(p_transaction_id uuid, p_code ledger.transfer_code, p_debit_account_id uuid, p_credit_account_id uuid, p_amount bigint)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 bc8c41aaf814f3903c2f40cbd60df637

function ledger.post_transfers(p_transaction_id uuid, p_legs ledger.leg[])
    returns uuid[]
    plpgsql, volatile, security definer, set search_path="", body md5 212bd666f4c25d7fdbb392082ee39c0d

function ledger.refuse_account_deletion()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 46dc155b9078cd5980fcf30d94000b31

function ledger.refuse_change()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 1d2d285db537b27e8e1fbe2fbec4a77e

function ledger.resolve_holds(p_reference uuid, p_status ledger.hold_status, p_posted bigint DEFAULT NULL::bigint)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 d19fd44159954c37240847fd7f2be1ba

function ledger.reversal_legs(p_transaction_id uuid, p_before bigint, p_after bigint)
    returns ledger.leg[]
    plpgsql, stable, security definer, set search_path="", body md5 11f92c8cb7dbddf4ef275135745abd9d

function ledger.reverse_transaction(p_transaction_id uuid, p_amount bigint, p_description text DEFAULT NULL::text)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 bf4e0e3de5a9308d726ccbd9d195f64f

function ledger.reversible(p_transaction_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 1b4ef337101b0a44bcd6ec991b064e24

function ledger.roll_up_day(p_day date)
    returns void
    sql, volatile, security definer, set search_path="", body md5 de997c114e8f7573e592e6538ccb31d9

function ledger.rule_for(p_kind ledger.rule_kind, p_reader_id uuid, p_at timestamp with time zone)
    returns ledger.rules
    sql, stable, security definer, set search_path="", body md5 eda47782a4d36d3a639c2afd52fa7091

function ledger.share_of(p_amount bigint, p_share_bps integer)
    returns bigint
    plpgsql, immutable, set search_path="", parallel safe, body md5 4c52b8759d26355c9c80665b52b23af0

function ledger.shared_legs(p_code ledger.transfer_code, p_promo_id uuid, p_wallet_id uuid, p_earnings_id uuid, p_from_promo bigint, p_from_wallet bigint, p_share_bps integer, p_increment integer DEFAULT NULL::integer)
    returns ledger.leg[]
    plpgsql, stable, security definer, set search_path="", body md5 4963a7f3d9d60acd40df861e26532058

function ledger.take_back_earnings(p_reversal_id uuid, p_reversed_id uuid, p_legs ledger.leg[])
    returns bigint
    sql, volatile, security definer, set search_path="", body md5 1b36c490a0e687c20c565db843b30e21

function ledger.topup_spending(p_topup_id uuid)
    returns TABLE(transfer_id uuid, earner_id uuid, starts_at bigint, amount bigint, earned bigint)
    sql, stable, security definer, set search_path="", body md5 44e82dffc3ca5c166ecb70ff24760cd6

function ledger.unspent(p_topup_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 4b0d368f1ac6de4046428715e8a760af

function ledger.wallet_charges(p_wallet_id uuid)
    returns TABLE(id uuid, earner_id uuid, starts_at bigint, kept_until bigint, ends_at bigint, earned bigint)
    plpgsql, stable, security definer, set search_path="", body md5 264629fbe3eb5747c04d70e190fbbbdc

function ledger.wallet_credits(p_wallet_id uuid)
    returns TABLE(lot_id uuid, topup_id uuid, amount bigint, from_spent bigint, upto_spent bigint, place bigint, number integer)
    plpgsql, stable, security definer, set search_path="", body md5 ce90280e460c32d48171b4e79bebe3ec

function private.abandon_payout(p_attempt public.payout_attempts, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 6853d6125b6602728088dc5a919bc572

function private.abandon_refund(p_refund_id uuid, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 56db53d06efc6af7added876ed5e341b

function private.absences(p_meter private.meters, p_now timestamp with time zone)
    returns TABLE(starts timestamp with time zone, ends timestamp with time zone, reason public.pause_reason)
    sql, stable, security definer, set search_path="", body md5 ecbd8d7d22f9073fac50dc3251c2a3f7

function private.accept_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 8cad7dd3b2e0f620795bdb9e68b1b6e2
grant execute on function private.accept_session(uuid) to authenticated;

function private.account_statement(p_user_id uuid, p_kind ledger.account_kind, p_from timestamp with time zone, p_to timestamp with time zone, p_after text, p_limit integer)
    returns TABLE(transaction_id uuid, amount bigint, balance bigint, cursor text)
    plpgsql, stable, security definer, set search_path="", body md5 25e32cdc6b081ad716e286825fafba9a

function private.accounts_to_read(p_run private.reconciliations, p_since timestamp with time zone)
    returns TABLE(account text, since timestamp with time zone)
    sql, stable, security definer, set search_path="", body md5 638ea819fdfcfa69420638eddeec1f36

function private.add_earning(p_account_id uuid, p_transaction_id uuid, p_amount bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 bc3216e995469f7c547c4725bc9ebcac

function private.admin_account_statement(p_user_id uuid, p_kind text, p_from timestamp with time zone, p_to timestamp with time zone, p_after text, p_limit integer)
    returns TABLE(transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, session_id uuid, amount bigint, balance bigint, created_at timestamp with time zone, cursor text)
    plpgsql, volatile, security definer, set search_path="", body md5 b306030e00ed77698e5afdad32b4acd3
grant execute on function private.admin_account_statement(uuid, text, timestamp with time zone, timestamp with time zone, text, integer) to authenticated;

function private.admin_approve(p_id uuid)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 0b13c33dfe6bf08558cbafe1cd486084
grant execute on function private.admin_approve(uuid) to authenticated;

function private.admin_create_promo(p_kind public.promo_kind, p_idempotency_key text, p_code text, p_amount bigint, p_minutes integer, p_max_redemptions integer, p_valid_from timestamp with time zone, p_valid_to timestamp with time zone)
    returns public.promo_codes
    plpgsql, volatile, security definer, set search_path="", body md5 9dc762204a397a867600cf8fbfdd041f
grant execute on function private.admin_create_promo(public.promo_kind, text, text, bigint, integer, integer, timestamp with time zone, timestamp with time zone) to authenticated;

function private.admin_end_promo(p_promo_code_id uuid)
    returns public.promo_codes
    plpgsql, volatile, security definer, set search_path="", body md5 983cd36446df8e468e83ff7b83996529
grant execute on function private.admin_end_promo(uuid) to authenticated;

function private.admin_end_session(p_session_id uuid, p_reason text)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 6da6772a8211d73d74ceb567ccd046ac
grant execute on function private.admin_end_session(uuid, text) to authenticated;

function private.admin_freeze_wallet(p_user_id uuid, p_reason text)
    returns timestamp with time zone
    sql, volatile, security definer, set search_path="", body md5 684abf949a0227ed755d386618806706
grant execute on function private.admin_freeze_wallet(uuid, text) to authenticated;

function private.admin_goodwill(p_user_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 b46971280792d6d9945ae03fe83af7ae
grant execute on function private.admin_goodwill(uuid, numeric, text, text) to authenticated;

function private.admin_house_days(p_from date, p_to date)
    returns TABLE(day date, account text, debits bigint, credits bigint, balance bigint)
    plpgsql, stable, security definer, set search_path="", body md5 78aeffbd732dd4eac22f47f0bf4f5bbf
grant execute on function private.admin_house_days(date, date) to authenticated;

function private.admin_read_applications(p_status public.application_status, p_after uuid, p_limit integer)
    returns SETOF public.reader_applications
    plpgsql, volatile, security definer, set search_path="", body md5 a59523bc873a0cb2b7b7a56ccc6c5239
grant execute on function private.admin_read_applications(public.application_status, uuid, integer) to authenticated;

function private.admin_read_client(p_user_id uuid)
    returns public.clients
    plpgsql, volatile, security definer, set search_path="", body md5 e186652adbae0d549afca19c6abfb4b8
grant execute on function private.admin_read_client(uuid) to authenticated;

function private.admin_read_differences(p_with_settled boolean, p_after uuid, p_limit integer)
    returns TABLE(id uuid, kind public.difference_kind, account text, subject text, transaction_id uuid, at_stripe bigint, in_ledger bigint, moved_at timestamp with time zone, found_at timestamp with time zone, settled_at timestamp with time zone, what_to_do text)
    plpgsql, volatile, security definer, set search_path="", body md5 5577647c60f4ccb8e261cdadd0ce6c69
grant execute on function private.admin_read_differences(boolean, uuid, integer) to authenticated;

function private.admin_read_disputes(p_user_id uuid)
    returns TABLE(dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint, withdrawn bigint, reinstated bigint, fee bigint, due_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone)
    plpgsql, volatile, security definer, set search_path="", body md5 4d71e6753e99c4caf170464951c75260
grant execute on function private.admin_read_disputes(uuid) to authenticated;

function private.admin_read_evidence(p_dispute_id text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 c7b0957de6b6676ae86ba3ee383e7434
grant execute on function private.admin_read_evidence(text) to authenticated;

function private.admin_read_payouts(p_status public.payout_status, p_after uuid, p_limit integer)
    returns SETOF public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 7116b3ab9417577cd554e54a22a23ada
grant execute on function private.admin_read_payouts(public.payout_status, uuid, integer) to authenticated;

function private.admin_read_person(p_user_id uuid, p_part public.person_part, p_after uuid, p_limit integer)
    returns SETOF jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 5cd63f5bc3c09fa565693d393eedd077
grant execute on function private.admin_read_person(uuid, public.person_part, uuid, integer) to authenticated;

function private.admin_refund_charge(p_transaction_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 1807556aca6aef303797584b34e2dcc4
grant execute on function private.admin_refund_charge(uuid, numeric, text, text) to authenticated;

function private.admin_refund_session(p_session_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 c97e714bcc4e25b80235c2f8fd529916
grant execute on function private.admin_refund_session(uuid, numeric, text, text) to authenticated;

function private.admin_reject(p_id uuid)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 d61fc955f73abfb0d80d0b3bd182baf4
grant execute on function private.admin_reject(uuid) to authenticated;

function private.admin_resolve_report(p_report_id uuid, p_uphold boolean, p_resolution text)
    returns public.reports
    plpgsql, volatile, security definer, set search_path="", body md5 1ceef18dea52cee43c6c2bd45f3b972b
grant execute on function private.admin_resolve_report(uuid, boolean, text) to authenticated;

function private.admin_set_commission(p_kind text, p_share_bps integer, p_reader_id uuid, p_valid_from timestamp with time zone)
    returns ledger.rules
    plpgsql, volatile, security definer, set search_path="", body md5 ce39475cbfd43726f8fbad128c11d8e5
grant execute on function private.admin_set_commission(text, integer, uuid, timestamp with time zone) to authenticated;

function private.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
    returns public.admins
    plpgsql, volatile, security definer, set search_path="", body md5 16eeea5e2ba2380c7a98e7ff2a7a03d7
grant execute on function private.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;

function private.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
    returns public.users
    plpgsql, volatile, security definer, set search_path="", body md5 44e3b333144cd32aa57a15ba5915ecc0
grant execute on function private.admin_set_user_status(uuid, public.user_status, text) to authenticated;

function private.admin_unfreeze_wallet(p_user_id uuid, p_reason text)
    returns timestamp with time zone
    sql, volatile, security definer, set search_path="", body md5 99b41ddfbd2a0a86cda8890e6c83eb5c
grant execute on function private.admin_unfreeze_wallet(uuid, text) to authenticated;

function private.advance_appointment(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 bf43987bb8ad535c3e1baa5282566b04

function private.advance_scheduled(p_session public.sessions, p_now timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 de4cb5253a9452ca20f8ee868ed8ae5b

function private.advance_session(p_session_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d1a4a674c3b8ae1666007b8be9aa8a5b

function private.agreed_price(p_sender_id uuid, p_receiver_id uuid, p_price bigint)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 c19f25160ea357b0321d29b68a353e6c

function private.anonymise(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 fc1e1dd7b9606454fa6de949a83854ed

function private.answer_cached(p_body text, p_max_age_seconds integer)
    returns text
    plpgsql, stable, set search_path="", body md5 75ee48f48be8b2d5b3ef8c4dac54cf7e
grant execute on function private.answer_cached(text, integer) to anon, authenticated, service_role;

function private.answer_refusal(p_sqlstate text, p_code text, p_details text, p_hint text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 655ebd198f64251d502776b95dc7ff78

function private.applicant_folders()
    returns SETOF text
    sql, stable, security definer, set search_path="", body md5 42fa8757a3b596737d4fc1e2bdd94632
grant execute on function private.applicant_folders() to authenticated;

function private.apply_as_reader(p_first_name text, p_last_name text, p_bio text, p_specialties text[], p_session_types public.session_type[], p_pricing jsonb, p_timezone text)
    returns public.reader_applications
    plpgsql, volatile, security definer, set search_path="", body md5 02f86c1964fdaedf32b5541e112567e2
grant execute on function private.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;

function private.apply_movements(p_dispute private.disputes, p_topup public.transactions, p_movements jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 995422cd256e059fa01bf6773cabb217

function private.apply_topup_status(p_transaction public.transactions, p_payment_intent_id text, p_status text, p_amount_received bigint, p_error_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d0523ff8a213ed8e4582abf34d784f09

function private.apply_transfer_reversals(p_attempt public.payout_attempts, p_reversals jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 fd800bd999f61d76ac5d168ac8928867

function private.assign_movements(p_ids text[])
    returns void
    plpgsql, volatile, security definer, set search_path="", plan_cache_mode=force_custom_plan, body md5 efcef776810f15f7fb2970c746a61814

function private.attach_recording(p_session_id uuid, p_path text)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 02a02c16f6a47e6ec00b1d77e2fa82ab
grant execute on function private.attach_recording(uuid, text) to authenticated;

function private.audit()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 712afb5d862e9bdad8a64acca197c27f

function private.audit_hash(p_month date)
    returns TABLE(rows bigint, hash bytea)
    sql, stable, security definer, set search_path="", body md5 0025f22621f814d20039db949b732fcd

function private.author_of(p_entity_type text, p_entity_id uuid, p_reporter_id uuid)
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 d96ce2a98e19a14b150c0224b14fc5e9

function private.available(p_user_id uuid)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 7175f9d5c77c1b8e315a4f8c3723066a

function private.back_at(p_meter private.meters, p_now timestamp with time zone)
    returns timestamp with time zone
    plpgsql, stable, security definer, set search_path="", body md5 88a6eb94042247c001ed92ea83c2763c

function private.backoff(p_attempts integer)
    returns interval
    sql, volatile, set search_path="", body md5 99158e827831454a6237417614bc4206

function private.begins_at(p_meter private.meters, p_increment integer)
    returns timestamp with time zone
    plpgsql, immutable, set search_path="", body md5 00b1fe0dd4eea4933f6f7b095d2bdc41

function private.book_platform_payout(p_payout private.platform_payouts, p_is_back boolean)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 946cc0d5d449eda7be2c536bde125dc7

function private.book_refund(p_refund private.card_refunds, p_stripe_refund_id text)
    returns private.card_refunds
    plpgsql, volatile, security definer, set search_path="", body md5 24f2544afbbfc8998087de13e8bbeec5

function private.book_service_charges(p_ids text[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 9da52172c152aa26357414fd2c309bd0

function private.book_transfer(p_attempt public.payout_attempts, p_transfer_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 be1530a703600d59915198bd3d6ed66d

function private.book_transfer_reversal(p_payout public.payouts, p_id text, p_amount bigint)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 dae4c38aab5b9f59404fc1295adce497

function private.booking_rules()
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 630b6495b4a841a3b9571d8322c63f00

function private.booking_terms(p_reader_id uuid, p_type public.session_type, p_minutes integer)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 609bce7377de80042a25eb1602498675
grant execute on function private.booking_terms(uuid, public.session_type, integer) to authenticated;

function private.both_here(p_session_id uuid, p_now timestamp with time zone)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 aca2efebcb8ce01788035a24c76b23c5

function private.bought_files()
    returns SETOF text
    sql, stable, security definer, set search_path="", body md5 29704f6747338c5b8cab55b22d6bcd8c
grant execute on function private.bought_files() to authenticated;

function private.brings_back(p_old public.post_status, p_new public.post_status)
    returns boolean
    sql, immutable, set search_path="", body md5 96f3d655182474ff1d3d1c4f18a0fedf

function private.broken_check(p_table regclass, p_row jsonb)
    returns text
    plpgsql, stable, set search_path="", body md5 28f1410b867528e1bc8d83da973b8b24
grant execute on function private.broken_check(regclass, jsonb) to authenticated, service_role;

function private.buy_gifts(p_gift_id uuid, p_quantity integer, p_idempotency_key text)
    returns public.gift_purchases
    plpgsql, volatile, security definer, set search_path="", body md5 4939e7e0cad9fa4e21474bf6e4807a01
grant execute on function private.buy_gifts(uuid, integer, text) to authenticated;

function private.can_begin(p_session public.sessions)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 e2f7e7ab54e9d32c1e46cd9fc30c1273

function private.can_take_place(p_place public.wait_list)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 651c15a1ea9233a291d89d48690ea25c

function private.cancel_order(p_order_id uuid)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 f1dcde56fa4b0686a142e6cd96dff56e
grant execute on function private.cancel_order(uuid) to authenticated;

function private.carry_out(p_order public.money_approvals, p_approved_by uuid)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 b5205db749741e4da805356ae17b3e90

function private.change_setting(p_key text, p_value text)
    returns public.system_settings
    plpgsql, volatile, security definer, set search_path="", body md5 960b0755a369fc1bcd1660f7a9e63ed6

function private.charge_fee(p_session public.sessions, p_fee bigint)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 182d8a53427a46a65e4cfc9461a10283

function private.charge_of_session(p_session_id uuid)
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 62a341921e9909844f32f67fbc3f8a82

function private.charge_to(p_meter private.meters, p_target integer, p_passed integer)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 ccde000224fe4735073f2e67df38450e

function private.charge_until(p_meter private.meters, p_at timestamp with time zone, p_lasting_absence boolean)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 7d0cc0cabfbff0290bc3b5899391bacf

function private.check_appointment(p_client_id uuid, p_reader_id uuid, p_during tstzrange)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 2e16de8c8c55c0ef8e2ff9faf972bc48

function private.check_chat_key()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 5df9248f8c9261fa6a35b6203eeb4742

function private.check_devices(p_conversation public.conversations, p_devices text[])
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 b447d65bbbcf5983828e4e317be126ad

function private.check_evidence(p_entity_type text, p_entity_id uuid, p_reporter_id uuid, p_evidence jsonb)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 bd468781754be1815d92e72cda3a1c66

function private.check_gift(p_sender_id uuid, p_receiver_id uuid, p_session_id uuid, p_stream_id uuid, p_message text)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 e49e50b30899ecfc310f79b15d7eaa11

function private.check_gift_limits(p_admin uuid, p_amount numeric, p_maximum text)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 eb244595acce831b7c6a2e86ed4f03ad

function private.check_key(p_user_id uuid, p_conversation_id uuid, p_content jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 5875252696bade54d9ee41edb6e40a6a

function private.check_message(p_sender_id uuid, p_receiver_id uuid, p_type public.message_type, p_content jsonb)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 eab625d7f9eebe6816855c0a39d72864

function private.check_order(p_buyer_id uuid, p_lines private.order_line[], p_shipping_address jsonb)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 db2a1ead0c95dc2a11f7d6566cac8b70

function private.check_page(p_limit integer)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 13b6268c54f08e9f33544b1311d4bc7d

function private.check_request(p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_max_minutes integer)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 a19e66bb5c1298cfcc3ee5181a2d7a70

function private.check_session_gift(p_session_id uuid, p_sender_id uuid, p_receiver_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 396456575f16e1f2f86e6f8a3f53b259

function private.check_stream_gift(p_stream_id uuid, p_sender_id uuid, p_receiver_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 40ff3cce283310755dc6df8119a8d9bf

function private.check_tip(p_session public.sessions, p_amount bigint)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 1cfc39a5a0236eb5cd6e81e36d72c545

function private.check_topup(p_user_id uuid, p_amount bigint, p_currency text)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 493bf368571fde85d67cc47d7d8d2ede

function private.claim_key(p_caller uuid, p_call text, p_key text, p_input jsonb)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 26f86102411ca60593109accdb3dd8ea

function private.client_address()
    returns inet
    plpgsql, stable, set search_path="", body md5 38216a8678137d7a194c77fde1af4705

function private.client_events(p_user_id uuid, p_moved ledger.account_kind[], p_from uuid, p_below uuid, p_limit integer)
    returns TABLE(id uuid, wallet bigint, promo bigint, debt bigint)
    plpgsql, stable, security definer, set search_path="", enable_bitmapscan=off, plan_cache_mode=force_generic_plan, body md5 005233f94e1f0dd2a801706a80074970

function private.client_statement(p_user_id uuid, p_moved ledger.account_kind[], p_from timestamp with time zone, p_to timestamp with time zone, p_after text, p_limit integer)
    returns TABLE(id uuid, wallet bigint, promo bigint, debt bigint, wallet_balance bigint, promo_balance bigint, debt_balance bigint, after text)
    plpgsql, stable, security definer, set search_path="", body md5 a8c63e5e4e0cc366568b4b0bc82e3bc1

function private.close_event(p_event_id text, p_outcome text DEFAULT 'APPLIED'::text)
    returns void
    sql, volatile, security definer, set search_path="", body md5 7f1feaab1efd514176a258adeead837a

function private.close_scheduled(p_session public.sessions, p_status public.session_status, p_reason public.end_reason)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 5ff3ee7d5dd59b663a603f1c1777d810

function private.collect_answers(p_conversation_id uuid, p_reader_id uuid)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 182b385ca8b485591a2b14ee86fc500b

function private.compare_accounts(p_run uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_settled timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c22775c2d936930a134c65126e48eaf3

function private.compare_platform(p_run uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_settled timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 7e76125b775d17e833fcbf2e251ddf47

function private.confirm_appointment(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a0d5d8450f1ecdc941adcd0ba7c5e81e

function private.consent_to_recording(p_session_id uuid, p_consents boolean)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 a693da9d0f3a79ebeba30bdc9b33f222
grant execute on function private.consent_to_recording(uuid, boolean) to authenticated;

function private.count_promo_attempt(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c3e400a78fa8c7bd007999d22d86a6b2

function private.create_user()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 8ce105f2e76c1b46c276514fa97445ce

function private.credit_topup(p_transaction public.transactions, p_payment_intent_id text, p_amount bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e7f52fcb9c5b9e4eafb622667b9971c1

function private.currency()
    returns character
    plpgsql, stable, security definer, set search_path="", body md5 b9bfb8fd7fc00f848c4afd6c682f325f
grant execute on function private.currency() to authenticated;

function private.deliver_order(p_order_id uuid)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 0a52d7bda8cffff1ca49c9f4a04608af
grant execute on function private.deliver_order(uuid) to authenticated;

function private.directory_facet(p_facet text, p_type public.session_type, p_language text, p_online boolean, p_min_rating numeric, p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_generic_plan, enable_sort=off, body md5 2bd98d250e2cc9186e9f13d337b9cde1
grant execute on function private.directory_facet(text, public.session_type, text, boolean, numeric, numeric, uuid, integer) to anon, authenticated, service_role;

function private.directory_page(p_type public.session_type, p_specialty text, p_language text, p_max_price bigint, p_online boolean, p_min_rating numeric, p_text text, p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_custom_plan, body md5 26f4a3c8cf0bf4cb35f7c66fe7650871
grant execute on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer) to anon, authenticated, service_role;

function private.directory_top(p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_generic_plan, body md5 356e44a1c55e62ad8272e47fc4042499
grant execute on function private.directory_top(numeric, uuid, integer) to anon, authenticated, service_role;

function private.disable_auto_reload()
    returns public.auto_reloads
    plpgsql, volatile, security definer, set search_path="", body md5 8717dd6940b3837ca235b2a900e526b9
grant execute on function private.disable_auto_reload() to authenticated;

function private.dispute_evidence(p_dispute private.disputes)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 9babec138899e192c13523e97de1ce53

function private.dispute_legs(p_transaction_id uuid, p_topup public.transactions, p_amount bigint, p_recover_bps integer)
    returns ledger.leg[]
    plpgsql, volatile, security definer, set search_path="", body md5 4695f5eef0f4edccf11f7e0b35b8fed7

function private.disputed_topups(p_user_id uuid)
    returns uuid[]
    sql, volatile, security definer, set search_path="", body md5 f5c8090c7fc2075ac3f2ee3a671f59a7

function private.draw_gift(p_user_id uuid, p_purchase_id uuid, p_gift_id uuid, p_receiver_id uuid)
    returns public.gift_purchases
    plpgsql, volatile, security definer, set search_path="", body md5 6fa3b2d8daee7c1ab833d615a5b50f27

function private.drop_exports()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 115d261169bc1fb192eef0c56ff65882

function private.drop_reload(p_outbox_id uuid, p_reload public.auto_reloads, p_refusal text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0125ca8db45e81bb91d72d348b50113f

function private.end_hopeless_pause(p_meter private.meters, p_now timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c943287216e00a265eb0908c2504afc3

function private.end_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 613c6a1c6ed31c2db5232936d48365b4
grant execute on function private.end_session(uuid) to authenticated;

function private.end_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, security definer, set search_path="", body md5 38d36a737d4b525d813f4d7926587053
grant execute on function private.end_stream(uuid) to authenticated;

function private.enqueue(p_topic text, p_payload jsonb)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 80a9f3132aacf3d68cc702d9d29f5506

function private.enqueue_attempt(p_payout public.payouts, p_number integer, p_destination text)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 99d5f2e8433ade615de33b97785eb7cb

function private.enqueue_refund_attempt(p_refund private.card_refunds, p_number integer)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 d83175e587b2c979044b74cd0aa49bec

function private.ensure_partitions(p_from timestamp with time zone, p_months integer)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 61f5b4376722f43d1577eac23af7e18e

function private.enter_appointment(p_session public.sessions, p_side private.side)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 7b264a900078e594cd529f43d5e2a979

function private.enter_lobby(p_session public.sessions, p_side private.side)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 f07a4af92bbe832895f7579ab1604be6

function private.erase_account()
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 ec13671c20a75ee82d9b3b5db82c613e
grant execute on function private.erase_account() to authenticated;

function private.evidence_text(p_evidence jsonb)
    returns text
    plpgsql, immutable, set search_path="", body md5 7534167be63f9a32896aac499da160ba

function private.expect_low_balance(p_user_id uuid, p_amount bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 88dcd14e58027fe2ac941bf9c7ef0c41

function private.expire_approvals()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 445b2be684533e98fdf05a2f0b1ea7d5

function private.expire_paid_messages()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 7fb6194ad07c18185dc3e8c9e7f3886e

function private.expire_scheduled(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0c892672324d4d2cc6449c5b4ad5fd05

function private.facets_of(p_specialties text[], p_languages text[], p_types public.session_type[])
    returns SETOF text
    sql, stable, set search_path="", body md5 afbf4cdddb3863dbbcce8d096ecc713e

function private.fail(p_code text, p_details text DEFAULT NULL::text)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 e0dcddc0d53d877f10e980d0b1aa18df
grant execute on function private.fail(text, text) to anon, authenticated, service_role;

function private.fail_until(p_code text, p_retry_after_seconds integer)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 6dae4691099d4ec6fd2caf357c45ee5d

function private.fee_due(p_session public.sessions, p_reason public.end_reason, p_at timestamp with time zone)
    returns bigint
    plpgsql, immutable, set search_path="", body md5 20da2d3134c1cb0b745f3ad9c5ceae16

function private.fee_legs(p_fee bigint)
    returns ledger.leg[]
    sql, stable, security definer, set search_path="", body md5 fee50836f780174b065213c069c323e1

function private.fee_of(p_rate bigint, p_minutes integer, p_bps integer)
    returns bigint
    plpgsql, immutable, set search_path="", parallel safe, body md5 f7f6f618acab398f010936cc7c771a7a

function private.file_report(p_entity_type text, p_entity_id uuid, p_reason text, p_evidence jsonb)
    returns public.reports
    plpgsql, volatile, security definer, set search_path="", body md5 ebc66da90c7f79d2e5ea5f69d3359237
grant execute on function private.file_report(text, uuid, text, jsonb) to authenticated;

function private.files_of(p_product public.products)
    returns SETOF text
    sql, immutable, set search_path="", body md5 5e387ce6fa54240dca89b4ab4f40b4ac

function private.files_of_erased(p_user_id uuid)
    returns TABLE(bucket text, path text)
    sql, stable, security definer, set search_path="", body md5 49638011e43e5fb5f8368484d0b8585e

function private.finish_job(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 e53bd33bc09cb4ed3123e3a14d6f22cb

function private.finish_session(p_meter private.meters, p_status public.session_status, p_reason public.end_reason, p_at timestamp with time zone, p_refund_unused boolean)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 82468e69acea4e0996672b720227febb

function private.fold_post_views()
    returns integer
    sql, volatile, security definer, set search_path="", body md5 450c5727e8fdf16bcc9779b608c59c88

function private.fold_rating()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 ceba26b955dc0e8938a3ce9796ed035e

function private.follow_consent()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 48e91d24d36f8c53c2fb0719fad2f610

function private.forget_keys()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 1e09e5090ffba60bbd266413f2ba674b

function private.free_earnings(p_transaction_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 b4d9792d164ff86775f0f72fbdb83970

function private.free_increments(p_session public.sessions, p_minutes integer)
    returns integer
    plpgsql, stable, security definer, set search_path="", body md5 2a7a9c298f046871413ce2715e330ac1

function private.free_slots(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(starts_at timestamp with time zone, ends_at timestamp with time zone)
    plpgsql, stable, security definer, set search_path="", body md5 f8e04faf6155fc105f60634614fe8601
grant execute on function private.free_slots(uuid, timestamp with time zone, timestamp with time zone) to anon, authenticated;

function private.free_time(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns tstzmultirange
    sql, stable, security definer, set search_path="", body md5 f8098e181b959f97fcb00941a49111d9

function private.free_wallet(p_user_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 a237a398b36ab18daa06cdf8419ca2ae

function private.freeze_wallet(p_user_id uuid, p_cause text, p_end_reason public.end_reason DEFAULT 'account_suspended'::public.end_reason)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 4427c22d5285b09776609741ea13d85c

function private.gather_export(p_user_id uuid)
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 80bc925b12ba1e713df98021fa08e3b8

function private.gift_price(p_gift_id uuid)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 a6b958eb555c358dd96af62a62f6f416

function private.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb)
    returns public.consents
    plpgsql, volatile, security definer, set search_path="", body md5 ea915f662f0be04b9af4296fd84bca88
grant execute on function private.give_consent(public.consent_kind, text, jsonb) to authenticated;

function private.give_up_place(p_place public.wait_list)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 fc2fde31f34bfd2460b6760dddcb716f

function private.gone_at(p_presence private.presence)
    returns timestamp with time zone
    plpgsql, stable, set search_path="", parallel safe, body md5 5d9533621cde5c32620757802d45f81c

function private.guard_audit()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 962279624af72c263254ae4e4551f970

function private.guard_post()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 6de772517f6a913e08a7676da52825ea

function private.guard_reply()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 202819e49c098350c656c3437f98b0b4

function private.has_account()
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 dcfd545b51bbe4444719d9a9e7dad57a
grant execute on function private.has_account() to authenticated;

function private.has_failed_at_bank(p_payout public.payouts, p_attempt public.payout_attempts)
    returns boolean
    sql, immutable, set search_path="", body md5 1e7a1349d95d51bb04e3c10f30e95e99

function private.has_free_minutes(p_session public.sessions)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 5fed67f83adde78f94283da787603e07

function private.has_permission(p_permission public.admin_permission)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 729515b5cce79e5b150f5a8d5321ba26
grant execute on function private.has_permission(public.admin_permission) to authenticated;

function private.heard_since(p_session_id uuid, p_at timestamp with time zone)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 ae99823160c209ea8ef21706bcafdbe7

function private.heartbeat_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 c3bf73c6ebd93dfec17988e4ae39a7eb
grant execute on function private.heartbeat_session(uuid) to authenticated;

function private.hides_absence(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 2e0ef60149bec4bf1d91a799eb2b98db

function private.hold_first_increment(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 f4cb6ecf5aafe289f283fedae981583c

function private.hold_price(p_message public.messages, p_price bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0329fa9e0707ab5647845f7f5f2a405a

function private.hold_promo_first(p_promo_id uuid, p_wallet_id uuid, p_reference uuid, p_amount bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 67d05324fd98d96482c3facc351b340d

function private.increment_price(p_meter private.meters, p_increment integer)
    returns bigint
    plpgsql, immutable, set search_path="", body md5 12f8443d69321c780f9d4ac9e273efd2

function private.is_active()
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 aef037172c477164bfc60cb2b7badbe5
grant execute on function private.is_active() to authenticated;

function private.is_blocked(p_user_id uuid, p_other_id uuid)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 9bd96c4859c2a0dd827db7eeef11b91f

function private.is_erased(p_user_id uuid)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 ebb4a0fe68e976e719f769d65d118eab

function private.is_funded(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 adecdd064ada5c4a40d0385271c65464

function private.is_gone(p_account public.reader_accounts)
    returns boolean
    sql, immutable, set search_path="", body md5 712d260780c6ffff952e90051518150b

function private.is_leased(p_session_id uuid)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 c782cbb2d0d6a0d367b0c85938801ba9

function private.is_low_order(p_device_key text)
    returns boolean
    sql, immutable, set search_path="", body md5 5584b22bc3bf97e8d636c84c746a85f3

function private.is_newest(p_object_id text, p_sequence bigint)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 8cf2d102d1d13de782abdc44a1f6b4af

function private.is_past(p_attempt_id uuid, p_stripe_payout_id text)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 befb3a0d44e370cff6056c155e6a3655

function private.is_plain_write()
    returns boolean
    sql, stable, set search_path="", body md5 cff0ffb60059da13d4f3161c9c2a8c79
grant execute on function private.is_plain_write() to authenticated, service_role;

function private.is_sold(p_name text)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 1ccd2d2155e9944ebc1991e999e5ab4e
grant execute on function private.is_sold(text) to authenticated;

function private.join_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 7e78e16d2c37d95e3441204951868191
grant execute on function private.join_session(uuid) to authenticated;

function private.join_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, security definer, set search_path="", body md5 3fee5df7f02ece111f2e6c5e3b40e997
grant execute on function private.join_stream(uuid) to authenticated;

function private.join_wait_list(p_reader_id uuid, p_type public.session_type)
    returns public.wait_list
    plpgsql, volatile, security definer, set search_path="", body md5 479d36d4c5382f42e0f99f7dc03d7d9f
grant execute on function private.join_wait_list(uuid, public.session_type) to authenticated;

function private.judge_reload(p_attempt private.reload_attempts, p_outcome text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 21adc3812e01d23d85e220000fa10f4d

function private.keep_an_admin()
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c9d33dc9f4675b997a544d4bd95f1c55

function private.keep_card(p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text, p_brand text, p_last4 text, p_exp_month integer, p_exp_year integer, p_is_saved boolean)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 709be5f32f97a59680cb24f1071a75cd

function private.keep_loaded_setting()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 435f58512b7827e6e1e2df01e8a36b0b

function private.keep_to_the_machine()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 2e801d41a77c09b5e3ea1893e109c504

function private.lacks_files(p_product_id uuid)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 e15e78d290e6b23f198362604a276305

function private.last_id()
    returns uuid
    plpgsql, immutable, set search_path="", body md5 01254ea858742eb6c5c68d63174687af

function private.lease_people(p_session_id uuid, p_client_id uuid, p_reader_id uuid)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 aee360f633198e41c5742803c6fc263f

function private.leave_bank_payouts(p_account_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e5ac9fa44189f297554a82797447c1bd

function private.leave_every_line(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 4d45ba8b2410d8b54389bf39b1621c25

function private.leave_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, security definer, set search_path="", body md5 4171be591594bc55ca9146e50b965c8b
grant execute on function private.leave_stream(uuid) to authenticated;

function private.leave_wait_list(p_reader_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 54c77384afbdca0bc28c0b87e4313712
grant execute on function private.leave_wait_list(uuid) to authenticated;

function private.list_reader()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 9723cb1f66a02b6948acc51fd6f646da

function private.load_setting(p_key text, p_type public.setting_type)
    returns text
    plpgsql, stable, security definer, set search_path="", body md5 f060533bfe67b7d8149033649bb25e77

function private.local_span(p_date date, p_start time without time zone, p_end time without time zone)
    returns tsrange
    sql, immutable, set search_path="", body md5 73dc1f4b0f83724c58bcbc097edddd47
grant execute on function private.local_span(date, time without time zone, time without time zone) to authenticated, service_role;

function private.lock_admins()
    returns void
    sql, volatile, security definer, set search_path="", body md5 415e6fc30eb6a7c90aff012fb2f3fa32

function private.lock_approval(p_id uuid, p_admin uuid)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 e068ff9b1e731ac5df63d9144f6cb229

function private.lock_dispute_accounts(p_user_id uuid)
    returns void
    sql, volatile, security definer, set search_path="", body md5 ff52328717f59962873f274f277303dd

function private.lock_fee_accounts(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 5d1f76d5af3c332e7f7d645d59ec9bb9

function private.lock_for_dispute(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 85351854af380ab2469fe49520ba1f11

function private.lock_order(p_order_id uuid, p_user_id uuid)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 4295c64243530a899bfed45118a5e2a6

function private.lock_session(p_session_id uuid, p_user_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 e1ebf9d1cd5955dfdf0695798c1cbbe6

function private.lock_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, security definer, set search_path="", body md5 e26353d7398426867bdd527b663706c5

function private.log_absence()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 d54580388e4f268950f84747e7ddeae7

function private.log_session()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 1b53559e26762692bf0bb11f0f246674

function private.lose_sight(p_payout_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 ceee37f1821445b6cc8fbd16aa7ab92e

function private.lowest_price(p_pricing jsonb)
    returns bigint
    sql, immutable, set search_path="", body md5 7ac6d6c165704f0d59e4511eb5df69b9
grant execute on function private.lowest_price(jsonb) to authenticated, service_role;

function private.make_partition(p_parent regclass, p_home text, p_month timestamp with time zone)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 c9cf4e2d9ecc4597f33906c2b8749f07

function private.make_payout(p_reader_id uuid, p_amount bigint, p_description text)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 4f18e79cdbf3390edd7ead4e54a0fb27

function private.make_reader(p_application public.reader_applications)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 11773a341406620699f10f4c0604ca9a

function private.mark_read(p_conversation_id uuid, p_message_id uuid)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 da407e266aedd4430d966c32af162f51
grant execute on function private.mark_read(uuid, uuid) to authenticated;

function private.mark_reader_online()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 0480d813a7912a29691617770a54855a

function private.masked(p_column text, p_value jsonb)
    returns jsonb
    sql, immutable, set search_path="", body md5 cb2e8d80b9a8f8d7dc5f0323f82d78ed

function private.may_be_recorded(p_session public.sessions)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 fdbc010caf1523f2e08ca8c831ecc660

function private.may_hear(p_topic text)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 ce4d633ebd5a1ee5a755ae424334ea72
grant execute on function private.may_hear(text) to authenticated;

function private.may_speak(p_topic text, p_extension text)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 74a3f2c57497464fce50bb8c057da7b0
grant execute on function private.may_speak(text, text) to authenticated;

function private.may_write_to(p_sender_id uuid, p_receiver_id uuid)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 8e90601051341c14327bb34a3535ba3c

function private.media_folders(p_to_write boolean)
    returns SETOF text
    sql, stable, security definer, set search_path="", body md5 69fac7faa516d2c40889d8e6c1118446
grant execute on function private.media_folders(boolean) to authenticated;

function private.meter_of(p_session_id uuid)
    returns private.meters
    sql, volatile, security definer, set search_path="", body md5 41d02ce57700030f067a55da99b76a70

function private.minutes_before_booking(p_user_id uuid, p_minutes integer)
    returns integer
    plpgsql, stable, security definer, set search_path="", body md5 0ed74ca45d29e9b3d77996ce317fce41

function private.minutes_that_fit(p_client_id uuid, p_reader_id uuid, p_minutes integer)
    returns integer
    plpgsql, stable, security definer, set search_path="", body md5 75c3d9f2462e7ac187dc7da185814b49

function private.months_ready(p_at timestamp with time zone)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 010ad54ef78eca8b1b6a10d4ebf2f23f

function private.move_order(p_order public.orders, p_status public.order_status, p_tracking_number text DEFAULT NULL::text)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 f23922c961a853b80c29f8bd1dbd9550

function private.next_stretch(OUT since timestamp with time zone, OUT until timestamp with time zone)
    returns record
    plpgsql, stable, security definer, set search_path="", body md5 eba03dd5f7676b78f2c13f2658f29ef0

function private.note_difference(p_run uuid, p_kind public.difference_kind, p_account text, p_subject text, p_transaction_id uuid, p_at_stripe bigint, p_in_ledger bigint, p_moved_at timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 8609626ce3704fd5be1c6b88409b20fd

function private.notice_seconds()
    returns bigint
    sql, stable, security definer, set search_path="", body md5 19f5c394c8244597a13c9fd925e2fcc3

function private.notify(p_user_id uuid, p_kind text, p_payload jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 f29b281db7740009add108bbd081e85b

function private.notify_both(p_session public.sessions, p_kind text, p_more jsonb DEFAULT '{}'::jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 60e44f2567e8652627aed3dec019a4e2

function private.now()
    returns timestamp with time zone
    plpgsql, volatile, set search_path="", body md5 18d53ce04a4ea7a869ccfb104d9f580d
grant execute on function private.now() to anon, authenticated, service_role;

function private.offer_place(p_reader_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 3e54d1dcd1ed2de1d599c0cdc64f1cc4

function private.offered_rate(p_reader_id uuid, p_type public.session_type, p_at_once boolean)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 608b3364a50d2e7f9ce06e71f1971635

function private.on_low_balance(p_client_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0d48c938b3aa659642444aad8cd0d568

function private.open_conversation(p_one uuid, p_other uuid)
    returns public.conversations
    plpgsql, volatile, security definer, set search_path="", body md5 26033b213a9c2382a9dd4ee7579d5259

function private.open_conversation_with(p_user_id uuid)
    returns public.conversations
    plpgsql, volatile, security definer, set search_path="", body md5 37db250e1832d6b54ac1c7ad9ef8f2a0
grant execute on function private.open_conversation_with(uuid) to authenticated;

function private.open_dispute_transaction(p_dispute private.disputes, p_user_id uuid, p_amount bigint)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 0cf333858b4b8953eb12d6ba91fd2a45

function private.open_event(p_event_id text)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 0fa65fc7fb73ffe23e00cd1733be6e71

function private.open_reload(p_reload public.auto_reloads, p_session_id uuid, p_increment integer)
    returns private.reload_attempts
    plpgsql, volatile, security definer, set search_path="", body md5 760c49918355ffc2bc06b5d064d33f69

function private.open_session_conversation(p_session_id uuid)
    returns public.conversations
    plpgsql, volatile, security definer, set search_path="", body md5 28ef73a7c16a02e4cc9a3aaf38e2d002
grant execute on function private.open_session_conversation(uuid) to authenticated;

function private.open_sessions_of(p_user_id uuid)
    returns SETOF uuid
    plpgsql, stable, security definer, set search_path="", body md5 ffc2c5c3ec30b7a6953e6056458d52cd

function private.order_files(p_order_id uuid)
    returns TABLE(product_id uuid, name text, path text)
    plpgsql, stable, security definer, set search_path="", body md5 1275edc48c18398e442e9ecd318ec945
grant execute on function private.order_files(uuid) to authenticated;

function private.order_lines(p_items jsonb)
    returns private.order_line[]
    plpgsql, stable, security definer, set search_path="", body md5 7c0f154d3643e585646a165bfa12dfd9

function private.order_money(p_admin uuid, p_kind public.money_approval_kind, p_user_id uuid, p_charge public.transactions, p_amount bigint, p_reason text)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 2fa0ca00ae54696c8b31fa755b5994a8

function private.order_refund(p_admin uuid, p_transaction_id uuid, p_amount numeric, p_reason text)
    returns public.money_approvals
    plpgsql, volatile, security definer, set search_path="", body md5 cb5a75fa576293ea8c57cdeb502a6939

function private.outage_legs(p_meter private.meters, p_increment integer)
    returns ledger.leg[]
    sql, stable, security definer, set search_path="", body md5 1ff70ed58b9b846363063404893f74fc

function private.paid_debt(p_topup_id uuid, p_debt_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 ed4ae4fc881c56e954a36f77a8362daf

function private.paid_topup(p_payment_intent_id text, p_currency text)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 d2b0f398d1134f03e4d139346fd62d95

function private.paid_upto(p_account_id uuid, p_unpaid bigint, p_now timestamp with time zone)
    returns TABLE(clears_at timestamp with time zone, id uuid)
    sql, stable, security definer, set search_path="", body md5 d66f7c48430aaa75c26343793e93fad9

function private.part_of_person(p_part public.person_part)
    returns TABLE(permission public.admin_permission, relation text, belongs text)
    sql, immutable, set search_path="", body md5 189790ae07d4a3ee55e7c58bf75ca21a

function private.partitioned_tables()
    returns TABLE(parent regclass, home text)
    sql, stable, security definer, set search_path="", body md5 4e32d89f7fe68c056dfe6fd09c1a81fe

function private.patient(p_attempts integer)
    returns integer
    sql, stable, set search_path="", body md5 ace512cdd6d290f4d564ee7cdb52a79d

function private.pause(p_meter private.meters, p_at timestamp with time zone, p_shared interval, p_reason public.pause_reason)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 9ce220277abc083ccd44c7b0ee3820a4

function private.pay(p_payer_id uuid, p_type public.transaction_type, p_code ledger.transfer_code, p_sales private.sale[], p_description text, p_session_id uuid DEFAULT NULL::uuid)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 a60ae4c22276528cbe57c0c93efd54e6

function private.pay_order(p_buyer_id uuid, p_lines private.order_line[], p_total bigint, p_shipping_address jsonb)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 944cd9db2eabca3251ac7cee48e04913

function private.payable(p_account_id uuid)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 062d6e92b11df58f64e3bfa1d6e9e3eb
grant execute on function private.payable(uuid) to authenticated, service_role;

function private.payout_amount(p_account_id uuid, p_wished bigint)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 b16839fba887b242989c09cb3624b24f

function private.payout_gate(p_user_id uuid)
    returns text
    plpgsql, stable, security definer, set search_path="", body md5 4485deca3dd64610ce5f792c2a0741ba

function private.place_order(p_items jsonb, p_idempotency_key text, p_shipping_address jsonb)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 3c431e11fd085696280f308eaff94abb
grant execute on function private.place_order(jsonb, text, jsonb) to authenticated;

function private.plan_after_failure(p_outbox_id uuid, p_attempt public.payout_attempts, p_step text, p_outcome text, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e164c12b17154e41a067a08dfe355d59

function private.post_due_increments(p_meters tid[], p_has_promo boolean[], p_now timestamp with time zone)
    returns TABLE(client_id uuid, steps integer, is_fast boolean, is_low boolean)
    plpgsql, volatile, security definer, set search_path="", plan_cache_mode=force_generic_plan, enable_seqscan=off, enable_bitmapscan=off, enable_hashjoin=off, enable_mergejoin=off, jit=off, body md5 aad190d5c8559c2b0a91280c2a28ac39

function private.post_free_increments(p_meter private.meters)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 7372d0e07acd15dc1808d8136f8cec3f

function private.post_movement(p_dispute private.disputes, p_topup public.transactions, p_amount bigint, p_fee bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 968480a98d54c18abd339243ba41a2de

function private.prepare_appointment(p_session public.sessions)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 e280acddcd0ffe199196ce423e49ccc5

function private.price_of(p_rate bigint, p_increment_seconds integer, p_increments integer)
    returns bigint
    plpgsql, immutable, set search_path="", parallel safe, body md5 abaaec52c9d06156829d90db4f9473da

function private.prices_every(p_pricing jsonb, p_types public.session_type[])
    returns boolean
    sql, immutable, set search_path="", body md5 9e35c6d54abacb9438a05f26f9f1eccb
grant execute on function private.prices_every(jsonb, public.session_type[]) to authenticated, service_role;

function private.publish_reader_status(p_reader_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 7d63f1ed6a338d384402e98f119f5a31

function private.queue_reload(p_client_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 8df5421320ecf52fa2fae27f98f50567

function private.reader_card(p_user_id uuid, p_first_name text, p_last_name text, p_avatar text, p_headline text, p_specialties text[], p_languages text[], p_experience integer, p_session_types public.session_type[], p_pricing jsonb, p_status public.reader_status, p_average_rating numeric, p_total_sessions integer)
    returns json
    sql, immutable, set search_path="", body md5 5882fc4dc41dfe1dd27e5dce8b8f7031
grant execute on function private.reader_card(uuid, text, text, text, text, text[], text[], integer, public.session_type[], jsonb, public.reader_status, numeric, integer) to authenticated, service_role;

function private.reader_statement(p_from timestamp with time zone, p_to timestamp with time zone, p_after uuid, p_limit integer)
    returns TABLE(transaction_id uuid, type public.transaction_type, gross bigint, platform_part bigint, amount bigint, state public.earning_state, earned_at timestamp with time zone, clears_at timestamp with time zone, session_id uuid, session_type public.session_type, billed_minutes integer, rate bigint, cursor uuid)
    plpgsql, stable, security definer, set search_path="", enable_bitmapscan=off, plan_cache_mode=force_generic_plan, body md5 bc957728729872448ddda2a0ea3ca2f8
grant execute on function private.reader_statement(timestamp with time zone, timestamp with time zone, uuid, integer) to authenticated;

function private.reader_totals()
    returns TABLE(earned bigint, paid_out bigint, balance bigint, in_session bigint, clearing bigint, cleared bigint, held bigint, payable bigint, next_clears_on date, next_clearing bigint, currency character)
    plpgsql, stable, security definer, set search_path="", body md5 a0eab3e70ee884c866cdcaf557d0fe95
grant execute on function private.reader_totals() to authenticated;

function private.readers_to_pay(p_now timestamp with time zone, p_limit integer)
    returns SETOF uuid
    plpgsql, stable, security definer, set search_path="", body md5 122d4b9a537cf1be1ac736b67d3123f6

function private.record_audit(p_action text, p_entity_type text, p_entity_id text, p_changes jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 1b5b7e61a0d3d001a1c22dae2b392611

function private.record_look(p_action text, p_entity_type text, p_status text, p_people uuid[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2d696bd6eb247978d5f5283bc3ace5a5

function private.record_purchase(p_user_id uuid, p_gift_id uuid, p_quantity integer, p_sent integer, p_earner_id uuid, p_session_id uuid)
    returns public.gift_purchases
    plpgsql, volatile, security definer, set search_path="", body md5 363f730b565ccf1a1ddcef13472297ed

function private.record_result(p_caller uuid, p_call text, p_key text, p_result jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e575d419f35fac0c0cf9af886d9d9e06

function private.recording_folders()
    returns SETOF text
    sql, stable, security definer, set search_path="", body md5 4f6afcca60373754fde916b3001c1a51
grant execute on function private.recording_folders() to authenticated;

function private.recoverable(p_topup_id uuid, p_skipped bigint, p_amount bigint, p_bps integer)
    returns TABLE(earner_id uuid, spent bigint, amount bigint)
    sql, stable, security definer, set search_path="", body md5 bbb640012ad05ab94294a9fc18e8eab5

function private.redeem_promo(p_code text, p_idempotency_key text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 70cffb09a79e597e74f3d2683bfd601e
grant execute on function private.redeem_promo(text, text) to authenticated;

function private.redeemable_promo(p_user_id uuid, p_code text)
    returns public.promo_codes
    plpgsql, volatile, security definer, set search_path="", body md5 8f4570c929e51ad67b0b7978122ee631

function private.refund_as_told(p_topup public.transactions, p_stripe_refund_id text, p_attempt_id uuid, p_amount bigint)
    returns private.card_refunds
    plpgsql, volatile, security definer, set search_path="", body md5 a75d999c742c4736b957b0849bde4182

function private.refundable_charge(p_transaction_id uuid, p_amount numeric)
    returns public.transactions
    plpgsql, stable, security definer, set search_path="", body md5 9cabe953ccb9e9bb18157fb09ff73b45

function private.refundable_topup(p_user_id uuid, p_topup_id uuid, p_amount bigint)
    returns public.transactions
    plpgsql, stable, security definer, set search_path="", body md5 cdd1f6408117381165a55e4f128375c3

function private.refuse_erasure_with_money(p_user_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 36336657ba77d5fdd60b7e39eb6e2501

function private.refuse_invalid()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 607633c068fdf91d882c09bf1da26e03

function private.refuse_overlap()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 24af0d5c0581433549ad5425e5eedcb6

function private.refuse_overlap(p_client_id uuid, p_reader_id uuid, p_during tstzrange)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 bd0f9f1f58932297d88c09dd67e3c407

function private.refuse_reply_to_locked()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 fc99a4de8dc358981b8f2cd7681e217e

function private.refuse_write()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 a320b7dc53146c24db813f0fe4e9a9d7

function private.register_device(p_device_id uuid, p_identity_key text, p_device_key text, p_signing_key text, p_signature text)
    returns public.user_keys
    plpgsql, volatile, security definer, set search_path="", body md5 c9cca95411e7df910b2d2c2e67995ba7
grant execute on function private.register_device(uuid, text, text, text, text) to authenticated;

function private.reinstatement_legs(p_transaction_id uuid, p_amount bigint)
    returns ledger.leg[]
    plpgsql, stable, security definer, set search_path="", body md5 6559cea7523ca1a5d91533766a411a0c

function private.release_people(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 86102e1b2ddce4a0ae8ce9f45d0daa7b

function private.reload_refusal(p_reload public.auto_reloads, p_session_id uuid)
    returns text
    plpgsql, volatile, security definer, set search_path="", body md5 8f837d9344f96768046c2224648cbd3e

function private.reported_folders()
    returns SETOF text
    sql, stable, security definer, set search_path="", body md5 7dd3399e99eef05ed48c73add6ae6fea
grant execute on function private.reported_folders() to authenticated;

function private.request_appointment(p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_scheduled_at timestamp with time zone, p_minutes integer)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 bbaa49eff18b14c9b7a3a1ba1c0c0dde

function private.request_card_refund(p_topup_transaction_id uuid, p_amount bigint, p_idempotency_key text)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 76b64d19650dd1d5e3a7c0096d1304ac
grant execute on function private.request_card_refund(uuid, bigint, text) to authenticated;

function private.request_export()
    returns public.data_exports
    plpgsql, volatile, security definer, set search_path="", body md5 ef75bd7cb7ac82d871e77ed340805363
grant execute on function private.request_export() to authenticated;

function private.request_id()
    returns text
    plpgsql, stable, set search_path="", body md5 1c43ae7af3378deadbf66ec6d3b412e2

function private.request_now(p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_max_minutes integer)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 7aa70ca286588bd1fc7799f43f4780ef

function private.request_payout(p_idempotency_key text, p_amount bigint)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 438510c65bee2722b0ee3e5ae19fab55
grant execute on function private.request_payout(text, bigint) to authenticated;

function private.request_session(p_reader_id uuid, p_type public.session_type, p_idempotency_key text, p_scheduled_at timestamp with time zone, p_max_minutes integer)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 b6a62fc770a0abfd1238c9972df22de8
grant execute on function private.request_session(uuid, public.session_type, text, timestamp with time zone, integer) to authenticated;

function private.require_account()
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 e17094b8aaf7b842dfbe40b85df7f908

function private.require_device(p_user_id uuid, p_device_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 971c95b87fdf82eb0565596130deec3c

function private.require_permission(p_permission public.admin_permission)
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 4263cac77f6936f4be1741f9f8a54277

function private.require_platform_currency()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 df47e511647329d7f005c19b17583bc6

function private.require_reachable(p_user_id uuid, p_reader_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 5a4770d16f6f3c4a6518d00d556f0bb7

function private.require_second_factor()
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 7886fc5c2d312bf148d76599b5694b39

function private.require_timezone()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 871f4242b719c83134674300bc6e10d7

function private.require_treasurer()
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 511f6c26dfa9ea0e0e1aedeae11be59c

function private.require_user()
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 6c409f815b345e75f0433cb69a4db663

function private.reserve_free_minutes(p_session public.sessions)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 152ba61e3f92dd7dccb754cdaf987c8f

function private.respond_to_review(p_review_id uuid, p_response text)
    returns public.reviews
    plpgsql, volatile, security definer, set search_path="", body md5 f5cbf22fd6f6803a58a645a41e496ab4
grant execute on function private.respond_to_review(uuid, text) to authenticated;

function private.resume(p_meter private.meters, p_at timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 07d270eea470473a987ce14db5572370

function private.retry_appointment(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 9effd60cfb3fb936d1e5880405d6b896

function private.retry_bank_payout(p_attempt public.payout_attempts)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 82fc787d24d83733496407d24008dfde

function private.retry_failed_payouts(p_account_id text)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 23bbbe149e11667568e1ea6dd1ad1dec

function private.retry_payout(p_payout_id uuid)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 b961638a0e0e427df991e88d5b9c6a5b
grant execute on function private.retry_payout(uuid) to authenticated;

function private.return_free_minutes(p_session_id uuid)
    returns void
    sql, volatile, security definer, set search_path="", body md5 66d69029ad36514ca5d5b79bde077ec4

function private.return_stock(p_order_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 6825e018383755dc187ea9c463828bf7

function private.returned_beyond_wallet(p_topup_id uuid, p_wallet_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 ca419c280ddb7941e6e7aba31d3748d3

function private.reversal_legs(p_reverses uuid, p_earner uuid, p_payer uuid, p_increment integer, p_from_earner bigint, p_from_house bigint, p_revenue uuid)
    returns ledger.leg[]
    plpgsql, immutable, set search_path="", body md5 2a3341e44b5a7b50522b1e94b92a58f5

function private.reverse_from(p_meter private.meters, p_kept integer)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 19dd5a7b47f8d8d6666e74f841e12daf

function private.reverse_increment(p_meter private.meters, p_increment integer, p_refund bigint)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 3ae3dc04456c54b21f48ba69b30884a1

function private.review_reader_application(p_user_id uuid, p_approve boolean, p_reason text)
    returns public.reader_applications
    plpgsql, volatile, security definer, set search_path="", body md5 fbfacbf6fbfb826ab520a1370fc74b06
grant execute on function private.review_reader_application(uuid, boolean, text) to authenticated;

function private.review_session(p_session_id uuid, p_rating integer, p_comment text)
    returns public.reviews
    plpgsql, volatile, security definer, set search_path="", body md5 b2ed4f55674ddcda20acb7a6d922eea6
grant execute on function private.review_session(uuid, integer, text) to authenticated;

function private.revoke_device(p_device_id uuid)
    returns public.user_keys
    plpgsql, volatile, security definer, set search_path="", body md5 53701bd7f27138c83a172340e28cc4fe
grant execute on function private.revoke_device(uuid) to authenticated;

function private.run_meter(p_meter private.meters, p_now timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 fd3f6191a7bdcd7796a767b933d4a4a7

function private.seal_audit()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 36d01849f5d09e801477e78d13a08aec

function private.search_forum(p_text text, p_category_id uuid, p_after uuid, p_limit integer)
    returns TABLE(id uuid, author_id uuid, category_id uuid, title text, content text, is_pinned boolean, is_locked boolean, view_count integer, created_at timestamp with time zone, updated_at timestamp with time zone)
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_custom_plan, body md5 ed7c2ad1318f9020f44a71c2038d96ae
grant execute on function private.search_forum(text, uuid, uuid, integer) to anon, authenticated;

function private.see(p_session public.sessions, p_side private.side)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 9ed85e4aa92f5eb1a3b58bebb8827689

function private.sells(p_item public.order_items, p_user_id uuid)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 0a0df21e498c7958ef3e78441d61cdab

function private.send_gift(p_receiver_id uuid, p_gift_id uuid, p_idempotency_key text, p_session_id uuid, p_stream_id uuid, p_message text, p_purchase_id uuid)
    returns public.gifts
    plpgsql, volatile, security definer, set search_path="", body md5 5bc57d092b323e952a9f90caf4acf38a
grant execute on function private.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) to authenticated;

function private.send_message(p_receiver_id uuid, p_content jsonb, p_idempotency_key text, p_message_type public.message_type, p_price bigint)
    returns public.messages
    plpgsql, volatile, security definer, set search_path="", body md5 eb0cd1da76f695724bf5ef1d17778c74
grant execute on function private.send_message(uuid, jsonb, text, public.message_type, bigint) to authenticated;

function private.send_tip(p_session_id uuid, p_amount bigint, p_idempotency_key text)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 badbbc30cd2e5fbf668eb6df8d2a1a99
grant execute on function private.send_tip(uuid, bigint, text) to authenticated;

function private.session_evidence(p_session public.sessions, p_paid bigint)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 d8a6c04ed4a86884cfb2dc1f845c3db4

function private.session_state(p_session public.sessions, p_side private.side)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 89c39df3325971132e3723bc2897ab1d

function private.session_terms()
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 51bfceb6fdc53db1ff90fd38eb14a32c

function private.sessions_to_advance(p_now timestamp with time zone, p_limit integer)
    returns SETOF uuid
    sql, stable, security definer, set search_path="", body md5 0477accd0363ad3cfff290ec4bd99f2d

function private.set_auto_reload(p_amount bigint, p_monthly_cap bigint, p_threshold bigint, p_payment_method text)
    returns public.auto_reloads
    plpgsql, volatile, security definer, set search_path="", body md5 5d4ed6262c27e003f1b2a04ccf612a2b
grant execute on function private.set_auto_reload(bigint, bigint, bigint, text) to authenticated;

function private.set_disputes_aside(p_topup_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0119cc6690561dd3a8e51d7b5562862c

function private.set_key_backup(p_backup jsonb, p_version integer)
    returns public.key_backups
    plpgsql, volatile, security definer, set search_path="", body md5 6af1396c1029485599dbb1d1bad4cf5c
grant execute on function private.set_key_backup(jsonb, integer) to authenticated;

function private.set_notification_preferences(p_by_email boolean, p_muted text[])
    returns public.notification_preferences
    plpgsql, volatile, security definer, set search_path="", body md5 e7ba694cb3d52a58dd8831e9582bd1e3
grant execute on function private.set_notification_preferences(boolean, text[]) to authenticated;

function private.set_payout_status(p_stripe_payout_id text, p_status text, p_failure_code text)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 3d36df1138b98a259df29a1bf850fe4f

function private.set_reader_status(p_status public.reader_status)
    returns public.reader_status
    plpgsql, volatile, security definer, set search_path="", body md5 508fc2725d86e0a71c0365de5eda733f
grant execute on function private.set_reader_status(public.reader_status) to authenticated;

function private.set_reply_price(p_price bigint)
    returns public.readers
    plpgsql, volatile, security definer, set search_path="", body md5 4cd6071f538c087d492fc422ad7f1889
grant execute on function private.set_reply_price(bigint) to authenticated;

function private.set_wallet_frozen(p_user_id uuid, p_frozen boolean, p_reason text)
    returns timestamp with time zone
    plpgsql, volatile, security definer, set search_path="", body md5 31a41d2f03b4b713edbff1fa6f855f9a

function private.setting_bool(p_key text)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 b30b2cb09777702862da00b0ee20495e

function private.setting_int(p_key text)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 cd91c461ee2373270b3fc65902792e8a

function private.setting_text(p_key text)
    returns text
    plpgsql, stable, security definer, set search_path="", body md5 0b81fd4552943f5e139fbcb5a2ce7ced

function private.settle(p_meter private.meters, p_at timestamp with time zone)
    returns public.transactions
    plpgsql, volatile, security definer, set search_path="", body md5 5654d60c11319f358be9d1a33c9706ab

function private.settle_dispute(p_dispute_id text, p_withdrawn bigint, p_reinstated bigint, p_fee bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 bd3e7053067f1a69f1b4d7b7814b0f95

function private.share_keys(p_device_id uuid, p_keys jsonb)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 8a350300394bf59dd5682f24fa8845e5
grant execute on function private.share_keys(uuid, jsonb) to authenticated;

function private.shared_seconds(p_meter private.meters, p_at timestamp with time zone)
    returns numeric
    plpgsql, immutable, set search_path="", body md5 a264386df8d91cd2407f0a5249c52235

function private.ship_order(p_order_id uuid, p_tracking_number text)
    returns public.orders
    plpgsql, volatile, security definer, set search_path="", body md5 3defff64f0ad0c3f46e4c2389277002f
grant execute on function private.ship_order(uuid, text) to authenticated;

function private.side_of(p_session public.sessions, p_user_id uuid)
    returns private.side
    plpgsql, immutable, set search_path="", body md5 6e3ff15b7eb5e47421f63ff90900facd

function private.spend(p_transaction_id uuid, p_code ledger.transfer_code, p_payer_id uuid, p_earner_id uuid, p_amount bigint, p_share_bps integer)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 4534bf8de2e8ef8de139eba67c0877cc

function private.start_conversation_key(p_conversation_id uuid, p_version integer, p_device_id uuid, p_keys jsonb)
    returns public.conversations
    plpgsql, volatile, security definer, set search_path="", body md5 fb33bed8ce87d09b053df3ff620089a7
grant execute on function private.start_conversation_key(uuid, integer, uuid, jsonb) to authenticated;

function private.start_session(p_session public.sessions)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 593c917a9ef907634ede87ac685686f8

function private.start_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, security definer, set search_path="", body md5 853d675f1735fed8ff1ebebff4eae8df
grant execute on function private.start_stream(uuid) to authenticated;

function private.statement_cursor(p_after text, p_numbers integer, p_limit integer)
    returns text[]
    plpgsql, stable, security definer, set search_path="", body md5 5a57c40e0c00f56b6a2961ae495705cd

function private.stop_auto_reload(p_user_id uuid, p_reason text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 579b32085c581b2c91e595b1e948aba3

function private.stop_for_appointment(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c60486a6af438ab5c951b25ed79585ae

function private.stop_reloads_of(p_card public.cards)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 b9c98c1b06126ceb2c5794a12c9d98d8

function private.stop_suspended()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 5b21160d8ef00283ac89a45f7a9bda85

function private.take_disputes_anew(p_topup_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d1f2d89634b386213d651a0fb4e7ddaa

function private.take_refund(p_topup public.transactions, p_sequence bigint, p_stripe_refund_id text, p_attempt_id uuid, p_amount bigint, p_status text, p_failure_reason text, p_failure_transaction_id text)
    returns private.card_refunds
    plpgsql, volatile, security definer, set search_path="", body md5 83bb4b2d2a26cf713a87db30006a1fd3

function private.take_stock(p_lines private.order_line[])
    returns void
    sql, volatile, security definer, set search_path="", body md5 faf9af1d0ced2f73124a4a5a75b909e0

function private.taken(p_table regclass, p_row jsonb)
    returns text
    plpgsql, stable, set search_path="", body md5 897d017aa577c07a4d48d802d4ac73bc
grant execute on function private.taken(regclass, jsonb) to authenticated, service_role;

function private.takes_requests(p_reader_id uuid)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 f9754400388deca69cdfb1dfdae3dbcc

function private.tell(p_user_id uuid, p_event text, p_payload jsonb)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 303b1c8c0a37ebcdfa31a2480e606c4a

function private.tell_block_change()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 5d1e193969b50c2415d6fc2d3219dc77

function private.tell_chat_message()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 50dce2008e3dc0d59aa1082731056290

function private.tell_favorite_change()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 26c575d8b430e772a6ecbceed93aa1cc

function private.tell_gift(p_gift public.gifts)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2e46a4dd210426bbfcb9449333600d6b

function private.tell_message(p_message public.messages)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 be186e74e9e656597cfe0997d26b58d0

function private.tell_order(p_order public.orders, p_event text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d8332c3a5f261816e52144e8a59def58

function private.tell_payout(p_payout public.payouts)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2d15c745ea2fd7d33b1eaf40edc0dbb1

function private.tell_session(p_session public.sessions, p_event text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 cec3a135f4d6038dd8d6ae3a0a666d74

function private.tell_stream(p_stream public.live_streams, p_event text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 468b0854cc7ca7aef41d0ec5c59210a1

function private.tell_stream_gift(p_gift public.gifts)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a7be7640c9507ca1b5dd495a41d429ae

function private.thaw_wallet(p_user_id uuid, p_causes text[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2a4b47f2b08fdd9e52e0a45fb67fa017

function private.told_of(p_gift public.gifts)
    returns jsonb
    plpgsql, immutable, set search_path="", body md5 ddef50f5b6b586c8b4a5aa3b918765d3

function private.topic_of(p_name text)
    returns private.topic
    plpgsql, immutable, set search_path="", body md5 e19aa788ccddc2640e210923f82f1a9d

function private.touch_updated_at()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 51671f6053d86b7bde90cd95b3e19168

function private.try_resume(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 5381d97b526e36b95e32688bbfec4d34

function private.undo_funds_pause(p_meter private.meters)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 be241d7d2192ffdd5bf081d712038eb8

function private.undo_refund(p_refund private.card_refunds, p_failure_transaction_id text, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 4e0250d541a94b6affdc9490c9c75c33

function private.update_setting(p_key text, p_value text)
    returns public.system_settings
    plpgsql, volatile, security definer, set search_path="", body md5 441e842595508c42f712c7670244a1b6
grant execute on function private.update_setting(text, text) to authenticated;

function private.use_place(p_reader_id uuid, p_client_id uuid, p_is_offered boolean)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e16f29202a7acb5c3a6edc99ce427e35

function private.use_promo(p_user_id uuid, p_code text, p_idempotency_key text)
    returns public.promo_redemptions
    plpgsql, volatile, security definer, set search_path="", body md5 5261b746da09bf9c5894897ab6ee0357

function private.uuid_v7(p_at timestamp with time zone DEFAULT clock_timestamp())
    returns uuid
    plpgsql, volatile, set search_path="", parallel safe, body md5 be9ccf282b6e146da7f47f1ab0f0bed1
grant execute on function private.uuid_v7(timestamp with time zone) to anon, authenticated, service_role;

function private.uuid_v7_floor(p_at timestamp with time zone)
    returns uuid
    plpgsql, immutable, set search_path="", parallel safe, body md5 49d389efc8ddbc83386a2a5ea1988c17

function private.valid_backup(p_backup jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 76ee6f35d731158c34c5b3d2b8d80bfc

function private.valid_content(p_type public.message_type, p_content jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 dd5751a33df39bd838baa431c64791a4
grant execute on function private.valid_content(public.message_type, jsonb) to authenticated, service_role;

function private.valid_envelope(p_envelope jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 560c6231950862dfdbee60efe8f36f09
grant execute on function private.valid_envelope(jsonb) to authenticated, service_role;

function private.valid_evidence(p_evidence jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 d4148802b4027f86f880c69a5ee59136

function private.valid_pricing(p_pricing jsonb)
    returns boolean
    sql, immutable, set search_path="", body md5 7df31f7e7ac5e8fad6ebe31556478de6
grant execute on function private.valid_pricing(jsonb) to authenticated, service_role;

function private.valid_timezone(p_name text)
    returns boolean
    sql, stable, set search_path="", body md5 9520b7611763b44c03273691d2157552
grant execute on function private.valid_timezone(text) to authenticated, service_role;

function private.view_post(p_post_id uuid)
    returns void
    sql, volatile, security definer, set search_path="", body md5 7c4f15a2fd68205b2b32fdf39edb0087
grant execute on function private.view_post(uuid) to authenticated;

function private.wait_list_position(p_reader_id uuid)
    returns integer
    plpgsql, stable, security definer, set search_path="", body md5 6ecd12bbf38bd405edfe5b61b07215da
grant execute on function private.wait_list_position(uuid) to authenticated;

function private.wallet_is_frozen(p_user_id uuid)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 6f3d47b2f9cf68ab3ac07c725ddd7ab0

function private.wallet_statement(p_from timestamp with time zone, p_to timestamp with time zone, p_after text, p_limit integer)
    returns TABLE(transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, amount bigint, promo_amount bigint, debt_amount bigint, balance bigint, promo_balance bigint, session_id uuid, session_type public.session_type, reader_id uuid, reader_name text, billed_minutes integer, rate bigint, created_at timestamp with time zone, cursor text)
    plpgsql, stable, security definer, set search_path="", body md5 b257a803b454b34acfe2cca44e869788
grant execute on function private.wallet_statement(timestamp with time zone, timestamp with time zone, text, integer) to authenticated;

function private.wants_mail(p_user_id uuid, p_kind text)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 7bef82136211780f4ab786ed01e6093c

function private.wants_resume(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    plpgsql, stable, security definer, set search_path="", body md5 8e84ebcdda2451bdc2763bd9623aae02

function private.week_minutes(p_day integer, p_start time without time zone, p_end time without time zone)
    returns int4multirange
    sql, immutable, set search_path="", body md5 3606b6fae3fff7d88240e22fc340de87
grant execute on function private.week_minutes(integer, time without time zone, time without time zone) to authenticated, service_role;

function private.what_to_do(p_kind public.difference_kind, p_transaction_id uuid)
    returns text
    plpgsql, immutable, set search_path="", body md5 e23724bd5d7da5b175283231aeb93d86

function private.whole(p_value numeric, p_name text, p_code text DEFAULT 'amount_out_of_range'::text, p_most bigint DEFAULT '9223372036854775807'::bigint)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 7fd3f75deaf89bab953f0372ad03eeb0
grant execute on function private.whole(numeric, text, text, bigint) to anon, authenticated;

function private.whole_integer(p_value numeric, p_name text)
    returns integer
    plpgsql, stable, security definer, set search_path="", body md5 36dcca173e1934932666e25325b61663
grant execute on function private.whole_integer(numeric, text) to authenticated;

function private.withdraw_consent(p_kind public.consent_kind)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 d331bb7c2d4d7cd8e88f314d4b69ccf4
grant execute on function private.withdraw_consent(public.consent_kind) to authenticated;

function private.withdraw_offer(p_place public.wait_list)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 ec9110ae7b9206884dfb22141c387002

function private.withdraw_paid_message(p_message_id uuid)
    returns public.paid_messages
    plpgsql, volatile, security definer, set search_path="", body md5 57f4eda24ec71c78dea76221a88b6807
grant execute on function private.withdraw_paid_message(uuid) to authenticated;

function private.withdraw_session(p_session_id uuid, p_declined boolean)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 0f98f55153fde01c9fdaa3cb190d8a4c
grant execute on function private.withdraw_session(uuid, boolean) to authenticated;

function private.words(p_texts text[])
    returns text
    sql, immutable, set search_path="", body md5 c57ef19d4aa28fd997feef4c0e438edf
grant execute on function private.words(text[]) to authenticated, service_role;

function private.wrapped_keys(p_keys jsonb, p_user_id uuid, p_most integer)
    returns TABLE(conversation_id uuid, version integer, user_id uuid, device_id uuid, wrapped_key text)
    plpgsql, stable, security definer, set search_path="", body md5 eb2cb3c41b68f0261d7c2bcbe950b405

function private.zero_uuid()
    returns uuid
    plpgsql, immutable, set search_path="", body md5 74428dbfb70de919f5deeb4013713cca

function private.zone_offsets(p_zone text, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(during tstzrange, utc_offset interval)
    sql, stable, set search_path="", body md5 3cb35193345ff55aecabe8d8da9083d1

function public.accept_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 4918b8acf9daad7f5ab50956975432bf
grant execute on function public.accept_session(uuid) to authenticated;

function public.admin_account_statement(p_user_id uuid, p_kind text, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone, p_after text DEFAULT NULL::text, p_limit integer DEFAULT 50)
    returns TABLE(transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, session_id uuid, amount bigint, balance bigint, created_at timestamp with time zone, cursor text)
    sql, volatile, set search_path="", body md5 b09d677ac1738f6d804e19d6d38415e9
grant execute on function public.admin_account_statement(uuid, text, timestamp with time zone, timestamp with time zone, text, integer) to authenticated;

function public.admin_approve(p_id uuid)
    returns public.money_approvals
    plpgsql, volatile, set search_path="", body md5 e90ba829ad369871749303f9d7f89621
grant execute on function public.admin_approve(uuid) to authenticated;

function public.admin_create_promo(p_kind public.promo_kind, p_idempotency_key text, p_code text, p_amount numeric DEFAULT NULL::numeric, p_minutes numeric DEFAULT NULL::numeric, p_max_redemptions numeric DEFAULT NULL::numeric, p_valid_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_valid_to timestamp with time zone DEFAULT NULL::timestamp with time zone)
    returns public.promo_codes
    plpgsql, volatile, set search_path="", body md5 3cbf7583e7ce7d535f2f50f3fd0c5900
grant execute on function public.admin_create_promo(public.promo_kind, text, text, numeric, numeric, numeric, timestamp with time zone, timestamp with time zone) to authenticated;

function public.admin_end_promo(p_promo_code_id uuid)
    returns public.promo_codes
    plpgsql, volatile, set search_path="", body md5 156a0e1fd25789e41fc9c0b7b7e4a698
grant execute on function public.admin_end_promo(uuid) to authenticated;

function public.admin_end_session(p_session_id uuid, p_reason text)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 cc54428b767010865b6ecf63f83262e4
grant execute on function public.admin_end_session(uuid, text) to authenticated;

function public.admin_freeze_wallet(p_user_id uuid, p_reason text)
    returns timestamp with time zone
    plpgsql, volatile, set search_path="", body md5 7631bcd18d46d7ad208747b6d2384997
grant execute on function public.admin_freeze_wallet(uuid, text) to authenticated;

function public.admin_goodwill(p_user_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, set search_path="", body md5 8d6c87ead71b47b70e0a23d17c76eab4
grant execute on function public.admin_goodwill(uuid, numeric, text, text) to authenticated;

function public.admin_house_days(p_from date, p_to date)
    returns TABLE(day date, account text, debits bigint, credits bigint, balance bigint)
    sql, stable, set search_path="", body md5 5b31944cc1e271f946a7ebc8f7285bd1
grant execute on function public.admin_house_days(date, date) to authenticated;

function public.admin_read_applications(p_status public.application_status DEFAULT 'PENDING'::public.application_status, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
    returns SETOF public.reader_applications
    sql, volatile, set search_path="", body md5 ac8f3ef903ef18fac1c1fc8d9dbff458
grant execute on function public.admin_read_applications(public.application_status, uuid, integer) to authenticated;

function public.admin_read_client(p_user_id uuid)
    returns public.clients
    plpgsql, volatile, set search_path="", body md5 203655f90e8988fa228ab2bba6e00bb0
grant execute on function public.admin_read_client(uuid) to authenticated;

function public.admin_read_differences(p_with_settled boolean DEFAULT false, p_after uuid DEFAULT NULL::uuid, p_limit numeric DEFAULT 50)
    returns TABLE(id uuid, kind public.difference_kind, account text, subject text, transaction_id uuid, at_stripe bigint, in_ledger bigint, moved_at timestamp with time zone, found_at timestamp with time zone, settled_at timestamp with time zone, what_to_do text)
    plpgsql, volatile, set search_path="", body md5 1f0d31c5310f9e6deb5e8e3134af34fc
grant execute on function public.admin_read_differences(boolean, uuid, numeric) to authenticated;

function public.admin_read_disputes(p_user_id uuid)
    returns TABLE(dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint, withdrawn bigint, reinstated bigint, fee bigint, due_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone)
    sql, volatile, set search_path="", body md5 4c23a4be2a2ccd6e3659d2991647773c
grant execute on function public.admin_read_disputes(uuid) to authenticated;

function public.admin_read_evidence(p_dispute_id text)
    returns jsonb
    plpgsql, volatile, set search_path="", body md5 e69e3b8de7ee3735a0a1408dfe02cba1
grant execute on function public.admin_read_evidence(text) to authenticated;

function public.admin_read_payouts(p_status public.payout_status DEFAULT NULL::public.payout_status, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
    returns SETOF public.payouts
    sql, volatile, set search_path="", body md5 ea50276b88b023fdcdee62f4bd018dd3
grant execute on function public.admin_read_payouts(public.payout_status, uuid, integer) to authenticated;

function public.admin_read_person(p_user_id uuid, p_part public.person_part, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
    returns SETOF jsonb
    sql, volatile, set search_path="", body md5 e10ad408e7683958856aa3b4b6aea635
grant execute on function public.admin_read_person(uuid, public.person_part, uuid, integer) to authenticated;

function public.admin_refund_charge(p_transaction_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, set search_path="", body md5 8e9d3ee91e673bcae924209b9faee3a8
grant execute on function public.admin_refund_charge(uuid, numeric, text, text) to authenticated;

function public.admin_refund_session(p_session_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
    returns public.money_approvals
    plpgsql, volatile, set search_path="", body md5 6d4cb25b4b1f8b73b76f3399eb5d966e
grant execute on function public.admin_refund_session(uuid, numeric, text, text) to authenticated;

function public.admin_reject(p_id uuid)
    returns public.money_approvals
    plpgsql, volatile, set search_path="", body md5 f6172e3e4dd60cdaafbe0762cf960e79
grant execute on function public.admin_reject(uuid) to authenticated;

function public.admin_resolve_report(p_report_id uuid, p_uphold boolean, p_resolution text DEFAULT NULL::text)
    returns public.reports
    plpgsql, volatile, set search_path="", body md5 3b91bd7bf40f7d07f462cd12b81799ae
grant execute on function public.admin_resolve_report(uuid, boolean, text) to authenticated;

function public.admin_set_commission(p_kind text, p_share_bps numeric, p_reader_id uuid DEFAULT NULL::uuid, p_valid_from timestamp with time zone DEFAULT NULL::timestamp with time zone)
    returns TABLE(id uuid, kind text, reader_id uuid, share_bps integer, valid_from timestamp with time zone, created_by uuid)
    sql, volatile, set search_path="", body md5 8529fddc060cb59def35f29af83f1555
grant execute on function public.admin_set_commission(text, numeric, uuid, timestamp with time zone) to authenticated;

function public.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
    returns public.admins
    plpgsql, volatile, set search_path="", body md5 f4b8aa6c94f01b3952767e8cff86b3e4
grant execute on function public.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;

function public.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
    returns public.users
    plpgsql, volatile, set search_path="", body md5 d07e182c2c803c02dca8bad968dd43ab
grant execute on function public.admin_set_user_status(uuid, public.user_status, text) to authenticated;

function public.admin_unfreeze_wallet(p_user_id uuid, p_reason text)
    returns timestamp with time zone
    plpgsql, volatile, set search_path="", body md5 16884a495fd4f2afd9ecd52d755820a3
grant execute on function public.admin_unfreeze_wallet(uuid, text) to authenticated;

function public.apply_as_reader(p_first_name text, p_last_name text, p_bio text, p_specialties text[], p_session_types public.session_type[], p_pricing jsonb, p_timezone text DEFAULT 'UTC'::text)
    returns public.reader_applications
    plpgsql, volatile, set search_path="", body md5 883f6f11750bfad94b71cf5c5338d3a0
grant execute on function public.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;

function public.attach_recording(p_session_id uuid, p_path text)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 2891b493b3c9f5d76eefed7de0859226
grant execute on function public.attach_recording(uuid, text) to authenticated;

function public.booking_terms(p_reader_id uuid, p_type public.session_type, p_minutes numeric DEFAULT NULL::numeric)
    returns jsonb
    plpgsql, stable, set search_path="", body md5 1a79892ddaacc1b30167ad9494867131
grant execute on function public.booking_terms(uuid, public.session_type, numeric) to authenticated;

function public.buy_gifts(p_gift_id uuid, p_quantity numeric, p_idempotency_key text)
    returns public.gift_purchases
    plpgsql, volatile, set search_path="", body md5 c50394d6818a62f520f88faacdc04b6f
grant execute on function public.buy_gifts(uuid, numeric, text) to authenticated;

function public.cancel_order(p_order_id uuid)
    returns public.orders
    plpgsql, volatile, set search_path="", body md5 0d1ea753d6fcbebd2d1f558a8254958b
grant execute on function public.cancel_order(uuid) to authenticated;

function public.cancel_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 3a9e67e39a553eb9909ffd0b0bf960d0
grant execute on function public.cancel_session(uuid) to authenticated;

function public.consent_to_recording(p_session_id uuid, p_consents boolean)
    returns boolean
    plpgsql, volatile, set search_path="", body md5 26e37dd6643701b06bba02f49fbbf96f
grant execute on function public.consent_to_recording(uuid, boolean) to authenticated;

function public.custom_access_token_hook(event jsonb)
    returns jsonb
    plpgsql, stable, set search_path="", body md5 e64288daf6a875c91eaf827a29144ab4
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;

function public.decline_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 f1bf212cf79c0316a5c81eedd0a62571
grant execute on function public.decline_session(uuid) to authenticated;

function public.deliver_order(p_order_id uuid)
    returns public.orders
    plpgsql, volatile, set search_path="", body md5 c7742b76e9ce06347e0e775848d7a414
grant execute on function public.deliver_order(uuid) to authenticated;

function public.disable_auto_reload()
    returns public.auto_reloads
    plpgsql, volatile, set search_path="", body md5 5998afe672a3c12a2cf752569b3be97c
grant execute on function public.disable_auto_reload() to authenticated;

function public.end_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 1c8ffdd28993f35d101753bf3087107e
grant execute on function public.end_session(uuid) to authenticated;

function public.end_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, set search_path="", body md5 344c191e7487425e1d1d4ef739d47edb
grant execute on function public.end_stream(uuid) to authenticated;

function public.erase_account()
    returns void
    plpgsql, volatile, set search_path="", body md5 ac31a3c15b6b676a213cb7bb1de878cb
grant execute on function public.erase_account() to authenticated;

function public.file_report(p_entity_type text, p_entity_id uuid, p_reason text, p_evidence jsonb DEFAULT NULL::jsonb)
    returns public.reports
    plpgsql, volatile, set search_path="", body md5 2d5e7941f2f6b5c9fbd9317c955d722b
grant execute on function public.file_report(text, uuid, text, jsonb) to authenticated;

function public.free_slots(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(starts_at timestamp with time zone, ends_at timestamp with time zone)
    sql, stable, set search_path="", body md5 5e3b68d8ae70f97c927669e4accba37a
grant execute on function public.free_slots(uuid, timestamp with time zone, timestamp with time zone) to anon, authenticated;

function public.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb DEFAULT '{}'::jsonb)
    returns public.consents
    plpgsql, volatile, set search_path="", body md5 a5f9e926e340ff4a3fdb0bc7d43ed708
grant execute on function public.give_consent(public.consent_kind, text, jsonb) to authenticated;

function public.heartbeat_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, set search_path="", body md5 38d3586c18c7ee2092c018f81e294e29
grant execute on function public.heartbeat_session(uuid) to authenticated;

function public.join_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, set search_path="", body md5 06da158a45386bac6e30c407a03f4eae
grant execute on function public.join_session(uuid) to authenticated;

function public.join_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, set search_path="", body md5 01348e1087d83635c1a94455075d4997
grant execute on function public.join_stream(uuid) to authenticated;

function public.join_wait_list(p_reader_id uuid, p_type public.session_type)
    returns public.wait_list
    plpgsql, volatile, set search_path="", body md5 cfe6c4a084be40f65acd2fa5b4455a24
grant execute on function public.join_wait_list(uuid, public.session_type) to authenticated;

function public.leave_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, set search_path="", body md5 f726db5ef2513359dd0c6a865f3d5336
grant execute on function public.leave_stream(uuid) to authenticated;

function public.leave_wait_list(p_reader_id uuid)
    returns boolean
    plpgsql, volatile, set search_path="", body md5 87b69bf941c7f9dc69c10982208fb9db
grant execute on function public.leave_wait_list(uuid) to authenticated;

function public.mark_read(p_conversation_id uuid, p_message_id uuid)
    returns integer
    plpgsql, volatile, set search_path="", body md5 8b4f9ef819f7779058cdb1c48141ba75
grant execute on function public.mark_read(uuid, uuid) to authenticated;

function public.open_conversation(p_user_id uuid)
    returns public.conversations
    plpgsql, volatile, set search_path="", body md5 e226474eb238675768e163a71e28203b
grant execute on function public.open_conversation(uuid) to authenticated;

function public.open_session_conversation(p_session_id uuid)
    returns public.conversations
    plpgsql, volatile, set search_path="", body md5 26fdd9a422f89818e9aced3c389aff4e
grant execute on function public.open_session_conversation(uuid) to authenticated;

function public.order_files(p_order_id uuid)
    returns TABLE(product_id uuid, name text, path text)
    plpgsql, stable, set search_path="", body md5 990684b9ef863a04d90d40aa0fb62471
grant execute on function public.order_files(uuid) to authenticated;

function public.place_order(p_items jsonb, p_idempotency_key text, p_shipping_address jsonb DEFAULT NULL::jsonb)
    returns public.orders
    plpgsql, volatile, set search_path="", body md5 9b97a2b399c01cd2a5dc48e73cf57056
grant execute on function public.place_order(jsonb, text, jsonb) to authenticated;

function public.reader_directory(p_type public.session_type DEFAULT NULL::public.session_type, p_specialty text DEFAULT NULL::text, p_language text DEFAULT NULL::text, p_max_price numeric DEFAULT NULL::numeric, p_online boolean DEFAULT NULL::boolean, p_min_rating numeric DEFAULT NULL::numeric, p_text text DEFAULT NULL::text, p_after text DEFAULT NULL::text, p_limit integer DEFAULT 24)
    returns public."*/*"
    plpgsql, stable, set search_path="", body md5 555a24e599e0e65ee471550467e5cfc4
grant execute on function public.reader_directory(public.session_type, text, text, numeric, boolean, numeric, text, text, integer) to anon, authenticated;

function public.reader_statement(p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 50)
    returns TABLE(transaction_id uuid, type public.transaction_type, gross bigint, platform_part bigint, amount bigint, state public.earning_state, earned_at timestamp with time zone, clears_at timestamp with time zone, session_id uuid, session_type public.session_type, billed_minutes integer, rate bigint, cursor uuid)
    sql, stable, set search_path="", body md5 1dbf2e05c6dfd23c960c6a1fd77f550f
grant execute on function public.reader_statement(timestamp with time zone, timestamp with time zone, uuid, integer) to authenticated;

function public.reader_totals()
    returns TABLE(earned bigint, paid_out bigint, balance bigint, in_session bigint, clearing bigint, cleared bigint, held bigint, payable bigint, next_clears_on date, next_clearing bigint, currency character)
    sql, stable, set search_path="", body md5 cc24ab5c8066cbab460c091724e83845
grant execute on function public.reader_totals() to authenticated;

function public.redeem_promo(p_code text, p_idempotency_key text)
    returns jsonb
    plpgsql, volatile, set search_path="", body md5 d1e66368ca5a94e71b618e71c93bf78a
grant execute on function public.redeem_promo(text, text) to authenticated;

function public.register_device(p_device_id uuid, p_identity_key text, p_device_key text, p_signing_key text, p_signature text)
    returns public.user_keys
    plpgsql, volatile, set search_path="", body md5 b967403b05cbc02d6ff4a3852acaf86f
grant execute on function public.register_device(uuid, text, text, text, text) to authenticated;

function public.request_card_refund(p_topup_transaction_id uuid, p_amount numeric, p_idempotency_key text)
    returns public.transactions
    plpgsql, volatile, set search_path="", body md5 6c8b3f61a364c86fcded5bdfb3e014dc
grant execute on function public.request_card_refund(uuid, numeric, text) to authenticated;

function public.request_export()
    returns public.data_exports
    plpgsql, volatile, set search_path="", body md5 303ce0b68beb0d1b5ade8044cf44342a
grant execute on function public.request_export() to authenticated;

function public.request_payout(p_idempotency_key text, p_amount numeric DEFAULT NULL::numeric)
    returns public.payouts
    plpgsql, volatile, set search_path="", body md5 6219de81549e762046ea37391314c1ee
grant execute on function public.request_payout(text, numeric) to authenticated;

function public.request_session(p_reader_id uuid, p_type public.session_type, p_idempotency_key text, p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_minutes numeric DEFAULT NULL::numeric)
    returns public.sessions
    plpgsql, volatile, set search_path="", body md5 c05c20cd2c5770bcaf88795df398f966
grant execute on function public.request_session(uuid, public.session_type, text, timestamp with time zone, numeric) to authenticated;

function public.respond_to_review(p_review_id uuid, p_response text)
    returns public.reviews
    plpgsql, volatile, set search_path="", body md5 ab32b48bf6961012c2b4a934b0a00306
grant execute on function public.respond_to_review(uuid, text) to authenticated;

function public.retry_payout(p_payout_id uuid)
    returns public.payouts
    plpgsql, volatile, set search_path="", body md5 6fd1b5855ccdcd89ece821b9e696556a
grant execute on function public.retry_payout(uuid) to authenticated;

function public.review_reader_application(p_user_id uuid, p_approve boolean, p_reason text DEFAULT NULL::text)
    returns public.reader_applications
    plpgsql, volatile, set search_path="", body md5 bf50b1cd613e8da23e38a86a0ecf468c
grant execute on function public.review_reader_application(uuid, boolean, text) to authenticated;

function public.review_session(p_session_id uuid, p_rating numeric, p_comment text DEFAULT NULL::text)
    returns public.reviews
    plpgsql, volatile, set search_path="", body md5 9f823036a86112ab91589959b7117eae
grant execute on function public.review_session(uuid, numeric, text) to authenticated;

function public.revoke_device(p_device_id uuid)
    returns public.user_keys
    plpgsql, volatile, set search_path="", body md5 6bac9b4d1b82d86bfabddee028844f8a
grant execute on function public.revoke_device(uuid) to authenticated;

function public.search_forum(p_text text, p_category_id uuid DEFAULT NULL::uuid, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 20)
    returns TABLE(id uuid, author_id uuid, category_id uuid, title text, content text, is_pinned boolean, is_locked boolean, view_count integer, created_at timestamp with time zone, updated_at timestamp with time zone)
    sql, stable, set search_path="", body md5 215d54eb86c66d4a7ec1878a13f4c2b9
grant execute on function public.search_forum(text, uuid, uuid, integer) to anon, authenticated;

function public.send_gift(p_receiver_id uuid, p_gift_id uuid, p_idempotency_key text, p_session_id uuid DEFAULT NULL::uuid, p_stream_id uuid DEFAULT NULL::uuid, p_message text DEFAULT NULL::text, p_purchase_id uuid DEFAULT NULL::uuid)
    returns public.gifts
    plpgsql, volatile, set search_path="", body md5 142858bfcfcc77df2ad0184570531cbf
grant execute on function public.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) to authenticated;

function public.send_message(p_receiver_id uuid, p_content jsonb, p_idempotency_key text, p_message_type public.message_type DEFAULT 'TEXT'::public.message_type, p_price numeric DEFAULT NULL::numeric)
    returns public.messages
    plpgsql, volatile, set search_path="", body md5 afa58077d1e62b909dd5dab08dc6a1ae
grant execute on function public.send_message(uuid, jsonb, text, public.message_type, numeric) to authenticated;

function public.send_tip(p_session_id uuid, p_amount numeric, p_idempotency_key text)
    returns public.transactions
    plpgsql, volatile, set search_path="", body md5 54f174311c91c41825494b7bb51e2464
grant execute on function public.send_tip(uuid, numeric, text) to authenticated;

function public.set_auto_reload(p_amount numeric, p_monthly_cap numeric, p_threshold numeric DEFAULT NULL::numeric, p_payment_method text DEFAULT NULL::text)
    returns public.auto_reloads
    plpgsql, volatile, set search_path="", body md5 1f04f5839385474de329268c6e187c88
grant execute on function public.set_auto_reload(numeric, numeric, numeric, text) to authenticated;

function public.set_key_backup(p_backup jsonb, p_version numeric)
    returns public.key_backups
    plpgsql, volatile, set search_path="", body md5 398c2558917864e6100e4fd64f86572a
grant execute on function public.set_key_backup(jsonb, numeric) to authenticated;

function public.set_notification_preferences(p_by_email boolean, p_muted text[] DEFAULT '{}'::text[])
    returns public.notification_preferences
    plpgsql, volatile, set search_path="", body md5 c8b6ffbe05ac4224c2f6452efce87041
grant execute on function public.set_notification_preferences(boolean, text[]) to authenticated;

function public.set_reader_status(p_status public.reader_status)
    returns public.reader_status
    plpgsql, volatile, set search_path="", body md5 17f24d5f2d9b31065cc0ad20ed587090
grant execute on function public.set_reader_status(public.reader_status) to authenticated;

function public.set_reply_price(p_price numeric DEFAULT NULL::numeric)
    returns public.readers
    plpgsql, volatile, set search_path="", body md5 14acb8eb3c518e05c00d90964daeac3f
grant execute on function public.set_reply_price(numeric) to authenticated;

function public.share_keys(p_device_id uuid, p_keys jsonb)
    returns integer
    plpgsql, volatile, set search_path="", body md5 5cfba92d7074001d6da5f1768b1060f2
grant execute on function public.share_keys(uuid, jsonb) to authenticated;

function public.ship_order(p_order_id uuid, p_tracking_number text DEFAULT NULL::text)
    returns public.orders
    plpgsql, volatile, set search_path="", body md5 1670ab7fb7a819a17079e01cab1d3595
grant execute on function public.ship_order(uuid, text) to authenticated;

function public.start_conversation_key(p_conversation_id uuid, p_version numeric, p_device_id uuid, p_keys jsonb)
    returns public.conversations
    plpgsql, volatile, set search_path="", body md5 766616d0c886ec9c6fe02c01c7893068
grant execute on function public.start_conversation_key(uuid, numeric, uuid, jsonb) to authenticated;

function public.start_stream(p_stream_id uuid)
    returns public.live_streams
    plpgsql, volatile, set search_path="", body md5 18eb6eb944f17a8de2d012be99363707
grant execute on function public.start_stream(uuid) to authenticated;

function public.update_setting(p_key text, p_value text)
    returns public.system_settings
    plpgsql, volatile, set search_path="", body md5 f982822c8ec7b00c382aa8bfff55477a
grant execute on function public.update_setting(text, text) to authenticated;

function public.view_post(p_post_id uuid)
    returns void
    plpgsql, volatile, set search_path="", body md5 b0400578b3e724f3f788e9316d7796fb
grant execute on function public.view_post(uuid) to authenticated;

function public.wait_list_position(p_reader_id uuid)
    returns integer
    plpgsql, stable, set search_path="", body md5 ee2e0f2cc1b0773d0713dc07b153e7b9
grant execute on function public.wait_list_position(uuid) to authenticated;

function public.wallet_statement(p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone, p_after text DEFAULT NULL::text, p_limit integer DEFAULT 50)
    returns TABLE(transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, amount bigint, promo_amount bigint, debt_amount bigint, balance bigint, promo_balance bigint, session_id uuid, session_type public.session_type, reader_id uuid, reader_name text, billed_minutes integer, rate bigint, created_at timestamp with time zone, cursor text)
    sql, stable, set search_path="", body md5 e6ab6156c0590d73342fd3802146f195
grant execute on function public.wallet_statement(timestamp with time zone, timestamp with time zone, text, integer) to authenticated;

function public.withdraw_consent(p_kind public.consent_kind)
    returns integer
    plpgsql, volatile, set search_path="", body md5 8f4d432ddbf5c0c98096995afe320e00
grant execute on function public.withdraw_consent(public.consent_kind) to authenticated;

function public.withdraw_paid_message(p_message_id uuid)
    returns public.paid_messages
    plpgsql, volatile, set search_path="", body md5 e92735948bbeccc888d0581fe5ec2fbe
grant execute on function public.withdraw_paid_message(uuid) to authenticated;

function worker_api.abandon_bank_payout(p_outbox_id uuid, p_attempt_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 6b5ae60dbce5a16147842174631ccd5f
grant execute on function worker_api.abandon_bank_payout(uuid, uuid) to service_role;

function worker_api.advance_appointment()
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 6e6ab071023fdbae4f53030c396f2eff
grant execute on function worker_api.advance_appointment() to service_role;

function worker_api.advance_sessions(p_limit integer DEFAULT 50)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 885f79915dffdf57b2e419d9e192d6cc
grant execute on function worker_api.advance_sessions(integer) to service_role;

function worker_api.advance_wait_list()
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 26751fb38de714049c37e064b8e2f716
grant execute on function worker_api.advance_wait_list() to service_role;

function worker_api.apply_account(p_event_id text, p_sequence bigint, p_account_id text, p_details_submitted boolean, p_transfers_active boolean, p_payouts_enabled boolean, p_disabled_reason text, p_requirements_due text[])
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 e1d3d7de810d9928326f6364f36d08d0
grant execute on function worker_api.apply_account(text, bigint, text, boolean, boolean, boolean, text, text[]) to service_role;

function worker_api.apply_account_export(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 153fc3bc8460651b894bfef7dac7b4e6
grant execute on function worker_api.apply_account_export(uuid) to service_role;

function worker_api.apply_balance_available(p_event_id text, p_account_id text DEFAULT NULL::text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 e02c5781d142f340851c8ec7bdf35776
grant execute on function worker_api.apply_balance_available(text, text) to service_role;

function worker_api.apply_bank_account(p_event_id text, p_account_id text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 133c1fb8b75946a8345388fc88a3545a
grant execute on function worker_api.apply_bank_account(text, text) to service_role;

function worker_api.apply_card(p_event_id text, p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text, p_brand text, p_last4 text, p_exp_month integer, p_exp_year integer, p_is_saved boolean)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 46a6da499ffbc85994422a5dcd7f2999
grant execute on function worker_api.apply_card(text, bigint, text, text, text, text, text, integer, integer, boolean) to service_role;

function worker_api.apply_charge_fee(p_event_id text, p_payment_intent_id text, p_charge_id text, p_balance_transaction_id text, p_fee bigint, p_net bigint, p_currency text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 01327ff01f82df363709a4d772ea7958
grant execute on function worker_api.apply_charge_fee(text, text, text, text, bigint, bigint, text) to service_role;

function worker_api.apply_checkout_session(p_event_id text, p_sequence bigint, p_session_id text, p_status text, p_transaction_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 006687741a377829acdb0ee6325ede2d
grant execute on function worker_api.apply_checkout_session(text, bigint, text, text, uuid) to service_role;

function worker_api.apply_dispute(p_event_id text, p_sequence bigint, p_stripe_dispute_id text, p_charge_id text, p_payment_intent_id text, p_status text, p_reason text, p_amount bigint, p_currency text, p_due_at timestamp with time zone, p_movements jsonb)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 8e08f3300f2bf68d240b2029c8b8d7b4
grant execute on function worker_api.apply_dispute(text, bigint, text, text, text, text, text, bigint, text, timestamp with time zone, jsonb) to service_role;

function worker_api.apply_fraud_warning(p_event_id text, p_sequence bigint, p_warning_id text, p_charge_id text, p_payment_intent_id text, p_currency text, p_is_actionable boolean, p_is_refunded boolean)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 2e5eb4d65b7d9e807326934e4c680dea
grant execute on function worker_api.apply_fraud_warning(text, bigint, text, text, text, text, boolean, boolean) to service_role;

function worker_api.apply_payment_intent(p_event_id text, p_sequence bigint, p_payment_intent_id text, p_status text, p_amount bigint, p_amount_received bigint, p_currency text, p_error_code text DEFAULT NULL::text, p_transaction_id uuid DEFAULT NULL::uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 39db1be3e766f339cd3b367305078181
grant execute on function worker_api.apply_payment_intent(text, bigint, text, text, bigint, bigint, text, text, uuid) to service_role;

function worker_api.apply_payout_state(p_event_id text, p_sequence bigint, p_account_id text, p_stripe_payout_id text, p_status text, p_failure_code text DEFAULT NULL::text, p_attempt_id uuid DEFAULT NULL::uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 098653386117a19ebc6de6567308ea09
grant execute on function worker_api.apply_payout_state(text, bigint, text, text, text, text, uuid) to service_role;

function worker_api.apply_platform_payout(p_event_id text, p_sequence bigint, p_stripe_payout_id text, p_amount bigint, p_currency text, p_status text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 c56c6724b629666d7cfa36083f9e82f9
grant execute on function worker_api.apply_platform_payout(text, bigint, text, bigint, text, text) to service_role;

function worker_api.apply_refund(p_event_id text, p_sequence bigint, p_stripe_refund_id text, p_payment_intent_id text, p_attempt_id uuid, p_amount bigint, p_currency text, p_status text, p_failure_reason text DEFAULT NULL::text, p_failure_transaction_id text DEFAULT NULL::text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 94cd000f95a8dcabe39a37fc4fc5aae7
grant execute on function worker_api.apply_refund(text, bigint, text, text, uuid, bigint, text, text, text, text) to service_role;

function worker_api.apply_session_settled(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 383d207a6a61f7aa9a3ed6a8c39d101a
grant execute on function worker_api.apply_session_settled(uuid) to service_role;

function worker_api.apply_transfer(p_event_id text, p_transfer_id text, p_attempt_id uuid, p_amount bigint, p_reversals jsonb, p_currency text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 f303d6c8e6420dec3debd7fa6e61145a
grant execute on function worker_api.apply_transfer(text, text, uuid, bigint, jsonb, text) to service_role;

function worker_api.apply_unreachable_payout(p_event_id text, p_stripe_payout_id text, p_status text, p_failure_code text DEFAULT NULL::text, p_attempt_id uuid DEFAULT NULL::uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 28efa9e4ad7c81f9753d6545c026a337
grant execute on function worker_api.apply_unreachable_payout(text, text, text, text, uuid) to service_role;

function worker_api.appoint_admin(p_user_id uuid, p_permissions public.admin_permission[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 5bb8d836a9d244a3a2e55b3c050a2147
grant execute on function worker_api.appoint_admin(uuid, public.admin_permission[]) to service_role;

function worker_api.begin_payout_account(p_user_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 1116461dd8d7c2282d763128963c5343
grant execute on function worker_api.begin_payout_account(uuid) to service_role;

function worker_api.begin_reconciliation(p_since timestamp with time zone DEFAULT NULL::timestamp with time zone, p_until timestamp with time zone DEFAULT NULL::timestamp with time zone)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 92e091b5470d3632b47cdbcfa627f64d
grant execute on function worker_api.begin_reconciliation(timestamp with time zone, timestamp with time zone) to service_role;

function worker_api.begin_topup(p_user_id uuid, p_amount bigint, p_currency text, p_idempotency_key text, p_save_card boolean DEFAULT false, p_checkout boolean DEFAULT false)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 72bf88fbbe0ea90e950382fb26d5877f
grant execute on function worker_api.begin_topup(uuid, bigint, text, text, boolean, boolean) to service_role;

function worker_api.change_setting(p_key text, p_value text)
    returns public.system_settings
    sql, volatile, security definer, set search_path="", body md5 ab413dbc61d37d25849aa904249ad284
grant execute on function worker_api.change_setting(text, text) to service_role;

function worker_api.charge_due_minutes(p_limit integer DEFAULT 500)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", plan_cache_mode=force_generic_plan, enable_hashjoin=off, enable_mergejoin=off, jit=off, body md5 f14d25db1f812e70dd5501fb18df4d0f
grant execute on function worker_api.charge_due_minutes(integer) to service_role;

function worker_api.check_ledger()
    returns jsonb
    sql, stable, security definer, set search_path="", statement_timeout=60s, body md5 63e474a1c7d455f1ba90732a950d1a87
grant execute on function worker_api.check_ledger() to service_role;

function worker_api.claim_outbox(p_limit integer DEFAULT 100)
    returns TABLE(id uuid, topic text, payload jsonb, attempts integer, request_id text)
    sql, volatile, security definer, set search_path="", body md5 6828537824b7bfca6abbd41d9e13fd2f
grant execute on function worker_api.claim_outbox(integer) to service_role;

function worker_api.claim_stripe_events(p_limit integer DEFAULT 100, p_older_than_seconds integer DEFAULT 10)
    returns TABLE(event_id text, type text, attempts integer, request_id text)
    sql, volatile, security definer, set search_path="", body md5 dc7be01b3bee7c2ab467b4a3cc70eab0
grant execute on function worker_api.claim_stripe_events(integer, integer) to service_role;

function worker_api.compare_stripe_movements(p_reconciliation_id uuid, p_since timestamp with time zone, p_until timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 f351322b956bb08e61e565ae9588e0e8
grant execute on function worker_api.compare_stripe_movements(uuid, timestamp with time zone, timestamp with time zone) to service_role;

function worker_api.erased_files(p_outbox_id uuid, p_limit integer DEFAULT 100)
    returns TABLE(bucket text, path text)
    sql, stable, security definer, set search_path="", body md5 487b059d8df4d14c342a1aad15f3d3f2
grant execute on function worker_api.erased_files(uuid, integer) to service_role;

function worker_api.fail_outbox(p_outbox_id uuid, p_error text, p_is_away boolean DEFAULT false)
    returns void
    sql, volatile, security definer, set search_path="", body md5 95c156370f806c21357e575366c9d34f
grant execute on function worker_api.fail_outbox(uuid, text, boolean) to service_role;

function worker_api.fail_stripe_event(p_event_id text, p_error text, p_is_away boolean DEFAULT false)
    returns void
    sql, volatile, security definer, set search_path="", body md5 77c1cd822cc309431cb3315dd4cc1d2c
grant execute on function worker_api.fail_stripe_event(text, text, boolean) to service_role;

function worker_api.finish_account_erasure(p_outbox_id uuid)
    returns boolean
    sql, volatile, security definer, set search_path="", body md5 f44d9cd9fd218b1ffba8ba8c5c2596af
grant execute on function worker_api.finish_account_erasure(uuid) to service_role;

function worker_api.finish_notification_email(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 d05a6f92264a0eafaa8599f6be3d7e66
grant execute on function worker_api.finish_notification_email(uuid) to service_role;

function worker_api.finish_reconciliation(p_reconciliation_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 28926574ad57f49154da40aeb4819f71
grant execute on function worker_api.finish_reconciliation(uuid) to service_role;

function worker_api.ignore_stripe_event(p_event_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a6183a90b2a46f79403853f5997b63ef
grant execute on function worker_api.ignore_stripe_event(text) to service_role;

function worker_api.leave_account_unread(p_reconciliation_id uuid, p_account text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2ec4f9ddc72bfdbdbf565bae8c3870d2
grant execute on function worker_api.leave_account_unread(uuid, text) to service_role;

function worker_api.live_sessions()
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 bd56db80e569920796daf0e4ab19c3bb
grant execute on function worker_api.live_sessions() to service_role;

function worker_api.next_object_sequence(p_object_id text)
    returns bigint
    sql, volatile, security definer, set search_path="", body md5 1c754a26dc6fc1215a9e9b67f2ab9a50
grant execute on function worker_api.next_object_sequence(text) to service_role;

function worker_api.open_differences(p_limit integer DEFAULT 100)
    returns SETOF jsonb
    plpgsql, stable, security definer, set search_path="", body md5 43d36771c6f86261d0608298bf99ad6f
grant execute on function worker_api.open_differences(integer) to service_role;

function worker_api.purchased_file(p_user_id uuid, p_product_id uuid)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 4dd6342eb857bf5e3d3ecc6e0d7dfd24
grant execute on function worker_api.purchased_file(uuid, uuid) to service_role;

function worker_api.read_stripe_event(p_event_id text)
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 b5ff0ccfc99707b050862c4e94eb353e
grant execute on function worker_api.read_stripe_event(text) to service_role;

function worker_api.reconcile_charge_refunds(p_event_id text, p_payment_intent_id text, p_amount_refunded bigint, p_currency text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 a5c608a77f51e4d7d0fddf808f4ffa38
grant execute on function worker_api.reconcile_charge_refunds(text, text, bigint, text) to service_role;

function worker_api.record_auto_reload(p_outbox_id uuid, p_attempt_id uuid, p_outcome text, p_payment_intent_id text DEFAULT NULL::text, p_code text DEFAULT NULL::text)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 44e765cfde61908c962bd4f27e2777b0
grant execute on function worker_api.record_auto_reload(uuid, uuid, text, text, text) to service_role;

function worker_api.record_bank_payout(p_outbox_id uuid, p_attempt_id uuid, p_stripe_payout_id text, p_status text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 0ea94d6eba2a74df07bb8e414a26c5fb
grant execute on function worker_api.record_bank_payout(uuid, uuid, text, text) to service_role;

function worker_api.record_card(p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text, p_brand text, p_last4 text, p_exp_month integer, p_exp_year integer, p_is_saved boolean)
    returns uuid
    sql, volatile, security definer, set search_path="", body md5 8bf875fccf30714f3905ce447e7b6729
grant execute on function worker_api.record_card(bigint, text, text, text, text, text, integer, integer, boolean) to service_role;

function worker_api.record_card_refund(p_outbox_id uuid, p_attempt_id uuid, p_stripe_refund_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 fe4d93e4d40405007a28c2e71ca1c811
grant execute on function worker_api.record_card_refund(uuid, uuid, text) to service_role;

function worker_api.record_checkout_session(p_transaction_id uuid, p_session_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 cb94b1cbe83f5dfef7e0fb67b4fccdca
grant execute on function worker_api.record_checkout_session(uuid, text) to service_role;

function worker_api.record_payment_intent(p_transaction_id uuid, p_payment_intent_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a71e5414c120bda3ef837ba17b61bf0a
grant execute on function worker_api.record_payment_intent(uuid, text) to service_role;

function worker_api.record_payout_account(p_user_id uuid, p_stripe_account_id text)
    returns text
    plpgsql, volatile, security definer, set search_path="", body md5 28dfcf31a38ee2c0989fa104ec0f8a74
grant execute on function worker_api.record_payout_account(uuid, text) to service_role;

function worker_api.record_payout_failure(p_outbox_id uuid, p_attempt_id uuid, p_step text, p_outcome text, p_code text, p_message text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 76cf8e8cc160e7a839123a30246eda00
grant execute on function worker_api.record_payout_failure(uuid, uuid, text, text, text, text) to service_role;

function worker_api.record_presence(p_session_ids uuid[], p_sides text[], p_left boolean DEFAULT false)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 4d5a32f34583149e0b8619aa8092ce84
grant execute on function worker_api.record_presence(uuid[], text[], boolean) to service_role;

function worker_api.record_refund_failure(p_outbox_id uuid, p_attempt_id uuid, p_outcome text, p_code text, p_message text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d133c8f15115e3d0271c1cf9d8fa67b2
grant execute on function worker_api.record_refund_failure(uuid, uuid, text, text, text) to service_role;

function worker_api.record_refund_made(p_sequence bigint, p_stripe_refund_id text, p_payment_intent_id text, p_attempt_id uuid, p_amount bigint, p_currency text, p_status text, p_failure_reason text DEFAULT NULL::text, p_failure_transaction_id text DEFAULT NULL::text)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 bea37fe11749b7d1ce3901c4211a1479
grant execute on function worker_api.record_refund_made(bigint, text, text, uuid, bigint, text, text, text, text) to service_role;

function worker_api.record_stripe_customer(p_user_id uuid, p_stripe_customer_id text)
    returns text
    plpgsql, volatile, security definer, set search_path="", body md5 a6375c3bac583b52fbf2e33dc2e35df0
grant execute on function worker_api.record_stripe_customer(uuid, text) to service_role;

function worker_api.record_stripe_movements(p_reconciliation_id uuid, p_movements jsonb)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 f643db9044ac48c395dbb2ffc09adabb
grant execute on function worker_api.record_stripe_movements(uuid, jsonb) to service_role;

function worker_api.record_transfer(p_attempt_id uuid, p_transfer_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2750a8de8eab4d85252c5ce1efb5bfd4
grant execute on function worker_api.record_transfer(uuid, text) to service_role;

function worker_api.request_scheduled_payouts(p_limit integer DEFAULT 100)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 998e2e7e8bce7fd2e7c10c28c5da17b3
grant execute on function worker_api.request_scheduled_payouts(integer) to service_role;

function worker_api.roll_up_days(p_limit integer DEFAULT 7)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 f8c2f9c93d6459681522158dc3e735b1
grant execute on function worker_api.roll_up_days(integer) to service_role;

function worker_api.run_upkeep()
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 05c6b71c1e7e996db843ad1c0846e410
grant execute on function worker_api.run_upkeep() to service_role;

function worker_api.seal_audit()
    returns TABLE(month date, sealed_rows bigint, hash text)
    plpgsql, volatile, security definer, set search_path="", body md5 304595684a7d9f5b502cc03a56bc85fb
grant execute on function worker_api.seal_audit() to service_role;

function worker_api.start_account_erasure(p_outbox_id uuid)
    returns uuid
    sql, stable, security definer, set search_path="", body md5 8eef8384f58eb3d6baa370cea8f0ba09
grant execute on function worker_api.start_account_erasure(uuid) to service_role;

function worker_api.start_auto_reload(p_outbox_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 f0e5cb3fd16258a26af99c7117ae09f5
grant execute on function worker_api.start_auto_reload(uuid) to service_role;

function worker_api.start_notification_email(p_outbox_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 3574f0dc6ec2365d1bd824da88e051cc
grant execute on function worker_api.start_notification_email(uuid) to service_role;

function worker_api.start_payout_attempt(p_outbox_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 2d2df51362f48916f0aeaf912f384747
grant execute on function worker_api.start_payout_attempt(uuid) to service_role;

function worker_api.start_refund_attempt(p_outbox_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 12e5b7767a8c6f5b673547072c0d71a9
grant execute on function worker_api.start_refund_attempt(uuid) to service_role;

function worker_api.store_stripe_event(p_endpoint text, p_event_id text, p_type text, p_api_version text, p_account text, p_object_id text, p_created timestamp with time zone, p_payload jsonb)
    returns boolean
    sql, volatile, security definer, set search_path="", body md5 7d1b5cdd89a26bdfdfdf9a66000f9545
grant execute on function worker_api.store_stripe_event(text, text, text, text, text, text, timestamp with time zone, jsonb) to service_role;

function worker_api.store_stripe_events(p_events jsonb)
    returns SETOF text
    sql, volatile, security definer, set search_path="", body md5 3de0bd6a65c6f9f5ea7e6ba851629bc2
grant execute on function worker_api.store_stripe_events(jsonb) to service_role;

function worker_api.tell_gifts()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 8214f9648e5ea9eba0df70f187339de9
grant execute on function worker_api.tell_gifts() to service_role;

function worker_api.turn_side(p_user_id uuid, p_session_id uuid)
    returns text
    plpgsql, stable, security definer, set search_path="", body md5 2ee30888c58503545a452b705e56852e
grant execute on function worker_api.turn_side(uuid, uuid) to service_role;

function worker_api.unsubscribe(p_token uuid)
    returns void
    sql, volatile, security definer, set search_path="", body md5 17399057d146f6ebc54ea8bd3b24aff1
grant execute on function worker_api.unsubscribe(uuid) to service_role;

function worker_api.verify_audit(p_month date DEFAULT NULL::date)
    returns TABLE(month date, sealed_rows bigint, actual_rows bigint)
    sql, stable, security definer, set search_path="", body md5 62f80ee7a9ba81072c3d789db420c663
grant execute on function worker_api.verify_audit(date) to service_role;

function worker_api.withdraw_leave_hints(p_session_ids uuid[], p_sides text[])
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 f8f452ad93ea4c1d3b538c60992a75fa
grant execute on function worker_api.withdraw_leave_hints(uuid[], text[]) to service_role;
