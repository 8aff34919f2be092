-- One purchase at once, as a gift is: the client's own row, the postings, the earning. With or without a job for it.
create function live.buy(p_n integer, p_with_job boolean) returns bigint language plpgsql security definer set search_path = '' as $$
declare
    v_buyer       live.cast;
    v_transaction uuid;
    v_share       bigint;
begin
    select c.* into v_buyer from live.cast c where c.n = p_n;
    insert into public.transactions (user_id, type, amount, status, reader_earnings, platform_revenue, description)
    values (v_buyer.client_id, 'GIFT_PURCHASE', 100, 'COMPLETED', 70, 30, 'Gift') returning id into v_transaction;
    v_share := private.spend(v_transaction, 'gift', v_buyer.client_id, v_buyer.reader_id, 100, 7000);
    if p_with_job then
        perform private.enqueue('session.settled', jsonb_build_object('session_id', v_transaction));
    end if;
    return v_share;
end
$$;
create unique index on live.cast (n);
