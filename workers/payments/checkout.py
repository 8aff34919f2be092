"""Applies what Stripe says about its Checkout pages: a session is fetched again, and its payment with it.

Money is credited for the PaymentIntent only, under its id, so that it does not matter whether the session's events or
the payment's come first, or how often.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from soulseer.stripe_client import metadata_id
from soulseer.worker_api import inbox, payments
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import Handler, apply, ignore, object_id
from workers.payments import service
from workers.payments.foreign import NOT_OURS
from workers.tools import Tools


def checkout_session(tools: Tools, event: StoredEvent) -> None:
    """Take over a Checkout Session's state: its payment's where one was tried, else that it expired.

    Args:
        tools: What the jobs work with.
        event: Any event about a Checkout Session: its present state is fetched, so they are all alike.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own payment")
        return
    session_id = object_id(event)
    # Taken before fetching: should a newer answer be applied meanwhile, this one is refused as older.
    sequence = tools.rpc.run(inbox.next_object_sequence(session_id))
    session = tools.stripe.v1.checkout.sessions.retrieve(session_id)
    transaction_id = metadata_id(session.metadata, "transaction_id")
    intent = session.payment_intent
    if intent is not None:
        service.apply_intent(tools, event, intent if isinstance(intent, str) else intent.id, transaction_id)
        return
    if session.mode != "payment" or session.status != "expired":
        ignore(tools, event, f"no payment in {session.mode} mode, {session.status}")
        return
    if transaction_id is None:
        ignore(tools, event, NOT_OURS)
        return
    apply(
        tools,
        event,
        payments.apply_checkout_session(
            event_id=event.event_id,
            sequence=sequence,
            session_id=session.id,
            status=session.status,
            transaction_id=transaction_id,
        ),
    )


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "checkout.session.completed": checkout_session,
        "checkout.session.async_payment_succeeded": checkout_session,
        "checkout.session.async_payment_failed": checkout_session,
        "checkout.session.expired": checkout_session,
    }
)
