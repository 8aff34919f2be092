-- What an order of events must leave alike: everything a person, an administrator or an accountant could tell apart, without
-- ids made on the way and without times. :people are the ids of those in the story. What :netted stories undo they may have
-- done or not, depending on what came first: there, only what remains counts.

with mine as (
    select t.* from public.transactions t where t.user_id = any (:people)
), named as (
    select a.id, coalesce(a.user_id::text, 'house') || ' ' || a.kind as name from ledger.accounts a
)
select jsonb_pretty(jsonb_build_object(
    'accounts', (
        select jsonb_agg(jsonb_build_array(a.kind, a.user_id, a.credits - a.debits, case when not :netted then a.credits end, a.held, a.frozen_at is not null) order by a.user_id, a.kind)
        from ledger.accounts a where a.user_id = any (:people)),
    'postings', (
        select jsonb_agg(jsonb_build_array(p.type, p.code, p.debit, p.credit, p.amount) order by p.type, p.code, p.debit, p.credit)
        from (select m.type, t.code, d.name as debit, c.name as credit, sum(t.amount) as amount
              from mine m join ledger.transfers t on t.transaction_id = m.id
              join named d on d.id = t.debit_account_id join named c on c.id = t.credit_account_id
              group by 1, 2, 3, 4) p where not :netted),
    'flows', (
        select jsonb_agg(jsonb_build_array(p.type, p.one, p.other, p.amount) order by p.type, p.one, p.other)
        from (select m.type, least(d.name, c.name) as one, greatest(d.name, c.name) as other,
                     sum(case when d.name < c.name then t.amount else -t.amount end) as amount
              from mine m join ledger.transfers t on t.transaction_id = m.id
              join named d on d.id = t.debit_account_id join named c on c.id = t.credit_account_id
              group by 1, 2, 3) p where p.amount <> 0),
    'transactions', (
        select jsonb_agg(told order by told)
        from (select jsonb_build_array(m.user_id, m.type, m.status, m.amount, m.fee, m.stripe_payment_intent_id, m.stripe_transfer_id,
                                       m.metadata - 'request_id') as told from mine m) t),
    'holds', (
        select jsonb_agg(told order by told)
        from (select jsonb_build_array(n.name, h.status, h.amount, h.posted_amount) as told
              from ledger.holds h join ledger.accounts a on a.id = h.account_id and a.user_id = any (:people)
              join named n on n.id = a.id) h),
    'earnings', (
        select jsonb_agg(jsonb_build_array(n.name, e.amount) order by n.name)
        from (select e.account_id, sum(e.amount) as amount from ledger.earnings e group by 1) e
        join ledger.accounts a on a.id = e.account_id and a.user_id = any (:people) join named n on n.id = a.id),
    'unspent', (
        select jsonb_agg(jsonb_build_array(m.id, ledger.unspent(m.id)) order by m.id) from mine m where m.type = 'ADD_FUNDS'),
    'refunds', (
        select jsonb_agg(jsonb_build_array(r.stripe_refund_id, r.status, r.amount, r.failure_code) order by r.stripe_refund_id, r.amount)
        from private.card_refunds r join mine m on m.id = r.transaction_id),
    'disputes', (
        select jsonb_agg(jsonb_build_array(d.stripe_dispute_id, d.status, d.reason, d.amount, d.withdrawn, d.reinstated, d.fee, d.due_at)
                         order by d.stripe_dispute_id)
        from private.disputes d join mine m on m.id = d.topup_id),
    'freezes', (
        select jsonb_agg(jsonb_build_array(f.user_id, f.cause) order by f.user_id, f.cause)
        from private.wallet_freezes f where f.user_id = any (:people)),
    'payouts', (
        select jsonb_agg(jsonb_build_array(p.status, p.amount, p.stripe_transfer_id, p.stripe_payout_id, p.failure_code) order by p.id)
        from public.payouts p where p.reader_id = any (:people)),
    'attempts', (
        select jsonb_agg(jsonb_build_array(a.number, a.status, a.amount, a.transfer_id, a.stripe_payout_id, a.bank_try) order by a.payout_id, a.number)
        from public.payout_attempts a join public.payouts p on p.id = a.payout_id where p.reader_id = any (:people)),
    'gates', (
        select jsonb_agg(jsonb_build_array(a.stripe_account_id, a.details_submitted, a.payouts_enabled, a.disabled_reason, a.requirements_due)
                         order by a.user_id)
        from public.reader_accounts a where a.user_id = any (:people)),
    'cards', (
        select jsonb_agg(jsonb_build_array(c.user_id, c.payment_method_id, c.fingerprint, c.exp_year, c.is_saved) order by c.payment_method_id)
        from public.cards c where c.user_id = any (:people)),
    'reloads', (
        select jsonb_agg(jsonb_build_array(a.user_id, a.is_active, a.stopped_reason) order by a.user_id)
        from public.auto_reloads a where a.user_id = any (:people)),
    'jobs', (select jsonb_agg(o.topic order by o.topic) from private.outbox o where o.topic in ('payout.execute', 'refund.execute')
             and exists (select from public.payouts p where p.id::text = o.payload ->> 'payout_id' and p.reader_id = any (:people)
                         union all
                         select from private.card_refunds r join mine m on m.id = r.transaction_id where r.id::text = o.payload ->> 'refund_id')),
    'waiting', (
        select jsonb_agg(jsonb_build_array(e.event_id, e.type, e.last_error) order by e.event_id)
        from private.stripe_events e where e.processed_at is null)
))
