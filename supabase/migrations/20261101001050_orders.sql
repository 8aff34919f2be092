-- Orders: bought out of the wallet, shipped by their sellers, cancelled before that. Lock order: order, products in id
-- order, transaction, accounts in id order.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('not_on_sale',  409, 'This is not on sale.', 'Read the catalogue again and choose another.'),
    ('out_of_stock', 409, 'Fewer are left than asked for.', 'Order fewer, or try later.');

insert into public.system_settings (key, value, value_type, minimum, maximum, is_public, description) values
    ('order.maximum', '1000000', 'INTEGER', 1, 100000000000, true, 'Largest total of an order, minor units.'),
    ('order.max_items', '50', 'INTEGER', 1, 1000, true, 'Most products that one order may name.');

create type private.order_line as (
    product_id uuid,
    quantity   integer
);
comment on type private.order_line is 'What a buyer asks for: a product and how many.';

----------------------------------------------------------------------
-- Placing
----------------------------------------------------------------------

create function private.order_lines(p_items jsonb)
returns private.order_line[]
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_most  bigint := private.setting_int('order.max_items');
    v_lines private.order_line[];
begin
    if p_items is null or jsonb_typeof(p_items) <> 'array' or jsonb_array_length(p_items) not between 1 and v_most then
        perform private.fail('invalid_argument', format('p_items is a list of 1 to %s products.', v_most));
    elsif exists (
        select from jsonb_array_elements(p_items) i
        where coalesce(jsonb_typeof(i) <> 'object' or jsonb_typeof(i -> 'quantity') <> 'number'
           or i ->> 'product_id' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
           or i ->> 'quantity' !~ '^([1-9][0-9]{0,2}|1000)$', true)) then
        perform private.fail('invalid_argument', 'An item is {"product_id": uuid, "quantity": 1 to 1000}.');
    end if;
    select array_agg((i ->> 'product_id', i ->> 'quantity')::private.order_line) into v_lines
    from jsonb_array_elements(p_items) i;
    if (select count(distinct l.product_id) from unnest(v_lines) l) < cardinality(v_lines) then
        perform private.fail('invalid_argument', 'A product stands in an order once.');
    end if;
    return v_lines;
end
$$;
comment on function private.order_lines(jsonb) is 'Reads what a buyer sent, or refuses with invalid_argument.';

create function private.check_order(p_buyer_id uuid, p_lines private.order_line[], p_shipping_address jsonb)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_most  bigint := private.setting_int('order.maximum');
    v_total numeric := 0;
    v_line  record;
begin
    for v_line in
        select p.*, l.quantity, u.status as seller from unnest(p_lines) l
        left join public.products p on p.id = l.product_id left join public.users u on u.id = p.reader_id
    loop
        -- What is not on the shelf, what never was, and what a block keeps from the buyer are answered alike.
        if v_line.status is null or v_line.status in ('INACTIVE', 'DRAFT') or v_line.seller <> 'ACTIVE'
           or private.is_blocked(p_buyer_id, v_line.reader_id) then
            perform private.fail('not_on_sale');
        elsif v_line.type = 'DIGITAL' and private.lacks_files(v_line.id) then
            perform private.fail('not_on_sale', 'What it hands out is not in Storage.');
        elsif v_line.reader_id = p_buyer_id then
            perform private.fail('invalid_argument', 'Nobody buys their own products.');
        elsif v_line.stock_quantity < v_line.quantity or v_line.status = 'OUT_OF_STOCK' then
            perform private.fail('out_of_stock');
        elsif v_line.type = 'PHYSICAL' and p_shipping_address is null then
            perform private.fail('invalid_argument', 'What is shipped needs p_shipping_address.');
        end if;
        v_total := v_total + v_line.price::numeric * v_line.quantity;
    end loop;
    if v_total > v_most then
        perform private.fail('amount_out_of_range', format('An order comes to %s at most.', v_most));
    end if;
    return v_total;
end
$$;
comment on function private.check_order(uuid, private.order_line[], jsonb) is 'Total of an order, minor units, or the refusal of what may not be bought. The products are locked by then.';

create function private.take_stock(p_lines private.order_line[])
returns void
language sql
security definer
set search_path = ''
as $$
    update public.products p
    set stock_quantity = p.stock_quantity - l.quantity,
        status = case when p.stock_quantity = l.quantity then 'OUT_OF_STOCK' else p.status end
    from unnest(p_lines) l where p.id = l.product_id and p.stock_quantity is not null
$$;
comment on function private.take_stock(private.order_line[]) is 'Takes what is counted off the shelf; the last one leaves it OUT_OF_STOCK.';

create function private.pay_order(p_buyer_id uuid, p_lines private.order_line[], p_total bigint, p_shipping_address jsonb)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order public.orders;
    v_now   timestamptz := private.now();
    v_sales private.sale[];
    v_paid  public.transactions;
begin
    insert into public.orders (client_id, total_amount, shipping_address) values (p_buyer_id, p_total, p_shipping_address)
    returning * into v_order;
    insert into public.order_items (order_id, product_id, quantity, price, reader_id, share_bps, shipped_at, files)
    select v_order.id, p.id, l.quantity, p.price, p.reader_id,
           case when p.reader_id is null then 0 else (ledger.rule_for('ORDER', p.reader_id, v_now)).share_bps end,
           case when p.type = 'DIGITAL' then v_now end,
           case when p.type = 'DIGITAL' then array(
               select f.path from private.files_of(p) f (path) order by f.path is not distinct from p.file_url desc, f.path)
           else '{}' end
    from unnest(p_lines) l join public.products p on p.id = l.product_id;
    select array_agg((s.reader_id, s.amount, s.share_bps)::private.sale order by s.reader_id) into v_sales
    from (select i.reader_id, sum(i.price * i.quantity)::bigint as amount, i.share_bps
          from public.order_items i where i.order_id = v_order.id group by i.reader_id, i.share_bps) s;
    v_paid := private.pay(p_buyer_id, 'PURCHASE', 'order', v_sales, 'Order ' || v_order.order_id);
    update public.orders o
    set transaction_id = v_paid.id,
        status = case when exists (select from public.order_items i where i.order_id = o.id and i.shipped_at is null)
                      then 'PAID' else 'DELIVERED' end::public.order_status
    where o.id = v_order.id returning o.* into v_order;
    return v_order;
end
$$;
comment on function private.pay_order(uuid, private.order_line[], bigint, jsonb) is
    'Copies price, seller, share and files, and pays every seller. What is DIGITAL is the buyer''s at once.';

create function private.place_order(p_items jsonb, p_idempotency_key text, p_shipping_address jsonb)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_account();
    v_known jsonb;
    v_lines private.order_line[];
    v_total bigint;
    v_order public.orders;
begin
    v_known := private.claim_key(v_user, 'place_order', p_idempotency_key,
        jsonb_build_object('items', p_items, 'shipping_address', p_shipping_address));
    if v_known is not null then
        select o.* into strict v_order from public.orders o where o.id = (v_known #>> '{}')::uuid;
        return v_order;
    end if;
    v_lines := private.order_lines(p_items);
    if jsonb_typeof(p_shipping_address) <> 'object' or p_shipping_address = '{}' or length(p_shipping_address::text) > 2000 then
        perform private.fail('invalid_argument', 'p_shipping_address is an object of at most 2000 characters.');
    end if;
    perform from public.products p
    where p.id in (select l.product_id from unnest(v_lines) l) order by p.id for no key update;
    v_total := private.check_order(v_user, v_lines, p_shipping_address);
    perform private.take_stock(v_lines);
    v_order := private.pay_order(v_user, v_lines, v_total, p_shipping_address);
    perform private.record_result(v_user, 'place_order', p_idempotency_key, to_jsonb(v_order.id));
    perform private.tell_order(v_order, 'order_placed');
    return v_order;
end
$$;
comment on function private.place_order(jsonb, text, jsonb) is
    'Takes the stock under lock and pays, all or nothing: of any number of buyers at once nobody gets what is not there.';

create function private.tell_order(p_order public.orders, p_event text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_payload jsonb := jsonb_build_object('order_id', p_order.id, 'status', p_order.status);
begin
    perform private.tell(p_order.client_id, p_event, v_payload);
    perform private.tell(i.reader_id, p_event, v_payload)
    from (select distinct i.reader_id from public.order_items i where i.order_id = p_order.id and i.reader_id is not null) i;
end
$$;
comment on function private.tell_order(public.orders, text) is 'Tells the buyer and every seller; ids and state only.';

----------------------------------------------------------------------
-- Shipping, delivery, cancelling
----------------------------------------------------------------------

create function private.sells(p_item public.order_items, p_user_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(p_item.reader_id = p_user_id, private.has_permission('manage_finances') and p_user_id = auth.uid())
$$;
comment on function private.sells(public.order_items, uuid) is
    'True for the item''s seller; for what the house sells, for an administrator with manage_finances.';

create function private.lock_order(p_order_id uuid, p_user_id uuid)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order public.orders;
begin
    select o.* into v_order from public.orders o
    where o.id = p_order_id and (o.client_id = p_user_id or exists (
        select from public.order_items i where i.order_id = o.id and private.sells(i, p_user_id)))
    for no key update;
    if not found then
        perform private.fail('not_found');
    end if;
    return v_order;
end
$$;
comment on function private.lock_order(uuid, uuid) is 'Locks an order that the person bought or sells in.';

create function private.move_order(p_order public.orders, p_status public.order_status, p_tracking_number text default null)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_order public.orders;
begin
    if (p_order.status, p_status) not in (('PAID', 'SHIPPED'), ('SHIPPED', 'DELIVERED'), ('PAID', 'CANCELLED'),
                                       ('PAID', 'REFUNDED'), ('SHIPPED', 'REFUNDED'), ('DELIVERED', 'REFUNDED')) then
        perform private.fail('invalid_state');
    end if;
    update public.orders o set status = p_status, tracking_number = coalesce(p_tracking_number, o.tracking_number)
    where o.id = p_order.id returning o.* into v_order;
    perform private.tell_order(v_order, 'order_updated');
    return v_order;
end
$$;
comment on function private.move_order(public.orders, public.order_status, text) is
    'The one place where an order''s status changes: PAID → SHIPPED → DELIVERED, PAID → CANCELLED, or REFUNDED once it was paid. The order is locked.';

create function private.ship_order(p_order_id uuid, p_tracking_number text)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_user();
    v_order public.orders := private.lock_order(p_order_id, v_user);
begin
    if not exists (select from public.order_items i where i.order_id = p_order_id and private.sells(i, v_user)) then
        perform private.fail('not_found');
    elsif not exists (select from public.order_items i
                      where i.order_id = p_order_id and private.sells(i, v_user) and i.shipped_at is null)
          and v_order.status in ('PAID', 'SHIPPED', 'DELIVERED') then
        return v_order;
    elsif v_order.status <> 'PAID' then
        perform private.fail('invalid_state');
    elsif length(p_tracking_number) not between 1 and 100 or p_tracking_number is null and exists (
            select from public.order_items i join public.products p on p.id = i.product_id
            where i.order_id = p_order_id and private.sells(i, v_user) and p.type = 'PHYSICAL') then
        perform private.fail('invalid_argument', 'p_tracking_number has 1 to 100 characters; only what is not PHYSICAL goes without.');
    end if;
    update public.order_items i set shipped_at = private.now(), tracking_number = p_tracking_number
    where i.order_id = p_order_id and i.shipped_at is null and private.sells(i, v_user);
    if not exists (select from public.order_items i where i.order_id = p_order_id and i.shipped_at is null) then
        v_order := private.move_order(v_order, 'SHIPPED', p_tracking_number);
    end if;
    return v_order;
end
$$;
comment on function private.ship_order(uuid, text) is
    'A seller sends off everything of theirs in an order; the order is SHIPPED when the last seller has. A repeat changes nothing.';

create function private.deliver_order(p_order_id uuid)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_user();
    v_order public.orders := private.lock_order(p_order_id, v_user);
begin
    if v_order.client_id <> v_user then
        perform private.fail('not_found');
    elsif v_order.status = 'DELIVERED' then
        return v_order;
    end if;
    return private.move_order(v_order, 'DELIVERED');
end
$$;
comment on function private.deliver_order(uuid) is 'The buyer has it. A repeat answers as before.';

create function private.return_stock(p_order_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from public.products p
    where p.id in (select i.product_id from public.order_items i where i.order_id = p_order_id) order by p.id for no key update;
    update public.products p
    set stock_quantity = p.stock_quantity + i.quantity,
        status = case p.status when 'OUT_OF_STOCK' then 'ACTIVE' else p.status end
    from public.order_items i where i.order_id = p_order_id and p.id = i.product_id and p.stock_quantity is not null;
end
$$;
comment on function private.return_stock(uuid) is 'Puts back what an order took, as far as it is still counted.';

create function private.cancel_order(p_order_id uuid)
returns public.orders
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user  uuid := private.require_user();
    v_order public.orders := private.lock_order(p_order_id, v_user);
    v_left  bigint;
begin
    if v_order.status = 'CANCELLED' then
        return v_order;
    elsif exists (select from public.order_items i where i.order_id = p_order_id and i.shipped_at is not null) then
        perform private.fail('invalid_state', 'Something of it is on its way, or is a file the buyer has.');
    end if;
    v_order := private.move_order(v_order, 'CANCELLED');
    perform private.return_stock(p_order_id);
    perform from public.transactions t where t.id = v_order.transaction_id for no key update;
    v_left := ledger.reversible(v_order.transaction_id);
    if v_left > 0 then
        perform ledger.reverse_transaction(v_order.transaction_id, v_left, 'Order cancelled');
    end if;
    return v_order;
end
$$;
comment on function private.cancel_order(uuid) is
    'Buyer or seller, while nothing was sent off: the whole order falls, the stock returns, and the buyer gets everything back that was not given back before.';

----------------------------------------------------------------------
-- RPCs
----------------------------------------------------------------------

create function public.place_order(p_items jsonb, p_idempotency_key text, p_shipping_address jsonb default null)
returns public.orders
language plpgsql set search_path = '' as $$
begin
    return private.place_order(p_items, p_idempotency_key, p_shipping_address);
end
$$;
comment on function public.place_order(jsonb, text, jsonb) is
    'Buy products out of the wallet: p_items is [{"product_id": …, "quantity": …}]. Refuses with not_on_sale, out_of_stock, insufficient_funds, amount_out_of_range, invalid_argument, wallet_frozen, spending_disabled, account_required, account_suspended, idempotency_key_reused.';

create function public.ship_order(p_order_id uuid, p_tracking_number text default null) returns public.orders
language plpgsql set search_path = '' as $$
begin
    return private.ship_order(p_order_id, p_tracking_number);
end
$$;
comment on function public.ship_order(uuid, text) is
    'A seller has sent off what is theirs in an order. Refuses with not_found, invalid_state, invalid_argument, account_suspended.';

create function public.deliver_order(p_order_id uuid) returns public.orders
language plpgsql set search_path = '' as $$
begin
    return private.deliver_order(p_order_id);
end
$$;
comment on function public.deliver_order(uuid) is 'The buyer has received a shipped order. Refuses with not_found, invalid_state, account_suspended.';

create function public.cancel_order(p_order_id uuid) returns public.orders
language plpgsql set search_path = '' as $$
begin
    return private.cancel_order(p_order_id);
end
$$;
comment on function public.cancel_order(uuid) is
    'Buyer or seller cancels an order of which nothing was sent off; everything is given back. Refuses with not_found, invalid_state, account_suspended.';
