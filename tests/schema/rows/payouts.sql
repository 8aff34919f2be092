-- A payout that failed, its money where it was.
update public.reader_accounts set stripe_account_id = 'acct_old', payouts_enabled = true;
insert into public.transactions (id, user_id, type, amount, status)
values ('0190a000-0000-7000-8000-000000000013', '0190a000-0000-7000-8000-000000000002', 'PAYOUT', 200, 'FAILED');
insert into public.payouts (id, reader_id, amount, status, transaction_id, processed_at)
values ('0190a000-0000-7000-8000-000000000031', '0190a000-0000-7000-8000-000000000002', 200, 'FAILED',
        '0190a000-0000-7000-8000-000000000013', private.now());
insert into public.payout_attempts (payout_id, number, status, amount, currency, destination)
values ('0190a000-0000-7000-8000-000000000031', 1, 'FAILED', 200, 'USD', 'acct_old');
