"""The one door to `worker_api`: every SQL function the services call goes through here.

`soulseer.worker_api` says what can be called; this module carries a call over PostgREST, synchronously
for workers and asynchronously for the ASGI services, and turns answers into frozen models and failures
into typed errors.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Generic, Self, TypeVar, cast

import httpx
from postgrest import AsyncPostgrestClient, SyncPostgrestClient
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from soulseer import request_id
from soulseer.errors import RpcError, RpcUnavailableError
from soulseer.settings import DatabaseSettings

Answer = TypeVar("Answer")

SCHEMA: Final = "worker_api"
# The database ends a call of these functions after 8 s; a client that waits longer than that and the
# way there and back waits for nothing.
TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0, pool=5.0)
LIMITS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=15.0)
# What reads everything has its own limit in the database, which is a minute.
_LONG: Final = frozenset({"check_ledger"})
_LONG_TIMEOUT: Final = httpx.Timeout(65.0, connect=2.0, pool=5.0)
ATTEMPTS: Final = 3
# Gateway or PostgREST up, what is behind it away: as good as a failed connection.
_AWAY: Final = frozenset({502, 503})
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_NO_CONTENT: Final = 204


class Row(BaseModel):
    """Base of what the functions answer: frozen, and blind to fields added later."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One call of a `worker_api` function, not yet sent.

    Attributes:
        function: Name of the SQL function.
        arguments: Its arguments, by name, as JSON values.
        answer: How its answer is read.
        repeatable: Whether running it twice does no harm, so that a lost connection may be retried.
    """

    function: str
    arguments: Mapping[str, object]
    answer: TypeAdapter[Answer]
    repeatable: bool = True


class _Failure(BaseModel):
    """PostgREST's error body."""

    code: str | None = None
    message: str | None = None
    details: str | None = None
    hint: str | None = None


class Rpc:
    """Calls `worker_api` from a thread; safe to share between threads.

    Args:
        settings: Where the database is, and the key to it.
        transport: What carries the calls; the network when None.
    """

    def __init__(self, settings: DatabaseSettings, transport: httpx.BaseTransport | None = None) -> None:
        hooks = {"request": [_allow_time]}
        self._http = httpx.Client(timeout=TIMEOUT, limits=LIMITS, transport=transport, event_hooks=hooks)
        self._client = SyncPostgrestClient(
            _address(settings),
            schema=SCHEMA,
            headers=settings.secret_headers(),
            http_client=self._http,
            retry_enabled=False,
        )

    def run(self, call: Call[Answer]) -> Answer:
        """Send a call and return its answer.

        Raises:
            RpcError: The function refused or failed.
            RpcUnavailableError: The database could not be reached; whether it ran is unknown.
        """
        for attempt in range(1, ATTEMPTS + 1):
            builder = self._client.rpc(call.function, dict(call.arguments))  # type: ignore[arg-type]  # typed for text only
            builder.request.params = _columns(call)
            try:
                response = builder.request.send(_request_headers())
            except httpx.TransportError as error:
                failure = _unavailable(call, error)
                lost = _is_lost_connection(error)
            else:
                if not _is_away(response):
                    return _read(call, response)
                failure = RpcUnavailableError(call.function, f"HTTP {response.status_code}")
                lost = True
            if not (lost and call.repeatable and attempt < ATTEMPTS):
                raise failure
            time.sleep(_pause(attempt))
        raise AssertionError(call.function)  # the loop above returns or raises

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncRpc:
    """Calls `worker_api` from an event loop.

    Args:
        settings: Where the database is, and the key to it.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self._http = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS)
        self._client = AsyncPostgrestClient(
            _address(settings),
            schema=SCHEMA,
            headers=settings.secret_headers(),
            http_client=self._http,
            retry_enabled=False,
        )

    async def __aenter__(self) -> Self:
        """Return the client; leaving the block closes its connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def run(self, call: Call[Answer]) -> Answer:
        """Send a call and return its answer.

        Raises:
            RpcError: The function refused or failed.
            RpcUnavailableError: The database could not be reached; whether it ran is unknown.
        """
        for attempt in range(1, ATTEMPTS + 1):
            builder = self._client.rpc(call.function, dict(call.arguments))  # type: ignore[arg-type]  # typed for text only
            builder.request.params = _columns(call)
            try:
                # The overloads of send() do not tell the two kinds of session apart.
                sending = cast("Awaitable[httpx.Response]", builder.request.send(_request_headers()))
                response = await sending
            except httpx.TransportError as error:
                failure = _unavailable(call, error)
                lost = _is_lost_connection(error)
            else:
                if not _is_away(response):
                    return _read(call, response)
                failure = RpcUnavailableError(call.function, f"HTTP {response.status_code}")
                lost = True
            if not (lost and call.repeatable and attempt < ATTEMPTS):
                raise failure
            await asyncio.sleep(_pause(attempt))
        raise AssertionError(call.function)  # the loop above returns or raises


def _allow_time(request: httpx.Request) -> None:
    """Wait longer for the calls that take long."""
    if request.url.path.rpartition("/")[2] in _LONG:
        request.extensions["timeout"] = _LONG_TIMEOUT.as_dict()


def _address(settings: DatabaseSettings) -> str:
    return f"{settings.supabase_url}/rest/v1"


def _columns(call: Call[Answer]) -> httpx.QueryParams:
    """Name the arguments beside the body, so that PostgREST hands it to the database without reading it first."""
    return httpx.QueryParams({"columns": ",".join(call.arguments)} if call.arguments else {})


def _request_headers() -> httpx.Headers:
    return httpx.Headers({request_id.HEADER: request_id.current_or_new()})


def _is_lost_connection(error: httpx.TransportError) -> bool:
    """Tell a connection refused, reset or closed from a call that took too long."""
    return isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | httpx.ConnectTimeout)


def _is_away(response: httpx.Response) -> bool:
    """Tell a gateway or PostgREST without a database from a function that refuses with the same status."""
    return response.status_code in _AWAY and not _refusal("", response).typed


def _unavailable(call: Call[Answer], error: httpx.TransportError) -> RpcUnavailableError:
    failure = RpcUnavailableError(call.function, type(error).__name__)
    failure.__cause__ = error
    return failure


def _pause(attempt: int) -> float:
    """Return seconds to wait after a failed attempt, spread so that callers do not return in step."""
    return float(0.1 * 2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing


def _read(call: Call[Answer], response: httpx.Response) -> Answer:
    if not response.is_success:
        raise _refusal(call.function, response)
    try:
        # A function that returns void answers with no content, which reads as null.
        empty = response.status_code == _NO_CONTENT or not response.content
        return call.answer.validate_json(b"null" if empty else response.content)
    except ValidationError as error:
        raise RpcError(
            "unexpected_answer",
            status=response.status_code,
            sqlstate="",
            function=call.function,
            typed=False,
            details="; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()),
        ) from error


def _refusal(function: str, response: httpx.Response) -> RpcError:
    try:
        failure = _Failure.model_validate_json(response.content)
    except ValidationError:
        failure = _Failure(message=response.reason_phrase, details="the answer is not from PostgREST")
    sqlstate = failure.code or ""
    message = failure.message or ""
    # The database raises its refusals as PT<status> (or PGRST, where headers are needed) with a
    # snake_case code as message; whatever else arrives is a fault and is not shown to users.
    typed = _CODE.fullmatch(message) is not None and not sqlstate.startswith("PGRST")
    retry_after = response.headers.get("Retry-After", "")
    return RpcError(
        message if typed else "database_error",
        status=response.status_code,
        sqlstate=sqlstate,
        function=function,
        typed=typed,
        details=failure.details if typed else (failure.details or message),
        hint=failure.hint,
        retry_after=int(retry_after) if retry_after.isdecimal() else None,
    )
