"""Jobs of the payments: filling a wallet from a saved card, and one per type of Stripe event, named for it."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from soulseer import jobs
from soulseer.jobs import Queue
from workers.dispatch import register_handlers
from workers.payments import auto_reload, cards, checkout, service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def reload(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        auto_reload.execute(tools, UUID(outbox_id))

    tools.actor(jobs.AUTO_RELOAD, reload)
    register_handlers(tools, Queue.PAYMENTS, service.HANDLERS)
    register_handlers(tools, Queue.PAYMENTS, cards.HANDLERS)
    register_handlers(tools, Queue.PAYMENTS, checkout.HANDLERS)
