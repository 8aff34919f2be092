"""What applying a Stripe event answers, the same for every kind of event."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Row


class Applied(Row):
    """The outcome of applying an event; the event is marked processed either way.

    Attributes:
        applied: Whether it changed anything.
        reason: Why not, or which change.
        transaction_id: The transaction it was about.
        payout_id: The payout it was about.
        user_id: The reader it was about.
    """

    applied: bool
    reason: str | None = None
    transaction_id: UUID | None = None
    payout_id: UUID | None = None
    user_id: UUID | None = None


APPLIED: Final = TypeAdapter(Applied)
