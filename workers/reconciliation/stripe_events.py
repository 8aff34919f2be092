"""Starts the reconciliation when Stripe says that a payout's movements can all be read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from soulseer import jobs
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import Handler, ignore
from workers.tools import Tools


def reconciliation_completed(tools: Tools, event: StoredEvent) -> None:
    """Have what is not reconciled yet looked at; the event itself moves nothing.

    Args:
        tools: What the jobs work with.
        event: payout.reconciliation_completed.
    """
    if event.endpoint == "platform":
        tools.broker.enqueue(jobs.message(jobs.RECONCILE))
        ignore(tools, event, "the reconciliation was sent for")
    else:
        ignore(tools, event, "a connected account's own payout")


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType({"payout.reconciliation_completed": reconciliation_completed})
