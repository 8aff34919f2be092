"""Many requests at the same moment: exactly one stands, the others are told why."""

from collections import Counter
from functools import partial
from typing import Any

from tests.sql.marketplace import LiveSession, Marketplace, RefusedError


def standing(answers: list[Any]) -> tuple[list[LiveSession], Counter[str]]:
    """Split answers into what stands and how often each code was the answer."""
    refused = [answer for answer in answers if isinstance(answer, RefusedError)]
    assert all(refusal.sqlstate.startswith("PT") or refusal.retry_after for refusal in refused), refused
    return [a for a in answers if not isinstance(a, RefusedError)], Counter(refusal.code for refusal in refused)


def test_fifty_requests_by_one_client_leave_one(market: Marketplace) -> None:
    client = market.client(funds=100_000)
    readers = market.at_once([market.reader] * 10)
    answers = market.at_once([partial(market.request, client, readers[n % 10]) for n in range(50)])
    stands, refused = standing(answers)
    assert len(stands) == 1
    assert refused == {"already_in_session": 49}
    assert market.wallet(client)["held"] == 300
    assert market.value("select count(*) from sessions where client_id = %s", client.id) == 1
    assert market.value("select count(*) from private.leases where user_id = %s", client.id) == 1
    assert market.problems() == []


def test_fifty_clients_for_one_reader_leave_one(market: Marketplace) -> None:
    reader = market.reader()
    clients = market.at_once([partial(market.client, funds=1000)] * 50, threads=8)
    stands, refused = standing(market.at_once([partial(market.request, client, reader) for client in clients]))
    assert len(stands) == 1
    assert refused == {"reader_unavailable": 49}
    ids = [client.id for client in clients]
    assert market.value("select sum(held)::int from ledger.accounts where user_id = any(%s::uuid[])", ids) == 300
    assert market.value("select count(*) from private.leases where user_id = %s", reader.id) == 1
    assert market.problems() == []


def test_twenty_requests_under_one_key_are_one_session(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    answers = market.at_once([partial(market.request, client, reader, p_idempotency_key="same")] * 20)
    stands, refused = standing(answers)
    assert refused == {}
    assert len({session.id for session in stands}) == 1
    assert market.wallet(client)["held"] == 300
    assert market.value("select count(*) from sessions where client_id = %s", client.id) == 1


def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(market: Marketplace) -> None:
    sessions = [market.request(market.client(funds=1000), market.reader()) for _ in range(6)]
    calls = [partial(s.by, s.reader, verb) for s in sessions for verb in ("accept", "decline")]
    calls += [partial(s.by, s.client, "cancel") for s in sessions]
    standing(market.at_once(calls))
    for session in sessions:
        # A cancellation is allowed after the acceptance too, so none of them can still be open.
        assert session.row()["status"] == "CANCELLED"
        assert session.is_free()
        assert market.wallet(session.client)["available"] == 1000
    assert market.problems() == []


def test_both_sides_join_at_once_and_it_starts_once(market: Marketplace) -> None:
    sessions = [market.accepted(market.client(funds=1000), market.reader()) for _ in range(6)]
    standing(market.at_once([partial(s.by, p, "join") for s in sessions for p in (s.client, s.reader, s.client)]))
    for session in sessions:
        assert session.row()["status"] == "IN_PROGRESS"
        assert len(session.legs("increment")) == 1
    assert market.problems() == []


def test_both_sides_end_at_once_and_it_is_settled_once(market: Marketplace) -> None:
    sessions = [market.started(market.client(funds=1000), market.reader()) for _ in range(6)]
    market.clock.advance(30)
    answers = market.at_once([partial(s.by, p, "end") for s in sessions for p in (s.client, s.reader)])
    ended, refused = standing(answers)
    assert (len(ended), refused) == (6, {"invalid_state": 6})
    for session in sessions:
        assert session.is_free()
        settled = "select count(*) from private.outbox where payload ->> 'session_id' = %s"
        assert market.value(settled, session.id) == 1
        earned = "select count(*) from ledger.earnings where transaction_id = %s"
        assert market.value(earned, session.row()["transaction_id"]) == 1
    assert market.problems() == []


def test_suspension_and_join_at_once_never_leave_a_running_session_of_a_suspended_account(market: Marketplace) -> None:
    sessions = [market.accepted(market.client(funds=1000), market.reader()) for _ in range(8)]
    for session in sessions:
        session.by(session.client, "join")
    joins = [partial(s.by, s.reader, "join") for s in sessions]
    suspensions = [partial(market.suspend, s.client) for s in sessions]
    standing(market.at_once([call for pair in zip(joins, suspensions, strict=True) for call in pair]))
    for _ in range(2):
        market.clock.advance(30)
        market.at_once([partial(s.by, p, "heartbeat") for s in sessions for p in (s.client, s.reader)], threads=8)
    market.tick()
    for session in sessions:
        assert session.row()["end_reason"] == "account_suspended"
        assert session.is_free()
    assert market.problems() == []
