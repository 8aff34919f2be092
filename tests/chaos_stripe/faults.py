"""The faults of the payout tests: what goes wrong with a request to Stripe, drawn from a seed.

A fault is given to the Stripe stand-in beforehand; the stand-in's log of requests tells which ones were met, and only
those are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final, Self

from tests.acceptance.platform import Platform, Row

TRANSFERS: Final = "/v1/transfers"
BANK_PAYOUTS: Final = "/v1/payouts"
# More often than Stripe's library tries by itself.
_EVERY_TRY: Final = 3
# Beyond the services' limit of one call, 2 s here.
_TOO_LONG: Final = 2.5
# How many of the stand-in's latest requests are read at once; a round makes far fewer.
_LOG_ROWS: Final = 20_000
_STEPS: Final = MappingProxyType({TRANSFERS: "transfer", BANK_PAYOUTS: "bank payout"})

# What the stand-in's log calls a fault, and the report.
_NAMES: Final = MappingProxyType(
    {
        "before drop": "no connection",
        "after drop": "done, answer lost",
        "before timeout": "timeout, nothing done",
        "after timeout": "timeout, done",
        "before delay": "slow",
        "before 500": "5xx, nothing done",
        "after 500": "5xx saved, done",
        "before 429": "429",
        "before balance_insufficient": "insufficient balance",
    }
)

Fault = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a request goes wrong.

    Attributes:
        body: What the stand-in is told.
        needs_a_day: Whether Stripe repeats its answer under the key for a day, so that only a new key helps.
    """

    body: Fault
    needs_a_day: bool = False


def _on_every_try(kind: str, when: str) -> Fault:
    return {"kind": kind, "when": when, "times": _EVERY_TRY}


CALL_KINDS: Final = (
    Kind({"kind": "drop", "when": "before"}),
    Kind(_on_every_try("drop", "before")),
    Kind({"kind": "drop", "when": "after"}),
    Kind(_on_every_try("drop", "after")),
    Kind({"kind": "timeout", "when": "before", "seconds": _TOO_LONG}),
    Kind({"kind": "timeout", "when": "after", "seconds": _TOO_LONG}),
    Kind({"kind": "delay", "when": "before", "seconds": 1.0}),
    # Done after the caller gave up.
    Kind({"kind": "delay", "when": "before", "seconds": _TOO_LONG}),
    Kind(_on_every_try("500", "before")),
    # What the account's state would have refused is saved as this 500 too, and nothing was done.
    Kind({"kind": "500", "when": "after"}, needs_a_day=True),
    Kind({"kind": "error", "status": 500}, needs_a_day=True),
    Kind({"kind": "429", "when": "before"}),
    Kind({"kind": "balance_insufficient"}),
)
# Refusals are answered by the endpoint, so a payout ends with them, or its bank payout is asked for again.
_REFUSALS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        TRANSFERS: Kind({"kind": "error", "status": 400, "code": "account_closed", "message": "Closed."}),
        BANK_PAYOUTS: Kind({"kind": "error", "status": 400, "code": "payouts_not_allowed", "message": "No."}),
    }
)
_LOOK_UPS: Final = (
    Kind(_on_every_try("500", "before")),
    Kind(_on_every_try("drop", "before")),
    Kind({"kind": "429"}),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault with the request it is meant for.

    Attributes:
        kind: What goes wrong.
        method: Of the request.
        path: Of the request.
        account: The connected account whose request it is; None is the platform's own.
    """

    kind: Kind
    method: str
    path: str
    account: str | None = None

    def impose(self, platform: Platform) -> int:
        """Tell the stand-in; return the fault's number there."""
        match = {"method": self.method, "path": self.path}
        if self.account is not None:
            match["account"] = self.account
        return int(platform.control("faults", {"match": match, **self.kind.body})["id"])


def draw(chance: Random, accounts: Sequence[str], count: int, *, with_days: bool) -> list[Planned]:
    """Draw faults for a round.

    Args:
        chance: Where they are drawn from.
        accounts: The connected accounts that are paid.
        count: How many.
        with_days: Whether those that last for a day of Stripe's clock are among them.
    """
    kinds = [kind for kind in CALL_KINDS if with_days or not kind.needs_a_day]
    drawn = []
    for _ in range(count):
        path = chance.choice((TRANSFERS, BANK_PAYOUTS))
        account = chance.choice(accounts) if path == BANK_PAYOUTS else None
        if chance.random() < 0.15:
            drawn.append(Planned(chance.choice(_LOOK_UPS), "GET", path, account))
        elif chance.random() < 0.12:
            drawn.append(Planned(_REFUSALS[path], "POST", path, account))
        else:
            drawn.append(Planned(chance.choice(kinds), "POST", path, account))
    return drawn


@dataclass(slots=True)
class Met:
    """Counts the faults that happened: those that requests met, from the stand-in's log, and those done by hand.

    Attributes:
        counts: How many of each kind.
        outage: Requests that got no answer while Stripe was away altogether; counted apart, there are so many.
    """

    counts: Counter[str] = field(default_factory=Counter)
    outage: int = 0
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def since_now(cls, platform: Platform) -> Self:
        """Return a count that begins with the next request."""
        counted = cls()
        counted.read(platform)
        counted.counts.clear()
        return counted

    @property
    def total(self) -> int:
        """All of them but an outage's."""
        return sum(self.counts.values())

    def note(self, what: str, times: int = 1) -> None:
        """Count what was done by hand, such as a kill."""
        self.counts[what] += times

    def read(self, platform: Platform, *, is_outage: bool = False) -> None:
        """Count what was met since the last look.

        Args:
            platform: Whose stand-in is asked.
            is_outage: Whether Stripe was away altogether since then.
        """
        for request in platform.control(f"requests?limit={_LOG_ROWS}")["requests"]:
            if request["fault"] is None or request["id"] in self._seen:
                continue
            self._seen.add(request["id"])
            if is_outage:
                self.outage += 1
            else:
                self.counts[_name(request)] += 1


def _name(request: Row) -> str:
    """Name a fault that was met: the step, when and what."""
    step = _STEPS.get(request["path"], "an event's object")
    if request["method"] == "GET":
        return f"{step} looked up: {request['fault']}"
    if request["fault"] == "before error":
        return f"{step}: {'5xx saved, nothing done' if request['status'] == 500 else 'refused'}"
    return f"{step}: {_NAMES.get(request['fault'], request['fault'])}"
