-- Payouts: Connect accounts, the reader's earnings, and the attempts that move money to Stripe.
-- An attempt is written before it is tried; money is held until its outcome is known.

set lock_timeout = '4s';

create type public.payout_status as enum ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED');
comment on type public.payout_status is 'How far a payout is, as its reader sees it.';
create type public.payout_attempt_status as enum ('PENDING', 'SENDING', 'UNKNOWN', 'TRANSFERRED', 'COMPLETED', 'FAILED');
comment on type public.payout_attempt_status is 'How far an attempt is. UNKNOWN: Stripe did not answer, so the money may have moved.';

create table public.payouts (
    id                 uuid primary key default private.uuid_v7(),
    reader_id          uuid not null references public.users (id) on delete restrict,
    amount             bigint not null check (amount > 0),
    returned           bigint not null default 0,
    currency           character(3) not null default private.currency(),
    status             public.payout_status not null default 'PENDING',
    transaction_id     uuid not null references public.transactions (id),
    stripe_transfer_id text unique check (stripe_transfer_id ~ '^tr_[A-Za-z0-9_-]{1,250}$'),
    stripe_payout_id   text unique check (stripe_payout_id ~ '^po_[A-Za-z0-9_-]{1,250}$'),
    failure_code       text check (length(failure_code) <= 200),
    created_at         timestamptz not null default private.now(),
    updated_at         timestamptz not null default private.now(),
    processed_at       timestamptz,
    constraint returned_within_amount check (returned between 0 and amount),
    constraint processed_when_final check ((status in ('COMPLETED', 'FAILED')) = (processed_at is not null))
);
comment on table public.payouts is 'A reader''s wish to have cleared earnings paid out, and how far it is.';
comment on column public.payouts.amount is 'Minor units.';
comment on column public.payouts.returned is 'What of it went back to the earnings because its transfer was reversed, minor units.';
create index payouts_reader on public.payouts (reader_id, id desc);
create index payouts_transaction on public.payouts (transaction_id);
create index payouts_under_way on public.payouts (updated_at) where status = 'PROCESSING';
alter table public.payouts enable row level security;
create trigger touch before update on public.payouts for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on public.payouts
    for each row execute function private.require_platform_currency();

create table public.payout_attempts (
    id               uuid primary key default private.uuid_v7(),
    payout_id        uuid not null references public.payouts (id) on delete restrict,
    number           integer not null check (number > 0),
    status           public.payout_attempt_status not null default 'PENDING',
    amount           bigint not null check (amount > 0),
    currency         character(3) not null,
    destination      text not null,
    method           text not null default 'standard' check (method in ('standard', 'instant')),
    bank_try         integer not null default 1 check (bank_try > 0),
    transfer_id      text unique,
    stripe_payout_id text unique,
    failed_payouts   text[] not null default '{}',
    first_tried_at   timestamptz,
    error_code       text,
    error_message    text,
    created_at       timestamptz not null default private.now(),
    updated_at       timestamptz not null default private.now(),
    constraint attempt_number unique (payout_id, number),
    constraint transferred_has_transfer check ((status in ('TRANSFERRED', 'COMPLETED')) = (transfer_id is not null))
);
comment on table public.payout_attempts is 'What is sent to Stripe for a payout, frozen before it is sent; one idempotency key each, tr:<id>.';
comment on column public.payout_attempts.amount is 'Minor units.';
comment on column public.payout_attempts.method is 'How the bank payout is asked for; an instant one that Stripe refuses, or that the reader''s instant balance does not cover, is asked for the standard way.';
comment on column public.payout_attempts.bank_try is 'Which try of the bank payout this is; one that was refused or failed is tried again under a new key, the transfer never.';
comment on column public.payout_attempts.failed_payouts is 'Ids at Stripe of bank payouts that failed and were followed by another; what is told of them later is past.';
create unique index payout_attempts_one_open on public.payout_attempts (payout_id) where status <> 'FAILED';
alter table public.payout_attempts enable row level security;
create trigger touch before update on public.payout_attempts for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on public.payout_attempts
    for each row execute function private.require_platform_currency();

create function private.payable(p_account_id uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select coalesce(ledger.payable(a.id, private.now()), 0) from ledger.accounts a
    where a.id = p_account_id and (a.user_id = auth.uid() or auth.role() = 'service_role'));
end
$$;
comment on function private.payable(uuid) is 'What the owner or the services may see as payable; minor units.';
grant execute on function private.payable(uuid) to authenticated, service_role;

create view public.reader_earnings with (security_invoker = true) as
select a.id, a.user_id,
       a.credits - a.debits as balance,
       a.held,
       private.payable(a.id) as payable,
       a.currency, a.created_at, a.updated_at
from ledger.accounts a
where a.kind = 'reader_earnings';
comment on view public.reader_earnings is 'A reader''s own account, minor units: balance, held by payouts under way, payable now.';
create trigger read_only instead of insert or update or delete on public.reader_earnings
    for each row execute function private.refuse_write();

----------------------------------------------------------------------
-- Connect accounts
----------------------------------------------------------------------

create function private.is_gone(p_account public.reader_accounts)
returns boolean
language sql
immutable
set search_path = ''
as $$ select p_account.stripe_account_id is not null and coalesce(p_account.disabled_reason = 'account_gone', false) $$;
comment on function private.is_gone(public.reader_accounts) is
    'Whether the Connect account was closed, or its owner sent us away: nothing can be asked of it, nor paid to it, ever again.';

create function worker_api.begin_payout_account(p_user_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_status  public.user_status;
    v_account public.reader_accounts;
    v_gone    boolean;
begin
    select u.status into v_status from public.users u where u.id = p_user_id;
    select a.* into v_account from public.reader_accounts a where a.user_id = p_user_id;
    if v_account.id is null then
        perform private.fail('not_a_reader');
    elsif v_status <> 'ACTIVE' then
        perform private.fail('account_suspended');
    end if;
    v_gone := private.is_gone(v_account);
    return jsonb_build_object('user_id', p_user_id, 'country', 'US', 'email', (select u.email from auth.users u where u.id = p_user_id),
        'stripe_account_id', case when not v_gone then v_account.stripe_account_id end,
        'former_account_id', case when v_gone then v_account.stripe_account_id end);
end
$$;
comment on function worker_api.begin_payout_account(uuid) is 'What Connect needs to know of a reader; an account that is gone is the former one, to be followed by another. Refuses with not_a_reader, account_suspended.';

create function worker_api.record_payout_account(p_user_id uuid, p_stripe_account_id text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account public.reader_accounts;
begin
    select a.* into v_account from public.reader_accounts a where a.user_id = p_user_id for update;
    if not found then
        perform private.fail('not_a_reader');
    elsif v_account.stripe_account_id is null or (private.is_gone(v_account) and v_account.stripe_account_id <> p_stripe_account_id) then
        update public.reader_accounts a
        set stripe_account_id = p_stripe_account_id, details_submitted = false, payouts_enabled = false, disabled_reason = null,
            requirements_due = '{}'
        where a.id = v_account.id;
        return p_stripe_account_id;
    end if;
    return v_account.stripe_account_id;
end
$$;
comment on function worker_api.record_payout_account(uuid, text) is 'Remembers the reader''s Connect account, in place of one that is gone; answers the one that stands.';

create function worker_api.apply_account(
    p_event_id text, p_sequence bigint, p_account_id text, p_details_submitted boolean, p_transfers_active boolean,
    p_payouts_enabled boolean, p_disabled_reason text, p_requirements_due text[])
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_before  public.reader_accounts;
    v_user    uuid;
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    if private.is_newest(p_account_id, p_sequence) then
        select a.* into v_before from public.reader_accounts a where a.stripe_account_id = p_account_id for update;
        update public.reader_accounts a
        set details_submitted = p_details_submitted, payouts_enabled = p_transfers_active and p_payouts_enabled,
            disabled_reason = p_disabled_reason, requirements_due = coalesce(p_requirements_due, '{}')
        where a.stripe_account_id = p_account_id returning a.user_id into v_user;
        if not found and p_disabled_reason = 'account_gone' then
            -- Another has taken its place, or nobody ever earned by it.
            perform private.close_event(p_event_id, 'IGNORED');
            return jsonb_build_object('applied', false, 'reason', 'not_ours');
        elsif not found then
            perform private.fail('transaction_not_found', 'No reader carries this Connect account yet.');
        end if;
        perform private.leave_bank_payouts(p_account_id);
        if not v_before.payouts_enabled then
            perform private.retry_failed_payouts(p_account_id);
        end if;
        -- Stripe tells of far more than what is kept here: a mail is worth what opens or closes the way of the money.
        if (v_before.payouts_enabled, v_before.disabled_reason) is distinct from (p_transfers_active and p_payouts_enabled, p_disabled_reason) then
            perform private.notify(v_user, 'payout_account_changed', '{}');
        else
            perform private.tell(v_user, 'notification', jsonb_build_object('kind', 'payout_account_changed'));
        end if;
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'user_id', v_user, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_account(text, bigint, text, boolean, boolean, boolean, text, text[]) is
    'Opens or closes the payout gate, as the account was fetched. When it opens, bank payouts that failed are tried again. Of one that is gone nothing more will be heard: its bank payouts under way end.';

----------------------------------------------------------------------
-- Request
----------------------------------------------------------------------

create function private.payout_gate(p_user_id uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_account public.reader_accounts;
begin
    select a.* into v_account from public.reader_accounts a where a.user_id = p_user_id;
    if not found then
        perform private.fail('not_a_reader');
    elsif not private.setting_bool('switch.payouts') then
        perform private.fail('payouts_disabled');
    elsif v_account.stripe_account_id is null or not v_account.payouts_enabled then
        perform private.fail('payout_account_not_ready');
    end if;
    return v_account.stripe_account_id;
end
$$;
comment on function private.payout_gate(uuid) is 'The Connect account that may be paid, or a refusal.';

create function private.payout_amount(p_account_id uuid, p_wished bigint)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_payable bigint := coalesce(ledger.payable(p_account_id, private.now()), 0);
    v_minimum bigint := private.setting_int('payout.minimum');
begin
    if p_wished <= 0 then
        perform private.fail('amount_out_of_range', 'A payout is a positive amount.');
    elsif v_payable = 0 then
        perform private.fail('nothing_payable');
    elsif p_wished > v_payable then
        perform private.fail('payout_exceeds_payable', format('%s can be paid out.', v_payable));
    elsif coalesce(p_wished, v_payable) < v_minimum then
        perform private.fail('payout_below_minimum', format('The smallest payout is %s.', v_minimum));
    end if;
    return coalesce(p_wished, v_payable);
end
$$;
comment on function private.payout_amount(uuid, bigint) is 'The amount to pay out (minor units; null wishes for all), or a refusal. The account must be locked.';

create function private.make_payout(p_reader_id uuid, p_amount bigint, p_description text)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account     uuid := ledger.account_of(p_reader_id, 'reader_earnings');
    v_destination text := private.payout_gate(p_reader_id);
    v_amount      bigint;
    v_payout      public.payouts;
begin
    perform ledger.lock_accounts(array[v_account]);
    v_amount := private.payout_amount(v_account, p_amount);
    insert into public.transactions (user_id, type, amount, status, description, metadata)
    values (p_reader_id, 'PAYOUT', v_amount, 'PENDING', p_description,
            jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
    returning id into v_payout.transaction_id;
    insert into public.payouts (reader_id, amount, transaction_id)
    values (p_reader_id, v_amount, v_payout.transaction_id) returning * into v_payout;
    perform ledger.hold(v_account, v_payout.id, v_amount);
    perform private.enqueue_attempt(v_payout, 1, v_destination);
    return v_payout;
end
$$;
comment on function private.make_payout(uuid, bigint, text) is
    'Holds the amount (minor units; null for all that is payable), writes payout, attempt and job, in one transaction.';

create function private.request_payout(p_idempotency_key text, p_amount bigint)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_reader uuid := private.require_account();
    v_known  jsonb := private.claim_key(v_reader, 'request_payout', p_idempotency_key, jsonb_build_object('amount', p_amount));
    v_payout public.payouts;
begin
    if v_known is not null then
        select p.* into strict v_payout from public.payouts p where p.id = (v_known #>> '{}')::uuid;
        return v_payout;
    end if;
    v_payout := private.make_payout(v_reader, p_amount, 'Payout');
    perform private.record_result(v_reader, 'request_payout', p_idempotency_key, to_jsonb(v_payout.id));
    return v_payout;
end
$$;
comment on function private.request_payout(text, bigint) is 'A payout that the reader asks for, once a key.';

create function private.readers_to_pay(p_now timestamptz, p_limit integer)
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_since   timestamptz := p_now - private.setting_int('payout.schedule_days') * interval '1 day';
    v_minimum bigint := private.setting_int('payout.minimum');
begin
    if v_since >= p_now or not private.setting_bool('switch.payouts') then
        return;
    end if;
    return query
    select r.user_id from public.reader_accounts r
    join public.users u on u.id = r.user_id and u.status = 'ACTIVE'
    join ledger.accounts a on a.user_id = r.user_id and a.kind = 'reader_earnings'
    where r.stripe_account_id is not null and r.payouts_enabled and r.created_at <= v_since
      and a.credits - a.debits - a.held >= v_minimum and ledger.payable(a.id, p_now) >= v_minimum
      and not exists (select from public.payouts p where p.reader_id = r.user_id
                      and (p.created_at > v_since or p.status in ('PENDING', 'PROCESSING')))
    order by r.user_id
    limit p_limit;
end
$$;
comment on function private.readers_to_pay(timestamptz, integer) is
    'Readers whose last payout lies payout.schedule_days back, who have enough to be paid and an open gate. Cost: those with that much in earnings.';

create function worker_api.request_scheduled_payouts(p_limit integer default 100)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_limit     integer := least(greatest(p_limit, 1), 500);
    v_reader    uuid;
    v_seen      integer := 0;
    v_requested integer := 0;
begin
    for v_reader in select private.readers_to_pay(private.now(), v_limit) loop
        v_seen := v_seen + 1;
        -- One that cannot be paid after all, as when the gate has just closed, must not stop the others.
        begin
            perform private.make_payout(v_reader, null, 'Scheduled payout');
            v_requested := v_requested + 1;
        exception when others then
            raise warning 'no scheduled payout for %: %', v_reader, sqlerrm;
        end;
    end loop;
    return jsonb_build_object('requested', v_requested, 'more', v_requested > 0 and v_seen = v_limit);
end
$$;
comment on function worker_api.request_scheduled_payouts(integer) is
    'Requests the payouts that payout.schedule_days makes due, all that is payable to each; answers how many, and whether to call again at once.';

create function private.enqueue_attempt(p_payout public.payouts, p_number integer, p_destination text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt uuid;
begin
    insert into public.payout_attempts (payout_id, number, amount, currency, destination, method)
    values (p_payout.id, p_number, p_payout.amount, p_payout.currency, p_destination,
            case when private.setting_bool('payout.instant') then 'instant' else 'standard' end)
    returning id into v_attempt;
    return private.enqueue('payout.execute', jsonb_build_object('payout_id', p_payout.id, 'attempt_id', v_attempt));
end
$$;
comment on function private.enqueue_attempt(public.payouts, integer, text) is 'Freezes what will be sent, and writes the job that sends it; answers the job.';

create function public.request_payout(p_idempotency_key text, p_amount numeric default null)
returns public.payouts
language plpgsql set search_path = '' as $$
begin
    return private.request_payout(p_idempotency_key, private.whole(p_amount, 'p_amount'));
end
$$;
comment on function public.request_payout(text, numeric) is
    'Pay out cleared earnings (minor units; all when p_amount is left out). Refuses with not_a_reader, payouts_disabled, payout_account_not_ready, nothing_payable, payout_below_minimum, payout_exceeds_payable, amount_out_of_range, account_suspended, idempotency_key_reused.';

----------------------------------------------------------------------
-- The attempt, step by step
----------------------------------------------------------------------

create function worker_api.start_payout_attempt(p_outbox_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
    v_tried   timestamptz;
    v_returned bigint;
begin
    select a.* into v_attempt from private.outbox o
    join public.payout_attempts a on a.id = (o.payload ->> 'attempt_id')::uuid
    where o.id = p_outbox_id and o.topic = 'payout.execute';
    if not found then
        return null;
    end if;
    select a.* into v_attempt from public.payout_attempts a where a.id = v_attempt.id for update;
    if v_attempt.status = 'PENDING' and not private.setting_bool('switch.payouts') then
        -- Not yet sent, so it can wait; the claim does not count, or a long stop would park it. What was sent is seen through.
        update private.outbox o set attempts = o.attempts - 1, last_error = 'payouts are switched off'
        where o.id = p_outbox_id and o.attempts > 0;
        return null;
    end if;
    v_tried := v_attempt.first_tried_at;
    select p.returned into v_returned from public.payouts p where p.id = v_attempt.payout_id;
    if v_attempt.status in ('PENDING', 'SENDING', 'UNKNOWN') then
        update public.payout_attempts a set status = 'SENDING', first_tried_at = coalesce(a.first_tried_at, private.now())
        where a.id = v_attempt.id and a.status <> 'SENDING';
    end if;
    update private.outbox o set begun_at = private.now() where o.id = p_outbox_id;
    return jsonb_build_object(
        'payout_id', v_attempt.payout_id, 'attempt_id', v_attempt.id,
        'step', case when v_attempt.status = 'TRANSFERRED' then 'bank_payout'
                     when v_attempt.status in ('COMPLETED', 'FAILED') then 'done' else 'transfer' end,
        'amount', v_attempt.amount - v_returned, 'currency', v_attempt.currency, 'destination', v_attempt.destination, 'method', v_attempt.method,
        'transfer_key', 'tr:' || v_attempt.id,
        'payout_key', 'po:' || v_attempt.id || case when v_attempt.bank_try > 1 then ':' || v_attempt.bank_try else '' end,
        'transfer_group', 'payout:' || v_attempt.payout_id,
        'transfer_id', v_attempt.transfer_id, 'stripe_payout_id', v_attempt.stripe_payout_id, 'first_tried_at', v_tried);
end
$$;
comment on function worker_api.start_payout_attempt(uuid) is
    'What to send to Stripe next for a job; null when the job is done, or must wait for switch.payouts. Marks the attempt tried before anything is sent; first_tried_at is null on the first try only.';

create function private.book_transfer(p_attempt public.payout_attempts, p_transfer_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout  public.payouts;
    v_account uuid;
begin
    update public.payouts p set stripe_transfer_id = p_transfer_id, status = 'PROCESSING'
    where p.id = p_attempt.payout_id returning p.* into v_payout;
    v_account := ledger.account_of(v_payout.reader_id, 'reader_earnings');
    perform ledger.resolve_holds(v_payout.id, 'POSTED');
    perform ledger.post_transfer(v_payout.transaction_id, 'payout', v_account, ledger.account_of(null, 'stripe_clearing'), v_payout.amount);
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    values (v_account, v_payout.transaction_id, -v_payout.amount, private.now(), private.now());
    update public.transactions t set status = 'COMPLETED', stripe_transfer_id = p_transfer_id where t.id = v_payout.transaction_id;
    update public.payout_attempts a set status = 'TRANSFERRED', transfer_id = p_transfer_id, error_code = null, error_message = null
    where a.id = p_attempt.id;
end
$$;
comment on function private.book_transfer(public.payout_attempts, text) is
    'The transfer exists: the hold is posted, reader_earnings → stripe_clearing, which discharges us.';

create function worker_api.record_transfer(p_attempt_id uuid, p_transfer_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
begin
    select a.* into v_attempt from public.payout_attempts a where a.id = p_attempt_id for update;
    if not found then
        perform private.fail('not_found');
    elsif v_attempt.transfer_id = p_transfer_id then
        return;
    elsif v_attempt.transfer_id is not null or v_attempt.status = 'FAILED' then
        perform private.fail('invalid_state', 'The attempt is settled with another outcome.');
    end if;
    perform private.book_transfer(v_attempt, p_transfer_id);
end
$$;
comment on function worker_api.record_transfer(uuid, text) is 'Books the transfer of an attempt, once; a repeat changes nothing.';

create function worker_api.apply_transfer(
    p_event_id text, p_transfer_id text, p_attempt_id uuid, p_amount bigint, p_reversals jsonb, p_currency text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    select a.* into v_attempt from public.payout_attempts a
    where a.transfer_id = p_transfer_id or a.id = p_attempt_id for update;
    if not found then
        perform private.close_event(p_event_id, 'IGNORED');
        return jsonb_build_object('applied', false, 'reason', 'not_ours');
    elsif v_attempt.amount <> p_amount or v_attempt.currency <> upper(p_currency) or v_attempt.status = 'FAILED' then
        perform private.fail('invalid_state', 'The transfer differs from the attempt it names.');
    elsif v_attempt.transfer_id <> p_transfer_id then
        -- Money left twice for one obligation: never taken for what is known, but kept where an administrator looks.
        perform private.fail('invalid_state', 'The attempt has another transfer.');
    end if;
    if v_attempt.transfer_id is null then
        perform private.book_transfer(v_attempt, p_transfer_id);
        select a.* into v_attempt from public.payout_attempts a where a.id = v_attempt.id;
    end if;
    perform private.apply_transfer_reversals(v_attempt, p_reversals);
    perform private.close_event(p_event_id);
    return jsonb_build_object('applied', true, 'payout_id', v_attempt.payout_id);
end
$$;
comment on function worker_api.apply_transfer(text, text, uuid, bigint, jsonb, text) is
    'A transfer as fetched, with its reversals (id and amount): confirms an attempt, or tells of one whose answer was lost, and books each reversal once. Amounts in minor units.';

create function worker_api.record_bank_payout(p_outbox_id uuid, p_attempt_id uuid, p_stripe_payout_id text, p_status text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
begin
    select a.* into v_attempt from public.payout_attempts a
    where a.id = p_attempt_id and a.status in ('TRANSFERRED', 'COMPLETED')
      and coalesce(a.stripe_payout_id, p_stripe_payout_id) = p_stripe_payout_id
    for update;
    if not found then
        perform private.fail('invalid_state', 'The attempt has no transfer, or another bank payout.');
    end if;
    -- A second run of the job may come after the bank's answer, or after another try of it, and must not undo either.
    if v_attempt.status = 'TRANSFERRED' and p_stripe_payout_id <> all (v_attempt.failed_payouts) then
        update public.payout_attempts a
        set status = 'COMPLETED', stripe_payout_id = p_stripe_payout_id, error_code = null, error_message = null
        where a.id = p_attempt_id;
        update public.payouts p set stripe_payout_id = p_stripe_payout_id where p.id = v_attempt.payout_id;
        perform private.set_payout_status(p_stripe_payout_id, p_status, null);
        perform private.leave_bank_payouts(v_attempt.destination);
    end if;
    perform private.finish_job(p_outbox_id);
end
$$;
comment on function worker_api.record_bank_payout(uuid, uuid, text, text) is 'The bank payout exists; the job is done.';

create function private.tell_payout(p_payout public.payouts)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.notify(p_payout.reader_id, 'payout_changed', jsonb_build_object('payout_id', p_payout.id, 'status', p_payout.status));
end
$$;
comment on function private.tell_payout(public.payouts) is 'Tells the reader what has become of a payout.';

create function private.set_payout_status(p_stripe_payout_id text, p_status text, p_failure_code text)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout public.payouts;
    v_status public.payout_status := case p_status when 'paid' then 'COMPLETED' when 'failed' then 'FAILED'
                                                   when 'canceled' then 'FAILED' else 'PROCESSING' end;
begin
    update public.payouts p
    set status = v_status, failure_code = case when v_status = 'FAILED' then coalesce(p_failure_code, p_status) end,
        processed_at = case when v_status <> 'PROCESSING' then private.now() end
    where p.stripe_payout_id = p_stripe_payout_id returning p.* into v_payout;
    if found then
        perform private.tell_payout(v_payout);
    end if;
    return v_payout;
end
$$;
comment on function private.set_payout_status(text, text, text) is
    'State only: the money is in the reader''s Stripe balance, whatever the bank says. paid may still become failed.';

create function worker_api.apply_payout_state(
    p_event_id text, p_sequence bigint, p_account_id text, p_stripe_payout_id text, p_status text, p_failure_code text default null,
    p_attempt_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
    v_payout  public.payouts;
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    if not exists (select from public.reader_accounts a where a.stripe_account_id = p_account_id) then
        perform private.close_event(p_event_id, 'IGNORED');
        return jsonb_build_object('applied', false, 'reason', 'not_ours');
    end if;
    if private.is_newest(p_stripe_payout_id, p_sequence) and not private.is_past(p_attempt_id, p_stripe_payout_id) then
        v_payout := private.set_payout_status(p_stripe_payout_id, p_status, p_failure_code);
        select a.* into v_attempt from public.payout_attempts a where a.id = p_attempt_id;
        if v_payout.id is not null then
            v_outcome := 'APPLIED';
        elsif v_attempt.id is null then
            -- The reader's own, or Stripe's debit of a negative balance; an attempt is there before anything is sent for it.
            v_outcome := 'IGNORED';
        elsif v_attempt.status = 'COMPLETED' and v_attempt.stripe_payout_id is null then
            -- Its transfer came back whole, or its account was gone, before this one was known: nobody waits for it.
            v_outcome := 'STALE';
        elsif p_status not in ('failed', 'canceled') or coalesce(v_attempt.stripe_payout_id, p_stripe_payout_id) = p_stripe_payout_id then
            perform private.fail('transaction_not_found', 'No payout carries this id yet.');
        end if;
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'payout_id', v_payout.id,
        'reason', case v_outcome when 'IGNORED' then 'not_ours' else lower(v_outcome) end);
end
$$;
comment on function worker_api.apply_payout_state(text, bigint, text, text, text, text, uuid) is
    'Moves a payout''s state as fetched from the reader''s Stripe account; one that names no attempt of ours is not ours. One that failed before its answer came, and was followed by another of the same attempt (which its metadata names), is past.';

create function private.is_past(p_attempt_id uuid, p_stripe_payout_id text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (select from public.payout_attempts a where a.id = p_attempt_id and p_stripe_payout_id = any (a.failed_payouts))
$$;
comment on function private.is_past(uuid, text) is 'Whether a bank payout failed before, and another try of its attempt followed.';

----------------------------------------------------------------------
-- Accounts that are gone
----------------------------------------------------------------------

create function private.lose_sight(p_payout_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout public.payouts;
begin
    update public.payouts p set status = 'FAILED', failure_code = 'account_gone', processed_at = private.now()
    where p.id = p_payout_id and p.status = 'PROCESSING' returning p.* into v_payout;
    if found then
        perform private.tell_payout(v_payout);
    end if;
end
$$;
comment on function private.lose_sight(uuid) is
    'Ends a payout whose account is gone after the transfer: we were discharged, and what becomes of the money there is between its owner and Stripe.';

create function private.leave_bank_payouts(p_account_id text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if exists (select from public.reader_accounts r where r.stripe_account_id = p_account_id and not private.is_gone(r)) then
        return;
    end if;
    -- One whose bank payout is not recorded yet has a job, which finds out by itself.
    perform private.lose_sight(p.id) from public.payouts p
    where p.status = 'PROCESSING' and exists (
        select from public.payout_attempts a where a.payout_id = p.id and a.status = 'COMPLETED' and a.destination = p_account_id);
end
$$;
comment on function private.leave_bank_payouts(text) is 'When a Connect account is gone, ends the payouts that wait for word of its bank.';

create function worker_api.abandon_bank_payout(p_outbox_id uuid, p_attempt_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
begin
    select a.* into v_attempt from public.payout_attempts a where a.id = p_attempt_id for update;
    if not found then
        perform private.fail('not_found');
    elsif v_attempt.status not in ('TRANSFERRED', 'COMPLETED') then
        perform private.fail('invalid_state', 'The attempt has no transfer.');
    elsif v_attempt.status = 'TRANSFERRED' then
        update public.payout_attempts a set status = 'COMPLETED', error_code = 'account_gone' where a.id = p_attempt_id;
        perform private.lose_sight(v_attempt.payout_id);
    end if;
    perform private.finish_job(p_outbox_id);
end
$$;
comment on function worker_api.abandon_bank_payout(uuid, uuid) is
    'The account was gone before its bank payout was known to be made: payout FAILED with account_gone, and the job is done. Refuses with not_found, invalid_state.';

create function worker_api.apply_unreachable_payout(
    p_event_id text, p_stripe_payout_id text, p_status text, p_failure_code text default null, p_attempt_id uuid default null)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout  public.payouts;
    v_outcome text := 'STALE';
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    elsif private.is_past(p_attempt_id, p_stripe_payout_id) then
        perform private.close_event(p_event_id, 'STALE');
        return jsonb_build_object('applied', false, 'reason', 'stale');
    end if;
    -- Its job gave it up without having learned its id.
    with adopted as (
        update public.payout_attempts a set stripe_payout_id = p_stripe_payout_id
        where a.id = p_attempt_id and a.status = 'COMPLETED' and a.stripe_payout_id is null and a.error_code = 'account_gone'
        returning a.payout_id)
    update public.payouts p set stripe_payout_id = p_stripe_payout_id from adopted where p.id = adopted.payout_id;
    select p.* into v_payout from public.payouts p where p.stripe_payout_id = p_stripe_payout_id for update;
    if not found then
        if exists (select from public.payout_attempts a where a.id = p_attempt_id and a.status = 'TRANSFERRED') then
            perform private.fail('transaction_not_found', 'No payout carries this id yet.');
        end if;
        perform private.close_event(p_event_id, 'IGNORED');
        return jsonb_build_object('applied', false, 'reason', 'not_ours');
    end if;
    if p_status in ('failed', 'canceled')
       or (p_status = 'paid' and (v_payout.status = 'PROCESSING' or v_payout.failure_code = 'account_gone')) then
        perform private.set_payout_status(p_stripe_payout_id, p_status, p_failure_code);
        v_outcome := 'APPLIED';
    elsif v_payout.status = 'PROCESSING' then
        perform private.lose_sight(v_payout.id);
        v_outcome := 'APPLIED';
    end if;
    perform private.close_event(p_event_id, v_outcome);
    return jsonb_build_object('applied', v_outcome = 'APPLIED', 'payout_id', v_payout.id, 'reason', lower(v_outcome));
end
$$;
comment on function worker_api.apply_unreachable_payout(text, text, text, text, uuid) is
    'A bank payout of an account that is gone, as its event told of it, since it cannot be fetched: failed is the last word, paid stands unless it failed, anything else says no more than that nothing will be heard of it.';

----------------------------------------------------------------------
-- What went wrong
----------------------------------------------------------------------

create function private.abandon_payout(p_attempt public.payout_attempts, p_code text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout public.payouts;
begin
    perform ledger.resolve_holds(p_attempt.payout_id, 'VOIDED');
    update public.payouts p set status = 'FAILED', failure_code = left(p_code, 200), processed_at = private.now()
    where p.id = p_attempt.payout_id returning p.* into v_payout;
    update public.transactions t set status = 'FAILED' where t.id = v_payout.transaction_id;
    perform private.tell_payout(v_payout);
end
$$;
comment on function private.abandon_payout(public.payout_attempts, text) is 'Stripe refused the transfer for good: the hold goes back to the reader.';

create function worker_api.record_payout_failure(
    p_outbox_id uuid, p_attempt_id uuid, p_step text, p_outcome text, p_code text, p_message text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt public.payout_attempts;
begin
    select a.* into v_attempt from public.payout_attempts a where a.id = p_attempt_id for update;
    if not found then
        perform private.fail('not_found');
    elsif p_step not in ('transfer', 'bank_payout') or p_outcome not in ('refused', 'unknown', 'insufficient_balance') then
        perform private.fail('invalid_argument', 'p_step or p_outcome is not of the list.');
    elsif (p_step = 'transfer') <> (v_attempt.status in ('PENDING', 'SENDING', 'UNKNOWN')) or v_attempt.status = 'COMPLETED' then
        -- An event, or another run of the job, knew better meanwhile.
        perform worker_api.fail_outbox(p_outbox_id, p_code, true);
        return;
    end if;
    update public.payout_attempts a
    set error_code = left(p_code, 200), error_message = left(p_message, 2000),
        status = case when p_step = 'bank_payout' then a.status
                      when p_outcome = 'unknown' then 'UNKNOWN' else 'FAILED' end::public.payout_attempt_status,
        bank_try = a.bank_try + (p_step = 'bank_payout' and p_outcome <> 'unknown')::integer,
        method = case when p_step = 'bank_payout' and p_outcome <> 'unknown' then 'standard' else a.method end
    where a.id = p_attempt_id;
    perform private.plan_after_failure(p_outbox_id, v_attempt, p_step, p_outcome, p_code);
end
$$;
comment on function worker_api.record_payout_failure(uuid, uuid, text, text, text, text) is
    'Notes how a step failed. Refused transfer: hold voided, payout FAILED. Insufficient balance: a new attempt, later. Unknown: the same key again, or looked up; the money stays held. A refused bank payout is tried again alone.';

create function private.plan_after_failure(
    p_outbox_id uuid, p_attempt public.payout_attempts, p_step text, p_outcome text, p_code text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_job uuid;
begin
    if p_step = 'transfer' and p_outcome = 'refused' then
        perform private.abandon_payout(p_attempt, p_code);
        perform private.finish_job(p_outbox_id);
    elsif p_step = 'transfer' and p_outcome = 'insufficient_balance' then
        v_job := private.enqueue_attempt((select p from public.payouts p where p.id = p_attempt.payout_id),
            p_attempt.number + 1, p_attempt.destination);
        update private.outbox o set visible_at = private.now() + private.backoff(p_attempt.number + 4) where o.id = v_job;
        perform private.finish_job(p_outbox_id);
    else
        -- Waiting for Stripe is no fault of the job: it is never parked while money is on its way.
        perform worker_api.fail_outbox(p_outbox_id, p_code, true);
    end if;
end
$$;
comment on function private.plan_after_failure(uuid, public.payout_attempts, text, text, text) is 'What the outbox does next after a failed step.';

----------------------------------------------------------------------
-- Upkeep
----------------------------------------------------------------------

create function private.months_ready(p_at timestamptz)
returns integer
language plpgsql
-- Volatile, to see the partitions that the statement calling it has just made.
volatile
security definer
set search_path = ''
as $$
declare
    v_table record;
    v_month timestamp;
    v_ready integer;
    v_least integer := 12;
begin
    for v_table in select t.* from private.partitioned_tables() t loop
        v_ready := 0;
        v_month := date_trunc('month', p_at at time zone 'UTC') + interval '1 month';
        -- Attached ones only: a month that was made and detached takes no rows.
        while v_ready < v_least and exists (
            select from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
            where i.inhparent = v_table.parent
              and c.relname = (select p.relname from pg_catalog.pg_class p where p.oid = v_table.parent) || '_' || to_char(v_month, 'YYYY_MM')) loop
            v_ready := v_ready + 1;
            v_month := v_month + interval '1 month';
        end loop;
        v_least := v_ready;
    end loop;
    return v_least;
end
$$;
comment on function private.months_ready(timestamptz) is
    'Whole months after this one that every monthly table has a partition for. Fewer than two is an alarm: no partition, no writes.';

create index idempotency_age on private.idempotency (created_at) where caller <> '00000000-0000-0000-0000-000000000000';

grant execute on all functions in schema worker_api to service_role;
