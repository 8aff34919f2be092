"""What is not taken: by type, by size, by name, by form; and how that is said."""

from collections.abc import Iterator

import pytest
from storage3 import SyncStorageClient

from stack.storage.harness import StorageHost
from tests.stack.storage.refusals import LARGEST, NO_BUCKET, TOO_LARGE, refused


@pytest.fixture
def narrow(storage: StorageHost) -> Iterator[str]:
    service = storage.service()
    service.create_bucket("narrow", options={"file_size_limit": 1000, "allowed_mime_types": ["image/*", "text/css"]})
    yield "narrow"
    service.empty_bucket("narrow")
    service.delete_bucket("narrow")


def test_a_bucket_holds_its_types_only(storage: StorageHost, narrow: str) -> None:
    bucket = storage.service().from_(narrow)
    for mime_type in ("image/png", "IMAGE/JPEG", "text/css; charset=utf-8"):
        bucket.upload("x", b"x", {"content-type": mime_type, "upsert": "true"})
    before = storage.versions()
    for mime_type in ("text/html", "image", "application/octet-stream"):
        refusal = ("415", "invalid_mime_type", f"mime type {mime_type} is not supported")
        assert refused(lambda mime_type=mime_type: bucket.upload("y", b"x", {"content-type": mime_type})) == refusal
        headers = {"Content-Type": mime_type}
        raw = storage.call(
            "POST", f"/object/{narrow}/y", token=storage.keys.service_role_key, headers=headers, content=b"x"
        )
        assert raw.json()["statusCode"] == "415"
    assert storage.versions() == before


def test_a_bucket_holds_its_size_only_however_it_comes(storage: StorageHost, narrow: str) -> None:
    bucket, token = storage.service().from_(narrow), storage.keys.service_role_key
    css = {"content-type": "text/css"}
    bucket.upload("full", b"x" * 1000, css)
    before = storage.versions()
    assert refused(lambda: bucket.upload("over", b"x" * 1001, css)) == TOO_LARGE
    bodies = [b"x" * 1001, (b"x" * 500 for _ in range(3))]
    for body in bodies:
        raw = storage.call(
            "POST", f"/object/{narrow}/over", token=token, headers={"Content-Type": "text/css"}, content=body
        )
        assert (raw.status_code, raw.json()["statusCode"]) == (400, "413")
    assert storage.versions() == before
    assert storage.unfinished() == []
    assert not bucket.exists("over")


def test_the_server_has_a_limit_of_its_own(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    things = mine.from_("things")
    things.upload(f"{me}/full", b"x" * LARGEST)
    assert refused(lambda: things.upload(f"{me}/over", b"x" * (LARGEST + 1))) == TOO_LARGE
    # Nobody says how much comes.
    endless = (b"x" * 65_536 for _ in range(64))
    headers = {"Content-Type": "text/css"}
    token = storage.keys.user_token(me)
    raw = storage.call("POST", f"/object/things/{me}/over", token=token, headers=headers, content=endless)
    assert raw.json()["statusCode"] == "413"


def test_limits_hold_for_what_is_moved_or_copied_in(storage: StorageHost, narrow: str) -> None:
    service, token = storage.service(), storage.keys.service_role_key
    service.from_("things").upload("loose/page", b"x", {"content-type": "text/html"})
    service.from_("things").upload("loose/long", b"x" * 1001, {"content-type": "text/css"})
    for name, status in (("page", "415"), ("long", "413")):
        for way in ("move", "copy"):
            body = {
                "bucketId": "things", "sourceKey": f"loose/{name}", "destinationBucket": narrow, "destinationKey": name,
            }  # fmt: skip
            assert storage.call("POST", f"/object/{way}", token=token, json=body).json()["statusCode"] == status


@pytest.mark.parametrize(
    "key",
    [
        "%2e%2e/x",
        "a/%2e%2e/%2e%2e/x",
        "a/%2e/x",
        "a%00b",
        "%7Bx%7D",
        "a%23b",
        "a%25b",
        "%E2%82%AC",
        "x" * 1025,
    ],
)
def test_a_name_that_is_none_is_refused(storage: StorageHost, key: str) -> None:
    answer = storage.call("POST", f"/object/things/{key}", token=storage.keys.service_role_key, content=b"x")
    assert answer.status_code == 400
    assert answer.json()["code"] in ("InvalidKey", "InvalidBucketName")


@pytest.mark.parametrize("key", ["a b/c!-.*'()&$@=;:+,", "dots..in.names", "UPPER_and_lower", "100"])
def test_a_name_of_the_allowed_characters_is_kept(mine: SyncStorageClient, me: str, key: str) -> None:
    things = mine.from_("things")
    assert things.upload(f"{me}/{key}", b"x").path == f"{me}/{key}"
    assert things.download(f"{me}/{key}") == b"x"
    assert [one["name"] for one in things.remove([f"{me}/{key}"])] == [f"{me}/{key}"]


def test_a_refusal_has_the_shape_of_hosted(storage: StorageHost, mine: SyncStorageClient, me: str) -> None:
    answer = storage.call("GET", f"/object/things/{me}/none", token=storage.keys.user_token(me))
    assert answer.status_code == 400
    assert answer.json() == {
        "statusCode": "404",
        "code": "NoSuchKey",
        "error": "not_found",
        "message": "Object not found",
    }
    assert refused(lambda: mine.from_("nowhere").upload("x", b"x")) == NO_BUCKET
    lost = storage.call("GET", "/render/image/public/things/x")
    assert (lost.status_code, lost.json()["message"]) == (404, "Route GET:/render/image/public/things/x not found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/bucket", {"name": 7}),
        ("POST", "/object/move", {"bucketId": "things"}),
        ("POST", "/object/list/things", {"limit": 0}),
        ("POST", "/object/list/things", {"sortBy": {"column": "owner"}}),
        ("POST", "/object/list-v2/things", {"cursor": "nonsense"}),
        ("POST", "/object/sign/things/x", {"expiresIn": 0}),
        ("POST", "/object/sign/things/x", {}),
        ("DELETE", "/object/things", {"prefixes": []}),
    ],
)
def test_a_body_that_is_none_is_refused(storage: StorageHost, method: str, path: str, body: dict[str, object]) -> None:
    answer = storage.call(method, path, token=storage.keys.service_role_key, json=body)
    assert (answer.status_code, answer.json()["statusCode"]) == (400, "400")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--edge--\r\n",
        b'--edge\r\nContent-Disposition: form-data; name="cacheControl"\r\n\r\n60\r\n--edge--\r\n',
        b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nbytes with no end',
        (
            b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n'
            b'--edge\r\nContent-Disposition: form-data; name="g"; filename="g"\r\n\r\n2\r\n--edge--\r\n'
        ),
        b"".join(b'--edge\r\nContent-Disposition: form-data; name="%d"\r\n\r\n1\r\n' % n for n in range(20))
        + b"--edge--",
        b"nothing of a form",
        (
            b'--edge\r\nContent-Disposition: form-data; name="contentType"\r\n\r\ntext/css\r\nX-Planted: 1\r\n'
            b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--edge--\r\n'
        ),
        (
            b'--edge\r\nContent-Disposition: form-data; name="cacheControl"\r\n\r\n1\r\nX-Planted: 1\r\n'
            b'--edge\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--edge--\r\n'
        ),
    ],
)
def test_a_broken_form_leaves_nothing(storage: StorageHost, me: str, body: bytes) -> None:
    before = storage.versions()
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    token = storage.keys.user_token(me)
    answer = storage.call("POST", f"/object/things/{me}/form", token=token, headers=headers, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidRequest")
    assert storage.versions() == before
    assert storage.unfinished() == []
