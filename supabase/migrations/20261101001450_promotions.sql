-- Promotions: credit and free minutes that the house pays for, once a person and once a card.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('promo_unknown', 404, 'There is no such code.', 'Check the spelling.'),
    ('promo_expired', 409, 'The promotion is over.', 'Look for a current one.'),
    ('promo_exhausted', 409, 'The promotion was used as often as it may be.', 'Look for another one.'),
    ('promo_already_redeemed', 409, 'You used this code before.', 'A code is used once.'),
    ('promo_card_used', 409, 'The code was used with one of your cards before.', 'A code is used once a card.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('promo.attempts_per_hour', '10', 'INTEGER', 1, 1000, false, 'Refused promo codes one person may try in an hour.'),
    ('promo.credit_maximum', '5000', 'INTEGER', 1, 100000000, false, 'Largest credit one code may give, minor units.'),
    ('promo.free_minute_maximum', '1000', 'INTEGER', 1, 100000000, true,
     'Price per minute up to which free minutes are counted whole, minor units; a dearer reader''s are fewer.'),
    ('payout.promo_clearing_seconds', '2592000', 'INTEGER', 0, 31536000, true,
     'Seconds between an earning that a promotion paid and the moment it can be paid out.');

----------------------------------------------------------------------
-- Administrators make and end codes
----------------------------------------------------------------------

create function private.admin_create_promo(
    p_kind public.promo_kind, p_idempotency_key text, p_code text, p_amount bigint, p_minutes integer,
    p_max_redemptions integer, p_valid_from timestamptz, p_valid_to timestamptz)
returns public.promo_codes
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_known jsonb;
    v_promo public.promo_codes;
begin
    v_known := private.claim_key(v_admin, 'admin_create_promo', p_idempotency_key, jsonb_build_object(
        'kind', p_kind, 'code', lower(p_code), 'amount', p_amount, 'minutes', p_minutes,
        'max_redemptions', p_max_redemptions, 'valid_from', p_valid_from, 'valid_to', p_valid_to));
    if v_known is not null then
        select c.* into strict v_promo from public.promo_codes c where c.id = (v_known #>> '{}')::uuid;
        return v_promo;
    elsif p_amount > private.setting_int('promo.credit_maximum') then
        perform private.fail('amount_out_of_range', format('A code gives at most %s.', private.setting_int('promo.credit_maximum')));
    end if;
    begin
        insert into public.promo_codes (code, kind, amount, minutes, max_redemptions, valid_from, valid_to, created_by)
        values (upper(p_code), p_kind, p_amount, p_minutes, p_max_redemptions, coalesce(p_valid_from, private.now()), p_valid_to, v_admin)
        returning * into v_promo;
    exception
        when unique_violation then
            perform private.fail('already_exists', 'Taken: code.');
        when check_violation or not_null_violation then
            perform private.fail('invalid_argument',
                'p_code has 4 to 30 letters and digits; p_amount for CREDIT, p_minutes (1 to 60) for FREE_MINUTES; p_valid_to after p_valid_from.');
    end;
    perform private.record_result(v_admin, 'admin_create_promo', p_idempotency_key, to_jsonb(v_promo.id));
    return v_promo;
end
$$;
comment on function private.admin_create_promo(public.promo_kind, text, text, bigint, integer, integer, timestamptz, timestamptz) is
    'Makes a code; amount in minor units. The table''s trigger records who made it.';

create function private.admin_end_promo(p_promo_code_id uuid)
returns public.promo_codes
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_promo public.promo_codes;
begin
    perform private.require_treasurer();
    update public.promo_codes c set ended_at = coalesce(c.ended_at, private.now())
    where c.id = p_promo_code_id returning c.* into v_promo;
    if not found then
        perform private.fail('not_found');
    end if;
    return v_promo;
end
$$;
comment on function private.admin_end_promo(uuid) is 'Nobody redeems the code from now on; what was redeemed stays. A repeat answers as before.';

create function public.admin_create_promo(
    p_kind public.promo_kind, p_idempotency_key text, p_code text, p_amount numeric default null, p_minutes numeric default null,
    p_max_redemptions numeric default null, p_valid_from timestamptz default null, p_valid_to timestamptz default null)
returns public.promo_codes
language plpgsql set search_path = '' as $$
begin
    return private.admin_create_promo(p_kind, p_idempotency_key, p_code, private.whole(p_amount, 'p_amount'),
        private.whole_integer(p_minutes, 'p_minutes'),
        private.whole_integer(p_max_redemptions, 'p_max_redemptions'), p_valid_from, p_valid_to);
end
$$;
comment on function public.admin_create_promo(public.promo_kind, text, text, numeric, numeric, numeric, timestamptz, timestamptz) is
    'For administrators with manage_finances and a second factor: a code for p_amount (minor units) of credit, or p_minutes free minutes. Refuses with permission_denied, second_factor_required, amount_out_of_range, invalid_argument, already_exists, idempotency_key_reused.';

create function public.admin_end_promo(p_promo_code_id uuid)
returns public.promo_codes
language plpgsql set search_path = '' as $$
begin
    return private.admin_end_promo(p_promo_code_id);
end
$$;
comment on function public.admin_end_promo(uuid) is
    'For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found.';

----------------------------------------------------------------------
-- Redemption: refusals are committed, so that guesses count
----------------------------------------------------------------------

create table private.promo_attempts (
    user_id  uuid primary key references public.users (id) on delete cascade,
    began_at timestamptz not null,
    refused  integer not null
);
comment on table private.promo_attempts is 'How many codes a person tried in vain in the hour that began then.';
alter table private.promo_attempts enable row level security;

create function private.count_promo_attempt(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_attempts private.promo_attempts;
begin
    -- Its row is locked from here on: guesses of one person go one after the other.
    insert into private.promo_attempts as a (user_id, began_at, refused) values (p_user_id, private.now(), 1)
    on conflict (user_id) do update
    set began_at = case when a.began_at <= private.now() - interval '1 hour' then private.now() else a.began_at end,
        refused = case when a.began_at <= private.now() - interval '1 hour' then 1 else a.refused + 1 end
    returning * into v_attempts;
    if v_attempts.refused > private.setting_int('promo.attempts_per_hour') then
        perform private.fail_until('rate_limited',
            ceil(extract(epoch from v_attempts.began_at + interval '1 hour' - private.now()))::integer);
    end if;
end
$$;
comment on function private.count_promo_attempt(uuid) is 'Counts an attempt before it is made, or refuses with rate_limited.';

create function private.redeemable_promo(p_user_id uuid, p_code text)
returns public.promo_codes
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_promo public.promo_codes;
begin
    -- Before any look at the code: nobody without a card learns which codes there are.
    if not exists (select from public.cards c where c.user_id = p_user_id) then
        perform private.fail('card_required');
    end if;
    select c.* into v_promo from public.promo_codes c
    where c.code operator(extensions.=) p_code::extensions.citext for update;
    if not found or v_promo.valid_from > private.now() then
        perform private.fail('promo_unknown');
    elsif exists (select from public.promo_redemptions r where r.promo_code_id = v_promo.id and r.user_id = p_user_id) then
        perform private.fail('promo_already_redeemed');
    elsif v_promo.ended_at is not null or v_promo.valid_to <= private.now() then
        perform private.fail('promo_expired');
    elsif v_promo.redemptions >= v_promo.max_redemptions then
        perform private.fail('promo_exhausted');
    elsif exists (select from public.promo_redemptions r join public.cards c on c.fingerprint = r.card_fingerprint
                  where r.promo_code_id = v_promo.id and c.user_id = p_user_id) then
        perform private.fail('promo_card_used');
    elsif private.wallet_is_frozen(p_user_id) then
        perform private.fail('wallet_frozen');
    end if;
    return v_promo;
end
$$;
comment on function private.redeemable_promo(uuid, text) is
    'Locks the code, or refuses. One that has not begun is unknown, so that a coming promotion is not found by guessing.';

create function private.use_promo(p_user_id uuid, p_code text, p_idempotency_key text)
returns public.promo_redemptions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_known       jsonb;
    v_promo       public.promo_codes;
    v_redemption  public.promo_redemptions;
    v_transaction uuid;
begin
    v_known := private.claim_key(p_user_id, 'redeem_promo', p_idempotency_key, jsonb_build_object('code', lower(p_code)));
    if v_known is not null then
        select r.* into strict v_redemption from public.promo_redemptions r where r.id = (v_known #>> '{}')::uuid;
        return v_redemption;
    end if;
    v_promo := private.redeemable_promo(p_user_id, p_code);
    if v_promo.kind = 'CREDIT' then
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (p_user_id, 'PROMO', v_promo.amount, 'COMPLETED', 'Promotion ' || v_promo.code,
                jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
        returning id into v_transaction;
        perform ledger.post_transfer(v_transaction, 'promo', ledger.account_of(null, 'promo_expense'),
            ledger.account_of(p_user_id, 'promo_credit'), v_promo.amount);
    end if;
    update public.promo_codes c set redemptions = c.redemptions + 1 where c.id = v_promo.id;
    insert into public.promo_redemptions (promo_code_id, user_id, card_fingerprint, transaction_id)
    select v_promo.id, p_user_id, c.fingerprint, v_transaction
    from public.cards c where c.user_id = p_user_id order by c.id desc limit 1
    returning * into v_redemption;
    perform private.record_result(p_user_id, 'redeem_promo', p_idempotency_key, to_jsonb(v_redemption.id));
    perform private.tell(p_user_id, 'wallet_changed', jsonb_strip_nulls(jsonb_build_object('transaction_id', v_transaction)));
    return v_redemption;
end
$$;
comment on function private.use_promo(uuid, text, text) is
    'Credit is posted at once, promo_expense → promo_credit; free minutes wait for the next session. Once a person and a card.';

create function private.answer_refusal(p_sqlstate text, p_code text, p_details text, p_hint text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform set_config('response.status', right(p_sqlstate, 3), true);
    return jsonb_build_object('code', p_sqlstate, 'message', p_code, 'details', p_details, 'hint', p_hint);
end
$$;
comment on function private.answer_refusal(text, text, text, text) is
    'Answers a refusal as private.fail would, status and body, in a transaction that commits what was counted.';

create function private.redeem_promo(p_code text, p_idempotency_key text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_account();
    v_answer  jsonb;
    v_code    text;
    v_details text;
    v_hint    text;
begin
    perform private.count_promo_attempt(v_user);
    begin
        v_answer := to_jsonb(private.use_promo(v_user, p_code, p_idempotency_key));
    exception when others then
        if sqlstate !~ '^PT4' then
            raise;
        end if;
        get stacked diagnostics v_code = message_text, v_details = pg_exception_detail, v_hint = pg_exception_hint;
        return private.answer_refusal(sqlstate, v_code, v_details, v_hint);
    end;
    update private.promo_attempts a set refused = a.refused - 1 where a.user_id = v_user;
    return v_answer;
end
$$;
comment on function private.redeem_promo(text, text) is
    'Redeems a code. A refusal takes back everything but its own count: an exception to the caller would take back that too.';

create function public.redeem_promo(p_code text, p_idempotency_key text)
returns jsonb
language plpgsql set search_path = '' as $$
begin
    return private.redeem_promo(p_code, p_idempotency_key);
end
$$;
comment on function public.redeem_promo(text, text) is
    'Redeem a code, once a person and once a card; answers the redemption. Refuses with card_required, promo_unknown, promo_expired, promo_exhausted, promo_already_redeemed, promo_card_used, wallet_frozen, rate_limited, account_suspended, account_required, invalid_argument, idempotency_key_reused.';

----------------------------------------------------------------------
-- Free minutes: kept at the request, posted at the start, given back where they were not used
----------------------------------------------------------------------

create function private.free_increments(p_session public.sessions, p_minutes integer)
returns integer
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select least(
        greatest(1, p_session.max_minutes * 60 / t.step),
        p_minutes * 60 * least(p_session.reader_rate, private.setting_int('promo.free_minute_maximum'))
            / (p_session.reader_rate * t.step))::integer
    from (select (p_session.terms ->> 'increment_seconds')::integer as step) t);
end
$$;
comment on function private.free_increments(public.sessions, integer) is
    'How many whole increments so many free minutes pay in a session: fewer where the reader is dearer than the house pays for.';

create function private.reserve_free_minutes(p_session public.sessions)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_redemption uuid;
    v_minutes    integer;
begin
    select r.id, c.minutes into v_redemption, v_minutes
    from public.promo_redemptions r join public.promo_codes c on c.id = r.promo_code_id
    where r.user_id = p_session.client_id and c.kind = 'FREE_MINUTES' and r.session_id is null
    order by r.id limit 1 for update of r;
    if not found or private.free_increments(p_session, v_minutes) < 1 then
        return false;
    end if;
    update public.promo_redemptions r
    set session_id = p_session.id, increments = private.free_increments(p_session, v_minutes)
    where r.id = v_redemption;
    return true;
end
$$;
comment on function private.reserve_free_minutes(public.sessions) is 'Keeps the client''s oldest free minutes for a session; false when there are none it could use.';

create function private.return_free_minutes(p_session_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
    update public.promo_redemptions r set session_id = null, increments = null, transaction_id = null
    where r.session_id = p_session_id
$$;
comment on function private.return_free_minutes(uuid) is 'Nothing of them was used: they wait for another session.';

create function private.post_free_increments(p_meter private.meters)
returns private.meters
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_increments integer;
    v_meter      private.meters;
begin
    update public.promo_redemptions r set transaction_id = p_meter.transaction_id
    where r.session_id = p_meter.session_id returning r.increments into v_increments;
    if not found then
        return p_meter;
    end if;
    perform ledger.post_transfers(p_meter.transaction_id, array(
        select ('free_increment', ledger.account_of(null, 'promo_expense'), p_meter.earnings_id, s.share, null, 0, i.n, null)::ledger.leg
        from generate_series(0, v_increments - 1) i (n)
        cross join lateral (select ledger.share_of(private.increment_price(p_meter, i.n), p_meter.share_bps) as share) s
        where s.share > 0 order by i.n));
    update private.meters m
    set increments = v_increments, free_increments = v_increments, due_at = private.begins_at(m, v_increments)
    where m.session_id = p_meter.session_id returning m.* into v_meter;
    return v_meter;
end
$$;
comment on function private.post_free_increments(private.meters) is
    'promo_expense → reader_earnings for every free increment at once, so that the batch first meets the session when they end.';

create function private.free_earnings(p_transaction_id uuid)
returns bigint
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(sum(case when t.code = 'free_increment' then t.amount
                             when t.credit_account_id = e.id then -t.amount end), 0)::bigint
    from ledger.transfers t, (select ledger.account_of(null, 'promo_expense') as id) e
    where t.transaction_id = p_transaction_id
$$;
comment on function private.free_earnings(uuid) is 'What a promotion paid the reader of a session, net of what was given back, minor units.';
