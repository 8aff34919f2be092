-- What comes back, and what the platform takes out itself: reversals of transfers to readers, and the platform's own bank payouts.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- A transfer taken back, whole or in part
----------------------------------------------------------------------

create table private.transfer_reversals (
    id         text primary key check (id ~ '^trr_[A-Za-z0-9_-]{1,250}$'),
    payout_id  uuid not null references public.payouts (id) on delete restrict,
    amount     bigint not null check (amount > 0),
    posting_id uuid not null,
    booked_at  timestamptz not null default private.now()
);
comment on table private.transfer_reversals is 'Reversals of transfers to readers as Stripe names them, each booked once.';
comment on column private.transfer_reversals.amount is 'Minor units that went back to the reader''s earnings.';
comment on column private.transfer_reversals.posting_id is 'The posting in ledger.transfers.';
create index transfer_reversals_payout on private.transfer_reversals (payout_id);
alter table private.transfer_reversals enable row level security;

create function private.book_transfer_reversal(p_payout public.payouts, p_id text, p_amount bigint)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account  uuid := ledger.account_of(p_payout.reader_id, 'reader_earnings');
    v_original uuid := (select t.id from ledger.transfers t where t.transaction_id = p_payout.transaction_id and t.code = 'payout');
    v_posting  uuid;
    v_payout   public.payouts;
begin
    if p_payout.returned + p_amount > p_payout.amount then
        perform private.fail('invalid_state', 'More would come back than was paid out.');
    end if;
    v_posting := (ledger.post_transfers(p_payout.transaction_id, array[('payout_reversal',
        ledger.account_of(null, 'stripe_clearing'), v_account, p_amount, null, 0, null, v_original)::ledger.leg]))[1];
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    values (v_account, p_payout.transaction_id, p_amount, private.now(), private.now());
    insert into private.transfer_reversals (id, payout_id, amount, posting_id) values (p_id, p_payout.id, p_amount, v_posting);
    update public.payouts p set returned = p.returned + p_amount where p.id = p_payout.id returning p.* into v_payout;
    return v_payout;
end
$$;
comment on function private.book_transfer_reversal(public.payouts, text, bigint) is
    'One reversal of a payout''s transfer (minor units): stripe_clearing → reader_earnings, cleared at once. The payout must be locked.';

create function private.apply_transfer_reversals(p_attempt public.payout_attempts, p_reversals jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout   public.payouts;
    v_reversal record;
    v_before   bigint;
begin
    select p.* into v_payout from public.payouts p where p.id = p_attempt.payout_id for update;
    v_before := v_payout.returned;
    for v_reversal in
        select r.id, r.amount from jsonb_to_recordset(p_reversals) r (id text, amount bigint)
        where not exists (select from private.transfer_reversals b where b.id = r.id)
        order by r.id
    loop
        v_payout := private.book_transfer_reversal(v_payout, v_reversal.id, v_reversal.amount);
    end loop;
    if v_payout.returned = v_before then
        return;
    end if;
    if p_attempt.status = 'TRANSFERRED' then
        -- Its bank payout is still to be made: of what is left there, under a key of its own, or not at all.
        update public.payout_attempts a
        set bank_try = a.bank_try + 1, status = case when v_payout.returned = v_payout.amount then 'COMPLETED' else a.status end
        where a.id = p_attempt.id;
        if v_payout.returned = v_payout.amount then
            update public.payouts p set status = 'FAILED', failure_code = 'transfer_reversed', processed_at = private.now()
            where p.id = v_payout.id returning p.* into v_payout;
            delete from private.outbox o where o.topic = 'payout.execute' and o.payload ->> 'attempt_id' = p_attempt.id::text;
        end if;
    end if;
    perform private.tell_payout(v_payout);
end
$$;
comment on function private.apply_transfer_reversals(public.payout_attempts, jsonb) is
    'Books what of a transfer''s reversals is not booked yet. A payout whose transfer came back whole before its bank payout was made has failed; after a part of it came back, the bank payout is of the rest. The attempt must be locked.';

----------------------------------------------------------------------
-- The platform's own bank payouts
----------------------------------------------------------------------

create table private.platform_payouts (
    id             text primary key check (id ~ '^po_[A-Za-z0-9_-]{1,250}$'),
    transaction_id uuid not null unique default private.uuid_v7(),
    amount         bigint not null check (amount <> 0),
    status         text not null,
    is_booked      boolean not null default false
);
comment on table private.platform_payouts is 'Payouts from the platform''s balance at Stripe to the platform''s bank. Nobody''s transaction: only the house''s accounts move.';
comment on column private.platform_payouts.transaction_id is 'Under which its postings stand.';
comment on column private.platform_payouts.amount is 'Minor units; negative when Stripe took from the bank.';
comment on column private.platform_payouts.is_booked is 'Whether the money counts as in the bank: from the payout''s creation until it fails or is cancelled.';
alter table private.platform_payouts enable row level security;

create function private.book_platform_payout(p_payout private.platform_payouts, p_is_back boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_bank     uuid := ledger.account_of(null, 'platform_bank');
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_to_bank  boolean := (p_payout.amount > 0) <> p_is_back;
begin
    perform ledger.post_transfer(
        p_payout.transaction_id, case when p_is_back then 'bank_payout_reversal' else 'bank_payout' end::ledger.transfer_code,
        case when v_to_bank then v_bank else v_clearing end, case when v_to_bank then v_clearing else v_bank end, abs(p_payout.amount));
    update private.platform_payouts p set is_booked = not p_is_back where p.id = p_payout.id;
end
$$;
comment on function private.book_platform_payout(private.platform_payouts, boolean) is
    'platform_bank → stripe_clearing, or the same reversed when the bank sent it back.';

create function worker_api.apply_platform_payout(
    p_event_id text, p_sequence bigint, p_stripe_payout_id text, p_amount bigint, p_currency text, p_status text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout  private.platform_payouts;
    v_is_back boolean := p_status in ('failed', 'canceled');
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    elsif upper(p_currency) <> private.currency() then
        perform private.fail('currency_mismatch');
    end if;
    if private.is_newest(p_stripe_payout_id, p_sequence) then
        insert into private.platform_payouts as p (id, amount, status) values (p_stripe_payout_id, p_amount, p_status)
        on conflict (id) do update set status = excluded.status
        returning p.* into v_payout;
        if v_payout.amount <> p_amount then
            perform private.fail('invalid_state', 'The payout was of another amount.');
        elsif v_payout.is_booked = v_is_back then
            perform private.book_platform_payout(v_payout, v_is_back);
        end if;
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_platform_payout(text, bigint, text, bigint, text, text) is
    'Follows a payout to the platform''s own bank (minor units, as fetched): booked when it is first seen, reversed when it failed or was cancelled. Refuses with currency_mismatch, invalid_state.';
grant execute on all functions in schema worker_api to service_role;
