-- Messages: conversations, their keys, and sealed envelopes. The server checks an envelope's form and size, never its content.

set lock_timeout = '4s';

create type public.message_type as enum ('TEXT', 'IMAGE', 'SYSTEM');
comment on type public.message_type is 'What a message holds. SYSTEM ones are plain and come from the platform.';

create function private.valid_envelope(p_envelope jsonb)
returns boolean
-- PL/pgSQL evaluates a lone expression without starting a query: a third of the cost of the same in SQL, for every message.
language plpgsql
immutable
set search_path = ''
as $$
begin
    return coalesce(
        jsonb_typeof(p_envelope) = 'object'
        and p_envelope ?& array['v', 'key', 'seq', 'nonce', 'box', 'sig', 'device']
        and p_envelope - array['v', 'key', 'seq', 'nonce', 'box', 'sig', 'device'] = '{}'
        and (p_envelope -> 'v')::text = '1'
        and (p_envelope ->> 'key') ~ '^[1-9][0-9]{0,8}$' and jsonb_typeof(p_envelope -> 'key') = 'number'
        and (p_envelope ->> 'seq') ~ '^[0-9]{1,15}$' and jsonb_typeof(p_envelope -> 'seq') = 'number'
        and (p_envelope ->> 'nonce') ~ '^[A-Za-z0-9_-]{32}$'
        and (p_envelope ->> 'sig') ~ '^[A-Za-z0-9_-]{86}$'
        and (p_envelope ->> 'device') ~ '^[0-9a-f-]{36}$'
        and (p_envelope ->> 'box') ~ '^[A-Za-z0-9_-]+$'
        -- The padded lengths, each with its tag of 16 bytes.
        and length(p_envelope ->> 'box') in (107, 192, 363, 704, 1387, 2752, 5483, 10944, 21846), false);
end
$$;
comment on function private.valid_envelope(jsonb) is
    'Form and size of an end-to-end encrypted envelope: version, key version, sequence, 24-byte nonce, ciphertext of one of the padded lengths up to 16 KiB, Ed25519 signature, sending device; base64url without padding.';

create function private.valid_content(p_type public.message_type, p_content jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
    return case when p_type = 'SYSTEM'
        then jsonb_typeof(p_content) = 'object' and p_content ? 'system' and length(p_content::text) <= 2000
        else private.valid_envelope(p_content) end;
end
$$;
comment on function private.valid_content(public.message_type, jsonb) is 'SYSTEM messages are plain and marked; every other content is an envelope.';
grant execute on function private.valid_envelope(jsonb), private.valid_content(public.message_type, jsonb) to authenticated, service_role;

----------------------------------------------------------------------
-- Keys: public halves and wrapped copies only
----------------------------------------------------------------------

create table public.user_keys (
    id           uuid primary key default private.uuid_v7(),
    user_id      uuid not null references public.users (id) on delete cascade,
    device_id    uuid not null,
    identity_key text not null check (identity_key ~ '^[A-Za-z0-9_-]{43}$'),
    device_key   text not null check (device_key ~ '^[A-Za-z0-9_-]{43}$'),
    signing_key  text not null check (signing_key ~ '^[A-Za-z0-9_-]{43}$'),
    signature    text not null check (signature ~ '^[A-Za-z0-9_-]{86}$'),
    revoked_at   timestamptz,
    created_at   timestamptz not null default private.now(),
    constraint device_registered_once unique (user_id, device_id)
);
comment on table public.user_keys is 'A person''s devices: an X25519 key to seal for and an Ed25519 key it signs with, both signed by the person''s Ed25519 identity, base64url. Public halves only.';
alter table public.user_keys enable row level security;

create table public.conversations (
    id          uuid primary key default private.uuid_v7(),
    first_id    uuid not null references public.users (id) on delete restrict,
    second_id   uuid not null references public.users (id) on delete restrict,
    session_id  uuid unique references public.sessions (id) on delete restrict,
    key_version integer not null default 0 check (key_version between 0 and 999999999),
    rotation_due boolean not null default false,
    created_at  timestamptz not null default private.now(),
    updated_at  timestamptz not null default private.now(),
    constraint members_in_order check (first_id < second_id)
);
comment on table public.conversations is 'Two people who write to one another, once for direct messages and once per session that chats.';
comment on column public.conversations.key_version is 'The newest key version; messages under older ones are refused after a rotation.';
comment on column public.conversations.rotation_due is 'A member''s device was revoked, which may have the newest key: nothing is taken before the next version.';
create unique index conversations_pair on public.conversations (first_id, second_id) where session_id is null;
create index conversations_first on public.conversations (first_id, id desc);
create index conversations_second on public.conversations (second_id, id desc);
alter table public.conversations enable row level security;
create trigger touch before update on public.conversations for each row execute function private.touch_updated_at();

create table public.conversation_keys (
    id              uuid primary key default private.uuid_v7(),
    conversation_id uuid not null references public.conversations (id) on delete cascade,
    version         integer not null check (version > 0),
    user_id         uuid not null references public.users (id) on delete cascade,
    device_id       uuid not null,
    wrapped_key     text not null check (wrapped_key ~ '^[A-Za-z0-9_-]{192}$'),
    wrapped_by      uuid not null references public.users (id) on delete cascade,
    wrapped_by_device uuid not null,
    created_at      timestamptz not null default private.now(),
    constraint wrapped_once_a_device unique (conversation_id, version, user_id, device_id),
    constraint wrapped_for_a_known_device foreign key (user_id, device_id) references public.user_keys (user_id, device_id) on delete cascade
);
comment on table public.conversation_keys is 'A conversation''s symmetric key, sealed for one device each and signed by the device that sealed it; the server can neither open nor make one.';
create index conversation_keys_device on public.conversation_keys (user_id, device_id);
create index conversation_keys_author on public.conversation_keys (wrapped_by, id);
alter table public.conversation_keys enable row level security;

create function private.valid_backup(p_backup jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
    return coalesce(
        jsonb_typeof(p_backup) = 'object'
        and p_backup ?& array['v', 'kdf', 'ops', 'mem', 'salt', 'nonce', 'box']
        and p_backup - array['v', 'kdf', 'ops', 'mem', 'salt', 'nonce', 'box'] = '{}'
        and (p_backup -> 'v')::text = '1' and p_backup ->> 'kdf' = 'argon2id13'
        and (p_backup ->> 'ops') ~ '^[2-4]$' and jsonb_typeof(p_backup -> 'ops') = 'number'
        and (p_backup ->> 'mem') ~ '^[0-9]{8,10}$' and jsonb_typeof(p_backup -> 'mem') = 'number'
        and (p_backup ->> 'mem')::bigint between 67108864 and 1073741824
        and (p_backup ->> 'salt') ~ '^[A-Za-z0-9_-]{22}$'
        and (p_backup ->> 'nonce') ~ '^[A-Za-z0-9_-]{32}$'
        and (p_backup ->> 'box') ~ '^[A-Za-z0-9_-]+$' and length(p_backup ->> 'box') between 22 and 262144, false);
end
$$;
comment on function private.valid_backup(jsonb) is
    'Form and size of a sealed backup: Argon2id with no less than libsodium''s interactive limits and no more than its sensitive ones, salt, nonce, ciphertext up to 192 KiB.';

create table public.key_backups (
    id         uuid primary key default private.uuid_v7(),
    user_id    uuid not null unique references public.users (id) on delete cascade,
    backup     jsonb not null,
    version    integer not null check (version > 0),
    updated_at timestamptz not null default private.now(),
    constraint sealed check (private.valid_backup(backup))
);
comment on table public.key_backups is 'A person''s keys, sealed under a passphrase that never leaves the device.';
comment on column public.key_backups.version is 'Counts replacements, so that one device does not undo another''s.';
alter table public.key_backups enable row level security;
create trigger touch before update on public.key_backups for each row execute function private.touch_updated_at();

----------------------------------------------------------------------
-- Messages
----------------------------------------------------------------------

create table public.messages (
    id              uuid primary key default private.uuid_v7(),
    conversation_id uuid not null references public.conversations (id) on delete restrict,
    sender_id       uuid not null references public.users (id) on delete restrict,
    receiver_id     uuid not null references public.users (id) on delete restrict,
    content         jsonb not null,
    message_type    public.message_type not null default 'TEXT',
    is_read         boolean not null generated always as (read_at is not null) stored,
    read_at         timestamptz,
    created_at      timestamptz not null default private.now(),
    constraint two_people check (sender_id <> receiver_id),
    constraint sealed check (private.valid_content(message_type, content))
);
comment on table public.messages is 'Direct messages: end-to-end encrypted envelopes with read receipts.';
create index messages_page on public.messages (conversation_id, id desc);
create index messages_sender on public.messages (sender_id, id desc);
create index messages_unread on public.messages (receiver_id, id) where read_at is null;
create index messages_receiver on public.messages (receiver_id, id desc);
alter table public.messages enable row level security;

create table public.chat_messages (
    id           uuid not null default private.uuid_v7(),
    session_id   uuid not null references public.sessions (id) on delete restrict,
    sender_id    uuid not null references public.users (id) on delete restrict,
    content      jsonb not null,
    message_type public.message_type not null default 'TEXT',
    created_at   timestamptz not null default private.now(),
    primary key (id),
    constraint sealed check (private.valid_content(message_type, content))
) partition by range (id);
comment on table public.chat_messages is 'What is written in a session: end-to-end encrypted envelopes, by month.';
create index chat_messages_page on public.chat_messages (session_id, id desc);
create index chat_messages_sender on public.chat_messages (sender_id, id desc);
alter table public.chat_messages enable row level security;
