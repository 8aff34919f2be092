"""Jobs of the disputes: one per type of Stripe event, named for it."""

from __future__ import annotations

from soulseer.jobs import Queue
from workers.dispatch import register_handlers
from workers.disputes import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """
    register_handlers(tools, Queue.PAYMENTS, service.HANDLERS)
