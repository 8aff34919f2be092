"""Tending the database: partitions, stale rows, and the proof of the ledger."""

from __future__ import annotations

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


_DONE: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)
_CHECK: Final = TypeAdapter(LedgerCheck)


def run_upkeep() -> Call[JsonValue]:
    """Make partitions ahead and drop expired keys and stale rows; answers what was done."""
    return call("run_upkeep", _DONE)


def check_ledger() -> Call[LedgerCheck]:
    """Prove that the ledger balances."""
    return call("check_ledger", _CHECK)
