-- Shop: what readers and the platform sell, and what was bought. Prices in minor units, copied at purchase.

set lock_timeout = '4s';

create type public.product_type as enum ('SERVICE', 'DIGITAL', 'PHYSICAL');
comment on type public.product_type is 'What a buyer gets: an appointment, a file, a parcel.';
create type public.product_status as enum ('ACTIVE', 'INACTIVE', 'OUT_OF_STOCK', 'DRAFT');
comment on type public.product_status is 'Whether a product is on the shelf.';
create type public.order_status as enum ('PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED');
comment on type public.order_status is 'How far an order is.';

create table public.products (
    id                uuid primary key default private.uuid_v7(),
    stripe_product_id text unique check (stripe_product_id ~ '^prod_[A-Za-z0-9]+$'),
    name              text not null check (length(name) between 1 and 200),
    description       text not null check (length(description) between 1 and 20000),
    type              public.product_type not null,
    category          text not null check (length(category) between 1 and 80),
    price             bigint not null check (price between 1 and 100000000),
    currency          character(3) not null default private.currency(),
    stock_quantity    integer check (stock_quantity >= 0),
    sku               text unique check (length(sku) between 1 and 80),
    download_url      text check (length(download_url) <= 500),
    file_url          text check (length(file_url) <= 500),
    weight            numeric(10, 3) check (weight > 0),
    dimensions        jsonb check (jsonb_typeof(dimensions) = 'object' and length(dimensions::text) <= 500),
    images            text[] not null default '{}' check (cardinality(images) <= 20),
    status            public.product_status not null default 'ACTIVE',
    featured          boolean not null default false,
    reader_id         uuid references public.users (id) on delete restrict,
    search            tsvector not null generated always as (
                          setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', category), 'B')
                          || setweight(to_tsvector('english', description), 'C')) stored,
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now(),
    constraint digital_has_a_file check (type <> 'DIGITAL' or status = 'DRAFT' or coalesce(file_url, download_url) is not null),
    constraint only_physical_has_measures check (type = 'PHYSICAL' or (weight is null and dimensions is null)),
    constraint sold_out_has_no_stock check (status <> 'OUT_OF_STOCK' or stock_quantity = 0)
);
comment on table public.products is 'What the shop offers. download_url and file_url are storage paths, handed out as signed URLs to buyers only.';
comment on column public.products.price is 'Minor units.';
comment on column public.products.weight is 'Kilograms.';
comment on column public.products.stock_quantity is 'Null: not counted.';
create index products_reader on public.products (reader_id);
create index products_shelf on public.products (category, id desc) where status = 'ACTIVE';
create index products_search on public.products using gin (search);

create table public.orders (
    id                       uuid primary key default private.uuid_v7(),
    order_id                 text not null generated always as ('ord_' || replace(id::text, '-', '')) stored unique,
    client_id                uuid not null references public.users (id) on delete restrict,
    status                   public.order_status not null default 'PENDING',
    total_amount             bigint not null check (total_amount > 0),
    currency                 character(3) not null default private.currency(),
    stripe_payment_intent_id text unique check (stripe_payment_intent_id ~ '^pi_[A-Za-z0-9_-]{1,250}$'),
    shipping_address         jsonb check (jsonb_typeof(shipping_address) = 'object' and length(shipping_address::text) <= 2000),
    tracking_number          text check (length(tracking_number) <= 100),
    transaction_id           uuid references public.transactions (id),
    created_at               timestamptz not null default private.now(),
    updated_at               timestamptz not null default private.now(),
    constraint paid_has_transaction check (status in ('PENDING', 'CANCELLED') or transaction_id is not null),
    constraint tracking_after_payment check (tracking_number is null or status in ('SHIPPED', 'DELIVERED', 'REFUNDED'))
);
comment on table public.orders is 'A purchase in the shop, paid from the wallet or by card.';
comment on column public.orders.total_amount is 'Sum of the items, minor units.';
create index orders_client on public.orders (client_id, id desc);
create index orders_transaction on public.orders (transaction_id);

create table public.order_items (
    id         uuid primary key default private.uuid_v7(),
    order_id   uuid not null references public.orders (id) on delete restrict,
    product_id uuid not null references public.products (id) on delete restrict,
    quantity   integer not null default 1 check (quantity between 1 and 1000),
    price      bigint not null check (price > 0),
    reader_id  uuid references public.users (id) on delete restrict,
    share_bps  integer not null default 0 check (share_bps between 0 and 10000),
    shipped_at timestamptz,
    tracking_number text check (length(tracking_number) between 1 and 100),
    files      text[] not null default '{}',
    created_at timestamptz not null default private.now(),
    constraint product_once_an_order unique (order_id, product_id),
    constraint tracked_when_shipped check (tracking_number is null or shipped_at is not null)
);
comment on table public.order_items is 'A line of an order; price, seller and share as they were at the purchase.';
comment on column public.order_items.price is 'Price of one at the time of purchase, minor units.';
comment on column public.order_items.shipped_at is 'When the seller sent it off, or the file was the buyer''s.';
comment on column public.order_items.files is 'Names in the bucket products of what was bought, as the product handed it out then; they stay while the order stands.';
comment on column public.order_items.share_bps is 'The seller''s share in basis points.';
create index order_items_product on public.order_items (product_id);
create index order_items_files on public.order_items using gin (files) where files <> '{}';
create index order_items_seller on public.order_items (reader_id, id desc);

do $$
declare
    v_table text;
begin
    foreach v_table in array array['products', 'orders', 'order_items'] loop
        execute format('alter table public.%I enable row level security', v_table);
    end loop;
    foreach v_table in array array['products', 'orders'] loop
        execute format('create trigger touch before update on public.%I for each row execute function private.touch_updated_at()', v_table);
        execute format('create trigger platform_currency before insert or update of currency on public.%I
                        for each row execute function private.require_platform_currency()', v_table);
    end loop;
end
$$;
