-- As many top-ups as asked for, paid and booked with Stripe's fee over the last day, of a hundred people; runs past triggers and
-- foreign keys. Their PaymentIntents are pi_<n>, so that what Stripe moved for them can be made up beside.
create schema made;
create table made.topups as
select n, private.uuid_v7(a.moment) as id, a.moment, 500 + n %% 9000 as amount, 30 + n %% 300 as fee, 1 + n %% 100 as person
from generate_series(1, %(topups)s) n
cross join lateral (select private.now() - interval '25 hours' + n * interval '23 hours' / %(topups)s as moment) a;

create table made.people as select n, private.uuid_v7() as id from generate_series(1, 100) n;

insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data)
select p.id, 'authenticated', 'authenticated', p.n || '@bench.example', '', '{}', '{}' from made.people p;
insert into public.users (id, username, role) select p.id, 'payer_' || p.n, 'CLIENT' from made.people p;
insert into ledger.accounts (user_id, kind, credits)
select p.id, k, case k when 'client_wallet' then
       (select coalesce(sum(t.amount), 0) from made.topups t where t.person = p.n) else 0 end
from made.people p, unnest(enum_range('client_wallet'::ledger.account_kind, 'client_debt')) k;

insert into public.transactions (id, user_id, type, amount, fee, status, stripe_payment_intent_id, description, created_at)
select t.id, p.id, 'ADD_FUNDS', t.amount, t.fee, 'COMPLETED', 'pi_' || t.n, 'Top-up', t.moment
from made.topups t join made.people p on p.n = t.person;
insert into ledger.transfers (id, transaction_id, code, debit_account_id, credit_account_id, amount, credit_total, posted_at)
select private.uuid_v7(t.moment), t.id, 'topup'::ledger.transfer_code, ledger.account_of(null, 'stripe_clearing'), a.id, t.amount,
       sum(t.amount) over (partition by t.person order by t.n), t.moment
from made.topups t
join made.people p on p.n = t.person
join ledger.accounts a on a.user_id = p.id and a.kind = 'client_wallet'
union all
select private.uuid_v7(t.moment), t.id, 'stripe_fee', ledger.account_of(null, 'stripe_fees'), ledger.account_of(null, 'stripe_clearing'), t.fee,
       null, t.moment
from made.topups t;
