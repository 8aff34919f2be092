"""Top-ups on a page of Stripe's: the page is opened once, under the transaction's key, for the database's amount."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.doubles.scripted import Answer, ScriptedServer, refusal, stripe_error
from tests.edge_bridge.test_calls import TOPUP, TRANSACTION, USER, begun

PAGE = "https://checkout.example.net/c/pay/cs_1"
SESSION = {"id": "cs_1", "object": "checkout.session", "url": PAGE, "expires_at": 1_800_000_000}
MakeToken = Callable[..., str]


@pytest.fixture
def headers(make_token: MakeToken) -> dict[str, str]:
    """Give the headers of a signed-in user."""
    return {"Authorization": f"Bearer {make_token()}", "X-Request-Id": "req-9"}


def test_opens_a_page_for_the_databases_amount_under_the_transactions_key(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun(amount=2400))
    supabase.rpc("record_stripe_customer", Answer(body="cus_1"))
    supabase.rpc("record_checkout_session", Answer(204))
    stripe_server.on("POST", "/v1/customers", Answer(body={"id": "cus_1", "object": "customer"}))
    stripe_server.on("POST", "/v1/customers/cus_1", Answer(body={"id": "cus_1", "object": "customer"}))
    stripe_server.on("POST", "/v1/checkout/sessions", Answer(body=SESSION))

    answer = bridge.post("/topups/checkout", json=TOPUP, headers=headers)

    assert answer.status_code == 201
    assert answer.json() == {
        "transaction_id": TRANSACTION,
        "checkout_session_id": "cs_1",
        "url": PAGE,
        "expires_at": "2027-01-15T08:00:00Z",
        "amount": 2400,
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
            "p_checkout": True,
        }
    ]
    assert supabase.calls("record_checkout_session") == [{"p_transaction_id": TRANSACTION, "p_session_id": "cs_1"}]
    (asked,) = stripe_server.requests("POST", "/v1/checkout/sessions")
    assert asked.headers["idempotency-key"] == f"cs:{TRANSACTION}"
    assert asked.form == {
        "mode": "payment",
        "customer": "cus_1",
        "client_reference_id": TRANSACTION,
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "2400",
        "line_items[0][price_data][product_data][name]": "Wallet top-up",
        "line_items[0][quantity]": "1",
        "metadata[transaction_id]": TRANSACTION,
        "metadata[user_id]": USER,
        "payment_intent_data[metadata][transaction_id]": TRANSACTION,
        "payment_intent_data[metadata][user_id]": USER,
        "success_url": "https://app.example.net/wallet/topups/done?checkout={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://app.example.net/wallet/topups/cancelled",
    }


def test_a_card_is_saved_only_when_its_owner_says_so(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun(stripe_customer_id="cus_1"))
    supabase.rpc("record_checkout_session", Answer(204))
    stripe_server.on("POST", "/v1/checkout/sessions", Answer(body=SESSION))

    assert bridge.post("/topups/checkout", json={**TOPUP, "save_card": True}, headers=headers).status_code == 201

    (asked,) = stripe_server.requests("POST", "/v1/checkout/sessions")
    assert asked.form["payment_intent_data[setup_future_usage]"] == "off_session"


def test_a_repeat_answers_the_page_that_was_opened(
    bridge: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("begin_topup", begun(checkout_session_id="cs_1", status="COMPLETED"))
    stripe_server.on("GET", "/v1/checkout/sessions/cs_1", Answer(body={**SESSION, "url": None}))

    answer = bridge.post("/topups/checkout", json=TOPUP, headers=headers)

    assert answer.status_code == 201
    assert [answer.json()[name] for name in ("checkout_session_id", "url", "status")] == ["cs_1", None, "COMPLETED"]
    assert [asked.method for asked in stripe_server.asked] == ["GET"]


@pytest.mark.parametrize("standing", [{"status": "CANCELLED"}, {"status": "PENDING", "payment_intent_id": "pi_1"}])
def test_no_second_page_is_opened_for_what_was_tried_or_is_over(
    bridge: httpx.Client,
    supabase: ScriptedServer,
    stripe_server: ScriptedServer,
    headers: dict[str, str],
    standing: dict[str, str],
) -> None:
    supabase.rpc("begin_topup", begun(**standing))

    answer = bridge.post("/topups/checkout", json=TOPUP, headers=headers)

    assert answer.status_code == 201
    assert (answer.json()["checkout_session_id"], answer.json()["url"]) == (None, None)
    assert stripe_server.asked == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (422, "amount_out_of_range"),
        (422, "idempotency_key_reused"),
        (403, "account_suspended"),
        (409, "topups_disabled"),
    ],
)
def test_passes_on_the_databases_refusals(
    bridge: httpx.Client,
    supabase: ScriptedServer,
    stripe_server: ScriptedServer,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    supabase.rpc("begin_topup", refusal(status, code, "A sentence."))

    answer = bridge.post("/topups/checkout", json=TOPUP, headers=headers)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert stripe_server.asked == []


@pytest.mark.parametrize(
    "body",
    [{**TOPUP, "amount": 0}, {**TOPUP, "currency": "dollars"}, {**TOPUP, "success_url": "https://evil.example"}, []],
)
def test_refuses_a_body_that_is_not_what_the_call_takes(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str], body: object
) -> None:
    answer = bridge.post("/topups/checkout", json=body, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert supabase.calls("begin_topup") == []


def test_refuses_whoever_is_not_signed_in(bridge: httpx.Client) -> None:
    answer = bridge.post("/topups/checkout", json=TOPUP)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (stripe_error(400, "amount_too_small"), 422, "payment_provider_refused"),
        (stripe_error(500, "api_error", "api_error"), 503, "payment_provider_unavailable"),
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
    stripe_server.on("POST", "/v1/checkout/sessions", fault)

    answer = bridge.post("/topups/checkout", json=TOPUP, headers=headers)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert supabase.calls("record_checkout_session") == []
