-- Roll-up: what the house's accounts moved, day by day, so that their totals need not be summed from the first posting on.

set lock_timeout = '4s';

create table ledger.house_days (
    account_id uuid not null references ledger.accounts (id),
    day        date not null,
    debits     bigint not null check (debits >= 0),
    credits    bigint not null check (credits >= 0),
    rolled_at  timestamptz not null default private.now(),
    primary key (account_id, day)
);
comment on table ledger.house_days is
    'Sums of the postings of each house account by day (UTC): one row per account and closed day, without a gap. ledger.check() proves them.';
comment on column ledger.house_days.debits is 'Debited that day, minor units.';
comment on column ledger.house_days.credits is 'Credited that day, minor units.';
alter table ledger.house_days enable row level security;
create trigger append_only before update or delete on ledger.house_days for each row execute function ledger.refuse_change();
create trigger never_truncated before truncate on ledger.house_days execute function ledger.refuse_change();

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('ledger.day_closes_after_seconds', '3600', 'INTEGER', 60, 86400, false,
     'Seconds after midnight UTC when a day''s postings are rolled up; far longer than any transaction may last.');

create function ledger.day_begins(p_day date)
returns uuid
language sql
immutable
set search_path = ''
as $$ select private.uuid_v7_floor(p_day::timestamp at time zone 'UTC') $$;
comment on function ledger.day_begins(date) is 'The smallest id a posting of that day (UTC) can have.';

create function ledger.day_to_roll_up()
returns date
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(
        (select max(d.day) + 1 from ledger.house_days d),
        (select (t.posted_at at time zone 'UTC')::date from ledger.transfers t order by t.id limit 1))
$$;
comment on function ledger.day_to_roll_up() is 'The first day that is not rolled up; null before the first posting.';

create function ledger.roll_up_day(p_day date)
returns void
language sql
security definer
set search_path = ''
as $$
    with moved as (
        select e.account_id, sum(e.debit)::bigint as debits, sum(e.credit)::bigint as credits
        from ledger.transfers t
        cross join lateral (values
            (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount - t.commission), (t.commission_account_id, 0, t.commission)
        ) e (account_id, debit, credit)
        where t.id >= ledger.day_begins(p_day) and t.id < ledger.day_begins(p_day + 1)
        group by 1
    )
    insert into ledger.house_days (account_id, day, debits, credits)
    select a.id, p_day, coalesce(m.debits, 0), coalesce(m.credits, 0)
    from ledger.accounts a left join moved m on m.account_id = a.id
    where a.user_id is null
$$;
comment on function ledger.roll_up_day(date) is 'Sums one day. Cost: one pass over that day''s postings.';

create function worker_api.roll_up_days(p_limit integer default 7)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_closed date := ((private.now() - private.setting_int('ledger.day_closes_after_seconds') * interval '1 second') at time zone 'UTC')::date;
    v_rolled integer := 0;
    v_day    date;
begin
    -- Two callers take turns; the second finds the day done.
    perform pg_advisory_xact_lock(hashtextextended('ledger.roll_up', 0));
    v_day := ledger.day_to_roll_up();
    while v_day < v_closed and v_rolled < least(greatest(p_limit, 1), 100) loop
        perform ledger.roll_up_day(v_day);
        v_rolled := v_rolled + 1;
        v_day := v_day + 1;
    end loop;
    return jsonb_build_object('rolled', v_rolled, 'more', coalesce(v_day < v_closed, false));
end
$$;
comment on function worker_api.roll_up_days(integer) is
    'Rolls up the closed days that are not yet, oldest first; again at any time, by any number of callers. Answers how many, and whether to call again at once.';

grant execute on function worker_api.roll_up_days(integer) to service_role;
