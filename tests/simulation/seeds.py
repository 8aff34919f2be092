"""Runs one seed from its clone to its rest, and says what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stack import database
from stack.postgres import PostgresServer
from tests.simulation.actions import (
    administration,
    appointments,
    approvals,
    giving,
    payments,
    payouts,
    promotions,
    reloads,
    returns,
    sessions,
    waiting,
    workers,
)
from tests.simulation.errors import ViolationError
from tests.simulation.quiet import come_to_rest
from tests.simulation.simulation import Simulation
from tests.simulation.template import People

DOMAINS: Final = (
    sessions,
    payments,
    payouts,
    workers,
    administration,
    giving,
    approvals,
    returns,
    appointments,
    waiting,
    promotions,
    reloads,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed; `violation` is empty when nothing was wrong."""

    seed: int
    steps: int
    seconds: float
    postings: int
    faults: int
    violation: str = ""
    trail: tuple[str, ...] = ()
    digest: str = ""


def run_seed(
    server: PostgresServer,
    origin: str,
    people: People,
    seed: int,
    steps: int,
    tell: Callable[[int], None] = lambda _: None,
    *,
    to_rest: bool = True,
) -> Outcome:
    """Run a seed in a copy of the template `origin`; `to_rest` lets it end quietly and proves that end too."""
    name = f"{origin}_{seed}"
    database.clone(server, name, origin)
    began = time.monotonic()
    violation = ""
    try:
        sim = Simulation(server, name, people, seed)
        try:
            for domain in DOMAINS:
                domain.begin(sim)
            sim.run(steps, tell)
            if to_rest:
                come_to_rest(sim)
        except ViolationError as error:
            violation = str(error)
        finally:
            sim.close()
    finally:
        database.drop(server, name)
    return Outcome(
        seed,
        sim.steps,
        time.monotonic() - began,
        sim.books.postings,
        sum(sim.weather.met.values()),
        violation,
        tuple(sim.trail),
        sim.books.digest.hexdigest(),
    )
