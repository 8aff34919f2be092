"""Tending the database: partitions, stale rows, and the proof of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import JsonValue, TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import call


class Upkeep(Row):
    """What an hour's upkeep did, and what it found waiting.

    Attributes:
        partitions_made: Monthly partitions it made.
        months_ready: Whole months after this one that every monthly table has a partition for.
        keys_forgotten: Idempotency keys past their time.
        exports_dropped: Exports past their week.
        views_folded: Forum views added to their posts.
        approvals_expired: Refunds and goodwill that no second administrator decided in time.
        answers_expired: Paid messages that nobody answered in time, whose money is free again.
        jobs_parked: Jobs that wait for an administrator.
        events_parked: Stripe events that do.
        payouts_stuck: Payouts whose bank has said nothing for two weeks.
        sessions_stuck: Sessions whose meter failed.
    """

    partitions_made: int
    months_ready: int
    keys_forgotten: int = 0
    exports_dropped: int = 0
    views_folded: int = 0
    approvals_expired: int = 0
    answers_expired: int = 0
    jobs_parked: int = 0
    events_parked: int = 0
    payouts_stuck: int = 0
    sessions_stuck: int = 0


class LedgerCheck(Row):
    """Whether the ledger is proved.

    Attributes:
        balanced: Everything sums to zero and every balance equals its postings.
        problems: What does not.
    """

    balanced: bool
    problems: list[JsonValue]


class RollUp(Row):
    """What a call of the roll-up did.

    Attributes:
        rolled: Days it rolled up.
        more: Whether closed days are left.
    """

    rolled: int
    more: bool


class Seal(Row):
    """The newest seal of the audit record.

    Attributes:
        month: First day of the month it seals.
        sealed_rows: Rows of that month.
        hash: SHA-256 over them and the seal before, in hex.
    """

    month: date
    sealed_rows: int
    hash: str


_DONE: Final = TypeAdapter(Upkeep)
_CHECK: Final = TypeAdapter(LedgerCheck)
_ROLLED: Final = TypeAdapter(RollUp)
_SEALS: Final = TypeAdapter(list[Seal])


def run_upkeep() -> Call[Upkeep]:
    """Make partitions ahead, drop expired keys, exports and stale rows, fold forum views; answers what was done."""
    return call("run_upkeep", _DONE)


def seal_audit() -> Call[list[Seal]]:
    """Seal the months of the audit record that are over; answers the newest seal, or nothing before the first."""
    return call("seal_audit", _SEALS)


def roll_up_days() -> Call[RollUp]:
    """Roll up closed days of the house's accounts, a bounded number; answers how many, and whether some are left."""
    return call("roll_up_days", _ROLLED)


def check_ledger() -> Call[LedgerCheck]:
    """Prove that the ledger balances."""
    return call("check_ledger", _CHECK)
