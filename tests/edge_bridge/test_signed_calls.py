"""Calls signed by the Edge Functions: taken once, when everything fits; refused alike, and counted apart, otherwise."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis

from edge_bridge.app import make
from edge_bridge.signatures import Verdict, verify
from soulseer.settings import BridgeSettings
from tests.doubles.scripted import Answer, ScriptedServer
from tests.doubles.serving import serving
from tests.doubles.valkey import free_port

USER = "0197a000-0000-7000-8000-000000000001"
TOPUP = {"amount": 2500, "currency": "usd", "idempotency_key": "k1"}
NEW = "whsec_" + base64.b64encode(b"the newest secret of these tests").decode()
OLD = "whsec_" + base64.b64encode(b"the one before, not yet retired.").decode()
RETIRED = "whsec_" + base64.b64encode(b"a secret that was taken away ...").decode()
SignCall = Callable[..., tuple[bytes, dict[str, str]]]


@pytest.fixture
def database(supabase: ScriptedServer, stripe_server: ScriptedServer) -> ScriptedServer:
    """Give a database that knows of one top-up, paid already."""
    begun = {
        "transaction_id": "0197a000-0000-7000-8000-00000000000a",
        "amount": 2500,
        "currency": "USD",
        "email": None,
        "stripe_customer_id": "cus_1",
        "payment_intent_id": "pi_1",
        "status": "COMPLETED",
    }
    supabase.rpc("begin_topup", Answer(body=begun))
    intent = {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_x", "status": "succeeded"}
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=intent))
    return supabase


def send(bridge: httpx.Client, signed: tuple[bytes, dict[str, str]], path: str = "/topups") -> httpx.Response:
    body, headers = signed
    return bridge.post(path, content=body, headers=headers)


def refusals(bridge: httpx.Client) -> dict[str, float]:
    """Return how many calls were refused, by reason."""
    lines = [line for line in bridge.get("/metrics").text.splitlines() if "calls_refused_total{" in line]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in lines}


def test_a_signed_call_acts_for_the_user_it_names(
    bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall
) -> None:
    answer = send(bridge, sign_call(TOPUP))

    assert (answer.status_code, answer.json()["payment_intent_id"]) == (201, "pi_1")
    (asked,) = database.calls("begin_topup")
    assert (asked["p_user_id"], asked["p_amount"], asked["p_currency"]) == (USER, 2500, "USD")
    assert answer.headers["x-request-id"] == "req-9"


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_both_secrets_open_while_one_is_being_replaced(
    bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall, secret: str
) -> None:
    assert send(bridge, sign_call(TOPUP, secret=secret)).status_code == 201
    assert len(database.calls("begin_topup")) == 1


def test_every_refusal_reads_the_same_and_is_counted_by_its_reason(
    fresh_bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall
) -> None:
    now = time.time()
    body, headers = sign_call(TOPUP)
    without = {name: value for name, value in headers.items() if name != "webhook-signature"}
    richer = body.replace(b"2500", b"9900")
    other = body.replace(USER.encode(), b"0197a000-0000-7000-8000-000000000002")
    refused = [
        ("unsigned", (body, without)),
        ("stale_timestamp", sign_call(TOPUP, at=now - 302)),
        ("future_timestamp", sign_call(TOPUP, at=now + 302)),
        ("bad_signature", (richer, headers)),
        ("bad_signature", (other, headers)),
        ("bad_signature", (body, {**headers, "webhook-id": "call_other"})),
        ("bad_signature", (body, {**headers, "webhook-timestamp": str(int(now) + 2)})),
        ("bad_signature", (body, {**headers, "webhook-timestamp": "now"})),
        ("bad_signature", (body, {**headers, "webhook-signature": "v1"})),
        ("bad_signature", (body, {**headers, "webhook-signature": "v1,*"})),
        ("bad_signature", (body, {**headers, "webhook-signature": "v2," + headers["webhook-signature"][3:]})),
        ("bad_signature", (b"\xff" + body, headers)),
        ("bad_signature", sign_call(TOPUP, secret=RETIRED)),
        ("bad_signature", sign_call(TOPUP, call_id="a.b")),
        ("misdirected", sign_call(TOPUP, path="/payout-account")),
        ("misdirected", sign_call(TOPUP, request_id="req-8")),
    ]
    answers = [send(fresh_bridge, signed) for _, signed in refused]

    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "bad_signature"
    expected = [reason for reason, _ in refused]
    assert refusals(fresh_bridge) == {reason: expected.count(reason) for reason in set(expected)}
    assert database.calls("begin_topup") == []


def test_a_call_is_taken_once_however_many_come_at_once(
    fresh_bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall
) -> None:
    signed = sign_call(TOPUP)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: send(fresh_bridge, signed), range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    assert refusals(fresh_bridge) == {"replayed": 7}
    assert len(database.calls("begin_topup")) == 1


def test_a_seen_call_is_kept_as_long_as_its_signature_is_good(
    fresh_bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall, redis_client: redis.Redis
) -> None:
    assert send(fresh_bridge, sign_call(TOPUP, at=time.time() + 290, call_id="call_ahead")).status_code == 201
    kept = redis_client.ttl("soulseer:seen-call:call_ahead")
    assert isinstance(kept, int)
    assert kept > 290 + 300
    assert database.calls("begin_topup")


def test_a_refused_call_uses_up_no_id(
    fresh_bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall, redis_client: redis.Redis
) -> None:
    body, headers = sign_call(TOPUP, call_id="call_1")
    forged = send(fresh_bridge, (body, {**headers, "webhook-signature": "v1,AAAA"}))
    assert (forged.status_code, redis_client.keys("soulseer:seen-call:*")) == (400, [])
    assert send(fresh_bridge, (body, headers)).status_code == 201
    assert database.calls("begin_topup")


def test_a_signed_call_too_large_is_refused_before_it_is_read(fresh_bridge: httpx.Client, sign_call: SignCall) -> None:
    answer = send(fresh_bridge, sign_call({**TOPUP, "more": "x" * 20_000}))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert refusals(fresh_bridge) == {"body_too_large": 1}


def test_a_call_with_neither_token_nor_signature_is_counted_as_unsigned(fresh_bridge: httpx.Client) -> None:
    answer = fresh_bridge.post("/topups", json=TOPUP)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert refusals(fresh_bridge) == {"unsigned": 1}


def test_a_token_is_no_excuse_for_a_bad_signature(
    bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall, make_token: Callable[..., str]
) -> None:
    body, headers = sign_call(TOPUP, secret=RETIRED)
    answer = send(bridge, (body, {**headers, "Authorization": f"Bearer {make_token()}"}))

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert database.calls("begin_topup") == []


@pytest.mark.parametrize("data", [{**TOPUP, "amount": "2500"}, {**TOPUP, "user_id": USER}, {}])
def test_what_is_signed_is_checked_like_everything_else(
    bridge: httpx.Client, database: ScriptedServer, sign_call: SignCall, data: object
) -> None:
    answer = send(bridge, sign_call(data))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert database.calls("begin_topup") == []


def test_without_its_record_of_calls_the_bridge_takes_none_that_is_signed(
    settings: BridgeSettings, database: ScriptedServer, sign_call: SignCall, make_token: Callable[..., str]
) -> None:
    secret = type(settings.redis_url)
    away = settings.model_copy(update={"redis_url": secret(f"redis://127.0.0.1:{free_port()}/0")})
    with serving(make(away)) as bridge:
        refused = send(bridge, sign_call(TOPUP))
        assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
        assert database.calls("begin_topup") == []
        taken = bridge.post("/topups", json=TOPUP, headers={"Authorization": f"Bearer {make_token()}"})
        assert taken.status_code == 201


def test_a_signature_is_good_for_five_minutes_either_way(sign_call: SignCall) -> None:
    now = int(time.time())
    for age, verdict in ((299, Verdict.GENUINE), (-299, Verdict.GENUINE), (301, Verdict.STALE), (-301, Verdict.FUTURE)):
        body, headers = sign_call(TOPUP, at=now - age)
        assert verify(body, headers, [NEW], now=now) is verdict


def test_the_body_is_judged_as_it_came_not_as_it_reads(sign_call: SignCall) -> None:
    body, headers = sign_call(TOPUP)
    spaced = json.dumps(json.loads(body), indent=1).encode()
    assert verify(body, headers, [NEW], now=time.time()) is Verdict.GENUINE
    assert verify(spaced, headers, [NEW], now=time.time()) is Verdict.FORGED
