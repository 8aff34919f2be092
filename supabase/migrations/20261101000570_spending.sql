-- Spending: what is paid at once and whole, out of a wallet: gifts, tips, orders, fees.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('spending_disabled', 409, 'Gifts, tips and orders are switched off for the moment.', 'Try again later.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('switch.spending', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses gifts, tips and orders; sessions go on, and what was bought before can be sent, cancelled and given back.');

create function private.add_earning(p_account_id uuid, p_transaction_id uuid, p_amount bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    values (p_account_id, p_transaction_id, p_amount, private.now(),
            private.now() + private.setting_int('payout.clearing_seconds') * interval '1 second');
end
$$;
comment on function private.add_earning(uuid, uuid, bigint) is 'What was earned now (minor units), and when it clears.';

create function private.spend(
    p_transaction_id uuid, p_code ledger.transfer_code, p_payer_id uuid, p_earner_id uuid, p_amount bigint, p_share_bps integer)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_promo    uuid := ledger.account_of(p_payer_id, 'promo_credit');
    v_wallet   uuid := ledger.account_of(p_payer_id, 'client_wallet');
    v_earnings uuid := ledger.account_of(p_earner_id, 'reader_earnings');
    v_share    bigint := ledger.share_of(p_amount, p_share_bps);
    v_from_promo bigint;
    v_is_frozen  boolean;
begin
    perform ledger.lock_accounts(array[v_promo, v_wallet, v_earnings]);
    select least(coalesce(sum(a.credits - a.debits - a.held) filter (where a.id = v_promo), 0), p_amount),
           bool_or(a.frozen_at is not null)
    into v_from_promo, v_is_frozen
    from ledger.accounts a where a.id in (v_promo, v_wallet);
    if v_is_frozen then
        perform private.fail('wallet_frozen');
    end if;
    perform ledger.post_transfers(p_transaction_id, ledger.shared_legs(
        p_code, v_promo, v_wallet, v_earnings, v_from_promo, p_amount - v_from_promo, p_share_bps));
    if v_share > 0 then
        perform private.add_earning(v_earnings, p_transaction_id, v_share);
    end if;
    return v_share;
end
$$;
comment on function private.spend(uuid, ledger.transfer_code, uuid, uuid, bigint, integer) is
    'Pays an amount (minor units) at once: promo credit first, then the wallet → the earner''s share, which clears later, and the platform''s rest. Without an earner all is the platform''s, and the share is 0. Callers make the transaction row. Answers the share. Refuses with insufficient_funds, wallet_frozen.';

create type private.sale as (
    earner_id uuid,
    amount    bigint,
    share_bps integer
);
comment on type private.sale is 'What one earner sells in a purchase: amount in minor units; no earner stands for the house, with no share.';

create function private.pay(
    p_payer_id uuid, p_type public.transaction_type, p_code ledger.transfer_code, p_sales private.sale[],
    p_description text, p_session_id uuid default null)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_transaction public.transactions;
begin
    if not private.setting_bool('switch.spending') then
        perform private.fail('spending_disabled');
    end if;
    insert into public.transactions
        (user_id, type, amount, status, session_id, reader_earnings, platform_revenue, description, metadata)
    select p_payer_id, p_type, sum(s.amount), 'COMPLETED', p_session_id, sum(ledger.share_of(s.amount, s.share_bps)),
           sum(s.amount - ledger.share_of(s.amount, s.share_bps)), p_description,
           jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id()))
    from unnest(p_sales) s
    returning * into v_transaction;
    -- All of them at once: sellers locked one after the other would wait for one another across orders.
    perform ledger.lock_accounts(array(
        select a.id from ledger.accounts a
        where (a.user_id = p_payer_id and a.kind in ('client_wallet', 'promo_credit'))
           or (a.user_id in (select s.earner_id from unnest(p_sales) s) and a.kind = 'reader_earnings')));
    for i in 1 .. cardinality(p_sales) loop
        perform private.spend(v_transaction.id, p_code, p_payer_id, p_sales[i].earner_id, p_sales[i].amount, p_sales[i].share_bps);
    end loop;
    perform private.tell(p_payer_id, 'wallet_changed', jsonb_build_object('transaction_id', v_transaction.id));
    return v_transaction;
end
$$;
comment on function private.pay(uuid, public.transaction_type, ledger.transfer_code, private.sale[], text, uuid) is
    'One purchase of one person from any number of earners: the transaction row and its postings. Refuses with spending_disabled, insufficient_funds, wallet_frozen.';

create function private.require_reachable(p_user_id uuid, p_reader_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    -- A block is answered as absence is: nobody learns that they are blocked, or by whom.
    if not exists (select from public.readers r join public.users u on u.id = r.user_id
                   where r.user_id = p_reader_id and r.is_verified and u.status = 'ACTIVE')
       or exists (select from public.blocks b
                  where (b.blocker_id, b.blocked_id) in ((p_user_id, p_reader_id), (p_reader_id, p_user_id))) then
        perform private.fail('reader_unavailable');
    end if;
end
$$;
comment on function private.require_reachable(uuid, uuid) is
    'Refuses with reader_unavailable unless a verified, active reader is there whom nobody''s block keeps from the person.';
