"""The functions as applications meet them: `supabase.functions.invoke` behind the gateway, on the whole platform."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from supabase import AsyncClientOptions, acreate_client
from supabase_functions.errors import FunctionsHttpError

from stack.paths import PROJECT_ROOT
from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform, Row
from tests.acceptance.waiting import eventually

JAVASCRIPT = Path(__file__).with_name("functions.test.mjs")
FUNCTIONS = ("top-up", "checkout", "payout-account", "turn-credentials", "signed-download")


@pytest.fixture(scope="module")
def client(platform: Platform) -> Person:
    return Person(platform)


def invoke(person: Person, name: str, body: object = None, **headers: str) -> Any:
    """Call a function by the official client and return its answer; raises FunctionsHttpError for a refusal."""
    return person.supabase.functions.invoke(name, {"body": body, "headers": headers, "responseType": "json"})


def post(platform: Platform, name: str, body: object = None, **headers: str) -> httpx.Response:
    return platform.http.post(f"{platform.env.functions_url}/{name}", json=body, headers=headers)


def as_person(person: Person, name: str, body: object, **headers: str) -> httpx.Response:
    return post(person.platform, name, body, Authorization=f"Bearer {person.token}", **headers)


def order(**changes: object) -> Row:
    return {"amount": 2500, "currency": "usd", "idempotency_key": str(uuid4()), **changes}


# What each does ------------------------------------------------------------


def test_a_topup_begun_by_a_function_ends_in_the_wallet(client: Person) -> None:
    before, asked = client.balance, order()
    topup = invoke(client, "top-up", asked)
    assert invoke(client, "top-up", asked) == topup
    assert client.pay(topup) == "succeeded"
    client.wait_transaction(topup, "COMPLETED")
    assert client.balance == before + 2500


async def test_the_asynchronous_client_calls_them_too(platform: Platform, client: Person) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        options = AsyncClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        supabase = await acreate_client(platform.env.api_url, platform.env.publishable_key, options)
        supabase.functions.set_auth(client.token)
        topup: Any = await supabase.functions.invoke("top-up", {"body": order(), "responseType": "json"})
    assert topup["status"] == "PENDING"


def test_a_checkout_opens_a_page_of_the_payment_provider(platform: Platform, client: Person) -> None:
    checkout = invoke(client, "checkout", order(save_card=True))
    assert checkout["url"].startswith(platform.env.stripe_api_url)
    assert (checkout["amount"], checkout["currency"], checkout["status"]) == (2500, "USD", "PENDING")


def test_a_reader_opens_a_payout_account(platform: Platform) -> None:
    reader = make_reader(platform)
    first, second = invoke(reader, "payout-account"), invoke(reader, "payout-account", {})
    assert first["account_id"] == second["account_id"]
    assert first["onboarding_url"]


def test_participants_of_a_session_get_turn_credentials_and_nobody_else(platform: Platform) -> None:
    client, reader = make_client(platform, 1000), make_reader(platform)
    secret = platform.stack.layout().keys.turn_secret
    with Conversation(client, reader) as talk:
        # A chat has no media; only the kind of this session is changed for the test.
        chat = as_person(client, "turn-credentials", {"session_id": talk.id})
        assert (chat.status_code, chat.json()["code"]) == (409, "invalid_state")
        platform.rows("update public.sessions set type = 'CALL' where id = %s returning id", talk.id)
        for person, side in ((client, "client"), (reader, "reader")):
            given = invoke(person, "turn-credentials", {"session_id": talk.id})
            expiry, session_id, whose = given["username"].split(":")
            assert (session_id, whose) == (talk.id, side)
            assert 0 < int(expiry) - time.time() <= given["ttl"]
            password = hmac.new(secret.encode(), given["username"].encode(), hashlib.sha1).digest()
            assert base64.b64decode(given["credential"]) == password
        stranger = as_person(Person(platform), "turn-credentials", {"session_id": talk.id})
        assert (stranger.status_code, stranger.json()["code"]) == (404, "not_participant")
    over = as_person(client, "turn-credentials", {"session_id": talk.id})
    assert (over.status_code, over.json()["code"]) == (409, "invalid_state")


def add_file(platform: Platform, seller: Person) -> str:
    row = platform.rows(
        "insert into public.products (type, name, description, category, price, reader_id, file_url)"
        " values ('DIGITAL', 'Moon', 'A reading.', 'readings', 100, %s, %s) returning id::text",
        seller.id,
        f"{seller.id}/moon.pdf",
    )
    return str(row[0]["id"])


def test_a_file_is_signed_for_its_buyer_only(platform: Platform) -> None:
    seller, buyer = make_reader(platform), make_client(platform, 1000)
    product = add_file(platform, seller)
    shelf, path = platform.operator.storage.from_("products"), f"{seller.id}/moon.pdf"
    shelf.upload(path, b"%PDF-1.7 moon", {"content-type": "application/pdf"})
    for person in (buyer, seller):
        refused = as_person(person, "signed-download", {"product_id": product})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_purchased")
    buyer.call("place_order", items=[{"product_id": product, "quantity": 1}], idempotency_key=str(uuid4()))
    # Paid for, and lost by whoever keeps Storage.
    shelf.remove([path])
    assert_told(as_person(buyer, "signed-download", {"product_id": product}), 404, "not_found")


def test_a_bought_file_is_downloaded(platform: Platform) -> None:
    seller, buyer = make_reader(platform), make_client(platform, 1000)
    product = add_file(platform, seller)
    platform.operator.storage.from_("products").upload(
        f"{seller.id}/moon.pdf", b"%PDF-1.7 moon", {"content-type": "application/pdf"}
    )
    buyer.call("place_order", items=[{"product_id": product, "quantity": 1}], idempotency_key=str(uuid4()))
    signed = invoke(buyer, "signed-download", {"product_id": product})
    assert signed["url"].startswith(
        f"{platform.env.api_url}/storage/v1/object/sign/products/{seller.id}/moon.pdf?token="
    )
    assert platform.http.get(signed["url"]).content == b"%PDF-1.7 moon"


# Who may call, and what is told ------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_a_genuine_token_of_now_opens_a_function(platform: Platform, client: Person, name: str) -> None:
    keys, issuer = platform.stack.layout().keys, f"{platform.env.api_url}/auth/v1"
    head, claims, mark = client.token.split(".")
    tokens = {
        "not a token": "nonsense",
        "the publishable key": platform.env.publishable_key,
        "the secret key": platform.env.secret_key,
        "a role's token": platform.env.service_role_key,
        "changed signature": f"{head}.{claims}.{mark[::-1]}",
        "expired": keys.user_token(client.id, valid_for=-60, iss=issuer),
        "another issuer": keys.user_token(client.id, iss="http://127.0.0.1:1/auth/v1"),
        "another audience": keys.user_token(client.id, iss=issuer, aud="someone"),
        "a server's role": keys.user_token(client.id, "service_role", iss=issuer),
    }
    for token in tokens.values():
        answer = post(platform, name, {}, apikey=platform.env.publishable_key, Authorization=f"Bearer {token}")
        assert_told(answer, 401, "unauthenticated")
    assert_told(post(platform, name, {}), 401, "unauthenticated")


def assert_told(answer: httpx.Response, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert body.keys() == {"code", "message", "details", "hint", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]


def test_refusals_of_every_layer_have_one_form(platform: Platform, client: Person) -> None:
    topup = "top-up"
    assert_told(as_person(client, topup, order(amount="2500")), 422, "invalid_input")
    assert_told(as_person(client, topup, order(user_id=client.id)), 422, "invalid_input")
    assert_told(as_person(client, topup, order(more="x" * 20_000)), 413, "body_too_large")
    assert_told(as_person(client, topup, order(amount=1)), 400, "amount_out_of_range")
    assert_told(as_person(client, "payout-account", {}), 403, "not_a_reader")
    assert_told(as_person(client, "turn-credentials", {"session_id": "x"}), 422, "invalid_input")
    headers = {"Authorization": f"Bearer {client.token}"}
    broken = platform.http.post(f"{platform.env.functions_url}/{topup}", content=b"{", headers=headers)
    assert_told(broken, 400, "invalid_json")
    assert_told(platform.http.get(f"{platform.env.functions_url}/{topup}", headers=headers), 405, "method_not_allowed")


def test_the_official_client_raises_what_a_function_refuses(client: Person) -> None:
    with pytest.raises(FunctionsHttpError) as refused:
        invoke(client, "payout-account", {})
    assert refused.value.status == 403


def test_a_function_nobody_wrote_is_not_found(platform: Platform) -> None:
    answer = post(platform, "nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_browser_may_ask_before_it_calls(platform: Platform) -> None:
    asked = {
        "Origin": "https://app.example.net",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,apikey,content-type,x-client-info",
    }
    answer = platform.http.options(f"{platform.env.functions_url}/top-up", headers=asked)
    assert answer.status_code == 204
    assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]
    allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert {"authorization", "apikey", "content-type", "x-client-info"} <= allowed


def test_one_request_id_leads_from_the_call_to_the_row(platform: Platform, client: Person) -> None:
    request_id = f"web:{uuid4()}"
    answer = as_person(client, "top-up", order(), **{"X-Request-Id": request_id})
    assert answer.headers.get_list("X-Request-Id") == [request_id]
    for part in ("functions", "bridge"):
        eventually(
            lambda part=part: [line for line in platform.log(part) if line.get("request_id") == request_id],  # type: ignore[misc]
            f"{part} logs {request_id}",
        )
    row = client.row("transactions", id=answer.json()["transaction_id"])
    assert row["metadata"]["request_id"] == request_id


def test_no_log_of_the_functions_holds_a_secret(platform: Platform, client: Person) -> None:
    as_person(client, "top-up", order())
    told = (platform.stack.paths.logs / "functions.log").read_text()
    keys = platform.stack.layout().keys
    for secret in (keys.bridge_call_secret, keys.secret_key, client.token, client.token.split(".")[2]):
        assert secret not in told


def test_the_bridge_takes_no_call_signed_with_another_secret(platform: Platform, client: Person) -> None:
    body = json.dumps({"path": "/topups", "user_id": client.id, "request_id": "x", "data": order()})
    headers = {
        "X-Request-Id": "x",
        "webhook-id": "call_1",
        "webhook-timestamp": str(int(time.time())),
        "webhook-signature": "v1," + base64.b64encode(hmac.digest(b"another secret", body.encode(), "sha256")).decode(),
    }
    answer = platform.http.post(f"{platform.env.bridge_url}/topups", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    counted = platform.http.get(f"{platform.env.bridge_url}/metrics").text
    assert 'soulseer_bridge_calls_refused_total{reason="bad_signature"}' in counted


def test_a_bridge_that_is_away_may_be_asked_again(platform: Platform, client: Person) -> None:
    asked = order()
    with platform.without("bridge"):
        answer = as_person(client, "top-up", asked)
        assert_told(answer, 503, "service_unavailable")
        assert answer.headers["Retry-After"] == "1"
    assert as_person(client, "top-up", asked).status_code == 201


def test_supabase_js_calls_every_function(platform: Platform) -> None:
    node = shutil.which("node")
    assert node is not None
    client, reader = make_client(platform, 1000), make_reader(platform)
    with Conversation(client, reader) as talk:
        platform.rows("update public.sessions set type = 'CALL' where id = %s returning id", talk.id)
        told = {"CLIENT_TOKEN": client.token, "READER_TOKEN": reader.token, "SESSION_ID": talk.id}
        run = subprocess.run(
            [node, "--test", "--test-reporter=tap", str(JAVASCRIPT)],
            env=os.environ | platform.env.variables() | told,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout
