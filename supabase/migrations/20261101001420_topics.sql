-- Topics: who hears and who speaks on which private channel. Asked by the policies on realtime.messages, at a join and
-- whenever a token is renewed.

set lock_timeout = '4s';

create type private.topic as (
    kind    text,
    id      uuid,
    is_peer boolean
);
comment on type private.topic is 'A topic taken apart: session:<id>:peer is the one on which the two speak themselves.';

create function private.topic_of(p_name text)
returns private.topic
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_parts text[] := regexp_match(
        p_name, '^(user|session|conversation|stream):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(:peer)?$');
begin
    return case when p_name = 'readers' then ('readers', null, false)::private.topic
                else (v_parts[1], v_parts[2]::uuid, v_parts[3] is not null)::private.topic end;
end
$$;
comment on function private.topic_of(text) is 'Takes a topic apart; all null for what is no topic of ours.';

create function private.may_hear(p_topic text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_user  uuid := auth.uid();
    v_topic private.topic := private.topic_of(p_topic);
begin
    return coalesce(v_user is not null and case v_topic.kind
        when 'readers' then true
        when 'user' then v_topic.id = v_user and not v_topic.is_peer
        when 'session' then exists (
            select from public.sessions s
            where s.id = v_topic.id and v_user in (s.client_id, s.reader_id)
              and (not v_topic.is_peer or s.status = 'IN_PROGRESS' or (s.status = 'SCHEDULED' and s.accepted_at is not null)))
        when 'conversation' then exists (
            select from public.conversations c
            where c.id = v_topic.id and v_user in (c.first_id, c.second_id)
              and not private.is_blocked(c.first_id, c.second_id))
        when 'stream' then exists (select from public.live_streams l where l.id = v_topic.id and l.reader_id = v_user)
            or exists (
                select from private.stream_viewers v join public.live_streams l on l.id = v.stream_id
                where v.stream_id = v_topic.id and v.user_id = v_user and v.left_at is null
                  and not private.is_blocked(v_user, l.reader_id))
    end, false);
end
$$;
comment on function private.may_hear(text) is
    'The caller receives there: their own topic, their sessions'', their conversations'' while no block stands between the two, the streams they are in unless one of them and its reader blocked the other, and the readers'' statuses. A session''s :peer is there from its acceptance to its end.';

create function private.may_speak(p_topic text, p_extension text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_topic private.topic := private.topic_of(p_topic);
begin
    return coalesce(v_topic.is_peer, false)
       and (v_topic.kind <> 'stream' or p_extension = 'presence')
       and private.is_active()
       and private.may_hear(p_topic);
end
$$;
comment on function private.may_speak(text, text) is
    'The caller sends there: on :peer topics alone, so that nobody forges an event of the database; on a stream''s nothing but presence.';
