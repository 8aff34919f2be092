-- A session of one minute, settled.
insert into public.transactions (id, user_id, type, amount, status, reader_earnings, platform_revenue)
values ('0190a000-0000-7000-8000-000000000012', '0190a000-0000-7000-8000-000000000001', 'SESSION_CHARGE', 399, 'COMPLETED', 279, 120);
insert into public.sessions (
    id, client_id, reader_id, type, status, accepted_at, client_joined_at, reader_joined_at, started_at, ended_at,
    end_reason, duration, reader_rate, share_bps, max_minutes, terms, billed_seconds, total_cost, transaction_id)
select '0190a000-0000-7000-8000-000000000021', '0190a000-0000-7000-8000-000000000001', '0190a000-0000-7000-8000-000000000002',
       'CHAT', 'COMPLETED', t, t, t, t, t + interval '1 minute', 'client_ended', 1, 399, 7000, 60,
       '{"increment_seconds": 60}', 60, 399, '0190a000-0000-7000-8000-000000000012'
from private.now() t;
update public.transactions set session_id = '0190a000-0000-7000-8000-000000000021' where id = '0190a000-0000-7000-8000-000000000012';
select ledger.post_transfers('0190a000-0000-7000-8000-000000000012', array[(
    'increment', ledger.account_of('0190a000-0000-7000-8000-000000000001', 'client_wallet'),
    ledger.account_of('0190a000-0000-7000-8000-000000000002', 'reader_earnings'), 399,
    ledger.account_of(null, 'platform_revenue'), 120, 0, null)::ledger.leg]);
insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
values (ledger.account_of('0190a000-0000-7000-8000-000000000002', 'reader_earnings'),
        '0190a000-0000-7000-8000-000000000012', 279, private.now(), private.now());
