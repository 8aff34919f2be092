-- The plan of a large world: everything that later rows derive from, drawn by hashes, so that the same size gives the same
-- world. Lives in a schema of its own, which goes when the world is made.

create schema scale;

create unlogged table scale.shape as
select %(clients)s::bigint as clients, %(readers)s::bigint as readers, %(sessions)s::bigint as sessions,
       %(conversations)s::bigint as conversations, %(forum_posts)s::bigint as forum_posts,
       date_trunc('month', now(), 'UTC') - %(months)s * interval '1 month' as begins,
       now() - interval '1 day' as ends,
       (ledger.rule_for('SESSION', null, now())).share_bps as share_bps,
       private.currency() as currency,
       private.session_terms() || '{"increment_seconds": 60}' as terms;

-- Inlined by the planner, unlike functions that set their search path.
create function scale.dice(p_n bigint, p_salt bigint) returns double precision language sql immutable as
    $$ select (hashint8extended(p_n, p_salt) & 2147483647) / 2147483648.0::double precision $$;
create function scale.draw(p_n bigint, p_salt bigint, p_of bigint) returns bigint language sql immutable as
    $$ select (hashint8extended(p_n, p_salt) & 4611686018427387903) %% p_of $$;
create function scale.id(p_at timestamptz, p_kind integer, p_n bigint) returns uuid language sql immutable as
    $$ select (lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(p_kind), 3, '0')
               || '8' || lpad(to_hex(p_n), 15, '0'))::uuid $$;
create function scale.client(p_n bigint) returns uuid language sql immutable as
    $$ select ('01800000-0000-7001-8000-' || lpad(to_hex(p_n), 12, '0'))::uuid $$;
create function scale.reader(p_n bigint) returns uuid language sql immutable as
    $$ select ('01800000-0000-7002-8000-' || lpad(to_hex(p_n), 12, '0'))::uuid $$;
create function scale.account(p_owner uuid, p_kind integer) returns uuid language sql immutable as
    $$ select overlay(p_owner::text placing lpad(to_hex(p_kind), 3, '0') from 21 for 3)::uuid $$;
create function scale.word(p_words text[], p_n bigint, p_salt bigint) returns text language sql immutable as
    $$ select p_words[1 + scale.draw(p_n, p_salt, cardinality(p_words))] $$;
create function scale.price(p_reader bigint, p_type text) returns bigint language sql immutable as
    $$ select 99 + 50 * scale.draw(p_reader, 11, 14) + case p_type when 'CHAT' then 0 when 'CALL' then 100 else 200 end $$;
create function scale.envelope(p_n bigint, p_seq bigint) returns jsonb language sql immutable as
    $$ select jsonb_build_object('v', 1, 'key', 1, 'seq', p_seq, 'nonce', md5(p_n::text), 'box', left(repeat(md5(p_seq::text), 4), 107),
        'sig', left(repeat(md5((p_n + p_seq)::text), 3), 86), 'device', scale.client(p_n)) $$;

-- Few readers have many sessions and many have few. Readings are short, so that postings stay at four a session.
create unlogged table scale.plan as
with drawn as (
    select i, scale.draw(i, 1, s.clients) as client,
           least(floor(s.readers * power(scale.dice(i, 2), 2))::bigint, s.readers - 1) as reader,
           (array['CHAT', 'CHAT', 'CALL', 'VIDEO'])[1 + scale.draw(i, 3, 4)] as type,
           scale.dice(i, 4) as fate, 1 + scale.draw(i, 5, 7)::integer as minutes,
           s.begins + (s.ends - s.begins) * ((i + 0.5) / s.sessions) as starts_at, s.share_bps
    from scale.shape s, generate_series(0, s.sessions - 1) i
), judged as (
    select d.i, d.client, d.reader, d.type, d.starts_at, scale.price(d.reader, d.type) as rate,
           case when d.fate < 0.88 then 'COMPLETED' when d.fate < 0.90 then 'DISCONNECTED'
                when d.fate < 0.98 then 'CANCELLED' else 'NO_SHOW' end as status,
           case when d.fate < 0.90 then d.minutes else 0 end as minutes,
           ledger.share_of(scale.price(d.reader, d.type), d.share_bps) as share
    from drawn d
)
select j.*,
       (sum(j.rate * j.minutes) over (partition by j.client order by j.i) - j.rate * j.minutes)::bigint as spent_before,
       (sum(j.share * j.minutes) over (partition by j.reader order by j.i) - j.share * j.minutes)::bigint as earned_before
from judged j;
create index on scale.plan (i);
analyze scale.plan;

-- A client tops up before the first session of a quarter, for all of it.
create unlogged table scale.topups as
with quarters as (
    select p.client, date_trunc('quarter', p.starts_at, 'UTC') as quarter, min(p.starts_at) - interval '10 minutes' as at,
           (ceil(sum(p.rate * p.minutes) / 500.0) * 500)::bigint as amount
    from scale.plan p where p.minutes > 0 group by 1, 2
)
select row_number() over (order by q.at, q.client) - 1 as i, q.client, q.at, q.amount,
       (sum(q.amount) over (partition by q.client order by q.quarter))::bigint as credited
from quarters q;
create index on scale.topups (i);
analyze scale.topups;

-- Only months that the world needs and that are not there yet.
select private.ensure_partitions(s.begins - interval '1 day', %(months)s + 4) from scale.shape s;
