"""Waiting for what happens elsewhere: looked at until it is true, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE_SECONDS = 0.03


def eventually(look: Callable[[], T | None], what: str, *, seconds: float = 20.0) -> T:
    """Return the first true thing seen.

    Args:
        look: asked again and again.
        what: what is waited for, said when it does not come.
        seconds: patience.

    Raises:
        AssertionError: it did not come in time; tells what was seen last.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}; last seen: {seen!r}"
        time.sleep(_PAUSE_SECONDS)


def for_a_while(look: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Look for so long and see that it stays true.

    Args:
        look: asked again and again.
        what: what must stay true.
        seconds: for how long.

    Raises:
        AssertionError: it was false once.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert look(), f"no longer so: {what}"
        time.sleep(_PAUSE_SECONDS)
