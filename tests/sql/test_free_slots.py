"""A reader's free slots: what the reader's own clock shows, in UTC, across daylight saving, less what is booked."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stack.worlds import World
from tests.sql.marketplace import Marketplace, Person, RefusedError

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Sydney"]
# In each zone the days on which clocks go forward and back.
CHANGES = {
    "Europe/Berlin": (date(2027, 3, 28), date(2027, 10, 31)),
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "Australia/Sydney": (date(2027, 10, 3), date(2027, 4, 4)),
}
MINUTE = timedelta(minutes=1)
Slot = tuple[datetime, datetime]


@pytest.fixture(scope="module")
def market(module_world: World) -> Iterator[Marketplace]:
    opened = Marketplace(module_world)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def someone(market: Marketplace) -> Person:
    """A reader whose hours and bookings each test makes anew."""
    return market.reader()


@pytest.fixture
def reader(market: Marketplace, someone: Person) -> Person:
    clear(market, someone)
    return someone


def clear(market: Marketplace, reader: Person) -> None:
    market.database.execute("delete from public.bookings where true")
    market.database.execute("delete from public.availability where reader_id = %s", [reader.id])


def live_in(market: Marketplace, reader: Person, zone: str) -> None:
    market.database.execute("update public.readers set timezone = %s where user_id = %s", [zone, reader.id])


def weekly(market: Marketplace, reader: Person, day: int, start: str, end: str) -> None:
    write(market, reader, day_of_week=day, start_time=start, end_time=end)


def dated(market: Marketplace, reader: Person, day: date, start: str, end: str, *, free: bool = True) -> None:
    write(
        market,
        reader,
        day_of_week=day.isoweekday() % 7,
        start_time=start,
        end_time=end,
        is_recurring=False,
        specific_date=day.isoformat(),
        is_available=free,
    )


def write(market: Marketplace, reader: Person, **row: Any) -> None:
    """Write hours as the reader's own client does."""
    answer = market.http.post(
        "/availability", json={"reader_id": reader.id, **row}, headers={"Authorization": f"Bearer {reader.token}"}
    )
    if answer.status_code >= 400:
        raise RefusedError(answer)


def book(market: Marketplace, reader: Person, start: datetime, minutes: int) -> None:
    client = market.sign_up()
    session = uuid.uuid4()
    market.database.execute(
        "insert into public.sessions "
        "(id, client_id, reader_id, type, scheduled_at, reader_rate, share_bps, max_minutes, terms) "
        "values (%s, %s, %s, 'CHAT', %s, 300, 7000, %s, private.session_terms())",
        [session, client.id, reader.id, start, minutes],
    )
    market.database.execute(
        "insert into public.bookings (session_id, reader_id, client_id, during) values (%s, %s, %s, tstzrange(%s, %s))",
        [session, reader.id, client.id, start, start + timedelta(minutes=minutes)],
    )


def free(market: Marketplace, reader: Person, start: datetime, end: datetime) -> list[Slot]:
    """Ask as a visitor does."""
    rows = market.post(
        "", "free_slots", {"p_reader_id": reader.id, "p_from": start.isoformat(), "p_to": end.isoformat()}
    )
    return [(datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])) for row in rows]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# By example ---------------------------------------------------------------------------------------------------------


def test_a_weekly_slot_comes_every_week_in_the_readers_zone(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "Europe/Berlin")
    weekly(market, reader, 1, "09:00", "12:00")
    assert free(market, reader, utc("2027-01-04"), utc("2027-01-18")) == [
        (utc("2027-01-04 08:00"), utc("2027-01-04 11:00")),
        (utc("2027-01-11 08:00"), utc("2027-01-11 11:00")),
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_a_weekly_slot_keeps_its_wall_clock_when_the_clocks_change(
    market: Marketplace, reader: Person, zone: str
) -> None:
    live_in(market, reader, zone)
    for change in CHANGES[zone]:
        clear(market, reader)
        weekly(market, reader, 3, "09:00", "10:00")
        begins = datetime.combine(change - timedelta(days=7), time(), UTC)
        slots = free(market, reader, begins, begins + timedelta(days=14))
        local = [start.astimezone(ZoneInfo(zone)).time() for start, _ in slots]
        assert local == [time(9), time(9)]
        assert slots[1][0] - slots[0][0] != timedelta(days=7)


def test_a_slot_over_the_hour_that_is_skipped_is_an_hour_shorter(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "Europe/Berlin")
    dated(market, reader, date(2027, 3, 28), "01:00", "04:00")
    assert free(market, reader, utc("2027-03-27"), utc("2027-03-29")) == [
        (utc("2027-03-28 00:00"), utc("2027-03-28 02:00"))
    ]


def test_a_slot_over_the_hour_that_is_repeated_is_an_hour_longer(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "America/New_York")
    dated(market, reader, date(2027, 11, 7), "00:30", "03:00")
    assert free(market, reader, utc("2027-11-07"), utc("2027-11-08")) == [
        (utc("2027-11-07 04:30"), utc("2027-11-07 08:00"))
    ]


def test_a_slot_within_the_skipped_hour_never_comes_and_within_the_repeated_one_twice(
    market: Marketplace, reader: Person
) -> None:
    live_in(market, reader, "Europe/Berlin")
    dated(market, reader, date(2027, 3, 28), "02:15", "02:45")
    assert free(market, reader, utc("2027-03-27"), utc("2027-03-29")) == []
    dated(market, reader, date(2027, 10, 31), "02:15", "02:45")
    assert free(market, reader, utc("2027-10-30"), utc("2027-11-01")) == [
        (utc("2027-10-31 00:15"), utc("2027-10-31 00:45")),
        (utc("2027-10-31 01:15"), utc("2027-10-31 01:45")),
    ]


def test_a_slot_crosses_midnight_and_the_end_of_the_week(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "UTC")
    weekly(market, reader, 6, "22:00", "02:00")
    assert free(market, reader, utc("2027-01-09"), utc("2027-01-12")) == [
        (utc("2027-01-09 22:00"), utc("2027-01-10 02:00"))
    ]
    # One that began the evening before the asked interval is seen in it.
    assert free(market, reader, utc("2027-01-10"), utc("2027-01-12")) == [
        (utc("2027-01-10 00:00"), utc("2027-01-10 02:00"))
    ]


def test_a_dated_slot_takes_time_away_and_another_gives_it_back(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "UTC")
    weekly(market, reader, 1, "09:00", "17:00")
    dated(market, reader, date(2027, 1, 4), "10:00", "16:00", free=False)
    dated(market, reader, date(2027, 1, 4), "12:00", "13:00")
    assert free(market, reader, utc("2027-01-04"), utc("2027-01-05")) == [
        (utc("2027-01-04 09:00"), utc("2027-01-04 10:00")),
        (utc("2027-01-04 12:00"), utc("2027-01-04 13:00")),
        (utc("2027-01-04 16:00"), utc("2027-01-04 17:00")),
    ]


def test_what_is_booked_is_not_free(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "UTC")
    weekly(market, reader, 1, "09:00", "12:00")
    book(market, reader, utc("2027-01-04 10:00"), 30)
    assert free(market, reader, utc("2027-01-04"), utc("2027-01-05")) == [
        (utc("2027-01-04 09:00"), utc("2027-01-04 10:00")),
        (utc("2027-01-04 10:30"), utc("2027-01-04 12:00")),
    ]


def test_slots_are_cut_to_what_is_asked_and_touching_ones_are_one(market: Marketplace, reader: Person) -> None:
    live_in(market, reader, "UTC")
    weekly(market, reader, 1, "09:00", "11:00")
    weekly(market, reader, 1, "11:00", "13:00")
    assert free(market, reader, utc("2027-01-04 10:00"), utc("2027-01-04 12:30")) == [
        (utc("2027-01-04 10:00"), utc("2027-01-04 12:30"))
    ]


def test_nobody_is_free_who_is_unknown_unverified_or_suspended(market: Marketplace) -> None:
    reader = market.reader()
    weekly(market, reader, 1, "09:00", "12:00")
    stranger = Person(str(uuid.uuid4()), "")
    span = (utc("2027-01-04"), utc("2027-01-06"))
    assert len(free(market, reader, *span)) == 1
    assert free(market, stranger, *span) == []
    market.suspend(reader)
    assert free(market, reader, *span) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-01-05", "2027-01-04"),
        ("2027-01-05", "2027-01-05"),
        ("2027-01-01", "2027-03-05"),
        ("-infinity", "infinity"),
        (None, "2027-01-05"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(
    market: Marketplace, reader: Person, start: str | None, end: str
) -> None:
    with market.refuses("invalid_argument"):
        market.post("", "free_slots", {"p_reader_id": reader.id, "p_from": start, "p_to": end})


# Constraints --------------------------------------------------------------------------------------------------------


def refused(market: Marketplace, reader: Person, **row: Any) -> int:
    with pytest.raises(RefusedError) as caught:
        write(market, reader, **row)
    return caught.value.status


def test_overlapping_slots_of_a_kind_are_refused(market: Marketplace, reader: Person) -> None:
    weekly(market, reader, 6, "22:00", "02:00")
    # Saturday night is Sunday morning.
    assert refused(market, reader, day_of_week=0, start_time="01:00", end_time="03:00") in {400, 409}
    weekly(market, reader, 0, "02:00", "03:00")
    dated(market, reader, date(2027, 1, 4), "22:00", "02:00")
    overlap = {"is_recurring": False, "specific_date": "2027-01-05", "day_of_week": 2}
    assert refused(market, reader, **overlap, start_time="01:00", end_time="03:00") in {400, 409}
    # Of the other kind it may be.
    dated(market, reader, date(2027, 1, 5), "01:00", "03:00", free=False)


@pytest.mark.parametrize(
    "row",
    [
        {"day_of_week": 7, "start_time": "09:00", "end_time": "10:00"},
        {"day_of_week": 1, "start_time": "09:00", "end_time": "09:00"},
        {"day_of_week": 1, "start_time": "09:00:30", "end_time": "10:00"},
        {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00", "is_available": False},
        {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00", "is_recurring": False},
        {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00", "specific_date": "2027-01-04"},
        {
            "day_of_week": 2,
            "start_time": "09:00",
            "end_time": "10:00",
            "is_recurring": False,
            "specific_date": "2027-01-04",
        },
    ],
)
def test_a_slot_that_makes_no_sense_is_refused(market: Marketplace, reader: Person, row: dict[str, Any]) -> None:
    assert refused(market, reader, **row) == 400


def test_only_a_reader_has_hours_and_only_their_own(market: Marketplace, reader: Person) -> None:
    row = {"day_of_week": 1, "start_time": "09:00", "end_time": "10:00"}
    client = market.client()
    assert refused(market, client, **row) == 403
    assert refused(market, Person(reader.id, client.token), **row) == 403


# Against a naive model ----------------------------------------------------------------------------------------------

clock = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
weekly_slots = st.lists(st.tuples(st.integers(0, 6), clock, clock), max_size=4)
dated_slots = st.lists(st.tuples(st.integers(0, 3), clock, clock, st.booleans()), max_size=3)
bookings = st.lists(st.tuples(st.integers(0, 4 * 96 - 4), st.integers(1, 4)), max_size=2)


def shown(moment: datetime, day: date, start: time, end: time) -> bool:
    """Whether a clock that shows this is within a slot that began on that day."""
    begins = datetime.combine(day, start)
    ends = datetime.combine(day, end) + (timedelta(days=1) if end <= start else timedelta())
    return begins <= moment < ends


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(ZONES), st.booleans(), weekly_slots, dated_slots, bookings)
def test_free_slots_are_the_minutes_in_which_the_readers_clock_shows_a_free_time(
    market: Marketplace,
    someone: Person,
    zone: str,
    forward: bool,
    every: list[tuple[int, time, time]],
    once: list[tuple[int, time, time, bool]],
    booked: list[tuple[int, int]],
) -> None:
    change = CHANGES[zone][0 if forward else 1]
    first = change - timedelta(days=2)
    days = [first + timedelta(days=n) for n in range(-1, 5)]
    clear(market, someone)
    live_in(market, someone, zone)
    try:
        for day, start, end in every:
            weekly(market, someone, day, start.isoformat(), end.isoformat())
        for offset, start, end, adds in once:
            dated(market, someone, first + timedelta(days=offset), start.isoformat(), end.isoformat(), free=adds)
    except RefusedError:
        assume(False)
    begins = datetime.combine(first, time(), UTC)
    spans = [(begins + quarter * 15 * MINUTE, length * 15 * MINUTE) for quarter, length in booked]
    assume(all(a == b or a[0] + a[1] <= b[0] or b[0] + b[1] <= a[0] for a in spans for b in spans))
    for start_at, length in dict(spans).items():
        book(market, someone, start_at, length // MINUTE)

    def is_free(moment: datetime) -> bool:
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        on = any(shown(local, day, s, e) for day in days for n, s, e in every if day.isoweekday() % 7 == n)
        taken = any(shown(local, first + timedelta(days=o), s, e) for o, s, e, adds in once if not adds)
        added = any(shown(local, first + timedelta(days=o), s, e) for o, s, e, adds in once if adds)
        in_session = any(start_at <= moment < start_at + length for start_at, length in spans)
        return ((on and not taken) or added) and not in_session

    ends = begins + timedelta(days=4)
    minutes = [begins + n * MINUTE for n in range(4 * 24 * 60)]
    expected: list[Slot] = []
    for moment in minutes:
        if not is_free(moment):
            continue
        if expected and expected[-1][1] == moment:
            expected[-1] = (expected[-1][0], moment + MINUTE)
        else:
            expected.append((moment, moment + MINUTE))
    assert free(market, someone, begins, ends) == expected
