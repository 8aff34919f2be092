-- Frozen wallets: an administrator stops all spending of a person, running sessions included.

set lock_timeout = '4s';

create function private.set_wallet_frozen(p_user_id uuid, p_frozen boolean, p_reason text)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_accounts uuid[] := array(
        select a.id from ledger.accounts a where a.user_id = p_user_id and a.kind in ('client_wallet', 'promo_credit'));
    v_changes  boolean;
    v_at       timestamptz;
begin
    perform private.require_treasurer();
    if coalesce(length(p_reason), 0) not between 1 and 2000 then
        perform private.fail('invalid_argument', 'p_reason has 1 to 2000 characters.');
    elsif cardinality(v_accounts) = 0 then
        perform private.fail('not_found');
    end if;
    if p_frozen then
        v_changes := private.freeze_wallet(p_user_id, 'administrator', 'admin_ended');
    else
        perform ledger.lock_accounts(v_accounts);
        -- Causes that Stripe named stay, so that a repeat of theirs does not undo this.
        delete from private.wallet_freezes f where f.user_id = p_user_id and f.cause in ('administrator', 'other');
        v_changes := private.free_wallet(p_user_id);
    end if;
    if v_changes then
        perform private.record_audit(case when p_frozen then 'wallet.freeze' else 'wallet.unfreeze' end, 'users', p_user_id::text,
            jsonb_build_object('reason', p_reason));
    end if;
    select a.frozen_at into v_at from ledger.accounts a where a.user_id = p_user_id and a.kind = 'client_wallet';
    return v_at;
end
$$;
comment on function private.set_wallet_frozen(uuid, boolean, text) is
    'Freezes or frees what a person bought and was given; earnings are not touched. Answers since when it is frozen. A repeat changes nothing.';

create function private.admin_freeze_wallet(p_user_id uuid, p_reason text) returns timestamptz
language sql security definer set search_path = '' as $$ select private.set_wallet_frozen(p_user_id, true, p_reason) $$;
comment on function private.admin_freeze_wallet(uuid, text) is 'An administrator''s; see set_wallet_frozen.';

create function private.admin_unfreeze_wallet(p_user_id uuid, p_reason text) returns timestamptz
language sql security definer set search_path = '' as $$ select private.set_wallet_frozen(p_user_id, false, p_reason) $$;
comment on function private.admin_unfreeze_wallet(uuid, text) is 'An administrator''s; see set_wallet_frozen.';

create function public.admin_freeze_wallet(p_user_id uuid, p_reason text) returns timestamptz
language plpgsql set search_path = '' as $$
begin
    return private.admin_freeze_wallet(p_user_id, p_reason);
end
$$;
comment on function public.admin_freeze_wallet(uuid, text) is
    'Stop everything a person may spend; a running session ends when what is paid is used up. Answers since when. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, invalid_argument, not_found.';

create function public.admin_unfreeze_wallet(p_user_id uuid, p_reason text) returns timestamptz
language plpgsql set search_path = '' as $$
begin
    return private.admin_unfreeze_wallet(p_user_id, p_reason);
end
$$;
comment on function public.admin_unfreeze_wallet(uuid, text) is
    'Let a person spend again. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, invalid_argument, not_found.';
