"""How a session ends, and who gets what to the unit."""

from datetime import timedelta

import pytest

from tests.sql.marketplace import LiveSession, Marketplace


def live(market: Marketplace, funds: int = 3000, rate: int = 300, promo: int = 0) -> LiveSession:
    return market.started(market.client(funds=funds, promo=promo), market.reader(rate=rate))


def outcome(session: LiveSession) -> tuple[str, str, int, int]:
    """Status, reason, what the client paid, what the reader earned; and the proof that nobody is still taken."""
    assert session.is_free()
    assert session.market.problems() == []
    row = session.row()
    return row["status"], row["end_reason"], row["total_cost"], session.market.earned(session.reader)


def test_ended_by_the_client_the_begun_increment_is_owed(market: Marketplace) -> None:
    session = live(market)
    session.talk(61)
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 600, 420)
    assert session.row()["billed_seconds"] == 120


def test_ended_by_the_client_where_an_increment_ends_the_next_has_begun(market: Marketplace) -> None:
    session = live(market)
    session.talk(60, workers=False)
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 600, 420)


@pytest.mark.parametrize(
    ("seconds", "rate", "paid", "earned"),
    [
        # 40 unused seconds of the second minute at 5 a second: 200 back, 140 of it from the reader.
        (80, 300, 400, 280),
        # Rounded down to whole units for the client's sake: 80 s at 0.65 are 52; the reader keeps floor(52 times 0.7).
        (80, 39, 52, 36),
        # Nothing unused.
        (120, 300, 600, 420),
        # A price that no second divides: 100 times 61/60 = 101.67.
        (61, 100, 101, 70),
    ],
)
def test_ended_by_the_reader_unused_seconds_are_given_back(
    market: Marketplace, seconds: int, rate: int, paid: int, earned: int
) -> None:
    session = live(market, rate=rate)
    session.talk(seconds)
    session.by(session.reader, "end")
    assert outcome(session) == ("COMPLETED", "reader_ended", paid, earned)
    assert market.wallet(session.client)["balance"] == 3000 - paid
    assert session.row()["billed_seconds"] == seconds


@pytest.mark.parametrize("who", ["client", "reader"])
def test_below_the_billable_minimum_nothing_is_due(market: Marketplace, who: str) -> None:
    session = live(market)
    session.talk(9)
    session.by(getattr(session, who), "end")
    assert outcome(session) == ("COMPLETED", f"{who}_ended", 0, 0)
    assert market.wallet(session.client)["balance"] == 3000
    assert session.row()["billed_minutes"] == 0
    (transaction,) = market.read(session.client, f"transactions?session_id=eq.{session.id}")
    assert transaction["status"] == "REFUNDED"


def test_at_the_billable_minimum_the_minute_is_due(market: Marketplace) -> None:
    session = live(market)
    session.talk(10)
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 300, 210)


def test_a_suspended_client_is_charged_up_to_paid_until(market: Marketplace) -> None:
    session = live(market)
    session.talk(70)
    market.suspend(session.client)
    session.talk(40)
    assert session.row()["status"] == "IN_PROGRESS"
    session.talk(10)
    assert outcome(session) == ("COMPLETED", "account_suspended", 600, 420)
    assert session.row()["ended_at"] - session.row()["started_at"] == timedelta(seconds=120)


def test_a_suspended_reader_earns_up_to_paid_until(market: Marketplace) -> None:
    session = live(market)
    session.talk(20)
    market.suspend(session.reader)
    session.talk(60)
    assert outcome(session) == ("COMPLETED", "account_suspended", 300, 210)


@pytest.mark.parametrize("who", ["client", "reader"])
def test_suspension_before_the_start_cancels_it(market: Marketplace, who: str) -> None:
    session = market.accepted(market.client(funds=1000), market.reader())
    session.by(getattr(session, who), "join")
    market.suspend(getattr(session, who))
    assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "account_suspended")
    assert market.wallet(session.client)["available"] == 1000
    assert session.is_free()


def test_a_frozen_wallet_ends_it_at_paid_until(market: Marketplace) -> None:
    session = live(market)
    session.talk(30)
    market.rows("select private.freeze_wallet(%s, 'administrator', 'admin_ended')", session.client.id)
    session.talk(25)
    assert session.row()["status"] == "IN_PROGRESS"
    session.talk(15)
    assert outcome(session) == ("COMPLETED", "admin_ended", 300, 210)


# Money runs out ------------------------------------------------------------


def test_without_funds_it_pauses_and_a_top_up_resumes_it(market: Marketplace) -> None:
    session = live(market, funds=500)
    session.talk(80)
    paused = session.by(session.client, "heartbeat")
    assert (paused["status"], paused["pause_reason"], paused["cost"]) == ("IN_PROGRESS", "insufficient_funds", 300)
    market.top_up(session.client, 500)
    session.talk(20)
    resumed = session.by(session.client, "heartbeat")
    assert (resumed["pause_reason"], resumed["cost"]) == (None, 600)
    session.talk(30)
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 600, 420)
    assert session.row()["duration"] == 2


def test_without_a_top_up_it_ends_when_the_grace_is_over(market: Marketplace) -> None:
    session = live(market, funds=500)
    session.talk(60)
    session.talk(119)
    assert session.row()["status"] == "IN_PROGRESS"
    session.talk(1)
    assert outcome(session) == ("COMPLETED", "insufficient_funds", 300, 210)
    assert session.row()["ended_at"] - session.row()["started_at"] == timedelta(seconds=60)


def test_a_top_up_too_small_for_the_next_increment_does_not_resume_it(market: Marketplace) -> None:
    session = live(market, funds=300)
    session.talk(60)
    market.top_up(session.client, 299)
    session.talk(20)
    assert session.row()["pause_reason"] == "insufficient_funds"
    market.top_up(session.client, 1)
    session.talk(1)
    assert session.row()["pause_reason"] is None


@pytest.mark.parametrize("who", ["client", "reader"])
def test_ended_while_out_of_funds_only_what_was_shared_is_paid(market: Marketplace, who: str) -> None:
    session = live(market, funds=300)
    session.talk(90)
    session.by(getattr(session, who), "end")
    assert outcome(session) == ("COMPLETED", f"{who}_ended", 300, 210)


# Promotions ------------------------------------------------------------


def test_promo_credit_is_spent_first(market: Marketplace) -> None:
    session = live(market, funds=1000, promo=400)
    assert market.wallet(session.client) == {"balance": 1000, "held": 0, "available": 1100, "promo": 100}
    session.talk(61)
    assert market.wallet(session.client) == {"balance": 800, "held": 0, "available": 800, "promo": 0}
    assert [(leg["payer"], leg["amount"]) for leg in session.legs("increment")] == [
        ("promo_credit", 300),
        ("promo_credit", 100),
        ("client_wallet", 200),
    ]
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 600, 420)


def test_what_was_paid_by_promo_goes_back_to_promo(market: Marketplace) -> None:
    session = live(market, funds=1000, promo=400)
    session.talk(90)
    session.by(session.reader, "end")
    # 30 unused seconds of a minute paid 100 by promo and 200 by the wallet: 50 and 100.
    assert outcome(session) == ("COMPLETED", "reader_ended", 450, 315)
    assert market.wallet(session.client) == {"balance": 900, "held": 0, "available": 950, "promo": 50}


def test_a_promo_minute_below_the_minimum_goes_back_whole(market: Marketplace) -> None:
    session = live(market, funds=250, promo=50)
    session.talk(5)
    session.by(session.client, "end")
    assert outcome(session) == ("COMPLETED", "client_ended", 0, 0)
    assert market.wallet(session.client) == {"balance": 250, "held": 0, "available": 300, "promo": 50}


def test_the_hold_takes_promo_first_and_gives_it_back(market: Marketplace) -> None:
    client, reader = market.client(funds=250, promo=100), market.reader(rate=300)
    session = market.request(client, reader)
    assert market.wallet(client) == {"balance": 250, "held": 300, "available": 50, "promo": 100}
    session.by(client, "cancel")
    assert market.wallet(client) == {"balance": 250, "held": 0, "available": 350, "promo": 100}
