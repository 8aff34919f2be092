"""Learns which cards people pay with: fingerprints for promotions, saved cards for auto-reload."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import stripe

from soulseer import logs
from soulseer.worker_api import cards, inbox
from soulseer.worker_api.cards import Card
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import Handler, apply, describe, ignore, object_id
from workers.tools import Tools

log = logs.get(__name__)


def learn(tools: Tools, intent: stripe.PaymentIntent) -> None:
    """Remember the card a payment was made with.

    Args:
        tools: What the jobs work with.
        intent: A PaymentIntent that succeeded.
    """
    if intent.payment_method is None:
        return
    method_id = _id(intent.payment_method)
    sequence = tools.rpc.run(inbox.next_object_sequence(method_id))
    try:
        method = tools.stripe.v1.payment_methods.retrieve(method_id)
    except stripe.InvalidRequestError as error:
        # Money that came is credited whatever has become of its card.
        log.warning("card_not_learned", payment_method_id=method_id, error=describe(error))
        return
    card = _card(method, payer=_id(intent.customer))
    if card is not None:
        tools.rpc.run(cards.record_card(sequence, card))


def payment_method(tools: Tools, event: StoredEvent) -> None:
    """Take over that a card was saved, changed or taken off.

    Args:
        tools: What the jobs work with.
        event: Any event about a payment method: its present state is fetched, so they are all alike.
    """
    _apply(tools, event, object_id(event))


def setup_intent(tools: Tools, event: StoredEvent) -> None:
    """Take over the card that a SetupIntent saved.

    Args:
        tools: What the jobs work with.
        event: setup_intent.succeeded.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own card")
        return
    method = tools.stripe.v1.setup_intents.retrieve(object_id(event)).payment_method
    if method is None:
        ignore(tools, event, "it saved no card")
        return
    _apply(tools, event, _id(method))


def _apply(tools: Tools, event: StoredEvent, method_id: str) -> None:
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own card")
        return
    sequence = tools.rpc.run(inbox.next_object_sequence(method_id))
    card = _card(tools.stripe.v1.payment_methods.retrieve(method_id), payer=_customer_then(event))
    if card is None:
        ignore(tools, event, "no card, or one without a fingerprint")
        return
    apply(tools, event, cards.apply_card(event.event_id, sequence, card))


def _customer_then(event: StoredEvent) -> str | None:
    """Return whose card it was when the event was made: taken off since, it names nobody any more."""
    data = event.payload.get("data")
    if not isinstance(data, dict):
        return None
    for told in (data.get("previous_attributes"), data.get("object")):
        customer = told.get("customer") if isinstance(told, dict) else None
        if isinstance(customer, str):
            return customer
    return None


def _card(method: stripe.PaymentMethod, payer: str | None = None) -> Card | None:
    """Return a payment method as a card; None when it is none, or cannot be told from others."""
    if method.type != "card" or method.card is None or method.card.fingerprint is None:
        return None
    return Card(
        stripe_customer_id=payer if method.customer is None else _id(method.customer),
        payment_method_id=method.id,
        fingerprint=method.card.fingerprint,
        brand=method.card.brand,
        last4=method.card.last4,
        exp_month=method.card.exp_month,
        exp_year=method.card.exp_year,
        is_saved=method.customer is not None,
    )


def _id(named: str | stripe.StripeObject | None) -> str:
    return named if isinstance(named, str) else str(getattr(named, "id", ""))


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "payment_method.attached": payment_method,
        "payment_method.automatically_updated": payment_method,
        "payment_method.detached": payment_method,
        "payment_method.updated": payment_method,
        "setup_intent.succeeded": setup_intent,
    }
)
