"""Gifts and tips: what people give a reader beside the paid minutes."""

import uuid
from collections.abc import Callable

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError, Row

NOBODYS = "00000000-0000-7000-8000-000000000000"
PRICE = 101


@pytest.fixture(scope="module", autouse=True)
def _settings(market: Marketplace) -> None:
    market.set("gift.per_minute", 1000)


@pytest.fixture(scope="module")
def rose(market: Marketplace) -> str:
    return add_gift(market, PRICE)


def add_gift(market: Marketplace, price: int, *, active: bool = True) -> str:
    return str(
        market.value(
            "insert into virtual_gifts (name, price, image_url, is_active) values (%s, %s, 'rose.png', %s) "
            "returning id::text",
            f"Rose {uuid.uuid4()}",
            price,
            active,
        )
    )


def send(market: Marketplace, sender: Person, receiver: Person, gift: str, **more: object) -> Row:
    arguments = {"p_receiver_id": receiver.id, "p_gift_id": gift, "p_idempotency_key": str(uuid.uuid4()), **more}
    answer: Row = market.call(sender, "send_gift", **arguments)
    return answer


def buy(market: Marketplace, buyer: Person, gift: str, quantity: int, key: str | None = None) -> Row:
    answer: Row = market.call(
        buyer, "buy_gifts", p_gift_id=gift, p_quantity=quantity, p_idempotency_key=key or str(uuid.uuid4())
    )
    return answer


def tip(market: Marketplace, session: LiveSession, amount: int | None, **more: object) -> Row:
    arguments = {"p_session_id": session.id, "p_amount": amount, "p_idempotency_key": str(uuid.uuid4()), **more}
    answer: Row = market.call(session.client, "send_tip", **arguments)
    return answer


def transaction(market: Marketplace, key: str) -> Row:
    return market.row(
        "select type::text, amount, status::text, reader_earnings, platform_revenue, session_id::text "
        "from transactions where id = %s",
        key,
    )


def paid_for(market: Marketplace, gift: Row) -> Row:
    purchase = market.row("select * from gift_purchases where id = %s", gift["purchase_id"])
    return transaction(market, purchase["transaction_id"])


def live_stream(market: Marketplace, reader: Person) -> str:
    title = str(uuid.uuid4())
    market.add(reader, "live_streams", {"reader_id": reader.id, "title": title, "category": "cards"})
    stream = str(market.value("select id::text from live_streams where title = %s", title))
    market.call(reader, "start_stream", p_stream_id=stream)
    return stream


def told(market: Marketplace, topic: str, event: str) -> list[Row]:
    query = "select payload - 'id' as payload from realtime.messages where topic = %s and event = %s"
    return [row["payload"] for row in market.rows(query, topic, event)]


# Sending ------------------------------------------------------------


def test_a_gift_is_bought_and_sent_in_one_step_and_shared(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000, promo=50), market.reader()
    gift = send(market, client, reader, rose, p_message="For you")
    assert (gift["sender_id"], gift["receiver_id"], gift["message"]) == (client.id, reader.id, "For you")
    assert paid_for(market, gift) == {
        "type": "GIFT_PURCHASE",
        "amount": 101,
        "status": "COMPLETED",
        "reader_earnings": 70,
        "platform_revenue": 31,
        "session_id": None,
    }
    assert market.wallet(client) == {"balance": 949, "held": 0, "available": 949, "promo": 0}
    assert market.earned(reader) == 70
    assert len(told(market, f"user:{reader.id}", "gift")) == 1


def test_a_gift_in_a_session_is_told_there(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    session = market.started(client, reader)
    gift = send(market, client, reader, rose, p_session_id=session.id)
    assert paid_for(market, gift)["session_id"] == session.id
    (payload,) = told(market, f"session:{session.id}", "gift")
    assert payload == {"gift_id": rose, "sender_id": client.id, "session_id": session.id}
    session.by(client, "end")
    with market.refuses("invalid_state"):
        send(market, client, reader, rose, p_session_id=session.id)


def test_a_gift_on_a_stream_is_told_there(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    stream = live_stream(market, reader)
    with market.refuses("not_found"):
        send(market, client, reader, rose, p_stream_id=stream)
    market.call(client, "join_stream", p_stream_id=stream)
    send(market, client, reader, rose, p_stream_id=stream)
    (payload,) = told(market, f"stream:{stream}", "gift")
    assert payload["stream_id"] == stream
    assert [(gift["gift_id"], gift["sender_id"]) for gift in payload["gifts"]] == [(rose, client.id)]
    market.call(client, "leave_stream", p_stream_id=stream)
    with market.refuses("invalid_state"):
        send(market, client, reader, rose, p_stream_id=stream)


def test_many_gifts_within_a_second_are_told_together_and_each_once(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=100_000), market.reader()
    stream = live_stream(market, reader)
    market.call(client, "join_stream", p_stream_id=stream)
    sent = [send(market, client, reader, rose, p_stream_id=stream)["id"] for _ in range(70)]
    at_once = told(market, f"stream:{stream}", "gift")
    assert [len(event["gifts"]) for event in at_once] == [1] * 5
    # The receiver hears of each on their own topic.
    assert len(told(market, f"user:{reader.id}", "gift")) == 70
    assert sum(market.at_once([lambda: market.worker("tell_gifts")] * 3)) == 65
    events = told(market, f"stream:{stream}", "gift")
    assert sorted(len(event["gifts"]) for event in events) == [1] * 5 + [15, 50]
    assert sorted(gift["id"] for event in events for gift in event["gifts"]) == sorted(sent)
    assert market.worker("tell_gifts") == 0
    market.clock.advance(2)
    send(market, client, reader, rose, p_stream_id=stream)
    assert len(told(market, f"stream:{stream}", "gift")) == 8


def test_the_readers_own_rule_of_the_moment_counts(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    purchase = buy(market, client, rose, 1)
    market.database.execute(
        "insert into ledger.rules (kind, reader_id, share_bps) values ('GIFT', %s, 5000)", [reader.id]
    )
    now, later = send(market, client, reader, rose), send(market, client, reader, rose, p_purchase_id=purchase["id"])
    assert [paid_for(market, gift)["reader_earnings"] for gift in (now, later)] == [50, 50]


# Buying for later ------------------------------------------------------------


def test_the_platform_keeps_the_money_until_each_gift_is_sent(market: Marketplace, rose: str) -> None:
    client, first, second = market.client(funds=303), market.reader(), market.reader()
    before = market.house("platform_revenue")
    purchase = buy(market, client, rose, 3)
    assert (purchase["quantity"], purchase["sent"], purchase["unit_price"]) == (3, 0, 101)
    assert market.house("platform_revenue") - before == 303
    assert market.wallet(client)["available"] == 0
    for reader in (first, second):
        send(market, client, reader, rose, p_purchase_id=purchase["id"])
        assert market.earned(reader) == 70
    assert market.house("platform_revenue") - before == 163
    row = transaction(market, purchase["transaction_id"])
    assert (row["amount"], row["reader_earnings"], row["platform_revenue"]) == (303, 140, 163)
    send(market, client, first, rose, p_purchase_id=purchase["id"])
    with market.refuses("invalid_state"):
        send(market, client, first, rose, p_purchase_id=purchase["id"])


def test_gifts_bought_before_can_be_sent_when_they_are_sold_no_more(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    gift = add_gift(market, PRICE)
    purchase = buy(market, client, gift, 2)
    market.database.execute("update virtual_gifts set is_active = false, price = 999 where id = %s", [gift])
    with market.setting("switch.spending", value=False):
        send(market, client, reader, gift, p_purchase_id=purchase["id"])
    assert market.earned(reader) == 70
    with market.refuses("not_on_sale"):
        send(market, client, reader, gift)
    with market.refuses("not_on_sale"):
        buy(market, client, gift, 1)


def test_no_more_is_drawn_at_once_than_was_bought(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    purchase = buy(market, client, rose, 3)
    answers = market.at_once(
        [lambda: send(market, client, reader, rose, p_purchase_id=purchase["id"]) for _ in range(8)]
    )
    assert [answer.code for answer in answers if isinstance(answer, RefusedError)] == ["invalid_state"] * 5
    assert market.earned(reader) == 210


def test_only_the_buyer_draws_and_only_the_gift_that_was_bought(market: Marketplace, rose: str) -> None:
    client, other, reader = market.client(funds=1000), market.client(funds=1000), market.reader()
    purchase, dearer = buy(market, client, rose, 1), add_gift(market, 5000)
    with market.refuses("not_found"):
        send(market, other, reader, rose, p_purchase_id=purchase["id"])
    with market.refuses("not_found"):
        send(market, client, reader, dearer, p_purchase_id=purchase["id"])
    with market.refuses("not_found"):
        send(market, client, reader, rose, p_purchase_id=NOBODYS)


def test_what_was_given_back_cannot_be_sent(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    purchase = buy(market, client, rose, 2)
    market.rows("select ledger.reverse_transaction(%s, 202)", purchase["transaction_id"])
    assert market.wallet(client)["available"] == 1000
    with market.refuses("invalid_state"):
        send(market, client, reader, rose, p_purchase_id=purchase["id"])


# Refusals ------------------------------------------------------------


@pytest.mark.parametrize("quantity", [0, -1, 1001, None])
def test_quantities_are_bounded(market: Marketplace, rose: str, quantity: int | None) -> None:
    client = market.client(funds=1000)
    with market.refuses("invalid_argument"):
        market.call(client, "buy_gifts", p_gift_id=rose, p_quantity=quantity, p_idempotency_key="k")


def test_numbers_beyond_an_integer_never_reach_the_money(market: Marketplace, rose: str) -> None:
    client = market.client(funds=1000)
    session = market.started(client, market.reader())
    with market.refuses("invalid_argument"):
        buy(market, client, rose, 2**63)
    with market.refuses("amount_out_of_range"):
        tip(market, session, 2**63)
    assert market.wallet(client)["balance"] == 700


def test_a_gift_goes_to_a_reader_who_can_be_reached(market: Marketplace, rose: str) -> None:
    client, reader, blocking = market.client(funds=1000), market.reader(), market.reader()
    suspended, unverified = market.reader(), market.reader()
    market.suspend(suspended)
    market.database.execute("update readers set is_verified = false where user_id = %s", [unverified.id])
    market.add(blocking, "blocks", {"blocker_id": blocking.id, "blocked_id": client.id})
    nobody = Person(NOBODYS, "")
    for receiver in (market.client(), suspended, unverified, blocking, nobody):
        with market.refuses("reader_unavailable"):
            send(market, client, receiver, rose)
    with market.refuses("invalid_argument"):
        send(market, reader, reader, rose)
    with market.refuses("invalid_argument"):
        send(market, client, reader, rose, p_message="x" * 501)


def test_a_gift_belongs_to_one_session_of_its_client_or_one_stream(market: Marketplace, rose: str) -> None:
    client, reader, other = market.client(funds=1000), market.reader(), market.reader()
    session = market.started(client, reader)
    stream = live_stream(market, other)
    market.call(client, "join_stream", p_stream_id=stream)
    with market.refuses("invalid_argument"):
        send(market, client, reader, rose, p_session_id=session.id, p_stream_id=stream)
    with market.refuses("invalid_argument"):
        send(market, client, other, rose, p_session_id=session.id)
    with market.refuses("invalid_argument"):
        send(market, client, reader, rose, p_stream_id=stream)
    stranger = market.client(funds=1000)
    with market.refuses("not_participant"):
        send(market, stranger, reader, rose, p_session_id=session.id)
    with market.refuses("not_participant"):
        send(market, reader, other, rose, p_session_id=session.id)


def test_an_unknown_gift_is_not_on_sale(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    with market.refuses("not_on_sale"):
        send(market, client, reader, NOBODYS)


def test_what_the_wallet_does_not_cover_is_not_given(market: Marketplace, rose: str) -> None:
    poor, frozen, reader = market.client(funds=60, promo=40), market.client(funds=1000), market.reader()
    session = market.started(market.client(funds=300), reader)
    with market.refuses("insufficient_funds"):
        send(market, poor, reader, rose)
    with market.refuses("insufficient_funds"):
        buy(market, poor, rose, 1)
    with market.refuses("insufficient_funds"):
        tip(market, session, 100)
    market.freeze(frozen)
    with market.refuses("wallet_frozen"):
        send(market, frozen, reader, rose)


def test_one_switch_stops_gifts_and_tips(market: Marketplace, rose: str) -> None:
    client, reader = market.client(funds=1000), market.reader()
    session = market.started(client, reader)
    calls: list[Callable[[], object]] = [
        lambda: send(market, client, reader, rose),
        lambda: buy(market, client, rose, 1),
        lambda: tip(market, session, 100),
    ]
    with market.setting("switch.spending", value=False):
        for call in calls:
            with market.refuses("spending_disabled"):
                call()


@pytest.mark.parametrize("call", ["send", "buy"])
def test_gifts_are_limited_by_the_minute(market: Marketplace, rose: str, call: str) -> None:
    client, reader = market.client(funds=1000), market.reader()

    def give() -> Row:
        return send(market, client, reader, rose) if call == "send" else buy(market, client, rose, 1)

    with market.setting("gift.per_minute", 2):
        give()
        give()
        with market.refuses("rate_limited"):
            give()
        with pytest.raises(RefusedError) as refused:
            give()
        assert int(refused.value.retry_after) >= 1
        market.clock.advance(61)
        give()


# Once ------------------------------------------------------------


def test_the_same_key_gives_once_and_answers_the_same(market: Marketplace, rose: str) -> None:
    client, reader, other = market.client(funds=1000), market.reader(), market.reader()
    session = market.started(client, reader)
    answers = market.at_once([lambda: send(market, client, reader, rose, p_idempotency_key="g")] * 6)
    assert answers == [answers[0]] * 6
    purchases = market.at_once([lambda: buy(market, client, rose, 1, "b")] * 6)
    assert purchases == [purchases[0]] * 6
    tips = market.at_once([lambda: tip(market, session, 100, p_idempotency_key="t")] * 6)
    assert tips == [tips[0]] * 6
    assert market.wallet(client)["balance"] == 1000 - 300 - PRICE - PRICE - 100
    with market.refuses("idempotency_key_reused"):
        send(market, client, other, rose, p_idempotency_key="g")
    with market.refuses("idempotency_key_reused"):
        buy(market, client, rose, 2, "b")
    with market.refuses("idempotency_key_reused"):
        tip(market, session, 101, p_idempotency_key="t")


def test_gifts_at_once_never_spend_more_than_there_is(market: Marketplace, rose: str) -> None:
    client, readers = market.client(funds=250, promo=100), [market.reader(), market.reader()]
    answers = market.at_once([lambda i=i: send(market, client, readers[i % 2], rose) for i in range(10)])
    refused = [answer.code for answer in answers if isinstance(answer, RefusedError)]
    assert refused == ["insufficient_funds"] * 7
    assert market.wallet(client)["available"] == 350 - 3 * PRICE


# Tips ------------------------------------------------------------


def test_a_tip_goes_to_the_sessions_reader_by_the_rule_for_tips(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    session = market.started(client, reader)
    given = tip(market, session, 105)
    assert transaction(market, given["id"]) == {
        "type": "TIP",
        "amount": 105,
        "status": "COMPLETED",
        "reader_earnings": 94,
        "platform_revenue": 11,
        "session_id": session.id,
    }
    assert told(market, f"user:{reader.id}", "tip") == [{"session_id": session.id}]
    assert told(market, f"session:{session.id}", "tip") == [{"session_id": session.id}]


def test_a_tip_is_taken_for_a_while_after_the_end(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    market.clock.advance(30)
    session.by(session.client, "end")
    market.clock.advance(86_400)
    tip(market, session, 100)
    market.clock.advance(1)
    with market.refuses("invalid_state"):
        tip(market, session, 100)


@pytest.mark.parametrize("amount", [None, -1, 0, 99, 50_001, 2**63 - 1])
def test_tips_are_bounded(market: Marketplace, amount: int | None) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    with market.refuses("amount_out_of_range"):
        tip(market, session, amount)


def test_only_the_client_of_a_session_that_began_tips(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    session = market.request(client, reader)
    with market.refuses("invalid_state"):
        tip(market, session, 100)
    for stranger in (reader, market.client(funds=1000)):
        with market.refuses("not_participant"):
            market.call(stranger, "send_tip", p_session_id=session.id, p_amount=100, p_idempotency_key="k")
    anonymous = market.client(is_anonymous=True)
    with market.refuses("account_required"):
        market.call(anonymous, "send_tip", p_session_id=session.id, p_amount=100, p_idempotency_key="k")


# Proof ------------------------------------------------------------

_DAMAGES = {
    "transaction differs from what was spent": "update transactions set reader_earnings = reader_earnings + 1, "
    "platform_revenue = platform_revenue - 1 where id = %(tip)s",
    "gift purchase differs from its payment": "update gift_purchases set unit_price = unit_price + 1 "
    "where id = %(purchase)s",
    "gifts sent differ from their purchase": "delete from gifts where purchase_id = %(purchase)s",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_a_wrong_gift_or_tip(market: Marketplace, rose: str, problem: str) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    names = {
        "tip": tip(market, session, 100)["id"],
        "purchase": send(market, session.client, session.reader, rose)["purchase_id"],
    }
    with market.database.transaction(force_rollback=True):
        market.database.execute(_DAMAGES[problem].encode(), names)
        assert problem in {row["problem"] for row in market.problems()}
