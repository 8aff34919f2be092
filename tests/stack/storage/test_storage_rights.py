"""The policies decide, at every step of a request; and tokens that are no good open nothing."""

import time
import uuid
from collections.abc import Iterator

import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost
from stack.worlds import World
from tests.stack.storage.refusals import NO_OBJECT, NO_RIGHT, refused


@pytest.fixture
def theirs(storage: StorageHost) -> str:
    """A file of somebody else's."""
    other = str(uuid.uuid4())
    storage.person(other).from_("things").upload(f"{other}/secret", b"secret")
    return f"{other}/secret"


def test_nobody_reaches_a_strangers_file(storage: StorageHost, mine: SyncStorageClient, me: str, theirs: str) -> None:
    folder = theirs.split("/", maxsplit=1)[0]
    before = storage.versions()
    for client in (mine, storage.client(storage.keys.anon_key)):
        things = client.from_("things")
        assert refused(lambda things=things: things.download(theirs)) == NO_OBJECT
        assert refused(lambda things=things: things.info(theirs)) == NO_OBJECT
        assert not things.exists(theirs)
        assert things.remove([theirs]) == []
        assert refused(lambda things=things: things.upload(f"{folder}/mine", b"x")) == NO_RIGHT
        assert refused(lambda things=things: things.upload(theirs, b"x", {"upsert": "true"})) == NO_RIGHT
        assert refused(lambda things=things: things.update(theirs, b"x")) == NO_RIGHT
        assert refused(lambda things=things: things.move(theirs, f"{me}/now-mine")) == NO_OBJECT
        assert refused(lambda things=things: things.copy(theirs, f"{me}/now-mine")) == NO_OBJECT
    mine.from_("things").upload(f"{me}/mine", b"mine")
    assert refused(lambda: mine.from_("things").move(f"{me}/mine", f"{folder}/planted")) == NO_RIGHT
    assert refused(lambda: mine.from_("things").copy(f"{me}/mine", f"{folder}/planted")) == NO_RIGHT
    assert len(storage.versions() - before) == 1
    assert storage.service().from_("things").download(theirs) == b"secret"


def test_a_refused_upload_takes_no_byte(storage: StorageHost, me: str, theirs: str) -> None:
    taken = 0

    def body() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield b"x" * 1000

    before = storage.versions()
    path = f"/object/things/{theirs}.not-yours"
    answer = storage.call("POST", path, token=storage.keys.user_token(me), content=body())
    assert answer.json()["statusCode"] == "403"
    assert storage.versions() == before
    assert storage.unfinished() == []


def test_a_right_that_ends_while_bytes_come_is_no_right(storage: StorageHost, storage_world: World, me: str) -> None:
    with storage_world.connect() as database:
        database.execute(
            "create policy brief on storage.objects for insert to authenticated with check (bucket_id = 'brief')"
        )

        def body() -> Iterator[bytes]:
            yield b"first"
            # The server has it by now: it asked before it took a byte.
            while not storage.unfinished():
                time.sleep(0.01)
            database.execute("drop policy brief on storage.objects")
            yield b"last"

        storage.service().create_bucket("brief")
        before = storage.versions()
        answer = storage.call("POST", f"/object/brief/{me}", token=storage.keys.user_token(me), content=body())

    assert answer.json()["statusCode"] == "403"
    assert storage.versions() == before
    assert storage.service().from_("brief").list() == []


def test_policies_see_what_is_done_and_by_whom(storage: StorageHost, storage_world: World, me: str) -> None:
    storage.service().create_bucket("asked")
    storage.service().from_("asked").upload("a", b"x")
    with storage_world.connect() as database:
        database.execute(
            "create policy asked on storage.objects for select to authenticated using (bucket_id = 'asked' "
            "and storage.allow_only_operation('object.get_authenticated') and (select auth.jwt() ->> 'club') = 'chess')"
        )
    try:
        member = storage.client(storage.keys.user_token(me, club="chess")).from_("asked")
        assert member.download("a") == b"x"
        assert member.list() == []
        assert refused(lambda: member.info("a")) == NO_OBJECT
        assert refused(lambda: storage.person(me).from_("asked").download("a")) == NO_OBJECT
    finally:
        with storage_world.connect() as database:
            database.execute("drop policy asked on storage.objects")


def test_a_public_bucket_is_read_by_anyone_and_listed_by_nobody(storage: StorageHost, me: str) -> None:
    service = storage.service()
    service.create_bucket("open", options={"public": True})
    service.from_("open").upload("a b.css", b"x", {"content-type": "text/css", "cache-control": "9"})

    url = service.from_("open").get_public_url("a b.css", {"download": True})
    answer = storage.http.get(url)
    assert (answer.content, answer.headers["Cache-Control"]) == (b"x", "max-age=9")
    assert answer.headers["Content-Disposition"] == "attachment;"
    assert storage.call("GET", "/object/open/a%20b.css").content == b"x"
    assert storage.call("GET", "/object/info/public/open/a%20b.css").json()["size"] == 1
    assert storage.call("HEAD", "/object/public/open/a%20b.css").headers["ETag"]
    assert storage.person(me).from_("open").download("a b.css") == b"x"
    assert storage.person(me).from_("open").list() == []
    assert refused(lambda: storage.person(me).from_("open").upload("mine", b"x")) == NO_RIGHT

    service.update_bucket("open", {"public": False})
    assert storage.http.get(url).json()["message"] == "Bucket not found"
    assert storage.call("GET", "/object/open/a%20b.css").status_code == 400
    assert storage.call("GET", "/object/public/things/x").json()["message"] == "Bucket not found"


def test_a_token_that_is_no_good_opens_nothing(storage: StorageHost, me: str) -> None:
    token = storage.keys.user_token(me)
    head, claims, signature = token.split(".")
    bad = {
        "forged": f"{head}.{claims}.{signature[::-1]}",
        "expired": storage.keys.user_token(me, valid_for=-10),
        "nonsense": "nonsense",
        "of the owner of the tables": storage.keys.user_token(me, role="supabase_storage_admin"),
        "of a superuser": storage.keys.user_token(me, role="supabase_admin"),
    }
    for what, wrong in bad.items():
        answer = storage.call("GET", f"/object/things/{me}/x", token=wrong)
        assert (answer.json()["statusCode"], answer.json()["error"]) == ("403", "Unauthorized"), what
    without = storage.call("POST", f"/object/things/{me}/x", content=b"x").json()
    assert (without["statusCode"], without["message"]) == ("400", "headers must have required property 'authorization'")


def test_a_token_without_a_person_owns_nothing(storage: StorageHost) -> None:
    storage.service().from_("things").upload("of-the-house", b"x")
    assert storage.sql("select owner, owner_id from storage.objects where name = 'of-the-house'") == [(None, None)]
    odd = storage.client(storage.keys.user_token("no-uuid", role="service_role")).from_("things")
    odd.upload("of-a-machine", b"x")
    assert storage.sql("select owner, owner_id from storage.objects where name = 'of-a-machine'") == [(None, "no-uuid")]
