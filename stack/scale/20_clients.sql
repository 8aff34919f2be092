-- Logins, cards, profiles and accounts of clients first to last. Their password is nobody's: they are rows, not people.

insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at,
    updated_at, confirmation_token, recovery_token, email_change_token_new, email_change)
select '00000000-0000-0000-0000-000000000000', scale.client(n), 'authenticated', 'authenticated', 'client' || n || '@scale.example', '',
       s.begins, '{"provider": "email", "providers": ["email"]}', '{}', s.begins, s.begins, '', '', '', ''
from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;

insert into public.users (id, username, created_at, updated_at)
select scale.client(n), 'client_' || n, s.begins, s.begins from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;

insert into public.clients (user_id, first_name, last_name, timezone, created_at, updated_at)
select scale.client(n), scale.word('{Ana,Ben,Cleo,Dev,Elif,Finn,Gia,Hugo,Ines,Jon,Kim,Lea,Max,Noor,Omar,Pia}', n, 21),
       scale.word('{Adler,Berg,Costa,Dahl,Engel,Ford,Gray,Holt,Ito,Jones,Khan,Lopez,Meyer,Novak,Okoro,Park}', n, 22),
       scale.word('{Europe/Berlin,America/New_York,Australia/Sydney,Asia/Kolkata,America/Sao_Paulo}', n, 23), s.begins, s.begins
from scale.shape s, generate_series(%(first)s::bigint, %(last)s::bigint) n;

insert into ledger.accounts (id, user_id, kind, currency, credits, debits, created_at, updated_at)
select scale.account(scale.client(n), k.number), scale.client(n), k.kind::ledger.account_kind, s.currency,
       case k.number when 17 then coalesce(t.credited, 0) else 0 end,
       case k.number when 17 then coalesce(p.spent, 0) else 0 end, s.begins, s.begins
from scale.shape s
cross join generate_series(%(first)s::bigint, %(last)s::bigint) n
cross join (values (17, 'client_wallet'), (18, 'promo_credit'), (19, 'client_debt')) k (number, kind)
left join (select p.client, sum(p.rate * p.minutes)::bigint as spent from scale.plan p
           where p.client between %(first)s and %(last)s group by 1) p on p.client = n
left join (select t.client, max(t.credited) as credited from scale.topups t
           where t.client between %(first)s and %(last)s group by 1) t on t.client = n;
