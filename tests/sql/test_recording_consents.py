"""Recordings: what both sides said is kept, seen by both, told to both, and holds for one session."""

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person


@pytest.fixture
def session(market: Marketplace) -> LiveSession:
    return market.accepted(market.client(funds=9000), market.reader())


def agree(market: Marketplace, session: LiveSession, person: Person, *, to: bool | None = True) -> bool:
    return bool(market.call(person, "consent_to_recording", p_session_id=session.id, p_consents=to))


def standing(market: Marketplace, session: LiveSession) -> set[str]:
    rows = market.rows(
        "select user_id::text from recording_consents where session_id = %s and withdrawn_at is null", session.id
    )
    return {row["user_id"] for row in rows}


def test_it_takes_both_and_ends_with_either(market: Marketplace, session: LiveSession) -> None:
    client, reader = session.client, session.reader
    assert [agree(market, session, client), agree(market, session, client)] == [False, False]
    assert standing(market, session) == {client.id}
    assert agree(market, session, reader) is True
    assert agree(market, session, client, to=False) is False
    assert agree(market, session, client) is True
    assert agree(market, session, reader, to=False) is False
    kept = market.rows("select withdrawn_at from recording_consents where session_id = %s", session.id)
    assert sorted(row["withdrawn_at"] is None for row in kept) == [False, False, True]


def test_both_sides_see_it_and_nobody_else(market: Marketplace, session: LiveSession) -> None:
    agree(market, session, session.client)
    asked = f"recording_consents?session_id=eq.{session.id}&select=user_id"
    for person in (session.client, session.reader):
        assert market.read(person, asked) == [{"user_id": session.client.id}]
    for person in (market.sign_up(), market.admin):
        assert market.read(person, asked) == []


def test_both_sides_are_told(market: Marketplace, session: LiveSession) -> None:
    told = "select count(*) from realtime.messages where topic = %s and event = 'session_updated'"
    before = market.value(told, f"session:{session.id}")
    agree(market, session, session.client)
    assert market.value(told, f"session:{session.id}") == before + 1


def test_after_the_end_nobody_agrees_and_everybody_may_take_it_back(market: Marketplace) -> None:
    session = market.started(market.client(funds=9000), market.reader())
    agree(market, session, session.client)
    session.by(session.client, "end")
    with market.refuses("invalid_state"):
        agree(market, session, session.reader)
    assert agree(market, session, session.client, to=False) is False
    assert standing(market, session) == set()


def test_it_is_refused_to_strangers_to_the_suspended_and_to_who_says_neither(
    market: Marketplace, session: LiveSession
) -> None:
    stranger = market.sign_up()
    with market.refuses("not_participant"):
        agree(market, session, stranger)
    with market.refuses("invalid_argument"):
        agree(market, session, session.client, to=None)
    market.suspend(session.client)
    with market.refuses("account_suspended"):
        agree(market, session, session.client)
    assert standing(market, session) == set()


def test_both_at_once_agree(market: Marketplace) -> None:
    sessions = [market.accepted(market.client(funds=9000), market.reader()) for _ in range(4)]
    for session in sessions:
        jobs = [
            lambda person=person, of=session: agree(market, of, person) for person in (session.client, session.reader)
        ]
        assert sorted(market.at_once(jobs)) == [False, True]
