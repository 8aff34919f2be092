"""What was seen on the sessions' channels, turned into hints: who left, and who is back in spite of a hint.

No input and no output here, and no time: the listener says what it sees, and asks what there is to report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from soulseer.worker_api.edge_calls import Side

Seen = tuple[UUID, Side]


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be told to the database.

    Attributes:
        left: Sides that left.
        back: Sides that a hint was given about and that are there again.
    """

    left: tuple[Seen, ...]
    back: tuple[Seen, ...]

    def __bool__(self) -> bool:
        return bool(self.left or self.back)


class Sightings:
    """The sides present on each channel, as far as this connection has seen them."""

    def __init__(self) -> None:
        self._present: dict[UUID, frozenset[Side]] = {}
        # Sides a hint was given about and not taken back; a hint that was not yet reported is not among them.
        self._hinted: set[Seen] = set()
        self._left: set[Seen] = set()
        self._back: set[Seen] = set()

    def saw(self, session_id: UUID, sides: Iterable[Side]) -> None:
        """Take in who is present on a session's channel now.

        Args:
            session_id: The session.
            sides: The sides that are there.
        """
        now = frozenset(sides)
        before = self._present.get(session_id, frozenset())
        self._present[session_id] = now
        for side in before - now:
            self._back.discard((session_id, side))
            self._left.add((session_id, side))
        for side in now:
            self._left.discard((session_id, side))
            if (session_id, side) in self._hinted:
                self._back.add((session_id, side))

    def lose(self, session_ids: Iterable[UUID]) -> None:
        """Forget who was present on channels that can no longer be seen.

        Who leaves meanwhile is not hinted at: after an outage of Realtime everybody seems to have left. The heartbeat
        tells. Hints that were given may still be taken back.

        Args:
            session_ids: The sessions.
        """
        for session_id in session_ids:
            self._present.pop(session_id, None)

    def forget(self, session_ids: Iterable[UUID]) -> None:
        """Forget sessions that are over.

        Args:
            session_ids: The sessions.
        """
        gone = set(session_ids)
        self.lose(gone)
        for seen in (self._hinted, self._left, self._back):
            seen -= {(session_id, side) for session_id, side in seen if session_id in gone}

    def take(self) -> Report:
        """Return what is to be reported, and take it as reported."""
        report = Report(tuple(sorted(self._left)), tuple(sorted(self._back)))
        self._left.clear()
        self._back.clear()
        self._hinted.update(report.left)
        self._hinted.difference_update(report.back)
        return report

    def give_back(self, report: Report) -> None:
        """Take a report as not made, but for what was overtaken by what has been seen since.

        Args:
            report: What `take` returned.
        """
        for session_id, side in report.left:
            if session_id in self._present and side not in self._present[session_id]:
                self._left.add((session_id, side))
        for session_id, side in report.back:
            self._hinted.add((session_id, side))
            if side in self._present.get(session_id, frozenset()):
                self._back.add((session_id, side))
