"""Signed URLs: who may ask for one, what it opens, and when it no longer does."""

import time

import httpx
import jwt
import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost
from tests.stack.storage.refusals import NO_OBJECT, NO_RIGHT, TAKEN, refused


@pytest.fixture
def held(mine: SyncStorageClient, me: str) -> str:
    mine.from_("things").upload(f"{me}/my file.txt", b"bytes", {"content-type": "text/css"})
    return f"{me}/my file.txt"


def test_whoever_holds_the_url_reads_the_object(mine: SyncStorageClient, held: str) -> None:
    url = mine.from_("things").create_signed_url(held, 60)["signedURL"]
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, b"bytes")
    assert "Expires" in answer.headers
    assert "Cache-Control" not in answer.headers
    named = mine.from_("things").create_signed_url(held, 60, {"download": "mine.txt"})["signedURL"]
    assert httpx.get(named).headers["Content-Disposition"].startswith("attachment; filename=mine.txt;")
    assert httpx.get(url, headers={"Range": "bytes=1-2"}).content == b"yt"
    assert httpx.head(url).headers["Content-Length"] == "5"


def test_who_may_not_read_may_not_sign(storage: StorageHost, mine: SyncStorageClient, me: str, held: str) -> None:
    stranger = storage.person("88888888-8888-4888-8888-888888888888").from_("things")
    assert refused(lambda: stranger.create_signed_url(held, 60)) == NO_OBJECT
    many = mine.from_("things").create_signed_urls([held, f"{me}/never"], 60)
    assert [one["error"] for one in many] == [
        None,
        "Either the object does not exist or you do not have access to it",
    ]
    assert (many[1]["path"], many[1]["signedURL"]) == (f"{me}/never", None)
    assert httpx.get(str(many[0]["signedURL"])).content == b"bytes"
    assert all(one["signedURL"] is None for one in stranger.create_signed_urls([held], 60))


def sentence(answer: httpx.Response) -> tuple[str, str]:
    body = answer.json()
    return body["code"], body["message"]


def test_a_url_ends_with_its_time_and_with_its_object(mine: SyncStorageClient, held: str) -> None:
    brief = mine.from_("things").create_signed_url(held, 1)["signedURL"]
    long = mine.from_("things").create_signed_url(held, 600)["signedURL"]
    time.sleep(1.1)
    assert sentence(httpx.get(brief)) == ("InvalidJWT", '"exp" claim timestamp check failed')
    assert httpx.get(long).content == b"bytes"
    mine.from_("things").update(held, b"newer")
    assert httpx.get(long).content == b"newer"
    mine.from_("things").remove([held])
    assert sentence(httpx.get(long)) == ("NoSuchKey", "Object not found")


def test_a_url_opens_what_it_was_made_for_and_nothing_else(
    storage: StorageHost, mine: SyncStorageClient, me: str, held: str
) -> None:
    things = mine.from_("things")
    things.upload(f"{me}/other", b"other")
    token = things.create_signed_url(held, 60)["signedURL"].split("token=")[1]
    upload = things.create_signed_upload_url(f"{me}/later")["token"]
    place = f"/object/sign/things/{me}"

    assert sentence(storage.call("GET", f"{place}/other?token={token}")) == ("InvalidSignature", "Invalid signature")
    head, claims, signature = token.split(".")
    forged = {
        "reversed": f"{head}.{claims}.{signature[::-1]}",
        "unsigned": jwt.encode({"url": f"things/{me}/other", "use": "download", "exp": 2**33}, None, algorithm="none"),
        "of another key": jwt.encode({"url": f"things/{me}/other", "use": "download", "exp": 2**33}, "x" * 32),
        "none": "nonsense",
    }
    for bad in forged.values():
        assert sentence(storage.call("GET", f"{place}/other?token={bad}"))[0] == "InvalidJWT"
    assert sentence(storage.call("GET", f"{place}/other"))[0] == "InvalidRequest"
    # A person's token, an upload's token and the anonymous key are no signatures; and a signature is nobody's token.
    for wrong in (upload, storage.keys.anon_key):
        assert sentence(storage.call("GET", f"{place}/later?token={wrong}"))[0] == "InvalidSignature"
    assert sentence(storage.call("GET", f"{place}/other?token={storage.keys.user_token(me)}"))[0] == "InvalidJWT"
    assert sentence(storage.call("PUT", f"/object/upload/sign/things/{me}/other?token={token}", content=b"x"))[0] == (
        "InvalidSignature"
    )
    assert storage.client(token).from_("things").list(me) == []


def test_whoever_holds_an_upload_url_uploads_once(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    signed = things.create_signed_upload_url(f"{me}/gift.txt")
    nobody = storage.client(storage.keys.anon_key).from_("things")

    made = nobody.upload_to_signed_url(signed["path"], signed["token"], b"bytes", {"content-type": "text/css"})

    assert made.full_path == f"things/{me}/gift.txt"
    assert things.download(f"{me}/gift.txt") == b"bytes"
    owners = storage.sql("select owner_id from storage.objects where name = %s", f"{me}/gift.txt")
    assert owners == [(me,)]
    assert refused(lambda: nobody.upload_to_signed_url(signed["path"], signed["token"], b"again")) == TAKEN
    assert refused(lambda: things.create_signed_upload_url(f"{me}/gift.txt")) == TAKEN


def test_an_upload_url_that_may_replace_does(storage: StorageHost, mine: SyncStorageClient, held: str) -> None:
    answer = storage.call(
        "POST",
        f"/object/upload/sign/things/{held}".replace(" ", "%20"),
        token=storage.keys.user_token(held.split("/", maxsplit=1)[0]),
        headers={"x-upsert": "true"},
    )
    nobody = storage.client(storage.keys.anon_key).from_("things")
    for body in (b"one", b"two"):
        nobody.upload_to_signed_url(held, answer.json()["token"], body)
        assert mine.from_("things").download(held) == body


def test_who_may_not_write_may_not_have_an_upload_signed(storage: StorageHost, me: str) -> None:
    stranger = storage.person("88888888-8888-4888-8888-888888888888").from_("things")
    assert refused(lambda: stranger.create_signed_upload_url(f"{me}/x")) == NO_RIGHT
    anonymous = storage.client(storage.keys.anon_key).from_("things")
    assert refused(lambda: anonymous.create_signed_upload_url(f"{me}/x")) == NO_RIGHT


def test_images_are_not_transformed(mine: SyncStorageClient, held: str) -> None:
    status, code, _ = refused(lambda: mine.from_("things").create_signed_url(held, 60, {"transform": {"width": 10}}))
    assert (status, code) == ("409", "FeatureNotEnabled")
