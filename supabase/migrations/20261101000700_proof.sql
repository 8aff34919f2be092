-- Proof: what must be true of the ledger, as a query whose empty answer is the proof.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- Proof
----------------------------------------------------------------------

create view ledger.house_totals with (security_invoker = true) as
select a.id, a.kind,
       coalesce((select sum(t.amount) from ledger.transfers t where t.debit_account_id = a.id), 0)::bigint as debits,
       (coalesce((select sum(t.amount - t.commission) from ledger.transfers t where t.credit_account_id = a.id), 0)
        + coalesce((select sum(t.commission) from ledger.transfers t where t.commission_account_id = a.id), 0))::bigint as credits
from ledger.accounts a where a.user_id is null;
comment on view ledger.house_totals is 'Totals of the house''s accounts, summed from the postings. For checks and reports, not for the hot path.';

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
    select c.problem, c.subject, c.expected, c.actual from ledger.check_fees() c
$$;
comment on function ledger.check() is 'Every broken invariant of the ledger, one row each; no row is the proof. Reads everything: for tests, upkeep, the demo.';

create function worker_api.check_ledger()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object('balanced', count(*) = 0,
        'problems', coalesce(jsonb_agg(to_jsonb(c)), '[]')) from ledger.check() c
$$;
comment on function worker_api.check_ledger() is 'The proof, for the operator and the nightly job. Reads every posting.';
grant execute on all functions in schema worker_api to service_role;
