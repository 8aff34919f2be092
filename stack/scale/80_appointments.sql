-- An appointment in the coming weeks for readers first to last, every other one.

insert into public.sessions (id, client_id, reader_id, type, scheduled_at, expires_at, accepted_at, reader_rate, share_bps, max_minutes, terms)
select scale.id(s.ends, 17, n), scale.client(n), scale.reader(n), 'CHAT', a.at, a.at + interval '10 minutes', s.ends, scale.price(n, 'CHAT'),
       s.share_bps, 30, s.terms
from scale.shape s
cross join generate_series(%(first)s::bigint, %(last)s::bigint) n
cross join lateral (select date_trunc('day', s.ends, 'UTC') + (2 + scale.draw(n, 101, 28)) * interval '1 day' + interval '10 hours' as at) a
where n %% 2 = 0;

insert into public.bookings (session_id, reader_id, client_id, during)
select scale.id(s.ends, 17, n), scale.reader(n), scale.client(n), tstzrange(b.scheduled_at, b.scheduled_at + interval '30 minutes')
from scale.shape s
cross join generate_series(%(first)s::bigint, %(last)s::bigint) n
join public.sessions b on b.id = scale.id(s.ends, 17, n)
where n %% 2 = 0;
