-- Proof: what must be true of the ledger, as a query whose empty answer is the proof.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- Proof
----------------------------------------------------------------------

create view ledger.house_totals with (security_invoker = true) as
with rolled as (
    select d.account_id, sum(d.debits) as debits, sum(d.credits) as credits from ledger.house_days d group by 1
), since as (
    select e.account_id, sum(e.debit) as debits, sum(e.credit) as credits
    from ledger.transfers t
    cross join lateral (values
        (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount - t.commission), (t.commission_account_id, 0, t.commission)
    ) e (account_id, debit, credit)
    where t.id >= (select coalesce(ledger.day_begins(max(d.day) + 1), private.zero_uuid()) from ledger.house_days d)
    group by 1
)
select a.id, a.kind,
       (coalesce(r.debits, 0) + coalesce(s.debits, 0))::bigint as debits,
       (coalesce(r.credits, 0) + coalesce(s.credits, 0))::bigint as credits
from ledger.accounts a
left join rolled r on r.account_id = a.id
left join since s on s.account_id = a.id
where a.user_id is null;
comment on view ledger.house_totals is 'Totals of the house''s accounts: the days rolled up, and the postings since. For checks and reports, not for the hot path.';
create trigger read_only instead of insert or update or delete on ledger.house_totals
    for each row execute function private.refuse_write();

create function ledger.check_house_days()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with moved as materialized (
        select d.day, e.account_id, sum(e.debit)::bigint as debits, sum(e.credit)::bigint as credits
        from (select distinct h.day from ledger.house_days h) d
        join ledger.transfers t on t.id >= ledger.day_begins(d.day) and t.id < ledger.day_begins(d.day + 1)
        cross join lateral (values
            (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount - t.commission), (t.commission_account_id, 0, t.commission)
        ) e (account_id, debit, credit)
        group by 1, 2
    )
    select 'house day differs from postings', h.account_id, coalesce(m.credits - m.debits, 0), h.credits - h.debits
    from ledger.house_days h left join moved m on m.account_id = h.account_id and m.day = h.day
    where h.credits <> coalesce(m.credits, 0) or h.debits <> coalesce(m.debits, 0)
    union all
    select 'house day is missing', h.account_id, max(h.day) - min(h.day) + 1, count(*)
    from ledger.house_days h group by h.account_id having count(*) <> max(h.day) - min(h.day) + 1
    union all
    select 'posting before the first house day', t.id, null, t.amount
    from ledger.transfers t where t.id < (select ledger.day_begins(min(h.day)) from ledger.house_days h)
$$;
comment on function ledger.check_house_days() is
    'The roll-up against the postings, day by day: a posting that came late to a closed day shows here.';

create function ledger.check_sessions()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with legs as (
        select t.transaction_id, t.increment,
               sum(case when t.code = 'increment_reversal' then -t.amount else t.amount end)::bigint as net,
               count(*) filter (where t.code <> 'increment_reversal') as charges,
               bool_or(t.code in ('outage_increment', 'free_increment')) as is_house
        from ledger.transfers t
        where t.code in ('increment', 'outage_increment', 'free_increment', 'increment_reversal')
        group by t.transaction_id, t.increment
    ), paid as (
        select l.transaction_id, sum(l.net) filter (where not l.is_house)::bigint as by_client from legs l group by 1
    )
    select 'increment charged more than once', s.id,
           private.price_of(s.reader_rate, (s.terms ->> 'increment_seconds')::integer, l.increment + 1)
             - private.price_of(s.reader_rate, (s.terms ->> 'increment_seconds')::integer, l.increment), l.net
    from legs l join public.sessions s on s.transaction_id = l.transaction_id
    where l.net > private.price_of(s.reader_rate, (s.terms ->> 'increment_seconds')::integer, l.increment + 1)
                - private.price_of(s.reader_rate, (s.terms ->> 'increment_seconds')::integer, l.increment)
       or l.net < 0
    union all
    select 'settled session differs from postings', s.id, coalesce(p.by_client, 0), s.total_cost
    from public.sessions s left join paid p on p.transaction_id = s.transaction_id
    where s.status in ('COMPLETED', 'DISCONNECTED') and s.total_cost <> coalesce(p.by_client, 0)
    union all
    select 'live session differs from postings', m.session_id, coalesce(p.by_client, 0), m.charged
    from private.meters m left join paid p on p.transaction_id = m.transaction_id
    where m.charged <> coalesce(p.by_client, 0)
    union all
    select 'session without its meter', s.id, 1, 0
    from public.sessions s left join private.meters m on m.session_id = s.id
    where (s.status = 'IN_PROGRESS') <> (m.session_id is not null)
    union all
    select 'hold outlives its session', s.id, 0, h.amount
    from public.sessions s join ledger.holds h on h.reference = s.id and h.status = 'PENDING'
    where s.status <> 'SCHEDULED'
    union all
    select 'transaction differs from its session', s.id, t.amount, s.total_cost
    from public.sessions s join public.transactions t on t.id = s.transaction_id
    where s.total_cost is not null and (t.amount <> s.total_cost or t.amount <> t.reader_earnings + t.platform_revenue
        - coalesce((select sum(o.amount) from ledger.transfers o where o.transaction_id = t.id and o.code in ('outage_increment', 'free_increment')), 0)
        + coalesce((select sum(r.amount) from ledger.transfers r join ledger.transfers o on o.id = r.reverses
                    where r.transaction_id = t.id and o.transaction_id = t.id and o.code in ('outage_increment', 'free_increment')), 0))
    union all
    select 'earnings differ from the account', a.id, a.credits - a.debits, coalesce(e.settled, 0) + coalesce(l.live, 0)
    from ledger.accounts a
    left join (select e.account_id, sum(e.amount)::bigint as settled from ledger.earnings e group by 1) e on e.account_id = a.id
    left join (
        select m.earnings_id, sum(case when t.credit_account_id = m.earnings_id then t.amount - t.commission
                                       when t.debit_account_id = m.earnings_id then -t.amount end)::bigint as live
        from private.meters m join ledger.transfers t on t.transaction_id = m.transaction_id group by 1
    ) l on l.earnings_id = a.id
    where a.kind = 'reader_earnings' and a.credits - a.debits <> coalesce(e.settled, 0) + coalesce(l.live, 0)
$$;
comment on function ledger.check_sessions() is 'Broken invariants between sessions, meters, earnings and the postings, one row each.';

create function ledger.check_promotions()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    -- PL/pgSQL, so that the tables of promotions may come later.
    return query
    select 'promotion differs from its postings', t.id, t.amount, p.posted
    from public.transactions t
    cross join lateral (
        select coalesce(sum(l.amount), 0)::bigint as posted from ledger.transfers l
        join ledger.accounts a on a.id = l.credit_account_id
        where l.transaction_id = t.id and l.code = 'promo' and a.kind = 'promo_credit' and a.user_id = t.user_id) p
    where t.type = 'PROMO' and t.status = 'COMPLETED' and t.amount <> p.posted
    union all
    select 'promotional posting without its transaction', l.transaction_id, 0::bigint, l.amount
    from ledger.transfers l left join public.transactions t on t.id = l.transaction_id and t.type = 'PROMO'
    where l.code = 'promo' and t.id is null
    union all
    select 'redemption differs from its promotion', r.id, c.amount, t.amount
    from public.promo_redemptions r
    join public.promo_codes c on c.id = r.promo_code_id and c.kind = 'CREDIT'
    join public.transactions t on t.id = r.transaction_id
    where t.amount <> c.amount
    union all
    select 'free minutes without a promotion', s.id, coalesce(r.increments, 0)::bigint, f.free
    from (select l.transaction_id, count(distinct l.increment) as free from ledger.transfers l
          where l.code = 'free_increment' and not exists (
              select from ledger.transfers b where b.transaction_id = l.transaction_id and b.reverses = l.id)
          group by 1) f
    join public.sessions s on s.transaction_id = f.transaction_id
    left join public.promo_redemptions r on r.session_id = s.id
    where f.free > coalesce(r.increments, 0)
    union all
    select 'redemptions differ from their count', c.id, count(r.id), c.redemptions::bigint
    from public.promo_codes c join public.promo_redemptions r on r.promo_code_id = c.id
    group by c.id having count(r.id) > c.redemptions;
end
$$;
comment on function ledger.check_promotions() is 'Broken invariants between promotions and the postings that pay for them, one row each.';

-- PL/pgSQL looks names up when it runs: the tables of orders and gifts come after this.
create function ledger.check_spending()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    with posted as (
        select t.transaction_id,
               coalesce(sum(t.amount) filter (where d.kind in ('client_wallet', 'promo_credit')), 0)::bigint as paid,
               coalesce(sum(t.amount - t.commission) filter (where c.kind = 'reader_earnings'), 0)::bigint as earned
        from ledger.transfers t
        join ledger.accounts d on d.id = t.debit_account_id join ledger.accounts c on c.id = t.credit_account_id
        where t.code in ('gift', 'tip', 'order', 'message')
        group by t.transaction_id
    ), sold as (
        select i.order_id, i.reader_id, sum(i.price * i.quantity)::bigint as amount,
               ledger.share_of(sum(i.price * i.quantity)::bigint, i.share_bps) as share
        from public.order_items i group by i.order_id, i.reader_id, i.share_bps
    )
    select 'transaction differs from what was spent', t.id, coalesce(p.paid, 0), t.amount
    from public.transactions t left join posted p on p.transaction_id = t.id
    where t.type in ('GIFT_PURCHASE', 'TIP', 'PURCHASE', 'MESSAGE')
      and (t.amount, t.reader_earnings, t.platform_revenue) is distinct from (p.paid, p.earned, p.paid - p.earned)
    union all
    select 'gift purchase differs from its payment', g.id, g.quantity * g.unit_price, t.amount
    from public.gift_purchases g join public.transactions t on t.id = g.transaction_id
    where g.quantity * g.unit_price <> t.amount
    union all
    select 'gifts sent differ from their purchase', g.id, g.sent::bigint, s.gifts
    from public.gift_purchases g, lateral (select count(*) as gifts from public.gifts x where x.purchase_id = g.id) s
    where g.sent <> s.gifts
    union all
    select 'order differs from its items or its payment', o.id, o.total_amount, coalesce(t.amount, 0)
    from public.orders o left join public.transactions t on t.id = o.transaction_id
    where o.transaction_id is not null and (t.amount <> o.total_amount
       or o.total_amount <> (select sum(s.amount) from sold s where s.order_id = o.id)
       or t.reader_earnings <> (select sum(s.share) from sold s where s.order_id = o.id))
    union all
    select 'seller''s share differs from the order', o.id, s.share, coalesce(e.amount, 0)
    from public.orders o join sold s on s.order_id = o.id and s.reader_id is not null
    left join lateral (
        select sum(e.amount)::bigint as amount from ledger.earnings e join ledger.accounts a on a.id = e.account_id
        where e.transaction_id = o.transaction_id and a.user_id = s.reader_id
    ) e on true
    where s.share <> coalesce(e.amount, 0)
    union all
    select 'cancelled order not given back', o.id, 0::bigint, ledger.reversible(o.transaction_id)
    from public.orders o where o.status = 'CANCELLED' and o.transaction_id is not null and ledger.reversible(o.transaction_id) > 0;
end
$$;
comment on function ledger.check_spending() is 'Broken invariants between gifts, tips, orders and their postings, one row each.';

create function ledger.check_running_totals()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with moves as (
        select t.debit_account_id as account_id, 'debits' as side, t.debit_total as total, t.amount as moved
        from ledger.transfers t where t.debit_total is not null
        union all
        select t.credit_account_id, 'credits', t.credit_total, t.amount - t.commission
        from ledger.transfers t where t.credit_total is not null
    ), tiled as (
        select m.account_id, m.total,
               coalesce(lag(m.total) over (partition by m.account_id, m.side order by m.total, m.moved desc), 0) + m.moved as follows
        from moves m
    )
    select 'running totals have a gap', t.account_id, t.follows, t.total from tiled t where t.follows <> t.total
$$;
comment on function ledger.check_running_totals() is
    'Lots are intervals on an account''s running totals: each posting must begin where the one before it ended.';

create function ledger.check_statements()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with owned as (
        select t.id, t.transaction_id, t.amount, a.user_id
        from ledger.transfers t join ledger.accounts a on a.id = t.debit_account_id
        where a.kind in ('client_wallet', 'promo_credit', 'client_debt')
        union all
        select t.id, t.transaction_id, t.amount, a.user_id
        from ledger.transfers t join ledger.accounts a on a.id = t.credit_account_id
        where a.kind in ('client_wallet', 'promo_credit', 'client_debt')
    )
    select 'posting is not in its owner''s statement', o.id, null::bigint, o.amount
    from owned o join public.transactions x on x.id = o.transaction_id
    where x.user_id <> o.user_id or o.id < private.uuid_v7_floor(x.created_at)
       or (x.status <> 'PENDING' and o.id >= private.uuid_v7_floor(x.updated_at + interval '1 day'))
$$;
comment on function ledger.check_statements() is
    'Statements find a client''s postings through the client''s own transactions, from the creation of each to a day after its last change.';

create function ledger.check_fees()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with paid as (
        select t.transaction_id, sum(t.amount)::bigint as amount, sum(t.amount - t.commission)::bigint as earned
        from ledger.transfers t where t.code = 'fee' group by 1
    ), fees as (
        select f.*, s.status as session_status, s.end_reason,
               s.reader_rate * s.max_minutes * greatest((s.terms ->> 'late_cancel_fee_bps')::integer,
                                                        (s.terms ->> 'no_show_fee_bps')::integer) / 10000 as most
        from public.transactions f left join public.sessions s on s.id = f.session_id
        where f.type = 'FEE'
    )
    select 'fee differs from its postings', f.id, coalesce(p.amount, 0), f.amount
    from fees f left join paid p on p.transaction_id = f.id where f.amount is distinct from p.amount
    union all
    select 'fee is not shared as posted', f.id, p.earned, f.reader_earnings
    from fees f join paid p on p.transaction_id = f.id
    where f.reader_earnings is distinct from p.earned or f.platform_revenue is distinct from p.amount - p.earned
    union all
    select 'fee without its transaction', p.transaction_id, 0, p.amount
    from paid p where not exists (select from fees f where f.id = p.transaction_id)
    union all
    select 'fee that the terms do not name', f.id, coalesce(f.most, 0), f.amount
    from fees f
    where not coalesce(f.amount <= f.most and f.session_status in ('CANCELLED', 'NO_SHOW')
                       and f.end_reason in ('cancelled_by_client', 'no_show_client'), false)
$$;
comment on function ledger.check_fees() is
    'Broken invariants of fees for appointments: each is posted whole, shared as posted, and no more than the session''s terms allow for the way it ended.';

create function ledger.check_payouts()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with posted as (
        select t.transaction_id, coalesce(sum(t.amount) filter (where t.code = 'payout'), 0)::bigint as paid,
               coalesce(sum(t.amount) filter (where t.code = 'payout_reversal'), 0)::bigint as returned
        from ledger.transfers t where t.code in ('payout', 'payout_reversal') group by 1
    )
    select 'payout differs from its postings', p.id, case when p.stripe_transfer_id is null then 0 else p.amount end, coalesce(x.paid, 0)
    from public.payouts p left join posted x on x.transaction_id = p.transaction_id
    where coalesce(x.paid, 0) <> case when p.stripe_transfer_id is null then 0 else p.amount end
    union all
    select 'what was returned differs from its postings', p.id, p.returned, coalesce(x.returned, 0)
    from public.payouts p left join posted x on x.transaction_id = p.transaction_id
    where p.returned <> coalesce(x.returned, 0)
       or p.returned <> (select coalesce(sum(r.amount), 0) from private.transfer_reversals r where r.payout_id = p.id)
    union all
    select 'payout posting without its payout', x.transaction_id, 0::bigint, x.paid
    from posted x where not exists (select from public.payouts p where p.transaction_id = x.transaction_id)
    union all
    select 'the platform''s payout differs from its postings', b.transaction_id, case when b.is_booked then b.amount else 0 end, coalesce(m.moved, 0)
    from private.platform_payouts b
    left join lateral (
        select sum(case when a.kind = 'platform_bank' then t.amount else -t.amount end)::bigint as moved
        from ledger.transfers t join ledger.accounts a on a.id = t.debit_account_id where t.transaction_id = b.transaction_id) m on true
    where coalesce(m.moved, 0) <> case when b.is_booked then b.amount else 0 end
$$;
comment on function ledger.check_payouts() is
    'Broken invariants between payouts, what came back of them, the platform''s own payouts and their postings, one row each.';

create function ledger.check()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with entries as (
        select t.debit_account_id as account_id, t.amount as debit, 0::bigint as credit from ledger.transfers t
        union all
        select t.credit_account_id, 0, t.amount - t.commission from ledger.transfers t
        union all
        select t.commission_account_id, 0, t.commission from ledger.transfers t where t.commission > 0
    ), totals as (
        select e.account_id, sum(e.debit)::bigint as debits, sum(e.credit)::bigint as credits from entries e group by 1
    ), pending as (
        select h.account_id, sum(h.amount)::bigint as held from ledger.holds h where h.status = 'PENDING' group by 1
    )
    select 'everything must sum to zero', null::uuid, 0::bigint, (sum(t.credits) - sum(t.debits))::bigint
    from totals t having sum(t.credits) <> sum(t.debits)
    union all
    select 'posting on an unknown account', t.account_id, null, t.credits - t.debits
    from totals t left join ledger.accounts a on a.id = t.account_id where a.id is null
    union all
    select 'credits differ from postings', a.id, coalesce(t.credits, 0), a.credits
    from ledger.accounts a left join totals t on t.account_id = a.id
    where a.user_id is not null and a.credits <> coalesce(t.credits, 0)
    union all
    select 'debits differ from postings', a.id, coalesce(t.debits, 0), a.debits
    from ledger.accounts a left join totals t on t.account_id = a.id
    where a.user_id is not null and a.debits <> coalesce(t.debits, 0)
    union all
    select 'held differs from pending holds', a.id, coalesce(p.held, 0), a.held
    from ledger.accounts a left join pending p on p.account_id = a.id
    where a.held <> coalesce(p.held, 0)
    union all
    select 'spendable account below zero', a.id, 0, a.credits - a.debits - a.held
    from ledger.accounts a where a.kind in ('client_wallet', 'promo_credit') and a.credits - a.debits - a.held < 0
    union all
    select g.problem, g.subject, g.expected, g.actual from ledger.check_running_totals() g
    union all
    select f.problem, f.subject, f.expected, f.actual from ledger.check_sessions() f
    union all
    select p.problem, p.subject, p.expected, p.actual from ledger.check_promotions() p
    union all
    select r.problem, r.subject, r.expected, r.actual from ledger.check_reversals() r
    union all
    select s.problem, s.subject, s.expected, s.actual from ledger.check_spending() s
    union all
    select h.problem, h.subject, h.expected, h.actual from ledger.check_house_days() h
    union all
    select s.problem, s.subject, s.expected, s.actual from ledger.check_statements() s
    union all
    select r.problem, r.subject, r.expected, r.actual from ledger.check_card_returns() r
    union all
    select c.problem, c.subject, c.expected, c.actual from ledger.check_fees() c
    union all
    select p.problem, p.subject, p.expected, p.actual from ledger.check_payouts() p
$$;
comment on function ledger.check() is 'Every broken invariant of the ledger, one row each; no row is the proof. Reads everything: for tests, upkeep, the demo.';

create function worker_api.check_ledger()
returns jsonb
language sql
stable
security definer
set search_path = ''
-- PostgREST gives the call this limit in place of the role's.
set statement_timeout = '60s'
as $$
    select jsonb_build_object('balanced', count(*) = 0,
        'problems', coalesce(jsonb_agg(to_jsonb(c)), '[]')) from ledger.check() c
$$;
comment on function worker_api.check_ledger() is 'The proof, for the operator and the nightly job. Reads every posting, within a minute; a ledger too large for that is proved by select * from ledger.check() in a session of the operator''s.';
grant execute on all functions in schema worker_api to service_role;
