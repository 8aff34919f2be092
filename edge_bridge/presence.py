"""The realtime listener: sees who leaves a live session's channel, and hints it to the database within two seconds.

A hint shortens a side's deadline, and its heartbeat takes it back; the heartbeat's timeout is the net under everything
that is missed here. So this may lose a connection, a channel or itself at any moment, and nothing that matters is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID

from websockets.exceptions import WebSocketException

from edge_bridge.metrics import Metrics
from edge_bridge.shards import Shard
from edge_bridge.sightings import Sightings
from soulseer import logs
from soulseer.errors import SoulSeerError
from soulseer.rpc import AsyncRpc
from soulseer.settings import BridgeSettings
from soulseer.worker_api import presence
from soulseer.worker_api.edge_calls import Side
from soulseer.worker_api.presence import LiveSession

log = logs.get(__name__)

# What is seen within this time is reported by one call: an update of a presence is a leave and a join.
GATHER_SECONDS: Final = 0.4
MAX_BACKOFF_SECONDS: Final = 30.0


class PresenceListener:
    """Keeps a channel for each live session, over as many connections as that takes.

    Args:
        rpc: The door to the database.
        metrics: Counters.
        url: The project's Realtime.
        key: The secret key.
        poll_seconds: How often the live sessions are asked for.
        channels: Channels a connection may have.
    """

    def __init__(
        self, rpc: AsyncRpc, metrics: Metrics, *, url: str, key: str, poll_seconds: float, channels: int
    ) -> None:
        self._rpc = rpc
        self._metrics = metrics
        self._url = url
        self._key = key
        self._poll = poll_seconds
        self._limit = channels
        self._shards: list[Shard] = []
        self._sightings = Sightings()
        self._seen = asyncio.Event()
        self._backoff = 0.0
        self._connect_after = 0.0

    @classmethod
    def of(cls, settings: BridgeSettings, rpc: AsyncRpc, metrics: Metrics) -> PresenceListener:
        """Return the listener of the settings.

        Args:
            settings: The bridge's settings.
            rpc: The door to the database.
            metrics: Counters.
        """
        return cls(
            rpc,
            metrics,
            url=f"{settings.supabase_url}/realtime/v1",
            key=settings.supabase_secret_key.get_secret_value(),
            poll_seconds=settings.presence_poll_seconds,
            channels=settings.presence_channels_per_connection,
        )

    async def run(self) -> None:
        """Listen until cancelled; survives the database and Realtime being away."""
        reporting = asyncio.create_task(self._report_for_ever(), name="presence-reports")
        pause = self._poll
        try:
            while True:
                try:
                    live = await self._rpc.run(presence.live_sessions())
                    await self.follow(live)
                except SoulSeerError as error:
                    # The channels stay: who leaves is still seen, and told when the database is back.
                    pause = self._fail("database", error, pause)
                except Exception:
                    # What the client of Realtime may raise is nowhere listed.
                    log.exception("presence_failed")
                    pause = self._fail("listener", None, pause)
                else:
                    pause = self._poll
                await asyncio.sleep(pause)
        finally:
            reporting.cancel()
            with suppress(asyncio.CancelledError):
                await reporting
            for shard in self._shards:
                await shard.close()

    async def follow(self, live: Sequence[LiveSession]) -> None:
        """Have a channel for each live session and for no other.

        Args:
            live: The live sessions.
        """
        await self._drop_broken()
        wanted = {session.session_id: session for session in live}
        for shard in list(self._shards):
            over = shard.sessions - wanted.keys()
            self._sightings.forget(over)
            await shard.leave(over)
            if not shard.sessions:
                self._shards.remove(shard)
                await shard.close()
        had = frozenset[UUID]().union(*(shard.sessions for shard in self._shards))
        new = [session for session_id, session in wanted.items() if session_id not in had]
        while new and (roomy := await self._roomy()) is not None:
            room = self._limit - len(roomy.sessions)
            await roomy.join(new[:room])
            new = new[room:]
        self._metrics.presence_connections.set(len(self._shards))
        self._metrics.presence_channels.set(sum(len(shard.sessions) for shard in self._shards))

    async def report(self) -> None:
        """Tell the database what was seen.

        Raises:
            SoulSeerError: It could not be told; it is told with the next report.
        """
        seen = self._sightings.take()
        try:
            if seen.left:
                await self._rpc.run(presence.record_leaves(seen.left))
            if seen.back:
                await self._rpc.run(presence.withdraw_leave_hints(seen.back))
        except SoulSeerError:
            self._sightings.give_back(seen)
            raise
        if seen:
            self._metrics.presence_hints.labels("left").inc(len(seen.left))
            self._metrics.presence_hints.labels("back").inc(len(seen.back))
            log.info("presence_reported", left=len(seen.left), back=len(seen.back))

    def saw(self, session_id: UUID, sides: frozenset[Side]) -> None:
        """Take in who is present on a channel.

        Args:
            session_id: The session.
            sides: The sides that are there.
        """
        self._sightings.saw(session_id, sides)
        self._seen.set()

    def lost(self, session_id: UUID) -> None:
        """Take in that a channel cannot be seen now, though its connection stands.

        Args:
            session_id: The session.
        """
        self._sightings.lose([session_id])

    async def _report_for_ever(self) -> None:
        pause = GATHER_SECONDS
        while True:
            await self._seen.wait()
            await asyncio.sleep(pause)
            self._seen.clear()
            try:
                await self.report()
            except SoulSeerError as error:
                self._seen.set()
                pause = self._fail("reports", error, pause)
            except Exception:
                # Reports must outlive any answer that was not expected.
                log.exception("presence_report_failed")
                pause = self._fail("reports", None, pause)
            else:
                pause = GATHER_SECONDS

    async def _drop_broken(self) -> None:
        for shard in [shard for shard in self._shards if not shard.is_alive]:
            self._shards.remove(shard)
            self._sightings.lose(shard.sessions)
            self._metrics.presence_failures.labels("realtime").inc()
            log.warning("presence_connection_lost", channels=len(shard.sessions))
            await shard.close()

    async def _roomy(self) -> Shard | None:
        """Return a connection that takes another channel, or None while there can be none."""
        for shard in self._shards:
            if len(shard.sessions) < self._limit and shard.is_alive:
                return shard
        now = asyncio.get_running_loop().time()
        if now < self._connect_after:
            return None
        shard = Shard(self._url, self._key, self.saw, self.lost)
        try:
            await shard.open()
        except (OSError, WebSocketException) as error:
            self._backoff = self._fail("realtime", error, max(self._backoff, self._poll))
            self._connect_after = now + self._backoff
            return None
        self._backoff = 0.0
        self._shards.append(shard)
        return shard

    def _fail(self, part: str, error: Exception | None, pause: float) -> float:
        """Count and say that something is away; return how long to wait, longer each time."""
        self._metrics.presence_failures.labels(part).inc()
        waited = min(pause * 2, MAX_BACKOFF_SECONDS)
        log.warning("presence_waits", part=part, error=None if error is None else str(error), seconds=round(waited, 2))
        return waited
