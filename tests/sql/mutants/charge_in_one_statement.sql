-- A mutant: claims, locks, reads and moves the money in one statement. It looks right and passes with one worker.
-- All parts of a statement see one snapshot. A worker that waited for a lock on an account goes on with what the account
-- was before the wait, and sends a session away as unfunded that is funded.
create or replace function worker_api.charge_due_minutes(p_limit integer default 500)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    with claimed as materialized (
        select m.session_id, m.wallet_id, m.earnings_id from private.meters m
        where m.state = 'RUNNING' and m.due_at <= private.now() and not m.needs_advance
        order by m.due_at
        limit p_limit
        for update skip locked
    ), locked as materialized (
        select a.id from ledger.accounts a
        where a.id in (select unnest(array[c.wallet_id, c.earnings_id]) from claimed c)
        order by a.id
        for update
    ), judged as materialized (
        select m.*, p.price, ledger.share_of(p.price, m.share_bps) as share, w.debits, e.credits,
               w.credits - w.debits - w.held >= p.price as is_fast
        from private.meters m
        join claimed c using (session_id)
        join ledger.accounts w on w.id = m.wallet_id
        join ledger.accounts e on e.id = m.earnings_id
        cross join lateral (select private.increment_price(m, m.increments) as price) p
        where (select count(*) from locked) > 0
    ), posted as (
        insert into ledger.transfers
            (id, transaction_id, code, increment, debit_account_id, credit_account_id, amount,
             commission_account_id, commission, debit_total, credit_total, posted_at)
        select private.uuid_v7(private.now()), j.transaction_id, 'increment', j.increments, j.wallet_id, j.earnings_id,
               j.price, (select a.id from ledger.accounts a where a.kind = 'platform_revenue'), j.price - j.share,
               j.debits + j.price, j.credits + j.share, private.now()
        from judged j where j.is_fast
    ), moved as (
        update ledger.accounts a
        set debits = a.debits + case when a.id = j.wallet_id then j.price else 0 end,
            credits = a.credits + case when a.id = j.earnings_id then j.share else 0 end
        from judged j where a.id in (j.wallet_id, j.earnings_id) and j.is_fast
    ), metered as (
        update private.meters m
        set increments = m.increments + j.is_fast::integer,
            charged = m.charged + case when j.is_fast then j.price else 0 end,
            due_at = m.due_at + j.is_fast::integer * m.increment_seconds * interval '1 second',
            needs_advance = not j.is_fast
        from judged j where m.session_id = j.session_id
        returning j.is_fast
    )
    select jsonb_build_object('claimed', count(*), 'charged', count(*) filter (where m.is_fast),
        'slow', count(*) filter (where not m.is_fast), 'more', false)
    from metered m
$$;
