-- Ledger: accounts with running totals, append-only transfers, two-phase holds, commission rules, earnings that clear.
-- Integers in minor units. Written only by the functions below, by the meter's batch and by private.spend, which are hot and
-- write their few postings themselves.

set lock_timeout = '4s';

create type ledger.account_kind as enum (
    'client_wallet', 'promo_credit', 'reader_earnings', 'client_debt',
    'platform_revenue', 'stripe_clearing', 'stripe_fees', 'promo_expense', 'outage_expense', 'dispute_losses', 'platform_bank');
comment on type ledger.account_kind is 'The first four belong to a person, the others to the house.';

create type ledger.transfer_code as enum (
    'topup', 'stripe_fee', 'increment', 'outage_increment', 'free_increment', 'increment_reversal', 'payout', 'payout_reversal', 'adjustment',
    'gift', 'tip', 'order', 'message', 'fee', 'reversal', 'goodwill', 'promo',
    'card_refund', 'card_refund_reversal', 'dispute', 'dispute_fee', 'dispute_reversal', 'debt', 'bank_payout', 'bank_payout_reversal');
comment on type ledger.transfer_code is 'What a posting is for.';

create type ledger.hold_status as enum ('PENDING', 'POSTED', 'VOIDED', 'EXPIRED');
comment on type ledger.hold_status is 'A reservation is PENDING, then resolved once.';
create type ledger.rule_kind as enum ('SESSION', 'GIFT', 'TIP', 'ORDER', 'MESSAGE');
comment on type ledger.rule_kind is 'What a commission rule applies to.';

----------------------------------------------------------------------
-- Tables
----------------------------------------------------------------------

create table ledger.accounts (
    id         uuid primary key default private.uuid_v7(),
    user_id    uuid references public.users (id) on delete cascade,
    kind       ledger.account_kind not null,
    currency   character(3) not null default private.currency(),
    credits    bigint not null default 0 check (credits >= 0),
    debits     bigint not null default 0 check (debits >= 0),
    held       bigint not null default 0 check (held >= 0),
    frozen_at  timestamptz,
    created_at timestamptz not null default private.now(),
    updated_at timestamptz not null default private.now(),
    constraint account_owner unique nulls not distinct (user_id, kind),
    constraint persons_own_persons_kinds check (
        (user_id is not null) = (kind in ('client_wallet', 'promo_credit', 'reader_earnings', 'client_debt'))),
    constraint spendable_never_negative check (
        kind not in ('client_wallet', 'promo_credit') or credits - debits - held >= 0),
    constraint house_holds_no_totals check (user_id is not null or (credits = 0 and debits = 0 and held = 0))
) with (fillfactor = 70);
comment on table ledger.accounts is 'One row per owner and kind. A person''s row carries running totals; a house row never changes, its totals are sums of postings.';
comment on column ledger.accounts.credits is 'Everything ever credited, minor units; only grows.';
comment on column ledger.accounts.debits is 'Everything ever debited, minor units; only grows.';
comment on column ledger.accounts.held is 'Sum of pending holds, minor units.';
comment on column ledger.accounts.frozen_at is 'Set while nothing may be spent from the account.';
alter table ledger.accounts enable row level security;
create trigger platform_currency before insert or update of currency on ledger.accounts
    for each row execute function private.require_platform_currency();

create table ledger.transfers (
    id                    uuid not null,
    transaction_id        uuid not null,
    code                  ledger.transfer_code not null,
    increment             integer,
    debit_account_id      uuid not null,
    credit_account_id     uuid not null,
    amount                bigint not null check (amount > 0),
    commission_account_id uuid,
    commission            bigint not null default 0,
    debit_total           bigint,
    credit_total          bigint,
    reverses              uuid,
    posted_at             timestamptz not null,
    primary key (id),
    constraint commission_is_part check (commission between 0 and amount and (commission > 0) = (commission_account_id is not null)),
    constraint two_sides check (debit_account_id <> credit_account_id)
) partition by range (id);
comment on table ledger.transfers is
    'Append-only postings. The debit account gives amount; the credit account gets amount − commission, the commission account the rest: balanced by construction. No foreign keys: only the functions here write, and ledger.check() proves them.';
comment on column ledger.transfers.amount is 'What the debit account gives, minor units.';
comment on column ledger.transfers.commission is 'The part that goes to the commission account, minor units.';
comment on column ledger.transfers.debit_total is 'The debit account''s running debits after this posting, minor units; null for the house.';
comment on column ledger.transfers.credit_total is 'The credit account''s running credits after this posting, minor units; null for the house.';
comment on column ledger.transfers.increment is 'Which increment of a session this pays, from 0.';
comment on column ledger.transfers.reverses is 'The transfer that this one corrects.';
-- By transaction, not by account: a person's postings are found through their transactions, at half the cost per minute.
create index transfers_transaction on ledger.transfers (transaction_id, increment);
alter table ledger.transfers enable row level security;

create table ledger.holds (
    id            uuid primary key default private.uuid_v7(),
    account_id    uuid not null references ledger.accounts (id),
    reference     uuid not null,
    amount        bigint not null check (amount > 0),
    posted_amount bigint not null default 0,
    status        ledger.hold_status not null default 'PENDING',
    created_at    timestamptz not null default private.now(),
    resolved_at   timestamptz,
    constraint one_hold_per_account_and_reference unique (reference, account_id),
    constraint posted_within_hold check (posted_amount between 0 and amount and (posted_amount > 0) = (status = 'POSTED')),
    constraint resolved_once check ((status = 'PENDING') = (resolved_at is null))
);
comment on table ledger.holds is 'Two-phase reservations: PENDING, then posted (all or part), voided or expired, once.';
comment on column ledger.holds.reference is 'The session, payout, card refund or message the money is held for.';
comment on column ledger.holds.amount is 'Reserved, minor units.';
comment on column ledger.holds.posted_amount is 'Spent out of the reservation, minor units.';
create index holds_account on ledger.holds (account_id);
alter table ledger.holds enable row level security;

create table ledger.rules (
    id         uuid primary key default private.uuid_v7(),
    kind       ledger.rule_kind not null,
    reader_id  uuid references public.users (id),
    share_bps  integer not null check (share_bps between 0 and 10000),
    valid_from timestamptz not null default private.now(),
    created_by uuid references public.users (id),
    constraint rule_version unique nulls not distinct (kind, reader_id, valid_from)
);
comment on table ledger.rules is 'Commission rules, versioned: the newest one valid for the reader, else the platform''s. A session freezes the rule it began with.';
comment on column ledger.rules.share_bps is 'The reader''s share in basis points (7000 = 70 %).';
create index rules_reader on ledger.rules (reader_id);
create index rules_author on ledger.rules (created_by);
alter table ledger.rules enable row level security;

create table ledger.earnings (
    id             uuid primary key default private.uuid_v7(),
    account_id     uuid not null references ledger.accounts (id),
    transaction_id uuid not null,
    amount         bigint not null check (amount <> 0),
    earned_at      timestamptz not null,
    clears_at      timestamptz not null
);
comment on table ledger.earnings is
    'When what a reader earned may be paid out: one row per settled session, one more for its free minutes, one negative row per payout. Their sum over clears_at ≤ now is the cleared balance.';
comment on column ledger.earnings.amount is 'Minor units; negative for what left again.';
create index earnings_account on ledger.earnings (account_id, clears_at) include (amount);
create index earnings_transaction on ledger.earnings (transaction_id);
alter table ledger.earnings enable row level security;

----------------------------------------------------------------------
-- Partitions: months, made ahead; no default partition
----------------------------------------------------------------------

create function private.partitioned_tables()
returns table (parent regclass, home text)
language sql
stable
security definer
set search_path = ''
as $$
    select c.oid::regclass, case n.nspname when 'public' then 'private' else n.nspname end
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'p' and n.nspname in ('public', 'ledger')
$$;
comment on function private.partitioned_tables() is
    'Our monthly tables and where their partitions live: never in public, since a grant on a partition reads past the parent''s policies.';

create function private.ensure_partitions(p_from timestamptz, p_months integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_table record;
    v_month timestamptz;
    v_made  integer := 0;
begin
    for v_table in select t.* from private.partitioned_tables() t loop
        for i in 0 .. p_months - 1 loop
            v_month := (date_trunc('month', p_from at time zone 'UTC') + i * interval '1 month') at time zone 'UTC';
            v_made := v_made + private.make_partition(v_table.parent, v_table.home, v_month)::integer;
        end loop;
    end loop;
    return v_made;
end
$$;
comment on function private.ensure_partitions(timestamptz, integer) is 'Makes the monthly partitions that are missing from that month on; answers how many.';

create function private.make_partition(p_parent regclass, p_home text, p_month timestamptz)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_name text := (select c.relname from pg_catalog.pg_class c where c.oid = p_parent)
                   || '_' || to_char(p_month at time zone 'UTC', 'YYYY_MM');
    v_next timestamptz := ((p_month at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    v_guard record;
begin
    if to_regclass(format('%I.%I', p_home, v_name)) is not null then
        return false;
    end if;
    execute format('create table %I.%I partition of %s for values from (%L) to (%L)', p_home, v_name, p_parent,
        private.uuid_v7_floor(p_month), private.uuid_v7_floor(v_next));
    execute format('alter table %I.%I enable row level security', p_home, v_name);
    execute format('comment on table %I.%I is %L', p_home, v_name,
        format('Rows of %s of %s.', p_parent, to_char(p_month at time zone 'UTC', 'YYYY-MM')));
    -- Row triggers come with the parent; those of TRUNCATE do not, and a month could be emptied behind its back.
    for v_guard in
        select t.tgname, t.tgfoid::regproc from pg_catalog.pg_trigger t
        where t.tgrelid = p_parent and t.tgtype & 32 = 32 and not t.tgisinternal
    loop
        execute format('create trigger %I before truncate on %I.%I execute function %s()', v_guard.tgname, p_home, v_name, v_guard.tgfoid);
    end loop;
    return true;
end
$$;
comment on function private.make_partition(regclass, text, timestamptz) is 'Makes one month''s partition, without grants; false when it is there.';

----------------------------------------------------------------------
-- Nobody edits a posting
----------------------------------------------------------------------

create function ledger.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'ledger.% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
comment on function ledger.refuse_change() is 'Postings, rules and earnings are corrected by new rows, never edited.';
create trigger append_only before update or delete on ledger.transfers for each row execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.rules for each row execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.earnings for each row execute function ledger.refuse_change();
create trigger never_truncated before truncate on ledger.transfers execute function ledger.refuse_change();
create trigger never_truncated before truncate on ledger.earnings execute function ledger.refuse_change();
create trigger never_truncated before truncate on ledger.rules execute function ledger.refuse_change();

select private.ensure_partitions(private.now() - interval '1 month', 5);

create function ledger.refuse_account_deletion()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if old.credits > 0 or old.held > 0 then
        raise exception 'account % has postings and stays', old.id using errcode = 'restrict_violation';
    end if;
    return old;
end
$$;
comment on function ledger.refuse_account_deletion() is 'An account that ever moved money outlives its owner''s login.';
create trigger keep_history before delete on ledger.accounts for each row execute function ledger.refuse_account_deletion();

----------------------------------------------------------------------
-- Accounts
----------------------------------------------------------------------

insert into ledger.accounts (kind)
select k from unnest(enum_range('platform_revenue'::ledger.account_kind, null)) k;

insert into ledger.rules (kind, share_bps)
values ('SESSION', 7000), ('GIFT', 7000), ('TIP', 9000), ('ORDER', 8500), ('MESSAGE', 7000);

create function ledger.open_accounts(p_user_id uuid, p_kinds ledger.account_kind[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into ledger.accounts (user_id, kind) select p_user_id, k from unnest(p_kinds) k
    on conflict do nothing;
end
$$;
comment on function ledger.open_accounts(uuid, ledger.account_kind[]) is 'Opens what is missing of a person''s accounts.';

create function ledger.account_of(p_user_id uuid, p_kind ledger.account_kind)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_user_id is not null then
        return (select a.id from ledger.accounts a where a.user_id = p_user_id and a.kind = p_kind);
    end if;
    -- Apart: an index serves each, and would serve "is not distinct from" only by being read from end to end.
    return (select a.id from ledger.accounts a where a.user_id is null and a.kind = p_kind);
end
$$;
comment on function ledger.account_of(uuid, ledger.account_kind) is 'Account id of a person, or of the house when p_user_id is null.';

create function ledger.lock_accounts(p_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
-- However many they are, each is found by its key: nothing to plan anew.
set plan_cache_mode = force_generic_plan
as $$
begin
    -- House rows take no update and need no lock.
    perform from ledger.accounts a
    where a.id = any (p_ids) and a.user_id is not null
    order by a.id
    for update;
end
$$;
comment on function ledger.lock_accounts(uuid[]) is
    'Locks in id order, in a statement of its own: what is computed next sees the totals as locked.';

create function ledger.share_of(p_amount bigint, p_share_bps integer)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    return p_amount / 10000 * p_share_bps + p_amount % 10000 * p_share_bps / 10000;
end
$$;
comment on function ledger.share_of(bigint, integer) is
    'floor(amount × share_bps / 10000), in integers, without overflow. The remainder is the platform''s.';

create function ledger.rule_for(p_kind ledger.rule_kind, p_reader_id uuid, p_at timestamptz)
returns ledger.rules
language sql
stable
security definer
set search_path = ''
as $$
    select r.* from ledger.rules r
    where r.kind = p_kind and (r.reader_id = p_reader_id or r.reader_id is null) and r.valid_from <= p_at
    order by r.reader_id nulls last, r.valid_from desc
    limit 1
$$;
comment on function ledger.rule_for(ledger.rule_kind, uuid, timestamptz) is 'The rule valid then: the reader''s own, else the platform''s.';

----------------------------------------------------------------------
-- Posting: the singular delegates to the plural
----------------------------------------------------------------------

create type ledger.leg as (
    code                  ledger.transfer_code,
    debit_account_id      uuid,
    credit_account_id     uuid,
    amount                bigint,
    commission_account_id uuid,
    commission            bigint,
    increment             integer,
    reverses              uuid
);

create function ledger.post_transfers(p_transaction_id uuid, p_legs ledger.leg[])
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_leg    ledger.leg;
    v_id     uuid;
    v_ids    uuid[] := '{}';
    v_debits bigint;
    v_credits bigint;
    v_now    timestamptz;
    v_broken text;
begin
    perform ledger.lock_accounts(array(
        select l.debit_account_id from unnest(p_legs) l union select l.credit_account_id from unnest(p_legs) l));
    v_now := private.now();
    foreach v_leg in array p_legs loop
        update ledger.accounts a set debits = a.debits + v_leg.amount, updated_at = v_now
        where a.id = v_leg.debit_account_id and a.user_id is not null returning a.debits into v_debits;
        update ledger.accounts a set credits = a.credits + v_leg.amount - coalesce(v_leg.commission, 0), updated_at = v_now
        where a.id = v_leg.credit_account_id and a.user_id is not null returning a.credits into v_credits;
        v_id := private.uuid_v7(v_now);
        insert into ledger.transfers
            (id, transaction_id, code, increment, debit_account_id, credit_account_id, amount,
             commission_account_id, commission, debit_total, credit_total, reverses, posted_at)
        values (v_id, p_transaction_id, v_leg.code, v_leg.increment, v_leg.debit_account_id, v_leg.credit_account_id,
                v_leg.amount, case when v_leg.commission > 0 then v_leg.commission_account_id end,
                coalesce(v_leg.commission, 0), v_debits, v_credits, v_leg.reverses, v_now);
        v_ids := v_ids || v_id;
    end loop;
    return v_ids;
exception when check_violation then
    -- The CHECK on the account is the last word: whatever a caller computed, nobody spends what is not there.
    get stacked diagnostics v_broken = constraint_name;
    if v_broken = 'spendable_never_negative' then
        perform private.fail('insufficient_funds');
    end if;
    -- A missing partition is a check violation too, and no fault of the payer.
    raise;
end
$$;
comment on function ledger.post_transfers(uuid, ledger.leg[]) is
    'Posts the legs of one event and moves the persons'' running totals. Refuses with insufficient_funds. Cost: one lock statement, then three writes a leg.';

create function ledger.post_transfer(
    p_transaction_id uuid, p_code ledger.transfer_code, p_debit_account_id uuid, p_credit_account_id uuid, p_amount bigint)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
begin
    return (ledger.post_transfers(p_transaction_id,
        array[(p_code, p_debit_account_id, p_credit_account_id, p_amount, null, 0, null, null)::ledger.leg]))[1];
end
$$;
comment on function ledger.post_transfer(uuid, ledger.transfer_code, uuid, uuid, bigint) is 'One plain transfer, minor units.';

create function ledger.shared_legs(
    p_code ledger.transfer_code, p_promo_id uuid, p_wallet_id uuid, p_earnings_id uuid,
    p_from_promo bigint, p_from_wallet bigint, p_share_bps integer, p_increment integer default null)
returns ledger.leg[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_revenue     uuid := ledger.account_of(null, 'platform_revenue');
    v_earner      uuid := coalesce(p_earnings_id, v_revenue);
    v_share       bigint := ledger.share_of(p_from_promo + p_from_wallet, p_share_bps);
    v_promo_share bigint := ledger.share_of(p_from_promo, p_share_bps);
    v_legs        ledger.leg[] := '{}';
begin
    if p_from_promo > 0 then
        v_legs := v_legs || (p_code, p_promo_id, v_earner, p_from_promo, v_revenue,
            p_from_promo - v_promo_share, p_increment, null)::ledger.leg;
    end if;
    if p_from_wallet > 0 then
        v_legs := v_legs || (p_code, p_wallet_id, v_earner, p_from_wallet, v_revenue,
            p_from_wallet - (v_share - v_promo_share), p_increment, null)::ledger.leg;
    end if;
    return v_legs;
end
$$;
comment on function ledger.shared_legs(ledger.transfer_code, uuid, uuid, uuid, bigint, bigint, integer, integer) is
    'Postings of one purchase, minor units: promo credit and wallet → reader_earnings (the share of the whole, rounded once), platform_revenue (the rest, or all of it when nobody earns).';

----------------------------------------------------------------------
-- Holds
----------------------------------------------------------------------

create function ledger.hold(p_account_id uuid, p_reference uuid, p_amount bigint)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    perform ledger.lock_accounts(array[p_account_id]);
    update ledger.accounts a set held = a.held + p_amount, updated_at = private.now()
    where a.id = p_account_id and a.frozen_at is null and a.credits - a.debits - a.held >= p_amount;
    if not found then
        perform private.fail('insufficient_funds');
    end if;
    insert into ledger.holds (account_id, reference, amount) values (p_account_id, p_reference, p_amount)
    returning id into v_id;
    return v_id;
end
$$;
comment on function ledger.hold(uuid, uuid, bigint) is 'Reserves an amount (minor units) of what is available, or refuses with insufficient_funds.';

create function ledger.resolve_holds(p_reference uuid, p_status ledger.hold_status, p_posted bigint default null)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_freed bigint;
    v_held  bigint;
begin
    perform ledger.lock_accounts(array(
        select h.account_id from ledger.holds h where h.reference = p_reference and h.status = 'PENDING'));
    if p_posted is not null then
        select coalesce(sum(h.amount), 0) into v_held from ledger.holds h where h.reference = p_reference and h.status = 'PENDING';
        if p_status <> 'POSTED' or p_posted not between 1 and v_held then
            perform private.fail('amount_out_of_range', format('1 to %s can be posted.', v_held));
        end if;
    end if;
    with pending as (
        select h.id, h.account_id, h.amount,
               case when p_status = 'POSTED'
                    then greatest(0, least(h.amount, p_posted - (sum(h.amount) over (order by a.kind <> 'promo_credit', h.id) - h.amount)))::bigint else 0 end as posted
        from ledger.holds h join ledger.accounts a on a.id = h.account_id
        where h.reference = p_reference and h.status = 'PENDING'
    ), resolved as (
        update ledger.holds h
        set status = case when p_status = 'POSTED' and p.posted = 0 then 'VOIDED' else p_status end,
            posted_amount = p.posted, resolved_at = private.now()
        from pending p
        where h.id = p.id
        returning h.account_id, h.amount
    ), freed as (
        update ledger.accounts a set held = a.held - r.amount, updated_at = private.now()
        from resolved r where a.id = r.account_id
        returning r.amount
    )
    select coalesce(sum(f.amount), 0) into v_freed from freed f;
    return v_freed;
end
$$;
comment on function ledger.resolve_holds(uuid, ledger.hold_status, bigint) is
    'Resolves what is pending for a session or payout; answers the amount set free (minor units). A POSTED one is spent by the caller in the same transaction: all of it, or p_posted (minor units), promo credit first, and the rest is void. A second call finds nothing and does nothing. Refuses with amount_out_of_range.';

----------------------------------------------------------------------
-- What is payable
----------------------------------------------------------------------

create function ledger.cleared(p_account_id uuid, p_at timestamptz)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select coalesce(sum(e.amount), 0)::bigint from ledger.earnings e
    where e.account_id = p_account_id and e.clears_at <= p_at);
end
$$;
comment on function ledger.cleared(uuid, timestamptz) is 'Cleared balance, minor units. Cost: the account''s earnings rows, from the index alone.';

create function ledger.payable(p_account_id uuid, p_at timestamptz)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select greatest(0, least(ledger.cleared(a.id, p_at), a.credits - a.debits) - a.held)
    from ledger.accounts a where a.id = p_account_id and a.frozen_at is null);
end
$$;
comment on function ledger.payable(uuid, timestamptz) is 'What can be paid out now: cleared minus held, never below zero, minor units.';
