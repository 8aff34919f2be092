"""A broker in memory: what it carries may come twice, late, in another order, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import dramatiq
from dramatiq import Broker

from tests.simulation.faults import Weather

Deliver = Callable[[float, "dramatiq.Message[object]"], None]


class MemoryBroker(Broker):
    """Hands each message to `deliver` with the seconds after which it arrives."""

    def __init__(self, weather: Weather, deliver: Deliver, draw: Callable[[float, float], float]) -> None:
        super().__init__(middleware=[])
        self._weather = weather
        self._deliver = deliver
        self._draw = draw

    def declare_queue(self, queue_name: str) -> None:
        """Know a queue."""
        self.queues.setdefault(queue_name, None)

    def enqueue(self, message: dramatiq.Message[object], *, delay: int | None = None) -> dramatiq.Message[object]:
        """Carry a message, with what can go wrong on the way."""
        wait = (delay or 0) / 1000 + self._draw(0.001, 0.3)
        if self._weather.chance(0.02):
            return message
        if self._weather.chance(0.02):
            wait += self._draw(1.0, 4 * 3600.0)
        self._deliver(wait, message)
        if self._weather.chance(0.03):
            self._deliver(wait + self._draw(0.0, 40.0), message)
        return message
