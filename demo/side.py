"""Presence: one side's app while a session lasts, saying "still here" from a thread of its own."""

from threading import Event, Thread
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx

from demo.people import Person
from demo.rows import SessionState
from demo.waiting import DemoError

# Twice in the second the demonstration's settings ask for: a busy machine may be late with one of them.
_BEAT_SECONDS = 0.5
# Lost connections in a row after which an app would give up.
_PATIENCE = 6


class Side:
    """One side of a session. `join`, then `drop` and `join` again as its line does.

    Args:
        person: who it is.
        session_id: the session.
    """

    def __init__(self, person: Person, session_id: UUID) -> None:
        """The side is not in the session yet."""
        self._person = person
        self._session_id = session_id
        self._quiet = Event()
        self._thread: Thread | None = None
        self._failure: Exception | None = None
        self._state: SessionState | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.drop()

    def join(self) -> None:
        """Enter the session, and say "still here" until dropped.

        Raises:
            DemoError: joining was refused.
        """
        arguments = {"p_session_id": str(self._session_id)}
        self._state = self._person.call("join_session", SessionState, **arguments)
        self._quiet = Event()
        self._thread = Thread(target=self._beat, args=(self._quiet,), daemon=True)
        self._thread.start()

    def drop(self) -> None:
        """Fall silent without a word, as a lost line does."""
        self._quiet.set()
        if self._thread is not None:
            self._thread.join(timeout=15.0)
            self._thread = None

    @property
    def state(self) -> SessionState:
        """The latest answer of the server to this side.

        Raises:
            DemoError: it never joined, or its heartbeats fail.
        """
        if isinstance(self._failure, DemoError):
            raise self._failure
        if self._failure is not None:
            raise DemoError(f"Heartbeats fail: {self._failure!r}.", "gateway", "postgrest") from self._failure
        if self._state is None:
            raise DemoError("A side was asked for its state before it joined.")
        return self._state

    def _beat(self, quiet: Event) -> None:
        failures = 0
        while not quiet.wait(_BEAT_SECONDS):
            try:
                self._state = self._person.call("heartbeat_session", SessionState, p_session_id=str(self._session_id))
                failures = 0
            except httpx.TransportError as error:
                failures += 1
                if failures >= _PATIENCE:
                    self._failure = error
                    return
            except DemoError as error:
                self._failure = error
                return
