-- Statements: what each side's money did, event by event, newest first. A person's postings are found through their
-- transactions, a reader's through their earnings; nothing here reads an account's postings from end to end.

set lock_timeout = '4s';

create type public.earning_state as enum ('CLEARING', 'PAYABLE', 'ON_ITS_WAY', 'PAID_OUT', 'TAKEN_BACK');
comment on type public.earning_state is
    'How far an earning is. What a payout takes is counted first in, first out, by the moment of clearing.';

create index earnings_newest on ledger.earnings (account_id, id desc) include (amount);

create function private.statement_cursor(p_after text, p_numbers integer, p_limit integer)
returns text[]
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_limit is null or p_limit not between 1 and 200
       or p_after !~ format('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_-?[0-9]{1,18}){%s}$', p_numbers) then
        perform private.fail('invalid_argument', 'p_limit is 1 to 200, p_after is the cursor of the last line before.');
    end if;
    return string_to_array(p_after, '_');
end
$$;
comment on function private.statement_cursor(text, integer, integer) is
    'Takes a cursor apart: an id, and the balances below it, so that a page far back costs what the first does. Refuses one of another form, and a page of no or too many lines.';

create function private.last_id()
returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
    return 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid;
end
$$;
comment on function private.last_id() is 'Above every id: the bound of a statement that reaches to now.';

----------------------------------------------------------------------
-- A client's money
----------------------------------------------------------------------

-- Postings of one transaction lie between its creation and its last change, a day allowed for; while it is PENDING there is
-- no last change yet. So only the months that hold them are opened. ledger.check() proves it.
create function private.client_events(p_user_id uuid, p_moved ledger.account_kind[], p_from uuid, p_below uuid, p_limit integer)
returns table (id uuid, wallet bigint, promo bigint, debt bigint)
language plpgsql
stable
rows 50
security definer
set search_path = ''
-- The bounds by id are there to leave months out; within a month the index by transaction is all it takes. Planning for
-- every month of the ledger costs more than the reading, and comes out the same for everyone.
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
    v_wallet uuid := ledger.account_of(p_user_id, 'client_wallet');
    v_promo  uuid := ledger.account_of(p_user_id, 'promo_credit');
    v_debt   uuid := ledger.account_of(p_user_id, 'client_debt');
    v_moved  uuid[] := array(select ledger.account_of(p_user_id, k) from unnest(p_moved) k);
begin
    return query
    select t.id, m.wallet, m.promo, m.debt
    from public.transactions t
    cross join lateral (
        select private.uuid_v7_floor(t.created_at) as begins,
               case when t.status = 'PENDING' then private.last_id()
                    else private.uuid_v7_floor(t.updated_at + interval '1 day') end as ends
        offset 0
    ) b
    cross join lateral (
        select coalesce(sum(e.amount) filter (where e.account_id = v_wallet), 0)::bigint as wallet,
               coalesce(sum(e.amount) filter (where e.account_id = v_promo), 0)::bigint as promo,
               coalesce(sum(e.amount) filter (where e.account_id = v_debt), 0)::bigint as debt,
               coalesce(bool_or(e.account_id = any (v_moved)), false) as moved
        from ledger.transfers x
        cross join lateral (values (x.debit_account_id, -x.amount), (x.credit_account_id, x.amount - x.commission)) e (account_id, amount)
        where x.transaction_id = t.id and x.id >= b.begins and x.id < b.ends
    ) m
    where t.user_id = p_user_id and t.id >= p_from and t.id < p_below and m.moved
    order by t.id desc
    limit p_limit;
end
$$;
comment on function private.client_events(uuid, ledger.account_kind[], uuid, uuid, integer) is
    'Events that moved one of these accounts of a client, newest first, and what each moved (minor units, positive is in). Cost: the postings of each, by index.';

create function private.client_statement(
    p_user_id uuid, p_moved ledger.account_kind[], p_from timestamptz, p_to timestamptz, p_after text, p_limit integer)
returns table (id uuid, wallet bigint, promo bigint, debt bigint, wallet_balance bigint, promo_balance bigint, debt_balance bigint, after text)
language plpgsql
stable
rows 50
security definer
set search_path = ''
as $$
declare
    v_cursor text[] := private.statement_cursor(p_after, 3, p_limit);
    v_from   uuid := coalesce(private.uuid_v7_floor(p_from), private.zero_uuid());
    v_below  uuid := coalesce(v_cursor[1]::uuid, private.uuid_v7_floor(p_to), private.last_id());
    v_wallet bigint := v_cursor[2];
    v_promo  bigint := v_cursor[3];
    v_debt   bigint := v_cursor[4];
begin
    if p_after is null then
        select sum(a.credits - a.debits) filter (where a.kind = 'client_wallet'), sum(a.credits - a.debits) filter (where a.kind = 'promo_credit'),
               sum(a.credits - a.debits) filter (where a.kind = 'client_debt')
        into v_wallet, v_promo, v_debt from ledger.accounts a where a.user_id = p_user_id;
    end if;
    if p_after is null and p_to is not null then
        select v_wallet - coalesce(sum(e.wallet), 0), v_promo - coalesce(sum(e.promo), 0), v_debt - coalesce(sum(e.debt), 0)
        into v_wallet, v_promo, v_debt
        from private.client_events(p_user_id, p_moved, v_below, private.last_id(), null) e;
    end if;
    return query
    select l.id, l.wallet, l.promo, l.debt, l.wallet_upto, l.promo_upto, l.debt_upto,
           concat_ws('_', l.id, l.wallet_upto - l.wallet, l.promo_upto - l.promo, l.debt_upto - l.debt)
    from (
        select e.*, (v_wallet - coalesce(sum(e.wallet) over newer, 0))::bigint as wallet_upto,
               (v_promo - coalesce(sum(e.promo) over newer, 0))::bigint as promo_upto,
               (v_debt - coalesce(sum(e.debt) over newer, 0))::bigint as debt_upto
        from private.client_events(p_user_id, p_moved, v_from, v_below, p_limit) e
        window newer as (order by e.id desc rows between unbounded preceding and 1 preceding)
    ) l
    order by l.id desc;
end
$$;
comment on function private.client_statement(uuid, ledger.account_kind[], timestamptz, timestamptz, text, integer) is
    'Events with the balances after each, minor units: from the balance now, or from the cursor''s, backwards. An event counts where it began; a live session''s line grows until it is settled.';

create function private.wallet_statement(p_from timestamptz, p_to timestamptz, p_after text, p_limit integer)
returns table (
    transaction_id uuid, type public.transaction_type, status public.transaction_status, description text,
    amount bigint, promo_amount bigint, debt_amount bigint, balance bigint, promo_balance bigint,
    session_id uuid, session_type public.session_type, reader_id uuid, reader_name text, billed_minutes integer, rate bigint,
    created_at timestamptz, cursor text)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return query
    select t.id, t.type, t.status, t.description, e.wallet, e.promo, e.debt, e.wallet_balance, e.promo_balance,
           s.id, s.type, s.reader_id, concat_ws(' ', r.first_name, r.last_name),
           case when t.type = 'SESSION_CHARGE' then coalesce((m.increments * m.increment_seconds + 59) / 60, s.billed_minutes) end,
           s.reader_rate, t.created_at, e.after
    from private.client_statement(auth.uid(), '{client_wallet,promo_credit,client_debt}', p_from, p_to, p_after, p_limit) e
    join public.transactions t on t.id = e.id
    left join public.sessions s on s.id = t.session_id
    left join private.meters m on m.session_id = s.id
    left join public.readers r on r.user_id = s.reader_id
    order by e.id desc;
end
$$;
comment on function private.wallet_statement(timestamptz, timestamptz, text, integer) is
    'The caller''s own events; for a session, whose minutes they paid and at which rate. Readable whatever the account''s status.';

create function public.wallet_statement(
    p_from timestamptz default null, p_to timestamptz default null, p_after text default null, p_limit integer default 50)
returns table (
    transaction_id uuid, type public.transaction_type, status public.transaction_status, description text,
    amount bigint, promo_amount bigint, debt_amount bigint, balance bigint, promo_balance bigint,
    session_id uuid, session_type public.session_type, reader_id uuid, reader_name text, billed_minutes integer, rate bigint,
    created_at timestamptz, cursor text)
language sql stable set search_path = '' as $$ select * from private.wallet_statement(p_from, p_to, p_after, p_limit) $$;
comment on function public.wallet_statement(timestamptz, timestamptz, text, integer) is
    'What one''s wallet did, newest first, in minor units: amount (bought money) and promo_amount (given), negative when spent, the balances after each, and for a session its reader, rate per minute and billed minutes. p_from inclusive, p_to exclusive; p_after: the cursor of the last line before; p_limit 1 to 200. Refuses with invalid_argument.';

----------------------------------------------------------------------
-- A reader's money
----------------------------------------------------------------------

create function private.paid_upto(p_account_id uuid, p_unpaid bigint, p_now timestamptz)
returns table (clears_at timestamptz, id uuid)
language sql
stable
security definer
set search_path = ''
as $$
    select w.clears_at, w.id
    from (
        select e.clears_at, e.id, sum(e.amount) over (order by e.clears_at desc, e.id desc rows unbounded preceding) - e.amount as newer
        from ledger.earnings e
        where e.account_id = p_account_id and e.amount > 0 and e.clears_at <= p_now
    ) w
    -- Nothing ever left the account: no need to look.
    where w.newer >= p_unpaid and exists (select from ledger.accounts a where a.id = p_account_id and a.debits + a.held > 0)
    order by w.clears_at desc, w.id desc
    limit 1
$$;
comment on function private.paid_upto(uuid, bigint, timestamptz) is
    'The newest earning that is spent when p_unpaid (minor units) of what has cleared is left: the rest lies in the newest ones. Cost: those that are left.';

create function private.reader_statement(p_from timestamptz, p_to timestamptz, p_after uuid, p_limit integer)
returns table (
    transaction_id uuid, type public.transaction_type, gross bigint, platform_part bigint, amount bigint,
    state public.earning_state, earned_at timestamptz, clears_at timestamptz,
    session_id uuid, session_type public.session_type, billed_minutes integer, rate bigint, cursor uuid)
language plpgsql
stable
security definer
set search_path = ''
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
    v_account uuid := ledger.account_of(auth.uid(), 'reader_earnings');
    v_now     timestamptz := private.now();
    v_left    bigint := greatest(ledger.cleared(v_account, v_now), 0);
    v_held    bigint := (select a.held from ledger.accounts a where a.id = v_account);
    v_paid    record;
    v_going   record;
begin
    perform private.statement_cursor(p_after::text, 0, p_limit);
    if v_account is null then
        perform private.fail('not_a_reader');
    end if;
    select u.clears_at, u.id into v_paid from private.paid_upto(v_account, v_left, v_now) u;
    select u.clears_at, u.id into v_going from private.paid_upto(v_account, greatest(v_left - v_held, 0), v_now) u where v_held > 0;
    return query
    select t.id, t.type, case when t.type <> 'PAYOUT' then e.amount + p.part end, case when t.type <> 'PAYOUT' then p.part end, e.amount,
           case when t.type = 'PAYOUT' and e.amount < 0 then 'PAID_OUT'
                when e.amount < 0 then 'TAKEN_BACK'
                when e.clears_at > v_now then 'CLEARING'
                when (e.clears_at, e.id) <= (v_paid.clears_at, v_paid.id) then 'PAID_OUT'
                when (e.clears_at, e.id) <= (v_going.clears_at, v_going.id) then 'ON_ITS_WAY'
                else 'PAYABLE' end::public.earning_state,
           e.earned_at, e.clears_at, s.id, s.type,
           case when t.type = 'SESSION_CHARGE' then s.billed_minutes end, s.reader_rate, e.id
    from (
        select n.* from ledger.earnings n
        where n.account_id = v_account and n.id >= coalesce(private.uuid_v7_floor(p_from), private.zero_uuid())
          and n.id < coalesce(p_after, private.uuid_v7_floor(p_to), private.last_id())
        order by n.id desc
        limit p_limit
    ) e
    join public.transactions t on t.id = e.transaction_id
    left join public.sessions s on s.id = t.session_id and s.reader_id = auth.uid()
    cross join lateral (
        select private.uuid_v7_floor(t.created_at) as begins, private.uuid_v7_floor(greatest(t.updated_at, e.earned_at) + interval '1 day') as ends
        offset 0
    ) b
    cross join lateral (
        select coalesce(sum(case when x.credit_account_id = v_account then x.commission
                                 when o.credit_account_id = v_account and x.debit_account_id <> v_account then -x.amount end), 0)::bigint as part
        from ledger.transfers x left join ledger.transfers o on o.id = x.reverses
        where x.transaction_id = t.id and x.id >= b.begins and x.id < b.ends
    ) p
    order by e.id desc;
end
$$;
comment on function private.reader_statement(timestamptz, timestamptz, uuid, integer) is
    'The caller''s earnings and what left them. The platform''s part comes from the postings that paid this reader, and those that reversed them; of the payer it tells nothing.';

create function public.reader_statement(
    p_from timestamptz default null, p_to timestamptz default null, p_after uuid default null, p_limit integer default 50)
returns table (
    transaction_id uuid, type public.transaction_type, gross bigint, platform_part bigint, amount bigint,
    state public.earning_state, earned_at timestamptz, clears_at timestamptz,
    session_id uuid, session_type public.session_type, billed_minutes integer, rate bigint, cursor uuid)
language sql stable set search_path = '' as $$ select * from private.reader_statement(p_from, p_to, p_after, p_limit) $$;
comment on function public.reader_statement(timestamptz, timestamptz, uuid, integer) is
    'What a reader earned, event by event as settled, newest first, in minor units: gross, the platform''s part, amount (the reader''s; negative for payouts and what was taken back), when it clears and whether it is paid out. p_from inclusive, p_to exclusive; p_after: the cursor of the last line before; p_limit 1 to 200. Refuses with not_a_reader, invalid_argument.';

create function private.reader_totals()
returns table (
    earned bigint, paid_out bigint, balance bigint, in_session bigint, clearing bigint, cleared bigint, held bigint, payable bigint,
    next_clears_on date, next_clearing bigint, currency character(3))
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_now     timestamptz := private.now();
    v_account ledger.accounts;
    v_paid    bigint;
begin
    select a.* into v_account from ledger.accounts a where a.user_id = auth.uid() and a.kind = 'reader_earnings';
    if not found then
        perform private.fail('not_a_reader');
    end if;
    select coalesce(-sum(e.amount), 0) into v_paid
    from public.payouts p join ledger.earnings e on e.transaction_id = p.transaction_id and e.account_id = v_account.id
    where p.reader_id = auth.uid();
    return query
    with sums as (
        select coalesce(sum(e.amount), 0)::bigint as settled, coalesce(sum(e.amount) filter (where e.clears_at <= v_now), 0)::bigint as cleared,
               (min(e.clears_at) filter (where e.clears_at > v_now) at time zone 'UTC')::date as next_on
        from ledger.earnings e where e.account_id = v_account.id
    )
    select v_account.credits - v_account.debits + v_paid, v_paid, v_account.credits - v_account.debits,
           v_account.credits - v_account.debits - s.settled, s.settled - s.cleared, s.cleared, v_account.held,
           coalesce(ledger.payable(v_account.id, v_now), 0), s.next_on,
           (select sum(e.amount)::bigint from ledger.earnings e
            where e.account_id = v_account.id and e.clears_at > v_now and e.clears_at < (s.next_on + 1)::timestamp at time zone 'UTC'),
           v_account.currency
    from sums s;
end
$$;
comment on function private.reader_totals() is 'Sums over the caller''s earnings, minor units. Cost: their rows, from the index alone, as ledger.cleared.';

create function public.reader_totals()
returns table (
    earned bigint, paid_out bigint, balance bigint, in_session bigint, clearing bigint, cleared bigint, held bigint, payable bigint,
    next_clears_on date, next_clearing bigint, currency character(3))
language sql stable set search_path = '' as $$ select * from private.reader_totals() $$;
comment on function public.reader_totals() is
    'A reader''s sums, minor units: earned (ever, after what was taken back), paid_out, balance (the difference), of which in_session (not settled), clearing and cleared; held by payouts under way, payable now; the next day (UTC) on which something clears, and how much. Refuses with not_a_reader.';
