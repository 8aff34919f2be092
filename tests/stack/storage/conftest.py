"""A Storage server on a database of its own, and a bucket in which everyone has a folder."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from storage3 import SyncStorageClient

from stack.instance import Stack
from stack.keys import jwks_file
from stack.storage.harness import StorageHost, start_server
from stack.worlds import World
from tests.stack.storage.refusals import LARGEST


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """The connections of every client of the tests."""
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def storage_world(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[World]:
    """The database of these tests, with a policy for the bucket `things`: each person has the folder of their id."""
    with make_world() as world:
        with world.connect() as database:
            database.execute("insert into storage.buckets (id, name) values ('things', 'things')")
            database.execute(
                "create policy things on storage.objects for all to authenticated "
                "using (bucket_id = 'things' and (storage.foldername(name))[1] = (select auth.uid())::text)"
            )
        yield world


@pytest.fixture(scope="session")
def start_storage(
    stack: Stack, storage_world: World, http: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., StorageHost]]:
    """What starts a Storage server on that database, with a folder of its own; all end with the test run."""
    hosts: list[StorageHost] = []

    def start(**settings: object) -> StorageHost:
        chosen = {"file_size_limit": LARGEST, "pool_size": 6, **settings}
        shown = {f"STACK_STORAGE_{name.upper()}": str(value) for name, value in chosen.items()} | {
            "STACK_STORAGE_DB_URL": storage_world.server.dsn(storage_world.database, "supabase_storage_admin"),
            "STACK_STORAGE_JWKS_FILE": str(jwks_file(stack.paths)),
            "STACK_STORAGE_FOLDER": str(tmp_path_factory.mktemp("storage")),
        }
        hosts.append(start_server(shown, storage_world.keys, storage_world.superuser_dsn, http))
        return hosts[-1]

    yield start
    for host in hosts:
        host.stop()


@pytest.fixture(scope="session")
def storage(start_storage: Callable[..., StorageHost]) -> StorageHost:
    """The server most tests share."""
    return start_storage()


@pytest.fixture
def me() -> str:
    """The id of somebody nobody knows yet."""
    return str(uuid.uuid4())


@pytest.fixture
def mine(storage: StorageHost, me: str) -> SyncStorageClient:
    """The client of that person."""
    return storage.person(me)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file to upload."""
    place = tmp_path / "picture.png"
    place.write_bytes(b"\x89PNG" + bytes(range(256)) * 40)
    return place
