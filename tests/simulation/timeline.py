"""The virtual clock, and what is going to happen on it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
# Every seed begins then, so that months begin and end at the same step whenever it is run.
BEGINNING = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(text: str) -> int:
    """Microseconds since 1970 of a time as JSON has it."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


class Clock:
    """The one clock of a simulation: the database's, Stripe's and everyone's, in microseconds."""

    def __init__(self) -> None:
        self.now = 0
        self.text = ""
        self.move(micros(BEGINNING.isoformat()))

    def move(self, to: int) -> None:
        """Go forward to a moment; a moment that has passed is now."""
        self.now = max(self.now, to)
        self.text = (_EPOCH + timedelta(microseconds=self.now)).isoformat(sep=" ")

    @property
    def seconds(self) -> float:
        """Seconds since 1970."""
        return self.now / SECOND


@dataclass(order=True, slots=True)
class Event:
    """Something that will happen: when, and what; `personal` ones are dropped at the end, the others are under way."""

    at: int
    number: int
    name: str = field(compare=False)
    run: Callable[[], None] = field(compare=False)
    personal: bool = field(compare=False)


class Agenda:
    """What will happen, in order of time; equal times in the order they were written down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events: list[Event] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._events)

    def add(self, seconds: float, name: str, run: Callable[[], None], *, personal: bool = True) -> None:
        """Write something down for so many seconds from now."""
        self._number += 1
        at = self._clock.now + max(0, round(seconds * 1000)) * 1000
        heapq.heappush(self._events, Event(at, self._number, name, run, personal))

    def next(self) -> Event:
        """Take what comes next."""
        return heapq.heappop(self._events)

    def put_back(self, event: Event) -> None:
        """Leave something for later after all."""
        heapq.heappush(self._events, event)

    def send_home(self) -> None:
        """Forget what people were going to do; what is under way arrives."""
        self._events = [event for event in self._events if not event.personal]
        heapq.heapify(self._events)
