"""Money out: readers open accounts at Stripe and have their earnings paid out; banks refuse some."""

from __future__ import annotations

from uuid import UUID

import stripe

from edge_bridge import payout_accounts
from soulseer.errors import SoulSeerError
from stack.stripe.resources import account_links, payouts
from tests.simulation.actions import workers
from tests.simulation.errors import KilledError
from tests.simulation.simulation import Simulation
from tests.simulation.stripe_world import drive
from tests.simulation.template import Person


def begin(sim: Simulation) -> None:
    """Have most readers open an account, half of them soon, and all of them ask for money."""
    readers = sim.people.readers
    ready: list[Person] = []
    for number, reader in enumerate(readers[: len(readers) * 3 // 4]):
        _open_soon(sim, reader, sim.rng.uniform(0, 200 if number < len(readers) // 2 else 3000), ready)
    sim.often(12.0, "payout", lambda: _request(sim, ready))
    sim.often(200.0, "bank", lambda: _refuse_one(sim))
    sim.often(150.0, "bank again", lambda: _retry_one(sim))


def _open_soon(sim: Simulation, reader: Person, seconds: float, ready: list[Person]) -> None:
    sim.later(seconds, f"payout account {reader.id}", lambda: _open(sim, reader, ready))


def _open(sim: Simulation, reader: Person, ready: list[Person]) -> None:
    try:
        made = drive(payout_accounts.begin(sim.bridge_rpc, sim.stripe.client, UUID(reader.id), public_url="http://app"))
    except (KilledError, SoulSeerError, stripe.StripeError):
        _open_soon(sim, reader, 30.0, ready)
        return

    def onboard() -> None:
        with sim.stripe.world.store.transaction():
            account_links.complete(sim.stripe.world, made.account_id)
        ready.append(reader)

    sim.later(sim.rng.uniform(5, 60), f"onboarding {made.account_id}", onboard)


def _request(sim: Simulation, ready: list[Person]) -> None:
    """A reader asks, mostly one with something to ask for; Stripe may be gone just when it is to pay."""
    asking = ready if ready and sim.rng.random() < 0.9 else sim.people.readers
    # What a session under way earns cannot be paid out before it is settled.
    busy = {talk.reader.id for talk in sim.live()} if sim.rng.random() < 0.9 else set()
    rich = [
        reader
        for reader in asking
        if reader.id not in busy and sim.books.of(reader.id, "reader_earnings").available > 10
    ]
    answer = sim.ask_twice(
        sim.rng.choice(rich or asking),
        "request_payout",
        "nothing_payable", "payout_account_not_ready", "payout_below_minimum", "payout_exceeds_payable",
        "payouts_disabled", "amount_out_of_range",
        amount=sim.rng.choice((None, None, 100, 150, 1000, 0)),
    )  # fmt: skip
    if answer.body is not None and sim.weather.chance(0.35):
        workers.storm(sim)


def _retry_one(sim: Simulation) -> None:
    """A reader has one tried again that failed at the bank."""
    failed = [row for row in sim.books.payouts.values() if row["status"] == "FAILED" and row["stripe_transfer_id"]]
    if failed:
        row = sim.rng.choice(failed)
        reader = next(person for person in sim.people.readers if person.id == row["reader_id"])
        sim.ask(
            reader, "retry_payout", "invalid_state", "payout_account_not_ready", "payouts_disabled", payout_id=row["id"]
        )


def _refuse_one(sim: Simulation) -> None:
    """A bank says no to a payout that is under way."""
    world = sim.stripe.world
    with world.store.transaction():
        waiting = [body for body in world.store.select("payout", None, {}, limit=40) if body["status"] == "in_transit"]
        if waiting:
            payouts.move(world, sim.rng.choice(waiting), "failed", ("account_closed", "The account is closed."))
