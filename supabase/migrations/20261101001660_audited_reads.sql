-- Audited reads: administrators read what is a person's through these calls only, and each leaves a line that says who read
-- what of whom. Row-level security shows them nothing of it.

set lock_timeout = '4s';

create type public.person_part as enum (
    'SESSIONS', 'CONSENTS', 'APPLICATIONS',
    'ACCOUNTS', 'TRANSACTIONS', 'PAYOUTS', 'PAYOUT_ATTEMPTS', 'READER_ACCOUNT', 'ORDERS', 'ORDER_ITEMS', 'GIFT_PURCHASES', 'PROMO_REDEMPTIONS', 'CARDS', 'AUTO_RELOADS');
comment on type public.person_part is 'What administrators read of a person: the first three with manage_users, the others with manage_finances.';

create function private.check_page(p_limit integer)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_limit is null or p_limit not between 1 and 200 then
        perform private.fail('invalid_argument', 'p_limit is 1 to 200.');
    end if;
end
$$;
comment on function private.check_page(integer) is 'Refuses a page of no or too many rows.';

----------------------------------------------------------------------
-- One person
----------------------------------------------------------------------

create function private.part_of_person(p_part public.person_part)
returns table (permission public.admin_permission, relation text, belongs text)
language sql
immutable
set search_path = ''
as $$
    select p.permission::public.admin_permission, p.relation, p.belongs
    from (values
        ('SESSIONS', 'manage_users', 'public.sessions', 'r.client_id = $1 or r.reader_id = $1'),
        ('CONSENTS', 'manage_users', 'public.consents', 'r.user_id = $1'),
        ('APPLICATIONS', 'manage_users', 'public.reader_applications', 'r.user_id = $1'),
        ('ACCOUNTS', 'manage_finances', 'ledger.accounts', 'r.user_id = $1'),
        ('TRANSACTIONS', 'manage_finances', 'public.transactions', 'r.user_id = $1'),
        ('PAYOUTS', 'manage_finances', 'public.payouts', 'r.reader_id = $1'),
        ('PAYOUT_ATTEMPTS', 'manage_finances', 'public.payout_attempts', 'r.payout_id in (select p.id from public.payouts p where p.reader_id = $1)'),
        ('READER_ACCOUNT', 'manage_finances', 'public.reader_accounts', 'r.user_id = $1'),
        ('ORDERS', 'manage_finances', 'public.orders', 'r.client_id = $1'),
        ('ORDER_ITEMS', 'manage_finances', 'public.order_items', 'r.reader_id = $1 or r.order_id in (select o.id from public.orders o where o.client_id = $1)'),
        ('GIFT_PURCHASES', 'manage_finances', 'public.gift_purchases', 'r.user_id = $1'),
        ('PROMO_REDEMPTIONS', 'manage_finances', 'public.promo_redemptions', 'r.user_id = $1'),
        ('CARDS', 'manage_finances', 'public.cards', 'r.user_id = $1'),
        ('AUTO_RELOADS', 'manage_finances', 'public.auto_reloads', 'r.user_id = $1')
    ) p (part, permission, relation, belongs)
    where p.part = p_part::text
$$;
comment on function private.part_of_person(public.person_part) is 'Who may read a part, where it lies, and which rows are the person''s.';

create function private.admin_read_person(p_user_id uuid, p_part public.person_part, p_after uuid, p_limit integer)
returns setof jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_part record;
begin
    select p.* into v_part from private.part_of_person(p_part) p;
    perform private.require_permission(coalesce(v_part.permission, 'manage_users'));
    perform private.check_page(p_limit);
    if p_part is null then
        perform private.fail('invalid_argument', 'p_part is needed.');
    elsif not exists (select from public.users u where u.id = p_user_id) then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('person.read', 'users', p_user_id::text, jsonb_build_object('part', p_part, 'after', p_after));
    -- The names come from the list above, never from the caller.
    return query execute format(
        'select to_jsonb(r) from %s r where (%s) and r.id < $2 order by r.id desc limit $3', v_part.relation, v_part.belongs)
        using p_user_id, coalesce(p_after, private.last_id()), p_limit;
end
$$;
comment on function private.admin_read_person(uuid, public.person_part, uuid, integer) is 'Rows of one person, the newest first; the look is recorded.';

create function public.admin_read_person(p_user_id uuid, p_part public.person_part, p_after uuid default null, p_limit integer default 50)
returns setof jsonb
language sql set search_path = '' as $$ select private.admin_read_person(p_user_id, p_part, p_after, p_limit) $$;
comment on function public.admin_read_person(uuid, public.person_part, uuid, integer) is
    'Rows that are a person''s, the newest first (p_after: the last id of the page before; p_limit 1 to 200). SESSIONS, CONSENTS and APPLICATIONS for administrators with manage_users, the others with manage_finances; recorded. Refuses with permission_denied, invalid_argument, not_found.';

----------------------------------------------------------------------
-- Queues: what waits for an administrator
----------------------------------------------------------------------

create function private.record_look(p_action text, p_entity_type text, p_status text, p_people uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.record_audit(p_action, p_entity_type, coalesce(p_status, '*'), jsonb_build_object('people', to_jsonb(p_people)));
end
$$;
comment on function private.record_look(text, text, text, uuid[]) is 'One line of the record for a page of a queue: whose rows it showed.';

create function private.admin_read_applications(p_status public.application_status, p_after uuid, p_limit integer)
returns setof public.reader_applications
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_page public.reader_applications[];
begin
    perform private.require_permission('manage_users');
    perform private.check_page(p_limit);
    v_page := array(
        select a from public.reader_applications a
        where (p_status is null or a.status = p_status) and a.id > coalesce(p_after, private.zero_uuid())
        order by a.id limit p_limit);
    perform private.record_look('applications.read', 'reader_applications', p_status::text, array(select p.user_id from unnest(v_page) p));
    return query select p.* from unnest(v_page) p order by p.id;
end
$$;
comment on function private.admin_read_applications(public.application_status, uuid, integer) is 'Applications of everyone, the oldest first; the look is recorded.';

create function public.admin_read_applications(
    p_status public.application_status default 'PENDING', p_after uuid default null, p_limit integer default 50)
returns setof public.reader_applications
language sql set search_path = '' as $$ select private.admin_read_applications(p_status, p_after, p_limit) $$;
comment on function public.admin_read_applications(public.application_status, uuid, integer) is
    'Who wants to become a reader, the oldest first (null: whatever the status). For administrators with manage_users; recorded. Refuses with permission_denied, invalid_argument.';

create function private.applicant_folders()
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_array_elements_text(l.changes -> 'people')
    from public.audit_logs l
    where (select private.has_permission('manage_users')) and l.user_id = auth.uid() and l.action = 'applications.read'
      and l.id >= private.uuid_v7_floor(private.now() - interval '1 hour')
$$;
comment on function private.applicant_folders() is
    'For whoever decides on applications: folders of the people whose applications they were shown in the last hour, which the record tells.';

create function private.admin_read_payouts(p_status public.payout_status, p_after uuid, p_limit integer)
returns setof public.payouts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_page public.payouts[];
begin
    perform private.require_permission('manage_finances');
    perform private.check_page(p_limit);
    v_page := array(
        select p from public.payouts p
        where (p_status is null or p.status = p_status) and p.id < coalesce(p_after, private.last_id())
        order by p.id desc limit p_limit);
    perform private.record_look('payouts.read', 'payouts', p_status::text, array(select distinct p.reader_id from unnest(v_page) p));
    return query select p.* from unnest(v_page) p order by p.id desc;
end
$$;
comment on function private.admin_read_payouts(public.payout_status, uuid, integer) is 'Payouts of everyone, the newest first; the look is recorded.';

create function public.admin_read_payouts(p_status public.payout_status default null, p_after uuid default null, p_limit integer default 50)
returns setof public.payouts
language sql set search_path = '' as $$ select private.admin_read_payouts(p_status, p_after, p_limit) $$;
comment on function public.admin_read_payouts(public.payout_status, uuid, integer) is
    'Payouts of all readers, the newest first (null: whatever the status). For administrators with manage_finances; recorded. Refuses with permission_denied, invalid_argument.';

----------------------------------------------------------------------
-- An account, with a running balance
----------------------------------------------------------------------

create function private.account_statement(
    p_user_id uuid, p_kind ledger.account_kind, p_from timestamptz, p_to timestamptz, p_after text, p_limit integer)
returns table (transaction_id uuid, amount bigint, balance bigint, cursor text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_account uuid := ledger.account_of(p_user_id, p_kind);
    v_cursor  text[];
    v_from    uuid := coalesce(private.uuid_v7_floor(p_from), private.zero_uuid());
    v_below   uuid;
    v_balance bigint;
begin
    if p_kind <> 'reader_earnings' then
        return query
        select s.id, case p_kind when 'client_wallet' then s.wallet when 'promo_credit' then s.promo else s.debt end,
               case p_kind when 'client_wallet' then s.wallet_balance when 'promo_credit' then s.promo_balance else s.debt_balance end, s.after
        from private.client_statement(p_user_id, array[p_kind], p_from, p_to, p_after, p_limit) s
        order by s.id desc;
        return;
    end if;
    v_cursor := private.statement_cursor(p_after, 0, p_limit);
    v_below := coalesce(v_cursor[1]::uuid, private.uuid_v7_floor(p_to), private.last_id());
    select coalesce(sum(e.amount), 0) into v_balance from ledger.earnings e where e.account_id = v_account and e.id < v_below;
    -- What a session under way has earned is on the account and in no earning yet.
    return query
    select m.transaction_id, a.credits - a.debits - v_balance, a.credits - a.debits, private.last_id()::text
    from ledger.accounts a join private.leases l on l.user_id = a.user_id
    join private.meters m on m.session_id = l.session_id and m.reader_id = a.user_id
    where a.id = v_account and v_below = private.last_id() and p_after is null;
    return query
    select e.transaction_id, e.amount,
           (v_balance - coalesce(sum(e.amount) over (order by e.id desc rows between unbounded preceding and 1 preceding), 0))::bigint, e.id::text
    from ledger.earnings e
    where e.account_id = v_account and e.id >= v_from and e.id < v_below
    order by e.id desc
    limit p_limit;
end
$$;
comment on function private.account_statement(uuid, ledger.account_kind, timestamptz, timestamptz, text, integer) is
    'Events of one account of a person, newest first, with the balance after each, minor units.';

create function private.admin_account_statement(
    p_user_id uuid, p_kind text, p_from timestamptz, p_to timestamptz, p_after text, p_limit integer)
returns table (
    transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, session_id uuid,
    amount bigint, balance bigint, created_at timestamptz, cursor text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_finances');
    if p_kind is null or p_kind not in ('client_wallet', 'promo_credit', 'client_debt', 'reader_earnings') then
        perform private.fail('invalid_argument', 'p_kind is client_wallet, promo_credit, client_debt or reader_earnings.');
    elsif ledger.account_of(p_user_id, p_kind::ledger.account_kind) is null then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('statement.read', 'users', p_user_id::text,
        jsonb_build_object('account', p_kind, 'from', p_from, 'to', p_to, 'after', p_after));
    return query
    select t.id, t.type, t.status, t.description, t.session_id, s.amount, s.balance, t.created_at, s.cursor
    from private.account_statement(p_user_id, p_kind::ledger.account_kind, p_from, p_to, p_after, p_limit) with ordinality
        s (transaction_id, amount, balance, cursor, n)
    join public.transactions t on t.id = s.transaction_id
    order by s.n;
end
$$;
comment on function private.admin_account_statement(uuid, text, timestamptz, timestamptz, text, integer) is
    'An administrator''s look at an account of a person; the look is recorded.';

create function public.admin_account_statement(
    p_user_id uuid, p_kind text, p_from timestamptz default null, p_to timestamptz default null,
    p_after text default null, p_limit integer default 50)
returns table (
    transaction_id uuid, type public.transaction_type, status public.transaction_status, description text, session_id uuid,
    amount bigint, balance bigint, created_at timestamptz, cursor text)
language sql set search_path = '' as $$ select * from private.admin_account_statement(p_user_id, p_kind, p_from, p_to, p_after, p_limit) $$;
comment on function public.admin_account_statement(uuid, text, timestamptz, timestamptz, text, integer) is
    'One account of a person (client_wallet, promo_credit, client_debt, reader_earnings), newest first, with the balance after each event, minor units. p_after: the cursor of the last line before; p_limit 1 to 200. For administrators with manage_finances; recorded. Refuses with permission_denied, invalid_argument, not_found.';

create function private.admin_house_days(p_from date, p_to date)
returns table (day date, account text, debits bigint, credits bigint, balance bigint)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_finances');
    if p_from is null or p_to is null or p_to - p_from not between 0 and 366 then
        perform private.fail('invalid_argument', 'p_from and p_to are at most 366 days apart.');
    end if;
    return query
    select h.day, a.kind::text, h.debits, h.credits,
           (h.upto + coalesce((select sum(b.credits - b.debits) from ledger.house_days b where b.account_id = a.id and b.day < p_from), 0))::bigint
    from (
        select d.*, sum(d.credits - d.debits) over (partition by d.account_id order by d.day) as upto
        from ledger.house_days d where d.day >= p_from and d.day <= p_to
    ) h
    join ledger.accounts a on a.id = h.account_id
    order by h.day desc, a.kind;
end
$$;
comment on function private.admin_house_days(date, date) is 'The rolled-up days of the house''s accounts. Nothing in it is a person''s.';

create function public.admin_house_days(p_from date, p_to date)
returns table (day date, account text, debits bigint, credits bigint, balance bigint)
language sql stable set search_path = '' as $$ select * from private.admin_house_days(p_from, p_to) $$;
comment on function public.admin_house_days(date, date) is
    'What the house''s accounts moved on closed days (UTC), newest first, with the balance (credits − debits) after each, minor units. For administrators with manage_finances. Refuses with permission_denied, invalid_argument.';
