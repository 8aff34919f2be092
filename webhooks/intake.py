"""Stores events and then sends their job: one alone when it comes alone; those that come meanwhile, together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

import dramatiq
from prometheus_client import Counter
from redis import RedisError
from starlette.concurrency import run_in_threadpool

from soulseer import jobs, logs, request_id
from soulseer.errors import RpcUnavailableError, SoulSeerError
from soulseer.rpc import AsyncRpc, Call
from soulseer.worker_api import inbox

log = logs.get(__name__)

# Batches under way at once: while the database writes one, the next is gathered.
_LANES: Final = 4
# Two begin at once, so that one that hangs keeps nobody waiting; a third when so many wait, a fourth when twice
# as many: a call has its price, however few events it stores.
_GATHERED: Final = 8
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
    """Gathers events that come at once into one call of the database and one job.

    Args:
        rpc: The door to the inbox.
        broker: Where jobs are sent.
        failures: Counts events that were stored and whose job could not be sent.
    """

    def __init__(self, rpc: AsyncRpc, broker: dramatiq.Broker, failures: Counter) -> None:
        self._rpc = rpc
        self._broker = broker
        self._failures = failures
        self._waiting: deque[_Waiting] = deque()
        self._lanes = 0
        self._stored: list[str] = []
        self._is_sending = False
        self._tasks: set[asyncio.Task[None]] = set()

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
        if self._lanes < _LANES and len(self._waiting) >= (self._lanes - 1) * _GATHERED:
            self._lanes += 1
            self._begin(self._drain())
        return await waiting.done

    async def finish(self) -> None:
        """Return once nothing is under way: every stored event's job is sent, or its failure counted."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
                if len(batch) == 1:
                    await self._store_alone(batch[0])
                else:
                    await self._store_together(batch)
        finally:
            self._lanes -= 1

    async def _store_alone(self, waiting: _Waiting) -> None:
        try:
            with request_id.bound(waiting.request_id or request_id.new()):
                is_new = await self._rpc.run(waiting.store)
                waiting.answer(is_new=is_new)
                if is_new:
                    self._send([waiting.event_id])
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
            if stored:
                self._send(stored)

    def _send(self, event_ids: Sequence[str]) -> None:
        self._stored += event_ids
        if not self._is_sending:
            self._is_sending = True
            self._begin(self._send_stored())

    async def _send_stored(self) -> None:
        """Send one job for what is stored, and another for what was stored meanwhile."""
        try:
            while self._stored:
                event_ids, self._stored = self._stored[:_MOST], self._stored[_MOST:]
                await self._enqueue(event_ids)
        finally:
            self._is_sending = False

    async def _enqueue(self, event_ids: list[str]) -> None:
        # Stored and answered already: whatever fails here is made good by the sweeper.
        try:
            await run_in_threadpool(self._broker.enqueue, jobs.message(jobs.STRIPE_EVENT, event_ids=[*event_ids]))
        except (RedisError, OSError) as error:
            self._failures.inc(len(event_ids))
            log.warning("enqueue_failed", event_ids=event_ids, error=type(error).__name__)
