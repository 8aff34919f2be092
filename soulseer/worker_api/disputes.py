"""Applying what Stripe says about disputes and early fraud warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from soulseer.rpc import Call
from soulseer.worker_api._call import call
from soulseer.worker_api.applied import APPLIED, Applied


class Movement(TypedDict):
    """One balance transaction of a dispute.

    Attributes:
        id: Stripe's id, the business key of its postings.
        amount: Minor units; negative when Stripe took it.
        fee: Minor units; negative when it came back.
        currency: Upper case.
        created: Seconds since 1970.
    """

    id: str
    amount: int
    fee: int
    currency: str
    created: int


def apply_dispute(  # noqa: PLR0913  the SQL function's arguments, by name
    *,
    event_id: str,
    sequence: int,
    stripe_dispute_id: str,
    charge_id: str,
    payment_intent_id: str,
    status: str,
    reason: str,
    amount: int,
    currency: str,
    due_at: datetime | None,
    movements: Sequence[Movement],
) -> Call[Applied]:
    """Take over a dispute's state: freeze or thaw the wallet, and post its movements once each.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the dispute was fetched.
        stripe_dispute_id: Stripe's id.
        charge_id: The disputed charge.
        payment_intent_id: Its payment.
        status: Stripe's status.
        reason: Stripe's reason.
        amount: Disputed, in minor units.
        currency: Upper case.
        due_at: Until when evidence may be sent.
        movements: Its balance transactions so far.

    Refused with `transaction_not_found` while the top-up is not credited yet.
    """
    return call(
        "apply_dispute",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        stripe_dispute_id=stripe_dispute_id,
        charge_id=charge_id,
        payment_intent_id=payment_intent_id,
        status=status,
        reason=reason,
        amount=amount,
        currency=currency,
        due_at=due_at,
        movements=movements,
    )


def apply_fraud_warning(
    *,
    event_id: str,
    sequence: int,
    warning_id: str,
    charge_id: str,
    payment_intent_id: str,
    currency: str,
    is_actionable: bool,
    is_refunded: bool,
) -> Call[Applied]:
    """Freeze the wallet while a warning can be acted on.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the warning was fetched.
        warning_id: Stripe's id.
        charge_id: The charge it warns of.
        payment_intent_id: Its payment.
        currency: Upper case.
        is_actionable: Neither disputed nor wholly refunded yet.
        is_refunded: Whether the charge is wholly refunded.
    """
    return call(
        "apply_fraud_warning",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        warning_id=warning_id,
        charge_id=charge_id,
        payment_intent_id=payment_intent_id,
        currency=currency,
        is_actionable=is_actionable,
        is_refunded=is_refunded,
    )
