"""Applies what Stripe says about payments: each object is fetched again before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

import stripe

from soulseer.stripe_client import metadata_id, payment_failure
from soulseer.worker_api import inbox, payments
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import Handler, apply, ignore, object_id
from workers.payments import cards
from workers.payments.foreign import passing_over_foreign
from workers.tools import Tools


def payment_intent(tools: Tools, event: StoredEvent) -> None:
    """Take over a PaymentIntent's state; credits the wallet once it succeeded.

    Args:
        tools: What the jobs work with.
        event: Any event about a PaymentIntent: its present state is fetched, so they are all alike.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own payment")
        return
    apply_intent(tools, event, object_id(event))


def apply_intent(tools: Tools, event: StoredEvent, intent_id: str, transaction_id: UUID | None = None) -> None:
    """Fetch a PaymentIntent and take over its state; the one way in which a wallet is credited.

    Args:
        tools: What the jobs work with.
        event: The event that names it.
        intent_id: Stripe's id.
        transaction_id: Our transaction, where the intent itself does not tell it.
    """
    # Taken before fetching: should a newer answer be applied meanwhile, this one is refused as older.
    sequence = tools.rpc.run(inbox.next_object_sequence(intent_id))
    intent = tools.stripe.v1.payment_intents.retrieve(intent_id)
    if intent.status == "succeeded":
        # First, so that whoever has paid has a card.
        cards.learn(tools, intent)
    failure = payment_failure(intent)
    ours = metadata_id(intent.metadata, "transaction_id") or transaction_id
    call = payments.apply_payment_intent(
        event_id=event.event_id,
        sequence=sequence,
        payment_intent_id=intent.id,
        status=intent.status,
        amount=intent.amount,
        amount_received=intent.amount_received,
        currency=intent.currency.upper(),
        error_code=None if failure is None else failure.reason,
        transaction_id=ours,
    )
    if ours is not None:
        apply(tools, event, call)
        return
    with passing_over_foreign(tools, event, intent.id):
        apply(tools, event, call)


def charge_fee(tools: Tools, event: StoredEvent) -> None:
    """Post the fee of a charge once Stripe has worked it out.

    Args:
        tools: What the jobs work with.
        event: charge.succeeded or charge.updated.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own charge")
        return
    charge = tools.stripe.v1.charges.retrieve(object_id(event), {"expand": ["balance_transaction"]})
    intent = charge.payment_intent
    balance = charge.balance_transaction
    if intent is None:
        ignore(tools, event, "a charge without a PaymentIntent is not ours")
        return
    if not isinstance(balance, stripe.BalanceTransaction):
        ignore(tools, event, "the fee is not known yet; charge.updated brings it")
        return
    intent_id = intent if isinstance(intent, str) else intent.id
    with passing_over_foreign(tools, event, intent_id):
        apply(
            tools,
            event,
            payments.apply_charge_fee(
                event_id=event.event_id,
                payment_intent_id=intent_id,
                charge_id=charge.id,
                balance_transaction_id=balance.id,
                fee=balance.fee,
                net=balance.net,
                currency=balance.currency.upper(),
            ),
        )


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "payment_intent.succeeded": payment_intent,
        "payment_intent.payment_failed": payment_intent,
        "payment_intent.canceled": payment_intent,
        "payment_intent.processing": payment_intent,
        "payment_intent.requires_action": payment_intent,
        "charge.succeeded": charge_fee,
        "charge.updated": charge_fee,
    }
)
