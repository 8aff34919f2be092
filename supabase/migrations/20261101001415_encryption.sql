-- Encryption: devices, wrapped keys, backups, and what a report reveals. The server keeps order among what it cannot read.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('device_unknown',    409, 'This account has no such device.', 'Register the device first.'),
    ('device_revoked',    409, 'The device is revoked.', 'Register a new device.'),
    ('device_conflict',   409, 'A device of this id has other keys.', 'Register the device under a new id.'),
    ('identity_conflict', 409, 'The account''s devices are signed by another identity.', 'Restore the identity from the backup, or revoke the other devices and begin anew.'),
    ('too_many_devices',  409, 'The account has as many devices as it may.', 'Revoke one that is not used any more.'),
    ('no_devices',        409, 'One of the two has no device yet.', 'Wait until the other has opened the app.'),
    ('devices_changed',   409, 'The keys are not wrapped for exactly the devices of both.', 'Read user_keys again and wrap for each device that is not revoked.'),
    ('key_version_taken', 409, 'This is not the next version of the key.', 'Read the conversation''s key_version and your wrapped keys again.'),
    ('key_unknown',       409, 'The conversation has no key of this version.', 'Start a key, or use the newest one.'),
    ('key_outdated',      409, 'The conversation''s key was renewed, or must be.', 'Read the conversation again; where rotation_due is true, start the next version.'),
    ('backup_conflict',   409, 'Another device has replaced the backup.', 'Read the backup, add what is missing, and store it as the next version.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('message.devices',         '10',   'INTEGER', 1, 50,     true, 'Devices a person may have at once.'),
    ('message.devices_per_day', '20',   'INTEGER', 1, 1000,   true, 'Devices a person may register in a day.'),
    ('message.keys_per_hour',   '5000', 'INTEGER', 1, 100000, true, 'Wrapped keys a person may store in an hour.');

----------------------------------------------------------------------
-- Devices
----------------------------------------------------------------------

create function private.is_low_order(p_device_key text)
returns boolean
language sql
immutable
set search_path = ''
as $$
    -- The bit beyond the field's 255 does not count.
    select encode(set_byte(k.key, 31, get_byte(k.key, 31) & 127), 'hex') in (
        '0000000000000000000000000000000000000000000000000000000000000000',
        '0100000000000000000000000000000000000000000000000000000000000000',
        'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
        '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
        'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
        'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
        'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')
    from (values (decode(translate(p_device_key, '-_', '+/') || '=', 'base64'))) k (key)
$$;
comment on function private.is_low_order(text) is
    'Whether an X25519 key, 43 characters of base64url, is a point of low order: what is sealed to it is open to everybody, and libsodium seals nothing to it.';

create function private.register_device(
    p_device_id uuid, p_identity_key text, p_device_key text, p_signing_key text, p_signature text)
returns public.user_keys
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_device public.user_keys;
begin
    if p_device_id is null or (p_identity_key ~ '^[A-Za-z0-9_-]{43}$' and p_device_key ~ '^[A-Za-z0-9_-]{43}$'
            and p_signing_key ~ '^[A-Za-z0-9_-]{43}$' and p_signature ~ '^[A-Za-z0-9_-]{86}$') is not true then
        perform private.fail('invalid_argument', 'Keys have 43 and the signature 86 characters of base64url.');
    elsif private.is_low_order(p_device_key) then
        perform private.fail('invalid_argument', 'p_device_key is a key that nothing can be sealed to.');
    end if;
    -- One at a time a person, and not while a key is being wrapped for their devices.
    perform from public.users u where u.id = v_user for no key update;
    select k.* into v_device from public.user_keys k where k.user_id = v_user and k.device_id = p_device_id;
    if found then
        if (v_device.identity_key, v_device.device_key, v_device.signing_key)
           is distinct from (p_identity_key, p_device_key, p_signing_key) then
            perform private.fail('device_conflict');
        end if;
        return v_device;
    elsif exists (select from public.user_keys k
                  where k.user_id = v_user and k.revoked_at is null and k.identity_key <> p_identity_key) then
        perform private.fail('identity_conflict');
    elsif (select count(*) from public.user_keys k where k.user_id = v_user and k.revoked_at is null)
          >= private.setting_int('message.devices') then
        perform private.fail('too_many_devices');
    elsif (select count(*) from public.user_keys k where k.user_id = v_user
           and k.id >= private.uuid_v7_floor(private.now() - interval '1 day')) >= private.setting_int('message.devices_per_day') then
        perform private.fail_until('rate_limited', 3600);
    end if;
    insert into public.user_keys (user_id, device_id, identity_key, device_key, signing_key, signature)
    values (v_user, p_device_id, p_identity_key, p_device_key, p_signing_key, p_signature) returning * into v_device;
    perform private.tell(v_user, 'device_registered', jsonb_build_object('device_id', p_device_id));
    return v_device;
end
$$;
comment on function private.register_device(uuid, text, text, text, text) is
    'A device of the caller''s, signed by their identity; a repeat answers the same row. One identity signs all devices that are not revoked.';

create function private.revoke_device(p_device_id uuid)
returns public.user_keys
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := auth.uid();
    v_device public.user_keys;
begin
    perform from public.users u where u.id = v_user for no key update;
    select k.* into v_device from public.user_keys k where k.user_id = v_user and k.device_id = p_device_id;
    if not found then
        perform private.fail('not_found');
    elsif v_device.revoked_at is not null then
        return v_device;
    end if;
    update public.user_keys k set revoked_at = private.now() where k.id = v_device.id returning k.* into v_device;
    -- Whoever holds the device reads on until the keys are renewed. Nobody knows which it has: it may have opened the backup.
    update public.conversations c set rotation_due = true
    where c.id in (
        select t.id from public.conversations t
        where v_user in (t.first_id, t.second_id) and t.key_version > 0 and not t.rotation_due
          and (t.session_id is null or exists (select from public.sessions s where s.id = t.session_id and s.ended_at is null))
        order by t.id for update);
    perform private.tell(v_user, 'device_revoked', jsonb_build_object('device_id', p_device_id));
    return v_device;
end
$$;
comment on function private.revoke_device(uuid) is
    'Revokes a device of the caller''s for good, whatever the account''s status; every conversation of theirs that may still be written to must start another key. A repeat changes nothing.';

create function private.require_device(p_user_id uuid, p_device_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_revoked_at timestamptz;
begin
    select k.revoked_at into v_revoked_at from public.user_keys k where k.user_id = p_user_id and k.device_id = p_device_id;
    if not found then
        perform private.fail('device_unknown');
    elsif v_revoked_at is not null then
        perform private.fail('device_revoked');
    end if;
end
$$;
comment on function private.require_device(uuid, uuid) is 'Refuses with device_unknown or device_revoked.';

----------------------------------------------------------------------
-- Conversations and their keys
----------------------------------------------------------------------

create function private.open_conversation_with(p_user_id uuid)
returns public.conversations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_account();
begin
    if p_user_id is null or not private.may_write_to(v_user, p_user_id) then
        perform private.fail('recipient_unavailable');
    elsif (select count(*) from public.conversations c where v_user in (c.first_id, c.second_id)
           and c.id >= private.uuid_v7_floor(private.now() - interval '1 minute')) >= private.setting_int('message.per_minute') then
        perform private.fail_until('rate_limited', 60);
    end if;
    return private.open_conversation(v_user, p_user_id);
end
$$;
comment on function private.open_conversation_with(uuid) is 'The conversation with a person the caller may write to, before its first message: a key comes first.';

create function private.open_session_conversation(p_session_id uuid)
returns public.conversations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user         uuid := private.require_account();
    v_session      public.sessions;
    v_conversation public.conversations;
begin
    select s.* into v_session from public.sessions s where s.id = p_session_id and v_user in (s.client_id, s.reader_id);
    if not found then
        perform private.fail('not_participant');
    end if;
    select c.* into v_conversation from public.conversations c where c.session_id = p_session_id;
    if found then
        return v_conversation;
    elsif not (v_session.status = 'IN_PROGRESS' or (v_session.status = 'SCHEDULED' and v_session.accepted_at is not null)) then
        perform private.fail('invalid_state');
    end if;
    insert into public.conversations (first_id, second_id, session_id)
    values (least(v_session.client_id, v_session.reader_id), greatest(v_session.client_id, v_session.reader_id), p_session_id)
    on conflict (session_id) do nothing returning * into v_conversation;
    if not found then
        select c.* into strict v_conversation from public.conversations c where c.session_id = p_session_id;
    end if;
    return v_conversation;
end
$$;
comment on function private.open_session_conversation(uuid) is
    'The conversation of a session, with keys of its own, from its acceptance on; made by whoever of the two asks first.';

create function private.wrapped_keys(p_keys jsonb, p_user_id uuid, p_most integer)
returns table (conversation_id uuid, version integer, user_id uuid, device_id uuid, wrapped_key text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_id constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
begin
    if (case when jsonb_typeof(p_keys) = 'array' then
            jsonb_array_length(p_keys) not between 1 and p_most
            or exists (
                select from jsonb_array_elements(p_keys) e
                where (jsonb_typeof(e) = 'object' and (e ->> 'conversation_id') ~ v_id and (e -> 'version')::text ~ '^[1-9][0-9]{0,8}$'
                       and (e ->> 'user_id') ~ v_id and (e ->> 'device_id') ~ v_id
                       and (e ->> 'wrapped_key') ~ '^[A-Za-z0-9_-]{192}$') is not true)
        else true end) then
        perform private.fail('invalid_argument', format(
            'p_keys is a list of 1 to %s objects with conversation_id, version, user_id, device_id and wrapped_key.', p_most));
    elsif (select count(*) from public.conversation_keys k where k.wrapped_by = p_user_id
           and k.id >= private.uuid_v7_floor(private.now() - interval '1 hour')) >= private.setting_int('message.keys_per_hour') then
        perform private.fail_until('rate_limited', 3600);
    end if;
    return query
        select (e ->> 'conversation_id')::uuid, (e ->> 'version')::integer, (e ->> 'user_id')::uuid, (e ->> 'device_id')::uuid,
               e ->> 'wrapped_key'
        from jsonb_array_elements(p_keys) e;
end
$$;
comment on function private.wrapped_keys(jsonb, uuid, integer) is 'Wrapped keys as a caller sent them, their form checked; refuses with invalid_argument, rate_limited.';

create function private.start_conversation_key(p_conversation_id uuid, p_version integer, p_device_id uuid, p_keys jsonb)
returns public.conversations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user         uuid := private.require_account();
    v_conversation public.conversations;
    v_devices      text[];
    v_wrapped      text[];
begin
    select c.* into v_conversation from public.conversations c where c.id = p_conversation_id and v_user in (c.first_id, c.second_id);
    if not found then
        perform private.fail('not_found');
    end if;
    -- People before conversations, as where a device is revoked; nobody's devices change meanwhile.
    perform from public.users u where u.id in (v_conversation.first_id, v_conversation.second_id) order by u.id for share;
    select c.* into v_conversation from public.conversations c where c.id = p_conversation_id for update;
    perform private.require_device(v_user, p_device_id);
    select array_agg(k.user_id || ':' || k.device_id || ':' || k.wrapped_key order by k.user_id, k.device_id),
           array_agg(k.user_id || ':' || k.device_id order by k.user_id, k.device_id)
    into v_wrapped, v_devices
    from private.wrapped_keys(p_keys, v_user, 200) k where k.conversation_id = p_conversation_id and k.version = p_version;
    if p_version = v_conversation.key_version and v_wrapped = (
            select array_agg(k.user_id || ':' || k.device_id || ':' || k.wrapped_key order by k.user_id, k.device_id)
            from public.conversation_keys k
            where k.conversation_id = p_conversation_id and k.version = p_version and k.wrapped_by_device = p_device_id) then
        return v_conversation;
    elsif p_version is distinct from v_conversation.key_version + 1 then
        perform private.fail('key_version_taken');
    elsif cardinality(v_devices) is distinct from jsonb_array_length(p_keys) then
        perform private.fail('invalid_argument', 'p_keys are of this conversation and version only.');
    end if;
    perform private.check_devices(v_conversation, v_devices);
    insert into public.conversation_keys (conversation_id, version, user_id, device_id, wrapped_key, wrapped_by, wrapped_by_device)
    select k.conversation_id, k.version, k.user_id, k.device_id, k.wrapped_key, v_user, p_device_id
    from private.wrapped_keys(p_keys, v_user, 200) k;
    update public.conversations c set key_version = p_version, rotation_due = false
    where c.id = p_conversation_id returning c.* into v_conversation;
    perform private.tell(member.id, 'key_changed', jsonb_build_object('conversation_id', p_conversation_id, 'version', p_version))
    from unnest(array[v_conversation.first_id, v_conversation.second_id]) as member (id);
    return v_conversation;
end
$$;
comment on function private.start_conversation_key(uuid, integer, uuid, jsonb) is
    'The next version of a conversation''s key, wrapped for exactly the devices of both that are not revoked; a repeat answers as the first did.';

create function private.check_devices(p_conversation public.conversations, p_devices text[])
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if (select count(distinct k.user_id) from public.user_keys k
        where k.user_id in (p_conversation.first_id, p_conversation.second_id) and k.revoked_at is null) < 2 then
        perform private.fail('no_devices');
    elsif p_devices is distinct from (
            select array_agg(k.user_id || ':' || k.device_id order by k.user_id, k.device_id) from public.user_keys k
            where k.user_id in (p_conversation.first_id, p_conversation.second_id) and k.revoked_at is null) then
        perform private.fail('devices_changed');
    end if;
end
$$;
comment on function private.check_devices(public.conversations, text[]) is
    'Refuses with no_devices, or with devices_changed unless the given are exactly the devices of both that are not revoked.';

create function private.share_keys(p_device_id uuid, p_keys jsonb)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_account();
    v_count integer;
begin
    perform from public.users u where u.id = v_user for share;
    perform private.require_device(v_user, p_device_id);
    if exists (select from private.wrapped_keys(p_keys, v_user, 500) k where k.user_id <> v_user) then
        perform private.fail('invalid_argument', 'Keys are shared with one''s own devices only.');
    elsif exists (select from private.wrapped_keys(p_keys, v_user, 500) k
                  where not exists (select from public.conversations c where c.id = k.conversation_id
                                    and v_user in (c.first_id, c.second_id) and k.version <= c.key_version)) then
        perform private.fail('key_unknown');
    end if;
    perform private.require_device(v_user, k.device_id) from private.wrapped_keys(p_keys, v_user, 500) k;
    insert into public.conversation_keys (conversation_id, version, user_id, device_id, wrapped_key, wrapped_by, wrapped_by_device)
    select k.conversation_id, k.version, k.user_id, k.device_id, k.wrapped_key, v_user, p_device_id
    from private.wrapped_keys(p_keys, v_user, 500) k
    on conflict on constraint wrapped_once_a_device do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function private.share_keys(uuid, jsonb) is
    'Keys the caller has, wrapped for another of their own devices; answers how many were new. What is there already stays as it is.';

create function private.check_key(p_user_id uuid, p_conversation_id uuid, p_content jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_version integer;
    v_due     boolean;
    v_device  text := p_content ->> 'device';
begin
    -- A rotation at this moment is waited for, and then counts.
    select c.key_version, c.rotation_due into v_version, v_due from public.conversations c
    where c.id = p_conversation_id for key share;
    if v_version is null or (p_content ->> 'key')::integer > v_version then
        perform private.fail('key_unknown');
    elsif v_due or (p_content ->> 'key')::integer < v_version then
        perform private.fail('key_outdated');
    elsif v_device !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
        perform private.fail('device_unknown');
    end if;
    perform private.require_device(p_user_id, v_device::uuid);
end
$$;
comment on function private.check_key(uuid, uuid, jsonb) is
    'Refuses an envelope that is not sealed under the conversation''s newest key by a device of the sender''s: key_unknown, key_outdated, device_unknown, device_revoked.';

create function private.check_chat_key()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    if new.sender_id = auth.uid() then
        perform private.check_key(new.sender_id, (select c.id from public.conversations c where c.session_id = new.session_id), new.content);
    end if;
    return null;
end
$$;
comment on function private.check_chat_key() is 'After the policy let a row in: its key and device, as for direct messages.';
-- Named to run before the broadcast.
create trigger check_chat_key after insert on public.chat_messages
    for each row when (new.message_type <> 'SYSTEM') execute function private.check_chat_key();

----------------------------------------------------------------------
-- Backups
----------------------------------------------------------------------

create function private.set_key_backup(p_backup jsonb, p_version integer)
returns public.key_backups
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_backup public.key_backups;
begin
    if not private.valid_backup(p_backup) then
        perform private.fail('invalid_argument', 'p_backup is no sealed backup.');
    end if;
    perform from public.users u where u.id = v_user for no key update;
    select b.* into v_backup from public.key_backups b where b.user_id = v_user;
    if v_backup.version = p_version and v_backup.backup = p_backup then
        return v_backup;
    elsif p_version is distinct from coalesce(v_backup.version, 0) + 1 then
        perform private.fail('backup_conflict');
    end if;
    insert into public.key_backups as b (user_id, backup, version) values (v_user, p_backup, p_version)
    on conflict (user_id) do update set backup = excluded.backup, version = excluded.version
    returning b.* into v_backup;
    return v_backup;
end
$$;
comment on function private.set_key_backup(jsonb, integer) is
    'Stores a sealed backup as the next version: 1 the first time. A repeat answers the same; an older device is refused with backup_conflict.';

----------------------------------------------------------------------
-- Reports
----------------------------------------------------------------------

create function private.valid_evidence(p_evidence jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_id constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
begin
    return coalesce(
        jsonb_typeof(p_evidence) = 'object'
        and p_evidence ?& array['v', 'conversation_id', 'members', 'messages']
        and p_evidence - array['v', 'conversation_id', 'members', 'messages'] = '{}'
        and (p_evidence -> 'v')::text = '1' and (p_evidence ->> 'conversation_id') ~ v_id
        and case when jsonb_typeof(p_evidence -> 'members') = 'array' then
                jsonb_array_length(p_evidence -> 'members') = 2
                and (p_evidence #>> '{members,0}') ~ v_id and (p_evidence #>> '{members,1}') ~ v_id
            else false end
        and case when jsonb_typeof(p_evidence -> 'messages') = 'array' then
                jsonb_array_length(p_evidence -> 'messages') between 1 and 50
                and not exists (
                    select from jsonb_array_elements(p_evidence -> 'messages') m
                    where (jsonb_typeof(m) = 'object' and m ?& array['id', 'sender_id', 'message_type', 'envelope', 'key']
                           and m - array['id', 'sender_id', 'message_type', 'envelope', 'key'] = '{}'
                           and (m ->> 'id') ~ v_id and (m ->> 'sender_id') ~ v_id and m ->> 'message_type' in ('TEXT', 'IMAGE')
                           and (m ->> 'key') ~ '^[A-Za-z0-9_-]{43}$'
                           and private.valid_envelope(m -> 'envelope')) is not true)
            else false end, false);
end
$$;
comment on function private.valid_evidence(jsonb) is
    'Form of what a report reveals: a conversation, its two members, and 1 to 50 of its messages, each an envelope and the key of that message alone.';

create function private.check_evidence(p_entity_type text, p_entity_id uuid, p_reporter_id uuid, p_evidence jsonb)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_evidence is null then
        return;
    elsif p_entity_type not in ('user', 'session', 'message', 'chat_message') then
        perform private.fail('invalid_argument', 'Only a complaint of a person, a session or a message reveals messages.');
    elsif not private.valid_evidence(p_evidence) then
        perform private.fail('invalid_argument', 'p_evidence reveals 1 to 50 messages, each with its key.');
    elsif p_entity_type in ('message', 'chat_message')
          and not p_evidence -> 'messages' @> jsonb_build_array(jsonb_build_object('id', p_entity_id)) then
        perform private.fail('invalid_argument', 'p_evidence reveals the message that is complained of.');
    elsif not exists (select from public.conversations c where c.id = (p_evidence ->> 'conversation_id')::uuid
                      and jsonb_build_array(c.first_id, c.second_id) = p_evidence -> 'members') then
        perform private.fail('invalid_argument', 'p_evidence names the conversation''s two members, in the order of their ids.');
    elsif (p_entity_type = 'user' and not p_evidence -> 'members' ? p_entity_id::text)
          or (p_entity_type = 'session' and not exists (
                select from public.sessions s where s.id = p_entity_id
                  and p_evidence -> 'members' = jsonb_build_array(least(s.client_id, s.reader_id), greatest(s.client_id, s.reader_id)))) then
        perform private.fail('invalid_argument', 'p_evidence is of a conversation with whom is complained of.');
    end if;
    -- Only what was sent, as it was sent: an envelope nobody stored is no evidence of anything.
    if exists (
        select from jsonb_array_elements(p_evidence -> 'messages') e
        where not exists (
                select from public.messages m
                where m.id = (e ->> 'id')::uuid and m.conversation_id = (p_evidence ->> 'conversation_id')::uuid
                  and p_reporter_id in (m.sender_id, m.receiver_id) and m.sender_id = (e ->> 'sender_id')::uuid
                  and m.message_type::text = e ->> 'message_type' and m.content = e -> 'envelope')
          and not exists (
                select from public.chat_messages m
                join public.conversations c on c.session_id = m.session_id and c.id = (p_evidence ->> 'conversation_id')::uuid
                where m.id = (e ->> 'id')::uuid and p_reporter_id in (c.first_id, c.second_id)
                  and m.sender_id = (e ->> 'sender_id')::uuid
                  and m.message_type::text = e ->> 'message_type' and m.content = e -> 'envelope')) then
        perform private.fail('invalid_argument', 'p_evidence reveals a message that was not sent as it says.');
    end if;
end
$$;
comment on function private.check_evidence(text, uuid, uuid, jsonb) is
    'What a complaint of a person, a session or a message reveals, and no other may: messages of the reporter''s own conversations with that person, just as they were stored. Whether the keys fit, a moderator''s client finds.';

----------------------------------------------------------------------
-- RPCs
----------------------------------------------------------------------

create function public.register_device(
    p_device_id uuid, p_identity_key text, p_device_key text, p_signing_key text, p_signature text)
returns public.user_keys
language plpgsql set search_path = '' as $$
begin
    return private.register_device(p_device_id, p_identity_key, p_device_key, p_signing_key, p_signature);
end
$$;
comment on function public.register_device(uuid, text, text, text, text) is
    'Register a device of yours, signed by your identity. Refuses with identity_conflict, device_conflict, too_many_devices, rate_limited, invalid_argument, account_required, account_suspended.';

create function public.revoke_device(p_device_id uuid) returns public.user_keys
language plpgsql set search_path = '' as $$
begin
    return private.revoke_device(p_device_id);
end
$$;
comment on function public.revoke_device(uuid) is 'Revoke a device of yours for good. Refuses with not_found.';

create function public.open_conversation(p_user_id uuid) returns public.conversations
language plpgsql set search_path = '' as $$
begin
    return private.open_conversation_with(p_user_id);
end
$$;
comment on function public.open_conversation(uuid) is
    'The conversation with a person, to start its key in. Refuses with recipient_unavailable, rate_limited, account_required, account_suspended.';

create function public.open_session_conversation(p_session_id uuid) returns public.conversations
language plpgsql set search_path = '' as $$
begin
    return private.open_session_conversation(p_session_id);
end
$$;
comment on function public.open_session_conversation(uuid) is
    'The conversation of an accepted session, to start its key in. Refuses with not_participant, invalid_state, account_required, account_suspended.';

create function public.start_conversation_key(p_conversation_id uuid, p_version numeric, p_device_id uuid, p_keys jsonb)
returns public.conversations
language plpgsql set search_path = '' as $$
begin
    return private.start_conversation_key(p_conversation_id, private.whole_integer(p_version, 'p_version'), p_device_id, p_keys);
end
$$;
comment on function public.start_conversation_key(uuid, numeric, uuid, jsonb) is
    'Start the next version of a conversation''s key, wrapped by your device for each device of both. Refuses with not_found, key_version_taken, devices_changed, no_devices, device_unknown, device_revoked, rate_limited, invalid_argument, account_required, account_suspended.';

create function public.share_keys(p_device_id uuid, p_keys jsonb) returns integer
language plpgsql set search_path = '' as $$
begin
    return private.share_keys(p_device_id, p_keys);
end
$$;
comment on function public.share_keys(uuid, jsonb) is
    'Give another device of yours the keys this one has, at most 500 a call. Refuses with key_unknown, device_unknown, device_revoked, rate_limited, invalid_argument, account_required, account_suspended.';

create function public.set_key_backup(p_backup jsonb, p_version numeric) returns public.key_backups
language plpgsql set search_path = '' as $$
begin
    return private.set_key_backup(p_backup, private.whole_integer(p_version, 'p_version'));
end
$$;
comment on function public.set_key_backup(jsonb, numeric) is
    'Store your keys, sealed under a passphrase, as the next version: 1 the first time. Refuses with backup_conflict, invalid_argument, account_required, account_suspended.';
