-- Streams: start, end, join, leave. The count of viewers is the number of those let in, at every moment.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('stream_full', 409, 'The stream takes no more viewers.', 'Try again when somebody has left.');

create function private.tell_stream(p_stream public.live_streams, p_event text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform realtime.send(
        jsonb_build_object('stream_id', p_stream.id, 'status', p_stream.status, 'viewer_count', p_stream.viewer_count),
        p_event, 'stream:' || p_stream.id, true);
end
$$;
comment on function private.tell_stream(public.live_streams, text) is 'Broadcast to the reader and the viewers let in: state and count only.';

create function private.lock_stream(p_stream_id uuid)
returns public.live_streams
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_stream public.live_streams;
begin
    select l.* into v_stream from public.live_streams l where l.id = p_stream_id for no key update;
    if not found or private.is_blocked(auth.uid(), v_stream.reader_id) then
        perform private.fail('not_found');
    end if;
    return v_stream;
end
$$;
comment on function private.lock_stream(uuid) is 'Locks a stream; to somebody blocked there is none. Joins and leaves of one stream follow one another.';

----------------------------------------------------------------------
-- The reader's side
----------------------------------------------------------------------

create function private.start_stream(p_stream_id uuid)
returns public.live_streams
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_stream public.live_streams;
begin
    -- One live stream a reader: of two starts at once the second waits here, and sees the first.
    perform from public.readers r where r.user_id = v_user and r.is_verified for no key update;
    if not found then
        perform private.fail('not_a_reader');
    end if;
    v_stream := private.lock_stream(p_stream_id);
    if v_stream.reader_id <> v_user then
        perform private.fail('not_found');
    elsif v_stream.status = 'LIVE' then
        return v_stream;
    elsif v_stream.status <> 'SCHEDULED' then
        perform private.fail('invalid_state');
    elsif exists (select from public.live_streams l where l.reader_id = v_user and l.status = 'LIVE') then
        perform private.fail('invalid_state', 'Another stream of yours is live.');
    end if;
    update public.live_streams l set status = 'LIVE', started_at = private.now()
    where l.id = p_stream_id returning l.* into v_stream;
    perform private.tell_stream(v_stream, 'stream_updated');
    return v_stream;
end
$$;
comment on function private.start_stream(uuid) is 'A planned stream goes live. A repeat answers as before.';

create function private.end_stream(p_stream_id uuid)
returns public.live_streams
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_stream public.live_streams := private.lock_stream(p_stream_id);
begin
    if v_stream.reader_id <> v_user then
        perform private.fail('not_found');
    elsif v_stream.status in ('ENDED', 'CANCELLED') then
        return v_stream;
    end if;
    update public.live_streams l
    set status = case l.status when 'LIVE' then 'ENDED' else 'CANCELLED' end::public.stream_status,
        ended_at = private.now(), viewer_count = 0
    where l.id = p_stream_id returning l.* into v_stream;
    -- Told while the viewers still receive.
    perform private.tell_stream(v_stream, 'stream_updated');
    update private.stream_viewers v set left_at = private.now() where v.stream_id = p_stream_id and v.left_at is null;
    return v_stream;
end
$$;
comment on function private.end_stream(uuid) is 'A live stream ends, and everyone in it has left; a planned one is cancelled. A repeat answers as before.';

----------------------------------------------------------------------
-- The viewers' side
----------------------------------------------------------------------

create function private.join_stream(p_stream_id uuid)
returns public.live_streams
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_stream public.live_streams := private.lock_stream(p_stream_id);
begin
    if v_stream.reader_id = v_user then
        perform private.fail('invalid_argument', 'The reader is no viewer.');
    elsif v_stream.status <> 'LIVE' then
        perform private.fail('invalid_state');
    elsif exists (select from private.stream_viewers v
                  where v.stream_id = p_stream_id and v.user_id = v_user and v.left_at is null) then
        return v_stream;
    elsif v_stream.viewer_count >= v_stream.max_viewers then
        perform private.fail('stream_full');
    end if;
    insert into private.stream_viewers (stream_id, user_id) values (p_stream_id, v_user)
    on conflict (stream_id, user_id) do update set joined_at = private.now(), left_at = null;
    update public.live_streams l set viewer_count = l.viewer_count + 1
    where l.id = p_stream_id returning l.* into v_stream;
    perform private.tell_stream(v_stream, 'viewer_count');
    return v_stream;
end
$$;
comment on function private.join_stream(uuid) is 'Lets the caller into a live stream, if there is room. A repeat counts once.';

create function private.leave_stream(p_stream_id uuid)
returns public.live_streams
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_stream public.live_streams;
begin
    -- Also out of a stream whose reader has blocked the caller since.
    select l.* into v_stream from public.live_streams l
    where l.id = p_stream_id and exists (
        select from private.stream_viewers v where v.stream_id = p_stream_id and v.user_id = v_user)
    for no key update;
    if not found then
        perform private.fail('not_found');
    end if;
    update private.stream_viewers v set left_at = private.now()
    where v.stream_id = p_stream_id and v.user_id = v_user and v.left_at is null;
    if found then
        update public.live_streams l set viewer_count = l.viewer_count - 1
        where l.id = p_stream_id returning l.* into v_stream;
        perform private.tell_stream(v_stream, 'viewer_count');
    end if;
    return v_stream;
end
$$;
comment on function private.leave_stream(uuid) is 'Takes the caller out of a stream they were let into. A repeat counts once.';

----------------------------------------------------------------------
-- RPCs
----------------------------------------------------------------------

create function public.start_stream(p_stream_id uuid) returns public.live_streams
language plpgsql set search_path = '' as $$
begin
    return private.start_stream(p_stream_id);
end
$$;
comment on function public.start_stream(uuid) is
    'Go live with a planned stream. Refuses with not_found, not_a_reader, invalid_state (ended, or another one is live), account_required, account_suspended.';

create function public.end_stream(p_stream_id uuid) returns public.live_streams
language plpgsql set search_path = '' as $$
begin
    return private.end_stream(p_stream_id);
end
$$;
comment on function public.end_stream(uuid) is
    'End a live stream, or cancel a planned one. Refuses with not_found, account_suspended.';

create function public.join_stream(p_stream_id uuid) returns public.live_streams
language plpgsql set search_path = '' as $$
begin
    return private.join_stream(p_stream_id);
end
$$;
comment on function public.join_stream(uuid) is
    'Watch a live stream: from then on its topic is received. Refuses with not_found (also when blocked), invalid_state, stream_full, invalid_argument, account_suspended.';

create function public.leave_stream(p_stream_id uuid) returns public.live_streams
language plpgsql set search_path = '' as $$
begin
    return private.leave_stream(p_stream_id);
end
$$;
comment on function public.leave_stream(uuid) is 'Stop watching. Refuses with not_found, account_suspended.';
