"""Money out: readers open accounts at Stripe and have their earnings paid out; banks refuse some."""

from __future__ import annotations

from uuid import UUID

import stripe

from edge_bridge import payout_accounts
from soulseer.errors import SoulSeerError
from stack.stripe.resources import account_links, payouts
from tests.simulation.errors import KilledError
from tests.simulation.simulation import Simulation
from tests.simulation.stripe_world import drive
from tests.simulation.template import Person


def begin(sim: Simulation) -> None:
    """Have most readers open an account, and all of them ask for money."""
    for reader in sim.people.readers[: len(sim.people.readers) * 3 // 4]:
        _open_soon(sim, reader, sim.rng.uniform(0, 600))
    sim.often(45.0, "payout", lambda: _request(sim))
    sim.often(200.0, "bank", lambda: _refuse_one(sim))


def _open_soon(sim: Simulation, reader: Person, seconds: float) -> None:
    sim.later(seconds, f"payout account {reader.id}", lambda: _open(sim, reader))


def _open(sim: Simulation, reader: Person) -> None:
    try:
        made = drive(payout_accounts.begin(sim.bridge_rpc, sim.stripe.client, UUID(reader.id), public_url="http://app"))
    except (KilledError, SoulSeerError, stripe.StripeError):
        _open_soon(sim, reader, 30.0)
        return

    def onboard() -> None:
        with sim.stripe.world.store.transaction():
            account_links.complete(sim.stripe.world, made.account_id)

    sim.later(sim.rng.uniform(5, 60), f"onboarding {made.account_id}", onboard)


def _request(sim: Simulation) -> None:
    rich = [reader for reader in sim.people.readers if sim.books.of(reader.id, "reader_earnings").available > 100]
    reader = sim.rng.choice(rich or sim.people.readers)
    sim.ask_twice(
        reader,
        "request_payout",
        "nothing_payable", "payout_account_not_ready", "payout_below_minimum", "payout_exceeds_payable",
        "payouts_disabled", "amount_out_of_range",
        amount=sim.rng.choice((None, None, 100, 150, 1000, 0)),
    )  # fmt: skip


def _refuse_one(sim: Simulation) -> None:
    """A bank says no to a payout that is under way."""
    world = sim.stripe.world
    with world.store.transaction():
        waiting = [body for body in world.store.select("payout", None, {}, limit=40) if body["status"] == "in_transit"]
        if waiting:
            payouts.move(world, sim.rng.choice(waiting), "failed", ("account_closed", "The account is closed."))
