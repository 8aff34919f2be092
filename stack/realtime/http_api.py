"""The HTTP endpoints: broadcasts without a connection, one at a time or many, and the server's health."""

from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.realtime.frames import FrameError, UserBroadcast, decode_json, encode_json
from stack.realtime.policies import DatabaseUnavailableError
from stack.realtime.rooms import RoomKey
from stack.realtime.server import RealtimeServer
from stack.realtime.tokens import Claims, JsonObject, TokenError

Text = Annotated[str, Field(min_length=1)]


class Refusal(Exception):  # noqa: N818  # an answer, raised where it is known
    """An answer that is no success."""

    def __init__(self, status: HTTPStatus, body: JsonObject) -> None:
        """Make it out of an HTTP status and a body."""
        super().__init__(status)
        self.status = status
        self.body = body


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    topic: Text
    event: Text
    payload: dict[str, JsonValue]
    private: bool | None = None


class _Batch(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    messages: list[_Message]


def routes() -> list[Route]:
    """Return the endpoints."""
    return [
        Route("/healthz", healthz),
        Route("/api/broadcast", broadcast_batch, methods=["POST"]),
        Route("/api/broadcast/{topic:path}/events/{event:path}", broadcast_one, methods=["POST"]),
    ]


async def refused(_request: Request, error: Exception) -> Response:
    """Answer with a refusal."""
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body, error.status)


def _server(request: Request) -> RealtimeServer:
    server = request.app.state.realtime
    if not isinstance(server, RealtimeServer):
        raise TypeError("the application was not made by stack.realtime.app")
    return server


async def healthz(request: Request) -> Response:
    """Say that the server is up and reaches its database."""
    async with _server(request).pool.connection() as conn:
        await conn.execute("select 1 from realtime.messages limit 1")
    return JSONResponse({"status": "ok"})


def _caller(request: Request) -> Claims:
    """Return whose token the request carries.

    Raises:
        Refusal: none, or one that opens nothing.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" and bearer else request.headers.get("apikey", "")
    try:
        return _server(request).verifier.verify(token)
    except TokenError as error:
        raise Refusal(HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized"}) from error


async def broadcast_batch(request: Request) -> Response:
    """Broadcast many messages. Those of private topics the caller may not send on are passed over without a word."""
    server = _server(request)
    claims = _caller(request)
    try:
        messages = _Batch.model_validate_json(await request.body()).messages
    except ValidationError as error:
        raise _unprocessable(error) from error
    _limit(server, len(messages))
    allowed: dict[str, bool] = {}
    for message in messages:
        is_private = bool(message.private)
        if is_private and message.topic not in allowed:
            allowed[message.topic] = await _may_write(server, message.topic, claims)
        if not is_private or allowed[message.topic]:
            body = _checked(server, encode_json(message.payload).encode())
            _send(server, message.topic, UserBroadcast(message.event, is_json=True, body=body), is_private=is_private)
    return Response(status_code=HTTPStatus.ACCEPTED)


async def broadcast_one(request: Request) -> Response:
    """Broadcast one message: JSON, or bytes of the caller's own."""
    server = _server(request)
    claims = _caller(request)
    topic, event = request.path_params["topic"], request.path_params["event"]
    is_private = request.query_params.get("private") == "true"
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind not in ("application/json", "application/octet-stream"):
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"message": "Unsupported Media Type"})
    is_json = kind == "application/json"
    body = _checked(server, await request.body())
    if is_json:
        try:
            decode_json(body)
        except FrameError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, {"message": "Bad Request"}) from error
    _limit(server, 1)
    if is_private and not await _may_write(server, topic, claims):
        raise Refusal(HTTPStatus.FORBIDDEN, {"message": "Unauthorized"})
    _send(server, topic, UserBroadcast(event, is_json, body), is_private=is_private)
    return Response(status_code=HTTPStatus.ACCEPTED)


def _unprocessable(error: ValidationError) -> Refusal:
    errors: dict[str, JsonValue] = {}
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in one["loc"]) or "messages"
        errors[where] = ["can't be blank" if one["type"] in ("missing", "string_too_short") else one["msg"]]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, {"errors": errors})


def _checked(server: RealtimeServer, body: bytes) -> bytes:
    if len(body) > server.settings.payload_kilobytes * 1000:
        errors: JsonObject = {"payload": ["Payload size exceeds tenant limit"]}
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, {"errors": errors})
    return body


def _limit(server: RealtimeServer, count: int) -> None:
    if count > server.settings.messages_per_second:
        message = "Too many messages to broadcast, please reduce the batch size"
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, {"message": message})
    if not server.messages.allows(count):
        raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, {"message": "You have exceeded your rate limit"})


async def _may_write(server: RealtimeServer, topic: str, claims: Claims) -> bool:
    try:
        return await server.authorizer.may_write(topic, claims, "broadcast")
    except DatabaseUnavailableError as error:
        body: JsonObject = {"message": "Tenant database unavailable"}
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, body) from error


def _send(server: RealtimeServer, topic: str, message: UserBroadcast, *, is_private: bool) -> None:
    room = server.rooms.find(RoomKey(topic, is_private))
    if room is not None:
        room.broadcast(message)
