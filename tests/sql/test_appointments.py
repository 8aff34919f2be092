"""Appointments: booked ahead, prepared shortly before, joined like any session."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.sql.calendar import RATE, ahead, book, booked, go_to, leased, notified, open_reader
from tests.sql.marketplace import LiveSession, Marketplace, RefusedError

_PREHOLD = -600


def codes(answers: list[Any]) -> set[str]:
    return {answer.code for answer in answers if isinstance(answer, RefusedError)}


def test_a_request_books_the_time_and_takes_nothing(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market, status="OFFLINE")
    start = ahead(market, 5)
    session = market.request(client, reader, p_scheduled_at=start.isoformat(), p_max_minutes=45)
    row = session.row()
    assert (row["status"], row["scheduled_at"], row["max_minutes"]) == ("SCHEDULED", start, 45)
    (booking,) = market.read(client, f"bookings?session_id=eq.{session.id}")
    assert booking["during"].count(start.strftime("%H:%M:%S")) == 1
    assert session.is_free()
    assert notified(market, reader) == ["appointment_requested"]
    told = "select count(*) from realtime.messages where topic = %s and event = 'notification'"
    assert market.value(told, f"user:{reader.id}") == 1


def test_the_booked_time_is_not_free_any_more_and_declining_frees_it(market: Marketplace) -> None:
    session = book(market, market.client(), open_reader(market))
    start = session.row()["scheduled_at"]
    window = {"p_reader_id": session.reader.id, "p_from": start.isoformat()}
    window["p_to"] = (start + timedelta(minutes=60)).isoformat()
    (left,) = market.call(session.client, "free_slots", **window)
    assert datetime.fromisoformat(left["starts_at"]) == start + timedelta(minutes=30)
    session.by(session.reader, "decline")
    (left,) = market.call(session.client, "free_slots", **window)
    assert datetime.fromisoformat(left["starts_at"]) == start
    assert session.row()["end_reason"] == "declined"
    assert notified(market, session.client) == ["appointment_closed"]


def test_an_appointment_is_remembered_by_its_key(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market)
    start = ahead(market, 5).isoformat()
    ask = partial(market.request, client, reader, p_idempotency_key="one")
    assert ask(p_scheduled_at=start).id == ask(p_scheduled_at=start).id
    with market.refuses("idempotency_key_reused"):
        ask(p_scheduled_at=ahead(market, 6).isoformat())


def test_an_appointment_nobody_answers_expires(market: Marketplace) -> None:
    session = book(market, market.client(), open_reader(market))
    go_to(market, session, _PREHOLD - 1)
    assert session.row()["status"] == "SCHEDULED"
    go_to(market, session, _PREHOLD)
    assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "expired")
    assert market.read(session.client, f"bookings?session_id=eq.{session.id}") == []


def test_an_answer_has_its_own_deadline(market: Marketplace) -> None:
    with market.setting("booking.answer_seconds", 60):
        session = book(market, market.client(), open_reader(market))
    market.clock.advance(60)
    with market.refuses("invalid_state"):
        session.by(session.reader, "accept")
    market.tick()
    assert session.row()["end_reason"] == "expired"


def test_preparation_takes_both_people_and_the_hold_and_tells_them(market: Marketplace) -> None:
    session, stranger, elsewhere = booked(market), market.client(funds=1000), market.reader()
    pair = [session.client, session.reader]
    go_to(market, session, _PREHOLD - 1)
    assert (leased(market, pair), market.wallet(session.client)["held"]) == (0, 0)
    go_to(market, session, _PREHOLD)
    assert (leased(market, pair), market.wallet(session.client)["held"]) == (2, RATE)
    assert [notified(market, person)[-1] for person in pair] == ["appointment_open"] * 2
    status = "select status from public.readers where user_id = %s"
    assert market.value(status, session.reader.id) == "BUSY"
    with market.refuses("reader_unavailable"):
        market.request(stranger, session.reader)
    with market.refuses("already_in_session"):
        market.request(session.client, elsewhere)


def test_it_opens_with_the_preparation_though_the_workers_are_away(market: Marketplace) -> None:
    session = booked(market, status="OFFLINE")
    market.clock.advance(5 * 3600 + _PREHOLD - 1)
    with market.refuses("invalid_state"):
        session.by(session.client, "join")
    market.clock.advance(1)
    session.by(session.client, "join")
    assert market.wallet(session.client)["held"] == RATE
    assert session.by(session.reader, "join")["status"] == "IN_PROGRESS"
    assert len(session.legs("increment")) == 1
    session.talk(60)
    session.by(session.client, "end")
    assert session.row()["billed_minutes"] == 2
    assert market.read(session.client, f"bookings?session_id=eq.{session.id}") == []
    assert market.value("select count(*) from private.appointments where session_id = %s", session.id) == 0
    assert session.is_free()


def test_it_runs_for_the_booked_length_at_most(market: Marketplace) -> None:
    client, reader = market.client(funds=20_000), open_reader(market)
    session = book(market, client, reader, p_max_minutes=2)
    session.by(reader, "accept")
    go_to(market, session, 0)
    session.by(client, "join")
    session.by(reader, "join")
    session.talk(120)
    assert (session.row()["end_reason"], session.row()["billed_minutes"]) == ("max_minutes", 2)


def test_without_funds_the_client_is_told_once_and_may_still_top_up(market: Marketplace) -> None:
    session = booked(market, funds=RATE - 1)
    go_to(market, session, _PREHOLD)
    market.clock.advance(5)
    market.tick()
    assert notified(market, session.client) == ["appointment_accepted", "appointment_unfunded"]
    assert notified(market, session.reader) == ["appointment_requested"]
    assert session.is_free()
    with market.refuses("insufficient_funds"):
        session.by(session.client, "join")
    with market.refuses("invalid_state"):
        session.by(session.reader, "join")
    market.top_up(session.client, 1)
    market.clock.advance(5)
    market.tick()
    assert market.wallet(session.client)["held"] == RATE
    assert notified(market, session.client)[-1] == "appointment_open"


def test_without_funds_until_the_grace_is_over_it_is_cancelled_and_nothing_is_due(market: Marketplace) -> None:
    session = booked(market, funds=RATE - 1)
    go_to(market, session, 299)
    assert session.row()["status"] == "SCHEDULED"
    go_to(market, session, 304)
    assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "expired")
    assert market.wallet(session.client)["balance"] == RATE - 1


def test_funds_that_come_at_the_last_moment_leave_time_to_join(market: Marketplace) -> None:
    with market.setting("booking.no_show_seconds", 200):
        session = booked(market, funds=0)
    go_to(market, session, 195)
    market.top_up(session.client, 1000)
    market.clock.advance(4)
    session.by(session.client, "join")
    market.clock.advance(40)
    session.by(session.client, "heartbeat")
    market.tick()
    assert session.by(session.reader, "join")["status"] == "IN_PROGRESS"
    session.by(session.client, "end")


def test_a_suspended_side_cancels_the_appointments_ahead(market: Marketplace) -> None:
    for side in ("client", "reader"):
        session = booked(market)
        market.suspend(getattr(session, side))
        assert (session.row()["status"], session.row()["end_reason"]) == ("CANCELLED", "account_suspended")
        assert market.wallet(session.client)["balance"] == 20_000


# The calendar beside it -----------------------------------------------------------------------------------------------


def test_a_session_before_an_appointment_is_capped(market: Marketplace) -> None:
    session = booked(market, hours=2)
    other = market.request(market.client(funds=1000), session.reader)
    assert other.row()["max_minutes"] == 110
    other.by(other.client, "cancel")
    mine = market.request(session.client, market.reader(), p_max_minutes=200)
    assert mine.row()["max_minutes"] == 110
    mine.by(mine.client, "cancel")
    short = market.request(session.client, session.reader, p_max_minutes=20)
    assert short.row()["max_minutes"] == 20
    short.by(short.client, "cancel")


def test_a_session_that_would_be_too_short_before_an_appointment_is_refused(market: Marketplace) -> None:
    session = booked(market)
    stranger, elsewhere = market.client(funds=1000), market.reader()
    market.clock.advance(5 * 3600 + _PREHOLD - 299)
    with market.refuses("reader_unavailable"):
        market.request(stranger, session.reader)
    with market.refuses("already_in_session"):
        market.request(session.client, elsewhere)


def test_what_is_not_accepted_yet_is_in_nobodys_way(market: Marketplace) -> None:
    session = book(market, market.client(), open_reader(market), hours=2)
    other = market.request(market.client(funds=1000), session.reader)
    assert other.row()["max_minutes"] == 240
    other.by(other.client, "cancel")


def test_a_session_that_still_runs_ends_with_its_paid_increment_when_an_appointment_is_prepared(
    market: Marketplace,
) -> None:
    client, reader = market.client(funds=20_000), open_reader(market)
    appointment = book(market, client, reader, hours=1.1)
    running = market.started(market.client(funds=20_000), reader)
    appointment.by(reader, "accept")
    running.talk(3360 + 5)
    assert running.row()["status"] == "IN_PROGRESS"
    assert not market.rows("select 1 from private.leases where session_id = %s", appointment.id)
    running.talk(60)
    assert (running.row()["end_reason"], running.row()["billed_minutes"]) == ("max_minutes", 57)
    assert leased(market, [client, reader]) == 2
    appointment.by(client, "cancel")


def test_an_appointment_right_before_another_keeps_its_booked_time(market: Marketplace) -> None:
    reader = open_reader(market)
    first, second = (book(market, market.client(funds=20_000), reader, hours, p_max_minutes=15) for hours in (5, 5.25))
    for session in (first, second):
        session.by(reader, "accept")
    go_to(market, first, 0)
    first.by(first.client, "join")
    first.by(reader, "join")
    first.talk(899)
    assert first.row()["status"] == "IN_PROGRESS"
    first.talk(10)
    assert first.row()["end_reason"] == "max_minutes"
    assert leased(market, [second.client, reader]) == 2
    second.by(second.client, "cancel")


# At the same moment ---------------------------------------------------------------------------------------------------


def test_many_clients_for_one_time_leave_one(market: Marketplace) -> None:
    reader = open_reader(market)
    clients = [market.client() for _ in range(12)]
    start = ahead(market, 5).isoformat()
    answers = market.at_once([partial(market.request, client, reader, p_scheduled_at=start) for client in clients])
    assert sum(isinstance(answer, LiveSession) for answer in answers) == 1
    assert codes(answers) == {"reader_unavailable"}


def test_one_client_for_many_readers_at_one_time_leaves_one(market: Marketplace) -> None:
    client = market.client()
    readers = [open_reader(market) for _ in range(6)]
    start = ahead(market, 5).isoformat()
    answers = market.at_once([partial(market.request, client, reader, p_scheduled_at=start) for reader in readers])
    assert sum(isinstance(answer, LiveSession) for answer in answers) == 1
    assert codes(answers) == {"already_in_session"}


def test_workers_and_both_sides_prepare_it_once(market: Marketplace) -> None:
    sessions = [booked(market) for _ in range(4)]
    market.clock.advance(5 * 3600)
    calls = [partial(market.worker, "advance_appointment")] * 8
    calls += [
        partial(session.by, person, "join") for session in sessions for person in (session.client, session.reader)
    ]
    assert [answer for answer in market.at_once(calls) if isinstance(answer, RefusedError)] == []
    market.tick()
    for session in sessions:
        assert session.row()["status"] == "IN_PROGRESS"
        assert notified(market, session.client).count("appointment_open") == 1
        held = "select count(*) from ledger.holds where reference = %s"
        assert market.value(held, session.id) == 1
        session.by(session.client, "end")
    assert market.problems() == []


def test_two_readers_who_ask_each_other_at_once_are_in_one_session(market: Marketplace) -> None:
    pairs = [(market.reader(), market.reader()) for _ in range(4)]
    for pair in pairs:
        for person in pair:
            market.top_up(person, 1000)
    calls = [partial(market.request, *order) for one, two in pairs for order in ((one, two), (two, one))]
    answers = market.at_once(calls)
    assert sum(isinstance(answer, LiveSession) for answer in answers) == 4
    assert codes(answers) <= {"already_in_session", "reader_unavailable"}
    for pair in pairs:
        assert leased(market, pair) == 2


def test_a_reader_who_is_a_client_elsewhere_is_taken(market: Marketplace) -> None:
    reader, other, client = market.reader(), market.reader(), market.client(funds=1000)
    market.top_up(reader, 1000)
    session = market.request(reader, other)
    assert market.value("select status from public.readers where user_id = %s", reader.id) == "BUSY"
    with market.refuses("reader_unavailable"):
        market.request(client, reader)
    session.by(reader, "cancel")
    assert market.value("select status from public.readers where user_id = %s", reader.id) == "ONLINE"


# Refused --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-1, 0.99, 24 * 61], ids=["in the past", "too near", "too far"])
def test_a_time_outside_notice_and_horizon_is_refused(market: Marketplace, hours: float) -> None:
    client, reader = market.client(), open_reader(market)
    with market.refuses("outside_availability"):
        book(market, client, reader, hours)


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
def test_a_time_that_never_comes_is_refused(market: Marketplace, moment: str) -> None:
    client, reader = market.client(), open_reader(market)
    with market.refuses("outside_availability"):
        market.request(client, reader, p_scheduled_at=moment)


def test_time_that_is_not_wholly_within_the_hours_is_refused(market: Marketplace) -> None:
    reader = market.reader()
    start = ahead(market, 48)
    day = {"day_of_week": start.isoweekday() % 7, "specific_date": start.date().isoformat(), "is_recurring": False}
    market.database.execute("update public.readers set timezone = 'UTC' where user_id = %s", [reader.id])
    market.add(reader, "availability", {"reader_id": reader.id, **day, "start_time": "08:00", "end_time": "09:00"})
    client = market.client()
    with market.refuses("outside_availability"):
        market.request(client, reader, p_scheduled_at=start.replace(hour=8, minute=31).isoformat())
    at = start.replace(hour=8, minute=30, second=0, microsecond=0)
    session = market.request(client, reader, p_scheduled_at=at.isoformat())
    assert session.row()["scheduled_at"] == at


def test_a_time_that_is_taken_is_refused_to_either_side(market: Marketplace) -> None:
    session = booked(market)
    at = {"p_scheduled_at": (session.row()["scheduled_at"] + timedelta(minutes=29)).isoformat()}
    stranger, elsewhere = market.client(), open_reader(market)
    with market.refuses("reader_unavailable"):
        market.request(stranger, session.reader, **at)
    with market.refuses("already_in_session"):
        market.request(session.client, elsewhere, **at)
    # In the other role, too.
    with market.refuses("already_in_session"):
        market.request(session.reader, elsewhere, **at)


def test_a_blocked_client_and_an_unverified_reader_are_answered_as_absence_is(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market)
    market.add(reader, "blocks", {"blocker_id": reader.id, "blocked_id": client.id})
    unverified = open_reader(market)
    market.database.execute("update public.readers set is_verified = false where user_id = %s", [unverified.id])
    for whom in (reader, unverified):
        with market.refuses("reader_unavailable"):
            book(market, client, whom)
        with market.refuses("reader_unavailable"):
            market.call(client, "booking_terms", p_reader_id=whom.id, p_type="CHAT")


def test_a_client_has_so_many_open_at_most(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market)
    book(market, client, reader)
    with market.setting("booking.max_open", 1), market.refuses("too_many_open"):
        book(market, client, reader, hours=7)


def test_a_type_that_is_not_offered_is_refused(market: Marketplace) -> None:
    client, reader = market.client(), open_reader(market)
    with market.refuses("type_not_offered"):
        book(market, client, reader, p_type="VIDEO")


def test_a_heartbeat_and_an_end_before_the_lobby_are_refused(market: Marketplace) -> None:
    session = booked(market)
    for verb in ("heartbeat", "end"):
        with market.refuses("invalid_state"):
            session.by(session.client, verb)


def test_a_stranger_learns_nothing_of_an_appointment(market: Marketplace) -> None:
    session, stranger = booked(market), market.client()
    for verb in ("accept", "decline", "cancel", "join", "heartbeat", "end"):
        with market.refuses("not_participant"):
            session.by(stranger, verb)
    assert market.read(stranger, f"bookings?session_id=eq.{session.id}") == []
