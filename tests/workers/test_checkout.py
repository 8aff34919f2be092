"""Events about Checkout pages: the session is fetched again, and its payment decides about the money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis

from soulseer.errors import RpcUnavailableError
from tests.doubles.scripted import Answer, ScriptedServer, refusal, stripe_error
from tests.workers.test_stripe_events import APPLIED, INTENT, TRANSACTION, functions, queued
from workers import process
from workers.tools import Tools

StoreEvent = Callable[..., None]
COMPLETED = "checkout.session.completed"
EXPIRED = "checkout.session.expired"
EVENTS = (COMPLETED, "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed", EXPIRED)
SESSION = {
    "id": "cs_1",
    "object": "checkout.session",
    "mode": "payment",
    "status": "complete",
    "payment_status": "paid",
    "payment_intent": "pi_1",
    "metadata": {"transaction_id": TRANSACTION},
}


@pytest.fixture
def run(tools: Tools) -> Callable[..., None]:
    """Give a function that runs the job of an event about the session, as a worker would."""
    process.register(tools)

    def call(event_type: str, **arguments: object) -> None:
        tools.broker.get_actor(f"stripe.webhook.{event_type}")(event_id="evt_1", **arguments)

    return call


def told(stripe_server: ScriptedServer, session: dict[str, object], intent: dict[str, object]) -> None:
    """Have Stripe tell of a session and its payment."""
    stripe_server.on("GET", "/v1/checkout/sessions/cs_1", Answer(body={**SESSION, **session}))
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body={**INTENT, **intent}))


@pytest.mark.parametrize("event_type", EVENTS)
def test_whatever_the_event_says_the_payment_is_fetched_and_applied(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    event_type: str,
) -> None:
    store_event(event_type, "cs_1")
    told(stripe_server, {}, {})
    database.rpc("apply_payment_intent", APPLIED)

    run(event_type)

    assert functions(database) == [
        "read_stripe_event",
        "next_object_sequence",
        "next_object_sequence",
        "apply_payment_intent",
    ]
    assert [asked.path for asked in stripe_server.asked] == ["/v1/checkout/sessions/cs_1", "/v1/payment_intents/pi_1"]
    assert [call["p_object_id"] for call in database.calls("next_object_sequence")] == ["cs_1", "pi_1"]
    (applied,) = database.calls("apply_payment_intent")
    assert (applied["p_status"], applied["p_amount_received"]) == ("succeeded", 2500)
    assert (applied["p_payment_intent_id"], applied["p_transaction_id"]) == ("pi_1", TRANSACTION)


def test_a_payment_that_is_not_there_yet_is_state_only(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event(COMPLETED, "cs_1")
    told(stripe_server, {"payment_status": "unpaid"}, {"status": "processing", "amount_received": 0})
    database.rpc("apply_payment_intent", APPLIED)

    run(COMPLETED)

    (applied,) = database.calls("apply_payment_intent")
    assert (applied["p_status"], applied["p_amount_received"], applied["p_error_code"]) == ("processing", 0, None)


def test_a_bank_that_refused_says_why(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    event_type = "checkout.session.async_payment_failed"
    store_event(event_type, "cs_1")
    error = {"code": "insufficient_funds", "type": "invalid_request_error"}
    failed = {"status": "requires_payment_method", "amount_received": 0, "last_payment_error": error}
    told(stripe_server, {"payment_status": "unpaid"}, failed)
    database.rpc("apply_payment_intent", APPLIED)

    run(event_type)

    assert database.calls("apply_payment_intent")[0]["p_error_code"] == "insufficient_funds"


def test_the_transaction_is_the_sessions_where_the_payment_names_none(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event(COMPLETED, "cs_1")
    told(stripe_server, {}, {"metadata": {}})
    database.rpc("apply_payment_intent", APPLIED)

    run(COMPLETED)

    assert database.calls("apply_payment_intent")[0]["p_transaction_id"] == TRANSACTION


def test_a_page_that_nobody_tried_expires_without_a_payment(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event(EXPIRED, "cs_1")
    told(stripe_server, {"status": "expired", "payment_status": "unpaid", "payment_intent": None}, {})
    database.rpc("apply_checkout_session", APPLIED)

    run(EXPIRED)

    assert database.calls("apply_checkout_session") == [
        {
            "p_event_id": "evt_1",
            "p_sequence": 7,
            "p_session_id": "cs_1",
            "p_status": "expired",
            "p_transaction_id": TRANSACTION,
        }
    ]
    assert database.calls("apply_payment_intent") == []


@pytest.mark.parametrize(
    "session",
    [
        {"mode": "setup", "payment_intent": None},
        {"payment_intent": None, "payment_status": "no_payment_required"},
        {"payment_intent": None, "status": "open", "payment_status": "unpaid"},
    ],
)
def test_a_session_without_payment_is_set_aside(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    session: dict[str, object],
) -> None:
    store_event(COMPLETED, "cs_1")
    told(stripe_server, session, {})

    run(COMPLETED)

    assert len(database.calls("ignore_stripe_event")) == 1


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_connected_accounts_own_session_is_set_aside(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, event_type: str
) -> None:
    store_event(event_type, "cs_1", endpoint="connect")

    run(event_type)

    assert len(database.calls("ignore_stripe_event")) == 1


@pytest.mark.parametrize(("event_type", "function"), [(COMPLETED, "payment_intent"), (EXPIRED, "checkout_session")])
def test_an_event_before_our_row_is_looked_at_again_and_then_kept(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    redis_client: redis.Redis,
    event_type: str,
    function: str,
) -> None:
    store_event(event_type, "cs_1")
    told(stripe_server, {} if event_type == COMPLETED else {"status": "expired", "payment_intent": None}, {})
    database.rpc(f"apply_{function}", refusal(404, "transaction_not_found"))

    run(event_type)

    (message,) = queued(redis_client, "payments.DQ")
    assert message["kwargs"] == {"event_id": "evt_1", "tries": 1}

    run(event_type, tries=4)

    assert "transaction_not_found" in str(database.calls("fail_stripe_event")[0]["p_error"])


@pytest.mark.parametrize("fault", [stripe_error(404, "resource_missing"), stripe_error(500, "api_error", "api_error")])
def test_a_session_that_cannot_be_fetched_keeps_its_event(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    fault: Answer,
) -> None:
    store_event(COMPLETED, "cs_1")
    stripe_server.on("GET", "/v1/checkout/sessions/cs_1", fault)

    run(COMPLETED)

    assert len(database.calls("fail_stripe_event")) == 1


def test_an_event_is_not_blamed_for_a_database_that_is_away(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event(COMPLETED, "cs_1")
    told(stripe_server, {}, {})
    database.rpc("apply_payment_intent", Answer(503))

    with pytest.raises(RpcUnavailableError):
        run(COMPLETED)

    assert database.calls("fail_stripe_event") == []
