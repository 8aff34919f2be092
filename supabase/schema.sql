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

create type ledger.account_kind as enum ('client_wallet', 'promo_credit', 'reader_earnings', 'client_debt', 'platform_revenue', 'stripe_clearing', 'stripe_fees', 'promo_expense', 'outage_expense', 'dispute_losses');

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

create type ledger.rule_kind as enum ('SESSION', 'GIFT', 'TIP', 'ORDER');

create type ledger.transfer_code as enum ('topup', 'stripe_fee', 'increment', 'outage_increment', 'increment_reversal', 'payout', 'payout_reversal', 'adjustment', 'gift', 'tip', 'order', 'fee', 'reversal', 'goodwill', 'promo', 'card_refund', 'card_refund_reversal', 'dispute', 'dispute_fee', 'dispute_reversal', 'debt');

create type private.meter_state as enum ('RUNNING', 'PAUSED');

create type private.side as enum ('client', 'reader');

create type public.admin_permission as enum ('manage_users', 'manage_finances', 'moderate_content', 'manage_settings');

create type public.application_status as enum ('PENDING', 'APPROVED', 'REJECTED');

create type public.consent_kind as enum ('TERMS', 'PRIVACY', 'ADULT', 'RECORDING', 'MARKETING', 'AUTO_RELOAD');

create type public.end_reason as enum ('client_ended', 'reader_ended', 'max_minutes', 'insufficient_funds', 'disconnected', 'declined', 'expired', 'cancelled_by_client', 'cancelled_by_reader', 'no_show_client', 'no_show_reader', 'account_suspended', 'admin_ended');

create type public.message_type as enum ('TEXT', 'IMAGE', 'SYSTEM');

create type public.order_status as enum ('PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED');

create type public.pause_reason as enum ('client_absent', 'reader_absent', 'insufficient_funds');

create type public.payout_attempt_status as enum ('PENDING', 'SENDING', 'UNKNOWN', 'TRANSFERRED', 'COMPLETED', 'FAILED');

create type public.payout_status as enum ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED');

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

create type public.transaction_type as enum ('ADD_FUNDS', 'SESSION_CHARGE', 'REFUND', 'PAYOUT', 'PURCHASE', 'GIFT_PURCHASE', 'TIP', 'FEE', 'DISPUTE', 'ADJUSTMENT', 'PROMO', 'REVERSAL');

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
create policy "own accounts or manage_finances" on ledger.accounts as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
grant select (created_at, credits, currency, debits, frozen_at, held, id, kind, updated_at, user_id) on ledger.accounts to authenticated, service_role;

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

create table private.directory_entries (
    facet text not null,
    average_rating numeric(3,2) not null,
    reader_id uuid not null,
    constraint directory_entries_pkey PRIMARY KEY (facet, average_rating, reader_id)
);
alter table private.directory_entries enable row level security;
CREATE INDEX directory_entries_reader ON private.directory_entries USING btree (reader_id);

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
    session_id uuid not null,
    client_id uuid not null,
    reader_id uuid not null,
    constraint client_has_one_session UNIQUE (client_id),
    constraint leases_pkey PRIMARY KEY (session_id),
    constraint leases_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE,
    constraint reader_has_one_session UNIQUE (reader_id)
);
alter table private.leases enable row level security;

create table private.meters (
    session_id uuid not null,
    client_id uuid not null,
    reader_id uuid not null,
    transaction_id uuid not null,
    wallet_id uuid not null,
    promo_id uuid not null,
    earnings_id uuid not null,
    rate bigint not null,
    share_bps integer not null,
    increment_seconds integer not null,
    max_increments integer not null,
    min_billable_seconds integer not null,
    max_pauses integer not null,
    max_paused_seconds integer not null,
    topup_grace_seconds integer not null,
    low_balance_minutes integer not null,
    state private.meter_state not null default 'RUNNING'::private.meter_state,
    run_started_at timestamp with time zone not null,
    shared_before interval not null default '00:00:00'::interval,
    due_at timestamp with time zone not null,
    increments integer not null default 0,
    charged bigint not null default 0,
    pauses integer not null default 0,
    paused_for interval not null default '00:00:00'::interval,
    paused_at timestamp with time zone,
    grace_until timestamp with time zone,
    low_balance_told boolean not null default false,
    needs_advance boolean not null default false,
    stop_reason public.end_reason,
    failed_at timestamp with time zone,
    last_error text,
    constraint meters_pkey PRIMARY KEY (session_id),
    constraint meters_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE,
    constraint paused_has_time CHECK (((state = 'PAUSED'::private.meter_state) = (paused_at IS NOT NULL)))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_cost_delay=0);
alter table private.meters enable row level security;

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
    last_error text,
    parked_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint outbox_pkey PRIMARY KEY (id),
    constraint outbox_topic_check CHECK ((topic = ANY (ARRAY['session.settled'::text, 'payout.execute'::text, 'account.erased'::text, 'account.export'::text])))
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_cost_delay=0);
alter table private.outbox enable row level security;
CREATE INDEX outbox_due ON private.outbox USING btree (visible_at) WHERE (parked_at IS NULL);

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
create policy "own consents or manage_users" on public.consents as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_users'::public.admin_permission) AS has_permission));
grant select on public.consents to authenticated, service_role;

create table public.conversation_keys (
    id uuid not null default private.uuid_v7(),
    conversation_id uuid not null,
    version integer not null,
    user_id uuid not null,
    device_id uuid not null,
    wrapped_key text not null,
    wrapped_by uuid not null,
    created_at timestamp with time zone not null default private.now(),
    constraint conversation_keys_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE,
    constraint conversation_keys_pkey PRIMARY KEY (id),
    constraint conversation_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint conversation_keys_version_check CHECK ((version > 0)),
    constraint conversation_keys_wrapped_by_fkey FOREIGN KEY (wrapped_by) REFERENCES public.users(id) ON DELETE CASCADE,
    constraint conversation_keys_wrapped_key_check CHECK (((wrapped_key ~ '^[A-Za-z0-9_-]+$'::text) AND ((length(wrapped_key) >= 64) AND (length(wrapped_key) <= 256)))),
    constraint wrapped_for_a_known_device FOREIGN KEY (user_id, device_id) REFERENCES public.user_keys(user_id, device_id) ON DELETE CASCADE,
    constraint wrapped_once_a_device UNIQUE (conversation_id, version, user_id, device_id)
);
alter table public.conversation_keys enable row level security;
CREATE INDEX conversation_keys_author ON public.conversation_keys USING btree (wrapped_by);
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
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint conversations_first_id_fkey FOREIGN KEY (first_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint conversations_key_version_check CHECK ((key_version >= 0)),
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
create policy "own purchases or manage_finances" on public.gift_purchases as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
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
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.live_streams FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
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
    created_at timestamp with time zone not null default private.now(),
    constraint order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE RESTRICT,
    constraint order_items_pkey PRIMARY KEY (id),
    constraint order_items_price_check CHECK ((price > 0)),
    constraint order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id) ON DELETE RESTRICT,
    constraint order_items_quantity_check CHECK (((quantity >= 1) AND (quantity <= 1000))),
    constraint order_items_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint order_items_share_bps_check CHECK (((share_bps >= 0) AND (share_bps <= 10000))),
    constraint product_once_an_order UNIQUE (order_id, product_id)
);
alter table public.order_items enable row level security;
CREATE INDEX order_items_product ON public.order_items USING btree (product_id);
CREATE INDEX order_items_seller ON public.order_items USING btree (reader_id, id DESC);
create policy "buyer, seller or manage_finances" on public.order_items as permissive for select to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) OR (order_id IN ( SELECT o.id
   FROM public.orders o
  WHERE (o.client_id = ( SELECT auth.uid() AS uid)))) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
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
create policy "own orders or manage_finances" on public.orders as permissive for select to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
grant select on public.orders to authenticated, service_role;

create table public.payout_attempts (
    id uuid not null default private.uuid_v7(),
    payout_id uuid not null,
    number integer not null,
    status public.payout_attempt_status not null default 'PENDING'::public.payout_attempt_status,
    amount bigint not null,
    currency character(3) not null,
    destination text not null,
    bank_try integer not null default 1,
    transfer_id text,
    stripe_payout_id text,
    first_tried_at timestamp with time zone,
    error_code text,
    error_message text,
    created_at timestamp with time zone not null default private.now(),
    updated_at timestamp with time zone not null default private.now(),
    constraint attempt_number UNIQUE (payout_id, number),
    constraint payout_attempts_amount_check CHECK ((amount > 0)),
    constraint payout_attempts_bank_try_check CHECK ((bank_try > 0)),
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
create policy manage_finances on public.payout_attempts as permissive for select to authenticated
    using ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission);
grant select on public.payout_attempts to authenticated, service_role;

create table public.payouts (
    id uuid not null default private.uuid_v7(),
    reader_id uuid not null,
    amount bigint not null,
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
    constraint processed_when_final CHECK (((status = ANY (ARRAY['COMPLETED'::public.payout_status, 'FAILED'::public.payout_status])) = (processed_at IS NOT NULL)))
);
alter table public.payouts enable row level security;
CREATE INDEX payouts_reader ON public.payouts USING btree (reader_id, id DESC);
CREATE INDEX payouts_transaction ON public.payouts USING btree (transaction_id);
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.audit();
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.payouts FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own payouts or manage_finances" on public.payouts as permissive for select to authenticated
    using ((reader_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
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
    created_at timestamp with time zone not null default private.now(),
    constraint promo_redemptions_card_fingerprint_check CHECK ((length(card_fingerprint) <= 100)),
    constraint promo_redemptions_pkey PRIMARY KEY (id),
    constraint promo_redemptions_promo_code_id_fkey FOREIGN KEY (promo_code_id) REFERENCES public.promo_codes(id) ON DELETE RESTRICT,
    constraint promo_redemptions_transaction_id_fkey FOREIGN KEY (transaction_id) REFERENCES public.transactions(id),
    constraint promo_redemptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT,
    constraint redeemed_once_a_card UNIQUE (promo_code_id, card_fingerprint),
    constraint redeemed_once_a_person UNIQUE (promo_code_id, user_id)
);
alter table public.promo_redemptions enable row level security;
CREATE INDEX promo_redemptions_transaction ON public.promo_redemptions USING btree (transaction_id);
CREATE INDEX promo_redemptions_user ON public.promo_redemptions USING btree (user_id);
create policy "own redemptions or manage_finances" on public.promo_redemptions as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
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
create policy "own account or manage_finances" on public.reader_accounts as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
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
create policy "own applications or manage_users" on public.reader_applications as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_users'::public.admin_permission) AS has_permission));
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
CREATE TRIGGER touch BEFORE UPDATE ON public.sessions FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "participants or manage_users" on public.sessions as permissive for select to authenticated
    using ((client_id = ( SELECT auth.uid() AS uid)) OR (reader_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_users'::public.admin_permission) AS has_permission));
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
    constraint system_settings_key_check CHECK ((key ~ '^[a-z]+(\.[a-z_]+)+$'::text)),
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
CREATE UNIQUE INDEX transactions_session ON public.transactions USING btree (session_id) WHERE (type = 'SESSION_CHARGE'::public.transaction_type);
CREATE TRIGGER platform_currency BEFORE INSERT OR UPDATE OF currency ON public.transactions FOR EACH ROW EXECUTE FUNCTION private.require_platform_currency();
CREATE TRIGGER touch BEFORE UPDATE ON public.transactions FOR EACH ROW EXECUTE FUNCTION private.touch_updated_at();
create policy "own transactions or manage_finances" on public.transactions as permissive for select to authenticated
    using ((user_id = ( SELECT auth.uid() AS uid)) OR ( SELECT private.has_permission('manage_finances'::public.admin_permission) AS has_permission));
grant select on public.transactions to authenticated, service_role;

create table public.user_keys (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null,
    device_id uuid not null,
    identity_key text not null,
    device_key text not null,
    signature text not null,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone not null default private.now(),
    constraint device_registered_once UNIQUE (user_id, device_id),
    constraint user_keys_device_key_check CHECK ((device_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
    constraint user_keys_identity_key_check CHECK ((identity_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
    constraint user_keys_pkey PRIMARY KEY (id),
    constraint user_keys_signature_check CHECK ((signature ~ '^[A-Za-z0-9_-]{86}$'::text)),
    constraint user_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE
);
alter table public.user_keys enable row level security;
CREATE TRIGGER zz_refuse_invalid BEFORE INSERT OR UPDATE ON public.user_keys FOR EACH ROW EXECUTE FUNCTION private.refuse_invalid();
create policy "keys are public" on public.user_keys as permissive for select to authenticated
    using true;
create policy "register own device" on public.user_keys as permissive for insert to authenticated
    with check ((user_id = ( SELECT auth.uid() AS uid)) AND ( SELECT private.is_active() AS is_active));
create policy "revoke own device" on public.user_keys as permissive for update to authenticated
    using (user_id = ( SELECT auth.uid() AS uid))
    with check ((user_id = ( SELECT auth.uid() AS uid)) AND (revoked_at IS NOT NULL));
grant insert (device_id, device_key, identity_key, signature, user_id), select, update (revoked_at) on public.user_keys to authenticated;
grant select on public.user_keys to service_role;

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
    using ((extension = ANY (ARRAY['broadcast'::text, 'presence'::text])) AND ((( SELECT realtime.topic() AS topic) = ANY (ARRAY['readers'::text, ('user:'::text || (( SELECT auth.uid() AS uid))::text)])) OR (( SELECT realtime.topic() AS topic) IN ( SELECT ('session:'::text || s.id)
   FROM public.sessions s
  WHERE ((( SELECT auth.uid() AS uid) = s.client_id) OR (( SELECT auth.uid() AS uid) = s.reader_id))))));

----------------------------------------------------------------------
-- Views
----------------------------------------------------------------------

create view ledger.house_totals with (security_invoker=true) as
 SELECT id,
    kind,
    COALESCE(( SELECT sum(t.amount) AS sum
           FROM ledger.transfers t
          WHERE t.debit_account_id = a.id), 0::numeric)::bigint AS debits,
    (COALESCE(( SELECT sum(t.amount - t.commission) AS sum
           FROM ledger.transfers t
          WHERE t.credit_account_id = a.id), 0::numeric) + COALESCE(( SELECT sum(t.commission) AS sum
           FROM ledger.transfers t
          WHERE t.commission_account_id = a.id), 0::numeric))::bigint AS credits
   FROM ledger.accounts a
  WHERE user_id IS NULL;

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
    sql, stable, security definer, set search_path="", body md5 ef1e16f242aba5f55b32d15f75482274

function ledger.account_of(p_user_id uuid, p_kind ledger.account_kind)
    returns uuid
    sql, stable, security definer, set search_path="", body md5 fd2b66b2da831ea0652786e2860dbf4c

function ledger.check_running_totals()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 e6e480d7d098c58a020fcb3bc3afc0de

function ledger.check_sessions()
    returns TABLE(problem text, subject uuid, expected bigint, actual bigint)
    sql, stable, security definer, set search_path="", body md5 a3dc1fbfdce234d0308273515d85d6cf

function ledger.cleared(p_account_id uuid, p_at timestamp with time zone)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 0e5c33c5be0497f8a5288e676a6f64be

function ledger.follow_currency()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 cbb35c2672be1777c5fbd3e454e1e2a0

function ledger.hold(p_account_id uuid, p_reference uuid, p_amount bigint)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 396b7f1b066a55916e8c5f89c825f68b

function ledger.keep_currency()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 307a0a28b65a57f16770d8ba91ec1213

function ledger.lock_accounts(p_ids uuid[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 ae044fff2b102145ebdd7d3a9130d42f

function ledger.open_accounts(p_user_id uuid, p_kinds ledger.account_kind[])
    returns void
    sql, volatile, security definer, set search_path="", body md5 b934c46254a802b60d2e6159077bcfef

function ledger.payable(p_account_id uuid, p_at timestamp with time zone)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 2c9a32c2dacdd62da33f010fe8dd7fc5

function ledger.post_transfer(p_transaction_id uuid, p_code ledger.transfer_code, p_debit_account_id uuid, p_credit_account_id uuid, p_amount bigint)
    returns uuid
    sql, volatile, security definer, set search_path="", body md5 687d153155295b44a32aa0b301da050f

function ledger.post_transfers(p_transaction_id uuid, p_legs ledger.leg[])
    returns uuid[]
    plpgsql, volatile, security definer, set search_path="", body md5 212bd666f4c25d7fdbb392082ee39c0d

function ledger.refuse_account_deletion()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 46dc155b9078cd5980fcf30d94000b31

function ledger.refuse_change()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 1d2d285db537b27e8e1fbe2fbec4a77e

function ledger.resolve_holds(p_reference uuid, p_status ledger.hold_status)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 e8c438b1688a23d06d4acecd7df4f0f6

function ledger.rule_for(p_kind ledger.rule_kind, p_reader_id uuid, p_at timestamp with time zone)
    returns ledger.rules
    sql, stable, security definer, set search_path="", body md5 eda47782a4d36d3a639c2afd52fa7091

function ledger.share_of(p_amount bigint, p_share_bps integer)
    returns bigint
    sql, immutable, set search_path="", parallel safe, body md5 159c5f829f25369aa072eea113412c6a

function ledger.shared_legs(p_code ledger.transfer_code, p_promo_id uuid, p_wallet_id uuid, p_earnings_id uuid, p_from_promo bigint, p_from_wallet bigint, p_share_bps integer, p_increment integer DEFAULT NULL::integer)
    returns ledger.leg[]
    plpgsql, stable, security definer, set search_path="", body md5 f763d642b9444f2910ea35a6b77daa95

function private.abandon_payout(p_attempt public.payout_attempts, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e38eb5013e2637024eb84a4173ba53bf

function private.absences(p_meter private.meters, p_now timestamp with time zone)
    returns TABLE(starts timestamp with time zone, ends timestamp with time zone, reason public.pause_reason)
    sql, stable, security definer, set search_path="", body md5 ecbd8d7d22f9073fac50dc3251c2a3f7

function private.accept_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 081d81289ae04f23622ea47dcbadac4a
grant execute on function private.accept_session(uuid) to authenticated;

function private.admin_read_client(p_user_id uuid)
    returns public.clients
    plpgsql, volatile, security definer, set search_path="", body md5 e186652adbae0d549afca19c6abfb4b8
grant execute on function private.admin_read_client(uuid) to authenticated;

function private.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
    returns public.admins
    plpgsql, volatile, security definer, set search_path="", body md5 16eeea5e2ba2380c7a98e7ff2a7a03d7
grant execute on function private.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;

function private.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
    returns public.users
    plpgsql, volatile, security definer, set search_path="", body md5 44e3b333144cd32aa57a15ba5915ecc0
grant execute on function private.admin_set_user_status(uuid, public.user_status, text) to authenticated;

function private.advance_scheduled(p_session public.sessions, p_now timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 de4cb5253a9452ca20f8ee868ed8ae5b

function private.advance_session(p_session_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 d1a4a674c3b8ae1666007b8be9aa8a5b

function private.anonymise(p_user_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2267274fc2b2202daf3565e7227bccf3

function private.answer_cached(p_body text, p_max_age_seconds integer)
    returns text
    plpgsql, stable, set search_path="", body md5 05f2ad05f6645ca2d47364f6f53e6b15
grant execute on function private.answer_cached(text, integer) to anon, authenticated, service_role;

function private.apply_as_reader(p_first_name text, p_last_name text, p_bio text, p_specialties text[], p_session_types public.session_type[], p_pricing jsonb, p_timezone text)
    returns public.reader_applications
    plpgsql, volatile, security definer, set search_path="", body md5 02f86c1964fdaedf32b5541e112567e2
grant execute on function private.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;

function private.apply_topup_status(p_transaction public.transactions, p_payment_intent_id text, p_status text, p_amount_received bigint, p_error_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 bbc0314b1e9421481093f264f174230f

function private.audit()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 712afb5d862e9bdad8a64acca197c27f

function private.audit_hash(p_month date)
    returns TABLE(rows bigint, hash bytea)
    sql, stable, security definer, set search_path="", body md5 0025f22621f814d20039db949b732fcd

function private.available(p_user_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 b7b6455b6058c87a4c6005a3422bf511

function private.back_at(p_meter private.meters, p_now timestamp with time zone)
    returns timestamp with time zone
    plpgsql, stable, security definer, set search_path="", body md5 88a6eb94042247c001ed92ea83c2763c

function private.backoff(p_attempts integer)
    returns interval
    sql, volatile, set search_path="", body md5 2ae3a357cc4b4df1a31a73642bf5e501

function private.begins_at(p_meter private.meters, p_increment integer)
    returns timestamp with time zone
    sql, immutable, set search_path="", body md5 33178a94c29461d910df76a6095b83e6

function private.book_transfer(p_attempt public.payout_attempts, p_transfer_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 be1530a703600d59915198bd3d6ed66d

function private.both_here(p_session_id uuid, p_now timestamp with time zone)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 0489f35e8f4c240f55816113816e05b5

function private.brings_back(p_old public.post_status, p_new public.post_status)
    returns boolean
    sql, immutable, set search_path="", body md5 96f3d655182474ff1d3d1c4f18a0fedf

function private.broken_check(p_table regclass, p_row jsonb)
    returns text
    plpgsql, stable, set search_path="", body md5 28f1410b867528e1bc8d83da973b8b24
grant execute on function private.broken_check(regclass, jsonb) to authenticated, service_role;

function private.change_setting(p_key text, p_value text)
    returns public.system_settings
    plpgsql, volatile, security definer, set search_path="", body md5 960b0755a369fc1bcd1660f7a9e63ed6

function private.charge_to(p_meter private.meters, p_target integer, p_passed integer)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 ccde000224fe4735073f2e67df38450e

function private.charge_until(p_meter private.meters, p_at timestamp with time zone, p_lasting_absence boolean)
    returns private.meters
    plpgsql, volatile, security definer, set search_path="", body md5 b0fa6f4e961db6c7659b732607437266

function private.check_request(p_client_id uuid, p_reader_id uuid, p_type public.session_type, p_max_minutes integer)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 a19e66bb5c1298cfcc3ee5181a2d7a70

function private.check_topup(p_user_id uuid, p_amount bigint, p_currency text)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 493bf368571fde85d67cc47d7d8d2ede

function private.claim_key(p_caller uuid, p_call text, p_key text, p_input jsonb)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 26f86102411ca60593109accdb3dd8ea

function private.client_address()
    returns inet
    plpgsql, stable, set search_path="", body md5 38216a8678137d7a194c77fde1af4705

function private.close_event(p_event_id text, p_outcome text DEFAULT 'APPLIED'::text)
    returns void
    sql, volatile, security definer, set search_path="", body md5 7f1feaab1efd514176a258adeead837a

function private.close_scheduled(p_session public.sessions, p_status public.session_status, p_reason public.end_reason)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 e14c904d6afe22cdd824d561ec26d57d

function private.create_user()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 8ce105f2e76c1b46c276514fa97445ce

function private.credit_topup(p_transaction public.transactions, p_payment_intent_id text, p_amount bigint)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 aac62dd9910eb2cafa8d5f11b64265c4

function private.currency()
    returns character
    plpgsql, stable, security definer, set search_path="", body md5 b9bfb8fd7fc00f848c4afd6c682f325f
grant execute on function private.currency() to authenticated;

function private.directory_facet(p_facet text, p_type public.session_type, p_language text, p_online boolean, p_min_rating numeric, p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_generic_plan, enable_sort=off, body md5 2fdb139f14cb64f81f7e824d719a0ea3
grant execute on function private.directory_facet(text, public.session_type, text, boolean, numeric, numeric, uuid, integer) to anon, authenticated, service_role;

function private.directory_page(p_type public.session_type, p_specialty text, p_language text, p_max_price bigint, p_online boolean, p_min_rating numeric, p_text text, p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_custom_plan, body md5 26f4a3c8cf0bf4cb35f7c66fe7650871
grant execute on function private.directory_page(public.session_type, text, text, bigint, boolean, numeric, text, numeric, uuid, integer) to anon, authenticated, service_role;

function private.directory_top(p_after_rating numeric, p_after_id uuid, p_limit integer)
    returns text
    plpgsql, stable, security definer, set search_path="", plan_cache_mode=force_generic_plan, body md5 356e44a1c55e62ad8272e47fc4042499
grant execute on function private.directory_top(numeric, uuid, integer) to anon, authenticated, service_role;

function private.drop_exports()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 115d261169bc1fb192eef0c56ff65882

function private.end_hopeless_pause(p_meter private.meters, p_now timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a55a1f2200d9464e56822ab261b06bbe

function private.end_session(p_session_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 613c6a1c6ed31c2db5232936d48365b4
grant execute on function private.end_session(uuid) to authenticated;

function private.enqueue(p_topic text, p_payload jsonb)
    returns uuid
    sql, volatile, security definer, set search_path="", body md5 e2e1f7dc6fe01c6f5c2ca7504721bf2e

function private.enqueue_attempt(p_payout public.payouts, p_number integer, p_destination text)
    returns uuid
    plpgsql, volatile, security definer, set search_path="", body md5 832353aa06d6de07c36e8d0d5f42e5b7

function private.ensure_partitions(p_from timestamp with time zone, p_months integer)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 61f5b4376722f43d1577eac23af7e18e

function private.enter_lobby(p_session public.sessions, p_side private.side)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 f07a4af92bbe832895f7579ab1604be6

function private.erase_account()
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 ec13671c20a75ee82d9b3b5db82c613e
grant execute on function private.erase_account() to authenticated;

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

function private.forget_keys()
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 1e09e5090ffba60bbd266413f2ba674b

function private.free_slots(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(starts_at timestamp with time zone, ends_at timestamp with time zone)
    plpgsql, stable, security definer, set search_path="", body md5 f8e04faf6155fc105f60634614fe8601
grant execute on function private.free_slots(uuid, timestamp with time zone, timestamp with time zone) to anon, authenticated;

function private.free_time(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns tstzmultirange
    sql, stable, security definer, set search_path="", body md5 39e8b620fb47b5bf7597b90f166834ad

function private.gather_export(p_user_id uuid)
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 d0f22c10b792d626bcf9dd1f3f82f3a8

function private.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb)
    returns public.consents
    plpgsql, volatile, security definer, set search_path="", body md5 ea915f662f0be04b9af4296fd84bca88
grant execute on function private.give_consent(public.consent_kind, text, jsonb) to authenticated;

function private.gone_at(p_presence private.presence)
    returns timestamp with time zone
    sql, immutable, set search_path="", body md5 08bd876c9898c0ff8f1b311f9ba281b5

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
    sql, stable, security definer, set search_path="", body md5 f5ff0041f2dfa28909fa46a16d207c5d
grant execute on function private.has_account() to authenticated;

function private.has_permission(p_permission public.admin_permission)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 5fd08552130df8d71c8761b08e0a441a
grant execute on function private.has_permission(public.admin_permission) to authenticated;

function private.heartbeat_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 c3bf73c6ebd93dfec17988e4ae39a7eb
grant execute on function private.heartbeat_session(uuid) to authenticated;

function private.hides_absence(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 16483faaf23d5896c69ecd4aec005e4c

function private.hold_first_increment(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 88bcc38dbc340737e6161aa5ed9ac4ac

function private.increment_price(p_meter private.meters, p_increment integer)
    returns bigint
    sql, immutable, set search_path="", body md5 e2f1873e1a31da83c0396e76a2fa6a12

function private.is_active()
    returns boolean
    sql, stable, security definer, set search_path="", body md5 9d61932ed288f60aeaac2914b5aa01be
grant execute on function private.is_active() to authenticated;

function private.is_erased(p_user_id uuid)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 ebb4a0fe68e976e719f769d65d118eab

function private.is_newest(p_object_id text, p_sequence bigint)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 8cf2d102d1d13de782abdc44a1f6b4af

function private.is_plain_write()
    returns boolean
    sql, stable, set search_path="", body md5 cff0ffb60059da13d4f3161c9c2a8c79
grant execute on function private.is_plain_write() to authenticated, service_role;

function private.join_session(p_session_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 f3c87361624e30023fffd53162f8a5ba
grant execute on function private.join_session(uuid) to authenticated;

function private.keep_an_admin()
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c9d33dc9f4675b997a544d4bd95f1c55

function private.keep_loaded_setting()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 435f58512b7827e6e1e2df01e8a36b0b

function private.list_reader()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 316dd9fec6eb92a0bb479bb59d0cc891

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

function private.lock_session(p_session_id uuid, p_user_id uuid)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 e1ebf9d1cd5955dfdf0695798c1cbbe6

function private.lowest_price(p_pricing jsonb)
    returns bigint
    sql, immutable, set search_path="", body md5 7ac6d6c165704f0d59e4511eb5df69b9
grant execute on function private.lowest_price(jsonb) to authenticated, service_role;

function private.make_partition(p_parent regclass, p_home text, p_month timestamp with time zone)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 c9cf4e2d9ecc4597f33906c2b8749f07

function private.make_reader(p_application public.reader_applications)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 11773a341406620699f10f4c0604ca9a

function private.masked(p_column text, p_value jsonb)
    returns jsonb
    sql, immutable, set search_path="", body md5 cb2e8d80b9a8f8d7dc5f0323f82d78ed

function private.meter_of(p_session_id uuid)
    returns private.meters
    sql, volatile, security definer, set search_path="", body md5 41d02ce57700030f067a55da99b76a70

function private.months_ready(p_at timestamp with time zone)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 010ad54ef78eca8b1b6a10d4ebf2f23f

function private.now()
    returns timestamp with time zone
    sql, volatile, set search_path="", body md5 e458914a93bf2f3a40802d487544971c
grant execute on function private.now() to anon, authenticated, service_role;

function private.offered_rate(p_reader_id uuid, p_type public.session_type)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 e1745dd421b5ba3ee06e5e3b0952c0a0

function private.open_event(p_event_id text)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 0fa65fc7fb73ffe23e00cd1733be6e71

function private.outage_legs(p_meter private.meters, p_increment integer)
    returns ledger.leg[]
    sql, stable, security definer, set search_path="", body md5 1ff70ed58b9b846363063404893f74fc

function private.partitioned_tables()
    returns TABLE(parent regclass, home text)
    sql, stable, security definer, set search_path="", body md5 4e32d89f7fe68c056dfe6fd09c1a81fe

function private.pause(p_meter private.meters, p_at timestamp with time zone, p_shared interval, p_reason public.pause_reason)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 3ab1103a9c2603c465e39b7c0726338f

function private.payable(p_account_id uuid)
    returns bigint
    sql, stable, security definer, set search_path="", body md5 fca745202ab531e597bebb3de4d23c1e
grant execute on function private.payable(uuid) to authenticated, service_role;

function private.payout_amount(p_account_id uuid, p_wished bigint)
    returns bigint
    plpgsql, stable, security definer, set search_path="", body md5 b16839fba887b242989c09cb3624b24f

function private.payout_gate(p_user_id uuid)
    returns text
    plpgsql, stable, security definer, set search_path="", body md5 4485deca3dd64610ce5f792c2a0741ba

function private.plan_after_failure(p_outbox_id uuid, p_attempt public.payout_attempts, p_step text, p_outcome text, p_code text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 3b96664bcce941b995111a03bc468d68

function private.post_due_increments(p_sessions uuid[], p_now timestamp with time zone)
    returns TABLE(session_id uuid, client_id uuid, steps integer, is_fast boolean, is_low boolean)
    sql, volatile, security definer, set search_path="", body md5 c72893b1c1def1f7d104ef1cf21a2420

function private.price_of(p_rate bigint, p_increment_seconds integer, p_increments integer)
    returns bigint
    sql, immutable, set search_path="", parallel safe, body md5 ebd3fbde9977efaae83932d27d7cfe5c

function private.prices_every(p_pricing jsonb, p_types public.session_type[])
    returns boolean
    sql, immutable, set search_path="", body md5 9e35c6d54abacb9438a05f26f9f1eccb
grant execute on function private.prices_every(jsonb, public.session_type[]) to authenticated, service_role;

function private.publish_reader_status(p_reader_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 226584350fb5e5530c2407fcfd5b663f

function private.reader_card(p_user_id uuid, p_first_name text, p_last_name text, p_avatar text, p_headline text, p_specialties text[], p_languages text[], p_experience integer, p_session_types public.session_type[], p_pricing jsonb, p_status public.reader_status, p_average_rating numeric, p_total_sessions integer)
    returns json
    sql, immutable, set search_path="", body md5 8191216db2a0a936e3c38f965180d4f2
grant execute on function private.reader_card(uuid, text, text, text, text, text[], text[], integer, public.session_type[], jsonb, public.reader_status, numeric, integer) to authenticated, service_role;

function private.record_audit(p_action text, p_entity_type text, p_entity_id text, p_changes jsonb)
    returns void
    sql, volatile, security definer, set search_path="", body md5 25c0004555c1e415679a3f510bd41601

function private.record_result(p_caller uuid, p_call text, p_key text, p_result jsonb)
    returns void
    sql, volatile, security definer, set search_path="", body md5 0c0fbe30ff31191a784dd5ed1d49551a

function private.refuse_erasure_with_money(p_user_id uuid)
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 bee6700136950e06f19ccaf1fd247eb0

function private.refuse_invalid()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 607633c068fdf91d882c09bf1da26e03

function private.refuse_overlap()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 24af0d5c0581433549ad5425e5eedcb6

function private.refuse_reply_to_locked()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 fc99a4de8dc358981b8f2cd7681e217e

function private.refuse_write()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 a320b7dc53146c24db813f0fe4e9a9d7

function private.release_people(p_session public.sessions)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c5a6710db5c35c95e4d635e464630435

function private.request_export()
    returns public.data_exports
    plpgsql, volatile, security definer, set search_path="", body md5 ef75bd7cb7ac82d871e77ed340805363
grant execute on function private.request_export() to authenticated;

function private.request_id()
    returns text
    sql, stable, set search_path="", body md5 9a490784463b583b0ffb98da48c174cc

function private.request_payout(p_idempotency_key text, p_amount bigint)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 49250c473a0f8f768357978a102ff04e
grant execute on function private.request_payout(text, bigint) to authenticated;

function private.request_session(p_reader_id uuid, p_type public.session_type, p_idempotency_key text, p_scheduled_at timestamp with time zone, p_max_minutes integer)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 96f71c58766675d69e1ca5748becd604
grant execute on function private.request_session(uuid, public.session_type, text, timestamp with time zone, integer) to authenticated;

function private.require_account()
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 e17094b8aaf7b842dfbe40b85df7f908

function private.require_permission(p_permission public.admin_permission)
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 4263cac77f6936f4be1741f9f8a54277

function private.require_platform_currency()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 df47e511647329d7f005c19b17583bc6

function private.require_second_factor()
    returns void
    plpgsql, stable, security definer, set search_path="", body md5 7886fc5c2d312bf148d76599b5694b39

function private.require_timezone()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 871f4242b719c83134674300bc6e10d7

function private.require_user()
    returns uuid
    plpgsql, stable, security definer, set search_path="", body md5 6c409f815b345e75f0433cb69a4db663

function private.respond_to_review(p_review_id uuid, p_response text)
    returns public.reviews
    plpgsql, volatile, security definer, set search_path="", body md5 f5cbf22fd6f6803a58a645a41e496ab4
grant execute on function private.respond_to_review(uuid, text) to authenticated;

function private.resume(p_meter private.meters, p_at timestamp with time zone)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 07d270eea470473a987ce14db5572370

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
    plpgsql, volatile, security definer, set search_path="", body md5 258f94ade6e65a1239629b6310fdb681

function private.session_state(p_session public.sessions, p_side private.side)
    returns jsonb
    plpgsql, stable, security definer, set search_path="", body md5 2d8d130e8f4733af2fe72aae40281fd7

function private.session_terms()
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 51ef94a00268b96439ea47340ca7a6c9

function private.sessions_to_advance(p_now timestamp with time zone, p_limit integer)
    returns SETOF uuid
    sql, stable, security definer, set search_path="", body md5 926d22e0f7a5e6d7cfa67fc40cbdbad3

function private.set_payout_status(p_stripe_payout_id text, p_status text, p_failure_code text)
    returns public.payouts
    plpgsql, volatile, security definer, set search_path="", body md5 3c40a1d6b8d718c70da07f0239ec9be7

function private.set_reader_status(p_status public.reader_status)
    returns public.reader_status
    plpgsql, volatile, security definer, set search_path="", body md5 7ad82bae724d247c8bdcc8f60574f1a7
grant execute on function private.set_reader_status(public.reader_status) to authenticated;

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
    plpgsql, volatile, security definer, set search_path="", body md5 472ccab139be3a18f08ef477e692658f

function private.shared_seconds(p_meter private.meters, p_at timestamp with time zone)
    returns numeric
    sql, immutable, set search_path="", body md5 eb9eac82c436fd5c0b28798704ae7484

function private.side_of(p_session public.sessions, p_user_id uuid)
    returns private.side
    sql, immutable, set search_path="", body md5 6a67a3a6370c1e797f99d8a37e508fe1

function private.spend(p_transaction_id uuid, p_code ledger.transfer_code, p_payer_id uuid, p_earner_id uuid, p_amount bigint, p_share_bps integer)
    returns bigint
    plpgsql, volatile, security definer, set search_path="", body md5 7295000187740ed19f6ca2cf6955f16d

function private.start_session(p_session public.sessions)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 2d59836f1625eb0cc6d21e11fefa749c

function private.stop_suspended()
    returns trigger
    plpgsql, volatile, security definer, set search_path="", body md5 30e098e1e1cb592dd02348b73272f9aa

function private.take_lease(p_session_id uuid, p_client_id uuid, p_reader_id uuid)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a3f64bf03e9a0d85a243f8979d8dd3b7

function private.taken(p_table regclass, p_row jsonb)
    returns text
    plpgsql, stable, set search_path="", body md5 897d017aa577c07a4d48d802d4ac73bc
grant execute on function private.taken(regclass, jsonb) to authenticated, service_role;

function private.tell(p_user_id uuid, p_event text, p_payload jsonb)
    returns void
    sql, volatile, security definer, set search_path="", body md5 5efb16064d9026bd412791b88baaf81e

function private.tell_session(p_session public.sessions, p_event text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 4462df5d2ac4fd32913fe380601a9251

function private.touch_updated_at()
    returns trigger
    plpgsql, volatile, set search_path="", body md5 51671f6053d86b7bde90cd95b3e19168

function private.try_resume(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 5ddc55902795da4c214554ea66bbb706

function private.undo_funds_pause(p_meter private.meters)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 be241d7d2192ffdd5bf081d712038eb8

function private.update_setting(p_key text, p_value text)
    returns public.system_settings
    plpgsql, volatile, security definer, set search_path="", body md5 441e842595508c42f712c7670244a1b6
grant execute on function private.update_setting(text, text) to authenticated;

function private.uuid_v7(p_at timestamp with time zone DEFAULT clock_timestamp())
    returns uuid
    sql, volatile, set search_path="", parallel safe, body md5 b94508bab7594a7d04e9102a8b14cf95
grant execute on function private.uuid_v7(timestamp with time zone) to anon, authenticated, service_role;

function private.uuid_v7_floor(p_at timestamp with time zone)
    returns uuid
    sql, immutable, set search_path="", parallel safe, body md5 232d5ac52a5f70b7e2e7f0f0341fefb4

function private.valid_content(p_type public.message_type, p_content jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 dd5751a33df39bd838baa431c64791a4
grant execute on function private.valid_content(public.message_type, jsonb) to authenticated, service_role;

function private.valid_envelope(p_envelope jsonb)
    returns boolean
    plpgsql, immutable, set search_path="", body md5 5cf16e1e5e15a63983d50a3f317d9513
grant execute on function private.valid_envelope(jsonb) to authenticated, service_role;

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

function private.wallet_is_frozen(p_user_id uuid)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 37d03824c8e4412135582c4cee578ed0

function private.wants_advance(p_meter private.meters, p_now timestamp with time zone)
    returns boolean
    sql, stable, security definer, set search_path="", body md5 98e678af25ab474141e0f64fc65a58ba

function private.week_minutes(p_day integer, p_start time without time zone, p_end time without time zone)
    returns int4multirange
    sql, immutable, set search_path="", body md5 3606b6fae3fff7d88240e22fc340de87
grant execute on function private.week_minutes(integer, time without time zone, time without time zone) to authenticated, service_role;

function private.withdraw_consent(p_kind public.consent_kind)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 d331bb7c2d4d7cd8e88f314d4b69ccf4
grant execute on function private.withdraw_consent(public.consent_kind) to authenticated;

function private.withdraw_session(p_session_id uuid, p_declined boolean)
    returns public.sessions
    plpgsql, volatile, security definer, set search_path="", body md5 0f98f55153fde01c9fdaa3cb190d8a4c
grant execute on function private.withdraw_session(uuid, boolean) to authenticated;

function private.words(p_texts text[])
    returns text
    sql, immutable, set search_path="", body md5 c57ef19d4aa28fd997feef4c0e438edf
grant execute on function private.words(text[]) to authenticated, service_role;

function private.zero_uuid()
    returns uuid
    sql, immutable, set search_path="", body md5 8c74b7b7ecc77607c4f4ba6382469bd8

function private.zone_offsets(p_zone text, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(during tstzrange, utc_offset interval)
    sql, stable, set search_path="", body md5 3cb35193345ff55aecabe8d8da9083d1

function public.accept_session(p_session_id uuid)
    returns public.sessions
    sql, volatile, set search_path="", body md5 fad7172f98dbb44de2f91342857e4644
grant execute on function public.accept_session(uuid) to authenticated;

function public.admin_read_client(p_user_id uuid)
    returns public.clients
    sql, volatile, set search_path="", body md5 ff9d4d44e3962d0d3231c678a9119ea3
grant execute on function public.admin_read_client(uuid) to authenticated;

function public.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
    returns public.admins
    sql, volatile, set search_path="", body md5 8342ac1a967df3018cf9de8ce256fe62
grant execute on function public.admin_set_permissions(uuid, public.admin_permission[]) to authenticated;

function public.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
    returns public.users
    sql, volatile, set search_path="", body md5 4bd141cf247d21b697204003b44d4ccf
grant execute on function public.admin_set_user_status(uuid, public.user_status, text) to authenticated;

function public.apply_as_reader(p_first_name text, p_last_name text, p_bio text, p_specialties text[], p_session_types public.session_type[], p_pricing jsonb, p_timezone text DEFAULT 'UTC'::text)
    returns public.reader_applications
    sql, volatile, set search_path="", body md5 3380b3a3dd9422e0467e73ce75201992
grant execute on function public.apply_as_reader(text, text, text, text[], public.session_type[], jsonb, text) to authenticated;

function public.cancel_session(p_session_id uuid)
    returns public.sessions
    sql, volatile, set search_path="", body md5 9498e986c9b3c1f0ffbd693f432ff8cd
grant execute on function public.cancel_session(uuid) to authenticated;

function public.custom_access_token_hook(event jsonb)
    returns jsonb
    plpgsql, stable, set search_path="", body md5 e64288daf6a875c91eaf827a29144ab4
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;

function public.decline_session(p_session_id uuid)
    returns public.sessions
    sql, volatile, set search_path="", body md5 220f6eff964a4c2c57a94c5822914b59
grant execute on function public.decline_session(uuid) to authenticated;

function public.end_session(p_session_id uuid)
    returns public.sessions
    sql, volatile, set search_path="", body md5 f5b85560e311737aaac809503ced1137
grant execute on function public.end_session(uuid) to authenticated;

function public.erase_account()
    returns void
    sql, volatile, set search_path="", body md5 eb3c22ebb4b3bceba2747aa37c6d3dca
grant execute on function public.erase_account() to authenticated;

function public.free_slots(p_reader_id uuid, p_from timestamp with time zone, p_to timestamp with time zone)
    returns TABLE(starts_at timestamp with time zone, ends_at timestamp with time zone)
    sql, stable, set search_path="", body md5 5e3b68d8ae70f97c927669e4accba37a
grant execute on function public.free_slots(uuid, timestamp with time zone, timestamp with time zone) to anon, authenticated;

function public.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb DEFAULT '{}'::jsonb)
    returns public.consents
    sql, volatile, set search_path="", body md5 b979749ad8bf692a2d3733a9d0e54ead
grant execute on function public.give_consent(public.consent_kind, text, jsonb) to authenticated;

function public.heartbeat_session(p_session_id uuid)
    returns jsonb
    sql, volatile, set search_path="", body md5 7bfd27e14501fcf945340094816b801c
grant execute on function public.heartbeat_session(uuid) to authenticated;

function public.join_session(p_session_id uuid)
    returns jsonb
    sql, volatile, set search_path="", body md5 af241e775d425f691fb6380e036f1018
grant execute on function public.join_session(uuid) to authenticated;

function public.reader_directory(p_type public.session_type DEFAULT NULL::public.session_type, p_specialty text DEFAULT NULL::text, p_language text DEFAULT NULL::text, p_max_price bigint DEFAULT NULL::bigint, p_online boolean DEFAULT NULL::boolean, p_min_rating numeric DEFAULT NULL::numeric, p_text text DEFAULT NULL::text, p_after text DEFAULT NULL::text, p_limit integer DEFAULT 24)
    returns public."*/*"
    plpgsql, stable, set search_path="", body md5 deeef4c76a3acad6e2512e94629cf255
grant execute on function public.reader_directory(public.session_type, text, text, bigint, boolean, numeric, text, text, integer) to anon, authenticated;

function public.request_export()
    returns public.data_exports
    sql, volatile, set search_path="", body md5 ceafed678f934f58102ef52ee3276356
grant execute on function public.request_export() to authenticated;

function public.request_payout(p_idempotency_key text, p_amount bigint DEFAULT NULL::bigint)
    returns public.payouts
    sql, volatile, set search_path="", body md5 740f58e3163ff416822e7fa78fbadf08
grant execute on function public.request_payout(text, bigint) to authenticated;

function public.request_session(p_reader_id uuid, p_type public.session_type, p_idempotency_key text, p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_minutes integer DEFAULT NULL::integer)
    returns public.sessions
    sql, volatile, set search_path="", body md5 19302af218d94c3f4a7d2a57f978bb59
grant execute on function public.request_session(uuid, public.session_type, text, timestamp with time zone, integer) to authenticated;

function public.respond_to_review(p_review_id uuid, p_response text)
    returns public.reviews
    sql, volatile, set search_path="", body md5 6a629e75478ab57db9978d86c17893f1
grant execute on function public.respond_to_review(uuid, text) to authenticated;

function public.review_reader_application(p_user_id uuid, p_approve boolean, p_reason text DEFAULT NULL::text)
    returns public.reader_applications
    sql, volatile, set search_path="", body md5 45cd7ee7a51f964083ad4eb811192cc2
grant execute on function public.review_reader_application(uuid, boolean, text) to authenticated;

function public.review_session(p_session_id uuid, p_rating integer, p_comment text DEFAULT NULL::text)
    returns public.reviews
    sql, volatile, set search_path="", body md5 5d19be6b1c9217dc69f5c9ee2a0a3ce7
grant execute on function public.review_session(uuid, integer, text) to authenticated;

function public.search_forum(p_text text, p_category_id uuid DEFAULT NULL::uuid, p_after uuid DEFAULT NULL::uuid, p_limit integer DEFAULT 20)
    returns TABLE(id uuid, author_id uuid, category_id uuid, title text, content text, is_pinned boolean, is_locked boolean, view_count integer, created_at timestamp with time zone, updated_at timestamp with time zone)
    sql, stable, set search_path="", body md5 215d54eb86c66d4a7ec1878a13f4c2b9
grant execute on function public.search_forum(text, uuid, uuid, integer) to anon, authenticated;

function public.set_reader_status(p_status public.reader_status)
    returns public.reader_status
    sql, volatile, set search_path="", body md5 7a5e0285cf4647778098670500e22674
grant execute on function public.set_reader_status(public.reader_status) to authenticated;

function public.update_setting(p_key text, p_value text)
    returns public.system_settings
    sql, volatile, set search_path="", body md5 7e098241078d594b909ee7337e5668d5
grant execute on function public.update_setting(text, text) to authenticated;

function public.view_post(p_post_id uuid)
    returns void
    sql, volatile, set search_path="", body md5 2d2fab592643b40a17fe937d04016020
grant execute on function public.view_post(uuid) to authenticated;

function public.withdraw_consent(p_kind public.consent_kind)
    returns integer
    sql, volatile, set search_path="", body md5 71fe452a0ce405f8df5f4a25faeb0b39
grant execute on function public.withdraw_consent(public.consent_kind) to authenticated;

function worker_api.advance_sessions(p_limit integer DEFAULT 50)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 885f79915dffdf57b2e419d9e192d6cc
grant execute on function worker_api.advance_sessions(integer) to service_role;

function worker_api.apply_account(p_event_id text, p_sequence bigint, p_account_id text, p_details_submitted boolean, p_transfers_active boolean, p_payouts_enabled boolean, p_disabled_reason text, p_requirements_due text[])
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 25480f9daab04577ebf4f1c955064955
grant execute on function worker_api.apply_account(text, bigint, text, boolean, boolean, boolean, text, text[]) to service_role;

function worker_api.apply_account_export(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 153fc3bc8460651b894bfef7dac7b4e6
grant execute on function worker_api.apply_account_export(uuid) to service_role;

function worker_api.apply_charge_fee(p_event_id text, p_payment_intent_id text, p_charge_id text, p_balance_transaction_id text, p_fee bigint, p_net bigint, p_currency text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 01327ff01f82df363709a4d772ea7958
grant execute on function worker_api.apply_charge_fee(text, text, text, text, bigint, bigint, text) to service_role;

function worker_api.apply_payment_intent(p_event_id text, p_sequence bigint, p_payment_intent_id text, p_status text, p_amount bigint, p_amount_received bigint, p_currency text, p_error_code text DEFAULT NULL::text, p_transaction_id uuid DEFAULT NULL::uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 39db1be3e766f339cd3b367305078181
grant execute on function worker_api.apply_payment_intent(text, bigint, text, text, bigint, bigint, text, text, uuid) to service_role;

function worker_api.apply_payout_state(p_event_id text, p_sequence bigint, p_account_id text, p_stripe_payout_id text, p_status text, p_failure_code text DEFAULT NULL::text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 392a70ea7dba997a0efcbe5912e5ab3b
grant execute on function worker_api.apply_payout_state(text, bigint, text, text, text, text) to service_role;

function worker_api.apply_session_settled(p_outbox_id uuid)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 383d207a6a61f7aa9a3ed6a8c39d101a
grant execute on function worker_api.apply_session_settled(uuid) to service_role;

function worker_api.apply_transfer(p_event_id text, p_transfer_id text, p_attempt_id uuid, p_amount bigint, p_amount_reversed bigint, p_currency text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 15af9594f83676600a5df549b8d3ffb4
grant execute on function worker_api.apply_transfer(text, text, uuid, bigint, bigint, text) to service_role;

function worker_api.appoint_admin(p_user_id uuid, p_permissions public.admin_permission[])
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 5bb8d836a9d244a3a2e55b3c050a2147
grant execute on function worker_api.appoint_admin(uuid, public.admin_permission[]) to service_role;

function worker_api.begin_payout_account(p_user_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 5bbb8a28d5e7e50db7a2446953f571f7
grant execute on function worker_api.begin_payout_account(uuid) to service_role;

function worker_api.begin_topup(p_user_id uuid, p_amount bigint, p_currency text, p_idempotency_key text)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 8c6909594cec4af69b42c3fe0756fe1b
grant execute on function worker_api.begin_topup(uuid, bigint, text, text) to service_role;

function worker_api.change_setting(p_key text, p_value text)
    returns public.system_settings
    sql, volatile, security definer, set search_path="", body md5 ab413dbc61d37d25849aa904249ad284
grant execute on function worker_api.change_setting(text, text) to service_role;

function worker_api.charge_due_minutes(p_limit integer DEFAULT 500)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 5005946dbc10128eb123946cdb1ca59f
grant execute on function worker_api.charge_due_minutes(integer) to service_role;

function worker_api.check_ledger()
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 63e474a1c7d455f1ba90732a950d1a87
grant execute on function worker_api.check_ledger() to service_role;

function worker_api.claim_outbox(p_limit integer DEFAULT 100)
    returns TABLE(id uuid, topic text, payload jsonb, attempts integer, request_id text)
    sql, volatile, security definer, set search_path="", body md5 81b0c562068ed021611ad2fbb97f34ec
grant execute on function worker_api.claim_outbox(integer) to service_role;

function worker_api.claim_stripe_events(p_limit integer DEFAULT 100, p_older_than_seconds integer DEFAULT 10)
    returns TABLE(event_id text, type text, attempts integer, request_id text)
    sql, volatile, security definer, set search_path="", body md5 dc7be01b3bee7c2ab467b4a3cc70eab0
grant execute on function worker_api.claim_stripe_events(integer, integer) to service_role;

function worker_api.fail_outbox(p_outbox_id uuid, p_error text)
    returns void
    sql, volatile, security definer, set search_path="", body md5 d755638d7667a10cfd1eab3e5d105744
grant execute on function worker_api.fail_outbox(uuid, text) to service_role;

function worker_api.fail_stripe_event(p_event_id text, p_error text)
    returns void
    sql, volatile, security definer, set search_path="", body md5 c2e3d155fdd3680b2a1fa3e0c57482ae
grant execute on function worker_api.fail_stripe_event(text, text) to service_role;

function worker_api.finish_account_erasure(p_outbox_id uuid)
    returns boolean
    sql, volatile, security definer, set search_path="", body md5 f44d9cd9fd218b1ffba8ba8c5c2596af
grant execute on function worker_api.finish_account_erasure(uuid) to service_role;

function worker_api.ignore_stripe_event(p_event_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a6183a90b2a46f79403853f5997b63ef
grant execute on function worker_api.ignore_stripe_event(text) to service_role;

function worker_api.next_object_sequence(p_object_id text)
    returns bigint
    sql, volatile, security definer, set search_path="", body md5 1c754a26dc6fc1215a9e9b67f2ab9a50
grant execute on function worker_api.next_object_sequence(text) to service_role;

function worker_api.read_stripe_event(p_event_id text)
    returns jsonb
    sql, stable, security definer, set search_path="", body md5 b5ff0ccfc99707b050862c4e94eb353e
grant execute on function worker_api.read_stripe_event(text) to service_role;

function worker_api.record_bank_payout(p_outbox_id uuid, p_attempt_id uuid, p_stripe_payout_id text, p_status text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 e5cd7acb3aa8267e1ec95e77e8df91fe
grant execute on function worker_api.record_bank_payout(uuid, uuid, text, text) to service_role;

function worker_api.record_payment_intent(p_transaction_id uuid, p_payment_intent_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 a71e5414c120bda3ef837ba17b61bf0a
grant execute on function worker_api.record_payment_intent(uuid, text) to service_role;

function worker_api.record_payout_account(p_user_id uuid, p_stripe_account_id text)
    returns text
    plpgsql, volatile, security definer, set search_path="", body md5 a22fae8fd5ae14f2667acac70f1c6c09
grant execute on function worker_api.record_payout_account(uuid, text) to service_role;

function worker_api.record_payout_failure(p_outbox_id uuid, p_attempt_id uuid, p_step text, p_outcome text, p_code text, p_message text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 c641b836f74ff6fb74e9f28190827963
grant execute on function worker_api.record_payout_failure(uuid, uuid, text, text, text, text) to service_role;

function worker_api.record_presence(p_session_ids uuid[], p_sides text[], p_left boolean DEFAULT false)
    returns integer
    plpgsql, volatile, security definer, set search_path="", body md5 4d5a32f34583149e0b8619aa8092ce84
grant execute on function worker_api.record_presence(uuid[], text[], boolean) to service_role;

function worker_api.record_stripe_customer(p_user_id uuid, p_stripe_customer_id text)
    returns text
    plpgsql, volatile, security definer, set search_path="", body md5 a6375c3bac583b52fbf2e33dc2e35df0
grant execute on function worker_api.record_stripe_customer(uuid, text) to service_role;

function worker_api.record_transfer(p_attempt_id uuid, p_transfer_id text)
    returns void
    plpgsql, volatile, security definer, set search_path="", body md5 2750a8de8eab4d85252c5ce1efb5bfd4
grant execute on function worker_api.record_transfer(uuid, text) to service_role;

function worker_api.run_upkeep()
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 2a81ebea444672ecd234f0fe7aea75b2
grant execute on function worker_api.run_upkeep() to service_role;

function worker_api.seal_audit()
    returns TABLE(month date, sealed_rows bigint, hash text)
    plpgsql, volatile, security definer, set search_path="", body md5 304595684a7d9f5b502cc03a56bc85fb
grant execute on function worker_api.seal_audit() to service_role;

function worker_api.start_account_erasure(p_outbox_id uuid)
    returns uuid
    sql, stable, security definer, set search_path="", body md5 8eef8384f58eb3d6baa370cea8f0ba09
grant execute on function worker_api.start_account_erasure(uuid) to service_role;

function worker_api.start_payout_attempt(p_outbox_id uuid)
    returns jsonb
    plpgsql, volatile, security definer, set search_path="", body md5 6134440f2ce8277be92ee0461ccfa268
grant execute on function worker_api.start_payout_attempt(uuid) to service_role;

function worker_api.store_stripe_event(p_endpoint text, p_event_id text, p_type text, p_api_version text, p_account text, p_object_id text, p_created timestamp with time zone, p_payload jsonb)
    returns boolean
    plpgsql, volatile, security definer, set search_path="", body md5 408e412010df9198db32517cd6429935
grant execute on function worker_api.store_stripe_event(text, text, text, text, text, text, timestamp with time zone, jsonb) to service_role;

function worker_api.verify_audit(p_month date DEFAULT NULL::date)
    returns TABLE(month date, sealed_rows bigint, actual_rows bigint)
    sql, stable, security definer, set search_path="", body md5 62f80ee7a9ba81072c3d789db420c663
grant execute on function worker_api.verify_audit(date) to service_role;
