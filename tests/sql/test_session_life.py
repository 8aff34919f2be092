"""A session from the request to its end, as both sides and the workers live it."""

from datetime import timedelta

from tests.sql.marketplace import Marketplace


def test_a_session_is_requested_accepted_joined_charged_and_ended(market: Marketplace) -> None:
    client, reader = market.client(funds=2000), market.reader(rate=300)
    session = market.request(client, reader)
    assert market.wallet(client) == {"balance": 2000, "held": 300, "available": 1700, "promo": 0}
    assert market.read(client, f"readers?user_id=eq.{reader.id}")[0]["status"] == "BUSY"

    session.by(reader, "accept")
    assert session.by(client, "join")["status"] == "SCHEDULED"
    started = session.by(reader, "join")

    assert (started["status"], started["cost"], started["earned"]) == ("IN_PROGRESS", 300, 210)
    assert market.wallet(client) == {"balance": 1700, "held": 0, "available": 1700, "promo": 0}
    session.talk(130)
    ended = session.by(client, "end")

    assert (ended["status"], ended["end_reason"], ended["total_cost"]) == ("COMPLETED", "client_ended", 900)
    assert (ended["billed_minutes"], ended["duration"]) == (3, 3)
    assert market.wallet(client)["balance"] == 1100
    assert market.earned(reader) == 630
    (transaction,) = market.read(client, f"transactions?session_id=eq.{session.id}")
    assert (transaction["status"], transaction["amount"]) == ("COMPLETED", 900)
    assert (transaction["reader_earnings"], transaction["platform_revenue"]) == (630, 270)
    assert market.read(client, f"readers?user_id=eq.{reader.id}")[0]["status"] == "ONLINE"
    assert session.is_free()
    assert market.problems() == []


def test_rate_split_and_terms_are_frozen_at_the_request(market: Marketplace) -> None:
    client, reader = market.client(funds=2000), market.reader(rate=300)
    session = market.accepted(client, reader)
    changed = market.http.patch(
        f"/readers?user_id=eq.{reader.id}",
        json={"pricing": {"CHAT": 900}},
        headers={"Authorization": f"Bearer {reader.token}"},
    )
    assert changed.status_code == 204
    with market.setting("session.increment_seconds", 10):
        session.by(client, "join")
        session.by(reader, "join")
        session.talk(65)
    assert session.by(client, "end")["total_cost"] == 600
    assert [leg["amount"] for leg in session.legs("increment")] == [300, 300]


def test_the_state_tells_each_side_its_own_money_only(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader(rate=300))
    of_client, of_reader = session.by(session.client, "heartbeat"), session.by(session.reader, "heartbeat")
    assert (of_client["balance"], of_client["minutes_left"], of_client["low_balance"]) == (700, 2, True)
    assert "earned" not in of_client
    assert of_reader["earned"] == 210
    assert {"balance", "minutes_left", "low_balance"}.isdisjoint(of_reader)
    assert of_client["next_heartbeat_seconds"] == 20
    paid_until = market.value("select %s::timestamptz", of_client["paid_until"])
    assert paid_until == market.clock.now() + timedelta(seconds=60)


def test_a_second_join_or_acceptance_changes_nothing(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=1000), market.reader())
    assert session.by(session.reader, "accept")["status"] == "SCHEDULED"
    session.by(session.client, "join")
    session.by(session.reader, "join")
    before = market.wallet(session.client)
    assert session.by(session.client, "join")["status"] == "IN_PROGRESS"
    assert session.by(session.reader, "join")["status"] == "IN_PROGRESS"
    assert market.wallet(session.client) == before


def test_increments_of_seconds_never_drift_from_the_rate_per_minute(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader(rate=100)
    with market.setting("session.increment_seconds", 7):
        session = market.started(client, reader)
    session.talk(300)
    assert session.by(client, "end")["total_cost"] == 100 * 7 * 43 // 60
    assert sum(leg["amount"] for leg in session.legs("increment")) == 501


def test_max_minutes_ends_it_gently(market: Marketplace) -> None:
    session = market.started(market.client(funds=5000), market.reader(rate=300), p_max_minutes=2)
    session.talk(140)
    ended = session.row()
    assert (ended["status"], ended["end_reason"], ended["total_cost"]) == ("COMPLETED", "max_minutes", 600)
    assert ended["ended_at"] - ended["started_at"] == timedelta(seconds=120)
    assert session.is_free()


def test_after_the_end_a_heartbeat_tells_how_it_ended(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    session.talk(20)
    session.by(session.client, "end")
    told = session.by(session.reader, "heartbeat")
    assert (told["status"], told["end_reason"], told["earned"]) == ("COMPLETED", "client_ended", 210)
    assert told["next_heartbeat_seconds"] is None


# Before the start ------------------------------------------------------------


def test_a_request_nobody_answers_expires_and_frees_both(market: Marketplace) -> None:
    session = market.request(market.client(funds=1000), market.reader())
    market.clock.advance(59)
    market.tick()
    assert session.row()["status"] == "SCHEDULED"
    market.clock.advance(1)
    market.tick()
    assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "expired")
    assert market.value("select status from ledger.holds where reference = %s", session.id) == "EXPIRED"
    assert market.wallet(session.client) == {"balance": 1000, "held": 0, "available": 1000, "promo": 0}
    assert session.is_free()


def test_declining_frees_both_and_a_repeat_answers_the_same(market: Marketplace) -> None:
    session = market.request(market.client(funds=1000), market.reader())
    assert session.by(session.reader, "decline")["end_reason"] == "declined"
    assert session.by(session.reader, "decline")["end_reason"] == "declined"
    assert market.wallet(session.client)["available"] == 1000
    assert session.is_free()


def test_either_side_may_cancel_before_the_start(market: Marketplace) -> None:
    for who in ("client", "reader"):
        session = market.accepted(market.client(funds=1000), market.reader())
        session.by(session.client, "join")
        ended = session.by(getattr(session, who), "cancel")
        assert (ended["status"], ended["end_reason"]) == ("CANCELLED", f"cancelled_by_{who}")
        assert market.wallet(session.client)["available"] == 1000
        assert session.is_free()


def test_a_side_that_never_comes_is_a_no_show(market: Marketplace) -> None:
    for absent, present in (("client", "reader"), ("reader", "client")):
        session = market.accepted(market.client(funds=1000), market.reader())
        session.by(getattr(session, present), "join")
        session.talk(119, [getattr(session, present)])
        assert session.row()["status"] == "SCHEDULED"
        session.talk(1, [getattr(session, present)])
        assert (session.row()["status"], session.row()["end_reason"]) == ("NO_SHOW", f"no_show_{absent}")
        assert market.wallet(session.client)["available"] == 1000
        assert session.is_free()


def test_sides_that_miss_each_other_in_the_lobby_start_when_both_are_there(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=1000), market.reader())
    session.by(session.client, "join")
    market.clock.advance(50)
    assert session.by(session.reader, "join")["status"] == "SCHEDULED"
    market.clock.advance(10)
    session.by(session.client, "heartbeat")
    market.tick()
    started = session.row()
    assert started["status"] == "IN_PROGRESS"
    assert started["started_at"] == market.clock.now()
    session.talk(59)
    assert session.by(session.client, "end")["total_cost"] == 300


def test_a_session_that_may_not_start_expires(market: Marketplace) -> None:
    session = market.accepted(market.client(funds=1000), market.reader())
    session.by(session.client, "join")
    market.clock.advance(50)
    session.by(session.reader, "join")
    market.freeze(session.client)
    session.by(session.client, "heartbeat")
    session.talk(80)
    assert session.row()["status"] == "CANCELLED"
    assert session.is_free()


def test_a_request_is_remembered_by_its_key(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    first = market.request(client, reader, p_idempotency_key="once")
    again = market.request(client, reader, p_idempotency_key="once")
    assert again.id == first.id
    first.by(reader, "decline")
    assert market.request(client, reader, p_idempotency_key="once").row()["status"] == "CANCELLED"
    with market.refuses("idempotency_key_reused"):
        market.request(client, reader, p_idempotency_key="once", p_max_minutes=5)


def test_a_session_is_folded_into_the_readers_statistics_once(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    session.talk(20)
    session.by(session.client, "end")
    market.worker("claim_outbox")
    job = market.value("select id::text from private.outbox where payload ->> 'session_id' = %s", session.id)
    assert market.worker("apply_session_settled", p_outbox_id=job) is True
    assert market.worker("apply_session_settled", p_outbox_id=job) is False
    assert market.row(
        "select r.total_sessions, a.total_earnings from readers r join reader_accounts a using (user_id) "
        "where user_id = %s",
        session.reader.id,
    ) == {"total_sessions": 1, "total_earnings": 210}
