"""A reader's account at Stripe, where earnings are paid to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import TEXT, call
from soulseer.worker_api.applied import APPLIED, Applied


class PayoutAccount(Row):
    """What is known of a reader before onboarding at Stripe.

    Attributes:
        user_id: The reader.
        email: Address for Stripe's onboarding.
        country: Two letters, where known.
        stripe_account_id: The account, once there is one.
        former_account_id: The account that is gone and is to be followed by another.
    """

    user_id: UUID
    email: str | None
    country: str | None
    stripe_account_id: str | None
    former_account_id: str | None = None


_PAYOUT_ACCOUNT: Final = TypeAdapter(PayoutAccount)


def begin_payout_account(user_id: UUID) -> Call[PayoutAccount]:
    """Begin a reader's onboarding. Refused with not_a_reader or account_suspended."""
    return call("begin_payout_account", _PAYOUT_ACCOUNT, user_id=user_id)


def record_payout_account(user_id: UUID, stripe_account_id: str) -> Call[str]:
    """Record a reader's account at Stripe; answers the one that stands."""
    return call("record_payout_account", TEXT, user_id=user_id, stripe_account_id=stripe_account_id)


def apply_account(
    *,
    event_id: str,
    sequence: int,
    account_id: str,
    details_submitted: bool,
    transfers_active: bool,
    payouts_enabled: bool,
    disabled_reason: str | None,
    requirements_due: list[str],
) -> Call[Applied]:
    """Take over an account's state; opens or closes the reader's payout gate.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the account was fetched.
        account_id: Stripe's id.
        details_submitted: Whether onboarding was finished.
        transfers_active: Whether it can receive transfers.
        payouts_enabled: Whether it can pay out to a bank.
        disabled_reason: Why not.
        requirements_due: What Stripe still asks for.
    """
    return call(
        "apply_account",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        account_id=account_id,
        details_submitted=details_submitted,
        transfers_active=transfers_active,
        payouts_enabled=payouts_enabled,
        disabled_reason=disabled_reason,
        requirements_due=requirements_due,
    )
