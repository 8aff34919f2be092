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
    v_account     ledger.accounts;
    v_promo       ledger.accounts;
    v_wallet      ledger.accounts;
    v_earner      ledger.accounts;
    v_revenue     uuid := ledger.account_of(null, 'platform_revenue');
    v_share       bigint := case when p_earner_id is null then 0 else ledger.share_of(p_amount, p_share_bps) end;
    v_from_promo  bigint;
    v_promo_share bigint;
    v_now         timestamptz;
begin
    -- What a row is after its lock was waited for is what the lock answers; all below computes with it.
    for v_account in
        select a.* from ledger.accounts a
        where (a.user_id = p_payer_id and a.kind in ('promo_credit', 'client_wallet'))
           or (a.user_id = p_earner_id and a.kind = 'reader_earnings')
        order by a.id
        for update
    loop
        case v_account.kind
            when 'promo_credit' then v_promo := v_account;
            when 'client_wallet' then v_wallet := v_account;
            else v_earner := v_account;
        end case;
    end loop;
    if v_promo.frozen_at is not null or v_wallet.frozen_at is not null then
        perform private.fail('wallet_frozen');
    end if;
    v_from_promo := least(coalesce(v_promo.credits - v_promo.debits - v_promo.held, 0), p_amount);
    if coalesce(v_wallet.credits - v_wallet.debits - v_wallet.held, 0) < p_amount - v_from_promo then
        perform private.fail('insufficient_funds');
    end if;
    v_promo_share := case when p_earner_id is null then 0 else ledger.share_of(v_from_promo, p_share_bps) end;
    v_now := private.now();
    update ledger.accounts a
    set debits = a.debits + case a.id when v_promo.id then v_from_promo when v_wallet.id then p_amount - v_from_promo else 0 end,
        credits = a.credits + case a.id when v_earner.id then v_share else 0 end,
        updated_at = v_now
    where a.id = any (array[case when v_from_promo > 0 then v_promo.id end,
                            case when v_from_promo < p_amount then v_wallet.id end,
                            case when v_share > 0 then v_earner.id end]);
    insert into ledger.transfers
        (id, transaction_id, code, debit_account_id, credit_account_id, amount,
         commission_account_id, commission, debit_total, credit_total, posted_at)
    select private.uuid_v7(v_now), p_transaction_id, p_code, l.payer, coalesce(v_earner.id, v_revenue), l.amount,
           case when v_earner.id is not null and l.share < l.amount then v_revenue end,
           case when v_earner.id is not null then l.amount - l.share else 0 end,
           l.debits + l.amount, v_earner.credits + l.share_upto, v_now
    from (values
        (v_promo.id, v_promo.debits, v_from_promo, v_promo_share, v_promo_share),
        (v_wallet.id, v_wallet.debits, p_amount - v_from_promo, v_share - v_promo_share, v_share)
    ) l (payer, debits, amount, share, share_upto)
    where l.amount > 0;
    if v_share > 0 then
        perform private.add_earning(v_earner.id, p_transaction_id, v_share);
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
    -- All of them at once: sellers locked one after the other would wait for one another across orders. One alone is
    -- locked by private.spend.
    if cardinality(p_sales) > 1 then
        perform ledger.lock_accounts(array(
            select a.id from ledger.accounts a
            where (a.user_id = p_payer_id and a.kind in ('client_wallet', 'promo_credit'))
               or (a.user_id in (select s.earner_id from unnest(p_sales) s) and a.kind = 'reader_earnings')));
    end if;
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
       or private.is_blocked(p_user_id, p_reader_id) then
        perform private.fail('reader_unavailable');
    end if;
end
$$;
comment on function private.require_reachable(uuid, uuid) is
    'Refuses with reader_unavailable unless a verified, active reader is there whom nobody''s block keeps from the person.';
