-- Disputes as administrators see them.

set lock_timeout = '4s';

create function private.admin_read_disputes(p_user_id uuid)
returns table (
    dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint,
    withdrawn bigint, reinstated bigint, fee bigint, due_at timestamptz, created_at timestamptz, updated_at timestamptz)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_finances');
    if not exists (select from public.users u where u.id = p_user_id) then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('dispute.read', 'disputes', p_user_id::text, null);
    return query
    select d.stripe_dispute_id, d.topup_id, d.transaction_id, d.charge_id, d.status, d.reason, d.amount,
           d.withdrawn, d.reinstated, d.fee, d.due_at, d.created_at, d.updated_at
    from private.disputes d join public.transactions t on t.id = d.topup_id
    where t.user_id = p_user_id
    order by d.created_at desc, d.stripe_dispute_id;
end
$$;
comment on function private.admin_read_disputes(uuid) is 'A client''s disputes, newest first, amounts in minor units; the look is recorded.';

create function public.admin_read_disputes(p_user_id uuid)
returns table (
    dispute_id text, topup_id uuid, transaction_id uuid, charge_id text, status text, reason text, amount bigint,
    withdrawn bigint, reinstated bigint, fee bigint, due_at timestamptz, created_at timestamptz, updated_at timestamptz)
language sql set search_path = '' as $$ select * from private.admin_read_disputes(p_user_id) $$;
comment on function public.admin_read_disputes(uuid) is
    'For administrators with manage_finances; recorded. A client''s disputes, amounts in minor units. Refuses with permission_denied, not_found.';
