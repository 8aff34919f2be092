-- Session administration: what an administrator may do to a session of others.

set lock_timeout = '4s';

create function private.admin_end_session(p_session_id uuid, p_reason text)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
    v_meter   private.meters;
begin
    perform private.require_permission('manage_users');
    if coalesce(length(p_reason), 0) not between 1 and 2000 then
        perform private.fail('invalid_argument', 'p_reason has 1 to 2000 characters.');
    end if;
    select s.* into v_session from public.sessions s where s.id = p_session_id for no key update;
    if not found then
        perform private.fail('not_found');
    elsif v_session.status = 'SCHEDULED' then
        v_session := private.close_scheduled(v_session, 'CANCELLED', 'admin_ended');
    elsif v_session.status = 'IN_PROGRESS' then
        perform private.advance_session(p_session_id);
        v_meter := private.meter_of(p_session_id);
        if v_meter.session_id is not null then
            perform private.finish_session(v_meter, 'COMPLETED', 'admin_ended', private.now(), true);
        end if;
        select s.* into v_session from public.sessions s where s.id = p_session_id;
    else
        perform private.fail('invalid_state');
    end if;
    perform private.record_audit('session.end', 'sessions', p_session_id::text,
        jsonb_build_object('end_reason', v_session.end_reason, 'reason', p_reason));
    return v_session;
end
$$;
comment on function private.admin_end_session(uuid, text) is
    'Ends what runs, unused seconds given back, or cancels what has not started, nothing due. Recorded.';

create function public.admin_end_session(p_session_id uuid, p_reason text)
returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.admin_end_session(p_session_id, p_reason);
end
$$;
comment on function public.admin_end_session(uuid, text) is
    'For administrators with manage_users; recorded. Refuses with permission_denied, not_found, invalid_argument, invalid_state.';
