-- Cards: what Stripe told of the cards people paid with. Known by fingerprint, so that many accounts are one card.

set lock_timeout = '4s';

insert into private.error_codes (code, status, sentence, hint) values
    ('card_required', 409, 'This needs a card that Stripe knows as yours.', 'Top up by card, or save one, then try again.');

create table public.cards (
    id                uuid primary key default private.uuid_v7(),
    user_id           uuid not null references public.users (id) on delete cascade,
    payment_method_id text not null unique check (payment_method_id ~ '^pm_[A-Za-z0-9_-]{1,250}$'),
    fingerprint       text not null check (length(fingerprint) between 1 and 100),
    brand             text not null check (length(brand) between 1 and 40),
    last4             text not null check (last4 ~ '^[0-9]{4}$'),
    exp_month         smallint not null check (exp_month between 1 and 12),
    exp_year          smallint not null check (exp_year between 2000 and 2200),
    is_saved          boolean not null,
    created_at        timestamptz not null default private.now(),
    updated_at        timestamptz not null default private.now()
);
comment on table public.cards is 'Cards a person paid with or saved, as Stripe describes them. The number never comes here.';
comment on column public.cards.fingerprint is 'Stripe''s name of the number: the same for the same card on any account.';
comment on column public.cards.is_saved is 'Whether Stripe keeps it for the person, so that it can be charged without them.';
create index cards_user on public.cards (user_id, id desc);
create index cards_fingerprint on public.cards (fingerprint);
alter table public.cards enable row level security;
create trigger touch before update on public.cards for each row execute function private.touch_updated_at();

create function private.keep_card(
    p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text, p_brand text, p_last4 text,
    p_exp_month integer, p_exp_year integer, p_is_saved boolean)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_card public.cards;
begin
    if not private.is_newest(p_payment_method_id, p_sequence) then
        return null;
    end if;
    -- A detached card names no customer any more; its row says whose it was.
    insert into public.cards as k (user_id, payment_method_id, fingerprint, brand, last4, exp_month, exp_year, is_saved)
    select coalesce(
               (select c.user_id from public.cards c where c.payment_method_id = p_payment_method_id),
               (select s.user_id from private.stripe_customers s where s.stripe_customer_id = p_stripe_customer_id)) as owner,
           p_payment_method_id, p_fingerprint, p_brand, p_last4, p_exp_month, p_exp_year, p_is_saved
    where exists (select from public.cards c where c.payment_method_id = p_payment_method_id)
       or exists (select from private.stripe_customers s where s.stripe_customer_id = p_stripe_customer_id)
    on conflict (payment_method_id) do update
    set exp_month = excluded.exp_month, exp_year = excluded.exp_year, is_saved = excluded.is_saved
    returning * into v_card;
    if not v_card.is_saved then
        perform private.stop_reloads_of(v_card);
    end if;
    return v_card.id;
end
$$;
comment on function private.keep_card(bigint, text, text, text, text, text, integer, integer, boolean) is
    'Remembers a card as it was fetched; one of nobody we know is left alone, an older answer too. Null then.';

create function worker_api.record_card(
    p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text, p_brand text, p_last4 text,
    p_exp_month integer, p_exp_year integer, p_is_saved boolean)
returns uuid
language sql
security definer
set search_path = ''
as $$
    select private.keep_card(p_sequence, p_stripe_customer_id, p_payment_method_id, p_fingerprint, p_brand, p_last4,
        p_exp_month, p_exp_year, p_is_saved)
$$;
comment on function worker_api.record_card(bigint, text, text, text, text, text, integer, integer, boolean) is
    'The card a payment was made with; before the payment is credited, so that whoever has paid has a card.';

create function worker_api.apply_card(
    p_event_id text, p_sequence bigint, p_stripe_customer_id text, p_payment_method_id text, p_fingerprint text,
    p_brand text, p_last4 text, p_exp_month integer, p_exp_year integer, p_is_saved boolean)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_card uuid;
    v_user uuid;
begin
    if not private.open_event(p_event_id) then
        return jsonb_build_object('applied', false, 'reason', 'already_applied');
    end if;
    v_card := private.keep_card(p_sequence, p_stripe_customer_id, p_payment_method_id, p_fingerprint, p_brand, p_last4,
        p_exp_month, p_exp_year, p_is_saved);
    perform private.close_event(p_event_id, case when v_card is null then 'STALE' else 'APPLIED' end);
    select c.user_id into v_user from public.cards c where c.id = v_card;
    return jsonb_build_object('applied', v_card is not null, 'user_id', v_user,
        'reason', case when v_card is null then 'stale' else 'applied' end);
end
$$;
comment on function worker_api.apply_card(text, bigint, text, text, text, text, text, integer, integer, boolean) is
    'A card was saved, changed or taken off, as it was fetched. What used it without its owner is switched off when it is gone.';

grant execute on all functions in schema worker_api to service_role;
