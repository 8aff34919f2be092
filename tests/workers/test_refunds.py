"""A refund leaves once: it is looked up before it is repeated, and repeated under the same key only."""

from __future__ import annotations

from uuid import UUID

import pytest

from soulseer.errors import RpcError
from tests.doubles.scripted import Answer, ScriptedServer, refusal, stripe_error
from workers.refunds import service
from workers.tools import Tools

ROW = UUID("0197a000-0000-7000-8000-0000000000c1")
REFUND = "0197a000-0000-7000-8000-0000000000c2"
ATTEMPT = "0197a000-0000-7000-8000-0000000000c3"
MARKS = {"refund_id": REFUND, "attempt_id": ATTEMPT}
MADE = {"id": "re_1", "object": "refund", "status": "succeeded", "metadata": MARKS}
TRIED = "2026-11-01T10:00:00+00:00"
PATH = "/v1/refunds"


def attempt(**changes: object) -> Answer:
    """Return what the database answers when an attempt is started."""
    started = {
        **MARKS,
        "amount": 400,
        "payment_intent_id": "pi_1",
        "idempotency_key": f"re:{ATTEMPT}",
        "first_tried_at": None,
    }
    return Answer(body={**started, **changes})


def listing(*rows: dict[str, object]) -> Answer:
    """Return Stripe's form of a list."""
    return Answer(body={"object": "list", "data": list(rows), "has_more": False, "url": PATH})


@pytest.fixture(autouse=True)
def scripted(database: ScriptedServer, stripe_server: ScriptedServer) -> None:
    """Script the way of a refund on which nothing goes wrong."""
    database.rpc("start_refund_attempt", attempt())
    database.rpc("record_card_refund", Answer(204))
    database.rpc("record_refund_failure", Answer(204))
    stripe_server.on("POST", PATH, Answer(body=MADE))
    stripe_server.on("GET", PATH, listing())


def test_refunds_and_records_it(tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer) -> None:
    service.execute(tools, ROW)

    (sent,) = stripe_server.asked
    assert sent.headers["idempotency-key"] == f"re:{ATTEMPT}"
    assert sent.form == {
        "amount": "400",
        "payment_intent": "pi_1",
        "reason": "requested_by_customer",
        "metadata[refund_id]": REFUND,
        "metadata[attempt_id]": ATTEMPT,
    }
    assert database.calls("record_card_refund") == [
        {"p_outbox_id": str(ROW), "p_attempt_id": ATTEMPT, "p_stripe_refund_id": "re_1"}
    ]


def test_what_is_done_or_must_wait_is_not_sent(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_refund_attempt", Answer(body=None))

    service.execute(tools, ROW)

    assert stripe_server.asked == []


def test_a_second_try_finds_the_refund_the_first_one_made(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_refund_attempt", attempt(first_tried_at=TRIED))
    stripe_server.on("GET", PATH, listing({**MADE, "id": "re_0", "metadata": {"attempt_id": REFUND}}, MADE))

    service.execute(tools, ROW)

    (looked,) = stripe_server.asked
    assert looked.query["payment_intent"] == "pi_1"
    assert database.calls("record_card_refund")[0]["p_stripe_refund_id"] == "re_1"


def test_a_second_try_that_finds_nothing_repeats_under_the_same_key(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_refund_attempt", attempt(first_tried_at=TRIED))

    service.execute(tools, ROW)

    (sent,) = stripe_server.requests("POST", PATH)
    assert sent.headers["idempotency-key"] == f"re:{ATTEMPT}"


def test_nothing_is_tried_while_stripe_cannot_be_asked(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_refund_attempt", attempt(first_tried_at=TRIED))
    stripe_server.on("GET", PATH, stripe_error(403, "account_invalid"))

    service.execute(tools, ROW)

    assert stripe_server.requests("POST", PATH) == []
    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]
    assert database.calls("record_refund_failure") == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (stripe_error(400, "charge_disputed"), "refused"),
        (stripe_error(400, "charge_already_refunded"), "refused"),
        (stripe_error(400, "balance_insufficient"), "insufficient_balance"),
        (stripe_error(500, "api_error", "api_error"), "unknown"),
        (stripe_error(409, "idempotency_key_in_use", "idempotency_error"), "unknown"),
        (stripe_error(409, "lock_timeout"), "unknown"),
        (Answer(0), "unknown"),
    ],
)
def test_tells_what_a_failure_means_for_the_money(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, fault: Answer, outcome: str
) -> None:
    stripe_server.on("POST", PATH, fault)

    service.execute(tools, ROW)

    (recorded,) = database.calls("record_refund_failure")
    assert (recorded["p_attempt_id"], recorded["p_outcome"]) == (ATTEMPT, outcome)
    assert database.calls("record_card_refund") == []


@pytest.mark.parametrize("fault", [stripe_error(401, "api_key_expired"), stripe_error(429, "rate_limit")])
def test_a_call_that_was_never_looked_at_is_simply_due_again(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, fault: Answer
) -> None:
    stripe_server.on("POST", PATH, fault)

    service.execute(tools, ROW)

    assert database.calls("record_refund_failure") == []
    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]


def test_a_refund_that_cannot_be_recorded_is_found_by_the_next_run(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("record_card_refund", refusal(409, "invalid_state"))

    with pytest.raises(RpcError, match="invalid_state"):
        service.execute(tools, ROW)

    assert database.calls("record_refund_failure") == []
