-- Top-ups first to last, with their postings.

insert into public.transactions (id, user_id, type, amount, currency, status, stripe_payment_intent_id, description, created_at, updated_at)
select scale.id(t.at, 4, t.i), scale.client(t.client), 'ADD_FUNDS', t.amount, s.currency, 'COMPLETED', 'pi_scale_' || t.i, 'Top-up', t.at, t.at
from scale.topups t, scale.shape s where t.i between %(first)s and %(last)s;

insert into ledger.transfers (id, transaction_id, code, debit_account_id, credit_account_id, amount, credit_total, posted_at)
select scale.id(t.at, 5, t.i), scale.id(t.at, 4, t.i), 'topup', h.id, scale.account(scale.client(t.client), 17), t.amount, t.credited, t.at
from scale.topups t, ledger.accounts h
where t.i between %(first)s and %(last)s and h.user_id is null and h.kind = 'stripe_clearing';
