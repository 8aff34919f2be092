-- Notifications: kept for a person, hinted at on their topic, and sent by e-mail to whoever wants that.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('notification.email', 'true', 'BOOLEAN', null, null, false, 'False sends no notification by e-mail, whatever people prefer.');

create table private.notification_kinds (
    kind     text primary key check (kind ~ '^[a-z_]{1,60}$'),
    by_email boolean not null,
    subject  text not null,
    sentence text not null
);
comment on table private.notification_kinds is 'What people are notified of, and how a mail says it. No mail carries names, amounts or content: it may be read by others.';
comment on column private.notification_kinds.by_email is 'Whether it is worth a mail, to whoever does not mute it.';
alter table private.notification_kinds enable row level security;

insert into private.notification_kinds (kind, by_email, subject, sentence) values
    ('answer_expired',          true,  'Your message was not answered',      'A reader did not answer your message in time. What the answer would have cost is free again.'),
    ('appointment_accepted',    true,  'Your appointment is confirmed',      'A reader accepted your appointment.'),
    ('appointment_closed',      true,  'An appointment was closed',          'An appointment of yours does not take place.'),
    ('appointment_open',        true,  'Your appointment begins',            'Your appointment begins now. Open the app to join it.'),
    ('appointment_requested',   true,  'Somebody asks for an appointment',   'A client asks you for an appointment. Accept or decline it in the app.'),
    ('appointment_unfunded',    true,  'Your appointment needs funds',       'Your wallet does not cover your appointment. Top it up to keep it.'),
    ('auto_reload_cap_reached', true,  'Auto-reload reached its limit',      'This month''s limit of your auto-reload is reached. Nothing more is charged.'),
    ('auto_reload_declined',    true,  'Auto-reload was declined',           'Your card was declined when your wallet was to be filled.'),
    ('auto_reload_stopped',     true,  'Auto-reload is switched off',        'Your auto-reload is switched off until you agree to it again.'),
    ('earnings_changed',        false, 'Your earnings changed',              'Earnings of yours were given back or restored.'),
    ('payout_account_changed',  true,  'Your payout account changed',        'Stripe changed the state of your payout account. See in the app whether something is due.'),
    ('payout_changed',          true,  'News of your payout',                'A payout of yours was sent, arrived or failed. The app says which.'),
    ('place_expired',           false, 'Your place in line expired',         'You did not take your turn in time.'),
    ('place_offered',           true,  'It is your turn',                    'A reader you wait for is free. Open the app to begin.'),
    ('place_withdrawn',         false, 'Your place in line is gone',         'A reader you wait for takes no calls now.'),
    ('report_resolved',         true,  'Your report was decided',            'Our moderators decided on a report of yours.'),
    ('topup_failed',            true,  'Your top-up failed',                 'A payment to your wallet failed. Nothing was credited.');

create table public.notification_preferences (
    user_id           uuid primary key references public.users (id) on delete cascade,
    by_email          boolean not null default true,
    muted             text[] not null default '{}' check (cardinality(muted) <= 100),
    unsubscribe_token uuid not null unique default gen_random_uuid(),
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now()
);
comment on table public.notification_preferences is 'Whether a person is written to by e-mail, and of what not. Without a row: of everything worth a mail.';
comment on column public.notification_preferences.muted is 'Kinds of which no mail is wanted.';
comment on column public.notification_preferences.unsubscribe_token is 'In every mail: whoever holds it can do nothing but stop mails.';
alter table public.notification_preferences enable row level security;
create trigger touch before update on public.notification_preferences for each row execute function private.touch_updated_at();

create function private.notify(p_user_id uuid, p_kind text, p_payload jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id       uuid;
    v_by_email boolean;
begin
    select k.by_email into strict v_by_email from private.notification_kinds k where k.kind = p_kind;
    insert into public.notifications (user_id, kind, payload) values (p_user_id, p_kind, p_payload) returning id into v_id;
    perform private.tell(p_user_id, 'notification', p_payload || jsonb_build_object('kind', p_kind));
    if v_by_email and private.wants_mail(p_user_id, p_kind) then
        perform private.enqueue('notification.email', jsonb_build_object('notification_id', v_id));
    end if;
end
$$;
comment on function private.notify(uuid, text, jsonb) is 'A notification to keep, a hint that it is there, and a mail if the person wants one.';

create function private.wants_mail(p_user_id uuid, p_kind text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return private.setting_bool('notification.email')
       and exists (select from public.users u where u.id = p_user_id and u.status = 'ACTIVE')
       and not exists (select from public.notification_preferences p
                       where p.user_id = p_user_id and (not p.by_email or p_kind = any (p.muted)));
end
$$;
comment on function private.wants_mail(uuid, text) is 'Mails are sent, to an active person who has not said no to them or to this kind.';

create function private.set_notification_preferences(p_by_email boolean, p_muted text[])
returns public.notification_preferences
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user        uuid := private.require_account();
    v_preferences public.notification_preferences;
begin
    if p_by_email is null or p_muted is null or exists (
            select from unnest(p_muted) m (kind) where m.kind is null or m.kind not in (select k.kind from private.notification_kinds k)) then
        perform private.fail('invalid_argument', 'p_by_email is true or false, p_muted names kinds of notifications.');
    end if;
    insert into public.notification_preferences (user_id, by_email, muted)
    values (v_user, p_by_email, array(select distinct m.kind from unnest(p_muted) m (kind) order by 1))
    on conflict (user_id) do update set by_email = excluded.by_email, muted = excluded.muted
    returning * into v_preferences;
    -- What only a mail may carry stays out of the answer.
    v_preferences.unsubscribe_token := null;
    return v_preferences;
end
$$;
comment on function private.set_notification_preferences(boolean, text[]) is 'Whether the caller is written to, and of which kinds not.';

create function public.set_notification_preferences(p_by_email boolean, p_muted text[] default '{}')
returns public.notification_preferences
language plpgsql set search_path = '' as $$
begin
    return private.set_notification_preferences(p_by_email, p_muted);
end
$$;
comment on function public.set_notification_preferences(boolean, text[]) is
    'Say whether you are written to by e-mail, and of what not. Refuses with invalid_argument, account_required, account_suspended.';

create function worker_api.unsubscribe(p_token uuid)
returns void
language sql
security definer
set search_path = ''
as $$
    update public.notification_preferences p set by_email = false where p.unsubscribe_token = p_token
$$;
comment on function worker_api.unsubscribe(uuid) is 'Stops the mails of whoever the token belongs to; an unknown one does nothing, and is answered alike.';

create function worker_api.start_notification_email(p_outbox_id uuid)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_notification public.notifications;
    v_token        uuid;
begin
    select n.* into v_notification
    from private.outbox o join public.notifications n on n.id = (o.payload ->> 'notification_id')::uuid
    where o.id = p_outbox_id and o.topic = 'notification.email';
    -- Read meanwhile, removed, or no longer wanted: nothing is sent.
    if not found or v_notification.read_at is not null or not private.wants_mail(v_notification.user_id, v_notification.kind) then
        perform private.finish_job(p_outbox_id);
        return null;
    end if;
    update private.outbox o set begun_at = private.now() where o.id = p_outbox_id;
    insert into public.notification_preferences (user_id) values (v_notification.user_id)
    on conflict (user_id) do nothing;
    select p.unsubscribe_token into v_token from public.notification_preferences p where p.user_id = v_notification.user_id;
    return (select jsonb_build_object('notification_id', v_notification.id, 'user_id', v_notification.user_id, 'kind', k.kind,
                                      'subject', k.subject, 'sentence', k.sentence, 'unsubscribe_token', v_token)
            from private.notification_kinds k where k.kind = v_notification.kind);
end
$$;
comment on function worker_api.start_notification_email(uuid) is 'What a mail says, for a job; null when there is nothing to send, and the job is done then.';

create function worker_api.finish_notification_email(p_outbox_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    return private.finish_job(p_outbox_id);
end
$$;
comment on function worker_api.finish_notification_email(uuid) is 'The mail was handed over; false when another run ended the job before.';
