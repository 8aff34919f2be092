-- What the bridge asks on behalf of Edge Functions and of its realtime listener: whose media may be relayed, who bought
-- a file, which sessions to listen to. Decided here, so that no service needs to know the rules.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('not_purchased', 403, 'You have not bought this.', 'Buy it first; what was refunded must be bought again.');

create function worker_api.turn_side(p_user_id uuid, p_session_id uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    select s.* into v_session from public.sessions s
    where s.id = p_session_id and p_user_id in (s.client_id, s.reader_id);
    if not found then
        perform private.fail('not_participant');
    elsif (select u.status from public.users u where u.id = p_user_id) <> 'ACTIVE' then
        perform private.fail('account_suspended');
    elsif v_session.type = 'CHAT' then
        perform private.fail('invalid_state', 'A chat has no media.');
    elsif not coalesce(v_session.status = 'IN_PROGRESS' or v_session.status = 'SCHEDULED' and v_session.accepted_at is not null
        and v_session.expires_at > private.now() and (v_session.scheduled_at is null or private.now()
            >= v_session.scheduled_at - (v_session.terms ->> 'prehold_seconds')::integer * interval '1 second'), false) then
        perform private.fail('invalid_state', 'Media is relayed from the reader''s yes, of an appointment from the opening of its lobby, to the end.');
    end if;
    return private.side_of(v_session, p_user_id);
end
$$;
comment on function worker_api.turn_side(uuid, uuid) is
    'The side of a person whose media may be relayed now: client or reader. Refuses with not_participant, account_suspended, invalid_state.';

create function worker_api.purchased_file(p_user_id uuid, p_product_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_files text[];
begin
    -- The latest purchase counts. Sellers name the paths, which are signed with a key that opens every folder: files_of, by
    -- which they were copied, knows their own.
    select i.files into v_files
    from public.orders o
    join public.order_items i on i.order_id = o.id
    join public.transactions t on t.id = o.transaction_id
    where o.client_id = p_user_id and i.product_id = p_product_id
      and o.status in ('PAID', 'SHIPPED', 'DELIVERED') and t.status = 'COMPLETED'
    order by o.id desc limit 1;
    if not found then
        perform private.fail('not_purchased');
    elsif v_files = '{}' then
        perform private.fail('not_found', 'It comes without a file.');
    end if;
    return jsonb_build_object('bucket', 'products', 'path', v_files[1]);
end
$$;
comment on function worker_api.purchased_file(uuid, uuid) is
    'Bucket and path of the file of a digital product that the person has paid for and was not refunded. A product that is not there and one that was not bought are answered alike. Refuses with not_purchased, not_found.';

create function worker_api.live_sessions()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('session_id', s.id, 'client_id', s.client_id, 'reader_id', s.reader_id)), '[]')
    from public.sessions s where s.id in (select p.session_id from private.presence p)
$$;
comment on function worker_api.live_sessions() is
    'Sessions that somebody has joined and that are not over, with their two people. One value, since PostgREST cuts rows off. Cost: what is live, never what is past.';

create function worker_api.withdraw_leave_hints(p_session_ids uuid[], p_sides text[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_count integer;
begin
    -- Not presence: what a channel shows is named by whoever shows it, so that one side could keep the other alive.
    with seen as (
        select * from unnest(p_session_ids, p_sides::private.side[]) as s (session_id, side)
    ), locked as materialized (
        select p.session_id, p.side from private.presence p join seen s using (session_id, side)
        order by p.session_id, p.side for update of p
    )
    update private.presence p set deadline_at = null
    from locked l where p.session_id = l.session_id and p.side = l.side and p.deadline_at >= private.now();
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function worker_api.withdraw_leave_hints(uuid[], text[]) is
    'Takes back hints that a side left, while their time runs: it was seen on the channel again. Its silence counts from its last heartbeat, as without a hint.';

grant execute on all functions in schema worker_api to service_role;
