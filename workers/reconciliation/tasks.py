"""The reconciliation: nightly, sent by the scheduler, and when Stripe has taken stock of a payout of ours."""

from __future__ import annotations

from soulseer import jobs
from soulseer.jobs import Queue
from workers.dispatch import register_handlers
from workers.reconciliation import service, stripe_events
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What it works with.
    """

    def reconcile() -> None:
        service.reconcile_yesterday(tools)

    tools.actor(jobs.RECONCILE, reconcile, priority=30)
    register_handlers(tools, Queue.UPKEEP, stripe_events.HANDLERS)
