"""The outbox: what the database wants done outside, claimed by the relay, ended by its handler."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import FLAG, NOTHING, call

# What a failed call to Stripe means for the money it was to move.
Outcome = Literal["refused", "unknown", "insufficient_balance"]


class OutboxRow(Row):
    """A claimed row, invisible to other claims until the visibility timeout.

    Attributes:
        id: The row; its handler ends it in its own transaction.
        topic: What is to be done (`payout.execute`).
        payload: Ids the handler needs.
        attempts: Times it has been claimed, this one included.
        request_id: Request that wrote it, where one did.
    """

    id: UUID
    topic: str
    payload: dict[str, JsonValue]
    attempts: int
    request_id: str | None = None


_ROWS: Final = TypeAdapter(list[OutboxRow])


def claim_outbox(limit: int = 100) -> Call[list[OutboxRow]]:
    """Claim due rows.

    Not repeatable: rows claimed by an answer that got lost stay invisible until their timeout.

    Args:
        limit: Most rows claimed.
    """
    return call("claim_outbox", _ROWS, repeatable=False, limit=limit)


def fail_outbox(outbox_id: UUID, error: str, *, is_away: bool = False) -> Call[None]:
    """Record why a row failed and make it due again after its backoff.

    Args:
        outbox_id: The row.
        error: The reason, shown to admins.
        is_away: Whether what the job needs is away: no fault of the job, which is not parked for it.
    """
    return call("fail_outbox", NOTHING, repeatable=False, outbox_id=outbox_id, error=error, is_away=is_away)


def apply_session_settled(outbox_id: UUID) -> Call[bool]:
    """Fold a settled session into its reader's statistics and end the row.

    Answers whether it did; False means that it was done already.
    """
    return call("apply_session_settled", FLAG, outbox_id=outbox_id)
