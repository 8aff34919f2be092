-- Foundation: schemas, extensions, time, ids, typed errors, settings.
-- Everything later stands on these; nothing here knows the product.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- Schemas and the default: nobody may do anything
----------------------------------------------------------------------

create schema private;
comment on schema private is 'Security definer functions, policy helpers, meters, outbox, inbox. Never exposed through the API.';
create schema ledger;
comment on schema ledger is 'Accounts, transfers, holds, commission rules. Written by the functions of this schema only.';
create schema worker_api;
comment on schema worker_api is 'What the Python services call through PostgREST, as service_role and nobody else.';

-- Without "in schema": the per-schema form cannot take away what PUBLIC has by default.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

revoke all on schema private, ledger, worker_api from public;
-- Policies and thin RPCs run as the caller and reach private functions by name; each function has its own grant.
grant usage on schema private to anon, authenticated, service_role;
-- The wallets view runs as its reader (security_invoker); row-level security decides which account that is.
grant usage on schema ledger to authenticated, service_role;
grant usage on schema worker_api to service_role;

create extension if not exists citext with schema extensions;
create extension if not exists btree_gist with schema extensions;
create extension if not exists pg_trgm with schema extensions;

----------------------------------------------------------------------
-- Time and ids
----------------------------------------------------------------------

create function private.now()
returns timestamptz
language plpgsql
volatile
set search_path = ''
as $$
begin
    return clock_timestamp();
end
$$;
comment on function private.now() is
    'The one clock of every money rule, read after locks are held. Only a test database may replace it.';

create function private.uuid_v7(p_at timestamptz default clock_timestamp())
returns uuid
language plpgsql
volatile
parallel safe
set search_path = ''
as $$
declare
    v_micros bigint := floor(extract(epoch from p_at) * 1000000)::bigint;
begin
    return encode(
        overlay(uuid_send(gen_random_uuid())
            placing substring(int8send(v_micros / 1000) from 3)
                    -- Version 7, then the fraction of the millisecond in 4096ths: method 3 of the RFC.
                    || int2send((28672 + (v_micros % 1000) * 4096 / 1000)::smallint)
            from 1 for 8),
        'hex')::uuid;
end
$$;
comment on function private.uuid_v7(timestamptz) is
    'RFC 9562 UUID version 7: 48 bits of milliseconds, 12 of their fraction, then random bits. Sorts by time, to the microsecond.';

create function private.uuid_v7_floor(p_at timestamptz)
returns uuid
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    return (encode(substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3), 'hex')
            || '00000000000000000000')::uuid;
end
$$;
comment on function private.uuid_v7_floor(timestamptz) is 'The smallest UUID of that millisecond: the bound of a partition or of a range by time.';

-- Column defaults and triggers run as whoever writes the row.
grant execute on function private.now(), private.uuid_v7(timestamptz) to anon, authenticated, service_role;

create function private.touch_updated_at()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.updated_at := private.now();
    return new;
end
$$;
comment on function private.touch_updated_at() is 'The one trigger behind every updated_at.';

----------------------------------------------------------------------
-- Errors: one list, typed by SQLSTATE PT4xx, which PostgREST turns into the HTTP status
----------------------------------------------------------------------

create table private.error_codes (
    code     text primary key check (code ~ '^[a-z][a-z0-9_]{2,60}$'),
    status   smallint not null check (status between 400 and 499),
    sentence text not null,
    hint     text not null
);
comment on table private.error_codes is 'Every refusal the database can give. docs/errors.md is generated from it.';
alter table private.error_codes enable row level security;

create function private.fail(p_code text, p_details text default null)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_error private.error_codes;
begin
    select e.* into v_error from private.error_codes e where e.code = p_code;
    if not found then
        raise exception 'error code % is not in private.error_codes', p_code;
    end if;
    raise exception using
        errcode = 'PT' || v_error.status,
        message = v_error.code,
        detail = coalesce(p_details, v_error.sentence),
        hint = v_error.hint;
end
$$;
grant execute on function private.fail(text, text) to anon, authenticated, service_role;
comment on function private.fail(text, text) is 'Refuses with a code of the list; details replaces the listed sentence.';

create function private.whole(
    p_value numeric, p_name text, p_code text default 'amount_out_of_range', p_most bigint default 9223372036854775807)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_value <> trunc(p_value) or p_value not between -p_most and p_most then
        perform private.fail(p_code, format('%s is a whole number, and not beyond any the database can hold.', p_name));
    end if;
    return p_value;
end
$$;
grant execute on function private.whole(numeric, text, text, bigint) to anon, authenticated;
comment on function private.whole(numeric, text, text, bigint) is
    'A number as a caller sent it, for a call to judge; fractions and what fits no column are refused with p_code. A bigint argument would fail in PostgREST''s cast, before any function could refuse.';

create function private.whole_integer(p_value numeric, p_name text)
returns integer
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.whole(p_value, p_name, 'invalid_argument', 2147483647);
end
$$;
grant execute on function private.whole_integer(numeric, text) to authenticated;
comment on function private.whole_integer(numeric, text) is 'The same of a number that is no amount of money: invalid_argument for what is no integer.';

create function private.fail_until(p_code text, p_retry_after_seconds integer)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_error private.error_codes;
begin
    select e.* into strict v_error from private.error_codes e where e.code = p_code;
    raise exception using
        errcode = 'PGRST',
        message = json_build_object(
            'code', 'PT' || v_error.status, 'message', v_error.code,
            'details', v_error.sentence, 'hint', v_error.hint)::text,
        detail = json_build_object(
            'status', v_error.status,
            'headers', json_build_object('Retry-After', greatest(p_retry_after_seconds, 1)::text))::text;
end
$$;
comment on function private.fail_until(text, integer) is 'Refuses with a Retry-After header (seconds).';

insert into private.error_codes (code, status, sentence, hint) values
    ('not_authenticated',      401, 'You are not signed in.', 'Sign in and send the access token.'),
    ('account_required',       403, 'An anonymous account cannot do this.', 'Add an e-mail address to the account first.'),
    ('account_suspended',      403, 'The account is suspended.', 'Contact support.'),
    ('permission_denied',      403, 'The account lacks the permission for this.', 'Ask an administrator for the permission.'),
    ('not_a_reader',           403, 'Only a reader can do this.', 'Apply as a reader first.'),
    ('not_participant',        404, 'There is no such session of yours.', 'Check the session id and who is signed in.'),
    ('not_found',              404, 'There is nothing of yours by that id.', 'Check the id and who is signed in.'),
    ('transaction_not_found',  404, 'The transaction is not recorded yet.', 'Try again later; the event stays stored.'),
    ('invalid_argument',       400, 'An argument is missing or out of its range.', 'See details for which one.'),
    ('invalid_state',          409, 'The current state does not allow this.', 'Read the row again and act on its status.'),
    ('reader_unavailable',     409, 'The reader cannot be reached now.', 'Choose another reader or try later.'),
    ('type_not_offered',       409, 'The reader does not offer this kind of session.', 'Choose one of the reader''s session types.'),
    ('already_in_session',     409, 'You already have a session or a request open.', 'End or cancel it first.'),
    ('insufficient_funds',     402, 'The wallet does not cover this.', 'Top up the wallet and try again.'),
    ('wallet_frozen',          403, 'The wallet is frozen.', 'Contact support.'),
    ('outside_availability',   409, 'The reader does not take appointments then.', 'Choose one of the reader''s free slots.'),
    ('idempotency_key_reused', 422, 'The idempotency key was used with other arguments.', 'Use a new key for a new request.'),
    ('rate_limited',           429, 'Too many requests of this kind.', 'Wait and try again.'),
    ('amount_out_of_range',    400, 'The amount is outside the allowed range.', 'See details for the range, in minor units.'),
    ('currency_mismatch',      400, 'Only the platform''s currency is accepted.', 'Send the amount in the platform''s currency.'),
    ('sessions_disabled',      409, 'New sessions are switched off for the moment.', 'Try again later.'),
    ('topups_disabled',        409, 'Top-ups are switched off for the moment.', 'Try again later.'),
    ('payouts_disabled',       409, 'Payouts are switched off for the moment.', 'Try again later.'),
    ('sign_ups_disabled',      409, 'New accounts are switched off for the moment.', 'Try again later.'),
    ('payout_account_not_ready', 409, 'The payout account is not open yet.', 'Finish the onboarding with Stripe.'),
    ('nothing_payable',        409, 'There is no cleared money to pay out.', 'Wait until earnings have cleared.'),
    ('payout_below_minimum',   409, 'The amount is below the smallest payout.', 'Wait until more has cleared.'),
    ('payout_exceeds_payable', 409, 'The amount is more than what has cleared.', 'Ask for at most the payable amount.'),
    ('setting_unknown',        404, 'There is no such setting.', 'Read system_settings for the keys.'),
    ('setting_invalid',        400, 'The value does not fit the setting.', 'See details for its type and range.'),
    ('application_pending',    409, 'An application is waiting for review.', 'Wait for the decision.'),
    ('already_a_reader',       409, 'The account is a reader''s already.', 'Nothing needs doing.');

----------------------------------------------------------------------
-- Settings: typed, ranged, described
----------------------------------------------------------------------

create type public.setting_type as enum ('INTEGER', 'BOOLEAN', 'TEXT');
comment on type public.setting_type is 'What the text of a setting''s value stands for.';

create table public.system_settings (
    id          uuid primary key default private.uuid_v7(),
    key         text not null unique check (key ~ '^[a-z][a-z_]*(\.[a-z_]+)+$'),
    value       text not null check (length(value) <= 2000),
    value_type  public.setting_type not null,
    minimum     bigint,
    maximum     bigint,
    is_public   boolean not null default false,
    description text not null check (length(description) between 1 and 500),
    created_at  timestamptz not null default private.now(),
    updated_at  timestamptz not null default private.now(),
    constraint setting_range check (value_type = 'INTEGER' or (minimum is null and maximum is null)),
    constraint setting_value_fits check (
        case value_type
            when 'INTEGER' then value ~ '^-?[0-9]{1,18}$'
                and value::bigint >= coalesce(minimum, value::bigint)
                and value::bigint <= coalesce(maximum, value::bigint)
            when 'BOOLEAN' then value in ('true', 'false')
            else true
        end)
);
comment on table public.system_settings is 'Operating rules that an administrator may change while the platform runs; durations in seconds, money in minor units.';
comment on column public.system_settings.minimum is 'Smallest value of an INTEGER setting, in the setting''s own unit.';
comment on column public.system_settings.maximum is 'Largest value of an INTEGER setting, in the setting''s own unit.';
alter table public.system_settings enable row level security;
create trigger touch before update on public.system_settings
    for each row execute function private.touch_updated_at();

create function private.load_setting(p_key text, p_type public.setting_type)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_value text;
begin
    select s.value into v_value from public.system_settings s
    where s.key = p_key and s.value_type = coalesce(p_type, s.value_type);
    if not found then
        raise exception 'there is no % setting %', coalesce(p_type::text, 'such'), p_key;
    end if;
    perform set_config('soulseer.' || p_key, v_value, true);
    return v_value;
end
$$;
comment on function private.load_setting(text, public.setting_type) is
    'Reads a setting and keeps it for the rest of the transaction, in a parameter that ends with it. A wrong key or type is a fault of the caller''s.';

create function private.keep_loaded_setting()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform set_config('soulseer.' || new.key, new.value, true);
    return new;
end
$$;
comment on function private.keep_loaded_setting() is 'Who changes a setting reads the new value in the same transaction.';
create trigger loaded before update of value on public.system_settings
    for each row execute function private.keep_loaded_setting();

-- One transaction sees one value of a setting, read once: a switch that is thrown half-way through a call counts from
-- the next call on. A repeated read costs a third of a look into the table.
create function private.setting_int(p_key text)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return coalesce(nullif(current_setting('soulseer.' || p_key, true), ''), private.load_setting(p_key, 'INTEGER'))::bigint;
end
$$;
comment on function private.setting_int(text) is 'Value of an integer setting.';

create function private.setting_bool(p_key text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return coalesce(nullif(current_setting('soulseer.' || p_key, true), ''), private.load_setting(p_key, 'BOOLEAN'))::boolean;
end
$$;
comment on function private.setting_bool(text) is 'Value of a boolean setting.';

create function private.setting_text(p_key text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return coalesce(nullif(current_setting('soulseer.' || p_key, true), ''), private.load_setting(p_key, null));
end
$$;
comment on function private.setting_text(text) is 'Value of any setting, as text.';

create function private.currency()
returns character(3)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.setting_text('platform.currency')::character(3);
end
$$;
comment on function private.currency() is 'The one currency of the platform, ISO 4217, upper case.';

create function private.require_platform_currency()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if new.currency is distinct from private.currency() then
        perform private.fail('currency_mismatch');
    end if;
    return new;
end
$$;
comment on function private.require_platform_currency() is
    'Keeps every currency column to the platform''s. A trigger, not a CHECK: it reads a setting, and a restore must not depend on row order.';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('platform.currency', 'USD', 'TEXT', null, null, true, 'The one currency of all money, ISO 4217. Fixed once money has moved.'),
    ('session.increment_seconds', '60', 'INTEGER', 1, 3600, true, 'Seconds that one charge buys.'),
    ('session.accept_window_seconds', '60', 'INTEGER', 1, 3600, true, 'Seconds a reader has to accept a request.'),
    ('session.join_window_seconds', '120', 'INTEGER', 1, 3600, true, 'Seconds both sides have to join after the acceptance.'),
    ('session.heartbeat_seconds', '20', 'INTEGER', 1, 300, true, 'Seconds between two heartbeats of a participant.'),
    ('session.heartbeat_timeout_seconds', '45', 'INTEGER', 1, 600, true, 'Seconds without a heartbeat after which a side counts as gone.'),
    ('session.hint_deadline_seconds', '5', 'INTEGER', 1, 60, false, 'Seconds left to a side whose presence channel was seen to close.'),
    ('session.min_billable_seconds', '10', 'INTEGER', 0, 600, true, 'Shared seconds below which nothing is due.'),
    ('session.max_pauses', '10', 'INTEGER', 0, 1000, true, 'Pauses for an absent side that one session may have.'),
    ('session.max_paused_seconds', '600', 'INTEGER', 1, 86400, true, 'Seconds that all pauses for an absent side may last together.'),
    ('session.topup_grace_seconds', '120', 'INTEGER', 1, 3600, true, 'Seconds an unfunded session waits, unbilled, for a top-up.'),
    ('session.low_balance_minutes', '3', 'INTEGER', 0, 60, true, 'Minutes left at which the client is warned.'),
    ('session.max_minutes', '240', 'INTEGER', 1, 1440, true, 'Longest session, in minutes.'),
    ('session.requests_per_minute', '10', 'INTEGER', 1, 10000, false, 'Session requests one client may make in a minute.'),
    ('topup.minimum', '500', 'INTEGER', 1, 100000000, true, 'Smallest top-up, minor units.'),
    ('topup.maximum', '50000', 'INTEGER', 1, 100000000, true, 'Largest top-up, minor units.'),
    ('topup.per_hour', '20', 'INTEGER', 1, 10000, false, 'Top-ups one client may begin in an hour.'),
    ('payout.minimum', '1000', 'INTEGER', 1, 100000000, true, 'Smallest payout, minor units.'),
    ('payout.schedule_days', '0', 'INTEGER', 0, 90, true, 'Days after which what is payable is paid out without being asked for; 0: only when the reader asks.'),
    ('payout.bank_tries', '5', 'INTEGER', 1, 100, true, 'Tries of one payout''s way to the bank that are made without being asked for, when the bank account is another or the account is open again; its reader may ask for more.'),
    ('payout.instant', 'false', 'BOOLEAN', null, null, true, 'Ask for instant bank payouts, which Stripe charges for, where the reader''s bank takes them; the standard way otherwise.'),
    ('payout.clearing_seconds', '604800', 'INTEGER', 0, 7776000, true, 'Seconds between an earning and the moment it can be paid out.'),
    ('outbox.visibility_seconds', '30', 'INTEGER', 1, 3600, false, 'Seconds a job taken from the outbox stays invisible to the next relay.'),
    ('outbox.max_attempts', '12', 'INTEGER', 1, 1000, false, 'Tries after which a job or event is parked for an administrator.'),
    ('idempotency.keep_days', '30', 'INTEGER', 1, 3650, false, 'Days a client''s idempotency key is remembered.'),
    ('switch.new_sessions', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses new session requests.'),
    ('switch.charges', 'true', 'BOOLEAN', null, null, false, 'Kill switch: false stops the meters; minutes wait and are charged when it is true again.'),
    ('switch.topups', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses new top-ups; money already paid is still credited.'),
    ('switch.payouts', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses new payouts and holds back what was not sent to Stripe yet.'),
    ('switch.sign_ups', 'true', 'BOOLEAN', null, null, true, 'Kill switch: false refuses new accounts.');

create function private.change_setting(p_key text, p_value text)
returns public.system_settings
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_setting public.system_settings;
begin
    select s.* into v_setting from public.system_settings s where s.key = p_key for update;
    if not found then
        perform private.fail('setting_unknown');
    end if;
    begin
        update public.system_settings s set value = p_value where s.key = p_key returning s.* into v_setting;
    exception when check_violation or not_null_violation then
        perform private.fail('setting_invalid', format('%s takes %s%s.', p_key, lower(v_setting.value_type::text),
            case when v_setting.minimum is not null
                then format(' from %s to %s', v_setting.minimum, v_setting.maximum) else '' end));
    end;
    return v_setting;
end
$$;
comment on function private.change_setting(text, text) is 'Changes a setting or refuses with setting_unknown or setting_invalid. Callers check permissions.';

create function worker_api.change_setting(p_key text, p_value text)
returns public.system_settings
language sql
security definer
set search_path = ''
as $$ select private.change_setting(p_key, p_value) $$;
comment on function worker_api.change_setting(text, text) is 'For the operator''s command line and the tests.';
grant execute on function worker_api.change_setting(text, text) to service_role;

----------------------------------------------------------------------
-- Idempotency: (caller, call, key) with the hash of the input
----------------------------------------------------------------------

create table private.idempotency (
    caller     uuid not null,
    call       text not null,
    key        text not null check (length(key) between 1 and 255),
    input_hash bytea not null,
    result     jsonb,
    created_at timestamptz not null default private.now(),
    primary key (caller, call, key)
);
comment on table private.idempotency is
    'A repeat answers as before, other input under the same key is refused. Clients'' keys are kept for a time; Stripe''s objects'' (caller = the zero uuid) for ever.';
alter table private.idempotency enable row level security;

create function private.claim_key(p_caller uuid, p_call text, p_key text, p_input jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_hash bytea := sha256(convert_to(p_input::text, 'UTF8'));
    v_row  private.idempotency;
begin
    if p_key is null or length(p_key) not between 1 and 255 then
        perform private.fail('invalid_argument', 'The idempotency key must have 1 to 255 characters.');
    end if;
    -- A concurrent twin waits here for the first to commit, then finds its row.
    insert into private.idempotency (caller, call, key, input_hash)
    values (p_caller, p_call, p_key, v_hash)
    on conflict do nothing;
    if found then
        return null;
    end if;
    select i.* into strict v_row from private.idempotency i
    where i.caller = p_caller and i.call = p_call and i.key = p_key;
    if v_row.input_hash <> v_hash then
        perform private.fail('idempotency_key_reused');
    end if;
    return v_row.result;
end
$$;
comment on function private.claim_key(uuid, text, text, jsonb) is
    'Null the first time; on a repeat, the first result. Claim and effect share the transaction, so a result is always there.';

create function private.record_result(p_caller uuid, p_call text, p_key text, p_result jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update private.idempotency i set result = p_result
    where i.caller = p_caller and i.call = p_call and i.key = p_key;
end
$$;
comment on function private.record_result(uuid, text, text, jsonb) is 'What a repeat of the call will answer.';

create function private.zero_uuid()
returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
    return '00000000-0000-0000-0000-000000000000'::uuid;
end
$$;
comment on function private.zero_uuid() is 'The caller of business keys that are not a person''s: Stripe objects, increments.';

create function private.request_id()
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
    return left(nullif(current_setting('request.headers', true), '')::json ->> 'x-request-id', 200);
end
$$;
comment on function private.request_id() is 'X-Request-Id of the API call this transaction serves, or null.';
