"""What an order left behind, as a text that two orders of the same story must share."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from tests.orders.desk import Desk

_QUERY = Path(__file__).with_name("digest.sql").read_text()


def digest(desk: Desk, people: Sequence[str], *, netted: bool) -> str:
    """Return all that an order must leave alike for these people; `netted` leaves out what was done and undone."""
    listed = "array[" + ", ".join(f"'{person}'" for person in people) + "]::uuid[]"
    return desk.text(_QUERY.replace(":people", listed).replace(":netted", str(netted).lower()))


def difference(expected: str, actual: str) -> str:
    """Return where two differ, as lines taken away and added."""
    lines = unified_diff(expected.splitlines(), actual.splitlines(), lineterm="", n=2)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
