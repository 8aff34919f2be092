"""The evidence pack of a dispute tells what the card's money was spent on, and nothing that was said."""

from __future__ import annotations

import json

import pytest

from tests.policies.scenery import ENVELOPE
from tests.sql.cards import Card, some
from tests.sql.marketplace import Marketplace, Person, Row


@pytest.fixture
def card(market: Marketplace) -> Card:
    """A client who topped up 5000 by card."""
    return Card(market, 5000, market.sign_up())


def evidence(market: Marketplace, card: Card, reason: str = "fraudulent") -> Row:
    dispute = some("dp")
    card.dispute(dispute, "needs_response", p_reason=reason)
    admin = market.make_admin("manage_finances")
    answer: Row = market.call(admin, "admin_read_evidence", p_dispute_id=dispute)
    looked = market.row("select * from audit_logs where action = 'evidence.read' and user_id = %s", admin.id)
    assert looked["entity_id"] == dispute
    return answer


def test_it_tells_the_session_from_request_to_end(market: Marketplace, card: Card) -> None:
    session = market.started(card.person, market.reader(rate=300))
    session.talk(70)
    session.by(session.client, "end")

    told = evidence(market, card)

    assert told["topup"]["amount"] == 5000
    assert told["topup"]["unspent"] == 4400
    assert told["client"]["user_id"] == card.person.id
    (held,) = told["sessions"]
    assert (held["session_id"], held["paid_by_topup"], held["total_cost"]) == (session.id, 600, 600)
    assert [line["event"] for line in held["log"]] == [
        "requested", "accepted", "client_joined", "reader_joined", "started", "ended",
    ]  # fmt: skip
    assert held["log"][-1]["detail"] == "client_ended"
    assert held["minutes"]["charged"] == 2
    assert session.id in told["text"]
    assert "client_ended" in told["text"]


def test_messages_are_counted_and_not_shown(market: Marketplace, card: Card) -> None:
    session = market.started(card.person, market.reader(rate=300))
    for person, times in ((session.client, 3), (session.reader, 1)):
        for _ in range(times):
            market.database.execute(
                "insert into public.chat_messages (session_id, sender_id, content) values (%s, %s, %s)",
                [session.id, person.id, json.dumps(ENVELOPE)],
            )
    session.talk(30)
    session.by(session.client, "end")
    (held,) = evidence(market, card)["sessions"]
    assert {side: sent["sent"] for side, sent in held["messages"].items()} == {"client": 3, "reader": 1}
    assert str(ENVELOPE["box"]) not in json.dumps(held)


def test_absence_and_return_stand_in_the_log(market: Marketplace, card: Card) -> None:
    session = market.started(card.person, market.reader(rate=300))
    market.clock.advance(20)
    for person in (session.client, session.reader):
        session.by(person, "heartbeat")
    market.clock.advance(50)
    session.by(session.reader, "heartbeat")
    market.worker("advance_sessions", p_limit=50)
    market.clock.advance(10)
    session.by(session.client, "heartbeat")
    session.by(session.reader, "heartbeat")
    market.worker("advance_sessions", p_limit=50)
    session.by(session.client, "end")
    (held,) = evidence(market, card)["sessions"]
    events = [(line["event"], line.get("detail")) for line in held["log"]]
    assert ("paused", "client_absent") in events
    assert any(event == "resumed" for event, _ in events)
    paused = next(line for line in held["log"] if line["event"] == "paused")
    started = next(line for line in held["log"] if line["event"] == "started")
    assert market.value("select (%s::timestamptz - %s::timestamptz)::text", paused["at"], started["at"]) == "00:00:20"


def test_other_spending_and_refunds_of_the_card_are_told(market: Marketplace, card: Card) -> None:
    reader = market.reader()
    card.spend(reader, 700)
    refund = some("re")
    card.refund(refund, 1000)
    told = evidence(market, card)
    assert [(line["type"], line["paid_by_topup"]) for line in told["other_spending"]] == [("TIP", 700)]
    assert [line["amount"] for line in told["given_back"]] == [1000]
    assert told["sessions"] == []


def test_what_another_card_paid_is_not_told(market: Marketplace, card: Card) -> None:
    reader = market.reader()
    card.spend(reader, 5000)
    other = Card(market, 2000, card.person)
    card.spend(reader, 300)
    told = evidence(market, other)
    assert [line["paid_by_topup"] for line in told["other_spending"]] == [300]


def test_nobody_else_reads_it(market: Marketplace, card: Card) -> None:
    dispute = some("dp")
    card.dispute(dispute, "needs_response")
    people: list[Person] = [card.person, market.make_admin("manage_users")]
    for person in people:
        with market.refuses("permission_denied"):
            market.call(person, "admin_read_evidence", p_dispute_id=dispute)
    with market.refuses("not_found"):
        market.call(market.admin, "admin_read_evidence", p_dispute_id="dp_of_nobody")
