"""Jobs of the accounts: gathering an export, closing the login of an erased person."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from soulseer import jobs
from workers.accounts import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def export(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        service.export(tools, UUID(outbox_id))

    def erase(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        service.erase(tools, UUID(outbox_id))

    tools.actor(jobs.EXPORT_ACCOUNT, export, priority=20)
    tools.actor(jobs.ERASE_ACCOUNT, erase)
