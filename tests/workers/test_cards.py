"""Cards are learned from payments and from what people save, change and take off, each as fetched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.doubles.scripted import Answer, ScriptedServer, stripe_error
from workers import process
from workers.tools import Tools

StoreEvent = Callable[..., None]
CARD = {"brand": "visa", "exp_month": 12, "exp_year": 2030, "fingerprint": "fp1", "last4": "4242"}
METHOD = {"id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_1", "card": CARD}
TOLD = {
    "p_sequence": 7,
    "p_stripe_customer_id": "cus_1",
    "p_payment_method_id": "pm_1",
    "p_fingerprint": "fp1",
    "p_brand": "visa",
    "p_last4": "4242",
    "p_exp_month": 12,
    "p_exp_year": 2030,
    "p_is_saved": True,
}
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 2500,
    "amount_received": 2500,
    "currency": "usd",
    "customer": "cus_1",
    "payment_method": "pm_1",
    "last_payment_error": None,
    "metadata": {},
}


@pytest.fixture
def run(tools: Tools, database: ScriptedServer) -> Callable[..., None]:
    """Give a function that runs the job of an event type."""
    process.register(tools)
    database.rpc("record_card", Answer(body="0197a000-0000-7000-8000-0000000000d1"))
    database.rpc("apply_card", Answer(body={"applied": True}))
    database.rpc("apply_payment_intent", Answer(body={"applied": True}))

    def call(event_type: str) -> None:
        tools.broker.get_actor(f"stripe.webhook.{event_type}")(event_id="evt_1")

    return call


def functions(database: ScriptedServer) -> list[str]:
    """Return the functions that were called, in order."""
    return [asked.path.rsplit("/", 1)[1] for asked in database.asked]


@pytest.mark.parametrize("customer", ["cus_1", None])
def test_a_payments_card_is_known_before_the_payment_is_credited(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    customer: str | None,
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=INTENT))
    stripe_server.on("GET", "/v1/payment_methods/pm_1", Answer(body={**METHOD, "customer": customer}))

    run("payment_intent.succeeded")

    assert functions(database)[-3:] == ["next_object_sequence", "record_card", "apply_payment_intent"]
    assert database.calls("record_card") == [{**TOLD, "p_is_saved": customer is not None}]


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({"status": "requires_payment_method"}, Answer(body=METHOD)),
        ({}, Answer(body={**METHOD, "type": "link", "card": None})),
        ({}, stripe_error(404, "resource_missing")),
    ],
    ids=["nothing paid", "no card", "gone"],
)
def test_what_shows_no_card_is_no_obstacle(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    changes: dict[str, object],
    method: Answer,
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body={**INTENT, **changes}))
    stripe_server.on("GET", "/v1/payment_methods/pm_1", method)

    run("payment_intent.succeeded")

    assert database.calls("record_card") == []
    assert len(database.calls("apply_payment_intent")) == 1


@pytest.mark.parametrize("kind", ["attached", "updated", "automatically_updated", "detached"])
def test_a_card_is_taken_over_as_it_is_now(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    kind: str,
) -> None:
    customer = None if kind == "detached" else "cus_1"
    store_event(f"payment_method.{kind}", "pm_1")
    stripe_server.on("GET", "/v1/payment_methods/pm_1", Answer(body={**METHOD, "customer": customer}))

    run(f"payment_method.{kind}")

    told = {**TOLD, "p_event_id": "evt_1", "p_stripe_customer_id": customer, "p_is_saved": customer is not None}
    assert database.calls("apply_card") == [told]


@pytest.mark.parametrize(
    "data",
    [
        {"object": {"customer": "cus_1"}},
        {"object": {"customer": None}, "previous_attributes": {"customer": "cus_1"}},
    ],
    ids=["attached", "detached"],
)
def test_a_card_that_was_taken_off_since_is_still_known_as_its_owners(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    data: dict[str, object],
) -> None:
    store_event("payment_method.attached", "pm_1", payload={"data": data})
    stripe_server.on("GET", "/v1/payment_methods/pm_1", Answer(body={**METHOD, "customer": None}))

    run("payment_method.attached")

    assert database.calls("apply_card") == [{**TOLD, "p_event_id": "evt_1", "p_is_saved": False}]


def test_a_setup_intent_tells_of_the_card_it_saved(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("setup_intent.succeeded", "seti_1")
    setup = {"id": "seti_1", "object": "setup_intent", "payment_method": "pm_1"}
    stripe_server.on("GET", "/v1/setup_intents/seti_1", Answer(body=setup))
    stripe_server.on("GET", "/v1/payment_methods/pm_1", Answer(body=METHOD))

    run("setup_intent.succeeded")

    assert database.calls("apply_card") == [{**TOLD, "p_event_id": "evt_1"}]


@pytest.mark.parametrize(
    ("kind", "endpoint", "method"),
    [
        ("payment_method.attached", "connect", METHOD),
        ("setup_intent.succeeded", "connect", METHOD),
        ("payment_method.attached", "platform", {**METHOD, "type": "link", "card": None}),
        ("payment_method.attached", "platform", {**METHOD, "card": {**CARD, "fingerprint": None}}),
    ],
)
def test_what_is_not_ours_or_no_card_is_set_aside(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    kind: str,
    endpoint: str,
    method: dict[str, object],
) -> None:
    store_event(kind, "pm_1", endpoint=endpoint)
    stripe_server.on("GET", "/v1/payment_methods/pm_1", Answer(body=method))

    run(kind)

    assert database.calls("ignore_stripe_event") == [{"p_event_id": "evt_1"}]
    assert database.calls("apply_card") == []


def test_a_setup_intent_without_a_card_is_set_aside(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("setup_intent.succeeded", "seti_1")
    setup = {"id": "seti_1", "object": "setup_intent", "payment_method": None}
    stripe_server.on("GET", "/v1/setup_intents/seti_1", Answer(body=setup))

    run("setup_intent.succeeded")

    assert database.calls("ignore_stripe_event") == [{"p_event_id": "evt_1"}]
