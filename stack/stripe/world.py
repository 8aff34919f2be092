"""The world a request acts on: objects, money, time, events to send and things that happen later."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stack.stripe import ids
from stack.stripe.errors import insufficient_balance, missing
from stack.stripe.schema import Hash
from stack.stripe.settings import API_VERSION, PLATFORM, Settings
from stack.stripe.store import Body, Store

DEFAULT_TIMING: Body = {
    # Seconds until a charge's balance transaction is there, as asynchronous capture has it.
    "charge_settle_seconds": 0.2,
    # Seconds until a charge's money is available; Stripe takes days, a local stack cannot wait for them.
    "availability_seconds": 0.0,
    # Seconds a payout stays in each of `pending` and `in_transit`.
    "payout_step_seconds": 1.0,
    # Seconds a changed account is verified for.
    "verification_seconds": 0.2,
    # Seconds a bank takes to answer a debit; days at Stripe's.
    "bank_debit_seconds": 1.0,
    # Seconds a call with an idempotency key holds the key before it executes.
    "latency_seconds": 0.0,
}

_NOUNS = {
    "payment_intent": "payment_intent",
    "payment_method": "PaymentMethod",
    "setup_intent": "setupintent",
    "bank_account": "external account",
}


@dataclass
class World:
    """What handlers and timers read and write; used within `store.transaction()`."""

    settings: Settings
    store: Store
    # Called when a timer or a delivery was added, so that the loops look at once.
    wake: Callable[[], None] = lambda: None
    # The request being executed, as events name it: (request id, idempotency key).
    request: tuple[str | None, str | None] = (None, None)

    def now(self) -> float:
        """Seconds since 1970, plus whatever `/_control/clock` advanced."""
        return time.time() + float(self.store.note("clock").get("advanced", 0.0))

    def timing(self, name: str) -> float:
        """A delay in seconds, by its name in `DEFAULT_TIMING`."""
        return float({**DEFAULT_TIMING, **self.store.note("timing")}[name])

    def later(self, kind: str, object_id: str, seconds: float) -> None:
        """Have the timer `kind` (see `timers`) run on an object after a delay."""
        due = self.now() + seconds
        self.store.rows("insert into timers (due, kind, object_id) values (?, ?, ?)", (due, kind, object_id))
        self.wake()

    def get(self, kind: str, object_id: str, account: str, param: str = "id", status: int = 404) -> Body:
        """An object of a kind on an account; raises resource_missing."""
        found = self.store.find(object_id)
        if found is None or found["object"] != kind or self.store.owner(object_id) != account:
            raise missing(_NOUNS.get(kind, kind.replace("_", " ")), object_id, param, status)
        return found

    def emit(self, kind: str, body: Body, account: str, previous: Body | None = None) -> Body:
        """Keep an event about `body` as it is now and queue it for every endpoint that wants it."""
        request_id, key = self.request
        event: Body = {
            "id": ids.new("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self.now()),
            "data": {"object": body},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": request_id, "idempotency_key": key},
            "type": kind,
        }
        if previous is not None:
            event["data"]["previous_attributes"] = previous
        if account != PLATFORM:
            event["account"] = account
        wanted = self._endpoints_for(kind, account)
        modes = self.store.note("webhooks")
        copies = 1 + int(modes.get("duplicates", 0))
        event["pending_webhooks"] = len(wanted)
        self.store.insert(account, event)
        for endpoint_id in wanted * copies:
            self.queue(event["id"], endpoint_id)
        return event

    def queue(self, event_id: str, endpoint_id: str) -> None:
        """Have an event delivered to an endpoint (again)."""
        modes = self.store.note("webhooks")
        # Real time, not this world's: advancing the clock must not make signatures stale or deliveries wait.
        due = time.time() + float(modes.get("delay_seconds", 0.0))
        due += random.random() * float(modes.get("shuffle_seconds", 0.0))  # noqa: S311 - not a secret
        self.store.rows(
            "insert into deliveries (event_id, endpoint_id, due) values (?, ?, ?)", (event_id, endpoint_id, due)
        )
        self.wake()

    def _endpoints_for(self, kind: str, account: str) -> list[str]:
        wanted = []
        for endpoint in self.store.select("webhook_endpoint", PLATFORM, {"status": "enabled"}):
            connect = bool(self.store.private(endpoint["id"])["connect"])
            types = endpoint["enabled_events"]
            if connect == (account != PLATFORM) and ("*" in types or kind in types):
                wanted.append(endpoint["id"])
        return wanted

    # Money. Every movement is a balance transaction; the balance is their sum.

    def available(self, account: str, currency: str) -> int:
        """What an account can move now, in minor units."""
        found = self.store.rows(
            "select available from balances where account = ? and currency = ?", (account, currency)
        )
        return int(found[0]["available"]) if found else 0

    def require_available(self, account: str, currency: str, amount: int) -> None:
        """Raise balance_insufficient unless `amount` (minor units) is available."""
        if self.available(account, currency) < amount:
            raise insufficient_balance()

    def post(self, account: str, movement: "Movement") -> Body:
        """Move money on an account's balance; returns the balance transaction."""
        now = self.now()
        pending = movement.available_in > 0
        net = movement.amount - movement.fee
        body: Body = {
            "id": ids.new("txn"),
            "object": "balance_transaction",
            "amount": movement.amount,
            "available_on": int(now + movement.available_in),
            "balance_type": "payments",
            "created": int(now),
            "currency": movement.currency,
            "description": movement.description,
            "exchange_rate": None,
            "fee": movement.fee,
            "fee_details": _fee_details(movement),
            "net": net,
            "reporting_category": movement.category or _CATEGORIES.get(movement.kind, movement.kind),
            "source": movement.source,
            "status": "pending" if pending else "available",
            "type": movement.kind,
        }
        self.store.insert(account, body)
        self.shift(account, movement.currency, 0 if pending else net, net if pending else 0)
        if pending:
            self.later("funds_available", body["id"], movement.available_in)
        return body

    def shift(self, account: str, currency: str, available: int, pending: int) -> None:
        """Add to the two parts of a balance, in minor units."""
        self.store.rows(
            "insert into balances (account, currency, available, pending) values (?, ?, ?, ?)"
            " on conflict (account, currency) do update set"
            " available = available + excluded.available, pending = pending + excluded.pending",
            (account, currency, available, pending),
        )


@dataclass(frozen=True)
class Movement:
    """One line of a balance: signed `amount` and `fee` in minor units, available in so many seconds."""

    kind: str
    amount: int
    currency: str
    source: str | None
    fee: int = 0
    description: str | None = None
    available_in: float = 0.0
    # Stripe's reporting category, where the kind alone does not tell it.
    category: str | None = None


# Where Stripe's reporting_category differs from the transaction's type.
_CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "transfer_refund": "transfer_reversal",
    "payout_failure": "payout_reversal",
    "payout_cancel": "payout_reversal",
    "adjustment": "other_adjustment",
}


def _fee_details(movement: Movement) -> list[Body]:
    if not movement.fee:
        return []
    return [
        {
            "amount": movement.fee,
            "application": None,
            "currency": movement.currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]


@dataclass(frozen=True)
class Call:
    """One request as a handler sees it: who asks, for which account, with which parameters."""

    world: World
    account: str
    path: dict[str, str]
    params: Body
    publishable: bool = False

    @property
    def store(self) -> Store:
        """The world's store."""
        return self.world.store

    @property
    def id(self) -> str:
        """The object named by the path."""
        return self.path["id"]

    def given(self, *names: str) -> Body:
        """Those of the named parameters that were sent."""
        return {name: self.params[name] for name in names if name in self.params}


Handler = Callable[[Call], Body]


@dataclass(frozen=True)
class Route:
    """An endpoint: method, path with `{id}` places, handler, parameters, and whether a publishable key may call it."""

    method: str
    path: str
    handler: Handler
    params: Hash = field(default_factory=Hash)
    publishable: bool = False


def changed(before: Body, after: Body) -> Body:
    """`previous_attributes` of an update: the old values of what differs, nested objects field by field."""
    previous: Body = {}
    for key, old in before.items():
        new = after.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            previous[key] = {**changed(old, new), **{added: None for added in new if added not in old}}
        else:
            previous[key] = old
    return previous


def snapshot(body: Body) -> Body:
    """A copy that later changes of `body` do not touch."""
    copied: Any = json.loads(json.dumps(body))
    return dict(copied)
