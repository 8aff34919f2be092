"""Auth servers to test against, on databases that hold the hosted baseline and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from psycopg import sql

from stack.auth.harness import AuthHost, Dsn, MakeDatabase, StartAuth, start_server
from stack.database import BASELINE, drop
from stack.instance import Stack
from stack.keys import StackKeys

SITE = "http://127.0.0.1:3000"
ISSUER = "http://127.0.0.1:54321/auth/v1"


@pytest.fixture
def email() -> str:
    """An e-mail nobody has yet."""
    return f"person-{uuid4().hex[:12]}@example.com"


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """The connections of every client of the tests."""
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def auth_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[StackKeys, Path]:
    """The keys every Auth server of the tests shares, and the file of the signing key."""
    keys = StackKeys.make()
    place = tmp_path_factory.mktemp("keys") / "signing-key.jwk.json"
    place.write_text(json.dumps(keys.signing_key), encoding="utf-8")
    return keys, place


@pytest.fixture(scope="session")
def start_auth(auth_keys: tuple[StackKeys, Path], http: httpx.Client) -> Iterator[StartAuth]:
    """What starts an Auth server; all end with the test run."""
    keys, key_file = auth_keys
    hosts: list[AuthHost] = []

    def start(dsn: Dsn, **settings: object) -> AuthHost:
        # The cheapest hash: what bcrypt costs is not what these tests measure.
        chosen = {"bcrypt_cost": 4, "pool_size": 6, **settings}
        shown = {f"STACK_AUTH_{name.upper()}": str(value) for name, value in chosen.items()} | {
            "STACK_AUTH_DB_URL": dsn("supabase_auth_admin"),
            "STACK_AUTH_SIGNING_KEY_FILE": str(key_file),
            "STACK_AUTH_JWT_SECRET": keys.jwt_secret,
            "STACK_AUTH_SITE_URL": SITE,
            "STACK_AUTH_ISSUER": ISSUER,
        }
        hosts.append(start_server(shown, keys, dsn("supabase_admin"), http))
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


@pytest.fixture(scope="session")
def baseline_dsn(stack: Stack) -> Iterator[MakeDatabase]:
    """What makes a database out of the hosted baseline; the answer gives its connection string for a role."""
    server = stack.layout().server
    made: list[str] = []

    def make(name: str) -> Dsn:
        copied = sql.SQL("create database {} template {} owner postgres")
        with server.connect("template1") as admin:
            admin.execute(copied.format(sql.Identifier(name), sql.Identifier(BASELINE)))
        made.append(name)
        return lambda role: server.dsn(name, role)

    yield make
    for name in made:
        drop(server, name)


@pytest.fixture(scope="session")
def auth_dsn(baseline_dsn: MakeDatabase) -> Dsn:
    """The database most Auth servers of the tests share."""
    return baseline_dsn("auth_tests")


@pytest.fixture(scope="session")
def auth(start_auth: StartAuth, auth_dsn: Dsn) -> AuthHost:
    """An Auth server with default settings."""
    return start_auth(auth_dsn)


@pytest.fixture(scope="session")
def confirming_auth(start_auth: StartAuth, auth_dsn: Dsn) -> AuthHost:
    """An Auth server where a mail confirms each e-mail, beside the default one on the same database."""
    return start_auth(auth_dsn, autoconfirm=False)


@pytest.fixture(scope="session")
def strict_auth(start_auth: StartAuth, auth_dsn: Dsn) -> AuthHost:
    """An Auth server without patience: nothing is taken for a retry, codes and tokens live a second."""
    return start_auth(
        auth_dsn,
        reuse_seconds=0,
        otp_seconds=1,
        flow_seconds=1,
        token_seconds=1,
        anonymous_enabled=False,
        signup_enabled=False,
    )
