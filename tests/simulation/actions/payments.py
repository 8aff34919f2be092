"""Money in: top-ups through the bridge's own code, cards that pay or decline, at Stripe's own pace."""

from __future__ import annotations

from uuid import UUID

import stripe

from edge_bridge import topups
from edge_bridge.inputs import TopupInput
from soulseer.errors import RpcError, SoulSeerError
from tests.simulation.errors import KilledError, ViolationError
from tests.simulation.simulation import Simulation
from tests.simulation.stripe_world import drive
from tests.simulation.template import Person

_GOOD = ("visa", "visa_debit", "mastercard", "mastercard_debit", "mastercard_prepaid", "amex", "discover")
_CARDS = tuple(f"pm_card_{name}" for name in (*_GOOD * 2, "chargeDeclined", "chargeDeclinedInsufficientFunds"))
_MAY_REFUSE = ("account_suspended", "wallet_frozen", "topups_disabled", "rate_limited")


def begin(sim: Simulation) -> None:
    """Have clients fill their wallets now and then."""
    sim.often(60.0, "top-up", lambda: top_up(sim, sim.rng.choice(sim.people.clients)))


def top_up(sim: Simulation, client: Person) -> None:
    """Begin a top-up; the browser confirms it a little later."""
    amount = sim.rng.choice((50, 75, 199, 350, 999, 2500, 5000, 10_000, 20_000))
    is_saved = sim.rng.random() < 0.5
    _begin(sim, client, TopupInput(amount=amount, currency="USD", idempotency_key=sim.key(), save_card=is_saved))


def _begin(sim: Simulation, client: Person, asked: TopupInput) -> None:
    try:
        begun = drive(topups.begin(sim.bridge_rpc, sim.stripe.client, UUID(client.id), asked))
    except RpcError as refusal:
        if refusal.code not in _MAY_REFUSE:
            raise ViolationError(f"a top-up is refused: {refusal}") from refusal
        return
    except (KilledError, SoulSeerError, stripe.StripeError):
        # The browser got no answer, and asks again under the same key.
        if sim.rng.random() < 0.8:
            sim.later(sim.rng.uniform(1, 30), "top-up again", lambda: _begin(sim, client, asked))
        return
    card = sim.rng.choice(_CARDS)
    sim.later(sim.rng.uniform(0.5, 10), f"confirm {begun.payment_intent_id}", lambda: _confirm(sim, begun, card))


def _confirm(sim: Simulation, begun: topups.TopupAnswer, card: str) -> None:
    options: stripe.params.PaymentIntentConfirmParams = {"payment_method": card, "return_url": "http://app"}
    try:
        sim.stripe.untroubled.v1.payment_intents.confirm(begun.payment_intent_id, options)
    except stripe.CardError:
        if sim.rng.random() < 0.5:
            sim.later(2.0, f"confirm {begun.payment_intent_id}", lambda: _confirm(sim, begun, "pm_card_visa"))
    except stripe.InvalidRequestError:
        # Confirmed before, by a top-up that was asked for twice.
        return
