"""Direct messages: who may write to whom, what an answer costs, what is read, and what the screens are told."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row
from tests.sql.sealing import ENVELOPE, give_keys

PRICE = 501


@pytest.fixture(scope="module", autouse=True)
def _settings(market: Marketplace) -> None:
    market.set("message.per_minute", 1000)
    market.set("message.crossing_seconds", 0)
    give_keys(market)


def send(market: Marketplace, sender: Person, receiver: Person, price: int | None = None, **more: object) -> Row:
    arguments = {"p_receiver_id": receiver.id, "p_content": ENVELOPE, "p_idempotency_key": str(uuid.uuid4()), **more}
    answer: Row = market.call(sender, "send_message", **arguments, **({} if price is None else {"p_price": price}))
    return answer


def priced_reader(market: Marketplace, price: int = PRICE) -> Person:
    reader = market.reader()
    assert market.call(reader, "set_reply_price", p_price=price)["reply_price"] == price
    return reader


def told(market: Marketplace, topic: str) -> list[Row]:
    return market.rows("select event, payload from realtime.messages where topic = %s order by inserted_at, id", topic)


def test_a_message_reaches_the_receiver_and_says_nothing_of_its_content(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    sent = send(market, client, reader)
    assert market.read(reader, "messages?select=id,content")[0] == {"id": sent["id"], "content": ENVELOPE}
    conversation = sent["conversation_id"]
    payload = {"id": sent["id"], "conversation_id": conversation, "sender_id": client.id, "message_type": "TEXT"}
    for topic in (f"user:{reader.id}", f"conversation:{conversation}"):
        assert {"event": "message", "payload": payload} in [
            {"event": row["event"], "payload": {k: v for k, v in row["payload"].items() if k in payload}}
            for row in told(market, topic)
        ]
    assert "box" not in str(told(market, f"conversation:{conversation}"))
    # Who was written to may write back, and it is the same conversation.
    assert send(market, reader, client)["conversation_id"] == conversation


def test_first_messages_at_once_make_one_conversation(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    send(market, client, reader)
    other = market.reader()
    made = market.at_once([partial(send, market, client, other) for _ in range(8)])
    assert len({row["conversation_id"] for row in made}) == 1


def test_a_repeat_sends_and_holds_once(market: Marketplace) -> None:
    client, reader = market.client(funds=5000), priced_reader(market)
    key = str(uuid.uuid4())
    sent = market.at_once([partial(send, market, client, reader, PRICE, p_idempotency_key=key) for _ in range(4)])
    assert len({row["id"] for row in sent}) == 1
    assert market.wallet(client)["held"] == PRICE
    with pytest.raises(RefusedError, match="idempotency_key_reused"):
        send(market, client, reader, PRICE, p_idempotency_key=key, p_message_type="IMAGE")


@pytest.mark.parametrize("promo", [0, 100, PRICE, 9000])
def test_an_answer_pays_what_waited_for_it(market: Marketplace, promo: int) -> None:
    client, reader = market.client(funds=2000, promo=promo), priced_reader(market)
    send(market, client, reader, PRICE)
    send(market, client, reader, PRICE)
    from_promo = min(promo, 2 * PRICE)
    assert market.wallet(client)["held"] == 2 * PRICE
    answered = send(market, reader, client)
    wallet = market.wallet(client)
    assert (wallet["held"], wallet["balance"], wallet["promo"]) == (
        0,
        2000 - 2 * PRICE + from_promo,
        promo - from_promo,
    )
    assert market.earned(reader) == 2 * (PRICE * 7000 // 10_000)
    paid = market.read(client, "paid_messages?select=status,price,transaction_id&order=message_id")
    assert [row["status"] for row in paid] == ["ANSWERED", "ANSWERED"]
    charged = market.rows(
        "select amount, reader_earnings + platform_revenue as parts, type::text from transactions where id = any(%s)",
        [row["transaction_id"] for row in paid],
    )
    assert charged == [{"amount": PRICE, "parts": PRICE, "type": "MESSAGE"}] * 2
    # A second answer finds nothing to be paid.
    send(market, reader, client)
    assert market.wallet(client)["balance"] == wallet["balance"]
    assert answered["receiver_id"] == client.id
    assert market.problems() == []


def test_what_crosses_a_question_is_no_answer_to_it(market: Marketplace) -> None:
    client, reader = market.client(funds=2000), priced_reader(market)
    with market.setting("message.crossing_seconds", 10):
        first = send(market, client, reader, PRICE)
        send(market, reader, client)
        assert market.earned(reader) == 0
        market.call(reader, "mark_read", p_conversation_id=first["conversation_id"], p_message_id=first["id"])
        send(market, client, reader, PRICE)
        # The first was read, the second crosses this one.
        send(market, reader, client)
        assert (market.wallet(client)["balance"], market.wallet(client)["held"]) == (2000 - PRICE, PRICE)
        market.clock.advance(10)
        send(market, reader, client)
    assert (market.wallet(client)["balance"], market.wallet(client)["held"]) == (2000 - 2 * PRICE, 0)
    assert market.problems() == []


def _blocks(market: Marketplace, blocker: Person, blocked: Person) -> None:
    market.add(blocker, "blocks", {"blocker_id": blocker.id, "blocked_id": blocked.id})


@pytest.mark.parametrize("why", ["client blocks", "reader blocks", "reader suspended"])
def test_what_cannot_be_answered_any_more_is_taken_back(market: Marketplace, why: str) -> None:
    client, reader = market.client(funds=800, promo=200), priced_reader(market)
    asked = send(market, client, reader, PRICE)
    with market.refuses("invalid_state"):
        market.call(client, "withdraw_paid_message", p_message_id=asked["id"])
    if why == "reader suspended":
        market.suspend(reader)
    else:
        _blocks(market, *((client, reader) if why == "client blocks" else (reader, client)))
    for stranger in (reader, market.client()):
        with pytest.raises(RefusedError, match=r"not_found|account_suspended"):
            market.call(stranger, "withdraw_paid_message", p_message_id=asked["id"])
    back = market.call(client, "withdraw_paid_message", p_message_id=asked["id"])
    assert back["status"] == "WITHDRAWN"
    heard = told(market, f"user:{client.id}")
    assert heard[-1]["event"] == "wallet_changed"
    assert market.call(client, "withdraw_paid_message", p_message_id=asked["id"]) == back
    assert told(market, f"user:{client.id}") == heard
    assert market.wallet(client) == {"balance": 800, "held": 0, "available": 1000, "promo": 200}
    market.clock.advance(72 * 3600)
    market.worker("run_upkeep")
    assert market.read(client, "paid_messages?select=status") == [{"status": "WITHDRAWN"}]
    assert market.problems() == []


def test_what_crossed_the_readers_words_waits_for_its_time(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), priced_reader(market)
    with market.setting("message.crossing_seconds", 10):
        asked = send(market, client, reader, PRICE)
        market.clock.advance(1)
        send(market, reader, client)
    _blocks(market, client, reader)
    with market.refuses("invalid_state"):
        market.call(client, "withdraw_paid_message", p_message_id=asked["id"])
    market.clock.advance(72 * 3600)
    market.worker("run_upkeep")
    assert market.wallet(client)["available"] == 1000


def test_what_was_answered_is_not_taken_back(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), priced_reader(market)
    asked = send(market, client, reader, PRICE)
    send(market, reader, client)
    _blocks(market, client, reader)
    with market.refuses("invalid_state"):
        market.call(client, "withdraw_paid_message", p_message_id=asked["id"])
    assert market.earned(reader) > 0


def test_two_answers_at_once_are_paid_once(market: Marketplace) -> None:
    client, reader = market.client(funds=5000), priced_reader(market)
    for _ in range(3):
        send(market, client, reader, PRICE)
    market.at_once([partial(send, market, reader, client) for _ in range(4)])
    assert market.wallet(client)["balance"] == 5000 - 3 * PRICE
    assert market.problems() == []


def test_an_answer_holds_no_account_while_it_waits_for_a_message_to_be_paid(market: Marketplace) -> None:
    client, reader = market.client(funds=9000), priced_reader(market)
    # More than a loop over a query reads ahead.
    last = max(send(market, client, reader, PRICE)["id"] for _ in range(12))
    with (
        ThreadPoolExecutor(1) as threads,
        psycopg.connect(market.world.dsn) as taking_back,
        psycopg.connect(market.world.dsn) as watching,
    ):
        taking_back.execute("select from paid_messages where message_id = %s for update", [last])
        answering = threads.submit(send, market, reader, client)
        blocked = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
        while market.value(blocked, taking_back.info.backend_pid) == 0:
            assert not answering.done(), "the answer was expected to wait for the message"
            time.sleep(0.005)
        people = [client.id, reader.id]
        watching.execute("select from ledger.accounts where user_id = any (%s::uuid[]) for update nowait", [people])
        watching.rollback()
        taking_back.rollback()
        answering.result(timeout=10)
    assert market.wallet(client)["balance"] == 9000 - 12 * PRICE
    assert market.problems() == []


def test_many_that_nobody_answers_end_together_and_tell_their_clients(market: Marketplace) -> None:
    reader, clients = priced_reader(market), [market.client(funds=2000) for _ in range(3)]
    for client in [*clients, *reversed(clients)]:
        send(market, client, reader, PRICE)
    market.clock.advance(72 * 3600)
    before = market.value("select coalesce(max(id::text), '') from realtime.messages where event = 'wallet_changed'")
    assert market.worker("run_upkeep")["answers_expired"] >= 6
    told = market.rows("select topic from realtime.messages where event = 'wallet_changed' and id::text <> %s", before)
    assert {f"user:{client.id}" for client in clients} <= {row["topic"] for row in told}
    assert {market.wallet(client)["available"] for client in clients} == {2000}
    assert market.problems() == []


def test_what_nobody_answers_in_time_costs_nothing(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), priced_reader(market)
    send(market, client, reader, PRICE)
    market.clock.advance(72 * 3600 - 1)
    market.worker("run_upkeep")
    assert market.read(client, "paid_messages?select=status") == [{"status": "PENDING"}]
    market.clock.advance(1)
    # Too late, though nobody has looked yet: the answer goes out, and is not paid.
    send(market, reader, client)
    assert market.earned(reader) == 0
    assert market.worker("run_upkeep")["answers_expired"] > 0
    assert market.worker("run_upkeep")["answers_expired"] == 0
    assert market.wallet(client) == {"balance": 1000, "held": 0, "available": 1000, "promo": 0}
    assert market.read(client, "paid_messages?select=status") == [{"status": "EXPIRED"}]
    assert market.read(client, "notifications?select=kind") == [{"kind": "answer_expired"}]
    assert market.problems() == []


def test_a_frozen_wallet_pays_no_answer(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), priced_reader(market)
    send(market, client, reader, PRICE)
    market.freeze(client)
    send(market, reader, client)
    assert market.earned(reader) == 0
    assert market.wallet(client)["held"] == PRICE
    assert market.problems() == []


def test_an_administrator_gives_a_paid_answer_back(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), priced_reader(market)
    send(market, client, reader, PRICE)
    send(market, reader, client)
    (paid,) = market.read(client, "paid_messages?select=transaction_id")
    market.value("select (ledger.reverse_transaction(%s, %s)).id::text", paid["transaction_id"], PRICE)
    assert market.wallet(client)["balance"] == 1000
    assert market.earned(reader) == 0
    assert market.problems() == []


@pytest.mark.parametrize("agreed", [None, PRICE - 1, PRICE + 1])
def test_nobody_pays_what_they_did_not_agree_to(market: Marketplace, agreed: int | None) -> None:
    client, reader = market.client(funds=5000), priced_reader(market)
    with market.refuses("price_changed"):
        send(market, client, reader, agreed)


def test_a_price_is_not_taken_where_an_answer_is_free(market: Marketplace) -> None:
    client, reader = market.client(funds=5000), market.reader()
    with market.refuses("price_changed"):
        send(market, client, reader, PRICE)
    # A reader asks another for nothing.
    colleague, priced = market.reader(), priced_reader(market)
    with market.refuses("price_changed"):
        send(market, colleague, priced, PRICE)


def test_a_new_price_leaves_alone_what_waits(market: Marketplace) -> None:
    client, reader = market.client(funds=5000), priced_reader(market)
    send(market, client, reader, PRICE)
    market.call(reader, "set_reply_price", p_price=9 * PRICE)
    market.database.execute(
        "insert into ledger.rules (kind, reader_id, share_bps) values ('MESSAGE', %s, 100)", [reader.id]
    )
    send(market, reader, client)
    assert market.wallet(client)["balance"] == 5000 - PRICE
    assert market.earned(reader) == PRICE * 7000 // 10_000


def _blocked_by_receiver(market: Marketplace, client: Person, reader: Person) -> None:
    market.add(reader, "blocks", {"blocker_id": reader.id, "blocked_id": client.id})


def _blocked_by_sender(market: Marketplace, client: Person, reader: Person) -> None:
    market.add(client, "blocks", {"blocker_id": client.id, "blocked_id": reader.id})


def _suspended(market: Marketplace, _: Person, reader: Person) -> None:
    market.suspend(reader)


def _unverified(market: Marketplace, _: Person, reader: Person) -> None:
    market.database.execute("update public.readers set is_verified = false where user_id = %s", [reader.id])


@pytest.mark.parametrize("why", [_blocked_by_receiver, _blocked_by_sender, _suspended, _unverified])
def test_whoever_takes_no_messages_is_unavailable_and_nobody_learns_why(
    market: Marketplace, why: Callable[[Marketplace, Person, Person], None]
) -> None:
    client, reader = market.client(), market.reader()
    why(market, client, reader)
    with market.refuses("recipient_unavailable"):
        send(market, client, reader)


def test_strangers_who_read_for_nobody_are_not_written_to(market: Marketplace) -> None:
    client, other, reader = market.client(), market.client(), market.reader()
    for sender, receiver in ((client, other), (reader, client), (client, client), (reader, reader)):
        with market.refuses("recipient_unavailable"):
            send(market, sender, receiver)


def test_a_reader_may_write_to_whom_they_read_for(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    assert send(market, session.reader, session.client)["receiver_id"] == session.client.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"p_content": None},
        {"p_content": {"system": "forged"}},
        {"p_content": {**ENVELOPE, "nonce": "short"}},
        {"p_content": {**ENVELOPE, "box": "b" * 30_000}},
        {"p_message_type": "SYSTEM", "p_content": {"system": "You won"}},
        {"p_idempotency_key": ""},
    ],
)
def test_what_is_no_sealed_envelope_is_refused(market: Marketplace, wrong: Row) -> None:
    client, reader = market.client(), market.reader()
    with market.refuses("invalid_argument"):
        send(market, client, reader, **wrong)


def test_messages_are_limited(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    with market.setting("message.per_minute", 2):
        send(market, client, reader)
        send(market, client, reader)
        with pytest.raises(RefusedError) as refused:
            send(market, client, reader)
    assert (refused.value.code, refused.value.retry_after) == ("rate_limited", "60")
    market.clock.advance(61)
    send(market, client, reader)


def test_read_receipts(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    sent = []
    for _ in range(3):
        sent.append(send(market, client, reader))
        # Ids sort by their millisecond.
        market.clock.advance(0.01)
    talk = sent[0]["conversation_id"]
    up_to = {"p_conversation_id": talk, "p_message_id": sent[1]["id"]}
    # The sender's own reading marks nothing.
    assert market.call(client, "mark_read", **up_to) == 0
    assert market.call(reader, "mark_read", **up_to) == 2
    assert market.call(reader, "mark_read", **up_to) == 0
    assert [row["is_read"] for row in market.read(client, "messages?select=is_read&order=id")] == [True, True, False]
    read = [row["payload"] for row in told(market, f"conversation:{talk}") if row["event"] == "read"]
    assert [(row["reader_id"], row["message_id"]) for row in read] == [(reader.id, sent[1]["id"])]
    stranger = market.client()
    with market.refuses("not_found"):
        market.call(stranger, "mark_read", **up_to)


def test_a_reply_price_is_a_readers_and_within_bounds(market: Marketplace) -> None:
    reader = priced_reader(market)
    for price in (0, -1, 1_000_001):
        with market.refuses("amount_out_of_range"):
            market.call(reader, "set_reply_price", p_price=price)
    assert market.call(reader, "set_reply_price")["reply_price"] is None
    client = market.client()
    with market.refuses("not_a_reader"):
        market.call(client, "set_reply_price", p_price=100)


def test_chat_is_told_to_the_sessions_topic_by_id_alone(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    market.call(session.client, "open_session_conversation", p_session_id=session.id)
    market.add(
        session.client,
        "chat_messages",
        {"session_id": session.id, "sender_id": session.client.id, "content": ENVELOPE},
    )
    (row,) = [row for row in told(market, f"session:{session.id}") if row["event"] == "chat_message"]
    assert set(row["payload"]) - {"id"} == {"session_id", "sender_id", "message_type"}
    assert row["payload"]["sender_id"] == session.client.id
