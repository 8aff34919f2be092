"""Stripe's side of the intake: clients that post signed events at the same time, each until it is answered with 2xx."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Final

import httpx

from stack.stripe.webhooks import signature
from tests.acceptance.platform import Platform
from tests.chaos_stripe.events import Event

CLIENTS: Final = 8
# Stripe's own pauses are minutes and hours.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_LOOK_SECONDS: Final = 0.05


@dataclass(slots=True)
class Senders:
    """Posts deliveries in their order, several at once; runs in a thread of its own.

    Attributes:
        platform: Whose receiver is posted to.
        deliveries: What is posted; an event that stands there twice is posted twice.
        held_back: How many of the last deliveries wait until `release`.
        posts: Requests made.
        refused: Requests that were not answered with 2xx, or not at all.
        acknowledged: Ids of the events that were answered with 2xx.
        delivered: Deliveries answered with 2xx.
    """

    platform: Platform
    deliveries: Sequence[Event]
    held_back: int = 0
    posts: int = 0
    refused: int = 0
    acknowledged: set[str] = field(default_factory=set)
    delivered: int = 0
    _next: int = 0
    _thread: Thread | None = None

    def start(self) -> None:
        """Begin to post."""
        self._thread = Thread(target=lambda: asyncio.run(self._post_all()), name="senders", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Hold nothing back any more."""
        self.held_back = 0

    @property
    def is_done(self) -> bool:
        """Whether every delivery was acknowledged."""
        return self.delivered == len(self.deliveries)

    def close(self) -> None:
        """Give up what is not delivered, and wait for the thread."""
        self._next, self.held_back = len(self.deliveries), 0
        if self._thread is not None:
            self._thread.join(30.0)

    async def _post_all(self) -> None:
        async with httpx.AsyncClient(timeout=10.0) as client:
            await asyncio.gather(*(self._post_some(client) for _ in range(CLIENTS)))

    async def _post_some(self, client: httpx.AsyncClient) -> None:
        while self._next < len(self.deliveries):
            if self._next >= len(self.deliveries) - self.held_back:
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            event = self.deliveries[self._next]
            self._next += 1
            await self._deliver(client, event)

    async def _deliver(self, client: httpx.AsyncClient, event: Event) -> None:
        env = self.platform.env
        url, secret = (
            (env.connect_webhook_url, env.connect_webhook_secret)
            if event.connect
            else (env.webhook_url, env.webhook_secret)
        )
        pause = _FIRST_PAUSE_SECONDS
        while not await self._post(client, url, secret, event.body):
            self.refused += 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        self.acknowledged.add(event.event_id)
        self.delivered += 1

    async def _post(self, client: httpx.AsyncClient, url: str, secret: str, body: bytes) -> bool:
        self.posts += 1
        # Signed anew at each try, as Stripe does.
        headers = {"Stripe-Signature": signature(secret, body, int(time.time()))}
        try:
            return (await client.post(url, content=body, headers=headers)).is_success
        except httpx.HTTPError:
            return False
