"""Any settled charge is given back by an administrator, in the proportions it was paid and shared."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from tests.administration.tables import with_second_factor
from tests.sql.marketplace import Marketplace, Person, Row
from tests.sql.sealing import ENVELOPE, give_keys
from tests.sql.test_gifts import add_gift
from tests.sql.test_orders import ADDRESS, add_product, place, stock


@pytest.fixture
def treasurer(market: Marketplace) -> Person:
    """An administrator with manage_finances, at aal2."""
    return with_second_factor(market, market.make_admin("manage_finances"))


def refund(market: Marketplace, admin: Person, charge: object, amount: object, key: str = "") -> Row:
    order: Row = market.call(
        admin, "admin_refund_charge", p_transaction_id=str(charge), p_amount=amount, p_reason="Not as described.",
        p_idempotency_key=key or str(uuid.uuid4()),
    )  # fmt: skip
    return order


def status(market: Marketplace, order: Row) -> str:
    return str(market.value("select status::text from orders where id = %s", order["id"]))


def test_an_order_of_two_sellers_goes_back_as_it_was_paid(market: Marketplace, treasurer: Person) -> None:
    sellers, buyer = [market.reader(), market.reader()], market.client(funds=4000, promo=300)
    file = add_product(market, sellers[0], 1000, type="DIGITAL")
    parcel = add_product(market, sellers[1], 501, type="PHYSICAL", stock_quantity=5)
    before = market.house("platform_revenue")
    order = place(market, buyer, (file, 1), (parcel, 1), p_shipping_address=ADDRESS)
    earned = [market.earned(seller) for seller in sellers]

    part = refund(market, treasurer, order["transaction_id"], 500)
    assert (part["status"], part["kind"], part["refunded_id"]) == ("DONE", "REFUND", order["transaction_id"])
    assert status(market, order) == "PAID"
    assert all(market.earned(seller) < share for seller, share in zip(sellers, earned, strict=True))

    refund(market, treasurer, order["transaction_id"], 1001)
    assert status(market, order) == "REFUNDED"
    wallet = market.wallet(buyer)
    assert (wallet["balance"], wallet["promo"]) == (4000, 300)
    assert [market.earned(seller) for seller in sellers] == [0, 0]
    assert market.house("platform_revenue") == before
    # What was sent, or may have been, does not come back to the shelf by itself.
    assert stock(market, parcel) == (4, "ACTIVE")
    with market.refuses("refund_exceeds_charge"):
        refund(market, treasurer, order["transaction_id"], 1)
    with market.refuses("invalid_state"):
        market.call(buyer, "order_files", p_order_id=order["id"])
    with market.refuses("invalid_state"):
        market.call(sellers[1], "ship_order", p_order_id=order["id"], p_tracking_number="1")
    assert market.problems() == []


def test_an_answer_that_was_paid_goes_back(market: Marketplace, treasurer: Person) -> None:
    give_keys(market)
    client, reader = market.client(funds=1000), market.reader()
    market.call(reader, "set_reply_price", p_price=501)
    asked = market.call(
        client, "send_message", p_receiver_id=reader.id, p_content=ENVELOPE, p_idempotency_key=str(uuid.uuid4()),
        p_price=501,
    )  # fmt: skip
    market.call(reader, "mark_read", p_conversation_id=asked["conversation_id"], p_message_id=asked["id"])
    market.call(
        reader, "send_message", p_receiver_id=client.id, p_content=ENVELOPE, p_idempotency_key=str(uuid.uuid4())
    )
    (paid,) = market.read(client, "paid_messages?select=transaction_id,status")
    assert paid["status"] == "ANSWERED"
    refund(market, treasurer, paid["transaction_id"], 501)
    assert market.wallet(client)["balance"] == 1000
    assert market.earned(reader) == 0
    assert market.problems() == []


def test_a_repeat_gives_back_once(market: Marketplace, treasurer: Person) -> None:
    buyer = market.client(funds=1000)
    order = place(market, buyer, (add_product(market, market.reader(), 1000), 1))
    assert refund(market, treasurer, order["transaction_id"], 400, "k") == refund(
        market, treasurer, order["transaction_id"], 400, "k"
    )
    assert market.wallet(buyer)["balance"] == 400
    with market.refuses("idempotency_key_reused"):
        refund(market, treasurer, order["transaction_id"], 401, "k")


def test_a_large_one_waits_and_is_measured_again(market: Marketplace, treasurer: Person) -> None:
    colleague = with_second_factor(market, market.make_admin("manage_finances"))
    seller, buyer = market.reader(), market.client(funds=1000)
    order = place(market, buyer, (add_product(market, seller, 1000), 1))
    with market.setting("admin.second_approval_from", 500):
        waiting = refund(market, treasurer, order["transaction_id"], 1000)
        assert (waiting["status"], market.wallet(buyer)["balance"]) == ("WAITING", 0)
        refund(market, treasurer, order["transaction_id"], 1)
        with market.refuses("refund_exceeds_charge"):
            market.call(colleague, "admin_approve", p_id=waiting["id"])
        rest = refund(market, treasurer, order["transaction_id"], 999)
        assert market.call(colleague, "admin_approve", p_id=rest["id"])["status"] == "DONE"
    assert status(market, order) == "REFUNDED"
    assert market.wallet(buyer)["balance"] == 1000
    assert market.problems() == []


def test_gifts_in_stock_go_back_whole_or_not_at_all(market: Marketplace, treasurer: Person) -> None:
    buyer, reader = market.client(funds=2000), market.reader()
    gift = add_gift(market, 100)
    ask = partial(market.call, buyer, "buy_gifts", p_gift_id=gift)
    kept, sent = (ask(p_quantity=5, p_idempotency_key=str(uuid.uuid4())) for _ in range(2))
    with market.refuses("invalid_state"):
        refund(market, treasurer, kept["transaction_id"], 499)
    send = partial(market.call, buyer, "send_gift", p_receiver_id=reader.id, p_gift_id=gift)
    send(p_purchase_id=sent["id"], p_idempotency_key=str(uuid.uuid4()))
    with market.refuses("invalid_state"):
        refund(market, treasurer, sent["transaction_id"], 500)
    refund(market, treasurer, kept["transaction_id"], 500)
    with market.refuses("invalid_state"):
        send(p_purchase_id=kept["id"], p_idempotency_key=str(uuid.uuid4()))
    # One that is bought and sent in one step goes back with the reader's share.
    earned = market.earned(reader)
    send(p_idempotency_key=str(uuid.uuid4()))
    single = market.value(
        "select id::text from transactions where user_id = %s and type = 'GIFT_PURCHASE' and amount = 100", buyer.id
    )
    assert market.earned(reader) > earned
    refund(market, treasurer, single, 100)
    assert market.earned(reader) == earned
    assert market.wallet(buyer)["balance"] == 1500
    assert market.problems() == []


def test_who_gets_it_is_no_second_administrator(market: Marketplace, treasurer: Person) -> None:
    colleague = with_second_factor(market, market.make_admin("manage_finances"))
    market.give(colleague, 1000)
    order = place(market, colleague, (add_product(market, market.reader(), 1000), 1))
    with market.setting("admin.second_approval_from", 500):
        waiting = refund(market, treasurer, order["transaction_id"], 1000)
        with market.refuses("own_request"):
            market.call(colleague, "admin_approve", p_id=waiting["id"])


def test_only_a_settled_charge_of_somebody_else_goes_back(market: Marketplace, treasurer: Person) -> None:
    session = market.started(market.client(funds=3000), market.reader())
    market.give(treasurer, 1000)
    mine = place(market, treasurer, (add_product(market, market.reader(), 500), 1))
    topup = market.value(
        "select id::text from transactions where user_id = %s and type = 'ADD_FUNDS'", session.client.id
    )
    with market.refuses("not_found"):
        refund(market, treasurer, uuid.uuid4(), 1)
    with market.refuses("invalid_state"):
        refund(market, treasurer, topup, 1)
    with market.refuses("own_request"):
        refund(market, treasurer, mine["transaction_id"], 1)
    session.talk(60)
    charge = market.value("select transaction_id from sessions where id = %s", session.id)
    # A session that goes on is still counting.
    with market.refuses("invalid_state"):
        refund(market, treasurer, charge, 1)
    session.by(session.client, "end")
    assert refund(market, treasurer, charge, 1)["session_id"] == session.id
    stranger = market.client()
    with market.refuses("permission_denied"):
        refund(market, stranger, charge, 1)
