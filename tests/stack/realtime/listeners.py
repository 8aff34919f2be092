"""People at their devices: the official Python client, and what each has heard."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from realtime import (
    AsyncRealtimeChannel,
    AsyncRealtimeClient,
    RealtimePostgresChangesListenEvent,
    RealtimeSubscribeStates,
)

PATIENCE = 5.0
Json = dict[str, Any]


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


@dataclass
class Ear:
    """A channel and what was heard on it."""

    channel: AsyncRealtimeChannel
    states: list[RealtimeSubscribeStates] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    broadcasts: list[Json] = field(default_factory=list)
    changes: list[Json] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def events(self) -> list[str]:
        return [told["event"] for told in self.broadcasts]

    @property
    def is_joined(self) -> bool:
        return bool(self.states) and self.states[-1] == RealtimeSubscribeStates.SUBSCRIBED

    def note(self, state: RealtimeSubscribeStates, error: Exception | None) -> None:
        self.states.append(state)
        if error is not None:
            self.errors.append(str(error))


@dataclass
class Device:
    """One client, of one person or of nobody."""

    client: AsyncRealtimeClient

    async def join(
        self,
        topic: str,
        *,
        private: bool = False,
        ack: bool = False,
        to_self: bool = False,
        key: str = "",
        table: str = "",
        where: str | None = None,
        columns: list[str] | None = None,
    ) -> Ear:
        """Join a topic and listen to everything; answers when the server has answered."""
        config: Any = {
            "broadcast": {"ack": ack, "self": to_self},
            "presence": {"key": key, "enabled": bool(key)},
            "private": private,
        }
        ear = Ear(self.client.channel(topic, {"config": config}))
        ear.channel.on_broadcast("*", lambda told: ear.broadcasts.append(dict(told)))
        ear.channel.on_system(lambda told: ear.notices.append(told.message))
        if table:
            every = RealtimePostgresChangesListenEvent.All
            ear.channel.on_postgres_changes(
                every, lambda told: ear.changes.append(dict(told["data"])), table, "public", where, columns
            )
        await ear.channel.subscribe(ear.note)
        if table:
            await until(lambda: ear.notices or ear.errors)
        return ear


@asynccontextmanager
async def device(url: str, key: str, token: str | None = None) -> AsyncIterator[Device]:
    """A client at a gateway's address, with an API key and perhaps a person's token."""
    client = AsyncRealtimeClient(f"{url}/realtime/v1", key, initial_backoff=0.05, max_retries=60)
    if token is not None:
        await client.set_auth(token)
    try:
        yield Device(client)
    finally:
        await client.close()


class Town:
    """A place with Realtime, and devices that are put away when a test ends."""

    def __init__(self, url: str, key: str, stack: Any) -> None:
        self.url = url
        self.key = key
        self._stack = stack

    async def device(self, token: str | None = None) -> Device:
        """A device of whoever the token names; without one, of nobody who is signed in."""
        opened: Device = await self._stack.enter_async_context(device(self.url, self.key, token))
        return opened
