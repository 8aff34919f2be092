"""Jobs of the sessions: two ticks on the meter's own queue, one per settled session."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from soulseer import jobs
from workers.sessions import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the jobs.

    Args:
        tools: What they work with.
    """

    def charge_due_minutes() -> None:
        service.charge_due_minutes(tools)

    def advance_sessions() -> None:
        service.advance_sessions(tools)

    def apply_settled(outbox_id: str, payload: dict[str, JsonValue]) -> None:  # noqa: ARG001  sent with every row
        service.apply_settled(tools, UUID(outbox_id))

    # The meter comes first: a charge must not wait behind whatever else this process has fetched.
    tools.actor(jobs.CHARGE_DUE_MINUTES, charge_due_minutes, priority=0)
    tools.actor(jobs.ADVANCE_SESSIONS, advance_sessions, priority=1)
    tools.actor(jobs.APPLY_SETTLED, apply_settled)
