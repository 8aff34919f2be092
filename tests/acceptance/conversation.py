"""A session as two apps hold it: each side says "still here" until it falls silent."""

from threading import Event, Thread
from types import TracebackType
from typing import Self
from uuid import uuid4

from tests.acceptance.people import Person
from tests.acceptance.platform import Row
from tests.acceptance.waiting import eventually

_BEAT_SECONDS = 0.4


class Conversation:
    """A session between two people, requested, accepted and joined by both; ended by the reader when left open.

    Attributes:
        id: the session.
        client: who pays.
        reader: who earns.
    """

    def __init__(self, client: Person, reader: Person) -> None:
        """Request, accept, join."""
        self.client, self.reader = client, reader
        self.id = str(
            client.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=str(uuid4()))["id"]
        )
        reader.call("accept_session", session_id=self.id)
        self._present = [client, reader]
        self._states: dict[str, Row] = {}
        self._over = Event()
        self._failures: list[Exception] = []
        for person in self._present:
            self._states[person.id] = person.call("join_session", session_id=self.id)
        self._threads = [Thread(target=self._beat, args=(person,), daemon=True) for person in self._present]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(15.0)
        if self.session["status"] == "IN_PROGRESS":
            self.reader.call("end_session", session_id=self.id)
        assert not self._failures, self._failures

    def _beat(self, person: Person) -> None:
        while not self._over.wait(_BEAT_SECONDS):
            if person not in self._present:
                continue
            try:
                self._states[person.id] = person.call("heartbeat_session", session_id=self.id)
            except Exception as error:  # noqa: BLE001  told when the conversation closes
                self._failures.append(error)

    def silence(self, person: Person) -> None:
        """Let a side's line drop without a word."""
        self._present.remove(person)

    def return_of(self, person: Person) -> None:
        """Let a side come back."""
        person.call("join_session", session_id=self.id)
        self._present.append(person)

    def state(self, person: Person) -> Row:
        """Return the latest answer a side's app was given."""
        return self._states[person.id]

    @property
    def session(self) -> Row:
        """The session's row."""
        return self.client.row("sessions", id=self.id)

    def increments(self) -> list[int]:
        """Return the numbers of the increments charged so far, in their order."""
        postings = self.client.platform.rows(
            "select t.increment from ledger.transfers t join public.sessions s on s.transaction_id = t.transaction_id"
            " where s.id = %s and t.code = 'increment' order by t.increment",
            self.id,
        )
        return [int(row["increment"]) for row in postings]

    def wait_increments(self, count: int, *, seconds: float = 20.0) -> None:
        """Wait until the workers have charged so many increments."""
        eventually(lambda: len(self.increments()) >= count, f"{count} increments of {self.id}", seconds=seconds)

    def wait_pause(self, reason: str | None, *, seconds: float = 20.0) -> None:
        """Wait until the session is paused for a reason, or runs again (None)."""
        eventually(lambda: self.session["pause_reason"] == reason, f"pause_reason {reason}", seconds=seconds)

    def end(self, by: Person) -> Row:
        """End it and return the session as settled."""
        return dict(by.call("end_session", session_id=self.id))
