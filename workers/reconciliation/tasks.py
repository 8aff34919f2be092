"""The nightly reconciliation, sent by the scheduler."""

from __future__ import annotations

from soulseer import jobs
from workers.reconciliation import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the job.

    Args:
        tools: What it works with.
    """

    def reconcile() -> None:
        service.reconcile_yesterday(tools)

    tools.actor(jobs.RECONCILE, reconcile, priority=30)
