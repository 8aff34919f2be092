"""The ASGI application, and what starts and stops with it: connections to Postgres, the stream, the WebSockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette

from stack.realtime.http_api import Refusal, refused, routes
from stack.realtime.server import RealtimeServer
from stack.realtime.settings import RealtimeSettings
from stack.realtime.sockets import Sockets


def create_app(settings: RealtimeSettings) -> Starlette:
    """Make the application over the settings' database."""
    pool = AsyncConnectionPool(
        settings.db_url,
        kwargs={"autocommit": True},
        min_size=1,
        max_size=settings.pool_size,
        open=False,
        timeout=10,
        # Databases here are dropped and remade under the server; a dead connection is noticed before it is used.
        check=AsyncConnectionPool.check_connection,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        server = RealtimeServer.of(settings, pool)
        app.state.realtime = server
        sockets = Sockets(server)
        async with pool:
            await pool.wait()
            async with sockets.listen() as listening, asyncio.TaskGroup() as work:
                running = [
                    work.create_task(server.feed.run()),
                    work.create_task(server.changes.run()),
                    work.create_task(sockets.sweep(listening)),
                ]
                yield
                for task in running:
                    task.cancel()

    return Starlette(routes=routes(), lifespan=lifespan, exception_handlers={Refusal: refused})
