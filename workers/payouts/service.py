"""Executes payouts step by step, each written down before it is tried and looked up before it is repeated.

Money leaves in two steps: a transfer to the reader's balance at Stripe, which discharges us, and a bank
payout from there. Whatever is tried a second time goes under the same key, and only after Stripe's own
list did not show it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

import stripe

from soulseer import logs
from soulseer.stripe_client import metadata_id
from soulseer.worker_api import outbox, payouts
from soulseer.worker_api.payouts import PayoutAttempt, Step
from workers.inbox import describe
from workers.outcomes import LookUpFailedError, is_gone, outcome_of
from workers.tools import Tools

log = logs.get(__name__)

_PAGE: Final = 100
# The database's clock and Stripe's need not agree; a list reaches back further than they could differ.
_CLOCKS_APART: Final = timedelta(hours=1)


Found = TypeVar("Found", stripe.Transfer, stripe.Payout)
Find = Callable[[stripe.StripeClient, PayoutAttempt], Found | None]


def execute(tools: Tools, outbox_id: UUID) -> None:
    """Take a payout as far as it goes now.

    Args:
        tools: What the jobs work with.
        outbox_id: The row that asks for it; it ends with the last step recorded.

    Raises:
        RpcError: The database refused a step.
        RpcUnavailableError: The database is away. Either way the row is due again later, and what was
            done at Stripe is found there.
    """
    attempt = tools.rpc.run(payouts.start_payout_attempt(outbox_id))
    if attempt is None or attempt.step == "done":
        log.info("payout_done_already", outbox_id=str(outbox_id))
        return
    step: Step = attempt.step
    try:
        if step == "transfer":
            transfer = _looked_up(_find_transfer, tools, attempt) or _create_transfer(tools.stripe, attempt)
            tools.rpc.run(payouts.record_transfer(attempt.attempt_id, transfer.id))
            log.info("transfer_made", payout_id=str(attempt.payout_id), transfer_id=transfer.id)
            step = "bank_payout"
        bank = _looked_up(_find_bank_payout, tools, attempt) or _create_bank_payout(tools.stripe, attempt)
    except (LookUpFailedError, stripe.StripeError) as error:
        _record_failure(tools, outbox_id, attempt, step, error)
        return
    tools.rpc.run(
        payouts.record_bank_payout(
            outbox_id=outbox_id,
            attempt_id=attempt.attempt_id,
            stripe_payout_id=bank.id,
            status=bank.status,
        )
    )
    log.info("bank_payout_made", payout_id=str(attempt.payout_id), stripe_payout_id=bank.id, status=bank.status)


def _looked_up(find: Find[Found], tools: Tools, attempt: PayoutAttempt) -> Found | None:
    """Return what an earlier try made, if there was one and it did.

    Raises:
        LookUpFailedError: Stripe did not say. Whatever its reason, it is no refusal of the step itself,
            which an earlier try may have made.
    """
    if attempt.first_tried_at is None:
        return None
    try:
        return find(tools.stripe, attempt)
    except stripe.StripeError as error:
        raise LookUpFailedError(describe(error)) from error


def _find_transfer(client: stripe.StripeClient, attempt: PayoutAttempt) -> stripe.Transfer | None:
    """Return the transfer an earlier try made, if it made one."""
    listed = client.v1.transfers.list({"transfer_group": attempt.transfer_group, "limit": _PAGE})
    return next((found for found in listed.auto_paging_iter() if _is_of(found.metadata, attempt)), None)


def _create_transfer(client: stripe.StripeClient, attempt: PayoutAttempt) -> stripe.Transfer:
    return client.v1.transfers.create(
        {
            "amount": attempt.amount,
            "currency": attempt.currency.lower(),
            "destination": attempt.destination,
            "transfer_group": attempt.transfer_group,
            "metadata": _marks(attempt),
        },
        {"idempotency_key": attempt.transfer_key},
    )


def _find_bank_payout(client: stripe.StripeClient, attempt: PayoutAttempt) -> stripe.Payout | None:
    """Return the bank payout an earlier try made, if it made one that still stands."""
    since = 0 if attempt.first_tried_at is None else int((attempt.first_tried_at - _CLOCKS_APART).timestamp())
    listed = client.v1.payouts.list(
        {"created": {"gte": since}, "limit": _PAGE}, {"stripe_account": attempt.destination}
    )
    mine = (found for found in listed.auto_paging_iter() if _is_of(found.metadata, attempt))
    # One that failed has returned its money to the reader's balance at Stripe; another may follow it.
    return next((found for found in mine if found.status not in {"failed", "canceled"}), None)


def _create_bank_payout(client: stripe.StripeClient, attempt: PayoutAttempt) -> stripe.Payout:
    return client.v1.payouts.create(
        {
            "amount": attempt.amount,
            "currency": attempt.currency.lower(),
            "method": attempt.method,
            "metadata": _marks(attempt),
        },
        {"stripe_account": attempt.destination, "idempotency_key": attempt.payout_key},
    )


def _marks(attempt: PayoutAttempt) -> dict[str, str]:
    return {"payout_id": str(attempt.payout_id), "attempt_id": str(attempt.attempt_id)}


def _is_of(metadata: object, attempt: PayoutAttempt) -> bool:
    return metadata_id(metadata, "attempt_id") == attempt.attempt_id


def _record_failure(
    tools: Tools, outbox_id: UUID, attempt: PayoutAttempt, step: Step, error: LookUpFailedError | stripe.StripeError
) -> None:
    if step == "bank_payout" and (is_gone(error) or is_gone(error.__cause__)):
        log.warning("payout_account_gone", payout_id=str(attempt.payout_id), account_id=attempt.destination)
        tools.rpc.run(payouts.abandon_bank_payout(outbox_id, attempt.attempt_id))
        return
    if isinstance(error, LookUpFailedError):
        log.warning("payout_look_up_failed", payout_id=str(attempt.payout_id), step=step, error=str(error))
        tools.rpc.run(outbox.fail_outbox(outbox_id, str(error), is_away=True))
        return
    outcome = outcome_of(error)
    log.warning(
        "payout_step_failed",
        payout_id=str(attempt.payout_id),
        step=step,
        outcome=outcome or "not_tried",
        error=describe(error),
    )
    if outcome is None:
        tools.rpc.run(outbox.fail_outbox(outbox_id, describe(error), is_away=True))
        return
    tools.rpc.run(
        payouts.record_payout_failure(
            outbox_id=outbox_id,
            attempt_id=attempt.attempt_id,
            step=step,
            outcome=outcome,
            code=error.code or type(error).__name__,
            message=error.user_message or describe(error),
        )
    )
