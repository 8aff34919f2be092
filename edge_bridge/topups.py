"""POST /topups: makes the PaymentIntent with which a signed-in user fills the wallet by card.

Each step may be repeated: the transaction by the caller's key, the customer by `cus:<user>`, the
PaymentIntent by `pi:<transaction>`. A call that broke off anywhere is finished by calling again.
"""

from __future__ import annotations

from uuid import UUID

import stripe
from starlette.concurrency import run_in_threadpool

from edge_bridge.inputs import TopupInput
from soulseer import logs
from soulseer.rpc import AsyncRpc, Row
from soulseer.worker_api import topups
from soulseer.worker_api.topups import Topup

log = logs.get(__name__)


class TopupAnswer(Row):
    """What the browser needs to confirm the payment with the publishable key.

    Attributes:
        transaction_id: Our transaction.
        payment_intent_id: Stripe's PaymentIntent.
        client_secret: Lets the browser confirm it.
        amount: Minor units.
        currency: Upper case.
        status: Status of the transaction.
    """

    transaction_id: UUID
    payment_intent_id: str
    client_secret: str
    amount: int
    currency: str
    status: str


async def begin(rpc: AsyncRpc, client: stripe.StripeClient, user_id: UUID, asked: TopupInput) -> TopupAnswer:
    """Begin a top-up, or return the one begun before with the same key.

    Args:
        rpc: The door to the database.
        client: Stripe.
        user_id: The verified user.
        asked: What was asked for.

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
        )
    )
    if topup.payment_intent_id is not None:
        intent = await run_in_threadpool(client.v1.payment_intents.retrieve, topup.payment_intent_id)
    else:
        customer = await customer_of(rpc, client, user_id, topup)
        intent = await run_in_threadpool(_create_intent, client, topup, user_id, customer, save_card=asked.save_card)
        await rpc.run(topups.record_payment_intent(topup.transaction_id, intent.id))
    # The line that ties the caller's request id to what Stripe's events will be about.
    log.info("topup_begun", transaction_id=str(topup.transaction_id), payment_intent_id=intent.id)
    return TopupAnswer(
        transaction_id=topup.transaction_id,
        payment_intent_id=intent.id,
        client_secret=intent.client_secret or "",
        amount=topup.amount,
        currency=topup.currency,
        status=topup.status,
    )


async def customer_of(rpc: AsyncRpc, client: stripe.StripeClient, user_id: UUID, topup: Topup) -> str:
    """Return the id of the user's customer at Stripe, made once.

    Args:
        rpc: The door to the database.
        client: Stripe.
        user_id: The verified user.
        topup: What the database told of the top-up.

    Raises:
        stripe.StripeError: Stripe refused or could not be reached.
    """
    if topup.stripe_customer_id is not None:
        return topup.stripe_customer_id
    made = await run_in_threadpool(_create_customer, client, user_id)
    standing = await rpc.run(topups.record_stripe_customer(user_id, made.id))
    if topup.email is not None:
        # Set apart from the creation: an address that changed in between would be other input under
        # the same idempotency key, which Stripe refuses for a day.
        await run_in_threadpool(client.v1.customers.update, standing, {"email": topup.email})
    return standing


def _create_customer(client: stripe.StripeClient, user_id: UUID) -> stripe.Customer:
    return client.v1.customers.create({"metadata": {"user_id": str(user_id)}}, {"idempotency_key": f"cus:{user_id}"})


def _create_intent(
    client: stripe.StripeClient, topup: Topup, user_id: UUID, customer: str, *, save_card: bool
) -> stripe.PaymentIntent:
    asked: stripe.params.PaymentIntentCreateParams = {
        "amount": topup.amount,
        "currency": topup.currency.lower(),
        "customer": customer,
        "automatic_payment_methods": {"enabled": True},
        "metadata": {"transaction_id": str(topup.transaction_id), "user_id": str(user_id)},
    }
    if save_card:
        asked["setup_future_usage"] = "off_session"
    return client.v1.payment_intents.create(asked, {"idempotency_key": f"pi:{topup.transaction_id}"})
