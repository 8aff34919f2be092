"""Stripe as a script: what happens there is recorded once from the stand-in, then answered at any moment of it.

A moment is everything Stripe knows between two changes. Reading answers from the present moment, so an object fetched
later is newer than the event that told of it. What a worker creates (a transfer, a refund) brings the moment in which
it exists, as often as it is asked for under the same key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import stripe

from soulseer.stripe_client import API_VERSION
from stack.stripe.gateway import Gateway
from stack.stripe.store import Body
from tests.simulation.stripe_world import Stripe, VirtualWorld, ask
from tests.simulation.timeline import Clock

Answer = tuple[str, int, Mapping[str, str]]
_KEY = "sk_test_simulated"


@dataclass(frozen=True, slots=True)
class Posted:
    """A request that changes something: what is asked, where, for whom, under which key."""

    url: str
    account: str
    key: str
    body: str

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], body: str) -> Posted:
        """Return what a request asks for."""
        told = {name.lower(): str(value) for name, value in headers.items()}
        return cls(url, told.get("stripe-account", ""), told.get("idempotency-key", ""), body)


@dataclass
class Moment:
    """Stripe between two changes; `beyond` answers what the stand-in does not know, by path."""

    gateway: Gateway
    beyond: Mapping[str, Body]
    posted: Posted | None = None
    answer: Answer | None = None
    read: dict[tuple[str, str], Answer] = field(default_factory=dict)


class Script:
    """The moments of a story, in order, and which of them is now."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.now = 0

    def add(self, stripe_now: Stripe, clock: Clock, beyond: Mapping[str, Body]) -> Moment:
        """Record the present moment of the stand-in."""
        frozen = Clock()
        frozen.move(clock.now)
        world = VirtualWorld(stripe_now.world.settings, stripe_now.world.store.copy())
        world.clock, world.deliver = frozen, lambda _event, _endpoint: None
        moment = Moment(Gateway(world), dict(beyond))
        self.moments.append(moment)
        return moment

    @property
    def is_over(self) -> bool:
        """Whether the last moment has come."""
        return self.now == len(self.moments) - 1

    @property
    def next_is_posted(self) -> bool:
        """Whether the next moment is brought about by a worker's own request."""
        return not self.is_over and self.moments[self.now + 1].posted is not None

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """Answer a request as Stripe does now.

        Raises:
            LookupError: Something is created that is not in the script.
        """
        if method.lower() == "get":
            return self._read(url, headers)
        asked = Posted.of(url, headers, body)
        for place, moment in enumerate(self.moments):
            if moment.posted == asked and moment.answer is not None:
                self.now = max(self.now, place)
                return moment.answer
        raise LookupError(f"not in the script: {asked}")

    def _read(self, url: str, headers: Mapping[str, str]) -> Answer:
        moment = self.moments[self.now]
        account = next((str(value) for name, value in headers.items() if name.lower() == "stripe-account"), "")
        known = moment.read.get((url, account))
        if known is None:
            path = url.removeprefix("http://stripe").split("?", 1)[0]
            if path in moment.beyond:
                known = (json.dumps(moment.beyond[path]), 200, {})
            else:
                known = ask(moment.gateway, "GET", url, headers, "")
            moment.read[url, account] = known
        return known


Answerer = Callable[[str, str, Mapping[str, str], str], Answer]


class Http(stripe.HTTPClient):
    """Carries the library's requests to whoever plays Stripe; `pause` is called before each."""

    name = "scripted"

    def __init__(self, answer: Answerer, pause: Callable[[str], None]) -> None:
        super().__init__()
        self._answer = answer
        self._pause = pause

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, *, _usage: Any = None
    ) -> Answer:
        """Send a request."""
        self._pause(f"{method} {url}")
        return self._answer(method, url, headers or {}, post_data or "")

    def close(self) -> None:
        """Nothing to close."""


def client(answer: Answerer, pause: Callable[[str], None]) -> stripe.StripeClient:
    """Return the real library over somebody who plays Stripe."""
    return stripe.StripeClient(
        _KEY,
        stripe_version=API_VERSION,
        base_addresses={"api": "http://stripe", "connect": "http://stripe"},
        max_network_retries=0,
        http_client=Http(answer, pause),
    )
