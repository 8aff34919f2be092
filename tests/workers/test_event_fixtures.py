"""One event of every type we act on, as Stripe publishes its shape: through the receiver, to its actor, into its call.

The table below is what each type does and under which key it does it once: an id of Stripe's that a second event about
the same movement shares, or the object whose newest state counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import dramatiq
import httpx
import pytest
import redis
import stripe
from stripe.events._event_classes import get_v2_event_notification_class

from soulseer.settings import WebhookSettings
from tests.doubles.scripted import Answer, Asked, ScriptedServer
from tests.doubles.serving import eventually, serving
from tests.fixtures.stripe import make as fixtures
from tests.stack.stripe.shapes import check
from webhooks.app import make
from workers import process
from workers.disputes import service as disputes
from workers.payments import cards, checkout
from workers.payments import service as payments
from workers.payouts import stripe_events as payouts
from workers.reconciliation import stripe_events as reconciliation
from workers.refunds import stripe_events as refunds
from workers.tools import Tools

SECRETS = {"platform": "whsec_platform0000000000000000000000", "connect": "whsec_connect0000000000000000000000000"}
HANDLED = (payments, checkout, cards, refunds, disputes, payouts, reconciliation)
_CREDIT = ("payments", "apply_payment_intent", {"p_payment_intent_id": "pi_1", "p_sequence": 7})
_FEE = ("payments", "apply_charge_fee", {"p_balance_transaction_id": "txn_1"})
_REFUND = ("payments", "apply_refund", {"p_stripe_refund_id": "re_1", "p_sequence": 7})
_DISPUTE = ("payments", "apply_dispute", {"p_stripe_dispute_id": "dp_1", "p_sequence": 7})
_WARNING = ("payments", "apply_fraud_warning", {"p_warning_id": "issfr_1", "p_sequence": 7})
_CARD = ("payments", "apply_card", {"p_payment_method_id": "pm_1", "p_sequence": 7})
_GATE = ("payouts", "apply_account", {"p_account_id": "acct_1", "p_sequence": 7})
_TRANSFER = ("payouts", "apply_transfer", {"p_transfer_id": "tr_1"})
_PAYOUT = ("payouts", "apply_payout_state", {"p_stripe_payout_id": "po_1", "p_sequence": 7})
# Type: queue of its actor, the call that applies it, and the key under which that counts once.
TABLE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "payment_intent.succeeded": _CREDIT,
    "payment_intent.payment_failed": _CREDIT,
    "payment_intent.canceled": _CREDIT,
    "payment_intent.processing": _CREDIT,
    "payment_intent.requires_action": _CREDIT,
    "checkout.session.completed": _CREDIT,
    "checkout.session.async_payment_succeeded": _CREDIT,
    "checkout.session.async_payment_failed": _CREDIT,
    "checkout.session.expired": ("payments", "apply_checkout_session", {"p_session_id": "cs_2", "p_sequence": 7}),
    "charge.succeeded": _FEE,
    "charge.updated": _FEE,
    "refund.created": _REFUND,
    "refund.updated": _REFUND,
    "refund.failed": (*_REFUND[:2], {**_REFUND[2], "p_failure_transaction_id": "txn_2"}),
    "charge.refund.updated": _REFUND,
    "charge.refunded": ("payments", "reconcile_charge_refunds", {"p_payment_intent_id": "pi_1"}),
    "charge.dispute.created": _DISPUTE,
    "charge.dispute.updated": _DISPUTE,
    "charge.dispute.funds_withdrawn": _DISPUTE,
    "charge.dispute.funds_reinstated": _DISPUTE,
    "charge.dispute.closed": _DISPUTE,
    "radar.early_fraud_warning.created": _WARNING,
    "radar.early_fraud_warning.updated": _WARNING,
    "account.updated": _GATE,
    "capability.updated": _GATE,
    "account.application.deauthorized": _GATE,
    "v2.core.account.updated": _GATE,
    "v2.core.account[requirements].updated": _GATE,
    "v2.core.account[configuration.recipient].updated": _GATE,
    "v2.core.account[configuration.recipient].capability_status_updated": _GATE,
    "v2.core.account.closed": _GATE,
    "account.external_account.created": ("payouts", "apply_bank_account", {"p_account_id": "acct_1"}),
    "transfer.created": _TRANSFER,
    "transfer.updated": _TRANSFER,
    "transfer.reversed": _TRANSFER,
    "payout.created": _PAYOUT,
    "payout.updated": _PAYOUT,
    "payout.paid": _PAYOUT,
    "payout.failed": _PAYOUT,
    "payout.canceled": _PAYOUT,
    "balance.available": ("payouts", "apply_balance_available", {"p_account_id": None}),
    "payout.reconciliation_completed": ("upkeep", "ignore_stripe_event", {}),
    "setup_intent.succeeded": _CARD,
    "payment_method.attached": _CARD,
    "payment_method.updated": _CARD,
    "payment_method.automatically_updated": _CARD,
    "payment_method.detached": _CARD,
}


def fixture_of(event_type: str) -> dict[str, Any]:
    """Return the event of a type."""
    body: dict[str, Any] = json.loads(fixtures.file_of(event_type).read_text())
    return body


@pytest.fixture
def endpoints(database: ScriptedServer, redis_url: str) -> Iterator[httpx.Client]:
    """Give the served receiver over the scripted inbox."""
    settings = WebhookSettings.model_validate(
        {
            "environment": "local",
            "redis_url": redis_url,
            "supabase_url": database.url,
            "supabase_secret_key": "sb_secret_of_these_tests",
            "stripe_webhook_secrets": [SECRETS["platform"]],
            "stripe_connect_webhook_secrets": [SECRETS["connect"]],
        }
    )
    with serving(make(settings)) as client:
        yield client


@pytest.fixture
def deliver(
    endpoints: httpx.Client, database: ScriptedServer, redis_client: redis.Redis, tools: Tools
) -> Callable[[dict[str, Any]], dramatiq.Message[None]]:
    """Give a function that posts an event to the receiver and runs the router; it answers the message of its actor."""
    process.register(tools)
    stored: dict[str, Any] = {}

    def store(asked: Asked) -> Answer:
        told = {name.removeprefix("p_"): value for name, value in asked.arguments.items()}
        stored.update(told, processed_at=None, request_id="req-1")
        return Answer(body=True)

    database.rpc("store_stripe_event", store)
    database.rpc("read_stripe_event", lambda _: Answer(body=stored))
    database.rpc("next_object_sequence", Answer(body=7))
    database.rpc("record_card", Answer(body=None))
    for function in {function for _, function, _ in TABLE.values()}:
        database.rpc(function, Answer(body={"applied": True}))
    database.rpc("ignore_stripe_event", Answer(204))

    def run(event: dict[str, Any]) -> dramatiq.Message[None]:
        body, endpoint = json.dumps(event), "connect" if event.get("account") else "platform"
        header = stripe.WebhookSignature.generate_signature_header(body, SECRETS[endpoint], int(time.time()))
        answer = endpoints.post(f"/stripe/{endpoint}", content=body, headers={"Stripe-Signature": header})
        assert answer.status_code == 200, answer.text
        (raw,) = eventually(lambda: redis_client.hvals("soulseer:payments.msgs"))
        arrived = dramatiq.Message.decode(raw)
        redis_client.flushall()
        tools.broker.get_actor(arrived.actor_name)(**arrived.kwargs)
        queue = TABLE[event["type"]][0]
        (raw,) = redis_client.hvals(f"soulseer:{queue}.msgs")
        return dramatiq.Message.decode(raw)

    return run


@pytest.fixture
def at_stripe(stripe_server: ScriptedServer) -> ScriptedServer:
    """Give a Stripe that has every object of the fixtures, as the event of the same name told of it."""
    things = {
        "payment_intents/pi_1": fixtures.thing("payment_intent", fixtures.SNAPSHOTS["payment_intent.succeeded"][1]),
        "checkout/sessions/cs_1": fixture_of("checkout.session.completed")["data"]["object"],
        "checkout/sessions/cs_2": fixture_of("checkout.session.expired")["data"]["object"],
        "charges/ch_1": {**fixtures.thing("charge", fixtures.SNAPSHOTS["charge.succeeded"][1]),
                         "balance_transaction": fixtures.moved()},
        "refunds/re_1": fixtures.thing("refund", fixtures.SNAPSHOTS["refund.failed"][1]),
        "refunds": {"object": "list", "data": [], "has_more": False, "url": "/v1/refunds"},
        "disputes/dp_1": fixture_of("charge.dispute.created")["data"]["object"],
        "radar/early_fraud_warnings/issfr_1": {
            **fixture_of("radar.early_fraud_warning.created")["data"]["object"],
            "charge": fixture_of("charge.succeeded")["data"]["object"],
        },
        "payment_methods/pm_1": fixture_of("payment_method.attached")["data"]["object"],
        "setup_intents/seti_1": fixture_of("setup_intent.succeeded")["data"]["object"],
        "accounts/acct_1": fixture_of("account.updated")["data"]["object"],
        "transfers/tr_1": fixture_of("transfer.created")["data"]["object"],
        "payouts/po_1": fixture_of("payout.paid")["data"]["object"],
    }  # fmt: skip
    for path, body in things.items():
        stripe_server.on("GET", f"/v1/{path}", Answer(body=body))
    return stripe_server


def test_every_type_that_is_handled_has_a_fixture_and_a_key() -> None:
    handled = {event_type for module in HANDLED for event_type in module.HANDLERS}
    files = {place.name.removesuffix(".json") for place in fixtures.FOLDER.glob("*.json")}
    assert set(TABLE) == handled == files


def test_every_actor_of_an_event_is_among_them(tools: Tools) -> None:
    process.register(tools)
    declared = {name.removeprefix("stripe.webhook.") for name in tools.broker.actors if "stripe.webhook." in name}
    assert declared == set(TABLE)


@pytest.mark.parametrize("event_type", fixtures.SNAPSHOTS)
def test_a_fixture_fits_stripes_shape_and_is_what_is_made(event_type: str) -> None:
    assert check(fixture_of(event_type)) == []
    assert fixture_of(event_type) == fixtures.snapshot(event_type)


@pytest.mark.parametrize("event_type", fixtures.THIN)
def test_a_thin_fixture_is_read_by_the_library(event_type: str) -> None:
    event = fixture_of(event_type)
    assert event == fixtures.thin(event_type)
    read = stripe.StripeClient("sk_test_1").parse_event_notification(
        json.dumps(event),
        stripe.WebhookSignature.generate_signature_header(json.dumps(event), "whsec_1", int(time.time())),
        "whsec_1",
    )
    assert type(read) is get_v2_event_notification_class(event_type)
    assert (read.type, str(read.context)) == (event_type, "acct_1")


@pytest.mark.parametrize("event_type", TABLE)
def test_an_event_reaches_its_actor_and_is_applied_under_its_key(
    deliver: Callable[[dict[str, Any]], dramatiq.Message[None]],
    database: ScriptedServer,
    at_stripe: ScriptedServer,
    tools: Tools,
    event_type: str,
) -> None:
    _, function, key = TABLE[event_type]
    event = fixture_of(event_type)

    message = deliver(event)

    assert (message.actor_name, message.kwargs) == (f"stripe.webhook.{event_type}", {"event_id": event["id"]})
    tools.broker.get_actor(message.actor_name)(**message.kwargs)
    assert database.calls("fail_stripe_event") == []
    (applied,) = database.calls(function)
    assert applied["p_event_id"] == event["id"]
    assert {name: applied.get(name) for name in key} == key
    assert all(asked.method == "GET" for asked in at_stripe.asked)
