"""Promotions: codes for credit and free minutes, redeemed once a person and once a card, guessed in vain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Simulation


@dataclass
class Promotion:
    """A code, as it must be."""

    id: str
    code: str
    amount: int
    most: int | None
    ends: str | None
    is_ended: bool = False
    redeemed: dict[str, str] = field(default_factory=dict)


def begin(sim: Simulation) -> None:
    """Have codes made, and people try them."""
    made: list[Promotion] = []
    sim.often(60.0, "promotion", lambda: _make(sim, made))
    sim.often(9.0, "redeem", lambda: _redeem(sim, made))
    sim.often(400.0, "promotion over", lambda: _end(sim, made))


def _make(sim: Simulation, made: list[Promotion]) -> None:
    code, is_credit = f"CODE{sim.key().removeprefix('key-')}", sim.rng.random() < 0.5
    amount = sim.rng.choice((1, 33, 250, 1999))
    most = sim.rng.choice((None, 1, 3))
    ends = (datetime.fromisoformat(sim.clock.text) + timedelta(minutes=20)).isoformat()
    if sim.rng.random() < 0.5:
        ends = None
    gives = {"kind": "CREDIT", "amount": amount} if is_credit else {"kind": "FREE_MINUTES", "minutes": amount % 7 + 1}
    sim.doing = ("promotion", "", "")
    answer = sim.ask_twice(
        sim.people.admin, "admin_create_promo", code=code, max_redemptions=most, valid_to=ends, **gives
    )
    if answer.body is not None:
        body = answer.body
        made.append(Promotion(body["id"], code, amount if is_credit else 0, most, body["valid_to"]))


def _end(sim: Simulation, made: list[Promotion]) -> None:
    if not made:
        return
    promotion = sim.rng.choice(made)
    answer = sim.ask(sim.people.admin, "admin_end_promo", promo_code_id=promotion.id)
    promotion.is_ended = promotion.is_ended or answer.body is not None


def _redeem(sim: Simulation, made: list[Promotion]) -> None:
    """Redeem one of the newest codes: exactly what it gives comes in, and only to those whom it is for."""
    client = sim.rng.choice(sim.people.clients)
    promotion = sim.rng.choice(made[-6:]) if made and sim.rng.random() < 0.9 else Promotion("", "NOSUCH", 0, None, None)
    credit = sim.books.of(client.id, "promo_credit")
    before = credit.credits
    sim.doing = ("redeem", "", "")
    answer = sim.ask_twice(
        client, "redeem_promo", "card_required", "promo_unknown", "promo_expired", "promo_exhausted",
        "promo_already_redeemed", "promo_card_used", "wallet_frozen", code=promotion.code.lower(),
    )  # fmt: skip
    if credit.credits - before != (promotion.amount if answer.body is not None else 0):
        raise ViolationError(f"{promotion} gives {credit.credits - before}: {answer}")
    is_over = promotion.is_ended or (
        promotion.ends is not None and datetime.fromisoformat(promotion.ends) <= datetime.fromisoformat(sim.clock.text)
    )
    is_used_up = promotion.most is not None and len(promotion.redeemed) >= promotion.most
    if answer.body is not None:
        if client.id in promotion.redeemed or is_over or is_used_up or promotion.code == "NOSUCH":
            raise ViolationError(f"{promotion} is redeemed by {client.id} all the same: {answer}")
        promotion.redeemed[client.id] = answer.body["id"]
    wrong = {
        "promo_already_redeemed": client.id not in promotion.redeemed,
        "promo_expired": not is_over,
        "promo_exhausted": not is_used_up,
        "promo_unknown": promotion.code != "NOSUCH",
    }
    if wrong.get(answer.code):
        raise ViolationError(f"{promotion} is refused to {client.id} with {answer.code}")
