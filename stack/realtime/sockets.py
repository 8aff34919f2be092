"""WebSocket connections: who may connect, and which channel each frame is for."""

import asyncio
import contextlib
import logging
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from stack.realtime import frames
from stack.realtime.channel import Channel, Ended, RefusedError
from stack.realtime.config import InvalidJoinError, Join
from stack.realtime.frames import Frame, FrameError, Version
from stack.realtime.rooms import PREFIX, Subscriber
from stack.realtime.server import RealtimeServer
from stack.realtime.tokens import JsonObject, TokenError

logger = logging.getLogger("stack.realtime")

PATHS = ("/websocket", "/socket/websocket")
_SWEEP_SECONDS = 1.0
# Clients beat every 25 s; these find a client that vanished without a word.
_PING_SECONDS = 20.0


class Sockets:
    """Takes connections and serves each until it ends."""

    def __init__(self, server: RealtimeServer) -> None:
        """Take the parts of the server."""
        self._server = server
        self._count = 0

    def listen(self) -> serve:
        """Return what listens while it is entered."""
        settings = self._server.settings
        return serve(
            self._serve,
            settings.host,
            settings.socket_port,
            process_request=self._admit,
            compression=None,
            max_size=settings.frame_bytes,
            ping_interval=_PING_SECONDS,
            ping_timeout=_PING_SECONDS,
            close_timeout=1,
            server_header=None,
        )

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse, before the handshake, who names no version that is spoken or no token that holds."""
        if urlsplit(request.path).path not in PATHS:
            return connection.respond(HTTPStatus.NOT_FOUND, "Not Found\n")
        if _version(request) is None:
            return connection.respond(HTTPStatus.FORBIDDEN, "The client's requested protocol version is not served\n")
        try:
            self._server.verifier.verify(_token(request))
        except TokenError as error:
            return connection.respond(HTTPStatus.FORBIDDEN, f"{error}\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        version = _version(request) if request is not None else None
        if request is None or version is None:
            return
        self._count += 1
        self._server.feed.want()
        one = _Connection(self._server, connection, version, _token(request), is_over=self._is_over())
        try:
            await one.run()
        finally:
            one.leave()
            self._count -= 1
            if self._count == 0:
                self._server.feed.leave_idle()

    def _is_over(self) -> bool:
        return self._count > self._server.settings.max_connections

    async def sweep(self, listening: Server) -> None:
        """Cut off, until cancelled, clients that do not take what waits for them."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            for connection in listening.connections:
                if connection.transport.get_write_buffer_size() > self._server.settings.backlog_bytes:
                    logger.warning("cutting off a client that does not read")
                    connection.transport.abort()


def _version(request: Request) -> Version | None:
    asked = parse_qs(urlsplit(request.path).query).get("vsn", [Version.ONE])[0]
    try:
        return Version(asked)
    except ValueError:
        return None


def _token(request: Request) -> str:
    """Return the token of the API key: as the gateway names it, else as a client does that has no gateway before it."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer
    named = parse_qs(urlsplit(request.path).query).get("apikey", [""])[0]
    return request.headers.get("x-api-key") or named


class _Connection:
    """One client with its channels."""

    def __init__(
        self, server: RealtimeServer, connection: ServerConnection, version: Version, token: str, *, is_over: bool
    ) -> None:
        self._server = server
        self._connection = connection
        self._version = version
        self._token = token
        self._is_over = is_over
        self._channels: dict[str, Channel] = {}
        self._answers = Subscriber(connection, version)

    async def run(self) -> None:
        """Handle frames, one after another, until the client goes."""
        with contextlib.suppress(ConnectionClosed):
            async for data in self._connection:
                try:
                    await self._handle(frames.decode(self._version, data))
                except FrameError as error:
                    await self._connection.close(CloseCode.INTERNAL_ERROR, str(error))
                    return

    def leave(self) -> None:
        """Leave every room."""
        for channel in self._channels.values():
            channel.leave()
        self._channels.clear()

    async def _handle(self, frame: Frame) -> None:
        if frame.topic == "phoenix":
            if frame.event == "heartbeat":
                self._reply(frame, "ok", {})
        elif frame.event == "phx_join":
            await self._join(frame)
        else:
            await self._pass_on(frame)

    async def _pass_on(self, frame: Frame) -> None:
        channel = self._channels.get(frame.topic)
        if channel is not None and not channel.is_open:
            # It ended between two frames: its token expired.
            del self._channels[frame.topic]
            channel = None
        if frame.event == "phx_leave":
            self._reply(frame, "ok", {})
            if channel is not None and _is_of(channel, frame):
                del self._channels[frame.topic]
                channel.close()
        elif channel is None:
            self._reply(frame, "error", {"reason": "unmatched topic"})
        elif _is_of(channel, frame):
            try:
                await channel.handle(frame)
            except Ended:
                del self._channels[frame.topic]

    async def _join(self, frame: Frame) -> None:
        before = self._channels.pop(frame.topic, None)
        if before is not None:
            # A client that joins again has forgotten that it did.
            before.close()
        try:
            channel = await self._admit(frame)
        except (RefusedError, InvalidJoinError) as error:
            logger.info("refused a join: %s", error)
            await asyncio.sleep(self._server.settings.refusal_seconds)
            self._reply(frame, "error", {"reason": str(error)})
            return
        self._channels[frame.topic] = channel
        channel.open(frame)

    async def _admit(self, frame: Frame) -> Channel:
        """Make a channel whose client may have it.

        Raises:
            RefusedError: it may not.
            InvalidJoinError: what it asks for cannot be understood.
        """
        if not frame.topic.startswith(PREFIX) or not isinstance(frame.payload, dict):
            raise RefusedError("unmatched topic")
        if frame.topic == PREFIX:
            raise RefusedError("TopicNameRequired: You must provide a topic name")
        join = _read_join(frame.payload)
        self._limit(join)
        subscriber = Subscriber(self._connection, self._version)
        channel = Channel(self._server, subscriber, frame, join)
        token = join.token
        await channel.authorize(self._token if token is None or token.startswith("sb_") else token)
        await self._server.feed.wait_until_streaming(self._server.settings.replication_patience)
        return channel

    def _limit(self, join: Join) -> None:
        settings = self._server.settings
        if settings.private_only and not (join.config and join.config.private):
            raise RefusedError("PrivateOnly: This project only allows private channels")
        if self._is_over:
            raise RefusedError("ConnectionRateLimitReached: Too many connected users")
        if not self._server.joins.allows():
            raise RefusedError("ClientJoinRateLimitReached: Too many joins per second")
        if sum(channel.is_open for channel in self._channels.values()) >= settings.channels_per_connection:
            raise RefusedError("ChannelRateLimitReached: Too many channels")

    def _reply(self, frame: Frame, status: str, response: JsonObject) -> None:
        self._answers.send(frames.reply(self._version, frame, status, response))


def _read_join(payload: JsonObject) -> Join:
    try:
        return Join.read(payload)
    except InvalidJoinError as error:
        raise InvalidJoinError(f"InvalidJoinPayload: {error}") from error


def _is_of(channel: Channel, frame: Frame) -> bool:
    """Tell whether a frame belongs to this join of its topic, not to one before."""
    return frame.join_ref is None or channel.join_ref is None or frame.join_ref == channel.join_ref
