"""Reconciliation: Stripe's movements kept, and compared with the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypedDict
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import NOTHING, NUMBER, call

Kind = Literal["NOT_BOOKED", "NOT_AT_STRIPE", "AMOUNT_DIFFERS", "NOT_OURS"]


class AccountToRead(Row):
    """A connected account whose movements a run reads.

    Attributes:
        account: Stripe's id.
        since: From when.
    """

    account: str
    since: datetime


class Begun(Row):
    """A run that was opened.

    Attributes:
        id: The run.
        since: Beginning of the stretch that is compared.
        until: Its end, not included.
        read_since: From when Stripe's movements are to be read.
        read_until: Until when.
        accounts: Connected accounts whose movements are to be read as well.
    """

    id: UUID
    since: datetime
    until: datetime
    read_since: datetime
    read_until: datetime
    accounts: list[AccountToRead]


class Finished(Row):
    """What a run came to.

    Attributes:
        movements: Movements of Stripe's that it read.
        found: Differences it found that were not open before.
        open: Differences that are open now, of whichever run.
    """

    movements: int
    found: int
    open: int


class Difference(Row):
    """Something that Stripe and the ledger disagree about.

    Attributes:
        id: The row.
        kind: How they disagree.
        account: platform, or the connected account whose balance it is about.
        subject: Our transaction, or Stripe's movement, transfer or payout.
        transaction_id: Our transaction, where there is one.
        at_stripe: Net movement at Stripe, minor units; None: none.
        in_ledger: Net movement in the ledger, minor units; None: none.
        moved_at: When.
        found_at: When a run found it.
        what_to_do: A sentence for whoever looks at it.
    """

    id: UUID
    kind: Kind
    account: str
    subject: str
    transaction_id: UUID | None
    at_stripe: int | None
    in_ledger: int | None
    moved_at: datetime
    found_at: datetime
    what_to_do: str


class Movement(TypedDict):
    """A balance transaction of Stripe's, amounts in minor units.

    Attributes:
        id: txn_….
        account: platform, or the connected account.
        type: As Stripe names it.
        source: The charge, refund, dispute, transfer or payout that moved the money.
        reference: What the source is about: the PaymentIntent of a charge, the transfer of a payment or reversal.
        amount: Signed.
        fee: What Stripe kept.
        net: What is left, signed.
        currency: Three letters.
        moved_at: ISO 8601.
        is_marked: Whether the source's metadata names a transaction or an attempt of ours.
    """

    id: str
    account: str
    type: str
    source: str | None
    reference: str | None
    amount: int
    fee: int
    net: int
    currency: str
    moved_at: str
    is_marked: bool


_BEGUN: Final = TypeAdapter(Begun)
_NIGHTLY: Final[TypeAdapter[Begun | None]] = TypeAdapter(Begun | None)
_FINISHED: Final = TypeAdapter(Finished)
_DIFFERENCES: Final = TypeAdapter(list[Difference])


def begin_reconciliation(since: datetime, until: datetime) -> Call[Begun]:
    """Open a run over a stretch of time.

    Args:
        since: Its beginning.
        until: Its end, not included.
    """
    return call("begin_reconciliation", _BEGUN, since=since, until=until)


def begin_nightly_reconciliation() -> Call[Begun | None]:
    """Open a run over the days (UTC) that ended since the last nightly one; None when there is nothing to do."""
    return call("begin_reconciliation", _NIGHTLY)


def record_stripe_movements(reconciliation_id: UUID, movements: list[Movement]) -> Call[int]:
    """Keep a page of movements; a repeat changes nothing but the run's count.

    Args:
        reconciliation_id: The run.
        movements: As read.
    """
    return call("record_stripe_movements", NUMBER, reconciliation_id=reconciliation_id, movements=movements)


def leave_account_unread(reconciliation_id: UUID, account: str) -> Call[None]:
    """Note that a connected account cannot be read any more.

    Args:
        reconciliation_id: The run.
        account: Stripe's id of the account.
    """
    return call("leave_account_unread", NOTHING, reconciliation_id=reconciliation_id, account=account)


def compare_stripe_movements(reconciliation_id: UUID, since: datetime, until: datetime) -> Call[None]:
    """Compare a part of the run's stretch, all of whose movements are recorded.

    Args:
        reconciliation_id: The run.
        since: Beginning of the part.
        until: Its end, not included.
    """
    return call("compare_stripe_movements", NOTHING, reconciliation_id=reconciliation_id, since=since, until=until)


def finish_reconciliation(reconciliation_id: UUID) -> Call[Finished]:
    """End a run; differences of its stretch that it did not find again are settled.

    Args:
        reconciliation_id: The run.
    """
    return call("finish_reconciliation", _FINISHED, reconciliation_id=reconciliation_id)


def open_differences(limit: int = 100) -> Call[list[Difference]]:
    """Read open differences, the newest first.

    Args:
        limit: How many at most, up to 1,000.
    """
    return call("open_differences", _DIFFERENCES, limit=limit)
