"""Tending the database: partitions, stale rows, and the proof of the ledger."""

from __future__ import annotations

from datetime import date
from typing import Final

from pydantic import JsonValue, TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import call


class LedgerCheck(Row):
    """Whether the ledger is proved.

    Attributes:
        balanced: Everything sums to zero and every balance equals its postings.
        problems: What does not.
    """

    balanced: bool
    problems: list[JsonValue]


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


_DONE: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
_CHECK: Final = TypeAdapter(LedgerCheck)
_SEALS: Final = TypeAdapter(list[Seal])


def run_upkeep() -> Call[JsonValue]:
    """Make partitions ahead, drop expired keys, exports and stale rows, fold forum views; answers what was done."""
    return call("run_upkeep", _DONE)


def seal_audit() -> Call[list[Seal]]:
    """Seal the months of the audit record that are over; answers the newest seal, or nothing before the first."""
    return call("seal_audit", _SEALS)


def check_ledger() -> Call[LedgerCheck]:
    """Prove that the ledger balances."""
    return call("check_ledger", _CHECK)
