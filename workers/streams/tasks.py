"""Job of the streams, sent by the scheduler."""

from __future__ import annotations

from soulseer import jobs
from workers.streams import service
from workers.tools import Tools


def register(tools: Tools) -> None:
    """Declare the job.

    Args:
        tools: What it works with.
    """

    def tell_gifts() -> None:
        service.tell_gifts(tools)

    tools.actor(jobs.TELL_GIFTS, tell_gifts)
