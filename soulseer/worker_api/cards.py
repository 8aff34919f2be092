"""What Stripe tells of the cards people pay with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call
from soulseer.worker_api._call import call
from soulseer.worker_api.applied import APPLIED, Applied

_ID: Final[TypeAdapter[UUID | None]] = TypeAdapter(UUID | None)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was fetched.

    Attributes:
        stripe_customer_id: Whose it is, or was; None for a card taken off.
        payment_method_id: Stripe's id.
        fingerprint: Stripe's name of the number.
        brand: Of the card.
        last4: Last digits.
        exp_month: 1 to 12.
        exp_year: Four digits.
        is_saved: Whether Stripe keeps it for the customer.
    """

    stripe_customer_id: str | None
    payment_method_id: str
    fingerprint: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_saved: bool


def record_card(sequence: int, card: Card) -> Call[UUID | None]:
    """Remember the card of a payment; answers None when it is nobody's we know, or an older answer.

    Args:
        sequence: Sequence taken before the card was fetched.
        card: The card.
    """
    return call("record_card", _ID, sequence=sequence, **asdict(card))


def apply_card(event_id: str, sequence: int, card: Card) -> Call[Applied]:
    """Take over that a card was saved, changed or taken off.

    Args:
        event_id: Event that is processed by this.
        sequence: Sequence taken before the card was fetched.
        card: The card.
    """
    return call("apply_card", APPLIED, event_id=event_id, sequence=sequence, **asdict(card))
