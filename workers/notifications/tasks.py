"""Jobs of the notifications: a mail each."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from soulseer import jobs
from workers.notifications import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def send(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        service.send(tools, UUID(outbox_id))

    tools.actor(jobs.NOTIFICATION_EMAIL, send, priority=20)
