-- Sessions first to last: the transaction, the session, one posting a minute, the earning, and two reviews in five.

insert into public.transactions (id, user_id, type, amount, currency, status, session_id, reader_earnings, platform_revenue, description, created_at, updated_at)
select scale.id(p.starts_at, 6, p.i), scale.client(p.client), 'SESSION_CHARGE', p.rate * p.minutes, s.currency, 'COMPLETED', scale.id(p.starts_at, 7, p.i),
       p.share * p.minutes, (p.rate - p.share) * p.minutes, 'Session', p.starts_at, p.starts_at + p.minutes * interval '1 minute'
from scale.plan p, scale.shape s where p.i between %(first)s and %(last)s and p.minutes > 0;

insert into public.sessions (
    id, client_id, reader_id, type, status, expires_at, accepted_at, client_joined_at, reader_joined_at, started_at, ended_at, end_reason,
    duration, reader_rate, share_bps, max_minutes, terms, billed_seconds, total_cost, transaction_id, created_at, updated_at)
select scale.id(p.starts_at, 7, p.i), scale.client(p.client), scale.reader(p.reader), p.type::public.session_type,
       p.status::public.session_status, p.starts_at + interval '1 minute',
       case when p.status <> 'CANCELLED' then p.starts_at end,
       case when p.status <> 'CANCELLED' then p.starts_at end,
       case when p.minutes > 0 then p.starts_at end,
       case when p.minutes > 0 then p.starts_at end,
       p.starts_at + greatest(p.minutes, 2) * interval '1 minute',
       (case p.status when 'CANCELLED' then (array['declined', 'expired', 'cancelled_by_client'])[1 + scale.draw(p.i, 61, 3)]
            when 'NO_SHOW' then 'no_show_reader' when 'DISCONNECTED' then 'disconnected'
            else (array['client_ended', 'reader_ended', 'insufficient_funds'])[1 + scale.draw(p.i, 62, 3)] end)::public.end_reason,
       case when p.minutes > 0 then p.minutes end, p.rate, s.share_bps, 240, s.terms, p.minutes * 60,
       case when p.minutes > 0 then p.rate * p.minutes end,
       case when p.minutes > 0 then scale.id(p.starts_at, 6, p.i) end,
       p.starts_at, p.starts_at + greatest(p.minutes, 2) * interval '1 minute'
from scale.plan p, scale.shape s where p.i between %(first)s and %(last)s;

insert into ledger.transfers (
    id, transaction_id, code, increment, debit_account_id, credit_account_id, amount, commission_account_id, commission,
    debit_total, credit_total, posted_at)
select scale.id(p.starts_at + k * interval '1 minute', 8, p.i * 16 + k), scale.id(p.starts_at, 6, p.i), 'increment', k,
       scale.account(scale.client(p.client), 17), scale.account(scale.reader(p.reader), 20), p.rate,
       case when p.rate > p.share then h.id end, p.rate - p.share,
       p.spent_before + p.rate * (k + 1), p.earned_before + p.share * (k + 1), p.starts_at + k * interval '1 minute'
from scale.plan p
cross join ledger.accounts h
cross join lateral generate_series(0, p.minutes - 1) k
where p.i between %(first)s and %(last)s and h.user_id is null and h.kind = 'platform_revenue';

insert into ledger.earnings (id, account_id, transaction_id, amount, earned_at, clears_at)
select scale.id(p.starts_at, 9, p.i), scale.account(scale.reader(p.reader), 20), scale.id(p.starts_at, 6, p.i), p.share * p.minutes,
       p.starts_at + p.minutes * interval '1 minute', p.starts_at + p.minutes * interval '1 minute' + interval '7 days'
from scale.plan p where p.i between %(first)s and %(last)s and p.minutes > 0 and p.share > 0;

insert into public.reviews (id, session_id, client_id, reader_id, rating, comment, created_at, updated_at)
select scale.id(p.starts_at + interval '1 hour', 10, p.i), scale.id(p.starts_at, 7, p.i), scale.client(p.client), scale.reader(p.reader),
       (array[5, 5, 5, 4, 4, 3, 2, 1])[1 + scale.draw(p.i + p.reader, 71, 8)],
       scale.word('{Thoughtful and exact.,I will come back.,Kind but vague.,Not for me.,She knew.,Worth every minute.}', p.i, 72),
       p.starts_at + interval '1 hour', p.starts_at + interval '1 hour'
from scale.plan p where p.i between %(first)s and %(last)s and p.minutes > 0 and scale.dice(p.i, 73) < 0.4;
