"""Names of the jobs and their queues, so that senders need not import the workers that run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import dramatiq
from pydantic import JsonValue

from soulseer import request_id


class Queue(StrEnum):
    """Queues in Redis. The meter has its own, so that nothing queued elsewhere delays a charge."""

    METER = "meter"
    SESSIONS = "sessions"
    PAYMENTS = "payments"
    PAYOUTS = "payouts"
    ACCOUNTS = "accounts"
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class Job:
    """What a message asks for.

    Attributes:
        actor: Name of the Dramatiq actor.
        queue: Queue it is sent on.
        max_age_ms: Age after which a waiting message is dropped, for ticks that a later one replaces.
    """

    actor: str
    queue: Queue
    max_age_ms: int | None = None


CHARGE_DUE_MINUTES: Final = Job("sessions.charge_due_minutes", Queue.METER, max_age_ms=10_000)
ADVANCE_SESSIONS: Final = Job("sessions.advance_sessions", Queue.METER, max_age_ms=10_000)
TELL_GIFTS: Final = Job("streams.tell_gifts", Queue.SESSIONS, max_age_ms=10_000)
APPLY_SETTLED: Final = Job("sessions.apply_settled", Queue.SESSIONS)
STRIPE_EVENT: Final = Job("stripe.event", Queue.PAYMENTS)
EXECUTE_PAYOUT: Final = Job("payouts.execute", Queue.PAYOUTS)
AUTO_RELOAD: Final = Job("payments.auto_reload", Queue.PAYMENTS)
EXECUTE_REFUND: Final = Job("refunds.execute", Queue.PAYMENTS)
EXPORT_ACCOUNT: Final = Job("accounts.export", Queue.ACCOUNTS)
ERASE_ACCOUNT: Final = Job("accounts.erase", Queue.ACCOUNTS)
NOTIFICATION_EMAIL: Final = Job("notifications.email", Queue.ACCOUNTS)
SWEEP_STRIPE_EVENTS: Final = Job("upkeep.sweep_stripe_events", Queue.UPKEEP, max_age_ms=60_000)
RUN_UPKEEP: Final = Job("upkeep.run_upkeep", Queue.UPKEEP, max_age_ms=600_000)
ROLL_UP: Final = Job("upkeep.roll_up", Queue.UPKEEP, max_age_ms=600_000)
CHECK_LEDGER: Final = Job("upkeep.check_ledger", Queue.UPKEEP, max_age_ms=600_000)
RECONCILE: Final = Job("reconciliation.reconcile", Queue.UPKEEP, max_age_ms=3_600_000)

# The outbox's topics: every row of one becomes this job, with the row's id and payload.
OUTBOX_TOPICS: Final[Mapping[str, Job]] = {
    "account.erased": ERASE_ACCOUNT,
    "account.export": EXPORT_ACCOUNT,
    "notification.email": NOTIFICATION_EMAIL,
    "payment.auto_reload": AUTO_RELOAD,
    "payout.execute": EXECUTE_PAYOUT,
    "refund.execute": EXECUTE_REFUND,
    "session.settled": APPLY_SETTLED,
}


def stripe_webhook(event_type: str, queue: Queue) -> Job:
    """Return the job that processes one type of Stripe event.

    Args:
        event_type: Stripe's name of it.
        queue: Queue of the domain it belongs to.
    """
    return Job(f"stripe.webhook.{event_type}", queue)


def message(job: Job, *, request: str | None = None, **arguments: JsonValue) -> dramatiq.Message[None]:
    """Build a message, ready to be enqueued.

    Args:
        job: What is asked for.
        request: Request id it carries; the current one, or a fresh one, when None.
        arguments: The actor's keyword arguments.
    """
    options: dict[str, JsonValue] = {"request_id": request or request_id.current_or_new()}
    if job.max_age_ms is not None:
        options["max_age"] = job.max_age_ms
    return dramatiq.Message(
        queue_name=job.queue.value, actor_name=job.actor, args=(), kwargs=arguments, options=options
    )
