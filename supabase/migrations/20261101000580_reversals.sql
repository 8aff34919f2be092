-- Reversals: giving back what a person paid, all or part of it, the way it came.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('refund_exceeds_charge', 409, 'The amount is more than what is left of the charge.', 'See details for what is left, in minor units.');

create table ledger.reversals (
    transaction_id uuid primary key references public.transactions (id),
    reversed_id    uuid not null references public.transactions (id),
    amount         bigint not null check (amount > 0),
    created_at     timestamptz not null default private.now(),
    constraint reverses_another check (transaction_id <> reversed_id)
);
comment on table ledger.reversals is 'Which transaction gave back how much of which. What a session gave back before it was settled is not here: that was never charged.';
comment on column ledger.reversals.transaction_id is 'The reversal''s own transaction, whose id its postings carry.';
comment on column ledger.reversals.amount is 'What the payer got, minor units.';
create index reversals_reversed on ledger.reversals (reversed_id);
alter table ledger.reversals enable row level security;
create trigger append_only before update or delete on ledger.reversals for each row execute function ledger.refuse_change();
create trigger never_truncated before truncate on ledger.reversals execute function ledger.refuse_change();

create function ledger.paid_legs(p_transaction_id uuid)
returns table (transfer_id uuid, payer_id uuid, earner_id uuid, paid bigint, earned bigint, upto bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with legs as (
        select t.id, t.debit_account_id as payer_id, t.credit_account_id as earner_id, t.debit_total, t.amount as paid,
               t.amount - t.commission as earned
        from ledger.transfers t
        where t.transaction_id = p_transaction_id and t.reverses is null
        union all
        select o.id, o.debit_account_id, o.credit_account_id, o.debit_total, -r.amount,
               case when r.debit_account_id = o.credit_account_id then -r.amount else 0 end
        from ledger.transfers r join ledger.transfers o on o.id = r.reverses
        where r.transaction_id = p_transaction_id
    ), net as (
        select l.id, l.payer_id, l.earner_id, l.debit_total, sum(l.paid)::bigint as paid, sum(l.earned)::bigint as earned
        from legs l join ledger.accounts a on a.id = l.payer_id and a.kind in ('client_wallet', 'promo_credit')
        group by l.id, l.payer_id, l.earner_id, l.debit_total
        having sum(l.paid) > 0
    )
    select n.id, n.payer_id, n.earner_id, n.paid, n.earned,
           (sum(n.paid) over (partition by n.payer_id, n.earner_id order by n.debit_total desc))::bigint
    from net n
$$;
comment on function ledger.paid_legs(uuid) is
    'What a person paid under a transaction, posting by posting, minor units, after what the transaction itself took back; upto is the running sum from the last posting between the two accounts to the first.';

create function ledger.paid_parts(p_transaction_id uuid)
returns table (payer_id uuid, earner_id uuid, paid bigint, upto bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with parts as (
        select l.payer_id, l.earner_id, min(l.transfer_id::text) as first, sum(l.paid)::bigint as paid
        from ledger.paid_legs(p_transaction_id) l
        group by l.payer_id, l.earner_id
    )
    select p.payer_id, p.earner_id, p.paid, (sum(p.paid) over (order by p.first))::bigint from parts p
$$;
comment on function ledger.paid_parts(uuid) is
    'The same by the account it left and the account it went to; upto is the running sum.';

create function ledger.part_of(p_whole bigint, p_done bigint, p_of bigint)
returns bigint
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    return div(p_whole::numeric * p_done, p_of)::bigint;
end
$$;
comment on function ledger.part_of(bigint, bigint, bigint) is 'floor(whole × done / of), minor units, without overflow.';

create function ledger.reversal_legs(p_transaction_id uuid, p_before bigint, p_after bigint)
returns ledger.leg[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_revenue uuid := ledger.account_of(null, 'platform_revenue');
    v_legs    ledger.leg[] := '{}';
    v_before  bigint := p_before;
    v_after   bigint := p_after;
    v_had     bigint;
    v_gets    bigint;
    v_part    record;
begin
    for v_part in
        select p.*, p.upto - p.paid as below from ledger.paid_parts(p_transaction_id) p order by p.upto desc
    loop
        -- Cut after cut, what goes back of the parts up to here is divided into this part and those below. A part's share
        -- follows from the running total alone and never falls as that grows: any number of reversals sums to the whole.
        v_had := v_before - ledger.part_of(v_part.below, v_before, v_part.upto);
        v_gets := v_after - ledger.part_of(v_part.below, v_after, v_part.upto);
        v_before := v_before - v_had;
        v_after := v_after - v_gets;
        v_legs := v_legs || ledger.part_reversal_legs(
            p_transaction_id, v_part.payer_id, v_part.earner_id, v_revenue, v_had, v_gets);
    end loop;
    return v_legs;
end
$$;
comment on function ledger.reversal_legs(uuid, bigint, bigint) is
    'Postings that raise what is given back of a transaction from one total to another (minor units): each account that paid gets its proportion, from the earner and the platform as they shared it. Each names the posting that it corrects.';

create function ledger.part_reversal_legs(
    p_transaction_id uuid, p_payer_id uuid, p_earner_id uuid, p_revenue_id uuid, p_before bigint, p_after bigint)
returns ledger.leg[]
language sql
stable
security definer
set search_path = ''
as $$
    with reached as (
        -- The last posting is given back first, whole, then the one before it.
        select l.*, least(greatest(p_before - (l.upto - l.paid), 0), l.paid) as had,
               least(greatest(p_after - (l.upto - l.paid), 0), l.paid) as gets
        from ledger.paid_legs(p_transaction_id) l
        where l.payer_id = p_payer_id and l.earner_id = p_earner_id and l.upto > p_before and l.upto - l.paid < p_after
    ), shared as (
        select r.*, ledger.part_of(r.earned, r.paid - r.had, r.paid) - ledger.part_of(r.earned, r.paid - r.gets, r.paid) as from_earner
        from reached r
    )
    select coalesce(array_agg(('reversal', g.giver, p_payer_id, g.amount, null, 0, null, s.transfer_id)::ledger.leg
                              order by s.upto, g.place), '{}')
    from shared s
    cross join lateral (values (1, p_earner_id, s.from_earner), (2, p_revenue_id, s.gets - s.had - s.from_earner)) g (place, giver, amount)
    where g.amount > 0
$$;
comment on function ledger.part_reversal_legs(uuid, uuid, uuid, uuid, bigint, bigint) is
    'The same for what went from one account to one earner: the last posting first, each shared between earner and platform as it was.';

create function ledger.take_back_earnings(p_reversal_id uuid, p_reversed_id uuid, p_legs ledger.leg[])
returns bigint
language sql
security definer
set search_path = ''
as $$
    with taken as (
        insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
        select a.id, p_reversal_id, -sum(l.amount), private.now(),
               -- Not before the earning itself: what has cleared beside it stays payable.
               greatest(private.now(), (select max(e.clears_at) from ledger.earnings e
                                        where e.transaction_id = p_reversed_id and e.account_id = a.id))
        from unnest(p_legs) l join ledger.accounts a on a.id = l.debit_account_id and a.kind = 'reader_earnings'
        group by a.id
        returning -amount as amount
    )
    select coalesce(sum(t.amount), 0)::bigint from taken t
$$;
comment on function ledger.take_back_earnings(uuid, uuid, ledger.leg[]) is
    'One negative earning for each reader who gives back; answers their sum, minor units.';

create function ledger.reversible(p_transaction_id uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((select max(p.upto) from ledger.paid_parts(p_transaction_id) p), 0)
         - coalesce((select sum(r.amount) from ledger.reversals r where r.reversed_id = p_transaction_id), 0)::bigint
$$;
comment on function ledger.reversible(uuid) is 'What is left of a charge to give back, minor units.';

create function ledger.is_settled_charge(p_transaction public.transactions)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select p_transaction.type in ('SESSION_CHARGE', 'GIFT_PURCHASE', 'TIP', 'PURCHASE', 'MESSAGE', 'FEE')
       and p_transaction.status in ('COMPLETED', 'REFUNDED')
$$;
comment on function ledger.is_settled_charge(public.transactions) is 'Whether a transaction is one that something can be given back of.';

create function ledger.reverse_transaction(p_transaction_id uuid, p_amount bigint, p_description text default null)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_original public.transactions;
    v_reversal public.transactions;
    v_left     bigint;
    v_before   bigint;
    v_legs     ledger.leg[];
    v_earned   bigint;
    v_disputed uuid[];
begin
    select t.* into v_original from public.transactions t where t.id = p_transaction_id for no key update;
    v_left := ledger.reversible(p_transaction_id);
    select coalesce(sum(r.amount), 0) into v_before from ledger.reversals r where r.reversed_id = p_transaction_id;
    if v_original.id is null then
        perform private.fail('not_found');
    elsif not ledger.is_settled_charge(v_original) then
        perform private.fail('invalid_state', 'Only a settled charge is given back.');
    elsif p_amount is null or p_amount < 1 then
        perform private.fail('amount_out_of_range', 'At least 1 is given back.');
    elsif p_amount > v_left then
        perform private.fail('refund_exceeds_charge', format('Left of the charge: %s.', v_left));
    end if;
    -- What a dispute of a top-up took of this charge it takes of what is left, or reader and buyer would have it twice.
    v_disputed := private.disputed_topups(v_original.user_id);
    perform private.set_disputes_aside(d.topup_id) from unnest(v_disputed) d (topup_id);
    v_legs := ledger.reversal_legs(p_transaction_id, v_before, v_before + p_amount);
    insert into public.transactions (user_id, type, amount, status, session_id, description, metadata)
    values (v_original.user_id, 'REVERSAL', p_amount, 'COMPLETED', v_original.session_id, p_description,
            jsonb_strip_nulls(jsonb_build_object('reverses', p_transaction_id, 'request_id', private.request_id())))
    returning * into v_reversal;
    insert into ledger.reversals (transaction_id, reversed_id, amount) values (v_reversal.id, p_transaction_id, p_amount);
    perform ledger.post_transfers(v_reversal.id, v_legs);
    v_earned := ledger.take_back_earnings(v_reversal.id, p_transaction_id, v_legs);
    update public.transactions t set reader_earnings = v_earned, platform_revenue = p_amount - v_earned
    where t.id = v_reversal.id returning t.* into v_reversal;
    update public.transactions t set status = 'REFUNDED' where t.id = p_transaction_id and p_amount = v_left;
    perform private.take_disputes_anew(d.topup_id) from unnest(v_disputed) d (topup_id);
    perform private.tell(v_reversal.user_id, 'wallet_changed', jsonb_build_object('transaction_id', v_reversal.id));
    return v_reversal;
end
$$;
comment on function ledger.reverse_transaction(uuid, bigint, text) is
    'Gives back an amount (minor units) of a settled charge in its original proportions: to the promo credit and wallet that paid, from the earners and the platform. Disputes of the payer''s top-ups take again of what the reversal leaves, so that the ledger ends the same whichever came first. Answers the REVERSAL transaction. Callers check who may, and hold a business key. Refuses with not_found, invalid_state, amount_out_of_range, refund_exceeds_charge.';

create function ledger.check_reversals()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with given as (
        select r.transaction_id, r.reversed_id, r.amount, coalesce(sum(t.amount), 0)::bigint as posted,
               coalesce(sum(t.amount) filter (where a.kind = 'reader_earnings'), 0)::bigint as earned
        from ledger.reversals r
        left join ledger.transfers t on t.transaction_id = r.transaction_id
        left join ledger.accounts a on a.id = t.debit_account_id
        group by r.transaction_id
    ), reversed as (
        select r.reversed_id, sum(r.amount)::bigint as back from ledger.reversals r group by 1
    ), due as (
        select v.reversed_id, l.debit_account_id, l.credit_account_id, sum(l.amount)::bigint as amount
        from reversed v, lateral unnest(ledger.reversal_legs(v.reversed_id, 0, v.back)) l group by 1, 2, 3
    ), done as (
        select r.reversed_id, t.debit_account_id, t.credit_account_id, sum(t.amount)::bigint as amount
        from ledger.reversals r join ledger.transfers t on t.transaction_id = r.transaction_id group by 1, 2, 3
    )
    select 'reversal differs from its postings', g.transaction_id, g.amount, g.posted from given g where g.amount <> g.posted
    union all
    select 'transaction differs from its reversal', g.transaction_id, g.amount, t.amount
    from given g join public.transactions t on t.id = g.transaction_id
    where (t.type, t.amount, t.reader_earnings, t.platform_revenue)
          is distinct from ('REVERSAL'::public.transaction_type, g.amount, g.earned, g.amount - g.earned)
    union all
    select 'reversal posted without its row', t.transaction_id, 0, sum(t.amount)::bigint
    from ledger.transfers t
    where t.code = 'reversal' and not exists (select from ledger.reversals r where r.transaction_id = t.transaction_id)
    group by t.transaction_id
    union all
    select 'more given back than was paid', v.reversed_id, coalesce(p.paid, 0), v.back
    from reversed v, lateral (select max(p.upto) as paid from ledger.paid_parts(v.reversed_id) p) p
    where v.back > coalesce(p.paid, 0)
    union all
    select 'part given back differs from its proportion', reversed_id, due.amount, done.amount
    from due full join done using (reversed_id, debit_account_id, credit_account_id)
    where due.amount is distinct from done.amount
$$;
comment on function ledger.check_reversals() is 'Broken invariants between reversals, their postings and what they reverse, one row each.';
