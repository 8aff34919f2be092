"""A world is a database of its own for a test, served by its own PostgREST, on the server of a running stack.

It is cloned from the template in a few hundredths of a second, and what happens in it is invisible in every other.

    with open_world(stack) as world:
        httpx.get(f"{world.rest_url}/users", headers={"Authorization": f"Bearer {world.token(user_id)}"})
        with world.connect() as database: ...
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from stack import database, gateway, postgrest, processes
from stack.binaries import find_caddy, find_postgrest
from stack.health import http_answers, wait_until
from stack.instance import Stack
from stack.keys import StackKeys, jwks_file
from stack.parts import Layout, realtime_part, realtime_settings, working_folder
from stack.ports import free_port
from stack.postgres import SUPERUSER, PostgresServer

_PATIENCE_SECONDS = 20.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class World:
    """A database of its own and its API.

    Attributes:
        database: name of the database.
        server: the server it is on.
        keys: keys of the stack, which hold here too.
        rest_url: address of PostgREST, no gateway before it: paths begin with the table. A request that prefers
            `tx=rollback` leaves nothing behind.
        api_url: address of a gateway like hosted's (`/rest/v1/…`, keys of the stack); empty unless asked for.
            It serves no Auth, no Storage, and Realtime only when asked for.
    """

    database: str
    server: PostgresServer
    keys: StackKeys
    rest_url: str
    api_url: str = ""

    @property
    def dsn(self) -> str:
        """Connection string of the role postgres, which migrations run as."""
        return self.server.dsn(self.database, "postgres")

    @property
    def superuser_dsn(self) -> str:
        """Connection string of the superuser, past every policy and privilege."""
        return self.server.dsn(self.database, SUPERUSER)

    @property
    def service_key(self) -> str:
        """A token of the role service_role, for `Authorization: Bearer`."""
        return self.keys.service_role_key

    @property
    def anon_key(self) -> str:
        """A token of the role anon, for `Authorization: Bearer`."""
        return self.keys.anon_key

    def token(self, user_id: str, role: str = "authenticated", **claims: Any) -> str:  # noqa: ANN401  # claims are any JSON
        """Return a signed token of a user, as Auth would give it; `StackKeys.user_token` says what it holds."""
        return self.keys.user_token(str(user_id), role, **claims)

    def connect(self, user: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection that commits each statement; `user` may be any role that may log in."""
        return psycopg.connect(self.server.dsn(self.database, user), autocommit=True)


@contextlib.contextmanager
def open_world(stack: Stack, *, with_gateway: bool = False, with_realtime: bool = False) -> Iterator[World]:
    """Make a world on a running stack; it is gone when the block ends.

    Args:
        stack: a stack that is up, with or without services.
        with_gateway: whether a gateway stands before its API, for code that wants `/rest/v1` and API keys.
        with_realtime: whether Realtime serves it too, behind its gateway.

    Yields:
        The world, ready for requests.

    Raises:
        StackError: the stack is down, or PostgREST did not start.
    """
    layout = stack.layout()
    name = f"world_{os.getpid()}_{next(_numbers)}"
    database.clone(layout.server, name)
    started: list[str] = []
    try:
        ports = {part: free_port() for part in ("postgrest", "postgrest_admin", "gateway")}
        # Nobody listens there: the others belong to the stack's main database; Realtime is served when asked for.
        for part in ("auth", "storage", "functions", "realtime", "realtime_socket"):
            ports[part] = free_port(ports.values())
        _serve(stack, layout, name, ports, started)
        if with_realtime:
            _tell(stack, layout, name, ports, started)
        if with_gateway or with_realtime:
            _guard(stack, layout, name, ports, started)
        yield World(
            database=name,
            server=layout.server,
            keys=layout.keys,
            rest_url=f"http://127.0.0.1:{ports['postgrest']}",
            api_url=f"http://127.0.0.1:{ports['gateway']}" if with_gateway or with_realtime else "",
        )
    finally:
        for part in reversed(started):
            processes.stop(stack.paths, part)
        database.drop(layout.server, name)
        for place in stack.paths.private.glob(f"{name}.*"):
            place.unlink()


def _serve(stack: Stack, layout: Layout, name: str, ports: dict[str, int], started: list[str]) -> None:
    place = stack.paths.private / f"{name}.postgrest.conf"
    postgrest.write_configuration(
        place,
        dsn=layout.server.dsn(name, "authenticator"),
        port=ports["postgrest"],
        admin_port=ports["postgrest_admin"],
        jwks=jwks_file(stack.paths),
        may_roll_back=True,
    )
    part = f"{name}-postgrest"
    started.append(part)
    record = processes.start(stack.paths, part, [find_postgrest().path, place])
    wait_until(
        http_answers(ports["postgrest_admin"], "/ready"),
        lambda: processes.is_alive(record),
        name=part,
        log=_log(stack, part),
        patience=_PATIENCE_SECONDS,
    )


def _tell(stack: Stack, layout: Layout, name: str, ports: dict[str, int], started: list[str]) -> None:
    part = f"{name}-realtime"
    started.append(part)
    like = realtime_part(layout)
    variables = {**like.full_environment(), **realtime_settings(layout, ports, name)}
    record = processes.start(stack.paths, part, like.command, environment=variables, folder=working_folder())
    wait_until(
        http_answers(ports["realtime"], "/healthz"),
        lambda: processes.is_alive(record),
        name=part,
        log=_log(stack, part),
        patience=_PATIENCE_SECONDS,
    )


def _guard(stack: Stack, layout: Layout, name: str, ports: dict[str, int], started: list[str]) -> None:
    part = f"{name}-gateway"
    started.append(part)
    command = [find_caddy().path, *gateway.arguments()]
    variables = gateway.environment(layout.keys, ports, stack.paths.state / "caddy")
    record = processes.start(stack.paths, part, command, environment=variables)
    wait_until(
        http_answers(ports["gateway"], "/gateway/health"),
        lambda: processes.is_alive(record),
        name=part,
        log=_log(stack, part),
        patience=_PATIENCE_SECONDS,
    )


def _log(stack: Stack, part: str) -> str:
    return str(stack.paths.logs / f"{part}.log")
