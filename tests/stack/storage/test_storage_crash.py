"""What a crash leaves: nothing half, nothing lost, nothing that stays for ever."""

import socket
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stack.storage.harness import StorageHost

PATIENCE_SECONDS = 10.0


@pytest.fixture
def fragile(start_storage: Callable[..., StorageHost]) -> StorageHost:
    """A server to kill, on a folder of its own; it sees the rows of the others, not their bytes."""
    return start_storage()


def begin(host: StorageHost, path: str, announced: int, sent: bytes) -> socket.socket:
    """Begin an upload, send some of it, and return when the server has it."""
    address = urlsplit(host.url)
    connection = socket.create_connection((address.hostname, address.port or 80))
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.keys.service_role_key}\r\n"
    connection.sendall(f"{head}Content-Type: text/css\r\nContent-Length: {announced}\r\n\r\n".encode() + sent)
    wait_for(lambda: bool(host.unfinished()))
    return connection


def wait_for(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_upload_that_a_crash_cuts_short_never_was(fragile: StorageHost) -> None:
    name = f"crash/{uuid.uuid4()}"
    fragile.service().from_("things").upload(f"{name}-kept", b"kept")
    with begin(fragile, f"/object/things/{name}", 1000, b"x" * 500):
        fragile.kill()
    assert fragile.unfinished() != []

    fragile.start_again()

    assert fragile.unfinished() == []
    things = fragile.service().from_("things")
    assert not things.exists(name)
    assert things.download(f"{name}-kept") == b"kept"
    things.upload(name, b"whole")
    assert things.download(name) == b"whole"


def test_an_upload_that_its_sender_cuts_short_never_was(fragile: StorageHost) -> None:
    name = f"crash/{uuid.uuid4()}"
    things = fragile.service().from_("things")
    things.upload(name, b"stands")
    before = fragile.versions()
    begin(fragile, f"/object/things/{name}-other", 1000, b"x" * 500).close()
    wait_for(lambda: not fragile.unfinished())
    assert fragile.versions() == before
    assert not things.exists(f"{name}-other")
    assert things.download(name) == b"stands"


def test_bytes_that_no_row_names_are_swept(fragile: StorageHost) -> None:
    name = f"crash/{uuid.uuid4()}"
    fragile.service().from_("things").upload(name, b"kept")
    (kept,) = fragile.versions()
    orphan = str(uuid.uuid4())
    place: Path = fragile.folder / "objects" / orphan[:2] / orphan
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"left by a crash between the bytes and the row")

    fragile.kill()
    fragile.start_again()

    assert fragile.versions() == {kept}
    assert fragile.service().from_("things").download(name) == b"kept"


def test_an_object_without_its_bytes_is_refused_not_broken(fragile: StorageHost) -> None:
    name = f"crash/{uuid.uuid4()}"
    things = fragile.service().from_("things")
    things.upload(name, b"bytes")
    for place in fragile.folder.glob("objects/*/*"):
        place.unlink()
    answer = fragile.call("GET", f"/object/things/{name}", token=fragile.keys.service_role_key)
    assert (answer.json()["statusCode"], answer.json()["message"]) == ("404", "The resource was not found")
    # A row that names a place instead of a version opens nothing of the machine.
    fragile.sql("update storage.objects set version = '../../../../etc/passwd' where name = %s", name)
    answer = fragile.call("GET", f"/object/things/{name}", token=fragile.keys.service_role_key)
    assert answer.json()["statusCode"] == "404"
    things.update(name, b"again")
    assert things.download(name) == b"again"


def test_a_reader_keeps_the_version_it_began_with(fragile: StorageHost) -> None:
    name = f"crash/{uuid.uuid4()}"
    things = fragile.service().from_("things")
    things.upload(name, b"a" * 250_000)
    headers = {"Authorization": f"Bearer {fragile.keys.service_role_key}"}
    with fragile.http.stream("GET", f"{fragile.url}/object/things/{name}", headers=headers) as answer:
        parts = answer.iter_bytes(1000)
        first = next(parts)
        things.update(name, b"b" * 250_000)
        rest = b"".join(parts)
    assert set(first + rest) == {ord("a")}
    assert things.download(name) == b"b" * 250_000
