-- Messaging: direct messages and what they cost, read receipts, hints to screens, and complaints.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('recipient_unavailable', 409, 'This person takes no messages from you.', 'Write to a reader, or to somebody who wrote to you.'),
    ('price_changed',         409, 'The price is not the one you agreed to.', 'Read the price again and let the person agree to it.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('message.per_minute',  '30',  'INTEGER', 1, 1000, true, 'Direct messages a person may send in a minute.'),
    ('message.reply_hours', '72',  'INTEGER', 1, 720,  true, 'Hours a reader has to answer a paid message; then the client''s money is free again.'),
    ('message.crossing_seconds', '10', 'INTEGER', 0, 3600, true, 'Seconds after which a message counts as seen by whom it was sent to, though they have not said so: what they write before is no answer to it.'),
    ('report.per_day',      '20',  'INTEGER', 1, 1000, true, 'Complaints a person may file in a day.');

create type public.paid_message_status as enum ('PENDING', 'ANSWERED', 'EXPIRED', 'WITHDRAWN');
comment on type public.paid_message_status is 'A paid message waits for its answer, was answered and paid, or cost nothing: no answer came, or none could come any more and its author took it back.';

create table public.paid_messages (
    id              uuid primary key default private.uuid_v7(),
    message_id      uuid not null unique references public.messages (id) on delete restrict,
    conversation_id uuid not null references public.conversations (id) on delete restrict,
    client_id       uuid not null references public.users (id) on delete restrict,
    reader_id       uuid not null references public.users (id) on delete restrict,
    price           bigint not null check (price > 0),
    share_bps       integer not null check (share_bps between 0 and 10000),
    status          public.paid_message_status not null default 'PENDING',
    transaction_id  uuid unique references public.transactions (id) on delete restrict,
    expires_at      timestamptz not null,
    resolved_at     timestamptz,
    constraint paid_when_answered check ((status = 'ANSWERED') = (transaction_id is not null)),
    constraint resolved_once check ((status = 'PENDING') = (resolved_at is null))
);
comment on table public.paid_messages is 'Messages whose answer costs something: held on sending, paid on the answer, set free when none came in time.';
comment on column public.paid_messages.price is 'What the answer costs, minor units, frozen on sending.';
comment on column public.paid_messages.share_bps is 'The reader''s share in basis points, frozen on sending.';
create index paid_messages_client on public.paid_messages (client_id, message_id desc);
create index paid_messages_reader on public.paid_messages (reader_id, message_id desc);
create index paid_messages_waiting on public.paid_messages (conversation_id) where status = 'PENDING';
create index paid_messages_conversation on public.paid_messages (conversation_id);
create index paid_messages_due on public.paid_messages (expires_at) where status = 'PENDING';
alter table public.paid_messages enable row level security;

----------------------------------------------------------------------
-- Who may write to whom
----------------------------------------------------------------------

create function private.may_write_to(p_sender_id uuid, p_receiver_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    return p_sender_id <> p_receiver_id
       and exists (select from public.users u where u.id = p_receiver_id and u.status = 'ACTIVE')
       and not private.is_blocked(p_sender_id, p_receiver_id)
       and (exists (select from public.readers r where r.user_id = p_receiver_id and r.is_verified)
            or exists (select from public.conversations c
                       where c.first_id = least(p_sender_id, p_receiver_id) and c.second_id = greatest(p_sender_id, p_receiver_id)
                         and c.session_id is null)
            or exists (select from public.sessions s
                       where s.reader_id = p_sender_id and s.client_id = p_receiver_id and s.started_at is not null));
end
$$;
comment on function private.may_write_to(uuid, uuid) is
    'Anyone to a verified reader; to others, who ever wrote to them or had a session with them. A block, either way, is answered as absence is.';

create function private.open_conversation(p_one uuid, p_other uuid)
returns public.conversations
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_conversation public.conversations;
begin
    -- Two first messages at once meet in the unique index: the second waits for the first and finds its row.
    insert into public.conversations (first_id, second_id) values (least(p_one, p_other), greatest(p_one, p_other))
    on conflict (first_id, second_id) where session_id is null do nothing
    returning * into v_conversation;
    if not found then
        select c.* into strict v_conversation from public.conversations c
        where c.first_id = least(p_one, p_other) and c.second_id = greatest(p_one, p_other) and c.session_id is null;
    end if;
    return v_conversation;
end
$$;
comment on function private.open_conversation(uuid, uuid) is 'The two people''s conversation of direct messages, made when there is none.';

----------------------------------------------------------------------
-- Paid answers
----------------------------------------------------------------------

create function private.agreed_price(p_sender_id uuid, p_receiver_id uuid, p_price bigint)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_price bigint;
begin
    select r.reply_price into v_price from public.readers r where r.user_id = p_receiver_id and r.is_verified;
    -- Between readers, and to whom the sender owes an answer themselves, writing is free.
    if exists (select from public.readers r where r.user_id = p_sender_id and r.is_verified) then
        v_price := null;
    end if;
    if p_price is distinct from v_price then
        perform private.fail('price_changed', case when v_price is null then 'An answer is free.' else format('An answer costs %s.', v_price) end);
    end if;
    return v_price;
end
$$;
comment on function private.agreed_price(uuid, uuid, bigint) is
    'What the receiver''s answer costs the sender, minor units, null for nothing; refuses with price_changed unless the sender agreed to just that.';

create function private.hold_price(p_message public.messages, p_price bigint)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_wallet uuid := ledger.account_of(p_message.sender_id, 'client_wallet');
    v_promo  uuid := ledger.account_of(p_message.sender_id, 'promo_credit');
begin
    if not private.setting_bool('switch.spending') then
        perform private.fail('spending_disabled');
    end if;
    perform ledger.lock_accounts(array[v_wallet, v_promo]);
    if private.wallet_is_frozen(p_message.sender_id) then
        perform private.fail('wallet_frozen');
    end if;
    perform private.hold_promo_first(v_promo, v_wallet, p_message.id, p_price);
    insert into public.paid_messages (message_id, conversation_id, client_id, reader_id, price, share_bps, expires_at)
    values (p_message.id, p_message.conversation_id, p_message.sender_id, p_message.receiver_id, p_price,
            (ledger.rule_for('MESSAGE', p_message.receiver_id, private.now())).share_bps,
            private.now() + private.setting_int('message.reply_hours') * interval '1 hour');
    perform private.tell(p_message.sender_id, 'wallet_changed', '{}');
end
$$;
comment on function private.hold_price(public.messages, bigint) is
    'Reserves what an answer costs (minor units): promo credit first, then the wallet. Refuses with insufficient_funds, wallet_frozen, spending_disabled.';

create function private.collect_answers(p_conversation_id uuid, p_reader_id uuid)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_answered    uuid[];
    v_paid        public.paid_messages;
    v_transaction uuid;
    v_share       bigint;
    v_sum         bigint := 0;
begin
    select array_agg(a.message_id) into v_answered from (
        select p.message_id from public.paid_messages p
        where p.conversation_id = p_conversation_id and p.reader_id = p_reader_id and p.status = 'PENDING'
          and p.expires_at > private.now() and not private.wallet_is_frozen(p.client_id)
          -- Two messages may cross: what was not seen yet is not answered.
          and exists (select from public.messages m where m.id = p.message_id and (m.read_at is not null
                      or m.created_at <= private.now() - private.setting_int('message.crossing_seconds') * interval '1 second'))
        order by p.message_id for update) a;
    -- First every message, then the accounts of both in one step: what is set free below is spent under the same locks.
    perform ledger.lock_accounts(array(
        select ledger.account_of(p.client_id, k.kind) from public.paid_messages p
        cross join (values ('client_wallet'::ledger.account_kind), ('promo_credit')) k (kind)
        where p.message_id = any (v_answered)
        union select ledger.account_of(p_reader_id, 'reader_earnings') where v_answered is not null));
    for v_paid in select p.* from public.paid_messages p where p.message_id = any (v_answered) order by p.message_id loop
        perform ledger.resolve_holds(v_paid.message_id, 'POSTED');
        insert into public.transactions (user_id, type, amount, status, reader_earnings, platform_revenue, description, metadata)
        values (v_paid.client_id, 'MESSAGE', v_paid.price, 'COMPLETED', ledger.share_of(v_paid.price, v_paid.share_bps),
                v_paid.price - ledger.share_of(v_paid.price, v_paid.share_bps), 'Answer to a message',
                jsonb_strip_nulls(jsonb_build_object('request_id', private.request_id())))
        returning id into v_transaction;
        v_share := private.spend(v_transaction, 'message', v_paid.client_id, p_reader_id, v_paid.price, v_paid.share_bps);
        update public.paid_messages p set status = 'ANSWERED', transaction_id = v_transaction, resolved_at = private.now()
        where p.message_id = v_paid.message_id;
        perform private.tell(v_paid.client_id, 'wallet_changed', jsonb_build_object('transaction_id', v_transaction));
        v_sum := v_sum + v_share;
    end loop;
    return v_sum;
end
$$;
comment on function private.collect_answers(uuid, uuid) is
    'A reader''s answer pays every message of the conversation that waits for one and was read, or is older than message.crossing_seconds: hold and payment in one transaction. Answers what the reader earned, minor units. A frozen wallet pays nothing; its messages expire.';

create function private.expire_paid_messages()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_due  uuid[];
    v_paid public.paid_messages;
begin
    select array_agg(d.message_id) into v_due from (
        select p.message_id from public.paid_messages p
        where p.status = 'PENDING' and p.expires_at <= private.now()
        order by p.expires_at limit 500 for update skip locked) d;
    -- All accounts in one step, in their order, as everywhere.
    perform ledger.lock_accounts(array(
        select distinct h.account_id from ledger.holds h where h.reference = any (v_due) and h.status = 'PENDING'));
    for v_paid in select p.* from public.paid_messages p where p.message_id = any (v_due) order by p.message_id loop
        perform ledger.resolve_holds(v_paid.message_id, 'EXPIRED');
        update public.paid_messages p set status = 'EXPIRED', resolved_at = private.now() where p.message_id = v_paid.message_id;
        perform private.notify(v_paid.client_id, 'answer_expired',
            jsonb_build_object('message_id', v_paid.message_id, 'reader_id', v_paid.reader_id));
        perform private.tell(v_paid.client_id, 'wallet_changed', '{}');
    end loop;
    return coalesce(cardinality(v_due), 0);
end
$$;
comment on function private.expire_paid_messages() is 'Sets the money of unanswered messages free, a batch a call.';

create function private.withdraw_paid_message(p_message_id uuid)
returns public.paid_messages
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user uuid := private.require_account();
    v_paid public.paid_messages;
begin
    -- The conversation first, which whoever answers holds: an answer on its way is one.
    perform from public.conversations c
    where c.id = (select p.conversation_id from public.paid_messages p where p.message_id = p_message_id and p.client_id = v_user)
    for update;
    select p.* into v_paid from public.paid_messages p where p.message_id = p_message_id and p.client_id = v_user for update;
    if not found then
        perform private.fail('not_found');
    elsif v_paid.status in ('WITHDRAWN', 'EXPIRED') then
        return v_paid;
    elsif v_paid.status = 'ANSWERED' then
        perform private.fail('invalid_state', 'It was answered.');
    elsif exists (select from public.messages m where m.conversation_id = v_paid.conversation_id
                  and m.sender_id = v_paid.reader_id and m.id > p_message_id) then
        perform private.fail('invalid_state', format('The reader has written since; it is free again at %s.', v_paid.expires_at));
    elsif private.may_write_to(v_paid.reader_id, v_user)
          and exists (select from public.users u where u.id = v_paid.reader_id and u.status = 'ACTIVE') then
        perform private.fail('invalid_state', format('The answer can still come, until %s.', v_paid.expires_at));
    end if;
    perform ledger.resolve_holds(p_message_id, 'VOIDED');
    update public.paid_messages p set status = 'WITHDRAWN', resolved_at = private.now()
    where p.id = v_paid.id returning p.* into v_paid;
    perform private.tell(v_user, 'wallet_changed', '{}');
    return v_paid;
end
$$;
comment on function private.withdraw_paid_message(uuid) is
    'Sets free what a message of the caller''s holds, when its answer cannot come any more: one has blocked the other, or the reader''s account is closed. A repeat answers the same.';

----------------------------------------------------------------------
-- Sending and reading
----------------------------------------------------------------------

create function private.check_message(p_sender_id uuid, p_receiver_id uuid, p_type public.message_type, p_content jsonb)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_type is null or p_type = 'SYSTEM' then
        perform private.fail('invalid_argument', 'p_message_type is TEXT or IMAGE.');
    elsif not private.valid_envelope(p_content) then
        perform private.fail('invalid_argument', 'p_content is no sealed envelope.');
    elsif p_receiver_id is null or not private.may_write_to(p_sender_id, p_receiver_id) then
        perform private.fail('recipient_unavailable');
    elsif (select count(*) from public.messages m where m.sender_id = p_sender_id
           and m.id >= private.uuid_v7_floor(private.now() - interval '1 minute')) >= private.setting_int('message.per_minute') then
        perform private.fail_until('rate_limited', 60);
    end if;
end
$$;
comment on function private.check_message(uuid, uuid, public.message_type, jsonb) is 'Refuses a message that may not be sent, whatever its answer costs.';

create function private.send_message(
    p_receiver_id uuid, p_content jsonb, p_idempotency_key text, p_message_type public.message_type, p_price bigint)
returns public.messages
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_account();
    v_known   jsonb;
    v_price   bigint;
    v_talk    uuid;
    v_message public.messages;
begin
    v_known := private.claim_key(v_user, 'send_message', p_idempotency_key, jsonb_build_object(
        'receiver_id', p_receiver_id, 'content', p_content, 'message_type', p_message_type, 'price', p_price));
    if v_known is not null then
        select m.* into strict v_message from public.messages m where m.id = (v_known #>> '{}')::uuid;
        return v_message;
    end if;
    perform private.check_message(v_user, p_receiver_id, p_message_type, p_content);
    v_price := private.agreed_price(v_user, p_receiver_id, p_price);
    v_talk := (private.open_conversation(v_user, p_receiver_id)).id;
    perform private.check_key(v_user, v_talk, p_content);
    -- Whoever waited for the conversation may have been blocked meanwhile.
    if not private.may_write_to(v_user, p_receiver_id) then
        perform private.fail('recipient_unavailable');
    end if;
    insert into public.messages (conversation_id, sender_id, receiver_id, content, message_type)
    values (v_talk, v_user, p_receiver_id, p_content, p_message_type)
    returning * into v_message;
    if v_price is not null then
        perform private.hold_price(v_message, v_price);
    end if;
    perform private.collect_answers(v_message.conversation_id, v_user);
    perform private.record_result(v_user, 'send_message', p_idempotency_key, to_jsonb(v_message.id));
    perform private.tell_message(v_message);
    return v_message;
end
$$;
comment on function private.send_message(uuid, jsonb, text, public.message_type, bigint) is
    'A sealed message to one person; holds what an answer costs (minor units), and pays what waited for this one.';

create function private.tell_message(p_message public.messages)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payload jsonb := jsonb_build_object('id', p_message.id, 'conversation_id', p_message.conversation_id,
        'sender_id', p_message.sender_id, 'message_type', p_message.message_type);
begin
    perform private.tell(p_message.receiver_id, 'message', v_payload);
    perform realtime.send(v_payload, 'message', 'conversation:' || p_message.conversation_id, true);
end
$$;
comment on function private.tell_message(public.messages) is 'Tells the receiver, and whoever has the conversation open; ids only.';

create function private.mark_read(p_conversation_id uuid, p_message_id uuid)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_user();
    v_count integer;
begin
    if not exists (select from public.conversations c where c.id = p_conversation_id and v_user in (c.first_id, c.second_id)) then
        perform private.fail('not_found');
    elsif p_message_id is null then
        perform private.fail('invalid_argument', 'p_message_id is the last message that was read.');
    end if;
    update public.messages m set read_at = private.now()
    where m.conversation_id = p_conversation_id and m.receiver_id = v_user and m.read_at is null and m.id <= p_message_id;
    get diagnostics v_count = row_count;
    if v_count > 0 then
        perform realtime.send(jsonb_build_object('reader_id', v_user, 'message_id', p_message_id), 'read',
            'conversation:' || p_conversation_id, true);
    end if;
    return v_count;
end
$$;
comment on function private.mark_read(uuid, uuid) is 'Marks what the caller received, up to a message, as read; answers how many were new. A repeat answers 0.';

create function private.set_reply_price(p_price bigint)
returns public.readers
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_reader public.readers;
begin
    if p_price is not null and p_price not between 1 and 1000000 then
        perform private.fail('amount_out_of_range', 'An answer costs 1 to 1000000, or nothing.');
    end if;
    update public.readers r set reply_price = p_price where r.user_id = v_user returning r.* into v_reader;
    if not found then
        perform private.fail('not_a_reader');
    end if;
    return v_reader;
end
$$;
comment on function private.set_reply_price(bigint) is 'What a reader''s answer to a direct message costs, minor units; null for nothing. What waits keeps its price.';

----------------------------------------------------------------------
-- Chat in a session: the row is the truth, its broadcast the hint
----------------------------------------------------------------------

create function private.tell_chat_message()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform realtime.send(
        jsonb_build_object('id', new.id, 'session_id', new.session_id, 'sender_id', new.sender_id, 'message_type', new.message_type),
        'chat_message', 'session:' || new.session_id, true);
    return null;
end
$$;
comment on function private.tell_chat_message() is 'Tells both sides of a session that a row was written; ids only, the envelope is read under its policy.';
create trigger tell_chat_message after insert on public.chat_messages for each row execute function private.tell_chat_message();

----------------------------------------------------------------------
-- Complaints
----------------------------------------------------------------------

create function private.author_of(p_entity_type text, p_entity_id uuid, p_reporter_id uuid)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    -- What the reporter may not see cannot be complained of, and is answered as what does not exist.
    return case p_entity_type
        when 'user' then (select u.id from public.users u where u.id = p_entity_id)
        when 'session' then (select case p_reporter_id when s.client_id then s.reader_id when s.reader_id then s.client_id end
                             from public.sessions s where s.id = p_entity_id)
        when 'message' then (select m.sender_id from public.messages m where m.id = p_entity_id and m.receiver_id = p_reporter_id)
        when 'chat_message' then (select m.sender_id from public.chat_messages m join public.sessions s on s.id = m.session_id
                                  where m.id = p_entity_id and p_reporter_id in (s.client_id, s.reader_id))
        when 'forum_post' then (select f.author_id from public.forum_posts f where f.id = p_entity_id and f.status = 'PUBLISHED')
        when 'forum_reply' then (select f.author_id from public.forum_replies f where f.id = p_entity_id and f.status = 'PUBLISHED')
        when 'review' then (select r.client_id from public.reviews r where r.id = p_entity_id and not r.is_hidden)
        when 'live_stream' then (select l.reader_id from public.live_streams l where l.id = p_entity_id)
    end;
end
$$;
comment on function private.author_of(text, uuid, uuid) is 'Who answers for what is complained of; null when the reporter may not see it.';

create function private.file_report(p_entity_type text, p_entity_id uuid, p_reason text, p_evidence jsonb)
returns public.reports
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_account();
    v_author uuid;
    v_report public.reports;
begin
    if p_reason is null or length(p_reason) not between 1 and 4000 then
        perform private.fail('invalid_argument', 'p_reason has 1 to 4000 characters.');
    elsif length(p_evidence::text) > 200000 then
        perform private.fail('invalid_argument', 'p_evidence has at most 200000 characters.');
    elsif (select count(*) from public.reports r where r.reporter_id = v_user
           and r.id >= private.uuid_v7_floor(private.now() - interval '1 day')) >= private.setting_int('report.per_day') then
        perform private.fail_until('rate_limited', 3600);
    end if;
    v_author := private.author_of(p_entity_type, p_entity_id, v_user);
    if v_author is null then
        perform private.fail('not_found');
    elsif v_author = v_user then
        perform private.fail('invalid_argument', 'This is your own.');
    end if;
    perform private.check_evidence(p_entity_type, p_entity_id, v_user, p_evidence);
    -- One open complaint of a person about one thing; a repeat answers it.
    select r.* into v_report from public.reports r
    where r.reporter_id = v_user and r.entity_type = p_entity_type and r.entity_id = p_entity_id and r.status = 'OPEN';
    if not found then
        insert into public.reports (reporter_id, reported_id, entity_type, entity_id, reason, evidence)
        values (v_user, v_author, p_entity_type, p_entity_id, p_reason, p_evidence) returning * into v_report;
    end if;
    return v_report;
end
$$;
comment on function private.file_report(text, uuid, text, jsonb) is 'A complaint to the moderators, with the messages its author chooses to reveal: each with its own key and no other''s.';

create function private.admin_resolve_report(p_report_id uuid, p_uphold boolean, p_resolution text)
returns public.reports
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_admin  uuid := private.require_permission('moderate_content');
    v_report public.reports;
begin
    if p_uphold is null or length(p_resolution) > 4000 then
        perform private.fail('invalid_argument', 'p_uphold is true or false, p_resolution has at most 4000 characters.');
    end if;
    select r.* into v_report from public.reports r where r.id = p_report_id for update;
    if not found then
        perform private.fail('not_found');
    elsif v_report.status <> 'OPEN' then
        perform private.fail('invalid_state');
    end if;
    update public.reports r
    set status = case when p_uphold then 'UPHELD' else 'DISMISSED' end::public.report_status,
        resolved_by = v_admin, resolved_at = private.now(), resolution = p_resolution
    where r.id = p_report_id returning r.* into v_report;
    perform private.notify(v_report.reporter_id, 'report_resolved', jsonb_build_object('report_id', v_report.id, 'status', v_report.status));
    return v_report;
end
$$;
comment on function private.admin_resolve_report(uuid, boolean, text) is 'A moderator decides; the reporter is told.';

----------------------------------------------------------------------
-- RPCs
----------------------------------------------------------------------

create function public.send_message(
    p_receiver_id uuid, p_content jsonb, p_idempotency_key text, p_message_type public.message_type default 'TEXT', p_price numeric default null)
returns public.messages
language plpgsql set search_path = '' as $$
begin
    return private.send_message(p_receiver_id, p_content, p_idempotency_key, p_message_type, private.whole(p_price, 'p_price'));
end
$$;
comment on function public.send_message(uuid, jsonb, text, public.message_type, numeric) is
    'Send a sealed message. p_price is readers.reply_price as the person saw it, minor units, left out where an answer is free. Refuses with recipient_unavailable, price_changed, key_unknown, key_outdated, device_unknown, device_revoked, insufficient_funds, wallet_frozen, spending_disabled, rate_limited, invalid_argument, account_required, account_suspended, idempotency_key_reused.';

create function public.mark_read(p_conversation_id uuid, p_message_id uuid) returns integer
language plpgsql set search_path = '' as $$
begin
    return private.mark_read(p_conversation_id, p_message_id);
end
$$;
comment on function public.mark_read(uuid, uuid) is 'Mark what you received, up to a message, as read. Refuses with not_found, invalid_argument, account_suspended.';

create function public.set_reply_price(p_price numeric default null) returns public.readers
language plpgsql set search_path = '' as $$
begin
    return private.set_reply_price(private.whole(p_price, 'p_price'));
end
$$;
comment on function public.set_reply_price(numeric) is
    'What your answer to a direct message costs, minor units; left out, nothing. Refuses with amount_out_of_range, not_a_reader, account_required, account_suspended.';

create function public.withdraw_paid_message(p_message_id uuid) returns public.paid_messages
language plpgsql set search_path = '' as $$
begin
    return private.withdraw_paid_message(p_message_id);
end
$$;
comment on function public.withdraw_paid_message(uuid) is
    'Take back what a paid message of yours holds, once its answer cannot come: a block stands between you, or the reader''s account is closed. Refuses with not_found, invalid_state, account_required, account_suspended.';

create function public.file_report(p_entity_type text, p_entity_id uuid, p_reason text, p_evidence jsonb default null)
returns public.reports
language plpgsql set search_path = '' as $$
begin
    return private.file_report(p_entity_type, p_entity_id, p_reason, p_evidence);
end
$$;
comment on function public.file_report(text, uuid, text, jsonb) is
    'Complain of a user, session, message, chat_message, forum_post, forum_reply, review or live_stream. Refuses with not_found, rate_limited, invalid_argument, account_required, account_suspended.';

create function public.admin_resolve_report(p_report_id uuid, p_uphold boolean, p_resolution text default null)
returns public.reports
language plpgsql set search_path = '' as $$
begin
    return private.admin_resolve_report(p_report_id, p_uphold, p_resolution);
end
$$;
comment on function public.admin_resolve_report(uuid, boolean, text) is
    'A moderator''s decision on a complaint. Refuses with permission_denied, not_found, invalid_state, invalid_argument.';
