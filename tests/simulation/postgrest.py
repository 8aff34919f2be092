"""An httpx transport that speaks enough of PostgREST's RPC protocol for the services, over the simulation's connection.

It is also where a service meets its faults: it dies before a call or after it, finds nobody, loses the answer, or has
the server's process killed in the middle.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg

from tests.simulation.door import SERVICE, Door, literal
from tests.simulation.errors import CutError, KilledError, RefusedError, ViolationError
from tests.simulation.faults import Fault, Weather


class Transport(httpx.BaseTransport):
    """Carries calls of `worker_api`."""

    def __init__(self, door: Door, weather: Weather, superuser: psycopg.Connection[Any]) -> None:
        self._door = door
        self._weather = weather
        self._superuser = superuser
        self._answers = dict(
            superuser.execute(
                "select p.proname, case when p.proretset then 'rows' when p.prorettype = 'void'::regtype "
                "then 'nothing' else 'value' end from pg_proc p where p.pronamespace = 'worker_api'::regnamespace"
            ).fetchall()
        )
        # Lists for these are JSON, for others arrays.
        self._json = set(
            superuser.execute(
                "select p.proname, a.name from pg_proc p, unnest(p.proargnames, p.proargtypes::oid[]) a (name, type) "
                "where p.pronamespace = 'worker_api'::regnamespace and a.type = 'jsonb'::regtype"
            ).fetchall()
        )

        # A limit of time that a function sets for itself holds for the call, as PostgREST has it.
        self._limits = dict(
            superuser.execute(
                "select p.proname, split_part(s, '=', 2) from pg_proc p, unnest(p.proconfig) s "
                "where p.pronamespace = 'worker_api'::regnamespace and s like 'statement_timeout=%'"
            ).fetchall()
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the function, or let the fault of the moment happen."""
        function = request.url.path.rsplit("/", 1)[1]
        sql = self._statement(function, json.loads(request.content or b"{}"))
        fault = self._weather.at_database()
        if fault == Fault.KILLED_BEFORE:
            raise KilledError(f"before {function}")
        if fault == Fault.UNREACHABLE:
            raise httpx.ConnectError("nobody listens", request=request)
        if fault == Fault.CUT:
            self._break_off(sql)
            raise httpx.RemoteProtocolError("cut", request=request)
        response = self._run(function, sql, request)
        if fault == Fault.KILLED_AFTER:
            raise KilledError(f"after {function}")
        if fault == Fault.ANSWER_LOST:
            raise httpx.RemoteProtocolError("no answer", request=request)
        return response

    def _statement(self, function: str, arguments: dict[str, Any]) -> str:
        plain = {
            name: json.dumps(value) if isinstance(value, list) and (function, name) in self._json else value
            for name, value in arguments.items()
        }
        named = ", ".join(f"{name} => {literal(value)}" for name, value in plain.items())
        call = f"worker_api.{function}({named})"
        # Rows of equal rank come as they lie on disk, which is not the seed's to decide.
        return {
            "rows": f"select coalesce(json_agg(r order by r::text), '[]') from {call} r",
            "nothing": f"select {call}",
            "value": f"select to_json({call})",
        }[self._answers[function]]

    def _break_off(self, sql: str) -> None:
        try:
            self._door.begin(SERVICE, sql)
        except RefusedError:
            return
        self._door.cut(self._superuser)

    def _run(self, function: str, sql: str, request: httpx.Request) -> httpx.Response:
        limit = self._limits.get(function)
        who = f"{SERVICE}, set_config('statement_timeout', {literal(limit)}, true)" if limit else SERVICE
        try:
            body = self._door.call(who, sql)
        except RefusedError as refusal:
            error = {
                "code": refusal.sqlstate,
                "message": refusal.code,
                "details": refusal.details,
                "hint": refusal.hint,
            }
            return httpx.Response(int(refusal.sqlstate[2:]), json=error, request=request)
        except CutError as cut:
            raise httpx.RemoteProtocolError("cut", request=request) from cut
        if function == "advance_sessions" and body["failed"]:
            raise ViolationError(f"sessions that cannot advance: {body}")
        return httpx.Response(200, json=body, request=request)
