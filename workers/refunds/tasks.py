"""Jobs of the refunds: sending one, and one per type of Stripe event about them."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from soulseer import jobs
from soulseer.jobs import Queue
from workers.dispatch import register_handlers
from workers.refunds import service, stripe_events
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def execute(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        service.execute(tools, UUID(outbox_id))

    tools.actor(jobs.EXECUTE_REFUND, execute)
    register_handlers(tools, Queue.PAYMENTS, stripe_events.HANDLERS)
