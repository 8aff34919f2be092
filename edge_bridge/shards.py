"""Connections to Realtime, each with as many channels as one may have, and what is present on each channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from realtime import AsyncRealtimeChannel, AsyncRealtimeClient, RealtimeSubscribeStates

from soulseer.worker_api.edge_calls import Side
from soulseer.worker_api.presence import LiveSession

OnPresence = Callable[[UUID, frozenset[Side]], None]
OnLost = Callable[[UUID], None]
# Seconds that a connection or a join may take.
PATIENCE_SECONDS: Final = 5


def topic(session_id: UUID) -> str:
    """Return the channel on which the two sides of a session show that they are there."""
    return f"session:{session_id}:peer"


class Shard:
    """One connection. It is not mended when it breaks, but replaced.

    Args:
        url: The project's Realtime, without `/websocket`.
        key: The secret key, whose role passes the policies.
        on_presence: Told who is present on a channel, each time that changes.
        on_lost: Told that a channel is not joined, be it for a moment.
    """

    def __init__(self, url: str, key: str, on_presence: OnPresence, on_lost: OnLost) -> None:
        # Reconnecting is the listener's: the library gives up after some attempts, and its tasks fail unseen.
        self._client = AsyncRealtimeClient(url, key, auto_reconnect=False, timeout=PATIENCE_SECONDS)
        self._on_presence = on_presence
        self._on_lost = on_lost
        self._channels: dict[UUID, AsyncRealtimeChannel] = {}

    @property
    def sessions(self) -> frozenset[UUID]:
        """The sessions whose channels it has."""
        return frozenset(self._channels)

    @property
    def is_alive(self) -> bool:
        """Whether the connection stands and is read."""
        # The library shows nothing that tells a connection whose reading task has failed from a sound one.
        reading = self._client._listen_task  # noqa: SLF001
        return self._client.is_connected and reading is not None and not reading.done()

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: Realtime cannot be reached.
            WebSocketException: What answers does not speak its protocol, or refuses the key.
        """
        await self._client.connect()

    async def join(self, sessions: Iterable[LiveSession]) -> None:
        """Join the channels of sessions; one that is refused is tried again by the library while the connection stands.

        Args:
            sessions: Live sessions that no shard has.
        """
        await asyncio.gather(*[self._join(session) for session in sessions])

    async def leave(self, session_ids: Iterable[UUID]) -> None:
        """Leave the channels of sessions that are over; the connection is closed with the last one.

        Args:
            session_ids: The sessions; those it does not have are passed over.
        """
        for session_id in session_ids:
            channel = self._channels.pop(session_id, None)
            if channel is not None:
                await self._client.remove_channel(channel)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _join(self, session: LiveSession) -> None:
        channel = self._channel(session)

        def told(state: RealtimeSubscribeStates, _error: Exception | None) -> None:
            if state is RealtimeSubscribeStates.SUBSCRIBED:
                return
            self._on_lost(session.session_id)
            if state is RealtimeSubscribeStates.CLOSED and self._channels.get(session.session_id) is channel:
                # Ended by the server, which the library takes as final: to be joined anew.
                del self._channels[session.session_id]

        await channel.subscribe(told)

    def _channel(self, session: LiveSession) -> AsyncRealtimeChannel:
        channel = self._client.channel(
            topic(session.session_id),
            {
                "config": {
                    "broadcast": {"ack": False, "self": False},
                    "presence": {"key": "", "enabled": True},
                    "private": True,
                }
            },
        )
        self._channels[session.session_id] = channel
        # Each side shows itself under its user id. Whoever shows another's gains nothing: only leaves are hinted at.
        keys: dict[str, Side] = {str(session.client_id): "client", str(session.reader_id): "reader"}

        def sync() -> None:
            present = {keys[key] for key, metas in channel.presence_state().items() if key in keys and metas}
            self._on_presence(session.session_id, frozenset(present))

        return channel.on_presence_sync(sync)
