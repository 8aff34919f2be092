"""Charging the minutes of live sessions and moving sessions whose time has come."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import call


class Charged(Row):
    """What one batch of the meter did.

    Attributes:
        claimed: Due meters taken by this batch.
        charged: Increments charged.
        slow: Sessions that could not be charged in bulk and were handled one by one.
        more: A full batch was claimed; call again at once.
    """

    claimed: int
    charged: int
    slow: int
    more: bool


class Advanced(Row):
    """What one batch of session changes did.

    Attributes:
        advanced: Sessions paused, resumed, expired or ended.
        failed: Sessions that could not be moved; the reason stands in the database's log.
        more: There may be others due; call again at once.
    """

    advanced: int
    failed: int
    more: bool


_CHARGED: Final = TypeAdapter(Charged)
_ADVANCED: Final = TypeAdapter(Advanced)


def charge_due_minutes(limit: int = 500) -> Call[Charged]:
    """Charge the increments that are due, any number of callers at once.

    Args:
        limit: Most meters claimed in one transaction.
    """
    return call("charge_due_minutes", _CHARGED, limit=limit)


def advance_sessions(limit: int = 50) -> Call[Advanced]:
    """Pause, resume, expire and end the sessions whose time has come, any number of callers at once.

    Args:
        limit: Most sessions moved in one transaction.
    """
    return call("advance_sessions", _ADVANCED, limit=limit)


def advance_appointment() -> Call[Advanced]:
    """Do what is due for one appointment, any number of callers at once; `more` says to call again."""
    return call("advance_appointment", _ADVANCED)


def advance_wait_list() -> Call[Advanced]:
    """Let one place in line lapse, or offer one free reader; any number of callers. `more` says to call again."""
    return call("advance_wait_list", _ADVANCED)
