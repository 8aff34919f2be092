"""Tells hot streams of their gifts, many in one event."""

from __future__ import annotations

from typing import Final

from soulseer import logs
from soulseer.worker_api import streams
from workers.tools import Tools

log = logs.get(__name__)

_BATCH: Final = 1000


def tell_gifts(tools: Tools) -> int:
    """Tell until no gift waits; return how many were told.

    Args:
        tools: What the jobs work with.
    """
    told = 0
    while not tools.stopping.is_set():
        batch = tools.rpc.run(streams.tell_gifts())
        told += batch
        if batch < _BATCH:
            break
    if told:
        log.info("gifts_told", gifts=told)
    return told
