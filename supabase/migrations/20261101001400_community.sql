-- Community and trade around it: reviews, blocks, reports, favourites, notifications, wait list, promotions, consents.

set lock_timeout = '4s';

create type public.report_status as enum ('OPEN', 'UPHELD', 'DISMISSED');
comment on type public.report_status is 'What moderators decided of a report.';
create type public.consent_kind as enum ('TERMS', 'PRIVACY', 'ADULT', 'RECORDING', 'MARKETING', 'AUTO_RELOAD');
comment on type public.consent_kind is 'What a person can agree to.';
create type public.promo_kind as enum ('CREDIT', 'FREE_MINUTES');
comment on type public.promo_kind is 'What a promotion gives: money, or minutes of a first session.';

create table public.reviews (
    id           uuid primary key default private.uuid_v7(),
    session_id   uuid not null unique references public.sessions (id) on delete restrict,
    client_id    uuid not null references public.users (id) on delete restrict,
    reader_id    uuid not null references public.users (id) on delete restrict,
    rating       smallint not null check (rating between 1 and 5),
    comment      text check (length(comment) between 1 and 4000),
    response     text check (length(response) between 1 and 4000),
    responded_at timestamptz,
    is_hidden    boolean not null default false,
    created_at   timestamptz not null default private.now(),
    updated_at   timestamptz not null default private.now(),
    constraint response_has_time check ((response is null) = (responded_at is null))
);
comment on table public.reviews is 'What a client says of a session that was billed, once; the reader may respond.';
create index reviews_reader on public.reviews (reader_id, id desc);
create index reviews_client on public.reviews (client_id, id desc);

create table public.blocks (
    id         uuid primary key default private.uuid_v7(),
    blocker_id uuid not null references public.users (id) on delete cascade,
    blocked_id uuid not null references public.users (id) on delete cascade,
    created_at timestamptz not null default private.now(),
    constraint blocked_once unique (blocker_id, blocked_id),
    constraint not_oneself check (blocker_id <> blocked_id)
);
comment on table public.blocks is 'Who does not want to hear from whom. Never shown to the one who is blocked.';
create index blocks_blocked on public.blocks (blocked_id);

create table public.reports (
    id           uuid primary key default private.uuid_v7(),
    reporter_id  uuid not null references public.users (id) on delete restrict,
    reported_id  uuid not null references public.users (id) on delete restrict,
    entity_type  text not null check (entity_type in ('user', 'session', 'message', 'chat_message', 'forum_post', 'forum_reply', 'review', 'live_stream')),
    entity_id    uuid not null,
    reason       text not null check (length(reason) between 1 and 4000),
    evidence     jsonb check (length(evidence::text) <= 200000),
    status       public.report_status not null default 'OPEN',
    resolved_by  uuid references public.users (id),
    resolved_at  timestamptz,
    resolution   text check (length(resolution) <= 4000),
    created_at   timestamptz not null default private.now(),
    updated_at   timestamptz not null default private.now(),
    constraint resolved_when_decided check ((status = 'OPEN') = (resolved_at is null)),
    constraint not_oneself check (reporter_id <> reported_id)
);
comment on table public.reports is 'A complaint, with the messages its author chose to reveal.';
create index reports_reporter on public.reports (reporter_id, id desc);
create index reports_reported on public.reports (reported_id);
create index reports_resolver on public.reports (resolved_by);
create index reports_open on public.reports (id) where status = 'OPEN';

create table public.favorites (
    id         uuid primary key default private.uuid_v7(),
    client_id  uuid not null references public.users (id) on delete cascade,
    reader_id  uuid not null references public.users (id) on delete cascade,
    created_at timestamptz not null default private.now(),
    constraint favored_once unique (client_id, reader_id),
    constraint not_oneself check (client_id <> reader_id)
);
comment on table public.favorites is 'Readers a client wants to find again.';
create index favorites_reader on public.favorites (reader_id);

create table public.notifications (
    id         uuid primary key default private.uuid_v7(),
    user_id    uuid not null references public.users (id) on delete cascade,
    kind       text not null check (kind ~ '^[a-z_]{1,60}$'),
    payload    jsonb not null default '{}' check (length(payload::text) <= 4000),
    read_at    timestamptz,
    created_at timestamptz not null default private.now()
);
comment on table public.notifications is 'What a person is told; ids and facts, no message content.';
create index notifications_user on public.notifications (user_id, id desc);

create table public.wait_list (
    id         uuid primary key default private.uuid_v7(),
    reader_id  uuid not null references public.users (id) on delete cascade,
    client_id  uuid not null references public.users (id) on delete cascade,
    type       public.session_type not null,
    offered_at timestamptz,
    expires_at timestamptz,
    created_at timestamptz not null default private.now(),
    constraint waits_once unique (reader_id, client_id),
    constraint not_oneself check (client_id <> reader_id),
    constraint offered_expires check ((offered_at is null) = (expires_at is null))
);
comment on table public.wait_list is 'Who waits for a busy reader, in order of arrival.';
create index wait_list_client on public.wait_list (client_id);
create index wait_list_order on public.wait_list (reader_id, id);

create table public.promo_codes (
    id              uuid primary key default private.uuid_v7(),
    code            extensions.citext not null unique check (code::text ~ '^[A-Za-z0-9]{4,30}$'),
    kind            public.promo_kind not null,
    amount          bigint check (amount > 0),
    minutes         integer check (minutes between 1 and 60),
    currency        character(3) not null default private.currency(),
    max_redemptions integer check (max_redemptions > 0),
    redemptions     integer not null default 0,
    valid_from      timestamptz not null default private.now(),
    valid_to        timestamptz,
    ended_at        timestamptz,
    created_by      uuid references public.users (id),
    created_at      timestamptz not null default private.now(),
    constraint kind_has_its_value check ((kind = 'CREDIT') = (amount is not null) and (kind = 'FREE_MINUTES') = (minutes is not null)),
    constraint within_redemptions check (redemptions between 0 and coalesce(max_redemptions, redemptions)),
    constraint valid_interval check (valid_to is null or valid_to > valid_from)
);
comment on table public.promo_codes is 'Promotions, paid for by the house.';
comment on column public.promo_codes.amount is 'Credit, minor units.';
comment on column public.promo_codes.ended_at is 'When an administrator ended it before its time.';
create index promo_codes_author on public.promo_codes (created_by);

create table public.promo_redemptions (
    id               uuid primary key default private.uuid_v7(),
    promo_code_id    uuid not null references public.promo_codes (id) on delete restrict,
    user_id          uuid not null references public.users (id) on delete restrict,
    card_fingerprint text check (length(card_fingerprint) <= 100),
    transaction_id   uuid references public.transactions (id),
    session_id       uuid unique references public.sessions (id),
    increments       integer check (increments > 0),
    created_at       timestamptz not null default private.now(),
    constraint reserved_has_increments check ((session_id is null) = (increments is null)),
    constraint redeemed_once_a_person unique (promo_code_id, user_id),
    constraint redeemed_once_a_card unique (promo_code_id, card_fingerprint)
);
comment on table public.promo_redemptions is 'Who used which promotion: once a person and once a card.';
comment on column public.promo_redemptions.session_id is 'The session that free minutes are kept for or were used in; null while they wait for one.';
comment on column public.promo_redemptions.increments is 'How many increments of that session are free.';
create index promo_redemptions_user on public.promo_redemptions (user_id);
create index promo_redemptions_transaction on public.promo_redemptions (transaction_id);

create table public.consents (
    id          uuid primary key default private.uuid_v7(),
    user_id     uuid not null references public.users (id) on delete cascade,
    kind        public.consent_kind not null,
    version     text not null check (version ~ '^[0-9A-Za-z._-]{1,40}$'),
    details     jsonb not null default '{}' check (length(details::text) <= 2000),
    ip_address  inet,
    accepted_at timestamptz not null default private.now(),
    withdrawn_at timestamptz
);
comment on table public.consents is 'What a person agreed to, in which version, and when; withdrawn, never deleted.';
create unique index consents_standing on public.consents (user_id, kind, version) where withdrawn_at is null;
create index consents_user on public.consents (user_id, id desc);

do $$
declare
    v_table text;
begin
    foreach v_table in array array['reviews', 'blocks', 'reports', 'favorites', 'notifications', 'wait_list',
                                   'promo_codes', 'promo_redemptions', 'consents'] loop
        execute format('alter table public.%I enable row level security', v_table);
    end loop;
    foreach v_table in array array['reviews', 'reports'] loop
        execute format('create trigger touch before update on public.%I for each row execute function private.touch_updated_at()', v_table);
    end loop;
end
$$;
create trigger platform_currency before insert or update of currency on public.promo_codes
    for each row execute function private.require_platform_currency();

----------------------------------------------------------------------
-- Own lists: a person's other devices follow; the person who is listed is told nothing
----------------------------------------------------------------------

create function private.tell_favorite_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_favorite public.favorites := coalesce(new, old);
begin
    perform private.tell(v_favorite.client_id, 'favorite_changed', jsonb_build_object('reader_id', v_favorite.reader_id));
    return null;
end
$$;
comment on function private.tell_favorite_change() is 'Tells whoever keeps the list that a reader was added or removed.';
create trigger tell_change after insert or delete on public.favorites
    for each row execute function private.tell_favorite_change();

create function private.tell_block_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_block public.blocks := coalesce(new, old);
begin
    perform private.tell(v_block.blocker_id, 'block_changed', jsonb_build_object('blocked_id', v_block.blocked_id));
    return null;
end
$$;
comment on function private.tell_block_change() is 'Tells whoever blocks that somebody was added or removed; never the one who is blocked.';
create trigger tell_change after insert or delete on public.blocks
    for each row execute function private.tell_block_change();

----------------------------------------------------------------------
-- Reviews
----------------------------------------------------------------------

insert into private.error_codes (code, status, sentence, hint) values
    ('already_reviewed', 409, 'The session has its review.', 'A session is reviewed once.'),
    ('not_billed', 409, 'Nothing was billed in this session.', 'Only a billed session can be reviewed.');

create function private.review_session(p_session_id uuid, p_rating integer, p_comment text)
returns public.reviews
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user    uuid := private.require_user();
    v_session public.sessions;
    v_review  public.reviews;
begin
    select s.* into v_session from public.sessions s where s.id = p_session_id and s.client_id = v_user;
    if not found then
        perform private.fail('not_participant');
    elsif v_session.ended_at is null then
        perform private.fail('invalid_state');
    elsif v_session.billed_minutes = 0 then
        perform private.fail('not_billed');
    elsif p_rating is null or p_rating not between 1 and 5 or length(p_comment) > 4000 then
        perform private.fail('invalid_argument', 'p_rating is 1 to 5, p_comment at most 4000 characters.');
    end if;
    insert into public.reviews (session_id, client_id, reader_id, rating, comment)
    values (p_session_id, v_user, v_session.reader_id, p_rating, nullif(p_comment, ''))
    on conflict (session_id) do nothing returning * into v_review;
    if not found then
        perform private.fail('already_reviewed');
    end if;
    return v_review;
end
$$;
comment on function private.review_session(uuid, integer, text) is 'The session''s client, once, when it is final and was billed.';

create function private.respond_to_review(p_review_id uuid, p_response text)
returns public.reviews
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_user   uuid := private.require_user();
    v_review public.reviews;
begin
    if p_response is null or length(p_response) not between 1 and 4000 then
        perform private.fail('invalid_argument', 'p_response has 1 to 4000 characters.');
    end if;
    update public.reviews r set response = p_response, responded_at = private.now()
    where r.id = p_review_id and r.reader_id = v_user returning r.* into v_review;
    if not found then
        perform private.fail('not_found');
    end if;
    return v_review;
end
$$;
comment on function private.respond_to_review(uuid, text) is 'The reviewed reader''s answer; the last one stands.';

create function private.fold_rating()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    -- Locked in a statement of its own: of two reviews at once, the second counts both.
    perform from public.readers r where r.user_id = new.reader_id for no key update;
    update public.readers r
    set average_rating = coalesce((select round(avg(v.rating), 2) from public.reviews v where v.reader_id = r.user_id and not v.is_hidden), 0)
    where r.user_id = new.reader_id;
    return null;
end
$$;
comment on function private.fold_rating() is 'Keeps readers.average_rating to the reviews that are shown.';
create trigger fold_rating after insert or update of rating, is_hidden on public.reviews
    for each row execute function private.fold_rating();

create function public.review_session(p_session_id uuid, p_rating numeric, p_comment text default null)
returns public.reviews
language plpgsql set search_path = '' as $$
begin
    return private.review_session(p_session_id, private.whole_integer(p_rating, 'p_rating'), p_comment);
end
$$;
comment on function public.review_session(uuid, numeric, text) is
    'Review a finished, billed session, once. Refuses with not_participant, invalid_state, not_billed, already_reviewed, invalid_argument, account_suspended.';

create function public.respond_to_review(p_review_id uuid, p_response text)
returns public.reviews
language plpgsql set search_path = '' as $$
begin
    return private.respond_to_review(p_review_id, p_response);
end
$$;
comment on function public.respond_to_review(uuid, text) is
    'The reader answers a review of theirs. Refuses with not_found, invalid_argument, account_suspended.';
