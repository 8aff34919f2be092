"""An auto-reload charges once: every test card's answer is recorded for what it is, and a lost answer is looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
import stripe

from soulseer import jobs
from stack.stripe.harness import Standin
from tests.doubles.scripted import Answer, ScriptedServer, stripe_error
from workers.payments import auto_reload
from workers.tools import Tools

ROW = UUID("0197a000-0000-7000-8000-0000000000c1")
USER = "0197a000-0000-7000-8000-0000000000c2"
ATTEMPT = "0197a000-0000-7000-8000-0000000000c3"
TRANSACTION = "0197a000-0000-7000-8000-0000000000c4"
MARKS = {"transaction_id": TRANSACTION, "user_id": USER, "attempt_id": ATTEMPT}


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """Give a running stand-in for Stripe."""
    with Standin(tmp_path_factory.mktemp("stripe") / "state.db") as running:
        yield running


@pytest.fixture
def client(standin: Standin) -> stripe.StripeClient:
    """Give the library on an emptied stand-in."""
    standin.control("reset", {})
    return standin.client()


@pytest.fixture
def charging(tools: Tools, client: stripe.StripeClient, database: ScriptedServer) -> Tools:
    """Give tools whose Stripe is the stand-in."""
    database.rpc("record_auto_reload", Answer(body=True))
    return replace(tools, stripe=client)


def start(database: ScriptedServer, customer: str, card: str, **changes: object) -> None:
    """Script what the database answers when the attempt is started."""
    attempt = {
        "attempt_id": ATTEMPT,
        "user_id": USER,
        "transaction_id": TRANSACTION,
        "amount": 2000,
        "currency": "USD",
        "stripe_customer_id": customer,
        "payment_method_id": card,
        "idempotency_key": f"ar:{ATTEMPT}",
        "first_tried_at": None,
    }
    database.rpc("start_auto_reload", Answer(body={**attempt, **changes}))


def saved(client: stripe.StripeClient, token: str) -> tuple[str, str]:
    """Return a customer and a card attached to them."""
    customer = client.v1.customers.create({})
    return customer.id, client.v1.payment_methods.attach(token, {"customer": customer.id}).id


def recorded(database: ScriptedServer) -> tuple[object, object]:
    (call,) = database.calls("record_auto_reload")
    assert (call["p_outbox_id"], call["p_attempt_id"]) == (str(ROW), ATTEMPT)
    return call["p_outcome"], call["p_code"]


def test_the_outbox_topic_is_this_job() -> None:
    assert jobs.OUTBOX_TOPICS["payment.auto_reload"] == jobs.AUTO_RELOAD


def test_a_good_card_is_charged_without_its_owner(
    charging: Tools, database: ScriptedServer, client: stripe.StripeClient
) -> None:
    customer, card = saved(client, "pm_card_visa")
    start(database, customer, card)

    auto_reload.execute(charging, ROW)

    (intent,) = client.v1.payment_intents.list({"customer": customer}).data
    assert (intent.status, intent.amount, intent.payment_method) == ("succeeded", 2000, card)
    assert intent.metadata is not None
    assert intent.metadata.to_dict() == MARKS
    (call,) = database.calls("record_auto_reload")
    assert (call["p_outcome"], call["p_payment_intent_id"], call["p_code"]) == ("succeeded", intent.id, None)


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("pm_card_authenticationRequired", ("authentication_required", "authentication_required")),
        ("pm_card_authenticationRequiredOnSetup", ("authentication_required", "authentication_required")),
        ("pm_card_chargeCustomerFail", ("declined", "generic_decline")),
        ("pm_card_radarBlock", ("declined", "fraudulent")),
    ],
)
def test_a_bank_that_says_no_is_told_apart(
    charging: Tools, database: ScriptedServer, client: stripe.StripeClient, token: str, outcome: tuple[str, str]
) -> None:
    customer, card = saved(client, token)
    start(database, customer, card)

    auto_reload.execute(charging, ROW)

    assert recorded(database) == outcome
    (call,) = database.calls("record_auto_reload")
    assert call["p_payment_intent_id"] == client.v1.payment_intents.list({"customer": customer}).data[0].id


def test_a_card_that_was_taken_off_is_refused(
    charging: Tools, database: ScriptedServer, client: stripe.StripeClient
) -> None:
    customer, card = saved(client, "pm_card_visa")
    client.v1.payment_methods.detach(card)
    start(database, customer, card)

    auto_reload.execute(charging, ROW)

    assert recorded(database)[0] == "refused"


@pytest.mark.parametrize("token", ["pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_a_second_try_finds_what_the_first_one_made(
    charging: Tools, database: ScriptedServer, client: stripe.StripeClient, token: str
) -> None:
    customer, card = saved(client, token)
    start(database, customer, card)
    auto_reload.execute(charging, ROW)
    first = database.calls("record_auto_reload")
    start(database, customer, card, first_tried_at=datetime.now(UTC).isoformat())

    auto_reload.execute(charging, ROW)

    assert len(client.v1.payment_intents.list({"customer": customer}).data) == 1
    assert database.calls("record_auto_reload") == first * 2


def test_a_second_try_that_finds_nothing_charges_under_the_same_key(
    charging: Tools, database: ScriptedServer, client: stripe.StripeClient
) -> None:
    customer, card = saved(client, "pm_card_visa")
    client.v1.payment_intents.create({"amount": 100, "currency": "usd", "customer": customer})
    start(database, customer, card, first_tried_at=datetime.now(UTC).isoformat())

    auto_reload.execute(charging, ROW)
    auto_reload.execute(charging, ROW)

    assert len(client.v1.payment_intents.list({"customer": customer}).data) == 2
    assert {call["p_outcome"] for call in database.calls("record_auto_reload")} == {"succeeded"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (stripe_error(500, "api_error", "api_error"), "unknown"),
        (stripe_error(409, "idempotency_key_in_use", "idempotency_error"), "unknown"),
        (Answer(0), "unknown"),
        (stripe_error(400, "resource_missing"), "refused"),
        (stripe_error(403, "account_invalid"), "refused"),
    ],
    ids=["500", "409", "no answer", "400", "403"],
)
def test_what_may_have_happened_is_not_called_a_refusal(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, answer: Answer, outcome: str
) -> None:
    database.rpc("record_auto_reload", Answer(body=True))
    start(database, "cus_1", "pm_1")
    stripe_server.on("POST", "/v1/payment_intents", answer)

    auto_reload.execute(tools, ROW)

    assert recorded(database)[0] == outcome
    assert {asked.headers["idempotency-key"] for asked in stripe_server.asked} == {f"ar:{ATTEMPT}"}


@pytest.mark.parametrize("status", [401, 429])
def test_what_stripe_did_not_look_at_is_due_again(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, status: int
) -> None:
    start(database, "cus_1", "pm_1")
    stripe_server.on("POST", "/v1/payment_intents", stripe_error(status, "nothing_done"))

    auto_reload.execute(tools, ROW)

    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]
    assert database.calls("record_auto_reload") == []


def test_nothing_is_charged_while_stripe_cannot_be_asked_what_it_did(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    start(database, "cus_1", "pm_1", first_tried_at="2026-11-01T10:00:00+00:00")
    stripe_server.on("GET", "/v1/payment_intents", stripe_error(403, "account_invalid"))

    auto_reload.execute(tools, ROW)

    assert [asked.method for asked in stripe_server.asked] == ["GET"]
    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]


def test_what_is_not_due_asks_nothing_of_stripe(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_auto_reload", Answer(body=None))

    auto_reload.execute(tools, ROW)

    assert stripe_server.asked == []
