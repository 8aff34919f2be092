-- Spending: what is paid at once and whole, out of a wallet: gifts, tips, orders, fees. Callers make the transaction row.

set lock_timeout = '4s';

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
        insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
        values (v_earnings, p_transaction_id, v_share, private.now(),
                private.now() + private.setting_int('payout.clearing_seconds') * interval '1 second');
    end if;
    return v_share;
end
$$;
comment on function private.spend(uuid, ledger.transfer_code, uuid, uuid, bigint, integer) is
    'Pays an amount (minor units) at once: promo credit first, then the wallet → the earner''s share, which clears later, and the platform''s rest. Answers the share. Refuses with insufficient_funds, wallet_frozen.';
