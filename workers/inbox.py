"""Carries one Stripe event from the inbox to the function that applies it, and records what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import stripe

from soulseer import jobs, logs
from soulseer.errors import RpcError, RpcUnavailableError, SoulSeerError
from soulseer.jobs import Job
from soulseer.rpc import Call
from soulseer.worker_api import inbox
from soulseer.worker_api.applied import Applied
from soulseer.worker_api.inbox import StoredEvent
from workers.outcomes import is_away
from workers.tools import Tools

log = logs.get(__name__)

# Stripe's event may overtake the row it is about, by milliseconds as a rule: it is looked at again after
# these pauses, and only then left to the sweeper, which takes its time.
TOO_EARLY: Final = "transaction_not_found"
_EARLY_PAUSES_MS: Final = (200, 500, 1500, 4000)

# Applies an event and marks it processed, in one call of the database, or ignores it.
Handler = Callable[[Tools, StoredEvent], None]


class EventUnusableError(SoulSeerError):
    """An event lacks what its type must have."""

    def __init__(self, details: str) -> None:
        super().__init__("event_unusable", status=422, message="The event cannot be applied.", details=details)


def process(tools: Tools, job: Job, event_id: str, handler: Handler, *, tries: int = 0) -> None:
    """Apply one event, at most once; a failure is counted and tried again later, never dropped.

    Args:
        tools: What the jobs work with.
        job: The job that runs, sent again where the event came before our own row.
        event_id: Stripe's event id.
        handler: What applies events of this type.
        tries: How often it came too early already.

    Raises:
        RpcUnavailableError: The database is away; the sweeper finds the event again.
    """
    event = tools.rpc.run(inbox.read_stripe_event(event_id))
    if event is None:
        log.error("stripe_event_missing", event_id=event_id)
        return
    if event.processed_at is not None:
        log.info("stripe_event_done_already", event_id=event_id, type=event.type)
        return
    try:
        handler(tools, event)
    except RpcUnavailableError:
        raise
    except (SoulSeerError, stripe.StripeError) as error:
        if isinstance(error, RpcError) and error.code == TOO_EARLY and tries < len(_EARLY_PAUSES_MS):
            log.info("stripe_event_early", event_id=event_id, type=event.type, tries=tries)
            message = jobs.message(job, event_id=event_id, tries=tries + 1)
            tools.broker.enqueue(message, delay=_EARLY_PAUSES_MS[tries])
            return
        log.warning("stripe_event_failed", event_id=event_id, type=event.type, error=describe(error))
        tools.rpc.run(inbox.fail_stripe_event(event_id, describe(error), is_away=is_away(error)))
    except Exception as error:
        # A fault of ours: recorded where admins see it, and raised for the log with its traceback.
        tools.rpc.run(inbox.fail_stripe_event(event_id, describe(error)))
        raise


def apply(tools: Tools, event: StoredEvent, call: Call[Applied]) -> None:
    """Apply an event in one call of the database and log what it came to.

    Args:
        tools: What the jobs work with.
        event: The event.
        call: The call that applies it and marks it processed.

    Raises:
        RpcError: The database refused; the event stays unprocessed.
    """
    outcome = tools.rpc.run(call)
    about = outcome.model_dump(mode="json", exclude_none=True)
    log.info("stripe_event_applied", event_id=event.event_id, type=event.type, object_id=event.object_id, **about)


def ignore(tools: Tools, event: StoredEvent, reason: str) -> None:
    """Mark an event that is not acted on; it stays stored.

    Args:
        tools: What the jobs work with.
        event: The event.
        reason: Why, for the log.
    """
    tools.rpc.run(inbox.ignore_stripe_event(event.event_id))
    log.info("stripe_event_ignored", event_id=event.event_id, type=event.type, reason=reason)


def object_id(event: StoredEvent) -> str:
    """Return the id of the object an event is about.

    Raises:
        EventUnusableError: It names none.
    """
    if event.object_id is None:
        raise EventUnusableError(f"{event.type} names no object")
    return event.object_id


def describe(error: Exception) -> str:
    """Return an error as one line for the inbox or the outbox."""
    if isinstance(error, stripe.StripeError):
        parts = [type(error).__name__, error.code, None if error.http_status is None else f"HTTP {error.http_status}"]
        return " ".join(part for part in parts if part)
    return str(error) if isinstance(error, SoulSeerError) else f"{type(error).__name__}: {error}"
