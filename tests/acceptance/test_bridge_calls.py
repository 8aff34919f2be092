"""The bridge's calls, on the whole stack: who may make them, what they refuse, and what a repeat answers."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.acceptance.people import Person
from tests.acceptance.platform import Platform, at_once

ORDER = {"amount": 2500, "currency": "usd", "idempotency_key": "k"}


@pytest.fixture(scope="module")
def client(platform: Platform) -> Person:
    return Person(platform)


def post(platform: Platform, path: str, *, token: str | None, body: object = ORDER) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return platform.http.post(platform.env.bridge_url + path, json=body, headers=headers)


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert body.keys() == {"code", "message", "details", "hint", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/topups", "/topups/checkout", "/payout-account"])
def test_only_a_genuine_token_of_now_opens_the_bridge(platform: Platform, client: Person, path: str) -> None:
    keys, issuer = platform.stack.layout().keys, f"{platform.env.api_url}/auth/v1"
    head, claims, mark = client.token.split(".")
    refused = {
        "absent": None,
        "not a token": "nonsense",
        "changed signature": f"{head}.{claims}.{mark[::-1]}",
        "expired": keys.user_token(client.id, valid_for=-60, iss=issuer),
        "another issuer": keys.user_token(client.id, iss="http://127.0.0.1:1/auth/v1"),
        "another audience": keys.user_token(client.id, iss=issuer, aud="someone"),
        "nobody": keys.user_token("", iss=issuer),
        "a server's role": keys.user_token(client.id, "service_role", iss=issuer),
        "signed with the shared secret": platform.env.anon_key,
        "a server's key": platform.env.service_role_key,
    }
    for token in refused.values():
        answer = post(platform, path, token=token)
        assert_refused(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_genuine_token_made_elsewhere_is_as_good(platform: Platform, client: Person) -> None:
    issuer = f"{platform.env.api_url}/auth/v1"
    token = platform.stack.layout().keys.user_token(client.id, iss=issuer)
    assert post(platform, "/topups", token=token, body={**ORDER, "idempotency_key": str(uuid4())}).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": "2500"}, 422, "invalid_input"),
        ({"amount": 25.5}, 422, "invalid_input"),
        ({"amount": 0}, 422, "invalid_input"),
        ({"amount": -2500}, 422, "invalid_input"),
        ({"amount": True}, 422, "invalid_input"),
        ({"amount": 2**63}, 422, "invalid_input"),
        ({"amount": 2**64}, 422, "invalid_input"),
        ({"amount": -(2**63) - 1}, 422, "invalid_input"),
        ({"amount": 1e30}, 422, "invalid_input"),
        ({"currency": "dollars"}, 422, "invalid_input"),
        ({"idempotency_key": ""}, 422, "invalid_input"),
        ({"idempotency_key": "k" * 256}, 422, "invalid_input"),
        ({"user_id": "00000000-0000-0000-0000-000000000000"}, 422, "invalid_input"),
        ({"amount": 499}, 400, "amount_out_of_range"),
        ({"amount": 1_000_001}, 400, "amount_out_of_range"),
        ({"amount": 2**31}, 400, "amount_out_of_range"),
        ({"amount": 2**53 - 1}, 400, "amount_out_of_range"),
        ({"currency": "eur"}, 400, "currency_mismatch"),
    ],
)
def test_a_topup_that_cannot_be_is_refused_and_leaves_nothing(
    platform: Platform, client: Person, change: dict[str, object], status: int, code: str
) -> None:
    before = client.rows("transactions")
    answer = post(platform, "/topups", token=client.token, body={**ORDER, "idempotency_key": str(uuid4()), **change})
    assert_refused(answer, status, code)
    assert client.rows("transactions") == before


def test_bodies_that_are_no_json_or_too_long_are_refused(platform: Platform, client: Person) -> None:
    def send(content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {client.token}"}
        return platform.http.post(f"{platform.env.bridge_url}/topups", content=content, headers=headers)

    assert_refused(send(b"{"), 400, "invalid_json")
    assert_refused(send(b"[]"), 422, "invalid_input")
    assert_refused(send(b"\xff\xfe"), 400, "invalid_json")
    assert_refused(send(json.dumps({**ORDER, "more": "x" * 20_000}).encode()), 413, "body_too_large")


def test_the_wrong_method_and_the_wrong_path_are_typed_too(platform: Platform) -> None:
    assert_refused(platform.http.get(f"{platform.env.bridge_url}/topups"), 405, "method_not_allowed")
    assert_refused(platform.http.post(f"{platform.env.bridge_url}/nothing"), 404, "not_found")


def test_the_same_key_gives_the_same_topup_however_often_and_at_once(platform: Platform, client: Person) -> None:
    key = str(uuid4())
    answers = at_once(*[lambda: client.begin_topup(3000, key)] * 8)
    first = client.begin_topup(3000, key)
    assert answers == [first] * 8
    assert platform.count("payment_intent", transaction_id=first["transaction_id"]) == 1
    assert platform.count("customer", user_id=client.id) == 1


def test_the_same_key_with_another_amount_is_refused(client: Person) -> None:
    key = str(uuid4())
    client.begin_topup(3000, key)
    order = {"amount": 3001, "currency": "usd", "idempotency_key": key}
    assert_refused(client.bridge("/topups", order), 422, "idempotency_key_reused")


def test_one_persons_key_is_nothing_to_another(platform: Platform, client: Person) -> None:
    key = str(uuid4())
    assert client.begin_topup(3000, key)["transaction_id"] != Person(platform).begin_topup(4000, key)["transaction_id"]


def test_only_a_reader_opens_a_payout_account(client: Person) -> None:
    assert_refused(client.bridge("/payout-account", {}), 403, "not_a_reader")


def test_switched_off_topups_are_refused(platform: Platform, client: Person) -> None:
    with platform.setting("switch.topups", value=False):
        answer = client.bridge("/topups", {**ORDER, "idempotency_key": str(uuid4())})
    assert_refused(answer, 409, "topups_disabled")
