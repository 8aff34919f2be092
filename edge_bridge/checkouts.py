"""POST /topups/checkout: opens a page of Stripe's on which a signed-in user fills the wallet by card or bank account.

Each step may be repeated, as in `topups`: the transaction by the caller's key, the customer by `cus:<user>`, the
Checkout Session by `cs:<transaction>`. Amount and currency are those of the database's row.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import stripe
from starlette.concurrency import run_in_threadpool

from edge_bridge.inputs import TopupInput
from edge_bridge.topups import customer_of
from soulseer import logs
from soulseer.rpc import AsyncRpc, Row
from soulseer.worker_api import topups
from soulseer.worker_api.topups import Topup

log = logs.get(__name__)

_PENDING = "PENDING"


class CheckoutAnswer(Row):
    """Where the user pays.

    Attributes:
        transaction_id: Our transaction.
        checkout_session_id: Stripe's Checkout Session; none for a top-up that ended before one was recorded.
        url: Stripe's page; none once it is paid or expired.
        expires_at: When the page expires.
        amount: Minor units.
        currency: Upper case.
        status: Status of the transaction.
    """

    transaction_id: UUID
    checkout_session_id: str | None
    url: str | None
    expires_at: datetime | None
    amount: int
    currency: str
    status: str


async def begin(
    rpc: AsyncRpc, client: stripe.StripeClient, user_id: UUID, asked: TopupInput, *, public_url: str
) -> CheckoutAnswer:
    """Open a Checkout page for a top-up, or return the one opened before with the same key.

    Args:
        rpc: The door to the database.
        client: Stripe.
        user_id: The verified user.
        asked: What was asked for.
        public_url: The web app, where Stripe sends the user back to.

    Raises:
        RpcError: The database refused (amount_out_of_range, idempotency_key_reused, …).
        stripe.StripeError: Stripe refused or could not be reached.
    """
    topup = await rpc.run(
        topups.begin_topup(
            user_id=user_id,
            amount=asked.amount,
            currency=asked.currency,
            idempotency_key=asked.idempotency_key,
            save_card=asked.save_card,
            checkout=True,
        )
    )
    session = None
    if topup.checkout_session_id is not None:
        session = await run_in_threadpool(client.v1.checkout.sessions.retrieve, topup.checkout_session_id)
    elif topup.status == _PENDING and topup.payment_intent_id is None:
        # Never for one that was tried or is over: a second page could take the money twice.
        customer = await customer_of(rpc, client, user_id, topup)
        asked_for = _params(topup, user_id, customer, save_card=asked.save_card, public_url=public_url.rstrip("/"))
        session = await run_in_threadpool(_open, client, asked_for, topup.transaction_id)
        await rpc.run(topups.record_checkout_session(topup.transaction_id, session.id))
    session_id = None if session is None else session.id
    # The line that ties the caller's request id to what Stripe's events will be about.
    log.info("checkout_begun", transaction_id=str(topup.transaction_id), checkout_session_id=session_id)
    return CheckoutAnswer(
        transaction_id=topup.transaction_id,
        checkout_session_id=session_id,
        url=None if session is None else session.url,
        expires_at=None if session is None else datetime.fromtimestamp(session.expires_at, UTC),
        amount=topup.amount,
        currency=topup.currency,
        status=topup.status,
    )


def _params(
    topup: Topup, user_id: UUID, customer: str, *, save_card: bool, public_url: str
) -> stripe.params.checkout.SessionCreateParams:
    metadata = {"transaction_id": str(topup.transaction_id), "user_id": str(user_id)}
    payment: stripe.params.checkout.SessionCreateParamsPaymentIntentData = {"metadata": metadata}
    if save_card:
        payment["setup_future_usage"] = "off_session"
    return {
        "mode": "payment",
        "customer": customer,
        "client_reference_id": str(topup.transaction_id),
        "line_items": [
            {
                "price_data": {
                    "currency": topup.currency.lower(),
                    "unit_amount": topup.amount,
                    "product_data": {"name": "Wallet top-up"},
                },
                "quantity": 1,
            }
        ],
        "metadata": metadata,
        "payment_intent_data": payment,
        "success_url": f"{public_url}/wallet/topups/done?checkout={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{public_url}/wallet/topups/cancelled",
    }


def _open(
    client: stripe.StripeClient, params: stripe.params.checkout.SessionCreateParams, transaction_id: UUID
) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(params, {"idempotency_key": f"cs:{transaction_id}"})
