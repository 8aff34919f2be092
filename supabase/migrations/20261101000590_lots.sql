-- Lots: which top-up the money in a wallet came from, and who was paid with it. Computed from running totals, first in,
-- first out; only what is taken out of turn, to give a card its own money back, is written down.
--
-- Every credit of a wallet is a lot and stands in line by its running total. Charges eat the line from the front, so the
-- charge whose interval on debits overlaps a lot's interval on credits was paid from it. A charge that is reversed gives
-- back its last money first, as a lot at the end of the line that belongs to the top-ups the charge had eaten. A refund to
-- card or a dispute takes out of turn: it claims the unspent end of its own top-up's pieces, which closes the line behind
-- them. Whatever was eaten stays eaten by the charge that ate it: nothing that comes later moves it.

set lock_timeout = '4s';

create table ledger.card_returns (
    transaction_id uuid primary key references public.transactions (id),
    topup_id       uuid not null references public.transactions (id),
    account_id     uuid not null references ledger.accounts (id)
);
comment on table ledger.card_returns is 'Transactions that give a top-up''s money back to its card: refunds and disputes. Their postings take from that top-up alone.';
comment on column ledger.card_returns.account_id is 'The wallet that the top-up filled.';
create index card_returns_topup on ledger.card_returns (topup_id);
create index card_returns_account on ledger.card_returns (account_id);
alter table ledger.card_returns enable row level security;

create table ledger.lot_claims (
    id             uuid primary key default private.uuid_v7(),
    transaction_id uuid not null references ledger.card_returns (transaction_id),
    lot_id         uuid not null,
    amount         bigint not null check (amount > 0),
    after_credits  bigint,
    number         integer,
    constraint one_claim_per_lot unique (transaction_id, lot_id),
    constraint given_up_has_place check ((after_credits is null) = (number is null))
);
comment on table ledger.lot_claims is
    'What a refund to card or a dispute takes out of turn. A claim given up stands in line again as a lot of its own, behind what was there then.';
comment on column ledger.lot_claims.lot_id is 'The transfer that credited the wallet, or the claim that was given up.';
comment on column ledger.lot_claims.amount is 'Minor units, from the unspent end of what that lot has of the top-up.';
comment on column ledger.lot_claims.after_credits is 'The wallet''s running credits when the claim was given up, minor units.';
comment on column ledger.lot_claims.number is 'Which claim of its wallet was given up, from 1.';
create index lot_claims_lot on ledger.lot_claims (lot_id);
alter table ledger.lot_claims enable row level security;

----------------------------------------------------------------------
-- The line
----------------------------------------------------------------------

create function ledger.wallet_charges(p_wallet_id uuid)
returns table (id uuid, earner_id uuid, starts_at bigint, kept_until bigint, ends_at bigint, earned bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    with moves as (
        select t.*, r.topup_id, t.debit_account_id = p_wallet_id as is_debit, d.kind as from_kind
        from ledger.accounts a
        join public.transactions p on p.user_id = a.user_id
        join ledger.transfers t on t.transaction_id = p.id and p_wallet_id in (t.debit_account_id, t.credit_account_id)
        join ledger.accounts d on d.id = t.debit_account_id
        left join ledger.card_returns r on r.transaction_id = t.transaction_id
        where a.id = p_wallet_id
    ), summed as (
        -- Windows, not joins: a charge and what came back of it are one group, however many there are.
        select m.*,
               sum(m.amount) filter (where m.is_debit and m.topup_id is null) over (order by m.debit_total)::bigint as upto,
               coalesce(sum(m.amount - m.commission) filter (where not m.is_debit) over charge, 0)::bigint as back,
               coalesce(sum(m.amount - m.commission) filter (where not m.is_debit and m.from_kind = 'reader_earnings')
                        over charge, 0)::bigint as from_earner
        from moves m
        window charge as (partition by case when m.is_debit then m.id else coalesce(m.reverses, m.id) end)
    )
    select c.id, e.id, c.upto - c.amount, c.upto - c.back, c.upto,
           case when e.id is null then 0 else c.amount - c.commission - c.from_earner end
    from summed c
    left join ledger.accounts e on e.id = c.credit_account_id and e.kind = 'reader_earnings'
    where c.is_debit and c.topup_id is null;
end
$$;
comment on function ledger.wallet_charges(uuid) is
    'What a wallet paid for, as intervals of the line (minor units): from kept_until on a charge was reversed. earned is what the reader still has of it. Cost: the person''s transactions, one probe of each month of postings for every one; as PL/pgSQL, its plan is kept.';

create function ledger.wallet_credits(p_wallet_id uuid)
returns table (lot_id uuid, topup_id uuid, amount bigint, from_spent bigint, upto_spent bigint, place bigint, number integer)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    with credited as materialized (
        select t.*, t.amount - t.commission as got, r.topup_id,
               sum(t.amount - t.commission) over (partition by t.reverses order by t.credit_total)::bigint as back
        from ledger.accounts a
        join public.transactions p on p.user_id = a.user_id
        join ledger.transfers t on t.transaction_id = p.id and t.credit_account_id = p_wallet_id
        left join ledger.card_returns r on r.transaction_id = t.transaction_id
        where a.id = p_wallet_id
    )
    select c.id, case when c.topup_id is not null then c.topup_id when x.id is null then c.transaction_id end, c.got,
           x.ends_at - c.back, x.ends_at - c.back + c.got, c.credit_total, 0
    from credited c
    left join ledger.wallet_charges(p_wallet_id) x on x.id = c.reverses and c.topup_id is null
    union all
    select l.id, r.topup_id, l.amount, null, null, l.after_credits, l.number
    from ledger.card_returns r
    join ledger.lot_claims l on l.transaction_id = r.transaction_id and l.number is not null
    where r.account_id = p_wallet_id;
end
$$;
comment on function ledger.wallet_credits(uuid) is
    'A wallet''s lots, minor units, with their place in line. Without a topup_id it gives back a charge: the part of the line that the charge had eaten.';

create function ledger.lots(p_wallet_id uuid)
returns table (lot_id uuid, topup_id uuid, starts_at bigint, ends_at bigint, unspent bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_spent  bigint := coalesce((select max(c.ends_at) from ledger.wallet_charges(p_wallet_id) c), 0);
    v_lots   uuid[] := '{}';
    v_topups uuid[] := '{}';
    v_starts bigint[] := '{}';
    v_ends   bigint[] := '{}';
    v_end    bigint := 0;
    v_lot    record;
    v_piece  record;
begin
    for v_lot in select c.* from ledger.wallet_credits(p_wallet_id) c order by c.place, c.number loop
        for v_piece in
            -- Two binary searches: only the pieces that the charge had eaten are looked at.
            with eaten as (
                select e.topup_id, e.starts_at, least(e.ends_at, v_lot.upto_spent) - greatest(e.starts_at, v_lot.from_spent) as amount
                from unnest(v_topups[width_bucket(v_lot.from_spent, v_ends) + 1 : width_bucket(v_lot.upto_spent, v_starts)],
                            v_starts[width_bucket(v_lot.from_spent, v_ends) + 1 : width_bucket(v_lot.upto_spent, v_starts)],
                            v_ends[width_bucket(v_lot.from_spent, v_ends) + 1 : width_bucket(v_lot.upto_spent, v_starts)])
                     as e (topup_id, starts_at, ends_at)
                where v_lot.topup_id is null and e.ends_at > v_lot.from_spent and e.starts_at < v_lot.upto_spent
            )
            select p.topup_id, p.amount - coalesce(c.amount, 0) as amount
            from (select v_lot.topup_id, v_lot.amount, 0::bigint as starts_at where v_lot.topup_id is not null
                  union all
                  select e.topup_id, sum(e.amount)::bigint, min(e.starts_at) from eaten e group by e.topup_id) p
            left join lateral (
                select sum(l.amount)::bigint as amount from ledger.lot_claims l
                join ledger.card_returns r on r.transaction_id = l.transaction_id and r.topup_id = p.topup_id
                where l.lot_id = v_lot.lot_id) c on true
            order by p.starts_at
        loop
            v_lots := v_lots || v_lot.lot_id;
            v_topups := v_topups || v_piece.topup_id;
            v_starts := v_starts || v_end;
            v_end := v_end + v_piece.amount;
            v_ends := v_ends || v_end;
        end loop;
    end loop;
    return query
    select p.lot_id, p.topup_id, p.starts_at, p.ends_at, greatest(p.ends_at - greatest(p.starts_at, v_spent), 0)
    from unnest(v_lots, v_topups, v_starts, v_ends) as p (lot_id, topup_id, starts_at, ends_at);
end
$$;
comment on function ledger.lots(uuid) is
    'The line of a wallet, front first, minor units: each lot''s pieces by top-up, where they begin and end, and what is unspent of them. Cost: the person''s postings, then a few index probes a lot.';

create function ledger.unspent(p_topup_id uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(sum(l.unspent), 0)::bigint
    from public.transactions t
    cross join ledger.lots(ledger.account_of(t.user_id, 'client_wallet')) l
    where t.id = p_topup_id and l.topup_id = p_topup_id
$$;
comment on function ledger.unspent(uuid) is 'What is left of a top-up and not promised to its card, minor units.';

create function ledger.topup_spending(p_topup_id uuid)
returns table (transfer_id uuid, earner_id uuid, starts_at bigint, amount bigint, earned bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with wallet as (
        select ledger.account_of(t.user_id, 'client_wallet') as id from public.transactions t where t.id = p_topup_id
    ), eaten as (
        select c.*, greatest(l.starts_at, c.starts_at) as begins, least(l.ends_at, c.kept_until) as ends
        from wallet w
        cross join ledger.lots(w.id) l
        join ledger.wallet_charges(w.id) c on c.starts_at < l.ends_at and c.kept_until > greatest(l.starts_at, c.starts_at)
        where l.topup_id = p_topup_id and l.ends_at > l.starts_at
    )
    -- Differences of rounded running totals: a charge's parts sum to what its reader earned.
    select e.id, e.earner_id, e.begins, e.ends - e.begins,
           e.earned * (e.ends - e.starts_at) / (e.kept_until - e.starts_at)
               - e.earned * (e.begins - e.starts_at) / (e.kept_until - e.starts_at)
    from eaten e
$$;
comment on function ledger.topup_spending(uuid) is
    'The charges that a top-up paid for, wholly or in part, and what it brought the readers (minor units), in the order of the line. Reversed charges are not among them.';

----------------------------------------------------------------------
-- Taking out of turn
----------------------------------------------------------------------

create function ledger.claim_lots(p_transaction_id uuid, p_topup_id uuid, p_amount bigint)
returns bigint
language sql
security definer
set search_path = ''
as $$
    with wallet as (
        select ledger.account_of(t.user_id, 'client_wallet') as id from public.transactions t where t.id = p_topup_id
    ), made as (
        insert into ledger.card_returns (transaction_id, topup_id, account_id)
        select p_transaction_id, p_topup_id, w.id from wallet w
        on conflict do nothing
    ), line as (
        select l.lot_id, l.unspent, sum(l.unspent) over (order by l.starts_at desc)::bigint as upto
        from wallet w cross join ledger.lots(w.id) l
        where l.topup_id = p_topup_id and l.unspent > 0
    ), claimed as (
        insert into ledger.lot_claims as c (transaction_id, lot_id, amount)
        select p_transaction_id, l.lot_id, least(l.unspent, p_amount - (l.upto - l.unspent))
        from line l where l.upto - l.unspent < p_amount
        on conflict (transaction_id, lot_id) do update set amount = c.amount + excluded.amount
    )
    select least(coalesce(max(l.upto), 0), greatest(p_amount, 0)) from line l
$$;
comment on function ledger.claim_lots(uuid, uuid, bigint) is
    'Takes up to p_amount (minor units) of what is unspent of a top-up, from the end of the line, for a refund or a dispute; answers how much. The wallet must be locked. The caller posts or holds the money.';

create function ledger.give_up_claims(p_transaction_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
    update ledger.lot_claims l
    set after_credits = a.credits,
        number = given.place + coalesce((
            select max(o.number) from ledger.card_returns r join ledger.lot_claims o on o.transaction_id = r.transaction_id
            where r.account_id = a.id), 0)
    from (select c.id, row_number() over (order by c.id)::integer as place
          from ledger.lot_claims c where c.transaction_id = p_transaction_id and c.number is null) given,
         ledger.card_returns t
    join ledger.accounts a on a.id = t.account_id
    where l.id = given.id and t.transaction_id = p_transaction_id
$$;
comment on function ledger.give_up_claims(uuid) is
    'Puts what a refund had claimed and did not take back in line, at the end. The wallet must be locked.';

create function ledger.card_return_legs(
    p_transaction_id uuid, p_code ledger.transfer_code, p_amount bigint, p_is_retaken boolean default false)
returns ledger.leg[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_legs     ledger.leg[] := '{}';
    v_left     bigint := p_amount;
    v_owed     bigint;
    v_wallet   uuid;
    v_row      record;
begin
    select r.account_id, d.debits - d.credits, d.id into v_wallet, v_owed
    from ledger.card_returns r
    join ledger.accounts w on w.id = r.account_id
    join ledger.accounts d on d.user_id = w.user_id and d.kind = 'client_debt'
    where r.transaction_id = p_transaction_id;
    for v_row in
        with taken as (
            select t.id, t.debit_account_id, a.kind, t.amount - coalesce((
                select sum(r.amount) from ledger.transfers r
                where r.transaction_id = p_transaction_id and r.reverses = t.id), 0)::bigint as amount
            from ledger.transfers t join ledger.accounts a on a.id = t.debit_account_id
            where t.transaction_id = p_transaction_id and t.reverses is null
              and t.code in ('card_refund', 'dispute', 'debt')
        )
        select t.* from taken t where t.amount > 0
        order by array_position('{reader_earnings,client_wallet,client_debt,dispute_losses}', t.kind::text), t.id
    loop
        exit when v_left = 0;
        v_row.amount := least(v_row.amount, v_left);
        v_left := v_left - v_row.amount;
        if v_row.kind = 'client_debt' and v_row.amount > v_owed and not p_is_retaken then
            -- The debt was paid meanwhile; what is not owed any more is the client's to spend.
            v_legs := v_legs || (p_code, v_clearing, v_wallet, v_row.amount - v_owed, null, 0, null, v_row.id)::ledger.leg;
            v_row.amount := v_owed;
        end if;
        if v_row.amount > 0 then
            v_legs := v_legs || (p_code, v_clearing, v_row.debit_account_id, v_row.amount, null, 0, null, v_row.id)::ledger.leg;
        end if;
        v_owed := v_owed - case when v_row.kind = 'client_debt' then v_row.amount else 0 end;
    end loop;
    return v_legs;
end
$$;
comment on function ledger.card_return_legs(uuid, ledger.transfer_code, bigint, boolean) is
    'The legs that undo up to p_amount (minor units) of what a refund or dispute took: readers first, then the client, the house last. A debt that was paid meanwhile comes back to the wallet, unless the caller takes anew in the same transaction. The accounts must be locked.';

create function ledger.post_card_return(p_transaction_id uuid, p_legs ledger.leg[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform ledger.post_transfers(p_transaction_id, p_legs);
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    select a.id, p_transaction_id, case when a.id = l.credit_account_id then l.amount else -l.amount end, private.now(), private.now()
    from unnest(p_legs) l
    join ledger.accounts a on a.id in (l.debit_account_id, l.credit_account_id) and a.kind = 'reader_earnings';
    perform private.notify(a.user_id, 'earnings_changed', '{}')
    from unnest(p_legs) l
    join ledger.accounts a on a.id in (l.debit_account_id, l.credit_account_id) and a.kind = 'reader_earnings';
end
$$;
comment on function ledger.post_card_return(uuid, ledger.leg[]) is
    'Posts what a refund or dispute takes or gives back; a reader''s part counts at once, whether or not what it was earned with has cleared, and they are told.';

create function ledger.cover_owed(p_topup_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user     uuid := (select t.user_id from public.transactions t where t.id = p_topup_id);
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_wallet   uuid := ledger.account_of(v_user, 'client_wallet');
    v_debt     uuid := ledger.account_of(v_user, 'client_debt');
    v_part     bigint;
    v_owed     record;
begin
    for v_owed in
        select t.id, t.transaction_id, x.type = 'DISPUTE' as is_dispute, t.amount - coalesce((
            select sum(b.amount) from ledger.transfers b where b.transaction_id = t.transaction_id and b.reverses = t.id), 0)::bigint as amount
        from ledger.card_returns r
        join public.transactions x on x.id = r.transaction_id
        join ledger.transfers t on t.transaction_id = r.transaction_id and t.debit_account_id = v_debt and t.code = 'debt'
        where r.topup_id = p_topup_id
        order by t.id
    loop
        select least(v_owed.amount, d.debits - d.credits, w.credits - w.debits - w.held) into v_part
        from ledger.accounts w join ledger.accounts d on d.id = v_debt where w.id = v_wallet;
        continue when v_part <= 0;
        v_part := ledger.claim_lots(v_owed.transaction_id, p_topup_id, v_part);
        continue when v_part = 0;
        perform ledger.post_card_return(v_owed.transaction_id, array[
            (case when v_owed.is_dispute then 'dispute' else 'card_refund' end,
                v_wallet, v_clearing, v_part, null, 0, null, null)::ledger.leg,
            (case when v_owed.is_dispute then 'dispute_reversal' else 'card_refund_reversal' end,
                v_clearing, v_debt, v_part, null, 0, null, v_owed.id)::ledger.leg]);
        -- Statements look for postings up to a day after a transaction's last change: this is one.
        update public.transactions t set updated_at = private.now() where t.id = v_owed.transaction_id;
    end loop;
end
$$;
comment on function ledger.cover_owed(uuid) is
    'Money of a top-up that came back to the wallet pays what other refunds and disputes of the same top-up had left owing, as if it had never been away: whichever came first, the client ends with the same. The wallet and the debt must be locked.';
