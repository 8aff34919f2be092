"""Complaints: of what one may see, once while it is open, and what a moderator decides."""

import uuid

import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row
from tests.sql.sealing import ENVELOPE, give_keys
from tests.sql.test_direct_messages import send


@pytest.fixture(scope="module", autouse=True)
def _keys(market: Marketplace) -> None:
    give_keys(market)


def complain(market: Marketplace, reporter: Person, kind: str, about: str, **more: object) -> Row:
    answer: Row = market.call(
        reporter, "file_report", p_entity_type=kind, p_entity_id=about, **{"p_reason": "Rude.", **more}
    )
    return answer


def test_each_kind_names_its_author(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    client, reader = session.client, session.reader
    market.call(client, "open_session_conversation", p_session_id=session.id)
    market.add(reader, "chat_messages", {"session_id": session.id, "sender_id": reader.id, "content": ENVELOPE})
    chat = market.value("select id::text from chat_messages where session_id = %s", session.id)
    letter = send(market, reader, client)["id"]
    for kind, about in (("user", reader.id), ("session", session.id), ("message", letter), ("chat_message", chat)):
        assert complain(market, client, kind, about)["reported_id"] == reader.id
    assert complain(market, reader, "session", session.id)["reported_id"] == client.id
    # The reported sees none of it.
    assert [row["reporter_id"] for row in market.read(reader, "reports")] == [reader.id]


def test_what_one_may_not_see_is_not_found(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    letter = send(market, session.reader, session.client)["id"]
    stranger = market.client()
    for kind, about in (("session", session.id), ("message", letter), ("user", str(uuid.uuid4())), ("nothing", letter)):
        with market.refuses("not_found"):
            complain(market, stranger, kind, about)
    # Nobody complains of what they wrote themselves.
    with market.refuses("not_found"):
        complain(market, session.reader, "message", letter)
    with market.refuses("invalid_argument"):
        complain(market, stranger, "user", stranger.id)
    with market.refuses("invalid_argument"):
        complain(market, stranger, "user", session.reader.id, p_reason="")


def test_one_open_complaint_about_one_thing_and_then_a_decision(market: Marketplace) -> None:
    client, reader = market.client(), market.reader()
    filed = complain(market, client, "user", reader.id)
    assert complain(market, client, "user", reader.id)["id"] == filed["id"]
    decide = {"p_report_id": filed["id"], "p_uphold": True, "p_resolution": "Warned."}
    with market.refuses("permission_denied"):
        market.call(reader, "admin_resolve_report", **decide)
    decided = market.call(market.admin, "admin_resolve_report", **decide)
    assert (decided["status"], decided["resolved_by"]) == ("UPHELD", market.admin.id)
    with market.refuses("invalid_state"):
        market.call(market.admin, "admin_resolve_report", **decide)
    assert [row["kind"] for row in market.read(client, "notifications")] == ["report_resolved"]
    # It may be complained of again.
    assert complain(market, client, "user", reader.id)["id"] != filed["id"]


def test_complaints_are_limited(market: Marketplace) -> None:
    client = market.client()
    with market.setting("report.per_day", 2):
        for _ in range(2):
            complain(market, client, "user", market.reader().id)
        with pytest.raises(RefusedError, match="rate_limited"):
            complain(market, client, "user", market.reader().id)
