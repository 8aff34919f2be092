-- Differences between Stripe and the ledger as administrators see them.

set lock_timeout = '4s';

create function private.admin_read_differences(p_with_settled boolean, p_after uuid, p_limit integer)
returns table (
    id uuid, kind public.difference_kind, account text, subject text, transaction_id uuid, at_stripe bigint, in_ledger bigint,
    moved_at timestamptz, found_at timestamptz, settled_at timestamptz, what_to_do text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_finances');
    perform private.check_page(p_limit);
    perform private.record_audit('differences.read', 'reconciliation_differences', '*', null);
    return query
    select d.id, d.kind, d.account, d.subject, d.transaction_id, d.at_stripe, d.in_ledger, d.moved_at, d.found_at, d.settled_at,
           private.what_to_do(d.kind, d.transaction_id)
    from private.reconciliation_differences d
    where d.id < coalesce(p_after, private.last_id()) and (d.settled_at is null or p_with_settled)
    order by d.id desc limit p_limit;
end
$$;
comment on function private.admin_read_differences(boolean, uuid, integer) is 'What Stripe and the ledger disagree about, amounts in minor units; the look is recorded.';

create function public.admin_read_differences(
    p_with_settled boolean default false, p_after uuid default null, p_limit numeric default 50)
returns table (
    id uuid, kind public.difference_kind, account text, subject text, transaction_id uuid, at_stripe bigint, in_ledger bigint,
    moved_at timestamptz, found_at timestamptz, settled_at timestamptz, what_to_do text)
language plpgsql set search_path = '' as $$
begin
    return query select * from private.admin_read_differences(p_with_settled, p_after, private.whole_integer(p_limit, 'p_limit'));
end
$$;
comment on function public.admin_read_differences(boolean, uuid, numeric) is
    'For administrators with manage_finances; recorded. Open differences between Stripe and the ledger (p_with_settled: those that a later run found settled too), the newest first, and what to do about each; amounts in minor units; p_after: the last id of the page before, p_limit 1 to 200. Refuses with permission_denied, invalid_argument.';
