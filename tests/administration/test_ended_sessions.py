"""An administrator ends a session of others: what was not used is given back, and the record says why."""

import pytest

from tests.sql.marketplace import LiveSession, Marketplace


@pytest.fixture
def session(market: Marketplace) -> LiveSession:
    return market.started(market.client(funds=1000), market.reader(rate=300))


def end(session: LiveSession, reason: str = "Abuse") -> dict[str, object]:
    market = session.market
    ended: dict[str, object] = market.call(market.admin, "admin_end_session", p_session_id=session.id, p_reason=reason)
    return ended


def test_what_runs_ends_now_and_unused_seconds_are_given_back(market: Marketplace, session: LiveSession) -> None:
    session.talk(75)
    ended = end(session)
    assert (ended["status"], ended["end_reason"], ended["total_cost"]) == ("COMPLETED", "admin_ended", 375)
    assert market.wallet(session.client)["balance"] == 625
    assert session.is_free()
    assert market.problems() == []


def test_a_paused_one_ends_as_of_the_pause(session: LiveSession) -> None:
    session.talk(30)
    session.talk(60, [session.client])
    assert end(session)["total_cost"] == 150


def test_what_has_not_started_is_cancelled_and_nothing_is_due(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=1000), market.reader())
    ended = end(session)
    assert (ended["status"], ended["end_reason"]) == ("CANCELLED", "admin_ended")
    assert market.wallet(session.client)["available"] == 1000
    assert session.is_free()


def test_the_record_says_who_and_why(market: Marketplace, session: LiveSession) -> None:
    end(session, "Reported twice")
    (line,) = market.rows(
        "select user_id::text, changes from public.audit_logs where action = 'session.end' and entity_id = %s",
        session.id,
    )
    assert line["user_id"] == market.admin.id
    assert line["changes"]["end_reason"] == "admin_ended"
    assert line["changes"]["reason"] == "Reported twice"


def test_an_end_after_the_end_and_an_end_for_no_reason_are_refused(market: Marketplace, session: LiveSession) -> None:
    with market.refuses("invalid_argument"):
        end(session, "")
    session.by(session.client, "end")
    with market.refuses("invalid_state"):
        end(session)


def test_only_who_manages_users_ends_sessions_of_others(market: Marketplace, session: LiveSession) -> None:
    others = [session.client, session.reader, market.make_admin("moderate_content")]
    for person in others:
        with market.refuses("permission_denied"):
            market.call(person, "admin_end_session", p_session_id=session.id, p_reason="x")
    session.by(session.client, "end")


def test_an_unknown_session_is_not_found(market: Marketplace) -> None:
    with market.refuses("not_found"):
        market.call(market.admin, "admin_end_session", p_session_id=market.admin.id, p_reason="x")
