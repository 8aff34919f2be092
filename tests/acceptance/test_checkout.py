"""Top-ups on a Checkout page, on the whole stack: the person pays at Stripe's, the wallet is credited once."""

import json
from uuid import uuid4

import httpx
import pytest

from tests.acceptance.people import Person
from tests.acceptance.platform import Platform, Row, at_once
from tests.acceptance.test_reconcile import reconcile
from tests.acceptance.waiting import eventually, for_a_while

CARD = "4242424242424242"
DECLINED = "4000000000000002"
ASKING = "4000002760003184"
SLOW_BANK = "000000000009"
BANK = "000123456789"


@pytest.fixture
def client(platform: Platform) -> Person:
    return Person(platform)


def open_page(client: Person, amount: int = 2500, key: str | None = None, **more: object) -> Row:
    """Ask the bridge for a page."""
    order = {"amount": amount, "currency": "usd", "idempotency_key": key or str(uuid4()), **more}
    answer = client.bridge("/topups/checkout", order)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def submit(platform: Platform, page: Row, method: str) -> httpx.Response:
    """Pay on a page, as a browser's form does."""
    return platform.http.post(page["url"], data={"outcome": "pay", "method": method})


def bank_answers(platform: Platform, page: Row, **order: str) -> None:
    platform.control(f"checkout_sessions/{page['checkout_session_id']}", order)


def told(client: Person) -> list[str]:
    return [row["kind"] for row in client.rows("notifications")]


def test_a_card_fills_the_wallet_once(platform: Platform, client: Person) -> None:
    page = open_page(client)
    assert platform.http.get(page["url"]).status_code == 200
    sent_on = submit(platform, page, CARD)
    assert sent_on.status_code == 303
    assert sent_on.headers["location"].endswith(f"/wallet/topups/done?checkout={page['checkout_session_id']}")
    row = client.wait_transaction(page, "COMPLETED")
    assert (row["type"], row["amount"], row["stripe_checkout_session_id"]) == (
        "ADD_FUNDS",
        2500,
        page["checkout_session_id"],
    )
    assert row["stripe_payment_intent_id"].startswith("pi_")
    platform.wait_delivered()
    fee = eventually(lambda: client.row("transactions", id=page["transaction_id"])["fee"], "the fee")
    assert (client.balance, fee) == (2500, 103)
    platform.assert_balanced()


def test_a_declined_card_and_then_the_banks_question_are_one_topup(platform: Platform, client: Person) -> None:
    page = open_page(client)
    assert submit(platform, page, DECLINED).status_code == 402
    client.wait_transaction(page, "FAILED")
    bank = submit(platform, page, ASKING).headers["location"]
    client.wait_transaction(page, "PENDING")
    back = platform.http.post(bank, data={"outcome": "complete"})
    assert platform.http.get(back.headers["location"]).status_code == 303
    client.wait_transaction(page, "COMPLETED")
    assert client.balance == 2500


def test_who_fails_the_banks_question_has_paid_nothing(platform: Platform, client: Person) -> None:
    page = open_page(client)
    bank = submit(platform, page, ASKING).headers["location"]
    platform.http.post(bank, data={"outcome": "fail"})
    row = client.wait_transaction(page, "FAILED")
    assert (row["metadata"]["last_error"], client.balance) == ("payment_intent_authentication_failure", 0)


def test_a_bank_debit_is_pending_until_the_bank_has_paid(platform: Platform, client: Person) -> None:
    page = open_page(client, 10_000)
    assert submit(platform, page, SLOW_BANK).status_code == 303
    eventually(
        lambda: client.row("transactions", id=page["transaction_id"])["metadata"].get("processing"), "a debit under way"
    )
    platform.wait_delivered()
    for_a_while(lambda: client.balance == 0, "nothing credited before the bank has paid", seconds=0.5)
    bank_answers(platform, page, debit="succeeded")
    row = client.wait_transaction(page, "COMPLETED")
    assert (client.balance, "processing" in row["metadata"]) == (10_000, False)
    platform.wait_delivered()
    fee = eventually(lambda: client.row("transactions", id=page["transaction_id"])["fee"], "the fee")
    assert fee == 80
    platform.assert_balanced()


def test_a_bank_debit_is_the_same_in_the_ledger_and_at_stripe(platform: Platform, client: Person) -> None:
    page = open_page(client)
    submit(platform, page, SLOW_BANK)
    bank_answers(platform, page, debit="succeeded")
    client.wait_transaction(page, "COMPLETED")
    eventually(lambda: client.row("transactions", id=page["transaction_id"])["fee"], "the fee")
    with platform.setting("reconcile.grace_seconds", 0):
        _, said = reconcile(platform)
    assert page["transaction_id"] not in said


def test_a_bank_that_pays_in_its_own_time_fills_the_wallet(platform: Platform, client: Person) -> None:
    platform.control("timing", {"bank_debit_seconds": 0.2})
    page = open_page(client)
    submit(platform, page, BANK)
    client.wait_transaction(page, "COMPLETED")
    assert client.balance == 2500


def test_a_bank_debit_that_fails_credits_nothing_and_is_told(platform: Platform, client: Person) -> None:
    page = open_page(client)
    submit(platform, page, SLOW_BANK)
    eventually(
        lambda: client.row("transactions", id=page["transaction_id"])["metadata"].get("processing"), "a debit under way"
    )
    bank_answers(platform, page, debit="failed", failure_code="insufficient_funds")
    row = client.wait_transaction(page, "FAILED")
    platform.wait_delivered()
    assert (row["metadata"]["last_error"], client.balance) == ("insufficient_funds", 0)
    assert told(client) == ["topup_failed"]
    platform.assert_balanced()


def test_a_page_nobody_paid_on_expires(platform: Platform, client: Person) -> None:
    page = open_page(client)
    platform.stripe.v1.checkout.sessions.expire(page["checkout_session_id"])
    client.wait_transaction(page, "CANCELLED")
    assert submit(platform, page, CARD).status_code == 410
    assert client.balance == 0


def test_a_page_with_a_declined_card_expires_with_its_payment(platform: Platform, client: Person) -> None:
    page = open_page(client)
    submit(platform, page, DECLINED)
    client.wait_transaction(page, "FAILED")
    bank_answers(platform, page, status="expired")
    client.wait_transaction(page, "CANCELLED")
    assert client.balance == 0


@pytest.mark.parametrize("method", [CARD, SLOW_BANK])
def test_events_doubled_and_in_any_order_credit_once(platform: Platform, client: Person, method: str) -> None:
    platform.control("webhooks", {"duplicates": 3, "shuffle_seconds": 1.0})
    try:
        pages = [open_page(client, amount) for amount in (500, 700, 900)]
        for page in pages:
            submit(platform, page, method)
            if method == SLOW_BANK:
                bank_answers(platform, page, debit="succeeded")
        for page in pages:
            client.wait_transaction(page, "COMPLETED")
        platform.wait_delivered()
    finally:
        platform.calm()
    everything = "select count(*) as n from private.stripe_events where processed_at is null and type like 'checkout%%'"
    eventually(lambda: platform.rows(everything)[0]["n"] == 0, "every event applied")
    assert client.balance == 2100
    platform.assert_balanced()


@pytest.mark.parametrize(
    "order",
    [
        ("payment_intent.succeeded", "checkout.session.completed"),
        ("checkout.session.completed", "payment_intent.succeeded"),
    ],
)
def test_whichever_event_comes_first_credits_and_the_other_changes_nothing(
    platform: Platform, client: Person, order: tuple[str, str]
) -> None:
    platform.control("webhooks", {"paused": True})
    try:
        page = open_page(client)
        submit(platform, page, CARD)
        session = platform.stripe.v1.checkout.sessions.retrieve(page["checkout_session_id"])
        found = {
            event["type"]: event for event in platform.events(session.id) + platform.events(str(session.payment_intent))
        }
        for kind in order:
            platform.deliver(found[kind])
            platform.wait_processed(found[kind]["id"])
            assert client.balance == 2500
    finally:
        platform.calm()
    platform.wait_delivered()
    assert client.balance == 2500


def test_an_event_before_our_row_is_applied_once_the_row_is_there(platform: Platform, client: Person) -> None:
    unknown = str(uuid4())
    session = platform.stripe.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Wallet top-up"}},
                    "quantity": 1,
                }
            ],
            "success_url": "http://127.0.0.1:1/",
            "payment_intent_data": {"metadata": {"transaction_id": unknown}},
        }
    )
    platform.http.post(str(session.url), data={"outcome": "pay", "method": CARD})
    [event] = eventually(lambda: platform.events(session.id, "checkout.session.completed"), "the event")
    eventually(lambda: platform.stored_event(event["id"]), "the event stored")
    platform.rows(
        "insert into public.transactions (id, user_id, type, amount, status)"
        " values (%s, %s, 'ADD_FUNDS', 700, 'PENDING')",
        unknown,
        client.id,
    )
    platform.age_inbox()
    platform.wait_processed(event["id"])
    assert client.balance == 700


def test_the_same_key_opens_one_page_however_often_and_at_once(platform: Platform, client: Person) -> None:
    key = str(uuid4())
    answers = at_once(*[lambda: open_page(client, 3000, key)] * 6)
    assert answers == [open_page(client, 3000, key)] * 6
    assert platform.count("checkout.session", transaction_id=answers[0]["transaction_id"]) == 1
    submit(platform, answers[0], CARD)
    client.wait_transaction(answers[0], "COMPLETED")
    again = open_page(client, 3000, key)
    assert (again["url"], again["status"], again["checkout_session_id"]) == (
        None,
        "COMPLETED",
        answers[0]["checkout_session_id"],
    )


def test_a_call_that_broke_off_at_stripe_is_finished_by_calling_again(platform: Platform, client: Person) -> None:
    key = str(uuid4())
    # As often as the library tries by itself.
    platform.fault("POST", "/v1/checkout/sessions", kind="drop", when="after", times=3)
    order = {"amount": 2500, "currency": "usd", "idempotency_key": key}
    broken = client.bridge("/topups/checkout", order)
    assert (broken.status_code, broken.json()["code"]) == (503, "payment_provider_unavailable")
    [row] = client.rows("transactions")
    page = open_page(client, key=key)
    assert page["transaction_id"] == row["id"]
    assert platform.count("checkout.session", transaction_id=row["id"]) == 1
    submit(platform, page, CARD)
    client.wait_transaction(page, "COMPLETED")


def refused(client: Person, status: int, code: str, **change: object) -> None:
    before = client.rows("transactions")
    order = {"amount": 2500, "currency": "usd", "idempotency_key": str(uuid4()), **change}
    answer = client.bridge("/topups/checkout", order)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert client.rows("transactions") == before


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount": 499}, 400, "amount_out_of_range"),
        ({"amount": 1_000_001}, 400, "amount_out_of_range"),
        ({"currency": "eur"}, 400, "currency_mismatch"),
        ({"amount": "2500"}, 422, "invalid_input"),
        ({"success_url": "https://elsewhere.example"}, 422, "invalid_input"),
    ],
)
def test_what_may_not_be_is_refused_as_for_a_card(
    client: Person, change: dict[str, object], status: int, code: str
) -> None:
    refused(client, status, code, **change)


def test_keys_limits_and_switches_are_the_topups(platform: Platform, client: Person) -> None:
    key = str(uuid4())
    open_page(client, 3000, key)
    refused(client, 422, "idempotency_key_reused", idempotency_key=key, amount=3001)
    by_card = {"amount": 3000, "currency": "usd", "idempotency_key": key}
    assert client.bridge("/topups", by_card).json()["code"] == "idempotency_key_reused"
    client.begin_topup(3000)
    with platform.setting("topup.per_hour", 2):
        refused(client, 429, "rate_limited")
    with platform.setting("switch.topups", value=False):
        refused(client, 409, "topups_disabled")


def test_a_saved_card_is_kept_for_auto_reload(platform: Platform, client: Person) -> None:
    page = open_page(client, save_card=True)
    submit(platform, page, CARD)
    client.wait_transaction(page, "COMPLETED")
    eventually(lambda: [row["is_saved"] for row in client.rows("cards")] == [True], "the card saved")
    assert json.dumps(client.rows("cards")).count(CARD) == 0


def test_a_card_kept_without_paying_is_learned(platform: Platform, client: Person) -> None:
    page = open_page(client)
    customer = platform.stripe.v1.checkout.sessions.retrieve(page["checkout_session_id"]).customer
    keeping = platform.stripe.v1.checkout.sessions.create(
        {"mode": "setup", "customer": str(customer), "currency": "usd", "success_url": "http://127.0.0.1:1/"}
    )
    platform.http.post(str(keeping.url), data={"outcome": "pay", "method": CARD})
    eventually(lambda: [row["is_saved"] for row in client.rows("cards")] == [True], "the card saved")
    [event] = platform.events(keeping.id, "checkout.session.completed")
    assert platform.wait_processed(event["id"])["outcome"] == "IGNORED"
    assert client.balance == 0
