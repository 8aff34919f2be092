"""Runs the meter and moves sessions, batch after batch, for as long as there is something due."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from soulseer import logs
from soulseer.rpc import Call
from soulseer.worker_api import meter, outbox
from workers.tools import Tools

log = logs.get(__name__)

# One job ends its loop after this; what is still due then is the next tick's, so that jobs stay short
# and a stopping process drains fast.
LOOP_SECONDS: Final = 10.0


def charge_due_minutes(tools: Tools) -> int:
    """Charge what is due until nothing is, and return the number of increments charged.

    Args:
        tools: What the jobs work with.
    """
    charged = batches = 0
    until = time.monotonic() + LOOP_SECONDS
    while not tools.stopping.is_set():
        batch = tools.rpc.run(meter.charge_due_minutes())
        charged += batch.charged
        batches += 1
        if not batch.more or time.monotonic() >= until:
            break
    if charged:
        log.info("minutes_charged", charged=charged, batches=batches)
    return charged


def advance_sessions(tools: Tools) -> int:
    """Move sessions, appointments and lines whose time has come until none is left, and return how many were moved.

    Args:
        tools: What the jobs work with.
    """
    until = time.monotonic() + LOOP_SECONDS
    return sum(
        _advance(tools, event, step, until)
        for event, step in (
            ("sessions_advanced", meter.advance_sessions),
            ("appointments_advanced", meter.advance_appointment),
            ("wait_lists_advanced", meter.advance_wait_list),
        )
    )


def _advance(tools: Tools, event: str, step: Callable[[], Call[meter.Advanced]], until: float) -> int:
    advanced = failed = batches = 0
    while not tools.stopping.is_set():
        batch = tools.rpc.run(step())
        advanced += batch.advanced
        failed += batch.failed
        batches += 1
        # A batch that moved nothing would only be claimed again.
        if not batch.more or batch.advanced == 0 or time.monotonic() >= until:
            break
    if advanced or failed:
        log.log(logging.ERROR if failed else logging.INFO, event, advanced=advanced, failed=failed, batches=batches)
    return advanced


def apply_settled(tools: Tools, outbox_id: UUID) -> None:
    """Fold a settled session into its reader's statistics.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it.
    """
    done = tools.rpc.run(outbox.apply_session_settled(outbox_id))
    log.info("session_settled_applied", outbox_id=str(outbox_id), applied=done)
