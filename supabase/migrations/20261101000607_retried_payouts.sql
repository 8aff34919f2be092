-- Bank payouts that failed after their transfer: the bank's part alone is tried again, the transfer never.

set lock_timeout = '4s';

create function private.retry_bank_payout(p_attempt public.payout_attempts)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payout public.payouts;
begin
    update public.payout_attempts a
    set status = 'TRANSFERRED', bank_try = a.bank_try + 1, method = 'standard', stripe_payout_id = null,
        failed_payouts = a.failed_payouts || a.stripe_payout_id
    where a.id = p_attempt.id;
    update public.payouts p set status = 'PROCESSING', stripe_payout_id = null, failure_code = null, processed_at = null
    where p.id = p_attempt.payout_id returning p.* into v_payout;
    perform private.enqueue('payout.execute', jsonb_build_object('payout_id', v_payout.id, 'attempt_id', p_attempt.id));
    perform private.tell_payout(v_payout);
    return v_payout;
end
$$;
comment on function private.retry_bank_payout(public.payout_attempts) is
    'Sends what a failed bank payout left in the reader''s balance at Stripe on its way again, under a key of its own. Attempt and payout must be locked.';

create function private.has_failed_at_bank(p_payout public.payouts, p_attempt public.payout_attempts)
returns boolean
language sql
immutable
set search_path = ''
as $$
    -- Where the account is gone, or the transfer came back whole, nothing of ours lies there.
    select p_payout.status = 'FAILED' and p_attempt.status = 'COMPLETED' and p_attempt.stripe_payout_id is not null
       and p_payout.failure_code is distinct from 'account_gone' and p_payout.returned < p_payout.amount
$$;
comment on function private.has_failed_at_bank(public.payouts, public.payout_attempts) is
    'Whether a payout''s transfer was made and stands, and its bank payout failed.';

create function private.retry_payout(p_payout_id uuid)
returns public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_reader  uuid := private.require_account();
    v_account text := private.payout_gate(v_reader);
    v_attempt public.payout_attempts;
    v_payout  public.payouts;
begin
    -- The attempt first, as everywhere.
    select a.* into v_attempt from public.payout_attempts a
    where a.payout_id = p_payout_id and a.status <> 'FAILED'
      and exists (select from public.payouts p where p.id = a.payout_id and p.reader_id = v_reader)
    for update;
    select p.* into v_payout from public.payouts p where p.id = p_payout_id and p.reader_id = v_reader for update;
    if not found then
        perform private.fail('not_found');
    elsif v_payout.status = 'PROCESSING' then
        return v_payout;
    elsif private.has_failed_at_bank(v_payout, v_attempt) is not true then
        perform private.fail('invalid_state', 'Only a payout that failed at the bank is tried again.');
    elsif v_attempt.destination <> v_account then
        perform private.fail('invalid_state', 'The money lies in another account at Stripe than the present one.');
    end if;
    return private.retry_bank_payout(v_attempt);
end
$$;
comment on function private.retry_payout(uuid) is
    'A payout of the caller''s that failed at the bank is on its way again; one that is on its way already answers as it is.';

create function private.retry_failed_payouts(p_account_id text)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_reader  uuid;
    v_attempt public.payout_attempts;
    v_payout  public.payouts;
    v_count   integer := 0;
begin
    select r.user_id into v_reader from public.reader_accounts r join public.users u on u.id = r.user_id
    where r.stripe_account_id = p_account_id and r.payouts_enabled and u.status = 'ACTIVE';
    if v_reader is null or not private.setting_bool('switch.payouts') then
        return 0;
    end if;
    for v_attempt in
        select a.* from public.payout_attempts a
        where a.payout_id in (select p.id from public.payouts p where p.reader_id = v_reader and p.status = 'FAILED')
          and a.status = 'COMPLETED' and a.destination = p_account_id and a.bank_try < private.setting_int('payout.bank_tries')
        order by a.id for update
    loop
        select p.* into v_payout from public.payouts p where p.id = v_attempt.payout_id for update;
        if private.has_failed_at_bank(v_payout, v_attempt) is true then
            perform private.retry_bank_payout(v_attempt);
            v_count := v_count + 1;
        end if;
    end loop;
    return v_count;
end
$$;
comment on function private.retry_failed_payouts(text) is
    'When an account''s way to the bank is open again, sends what failed there on its way, payout.bank_tries times at most; answers how many.';

create function worker_api.apply_bank_account(p_event_id text, p_account_id text)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_count := private.retry_failed_payouts(p_account_id);
    perform private.close_event(p_event_id, case when v_count > 0 then 'APPLIED' else 'IGNORED' end);
    return jsonb_build_object('applied', v_count > 0, 'reason', format('%s tried again', v_count));
end
$$;
comment on function worker_api.apply_bank_account(text, text) is
    'A reader has named another bank account at Stripe: bank payouts that failed are tried again. Where the gate is still closed, its opening does that.';

create function public.retry_payout(p_payout_id uuid)
returns public.payouts
language plpgsql set search_path = '' as $$
begin
    return private.retry_payout(p_payout_id);
end
$$;
comment on function public.retry_payout(uuid) is
    'Send a payout of yours that failed at the bank on its way again, to the bank account that stands at Stripe now. Refuses with not_found, invalid_state, not_a_reader, payouts_disabled, payout_account_not_ready, account_required, account_suspended.';

grant execute on all functions in schema worker_api to service_role;
