"""Cutting a connection without an answer, as a failing network does."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def cut(receive: Receive) -> None:
    """Reset the connection a request came by, and return once it is gone. The server must be uvicorn.

    ASGI has no way to say it; uvicorn's `receive` is a method of the request's cycle, which holds the transport.
    """
    cycle = getattr(receive, "__self__", None)
    transport = cast("asyncio.Transport", cycle.transport)  # type: ignore[union-attr]
    transport.abort()
    gone = False
    while not gone:
        gone = (await receive())["type"] == "http.disconnect"
