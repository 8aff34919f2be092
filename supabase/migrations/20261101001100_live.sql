-- Live streams and gifts.

set lock_timeout = '4s';

create type public.stream_status as enum ('SCHEDULED', 'LIVE', 'ENDED', 'CANCELLED');
comment on type public.stream_status is 'Where a live stream is in its life.';

create table public.live_streams (
    id            uuid primary key default private.uuid_v7(),
    stream_id     text not null generated always as ('str_' || replace(id::text, '-', '')) stored unique,
    reader_id     uuid not null references public.users (id) on delete restrict,
    title         text not null check (length(title) between 1 and 200),
    description   text check (length(description) <= 5000),
    category      text not null check (length(category) between 1 and 80),
    status        public.stream_status not null default 'SCHEDULED',
    scheduled_at  timestamptz,
    started_at    timestamptz,
    ended_at      timestamptz,
    viewer_count  integer not null default 0 check (viewer_count >= 0),
    max_viewers   integer check (max_viewers > 0),
    recording_url text check (length(recording_url) <= 500),
    created_at    timestamptz not null default private.now(),
    updated_at    timestamptz not null default private.now(),
    constraint started_by_status check ((started_at is not null) = (status in ('LIVE', 'ENDED'))),
    constraint ended_by_status check ((ended_at is not null) = (status in ('ENDED', 'CANCELLED'))),
    constraint ends_after_start check (ended_at is null or started_at is null or ended_at >= started_at),
    constraint within_capacity check (max_viewers is null or viewer_count <= max_viewers)
);
comment on table public.live_streams is 'A reader''s broadcast.';
comment on column public.live_streams.recording_url is 'For whatever carries a stream''s pictures, which is not a part of this platform: nothing here writes it, and no bucket takes such a recording.';
comment on column public.live_streams.viewer_count is 'Kept by joins and leaves.';
create index live_streams_reader on public.live_streams (reader_id, id desc);
create index live_streams_now on public.live_streams (id desc) where status = 'LIVE';
create unique index live_streams_one_at_a_time on public.live_streams (reader_id) where status = 'LIVE';

create table private.stream_viewers (
    stream_id uuid not null references public.live_streams (id) on delete cascade,
    user_id   uuid not null references public.users (id) on delete cascade,
    joined_at timestamptz not null default private.now(),
    left_at   timestamptz,
    primary key (stream_id, user_id)
);
comment on table private.stream_viewers is 'Who is, or was, let into a stream.';
create index stream_viewers_user on private.stream_viewers (user_id);
alter table private.stream_viewers enable row level security;

create table public.virtual_gifts (
    id            uuid primary key default private.uuid_v7(),
    name          text not null unique check (length(name) between 1 and 80),
    description   text check (length(description) <= 500),
    price         bigint not null check (price between 1 and 10000000),
    currency      character(3) not null default private.currency(),
    image_url     text not null check (length(image_url) <= 500),
    animation_url text check (length(animation_url) <= 500),
    is_active     boolean not null default true,
    created_at    timestamptz not null default private.now()
);
comment on table public.virtual_gifts is 'The catalogue: the only place a gift''s price comes from.';
comment on column public.virtual_gifts.price is 'Minor units.';

create table public.gift_purchases (
    id             uuid primary key default private.uuid_v7(),
    user_id        uuid not null references public.users (id) on delete restrict,
    gift_id        uuid not null references public.virtual_gifts (id) on delete restrict,
    quantity       integer not null check (quantity between 1 and 1000),
    sent           integer not null default 0,
    unit_price     bigint not null check (unit_price > 0),
    currency       character(3) not null default private.currency(),
    transaction_id uuid not null references public.transactions (id),
    created_at     timestamptz not null default private.now(),
    constraint sent_within_purchase check (sent between 0 and quantity)
);
comment on table public.gift_purchases is 'Gifts bought, to be sent now or later.';
comment on column public.gift_purchases.unit_price is 'Price of one at the time of purchase, minor units.';
create index gift_purchases_user on public.gift_purchases (user_id, id desc);
create index gift_purchases_gift on public.gift_purchases (gift_id);
create index gift_purchases_transaction on public.gift_purchases (transaction_id);

create table public.gifts (
    id          uuid primary key default private.uuid_v7(),
    sender_id   uuid not null references public.users (id) on delete restrict,
    receiver_id uuid not null references public.users (id) on delete restrict,
    gift_id     uuid not null references public.virtual_gifts (id) on delete restrict,
    purchase_id uuid not null references public.gift_purchases (id) on delete restrict,
    session_id  uuid references public.sessions (id) on delete restrict,
    stream_id   uuid references public.live_streams (id) on delete restrict,
    message     text check (length(message) <= 500),
    created_at  timestamptz not null default private.now(),
    constraint not_to_oneself check (sender_id <> receiver_id),
    constraint one_context check (session_id is null or stream_id is null)
);
comment on table public.gifts is 'A gift sent: each draws one from a purchase.';
create index gifts_sender on public.gifts (sender_id, id desc);
create index gifts_receiver on public.gifts (receiver_id, id desc);
create index gifts_gift on public.gifts (gift_id);
create index gifts_purchase on public.gifts (purchase_id);
create index gifts_session on public.gifts (session_id);
create index gifts_stream on public.gifts (stream_id, id desc);

do $$
declare
    v_table text;
begin
    foreach v_table in array array['live_streams', 'virtual_gifts', 'gift_purchases', 'gifts'] loop
        execute format('alter table public.%I enable row level security', v_table);
    end loop;
    foreach v_table in array array['virtual_gifts', 'gift_purchases'] loop
        execute format('create trigger platform_currency before insert or update of currency on public.%I
                        for each row execute function private.require_platform_currency()', v_table);
    end loop;
end
$$;
create trigger touch before update on public.live_streams for each row execute function private.touch_updated_at();
