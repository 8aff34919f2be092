"""What tests of appointments share: readers with hours, and a booking some hours ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.sql.marketplace import LiveSession, Marketplace, Person

RATE, MINUTES, FEE_LATE, FEE_NO_SHOW = 300, 30, 2250, 4500


def always_open(market: Marketplace, reader: Person) -> Person:
    """Give a reader hours around the clock."""
    for day in range(7):
        for start, end in (("00:00", "12:00"), ("12:00", "00:00")):
            hours = {"reader_id": reader.id, "day_of_week": day, "start_time": start, "end_time": end}
            market.add(reader, "availability", hours)
    return reader


def open_reader(market: Marketplace, status: str = "ONLINE", rate: int = RATE) -> Person:
    return always_open(market, market.reader(rate=rate, status=status))


def ahead(market: Marketplace, hours: float) -> datetime:
    return market.clock.now() + timedelta(hours=hours)


def book(market: Marketplace, client: Person, reader: Person, hours: float = 5, **more: Any) -> LiveSession:
    """Ask for half an hour, some hours ahead."""
    return market.request(client, reader, p_scheduled_at=ahead(market, hours).isoformat(), **more)


def booked(market: Marketplace, funds: int = 20_000, hours: float = 5, status: str = "ONLINE") -> LiveSession:
    """Make an appointment that the reader accepted."""
    session = book(market, market.client(funds=funds), open_reader(market, status), hours)
    session.by(session.reader, "accept")
    return session


def go_to(market: Marketplace, session: LiveSession, seconds: float) -> None:
    """Let time pass until so many seconds after (before, if negative) the start; the workers work then."""
    start: datetime = session.row()["scheduled_at"]
    market.clock.advance((start - market.clock.now()).total_seconds() + seconds)
    market.tick()


def notified(market: Marketplace, person: Person) -> list[str]:
    """Kinds of what a person was notified of, as they read it, oldest first."""
    return [row["kind"] for row in market.read(person, "notifications?select=kind&order=id")]


def leased(market: Marketplace, people: Sequence[Person]) -> int:
    ids = [person.id for person in people]
    return int(market.value("select count(*) from private.leases where user_id = any(%s::uuid[])", ids))
