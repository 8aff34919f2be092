"""Streams: what is told together."""

from __future__ import annotations

from soulseer.rpc import Call
from soulseer.worker_api._call import NUMBER, call


def tell_gifts() -> Call[int]:
    """Tell hot streams of the gifts that wait, a thousand at most; answers how many."""
    return call("tell_gifts", NUMBER)
