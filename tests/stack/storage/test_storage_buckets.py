"""Buckets through the official client: their life with the secret key, their limits, and nobody else touches them."""

import uuid
from collections.abc import Iterator

import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost
from tests.stack.storage.refusals import LARGEST, NO_BUCKET, NO_RIGHT, TAKEN, refused


@pytest.fixture
def service(storage: StorageHost) -> SyncStorageClient:
    return storage.service()


@pytest.fixture
def name() -> str:
    return f"bucket-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def bucket(service: SyncStorageClient, name: str) -> Iterator[str]:
    service.create_bucket(name)
    yield name
    service.empty_bucket(name)
    service.delete_bucket(name)


def test_the_life_of_a_bucket(service: SyncStorageClient, name: str) -> None:
    limits = {"public": True, "file_size_limit": 1000, "allowed_mime_types": ["image/*"]}
    assert service.create_bucket(name, options=limits) == {"name": name}

    made = service.get_bucket(name)
    assert (made.id, made.name, made.owner, made.public, made.type) == (name, name, "", True, "STANDARD")
    assert (made.file_size_limit, made.allowed_mime_types) == (1000, ["image/*"])
    assert name in [one.id for one in service.list_buckets()]

    assert service.update_bucket(name, {"public": False, "file_size_limit": None}) == {
        "message": "Successfully updated"
    }
    changed = service.get_bucket(name)
    assert (changed.public, changed.file_size_limit, changed.allowed_mime_types) == (False, None, ["image/*"])
    assert changed.updated_at > made.updated_at

    service.from_(name).upload("a/b.png", b"1", {"content-type": "image/png"})
    assert refused(lambda: service.delete_bucket(name)) == (
        "409",
        "ResourceNotEmpty",
        "The bucket you tried to delete is not empty",
    )

    assert service.empty_bucket(name) == {"message": "Successfully emptied"}
    assert service.delete_bucket(name) == {"message": "Successfully deleted"}
    assert refused(lambda: service.get_bucket(name)) == NO_BUCKET


def test_emptying_leaves_no_bytes(storage: StorageHost, service: SyncStorageClient, bucket: str) -> None:
    before = storage.versions()
    for number in range(12):
        service.from_(bucket).upload(f"{number % 3}/{number}.txt", b"x")
    assert len(storage.versions() - before) == 12

    service.empty_bucket(bucket)

    assert storage.versions() == before
    assert service.from_(bucket).list() == []


def test_there_is_one_bucket_of_a_name(service: SyncStorageClient, bucket: str) -> None:
    assert refused(lambda: service.create_bucket(bucket)) == TAKEN


@pytest.mark.parametrize("bad", ["", "a/b", "x" * 64, "emoji-😀", "new\nline"])
def test_a_name_that_is_none_is_refused(service: SyncStorageClient, bad: str) -> None:
    assert refused(lambda: service.create_bucket("placeholder", name=bad or "\0")) == (
        "400",
        "Invalid Input",
        "Bucket name invalid",
    )


@pytest.mark.parametrize(("limit", "size"), [("2KB", 2000), ("0.1MB", 100_000), ("12b", 12), (7, 7)])
def test_a_limit_is_written_with_its_unit(
    storage: StorageHost, service: SyncStorageClient, bucket: str, limit: str | int, size: int
) -> None:
    body = {"id": bucket, "name": bucket, "file_size_limit": limit}
    answer = storage.call("PUT", f"/bucket/{bucket}", token=storage.keys.service_role_key, json=body)
    assert answer.json() == {"message": "Successfully updated"}
    assert service.get_bucket(bucket).file_size_limit == size


@pytest.mark.parametrize(("limit", "status"), [("much", "400"), (LARGEST + 1, "413"), ("1GB", "413"), (-1, "400")])
def test_a_limit_that_cannot_be_is_refused(storage: StorageHost, bucket: str, limit: str | int, status: str) -> None:
    body = {"id": bucket, "name": bucket, "file_size_limit": limit}
    answer = storage.call("PUT", f"/bucket/{bucket}", token=storage.keys.service_role_key, json=body)
    assert (answer.status_code, answer.json()["statusCode"]) == (400, status)


def test_buckets_are_listed_by_pages(storage: StorageHost, service: SyncStorageClient) -> None:
    names = [f"page-{letter}-{uuid.uuid4().hex[:6]}" for letter in "abc"]
    for name in names:
        service.create_bucket(name)

    def listed(query: str) -> list[str]:
        answer = storage.call("GET", f"/bucket?search=PAGE-&{query}", token=storage.keys.service_role_key)
        return [bucket["id"] for bucket in answer.json()]

    assert listed("limit=2") == names[:2]
    assert listed("limit=2&offset=2") == names[2:]
    assert listed("sortColumn=created_at&sortOrder=desc") == names[::-1]
    for name in names:
        service.delete_bucket(name)


def test_people_see_no_bucket_and_make_change_or_delete_none(
    storage: StorageHost, mine: SyncStorageClient, bucket: str
) -> None:
    assert mine.list_buckets() == storage.client(storage.keys.anon_key).list_buckets() == []
    assert refused(lambda: mine.create_bucket("my-own")) == NO_RIGHT
    hidden = [
        lambda: mine.get_bucket(bucket),
        lambda: mine.update_bucket(bucket, {"public": True}),
        lambda: mine.empty_bucket(bucket),
        lambda: mine.delete_bucket(bucket),
    ]
    for attempt in hidden:
        assert refused(attempt) == NO_BUCKET
