-- Disputes: a card's owner or bank takes a top-up back. The wallet freezes, the money is taken from what is unspent of that
-- top-up, the rest from the readers it paid, by a rule, or from the house. Reinstated money goes back the same way.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('dispute.recover_from_readers_bps', '10000', 'INTEGER', 0, 10000, true,
     'How much of what a disputed top-up earned the readers is taken back from them, in basis points; the house bears the rest.');

create table private.disputes (
    stripe_dispute_id text primary key,
    topup_id          uuid not null references public.transactions (id),
    transaction_id    uuid unique references public.transactions (id),
    charge_id         text not null,
    status            text not null,
    reason            text,
    amount            bigint not null check (amount >= 0),
    withdrawn         bigint not null default 0 check (withdrawn >= 0),
    reinstated        bigint not null default 0 check (reinstated >= 0),
    fee               bigint not null default 0,
    recover_bps       integer not null check (recover_bps between 0 and 10000),
    due_at            timestamptz,
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now()
);
comment on table private.disputes is 'Disputes and inquiries of top-ups, as Stripe last told of them. Read through admin_read_disputes, which records the look.';
comment on column private.disputes.amount is 'What is disputed, minor units.';
comment on column private.disputes.withdrawn is 'What Stripe took, minor units.';
comment on column private.disputes.reinstated is 'What Stripe gave back, minor units.';
comment on column private.disputes.fee is 'What Stripe kept for the dispute, minor units.';
comment on column private.disputes.recover_bps is 'dispute.recover_from_readers_bps when we first heard of it: whatever it takes, and takes anew, is shared by this.';
comment on column private.disputes.due_at is 'Until when evidence may be sent.';
create index disputes_topup on private.disputes (topup_id);
alter table private.disputes enable row level security;
create trigger touch before update on private.disputes for each row execute function private.touch_updated_at();

create table private.wallet_freezes (
    user_id    uuid not null references public.users (id) on delete cascade,
    cause      text not null,
    created_at timestamptz not null default private.now(),
    primary key (user_id, cause)
);
comment on table private.wallet_freezes is 'Why a wallet is frozen: dispute:<id>, fraud_warning:<charge>, administrator, other (it was frozen before). It thaws with the last cause.';
alter table private.wallet_freezes enable row level security;

----------------------------------------------------------------------
-- Freezing
----------------------------------------------------------------------

create function private.freeze_wallet(
    p_user_id uuid, p_cause text, p_end_reason public.end_reason default 'account_suspended')
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
    v_froze   boolean;
begin
    if exists (select from private.wallet_freezes f where f.user_id = p_user_id and f.cause = p_cause) then
        return false;
    end if;
    -- Sessions and meters are locked before accounts, everywhere.
    perform from public.sessions s
    where s.client_id = p_user_id and s.id in (select private.open_sessions_of(p_user_id))
    order by s.id for no key update;
    update private.meters m set stop_reason = p_end_reason, needs_advance = true
    where m.client_id = p_user_id and m.stop_reason is null;
    for v_session in
        select s.* from public.sessions s
        where s.client_id = p_user_id and s.id in (select private.open_sessions_of(p_user_id)) and s.status = 'SCHEDULED'
    loop
        perform private.close_scheduled(v_session, 'CANCELLED', p_end_reason);
    end loop;
    perform ledger.lock_accounts(array[ledger.account_of(p_user_id, 'client_wallet'), ledger.account_of(p_user_id, 'promo_credit')]);
    if private.wallet_is_frozen(p_user_id) and not exists (select from private.wallet_freezes f where f.user_id = p_user_id) then
        insert into private.wallet_freezes (user_id, cause) values (p_user_id, 'other');
    end if;
    insert into private.wallet_freezes (user_id, cause) values (p_user_id, p_cause);
    update ledger.accounts a set frozen_at = private.now(), updated_at = private.now()
    where a.user_id = p_user_id and a.kind in ('client_wallet', 'promo_credit') and a.frozen_at is null;
    v_froze := found;
    perform private.tell(p_user_id, 'wallet_changed', '{}');
    return v_froze;
end
$$;
comment on function private.freeze_wallet(uuid, text, public.end_reason) is
    'Nothing more is spent: what has not started is cancelled, what runs ends at paid_until. A cause freezes once, so that an administrator''s thaw holds. Answers whether the wallet was free until now.';

create function private.free_wallet(p_user_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update ledger.accounts a set frozen_at = null, updated_at = private.now()
    where a.user_id = p_user_id and a.kind in ('client_wallet', 'promo_credit') and a.frozen_at is not null;
    if found then
        perform private.tell(p_user_id, 'wallet_changed', '{}');
        return true;
    end if;
    return false;
end
$$;
comment on function private.free_wallet(uuid) is
    'Lets the person spend again, whatever froze the wallet, the caller holding its accounts. Answers whether it was frozen until now.';

create function private.thaw_wallet(p_user_id uuid, p_causes text[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform ledger.lock_accounts(array[ledger.account_of(p_user_id, 'client_wallet'), ledger.account_of(p_user_id, 'promo_credit')]);
    delete from private.wallet_freezes f where f.user_id = p_user_id and f.cause = any (p_causes);
    if found and not exists (select from private.wallet_freezes f where f.user_id = p_user_id) then
        perform private.free_wallet(p_user_id);
    end if;
end
$$;
comment on function private.thaw_wallet(uuid, text[]) is 'Ends causes; the wallet thaws when none is left.';

----------------------------------------------------------------------
-- Money
----------------------------------------------------------------------

create function private.open_dispute_transaction(p_dispute private.disputes, p_user_id uuid, p_amount bigint)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid := p_dispute.transaction_id;
begin
    if v_id is null then
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (p_user_id, 'DISPUTE', p_amount, 'PENDING', 'Disputed top-up', jsonb_build_object('topup_id', p_dispute.topup_id))
        returning id into v_id;
        insert into ledger.card_returns (transaction_id, topup_id, account_id)
        values (v_id, p_dispute.topup_id, ledger.account_of(p_user_id, 'client_wallet'));
        update private.disputes d set transaction_id = v_id where d.stripe_dispute_id = p_dispute.stripe_dispute_id;
    end if;
    return v_id;
end
$$;
comment on function private.open_dispute_transaction(private.disputes, uuid, bigint) is 'The client''s transaction of a dispute, made when money first moves.';

create function private.paid_debt(p_topup_id uuid, p_debt_id uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(sum(t.amount), 0)::bigint from ledger.transfers t
    where t.transaction_id = p_topup_id and t.code = 'topup' and t.credit_account_id = p_debt_id
$$;
comment on function private.paid_debt(uuid, uuid) is 'What of a top-up paid a debt instead of filling the wallet, minor units.';

create function private.returned_beyond_wallet(p_topup_id uuid, p_wallet_id uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(sum(t.amount - coalesce((
        select sum(b.amount) from ledger.transfers b where b.transaction_id = t.transaction_id and b.reverses = t.id), 0)), 0)::bigint
    from ledger.card_returns r
    join ledger.transfers t on t.transaction_id = r.transaction_id and t.reverses is null
    where r.topup_id = p_topup_id and t.code in ('dispute', 'debt') and t.debit_account_id <> p_wallet_id
$$;
comment on function private.returned_beyond_wallet(uuid, uuid) is
    'What earlier refunds and disputes of a top-up took for money already spent, minor units: the next one takes for the spending after it.';

create function private.recoverable(p_topup_id uuid, p_skipped bigint, p_amount bigint, p_bps integer)
returns table (earner_id uuid, spent bigint, amount bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with spent as (
        select s.earner_id, s.amount, s.earned, sum(s.amount) over (order by s.starts_at)::bigint as upto
        from ledger.topup_spending(p_topup_id) s
    ), taken as (
        select s.*, greatest(least(s.upto, p_skipped) - (s.upto - s.amount), 0) as before,
               greatest(least(s.upto, p_skipped + p_amount) - (s.upto - s.amount), 0) as after
        from spent s
    )
    -- Differences of rounded running totals: however a top-up is taken back, part after part, a reader's parts sum to the same.
    select t.earner_id, sum(t.after - t.before)::bigint,
           case when t.earner_id is null then 0
                else ledger.share_of(sum(t.earned * t.after / t.amount)::bigint, p_bps)
                     - ledger.share_of(sum(t.earned * t.before / t.amount)::bigint, p_bps) end
    from taken t
    group by t.earner_id
$$;
comment on function private.recoverable(uuid, bigint, bigint, integer) is
    'Of p_amount (minor units) that a top-up was spent on, after the first p_skipped of it: what was spent on each reader, and what they give back of it by the rule; in one row without a reader, what nobody earned of.';

create function private.dispute_legs(p_transaction_id uuid, p_topup public.transactions, p_amount bigint, p_recover_bps integer)
returns ledger.leg[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_wallet   uuid := ledger.account_of(p_topup.user_id, 'client_wallet');
    v_debt     uuid := ledger.account_of(p_topup.user_id, 'client_debt');
    v_beyond   bigint := private.returned_beyond_wallet(p_topup.id, v_wallet);
    v_from_wallet bigint;
    v_kept     bigint;
    v_owed     bigint;
    v_left     bigint;
    v_lost     bigint := 0;
    v_legs     ledger.leg[] := '{}';
    v_part     record;
begin
    v_from_wallet := ledger.claim_lots(p_transaction_id, p_topup.id, (
        select least(p_amount, a.credits - a.debits - a.held) from ledger.accounts a where a.id = v_wallet));
    -- What paid an older debt is owed again, and so is what is unspent and held; earlier returns have passed these first.
    v_kept := private.paid_debt(p_topup.id, v_debt) + ledger.unspent(p_topup.id);
    v_owed := least(p_amount - v_from_wallet, greatest(v_kept - v_beyond, 0));
    v_left := p_amount - v_from_wallet - v_owed;
    for v_part in
        select r.* from private.recoverable(p_topup.id, greatest(v_beyond - v_kept, 0), v_left, p_recover_bps) r order by r.earner_id
    loop
        v_legs := v_legs || ('dispute', v_part.earner_id, v_clearing, v_part.amount, null, 0, null, null)::ledger.leg;
        v_lost := v_lost + v_part.spent - v_part.amount;
        v_left := v_left - v_part.spent;
    end loop;
    -- Neither unspent nor spent: the card got more back than the top-up was, so its owner has it twice.
    v_legs := v_legs || array[
        ('dispute', v_wallet, v_clearing, v_from_wallet, null, 0, null, null)::ledger.leg,
        ('debt', v_debt, v_clearing, v_owed + v_left, null, 0, null, null)::ledger.leg,
        ('dispute', ledger.account_of(null, 'dispute_losses'), v_clearing, v_lost, null, 0, null, null)::ledger.leg];
    return array(select l from unnest(v_legs) l where l.amount > 0);
end
$$;
comment on function private.dispute_legs(uuid, public.transactions, bigint, integer) is
    'Who bears a withdrawal (minor units): the wallet what is unspent of the top-up; client_debt what had paid a debt or is held, and what refunds and disputes together return beyond the top-up; of what was spent, the readers their part by the rule and dispute_losses the rest. The accounts must be locked.';

create function private.lock_dispute_accounts(p_user_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
    select ledger.lock_accounts(array(
        select ledger.account_of(p_user_id, k) from unnest('{client_wallet,client_debt,promo_credit}'::ledger.account_kind[]) k
        union
        select c.earner_id from ledger.wallet_charges(ledger.account_of(p_user_id, 'client_wallet')) c where c.earner_id is not null))
$$;
comment on function private.lock_dispute_accounts(uuid) is 'The client''s accounts and those of every reader they ever paid, in one statement.';

create function private.disputed_topups(p_user_id uuid)
returns uuid[]
language sql
security definer
set search_path = ''
as $$
    select coalesce(array_agg(l.id order by l.id), '{}') from (
        select t.id from public.transactions t
        where t.user_id = p_user_id
          and t.id in (select d.topup_id from private.disputes d where d.withdrawn > d.reinstated)
        order by t.id for no key update) l
$$;
comment on function private.disputed_topups(uuid) is 'Top-ups of a person of which a dispute holds something, locked.';

create function private.set_disputes_aside(p_topup_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := (select t.user_id from public.transactions t where t.id = p_topup_id);
    v_dispute private.disputes;
begin
    if not exists (select from private.disputes d where d.topup_id = p_topup_id and d.withdrawn > d.reinstated) then
        perform ledger.lock_accounts(array[ledger.account_of(v_user, 'client_wallet'), ledger.account_of(v_user, 'client_debt')]);
        return;
    end if;
    perform private.lock_dispute_accounts(v_user);
    for v_dispute in
        select d.* from private.disputes d where d.topup_id = p_topup_id and d.withdrawn > d.reinstated order by d.stripe_dispute_id
    loop
        perform ledger.post_card_return(v_dispute.transaction_id, ledger.card_return_legs(
            v_dispute.transaction_id, 'dispute_reversal', v_dispute.withdrawn - v_dispute.reinstated, p_is_retaken => true));
    end loop;
end
$$;
comment on function private.set_disputes_aside(uuid) is
    'Before a refund of a top-up is booked or undone: gives back what its disputes hold taken, for take_disputes_anew to take of what the refund leaves. Locks the accounts. The top-up must be locked.';

create function private.take_disputes_anew(p_topup_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup   public.transactions;
    v_dispute private.disputes;
    v_last    uuid;
    v_wallet  uuid;
    v_debt    ledger.accounts;
begin
    select t.* into strict v_topup from public.transactions t where t.id = p_topup_id;
    for v_dispute in
        select d.* from private.disputes d where d.topup_id = p_topup_id and d.withdrawn > d.reinstated order by d.stripe_dispute_id
    loop
        perform ledger.post_card_return(v_dispute.transaction_id,
            private.dispute_legs(v_dispute.transaction_id, v_topup, v_dispute.withdrawn, v_dispute.recover_bps));
        perform ledger.post_card_return(v_dispute.transaction_id, ledger.card_return_legs(
            v_dispute.transaction_id, 'dispute_reversal', v_dispute.reinstated, p_is_retaken => true));
        if v_dispute.reinstated > 0 then
            perform ledger.cover_owed(p_topup_id);
        end if;
        v_last := v_dispute.transaction_id;
        -- Statements look for postings up to a day after a transaction's last change: this is one.
        update public.transactions t set updated_at = private.now() where t.id = v_dispute.transaction_id;
    end loop;
    select a.* into v_debt from ledger.accounts a where a.user_id = v_topup.user_id and a.kind = 'client_debt';
    if v_debt.credits > v_debt.debits and v_last is not null then
        -- A debt of the dispute was paid meanwhile, and is not owed any more.
        v_wallet := ledger.account_of(v_topup.user_id, 'client_wallet');
        perform ledger.post_transfer(v_last, 'adjustment', v_debt.id, v_wallet, v_debt.credits - v_debt.debits);
    end if;
end
$$;
comment on function private.take_disputes_anew(uuid) is
    'After a refund of a top-up was booked or undone: its disputes take again, in one order, of what it leaves, so that the ledger ends the same whichever came first. The accounts must be locked.';

create function private.reinstatement_legs(p_transaction_id uuid, p_amount bigint)
returns ledger.leg[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_legs ledger.leg[] := ledger.card_return_legs(p_transaction_id, 'dispute_reversal', p_amount);
    v_more bigint := p_amount - coalesce((select sum(l.amount) from unnest(v_legs) l), 0);
begin
    if v_more > 0 then
        v_legs := v_legs || ('adjustment', ledger.account_of(null, 'stripe_clearing'), ledger.account_of(null, 'dispute_losses'),
            v_more, null, 0, null, null)::ledger.leg;
    end if;
    return v_legs;
end
$$;
comment on function private.reinstatement_legs(uuid, bigint) is
    'The legs of the withdrawal reversed, up to p_amount (minor units); what was given back beyond them is the house''s.';

create function private.fee_legs(p_fee bigint)
returns ledger.leg[]
language sql
stable
security definer
set search_path = ''
as $$
    select case
        when p_fee > 0 then array[('dispute_fee', ledger.account_of(null, 'dispute_losses'),
            ledger.account_of(null, 'stripe_clearing'), p_fee, null, 0, null, null)::ledger.leg]
        when p_fee < 0 then array[('dispute_fee', ledger.account_of(null, 'stripe_clearing'),
            ledger.account_of(null, 'dispute_losses'), -p_fee, null, 0, null, null)::ledger.leg]
        else '{}' end
$$;
comment on function private.fee_legs(bigint) is 'Stripe''s fee for a dispute is the house''s; a negative one (minor units) comes back.';

create function private.post_movement(p_dispute private.disputes, p_topup public.transactions, p_amount bigint, p_fee bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_transaction uuid := private.open_dispute_transaction(p_dispute, p_topup.user_id, abs(p_amount));
    v_legs        ledger.leg[];
begin
    -- What two disputes of a payment take depends on which takes first: with another one under way, all take anew, in one order.
    if p_amount <= p_dispute.withdrawn - p_dispute.reinstated and exists (
            select from private.disputes d where d.topup_id = p_topup.id and d.withdrawn > d.reinstated
            and d.stripe_dispute_id <> p_dispute.stripe_dispute_id) then
        perform private.set_disputes_aside(p_topup.id);
        if p_amount > 0 then
            perform ledger.cover_owed(p_topup.id);
        end if;
        perform ledger.post_card_return(v_transaction, private.fee_legs(p_fee));
        perform private.settle_dispute(p_dispute.stripe_dispute_id, greatest(-p_amount, 0), greatest(p_amount, 0), p_fee);
        perform private.take_disputes_anew(p_topup.id);
        return;
    end if;
    perform private.lock_dispute_accounts(p_topup.user_id);
    v_legs := case when p_amount < 0 then private.dispute_legs(v_transaction, p_topup, -p_amount, p_dispute.recover_bps)
                   else private.reinstatement_legs(v_transaction, p_amount) end;
    perform ledger.post_card_return(v_transaction, v_legs || private.fee_legs(p_fee));
    if p_amount > 0 then
        perform ledger.cover_owed(p_topup.id);
    end if;
    perform private.settle_dispute(p_dispute.stripe_dispute_id, greatest(-p_amount, 0), greatest(p_amount, 0), p_fee);
end
$$;
comment on function private.post_movement(private.disputes, public.transactions, bigint, bigint) is
    'One balance transaction of a dispute (minor units): a negative amount was taken, a positive one given back.';

create function private.settle_dispute(p_dispute_id text, p_withdrawn bigint, p_reinstated bigint, p_fee bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_dispute private.disputes;
begin
    update private.disputes d
    set withdrawn = d.withdrawn + p_withdrawn, reinstated = d.reinstated + p_reinstated, fee = d.fee + p_fee
    where d.stripe_dispute_id = p_dispute_id returning d.* into v_dispute;
    update public.transactions t
    set amount = case when v_dispute.withdrawn > v_dispute.reinstated then v_dispute.withdrawn - v_dispute.reinstated else t.amount end,
        status = case when v_dispute.withdrawn > v_dispute.reinstated then 'COMPLETED' else 'CANCELLED' end::public.transaction_status
    where t.id = v_dispute.transaction_id;
    perform private.tell(t.user_id, 'wallet_changed', jsonb_build_object('transaction_id', t.id))
    from public.transactions t where t.id = v_dispute.transaction_id;
end
$$;
comment on function private.settle_dispute(text, bigint, bigint, bigint) is
    'Adds a movement (minor units) to the dispute; its transaction shows what is taken now, or CANCELLED when all came back.';

----------------------------------------------------------------------
-- What Stripe tells
----------------------------------------------------------------------

create function private.apply_movements(p_dispute private.disputes, p_topup public.transactions, p_movements jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_dispute private.disputes;
    v_move    record;
begin
    for v_move in
        select m.id, m.amount, m.fee, m.currency
        from jsonb_to_recordset(p_movements) as m (id text, amount bigint, fee bigint, currency text, created bigint)
        order by m.created, m.amount
    loop
        if upper(v_move.currency) <> p_topup.currency then
            perform private.fail('currency_mismatch');
        end if;
        continue when private.claim_key(private.zero_uuid(), 'dispute', v_move.id,
            jsonb_build_object('amount', v_move.amount, 'fee', v_move.fee)) is not null;
        perform private.record_result(private.zero_uuid(), 'dispute', v_move.id, to_jsonb(p_dispute.stripe_dispute_id));
        select d.* into strict v_dispute from private.disputes d where d.stripe_dispute_id = p_dispute.stripe_dispute_id;
        perform private.post_movement(v_dispute, p_topup, v_move.amount, v_move.fee);
    end loop;
end
$$;
comment on function private.apply_movements(private.disputes, public.transactions, jsonb) is
    'Posts the balance transactions of a dispute that were not posted before, oldest first, each once by its id. amount and fee in minor units, negative amount: taken.';

create function private.lock_for_dispute(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    -- Sessions and meters are locked before accounts, everywhere.
    perform from public.sessions s
    where s.client_id = p_user_id and s.id in (select private.open_sessions_of(p_user_id))
    order by s.id for no key update;
    perform from private.meters m where m.client_id = p_user_id and m.stop_reason is null order by m.session_id for no key update;
    perform private.lock_dispute_accounts(p_user_id);
end
$$;
comment on function private.lock_for_dispute(uuid) is
    'All that a dispute may change, before any of it is read: the client''s open sessions and meters, then the accounts, in one step.';

create function worker_api.apply_dispute(
    p_event_id text, p_sequence bigint, p_stripe_dispute_id text, p_charge_id text, p_payment_intent_id text, p_status text,
    p_reason text, p_amount bigint, p_currency text, p_due_at timestamptz, p_movements jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup   public.transactions;
    v_dispute private.disputes;
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_topup := private.paid_topup(p_payment_intent_id, p_currency);
    if private.is_newest(p_stripe_dispute_id, p_sequence) then
        insert into private.disputes as d (stripe_dispute_id, topup_id, charge_id, status, reason, amount, recover_bps, due_at)
        values (p_stripe_dispute_id, v_topup.id, p_charge_id, p_status, p_reason, p_amount,
                private.setting_int('dispute.recover_from_readers_bps'), p_due_at)
        on conflict (stripe_dispute_id) do update
        set status = excluded.status, reason = excluded.reason, amount = excluded.amount, due_at = excluded.due_at
        returning * into v_dispute;
        perform private.lock_for_dispute(v_topup.user_id);
        if p_status in ('won', 'warning_closed', 'prevented') then
            perform private.thaw_wallet(v_topup.user_id, array['dispute:' || p_stripe_dispute_id, 'fraud_warning:' || p_charge_id]);
        else
            perform private.freeze_wallet(v_topup.user_id, 'dispute:' || p_stripe_dispute_id);
            perform private.thaw_wallet(v_topup.user_id, array['fraud_warning:' || p_charge_id]);
        end if;
        perform private.apply_movements(v_dispute, v_topup, coalesce(p_movements, '[]'));
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'user_id', v_topup.user_id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_dispute(text, bigint, text, text, text, text, text, bigint, text, timestamptz, jsonb) is
    'Takes over a dispute as fetched (minor units), whichever event told of it: freezes the wallet while it is open or lost, thaws it when won or closed without one, posts its movements of money once each. An inquiry (warning_*) has none.';

create function worker_api.apply_fraud_warning(
    p_event_id text, p_sequence bigint, p_warning_id text, p_charge_id text, p_payment_intent_id text, p_currency text,
    p_is_actionable boolean, p_is_refunded boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup   public.transactions;
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_topup := private.paid_topup(p_payment_intent_id, p_currency);
    if private.is_newest(p_warning_id, p_sequence) then
        if p_is_actionable then
            perform private.freeze_wallet(v_topup.user_id, 'fraud_warning:' || p_charge_id);
        elsif p_is_refunded or exists (select from private.disputes d where d.charge_id = p_charge_id) then
            perform private.thaw_wallet(v_topup.user_id, array['fraud_warning:' || p_charge_id]);
        end if;
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'user_id', v_topup.user_id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_fraud_warning(text, bigint, text, text, text, text, boolean, boolean) is
    'A card''s bank suspects fraud: an actionable warning freezes the wallet. A whole refund of the charge ends it; a dispute takes its place, which may be over when the warning comes.';

----------------------------------------------------------------------
-- Proof
----------------------------------------------------------------------

create function ledger.check_card_returns()
returns table (problem text, subject uuid, expected bigint, actual bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with returned as (
        select r.transaction_id, r.account_id, t.type, t.status, t.amount,
               coalesce(sum(case p.code when 'card_refund' then p.amount when 'dispute' then p.amount when 'debt' then p.amount
                            when 'card_refund_reversal' then -p.amount when 'dispute_reversal' then -p.amount end), 0)::bigint as net,
               coalesce(sum(p.amount) filter (where p.debit_account_id = r.account_id), 0)::bigint as from_wallet,
               coalesce((select sum(l.amount) from ledger.lot_claims l
                         where l.transaction_id = r.transaction_id and l.number is null), 0)::bigint as claimed
        from ledger.card_returns r
        join public.transactions t on t.id = r.transaction_id
        left join ledger.transfers p on p.transaction_id = r.transaction_id
        group by r.transaction_id, r.account_id, t.type, t.status, t.amount
    ), promised as (
        select r.account_id, sum(r.claimed - r.from_wallet)::bigint as amount from returned r group by r.account_id
    ), line as materialized (
        select p.account_id, l.* from promised p cross join lateral ledger.lots(p.account_id) l
    )
    select 'refund or dispute differs from its postings', r.transaction_id, case r.status when 'COMPLETED' then r.amount else 0 end, r.net
    from returned r where r.net <> case r.status when 'COMPLETED' then r.amount else 0 end
    union all
    select 'refund or dispute takes other than its claims', r.transaction_id,
           case r.status when 'PENDING' then r.amount else r.from_wallet end, r.claimed
    from returned r where r.claimed <> case r.status when 'PENDING' then r.amount else r.from_wallet end
    union all
    select 'lots differ from the wallet', a.id, a.credits - a.debits - p.amount, coalesce(w.unspent, 0)
    from promised p
    join ledger.accounts a on a.id = p.account_id
    left join (select l.account_id, sum(l.unspent)::bigint as unspent from line l group by l.account_id) w on w.account_id = a.id
    where a.credits - a.debits - p.amount <> coalesce(w.unspent, 0)
    union all
    select 'lot below nothing', l.lot_id, 0, l.ends_at - l.starts_at from line l where l.ends_at < l.starts_at
    union all
    select 'client is owed by their debt', a.id, 0, a.debits - a.credits
    from ledger.accounts a where a.kind = 'client_debt' and a.debits < a.credits
    union all
    select 'refund differs from its transaction', r.transaction_id,
           case r.status when 'PENDING' then 1 when 'MADE' then 2 else 3 end,
           case t.status when 'PENDING' then 1 when 'COMPLETED' then 2 when 'FAILED' then 3 end
    from private.card_refunds r join public.transactions t on t.id = r.transaction_id
    where t.status::text is distinct from case r.status when 'PENDING' then 'PENDING' when 'MADE' then 'COMPLETED' else 'FAILED' end
       or t.amount <> r.amount
    union all
    select 'refund without its hold', r.id, case r.status when 'PENDING' then r.amount else 0 end, coalesce(h.amount, 0)
    from private.card_refunds r left join ledger.holds h on h.reference = r.id and h.status = 'PENDING'
    where coalesce(h.amount, 0) <> case r.status when 'PENDING' then r.amount else 0 end
    union all
    select 'dispute differs from its transaction', d.transaction_id, greatest(d.withdrawn - d.reinstated, 0), r.net
    from private.disputes d join returned r on r.transaction_id = d.transaction_id
    where r.net <> greatest(d.withdrawn - d.reinstated, 0)
$$;
comment on function ledger.check_card_returns() is 'Broken invariants of refunds to card, disputes, debts and lots, one row each.';

grant execute on all functions in schema worker_api to service_role;
