"""Serves one of our applications on loopback, in a thread, by the server that serves it in production."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
import uvicorn
from starlette.types import ASGIApp

T = TypeVar("T")


@contextmanager
def serving(app: ASGIApp) -> Iterator[httpx.Client]:
    """Serve an application while the block is open and give a client of it."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(timeout=15)
    assert not thread.is_alive()


def eventually(look: Callable[[], T], *, seconds: float = 10.0) -> T:
    """Return the first true thing seen, or fail when there was none in time."""
    until = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
