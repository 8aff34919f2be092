-- Administration: roles, status, settings, consents, and what a person may ask about their own data.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('second_factor_required', 403, 'This needs a second factor.', 'Sign in again with your authenticator (aal2).'),
    ('money_remains', 409, 'Money, a live session or a payout is still there.', 'Spend or pay out what is left, end what runs, then ask again.'),
    ('last_admin', 409, 'The last administrator who manages users stays one.', 'Appoint another one first.');

create function private.require_second_factor()
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if coalesce(auth.jwt() ->> 'aal', '') <> 'aal2' then
        perform private.fail('second_factor_required');
    end if;
end
$$;
comment on function private.require_second_factor() is 'For administrators'' money functions.';

create function private.require_treasurer()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_admin uuid := private.require_permission('manage_finances');
begin
    perform private.require_second_factor();
    return v_admin;
end
$$;
comment on function private.require_treasurer() is 'The id of an administrator with manage_finances and a second factor, or a refusal.';

----------------------------------------------------------------------
-- People
----------------------------------------------------------------------

create function private.keep_an_admin()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not exists (select from public.admins a join public.users u on u.id = a.user_id
                   where 'manage_users' = any (a.permissions) and u.role = 'ADMIN' and u.status = 'ACTIVE') then
        perform private.fail('last_admin');
    end if;
end
$$;
comment on function private.keep_an_admin() is
    'Refuses what would leave nobody who manages users. After the change, under lock_admins.';

create function private.lock_admins()
returns void
language sql
security definer
set search_path = ''
as $$ select pg_advisory_xact_lock(hashtextextended('private.admins', 0)) $$;
comment on function private.lock_admins() is 'One change of who administers at a time: two last ones cannot dismiss each other.';

create function private.is_erased(p_user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$ select not exists (select from public.clients c where c.user_id = p_user_id) $$;
comment on function private.is_erased(uuid) is 'Every account has its client profile from sign-up to erasure.';

create function private.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
returns public.users
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user public.users;
begin
    perform private.require_permission('manage_users');
    if p_status is null or coalesce(length(p_reason), 0) not between 1 and 2000 then
        perform private.fail('invalid_argument', 'p_status and p_reason are needed.');
    end if;
    perform private.lock_admins();
    update public.users u set status = p_status where u.id = p_user_id returning u.* into v_user;
    if not found then
        perform private.fail('not_found');
    elsif private.is_erased(p_user_id) then
        perform private.fail('invalid_state', 'The account was erased.');
    end if;
    perform private.keep_an_admin();
    perform private.record_audit('user.status', 'users', p_user_id::text, jsonb_build_object('status', p_status, 'reason', p_reason));
    return v_user;
end
$$;
comment on function private.admin_set_user_status(uuid, public.user_status, text) is 'Acts at once: every write and money function reads the table, not the token.';

create function private.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
returns public.admins
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin public.admins;
begin
    perform private.require_permission('manage_users');
    perform private.require_second_factor();
    if p_permissions is null or array_position(p_permissions, null) is not null then
        perform private.fail('invalid_argument', 'p_permissions is a list; an empty one ends an administrator.');
    end if;
    perform private.lock_admins();
    update public.users u
    set role = case when cardinality(p_permissions) > 0 then 'ADMIN'
                    when exists (select from public.readers r where r.user_id = u.id) then 'READER' else 'CLIENT' end::public.user_role
    where u.id = p_user_id;
    if not found then
        perform private.fail('not_found');
    end if;
    if private.is_erased(p_user_id) then
        perform private.fail('invalid_state', 'The account was erased.');
    end if;
    insert into public.admins (user_id, permissions) values (p_user_id, p_permissions)
    on conflict (user_id) do update set permissions = excluded.permissions returning * into v_admin;
    perform private.keep_an_admin();
    return v_admin;
end
$$;
comment on function private.admin_set_permissions(uuid, public.admin_permission[]) is 'Makes, changes or ends an administrator; an empty list ends it.';

create function private.admin_read_client(p_user_id uuid)
returns public.clients
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_client public.clients;
begin
    perform private.require_permission('manage_users');
    select c.* into v_client from public.clients c where c.user_id = p_user_id;
    if not found then
        perform private.fail('not_found');
    end if;
    perform private.record_audit('client.read', 'clients', p_user_id::text, null);
    return v_client;
end
$$;
comment on function private.admin_read_client(uuid) is 'An administrator''s look at a person''s profile; the look is recorded.';

create function public.admin_set_user_status(p_user_id uuid, p_status public.user_status, p_reason text)
returns public.users
language plpgsql set search_path = '' as $$
begin
    return private.admin_set_user_status(p_user_id, p_status, p_reason);
end
$$;
comment on function public.admin_set_user_status(uuid, public.user_status, text) is
    'For administrators with manage_users. Refuses with permission_denied, not_found, invalid_argument, invalid_state, last_admin.';

create function public.admin_set_permissions(p_user_id uuid, p_permissions public.admin_permission[])
returns public.admins
language plpgsql set search_path = '' as $$
begin
    return private.admin_set_permissions(p_user_id, p_permissions);
end
$$;
comment on function public.admin_set_permissions(uuid, public.admin_permission[]) is
    'For administrators with manage_users and a second factor. Refuses with permission_denied, second_factor_required, invalid_argument, not_found, invalid_state, last_admin.';

create function public.admin_read_client(p_user_id uuid)
returns public.clients
language plpgsql set search_path = '' as $$
begin
    return private.admin_read_client(p_user_id);
end
$$;
comment on function public.admin_read_client(uuid) is 'For administrators with manage_users; recorded. Refuses with permission_denied, not_found.';

----------------------------------------------------------------------
-- Settings
----------------------------------------------------------------------

create function private.update_setting(p_key text, p_value text)
returns public.system_settings
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform private.require_permission('manage_settings');
    return private.change_setting(p_key, p_value);
end
$$;
comment on function private.update_setting(text, text) is 'An administrator''s change of a setting; the trigger records old and new.';

create function public.update_setting(p_key text, p_value text)
returns public.system_settings
language plpgsql set search_path = '' as $$
begin
    return private.update_setting(p_key, p_value);
end
$$;
comment on function public.update_setting(text, text) is
    'For administrators with manage_settings. Refuses with permission_denied, setting_unknown, setting_invalid.';

----------------------------------------------------------------------
-- Consents
----------------------------------------------------------------------

create function private.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb)
returns public.consents
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_consent public.consents;
begin
    if p_kind is null or p_version is null or p_version !~ '^[0-9A-Za-z._-]{1,40}$' or length(p_details::text) > 2000 then
        perform private.fail('invalid_argument', 'p_kind and p_version (letters, digits, . _ -) are needed.');
    end if;
    insert into public.consents (user_id, kind, version, details, ip_address)
    values (v_user, p_kind, p_version, coalesce(p_details, '{}'), private.client_address())
    on conflict (user_id, kind, version) where withdrawn_at is null do nothing;
    select c.* into strict v_consent from public.consents c
    where c.user_id = v_user and c.kind = p_kind and c.version = p_version and c.withdrawn_at is null;
    return v_consent;
end
$$;
comment on function private.give_consent(public.consent_kind, text, jsonb) is 'Notes an agreement with its version; a repeat answers the one that stands.';

create function private.withdraw_consent(p_kind public.consent_kind)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_user();
    v_count integer;
begin
    update public.consents c set withdrawn_at = private.now()
    where c.user_id = v_user and c.kind = p_kind and c.withdrawn_at is null;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;
comment on function private.withdraw_consent(public.consent_kind) is 'Takes every standing agreement of a kind back; answers how many.';

create function public.give_consent(p_kind public.consent_kind, p_version text, p_details jsonb default '{}')
returns public.consents
language plpgsql set search_path = '' as $$
begin
    return private.give_consent(p_kind, p_version, p_details);
end
$$;
comment on function public.give_consent(public.consent_kind, text, jsonb) is 'Agree to a version of something. Refuses with invalid_argument, account_suspended.';

create function public.withdraw_consent(p_kind public.consent_kind) returns integer
language plpgsql set search_path = '' as $$
begin
    return private.withdraw_consent(p_kind);
end
$$;
comment on function public.withdraw_consent(public.consent_kind) is 'Take an agreement back. Refuses with account_suspended.';

----------------------------------------------------------------------
-- Erasure: the person goes, the books stay
----------------------------------------------------------------------

create function private.refuse_erasure_with_money(p_user_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if exists (select from ledger.accounts a where a.user_id = p_user_id and (a.held > 0 or a.frozen_at is not null
            or (a.kind <> 'promo_credit' and a.credits <> a.debits)))
       or exists (select from public.sessions s where p_user_id in (s.client_id, s.reader_id) and s.status in ('SCHEDULED', 'IN_PROGRESS'))
       or exists (select from public.payouts p where p.reader_id = p_user_id and p.status in ('PENDING', 'PROCESSING'))
       or exists (select from public.transactions t where t.user_id = p_user_id and t.status = 'PENDING'
                  and (t.metadata ? 'processing'
                       or (t.stripe_payment_intent_id is not null and t.created_at > private.now() - interval '1 day')
                       or (t.stripe_checkout_session_id is not null and t.created_at > private.now() - interval '2 days')))
       or exists (select from private.reload_attempts a where a.user_id = p_user_id and a.status in ('SENDING', 'UNKNOWN'))
       or exists (select from public.orders o where o.client_id = p_user_id and o.status in ('PENDING', 'PAID', 'SHIPPED'))
       or exists (select from public.order_items i join public.orders o on o.id = i.order_id
                  where i.reader_id = p_user_id and o.status in ('PAID', 'SHIPPED'))
       or exists (select from public.live_streams l where l.reader_id = p_user_id and l.status = 'LIVE') then
        perform private.fail('money_remains');
    end if;
end
$$;
comment on function private.refuse_erasure_with_money(uuid) is 'Nobody is erased away from money that is theirs or owed, or that a card or a bank may still bring (a day is longer than any payment by card waits, and two than any page is open).';

create function private.erase_account()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_user();
begin
    perform from public.users u where u.id = v_user for update;
    perform ledger.lock_accounts(array(select a.id from ledger.accounts a where a.user_id = v_user));
    perform private.refuse_erasure_with_money(v_user);
    if private.has_permission('manage_users') then
        perform private.lock_admins();
        delete from public.admins a where a.user_id = v_user;
        perform private.keep_an_admin();
    end if;
    perform private.anonymise(v_user);
    perform private.enqueue('account.erased', jsonb_build_object('user_id', v_user));
end
$$;
comment on function private.erase_account() is 'Anonymises everything of the caller''s that is not the books; the login is closed and the files are removed by the job it writes.';

create function private.anonymise(p_user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.users u set username = null, status = 'BANNED', role = case u.role when 'ADMIN' then 'CLIENT' else u.role end::public.user_role
    where u.id = p_user_id;
    delete from public.clients c where c.user_id = p_user_id;
    delete from public.admins a where a.user_id = p_user_id;
    delete from public.reader_applications a where a.user_id = p_user_id;
    update public.readers r
    set first_name = 'Erased', last_name = 'Reader', avatar = null, bio = '…', headline = null, certifications = '{}',
        specialties = '{}', session_types = '{}', pricing = '{}', status = 'OFFLINE', is_verified = false
    where r.user_id = p_user_id;
    update public.reader_accounts a set status = 'OFFLINE', verification_docs = '{}' where a.user_id = p_user_id;
    delete from public.availability a where a.reader_id = p_user_id;
    delete from public.favorites f where p_user_id in (f.client_id, f.reader_id);
    delete from public.blocks b where p_user_id in (b.blocker_id, b.blocked_id);
    perform private.leave_every_line(p_user_id);
    delete from public.notifications n where n.user_id = p_user_id;
    delete from public.data_exports e where e.user_id = p_user_id;
    delete from public.auto_reloads a where a.user_id = p_user_id;
    delete from public.cards c where c.user_id = p_user_id;
    delete from public.user_keys k where k.user_id = p_user_id;
    delete from public.key_backups b where b.user_id = p_user_id;
    update public.reviews v set comment = null where v.client_id = p_user_id;
    update public.reviews v set response = null, responded_at = null where v.reader_id = p_user_id;
    update public.gifts g set message = null where g.sender_id = p_user_id;
    update public.products p set status = 'INACTIVE' where p.reader_id = p_user_id and p.status in ('ACTIVE', 'OUT_OF_STOCK');
    update public.products p set images = '{}' where p.reader_id = p_user_id and p.images <> '{}';
    -- What both of a session have goes with the second of them.
    update public.sessions s set recording_url = null
    where p_user_id in (s.client_id, s.reader_id) and s.recording_url is not null
      and private.is_erased(s.client_id) and private.is_erased(s.reader_id);
    update public.live_streams l set status = 'CANCELLED', ended_at = private.now(), title = '…', description = null
    where l.reader_id = p_user_id and l.status = 'SCHEDULED';
    update public.live_streams l set title = '…', description = null where l.reader_id = p_user_id;
    update public.forum_posts p set title = '…', content = '…', status = 'DELETED' where p.author_id = p_user_id;
    update public.forum_replies p set content = '…', status = 'DELETED' where p.author_id = p_user_id;
    update public.orders o set shipping_address = null where o.client_id = p_user_id;
    update public.consents c set ip_address = null where c.user_id = p_user_id;
    update public.money_approvals m set reason = '…' where m.user_id = p_user_id;
    update public.audit_logs l set ip_address = null, user_agent = null
    where l.user_id = p_user_id and (l.ip_address is not null or l.user_agent is not null);
end
$$;
comment on function private.anonymise(uuid) is 'Takes out whatever says who somebody was; ids, amounts and times stay.';

create function private.files_of_erased(p_user_id uuid)
returns table (bucket text, path text)
language sql
stable
security definer
set search_path = ''
as $$
    with sold as (
        select unnest(i.files) as path
        from public.order_items i
        join public.orders o on o.id = i.order_id and o.status in ('PAID', 'SHIPPED', 'DELIVERED')
        where i.reader_id = p_user_id
    ), without_people as (
        select s.id::text as folder from public.sessions s
        where p_user_id in (s.client_id, s.reader_id) and private.is_erased(s.client_id) and private.is_erased(s.reader_id)
    )
    select o.bucket_id, o.name from storage.objects o
    where o.bucket_id in ('avatars', 'verification-docs', 'product-images') and starts_with(o.name, p_user_id || '/')
       or o.bucket_id = 'products' and starts_with(o.name, p_user_id || '/') and o.name not in (select s.path from sold s)
       or o.bucket_id = 'chat-media' and o.owner_id = p_user_id::text
       or o.bucket_id = 'recordings' and (storage.foldername(o.name))[1] in (select w.folder from without_people w)
$$;
comment on function private.files_of_erased(uuid) is
    'What of an erased person''s files must go: their pictures, documents, goods and what they sent. What a paid order hands out stays for its buyer; recordings of a session, which both have, stay until both are erased.';

create function public.erase_account() returns void
language plpgsql set search_path = '' as $$
begin
    perform private.erase_account();
end
$$;
comment on function public.erase_account() is 'Erase the own account; money history stays without a name. Refuses with money_remains, last_admin, account_suspended.';

alter table private.outbox drop constraint outbox_topic_check,
    add constraint outbox_topic_check check (topic in (
        'notification.email', 'session.settled', 'payout.execute', 'refund.execute', 'account.erased', 'account.export', 'payment.auto_reload'));

----------------------------------------------------------------------
-- Export: everything one person may have
----------------------------------------------------------------------

create table public.data_exports (
    id           uuid primary key default private.uuid_v7(),
    user_id      uuid not null references public.users (id) on delete cascade,
    content      jsonb,
    completed_at timestamptz,
    created_at   timestamptz not null default private.now(),
    constraint content_when_completed check ((content is null) = (completed_at is null))
);
comment on table public.data_exports is 'A person''s own data, on request: null until the job has gathered it; kept for a week.';
create index data_exports_user on public.data_exports (user_id, id desc);
create unique index data_exports_one_open on public.data_exports (user_id) where completed_at is null;
alter table public.data_exports enable row level security;

create function private.request_export()
returns public.data_exports
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_export public.data_exports;
begin
    insert into public.data_exports (user_id) values (v_user) on conflict do nothing returning * into v_export;
    if not found then
        select e.* into strict v_export from public.data_exports e where e.user_id = v_user and e.completed_at is null;
        return v_export;
    end if;
    perform private.enqueue('account.export', jsonb_build_object('export_id', v_export.id));
    return v_export;
end
$$;
comment on function private.request_export() is 'Asks for the export; a repeat answers the open one.';

create function private.gather_export(p_user_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object(
        'account', (select jsonb_build_object('id', u.id, 'email', u.email, 'phone', u.phone, 'created_at', u.created_at,
                        'user_metadata', u.raw_user_meta_data) from auth.users u where u.id = p_user_id),
        'card', (select to_jsonb(u) from public.users u where u.id = p_user_id),
        'client', (select to_jsonb(c) from public.clients c where c.user_id = p_user_id),
        'reader', (select to_jsonb(r) - 'search' - 'card' from public.readers r where r.user_id = p_user_id),
        'reader_account', (select to_jsonb(r) from public.reader_accounts r where r.user_id = p_user_id),
        'applications', (select coalesce(jsonb_agg(to_jsonb(a) - 'reviewed_by'), '[]') from public.reader_applications a where a.user_id = p_user_id),
        'admin', (select to_jsonb(a) from public.admins a where a.user_id = p_user_id),
        'accounts', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from ledger.accounts a where a.user_id = p_user_id),
        'transactions', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from public.transactions t where t.user_id = p_user_id),
        'sessions', (select coalesce(jsonb_agg(to_jsonb(s)), '[]') from public.sessions s where p_user_id in (s.client_id, s.reader_id)),
        'chat_messages', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.chat_messages m where m.sender_id = p_user_id),
        'messages', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.messages m where p_user_id in (m.sender_id, m.receiver_id)),
        'reviews', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.reviews r where p_user_id in (r.client_id, r.reader_id)),
        'payouts', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from public.payouts p where p.reader_id = p_user_id),
        'availability', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from public.availability a where a.reader_id = p_user_id),
        'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]') from public.orders o where o.client_id = p_user_id),
        'order_items', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.order_items i join public.orders o on o.id = i.order_id where o.client_id = p_user_id),
        'gift_purchases', (select coalesce(jsonb_agg(to_jsonb(g)), '[]') from public.gift_purchases g where g.user_id = p_user_id),
        'gifts', (select coalesce(jsonb_agg(to_jsonb(g)), '[]') from public.gifts g where p_user_id in (g.sender_id, g.receiver_id)),
        'forum_posts', (select coalesce(jsonb_agg(to_jsonb(p) - 'search'), '[]') from public.forum_posts p where p.author_id = p_user_id),
        'forum_replies', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from public.forum_replies p where p.author_id = p_user_id),
        'live_streams', (select coalesce(jsonb_agg(to_jsonb(l)), '[]') from public.live_streams l where l.reader_id = p_user_id),
        'products', (select coalesce(jsonb_agg(to_jsonb(p) - 'search'), '[]') from public.products p where p.reader_id = p_user_id),
        'sales', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.order_items i where i.reader_id = p_user_id),
        'conversations', (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.conversations c where p_user_id in (c.first_id, c.second_id)),
        'conversation_keys', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from public.conversation_keys k where k.user_id = p_user_id),
        'bookings', (select coalesce(jsonb_agg(to_jsonb(b)), '[]') from public.bookings b where p_user_id in (b.client_id, b.reader_id)),
        'payout_attempts', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from public.payout_attempts a join public.payouts p on p.id = a.payout_id
                            where p.reader_id = p_user_id),
        'wait_list', (select coalesce(jsonb_agg(to_jsonb(w)), '[]') from public.wait_list w where w.client_id = p_user_id),
        'favorites', (select coalesce(jsonb_agg(to_jsonb(f)), '[]') from public.favorites f where f.client_id = p_user_id),
        'blocks', (select coalesce(jsonb_agg(to_jsonb(b)), '[]') from public.blocks b where b.blocker_id = p_user_id),
        'reports', (select coalesce(jsonb_agg(to_jsonb(r) - 'resolved_by'), '[]') from public.reports r where r.reporter_id = p_user_id),
        'notifications', (select coalesce(jsonb_agg(to_jsonb(n)), '[]') from public.notifications n where n.user_id = p_user_id),
        'notification_preferences', (select coalesce(jsonb_agg(to_jsonb(p) - 'unsubscribe_token'), '[]') from public.notification_preferences p
                                     where p.user_id = p_user_id),
        'paid_messages', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from public.paid_messages p where p_user_id in (p.client_id, p.reader_id)),
        'consents', (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.consents c where c.user_id = p_user_id),
        'recording_consents', (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.recording_consents c where c.user_id = p_user_id),
        'promo_redemptions', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from public.promo_redemptions p where p.user_id = p_user_id),
        'cards', (select coalesce(jsonb_agg(to_jsonb(c) - 'fingerprint'), '[]') from public.cards c where c.user_id = p_user_id),
        'auto_reloads', (select coalesce(jsonb_agg(to_jsonb(a)), '[]') from public.auto_reloads a where a.user_id = p_user_id),
        'key_backups', (select coalesce(jsonb_agg(to_jsonb(b)), '[]') from public.key_backups b where b.user_id = p_user_id),
        'files', (select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket_id, 'name', o.name, 'created_at', o.created_at,
                      'size', o.metadata -> 'size') order by o.bucket_id, o.name), '[]') from storage.objects o where o.owner_id = p_user_id::text),
        'user_keys', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from public.user_keys k where k.user_id = p_user_id))
$$;
comment on function private.gather_export(uuid) is 'Everything that is a person''s own, by table; nobody else''s words and nothing about who blocked or reported them.';

create function worker_api.apply_account_export(p_outbox_id uuid)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_export public.data_exports;
begin
    select e.* into v_export from private.outbox o join public.data_exports e on e.id = (o.payload ->> 'export_id')::uuid
    where o.id = p_outbox_id and o.topic = 'account.export' for update of o;
    if not found or not private.finish_job(p_outbox_id) then
        return false;
    end if;
    update public.data_exports e set content = private.gather_export(e.user_id), completed_at = private.now()
    where e.id = v_export.id and e.completed_at is null;
    return true;
end
$$;
comment on function worker_api.apply_account_export(uuid) is 'Gathers one export, once.';

create function worker_api.start_account_erasure(p_outbox_id uuid)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$ select (o.payload ->> 'user_id')::uuid from private.outbox o where o.id = p_outbox_id and o.topic = 'account.erased' $$;
comment on function worker_api.start_account_erasure(uuid) is 'Whose login is to be closed and whose files are to be removed; null when the job is done.';

create function worker_api.erased_files(p_outbox_id uuid, p_limit integer default 100)
returns table (bucket text, path text)
language sql
stable
security definer
set search_path = ''
as $$
    select f.bucket, f.path
    from private.outbox o
    cross join lateral private.files_of_erased((o.payload ->> 'user_id')::uuid) f
    where o.id = p_outbox_id and o.topic = 'account.erased'
    order by f.bucket, f.path
    limit least(greatest(p_limit, 1), 1000)
$$;
comment on function worker_api.erased_files(uuid, integer) is 'Files that are still to be removed, by bucket; none when all are gone or the job is done.';

create function worker_api.finish_account_erasure(p_outbox_id uuid) returns boolean
language sql security definer set search_path = '' as $$ select private.finish_job(p_outbox_id) $$;
comment on function worker_api.finish_account_erasure(uuid) is 'The login is closed (soft-deleted through Auth''s own API) and the files are removed (through Storage''s); the job is done.';

create function public.request_export() returns public.data_exports
language plpgsql set search_path = '' as $$
begin
    return private.request_export();
end
$$;
comment on function public.request_export() is 'Ask for everything the platform holds of oneself; read data_exports later. Refuses with account_suspended.';

grant execute on all functions in schema worker_api to service_role;
