"""What the realtime listener asks and tells: which sessions are live, and who was seen to leave their channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from soulseer.rpc import Call, Row
from soulseer.worker_api._call import NUMBER, call
from soulseer.worker_api.edge_calls import Side


class LiveSession(Row):
    """A session that somebody has joined and that is not over.

    Attributes:
        session_id: The session.
        client_id: Who pays.
        reader_id: Who earns.
    """

    session_id: UUID
    client_id: UUID
    reader_id: UUID


_LIVE: Final = TypeAdapter(tuple[LiveSession, ...])


def live_sessions() -> Call[tuple[LiveSession, ...]]:
    """Ask which sessions are live."""
    return call("live_sessions", _LIVE)


def record_leaves(seen: Sequence[tuple[UUID, Side]]) -> Call[int]:
    """Hint that sides left: their deadline is shortened until they are heard again. Answers how many were live.

    Args:
        seen: Sessions and their sides.
    """
    ids, sides = _columns(seen)
    return call("record_presence", NUMBER, session_ids=ids, sides=sides, left=True)


def withdraw_leave_hints(seen: Sequence[tuple[UUID, Side]]) -> Call[int]:
    """Take hints back whose time still runs: the sides were seen again. Answers how many.

    Args:
        seen: Sessions and their sides.
    """
    ids, sides = _columns(seen)
    return call("withdraw_leave_hints", NUMBER, session_ids=ids, sides=sides)


def _columns(seen: Sequence[tuple[UUID, Side]]) -> tuple[list[str], list[str]]:
    return [str(session_id) for session_id, _ in seen], [side for _, side in seen]
