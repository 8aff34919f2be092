-- Auto-reload: with the person's consent a saved card fills the wallet when it runs low in a session.
-- Lock order: auto_reloads, then the attempt, then its transaction.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('reload.monthly_maximum', '100000', 'INTEGER', 1, 100000000, true, 'Largest cap a month that auto-reload may be given, minor units.'),
    ('reload.max_declines', '3', 'INTEGER', 1, 100, false, 'Declines in a row after which auto-reload is switched off.'),
    ('reload.retry_seconds', '3600', 'INTEGER', 1, 604800, false, 'Seconds without an auto-reload after a decline; twice as long after each further one.'),
    ('reload.terms_version', '2026-11', 'TEXT', null, null, true, 'Version of the terms that consent to auto-reload is recorded with.');

create table public.auto_reloads (
    id             uuid primary key default private.uuid_v7(),
    user_id        uuid not null unique references public.users (id) on delete cascade,
    card_id        uuid not null references public.cards (id) on delete cascade,
    amount         bigint not null check (amount > 0),
    threshold      bigint check (threshold > 0),
    monthly_cap    bigint not null check (monthly_cap > 0),
    currency       character(3) not null default private.currency(),
    is_active      boolean not null default true,
    stopped_reason text check (stopped_reason in ('withdrawn', 'authentication_required', 'card_declined', 'card_unusable', 'card_removed')),
    declines       integer not null default 0 check (declines >= 0),
    retry_at       timestamptz,
    created_at     timestamptz not null default private.now(),
    updated_at     timestamptz not null default private.now(),
    constraint cap_covers_amount check (monthly_cap >= amount),
    constraint stopped_for_a_reason check (is_active = (stopped_reason is null))
);
comment on table public.auto_reloads is 'How a person wants the wallet filled when it runs low; the agreement itself is in consents.';
comment on column public.auto_reloads.amount is 'What is charged at a time, minor units.';
comment on column public.auto_reloads.threshold is 'What can be spent must be below this, minor units; null: below session.low_balance_minutes of the session. A balance that does not pay the next increment is low in any case.';
comment on column public.auto_reloads.monthly_cap is 'Never more than this in a calendar month (UTC), minor units.';
comment on column public.auto_reloads.retry_at is 'After a decline: not before then.';
create index auto_reloads_card on public.auto_reloads (card_id);
alter table public.auto_reloads enable row level security;
create trigger touch before update on public.auto_reloads for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on public.auto_reloads
    for each row execute function private.require_platform_currency();

create type private.reload_status as enum ('SENDING', 'UNKNOWN', 'SUCCEEDED', 'FAILED');
comment on type private.reload_status is 'How far an auto-reload is. UNKNOWN: Stripe did not answer, so the money may have moved.';

create table private.reload_attempts (
    id                uuid primary key default private.uuid_v7(),
    user_id           uuid not null references public.users (id) on delete restrict,
    session_id        uuid not null references public.sessions (id) on delete restrict,
    increment         integer not null,
    transaction_id    uuid not null unique references public.transactions (id),
    amount            bigint not null check (amount > 0),
    currency          character(3) not null default private.currency(),
    stripe_customer_id text not null,
    payment_method_id text not null,
    status            private.reload_status not null default 'SENDING',
    error_code        text,
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now(),
    constraint one_reload_per_increment unique (session_id, increment)
);
comment on table private.reload_attempts is 'What is asked of Stripe to fill a wallet, frozen before it is asked; one idempotency key each, ar:<id>.';
comment on column private.reload_attempts.amount is 'Minor units.';
create unique index reload_attempts_one_open on private.reload_attempts (user_id) where status in ('SENDING', 'UNKNOWN');
create index reload_attempts_user on private.reload_attempts (user_id, id desc);
alter table private.reload_attempts enable row level security;
create trigger touch before update on private.reload_attempts for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on private.reload_attempts
    for each row execute function private.require_platform_currency();

----------------------------------------------------------------------
-- Consent
----------------------------------------------------------------------

create function private.set_auto_reload(p_amount bigint, p_monthly_cap bigint, p_threshold bigint, p_payment_method text)
returns public.auto_reloads
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_account();
    v_card    uuid;
    v_reload  public.auto_reloads;
    v_details jsonb;
begin
    if p_amount is null or p_amount not between private.setting_int('topup.minimum') and private.setting_int('topup.maximum') then
        perform private.fail('amount_out_of_range', format('p_amount is %s to %s.',
            private.setting_int('topup.minimum'), private.setting_int('topup.maximum')));
    elsif p_monthly_cap is null or p_monthly_cap not between p_amount and private.setting_int('reload.monthly_maximum') then
        perform private.fail('amount_out_of_range', format('p_monthly_cap is %s to %s.', p_amount, private.setting_int('reload.monthly_maximum')));
    elsif p_threshold not between 1 and private.setting_int('reload.monthly_maximum') then
        perform private.fail('amount_out_of_range', format('p_threshold is 1 to %s.', private.setting_int('reload.monthly_maximum')));
    end if;
    select c.id into v_card from public.cards c
    where c.user_id = v_user and c.is_saved and c.payment_method_id = coalesce(p_payment_method, c.payment_method_id)
    order by c.id desc limit 1;
    if not found then
        perform private.fail('card_required', 'Save a card while topping up first.');
    end if;
    insert into public.auto_reloads as a (user_id, card_id, amount, threshold, monthly_cap)
    values (v_user, v_card, p_amount, p_threshold, p_monthly_cap)
    on conflict (user_id) do update
    set card_id = excluded.card_id, amount = excluded.amount, threshold = excluded.threshold, monthly_cap = excluded.monthly_cap,
        declines = 0, retry_at = null
    returning * into v_reload;
    v_details := jsonb_build_object('amount', p_amount, 'threshold', p_threshold, 'monthly_cap', p_monthly_cap, 'currency', v_reload.currency);
    -- What was agreed to stands as it was; other terms are another agreement.
    update public.consents c set withdrawn_at = private.now()
    where c.user_id = v_user and c.kind = 'AUTO_RELOAD' and c.withdrawn_at is null
      and (c.details <> v_details or c.version <> private.setting_text('reload.terms_version'));
    perform private.give_consent('AUTO_RELOAD', private.setting_text('reload.terms_version'), v_details);
    update public.auto_reloads a set is_active = true, stopped_reason = null where a.user_id = v_user returning a.* into v_reload;
    return v_reload;
end
$$;
comment on function private.set_auto_reload(bigint, bigint, bigint, text) is
    'Records the consent with amount, threshold and cap (minor units) and switches auto-reload on. A repeat changes nothing.';

create function private.follow_consent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.auto_reloads a set is_active = false, stopped_reason = 'withdrawn' where a.user_id = new.user_id and a.is_active;
    return null;
end
$$;
comment on function private.follow_consent() is 'Without the agreement nothing is charged, whichever way it was taken back.';
create trigger follow_consent after update of withdrawn_at on public.consents
    for each row when (new.kind = 'AUTO_RELOAD' and old.withdrawn_at is null and new.withdrawn_at is not null)
    execute function private.follow_consent();

create function private.disable_auto_reload()
returns public.auto_reloads
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_reload public.auto_reloads;
begin
    perform from public.auto_reloads a where a.user_id = v_user for update;
    if not found then
        perform private.fail('not_found');
    end if;
    perform private.withdraw_consent('AUTO_RELOAD');
    select a.* into strict v_reload from public.auto_reloads a where a.user_id = v_user;
    return v_reload;
end
$$;
comment on function private.disable_auto_reload() is 'Takes the consent back, which switches it off. A repeat answers as before.';

create function public.set_auto_reload(
    p_amount numeric, p_monthly_cap numeric, p_threshold numeric default null, p_payment_method text default null)
returns public.auto_reloads
language plpgsql set search_path = '' as $$
begin
    return private.set_auto_reload(private.whole(p_amount, 'p_amount'), private.whole(p_monthly_cap, 'p_monthly_cap'),
        private.whole(p_threshold, 'p_threshold'), p_payment_method);
end
$$;
comment on function public.set_auto_reload(numeric, numeric, numeric, text) is
    'Agree that a saved card (Stripe''s id, the newest when left out) fills the wallet by p_amount when it runs low, at most p_monthly_cap a month; minor units. Refuses with amount_out_of_range, card_required, account_required, account_suspended.';

create function public.disable_auto_reload()
returns public.auto_reloads
language plpgsql set search_path = '' as $$
begin
    return private.disable_auto_reload();
end
$$;
comment on function public.disable_auto_reload() is 'Take that agreement back. Refuses with not_found, account_suspended.';

create function private.stop_auto_reload(p_user_id uuid, p_reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.auto_reloads a set is_active = false, stopped_reason = p_reason where a.user_id = p_user_id and a.is_active;
    if found then
        update public.consents c set withdrawn_at = private.now()
        where c.user_id = p_user_id and c.kind = 'AUTO_RELOAD' and c.withdrawn_at is null;
        perform private.notify(p_user_id, 'auto_reload_stopped', jsonb_build_object('reason', p_reason));
    end if;
end
$$;
comment on function private.stop_auto_reload(uuid, text) is 'Switches it off until the person agrees anew, and tells them why.';

create function private.stop_reloads_of(p_card public.cards)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if exists (select from public.auto_reloads a where a.card_id = p_card.id and a.is_active) then
        perform private.stop_auto_reload(p_card.user_id, 'card_removed');
    end if;
end
$$;
comment on function private.stop_reloads_of(public.cards) is 'A card that Stripe no longer keeps is charged by nobody.';

----------------------------------------------------------------------
-- Low balance: told once, until the wallet is lifted; and the job
----------------------------------------------------------------------

create function private.queue_reload(p_client_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.enqueue('payment.auto_reload',
        jsonb_build_object('user_id', m.client_id, 'session_id', m.session_id, 'increment', m.increments))
    from private.leases l
    join private.meters m on m.session_id = l.session_id
    join public.auto_reloads a on a.user_id = m.client_id
    where l.user_id = p_client_id and m.client_id = p_client_id and a.is_active and coalesce(a.retry_at <= private.now(), true);
end
$$;
comment on function private.queue_reload(uuid) is 'Writes the job of an auto-reload, if the client of the running session agreed to any.';

create function private.on_low_balance(p_client_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.tell(p_client_id, 'low_balance', '{}');
    perform private.queue_reload(p_client_id);
end
$$;
comment on function private.on_low_balance(uuid) is 'What the meter does when it finds that a wallet runs low. Cost: two look-ups by key for whoever has no auto-reload.';

create function private.expect_low_balance(p_user_id uuid, p_amount bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.meters m set low_balance_told = false
    where m.session_id = (select l.session_id from private.leases l where l.user_id = p_user_id)
      and m.client_id = p_user_id and m.low_balance_told and private.available(p_user_id) + p_amount >= m.rate * m.low_balance_minutes;
end
$$;
comment on function private.expect_low_balance(uuid, bigint) is
    'A credit (minor units) that lifts the wallet: the next low is told again. Before the accounts are locked, as a meter comes first.';

----------------------------------------------------------------------
-- The attempt
----------------------------------------------------------------------

create function private.reload_refusal(p_reload public.auto_reloads, p_session_id uuid)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_floor bigint;
    v_month timestamptz := date_trunc('month', private.now() at time zone 'UTC') at time zone 'UTC';
    v_spent bigint;
begin
    -- Whatever the threshold: what does not pay the next increment is low.
    select greatest(coalesce(p_reload.threshold, m.rate * m.low_balance_minutes), private.increment_price(m, m.increments)) into v_floor
    from private.meters m where m.session_id = p_session_id and m.client_id = p_reload.user_id and m.stop_reason is null;
    select coalesce(sum(a.amount), 0) into v_spent from private.reload_attempts a
    where a.user_id = p_reload.user_id and a.status <> 'FAILED' and a.created_at >= v_month;
    if not p_reload.is_active or not exists (
            select from public.consents c where c.user_id = p_reload.user_id and c.kind = 'AUTO_RELOAD' and c.withdrawn_at is null) then
        return 'switched_off';
    elsif p_reload.retry_at > private.now() then
        return 'waits_after_a_decline';
    elsif v_floor is null then
        return 'session_over';
    elsif private.available(p_reload.user_id) >= v_floor then
        return 'not_low';
    elsif exists (select from private.reload_attempts a join public.transactions t on t.id = a.transaction_id
                  where a.user_id = p_reload.user_id
                  and (a.status in ('SENDING', 'UNKNOWN') or (a.status = 'SUCCEEDED' and t.status = 'PENDING'))) then
        return 'under_way';
    elsif v_spent + p_reload.amount > p_reload.monthly_cap then
        return 'cap_reached';
    end if;
    perform private.check_topup(p_reload.user_id, p_reload.amount, p_reload.currency);
    return null;
exception when others then
    -- Whatever refuses the person's own top-up refuses this one.
    if sqlstate !~ '^(PT4|PGRST)' then
        raise;
    end if;
    return 'topup_refused';
end
$$;
comment on function private.reload_refusal(public.auto_reloads, uuid) is 'Why nothing is charged now, or null. Under the lock of the auto_reloads row.';

create function private.open_reload(p_reload public.auto_reloads, p_session_id uuid, p_increment integer)
returns private.reload_attempts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_transaction uuid;
    v_attempt     private.reload_attempts;
begin
    insert into public.transactions (user_id, type, amount, status, description, metadata)
    values (p_reload.user_id, 'ADD_FUNDS', p_reload.amount, 'PENDING', 'Auto-reload',
            jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
    returning id into v_transaction;
    insert into private.reload_attempts (
        user_id, session_id, increment, transaction_id, amount, currency, stripe_customer_id, payment_method_id)
    select p_reload.user_id, p_session_id, p_increment, v_transaction, p_reload.amount, p_reload.currency, s.stripe_customer_id, c.payment_method_id
    from public.cards c join private.stripe_customers s on s.user_id = c.user_id
    where c.id = p_reload.card_id
    returning * into strict v_attempt;
    return v_attempt;
end
$$;
comment on function private.open_reload(public.auto_reloads, uuid, integer) is 'Freezes what Stripe will be asked, with the PENDING transaction it fills.';

create function worker_api.start_auto_reload(p_outbox_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_job     jsonb;
    v_reload  public.auto_reloads;
    v_attempt private.reload_attempts;
    v_tried   timestamptz;
    v_refusal text;
begin
    select o.payload into v_job from private.outbox o where o.id = p_outbox_id and o.topic = 'payment.auto_reload';
    if not found then
        return null;
    end if;
    select a.* into v_reload from public.auto_reloads a where a.user_id = (v_job ->> 'user_id')::uuid for update;
    select a.* into v_attempt from private.reload_attempts a
    where a.session_id = (v_job ->> 'session_id')::uuid and a.increment = (v_job ->> 'increment')::integer;
    if found then
        v_tried := v_attempt.created_at;
    else
        -- An attempt whose answer was lost, and whose money has come all the same.
        update private.reload_attempts a set status = 'SUCCEEDED'
        from public.transactions t
        where a.user_id = v_reload.user_id and a.status in ('SENDING', 'UNKNOWN') and t.id = a.transaction_id and t.status = 'COMPLETED';
        v_refusal := private.reload_refusal(v_reload, (v_job ->> 'session_id')::uuid);
    end if;
    if v_refusal is not null or v_attempt.status in ('SUCCEEDED', 'FAILED') then
        perform private.drop_reload(p_outbox_id, v_reload, v_refusal);
        return null;
    elsif v_attempt.id is null then
        v_attempt := private.open_reload(v_reload, (v_job ->> 'session_id')::uuid, (v_job ->> 'increment')::integer);
    end if;
    return jsonb_build_object(
        'attempt_id', v_attempt.id, 'user_id', v_attempt.user_id, 'transaction_id', v_attempt.transaction_id,
        'amount', v_attempt.amount, 'currency', v_attempt.currency, 'stripe_customer_id', v_attempt.stripe_customer_id,
        'payment_method_id', v_attempt.payment_method_id, 'idempotency_key', 'ar:' || v_attempt.id, 'first_tried_at', v_tried);
end
$$;
comment on function worker_api.start_auto_reload(uuid) is
    'What to ask of Stripe for a job; null when it is done, or nothing is to be charged. first_tried_at is null on the first try only.';

create function private.drop_reload(p_outbox_id uuid, p_reload public.auto_reloads, p_refusal text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if private.finish_job(p_outbox_id) and p_refusal = 'cap_reached' then
        perform private.notify(p_reload.user_id, 'auto_reload_cap_reached', jsonb_build_object('monthly_cap', p_reload.monthly_cap));
    end if;
end
$$;
comment on function private.drop_reload(uuid, public.auto_reloads, text) is 'Ends a job that charges nothing; the cap is worth telling.';

create function worker_api.record_auto_reload(
    p_outbox_id uuid, p_attempt_id uuid, p_outcome text, p_payment_intent_id text default null, p_code text default null)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempt private.reload_attempts;
begin
    if p_outcome is null or p_outcome not in ('succeeded', 'declined', 'authentication_required', 'refused', 'unknown') then
        perform private.fail('invalid_argument', 'p_outcome is succeeded, declined, authentication_required, refused or unknown.');
    end if;
    perform from public.auto_reloads a
    where a.user_id = (select r.user_id from private.reload_attempts r where r.id = p_attempt_id) for update;
    select a.* into v_attempt from private.reload_attempts a where a.id = p_attempt_id for update;
    if not found then
        perform private.fail('not_found');
    elsif v_attempt.status in ('SUCCEEDED', 'FAILED') then
        perform private.finish_job(p_outbox_id);
        return false;
    end if;
    update private.reload_attempts a
    set status = case p_outcome when 'succeeded' then 'SUCCEEDED' when 'unknown' then 'UNKNOWN' else 'FAILED' end::private.reload_status,
        error_code = p_code
    where a.id = p_attempt_id;
    if p_outcome = 'unknown' then
        -- The card may have been charged: looked up until Stripe tells.
        perform worker_api.fail_outbox(p_outbox_id, coalesce(p_code, 'unknown'), true);
        return true;
    end if;
    update public.transactions t
    set stripe_payment_intent_id = coalesce(t.stripe_payment_intent_id, p_payment_intent_id),
        status = case when p_outcome <> 'succeeded' and t.status = 'PENDING' then 'FAILED' else t.status end,
        metadata = t.metadata || jsonb_strip_nulls(jsonb_build_object('last_error', p_code))
    where t.id = v_attempt.transaction_id;
    perform private.judge_reload(v_attempt, p_outcome);
    perform private.finish_job(p_outbox_id);
    return true;
end
$$;
comment on function worker_api.record_auto_reload(uuid, uuid, text, text, text) is
    'Records what Stripe answered, once. Money comes with the PaymentIntent''s event, as for every top-up; unknown keeps the attempt open, to be looked up.';

create function private.judge_reload(p_attempt private.reload_attempts, p_outcome text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_declines integer;
begin
    if p_outcome = 'succeeded' then
        update public.auto_reloads a set declines = 0, retry_at = null where a.user_id = p_attempt.user_id;
    elsif p_outcome = 'declined' then
        update public.auto_reloads a
        set declines = a.declines + 1,
            retry_at = private.now() + private.setting_int('reload.retry_seconds') * power(2, least(a.declines, 10)) * interval '1 second'
        where a.user_id = p_attempt.user_id returning a.declines into v_declines;
        if v_declines >= private.setting_int('reload.max_declines') then
            perform private.stop_auto_reload(p_attempt.user_id, 'card_declined');
        elsif found then
            perform private.notify(p_attempt.user_id, 'auto_reload_declined', jsonb_build_object('transaction_id', p_attempt.transaction_id));
        end if;
    else
        perform private.stop_auto_reload(p_attempt.user_id, case p_outcome when 'refused' then 'card_unusable' else p_outcome end);
    end if;
end
$$;
comment on function private.judge_reload(private.reload_attempts, text) is 'A decline waits, ever longer, and the last one ends it; what needs the person ends it at once.';

grant execute on all functions in schema worker_api to service_role;
