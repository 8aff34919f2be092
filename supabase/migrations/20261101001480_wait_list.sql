-- Wait list: who wants a busy reader stands in line; when the reader is free, the first one whose wallet covers a start
-- has the reader to themselves for a moment. That moment is a lease like any other.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('wait_list.offer_seconds', '60', 'INTEGER', 5, 3600, true, 'Seconds a reader stays reserved for whoever is first in line.'),
    ('wait_list.max_places', '5', 'INTEGER', 1, 100, true, 'Lines in which one client may stand.'),
    ('wait_list.keep_seconds', '86400', 'INTEGER', 60, 2592000, true, 'Seconds after which a place in line that never came up lapses.');

alter table private.leases
    -- Deferred: the lease is taken before the place is locked, as every request does it.
    add column offer_id uuid unique references public.wait_list (id) on delete cascade deferrable initially deferred,
    add constraint lease_is_for_one_thing check (num_nonnulls(session_id, offer_id) = 1);
comment on column private.leases.offer_id is 'The place in line that the reader is kept free for.';

----------------------------------------------------------------------
-- Offers
----------------------------------------------------------------------

create function private.takes_requests(p_reader_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.setting_bool('switch.new_sessions') and exists (
        select from public.readers r
        join public.reader_accounts a on a.user_id = r.user_id
        join public.users u on u.id = r.user_id
        where r.user_id = p_reader_id and r.is_verified and a.status = 'ONLINE' and u.status = 'ACTIVE'
          and not exists (select from private.leases l where l.user_id = r.user_id)
          and private.minutes_before_booking(r.user_id, private.setting_int('session.min_minutes')::integer)
              >= private.setting_int('session.min_minutes'));
end
$$;
comment on function private.takes_requests(uuid) is 'True while a reader is ONLINE, free, and no appointment is near.';

create function private.can_take_place(p_place public.wait_list)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_request public.sessions;
begin
    if not exists (select from public.users u where u.id = p_place.client_id and u.status = 'ACTIVE')
       or exists (select from private.leases l where l.user_id = p_place.client_id)
       or private.is_blocked(p_place.client_id, p_place.reader_id)
       or private.minutes_before_booking(p_place.client_id, private.setting_int('session.min_minutes')::integer)
           < private.setting_int('session.min_minutes') then
        return false;
    end if;
    v_request.client_id := p_place.client_id;
    v_request.max_minutes := private.setting_int('session.max_minutes');
    v_request.terms := private.session_terms();
    select (r.pricing ->> p_place.type::text)::bigint into v_request.reader_rate
    from public.readers r where r.user_id = p_place.reader_id and p_place.type = any (r.session_types);
    return v_request.reader_rate is not null and private.can_begin(v_request);
end
$$;
comment on function private.can_take_place(public.wait_list) is
    'True when the one in line could begin now: free, with money or free minutes, and neither side blocked the other. Who cannot keeps the place and is passed over.';

create function private.offer_place(p_reader_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_place public.wait_list;
begin
    if not exists (select from public.wait_list w where w.reader_id = p_reader_id) or not private.takes_requests(p_reader_id) then
        return false;
    end if;
    select w.* into v_place from public.wait_list w
    where w.reader_id = p_reader_id and w.offered_at is null and private.can_take_place(w)
    order by w.id limit 1;
    if not found then
        return false;
    end if;
    insert into private.leases (user_id, offer_id) values (p_reader_id, v_place.id) on conflict do nothing;
    if not found then
        return false;
    end if;
    update public.wait_list w
    set offered_at = private.now(), expires_at = private.now() + private.setting_int('wait_list.offer_seconds') * interval '1 second'
    where w.id = v_place.id and w.offered_at is null returning w.* into v_place;
    if not found then
        delete from private.leases l where l.user_id = p_reader_id;
        return false;
    end if;
    perform private.notify(v_place.client_id, 'place_offered',
        jsonb_build_object('reader_id', p_reader_id, 'type', v_place.type, 'expires_at', v_place.expires_at));
    return true;
end
$$;
comment on function private.offer_place(uuid) is
    'Reserves a free reader for the first in line who can begin; true when it did. The lease decides between rivals; it comes before the place. Callers publish the reader''s status.';

create function private.give_up_place(p_place public.wait_list)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from public.wait_list w where w.id = p_place.id;
    if p_place.offered_at is not null then
        perform private.offer_place(p_place.reader_id);
        perform private.publish_reader_status(p_place.reader_id);
    end if;
end
$$;
comment on function private.give_up_place(public.wait_list) is 'Takes somebody out of line; what was offered to them is offered to the next.';

create function private.use_place(p_reader_id uuid, p_client_id uuid, p_is_offered boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from public.wait_list w
    where w.reader_id = p_reader_id and w.client_id = p_client_id and (w.offered_at is not null) = p_is_offered;
end
$$;
comment on function private.use_place(uuid, uuid, boolean) is
    'A request uses the place up: an offered one, and its lease, before the request takes its own; one that was not yet offered after that.';

create function private.leave_every_line(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_place public.wait_list;
begin
    for v_place in
        select w.* from public.wait_list w where p_user_id in (w.client_id, w.reader_id) order by w.id for update
    loop
        perform private.give_up_place(v_place);
    end loop;
end
$$;
comment on function private.leave_every_line(uuid) is 'For who goes for good, as a client and as a reader.';

----------------------------------------------------------------------
-- Standing in line
----------------------------------------------------------------------

create function private.join_wait_list(p_reader_id uuid, p_type public.session_type)
returns public.wait_list
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_client uuid := private.require_account();
    v_place  public.wait_list;
begin
    if p_reader_id is null or p_type is null or p_reader_id = v_client then
        perform private.fail('invalid_argument', 'p_reader_id (another person) and p_type are needed.');
    end if;
    perform private.offered_rate(p_reader_id, p_type, false);
    if (select count(*) from public.wait_list w where w.client_id = v_client and w.reader_id <> p_reader_id)
           >= private.setting_int('wait_list.max_places') then
        perform private.fail('too_many_open');
    end if;
    insert into public.wait_list (reader_id, client_id, type) values (p_reader_id, v_client, p_type) on conflict do nothing;
    if not found then
        update public.wait_list w set type = p_type
        where w.reader_id = p_reader_id and w.client_id = v_client and w.type <> p_type;
    elsif private.offer_place(p_reader_id) then
        perform private.publish_reader_status(p_reader_id);
    end if;
    select w.* into v_place from public.wait_list w where w.reader_id = p_reader_id and w.client_id = v_client;
    return v_place;
end
$$;
comment on function private.join_wait_list(uuid, public.session_type) is
    'Stands in line for a reader; a repeat keeps the place and may change the kind of session. A reader who is free is offered at once. Null when a request of one''s own used the place up meanwhile.';

create function private.leave_wait_list(p_reader_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_client uuid := private.require_user();
    v_place  public.wait_list;
begin
    select w.* into v_place from public.wait_list w
    where w.reader_id = p_reader_id and w.client_id = v_client for update;
    if not found then
        return false;
    end if;
    perform private.give_up_place(v_place);
    return true;
end
$$;
comment on function private.leave_wait_list(uuid) is 'Leaves the line; false when there was no place.';

create function private.wait_list_position(p_reader_id uuid)
returns integer
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return (select (select count(*) from public.wait_list o where o.reader_id = w.reader_id and o.id <= w.id)::integer
    from public.wait_list w where w.reader_id = p_reader_id and w.client_id = auth.uid());
end
$$;
comment on function private.wait_list_position(uuid) is 'The caller''s place in line, from 1.';

----------------------------------------------------------------------
-- Workers
----------------------------------------------------------------------

create function private.withdraw_offer(p_place public.wait_list)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    delete from private.leases l where l.offer_id = p_place.id;
    update public.wait_list w set offered_at = null, expires_at = null where w.id = p_place.id;
    perform private.publish_reader_status(p_place.reader_id);
    perform private.notify(p_place.client_id, 'place_withdrawn', jsonb_build_object('reader_id', p_place.reader_id));
end
$$;
comment on function private.withdraw_offer(public.wait_list) is 'The reader went away: the client keeps the place in line.';

create function worker_api.advance_wait_list()
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_now    timestamptz := private.now();
    v_place  public.wait_list;
    v_reader uuid;
begin
    select w.* into v_place from public.wait_list w
    left join public.reader_accounts a on a.user_id = w.reader_id
    where w.expires_at <= v_now or (w.offered_at is not null and a.status is distinct from 'ONLINE')
       or (w.offered_at is null and w.created_at <= v_now - private.setting_int('wait_list.keep_seconds') * interval '1 second')
    order by w.id limit 1 for update of w skip locked;
    if found then
        if v_place.offered_at is not null and v_place.expires_at > v_now then
            perform private.withdraw_offer(v_place);
        else
            perform private.give_up_place(v_place);
            perform private.notify(v_place.client_id, 'place_expired', jsonb_build_object('reader_id', v_place.reader_id));
        end if;
        return jsonb_build_object('advanced', 1, 'failed', 0, 'more', true);
    end if;
    for v_reader in select distinct w.reader_id from public.wait_list w where private.takes_requests(w.reader_id) loop
        if private.offer_place(v_reader) then
            perform private.publish_reader_status(v_reader);
            return jsonb_build_object('advanced', 1, 'failed', 0, 'more', true);
        end if;
    end loop;
    return jsonb_build_object('advanced', 0, 'failed', 0, 'more', false);
end
$$;
comment on function worker_api.advance_wait_list() is
    'One step: lets a place lapse, withdraws an offer whose reader went away, or offers a free reader to the first in line. Call again while it answers more. Any number of callers. Cost: one pass over who waits.';

----------------------------------------------------------------------
-- The calls clients make
----------------------------------------------------------------------

create function public.join_wait_list(p_reader_id uuid, p_type public.session_type) returns public.wait_list
language plpgsql set search_path = '' as $$
begin
    return private.join_wait_list(p_reader_id, p_type);
end
$$;
comment on function public.join_wait_list(uuid, public.session_type) is
    'Stand in line for a reader. When the reader is free and the wallet covers a start, the place is offered (notification place_offered): until expires_at request_session is yours alone. Refuses with reader_unavailable, type_not_offered, too_many_open, invalid_argument, account_suspended, account_required.';

create function public.leave_wait_list(p_reader_id uuid) returns boolean
language plpgsql set search_path = '' as $$
begin
    return private.leave_wait_list(p_reader_id);
end
$$;
comment on function public.leave_wait_list(uuid) is 'Leave the line, or decline what is offered; false when there was no place. Refuses with account_suspended.';

create function public.wait_list_position(p_reader_id uuid) returns integer
language plpgsql stable set search_path = '' as $$
begin
    return private.wait_list_position(p_reader_id);
end
$$;
comment on function public.wait_list_position(uuid) is 'One''s place in a reader''s line, from 1; null when not in it.';

grant execute on all functions in schema worker_api to service_role;
