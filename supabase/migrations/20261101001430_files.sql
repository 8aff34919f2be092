-- Files: the buckets, what both sides of a session say to its recording, and which files are whose. Who reads and writes
-- them is in policies/storage_objects.sql. The first folder of a name says to whom or to what a file belongs.

set lock_timeout = '4s';

----------------------------------------------------------------------
-- Buckets. A public one is read by address, by anyone; nothing in it can be listed by strangers.
----------------------------------------------------------------------

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
    ('avatars', 'avatars', true, 2097152, array['image/png', 'image/jpeg', 'image/webp']),
    ('verification-docs', 'verification-docs', false, 10485760, array['application/pdf', 'image/png', 'image/jpeg']),
    ('recordings', 'recordings', false, 52428800,
        array['audio/webm', 'audio/ogg', 'audio/mp4', 'audio/mpeg', 'video/webm', 'video/mp4']),
    ('products', 'products', false, 52428800,
        array['application/pdf', 'application/epub+zip', 'application/zip', 'audio/mpeg', 'audio/mp4', 'video/mp4', 'image/png', 'image/jpeg']),
    ('product-images', 'product-images', true, 5242880, array['image/png', 'image/jpeg', 'image/webp']),
    -- What is sent in a conversation is sealed on the sender's device: whatever shows what it is has no place here.
    ('chat-media', 'chat-media', false, 10485760, array['application/octet-stream'])
on conflict (id) do update
set public = excluded.public, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

----------------------------------------------------------------------
-- Recordings: only while both sides of a session agree to them
----------------------------------------------------------------------

create table public.recording_consents (
    id           uuid primary key default private.uuid_v7(),
    session_id   uuid not null references public.sessions (id) on delete restrict,
    user_id      uuid not null references public.users (id) on delete restrict,
    consented_at timestamptz not null default private.now(),
    withdrawn_at timestamptz
);
comment on table public.recording_consents is 'Who agreed to a session being recorded, and until when; withdrawn, never deleted. Both sides see it.';
create unique index recording_consents_standing on public.recording_consents (session_id, user_id) where withdrawn_at is null;
create index recording_consents_session on public.recording_consents (session_id, id);
create index recording_consents_user on public.recording_consents (user_id, id desc);
alter table public.recording_consents enable row level security;

create function private.may_be_recorded(p_session public.sessions)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select count(*) = 2 from public.recording_consents c
    where c.session_id = p_session.id and c.user_id in (p_session.client_id, p_session.reader_id) and c.withdrawn_at is null
$$;
comment on function private.may_be_recorded(public.sessions) is 'Both sides agree, now.';

create function private.consent_to_recording(p_session_id uuid, p_consents boolean)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
begin
    if p_consents is null then
        perform private.fail('invalid_argument', 'p_consents is true or false.');
    elsif not p_consents then
        update public.recording_consents c set withdrawn_at = private.now()
        where c.session_id = p_session_id and c.user_id = v_user and c.withdrawn_at is null;
    elsif v_session.status not in ('SCHEDULED', 'IN_PROGRESS') then
        perform private.fail('invalid_state', 'The session is over.');
    else
        insert into public.recording_consents (session_id, user_id) values (p_session_id, v_user)
        on conflict (session_id, user_id) where withdrawn_at is null do nothing;
    end if;
    perform private.tell_session(v_session, 'session_updated');
    return private.may_be_recorded(v_session);
end
$$;
comment on function private.consent_to_recording(uuid, boolean) is
    'Agrees before the end, or takes it back at any time; locks the session, so that two answers are one after the other.';

create function public.consent_to_recording(p_session_id uuid, p_consents boolean) returns boolean
language plpgsql set search_path = '' as $$
begin
    return private.consent_to_recording(p_session_id, p_consents);
end
$$;
comment on function public.consent_to_recording(uuid, boolean) is
    'Agree to a session being recorded, or take it back. Answers whether both sides agree; only then a recording may be uploaded, into the folder of the session''s id. Refuses with not_participant, invalid_state, invalid_argument, account_suspended.';

insert into private.error_codes (code, status, sentence, hint) values
    ('recording_not_agreed', 409, 'Not both sides agree to this session being recorded.', 'Ask both to agree with consent_to_recording.');

create function private.attach_recording(p_session_id uuid, p_path text)
returns public.sessions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_session public.sessions := private.lock_session(p_session_id, v_user);
begin
    if p_path is null or length(p_path) > 500 or not starts_with(p_path, p_session_id || '/') then
        perform private.fail('invalid_argument', 'p_path begins with the session''s id and has at most 500 characters.');
    elsif v_session.recording_url = p_path then
        return v_session;
    elsif v_session.recording_url is not null then
        perform private.fail('invalid_state', 'The session has its recording.');
    elsif not private.may_be_recorded(v_session) then
        perform private.fail('recording_not_agreed');
    elsif not exists (select from storage.objects o
                      where o.bucket_id = 'recordings' and o.name = p_path and o.owner_id = v_user::text) then
        perform private.fail('not_found', 'You uploaded no such file.');
    end if;
    update public.sessions s set recording_url = p_path where s.id = p_session_id returning s.* into v_session;
    perform private.tell_session(v_session, 'session_updated');
    return v_session;
end
$$;
comment on function private.attach_recording(uuid, text) is
    'Names the recording of a session, once: what both have, neither side puts another in the place of. A consent taken back later ends recording and leaves what was recorded while both agreed, for both.';

create function public.attach_recording(p_session_id uuid, p_path text) returns public.sessions
language plpgsql set search_path = '' as $$
begin
    return private.attach_recording(p_session_id, p_path);
end
$$;
comment on function public.attach_recording(uuid, text) is
    'Say which file you uploaded into the bucket recordings is a session''s recording; p_path is its name there. The first one stays, a repeat changes nothing. Refuses with not_participant, invalid_argument, invalid_state, recording_not_agreed, not_found, account_suspended.';

----------------------------------------------------------------------
-- Whose files: what the policies on storage.objects ask
----------------------------------------------------------------------

create function private.recording_folders()
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select s.id::text from public.sessions s
    where (s.client_id = auth.uid() or s.reader_id = auth.uid()) and s.started_at is not null and private.may_be_recorded(s)
$$;
comment on function private.recording_folders() is 'Sessions of the caller that began and that both sides agree to have recorded.';

create function private.media_folders(p_to_write boolean)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    with mine as (
        select s.id, s.status = 'IN_PROGRESS' and s.paused_at is null as is_paid_time from public.sessions s
        where s.client_id = auth.uid() or s.reader_id = auth.uid()
    )
    select m.id::text from mine m where not p_to_write or m.is_paid_time
    union all
    select c.id::text from public.conversations c
    where (c.first_id = auth.uid() or c.second_id = auth.uid())
      and (not p_to_write
           or case when c.session_id is null then not private.is_blocked(c.first_id, c.second_id)
                   else c.session_id in (select m.id from mine m where m.is_paid_time) end)
$$;
comment on function private.media_folders(boolean) is
    'Sessions and conversations of the caller; to write, only what may be written to: a session, or its conversation, in paid time, and letters while no block stands between the two.';

create function private.reported_folders()
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select r.evidence ->> 'conversation_id' from public.reports r
    where (select private.has_permission('moderate_content'))
      and r.status = 'OPEN' and r.entity_type in ('user', 'session', 'message', 'chat_message') and r.evidence @> '{"messages": [{"message_type": "IMAGE"}]}'
$$;
comment on function private.reported_folders() is
    'For moderators: conversations of which an open complaint reveals a file. Only that file''s key is revealed; the others stay sealed.';

create function private.files_of(p_product public.products)
returns setof text
language sql
immutable
set search_path = ''
as $$
    select distinct f.path from (values (p_product.file_url), (p_product.download_url)) f (path)
    -- A product hands out its seller's files, whatever else a seller writes here.
    where starts_with(f.path, coalesce(p_product.reader_id::text, 'house') || '/')
$$;
comment on function private.files_of(public.products) is 'Names in the bucket products of what a product hands out; those of the house lie under house/.';

create function private.lacks_files(p_product_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select not coalesce(bool_and(exists (select from storage.objects o where o.bucket_id = 'products' and o.name = f.path)), false)
    from public.products p cross join lateral private.files_of(p) f (path)
    where p.id = p_product_id
$$;
comment on function private.lacks_files(uuid) is 'Whether a product hands out nothing, or names a file that is not there.';

create function private.is_sold(p_name text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (
        select from public.order_items i join public.orders o on o.id = i.order_id
        where i.files <> '{}' and i.files @> array[p_name] and o.status in ('PAID', 'SHIPPED', 'DELIVERED'))
$$;
comment on function private.is_sold(text) is 'Whether somebody has paid for a file of the bucket products: it stays as it is.';

create function private.bought_files()
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select unnest(i.files)
    from public.orders o
    join public.order_items i on i.order_id = o.id
    where o.client_id = auth.uid() and o.status in ('PAID', 'SHIPPED', 'DELIVERED')
$$;
comment on function private.bought_files() is 'Names in the bucket products of what the caller has paid for and not been given back.';

create function private.order_files(p_order_id uuid)
returns table (product_id uuid, name text, path text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_status public.order_status;
begin
    select o.status into v_status from public.orders o where o.id = p_order_id and o.client_id = auth.uid();
    if not found then
        perform private.fail('not_found');
    elsif v_status not in ('PAID', 'SHIPPED', 'DELIVERED') then
        perform private.fail('invalid_state', 'The order is not paid, or was given back.');
    end if;
    return query
        select p.id, p.name, f.path
        from public.order_items i
        join public.products p on p.id = i.product_id
        cross join lateral unnest(i.files) f (path)
        where i.order_id = p_order_id order by p.id, f.path;
end
$$;
comment on function private.order_files(uuid) is 'What an order of the caller''s lets them download.';

create function public.order_files(p_order_id uuid)
returns table (product_id uuid, name text, path text)
language plpgsql stable set search_path = '' as $$
begin
    return query select f.product_id, f.name, f.path from private.order_files(p_order_id) f;
end
$$;
comment on function public.order_files(uuid) is
    'Files of an order one has paid for, by their names in the bucket products: sign a URL for one to download it. Refuses with not_found, invalid_state.';
