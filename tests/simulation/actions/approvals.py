"""Administrators who give: refunds of sessions and goodwill, at once or when a second one agrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.simulation.door import caller
from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Answer, Simulation
from tests.simulation.talks import Talk
from tests.simulation.template import Person
from tests.simulation.timeline import SECOND, micros

_DAY: Final = 24 * 3600 * SECOND
_NONE: Final = (0, -1, 1 << 62)


@dataclass
class Desk:
    """What was asked for, and which sessions may be given back."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    charged: list[Talk] = field(default_factory=list)
    daily: int = 0


def begin(sim: Simulation) -> None:
    """Have two administrators ask and decide."""
    desk = Desk(daily=int(_setting(sim, "admin.daily_maximum")))
    sim.often(20.0, "refund", lambda: _refund(sim, desk))
    sim.often(50.0, "goodwill", lambda: _goodwill(sim, desk))
    sim.often(30.0, "decide", lambda: _decide(sim, desk))
    sim.often(150.0, "stranger at the desk", lambda: _intrude(sim))


def _setting(sim: Simulation, key: str) -> str:
    return str(sim.query(f"select value from public.system_settings where key = '{key}'")[0][0])


def _refund(sim: Simulation, desk: Desk) -> None:
    ended = [talk for talk in sim.talks.values() if talk.status in ("COMPLETED", "DISCONNECTED")]
    desk.charged = list({talk.id: talk for talk in [*desk.charged, *ended]}.values())[-40:]
    if not desk.charged:
        return
    talk, admin = sim.rng.choice(desk.charged), sim.rng.choice(sim.people.admins)
    transaction = str(talk.row["transaction_id"])
    left = _left(sim, transaction)
    amount = sim.rng.choice((1, max(1, left // 3), max(1, left // 2), left, left, left + 1, *_NONE))
    back = _back(sim, transaction)
    sim.doing = ("refund", talk.id, "")
    answer = sim.ask_twice(
        admin, "admin_refund_session", "refund_exceeds_charge", "amount_out_of_range", "admin_limit_exceeded",
        session_id=talk.id, amount=amount, reason="tried",
    )  # fmt: skip
    if answer.code == "refund_exceeds_charge" and amount <= left:
        raise ViolationError(f"{amount} of {left} left of {transaction} is refused: {answer}")
    _check(sim, desk, admin, amount, answer)
    given = amount if answer.body is not None and answer.body["status"] == "DONE" else 0
    if _back(sim, transaction) - back != given or given > left:
        raise ViolationError(f"{amount} of {left} back, from {back} to {_back(sim, transaction)}: {answer}")


def _goodwill(sim: Simulation, desk: Desk) -> None:
    client, admin = sim.rng.choice(sim.people.clients), sim.rng.choice(sim.people.admins)
    amount = sim.rng.choice((1, 99, 199, 200, 1000, 10_000, 10_001, *_NONE))
    promo = sim.books.of(client.id, "promo_credit")
    before = promo.credits
    answer = sim.ask_twice(
        admin, "admin_goodwill", "amount_out_of_range", "admin_limit_exceeded",
        user_id=client.id, amount=amount, reason="tried",
    )  # fmt: skip
    _check(sim, desk, admin, amount, answer)
    given = amount if answer.body is not None and answer.body["status"] == "DONE" else 0
    if promo.credits - before != given:
        raise ViolationError(f"goodwill of {amount} credits {promo.credits - before}: {answer}")


def _check(sim: Simulation, desk: Desk, admin: Person, amount: int, answer: Answer) -> None:
    """Judge an answer to an administrator who asked: amounts, the day's limit, and whether it had to wait."""
    since = sim.clock.now - _DAY
    asked = sum(
        int(order["amount"])
        for order in desk.orders.values()
        # What waited too long may be marked as expired at any time.
        if order["requested_by"] == admin.id
        and (
            order["status"] == "DONE" or (order["status"] == "WAITING" and micros(order["expires_at"]) > sim.clock.now)
        )
        and micros(order["created_at"]) >= since
    )
    if answer.body is None:
        if answer.code == "amount_out_of_range" and amount >= 1:
            raise ViolationError(f"{amount} is no amount: {answer}")
        return
    if amount < 1 or int(answer.body["amount"]) != amount or asked + amount > desk.daily:
        raise ViolationError(f"an administrator gives {amount} after {asked} of {desk.daily}: {answer}")
    if (answer.body["status"] == "WAITING") != (amount >= int(_setting(sim, "admin.second_approval_from"))):
        raise ViolationError(f"{amount} is wrongly {answer.body['status']}")
    desk.orders[answer.body["id"]] = answer.body


def _decide(sim: Simulation, desk: Desk) -> None:
    """Agree or turn down: whoever did not ask, once, in time."""
    if not desk.orders:
        return
    order = sim.rng.choice(list(desk.orders.values())[-30:])
    admin = sim.rng.choice(sim.people.admins)
    verb = sim.rng.choice(("admin_approve", "admin_approve", "admin_reject"))
    before = sim.books.postings
    may_refuse = ["own_request"] if admin.id == order["requested_by"] else []
    is_late = micros(order["expires_at"]) <= sim.clock.now
    may_refuse += ["approval_expired"] if is_late else []
    may_refuse += ["invalid_state"] if is_late or order["status"] != "WAITING" else []
    may_refuse += ["refund_exceeds_charge"] if _exceeds(sim, order) else []
    promo = sim.books.of(order["user_id"], "promo_credit").credits
    sim.doing = (verb, order["id"], "")
    answer = sim.ask(admin, verb, *may_refuse, id=order["id"])
    if answer.body is None:
        return
    if admin.id == order["requested_by"] or (is_late and order["status"] == "WAITING"):
        raise ViolationError(f"{verb} by {admin.id} at {sim.clock.text}: {order}")
    is_done = verb == "admin_approve" and order["status"] == "WAITING"
    if is_done != (sim.books.postings > before):
        raise ViolationError(f"{verb} of {order} makes {sim.books.postings - before} postings")
    if is_done and order["kind"] == "GOODWILL":
        got = sim.books.of(order["user_id"], "promo_credit").credits - promo
        if got != int(order["amount"]):
            raise ViolationError(f"goodwill of {order['amount']} credits {got}")
    desk.orders[order["id"]] = answer.body


def _exceeds(sim: Simulation, order: dict[str, Any]) -> bool:
    """Tell whether more is asked for than is left by now."""
    if order["kind"] != "REFUND":
        return False
    (transaction,) = sim.query(f"select transaction_id::text from public.sessions where id = '{order['session_id']}'")[
        0
    ]
    return int(order["amount"]) > _left(sim, transaction)


def _intrude(sim: Simulation) -> None:
    """Who is no administrator, or came without the second factor, gives nothing."""
    client, admin = sim.rng.choice(sim.people.clients), sim.people.admin
    weak = Person(admin.id, caller("authenticated", admin.id))
    gift = {"user_id": client.id, "amount": 100, "reason": "tried"}
    for person, code in ((client, "permission_denied"), (weak, "second_factor_required")):
        answer = sim.ask_twice(person, "admin_goodwill", code, **gift)
        if answer.body is not None:
            raise ViolationError(f"goodwill is given by {person}: {answer}")


def _left(sim: Simulation, transaction: str) -> int:
    charge = sim.books.charges.get(transaction)
    return 0 if charge is None else sum(paid for paid, _ in charge.paid.values()) - _back(sim, transaction)


def _back(sim: Simulation, transaction: str) -> int:
    charge = sim.books.charges.get(transaction)
    return 0 if charge is None else sum(gave for gave, _ in charge.back.values())
