-- Refunds to card: a client's own, of what is left of a top-up, and those made in Stripe's dashboard.
-- An attempt is written before it is tried; the money is held until the outcome is known.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('refund_exceeds_unspent', 409, 'The amount is more than what is left of that top-up.', 'Ask for at most what is unspent of it.'),
    ('card_refunds_disabled', 409, 'Refunds to card are switched off for the moment.', 'Try again later.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('refund.per_day', '5', 'INTEGER', 1, 10000, false, 'Refunds to card one client may ask for in a day.'),
    ('switch.card_refunds', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses new refunds to card and holds back what was not sent to Stripe yet.');

create type private.card_refund_status as enum ('PENDING', 'MADE', 'FAILED');
comment on type private.card_refund_status is 'How far a refund to card is: asked for and held, made at Stripe and posted, or refused or returned by the bank.';
create type private.refund_attempt_status as enum ('PENDING', 'SENDING', 'UNKNOWN', 'MADE', 'FAILED');
comment on type private.refund_attempt_status is 'How far an attempt is. UNKNOWN: Stripe did not answer, so the refund may have been made.';

create table private.card_refunds (
    id               uuid primary key default private.uuid_v7(),
    topup_id         uuid not null references public.transactions (id),
    transaction_id   uuid not null unique references public.transactions (id),
    amount           bigint not null check (amount > 0),
    status           private.card_refund_status not null default 'PENDING',
    stripe_refund_id text unique,
    failure_code     text,
    created_at       timestamptz not null default private.now(),
    updated_at       timestamptz not null default private.now(),
    constraint made_has_refund check (status <> 'MADE' or stripe_refund_id is not null)
);
comment on table private.card_refunds is 'Refunds of top-ups to their cards. One made in Stripe''s dashboard has no attempt of ours.';
comment on column private.card_refunds.amount is 'Minor units.';
create index card_refunds_topup on private.card_refunds (topup_id);
alter table private.card_refunds enable row level security;
create trigger touch before update on private.card_refunds for each row execute function private.touch_updated_at();

create table private.refund_attempts (
    id                uuid primary key default private.uuid_v7(),
    refund_id         uuid not null references private.card_refunds (id),
    number            integer not null check (number > 0),
    status            private.refund_attempt_status not null default 'PENDING',
    amount            bigint not null check (amount > 0),
    payment_intent_id text not null,
    first_tried_at    timestamptz,
    error_code        text,
    error_message     text,
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now(),
    constraint refund_attempt_number unique (refund_id, number)
);
comment on table private.refund_attempts is 'What is sent to Stripe for a refund, frozen before it is sent; one idempotency key each, re:<id>.';
comment on column private.refund_attempts.amount is 'Minor units.';
create unique index refund_attempts_one_open on private.refund_attempts (refund_id) where status <> 'FAILED';
alter table private.refund_attempts enable row level security;
create trigger touch before update on private.refund_attempts for each row execute function private.touch_updated_at();

----------------------------------------------------------------------
-- Request
----------------------------------------------------------------------

create function private.refundable_topup(p_user_id uuid, p_topup_id uuid, p_amount bigint)
returns public.transactions
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_topup   public.transactions;
    v_unspent bigint;
begin
    select t.* into v_topup from public.transactions t
    where t.id = p_topup_id and t.user_id = p_user_id and t.type = 'ADD_FUNDS' and t.status = 'COMPLETED';
    if not found then
        perform private.fail('not_found');
    elsif not private.setting_bool('switch.card_refunds') then
        perform private.fail('card_refunds_disabled');
    elsif p_amount is null or p_amount <= 0 then
        perform private.fail('amount_out_of_range', 'A refund is a positive amount.');
    elsif private.wallet_is_frozen(p_user_id) then
        perform private.fail('wallet_frozen');
    elsif (select count(*) from public.transactions t join private.card_refunds r on r.transaction_id = t.id
           where t.user_id = p_user_id and t.id >= private.uuid_v7_floor(private.now() - interval '1 day'))
          >= private.setting_int('refund.per_day') then
        perform private.fail_until('rate_limited', 3600);
    end if;
    v_unspent := ledger.unspent(p_topup_id);
    if p_amount > v_unspent then
        perform private.fail('refund_exceeds_unspent', format('%s is left of that top-up.', v_unspent));
    end if;
    return v_topup;
end
$$;
comment on function private.refundable_topup(uuid, uuid, bigint) is 'The top-up whose unspent money (minor units) may go back to its card, or a refusal. The wallet must be locked.';

create function private.enqueue_refund_attempt(p_refund private.card_refunds, p_number integer)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt uuid;
begin
    insert into private.refund_attempts (refund_id, number, amount, payment_intent_id)
    select p_refund.id, p_number, p_refund.amount, t.stripe_payment_intent_id
    from public.transactions t where t.id = p_refund.topup_id
    returning id into v_attempt;
    return private.enqueue('refund.execute', jsonb_build_object('refund_id', p_refund.id, 'attempt_id', v_attempt));
end
$$;
comment on function private.enqueue_refund_attempt(private.card_refunds, integer) is 'Freezes what will be sent, and writes the job that sends it; answers the job.';

create function private.request_card_refund(p_topup_transaction_id uuid, p_amount bigint, p_idempotency_key text)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_known  jsonb := private.claim_key(v_user, 'request_card_refund', p_idempotency_key,
        jsonb_build_object('topup', p_topup_transaction_id, 'amount', p_amount));
    v_wallet uuid := ledger.account_of(v_user, 'client_wallet');
    v_topup  public.transactions;
    v_refund private.card_refunds;
    v_transaction public.transactions;
begin
    if v_known is null then
        perform ledger.lock_accounts(array[v_wallet]);
        v_topup := private.refundable_topup(v_user, p_topup_transaction_id, p_amount);
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (v_user, 'REFUND', p_amount, 'PENDING', 'Refund to card',
                jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id(), 'topup_id', v_topup.id)))
        returning * into v_transaction;
        insert into private.card_refunds (topup_id, transaction_id, amount)
        values (v_topup.id, v_transaction.id, p_amount) returning * into v_refund;
        perform ledger.hold(v_wallet, v_refund.id, p_amount);
        perform ledger.claim_lots(v_transaction.id, v_topup.id, p_amount);
        perform private.enqueue_refund_attempt(v_refund, 1);
        v_known := to_jsonb(v_transaction.id);
        perform private.record_result(v_user, 'request_card_refund', p_idempotency_key, v_known);
    end if;
    select t.* into strict v_transaction from public.transactions t where t.id = (v_known #>> '{}')::uuid;
    return v_transaction;
end
$$;
comment on function private.request_card_refund(uuid, bigint, text) is
    'Holds the amount (minor units), claims it of the top-up, writes refund, attempt and job, in one transaction.';

create function public.request_card_refund(p_topup_transaction_id uuid, p_amount numeric, p_idempotency_key text)
returns public.transactions
language plpgsql set search_path = '' as $$
begin
    return private.request_card_refund(p_topup_transaction_id, private.whole(p_amount, 'p_amount'), p_idempotency_key);
end
$$;
comment on function public.request_card_refund(uuid, numeric, text) is
    'Send bought and unspent money of a top-up back to its card (minor units). Answers the REFUND transaction as it stands. Refuses with not_found, card_refunds_disabled, amount_out_of_range, wallet_frozen, refund_exceeds_unspent, insufficient_funds, rate_limited, account_suspended, account_required, idempotency_key_reused.';

----------------------------------------------------------------------
-- Booking and undoing
----------------------------------------------------------------------

create function private.book_refund(p_refund private.card_refunds, p_stripe_refund_id text)
returns private.card_refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_clearing uuid := ledger.account_of(null, 'stripe_clearing');
    v_user     uuid := (select t.user_id from public.transactions t where t.id = p_refund.transaction_id);
    v_wallet   uuid := ledger.account_of(v_user, 'client_wallet');
    v_debt     uuid := ledger.account_of(v_user, 'client_debt');
    v_taken    bigint := p_refund.amount;
    v_legs     ledger.leg[] := '{}';
    v_is_held  boolean := exists (select from ledger.holds h where h.reference = p_refund.id and h.status = 'PENDING');
    v_refund   private.card_refunds;
begin
    perform private.claim_key(private.zero_uuid(), 'card_refund', p_stripe_refund_id, jsonb_build_object('amount', p_refund.amount));
    perform private.record_result(private.zero_uuid(), 'card_refund', p_stripe_refund_id, to_jsonb(p_refund.transaction_id));
    if v_is_held then
        -- Its money left the line when it was asked for: no dispute has counted on it.
        perform ledger.lock_accounts(array[v_wallet, v_debt]);
        perform ledger.resolve_holds(p_refund.id, 'POSTED');
    else
        perform private.set_disputes_aside(p_refund.topup_id);
        -- Made in Stripe's dashboard: what is left of the top-up and not held for something else, then the client owes.
        v_taken := ledger.claim_lots(p_refund.transaction_id, p_refund.topup_id, (
            select least(p_refund.amount, a.credits - a.debits - a.held) from ledger.accounts a where a.id = v_wallet));
    end if;
    if v_taken > 0 then
        v_legs := v_legs || ('card_refund', v_wallet, v_clearing, v_taken, null, 0, null, null)::ledger.leg;
    end if;
    if v_taken < p_refund.amount then
        v_legs := v_legs || ('debt', v_debt, v_clearing, p_refund.amount - v_taken, null, 0, null, null)::ledger.leg;
    end if;
    perform ledger.post_card_return(p_refund.transaction_id, v_legs);
    if not v_is_held then
        perform private.take_disputes_anew(p_refund.topup_id);
    end if;
    update private.card_refunds r set status = 'MADE', stripe_refund_id = p_stripe_refund_id
    where r.id = p_refund.id returning r.* into v_refund;
    update private.refund_attempts a set status = 'MADE', error_code = null, error_message = null
    where a.refund_id = p_refund.id and a.status <> 'FAILED';
    update public.transactions t set status = 'COMPLETED' where t.id = p_refund.transaction_id;
    perform private.tell(v_user, 'wallet_changed', jsonb_build_object('transaction_id', p_refund.transaction_id));
    return v_refund;
end
$$;
comment on function private.book_refund(private.card_refunds, text) is
    'The refund exists at Stripe: client_wallet → stripe_clearing for what was held or is unspent of the top-up, client_debt → stripe_clearing for the rest. A dispute of the top-up takes of what the refund leaves, also when it was applied before. Once per refund id.';

create function private.undo_refund(p_refund private.card_refunds, p_failure_transaction_id text, p_code text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := (select t.user_id from public.transactions t where t.id = p_refund.transaction_id);
begin
    perform private.claim_key(private.zero_uuid(), 'card_refund_reversal',
        p_refund.stripe_refund_id || ':' || coalesce(p_failure_transaction_id, 'canceled'), jsonb_build_object('amount', p_refund.amount));
    perform private.set_disputes_aside(p_refund.topup_id);
    perform ledger.post_card_return(p_refund.transaction_id,
        ledger.card_return_legs(p_refund.transaction_id, 'card_refund_reversal', p_refund.amount));
    perform ledger.cover_owed(p_refund.topup_id);
    perform private.take_disputes_anew(p_refund.topup_id);
    update private.card_refunds r set status = 'FAILED', failure_code = p_code where r.id = p_refund.id;
    update public.transactions t set status = 'FAILED' where t.id = p_refund.transaction_id;
    perform private.tell(v_user, 'wallet_changed', jsonb_build_object('transaction_id', p_refund.transaction_id));
end
$$;
comment on function private.undo_refund(private.card_refunds, text, text) is
    'The bank returned the refund, or it was cancelled: stripe_clearing → what it was taken from, once. A debt that was paid meanwhile comes back to the wallet; a dispute of the top-up takes again, as if the refund had never been.';

create function private.abandon_refund(p_refund_id uuid, p_code text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund private.card_refunds;
    v_user   uuid;
begin
    update private.card_refunds r set status = 'FAILED', failure_code = left(p_code, 200)
    where r.id = p_refund_id returning r.* into v_refund;
    perform private.set_disputes_aside(v_refund.topup_id);
    perform ledger.resolve_holds(p_refund_id, 'VOIDED');
    perform ledger.give_up_claims(v_refund.transaction_id);
    perform ledger.cover_owed(v_refund.topup_id);
    perform private.take_disputes_anew(v_refund.topup_id);
    update public.transactions t set status = 'FAILED' where t.id = v_refund.transaction_id returning t.user_id into v_user;
    perform private.tell(v_user, 'wallet_changed', jsonb_build_object('transaction_id', v_refund.transaction_id));
end
$$;
comment on function private.abandon_refund(uuid, text) is 'Stripe refused the refund for good: the hold goes back to the client, the money back in line, where it pays what other refunds of the top-up left owing; a dispute of it takes again. The top-up must be locked.';

----------------------------------------------------------------------
-- The attempt, step by step
----------------------------------------------------------------------

create function worker_api.start_refund_attempt(p_outbox_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund  private.card_refunds;
    v_attempt private.refund_attempts;
begin
    select r.* into v_refund from private.outbox o join private.card_refunds r on r.id = (o.payload ->> 'refund_id')::uuid
    where o.id = p_outbox_id and o.topic = 'refund.execute' for update of r;
    if not found then
        return null;
    end if;
    select a.* into v_attempt from private.outbox o join private.refund_attempts a on a.id = (o.payload ->> 'attempt_id')::uuid
    where o.id = p_outbox_id;
    if v_refund.status <> 'PENDING' or v_attempt.status in ('MADE', 'FAILED') then
        -- An event, or another run of the job, settled it.
        perform private.finish_job(p_outbox_id);
        return null;
    elsif v_attempt.status = 'PENDING' and not private.setting_bool('switch.card_refunds') then
        -- Not yet sent, so it can wait; the claim does not count, or a long stop would park it.
        update private.outbox o set attempts = o.attempts - 1, last_error = 'refunds to card are switched off'
        where o.id = p_outbox_id and o.attempts > 0;
        return null;
    end if;
    update private.refund_attempts a set status = 'SENDING', first_tried_at = coalesce(a.first_tried_at, private.now())
    where a.id = v_attempt.id and a.status <> 'SENDING';
    update private.outbox o set begun_at = private.now() where o.id = p_outbox_id;
    return jsonb_build_object(
        'refund_id', v_refund.id, 'attempt_id', v_attempt.id, 'amount', v_attempt.amount,
        'payment_intent_id', v_attempt.payment_intent_id, 'idempotency_key', 're:' || v_attempt.id,
        'first_tried_at', v_attempt.first_tried_at);
end
$$;
comment on function worker_api.start_refund_attempt(uuid) is
    'What to send to Stripe for a job; null when nothing is left to send, or it must wait for switch.card_refunds. Marks the attempt tried before anything is sent; first_tried_at is null on the first try only.';

create function worker_api.record_card_refund(p_outbox_id uuid, p_attempt_id uuid, p_stripe_refund_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund private.card_refunds;
begin
    select r.* into v_refund from private.card_refunds r
    where r.id = (select a.refund_id from private.refund_attempts a where a.id = p_attempt_id) for update;
    if not found then
        perform private.fail('not_found');
    elsif v_refund.stripe_refund_id <> p_stripe_refund_id or (v_refund.status = 'FAILED' and v_refund.stripe_refund_id is null) then
        perform private.fail('invalid_state', 'The refund is settled with another outcome.');
    elsif v_refund.status = 'PENDING' then
        perform private.book_refund(v_refund, p_stripe_refund_id);
    end if;
    perform private.finish_job(p_outbox_id);
end
$$;
comment on function worker_api.record_card_refund(uuid, uuid, text) is 'The refund of an attempt exists: booked once; a repeat changes nothing. Ends the job.';

create function worker_api.record_refund_failure(p_outbox_id uuid, p_attempt_id uuid, p_outcome text, p_code text, p_message text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund  private.card_refunds;
    v_attempt private.refund_attempts;
    v_job     uuid;
begin
    -- Before the refund, as where Stripe tells of it: a dispute of the top-up must not move while its refund is given up.
    perform from public.transactions t
    where t.id = (select r.topup_id from private.card_refunds r join private.refund_attempts a on a.refund_id = r.id where a.id = p_attempt_id)
    for no key update;
    select r.* into v_refund from private.card_refunds r
    where r.id = (select a.refund_id from private.refund_attempts a where a.id = p_attempt_id) for update;
    if not found then
        perform private.fail('not_found');
    elsif p_outcome not in ('refused', 'unknown', 'insufficient_balance') then
        perform private.fail('invalid_argument', 'p_outcome is not of the list.');
    end if;
    update private.refund_attempts a
    set error_code = left(p_code, 200), error_message = left(p_message, 2000),
        status = case p_outcome when 'unknown' then 'UNKNOWN' else 'FAILED' end::private.refund_attempt_status
    where a.id = p_attempt_id and a.status not in ('MADE', 'FAILED') returning a.* into v_attempt;
    if not found or v_refund.status <> 'PENDING' then
        -- An event, or another run of the job, knew better meanwhile.
        perform private.finish_job(p_outbox_id);
    elsif p_outcome = 'refused' then
        perform private.abandon_refund(v_refund.id, p_code);
        perform private.finish_job(p_outbox_id);
    elsif p_outcome = 'insufficient_balance' then
        v_job := private.enqueue_refund_attempt(v_refund, v_attempt.number + 1);
        update private.outbox o set visible_at = private.now() + private.backoff(v_attempt.number + 4) where o.id = v_job;
        perform private.finish_job(p_outbox_id);
    else
        -- Waiting for Stripe is no fault of the job: it is never parked while money may be on its way.
        perform worker_api.fail_outbox(p_outbox_id, p_code, true);
    end if;
end
$$;
comment on function worker_api.record_refund_failure(uuid, uuid, text, text, text) is
    'Notes how an attempt failed. Refused: hold voided, refund FAILED. Insufficient balance: a new attempt, later. Unknown: looked up, then the same key again; the money stays held.';

----------------------------------------------------------------------
-- What Stripe tells
----------------------------------------------------------------------

create function private.paid_topup(p_payment_intent_id text, p_currency text)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup public.transactions;
begin
    select t.* into v_topup from public.transactions t
    where t.type = 'ADD_FUNDS' and t.stripe_payment_intent_id = p_payment_intent_id
    -- Not for update: whoever asks for a refund holds the wallet and refers to this row.
    for no key update;
    if not found or v_topup.status <> 'COMPLETED' then
        perform private.fail('transaction_not_found', 'No top-up of that payment is credited yet.');
    elsif upper(p_currency) <> v_topup.currency then
        perform private.fail('currency_mismatch');
    end if;
    return v_topup;
end
$$;
comment on function private.paid_topup(text, text) is
    'The credited top-up of a PaymentIntent, locked; refused until it is credited, since its money cannot be taken before it was given.';

create function private.refund_as_told(p_topup public.transactions, p_stripe_refund_id text, p_attempt_id uuid, p_amount bigint)
returns private.card_refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund private.card_refunds;
    v_transaction uuid;
begin
    select r.* into v_refund from private.card_refunds r
    where r.stripe_refund_id = p_stripe_refund_id
       or (r.status = 'PENDING' and r.topup_id = p_topup.id
           and r.id = (select a.refund_id from private.refund_attempts a where a.id = p_attempt_id))
    for update;
    if not found then
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (p_topup.user_id, 'REFUND', p_amount, 'PENDING', 'Refund to card', jsonb_build_object('topup_id', p_topup.id))
        returning id into v_transaction;
        insert into ledger.card_returns (transaction_id, topup_id, account_id)
        values (v_transaction, p_topup.id, ledger.account_of(p_topup.user_id, 'client_wallet'));
        insert into private.card_refunds (topup_id, transaction_id, amount)
        values (p_topup.id, v_transaction, p_amount) returning * into v_refund;
    elsif v_refund.amount <> p_amount then
        perform private.fail('invalid_state', 'The refund differs from the attempt it names.');
    end if;
    return v_refund;
end
$$;
comment on function private.refund_as_told(public.transactions, text, uuid, bigint) is
    'Our own refund, or a new row for one made in Stripe''s dashboard; amount in minor units.';

create function private.take_refund(
    p_topup public.transactions, p_sequence bigint, p_stripe_refund_id text, p_attempt_id uuid, p_amount bigint,
    p_status text, p_failure_reason text, p_failure_transaction_id text)
returns private.card_refunds
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund private.card_refunds;
begin
    if private.is_newest(p_stripe_refund_id, p_sequence) then
        v_refund := private.refund_as_told(p_topup, p_stripe_refund_id, p_attempt_id, p_amount);
        if v_refund.status = 'PENDING' then
            v_refund := private.book_refund(v_refund, p_stripe_refund_id);
        end if;
        if p_status in ('failed', 'canceled') and v_refund.status = 'MADE' then
            perform private.undo_refund(v_refund, p_failure_transaction_id, coalesce(p_failure_reason, p_status));
        end if;
    end if;
    return v_refund;
end
$$;
comment on function private.take_refund(public.transactions, bigint, text, uuid, bigint, text, text, text) is
    'Takes over a refund (minor units) as fetched: booked once when it exists, undone once when it failed. A row of nulls when a later answer was taken before.';

create function worker_api.apply_refund(
    p_event_id text, p_sequence bigint, p_stripe_refund_id text, p_payment_intent_id text, p_attempt_id uuid, p_amount bigint,
    p_currency text, p_status text, p_failure_reason text default null, p_failure_transaction_id text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup   public.transactions;
    v_refund  private.card_refunds;
    v_outcome text;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_topup := private.paid_topup(p_payment_intent_id, p_currency);
    v_refund := private.take_refund(v_topup, p_sequence, p_stripe_refund_id, p_attempt_id, p_amount, p_status,
        p_failure_reason, p_failure_transaction_id);
    v_outcome := case when v_refund.id is null then 'STALE' else 'APPLIED' end;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'transaction_id', v_refund.transaction_id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_refund(text, bigint, text, text, uuid, bigint, text, text, text, text) is
    'Applies a refund as fetched (minor units): booked once when it exists, undone once when it failed or was cancelled. One that failed before it was ever heard of is booked and undone, so that any order of its events leaves the same postings.';

create function worker_api.record_refund_made(
    p_sequence bigint, p_stripe_refund_id text, p_payment_intent_id text, p_attempt_id uuid, p_amount bigint,
    p_currency text, p_status text, p_failure_reason text default null, p_failure_transaction_id text default null)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_refund private.card_refunds;
begin
    v_refund := private.take_refund(private.paid_topup(p_payment_intent_id, p_currency), p_sequence, p_stripe_refund_id,
        p_attempt_id, p_amount, p_status, p_failure_reason, p_failure_transaction_id);
    return v_refund.transaction_id;
end
$$;
comment on function worker_api.record_refund_made(bigint, text, text, uuid, bigint, text, text, text, text) is
    'A refund as fetched (minor units), before the dispute of the same payment is applied: what was refunded is the client''s own money, and a dispute takes of what is left. Its transaction; null when a later answer was taken before.';

create function worker_api.reconcile_charge_refunds(p_event_id text, p_payment_intent_id text, p_amount_refunded bigint, p_currency text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_topup public.transactions;
    v_known bigint;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_topup := private.paid_topup(p_payment_intent_id, p_currency);
    select coalesce(sum(r.amount), 0) into v_known from private.card_refunds r where r.topup_id = v_topup.id and r.status = 'MADE';
    if v_known <> p_amount_refunded then
        perform private.fail('transaction_not_found', format('Stripe has refunded %s of the charge, %s is booked.', p_amount_refunded, v_known));
    end if;
    perform private.close_event(p_event_id);
    return jsonb_build_object('applied', true, 'transaction_id', v_topup.id, 'reason', 'reconciled');
end
$$;
comment on function worker_api.reconcile_charge_refunds(text, text, bigint, text) is
    'charge.refunded moves no money, its amount (minor units) is cumulative: it must equal what is booked, or the event waits for the refunds'' own, and is parked where administrators see it if they never come.';

----------------------------------------------------------------------
-- Waiting for Stripe's balance
----------------------------------------------------------------------

create function worker_api.apply_balance_available(p_event_id text, p_account_id text default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_woken integer;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    update private.outbox o set visible_at = private.now()
    where o.topic in ('payout.execute', 'refund.execute') and o.parked_at is null and o.visible_at > private.now()
      -- A second attempt is made for want of our balance only; a second bank payout waits for its account's.
      and case when p_account_id is null then exists (
                   select from public.payout_attempts a
                   where a.id::text = o.payload ->> 'attempt_id' and a.number > 1 and a.status = 'PENDING'
                   union all
                   select from private.refund_attempts a
                   where a.id::text = o.payload ->> 'attempt_id' and a.number > 1 and a.status = 'PENDING')
               else exists (
                   select from public.payout_attempts a
                   where a.id::text = o.payload ->> 'attempt_id' and a.destination = p_account_id
                     and a.bank_try > 1 and a.status = 'TRANSFERRED') end;
    get diagnostics v_woken = row_count;
    perform private.close_event(p_event_id, case when v_woken > 0 then 'APPLIED' else 'IGNORED' end);
    return jsonb_build_object('applied', v_woken > 0, 'reason', format('%s woken', v_woken));
end
$$;
comment on function worker_api.apply_balance_available(text, text) is
    'Money came at Stripe, ours (null) or a connected account''s: payouts and refunds that waited for it are due now. Whether it is enough is Stripe''s to say.';

grant execute on all functions in schema worker_api to service_role;
