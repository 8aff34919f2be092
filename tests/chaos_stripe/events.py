"""The events of the intake test: of real payments, of readers' accounts, and of types that nobody here acts on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from soulseer.stripe_client import API_VERSION
from tests.acceptance.people import GOOD_CARD, Person
from tests.acceptance.platform import Platform, Row
from tests.acceptance.waiting import eventually

PAID, FEE, ACCOUNT = "payment_intent.succeeded", "charge.updated", "account.updated"
IGNORED: Final = ("customer.updated", "invoice.paid", "product.updated", "price.created", "payment_link.updated")
# Of a hundred events: so many credit a wallet, as many book that payment's fee, so many move an account's state.
_PAID_SHARE, _ACCOUNT_SHARE = 0.15, 0.5
_LEAST, _MOST = 500, 2500
_LANES: Final = 6


@dataclass(frozen=True, slots=True)
class Event:
    """An event as Stripe posts it.

    Attributes:
        event_id: Stripe's id of it.
        type: Its type.
        connect: Whether it goes to the endpoint of the connected accounts.
        body: What is posted.
    """

    event_id: str
    type: str
    connect: bool
    body: bytes


def shares(count: int) -> tuple[int, int, int]:
    """Return how many payments, account events and ignored events make up so many events."""
    payments = max(1, round(count * _PAID_SHARE))
    accounts = max(1, round(count * _ACCOUNT_SHARE))
    return payments, accounts, max(0, count - 2 * payments - accounts)


def pay(platform: Platform, payers: Sequence[Person], chance: Random, count: int) -> list[Event]:
    """Pay by card so many times, and return two events of each payment: that it succeeded, and its fee.

    Stripe delivers nothing of it by itself: the endpoints are disabled meanwhile.

    Args:
        platform: Where.
        payers: Who pays, in turn.
        chance: Where amounts are drawn from.
        count: How many payments.
    """
    orders = [(payers[number % len(payers)], chance.randint(_LEAST, _MOST)) for number in range(count)]
    begun = platform.rows(
        "select worker_api.begin_topup(o.payer, o.amount, 'USD', gen_random_uuid()::text) ->> 'transaction_id' as id"
        " from unnest(%s::uuid[], %s::bigint[]) with ordinality as o (payer, amount, place) order by o.place",
        [payer.id for payer, _ in orders],
        [amount for _, amount in orders],
    )
    with _nothing_delivered(platform), ThreadPoolExecutor(max_workers=_LANES) as pool:
        intents = list(pool.map(lambda order: _pay(platform, *order), zip(orders, begun, strict=True)))
        platform.rows(
            "select worker_api.record_payment_intent(o.id, o.intent)"
            " from unnest(%s::uuid[], %s::text[]) as o (id, intent)",
            [row["id"] for row in begun],
            intents,
        )
        return eventually(lambda: _of_payments(platform, set(intents)), "every charge settled at Stripe", seconds=60.0)


def _pay(platform: Platform, order: tuple[Person, int], begun: Row) -> str:
    payer, amount = order
    asked: Any = {
        "amount": amount,
        "currency": "usd",
        "payment_method": GOOD_CARD,
        "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        "metadata": {"transaction_id": begun["id"], "user_id": payer.id},
    }
    return platform.stripe.v1.payment_intents.create(asked).id


@contextmanager
def _nothing_delivered(platform: Platform) -> Iterator[None]:
    endpoints = platform.stripe.v1.webhook_endpoints
    known = [endpoint.id for endpoint in endpoints.list().data]
    for endpoint in known:
        endpoints.update(endpoint, {"disabled": True})
    try:
        yield
    finally:
        for endpoint in known:
            endpoints.update(endpoint, {"disabled": False})


def _of_payments(platform: Platform, intents: set[str]) -> list[Event] | None:
    """Return both events of each payment, None while one of them is not there yet."""
    found = []
    for known in platform.stripe.v1.events.list({"limit": 100, "types": [PAID, FEE]}).auto_paging_iter():
        about = known.data.object
        if (about["id"] if known.type == PAID else about["payment_intent"]) in intents:
            found.append(Event(known.id, known.type, connect=False, body=json.dumps(known.to_dict()).encode()))
    return found if len(found) == 2 * len(intents) else None


def of_accounts(platform: Platform, accounts: Sequence[str], chance: Random, count: int) -> list[Event]:
    """Return so many events about readers' accounts, as they are at Stripe; each one moves the payout gate."""
    bodies = {account: platform.stripe.v1.accounts.retrieve(account).to_dict() for account in accounts}
    made = []
    for _ in range(count):
        account = chance.choice(accounts)
        made.append(_made_up(chance, ACCOUNT, bodies[account], account))
    return made


def ignored(chance: Random, count: int) -> list[Event]:
    """Return so many events of types that nobody here acts on."""
    return [_made_up(chance, chance.choice(IGNORED), {"id": _id(chance, "obj"), "object": "any"}) for _ in range(count)]


def _made_up(chance: Random, event_type: str, about: Row, account: str | None = None) -> Event:
    told = {
        "id": _id(chance, "evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }
    if account is not None:
        told["account"] = account
    return Event(str(told["id"]), event_type, account is not None, json.dumps(told).encode())


def _id(chance: Random, prefix: str) -> str:
    return f"{prefix}_{chance.getrandbits(128):032x}"
