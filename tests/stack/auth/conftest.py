"""Auth servers to test against: real processes on databases that hold the hosted baseline and nothing else."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from supabase_auth import AsyncGoTrueClient, SyncGoTrueClient
from supabase_auth.types import AuthFlowType

from stack.keys import StackKeys

SITE = "http://127.0.0.1:3000"
ISSUER = "http://127.0.0.1:54321/auth/v1"
PASSWORD = "correct horse battery"  # noqa: S105 - a test person's password


@dataclass(frozen=True)
class AuthHost:
    """A running Auth server, and its database as a superuser sees it."""

    url: str
    keys: StackKeys
    superuser_dsn: str
    http: httpx.Client

    def client(self, flow_type: AuthFlowType = "implicit") -> SyncGoTrueClient:
        """A person's own client."""
        return SyncGoTrueClient(
            url=self.url, headers={"apikey": self.keys.anon_key}, auto_refresh_token=False, persist_session=False,
            flow_type=flow_type, http_client=self.http,
        )

    def async_client(self) -> AsyncGoTrueClient:
        """A person's own client, asynchronous; an `async with` closes it."""
        return AsyncGoTrueClient(
            url=self.url, headers={"apikey": self.keys.anon_key}, auto_refresh_token=False, persist_session=False
        )

    def admin(self) -> SyncGoTrueClient:
        """A server's client, with the secret key."""
        key = self.keys.service_role_key
        return SyncGoTrueClient(
            url=self.url, headers={"apikey": key, "Authorization": f"Bearer {key}"}, auto_refresh_token=False,
            persist_session=False, http_client=self.http,
        )

    def call(self, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
        """One bare request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, self.url + path, headers=headers | more.pop("headers", {}), **more)

    def mails(self, to: str) -> list[dict[str, str]]:
        """The mails of an address, newest first."""
        mails: list[dict[str, str]] = self.http.get(f"{self.url}/mailbox", params={"to": to}).json()
        return mails

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as superuser."""
        with psycopg.connect(self.superuser_dsn, autocommit=True) as conn:
            cursor = conn.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


def address(name: str = "person") -> str:
    """An e-mail nobody has yet."""
    return f"{name}-{uuid4().hex[:12]}@example.com"


@pytest.fixture
def email() -> str:
    """An e-mail nobody has yet."""
    return address()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    message = f"the Auth server did not start (exit code {process.poll()})"
    raise RuntimeError(message)


StartAuth = Callable[..., AuthHost]


@pytest.fixture(scope="session")
def auth_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[StackKeys, Path]:
    """The keys every Auth server of the tests shares, and the file of the signing key."""
    keys = StackKeys.make()
    place = tmp_path_factory.mktemp("keys") / "signing-key.jwk.json"
    place.write_text(json.dumps(keys.signing_key), encoding="utf-8")
    return keys, place


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """The connections of every client of the tests; redirects are answers, not followed."""
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def start_auth(auth_keys: tuple[StackKeys, Path], http: httpx.Client) -> Iterator[StartAuth]:
    """Start an Auth server on a database; settings as keyword arguments. All end with the test run."""
    keys, key_file = auth_keys
    processes: list[subprocess.Popen[bytes]] = []

    def start(dsn: Callable[[str], str], **settings: object) -> AuthHost:
        port = _free_port()
        shown = {"bcrypt_cost": 4, "pool_size": 6, **settings}
        environment = os.environ | {
            "STACK_AUTH_DB_URL": dsn("supabase_auth_admin"), "STACK_AUTH_PORT": str(port),
            "STACK_AUTH_SIGNING_KEY_FILE": str(key_file), "STACK_AUTH_JWT_SECRET": keys.jwt_secret,
            "STACK_AUTH_SITE_URL": SITE, "STACK_AUTH_ISSUER": ISSUER,
        } | {f"STACK_AUTH_{name.upper()}": str(value) for name, value in shown.items()}
        process = subprocess.Popen([sys.executable, "-m", "stack.auth"], env=environment)
        processes.append(process)
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process)
        return AuthHost(url, keys, dsn("supabase_admin"), http)

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture(scope="session")
def baseline_dsn() -> Iterator[Callable[[str], Callable[[str], str]]]:
    """Make a database out of the hosted baseline; the answer gives its connection string for a role."""
    base = os.environ["SOULSEER_DEV_AUTH"]
    made: list[str] = []

    def make(name: str) -> Callable[[str], str]:
        with psycopg.connect(f"postgresql://supabase_admin@{base}/template1", autocommit=True) as admin:
            admin.execute(f"drop database if exists {name} with (force)".encode())
            admin.execute(f"create database {name} template soulseer_baseline owner postgres".encode())
        made.append(name)
        return lambda role: f"postgresql://{role}@{base}/{name}"

    yield make
    with psycopg.connect(f"postgresql://supabase_admin@{base}/template1", autocommit=True) as admin:
        for name in made:
            admin.execute(f"drop database if exists {name} with (force)".encode())


@pytest.fixture(scope="session")
def auth_dsn(baseline_dsn: Callable[[str], Callable[[str], str]]) -> Callable[[str], str]:
    """The database most Auth servers of the tests share."""
    return baseline_dsn("auth_tests")


@pytest.fixture(scope="session")
def auth(start_auth: StartAuth, auth_dsn: Callable[[str], str]) -> AuthHost:
    """An Auth server with default settings."""
    return start_auth(auth_dsn)


@pytest.fixture(scope="session")
def confirming_auth(start_auth: StartAuth, auth_dsn: Callable[[str], str]) -> AuthHost:
    """An Auth server where a mail confirms each e-mail, beside the default one on the same database."""
    return start_auth(auth_dsn, autoconfirm=False)


@pytest.fixture(scope="session")
def strict_auth(start_auth: StartAuth, auth_dsn: Callable[[str], str]) -> AuthHost:
    """An Auth server without patience: nothing is taken for a retry, codes and tokens live a second."""
    return start_auth(
        auth_dsn, reuse_seconds=0, otp_seconds=1, flow_seconds=1, token_seconds=1, password_reauthentication=True,
        anonymous_enabled=False, signup_enabled=False,
    )
