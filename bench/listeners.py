"""Subscribers of one private topic in a process of their own: bare sockets that note when each event arrives."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Ears:
    """Subscribers that are listening.

    Attributes:
        arrivals: what each told: when its events came, by the clock that `time.monotonic` reads in every process.
        number: how many there are.
    """

    arrivals: Queue[Any]
    number: int

    def all(self) -> list[list[float]]:
        """Wait for all of them; return for each when its events came."""
        return [self.arrivals.get(timeout=_PATIENCE_SECONDS) for _ in range(self.number)]


@contextmanager
def listening(url: str, key: str, token: str, topic: str, *, number: int, events: int) -> Iterator[Ears]:
    """Have so many subscribers listen until each has heard so many events.

    Args:
        url: the gateway.
        key: a publishable key.
        token: of somebody who may hear the topic.
        topic: the topic.
        number: how many subscribers.
        events: how many events each waits for.
    """
    context = multiprocessing.get_context("spawn")
    told: Queue[Any] = context.Queue()
    process = context.Process(target=_run, args=(url, key, token, topic, number, events, told), daemon=True)
    process.start()
    try:
        told.get(timeout=_PATIENCE_SECONDS)
        yield Ears(told, number)
    finally:
        process.terminate()
        process.join()


def _run(url: str, key: str, token: str, topic: str, number: int, events: int, told: Queue[Any]) -> None:
    asyncio.run(_listen(url, key, token, topic, number, events, told))


async def _listen(url: str, key: str, token: str, topic: str, number: int, events: int, told: Queue[Any]) -> None:
    address = f"{url.replace('http', 'ws', 1)}/realtime/v1/websocket?apikey={key}&vsn=1.0.0"
    lines = [await _join(address, token, topic) for _ in range(number)]
    told.put("all are in")
    await asyncio.gather(*(_hear(line, events, told) for line in lines))


async def _join(address: str, token: str, topic: str) -> ClientConnection:
    line = await connect(address, compression=None)
    config = {"broadcast": {"ack": False, "self": False}, "presence": {"enabled": False}, "private": True}
    join = {"topic": f"realtime:{topic}", "event": "phx_join", "ref": "1", "join_ref": "1"}
    await line.send(json.dumps(join | {"payload": {"config": config, "access_token": token}}))
    answer = json.loads(await line.recv())
    if answer["payload"].get("status") != "ok":
        raise RuntimeError(f"The join was refused: {answer}")
    return line


async def _hear(line: ClientConnection, events: int, told: Queue[Any]) -> None:
    came: list[float] = []
    while len(came) < events:
        frame = await line.recv()
        now = time.monotonic()
        if b'"broadcast"' in (frame if isinstance(frame, bytes) else frame.encode()):
            came.append(now)
    told.put(came)
    await line.close()
