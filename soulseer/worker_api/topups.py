"""Preparing a top-up for a signed-in user."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import NOTHING, TEXT, call


class Topup(Row):
    """A top-up that was begun.

    Attributes:
        transaction_id: Our transaction.
        amount: Minor units.
        currency: Upper case.
        email: The user's address, for Stripe's receipt.
        stripe_customer_id: The user's customer at Stripe, once there is one.
        payment_intent_id: The PaymentIntent, once it is recorded.
        checkout_session_id: The Checkout Session, once it is recorded.
        status: Status of the transaction.
    """

    transaction_id: UUID
    amount: int
    currency: str
    email: str | None
    stripe_customer_id: str | None
    payment_intent_id: str | None
    checkout_session_id: str | None = None
    status: str


_TOPUP: Final = TypeAdapter(Topup)


def begin_topup(
    *, user_id: UUID, amount: int, currency: str, idempotency_key: str, save_card: bool = False, checkout: bool = False
) -> Call[Topup]:
    """Begin a top-up, or return the one begun before with this key.

    Args:
        user_id: The verified user.
        amount: Minor units.
        currency: Upper case.
        idempotency_key: The caller's key.
        save_card: Whether Stripe is to keep the card for the user.
        checkout: Whether it is paid on a page of Stripe's.

    Refused with idempotency_key_reused, amount_out_of_range, currency_mismatch, account_suspended,
    topups_disabled or rate_limited.
    """
    return call(
        "begin_topup",
        _TOPUP,
        user_id=user_id,
        amount=amount,
        currency=currency,
        idempotency_key=idempotency_key,
        save_card=save_card,
        checkout=checkout,
    )


def record_stripe_customer(user_id: UUID, stripe_customer_id: str) -> Call[str]:
    """Record a user's customer at Stripe; answers the one that stands."""
    return call("record_stripe_customer", TEXT, user_id=user_id, stripe_customer_id=stripe_customer_id)


def record_payment_intent(transaction_id: UUID, payment_intent_id: str) -> Call[None]:
    """Record the PaymentIntent made for a top-up."""
    return call("record_payment_intent", NOTHING, transaction_id=transaction_id, payment_intent_id=payment_intent_id)


def record_checkout_session(transaction_id: UUID, session_id: str) -> Call[None]:
    """Record the Checkout Session made for a top-up."""
    return call("record_checkout_session", NOTHING, transaction_id=transaction_id, session_id=session_id)
