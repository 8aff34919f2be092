"""A connection on which the workers' calls of `worker_api` run, all of an order in one transaction that is undone.

Each call is a savepoint of it and succeeds or fails alone, as each is a transaction of its own behind PostgREST.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

import psycopg
from psycopg import pq
from psycopg.pq import DiagnosticField, ExecStatus

from soulseer.errors import RpcError
from soulseer.rpc import Call, Rpc
from tests.simulation.door import SERVICE, literal
from tests.simulation.errors import ViolationError

Answer = TypeVar("Answer")
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


class Desk:
    """One connection of the superuser, who takes the services' role for their calls."""

    def __init__(self, dsn: str) -> None:
        self._pg = pq.PGconn.connect(dsn.encode())
        if self._pg.status != pq.ConnStatus.OK:
            raise RuntimeError(self._pg.get_error_message())
        self._pg.notice_handler = None
        self._kinds, self._json = _described(dsn)
        self._calls = 0
        self._is_open = False
        self._must("set jit = off; set client_min_messages = error; set synchronous_commit = off")

    def begin(self) -> None:
        """Begin an order."""
        self._must(f"begin; select {SERVICE}")
        self._is_open, self._calls = True, 0

    def roll_back(self) -> None:
        """Undo everything since `begin`."""
        self._must("rollback")
        self._is_open = False

    def call(self, function: str, arguments: Mapping[str, object]) -> bytes:
        """Run a function of `worker_api` as the services do, and return its answer as JSON.

        Raises:
            RpcError: It refused; nothing of the call stays.
            ViolationError: It failed, which is no refusal.
        """
        select = self._statement(function, arguments)
        if not self._is_open:
            result = self._pg.exec_(f"begin; select {SERVICE}; {select}".encode())
        else:
            release = "release called; " if self._calls else ""
            result = self._pg.exec_(f"{release}savepoint called; {select}".encode())
            self._calls += 1
        if result.status in _FAILED:
            self._must("rollback to called" if self._is_open else "rollback")
            raise _error(function, result)
        answer = result.get_value(0, 0)
        if not self._is_open:
            self._must("commit")
        return answer or b"null"

    def text(self, query: str) -> str:
        """Run a query of one row and column as the superuser and return its text."""
        reset, back = ("reset role; ", "; set local role service_role") if self._is_open else ("", "")
        result = self._must(f"{reset}{query}")
        value = result.get_value(0, 0) if result.ntuples else None
        if back:
            self._must(f"select 1{back}")
        return "" if value is None else value.decode()

    def lasting(self, statement: str) -> None:
        """Run statements as the superuser, to stay."""
        self._must(statement)

    def close(self) -> None:
        """Close the connection."""
        self._pg.finish()

    def _must(self, statement: str) -> pq.abc.PGresult:
        result = self._pg.exec_(statement.encode())
        if result.status in _FAILED:
            raise ViolationError(f"{statement[:200]}: {result.error_message.decode()}")
        return result

    def _statement(self, function: str, arguments: Mapping[str, object]) -> str:
        plain = {
            name: json.dumps(value) if isinstance(value, list) and (function, name) in self._json else value
            for name, value in arguments.items()
        }
        named = ", ".join(f"{name} => {literal(value)}" for name, value in plain.items())
        call = f"worker_api.{function}({named})"
        return {
            "rows": f"select coalesce(json_agg(r), '[]') from {call} r",
            "nothing": f"select null from {call}",
            "value": f"select to_json({call})",
        }[self._kinds[function]]


def _described(dsn: str) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """How each function answers, and which of its arguments are JSON."""
    with psycopg.connect(dsn) as connection:
        kinds = connection.execute(
            "select p.proname, case when p.proretset then 'rows' when p.prorettype = 'void'::regtype "
            "then 'nothing' else 'value' end from pg_proc p where p.pronamespace = 'worker_api'::regnamespace"
        ).fetchall()
        arguments = connection.execute(
            "select p.proname, a.name from pg_proc p, unnest(p.proargnames, p.proargtypes::oid[]) a (name, type) "
            "where p.pronamespace = 'worker_api'::regnamespace and a.type = 'jsonb'::regtype"
        ).fetchall()
    return {str(name): str(kind) for name, kind in kinds}, {(str(name), str(given)) for name, given in arguments}


def _error(function: str, result: pq.abc.PGresult) -> Exception:
    def part(field: DiagnosticField) -> str:
        return (result.error_field(field) or b"").decode()

    sqlstate, message = part(DiagnosticField.SQLSTATE), part(DiagnosticField.MESSAGE_PRIMARY)
    details = part(DiagnosticField.MESSAGE_DETAIL)
    if not sqlstate.startswith("PT"):
        return ViolationError(f"{function}: {sqlstate} {message} {details} {part(DiagnosticField.CONTEXT)}")
    return RpcError(
        message, status=int(sqlstate[2:]), sqlstate=sqlstate, function=function, typed=True, details=details
    )


class DeskRpc(Rpc):
    """The door of the workers, leading to a desk; `pause` is called before each call that may be overtaken."""

    def __init__(self, desk: Desk, pause: Callable[[str], None]) -> None:
        self._desk = desk
        self._pause = pause

    def run(self, call: Call[Answer]) -> Answer:
        """Run a call."""
        self._pause(call.function)
        return call.answer.validate_json(self._desk.call(call.function, call.arguments))

    def close(self) -> None:
        """The desk is closed by whoever opened it."""
