"""Applies what Stripe says about disputes and fraud warnings: each is fetched again before it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import stripe

from soulseer.stripe_client import reference
from soulseer.worker_api import disputes, inbox
from soulseer.worker_api.disputes import Movement
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import EventUnusableError, Handler, apply, ignore, object_id
from workers.payments.foreign import passing_over_foreign
from workers.refunds import stripe_events as refunds
from workers.tools import Tools


def dispute(tools: Tools, event: StoredEvent) -> None:
    """Take over a dispute's state: the wallet freezes or thaws, its movements are posted once each.

    Args:
        tools: What the jobs work with.
        event: Any event about a dispute: its present state is fetched, so they are all alike.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own dispute")
        return
    dispute_id = object_id(event)
    # Taken before fetching: should a newer answer be applied meanwhile, this one is refused as older.
    sequence = tools.rpc.run(inbox.next_object_sequence(dispute_id))
    fetched = tools.stripe.v1.disputes.retrieve(dispute_id)
    intent_id = reference(fetched.payment_intent)
    if intent_id is None:
        ignore(tools, event, "a dispute without a PaymentIntent is not ours")
        return
    with passing_over_foreign(tools, event, intent_id):
        # First, so that the dispute takes of what its payment has left, however late the refunds' own events are.
        refunds.learn(tools, intent_id)
        due_by = fetched.evidence_details.due_by
        apply(
            tools,
            event,
            disputes.apply_dispute(
                event_id=event.event_id,
                sequence=sequence,
                stripe_dispute_id=fetched.id,
                charge_id=fetched.charge if isinstance(fetched.charge, str) else fetched.charge.id,
                payment_intent_id=intent_id,
                status=fetched.status,
                reason=fetched.reason,
                amount=fetched.amount,
                currency=fetched.currency.upper(),
                due_at=None if due_by is None else datetime.fromtimestamp(due_by, UTC),
                movements=[_movement(moved) for moved in fetched.balance_transactions],
            ),
        )


def _movement(moved: stripe.BalanceTransaction) -> Movement:
    return {
        "id": moved.id,
        "amount": moved.amount,
        "fee": moved.fee,
        "currency": moved.currency.upper(),
        "created": moved.created,
    }


def fraud_warning(tools: Tools, event: StoredEvent) -> None:
    """Freeze the wallet whose card's bank suspects fraud, while that can be acted on.

    Args:
        tools: What the jobs work with.
        event: radar.early_fraud_warning.created or updated.

    Raises:
        EventUnusableError: Stripe did not tell the charge.
    """
    if event.endpoint != "platform":
        ignore(tools, event, "a connected account's own charge")
        return
    warning_id = object_id(event)
    sequence = tools.rpc.run(inbox.next_object_sequence(warning_id))
    fetched = tools.stripe.v1.radar.early_fraud_warnings.retrieve(warning_id, {"expand": ["charge"]})
    charge = fetched.charge
    if not isinstance(charge, stripe.Charge):
        raise EventUnusableError(f"{warning_id} names no charge")
    intent_id = reference(charge.payment_intent)
    if intent_id is None:
        ignore(tools, event, "a charge without a PaymentIntent is not ours")
        return
    with passing_over_foreign(tools, event, intent_id):
        apply(
            tools,
            event,
            disputes.apply_fraud_warning(
                event_id=event.event_id,
                sequence=sequence,
                warning_id=fetched.id,
                charge_id=charge.id,
                payment_intent_id=intent_id,
                currency=charge.currency.upper(),
                is_actionable=fetched.actionable,
                is_refunded=charge.refunded,
            ),
        )


# Which function applies which type of event.
HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "charge.dispute.created": dispute,
        "charge.dispute.updated": dispute,
        "charge.dispute.funds_withdrawn": dispute,
        "charge.dispute.funds_reinstated": dispute,
        "charge.dispute.closed": dispute,
        "radar.early_fraud_warning.created": fraud_warning,
        "radar.early_fraud_warning.updated": fraud_warning,
    }
)
