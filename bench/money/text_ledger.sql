-- The posting work of a ledger with text ids and generic transfers, as the public pgledger does it: for each transfer, row by
-- row, both accounts locked, two balances with their versions updated, the transfer and two entries inserted, with foreign
-- keys and the indexes that its statements need.

create table accounts (id text primary key, name text not null, currency text not null, balance numeric not null default 0,
    version bigint not null default 0, may_be_negative boolean not null, updated_at timestamptz not null);
create table transfers (id text primary key, from_id text not null references accounts, to_id text not null references accounts,
    amount numeric not null check (amount > 0 and from_id <> to_id), created_at timestamptz not null,
    event_at timestamptz not null, metadata jsonb);
create index on transfers (from_id);
create index on transfers (to_id);
create index on transfers (event_at);
create table entries (id text primary key, account_id text not null references accounts,
    transfer_id text not null references transfers, amount numeric not null, balance_before numeric not null,
    balance_after numeric not null, version bigint not null, created_at timestamptz not null);
create index on entries (account_id);
create index on entries (transfer_id);

create type request as (from_id text, to_id text, amount numeric);
create function new_id(p_prefix text) returns text language sql volatile as $$
    select p_prefix || lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000000)::bigint), 14, '0')
        || substr(replace(gen_random_uuid()::text, '-', ''), 1, 18)
$$;
create function check_sign(p_account accounts) returns void language plpgsql as $$
begin
    if p_account.balance < 0 and not p_account.may_be_negative then
        raise exception 'account % would be negative', p_account.id;
    end if;
end
$$;
create function post(p_requests request[]) returns setof transfers language plpgsql as $$
declare
    v_id text; v_ids text[] := '{}'; v_request request; v_from accounts; v_to accounts;
begin
    for v_id in select distinct unnest(array[r.from_id, r.to_id]) as id from unnest(p_requests) r order by 1 loop
        perform from accounts a where a.id = v_id for update;
    end loop;
    foreach v_request in array p_requests loop
        update accounts a set balance = a.balance - v_request.amount, version = a.version + 1, updated_at = now()
        where a.id = v_request.from_id returning * into v_from;
        perform check_sign(v_from);
        update accounts a set balance = a.balance + v_request.amount, version = a.version + 1, updated_at = now()
        where a.id = v_request.to_id returning * into v_to;
        perform check_sign(v_to);
        insert into transfers values (new_id('t_'), v_from.id, v_to.id, v_request.amount, now(), now()) returning id into v_id;
        v_ids := v_ids || v_id;
        insert into entries values (new_id('e_'), v_from.id, v_id, -v_request.amount, v_from.balance + v_request.amount,
            v_from.balance, v_from.version, now());
        insert into entries values (new_id('e_'), v_to.id, v_id, v_request.amount, v_to.balance - v_request.amount,
            v_to.balance, v_to.version, now());
    end loop;
    return query select t.* from transfers t where t.id = any (v_ids) order by t.id;
end
$$;
