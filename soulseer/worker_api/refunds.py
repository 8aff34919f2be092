"""Refunds to card: sending our own, and applying what Stripe says about any."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import NOTHING, call
from soulseer.worker_api.applied import APPLIED, Applied
from soulseer.worker_api.outbox import Outcome

_ID: Final[TypeAdapter[UUID | None]] = TypeAdapter(UUID | None)


class RefundAttempt(Row):
    """A refund's attempt as it was frozen.

    Attributes:
        refund_id: The refund.
        attempt_id: The attempt; the key sent to Stripe carries it.
        amount: Minor units.
        payment_intent_id: The payment whose card gets it.
        idempotency_key: Key of the refund at Stripe.
        first_tried_at: When the attempt was first tried; None on the first try.
    """

    refund_id: UUID
    attempt_id: UUID
    amount: int
    payment_intent_id: str
    idempotency_key: str
    first_tried_at: datetime | None


_ATTEMPT: Final[TypeAdapter[RefundAttempt | None]] = TypeAdapter(RefundAttempt | None)


def start_refund_attempt(outbox_id: UUID) -> Call[RefundAttempt | None]:
    """Mark the attempt tried, before any call to Stripe; answers None when there is nothing to send now."""
    return call("start_refund_attempt", _ATTEMPT, outbox_id=outbox_id)


def record_card_refund(*, outbox_id: UUID, attempt_id: UUID, stripe_refund_id: str) -> Call[None]:
    """Record that the refund exists, which posts the hold, and end the outbox row.

    Args:
        outbox_id: The row.
        attempt_id: The attempt.
        stripe_refund_id: Stripe's id.
    """
    return call(
        "record_card_refund",
        NOTHING,
        outbox_id=outbox_id,
        attempt_id=attempt_id,
        stripe_refund_id=stripe_refund_id,
    )


def record_refund_failure(
    *, outbox_id: UUID, attempt_id: UUID, outcome: Outcome, code: str, message: str
) -> Call[None]:
    """Record how an attempt failed.

    Args:
        outbox_id: The row.
        attempt_id: The attempt.
        outcome: `refused` releases the money, `unknown` keeps it until the refund's fate is known,
            `insufficient_balance` waits for our balance at Stripe.
        code: Stripe's code.
        message: The reason, shown to admins.
    """
    return call(
        "record_refund_failure",
        NOTHING,
        repeatable=False,
        outbox_id=outbox_id,
        attempt_id=attempt_id,
        outcome=outcome,
        code=code,
        message=message,
    )


@dataclass(frozen=True, slots=True)
class FetchedRefund:
    """A refund as it was fetched.

    Attributes:
        stripe_refund_id: Stripe's id.
        payment_intent_id: The payment it gives back.
        attempt_id: Ours, from the object's metadata; None for one made in the dashboard.
        amount: Minor units.
        currency: Upper case.
        status: Stripe's status.
        failure_reason: Why it failed.
        failure_transaction_id: Balance transaction by which the money came back.
    """

    stripe_refund_id: str
    payment_intent_id: str
    attempt_id: UUID | None
    amount: int
    currency: str
    status: str | None
    failure_reason: str | None
    failure_transaction_id: str | None


def apply_refund(event_id: str, sequence: int, refund: FetchedRefund) -> Call[Applied]:
    """Take over a refund's state: booked once when it exists, undone once when it failed.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the refund was fetched.
        refund: The refund.

    Refused with `transaction_not_found` while the top-up is not credited yet.
    """
    return call("apply_refund", APPLIED, event_id=event_id, sequence=sequence, **asdict(refund))


def record_refund_made(sequence: int, refund: FetchedRefund) -> Call[UUID | None]:
    """Take over a refund's state before something else about its payment is applied; answers its transaction.

    Args:
        sequence: Sequence taken before the refund was fetched.
        refund: The refund.

    Refused with `transaction_not_found` while the top-up is not credited yet.
    """
    return call("record_refund_made", _ID, sequence=sequence, **asdict(refund))


def reconcile_charge_refunds(
    *, event_id: str, payment_intent_id: str, amount_refunded: int, currency: str
) -> Call[Applied]:
    """Compare what Stripe has refunded of a charge with what is booked; moves no money.

    Args:
        event_id: Event that is processed by this.
        payment_intent_id: The charge's payment.
        amount_refunded: Minor units, cumulative.
        currency: Upper case.

    Refused with `transaction_not_found` while the two differ.
    """
    return call(
        "reconcile_charge_refunds",
        APPLIED,
        event_id=event_id,
        payment_intent_id=payment_intent_id,
        amount_refunded=amount_refunded,
        currency=currency,
    )
