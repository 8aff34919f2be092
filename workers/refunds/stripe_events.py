"""Applies what Stripe says about refunds: each is fetched again before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from soulseer.stripe_client import metadata_id, reference
from soulseer.worker_api import inbox, refunds
from soulseer.worker_api.inbox import StoredEvent
from soulseer.worker_api.refunds import FetchedRefund
from workers.inbox import Handler, apply, ignore, object_id
from workers.payments.foreign import passing_over_foreign
from workers.tools import Tools

_PAGE: Final = 100


def refund(tools: Tools, event: StoredEvent) -> None:
    """Take over a refund's state; debits the wallet once, and gives it back when the refund failed.

    Args:
        tools: What the jobs work with.
        event: Any event about a refund: its present state is fetched, so they are all alike.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own refund")
        return
    sequence, fetched = _fetch(tools, object_id(event))
    if fetched is None:
        ignore(tools, event, "a refund without a PaymentIntent is not ours")
        return
    with passing_over_foreign(tools, event, fetched.payment_intent_id):
        apply(tools, event, refunds.apply_refund(event.event_id, sequence, fetched))


def learn(tools: Tools, payment_intent_id: str) -> None:
    """Take over every refund of a payment, whatever has become of their own events.

    Args:
        tools: What the jobs work with.
        payment_intent_id: The payment.
    """
    listed = tools.stripe.v1.refunds.list({"payment_intent": payment_intent_id, "limit": _PAGE})
    for named in listed.auto_paging_iter():
        sequence, fetched = _fetch(tools, named.id)
        if fetched is not None:
            tools.rpc.run(refunds.record_refund_made(sequence, fetched))


def _fetch(tools: Tools, refund_id: str) -> tuple[int, FetchedRefund | None]:
    """Return a refund as it is now, under a sequence; None in its place when it is of no PaymentIntent."""
    # Taken before fetching: should a newer answer be applied meanwhile, this one is refused as older.
    sequence = tools.rpc.run(inbox.next_object_sequence(refund_id))
    fetched = tools.stripe.v1.refunds.retrieve(refund_id)
    intent_id = reference(fetched.payment_intent)
    if intent_id is None:
        return sequence, None
    return sequence, FetchedRefund(
        stripe_refund_id=fetched.id,
        payment_intent_id=intent_id,
        attempt_id=metadata_id(fetched.metadata, "attempt_id"),
        amount=fetched.amount,
        currency=fetched.currency.upper(),
        status=fetched.status,
        failure_reason=getattr(fetched, "failure_reason", None),
        failure_transaction_id=reference(getattr(fetched, "failure_balance_transaction", None)),
    )


def charge_refunded(tools: Tools, event: StoredEvent) -> None:
    """Compare a charge's refunds with ours; its amount is cumulative, so nothing is posted by it.

    Args:
        tools: What the jobs work with.
        event: charge.refunded.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own charge")
        return
    charge = tools.stripe.v1.charges.retrieve(object_id(event))
    intent_id = reference(charge.payment_intent)
    if intent_id is None:
        ignore(tools, event, "a charge without a PaymentIntent is not ours")
        return
    with passing_over_foreign(tools, event, intent_id):
        apply(
            tools,
            event,
            refunds.reconcile_charge_refunds(
                event_id=event.event_id,
                payment_intent_id=intent_id,
                amount_refunded=charge.amount_refunded,
                currency=charge.currency.upper(),
            ),
        )


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "refund.created": refund,
        "refund.updated": refund,
        "refund.failed": refund,
        "charge.refund.updated": refund,
        "charge.refunded": charge_refunded,
    }
)
