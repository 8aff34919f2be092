"""Stripe in this process: the stand-in's own world and gateway, on the virtual clock, met through its library."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import stripe

from soulseer.stripe_client import API_VERSION, MAX_NETWORK_RETRIES
from stack.stripe import faults as stand_in_faults
from stack.stripe import ids, timers
from stack.stripe.gateway import Gateway
from stack.stripe.resources import events
from stack.stripe.seed import plant
from stack.stripe.settings import PLATFORM, Endpoint, Settings
from stack.stripe.store import Body, Store
from stack.stripe.world import World
from tests.simulation.errors import KilledError
from tests.simulation.faults import Fault, Weather
from tests.simulation.timeline import Clock

_SECRET = "sk_test_simulated"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
Deliver = Callable[[Body, str], None]


def drive(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never really waits, without an event loop."""
    try:
        while True:
            work.send(None)
    except StopIteration as done:
        return done.value


def ask(
    gateway: Gateway, method: str, url: str, headers: Mapping[str, str], body: str
) -> tuple[str, int, Mapping[str, str]]:
    """Put one request to a gateway in this process."""
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "method": method.upper(),
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), str(value).encode()) for name, value in headers.items()],
        "scheme": "http",
        "server": ("stripe", 80),
        "root_path": "",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    drive(gateway(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[1]["body"].decode(), sent[0]["status"], told


class VirtualWorld(World):
    """The stand-in's world on the virtual clock; its events go to `deliver` instead of a queue of deliveries."""

    clock: Clock
    deliver: Deliver

    def now(self) -> float:
        """Return the virtual time."""
        return self.clock.seconds

    def queue(self, event_id: str, endpoint_id: str) -> None:
        """Have an event delivered."""
        event = self.store.find(event_id)
        connect = bool(self.store.private(endpoint_id)["connect"])
        if event is not None:
            self.deliver(event, "connect" if connect else "platform")


class Stripe:
    """Stripe and the client that the services reach it with."""

    def __init__(self, clock: Clock, weather: Weather, rng: Random, deliver: Deliver) -> None:
        # Ids of the stand-in follow from the seed like everything else.
        ids.token = lambda length=24: "".join(rng.choices(_ALPHABET, k=length))
        settings = Settings(
            port=1,
            state=Path(":memory:"),
            secret_key=_SECRET,
            publishable_key="pk_test_simulated",
            endpoints=(Endpoint("http://platform", "s", connect=False), Endpoint("http://connect", "s", connect=True)),
        )
        self.world = VirtualWorld(settings, Store(settings.state))
        self.world.clock = clock
        self.world.deliver = deliver
        with self.world.store.transaction():
            plant(self.world)
            events.install(self.world, settings.endpoints)
        self._gateway = Gateway(self.world)
        self.client = self._client(_Http(self, weather))
        # What people do at Stripe's own pages meets no faults of ours.
        self.untroubled = self._client(_Http(self, None))

    def _client(self, http: stripe.HTTPClient) -> stripe.StripeClient:
        return stripe.StripeClient(
            _SECRET,
            stripe_version=API_VERSION,
            base_addresses={"api": "http://stripe", "connect": "http://stripe"},
            max_network_retries=MAX_NETWORK_RETRIES,
            http_client=http,
        )

    def run_due(self) -> None:
        """Let what Stripe does by itself happen."""
        while timers.run_due(self.world):
            continue

    def books(self) -> int:
        """What the platform has at Stripe, available or not, minor units."""
        rows = self.world.store.rows(
            "select coalesce(sum(available + pending), 0) as whole from balances where account = ?", (PLATFORM,)
        )
        return int(rows[0]["whole"])

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: str
    ) -> tuple[str, int, Mapping[str, str]]:
        """Answer one request, as the stand-in's server does."""
        return ask(self._gateway, method, url, headers, body)

    def fail_next(self, kind: str, when: str) -> None:
        """Have the next request fail inside Stripe."""
        with self.world.store.transaction():
            stand_in_faults.add(self.world.store, {"kind": kind, "when": when})


class _Http(stripe.HTTPClient):
    """Stripe's library reaches the world through this; its retries and idempotency keys are its own."""

    name = "simulated"

    def __init__(self, world: Stripe, weather: Weather | None) -> None:
        super().__init__()
        self._stripe = world
        self._weather = weather

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002  no real second passes
        return 0.0

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send a request, or lose it, or its answer."""
        body = post_data or ""
        fault = Fault.NONE
        if self._weather is not None:
            moves_money = method == "post" and url.endswith(("/transfers", "/payouts"))
            fault = self._weather.at_stripe(moves_money=moves_money)
        if fault == Fault.KILLED_BEFORE:
            raise KilledError(f"before {method} {url}")
        if fault == Fault.UNREACHABLE:
            raise stripe.APIConnectionError("no connection", should_retry=True)
        if fault == Fault.SERVER_ERROR:
            self._stripe.fail_next("500", "after" if method == "post" else "before")
        if fault == Fault.REFUSED_FOR_FUNDS:
            self._stripe.fail_next("balance_insufficient", "before")
        answer = self._stripe.answer(method, url, headers or {}, body)
        if fault == Fault.KILLED_AFTER:
            raise KilledError(f"after {method} {url}")
        if fault == Fault.ANSWER_LOST:
            raise stripe.APIConnectionError("timed out", should_retry=True)
        return answer

    def close(self) -> None:
        """Nothing to close."""


def as_bytes(event: Body) -> bytes:
    """An event as it is posted."""
    return json.dumps(event).encode()
