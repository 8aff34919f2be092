-- Gifts and tips: what people give a reader beside the paid minutes.
-- Whether a session or stream is live is read, not locked: a gift that crosses its end was given before it.

set lock_timeout = '4s';

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('gift.events_per_second', '5', 'INTEGER', 1, 1000, false, 'Gifts on one stream within a second that are each told at once; more are told together, a second later.'),
    ('gift.per_minute', '30', 'INTEGER', 1, 10000, false, 'Gifts one person may send in a minute; purchases for later are counted on their own, by the same number.'),
    ('tip.minimum', '100', 'INTEGER', 1, 100000000, true, 'Smallest tip, minor units.'),
    ('tip.maximum', '50000', 'INTEGER', 1, 100000000, true, 'Largest tip, minor units.'),
    ('tip.window_seconds', '86400', 'INTEGER', 0, 7776000, true, 'Seconds after the end of a session in which its client may still tip.');

----------------------------------------------------------------------
-- Buying
----------------------------------------------------------------------

create function private.gift_price(p_gift_id uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_price bigint;
begin
    select g.price into v_price from public.virtual_gifts g where g.id = p_gift_id and g.is_active;
    if not found then
        perform private.fail('not_on_sale');
    end if;
    return v_price;
end
$$;
comment on function private.gift_price(uuid) is 'Price of a gift on sale, minor units; refuses with not_on_sale.';

create function private.record_purchase(p_user_id uuid, p_gift_id uuid, p_quantity integer, p_sent integer, p_earner_id uuid, p_session_id uuid)
returns public.gift_purchases
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_price    bigint := private.gift_price(p_gift_id);
    v_share    integer := case when p_earner_id is null then 0
                               else (ledger.rule_for('GIFT', p_earner_id, private.now())).share_bps end;
    v_purchase public.gift_purchases;
begin
    insert into public.gift_purchases (user_id, gift_id, quantity, sent, unit_price, transaction_id)
    select p_user_id, p_gift_id, p_quantity, p_sent, v_price, t.id
    from private.pay(p_user_id, 'GIFT_PURCHASE', 'gift',
        array[(p_earner_id, v_price * p_quantity, v_share)::private.sale], 'Gift', p_session_id) t
    returning * into v_purchase;
    return v_purchase;
end
$$;
comment on function private.record_purchase(uuid, uuid, integer, integer, uuid, uuid) is
    'Pays for gifts: shared with the reader who gets one now, or to the platform until each is sent.';

create function private.buy_gifts(p_gift_id uuid, p_quantity integer, p_idempotency_key text)
returns public.gift_purchases
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user     uuid := private.require_account();
    v_known    jsonb;
    v_purchase public.gift_purchases;
begin
    v_known := private.claim_key(v_user, 'buy_gifts', p_idempotency_key,
        jsonb_build_object('gift_id', p_gift_id, 'quantity', p_quantity));
    if v_known is not null then
        select p.* into strict v_purchase from public.gift_purchases p where p.id = (v_known #>> '{}')::uuid;
        return v_purchase;
    end if;
    if p_quantity is null or p_quantity not between 1 and 1000 then
        perform private.fail('invalid_argument', 'p_quantity is 1 to 1000.');
    elsif (select count(*) from public.gift_purchases p where p.user_id = v_user
           and p.id >= private.uuid_v7_floor(private.now() - interval '1 minute')) >= private.setting_int('gift.per_minute') then
        perform private.fail_until('rate_limited', 60);
    end if;
    v_purchase := private.record_purchase(v_user, p_gift_id, p_quantity, 0, null, null);
    perform private.record_result(v_user, 'buy_gifts', p_idempotency_key, to_jsonb(v_purchase.id));
    return v_purchase;
end
$$;
comment on function private.buy_gifts(uuid, integer, text) is 'Buys gifts to send later. No reader has earned yet: the platform keeps the money until each is sent.';

----------------------------------------------------------------------
-- Sending
----------------------------------------------------------------------

create function private.check_gift(p_sender_id uuid, p_receiver_id uuid, p_session_id uuid, p_stream_id uuid, p_message text)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    if p_receiver_id is null or p_receiver_id = p_sender_id then
        perform private.fail('invalid_argument', 'p_receiver_id is another person.');
    elsif p_session_id is not null and p_stream_id is not null then
        perform private.fail('invalid_argument', 'Either p_session_id or p_stream_id.');
    elsif length(p_message) > 500 then
        perform private.fail('invalid_argument', 'p_message has at most 500 characters.');
    elsif (select count(*) from public.gifts g where g.sender_id = p_sender_id
           and g.id >= private.uuid_v7_floor(private.now() - interval '1 minute')) >= private.setting_int('gift.per_minute') then
        perform private.fail_until('rate_limited', 60);
    end if;
    if p_session_id is not null then
        perform private.check_session_gift(p_session_id, p_sender_id, p_receiver_id);
    elsif p_stream_id is not null then
        perform private.check_stream_gift(p_stream_id, p_sender_id, p_receiver_id);
    end if;
    perform private.require_reachable(p_sender_id, p_receiver_id);
end
$$;
comment on function private.check_gift(uuid, uuid, uuid, uuid, text) is 'Refuses a gift that may not be sent, whatever it costs.';

create function private.check_session_gift(p_session_id uuid, p_sender_id uuid, p_receiver_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_session public.sessions;
begin
    select s.* into v_session from public.sessions s where s.id = p_session_id and s.client_id = p_sender_id;
    if not found then
        perform private.fail('not_participant');
    elsif v_session.reader_id <> p_receiver_id then
        perform private.fail('invalid_argument', 'In a session the gift goes to its reader.');
    elsif v_session.status <> 'IN_PROGRESS' then
        perform private.fail('invalid_state');
    end if;
end
$$;
comment on function private.check_session_gift(uuid, uuid, uuid) is 'In a session: from its client to its reader, while it is in progress.';

create function private.check_stream_gift(p_stream_id uuid, p_sender_id uuid, p_receiver_id uuid)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_stream public.live_streams;
begin
    select l.* into v_stream
    from public.live_streams l join private.stream_viewers v on v.stream_id = l.id
    where l.id = p_stream_id and v.user_id = p_sender_id;
    if not found then
        perform private.fail('not_found');
    elsif v_stream.reader_id <> p_receiver_id then
        perform private.fail('invalid_argument', 'On a stream the gift goes to its reader.');
    elsif v_stream.status <> 'LIVE' or not exists (
            select from private.stream_viewers v
            where v.stream_id = p_stream_id and v.user_id = p_sender_id and v.left_at is null) then
        perform private.fail('invalid_state');
    end if;
end
$$;
comment on function private.check_stream_gift(uuid, uuid, uuid) is 'On a stream: from a viewer who was let in and is there, to its reader, while it is live.';

create function private.draw_gift(p_user_id uuid, p_purchase_id uuid, p_gift_id uuid, p_receiver_id uuid)
returns public.gift_purchases
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_purchase    public.gift_purchases;
    v_transaction public.transactions;
    v_earnings    uuid := ledger.account_of(p_receiver_id, 'reader_earnings');
    v_share       bigint;
begin
    select p.* into v_purchase from public.gift_purchases p where p.id = p_purchase_id and p.user_id = p_user_id for update;
    select t.* into v_transaction from public.transactions t where t.id = v_purchase.transaction_id for no key update;
    if v_purchase.id is null or v_purchase.gift_id is distinct from p_gift_id then
        perform private.fail('not_found');
    elsif v_purchase.sent = v_purchase.quantity or v_transaction.status <> 'COMPLETED' then
        perform private.fail('invalid_state', 'Nothing of this purchase is left to send.');
    end if;
    update public.gift_purchases p set sent = p.sent + 1 where p.id = p_purchase_id returning p.* into v_purchase;
    v_share := ledger.share_of(v_purchase.unit_price, (ledger.rule_for('GIFT', p_receiver_id, private.now())).share_bps);
    if v_share > 0 then
        perform ledger.post_transfer(v_purchase.transaction_id, 'gift', ledger.account_of(null, 'platform_revenue'), v_earnings, v_share);
        perform private.add_earning(v_earnings, v_purchase.transaction_id, v_share);
        update public.transactions t
        set reader_earnings = t.reader_earnings + v_share, platform_revenue = t.platform_revenue - v_share
        where t.id = v_purchase.transaction_id;
    end if;
    return v_purchase;
end
$$;
comment on function private.draw_gift(uuid, uuid, uuid, uuid) is
    'Takes one gift out of a purchase: the reader''s share leaves the platform now, by the rule of now.';

create table private.untold_gifts (
    gift_id   uuid primary key references public.gifts (id) on delete cascade,
    stream_id uuid not null references public.live_streams (id) on delete cascade
);
comment on table private.untold_gifts is 'Gifts on a hot stream that wait to be told together. A receiver hears of each once.';
create index untold_gifts_stream on private.untold_gifts (stream_id);
alter table private.untold_gifts enable row level security;

create function private.told_of(p_gift public.gifts)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
    return jsonb_build_object('id', p_gift.id, 'gift_id', p_gift.gift_id, 'sender_id', p_gift.sender_id);
end
$$;
comment on function private.told_of(public.gifts) is 'What is told of a gift: ids only.';

create function private.tell_gift(p_gift public.gifts)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payload jsonb := private.told_of(p_gift) || jsonb_strip_nulls(
        jsonb_build_object('session_id', p_gift.session_id, 'stream_id', p_gift.stream_id));
begin
    perform private.tell(p_gift.receiver_id, 'gift', v_payload);
    if p_gift.session_id is not null then
        perform realtime.send(v_payload, 'gift', 'session:' || p_gift.session_id, true);
    elsif p_gift.stream_id is not null then
        perform private.tell_stream_gift(p_gift);
    end if;
end
$$;
comment on function private.tell_gift(public.gifts) is 'Tells the receiver and whoever is in the session or stream; ids only.';

create function private.tell_stream_gift(p_gift public.gifts)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    -- What waits is told first. Gifts that are sent at once may each miss the others here: a few more are told alone.
    if exists (select from private.untold_gifts u where u.stream_id = p_gift.stream_id)
       or (select count(*) from public.gifts g where g.stream_id = p_gift.stream_id
           and g.id >= private.uuid_v7_floor(private.now() - interval '1 second')) > private.setting_int('gift.events_per_second') then
        insert into private.untold_gifts (gift_id, stream_id) values (p_gift.id, p_gift.stream_id);
    else
        perform realtime.send(jsonb_build_object('stream_id', p_gift.stream_id, 'gifts', jsonb_build_array(private.told_of(p_gift))),
            'gift', 'stream:' || p_gift.stream_id, true);
    end if;
end
$$;
comment on function private.tell_stream_gift(public.gifts) is
    'Tells a stream of a gift at once, or, where many fall within a second, leaves it to be told with the others.';

create function worker_api.tell_gifts()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_batch record;
    v_told  integer := 0;
begin
    for v_batch in
        with taken as (
            delete from private.untold_gifts u
            where u.gift_id in (select w.gift_id from private.untold_gifts w order by w.gift_id limit 1000 for update skip locked)
            returning u.gift_id, u.stream_id
        ), numbered as (
            select g, t.stream_id, (row_number() over (partition by t.stream_id order by g.id) - 1) / 50 as part
            from taken t join public.gifts g on g.id = t.gift_id
        )
        select n.stream_id, jsonb_agg(private.told_of(n.g) order by (n.g).id) as gifts
        from numbered n group by n.stream_id, n.part order by n.stream_id, n.part
    loop
        perform realtime.send(jsonb_build_object('stream_id', v_batch.stream_id, 'gifts', v_batch.gifts),
            'gift', 'stream:' || v_batch.stream_id, true);
        v_told := v_told + jsonb_array_length(v_batch.gifts);
    end loop;
    return v_told;
end
$$;
comment on function worker_api.tell_gifts() is
    'Tells hot streams of the gifts that wait, at most fifty an event and a thousand a call; answers how many. Any number of callers; each gift is told once.';

create function private.send_gift(
    p_receiver_id uuid, p_gift_id uuid, p_idempotency_key text, p_session_id uuid, p_stream_id uuid, p_message text, p_purchase_id uuid)
returns public.gifts
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user     uuid := private.require_account();
    v_known    jsonb;
    v_purchase public.gift_purchases;
    v_gift     public.gifts;
begin
    v_known := private.claim_key(v_user, 'send_gift', p_idempotency_key, jsonb_build_object(
        'receiver_id', p_receiver_id, 'gift_id', p_gift_id, 'session_id', p_session_id, 'stream_id', p_stream_id,
        'message', p_message, 'purchase_id', p_purchase_id));
    if v_known is not null then
        select g.* into strict v_gift from public.gifts g where g.id = (v_known #>> '{}')::uuid;
        return v_gift;
    end if;
    perform private.check_gift(v_user, p_receiver_id, p_session_id, p_stream_id, p_message);
    v_purchase := case when p_purchase_id is null
        then private.record_purchase(v_user, p_gift_id, 1, 1, p_receiver_id, p_session_id)
        else private.draw_gift(v_user, p_purchase_id, p_gift_id, p_receiver_id) end;
    insert into public.gifts (sender_id, receiver_id, gift_id, purchase_id, session_id, stream_id, message)
    values (v_user, p_receiver_id, p_gift_id, v_purchase.id, p_session_id, p_stream_id, p_message)
    returning * into v_gift;
    perform private.record_result(v_user, 'send_gift', p_idempotency_key, to_jsonb(v_gift.id));
    perform private.tell_gift(v_gift);
    return v_gift;
end
$$;
comment on function private.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) is
    'Buys and sends in one step, or draws on a purchase; in a session, on a stream, or alone.';

----------------------------------------------------------------------
-- Tips
----------------------------------------------------------------------

create function private.check_tip(p_session public.sessions, p_amount bigint)
returns void
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_minimum bigint := private.setting_int('tip.minimum');
    v_maximum bigint := private.setting_int('tip.maximum');
begin
    if p_session.id is null then
        perform private.fail('not_participant');
    elsif p_session.started_at is null
          or p_session.ended_at + private.setting_int('tip.window_seconds') * interval '1 second' < private.now() then
        perform private.fail('invalid_state', 'A tip is for a session in progress or one that ended lately.');
    elsif p_amount is null or p_amount not between v_minimum and v_maximum then
        perform private.fail('amount_out_of_range', format('A tip is %s to %s.', v_minimum, v_maximum));
    end if;
    perform private.require_reachable(p_session.client_id, p_session.reader_id);
end
$$;
comment on function private.check_tip(public.sessions, bigint) is 'Refuses a tip (minor units) that may not be given.';

create function private.send_tip(p_session_id uuid, p_amount bigint, p_idempotency_key text)
returns public.transactions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user        uuid := private.require_account();
    v_known       jsonb;
    v_session     public.sessions;
    v_transaction public.transactions;
begin
    v_known := private.claim_key(v_user, 'send_tip', p_idempotency_key,
        jsonb_build_object('session_id', p_session_id, 'amount', p_amount));
    if v_known is not null then
        select t.* into strict v_transaction from public.transactions t where t.id = (v_known #>> '{}')::uuid;
        return v_transaction;
    end if;
    select s.* into v_session from public.sessions s where s.id = p_session_id and s.client_id = v_user;
    perform private.check_tip(v_session, p_amount);
    v_transaction := private.pay(v_user, 'TIP', 'tip', array[(v_session.reader_id, p_amount,
        (ledger.rule_for('TIP', v_session.reader_id, private.now())).share_bps)::private.sale], 'Tip', p_session_id);
    perform private.record_result(v_user, 'send_tip', p_idempotency_key, to_jsonb(v_transaction.id));
    perform private.tell(v_session.reader_id, 'tip', jsonb_build_object('session_id', p_session_id));
    perform realtime.send(jsonb_build_object('session_id', p_session_id), 'tip', 'session:' || p_session_id, true);
    return v_transaction;
end
$$;
comment on function private.send_tip(uuid, bigint, text) is 'From a session''s client to its reader: while it is in progress, or for a time after it.';

----------------------------------------------------------------------
-- RPCs
----------------------------------------------------------------------

create function public.buy_gifts(p_gift_id uuid, p_quantity numeric, p_idempotency_key text) returns public.gift_purchases
language plpgsql set search_path = '' as $$
begin
    return private.buy_gifts(p_gift_id, private.whole_integer(p_quantity, 'p_quantity'), p_idempotency_key);
end
$$;
comment on function public.buy_gifts(uuid, numeric, text) is
    'Buy gifts to send later, at the catalogue''s price. Refuses with not_on_sale, invalid_argument, insufficient_funds, wallet_frozen, spending_disabled, rate_limited, account_required, account_suspended, idempotency_key_reused.';

create function public.send_gift(
    p_receiver_id uuid, p_gift_id uuid, p_idempotency_key text, p_session_id uuid default null,
    p_stream_id uuid default null, p_message text default null, p_purchase_id uuid default null)
returns public.gifts
language plpgsql set search_path = '' as $$
begin
    return private.send_gift(p_receiver_id, p_gift_id, p_idempotency_key, p_session_id, p_stream_id, p_message, p_purchase_id);
end
$$;
comment on function public.send_gift(uuid, uuid, text, uuid, uuid, text, uuid) is
    'Send a reader a gift, bought now or before. Refuses with reader_unavailable (also when blocked), not_on_sale, insufficient_funds, not_participant (no session of which you are the client), not_found (stream or purchase), invalid_state, invalid_argument, wallet_frozen, spending_disabled, rate_limited, account_required, account_suspended, idempotency_key_reused.';

create function public.send_tip(p_session_id uuid, p_amount numeric, p_idempotency_key text) returns public.transactions
language plpgsql set search_path = '' as $$
begin
    return private.send_tip(p_session_id, private.whole(p_amount, 'p_amount'), p_idempotency_key);
end
$$;
comment on function public.send_tip(uuid, numeric, text) is
    'Tip the reader of your session (minor units). Refuses with not_participant, invalid_state, amount_out_of_range, reader_unavailable, insufficient_funds, wallet_frozen, spending_disabled, account_required, account_suspended, idempotency_key_reused.';
