"""What both HTTP services share: request ids, typed errors, bounded bodies, metrics, and the server."""

from __future__ import annotations

import gc
import logging
import time
from http import HTTPStatus
from typing import Final

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soulseer import logs, request_id
from soulseer.errors import BadRequestError, InternalError, RpcError, SoulSeerError

log = logs.get(__name__)

_QUIET_PATHS: Final = frozenset({"/healthz", "/metrics"})
_DRAIN_SECONDS: Final = 10


class RequestIds:
    """Outermost layer: binds the request id, echoes it, logs the request, answers what nobody caught.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        identifier = request_id.accept(Headers(scope=scope).get(request_id.HEADER))

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[request_id.HEADER] = identifier
            await send(message)

        with request_id.bound(identifier):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                log.exception("request_failed", path=scope["path"])
                if status == 0:
                    await error_answer(InternalError())(scope, receive, send_with_id)
            if scope["path"] not in _QUIET_PATHS:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                )


def error_answer(error: SoulSeerError) -> JSONResponse:
    """Return the answer that tells an error, in the one form all services use."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error.body(request_id.current()), status_code=error.status, headers=headers)


async def answer_error(_request: Request, error: Exception) -> Response:
    """Answer a typed error; faults of the database are logged and answered as ours."""
    if isinstance(error, RpcError) and not error.typed:
        log.error("database_fault", error=str(error))
        return error_answer(InternalError())
    if isinstance(error, SoulSeerError):
        return error_answer(error)
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        typed = SoulSeerError(
            status.phrase.lower().replace(" ", "_").replace("-", "_"),
            status=error.status_code,
            message=f"{status.phrase}.",
            hint=None,
        )
        answer = error_answer(typed)
        answer.headers.update(error.headers or {})
        return answer
    raise error


def make_app(routes: list[Route], registry: CollectorRegistry, **options: object) -> Starlette:
    """Return an application with /metrics and typed errors.

    Args:
        routes: Its own routes, /healthz included.
        registry: The metrics it shows.
        options: Further arguments of `Starlette`.
    """

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[*routes, Route("/metrics", metrics, methods=["GET"])],
        exception_handlers={SoulSeerError: answer_error, HTTPException: answer_error},
        **options,  # type: ignore[arg-type]  # passed on as given
    )


async def read_body(request: Request, limit: int) -> bytes:
    """Return a request's body without ever holding more than the limit.

    Args:
        request: The request.
        limit: Largest size accepted, in bytes.

    Raises:
        BadRequestError: body_too_large (413).
    """
    too_large = BadRequestError(
        "body_too_large", "The body is larger than is accepted.", status=413, details=f"at most {limit} bytes"
    )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def serve(app: ASGIApp, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests under way.

    Args:
        app: The application.
        host: Address to listen on.
        port: Port to listen on.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)
    # What is imported stays for good: the collector need not walk through it while requests wait.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
