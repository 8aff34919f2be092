"""One joined channel: what its client may do there, and what is done with each of its frames."""

import asyncio
import time
from collections.abc import Coroutine
from uuid import uuid4

from pydantic import JsonValue

from stack.realtime import frames
from stack.realtime.config import BroadcastConfig, Join, PresenceConfig
from stack.realtime.frames import Frame, Push, TextMessage, UserBroadcast, encode_json
from stack.realtime.limits import Window
from stack.realtime.policies import DatabaseUnavailableError, Extension
from stack.realtime.rooms import RoomKey, Subscriber
from stack.realtime.server import RealtimeServer
from stack.realtime.tokens import Claims, JsonObject, TokenError, expired

_LONGEST_TIMER = 3600.0
UNAVAILABLE = "Realtime was unable to connect to the project database"


class RefusedError(Exception):
    """A join that is refused; the text is what the client is told."""


class Ended(Exception):  # noqa: N818  # no error: the channel is over, and its client was told why
    """The channel has ended by its own rules."""


class Channel:
    """A channel of one client. Its frames are handled one after another."""

    def __init__(self, server: RealtimeServer, subscriber: Subscriber, frame: Frame, join: Join) -> None:
        """Take what the client asked for; nothing is granted before `open`.

        Args:
            server: the parts of the server.
            subscriber: how the channel receives.
            frame: the join.
            join: its payload.
        """
        self.topic = frame.topic
        self.join_ref = frame.join_ref or frame.ref
        self._server = server
        self._subscriber = subscriber
        config = join.config
        self._broadcast = (config.broadcast if config else None) or BroadcastConfig()
        self._presence = (config.presence if config else None) or PresenceConfig()
        self._presence_key = self._presence.key or str(uuid4())
        self._key = RoomKey(frame.topic.partition(":")[2], bool(config and config.private))
        self._wanted = join.changes
        self._token = ""
        self._claims: Claims | None = None
        self._may_write: dict[Extension, bool] = {}
        self._presence_calls = Window(server.settings.presence_calls, server.settings.presence_window)
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_open = False

    # Joining --------------------------------------------------------------------------------------------------------

    async def authorize(self, token: str) -> None:
        """Check the token and what its user may receive.

        Raises:
            RefusedError: the token opens nothing, or nothing may be received.
        """
        try:
            claims = self._server.verifier.verify(token)
        except TokenError as error:
            raise RefusedError(str(error)) from error
        if self._key.is_private:
            readable = await self._readable(claims)
            if not readable:
                raise RefusedError(f"Unauthorized: {self._unreadable()}")
            self._hear(readable)
        self._token, self._claims = token, claims

    async def _readable(self, claims: Claims) -> frozenset[Extension]:
        try:
            return await self._server.authorizer.may_read(self._key.topic, claims)
        except DatabaseUnavailableError as error:
            raise RefusedError(f"UnableToConnectToProject: {UNAVAILABLE}") from error

    def _unreadable(self) -> str:
        return f"You do not have permissions to read from this Channel topic: {self._key.topic}"

    def _hear(self, readable: frozenset[Extension]) -> None:
        self._subscriber.hears_broadcasts = "broadcast" in readable
        self._subscriber.hears_presence = "presence" in readable

    def open(self, frame: Frame) -> None:
        """Enter the room and answer the join; from here on the client receives."""
        bindings = self._server.changes.bindings(self._wanted)
        self._server.rooms.enter(self._key, self._subscriber)
        self._is_open = True
        listed: list[JsonValue] = [*bindings]
        self._reply(frame, "ok", {"postgres_changes": listed})
        if self._presence.enabled:
            self._tell_presence_state()
        if self._broadcast.replication_ready:
            self._start(self._tell_replication())
        self._listen()
        self._watch_expiry()

    def _listen(self) -> None:
        if self._wanted:
            self._start(self._subscribe())

    async def _subscribe(self) -> None:
        assert self._claims is not None  # noqa: S101  # set before a channel opens
        problem = await self._server.changes.subscribe(self._subscriber, self.topic, self._wanted, self._claims)
        status, message = ("error", problem) if problem else ("ok", "Subscribed to PostgreSQL")
        self._system(status, message, "postgres_changes")

    async def _tell_replication(self) -> None:
        if await self._server.feed.wait_until_streaming(10.0):
            self._system("ok", "Replication connection established")
        else:
            self.end("Replication connection was not established in time")

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Frames ---------------------------------------------------------------------------------------------------------

    async def handle(self, frame: Frame) -> None:
        """Do what a frame asks for.

        Raises:
            Ended: the channel has ended, and its client was told.
        """
        if frame.event == "broadcast":
            await self._take_broadcast(frame)
        elif frame.event == "presence" and isinstance(frame.payload, dict):
            await self._take_presence(frame, frame.payload)
        elif frame.event == "access_token" and isinstance(frame.payload, dict):
            await self._take_token(frame.payload.get("access_token"))
        else:
            self._count()
        if not self._is_open:
            raise Ended

    def _count(self) -> None:
        if not self._server.messages.allows():
            self.end("Too many messages per second")
            raise Ended

    async def _may(self, extension: Extension) -> bool:
        """Ask the policies once for each token."""
        if not self._key.is_private:
            return True
        if extension not in self._may_write:
            assert self._claims is not None  # noqa: S101  # set before a channel opens
            allowed = await self._server.authorizer.may_write(self._key.topic, self._claims, extension)
            self._may_write[extension] = allowed
        return self._may_write[extension]

    async def _take_broadcast(self, frame: Frame) -> None:
        try:
            # Like hosted, without an answer: a sender learns nothing about a topic it may not send on.
            if not await self._may("broadcast"):
                return
        except DatabaseUnavailableError:
            return
        self._count()
        message, size = _message(frame.payload)
        if size > self._server.settings.payload_kilobytes * 1000:
            if self._broadcast.ack:
                self._reply(frame, "error", {"reason": "payload_size_exceeded"})
            return
        room = self._server.rooms.find(self._key)
        if room is not None:
            room.broadcast(message, but=None if self._broadcast.to_self else self._subscriber)
        if self._broadcast.ack:
            self._reply(frame, "ok", {})

    async def _take_presence(self, frame: Frame, payload: JsonObject) -> None:
        event = payload.get("event")
        if not isinstance(event, str):
            self._reply(frame, "ok", {})
            return
        if not self._presence_calls.allows():
            self.end("Client presence rate limit exceeded")
            return
        if event.lower() == "track":
            await self._track(frame, payload.get("payload", {}))
        elif event.lower() == "untrack":
            self._untrack()
            self._reply(frame, "ok", {})
        else:
            self._reply(frame, "error", {})

    async def _track(self, frame: Frame, payload: JsonValue) -> None:
        try:
            allowed = await self._may("presence")
        except DatabaseUnavailableError:
            allowed = False
        room = self._server.rooms.find(self._key)
        if not allowed or room is None:
            self._reply(frame, "error", {})
        elif not isinstance(payload, dict):
            self._reply(frame, "error", {"reason": "Presence track payload must be a map"})
        elif len(encode_json(payload)) > self._server.settings.payload_kilobytes * 1000:
            self.end("Track message size exceeded")
        elif room.presence.tracks(self._subscriber, payload):
            self._reply(frame, "ok", {})
        elif not self._server.presences.allows():
            self.end("Too many presence messages per second")
        else:
            room.tell_presence(room.presence.track(self._subscriber, self._presence_key, payload))
            self._reply(frame, "ok", {})
            if not self._presence.enabled:
                # Tracking turns presence on, and those who came before are not in any diff to come.
                self._presence = self._presence.model_copy(update={"enabled": True})
                self._tell_presence_state()

    def _untrack(self) -> None:
        room = self._server.rooms.find(self._key)
        if room is not None:
            room.tell_presence(room.presence.untrack(self._subscriber))

    def _tell_presence_state(self) -> None:
        room = self._server.rooms.find(self._key)
        if room is not None and self._subscriber.hears_presence:
            message = TextMessage("presence_state", encode_json(room.presence.state()))
            room.deliver(message, [self._subscriber])

    # Tokens ---------------------------------------------------------------------------------------------------------

    async def _take_token(self, token: JsonValue) -> None:
        if not isinstance(token, str) or token == self._token or token.startswith("sb_"):
            return
        try:
            claims = self._server.verifier.verify(token)
        except TokenError as error:
            self.end(error.message)
            return
        if self._key.is_private:
            heard = self._heard()
            try:
                readable = await self._server.authorizer.may_read(self._key.topic, claims)
            except DatabaseUnavailableError:
                self.end(UNAVAILABLE)
                return
            if not readable:
                self.end(self._unreadable())
                return
            if heard - readable:
                self.end(f"You no longer have permission to read from this Channel topic: {self._key.topic}")
                return
            self._hear(readable)
            # What may be sent is asked anew, once something is.
            self._may_write.clear()
        self._token, self._claims = token, claims
        self._server.changes.unsubscribe(self._subscriber)
        self._listen()
        self._watch_expiry()

    def _heard(self) -> frozenset[Extension]:
        heard: list[Extension] = []
        if self._subscriber.hears_broadcasts:
            heard.append("broadcast")
        if self._subscriber.hears_presence:
            heard.append("presence")
        return frozenset(heard)

    def _watch_expiry(self) -> None:
        assert self._claims is not None  # noqa: S101  # set before a channel opens
        if self._timer is not None:
            self._timer.cancel()
        left = self._claims.expires_at - time.time()
        self._timer = asyncio.get_running_loop().call_later(min(max(left, 0.0), _LONGEST_TIMER), self._on_timer)

    def _on_timer(self) -> None:
        assert self._claims is not None  # noqa: S101  # set before a channel opens
        if self._claims.expires_at <= time.time():
            self.end(expired(self._claims.expires_at).message)
        else:
            self._watch_expiry()

    # Ending ---------------------------------------------------------------------------------------------------------

    def end(self, reason: str) -> None:
        """Tell the client why, and close the channel."""
        self._system("error", reason)
        self.close()

    def close(self) -> None:
        """Leave the room and tell the client that the channel is closed. A second time does nothing."""
        if not self._is_open:
            return
        self.leave()
        self._subscriber.send(frames.close(self._subscriber.version, self.join_ref, self.topic))

    def leave(self) -> None:
        """Leave the room without a word, as when the connection is gone."""
        if not self._is_open:
            return
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        self._server.changes.unsubscribe(self._subscriber)
        self._server.rooms.leave(self._key, self._subscriber)

    @property
    def is_open(self) -> bool:
        """Whether it is joined."""
        return self._is_open

    # Answers --------------------------------------------------------------------------------------------------------

    def _reply(self, frame: Frame, status: str, response: JsonObject) -> None:
        self._subscriber.send(frames.reply(self._subscriber.version, frame, status, response))

    def _system(self, status: str, message: str, extension: str = "system") -> None:
        payload: JsonObject = {
            "extension": extension,
            "status": status,
            "message": message,
            "channel": self._key.topic,
        }
        frame = frames.push(self._subscriber.version, self.join_ref, self.topic, "system", payload)
        self._subscriber.send(frame)


def _message(payload: JsonObject | Push) -> tuple[frames.Message, int]:
    """Return what a client broadcasts as a message, and its size in bytes."""
    if isinstance(payload, Push):
        return UserBroadcast(payload.event, payload.is_json, payload.body), len(payload.body)
    text = encode_json(payload)
    return TextMessage("broadcast", text), len(text)
