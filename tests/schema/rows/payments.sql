-- A top-up of 50.00, credited.
insert into public.transactions (id, user_id, type, amount, status, stripe_payment_intent_id)
values ('0190a000-0000-7000-8000-000000000011', '0190a000-0000-7000-8000-000000000001', 'ADD_FUNDS', 5000, 'COMPLETED', 'pi_old');
select ledger.post_transfer('0190a000-0000-7000-8000-000000000011', 'topup', ledger.account_of(null, 'stripe_clearing'),
    ledger.account_of('0190a000-0000-7000-8000-000000000001', 'client_wallet'), 5000);
