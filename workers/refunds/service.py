"""Sends refunds to Stripe, each written down before it is tried and looked up before it is repeated."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import stripe

from soulseer import logs
from soulseer.stripe_client import metadata_id
from soulseer.worker_api import outbox, refunds
from soulseer.worker_api.refunds import RefundAttempt
from workers.inbox import describe
from workers.outcomes import LookUpFailedError, outcome_of
from workers.tools import Tools

log = logs.get(__name__)

_PAGE: Final = 100


def execute(tools: Tools, outbox_id: UUID) -> None:
    """Make a refund at Stripe, or find the one an earlier try made, and record it.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it; it ends with the refund recorded.

    Raises:
        RpcError: The database refused a step.
        RpcUnavailableError: The database is away. Either way the row is due again later, and what was
            done at Stripe is found there.
    """
    attempt = tools.rpc.run(refunds.start_refund_attempt(outbox_id))
    if attempt is None:
        log.info("refund_nothing_to_send", outbox_id=str(outbox_id))
        return
    try:
        refund = _looked_up(tools.stripe, attempt) or _create(tools.stripe, attempt)
    except LookUpFailedError as error:
        log.warning("refund_look_up_failed", refund_id=str(attempt.refund_id), error=str(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, str(error), is_away=True))
        return
    except stripe.StripeError as error:
        _record_failure(tools, outbox_id, attempt, error)
        return
    tools.rpc.run(
        refunds.record_card_refund(outbox_id=outbox_id, attempt_id=attempt.attempt_id, stripe_refund_id=refund.id)
    )
    log.info("refund_made", refund_id=str(attempt.refund_id), stripe_refund_id=refund.id, status=refund.status)


def _looked_up(client: stripe.StripeClient, attempt: RefundAttempt) -> stripe.Refund | None:
    """Return the refund an earlier try made, if there was one and it did.

    Raises:
        LookUpFailedError: Stripe did not say. Whatever its reason, it is no refusal of the refund
            itself, which an earlier try may have made.
    """
    if attempt.first_tried_at is None:
        return None
    try:
        listed = client.v1.refunds.list({"payment_intent": attempt.payment_intent_id, "limit": _PAGE})
        mine = (found for found in listed.auto_paging_iter() if _is_of(found, attempt))
        return next(mine, None)
    except stripe.StripeError as error:
        raise LookUpFailedError(describe(error)) from error


def _is_of(refund: stripe.Refund, attempt: RefundAttempt) -> bool:
    return metadata_id(refund.metadata, "attempt_id") == attempt.attempt_id


def _create(client: stripe.StripeClient, attempt: RefundAttempt) -> stripe.Refund:
    return client.v1.refunds.create(
        {
            "amount": attempt.amount,
            "payment_intent": attempt.payment_intent_id,
            "reason": "requested_by_customer",
            "metadata": {"refund_id": str(attempt.refund_id), "attempt_id": str(attempt.attempt_id)},
        },
        {"idempotency_key": attempt.idempotency_key},
    )


def _record_failure(tools: Tools, outbox_id: UUID, attempt: RefundAttempt, error: stripe.StripeError) -> None:
    outcome = outcome_of(error)
    log.warning(
        "refund_failed", refund_id=str(attempt.refund_id), outcome=outcome or "not_tried", error=describe(error)
    )
    if outcome is None:
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=True))
        return
    tools.rpc.run(
        refunds.record_refund_failure(
            outbox_id=outbox_id,
            attempt_id=attempt.attempt_id,
            outcome=outcome,
            code=error.code or type(error).__name__,
            message=error.user_message or describe(error),
        )
    )
