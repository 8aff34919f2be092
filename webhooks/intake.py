"""Stores events: one alone when it comes alone; those that come while others are being stored, together."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from soulseer import logs, request_id
from soulseer.errors import RpcUnavailableError, SoulSeerError
from soulseer.rpc import AsyncRpc, Call
from soulseer.worker_api import inbox

log = logs.get(__name__)

# Batches under way at once: while the database writes one, the next is gathered.
_LANES: Final = 2
_MOST: Final = 100


@dataclass(slots=True)
class _Waiting:
    """An event that somebody waits to see stored."""

    event_id: str
    store: Call[bool]
    request_id: str | None
    done: asyncio.Future[bool]

    def answer(self, *, is_new: bool) -> None:
        # Whoever waited may have hung up.
        if not self.done.done():
            self.done.set_result(is_new)

    def fail(self, error: SoulSeerError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Intake:
    """Gathers events that come at once into one call of the database.

    Args:
        rpc: The door to the inbox.
    """

    def __init__(self, rpc: AsyncRpc) -> None:
        self._rpc = rpc
        self._waiting: deque[_Waiting] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def store(self, event_id: str, store: Call[bool]) -> bool:
        """Return once an event is stored; False when it was there before.

        Args:
            event_id: Stripe's event id.
            store: The call that stores it alone.

        Raises:
            RpcError: The database refused it.
            RpcUnavailableError: The inbox is away; whether it is stored is unknown, and Stripe delivers again.
        """
        waiting = _Waiting(event_id, store, request_id.current(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._lanes) < _LANES:
            lane = asyncio.create_task(self._drain())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await waiting.done

    async def _drain(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
            if len(batch) == 1:
                await self._store_alone(batch[0])
            else:
                await self._store_together(batch)

    async def _store_alone(self, waiting: _Waiting) -> None:
        try:
            with request_id.bound(waiting.request_id or request_id.new()):
                waiting.answer(is_new=await self._rpc.run(waiting.store))
        except SoulSeerError as error:
            waiting.fail(error)
        except Exception as error:
            log.exception("event_not_stored", event_id=waiting.event_id)
            waiting.fail(RpcUnavailableError(waiting.store.function, type(error).__name__))

    async def _store_together(self, batch: list[_Waiting]) -> None:
        try:
            stored: list[str] = await self._rpc.run(
                inbox.store_stripe_events([(each.store, each.request_id) for each in batch])
            )
        except RpcUnavailableError as error:
            for each in batch:
                each.fail(error)
        except Exception:
            # One of them cannot be stored; each for itself, so that the others are.
            log.exception("batch_not_stored", events=len(batch))
            for each in batch:
                await self._store_alone(each)
        else:
            new = set(stored)
            for each in batch:
                each.answer(is_new=each.event_id in new)
                # Of two deliveries of one event the second is none.
                new.discard(each.event_id)
