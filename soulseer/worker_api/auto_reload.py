"""The steps of an auto-reload, each recorded before the next is tried."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import FLAG, call

Outcome = Literal["succeeded", "declined", "authentication_required", "refused", "unknown"]


class ReloadAttempt(Row):
    """What Stripe is asked, as it was frozen.

    Attributes:
        attempt_id: The attempt; the payment carries it.
        user_id: Whose wallet it fills.
        transaction_id: Our transaction.
        amount: Minor units.
        currency: Upper case.
        stripe_customer_id: The person's customer at Stripe.
        payment_method_id: The saved card.
        idempotency_key: Of the PaymentIntent.
        first_tried_at: When it was first tried; None on the first try.
    """

    attempt_id: UUID
    user_id: UUID
    transaction_id: UUID
    amount: int
    currency: str
    stripe_customer_id: str
    payment_method_id: str
    idempotency_key: str
    first_tried_at: datetime | None


_ATTEMPT: Final[TypeAdapter[ReloadAttempt | None]] = TypeAdapter(ReloadAttempt | None)


def start_auto_reload(outbox_id: UUID) -> Call[ReloadAttempt | None]:
    """Freeze what Stripe will be asked, before it is; answers None when nothing is to be charged, or all is done."""
    return call("start_auto_reload", _ATTEMPT, outbox_id=outbox_id)


def record_auto_reload(
    *, outbox_id: UUID, attempt_id: UUID, outcome: Outcome, payment_intent_id: str | None, code: str | None
) -> Call[bool]:
    """Record what Stripe answered; answers False when that is known already.

    Args:
        outbox_id: The row.
        attempt_id: The attempt.
        outcome: `declined` waits and is tried again another time, `authentication_required` and `refused`
            switch auto-reload off, `unknown` keeps the attempt open until its fate is known.
        payment_intent_id: The PaymentIntent, where Stripe made one.
        code: Why it failed.
    """
    return call(
        "record_auto_reload",
        FLAG,
        outbox_id=outbox_id,
        attempt_id=attempt_id,
        outcome=outcome,
        payment_intent_id=payment_intent_id,
        code=code,
    )
