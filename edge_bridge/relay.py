"""Outbox → Redis: claims due rows in batches and sends each as a job, at least once.

A row dies only in its handler's transaction. If this process dies between claiming and sending, or
Redis loses what was sent, the row becomes due again after the visibility timeout.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import dramatiq
import redis
from redis import RedisError
from starlette.concurrency import run_in_threadpool

from edge_bridge.metrics import Metrics
from soulseer import jobs, logs
from soulseer.errors import SoulSeerError, UnavailableError
from soulseer.rpc import AsyncRpc
from soulseer.worker_api import outbox

log = logs.get(__name__)

MAX_BACKOFF_SECONDS: Final = 5.0


class Relay:
    """Polls the outbox: eagerly while it brings rows, ever more slowly while it is empty.

    Args:
        rpc: The door to the outbox.
        broker: Where jobs are sent.
        client: Redis, asked whether it is there before rows are claimed for it.
        metrics: Counters.
        batch: Rows claimed at once.
        min_seconds: Pause after a round that brought rows.
        max_seconds: Longest pause while the outbox is empty.
    """

    def __init__(
        self,
        rpc: AsyncRpc,
        broker: dramatiq.Broker,
        client: redis.Redis,
        metrics: Metrics,
        *,
        batch: int,
        min_seconds: float,
        max_seconds: float,
    ) -> None:
        self._rpc = rpc
        self._broker = broker
        self._redis = client
        self._metrics = metrics
        self._batch = batch
        self._min = min_seconds
        self._max = max_seconds

    async def run(self) -> None:
        """Relay until cancelled; survives the database and Redis being away."""
        pause = self._min
        while True:
            try:
                claimed = await self.round()
            except (UnavailableError, RedisError, OSError) as error:
                pause = self._back_off(pause, "redis" if isinstance(error, RedisError) else "database", error)
            except SoulSeerError as error:
                pause = self._back_off(pause, "refused", error)
            except Exception:
                # The relay must outlive any single row or answer it did not expect.
                log.exception("relay_failed")
                pause = MAX_BACKOFF_SECONDS
            else:
                pause = self._min if claimed else min(max(pause, self._min) * 1.5, self._max)
            await asyncio.sleep(pause)

    async def round(self) -> int:
        """Claim one batch, send it, and return how many rows were claimed.

        Raises:
            RedisError: Redis is away; nothing was claimed, or the rest of the batch was given back.
            RpcUnavailableError: The database is away.
        """
        # Asked first: every claim counts as an attempt, and a row must not be parked as poison for an
        # outage of Redis.
        await run_in_threadpool(self._redis.ping)
        rows = await self._rpc.run(outbox.claim_outbox(self._batch))
        for position, row in enumerate(rows):
            try:
                await self._send(row)
            except (RedisError, OSError):
                await self._give_back(rows[position:])
                raise
        self._metrics.last_round.set(time.time())
        return len(rows)

    async def _send(self, row: outbox.OutboxRow) -> None:
        job = jobs.OUTBOX_TOPICS.get(row.topic)
        if job is None:
            # A newer database may know topics this process does not: said once per attempt, never dropped.
            log.error("outbox_topic_unknown", outbox_id=str(row.id), topic=row.topic)
            self._metrics.rejected.labels(row.topic).inc()
            await self._rpc.run(outbox.fail_outbox(row.id, f"no job is known for topic {row.topic}"))
            return
        message = jobs.message(job, request=row.request_id, outbox_id=str(row.id), payload=row.payload)
        await run_in_threadpool(self._broker.enqueue, message)
        self._metrics.relayed.labels(row.topic).inc()
        log.info("outbox_relayed", outbox_id=str(row.id), topic=row.topic, request_id=row.request_id)

    async def _give_back(self, rows: list[outbox.OutboxRow]) -> None:
        for row in rows:
            try:
                await self._rpc.run(outbox.fail_outbox(row.id, "redis is away", is_away=True))
            except SoulSeerError as error:
                # Due again anyway, after the visibility timeout.
                log.warning("outbox_give_back_failed", outbox_id=str(row.id), error=str(error))
                return

    def _back_off(self, pause: float, part: str, error: Exception) -> float:
        self._metrics.failures.labels(part).inc()
        log.warning("relay_waits", part=part, error=str(error), seconds=round(pause, 2))
        return min(max(pause, self._max) * 2, MAX_BACKOFF_SECONDS)
