"""The steps of a payout, each recorded before the next is tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import NOTHING, call
from soulseer.worker_api.applied import APPLIED, Applied
from soulseer.worker_api.outbox import Outcome

Step = Literal["transfer", "bank_payout"]


class PayoutAttempt(Row):
    """A payout's attempt as it was frozen, and how far it has come.

    Attributes:
        payout_id: The payout.
        attempt_id: The attempt; every key sent to Stripe carries it.
        step: What is to be done next.
        amount: Minor units.
        currency: Upper case.
        destination: The reader's account at Stripe.
        method: How the bank payout is asked for.
        transfer_key: Idempotency key of the transfer.
        payout_key: Idempotency key of the bank payout.
        transfer_id: The transfer, once it is recorded.
        stripe_payout_id: The bank payout, once it is recorded.
        first_tried_at: When the attempt was first tried.
        transfer_group: Marks the transfer, so that it can be looked up.
    """

    payout_id: UUID
    attempt_id: UUID
    step: Literal["transfer", "bank_payout", "done"]
    amount: int
    currency: str
    destination: str
    method: Literal["standard", "instant"]
    transfer_key: str
    payout_key: str
    transfer_id: str | None
    stripe_payout_id: str | None
    first_tried_at: datetime | None
    transfer_group: str


class TransferReversal(Row):
    """A part of a transfer that was taken back.

    Attributes:
        id: Stripe's id, `trr_…`.
        amount: Minor units.
    """

    id: str
    amount: int


_ATTEMPT: Final[TypeAdapter[PayoutAttempt | None]] = TypeAdapter(PayoutAttempt | None)


def start_payout_attempt(outbox_id: UUID) -> Call[PayoutAttempt | None]:
    """Mark the attempt tried, before any call to Stripe; answers None when its row is gone and all is done."""
    return call("start_payout_attempt", _ATTEMPT, outbox_id=outbox_id)


def record_transfer(attempt_id: UUID, transfer_id: str) -> Call[None]:
    """Record that the transfer exists, which posts the hold."""
    return call("record_transfer", NOTHING, attempt_id=attempt_id, transfer_id=transfer_id)


def record_bank_payout(*, outbox_id: UUID, attempt_id: UUID, stripe_payout_id: str, status: str) -> Call[None]:
    """Record the bank payout and end the outbox row.

    Args:
        outbox_id: The row.
        attempt_id: The attempt.
        stripe_payout_id: Stripe's id.
        status: Stripe's status.
    """
    return call(
        "record_bank_payout",
        NOTHING,
        outbox_id=outbox_id,
        attempt_id=attempt_id,
        stripe_payout_id=stripe_payout_id,
        status=status,
    )


def record_payout_failure(
    *, outbox_id: UUID, attempt_id: UUID, step: Step, outcome: Outcome, code: str | None, message: str
) -> Call[None]:
    """Record how a step failed.

    Args:
        outbox_id: The row.
        attempt_id: The attempt.
        step: The step that failed.
        outcome: `refused` releases the money, `unknown` keeps it until the step's fate is known,
            `insufficient_balance` waits for our balance at Stripe.
        code: Stripe's code.
        message: The reason, shown to admins.
    """
    return call(
        "record_payout_failure",
        NOTHING,
        repeatable=False,
        outbox_id=outbox_id,
        attempt_id=attempt_id,
        step=step,
        outcome=outcome,
        code=code,
        message=message,
    )


def abandon_bank_payout(outbox_id: UUID, attempt_id: UUID) -> Call[None]:
    """Record that the account was gone before its bank payout was known to be made, and end the outbox row."""
    return call("abandon_bank_payout", NOTHING, outbox_id=outbox_id, attempt_id=attempt_id)


def apply_transfer(
    *,
    event_id: str,
    transfer_id: str,
    attempt_id: UUID | None,
    amount: int,
    reversals: Sequence[TransferReversal],
    currency: str,
) -> Call[Applied]:
    """Confirm a transfer, and book each of its reversals once.

    Args:
        event_id: Event that is processed by this.
        transfer_id: Stripe's id.
        attempt_id: Ours, from the object's metadata.
        amount: Minor units.
        reversals: What was taken back of it so far.
        currency: Upper case.
    """
    return call(
        "apply_transfer",
        APPLIED,
        event_id=event_id,
        transfer_id=transfer_id,
        attempt_id=attempt_id,
        amount=amount,
        reversals=[reversal.model_dump(mode="json") for reversal in reversals],
        currency=currency,
    )


def apply_payout_state(
    *,
    event_id: str,
    sequence: int,
    account_id: str,
    stripe_payout_id: str,
    status: str,
    failure_code: str | None,
    attempt_id: UUID | None,
) -> Call[Applied]:
    """Take over the state of a bank payout; no money moves by it.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the payout was fetched.
        account_id: The connected account it belongs to.
        stripe_payout_id: Stripe's id.
        status: Stripe's status.
        failure_code: Why it failed.
        attempt_id: The attempt of ours that its metadata names.
    """
    return call(
        "apply_payout_state",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        account_id=account_id,
        stripe_payout_id=stripe_payout_id,
        status=status,
        failure_code=failure_code,
        attempt_id=attempt_id,
    )


def apply_unreachable_payout(
    *, event_id: str, stripe_payout_id: str, status: str, failure_code: str | None, attempt_id: UUID | None
) -> Call[Applied]:
    """Take over what an event told of a bank payout whose account is gone, so that it cannot be fetched.

    Args:
        event_id: Event that is processed by this.
        stripe_payout_id: Stripe's id.
        status: Stripe's status, as the event told it.
        failure_code: Why it failed.
        attempt_id: The attempt of ours that its metadata names.
    """
    return call(
        "apply_unreachable_payout",
        APPLIED,
        event_id=event_id,
        stripe_payout_id=stripe_payout_id,
        status=status,
        failure_code=failure_code,
        attempt_id=attempt_id,
    )


def apply_bank_account(event_id: str, account_id: str) -> Call[Applied]:
    """Try bank payouts again that failed, now that their account names another bank account.

    Args:
        event_id: Event that is processed by this.
        account_id: The connected account.
    """
    return call("apply_bank_account", APPLIED, event_id=event_id, account_id=account_id)


def apply_platform_payout(
    *, event_id: str, sequence: int, stripe_payout_id: str, amount: int, currency: str, status: str
) -> Call[Applied]:
    """Follow a payout from our own balance at Stripe to our own bank.

    Args:
        event_id: Event that is processed by this.
        sequence: Taken before the object was fetched.
        stripe_payout_id: Stripe's id.
        amount: Minor units; negative when Stripe took from the bank.
        currency: Upper case.
        status: Stripe's status.
    """
    return call(
        "apply_platform_payout",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        stripe_payout_id=stripe_payout_id,
        amount=amount,
        currency=currency,
        status=status,
    )


class ScheduledPayouts(Row):
    """What a call of the schedule did.

    Attributes:
        requested: Payouts it requested.
        more: Whether readers are left.
    """

    requested: int
    more: bool


_SCHEDULED: Final = TypeAdapter(ScheduledPayouts)


def request_scheduled_payouts() -> Call[ScheduledPayouts]:
    """Request the payouts that are due by the platform's schedule, a bounded number."""
    return call("request_scheduled_payouts", _SCHEDULED)


def apply_balance_available(event_id: str, account_id: str | None) -> Call[Applied]:
    """Let what waits for a balance at Stripe be tried now.

    Args:
        event_id: Event that is processed by this.
        account_id: The connected account whose balance it is; None for ours.
    """
    return call("apply_balance_available", APPLIED, event_id=event_id, account_id=account_id)
