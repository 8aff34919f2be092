"""Objects through the official client: up, down, described, replaced, moved, copied, removed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost
from tests.stack.storage.refusals import NO_OBJECT, TAKEN, refused


def test_what_goes_up_comes_down(storage: StorageHost, mine: SyncStorageClient, me: str, picture: Path) -> None:
    things = mine.from_("things")
    told = {"content-type": "image/png", "cache-control": "60", "metadata": {"made": "by hand"}}

    made = things.upload(f"{me}/a/picture.png", picture, told)

    assert made.full_path == f"things/{me}/a/picture.png"
    assert things.download(f"{me}/a/picture.png") == picture.read_bytes()
    assert things.exists(f"{me}/a/picture.png")
    assert not things.exists(f"{me}/a/other.png")
    described = things.info(f"{me}/a/picture.png")
    assert described["size"] == picture.stat().st_size
    assert (described["content_type"], described["cache_control"]) == ("image/png", "max-age=60")
    assert described["metadata"] == {"made": "by hand"}
    assert described["etag"] == f'"{hashlib.md5(picture.read_bytes(), usedforsecurity=False).hexdigest()}"'
    rows = storage.sql("select owner::text, owner_id, version from storage.objects where name = %s", described["name"])
    assert rows == [(me, me, described["version"])]


def test_bytes_as_they_are_go_up_as_a_form_does(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    headers = {
        "Content-Type": "text/css",
        "Cache-Control": "max-age=9",
        "X-Metadata": "eyJhIjogMX0=",
    }
    answer = storage.call(
        "POST", f"/object/things/{me}/raw", token=storage.keys.user_token(me), headers=headers, content=b"a{}"
    )
    assert set(answer.json()) == {"Id", "Key"}
    described = mine.from_("things").info(f"{me}/raw")
    assert described["id"] == answer.json()["Id"]
    assert [described[name] for name in ("size", "content_type", "cache_control", "metadata")] == [
        3, "text/css", "max-age=9", {"a": 1},
    ]  # fmt: skip


def test_a_name_is_taken_unless_it_may_be_replaced(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things, place = mine.from_("things"), f"{me}/twice"
    first = things.upload(place, b"one")
    before = storage.versions()
    assert refused(lambda: things.upload(place, b"two")) == TAKEN
    assert storage.versions() == before
    assert things.download(place) == b"one"

    known = things.info(place)
    again = things.upload(place, b"three", {"upsert": "true"})
    assert again.full_path == first.full_path
    assert things.download(place) == b"three"
    things.update(place, b"four")
    assert things.download(place) == b"four"
    changed = things.info(place)
    assert changed["id"] == known["id"]
    assert changed["version"] in storage.versions()
    assert len(storage.versions()) == len(before)
    assert known["version"] not in storage.versions()


def test_many_at_once_leave_one_whole_object(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things, place = mine.from_("things"), f"{me}/contended"
    before = storage.versions()
    bodies = [bytes([number]) * 50_000 for number in range(12)]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda body: things.upload(place, body, {"upsert": "true"}), bodies))

    stands = things.download(place)
    assert stands in bodies
    assert things.info(place)["etag"].strip('"') == hashlib.md5(stands, usedforsecurity=False).hexdigest()
    assert storage.versions() - before == {things.info(place)["version"]}


def test_of_many_who_take_a_name_at_once_one_has_it(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    before = storage.versions()

    def attempt(number: int) -> bool:
        try:
            things.upload(f"{me}/first", str(number).encode())
        except Exception:  # noqa: BLE001  # whatever the refusal: who has the name is asked below
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(attempt, range(6)))

    assert sum(won) == 1
    assert things.download(f"{me}/first") == str(won.index(True)).encode()
    assert len(storage.versions() - before) == 1


def test_an_object_moves_with_its_bytes(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    things.upload(f"{me}/old", b"bytes", {"content-type": "text/plain", "metadata": {"a": 1}})
    known, before = things.info(f"{me}/old"), storage.versions()

    assert things.move(f"{me}/old", f"{me}/deep/new")["message"] == "Successfully moved"

    assert not things.exists(f"{me}/old")
    moved = things.info(f"{me}/deep/new")
    assert (moved["id"], moved["metadata"], moved["etag"]) == (known["id"], {"a": 1}, known["etag"])
    assert things.download(f"{me}/deep/new") == b"bytes"
    assert storage.versions() == before
    things.upload(f"{me}/taken", b"x")
    assert refused(lambda: things.move(f"{me}/deep/new", f"{me}/taken")) == TAKEN
    assert refused(lambda: things.move(f"{me}/old", f"{me}/elsewhere")) == NO_OBJECT


def test_a_copy_lives_on_its_own(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    things.upload(f"{me}/one", b"bytes", {"content-type": "text/css", "metadata": {"a": 1}})

    assert things.copy(f"{me}/one", f"{me}/two")["Key"] == f"things/{me}/two"

    one, two = things.info(f"{me}/one"), things.info(f"{me}/two")
    assert (two["metadata"], two["content_type"], two["etag"]) == ({"a": 1}, "text/css", one["etag"])
    assert two["version"] != one["version"]
    things.remove([f"{me}/one"])
    assert things.download(f"{me}/two") == b"bytes"
    assert refused(lambda: things.copy(f"{me}/one", f"{me}/three")) == NO_OBJECT
    things.upload(f"{me}/three", b"x")
    assert refused(lambda: things.copy(f"{me}/two", f"{me}/three")) == TAKEN
    body = {"bucketId": "things", "sourceKey": f"{me}/two", "destinationKey": f"{me}/three", "copyMetadata": False}
    told = {"metadata": {"cacheControl": "max-age=1", "mimetype": "text/plain"}}
    token, headers = storage.keys.user_token(me), {"X-Upsert": "true"}
    assert storage.call("POST", "/object/copy", token=token, headers=headers, json={**body, **told}).status_code == 200
    three = things.info(f"{me}/three")
    assert [three[name] for name in ("content_type", "cache_control", "metadata")] == ["text/plain", "max-age=1", None]
    assert things.download(f"{me}/three") == b"bytes"


def test_removing_names_what_went_and_takes_the_bytes(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    before = storage.versions()
    for name in "abc":
        things.upload(f"{me}/{name}", name.encode())
    gone = things.remove([f"{me}/a", f"{me}/b", f"{me}/never"])
    assert sorted(one["name"] for one in gone) == [f"{me}/a", f"{me}/b"]
    assert gone[0]["bucket_id"] == "things"
    single = storage.call("DELETE", f"/object/things/{me}/c", token=storage.keys.user_token(me))
    assert single.json() == {"message": "Successfully deleted"}
    assert storage.versions() == before
    assert refused(lambda: things.download(f"{me}/a")) == NO_OBJECT
