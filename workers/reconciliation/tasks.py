"""The reconciliation: nightly, sent by the scheduler, and when Stripe has taken stock of a payout of ours."""

from __future__ import annotations

from typing import Final

from soulseer import jobs
from soulseer.jobs import Queue
from workers.dispatch import register_handlers
from workers.reconciliation import service, stripe_events
from workers.tools import Tools

# Stripe is read page by page, at a pace it allows: a hundred thousand movements take minutes.
_LIMIT_SECONDS: Final = 3600


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What it works with.
    """

    def reconcile() -> None:
        service.reconcile_nightly(tools)

    tools.actor(jobs.RECONCILE, reconcile, priority=30, limit_seconds=_LIMIT_SECONDS)
    register_handlers(tools, Queue.UPKEEP, stripe_events.HANDLERS)
