-- The session log: what happened in a session and when, kept as long as the session. Written by triggers, so that no path
-- around it exists; nothing is decided by it.

set lock_timeout = '4s';

create type private.session_event as enum (
    'requested', 'accepted', 'client_joined', 'reader_joined', 'started', 'client_away', 'reader_away', 'paused', 'resumed', 'ended');
comment on type private.session_event is 'What happens in a session; of the same moment, in this order.';

create table private.session_log (
    id         uuid primary key default private.uuid_v7(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    at         timestamptz not null,
    event      private.session_event not null,
    detail     text
);
comment on table private.session_log is 'What happened in each session, by the server''s clock: who came, was away and came back, and how it ended. Shown as evidence in disputes.';
comment on column private.session_log.at is 'When it happened; a pause begins when the missing side was last heard, which is before it was noticed.';
comment on column private.session_log.detail is 'Why it paused or ended, or when the side that was away came back.';
create index session_log_session on private.session_log (session_id, at);
alter table private.session_log enable row level security;

create function private.log_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_old public.sessions;
begin
    if tg_op = 'UPDATE' then
        v_old := old;
    end if;
    insert into private.session_log (session_id, at, event, detail)
    select new.id, e.at, e.event::private.session_event, e.detail
    from (values
        (new.created_at, v_old.created_at, 'requested', new.scheduled_at::text),
        (new.accepted_at, v_old.accepted_at, 'accepted', null),
        (new.client_joined_at, v_old.client_joined_at, 'client_joined', null),
        (new.reader_joined_at, v_old.reader_joined_at, 'reader_joined', null),
        (new.started_at, v_old.started_at, 'started', null),
        (new.paused_at, v_old.paused_at, 'paused', new.pause_reason::text),
        (new.ended_at, v_old.ended_at, 'ended', new.end_reason::text)
    ) e (at, before, event, detail)
    where e.at is not null and e.at is distinct from e.before
    union all
    select new.id, private.now(), 'resumed'::private.session_event, null
    where v_old.paused_at is not null and new.paused_at is null and new.status = 'IN_PROGRESS';
    return null;
end
$$;
comment on function private.log_session() is 'Writes down what an insert or update of a session means.';
create trigger log_session after insert or update of accepted_at, client_joined_at, reader_joined_at, started_at, paused_at, ended_at
    on public.sessions for each row execute function private.log_session();

create function private.log_absence()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into private.session_log (session_id, at, event, detail)
    values (new.session_id, lower(new.gap), (new.side || '_away')::private.session_event, upper(new.gap)::text);
    return null;
end
$$;
comment on function private.log_absence() is 'Writes down that a side was away and came back.';
create trigger log_absence after insert on private.presence_gaps for each row execute function private.log_absence();
