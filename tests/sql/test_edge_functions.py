"""What the database decides for Edge Functions and the realtime listener: TURN, bought files, live sessions, hints."""

import uuid
from typing import Any

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError

STRANGER = "00000000-0000-7000-8000-000000000000"


def side_of(market: Marketplace, person: Person, session: LiveSession) -> Any:
    return market.worker("turn_side", p_user_id=person.id, p_session_id=session.id)


def file_of(market: Marketplace, person: Person, product: str) -> Any:
    return market.worker("purchased_file", p_user_id=person.id, p_product_id=product)


def add_file(market: Marketplace, seller: Person | None, path: str, **more: Any) -> str:
    row = {"type": "DIGITAL", "name": f"Reading {uuid.uuid4()}", "description": "d", "category": "c", "price": 100}
    row |= {"file_url": path, "reader_id": seller and seller.id, **more}
    for name in {path, more.get("download_url", path)}:
        market.database.execute(
            "insert into storage.objects (bucket_id, name) values ('products', %s) on conflict do nothing", [name]
        )
    names = ", ".join(row)
    made = market.value(
        f"insert into products ({names}) values ({', '.join(['%s'] * len(row))}) returning id::text", *row.values()
    )
    return str(made)


def buy(market: Marketplace, buyer: Person, product: str, **more: Any) -> str:
    items = [{"product_id": product, "quantity": 1}]
    order = market.call(buyer, "place_order", p_items=items, p_idempotency_key=str(uuid.uuid4()), **more)
    return str(order["id"])


# TURN ------------------------------------------------------------


def test_both_sides_are_relayed_from_the_readers_yes_to_the_end(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    for _ in range(2):
        assert side_of(market, session.client, session) == "client"
        assert side_of(market, session.reader, session) == "reader"
        session.by(session.client, "join")
        session.by(session.reader, "join")
    session.by(session.reader, "end")
    for person in (session.client, session.reader):
        with market.refuses("invalid_state"):
            side_of(market, person, session)


def test_a_chat_has_no_media_to_relay(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    with market.refuses("invalid_state"):
        side_of(market, session.client, session)


def test_nobody_else_is_relayed_and_learns_nothing(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    for person in (market.client(), market.reader(), market.admin):
        with market.refuses("not_participant"):
            side_of(market, person, session)
    with market.refuses("not_participant"):
        market.worker("turn_side", p_user_id=session.client.id, p_session_id=STRANGER)


def test_a_request_that_waits_was_declined_or_lapsed_is_not_relayed(market: Marketplace) -> None:
    waiting = market.request(market.client(funds=3000), market.reader())
    with market.refuses("invalid_state"):
        side_of(market, waiting.client, waiting)
    waiting.by(waiting.reader, "decline")
    with market.refuses("invalid_state"):
        side_of(market, waiting.reader, waiting)
    lapsed = market.accepted(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    market.clock.advance(3600)
    with market.refuses("invalid_state"):
        side_of(market, lapsed.client, lapsed)


def test_an_appointment_is_relayed_once_its_lobby_is_open(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    # As the appointments' own tests cannot be borrowed whole: only the times of the row matter here.
    market.database.execute(
        "update public.sessions set scheduled_at = private.now() + interval '601 seconds', terms = terms || %s, "
        "expires_at = private.now() + interval '1200 seconds' where id = %s",
        ['{"prehold_seconds": 600}', session.id],
    )
    with market.refuses("invalid_state"):
        side_of(market, session.client, session)
    market.clock.advance(2)
    assert side_of(market, session.client, session) == "client"


def test_a_suspended_participant_is_not_relayed(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    market.suspend(session.client)
    with market.refuses("account_suspended"):
        side_of(market, session.client, session)
    assert side_of(market, session.reader, session) == "reader"


# Bought files ------------------------------------------------------------


def test_a_buyer_gets_the_file_and_nobody_else_does(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    path = f"{seller.id}/moon.pdf"
    product = add_file(market, seller, path)
    with market.refuses("not_purchased"):
        file_of(market, buyer, product)
    buy(market, buyer, product)
    assert file_of(market, buyer, product) == {"bucket": "products", "path": path}
    for person in (seller, market.client(), market.admin):
        with market.refuses("not_purchased"):
            file_of(market, person, product)
    with market.refuses("not_purchased"):
        file_of(market, buyer, STRANGER)


def test_a_file_stays_the_buyers_when_the_shelf_changes(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    product = add_file(market, seller, f"{seller.id}/a.pdf")
    buy(market, buyer, product)
    market.database.execute(
        "update public.products set status = 'INACTIVE', price = 9, file_url = 'elsewhere' where id = %s", [product]
    )
    assert file_of(market, buyer, product)["path"] == f"{seller.id}/a.pdf"


def test_what_the_house_sells_lies_where_the_house_says(market: Marketplace) -> None:
    buyer = market.client(funds=1000)
    product = add_file(market, None, "house/stars.pdf", download_url="house/all-of-it.zip")
    buy(market, buyer, product)
    assert file_of(market, buyer, product)["path"] == "house/stars.pdf"


@pytest.mark.parametrize(
    ("table", "status", "before"), [("orders", "CANCELLED", "DELIVERED"), ("transactions", "REFUNDED", "COMPLETED")]
)
def test_money_back_takes_the_file_back(market: Marketplace, table: str, status: str, before: str) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    product = add_file(market, seller, f"{seller.id}/a.pdf")
    order = market.row("select id, transaction_id from public.orders where id = %s", buy(market, buyer, product))
    row = order["id"] if table == "orders" else order["transaction_id"]
    # By hand and only for this look: no call cancels an order of files, and the ledger knows of no money back.
    market.rows(f"update public.{table} set status = %s where id = %s returning id", status, row)
    with pytest.raises(RefusedError) as refused:
        file_of(market, buyer, product)
    market.rows(f"update public.{table} set status = %s where id = %s returning id", before, row)
    assert refused.value.code == "not_purchased"
    assert file_of(market, buyer, product)


def test_a_seller_cannot_have_another_folders_file_signed(market: Marketplace) -> None:
    seller, other, buyer = market.reader(), market.reader(), market.client(funds=1000)
    for path in (f"{other.id}/secret.pdf", "secret.pdf", f"{seller.id}x/secret.pdf", f"/{seller.id}/secret.pdf"):
        product = add_file(market, seller, path)
        with market.refuses("not_on_sale"):
            buy(market, buyer, product)
        with market.refuses("not_purchased"):
            file_of(market, buyer, product)


def test_what_is_shipped_has_no_file(market: Marketplace) -> None:
    seller, buyer = market.reader(), market.client(funds=1000)
    product = add_file(market, seller, f"{seller.id}/a.pdf", type="PHYSICAL")
    buy(market, buyer, product, p_shipping_address={"line1": "Way 1"})
    with market.refuses("not_found"):
        file_of(market, buyer, product)


# Live sessions and hints ------------------------------------------------------------


def live(market: Marketplace) -> dict[str, dict[str, str]]:
    return {session["session_id"]: session for session in market.worker("live_sessions")}


def test_a_session_is_live_from_the_first_arrival_to_its_end(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=3000), market.reader(types=["CALL"]), p_type="CALL")
    assert session.id not in live(market)
    session.by(session.reader, "join")
    assert live(market)[session.id] == {
        "session_id": session.id,
        "client_id": session.client.id,
        "reader_id": session.reader.id,
    }
    session.by(session.client, "join")
    assert session.id in live(market)
    session.by(session.client, "end")
    assert session.id not in live(market)


def test_a_hint_that_is_taken_back_in_time_pauses_nothing(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    seen = {"p_session_ids": [session.id], "p_sides": ["reader"]}
    market.worker("record_presence", **seen, p_left=True)
    market.clock.advance(4)
    assert market.worker("withdraw_leave_hints", **seen) == 1
    session.talk(6, [session.client])
    assert session.row()["pause_reason"] is None


def test_a_hint_whose_time_is_over_is_not_taken_back(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    seen = {"p_session_ids": [session.id], "p_sides": ["reader"]}
    market.worker("record_presence", **seen, p_left=True)
    market.clock.advance(6)
    assert market.worker("withdraw_leave_hints", **seen) == 0
    session.by(session.client, "heartbeat")
    market.tick()
    assert session.row()["pause_reason"] == "reader_absent"


def test_taking_hints_back_keeps_nobody_alive(market: Marketplace) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    seen = {"p_session_ids": [session.id], "p_sides": ["reader"]}
    for _ in range(7):
        session.talk(10, [session.client])
        market.worker("withdraw_leave_hints", **seen)
    assert session.row()["pause_reason"] == "reader_absent"
