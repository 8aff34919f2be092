"""Rooms: who has joined a topic, who is present there, and delivery to all of them.

A private topic and a public one of the same name are two rooms, so that nothing said in public is heard in private.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from websockets.asyncio.server import ServerConnection, broadcast

from stack.realtime.frames import Message, TextMessage, Version, encode_json
from stack.realtime.presence import Diff, Presence

PREFIX = "realtime:"


class RoomKey(NamedTuple):
    """What tells rooms apart: the topic without its prefix, and whether it is private."""

    topic: str
    is_private: bool


@dataclass(eq=False, slots=True)
class Subscriber:
    """One channel in a room.

    Attributes:
        connection: where its frames go.
        version: the protocol its client speaks.
        hears_broadcasts: whether it may receive them.
        hears_presence: whether it may learn who is there.
    """

    connection: ServerConnection
    version: Version
    hears_broadcasts: bool = True
    hears_presence: bool = True

    def send(self, frame: str | bytes) -> None:
        """Send it a frame at once; a connection that is gone takes none."""
        broadcast([self.connection], frame)


@dataclass(slots=True)
class Room:
    """One topic with its subscribers."""

    topic: str
    subscribers: set[Subscriber] = field(default_factory=set)
    presence: Presence = field(default_factory=Presence)

    def broadcast(self, message: Message, *, but: Subscriber | None = None) -> None:
        """Deliver a broadcast to those who may receive it; `but` is one who shall not, if any."""
        self.deliver(message, (one for one in self.subscribers if one.hears_broadcasts and one is not but))

    def tell_presence(self, diff: Diff) -> None:
        """Tell those who may know who came and who went."""
        if diff.is_empty():
            return
        message = TextMessage("presence_diff", encode_json({"joins": diff.joins, "leaves": diff.leaves}))
        self.deliver(message, (one for one in self.subscribers if one.hears_presence))

    def deliver(self, message: Message, receivers: Iterable[Subscriber]) -> None:
        """Send a message to some of the room, encoded once for each version of the protocol."""
        connections: dict[Version, list[ServerConnection]] = {}
        for one in receivers:
            connections.setdefault(one.version, []).append(one.connection)
        for version, those in connections.items():
            frame = message.encode(version, PREFIX + self.topic)
            if frame is not None:
                broadcast(those, frame)


class Rooms:
    """Every room that has somebody in it."""

    def __init__(self) -> None:
        """Start without rooms."""
        self._rooms: dict[RoomKey, Room] = {}

    def find(self, key: RoomKey) -> Room | None:
        """Return the room, if anybody is in it."""
        return self._rooms.get(key)

    def enter(self, key: RoomKey, subscriber: Subscriber) -> Room:
        """Let a subscriber into the room, opening it for the first one."""
        room = self._rooms.setdefault(key, Room(key.topic))
        room.subscribers.add(subscriber)
        return room

    def leave(self, key: RoomKey, subscriber: Subscriber) -> None:
        """Let a subscriber out, telling the others if it was present; the last one closes the room."""
        room = self._rooms[key]
        room.subscribers.discard(subscriber)
        room.tell_presence(room.presence.untrack(subscriber))
        if not room.subscribers:
            del self._rooms[key]
