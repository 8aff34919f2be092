-- Readers first to last: most are verified, a fifth are online; a few specialties and languages are rare.

insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at,
    updated_at, confirmation_token, recovery_token, email_change_token_new, email_change)
select '00000000-0000-0000-0000-000000000000', scale.reader(n), 'authenticated', 'authenticated', 'reader' || n || '@scale.example', '',
       s.begins, '{"provider": "email", "providers": ["email"]}', '{}', s.begins, s.begins, '', '', '', ''
from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;

insert into public.users (id, username, role, created_at, updated_at)
select scale.reader(n), 'reader_' || n, 'READER', s.begins, s.begins from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;
insert into public.clients (user_id, created_at, updated_at)
select scale.reader(n), s.begins, s.begins from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;

insert into public.readers (
    user_id, first_name, last_name, headline, bio, specialties, experience, languages, session_types, pricing, timezone, status,
    is_verified, total_sessions, created_at, updated_at)
select scale.reader(n),
       scale.word('{Aria,Boris,Celine,Dario,Edda,Fleur,Gwen,Hana,Ivo,Jade,Kaya,Luna,Mira,Nils,Odile,Petra,Quirin,Rhea,Sol,Tamar}', n, 31),
       scale.word('{Amato,Blum,Carver,Duval,Eder,Fiore,Grant,Hayes,Iver,Jansen,Kovac,Lund,Marsh,Nagy,Orsini,Pohl,Quist,Rossi,Stern,Thorn}', n, 32),
       scale.word('{Clear,Warm,Patient,Honest,Direct,Quiet}', n, 33) || ' readings for ' || scale.word('{lovers,leavers,founders,parents,dreamers,doubters}', n, 34),
       'I have read ' || scale.word('{cards,charts,runes,dreams,palms,tea leaves}', n, 35) || ' for '
           || scale.word('{strangers,friends,families,companies}', n, 36) || ' since ' || 1990 + scale.draw(n, 37, 34)
           || ', in ' || scale.word('{kitchens,studios,gardens,trains,hotels}', n, 38) || '. '
           || case when scale.draw(n, 39, 500) = 0 then 'Ask me about eclipses.' else 'Ask me anything.' end,
       array[scale.word('{tarot,astrology,love,career,dreams,runes,numerology,mediumship}', n, 40),
             case when scale.draw(n, 41, 400) = 0 then 'scrying' else scale.word('{family,grief,reiki,palmistry}', n, 42) end],
       scale.draw(n, 43, 40)::integer,
       array['en', case when scale.draw(n, 44, 300) = 0 then 'cy' else scale.word('{de,fr,es,it,pt,hi,ja}', n, 45) end],
       case scale.draw(n, 46, 3) when 0 then '{CHAT}' when 1 then '{CHAT,CALL}' else '{CHAT,CALL,VIDEO}' end::public.session_type[],
       jsonb_build_object('CHAT', scale.price(n, 'CHAT'), 'CALL', scale.price(n, 'CALL'), 'VIDEO', scale.price(n, 'VIDEO')),
       scale.word('{Europe/Berlin,America/New_York,Australia/Sydney,Asia/Tokyo,America/Los_Angeles,Europe/London,Asia/Kolkata}', n, 47),
       case when scale.dice(n, 48) < 0.2 then 'ONLINE' when scale.dice(n, 48) < 0.3 then 'AWAY' else 'OFFLINE' end::public.reader_status,
       scale.dice(n, 49) < 0.9, coalesce(p.sessions, 0), s.begins, s.begins
from scale.shape s
cross join generate_series(%(first)s::bigint, %(last)s::bigint) n
left join (select p.reader, count(*) filter (where p.minutes > 0)::integer as sessions from scale.plan p
           where p.reader between %(first)s and %(last)s group by 1) p on p.reader = n;

insert into public.reader_accounts (user_id, status, total_earnings, created_at, updated_at)
select r.user_id, r.status, coalesce(p.earned, 0), r.created_at, r.updated_at
from generate_series(%(first)s::bigint, %(last)s::bigint) n
join public.readers r on r.user_id = scale.reader(n)
left join (select p.reader, sum(p.share * p.minutes)::bigint as earned from scale.plan p
           where p.reader between %(first)s and %(last)s group by 1) p on p.reader = n;

insert into ledger.accounts (id, user_id, kind, currency, credits, created_at, updated_at)
select scale.account(scale.reader(n), k.number), scale.reader(n), k.kind::ledger.account_kind, s.currency,
       case k.number when 20 then coalesce(p.earned, 0) else 0 end, s.begins, s.begins
from scale.shape s
cross join generate_series(%(first)s::bigint, %(last)s::bigint) n
cross join (values (17, 'client_wallet'), (18, 'promo_credit'), (19, 'client_debt'), (20, 'reader_earnings')) k (number, kind)
left join (select p.reader, sum(p.share * p.minutes)::bigint as earned from scale.plan p
           where p.reader between %(first)s and %(last)s group by 1) p on p.reader = n;

insert into public.availability (reader_id, day_of_week, start_time, end_time)
select scale.reader(n), 1 + scale.draw(n, 51, 2) + 2 * k, v.start_time, v.end_time
from generate_series(%(first)s::bigint, %(last)s::bigint) n
cross join generate_series(0, 2) k
cross join lateral (select * from (values
    (0, time '09:00', time '17:00'), (1, time '12:00', time '20:00'), (2, time '19:00', time '01:00')) v (kind, start_time, end_time)
    where v.kind = scale.draw(n, 52, 3)) v
where scale.dice(n, 49) < 0.9;
