"""A WebSocket server on loopback that speaks as much of Realtime's protocol as a listener to presence needs.

A test says who is present, ends channels and connections, and refuses; the official client is on the other side.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Row = dict[str, Any]


class Phoenix:
    """Rooms with the people in them, by topic, and the connections that have joined."""

    def __init__(self) -> None:
        self.port = 0
        self.rooms: dict[str, dict[str, list[str]]] = {}
        self.joined: dict[str, ServerConnection] = {}
        self.joins: list[Row] = []
        self.connections: set[ServerConnection] = set()
        self.refusing = False

    @property
    def url(self) -> str:
        """Address that a client is given."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        self.connections.add(connection)
        try:
            with suppress(ConnectionClosed):
                async for text in connection:
                    await self._answer(connection, json.loads(text))
        finally:
            self.connections.discard(connection)
            self.joined = {topic: other for topic, other in self.joined.items() if other is not connection}

    async def _answer(self, connection: ServerConnection, message: Row) -> None:
        topic, event = message["topic"], message["event"]
        refused = event == "phx_join" and self.refusing
        response: Row = {"reason": "Unauthorized"} if refused else {}
        reply = {"status": "error" if refused else "ok", "response": response}
        await self._send(connection, topic, "phx_reply", reply, message["ref"])
        if event == "phx_join":
            self.joins.append(message)
        if event == "phx_join" and not refused:
            self.joined[topic] = connection
            state = {key: {"metas": [{"phx_ref": ref} for ref in refs]} for key, refs in self._room(topic).items()}
            await self._send(connection, topic, "presence_state", state)
        elif event == "phx_leave":
            self.joined.pop(topic, None)

    async def come(self, session_id: str, key: str) -> str:
        """Let somebody show themselves in a session; answers the mark of this device."""
        topic, ref = f"realtime:session:{session_id}:peer", uuid4().hex
        self._room(topic).setdefault(key, []).append(ref)
        await self._tell(topic, {"joins": {key: {"metas": [{"phx_ref": ref}]}}, "leaves": {}})
        return ref

    async def go(self, session_id: str, key: str, ref: str) -> None:
        """Let a device of somebody go."""
        topic = f"realtime:session:{session_id}:peer"
        self._room(topic)[key].remove(ref)
        await self._tell(topic, {"joins": {}, "leaves": {key: {"metas": [{"phx_ref": ref}]}}})

    async def send(self, session_id: str, event: str) -> None:
        """Send an event of the protocol on a session's channel."""
        topic = f"realtime:session:{session_id}:peer"
        await self._send(self.joined[topic], topic, event, {})

    async def drop(self) -> None:
        """Close every connection."""
        for connection in list(self.connections):
            await connection.close(1011)

    def _room(self, topic: str) -> dict[str, list[str]]:
        return self.rooms.setdefault(topic, {})

    async def _tell(self, topic: str, diff: Row) -> None:
        if topic in self.joined:
            await self._send(self.joined[topic], topic, "presence_diff", diff)

    @staticmethod
    async def _send(connection: ServerConnection, topic: str, event: str, payload: Row, ref: str | None = None) -> None:
        await connection.send(json.dumps({"topic": topic, "event": event, "payload": payload, "ref": ref}))


@asynccontextmanager
async def running_phoenix() -> AsyncIterator[Phoenix]:
    """Serve on a free port while the block is open."""
    phoenix = Phoenix()
    async with serve(phoenix.serve, "127.0.0.1", 0) as server:
        phoenix.port = next(iter(server.sockets)).getsockname()[1]
        yield phoenix
