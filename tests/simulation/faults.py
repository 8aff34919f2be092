"""Faults as points of a process: asked at each, a seeded coin says what happens there."""

from __future__ import annotations

from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """What happens at a point."""

    NONE = "none"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    UNREACHABLE = "unreachable"
    CUT = "cut in the middle"
    ANSWER_LOST = "answer lost"
    SERVER_ERROR = "error answered, effect kept"
    REFUSED_FOR_FUNDS = "refused for want of balance"


_AT_DATABASE = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.UNREACHABLE, Fault.CUT, Fault.ANSWER_LOST)
_AT_STRIPE = (
    Fault.KILLED_BEFORE,
    Fault.KILLED_AFTER,
    Fault.UNREACHABLE,
    Fault.ANSWER_LOST,
    Fault.ANSWER_LOST,
    Fault.SERVER_ERROR,
)
# Mostly nothing gets through, retried or not; who asks lives on, and has to come again.
_IN_STORMS = (Fault.UNREACHABLE, Fault.UNREACHABLE, Fault.ANSWER_LOST, Fault.SERVER_ERROR)


class Weather:
    """How likely faults are; storms make Stripe unreachable for a while, calm ends all faults."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.is_calm = False
        self.is_stormy = False
        self.met: dict[str, int] = {}

    def at_database(self) -> Fault:
        """What happens to a call of a service."""
        return self._draw(0.02, _AT_DATABASE, "database")

    def at_person(self) -> Fault:
        """What happens to a call of a person, who is never killed."""
        return self._draw(0.012, (Fault.UNREACHABLE, Fault.CUT, Fault.ANSWER_LOST), "person")

    def at_stripe(self, *, moves_money: bool) -> Fault:
        """What happens to a request to Stripe."""
        if moves_money and self._draw(0.01, (Fault.REFUSED_FOR_FUNDS,), "stripe") != Fault.NONE:
            return Fault.REFUSED_FOR_FUNDS
        if self.is_stormy:
            return self._draw(0.9, _IN_STORMS, "stripe")
        return self._draw(0.03, _AT_STRIPE, "stripe")

    def chance(self, of: float) -> bool:
        """Tell whether something of this likelihood happens; never in calm weather."""
        return not self.is_calm and self._rng.random() < of

    def _draw(self, rate: float, kinds: tuple[Fault, ...], place: str) -> Fault:
        if not self.chance(rate):
            return Fault.NONE
        fault = self._rng.choice(kinds)
        self.met[f"{place}: {fault}"] = self.met.get(f"{place}: {fault}", 0) + 1
        return fault
