"""Applying what Stripe says about payments to wallets."""

from __future__ import annotations

from uuid import UUID

from soulseer.rpc import Call
from soulseer.worker_api._call import call
from soulseer.worker_api.applied import APPLIED, Applied


def apply_payment_intent(  # noqa: PLR0913  the SQL function's arguments, by name
    *,
    event_id: str,
    sequence: int,
    payment_intent_id: str,
    status: str,
    amount: int,
    amount_received: int,
    currency: str,
    error_code: str | None,
    transaction_id: UUID | None,
) -> Call[Applied]:
    """Take over a PaymentIntent's state; credits the wallet once, on `succeeded`.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the object was fetched.
        payment_intent_id: Stripe's id.
        status: Stripe's status.
        amount: Asked, in minor units.
        amount_received: Received, in minor units.
        currency: Upper case.
        error_code: Why the last attempt failed.
        transaction_id: Ours, from the object's metadata.

    Refused with `transaction_not_found` while our own row is not there yet.
    """
    return call(
        "apply_payment_intent",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        payment_intent_id=payment_intent_id,
        status=status,
        amount=amount,
        amount_received=amount_received,
        currency=currency,
        error_code=error_code,
        transaction_id=transaction_id,
    )


def apply_checkout_session(
    *, event_id: str, sequence: int, session_id: str, status: str, transaction_id: UUID | None
) -> Call[Applied]:
    """Take over the state of a Checkout Session on which no payment was tried; moves no money.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the object was fetched.
        session_id: Stripe's id.
        status: Stripe's status.
        transaction_id: Ours, from the object's metadata.

    Refused with `transaction_not_found` while our own row is not there yet.
    """
    return call(
        "apply_checkout_session",
        APPLIED,
        event_id=event_id,
        sequence=sequence,
        session_id=session_id,
        status=status,
        transaction_id=transaction_id,
    )


def apply_charge_fee(
    *,
    event_id: str,
    payment_intent_id: str,
    charge_id: str,
    balance_transaction_id: str,
    fee: int,
    net: int,
    currency: str,
) -> Call[Applied]:
    """Post the fee Stripe kept of a charge, once.

    Args:
        event_id: Event that is processed by this.
        payment_intent_id: The charge's PaymentIntent.
        charge_id: Stripe's id.
        balance_transaction_id: Business key of the posting.
        fee: Minor units.
        net: Minor units, amount less fee.
        currency: Upper case.
    """
    return call(
        "apply_charge_fee",
        APPLIED,
        event_id=event_id,
        payment_intent_id=payment_intent_id,
        charge_id=charge_id,
        balance_transaction_id=balance_transaction_id,
        fee=fee,
        net=net,
        currency=currency,
    )
