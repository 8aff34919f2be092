"""Top-ups and payout accounts: each step once, refusals typed, repeats harmless."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.doubles.scripted import Answer, ScriptedServer, refusal, stripe_error

USER = "0197a000-0000-7000-8000-000000000001"
TRANSACTION = "0197a000-0000-7000-8000-00000000000a"
TOPUP = {"amount": 2500, "currency": "usd", "idempotency_key": "k1"}
INTENT = {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_x", "status": "succeeded"}
MakeToken = Callable[..., str]


@pytest.fixture
def headers(make_token: MakeToken) -> dict[str, str]:
    """Give the headers of a signed-in user."""
    return {"Authorization": f"Bearer {make_token()}", "X-Request-Id": "req-9"}


def begun(**changes: object) -> Answer:
    """Return what the database answers to a top-up."""
    topup = {
        "transaction_id": TRANSACTION,
        "amount": 2500,
        "currency": "USD",
        "email": "ann@example.net",
        "stripe_customer_id": None,
        "payment_intent_id": None,
        "status": "PENDING",
    }
    return Answer(body={**topup, **changes})


def test_makes_customer_and_payment_intent_under_their_own_keys(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun())
    supabase.rpc("record_stripe_customer", Answer(body="cus_1"))
    supabase.rpc("record_payment_intent", Answer(204))
    stripe_server.on("POST", "/v1/customers", Answer(body={"id": "cus_1", "object": "customer"}))
    stripe_server.on("POST", "/v1/customers/cus_1", Answer(body={"id": "cus_1", "object": "customer"}))
    stripe_server.on("POST", "/v1/payment_intents", Answer(body=INTENT))

    answer = bridge.post("/topups", json=TOPUP, headers=headers)

    assert answer.status_code == 201
    assert answer.json() == {
        "transaction_id": TRANSACTION,
        "payment_intent_id": "pi_1",
        "client_secret": "pi_1_secret_x",
        "amount": 2500,
        "currency": "USD",
        "status": "PENDING",
    }
    assert supabase.calls("begin_topup") == [
        {
            "p_user_id": USER,
            "p_amount": 2500,
            "p_currency": "USD",
            "p_idempotency_key": "k1",
            "p_save_card": False,
            "p_checkout": False,
        }
    ]
    assert supabase.calls("record_payment_intent") == [{"p_transaction_id": TRANSACTION, "p_payment_intent_id": "pi_1"}]
    (customer,) = stripe_server.requests("POST", "/v1/customers")
    (intent,) = stripe_server.requests("POST", "/v1/payment_intents")
    assert f"cus:{USER}" == customer.headers["idempotency-key"]
    assert f"pi:{TRANSACTION}" == intent.headers["idempotency-key"]
    assert intent.form == {
        "amount": "2500",
        "currency": "usd",
        "customer": "cus_1",
        "automatic_payment_methods[enabled]": "true",
        "metadata[transaction_id]": TRANSACTION,
        "metadata[user_id]": USER,
    }
    assert intent.headers["stripe-version"] == "2026-10-28.endive"
    assert {"req-9"} == {
        asked.headers["x-request-id"] for asked in supabase.asked if "topup" in asked.path or "record" in asked.path
    }


def test_a_card_is_saved_only_when_its_owner_says_so(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun(stripe_customer_id="cus_1"))
    supabase.rpc("record_payment_intent", Answer(204))
    stripe_server.on("POST", "/v1/payment_intents", Answer(body=INTENT))

    answer = bridge.post("/topups", json={**TOPUP, "save_card": True}, headers=headers)

    assert answer.status_code == 201
    assert [call["p_save_card"] for call in supabase.calls("begin_topup")] == [True]
    (intent,) = stripe_server.requests("POST", "/v1/payment_intents")
    assert intent.form["setup_future_usage"] == "off_session"


def test_a_repeat_answers_the_payment_intent_that_was_made(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun(payment_intent_id="pi_1", stripe_customer_id="cus_1", status="COMPLETED"))
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=INTENT))

    answer = bridge.post("/topups", json=TOPUP, headers=headers)

    assert (
        answer.status_code,
        answer.json()["payment_intent_id"],
        answer.json()["status"],
    ) == (201, "pi_1", "COMPLETED")
    assert [asked.method for asked in stripe_server.asked] == ["GET"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (422, "amount_out_of_range"),
        (409, "idempotency_key_reused"),
        (403, "account_suspended"),
        (503, "topups_disabled"),
    ],
)
def test_passes_on_the_databases_refusals(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str], status: int, code: str
) -> None:
    supabase.rpc("begin_topup", refusal(status, code, "A sentence."))

    answer = bridge.post("/topups", json=TOPUP, headers=headers)

    assert status == answer.status_code
    assert {
        "code": code,
        "message": "A sentence.",
        "details": "A sentence.",
        "hint": None,
        "request_id": "req-9",
    } == answer.json()


def test_passes_on_when_a_limited_caller_may_come_again(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str]
) -> None:
    limited = Answer(429, {"code": "PT429", "message": "rate_limited", "details": "Later."}, {"Retry-After": "600"})
    supabase.rpc("begin_topup", limited)

    answer = bridge.post("/topups", json=TOPUP, headers=headers)

    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "rate_limited", "600")


@pytest.mark.parametrize(
    "body",
    [
        {"currency": "USD", "idempotency_key": "k"},
        {**TOPUP, "amount": "2500"},
        {**TOPUP, "amount": 25.5},
        {**TOPUP, "amount": True},
        {**TOPUP, "amount": 0},
        {**TOPUP, "amount": -1},
        {**TOPUP, "amount": 10**17},
        {**TOPUP, "currency": "dollars"},
        {**TOPUP, "idempotency_key": ""},
        {**TOPUP, "idempotency_key": "k" * 300},
        {**TOPUP, "user_id": USER},
        {**TOPUP, "save_card": "yes"},
        [],
    ],
)
def test_refuses_a_body_that_is_not_what_the_call_takes(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str], body: object
) -> None:
    answer = bridge.post("/topups", json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert supabase.calls("begin_topup") == []


def test_refuses_what_is_not_json_and_what_is_too_large(bridge: httpx.Client, headers: dict[str, str]) -> None:
    broken = bridge.post("/topups", content="{", headers=headers)
    large = bridge.post("/topups", content="x" * 20_000, headers=headers)

    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_json")
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (stripe_error(400, "amount_too_small"), 422, "payment_provider_refused"),
        (stripe_error(500, "api_error", "api_error"), 503, "payment_provider_unavailable"),
        (stripe_error(429, "rate_limit"), 503, "payment_provider_unavailable"),
        (stripe_error(401, "api_key_expired"), 503, "payment_provider_unavailable"),
    ],
)
def test_says_what_stripe_made_of_it(
    bridge: httpx.Client,
    supabase: ScriptedServer,
    stripe_server: ScriptedServer,
    headers: dict[str, str],
    fault: Answer,
    status: int,
    code: str,
) -> None:
    supabase.rpc("begin_topup", begun(stripe_customer_id="cus_1"))
    stripe_server.on("POST", "/v1/payment_intents", fault)

    answer = bridge.post("/topups", json=TOPUP, headers=headers)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert supabase.calls("record_payment_intent") == []


def test_makes_a_payout_account_and_a_link(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    known = {"user_id": USER, "email": "rea@example.net", "country": "US", "stripe_account_id": None}
    supabase.rpc("begin_payout_account", Answer(body=known))
    supabase.rpc("record_payout_account", Answer(body="acct_1"))
    stripe_server.on("POST", "/v1/accounts", Answer(body={"id": "acct_1", "object": "account"}))
    link = {"object": "account_link", "url": "https://connect.example.net/x", "expires_at": 1_800_000_000}
    stripe_server.on("POST", "/v1/account_links", Answer(body=link))

    answer = bridge.post("/payout-account", json={}, headers=headers)

    assert answer.status_code == 201
    assert answer.json() == {
        "account_id": "acct_1",
        "onboarding_url": "https://connect.example.net/x",
        "expires_at": "2027-01-15T08:00:00Z",
    }
    (account,) = stripe_server.requests("POST", "/v1/accounts")
    assert f"acct:{USER}" == account.headers["idempotency-key"]
    assert account.form == {
        "type": "express",
        "country": "US",
        "capabilities[transfers][requested]": "true",
        "settings[payouts][schedule][interval]": "manual",
        "metadata[user_id]": USER,
    }
    (asked,) = stripe_server.requests("POST", "/v1/account_links")
    assert asked.form["return_url"] == "https://app.example.net/payouts/onboarding/done"


def test_an_account_that_is_gone_is_followed_by_another_under_a_key_of_its_own(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    known = {"user_id": USER, "email": None, "country": None, "stripe_account_id": None, "former_account_id": "acct_1"}
    supabase.rpc("begin_payout_account", Answer(body=known))
    supabase.rpc("record_payout_account", Answer(body="acct_2"))
    stripe_server.on("POST", "/v1/accounts", Answer(body={"id": "acct_2", "object": "account"}))
    link = {"object": "account_link", "url": "https://connect.example.net/z", "expires_at": 1_800_000_000}
    stripe_server.on("POST", "/v1/account_links", Answer(body=link))

    assert bridge.post("/payout-account", headers=headers).json()["account_id"] == "acct_2"

    (account,) = stripe_server.requests("POST", "/v1/accounts")
    assert account.headers["idempotency-key"] == f"acct:{USER}:acct_1"


def test_a_second_link_is_made_for_the_same_account(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    known = {"user_id": USER, "email": None, "country": None, "stripe_account_id": "acct_1"}
    supabase.rpc("begin_payout_account", Answer(body=known))
    link = {"object": "account_link", "url": "https://connect.example.net/y", "expires_at": 1_800_000_000}
    stripe_server.on("POST", "/v1/account_links", Answer(body=link))

    assert bridge.post("/payout-account", headers=headers).status_code == 201

    assert stripe_server.requests("POST", "/v1/accounts") == []


def test_answers_the_web_app_from_its_own_origin_only(bridge: httpx.Client) -> None:
    def preflight(origin: str) -> httpx.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "apikey"}
        return bridge.options("/topups", headers=asked)

    ours = preflight("https://app.example.net")

    assert (ours.status_code, ours.headers["Access-Control-Allow-Origin"]) == (200, "https://app.example.net")
    assert "Access-Control-Allow-Origin" not in preflight("https://elsewhere.example.net").headers
