"""What applying a Stripe event answers, the same for every kind of event."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from soulseer.rpc import Row


class Applied(Row):
    """The outcome of applying an event; the event is marked processed either way.

    Attributes:
        applied: Whether it changed anything.
        reason: Why not, or which change.
    """

    applied: bool
    reason: str | None = None


APPLIED: Final = TypeAdapter(Applied)
