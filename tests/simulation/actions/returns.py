"""Money that goes back to cards: refunds that clients ask for, refunds made at Stripe, disputes."""

from __future__ import annotations

from typing import Any

from stack.stripe.resources import disputes, refunds
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Simulation

_ENORMOUS = 1 << 62
_LATEST = 40


def begin(sim: Simulation) -> None:
    """Have clients, the operator and banks send money back."""
    sim.often(25.0, "card refund", lambda: _ask(sim))
    sim.often(80.0, "dashboard", lambda: _refund_at_stripe(sim))
    sim.often(150.0, "refund returned", lambda: _return_one(sim))
    sim.often(120.0, "dispute", lambda: _dispute(sim))
    sim.often(60.0, "thaw", lambda: _thaw(sim))


def _ask(sim: Simulation) -> None:
    """A client wants unspent money back: it is held at once, whole, or refused."""
    client = sim.rng.choice(sim.people.clients)
    topups = sim.query(
        "select id::text, amount from public.transactions "
        f"where user_id = '{client.id}' and type = 'ADD_FUNDS' and status = 'COMPLETED' order by id desc limit 3"
    )
    if not topups:
        return
    topup, paid = sim.rng.choice(topups)
    amount = sim.rng.choice((1, max(1, paid // 3), paid, paid, paid + 1, 0, -1, _ENORMOUS))
    wallet, funds = sim.books.of(client.id, "client_wallet"), sim.books.funds(client.id)
    held, available = wallet.held, wallet.available
    sim.doing = ("card refund", topup, "")
    answer = sim.ask_twice(
        client, "request_card_refund",
        "card_refunds_disabled", "amount_out_of_range", "wallet_frozen", "refund_exceeds_unspent", "insufficient_funds",
        topup_transaction_id=topup, amount=amount,
    )  # fmt: skip
    moved = amount if answer.body is not None else 0
    if (wallet.held - held, available - wallet.available) != (moved, moved):
        raise ViolationError(f"a refund of {amount} holds {wallet.held - held}: {answer}")
    if moved and not 0 < amount <= min(paid, available):
        raise ViolationError(f"a refund of {amount} of a top-up of {paid} is taken with {funds} available: {answer}")
    if answer.code == "amount_out_of_range" and amount > 0:
        raise ViolationError(f"{amount} is no amount: {answer}")


def _charges(sim: Simulation) -> list[Body]:
    # The platform's own: what a transfer leaves on a reader's account is a charge too, and none of a card.
    found = sim.stripe.world.store.select("charge", PLATFORM, {}, limit=_LATEST)
    return [
        body
        for body in found
        if body["captured"] and not body["disputed"] and body["amount_captured"] > body["amount_refunded"]
    ]


def _refund_at_stripe(sim: Simulation) -> None:
    """The operator gives part or all of a payment back, past the platform."""
    if charges := _charges(sim):
        charge = sim.rng.choice(charges)
        left = charge["amount_captured"] - charge["amount_refunded"]
        sim.stripe.untroubled.v1.refunds.create(
            {"charge": charge["id"], "amount": sim.rng.choice((1, max(1, left // 2), left))}
        )


def _return_one(sim: Simulation) -> None:
    """A bank sends a refund back, or it is cancelled."""
    world = sim.stripe.world
    with world.store.transaction():
        made = [body for body in world.store.select("refund", None, {}, limit=_LATEST) if body["status"] == "succeeded"]
        if made:
            refunds.move(world, sim.rng.choice(made), "failed", "expired_or_canceled_card")


def _dispute(sim: Simulation) -> None:
    """A card's owner takes a payment back; their bank decides later."""
    charges = _charges(sim)
    if not charges:
        return
    world, order = sim.stripe.world, {"inquiry": sim.rng.random() < 0.3}
    with world.store.transaction():
        dispute = disputes.open_one(world, sim.rng.choice(charges), order)
    ends: tuple[str, ...] = ("won", "won", "lost")
    if order["inquiry"]:
        ends = ("warning_closed", "needs_response")
    end = sim.rng.choice(ends)
    sim.later(sim.rng.uniform(1, 600), f"dispute {dispute['id']}", lambda: _move(sim, dispute["id"], end))


def _move(sim: Simulation, dispute: str, status: str) -> None:
    world = sim.stripe.world
    with world.store.transaction():
        body: Any = world.store.find(dispute)
        disputes.move(world, body, status)
    if status == "needs_response":
        end = sim.rng.choice(("won", "lost"))
        sim.later(sim.rng.uniform(1, 300), f"dispute {dispute}", lambda: _move(sim, dispute, end))


def _thaw(sim: Simulation) -> None:
    """An administrator lets someone spend again."""
    frozen = [client for client in sim.people.clients if sim.books.of(client.id, "client_wallet").is_frozen]
    if frozen:
        client = sim.rng.choice(frozen)
        sim.ask(sim.people.admin, "admin_unfreeze_wallet", user_id=client.id, reason="looked at")
