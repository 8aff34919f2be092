"""What is due for an appointment that does not take place: by whom, by when, as shown before."""

from functools import partial

import pytest

from tests.sql.calendar import FEE_LATE, FEE_NO_SHOW, MINUTES, RATE, book, booked, go_to, notified, open_reader
from tests.sql.marketplace import LiveSession, Marketplace, RefusedError, Row

_FREE_UNTIL = -4 * 3600


def fees(session: LiveSession) -> list[Row]:
    """The fee as its owner reads it."""
    return session.market.read(session.client, f"transactions?session_id=eq.{session.id}&type=eq.FEE")


def test_the_rules_are_told_before_booking_and_frozen_in_it(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market)
    told = market.call(client, "booking_terms", p_reader_id=reader.id, p_type="CHAT")
    assert told == {
        "currency": "USD",
        "rate": RATE,
        "minutes": MINUTES,
        "price": RATE * MINUTES,
        "late_cancel_fee_bps": 2500,
        "late_cancel_fee": FEE_LATE,
        "no_show_fee_bps": 5000,
        "no_show_fee": FEE_NO_SHOW,
        "free_cancel_seconds": 14_400,
        "no_show_seconds": 600,
        "funds_grace_seconds": 300,
        "prehold_seconds": 600,
        "min_notice_seconds": 3600,
        "max_days_ahead": 60,
    }
    terms = book(market, client, reader).row()["terms"]
    frozen = {key: told[key] for key in told.keys() & terms.keys()}
    assert len(frozen) == 6
    assert frozen.items() <= terms.items()


def test_a_change_of_the_rules_does_not_reach_what_is_booked(market: Marketplace) -> None:
    session = booked(market)
    with market.setting("booking.late_cancel_fee_bps", 10_000):
        go_to(market, session, -60)
        session.by(session.client, "cancel")
    assert [fee["amount"] for fee in fees(session)] == [FEE_LATE]


@pytest.mark.parametrize(
    ("who", "seconds", "due"),
    [
        ("client", _FREE_UNTIL, 0),
        ("client", _FREE_UNTIL + 1, FEE_LATE),
        ("client", -1, FEE_LATE),
        ("reader", _FREE_UNTIL + 1, 0),
        ("reader", -1, 0),
        ("reader", 60, 0),
    ],
)
def test_cancelling_costs_the_client_who_is_late_and_nobody_else(
    market: Marketplace, who: str, seconds: int, due: int
) -> None:
    session = booked(market)
    go_to(market, session, seconds)
    cancelled = session.by(getattr(session, who), "cancel")
    assert (cancelled["status"], cancelled["end_reason"]) == ("CANCELLED", f"cancelled_by_{who}")
    assert market.wallet(session.client) == {"balance": 20_000 - due, "held": 0, "available": 20_000 - due, "promo": 0}
    assert market.earned(session.reader) == due * 7000 // 10_000
    assert session.is_free()
    assert market.problems() == []


def test_a_second_cancellation_answers_the_same_and_takes_nothing_more(market: Marketplace) -> None:
    session = booked(market)
    go_to(market, session, -60)
    first = session.by(session.client, "cancel")
    assert session.by(session.client, "cancel") == first
    assert len(fees(session)) == 1


def test_cancellations_by_both_and_the_workers_at_once_leave_one_fee_at_most(market: Marketplace) -> None:
    sessions = [booked(market) for _ in range(4)]
    market.clock.advance(5 * 3600 - 60)
    calls = [partial(s.by, person, "cancel") for s in sessions for person in (s.client, s.reader, s.client)]
    calls += [partial(market.worker, "advance_appointment")] * 6
    refused = {a.code for a in market.at_once(calls) if isinstance(a, RefusedError)}
    assert refused <= {"invalid_state"}
    for session in sessions:
        by_client = session.row()["end_reason"] == "cancelled_by_client"
        assert len(fees(session)) == by_client
        assert session.is_free()
    assert market.problems() == []


def test_before_the_reader_accepted_cancelling_is_free(market: Marketplace) -> None:
    session = book(market, market.client(funds=20_000), open_reader(market), hours=1)
    session.by(session.client, "cancel")
    assert fees(session) == []


def test_a_client_who_does_not_come_pays_the_fee(market: Marketplace) -> None:
    session = booked(market)
    go_to(market, session, 0)
    session.by(session.reader, "join")
    market.clock.advance(599)
    market.tick()
    assert session.row()["status"] == "SCHEDULED"
    market.clock.advance(1)
    market.tick()
    assert (session.row()["status"], session.row()["end_reason"]) == ("NO_SHOW", "no_show_client")
    (fee,) = fees(session)
    share = FEE_NO_SHOW * 7000 // 10_000
    assert (fee["amount"], fee["status"]) == (FEE_NO_SHOW, "COMPLETED")
    assert (fee["reader_earnings"], fee["platform_revenue"]) == (share, FEE_NO_SHOW - share)
    assert market.earned(session.reader) == share
    for person in (session.client, session.reader):
        assert notified(market, person)[-1] == "appointment_closed"
    told = market.read(session.client, "notifications?select=payload&order=id.desc&limit=1")
    assert told[0]["payload"]["fee"] == FEE_NO_SHOW
    assert session.is_free()
    assert market.problems() == []


def test_cancelling_instead_of_coming_is_not_coming(market: Marketplace) -> None:
    session = booked(market)
    go_to(market, session, 0)
    session.by(session.reader, "join")
    session.by(session.client, "cancel")
    assert [fee["amount"] for fee in fees(session)] == [FEE_NO_SHOW]


def test_a_client_who_waited_for_the_reader_leaves_for_nothing(market: Marketplace) -> None:
    session = booked(market)
    session_cancelled = booked(market)
    go_to(market, session, 0)
    session.by(session.client, "join")
    session_cancelled.by(session_cancelled.client, "join")
    session_cancelled.by(session_cancelled.client, "cancel")
    go_to(market, session, 600)
    assert (session.row()["status"], session.row()["end_reason"]) == ("NO_SHOW", "no_show_reader")
    for each in (session, session_cancelled):
        assert fees(each) == []
        assert market.wallet(each.client)["available"] == 20_000


def test_when_neither_comes_nothing_is_due(market: Marketplace) -> None:
    session = booked(market)
    go_to(market, session, 600)
    assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "expired")
    assert fees(session) == []


@pytest.mark.parametrize(("funds", "promo"), [(500, 0), (400, 100), (0, 350)])
def test_a_fee_takes_what_there_is_and_leaves_no_debt(market: Marketplace, funds: int, promo: int) -> None:
    client, reader = market.client(funds=funds, promo=promo), open_reader(market)
    session = book(market, client, reader)
    session.by(reader, "accept")
    go_to(market, session, -60)
    assert market.wallet(client)["held"] == RATE
    session.by(client, "cancel")
    assert [fee["amount"] for fee in fees(session)] == [funds + promo]
    assert market.wallet(client) == {"balance": 0, "held": 0, "available": 0, "promo": 0}
    debt = "select credits + debits from ledger.accounts where user_id = %s and kind = 'client_debt'"
    assert market.value(debt, client.id) == 0
    assert market.problems() == []


@pytest.mark.parametrize("frozen", [False, True], ids=["empty", "frozen"])
def test_an_empty_or_frozen_wallet_gives_nothing(market: Marketplace, *, frozen: bool) -> None:
    session = booked(market, funds=20_000 if frozen else 0)
    if frozen:
        market.freeze(session.client)
    go_to(market, session, -60)
    session.by(session.client, "cancel")
    assert session.row()["end_reason"] == "cancelled_by_client"
    assert fees(session) == []
    assert market.wallet(session.client)["balance"] == (20_000 if frozen else 0)


def test_the_books_show_a_fee_that_no_term_names(market: Marketplace) -> None:
    session = booked(market)
    session.by(session.reader, "cancel")
    wrong = market.value(
        "insert into public.transactions (user_id, type, amount, status, session_id) "
        "values (%s, 'FEE', 5, 'COMPLETED', %s) returning id",
        session.client.id,
        session.id,
    )
    found = {row["problem"] for row in market.problems()}
    assert found == {"fee differs from its postings", "fee that the terms do not name"}
    market.database.execute("delete from public.transactions where id = %s", [wrong])
