-- Live sessions for a benchmark, each of a client and a reader of its own who signed up at some time in the last year.
-- Every wallet is topped up by a posting, so that ledger.check() holds; the first increments fall due within a minute.
-- Runs past triggers and foreign keys.

create table live.cast as
select n, private.uuid_v7(x.joined) as client_id, private.uuid_v7(x.joined) as wallet_id, private.uuid_v7(x.joined) as promo_id,
       private.uuid_v7(y.joined) as reader_id, private.uuid_v7(y.joined) as earnings_id,
       private.uuid_v7() as topup_id, private.uuid_v7() as session_id, private.uuid_v7() as transaction_id,
       100 + n %% 400 as rate, c.moment + (n * 60.0 / %(sessions)s) * interval '1 second' as started_at
from live.clock c, generate_series(1, %(sessions)s) n
cross join lateral (select c.moment - random() * interval '300 days' as joined where n > 0) x
cross join lateral (select c.moment - random() * interval '300 days' as joined where n > 0) y;

insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data)
select p.id, 'authenticated', 'authenticated', p.id || '@bench.example', '', '{}', '{}'
from live.cast c cross join lateral (values (c.client_id), (c.reader_id)) p (id);
insert into public.users (id, username, role)
select client_id, 'live_client_' || n, 'CLIENT'::public.user_role from live.cast
union all
select reader_id, 'live_reader_' || n, 'READER'::public.user_role from live.cast;
insert into public.clients (user_id) select client_id from live.cast union all select reader_id from live.cast;

insert into ledger.accounts (id, user_id, kind, credits)
select a.id, a.user_id, a.kind::ledger.account_kind, a.credits
from live.cast c
cross join lateral (values (c.wallet_id, c.client_id, 'client_wallet', 1000000000000), (c.promo_id, c.client_id, 'promo_credit', 0),
    (private.uuid_v7(), c.client_id, 'client_debt', 0), (c.earnings_id, c.reader_id, 'reader_earnings', 0)) a (id, user_id, kind, credits);
insert into ledger.transfers (id, transaction_id, code, debit_account_id, credit_account_id, amount, credit_total, posted_at)
select private.uuid_v7(c.started_at), c.topup_id, 'topup', ledger.account_of(null, 'stripe_clearing'), c.wallet_id, 1000000000000,
       1000000000000, c.started_at
from live.cast c;

insert into public.transactions (id, user_id, type, amount, status, session_id, description)
select transaction_id, client_id, 'SESSION_CHARGE', 0, 'PENDING', session_id, 'Session' from live.cast;
insert into public.sessions (
    id, client_id, reader_id, type, status, accepted_at, client_joined_at, reader_joined_at, started_at,
    reader_rate, share_bps, max_minutes, terms, transaction_id)
select c.session_id, c.client_id, c.reader_id, 'CHAT', 'IN_PROGRESS', c.started_at, c.started_at, c.started_at, c.started_at,
       c.rate, 7000, 1000000, private.session_terms() || '{"increment_seconds": 60}', c.transaction_id
from live.cast c;
insert into private.leases (user_id, session_id) select client_id, session_id from live.cast union all select reader_id, session_id from live.cast;
insert into private.presence (session_id, side, last_seen_at, timeout_seconds)
select c.session_id, s.side, t.moment, 1000000000
from live.cast c cross join unnest(enum_range(null::private.side)) s (side), live.clock t;
insert into private.meters (
    session_id, client_id, reader_id, transaction_id, wallet_id, promo_id, earnings_id, rate, share_bps, increment_seconds,
    max_increments, min_billable_seconds, max_pauses, max_paused_seconds, topup_grace_seconds, low_balance_minutes,
    run_started_at, due_at)
select session_id, client_id, reader_id, transaction_id, wallet_id, promo_id, earnings_id, rate, 7000, 60,
       1000000, 60, 3, 300, 60, 2, started_at, started_at
from live.cast;
