"""Every stored event is applied once, from the object's present state, or kept with the reason why not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import redis
from structlog.testing import capture_logs

from soulseer.errors import RpcUnavailableError
from tests.doubles.scripted import Answer, Asked, ScriptedServer, refusal, stripe_error
from workers import process
from workers.tools import Tools
from workers.upkeep import service as upkeep

StoreEvent = Callable[..., None]
TRANSACTION = "0197a000-0000-7000-8000-00000000000a"
APPLIED = Answer(body={"applied": True, "transaction_id": TRANSACTION})
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 2500,
    "amount_received": 2500,
    "currency": "usd",
    "last_payment_error": None,
    "customer": "cus_1",
    "payment_method": None,
    "metadata": {"transaction_id": TRANSACTION},
}


@pytest.fixture
def run(tools: Tools) -> Callable[..., None]:
    """Give a function that runs the job of a name with its arguments, as a worker would."""
    process.register(tools)

    def call(actor: str, **arguments: object) -> None:
        tools.broker.get_actor(actor)(**arguments)

    return call


def queued(client: redis.Redis, queue: str) -> list[dict[str, object]]:
    """Return the messages waiting in a queue."""
    raw = client.hvals(f"soulseer:{queue}.msgs")
    assert isinstance(raw, list)
    return [json.loads(item) for item in raw]


def functions(database: ScriptedServer) -> list[str]:
    """Return the functions that were called, in order."""
    return [asked.path.rsplit("/", 1)[1] for asked in database.asked]


def test_an_event_is_sent_to_the_job_named_for_its_type(
    run: Callable[..., None], store_event: StoreEvent, redis_client: redis.Redis
) -> None:
    store_event("payment_intent.succeeded", "pi_1")

    run("stripe.event", event_ids=["evt_1"])

    (message,) = queued(redis_client, "payments")
    assert (message["actor_name"], message["kwargs"]) == (
        "stripe.webhook.payment_intent.succeeded",
        {"event_id": "evt_1"},
    )


@pytest.mark.parametrize(
    ("event_type", "queue"),
    [("payout.paid", "payouts"), ("v2.core.account[requirements].updated", "payouts"), ("charge.updated", "payments")],
)
def test_each_domain_has_its_own_queue(
    run: Callable[..., None], store_event: StoreEvent, redis_client: redis.Redis, event_type: str, queue: str
) -> None:
    store_event(event_type, "x_1")

    run("stripe.event", event_ids=["evt_1"])

    assert [message["actor_name"] for message in queued(redis_client, queue)] == [f"stripe.webhook.{event_type}"]


def test_a_type_nobody_acts_on_is_set_aside(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer
) -> None:
    store_event("product.created", "prod_1")

    run("stripe.event", event_ids=["evt_1"])

    assert database.calls("ignore_stripe_event") == [{"p_event_id": "evt_1"}]


@pytest.mark.parametrize("stored", [None, {"processed_at": "2026-11-01T10:00:00Z"}])
def test_an_event_that_is_gone_or_done_is_left_alone(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stored: dict[str, object] | None
) -> None:
    store_event("payment_intent.succeeded", "pi_1", **(stored or {}))
    if stored is None:
        database.rpc("read_stripe_event", Answer(body=None))

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    assert functions(database) == ["read_stripe_event"]


def test_a_payment_is_fetched_under_a_sequence_taken_before(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=INTENT))
    database.rpc("apply_payment_intent", APPLIED)

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    assert functions(database) == ["read_stripe_event", "next_object_sequence", "apply_payment_intent"]
    assert database.asked[1].at < stripe_server.asked[0].at < database.asked[2].at
    assert database.calls("apply_payment_intent") == [
        {
            "p_event_id": "evt_1",
            "p_sequence": 7,
            "p_payment_intent_id": "pi_1",
            "p_status": "succeeded",
            "p_amount": 2500,
            "p_amount_received": 2500,
            "p_currency": "USD",
            "p_error_code": None,
            "p_transaction_id": TRANSACTION,
        }
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "card_declined", "decline_code": "lost_card", "type": "card_error"}, "lost_card"),
        # Stripe leaves out what an error does not have.
        ({"code": "expired_card", "type": "card_error"}, "expired_card"),
        ({"type": "card_error"}, None),
    ],
)
def test_a_declined_payment_carries_why(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    error: dict[str, str],
    code: str | None,
) -> None:
    store_event("payment_intent.payment_failed", "pi_1")
    declined = {**INTENT, "status": "requires_payment_method", "last_payment_error": error, "metadata": {}}
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=declined))
    database.rpc("apply_payment_intent", APPLIED)

    run("stripe.webhook.payment_intent.payment_failed", event_id="evt_1")

    (applied,) = database.calls("apply_payment_intent")
    assert (applied["p_error_code"], applied["p_transaction_id"]) == (code, None)


def test_an_event_that_came_before_our_row_is_looked_at_again_soon_and_then_kept(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    redis_client: redis.Redis,
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=INTENT))
    database.rpc("apply_payment_intent", refusal(404, "transaction_not_found"))

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    (message,) = queued(redis_client, "payments.DQ")
    assert message["kwargs"] == {"event_id": "evt_1", "tries": 1}
    assert database.calls("fail_stripe_event") == []

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1", tries=4)

    (failed,) = database.calls("fail_stripe_event")
    assert "transaction_not_found" in str(failed["p_error"])


BY_HAND = {
    "payment_intent.succeeded": ("pi_9", {**INTENT, "id": "pi_9", "customer": None, "metadata": {}}),
    "checkout.session.completed": (
        "cs_9",
        {"id": "cs_9", "object": "checkout.session", "mode": "payment", "status": "complete", "metadata": {},
         "payment_intent": "pi_9"},
    ),
    "checkout.session.expired": (
        "cs_9",
        {"id": "cs_9", "object": "checkout.session", "mode": "payment", "status": "expired", "metadata": {},
         "payment_intent": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("event_type", sorted(BY_HAND))
def test_a_payment_made_by_hand_at_stripe_is_ignored_at_once(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    event_type: str,
) -> None:
    object_id, body = BY_HAND[event_type]
    store_event(event_type, object_id)
    stripe_server.on("GET", "/v1/checkout/sessions/cs_9", Answer(body=body))
    stripe_server.on("GET", "/v1/payment_intents/pi_9", Answer(body=BY_HAND["payment_intent.succeeded"][1]))
    database.rpc("apply_payment_intent", refusal(404, "transaction_not_found"))

    with capture_logs() as logs:
        run(f"stripe.webhook.{event_type}", event_id="evt_1")

    assert database.calls("ignore_stripe_event") == [{"p_event_id": "evt_1"}]
    assert database.calls("fail_stripe_event") == []
    assert [line["reason"] for line in logs if line["event"] == "stripe_event_ignored"] == ["not_ours"]


@pytest.mark.parametrize(
    ("fault", "is_away"),
    [
        (stripe_error(404, "resource_missing"), False),
        (stripe_error(401, "api_key_expired"), True),
        (stripe_error(429, "rate_limit"), True),
        (stripe_error(500, "api_error", "api_error"), True),
    ],
)
def test_an_object_that_cannot_be_fetched_keeps_its_event(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    fault: Answer,
    is_away: bool,
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", fault)

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    assert [failed["p_is_away"] for failed in database.calls("fail_stripe_event")] == [is_away]
    assert database.calls("apply_payment_intent") == []


def test_an_event_without_an_object_is_kept_with_the_reason(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer
) -> None:
    store_event("payment_intent.succeeded", None)

    run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    assert "names no object" in str(database.calls("fail_stripe_event")[0]["p_error"])


def test_an_event_is_not_blamed_for_a_database_that_is_away(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("payment_intent.succeeded", "pi_1")
    stripe_server.on("GET", "/v1/payment_intents/pi_1", Answer(body=INTENT))
    database.rpc("apply_payment_intent", Answer(503))

    with pytest.raises(RpcUnavailableError):
        run("stripe.webhook.payment_intent.succeeded", event_id="evt_1")

    assert database.calls("fail_stripe_event") == []


def test_a_fee_is_posted_once_it_is_known(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("charge.updated", "ch_1")
    balance = {"id": "txn_1", "object": "balance_transaction", "fee": 103, "net": 2397, "currency": "usd"}
    charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "balance_transaction": balance}
    stripe_server.on("GET", "/v1/charges/ch_1", Answer(body=charge))
    database.rpc("apply_charge_fee", APPLIED)

    run("stripe.webhook.charge.updated", event_id="evt_1")

    assert stripe_server.asked[0].query == {"expand[0]": "balance_transaction"}
    assert database.calls("apply_charge_fee") == [
        {
            "p_event_id": "evt_1",
            "p_payment_intent_id": "pi_1",
            "p_charge_id": "ch_1",
            "p_balance_transaction_id": "txn_1",
            "p_fee": 103,
            "p_net": 2397,
            "p_currency": "USD",
        }
    ]


@pytest.mark.parametrize("charge", [{"payment_intent": "pi_1", "balance_transaction": None}, {"payment_intent": None}])
def test_a_charge_without_fee_or_payment_is_set_aside(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    charge: dict[str, object],
) -> None:
    store_event("charge.succeeded", "ch_1")
    body = {"id": "ch_1", "object": "charge", "balance_transaction": None, **charge}
    stripe_server.on("GET", "/v1/charges/ch_1", Answer(body=body))

    run("stripe.webhook.charge.succeeded", event_id="evt_1")

    assert len(database.calls("ignore_stripe_event")) == 1


def test_an_account_is_fetched_and_its_gate_set(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("capability.updated", "transfers", endpoint="connect", account="acct_1")
    account = {
        "id": "acct_1",
        "object": "account",
        "details_submitted": True,
        "payouts_enabled": True,
        "capabilities": {"transfers": "active"},
        "requirements": {"currently_due": ["individual.id_number"], "disabled_reason": None},
    }
    stripe_server.on("GET", "/v1/accounts/acct_1", Answer(body=account))
    database.rpc("apply_account", Answer(body={"applied": True, "reason": "applied", "user_id": None}))

    run("stripe.webhook.capability.updated", event_id="evt_1")

    assert database.calls("next_object_sequence") == [{"p_object_id": "acct_1"}]
    assert database.calls("apply_account") == [
        {
            "p_event_id": "evt_1",
            "p_sequence": 7,
            "p_account_id": "acct_1",
            "p_details_submitted": True,
            "p_transfers_active": True,
            "p_payouts_enabled": True,
            "p_disabled_reason": None,
            "p_requirements_due": ["individual.id_number"],
        }
    ]


@pytest.mark.parametrize("event_type", ["account.updated", "capability.updated"])
def test_our_own_account_is_no_readers(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    event_type: str,
) -> None:
    store_event(event_type, "acct_platform")
    database.rpc("ignore_stripe_event", Answer(204))

    run(f"stripe.webhook.{event_type}", event_id="evt_1")

    assert database.calls("ignore_stripe_event") == [{"p_event_id": "evt_1"}]
    assert stripe_server.asked == database.calls("fail_stripe_event") == []


@pytest.mark.parametrize(("code", "is_closed"), [("account_invalid", True), ("more_permissions_required", False)])
def test_a_late_event_of_an_account_that_is_gone_closes_its_gate(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    code: str,
    is_closed: bool,
) -> None:
    store_event("account.updated", "acct_1", endpoint="connect", account="acct_1")
    stripe_server.on("GET", "/v1/accounts/acct_1", stripe_error(403, code))
    database.rpc("apply_account", Answer(body={"applied": True}))

    run("stripe.webhook.account.updated", event_id="evt_1")

    gates = [
        (applied["p_payouts_enabled"], applied["p_disabled_reason"]) for applied in database.calls("apply_account")
    ]
    assert gates == ([(False, "account_gone")] if is_closed else [])
    # A key of ours that may not look says nothing of the account.
    assert len(database.calls("fail_stripe_event")) == (0 if is_closed else 1)


def test_an_account_that_left_us_is_closed_without_asking(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("account.application.deauthorized", "ca_1", endpoint="connect", account="acct_1")
    database.rpc("apply_account", Answer(body={"applied": True}))

    run("stripe.webhook.account.application.deauthorized", event_id="evt_1")

    (applied,) = database.calls("apply_account")
    assert (applied["p_account_id"], applied["p_transfers_active"], applied["p_payouts_enabled"]) == (
        "acct_1",
        False,
        False,
    )
    assert stripe_server.asked == []


def test_a_bank_payout_is_fetched_from_its_own_account(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("payout.failed", "po_1", endpoint="connect", account="acct_1")
    attempt = "01a42ed1-c51d-78bb-a0ed-22ad4af0db5b"
    body = {
        "id": "po_1", "object": "payout", "status": "failed", "failure_code": "account_closed",
        "metadata": {"attempt_id": attempt},
    }  # fmt: skip
    stripe_server.on("GET", "/v1/payouts/po_1", Answer(body=body))
    database.rpc("apply_payout_state", Answer(body={"applied": True}))

    run("stripe.webhook.payout.failed", event_id="evt_1")

    assert stripe_server.asked[0].headers["stripe-account"] == "acct_1"
    (applied,) = database.calls("apply_payout_state")
    assert (applied["p_status"], applied["p_failure_code"], applied["p_account_id"]) == (
        "failed",
        "account_closed",
        "acct_1",
    )
    assert applied["p_attempt_id"] == attempt


@pytest.mark.parametrize(("code", "is_gone"), [("account_invalid", True), ("more_permissions_required", False)])
def test_a_bank_payout_of_an_account_that_is_gone_is_taken_from_its_event(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    code: str,
    is_gone: bool,
) -> None:
    attempt = "01a42ed1-c51d-78bb-a0ed-22ad4af0db5b"
    told = {"id": "po_1", "status": "failed", "failure_code": "no_account", "metadata": {"attempt_id": attempt}}
    store_event("payout.failed", "po_1", endpoint="connect", account="acct_1", payload={"data": {"object": told}})
    stripe_server.on("GET", "/v1/payouts/po_1", stripe_error(403, code))
    database.rpc("apply_unreachable_payout", Answer(body={"applied": True}))

    run("stripe.webhook.payout.failed", event_id="evt_1")

    expected = {
        "p_event_id": "evt_1",
        "p_stripe_payout_id": "po_1",
        "p_status": "failed",
        "p_failure_code": "no_account",
        "p_attempt_id": attempt,
    }
    assert database.calls("apply_unreachable_payout") == ([expected] if is_gone else [])
    assert len(database.calls("fail_stripe_event")) == (0 if is_gone else 1)


@pytest.mark.parametrize(
    ("event_type", "endpoint"),
    [("payment_intent.succeeded", "connect"), ("transfer.created", "connect")],
)
def test_what_belongs_to_another_account_is_set_aside(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, event_type: str, endpoint: str
) -> None:
    store_event(event_type, "x_1", endpoint=endpoint)

    run(f"stripe.webhook.{event_type}", event_id="evt_1")

    assert len(database.calls("ignore_stripe_event")) == 1


@pytest.mark.parametrize("reversed_amounts", [[], [300, 200]], ids=["whole", "reversed in parts"])
def test_a_transfer_confirms_its_attempt_and_tells_every_reversal(
    run: Callable[..., None],
    store_event: StoreEvent,
    database: ScriptedServer,
    stripe_server: ScriptedServer,
    reversed_amounts: list[int],
) -> None:
    store_event("transfer.reversed", "tr_1")
    body = {
        "id": "tr_1",
        "object": "transfer",
        "amount": 5000,
        "amount_reversed": sum(reversed_amounts),
        "currency": "usd",
        "metadata": {"attempt_id": TRANSACTION},
    }
    reversals = [
        {"id": f"trr_{n}", "object": "transfer_reversal", "amount": amount} for n, amount in enumerate(reversed_amounts)
    ]

    def page(asked: Asked) -> Answer:
        # One a page: the object itself carries only the latest.
        at = int(asked.query["starting_after"][4:]) + 1 if "starting_after" in asked.query else 0
        more = at + 1 < len(reversals)
        url = "/v1/transfers/tr_1/reversals"
        return Answer(body={"object": "list", "data": reversals[at : at + 1], "has_more": more, "url": url})

    stripe_server.on("GET", "/v1/transfers/tr_1", Answer(body=body))
    stripe_server.on("GET", "/v1/transfers/tr_1/reversals", page)
    database.rpc("apply_transfer", Answer(body={"applied": True}))

    run("stripe.webhook.transfer.reversed", event_id="evt_1")

    (applied,) = database.calls("apply_transfer")
    assert (applied["p_attempt_id"], applied["p_amount"]) == (TRANSACTION, 5000)
    assert applied["p_reversals"] == [{"id": f"trr_{n}", "amount": a} for n, a in enumerate(reversed_amounts)]


def test_the_platforms_own_payout_is_followed(
    run: Callable[..., None], store_event: StoreEvent, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    store_event("payout.paid", "po_1")
    body = {"id": "po_1", "object": "payout", "amount": 5000, "currency": "usd", "status": "in_transit"}
    stripe_server.on("GET", "/v1/payouts/po_1", Answer(body=body))
    database.rpc("apply_platform_payout", Answer(body={"applied": True}))

    run("stripe.webhook.payout.paid", event_id="evt_1")

    (applied,) = database.calls("apply_platform_payout")
    # As fetched, not as the event's name has it.
    assert (applied["p_amount"], applied["p_currency"], applied["p_status"]) == (5000, "USD", "in_transit")


def test_the_sweeper_sends_again_what_was_stored_and_never_processed(
    tools: Tools, database: ScriptedServer, redis_client: redis.Redis
) -> None:
    left = [{"event_id": f"evt_{n}", "type": "x", "attempts": 1, "request_id": f"req-{n}"} for n in range(3)]
    database.rpc("claim_stripe_events", Answer(body=left))

    assert upkeep.sweep_stripe_events(tools) == 3

    sent = queued(redis_client, "payments")
    assert {message["actor_name"] for message in sent} == {"stripe.event"}
    assert sorted(str(message["options"]["request_id"]) for message in sent) == ["req-0", "req-1", "req-2"]  # type: ignore[index]


def test_the_sweeper_sends_nothing_again_while_the_queues_are_backed_up(
    tools: Tools, database: ScriptedServer, redis_client: redis.Redis
) -> None:
    database.rpc("claim_stripe_events", Answer(body=[]))
    redis_client.rpush("soulseer:payments", *range(600))
    redis_client.rpush("soulseer:payouts", *range(400))

    assert upkeep.sweep_stripe_events(tools) == 0

    # Each claim counts as a try, so that an event that only waits would be parked after many.
    assert database.calls("claim_stripe_events") == []
    redis_client.lpop("soulseer:payouts")
    upkeep.sweep_stripe_events(tools)
    assert len(database.calls("claim_stripe_events")) == 1


@pytest.mark.parametrize(("balanced", "level"), [(True, "info"), (False, "critical")])
def test_the_ledger_is_checked_aloud(tools: Tools, database: ScriptedServer, balanced: bool, level: str) -> None:
    problems: list[object] = [] if balanced else [{"problem": "credits differ from postings"}]
    database.rpc("check_ledger", Answer(body={"balanced": balanced, "problems": problems}))

    with capture_logs() as lines:
        assert upkeep.check_ledger(tools) is balanced

    assert [line["log_level"] for line in lines] == [level]
