"""Listing through the official client: folders and pages, sorted, searched, and of what the caller may see."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost

NAMES = ["b.txt", "a.txt", "c.txt", "deep/x.txt", "deep/er/y.txt", "deep/a_z.txt", "deepest/z.txt"]


@pytest.fixture(scope="module")
def owner(storage: StorageHost) -> Iterator[tuple[str, SyncStorageClient]]:
    """Somebody who uploaded the names, one after the other."""
    me = "77777777-7777-4777-8777-777777777777"
    things = storage.person(me).from_("things")
    for number, name in enumerate(NAMES):
        things.upload(f"{me}/{name}", b"x" * number)
    yield me, storage.person(me)
    things.remove([f"{me}/{name}" for name in NAMES])


def folder(owner: tuple[str, SyncStorageClient], path: str = "", **options: Any) -> list[dict[str, Any]]:
    me, client = owner
    return client.from_("things").list(f"{me}/{path}".rstrip("/"), options)


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["name"] for entry in entries]


def test_a_folder_shows_folders_then_files(owner: tuple[str, SyncStorageClient]) -> None:
    entries = folder(owner)
    assert names(entries) == ["deep", "deepest", "a.txt", "b.txt", "c.txt"]
    assert [entry["id"] for entry in entries[:2]] == [None, None]
    assert entries[0]["metadata"] is None
    assert entries[2]["metadata"]["size"] == 1
    assert names(folder(owner, "deep")) == ["er", "a_z.txt", "x.txt"]
    assert names(folder(owner, "deep/er")) == ["y.txt"]
    assert folder(owner, "nowhere") == []


def test_a_folder_is_sorted_paged_and_searched(owner: tuple[str, SyncStorageClient]) -> None:
    assert names(folder(owner, sortBy={"column": "name", "order": "desc"})) == [
        "deepest", "deep", "c.txt", "b.txt", "a.txt",
    ]  # fmt: skip
    assert names(folder(owner, sortBy={"column": "created_at", "order": "asc"}))[2:] == ["b.txt", "a.txt", "c.txt"]
    assert names(folder(owner, limit=2, offset=1)) == ["deepest", "a.txt"]
    assert names(folder(owner, search="dee")) == ["deep", "deepest"]
    assert names(folder(owner, search="C.T")) == ["c.txt"]
    # What stands for anything in SQL stands for itself here.
    assert folder(owner, search="%") == folder(owner, "deep", search="a%") == []
    assert names(folder(owner, "deep", search="a_")) == ["a_z.txt"]


def test_others_see_none_of_it(storage: StorageHost, owner: tuple[str, SyncStorageClient], me: str) -> None:
    theirs, _ = owner
    for client in (storage.person(me), storage.client(storage.keys.anon_key)):
        assert client.from_("things").list(theirs) == []
        assert client.from_("things").list_v2({"prefix": theirs}).objects == []
    assert theirs in names(storage.service().from_("things").list("", {"limit": 1000}))


def pages(owner: tuple[str, SyncStorageClient], **options: Any) -> tuple[list[str], list[str], int]:
    """Return folders and objects of all pages without the owner's own folder, and how many pages there were."""
    me, client = owner
    folders, objects, cursor = [], [], None
    for number in itertools.count(1):
        asked = {"prefix": f"{me}/", **options, **({"cursor": cursor} if cursor else {})}
        page = client.from_("things").list_v2(asked)
        folders += [entry.name.removeprefix(f"{me}/") for entry in page.folders]
        objects += [entry.name.removeprefix(f"{me}/") for entry in page.objects]
        assert page.hasNext == (page.nextCursor is not None)
        if not page.hasNext:
            return folders, objects, number
        cursor = page.nextCursor
    raise AssertionError


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_by_name_leave_nothing_out(owner: tuple[str, SyncStorageClient], limit: int, order: str) -> None:
    sort = {"column": "name", "order": order}
    expected = sorted(NAMES, reverse=order == "desc")
    assert pages(owner, limit=limit, sortBy=sort) == ([], expected, -(-len(NAMES) // limit))
    folders, objects, _ = pages(owner, limit=limit, sortBy=sort, with_delimiter=True)
    assert folders == sorted(["deep/", "deepest/"], reverse=order == "desc")
    assert objects == sorted(["c.txt", "a.txt", "b.txt"], reverse=order == "desc")


@pytest.mark.parametrize("column", ["created_at", "updated_at"])
@pytest.mark.parametrize("limit", [2, 1000])
def test_pages_by_time_leave_nothing_out(owner: tuple[str, SyncStorageClient], limit: int, column: str) -> None:
    rising, falling = ({"column": column, "order": order} for order in ("asc", "desc"))
    assert pages(owner, limit=limit, sortBy=rising)[1] == NAMES
    assert pages(owner, limit=limit, sortBy=falling)[1] == NAMES[::-1]
    folders, objects, _ = pages(owner, limit=limit, sortBy=rising, with_delimiter=True)
    assert (folders, objects) == (["deep/", "deepest/"], ["b.txt", "a.txt", "c.txt"])


def test_a_prefix_of_pages_need_not_be_a_folder(owner: tuple[str, SyncStorageClient]) -> None:
    me, _ = owner
    folders, objects, _ = pages(owner, prefix=f"{me}/deep", with_delimiter=True)
    assert (folders, objects) == (["deep/", "deepest/"], [])
    assert pages(owner, prefix=f"{me}/deep")[1] == sorted(NAMES[3:])
