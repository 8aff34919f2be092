"""Tells a payment that was made by hand at Stripe from one of ours whose transaction is not committed yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from soulseer.errors import RpcError
from soulseer.stripe_client import metadata_id
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import TOO_EARLY, ignore
from workers.tools import Tools

# The reason in the log; the money itself is told of by the reconciliation.
NOT_OURS: Final = "not_ours"


@contextmanager
def passing_over_foreign(tools: Tools, event: StoredEvent, payment_intent_id: str) -> Iterator[None]:
    """Apply an event about a payment; one about a payment that is not ours is ignored instead of waited for.

    Every PaymentIntent of ours carries its transaction's id from the call that makes it. The database is asked first:
    Stripe is asked only about a payment that belongs to no transaction.

    Args:
        tools: What the jobs work with.
        event: The event.
        payment_intent_id: The payment it is about.

    Raises:
        RpcError: The database refused; also that the transaction is not there yet, of a payment that names one.
    """
    try:
        yield
    except RpcError as error:
        if error.code != TOO_EARLY or _names_ours(tools, payment_intent_id):
            raise
        ignore(tools, event, NOT_OURS)


def _names_ours(tools: Tools, payment_intent_id: str) -> bool:
    intent = tools.stripe.v1.payment_intents.retrieve(payment_intent_id)
    return metadata_id(intent.metadata, "transaction_id") is not None
