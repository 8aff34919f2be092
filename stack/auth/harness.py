"""Auth servers for tests: real processes, each with its own settings, and what a test asks them.

host = start_server(settings, keys, http)   # answers /health
host.client().sign_up(...)                  # the official client
host.mails("person@example.com")            # what arrived, newest first
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from socket import socket
from typing import LiteralString, Protocol

import httpx
import psycopg
from pydantic import TypeAdapter
from supabase_auth import AsyncGoTrueClient, SyncGoTrueClient
from supabase_auth.types import AuthFlowType

from stack.keys import StackKeys

_START_SECONDS = 20.0
_POLL_SECONDS = 0.05
_MAILS = TypeAdapter(list[dict[str, str]])

Row = tuple[object, ...]
Dsn = Callable[[str], str]
MakeDatabase = Callable[[str], Dsn]


@dataclass(frozen=True, slots=True)
class AuthHost:
    """A running Auth server, and its database as a superuser sees it.

    Attributes:
        url: where it answers, without the gateway's prefix.
        keys: the keys it signs and recognises with.
        superuser_dsn: its database.
        http: connections the clients share; whoever made them closes them.
        process: the server.
    """

    url: str
    keys: StackKeys
    superuser_dsn: str
    http: httpx.Client
    process: subprocess.Popen[bytes]

    def client(self, flow_type: AuthFlowType = "implicit") -> SyncGoTrueClient:
        """Return a person's own client."""
        return SyncGoTrueClient(
            url=self.url,
            headers={"apikey": self.keys.anon_key},
            auto_refresh_token=False,
            persist_session=False,
            flow_type=flow_type,
            http_client=self.http,
        )

    def async_client(self) -> AsyncGoTrueClient:
        """Return a person's own asynchronous client; an `async with` closes it."""
        return AsyncGoTrueClient(
            url=self.url,
            headers={"apikey": self.keys.anon_key},
            auto_refresh_token=False,
            persist_session=False,
        )

    def admin(self) -> SyncGoTrueClient:
        """Return a server's client, with the secret key."""
        key = self.keys.service_role_key
        return SyncGoTrueClient(
            url=self.url,
            headers={"apikey": key, "Authorization": f"Bearer {key}"},
            auto_refresh_token=False,
            persist_session=False,
            http_client=self.http,
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send one bare request; redirects are answers, not followed.

        Args:
            method: HTTP method.
            path: path and query.
            token: bearer token, if any.
            headers: further headers.
            json: body to encode, unless None.
            content: body as it is, unless None.
        """
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return self.http.request(method, self.url + path, headers=sent, json=json, content=content)

    def mails(self, to: str) -> list[dict[str, str]]:
        """Return the mails of an address, newest first."""
        answer = self.http.get(f"{self.url}/mailbox", params={"to": to})
        return _MAILS.validate_json(answer.content)

    def sql(self, query: LiteralString, *values: object) -> list[Row]:
        """Run statements as superuser and return the rows of the last one, if it has any."""
        with psycopg.connect(self.superuser_dsn, autocommit=True) as conn:
            cursor = conn.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(10)


class StartAuth(Protocol):
    """Starts an Auth server on a database."""

    def __call__(self, dsn: Dsn, **settings: object) -> AuthHost:
        """Start it with settings that differ from the defaults."""
        ...


def start_server(settings: Mapping[str, str], keys: StackKeys, superuser_dsn: str, http: httpx.Client) -> AuthHost:
    """Start a server on a free port and return once it is healthy.

    Args:
        settings: every variable it reads but the port.
        keys: the keys named in the settings.
        superuser_dsn: the same database for a superuser.
        http: connections its clients share.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | settings | {"STACK_AUTH_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "stack.auth"], env=environment)
    host = AuthHost(f"http://127.0.0.1:{port}", keys, superuser_dsn, http, process)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if http.get(f"{host.url}/health").is_success:
                return host
        except httpx.TransportError:
            time.sleep(_POLL_SECONDS)
    process.kill()
    raise RuntimeError(f"the Auth server did not start (exit code {process.wait(10)})")
