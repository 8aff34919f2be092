"""Storage servers for tests: real processes on a database of the test's, and what a test asks them.

host = start_server(settings, keys, superuser_dsn, http)   # answers /health
host.client(token).from_("avatars").upload(...)            # the official client
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import LiteralString

import httpx
import psycopg
from storage3 import SyncStorageClient

from stack.keys import StackKeys

_START_SECONDS = 20.0
_POLL_SECONDS = 0.05

Row = tuple[object, ...]


@dataclass(slots=True)
class StorageHost:
    """A running Storage server, and its database as a superuser sees it.

    Attributes:
        url: where it answers, without the gateway's prefix.
        keys: the keys of the tokens it knows.
        superuser_dsn: its database.
        http: connections the clients share; whoever made them closes them.
        settings: what it was started with.
        process: the server.
    """

    url: str
    keys: StackKeys
    superuser_dsn: str
    http: httpx.Client
    settings: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def client(self, token: str) -> SyncStorageClient:
        """Return the client of whoever holds a token."""
        headers = {"apikey": self.keys.anon_key, "Authorization": f"Bearer {token}"}
        return SyncStorageClient(f"{self.url}/", headers, http_client=self.http)

    def person(self, user_id: str) -> SyncStorageClient:
        """Return the client of somebody who is signed in."""
        return self.client(self.keys.user_token(user_id))

    def service(self) -> SyncStorageClient:
        """Return a server's client, past every policy."""
        return self.client(self.keys.service_role_key)

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | Iterable[bytes] | None = None,
    ) -> httpx.Response:
        """Send one bare request.

        Args:
            method: HTTP method.
            path: path and query, as they go over the wire.
            token: bearer token, if any.
            headers: further headers.
            json: body to encode, unless None.
            content: body as it is, or its parts as they come, unless None.
        """
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return self.http.request(method, self.url + path, headers=sent, json=json, content=content)

    def sql(self, query: LiteralString, *values: object) -> list[Row]:
        """Run statements as superuser and return the rows of the last one, if it has any."""
        with psycopg.connect(self.superuser_dsn, autocommit=True) as conn:
            cursor = conn.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def versions(self) -> set[str]:
        """Return the names of the files that hold bytes."""
        return {place.name for place in self.folder.glob("objects/*/*")}

    def unfinished(self) -> list[Path]:
        """Return the files of uploads that are under way."""
        return list(self.folder.glob("incoming/*"))

    @property
    def folder(self) -> Path:
        """Where it keeps its bytes."""
        return Path(self.settings["STACK_STORAGE_FOLDER"])

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(10)

    def kill(self) -> None:
        """End the server as a crash would."""
        self.process.kill()
        self.process.wait(10)

    def start_again(self) -> None:
        """Start the server anew, on the same folder and database."""
        again = start_server(self.settings, self.keys, self.superuser_dsn, self.http)
        self.url, self.process = again.url, again.process


def start_server(settings: Mapping[str, str], keys: StackKeys, superuser_dsn: str, http: httpx.Client) -> StorageHost:
    """Start a server on a free port and return once it is healthy.

    Args:
        settings: every variable it reads but the port.
        keys: the keys in the file that the settings name.
        superuser_dsn: the same database for a superuser.
        http: connections its clients share.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | settings | {"STACK_STORAGE_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "stack.storage"], env=environment)
    host = StorageHost(f"http://127.0.0.1:{port}", keys, superuser_dsn, http, settings, process)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if http.get(f"{host.url}/health").is_success:
                return host
        except httpx.TransportError:
            time.sleep(_POLL_SECONDS)
    process.kill()
    raise RuntimeError(f"the Storage server did not start (exit code {process.wait(10)})")
