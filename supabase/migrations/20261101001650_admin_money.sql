-- Money by administrators: commission, refunds and goodwill with limits and a second pair of eyes, frozen wallets, statements.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('own_request', 403, 'Who asked, or gets it, does not decide.', 'Another administrator with manage_finances decides.'),
    ('approval_expired', 409, 'The request has expired.', 'Make a new one if it still stands.'),
    ('admin_limit_exceeded', 409, 'The amount is more than one administrator may give.', 'See details for the limit, in minor units.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('admin.refund_maximum', '100000', 'INTEGER', 1, 100000000, false, 'Largest refund of one call of an administrator, minor units.'),
    ('admin.goodwill_maximum', '10000', 'INTEGER', 1, 100000000, false, 'Largest goodwill credit of one call of an administrator, minor units.'),
    ('admin.daily_maximum', '200000', 'INTEGER', 1, 1000000000, false, 'Refunds and goodwill that one administrator may ask for in 24 hours, minor units.'),
    ('admin.second_approval_from', '20000', 'INTEGER', 1, 100000000, false, 'Refunds and goodwill of at least this wait for a second administrator, minor units.'),
    ('admin.approval_seconds', '259200', 'INTEGER', 60, 2592000, false, 'Seconds that a refund or goodwill waits for a second administrator.');

----------------------------------------------------------------------
-- Commission
----------------------------------------------------------------------

create function private.admin_set_commission(p_kind text, p_share_bps integer, p_reader_id uuid, p_valid_from timestamptz)
returns ledger.rules
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_from  timestamptz := coalesce(p_valid_from, private.now());
    v_rule  ledger.rules;
begin
    if p_share_bps is null or p_share_bps not between 0 and 10000 or p_kind is null
       or p_kind <> all (enum_range(null::ledger.rule_kind)::text[]) then
        perform private.fail('invalid_argument', 'p_kind is SESSION, GIFT, TIP or ORDER, p_share_bps is 0 to 10000.');
    elsif v_from < private.now() then
        perform private.fail('invalid_argument', 'p_valid_from is now or later: what was agreed stays.');
    elsif p_reader_id is not null and not exists (select from public.readers r where r.user_id = p_reader_id) then
        perform private.fail('not_found', 'There is no such reader.');
    end if;
    insert into ledger.rules (kind, reader_id, share_bps, valid_from, created_by)
    values (p_kind::ledger.rule_kind, p_reader_id, p_share_bps, v_from, v_admin)
    on conflict on constraint rule_version do nothing returning * into v_rule;
    if not found then
        perform private.fail('already_exists', 'A rule of this kind begins at that moment.');
    end if;
    return v_rule;
end
$$;
comment on function private.admin_set_commission(text, integer, uuid, timestamptz) is
    'Adds a version; none is ever edited. What has frozen its split keeps it.';

create function public.admin_set_commission(
    p_kind text, p_share_bps numeric, p_reader_id uuid default null, p_valid_from timestamptz default null)
returns table (id uuid, kind text, reader_id uuid, share_bps integer, valid_from timestamptz, created_by uuid)
language sql set search_path = '' as $$
    select r.id, r.kind::text, r.reader_id, r.share_bps, r.valid_from, r.created_by
    from private.admin_set_commission(p_kind, private.whole_integer(p_share_bps, 'p_share_bps'), p_reader_id, p_valid_from) r
$$;
comment on function public.admin_set_commission(text, numeric, uuid, timestamptz) is
    'The reader''s share in basis points for SESSION, GIFT, TIP or ORDER, for one reader or for all, from now or a later moment on; sessions requested before keep theirs. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, invalid_argument, not_found, already_exists.';

----------------------------------------------------------------------
-- Refunds and goodwill: an order, carried out at once or by a second administrator
----------------------------------------------------------------------

create type public.money_approval_kind as enum ('REFUND', 'GOODWILL');
comment on type public.money_approval_kind is 'What an administrator gives: part of a charge back, or credit of the house''s.';
create type public.money_approval_status as enum ('WAITING', 'DONE', 'REJECTED', 'EXPIRED');
comment on type public.money_approval_status is 'WAITING for a second administrator, or decided, once.';

create table public.money_approvals (
    id             uuid primary key default private.uuid_v7(),
    kind           public.money_approval_kind not null,
    user_id        uuid not null references public.users (id) on delete restrict,
    session_id     uuid references public.sessions (id) on delete restrict,
    refunded_id    uuid references public.transactions (id) on delete restrict,
    amount         bigint not null check (amount > 0),
    currency       character(3) not null default private.currency(),
    reason         text not null check (length(reason) between 1 and 2000),
    status         public.money_approval_status not null default 'WAITING',
    needs_second   boolean not null,
    requested_by   uuid not null references public.users (id) on delete restrict,
    approved_by    uuid references public.users (id) on delete restrict,
    rejected_by    uuid references public.users (id) on delete restrict,
    decided_at     timestamptz,
    expires_at     timestamptz not null,
    transaction_id uuid unique references public.transactions (id),
    created_at     timestamptz not null default private.now(),
    updated_at     timestamptz not null default private.now(),
    constraint second_person_approves check (approved_by <> requested_by),
    constraint second_person_rejects check (rejected_by <> requested_by),
    constraint only_what_waits_is_refused check (needs_second or status in ('WAITING', 'DONE')),
    constraint approved_when_done check ((approved_by is not null) = (needs_second and status = 'DONE')),
    constraint rejected_by_somebody check ((rejected_by is not null) = (status = 'REJECTED')),
    constraint decided_once check ((status = 'WAITING') = (decided_at is null)),
    constraint done_has_transaction check ((status = 'DONE') = (transaction_id is not null)),
    constraint refund_is_of_a_charge check ((kind = 'REFUND') = (refunded_id is not null)),
    constraint goodwill_is_of_no_session check (kind = 'REFUND' or session_id is null)
);
comment on table public.money_approvals is
    'What administrators give to people: small amounts carried out at once, larger ones when a second administrator agrees.';
comment on column public.money_approvals.user_id is 'Who gets it.';
comment on column public.money_approvals.refunded_id is 'The charge that a refund gives back.';
comment on column public.money_approvals.amount is 'Minor units.';
comment on column public.money_approvals.needs_second is 'Whether the amount asked for a second administrator when it was requested.';
create index money_approvals_user on public.money_approvals (user_id, id desc);
create index money_approvals_session on public.money_approvals (session_id);
create index money_approvals_refunded on public.money_approvals (refunded_id);
create index money_approvals_requester on public.money_approvals (requested_by, id desc);
create index money_approvals_approver on public.money_approvals (approved_by);
create index money_approvals_rejecter on public.money_approvals (rejected_by);
create index money_approvals_waiting on public.money_approvals (expires_at) where status = 'WAITING';
alter table public.money_approvals enable row level security;
create trigger touch before update on public.money_approvals for each row execute function private.touch_updated_at();
create trigger platform_currency before insert or update of currency on public.money_approvals
    for each row execute function private.require_platform_currency();
create trigger audit after insert or update or delete on public.money_approvals for each row execute function private.audit();

create function private.check_gift_limits(p_admin uuid, p_amount numeric, p_maximum text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_maximum bigint := private.setting_int(p_maximum);
    v_daily   bigint := private.setting_int('admin.daily_maximum');
    v_asked   bigint;
begin
    if p_amount is null or p_amount < 1 or p_amount <> trunc(p_amount) then
        perform private.fail('amount_out_of_range', 'A whole amount of at least 1 is given.');
    elsif p_amount > v_maximum then
        perform private.fail('admin_limit_exceeded', format('One call gives at most %s.', v_maximum));
    end if;
    -- One administrator's calls take turns, or two at once would both find room.
    perform pg_advisory_xact_lock(hashtextextended('private.check_gift_limits ' || p_admin, 0));
    select coalesce(sum(m.amount), 0) into v_asked from public.money_approvals m
    where m.requested_by = p_admin and m.id >= private.uuid_v7_floor(private.now() - interval '24 hours')
      and m.status in ('WAITING', 'DONE');
    if v_asked + p_amount > v_daily then
        perform private.fail('admin_limit_exceeded', format('%s is left of 24 hours'' %s.', greatest(v_daily - v_asked, 0), v_daily));
    end if;
    return p_amount;
end
$$;
comment on function private.check_gift_limits(uuid, numeric, text) is
    'The amount in minor units, or a refusal: whole, within the limit of a call and of one administrator''s last 24 hours.';

create function private.charge_of_session(p_session_id uuid)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    select s.* into v_session from public.sessions s where s.id = p_session_id;
    if not found then
        perform private.fail('not_found');
    elsif v_session.ended_at is null or v_session.transaction_id is null then
        perform private.fail('invalid_state', 'Only a session that has ended and was charged is refunded.');
    end if;
    return v_session.transaction_id;
end
$$;
comment on function private.charge_of_session(uuid) is 'The charge of a session that has ended, or a refusal.';

create function private.refundable_charge(p_transaction_id uuid, p_amount numeric)
returns public.transactions
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_charge public.transactions;
begin
    select t.* into v_charge from public.transactions t where t.id = p_transaction_id;
    if not found then
        perform private.fail('not_found');
    elsif not ledger.is_settled_charge(v_charge) then
        perform private.fail('invalid_state', 'Only a settled charge is given back.');
    elsif v_charge.type = 'SESSION_CHARGE' then
        perform private.charge_of_session(v_charge.session_id);
    elsif exists (select from public.gift_purchases g
                  where g.transaction_id = v_charge.id and (g.sent > 0 or p_amount < ledger.reversible(v_charge.id)))
          and not exists (select from ledger.paid_parts(v_charge.id) p join ledger.accounts a on a.id = p.earner_id
                          where a.kind = 'reader_earnings') then
        -- Each gift sent was shared with its receiver by itself, and a part given back would still be there to send.
        perform private.fail('invalid_state', 'Gifts in stock are given back whole, while none of them was sent.');
    end if;
    return v_charge;
end
$$;
comment on function private.refundable_charge(uuid, numeric) is 'A charge of which an amount (minor units) may be given back, or a refusal: not_found, invalid_state.';

create function private.carry_out(p_order public.money_approvals, p_approved_by uuid)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order       public.money_approvals;
    v_transaction uuid;
begin
    if private.is_erased(p_order.user_id) then
        perform private.fail('invalid_state', 'The account was erased.');
    elsif p_order.kind = 'REFUND' then
        -- Before the money, as where an order is cancelled.
        perform from public.orders o where o.transaction_id = p_order.refunded_id for no key update;
        -- Nobody sends a gift of it meanwhile.
        perform from public.transactions t where t.id = p_order.refunded_id for no key update;
        v_transaction := (ledger.reverse_transaction(
            (private.refundable_charge(p_order.refunded_id, p_order.amount)).id, p_order.amount, 'Refund')).id;
        perform private.move_order(o, 'REFUNDED')
        from public.orders o join public.transactions t on t.id = o.transaction_id and t.status = 'REFUNDED'
        where t.id = p_order.refunded_id and o.status in ('PAID', 'SHIPPED', 'DELIVERED');
    else
        insert into public.transactions (user_id, type, amount, status, description, metadata)
        values (p_order.user_id, 'ADJUSTMENT', p_order.amount, 'COMPLETED', 'Goodwill credit',
                jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
        returning id into v_transaction;
        perform ledger.post_transfer(v_transaction, 'goodwill', ledger.account_of(null, 'promo_expense'),
            ledger.account_of(p_order.user_id, 'promo_credit'), p_order.amount);
        perform private.tell(p_order.user_id, 'wallet_changed', jsonb_build_object('transaction_id', v_transaction));
    end if;
    update public.money_approvals m
    set status = 'DONE', approved_by = p_approved_by, decided_at = private.now(), transaction_id = v_transaction
    where m.id = p_order.id returning m.* into v_order;
    return v_order;
end
$$;
comment on function private.carry_out(public.money_approvals, uuid) is
    'The one effect of an order: the charge reversed in its proportions, or promo_expense → promo_credit. A purchase that was given back whole is REFUNDED, and its files are the buyer''s no more.';

create function private.order_money(
    p_admin uuid, p_kind public.money_approval_kind, p_user_id uuid, p_charge public.transactions, p_amount bigint, p_reason text)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order public.money_approvals;
    v_waits boolean := p_amount >= private.setting_int('admin.second_approval_from');
    v_now   timestamptz := private.now();
begin
    if coalesce(length(p_reason), 0) not between 1 and 2000 then
        perform private.fail('invalid_argument', 'p_reason has 1 to 2000 characters.');
    elsif private.is_erased(p_user_id) then
        perform private.fail('invalid_state', 'The account was erased.');
    end if;
    insert into public.money_approvals (kind, user_id, session_id, refunded_id, amount, reason, needs_second, requested_by, expires_at)
    values (p_kind, p_user_id, p_charge.session_id, p_charge.id, p_amount, p_reason, v_waits, p_admin,
            v_now + private.setting_int('admin.approval_seconds') * interval '1 second')
    returning * into v_order;
    return case when v_waits then v_order else private.carry_out(v_order, null) end;
end
$$;
comment on function private.order_money(uuid, public.money_approval_kind, uuid, public.transactions, bigint, text) is
    'Writes an order (minor units) and carries it out, unless it is large enough to wait.';

create function private.order_refund(p_admin uuid, p_transaction_id uuid, p_amount numeric, p_reason text)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_charge public.transactions := private.refundable_charge(p_transaction_id, p_amount);
    v_left   bigint := ledger.reversible(p_transaction_id);
begin
    if v_charge.user_id = p_admin then
        perform private.fail('own_request', 'Nobody gives to themselves.');
    elsif p_amount > v_left then
        perform private.fail('refund_exceeds_charge', format('Left of the charge: %s.', v_left));
    end if;
    return private.order_money(p_admin, 'REFUND', v_charge.user_id, v_charge,
        private.check_gift_limits(p_admin, p_amount, 'admin.refund_maximum'), p_reason);
end
$$;
comment on function private.order_refund(uuid, uuid, numeric, text) is 'Orders that part or all of a charge (minor units) goes back to whom paid it.';

create function private.admin_refund_session(p_session_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_known jsonb := private.claim_key(v_admin, 'admin_refund_session', p_idempotency_key,
        jsonb_build_object('session_id', p_session_id, 'amount', p_amount, 'reason', p_reason));
    v_order public.money_approvals;
begin
    if v_known is not null then
        select m.* into strict v_order from public.money_approvals m where m.id = (v_known #>> '{}')::uuid;
        return v_order;
    end if;
    v_order := private.order_refund(v_admin, private.charge_of_session(p_session_id), p_amount, p_reason);
    perform private.record_result(v_admin, 'admin_refund_session', p_idempotency_key, to_jsonb(v_order.id));
    return v_order;
end
$$;
comment on function private.admin_refund_session(uuid, numeric, text, text) is
    'Part or all of a session''s charge back to the client, minor units; what waits for a second administrator is measured against the charge again when it is carried out.';

create function public.admin_refund_session(p_session_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql set search_path = '' as $$
begin
    return private.admin_refund_session(p_session_id, p_amount, p_reason, p_idempotency_key);
end
$$;
comment on function public.admin_refund_session(uuid, numeric, text, text) is
    'Give a client back what a session that has ended cost (whole minor units), in the proportions it was paid and shared; WAITING when it needs a second administrator. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found, invalid_state, own_request, amount_out_of_range, refund_exceeds_charge, admin_limit_exceeded, invalid_argument, idempotency_key_reused.';

create function private.admin_refund_charge(p_transaction_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_known jsonb := private.claim_key(v_admin, 'admin_refund_charge', p_idempotency_key,
        jsonb_build_object('transaction_id', p_transaction_id, 'amount', p_amount, 'reason', p_reason));
    v_order public.money_approvals;
begin
    if v_known is not null then
        select m.* into strict v_order from public.money_approvals m where m.id = (v_known #>> '{}')::uuid;
        return v_order;
    end if;
    v_order := private.order_refund(v_admin, p_transaction_id, p_amount, p_reason);
    perform private.record_result(v_admin, 'admin_refund_charge', p_idempotency_key, to_jsonb(v_order.id));
    return v_order;
end
$$;
comment on function private.admin_refund_charge(uuid, numeric, text, text) is
    'Part or all of any settled charge back to whom paid it, minor units: an order, the answer to a message, a gift, a tip, a fee, a session.';

create function public.admin_refund_charge(p_transaction_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql set search_path = '' as $$
begin
    return private.admin_refund_charge(p_transaction_id, p_amount, p_reason, p_idempotency_key);
end
$$;
comment on function public.admin_refund_charge(uuid, numeric, text, text) is
    'Give a person back what an order, the answer to a message, a gift, a tip, a fee or a session cost (whole minor units), in the proportions it was paid and shared; an order given back whole is REFUNDED. WAITING when it needs a second administrator. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found, invalid_state, own_request, amount_out_of_range, refund_exceeds_charge, admin_limit_exceeded, invalid_argument, idempotency_key_reused.';

create function private.admin_goodwill(p_user_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_known jsonb := private.claim_key(v_admin, 'admin_goodwill', p_idempotency_key,
        jsonb_build_object('user_id', p_user_id, 'amount', p_amount, 'reason', p_reason));
    v_order public.money_approvals;
begin
    if v_known is not null then
        select m.* into strict v_order from public.money_approvals m where m.id = (v_known #>> '{}')::uuid;
        return v_order;
    elsif not exists (select from public.users u where u.id = p_user_id) then
        perform private.fail('not_found');
    elsif p_user_id = v_admin then
        perform private.fail('own_request', 'Nobody gives to themselves.');
    end if;
    v_order := private.order_money(v_admin, 'GOODWILL', p_user_id, null,
        private.check_gift_limits(v_admin, p_amount, 'admin.goodwill_maximum'), p_reason);
    perform private.record_result(v_admin, 'admin_goodwill', p_idempotency_key, to_jsonb(v_order.id));
    return v_order;
end
$$;
comment on function private.admin_goodwill(uuid, numeric, text, text) is 'Credit of the house''s for a person, minor units; spent before bought money.';

create function public.admin_goodwill(p_user_id uuid, p_amount numeric, p_reason text, p_idempotency_key text)
returns public.money_approvals
language plpgsql set search_path = '' as $$
begin
    return private.admin_goodwill(p_user_id, p_amount, p_reason, p_idempotency_key);
end
$$;
comment on function public.admin_goodwill(uuid, numeric, text, text) is
    'Give somebody promo credit at the house''s expense (whole minor units); WAITING when it needs a second administrator. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found, invalid_state, own_request, amount_out_of_range, admin_limit_exceeded, invalid_argument, idempotency_key_reused.';

----------------------------------------------------------------------
-- The second administrator
----------------------------------------------------------------------

create function private.lock_approval(p_id uuid, p_admin uuid)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order public.money_approvals;
begin
    select m.* into v_order from public.money_approvals m where m.id = p_id for update;
    if not found then
        perform private.fail('not_found');
    elsif p_admin in (v_order.requested_by, v_order.user_id) then
        perform private.fail('own_request');
    elsif v_order.status = 'WAITING' and v_order.expires_at <= private.now() then
        perform private.fail('approval_expired');
    end if;
    return v_order;
end
$$;
comment on function private.lock_approval(uuid, uuid) is 'Locks an order for the administrator who decides it, or refuses.';

create function private.admin_approve(p_id uuid)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_order public.money_approvals := private.lock_approval(p_id, v_admin);
begin
    if v_order.status = 'DONE' and v_order.approved_by = v_admin then
        return v_order;
    elsif v_order.status <> 'WAITING' then
        perform private.fail('invalid_state', 'The request is decided.');
    end if;
    return private.carry_out(v_order, v_admin);
end
$$;
comment on function private.admin_approve(uuid) is 'Carries an order out, once. A repeat answers as before.';

create function public.admin_approve(p_id uuid)
returns public.money_approvals
language plpgsql set search_path = '' as $$
begin
    return private.admin_approve(p_id);
end
$$;
comment on function public.admin_approve(uuid) is
    'Agree to another administrator''s refund or goodwill, which is carried out at once. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found, own_request, approval_expired, invalid_state, refund_exceeds_charge.';

create function private.admin_reject(p_id uuid)
returns public.money_approvals
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_treasurer();
    v_order public.money_approvals := private.lock_approval(p_id, v_admin);
begin
    if v_order.status = 'REJECTED' and v_order.rejected_by = v_admin then
        return v_order;
    elsif v_order.status <> 'WAITING' then
        perform private.fail('invalid_state', 'The request is decided.');
    end if;
    update public.money_approvals m set status = 'REJECTED', rejected_by = v_admin, decided_at = private.now()
    where m.id = p_id returning m.* into v_order;
    return v_order;
end
$$;
comment on function private.admin_reject(uuid) is 'Ends an order without effect. A repeat answers as before.';

create function public.admin_reject(p_id uuid)
returns public.money_approvals
language plpgsql set search_path = '' as $$
begin
    return private.admin_reject(p_id);
end
$$;
comment on function public.admin_reject(uuid) is
    'Turn another administrator''s refund or goodwill down. For administrators with manage_finances and a second factor. Refuses with permission_denied, second_factor_required, not_found, own_request, approval_expired, invalid_state.';

create function private.expire_approvals()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    update public.money_approvals m set status = 'EXPIRED', decided_at = private.now()
    where m.id in (select w.id from public.money_approvals w
                   where w.status = 'WAITING' and w.expires_at <= private.now() limit 1000 for update skip locked);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function private.expire_approvals() is 'Marks orders that nobody decided in time, a batch a call; an administrator is refused them before that already.';
