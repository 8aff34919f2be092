-- Reconciliation: what Stripe says it moved, held against what the ledger says moved at Stripe. Movements are copied as they
-- are, found again by their own ids, and compared transaction by transaction; what does not agree is a row somebody has to see.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('reconcile.slack_seconds', '604800', 'INTEGER', 0, 31536000, false,
     'Seconds before a reconciled stretch from which Stripe''s movements are read as well: an event may be applied so much later.'),
    ('reconcile.grace_seconds', '3600', 'INTEGER', 0, 604800, false,
     'Seconds in which a movement may still be on its way into the ledger, and is no difference.'),
    ('reconcile.accounts', '500', 'INTEGER', 0, 100000, false,
     'Readers'' accounts at Stripe that a run reads beyond those paid in its time: so many with payouts that have not ended or failed, and as many others, the longest unread first.');

create table private.stripe_movements (
    id             text primary key check (length(id) between 1 and 255),
    account        text not null,
    type           text not null,
    source         text,
    reference      text,
    amount         bigint not null,
    fee            bigint not null,
    net            bigint not null,
    moved_in       text not null,
    moved_at       timestamptz not null,
    is_marked      boolean not null default false,
    transaction_id uuid,
    constraint net_is_the_rest check (net = amount - fee),
    constraint transactions_are_the_platforms check (transaction_id is null or account = 'platform')
);
comment on table private.stripe_movements is 'Stripe''s balance transactions, as read by the reconciliation; only Stripe''s charges for its services are booked from them.';
comment on column private.stripe_movements.account is 'platform, or the connected account whose balance it moved.';
comment on column private.stripe_movements.reference is 'What the source is about: the PaymentIntent of a charge, the transfer of a payment; at a connected account, the transfer reversal of what was taken back.';
comment on column private.stripe_movements.amount is 'Minor units, signed: what came into the balance, before the fee.';
comment on column private.stripe_movements.fee is 'Minor units, what Stripe kept.';
comment on column private.stripe_movements.net is 'Minor units, signed.';
comment on column private.stripe_movements.moved_in is 'Currency; what is not the platform''s belongs to no transaction here.';
comment on column private.stripe_movements.is_marked is 'Whether its source names a transaction or an attempt of ours in its metadata.';
comment on column private.stripe_movements.transaction_id is 'Our transaction that it belongs to; null while none is known.';
create index stripe_movements_account on private.stripe_movements (account, moved_at);
create index stripe_movements_subject on private.stripe_movements (account, coalesce(reference, source, id)) where account <> 'platform';
create index stripe_movements_transaction on private.stripe_movements (transaction_id) where transaction_id is not null;
create index stripe_movements_unknown on private.stripe_movements (moved_at) where transaction_id is null;
alter table private.stripe_movements enable row level security;

create table private.reconciliations (
    id          uuid primary key default private.uuid_v7(),
    since       timestamptz not null,
    until       timestamptz not null,
    started_at  timestamptz not null default private.now(),
    finished_at timestamptz,
    movements   integer not null default 0,
    unread      text[] not null default '{}',
    is_nightly  boolean not null default false,
    constraint stretch_is_one check (since < until)
);
comment on column private.reconciliations.is_nightly is 'One of those that take up where the one before ended, so that no movement is between two of them.';
comment on column private.reconciliations.unread is 'Connected accounts that Stripe does not let us see any more; of them only the platform''s side is compared.';
comment on table private.reconciliations is 'Runs of the reconciliation: the stretch of time each looked at, and how many movements it read.';
alter table private.reconciliations enable row level security;

create table private.account_readings (
    account           text primary key,
    reconciliation_id uuid not null references private.reconciliations (id),
    since             timestamptz not null,
    until             timestamptz
);
comment on table private.account_readings is 'How far each reader''s account at Stripe was read, so that the longest unread comes first and no movement is between two readings.';
comment on column private.account_readings.reconciliation_id is 'The run that read it last, or is reading it.';
comment on column private.account_readings.since is 'From when that run reads it.';
comment on column private.account_readings.until is 'Until when finished runs have read it.';
create index account_readings_run on private.account_readings (reconciliation_id);
alter table private.account_readings enable row level security;

create type public.difference_kind as enum ('NOT_BOOKED', 'NOT_AT_STRIPE', 'AMOUNT_DIFFERS', 'NOT_OURS');
comment on type public.difference_kind is 'How the ledger and Stripe disagree: a movement the ledger lacks, one Stripe lacks, one of two amounts, or one of a payment that was not made here.';

create table private.reconciliation_differences (
    id             uuid primary key default private.uuid_v7(),
    kind           public.difference_kind not null,
    account        text not null,
    subject        text not null,
    transaction_id uuid,
    at_stripe      bigint,
    in_ledger      bigint,
    moved_at       timestamptz not null,
    found_at       timestamptz not null default private.now(),
    found_by       uuid not null references private.reconciliations (id),
    seen_by        uuid not null references private.reconciliations (id),
    settled_at     timestamptz,
    constraint found_once unique (account, subject)
);
comment on table private.reconciliation_differences is 'What does not agree, one row a subject, until a later run finds that it does.';
comment on column private.reconciliation_differences.subject is 'Our transaction, or Stripe''s movement, transfer or payout when it belongs to none.';
comment on column private.reconciliation_differences.at_stripe is 'Net movement at Stripe, minor units; null: none.';
comment on column private.reconciliation_differences.in_ledger is 'Net movement of stripe_clearing, minor units; null: none.';
comment on column private.reconciliation_differences.found_by is 'The run that found it, or found it again after it was settled.';
comment on column private.reconciliation_differences.seen_by is 'The last run that found it.';
create index differences_found_by on private.reconciliation_differences (found_by);
create index differences_seen_by on private.reconciliation_differences (seen_by);
create index differences_open on private.reconciliation_differences (id desc) where settled_at is null;
alter table private.reconciliation_differences enable row level security;

----------------------------------------------------------------------
-- Reading
----------------------------------------------------------------------

create function private.next_stretch(out since timestamptz, out until timestamptz)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_settled timestamptz := private.now() - private.setting_int('reconcile.grace_seconds') * interval '1 second';
begin
    until := date_trunc('day', v_settled, 'UTC');
    since := coalesce(
        (select max(r.until) from private.reconciliations r where r.is_nightly and r.finished_at is not null),
        until - interval '1 day');
    until := least(until, since + interval '31 days');
end
$$;
comment on function private.next_stretch() is
    'What the next nightly run looks at: from where the last finished one ended, to the last midnight (UTC) whose movements have had time to be booked; a month at most. Empty when there is nothing new.';

create function private.accounts_to_read(p_run private.reconciliations, p_since timestamptz)
returns table (account text, since timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
    with known as (
        select a.destination, coalesce(r.until, min(a.first_tried_at)) as unread_since,
               bool_or(a.first_tried_at >= p_since) as is_due,
               bool_or(p.status = 'PROCESSING' or (p.status = 'FAILED' and a.transfer_id is not null)) as is_open
        from public.payout_attempts a
        join public.payouts p on p.id = a.payout_id
        left join private.account_readings r on r.account = a.destination
        where a.first_tried_at < p_run.until
        group by a.destination, r.until
    )
    select k.destination, least(p_since, k.unread_since)
    from (select n.*, row_number() over (partition by n.is_due, n.is_open order by n.unread_since, n.destination) as place from known n) k
    where k.is_due or k.place <= private.setting_int('reconcile.accounts')
$$;
comment on function private.accounts_to_read(private.reconciliations, timestamptz) is
    'Connected accounts that a run reads, and from when: all that were sent money since then; of those with a payout that has not ended, or failed after its transfer, and of the rest, as many as reconcile.accounts, the longest unread first.';

create function worker_api.begin_reconciliation(p_since timestamptz default null, p_until timestamptz default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_is_nightly boolean := p_since is null and p_until is null;
    v_begins     timestamptz := p_since;
    v_ends       timestamptz := p_until;
    v_run        private.reconciliations;
    v_since      timestamptz;
begin
    if v_is_nightly then
        perform pg_advisory_xact_lock(hashtextextended('reconciliation', 0));
        select n.since, n.until into v_begins, v_ends from private.next_stretch() n;
        if v_begins >= v_ends or exists (
            select from private.reconciliations r
            where r.is_nightly and r.finished_at is null and r.started_at > private.now() - interval '1 hour') then
            return null;
        end if;
    elsif p_since is null or p_until is null or p_since >= p_until or p_until - p_since > interval '366 days' then
        perform private.fail('invalid_argument', 'p_since lies before p_until, by a year at most.');
    end if;
    insert into private.reconciliations (since, until, is_nightly)
    values (v_begins, v_ends, v_is_nightly) returning * into v_run;
    v_since := v_run.since - private.setting_int('reconcile.slack_seconds') * interval '1 second';
    insert into private.account_readings as r (account, reconciliation_id, since)
    select x.account, v_run.id, x.since from private.accounts_to_read(v_run, v_since) x
    on conflict (account) do update set reconciliation_id = excluded.reconciliation_id, since = excluded.since;
    return jsonb_build_object(
        'id', v_run.id, 'since', v_run.since, 'until', v_run.until,
        'read_since', v_since, 'read_until', v_run.until + interval '1 hour',
        'accounts', coalesce((
            select jsonb_agg(jsonb_build_object('account', r.account, 'since', r.since) order by r.account)
            from private.account_readings r where r.reconciliation_id = v_run.id), '[]'));
end
$$;
comment on function worker_api.begin_reconciliation(timestamptz, timestamptz) is
    'Opens a run over a stretch of time, and says from when to when movements are to be read, and of which connected accounts, each from when. Without a stretch: the nightly one, over whatever days ended since the last; null when there are none, or when one began less than an hour ago and is not finished. Refuses with invalid_argument.';

create function private.assign_movements(p_ids text[])
returns void
language plpgsql
security definer
set search_path = ''
-- Planned for a page, or for all.
set plan_cache_mode = force_custom_plan
as $$
begin
    with nobodys as materialized (
        select m.id, m.type, m.source, m.reference from private.stripe_movements m
        where m.transaction_id is null and m.account = 'platform' and m.moved_in = private.currency() and (p_ids is null or m.id = any (p_ids))
    )
    update private.stripe_movements m set transaction_id = x.transaction_id
    from (
        select u.id, t.id as transaction_id
        from nobodys u join public.transactions t on t.stripe_payment_intent_id = u.reference
        where u.type in ('charge', 'payment')
        union all
        select u.id, r.transaction_id
        from nobodys u join private.card_refunds r on r.stripe_refund_id = u.source
        union all
        select u.id, d.transaction_id
        from nobodys u join private.disputes d on d.stripe_dispute_id = u.source
        where d.transaction_id is not null
        union all
        select u.id, p.transaction_id
        from nobodys u join public.payouts p on p.stripe_transfer_id = coalesce(u.reference, u.source)
        union all
        select u.id, p.transaction_id
        from nobodys u join private.platform_payouts p on p.id = u.source
    ) x
    where m.id = x.id;
end
$$;
comment on function private.assign_movements(text[]) is
    'Finds whose movements of the platform''s balance those are that were nobody''s so far (these, or all when null): by PaymentIntent, refund, dispute, transfer or the platform''s own payout.';

create function private.book_service_charges(p_ids text[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_fees     uuid := ledger.account_of(null, 'stripe_fees');
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_move     private.stripe_movements;
begin
    for v_move in
        update private.stripe_movements m set transaction_id = private.uuid_v7()
        where m.id = any (p_ids) and m.account = 'platform' and m.type in ('stripe_fee', 'tax_fee')
          and m.moved_in = private.currency() and m.transaction_id is null and m.net <> 0
        returning m.*
    loop
        perform ledger.post_transfer(v_move.transaction_id, 'stripe_fee',
            case when v_move.net < 0 then v_fees else v_clearing end, case when v_move.net < 0 then v_clearing else v_fees end, abs(v_move.net));
    end loop;
end
$$;
comment on function private.book_service_charges(text[]) is
    'Stripe''s charges for its services, as for instant payouts, come with no event: stripe_fees → stripe_clearing, once a movement, under a transaction of the house''s own; what Stripe gives back of them the other way.';

create function worker_api.record_stripe_movements(p_reconciliation_id uuid, p_movements jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer := jsonb_array_length(p_movements);
begin
    insert into private.stripe_movements (id, account, type, source, reference, amount, fee, net, moved_in, moved_at, is_marked)
    select m.id, m.account, m.type, m.source, m.reference, m.amount, m.fee, m.net, upper(m.currency), m.moved_at, coalesce(m.is_marked, false)
    from jsonb_to_recordset(p_movements) as m (
        id text, account text, type text, source text, reference text, amount bigint, fee bigint, net bigint, currency text, moved_at timestamptz, is_marked boolean)
    on conflict (id) do nothing;
    perform private.assign_movements(array(select m ->> 'id' from jsonb_array_elements(p_movements) m));
    perform private.book_service_charges(array(select m ->> 'id' from jsonb_array_elements(p_movements) m));
    update private.reconciliations r set movements = r.movements + v_count where r.id = p_reconciliation_id;
    if not found then
        perform private.fail('not_found');
    end if;
    return v_count;
end
$$;
comment on function worker_api.record_stripe_movements(uuid, jsonb) is
    'Keeps a page of Stripe''s movements (minor units); those that are known stay as they are. Books Stripe''s charges for its services among them. Answers how many there were.';

create function worker_api.leave_account_unread(p_reconciliation_id uuid, p_account text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.reconciliations r set unread = array_append(array_remove(r.unread, p_account), p_account)
    where r.id = p_reconciliation_id and r.finished_at is null;
    if not found then
        perform private.fail('not_found');
    end if;
end
$$;
comment on function worker_api.leave_account_unread(uuid, text) is
    'Notes that a connected account cannot be read: its owner sent us away, or it is closed. Refuses with not_found.';

----------------------------------------------------------------------
-- Comparing
----------------------------------------------------------------------

create function private.note_difference(
    p_run uuid, p_kind public.difference_kind, p_account text, p_subject text, p_transaction_id uuid, p_at_stripe bigint, p_in_ledger bigint, p_moved_at timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into private.reconciliation_differences as d (kind, account, subject, transaction_id, at_stripe, in_ledger, moved_at, found_by, seen_by)
    values (p_kind, p_account, p_subject, p_transaction_id, p_at_stripe, p_in_ledger, p_moved_at, p_run, p_run)
    on conflict on constraint found_once do update
    set kind = excluded.kind, at_stripe = excluded.at_stripe, in_ledger = excluded.in_ledger, seen_by = excluded.seen_by,
        found_at = case when d.settled_at is null then d.found_at else private.now() end,
        found_by = case when d.settled_at is null then d.found_by else excluded.found_by end, settled_at = null;
end
$$;
comment on function private.note_difference(uuid, public.difference_kind, text, text, uuid, bigint, bigint, timestamptz) is
    'One row a subject, however often it is found; amounts in minor units.';

create function private.compare_platform(p_run uuid, p_since timestamptz, p_until timestamptz, p_settled timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
begin
    perform private.note_difference(
        p_run,
        case when s.id is null then 'NOT_AT_STRIPE' when o.id is null then 'NOT_BOOKED' else 'AMOUNT_DIFFERS' end::public.difference_kind,
        'platform', x.id::text, x.id, s.net, o.net, least(s.at, o.at))
    from (
        select m.transaction_id as id from private.stripe_movements m
        where m.account = 'platform' and m.moved_at >= p_since and m.moved_at < p_until and m.transaction_id is not null
        union
        select t.transaction_id from ledger.transfers t
        where t.id >= private.uuid_v7_floor(p_since) and t.id < private.uuid_v7_floor(p_until)
          and v_clearing in (t.debit_account_id, t.credit_account_id)
    ) x
    left join lateral (
        select m.transaction_id as id, sum(m.net)::bigint as net, max(m.moved_at) as at from private.stripe_movements m
        where m.transaction_id = x.id group by m.transaction_id) s on true
    left join lateral (
        select t.transaction_id as id, max(t.posted_at) as at,
               sum(case when t.debit_account_id = v_clearing then t.amount else -t.amount end)::bigint as net
        from ledger.transfers t
        where t.transaction_id = x.id and v_clearing in (t.debit_account_id, t.credit_account_id) group by t.transaction_id) o on true
    where coalesce(s.net, 0) <> coalesce(o.net, 0) and greatest(s.at, o.at) < p_settled;
    perform private.note_difference(
        p_run,
        case when m.reference like 'pi\_%' and not m.is_marked and not exists (
                 select from public.transactions t where t.stripe_payment_intent_id = m.reference)
             then 'NOT_OURS' else 'NOT_BOOKED' end::public.difference_kind,
        'platform', m.id, null, m.net, null, m.moved_at)
    from private.stripe_movements m
    where m.account = 'platform' and m.transaction_id is null and m.net <> 0
      and m.moved_at >= p_since and m.moved_at < least(p_until, p_settled);
end
$$;
comment on function private.compare_platform(uuid, timestamptz, timestamptz, timestamptz) is
    'The platform''s balance: net movement by Stripe and by the ledger, for each transaction that either touched in that stretch; what is newer than p_settled may still be on its way.';

create function private.compare_accounts(p_run uuid, p_since timestamptz, p_until timestamptz, p_settled timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    -- What was read of an account from before the run's own time is compared with the first part.
    v_begins timestamptz := (select r.since from private.reconciliations r where r.id = p_run);
begin
    -- A transfer must arrive whole and a reversal take what is booked; a bank payout must be one of ours, and one that came back leaves nothing to explain.
    perform private.note_difference(
        p_run,
        case when coalesce(a.payout_id, r.payout_id) is null then 'NOT_BOOKED' else 'AMOUNT_DIFFERS' end::public.difference_kind,
        m.account, m.key, p.transaction_id, m.net, coalesce(a.amount, -r.amount), m.at)
    from (
        select x.account, x.key, sum(w.net)::bigint as net, max(w.moved_at) as at
        from (select distinct t.account, coalesce(t.reference, t.source, t.id) as key from private.stripe_movements t
              left join private.account_readings g on g.account = t.account and g.reconciliation_id = p_run and p_since = v_begins
              where t.account <> 'platform' and t.moved_at >= least(p_since, g.since) and t.moved_at < p_until) x
        join private.stripe_movements w on w.account = x.account and coalesce(w.reference, w.source, w.id) = x.key
        group by 1, 2
    ) m
    left join public.payout_attempts a on m.account = a.destination and m.key in (a.transfer_id, a.stripe_payout_id)
    left join private.transfer_reversals r on r.id = m.key
    left join public.payouts p on p.id = coalesce(a.payout_id, r.payout_id)
    where m.at < p_settled and m.net <> 0 and m.net is distinct from -r.amount
      and (m.key = a.transfer_id and m.net <> a.amount
           -- One that failed and was tried again may have come back in another stretch.
           or a.id is null and not exists (
               select from public.payout_attempts f where f.destination = m.account and m.key = any (f.failed_payouts)));
    -- Of a bank payout of ours its amount left, or came back and it is known as failed; of a transfer that was taken back in part the rest may have left.
    perform private.note_difference(p_run, 'AMOUNT_DIFFERS', m.account, m.key, p.transaction_id, m.net, x.ours, m.at)
    from (
        select w.account, w.source as key, sum(w.net)::bigint as net, max(w.moved_at) as at
        from private.stripe_movements w
        where w.account <> 'platform' and w.source in (
            select t.source from private.stripe_movements t
            left join private.account_readings g on g.account = t.account and g.reconciliation_id = p_run and p_since = v_begins
            where t.account <> 'platform' and t.moved_at >= least(p_since, g.since) and t.moved_at < p_until)
        group by 1, 2
    ) m
    join public.payout_attempts a on a.stripe_payout_id = m.key and a.destination = m.account
    join public.payouts p on p.id = a.payout_id
    cross join lateral (select case when p.status = 'FAILED' and p.failure_code is distinct from 'account_gone' then 0 else -a.amount end as ours) x
    where m.at < p_settled and m.net <> x.ours and (x.ours = 0 or m.net not between -a.amount and p.returned - a.amount);
    perform private.note_difference(p_run, 'NOT_AT_STRIPE', a.destination, a.transfer_id, p.transaction_id, null, a.amount, a.first_tried_at)
    from public.payout_attempts a join public.payouts p on p.id = a.payout_id
    where a.first_tried_at >= p_since and a.first_tried_at < least(p_until, p_settled) and a.transfer_id is not null
      and a.destination <> all (select unnest(r.unread) from private.reconciliations r where r.id = p_run)
      and not exists (select from private.stripe_movements m where m.account = a.destination and m.reference = a.transfer_id);
end
$$;
comment on function private.compare_accounts(uuid, timestamptz, timestamptz, timestamptz) is
    'Readers'' balances at Stripe, for each transfer and bank payout that was moved in that stretch, whenever the rest of it was: each transfer arrived, nothing left but by bank payouts of ours, each of its amount and as it is known to have ended.';

create function worker_api.compare_stripe_movements(p_reconciliation_id uuid, p_since timestamptz, p_until timestamptz)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_settled timestamptz := private.now() - private.setting_int('reconcile.grace_seconds') * interval '1 second';
begin
    if not exists (select from private.reconciliations r where r.id = p_reconciliation_id and r.finished_at is null
                   and r.since <= p_since and p_until <= r.until and p_since < p_until) then
        perform private.fail('invalid_argument', 'The stretch is not of an open run.');
    end if;
    perform private.assign_movements(null);
    perform private.compare_platform(p_reconciliation_id, p_since, p_until, v_settled);
    perform private.compare_accounts(p_reconciliation_id, p_since, p_until, v_settled);
end
$$;
comment on function worker_api.compare_stripe_movements(uuid, timestamptz, timestamptz) is
    'Compares a part of a run''s stretch, once all its movements are recorded; the parts in any order. Refuses with invalid_argument.';

create function worker_api.finish_reconciliation(p_reconciliation_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_run private.reconciliations;
begin
    update private.reconciliations r set finished_at = coalesce(r.finished_at, private.now())
    where r.id = p_reconciliation_id returning * into v_run;
    if not found then
        perform private.fail('not_found');
    end if;
    update private.reconciliation_differences d set settled_at = private.now()
    where d.settled_at is null and d.seen_by <> v_run.id and d.moved_at < v_run.until
      and d.moved_at >= least(v_run.since, (
          select g.since from private.account_readings g where g.account = d.account and g.reconciliation_id = v_run.id));
    update private.account_readings g set until = greatest(g.until, v_run.until)
    where g.reconciliation_id = v_run.id and g.account <> all (v_run.unread);
    return jsonb_build_object(
        'movements', v_run.movements,
        'found', (select count(*) from private.reconciliation_differences d
                  where d.found_by = v_run.id and d.settled_at is null),
        'open', (select count(*) from private.reconciliation_differences d where d.settled_at is null));
end
$$;
comment on function worker_api.finish_reconciliation(uuid) is
    'Ends a run: differences of its stretch that it did not find again are settled. Answers movements read, differences found anew and open ones. Refuses with not_found.';

create function private.what_to_do(p_kind public.difference_kind, p_transaction_id uuid)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
    return case
        when p_kind = 'NOT_BOOKED' and p_transaction_id is not null then
            'Stripe moved money of this transaction that is not booked: look for its event among the parked ones and send it again from Stripe, which has it tried anew.'
        when p_kind = 'NOT_BOOKED' then
            'Stripe moved money that belongs to nothing here, as by hand in its dashboard: undo it there, or book an adjustment.'
        when p_kind = 'NOT_OURS' then
            'A payment that was made by hand at Stripe, or what became of it: give it back there, or book an adjustment.'
        when p_kind = 'NOT_AT_STRIPE' then
            'The ledger moved money that Stripe did not: find out who booked it, and reverse it.'
        else 'Compare the postings with Stripe''s movements, and book an adjustment for what differs.' end;
end
$$;
comment on function private.what_to_do(public.difference_kind, uuid) is 'A sentence for whoever looks at a difference.';

create function worker_api.open_differences(p_limit integer default 100)
returns setof jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    select jsonb_build_object(
        'id', d.id, 'kind', d.kind, 'account', d.account, 'subject', d.subject, 'transaction_id', d.transaction_id, 'at_stripe', d.at_stripe,
        'in_ledger', d.in_ledger, 'moved_at', d.moved_at, 'found_at', d.found_at, 'what_to_do', private.what_to_do(d.kind, d.transaction_id))
    from private.reconciliation_differences d
    where d.settled_at is null order by d.id desc limit least(greatest(p_limit, 1), 1000);
end
$$;
comment on function worker_api.open_differences(integer) is 'Open differences, the newest first; amounts in minor units.';

grant execute on all functions in schema worker_api to service_role;
