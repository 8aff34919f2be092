"""Fills a wallet from a saved card: written down before Stripe is asked, looked up before it is asked again.

The money is credited by the PaymentIntent's own event, as for every top-up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

import stripe

from soulseer import logs
from soulseer.stripe_client import metadata_id, payment_failure
from soulseer.worker_api import auto_reload, outbox
from soulseer.worker_api.auto_reload import Outcome, ReloadAttempt
from workers.inbox import describe
from workers.tools import Tools

log = logs.get(__name__)

_AUTHENTICATION: Final = "authentication_required"
_CONFLICT: Final = 409
_PAGE: Final = 100
# The database's clock and Stripe's need not agree; a list reaches back further than they could differ.
_CLOCKS_APART: Final = timedelta(hours=1)


class Result(NamedTuple):
    """What became of an attempt: its outcome, the PaymentIntent where there is one, and why it failed."""

    outcome: Outcome
    payment_intent_id: str | None = None
    code: str | None = None


def execute(tools: Tools, outbox_id: UUID) -> None:
    """Charge the saved card once, or find out what an earlier try came to.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it; it ends when the outcome is recorded.

    Raises:
        RpcError: The database refused a step.
        RpcUnavailableError: The database is away. Either way the row is due again later, and what was
            done at Stripe is found there.
    """
    attempt = tools.rpc.run(auto_reload.start_auto_reload(outbox_id))
    if attempt is None:
        log.info("auto_reload_not_due", outbox_id=str(outbox_id))
        return
    try:
        found = None if attempt.first_tried_at is None else _find(tools.stripe, attempt)
    except stripe.StripeError as error:
        # Whatever its reason, it is no refusal of the charge, which an earlier try may have made.
        log.warning("auto_reload_look_up_failed", attempt_id=str(attempt.attempt_id), error=describe(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=True))
        return
    try:
        result = result_of(found or _create(tools.stripe, attempt))
    except (stripe.RateLimitError, stripe.AuthenticationError) as error:
        # Surely not looked at: the same is due again.
        log.warning("auto_reload_not_tried", attempt_id=str(attempt.attempt_id), error=describe(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=True))
        return
    except stripe.StripeError as error:
        result = result_of_error(error)
    tools.rpc.run(
        auto_reload.record_auto_reload(
            outbox_id=outbox_id,
            attempt_id=attempt.attempt_id,
            outcome=result.outcome,
            payment_intent_id=result.payment_intent_id,
            code=result.code,
        )
    )
    log.info(
        "auto_reload_tried",
        attempt_id=str(attempt.attempt_id),
        transaction_id=str(attempt.transaction_id),
        payment_intent_id=result.payment_intent_id,
        outcome=result.outcome,
        code=result.code,
    )


def _create(client: stripe.StripeClient, attempt: ReloadAttempt) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {
            "amount": attempt.amount,
            "currency": attempt.currency.lower(),
            "customer": attempt.stripe_customer_id,
            "payment_method": attempt.payment_method_id,
            "allowed_payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "metadata": {
                "transaction_id": str(attempt.transaction_id),
                "user_id": str(attempt.user_id),
                "attempt_id": str(attempt.attempt_id),
            },
        },
        {"idempotency_key": attempt.idempotency_key},
    )


def _find(client: stripe.StripeClient, attempt: ReloadAttempt) -> stripe.PaymentIntent | None:
    """Return the PaymentIntent an earlier try made, if it made one."""
    since = 0 if attempt.first_tried_at is None else int((attempt.first_tried_at - _CLOCKS_APART).timestamp())
    listed = client.v1.payment_intents.list(
        {"customer": attempt.stripe_customer_id, "created": {"gte": since}, "limit": _PAGE}
    )
    mine = (found for found in listed.auto_paging_iter())
    return next((found for found in mine if metadata_id(found.metadata, "attempt_id") == attempt.attempt_id), None)


def result_of(intent: stripe.PaymentIntent) -> Result:
    """Tell what a PaymentIntent says of the attempt.

    Args:
        intent: As Stripe answered or listed it.
    """
    if intent.status in {"succeeded", "processing"}:
        return Result("succeeded", intent.id)
    if intent.status in {"requires_action", "requires_confirmation"}:
        return Result(_AUTHENTICATION, intent.id, _AUTHENTICATION)
    failure = payment_failure(intent)
    if failure is None:
        return Result("refused", intent.id, intent.status)
    return Result(_AUTHENTICATION if failure.code == _AUTHENTICATION else "declined", intent.id, failure.reason)


def result_of_error(error: stripe.StripeError) -> Result:
    """Tell what a failed creation means for the money.

    Args:
        error: What the library raised.

    Returns:
        A card's decline or wish for authentication; `refused` when Stripe examined the request and could
        do nothing with it; `unknown` when the charge may have been made all the same.
    """
    if isinstance(error, stripe.CardError):
        intent_id = None if error.error is None or error.error.payment_intent is None else error.error.payment_intent.id
        if error.code == _AUTHENTICATION:
            return Result(_AUTHENTICATION, intent_id, error.code)
        return Result("declined", intent_id, _decline_code(error))
    examined = isinstance(error, stripe.InvalidRequestError | stripe.PermissionError)
    # A conflict is a twin of this very request still under way: its outcome is not known yet.
    if examined and error.http_status != _CONFLICT:
        return Result("refused", None, error.code or type(error).__name__)
    return Result("unknown", None, error.code or type(error).__name__)


def _decline_code(error: stripe.CardError) -> str | None:
    return error.code if error.error is None else error.error.decline_code or error.code
