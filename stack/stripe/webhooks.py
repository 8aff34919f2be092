"""Delivery of events: signed, at least once, retried with growing pauses, in no particular order.

The queue is a table, so what a killed stand-in had not delivered is sent when it starts again. `/_control/webhooks`
sets the modes: `paused`, `duplicates` (further copies of each event), `shuffle_seconds` (events of so long a time
arrive in any order), `delay_seconds`, `retry_base_seconds`, `retry_cap_seconds`, `max_tries`.
"""

import asyncio
import hmac
import json
import sqlite3
import time
from hashlib import sha256

import httpx

from stack.stripe.store import Body
from stack.stripe.timers import wait_for
from stack.stripe.world import World

DEFAULT_MODES: Body = {
    "paused": False,
    "duplicates": 0,
    "shuffle_seconds": 0.0,
    "delay_seconds": 0.0,
    "retry_base_seconds": 0.5,
    "retry_cap_seconds": 30.0,
    "max_tries": 20,
}
_AT_ONCE = 16
_PATIENCE = 10.0


def modes(world: World) -> Body:
    """How events are delivered now."""
    return {**DEFAULT_MODES, **world.store.note("webhooks")}


def signature(secret: str, payload: bytes, at: int) -> str:
    """The `Stripe-Signature` header of a payload sent at a time in seconds."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Sends what the queue holds, a few deliveries at a time."""

    def __init__(self, world: World, wake: asyncio.Event) -> None:
        """Args: the world whose queue it empties, and what wakes it when something was queued."""
        self._world = world
        self._wake = wake
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver for ever."""
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            try:
                while True:
                    self._wake.clear()
                    for row in self._due():
                        self._start(client, row)
                    await wait_for(self._wake, self._pause())
            finally:
                for task in self._under_way.values():
                    task.cancel()

    def _due(self) -> list[sqlite3.Row]:
        room = _AT_ONCE - len(self._under_way)
        if room <= 0 or modes(self._world)["paused"]:
            return []
        rows = self._world.store.rows(
            "select * from deliveries where state = 'pending' and due <= ? order by due, id limit ?",
            (time.time(), _AT_ONCE * 2),
        )
        return [row for row in rows if row["id"] not in self._under_way][:room]

    def _pause(self) -> float:
        rows = self._world.store.rows(
            "select due from deliveries where state = 'pending' order by due limit ?", (_AT_ONCE + 1,)
        )
        later = [row["due"] for row in rows if row["due"] > time.time()]
        return min(1.0, max(0.005, later[0] - time.time())) if later else 1.0

    def _start(self, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
        task = asyncio.create_task(self._deliver(client, row))
        self._under_way[row["id"]] = task

        def done(_: asyncio.Task[None]) -> None:
            self._under_way.pop(row["id"], None)
            self._wake.set()

        task.add_done_callback(done)

    async def _deliver(self, client: httpx.AsyncClient, row: sqlite3.Row) -> None:
        store = self._world.store
        event, endpoint = store.find(row["event_id"]), store.find(row["endpoint_id"])
        if event is None or endpoint is None or endpoint.get("status") != "enabled":
            store.rows("update deliveries set state = 'dropped' where id = ?", (row["id"],))
            return
        payload = json.dumps(event, indent=2).encode()
        secret = str(store.private(endpoint["id"])["secret"])
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, payload, int(time.time())),
            "User-Agent": "Stripe/1.0 (stand-in)",
        }
        try:
            response = await client.post(endpoint["url"], content=payload, headers=headers)
            answer, delivered = str(response.status_code), response.is_success
        except httpx.HTTPError as error:
            answer, delivered = type(error).__name__, False
        self._record(row, answer, delivered=delivered)

    def _record(self, row: sqlite3.Row, answer: str, *, delivered: bool) -> None:
        store, mode = self._world.store, modes(self._world)
        tries = row["tries"] + 1
        state = "delivered" if delivered else "failed" if tries >= mode["max_tries"] else "pending"
        pause = min(mode["retry_cap_seconds"], mode["retry_base_seconds"] * 2 ** min(row["tries"], 20))
        with store.transaction():
            store.rows(
                "update deliveries set state = ?, tries = ?, due = ?, answer = ? where id = ?",
                (state, tries, time.time() + pause, answer, row["id"]),
            )
            event = store.find(row["event_id"])
            if delivered and event is not None and event["pending_webhooks"] > 0:
                event["pending_webhooks"] -= 1
                store.save(event)
