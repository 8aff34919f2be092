"""The ASGI application: routes, the shape of refusals, and what starts and stops with the server."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.request_line import RequestLine
from stack.storage import buckets, downloads, listing, objects, signing, uploads
from stack.storage.database import Database
from stack.storage.errors import StorageError, failed, of_database, render
from stack.storage.files import Store
from stack.storage.keys import SERVER, Keys
from stack.storage.server import StorageServer
from stack.storage.settings import StorageSettings

logger = logging.getLogger("stack.storage")

Handler = Callable[[Request], Awaitable[Response]]

# Paths with words of their own come before those that take the word for a bucket.
ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/bucket", buckets.list_buckets),
    ("POST", "/bucket", buckets.create_bucket),
    ("GET", "/bucket/{bucket}", buckets.get_bucket),
    ("PUT", "/bucket/{bucket}", buckets.update_bucket),
    ("DELETE", "/bucket/{bucket}", buckets.delete_bucket),
    ("POST", "/bucket/{bucket}/empty", buckets.empty_bucket),
    ("POST", "/object/move", objects.move),
    ("POST", "/object/copy", objects.copy),
    ("POST", "/object/list/{bucket}", listing.list_folder),
    ("POST", "/object/list-v2/{bucket}", listing.list_page),
    ("POST", "/object/sign/{bucket}", signing.sign_many),
    ("POST", "/object/sign/{bucket}/{key:path}", signing.sign),
    ("GET", "/object/sign/{bucket}/{key:path}", signing.signed_download),
    ("POST", "/object/upload/sign/{bucket}/{key:path}", signing.sign_upload),
    ("PUT", "/object/upload/sign/{bucket}/{key:path}", signing.signed_upload),
    ("GET", "/object/public/{bucket}/{key:path}", downloads.public_download),
    ("GET", "/object/info/public/{bucket}/{key:path}", objects.public_info),
    ("GET", "/object/info/authenticated/{bucket}/{key:path}", objects.info),
    ("GET", "/object/info/{bucket}/{key:path}", objects.info),
    ("GET", "/object/authenticated/{bucket}/{key:path}", downloads.download),
    ("DELETE", "/object/{bucket}", objects.remove),
    ("GET", "/object/{bucket}/{key:path}", downloads.download),
    ("POST", "/object/{bucket}/{key:path}", uploads.upload),
    ("PUT", "/object/{bucket}/{key:path}", uploads.update),
    ("DELETE", "/object/{bucket}/{key:path}", objects.remove_one),
]


async def health(request: Request) -> JSONResponse:
    """Say that the server is up and reaches its database."""
    async with StorageServer.of(request).database.acting(SERVER, "health") as conn:
        await conn.execute("select 1 from storage.buckets limit 1")
    return JSONResponse({"healthy": True})


async def _refused(_request: Request, error: Exception) -> Response:
    if isinstance(error, StorageError):
        return render(error)
    raise error


async def _unrouted(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    message = f"Route {request.method}:{request.url.path} not found"
    body = {"statusCode": str(int(status)), "error": HTTPStatus(status).phrase, "message": message}
    return JSONResponse(body, status)


async def _database_failed(request: Request, error: Exception) -> Response:
    refusal = of_database(error) if isinstance(error, psycopg.Error) else failed()
    logger.info("%s at %s %s: %s", refusal.code, request.method, request.url.path, error)
    return render(refusal)


async def _failed(request: Request, error: Exception) -> Response:
    if not isinstance(error, ClientDisconnect):
        logger.error("failure at %s %s: %r", request.method, request.url.path, error)
    return render(failed())


async def _sweep(server: StorageServer) -> None:
    """Throw away the bytes that no row names: what a crash left behind."""
    query = "select version from storage.objects where version is not null"
    async with server.database.acting(SERVER, "sweep") as conn:
        known = {row[0] async for row in await conn.execute(query)}
    swept = server.store.sweep(known)
    if swept:
        logger.info("swept %d versions that no object names", swept)


def create_app(settings: StorageSettings) -> Starlette:
    """Make the application.

    Raises:
        ValueError: the key file holds no usable keys.
    """
    keys = Keys.load(settings.jwks_file)
    pool = AsyncConnectionPool(
        settings.db_url,
        min_size=1,
        max_size=settings.pool_size,
        open=False,
        timeout=10,
        # What the API's own roles have by a setting, which a change of role within a connection does not bring along.
        kwargs={"options": "-c statement_timeout=8000 -c lock_timeout=8000"},
        # Databases here are dropped and remade under the server; a dead connection is noticed before it is used.
        check=AsyncConnectionPool.check_connection,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        server = app.state.storage = StorageServer(settings, Database(pool), keys, Store(settings.folder))
        async with pool:
            await pool.wait()
            await _sweep(server)
            yield

    routes = [Route(path, handler, methods=[method]) for method, path, handler in ROUTES]
    return Starlette(
        routes=[*routes, Route("/status", health), Route("/health", health)],
        lifespan=lifespan,
        middleware=[Middleware(RequestLine, logger=logger)],
        exception_handlers={
            StorageError: _refused,
            HTTPException: _unrouted,
            Exception: _failed,
            psycopg.Error: _database_failed,
            PoolTimeout: _database_failed,
        },
    )
