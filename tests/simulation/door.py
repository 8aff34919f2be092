"""The connection to the simulated database.

Each call is one transaction with the caller's role and claims, as PostgREST makes it, in one message; the committed
changes come back in the same round trip.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq import DiagnosticField, ExecStatus

from tests.simulation.errors import CutError, RefusedError, ViolationError
from tests.simulation.timeline import Clock

Entry = tuple[str, dict[str, Any]]
_HEARD = (
    b"prepare heard as delete from simulation.journal returning seq, what, body;"
    b"set jit = off; set client_min_messages = error; select setseed(0.5)"
)
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


def literal(value: object) -> str:
    """Write a JSON value as an SQL literal, left for Postgres to read as the parameter's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        value = "{" + ",".join(json.dumps(item) for item in value) + "}"
    elif isinstance(value, dict):
        value = json.dumps(value)
    return "'" + str(value).replace("'", "''") + "'"


def caller(role: str, user: str = "", level: str = "") -> str:
    """What PostgREST sets for a request of a role, or of a person; `level` aal2 has given a second factor."""
    claims = json.dumps({"role": role, **({"sub": user} if user else {}), **({"aal": level} if level else {})})
    return (
        f"set_config('role', '{role}', true), set_config('request.jwt.claims', {literal(claims)}, true), "
        "set_config('request.headers', '{}', true)"
    )


SERVICE = caller("service_role")


def statement(function: str, arguments: Mapping[str, object]) -> str:
    """A call with named arguments that answers JSON."""
    named = ", ".join(f"{name} => {literal(value)}" for name, value in arguments.items())
    return f"select to_json({function}({named}))"


class Door:
    """One connection; `heard` is told of every committed change, in order."""

    def __init__(self, dsn: str, clock: Clock, heard: Callable[[list[Entry]], None]) -> None:
        self._dsn = dsn.encode()
        self._clock = clock
        self._heard = heard
        self._open()

    def _open(self) -> None:
        self._pg = pq.PGconn.connect(self._dsn)
        if self._pg.status != pq.ConnStatus.OK:
            raise RuntimeError(self._pg.get_error_message())
        # An error's notices are not printed.
        self._pg.notice_handler = None
        self._exec(_HEARD.decode())

    @property
    def pid(self) -> int:
        """The server process behind it."""
        return self._pg.backend_pid

    def call(self, who: str, sql: str) -> Any:
        """Run one statement as a caller, commit, and return its JSON.

        Raises:
            RefusedError: a typed refusal; nothing of the call stays.
            ViolationError: an error that is no refusal.
        """
        self.send(who, sql)
        return self.answer()

    def send(self, who: str, sql: str) -> None:
        """Send a call without waiting for its answer."""
        self._pg.send_query(f"{self._begin(who)};{sql};commit;execute heard".encode())

    def answer(self) -> Any:
        """Wait for the answer of what was sent."""
        return self._read(self._results())

    def begin(self, who: str, sql: str) -> Any:
        """Run one statement as a caller and keep its transaction open."""
        return self._read(self._exec(f"{self._begin(who)};{sql}"))

    def commit(self) -> None:
        """Commit what `begin` left open."""
        self._read(self._exec("commit;execute heard"))

    def listen(self) -> None:
        """Hear of changes that others committed."""
        self._read(self._exec("execute heard"))

    def roll_back(self) -> None:
        """Undo what `begin` left open."""
        self._read(self._exec("rollback;execute heard"))

    def cut(self, superuser: psycopg.Connection[Any]) -> None:
        """End the server process in the middle of whatever it has open, and connect anew."""
        superuser.execute("select pg_terminate_backend(%s, 5000)", [self.pid])
        self._pg.finish()
        self._open()

    def has_answered(self) -> bool:
        """Tell whether the answer of what was sent is there."""
        self._pg.consume_input()
        return not self._pg.is_busy()

    def rows(self, sql: str) -> list[list[str | None]]:
        """Run a plain query outside any call; text of every column."""
        (*_, result) = self._exec(f"select set_config('simulation.now', '{self._clock.text}', false);{sql}")
        if result.status in _FAILED:
            raise ViolationError(f"{sql}: {result.error_message.decode()}")
        return [
            [None if (v := result.get_value(row, column)) is None else v.decode() for column in range(result.nfields)]
            for row in range(result.ntuples)
        ]

    def close(self) -> None:
        """Close the connection."""
        self._pg.finish()

    def _begin(self, who: str) -> str:
        return f"begin;select {who}, set_config('simulation.now', '{self._clock.text}', false)"

    def _exec(self, sql: str) -> list[Any]:
        self._pg.send_query(sql.encode())
        return self._results()

    def _results(self) -> list[Any]:
        results = []
        while (result := self._pg.get_result()) is not None:
            results.append(result)
        return results

    def _read(self, results: list[Any]) -> Any:
        body: Any = None
        for result in results:
            if result.status in _FAILED:
                self._fail(result)
            if result.status != ExecStatus.TUPLES_OK:
                continue
            if result.nfields == 3 and result.fname(0) == b"seq":
                self._hear(result)
            elif result.ntuples:
                value = result.get_value(0, 0)
                body = value or None
        return None if body is None else _parsed(body)

    def _hear(self, result: Any) -> None:
        if result.ntuples:
            get = result.get_value
            noted = sorted(
                (int(get(row, 0)), get(row, 1).decode(), json.loads(get(row, 2))) for row in range(result.ntuples)
            )
            self._heard([(what, body) for _, what, body in noted])

    def _fail(self, result: Any) -> None:
        def part(field: DiagnosticField) -> str:
            return (result.error_field(field) or b"").decode()

        sqlstate, message = part(DiagnosticField.SQLSTATE), part(DiagnosticField.MESSAGE_PRIMARY)
        details, hint = part(DiagnosticField.MESSAGE_DETAIL), part(DiagnosticField.MESSAGE_HINT)
        if self._pg.status != pq.ConnStatus.OK:
            self._pg.finish()
            self._open()
            raise CutError(message)
        self._exec("rollback")
        if sqlstate == "PGRST":
            told = json.loads(message)
            raise RefusedError(told["message"], told["code"], told.get("details", ""), told.get("hint", ""))
        if not sqlstate.startswith("PT"):
            raise ViolationError(
                f"an error that is no refusal: {sqlstate} {message} {details} {part(DiagnosticField.CONTEXT)}"
            )
        raise RefusedError(message, sqlstate, details, hint)


def _parsed(value: bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value.decode()
