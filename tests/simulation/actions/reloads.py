"""Auto-reload: people agree to it, change their minds, take cards away; banks decline what is charged without them."""

from __future__ import annotations

import stripe

from tests.simulation.simulation import Simulation
from tests.simulation.template import Person


def begin(sim: Simulation) -> None:
    """Have clients agree to auto-reload, and end it."""
    sim.often(15.0, "agree to reloads", lambda: _agree(sim))
    sim.often(120.0, "end reloads", lambda: _end(sim))
    sim.often(60.0, "save a bad card", lambda: _save(sim, "pm_card_chargeCustomerFail"))
    sim.often(300.0, "take a card away", lambda: _detach(sim))


def _agree(sim: Simulation) -> None:
    """Agree, mostly someone with a saved card."""
    owners = sim.query("select distinct c.user_id::text from public.cards c where c.is_saved order by 1")
    client = sim.rng.choice(sim.people.clients)
    if owners and sim.rng.random() < 0.8:
        client = sim.persons[sim.rng.choice(owners)[0]]
    amount = sim.rng.choice((100, 500, 2000))
    sim.ask(
        client, "set_auto_reload", "card_required", "amount_out_of_range",
        amount=amount,
        monthly_cap=sim.rng.choice((amount, amount * 2, amount * 20, amount - 1)),
        threshold=sim.rng.choice((None, None, 1, 5000)),
    )  # fmt: skip


def _end(sim: Simulation) -> None:
    sim.ask(sim.rng.choice(sim.people.clients), "disable_auto_reload", "not_found")


def _customer(sim: Simulation, client: Person) -> str | None:
    rows = sim.query(f"select stripe_customer_id from private.stripe_customers where user_id = '{client.id}'")
    return str(rows[0][0]) if rows else None


def _save(sim: Simulation, card: str) -> None:
    """Save a card whose bank will decline it."""
    customer = _customer(sim, sim.rng.choice(sim.people.clients))
    if customer is not None:
        sim.stripe.untroubled.v1.payment_methods.attach(card, {"customer": customer})


def _detach(sim: Simulation) -> None:
    """Take a saved card from Stripe: what was agreed to ends with it."""
    customer = _customer(sim, sim.rng.choice(sim.people.clients))
    if customer is None:
        return
    saved = sim.stripe.untroubled.v1.payment_methods.list({"customer": customer, "type": "card", "limit": 1})
    for card in saved.data:
        try:
            sim.stripe.untroubled.v1.payment_methods.detach(card.id)
        except stripe.InvalidRequestError:
            return
