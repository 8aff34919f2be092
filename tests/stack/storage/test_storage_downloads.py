"""Downloads: parts, conditions, names, and what a browser is told of the bytes."""

import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost

BYTES = b"\x89PNG" + bytes(range(256)) * 40


@pytest.fixture
def held(mine: SyncStorageClient, me: str) -> str:
    mine.from_("things").upload(f"{me}/held.png", BYTES, {"content-type": "image/png", "cache-control": "30"})
    return f"/object/things/{me}/held.png"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-3", 0, 4), ("bytes=100-", 100, None), ("bytes=-5", -5, None), ("bytes=10-999999", 10, None)],
)
def test_a_part_is_given(storage: StorageHost, me: str, held: str, asked: str, start: int, end: int | None) -> None:
    answer = storage.call("GET", held, token=storage.keys.user_token(me), headers={"Range": asked})
    first = start % len(BYTES)
    assert answer.status_code == 206
    assert answer.content == BYTES[start:end]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(BYTES)}"
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=x", ""])
def test_what_is_no_single_range_gives_the_whole(storage: StorageHost, me: str, held: str, asked: str) -> None:
    answer = storage.call("GET", held, token=storage.keys.user_token(me), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=5-4", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(storage: StorageHost, me: str, held: str, asked: str) -> None:
    answer = storage.call("GET", held, token=storage.keys.user_token(me), headers={"Range": asked})
    assert answer.json()["statusCode"] == "416"


def test_head_and_conditions_spare_the_bytes(storage: StorageHost, me: str, held: str) -> None:
    token = storage.keys.user_token(me)
    head = storage.call("HEAD", held, token=token)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(BYTES)))
    assert (head.headers["Content-Type"], head.headers["Cache-Control"]) == ("image/png", "max-age=30")
    known = [
        {"If-None-Match": head.headers["ETag"]},
        {"If-None-Match": f'W/{head.headers["ETag"]}, "x"'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": head.headers["Last-Modified"]},
    ]
    for headers in known:
        answer = storage.call("GET", held, token=token, headers=headers)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", head.headers["ETag"])
    for headers in (
        {"If-None-Match": '"x"'},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "?"},
    ):
        assert storage.call("GET", held, token=token, headers=headers).content == BYTES
    assert storage.call("HEAD", f"{held}.not", token=token).status_code == 400


@pytest.mark.parametrize(
    ("query", "disposition"),
    [
        ("", None),
        ("?download", "attachment;"),
        ("?download=", "attachment;"),
        ("?download=my%20face.png", "attachment; filename=my%20face.png; filename*=UTF-8''my%20face.png;"),
        (
            "?download=%0d%0aSet-Cookie:x",
            "attachment; filename=%0D%0ASet-Cookie%3Ax; filename*=UTF-8''%0D%0ASet-Cookie%3Ax;",
        ),
    ],
)
def test_a_download_has_the_name_one_wishes(
    storage: StorageHost, me: str, held: str, query: str, disposition: str | None
) -> None:
    answer = storage.call("GET", held + query, token=storage.keys.user_token(me))
    assert answer.headers.get("Content-Disposition") == disposition


def test_a_page_is_shown_as_text(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    mine.from_("things").upload(f"{me}/page.html", b"<script>", {"content-type": "text/html; charset=utf-8"})
    answer = storage.call("GET", f"/object/authenticated/things/{me}/page.html", token=storage.keys.user_token(me))
    assert answer.headers["Content-Type"].startswith("text/plain")
