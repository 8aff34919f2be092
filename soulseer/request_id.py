"""One id follows a client's call from HTTP through SQL and Redis to the posting it causes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import httpx
import structlog

HEADER: Final = "X-Request-Id"
_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def new() -> str:
    """Return a fresh id."""
    return f"req_{uuid.uuid4().hex}"


def accept(offered: str | None) -> str:
    """Return the id offered by a caller, or a fresh one when it is absent or not of our form."""
    return offered if offered is not None and _FORM.fullmatch(offered) else new()


def current() -> str | None:
    """Return the id bound to the running call or job, or None outside of one."""
    return _current.get()


def current_or_new() -> str:
    """Return the id bound to the running call or job, or a fresh one outside of one."""
    return current() or new()


def mark(request: httpx.Request) -> None:
    """Write the id into a request that is about to be sent; an event hook of httpx.

    Args:
        request: The request.
    """
    request.headers[HEADER] = current_or_new()


@contextmanager
def bound(request_id: str, **names: str) -> Iterator[str]:
    """Bind an id, and further names, to everything logged and called inside the block.

    Args:
        request_id: The id to bind.
        names: Further values for the log lines, such as `job`.
    """
    token = _current.set(request_id)
    try:
        with structlog.contextvars.bound_contextvars(request_id=request_id, **names):
            yield request_id
    finally:
        _current.reset(token)
