"""A payout leaves once: each step is looked up before it is repeated, and repeated under the same key only."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest

from soulseer.errors import RpcError, RpcUnavailableError
from tests.doubles.scripted import Answer, ScriptedServer, refusal, stripe_error
from workers.payouts import service
from workers.tools import Tools

ROW = UUID("0197a000-0000-7000-8000-0000000000b1")
PAYOUT = "0197a000-0000-7000-8000-0000000000b2"
ATTEMPT = "0197a000-0000-7000-8000-0000000000b3"
MARKS = {"payout_id": PAYOUT, "attempt_id": ATTEMPT}
TRANSFER = {"id": "tr_1", "object": "transfer", "metadata": MARKS}
BANK = {"id": "po_1", "object": "payout", "status": "pending", "metadata": MARKS}
TRIED = "2026-11-01T10:00:00+00:00"


def attempt(**changes: object) -> Answer:
    """Return what the database answers when an attempt is started."""
    started = {
        **MARKS,
        "step": "transfer",
        "amount": 5000,
        "currency": "USD",
        "destination": "acct_1",
        "method": "standard",
        "transfer_key": f"tr:{ATTEMPT}",
        "payout_key": f"po:{ATTEMPT}",
        "transfer_id": None,
        "stripe_payout_id": None,
        "first_tried_at": None,
        "transfer_group": f"payout:{PAYOUT}",
    }
    return Answer(body={**started, **changes})


def listing(*rows: Mapping[str, object]) -> Answer:
    """Return Stripe's form of a list."""
    return Answer(body={"object": "list", "data": list(rows), "has_more": False, "url": "/v1/x"})


@pytest.fixture(autouse=True)
def scripted(database: ScriptedServer, stripe_server: ScriptedServer) -> None:
    """Script the way of a payout on which nothing goes wrong."""
    database.rpc("start_payout_attempt", attempt())
    database.rpc("record_transfer", Answer(204))
    database.rpc("record_bank_payout", Answer(204))
    stripe_server.on("POST", "/v1/transfers", Answer(body=TRANSFER))
    stripe_server.on("POST", "/v1/payouts", Answer(body=BANK))
    stripe_server.on("GET", "/v1/transfers", listing())
    stripe_server.on("GET", "/v1/payouts", listing())


def test_transfers_and_then_pays_out_recording_each(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    service.execute(tools, ROW)

    (transfer,) = stripe_server.requests("POST", "/v1/transfers")
    assert transfer.headers["idempotency-key"] == f"tr:{ATTEMPT}"
    assert transfer.form == {
        "amount": "5000",
        "currency": "usd",
        "destination": "acct_1",
        "transfer_group": f"payout:{PAYOUT}",
        "metadata[payout_id]": PAYOUT,
        "metadata[attempt_id]": ATTEMPT,
    }
    (bank,) = stripe_server.requests("POST", "/v1/payouts")
    assert (bank.headers["idempotency-key"], bank.headers["stripe-account"]) == (f"po:{ATTEMPT}", "acct_1")
    assert [asked.path.rsplit("/", 1)[1] for asked in database.asked] == [
        "start_payout_attempt",
        "record_transfer",
        "record_bank_payout",
    ]
    assert database.calls("record_bank_payout") == [
        {"p_outbox_id": str(ROW), "p_attempt_id": ATTEMPT, "p_stripe_payout_id": "po_1", "p_status": "pending"}
    ]


@pytest.mark.parametrize("method", ["standard", "instant"])
def test_the_bank_payout_is_asked_for_the_way_the_attempt_says(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, method: str
) -> None:
    database.rpc("start_payout_attempt", attempt(step="bank_payout", transfer_id="tr_1", method=method))

    service.execute(tools, ROW)

    (bank,) = stripe_server.requests("POST", "/v1/payouts")
    assert bank.form["method"] == method


@pytest.mark.parametrize("answer", [Answer(body=None), attempt(step="done")])
def test_what_is_done_is_not_done_again(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, answer: Answer
) -> None:
    database.rpc("start_payout_attempt", answer)

    service.execute(tools, ROW)

    assert stripe_server.asked == []


def test_a_second_try_finds_the_transfer_the_first_one_made(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_payout_attempt", attempt(first_tried_at=TRIED))
    other = {**TRANSFER, "id": "tr_0", "metadata": {"attempt_id": PAYOUT}}
    stripe_server.on("GET", "/v1/transfers", listing(other, TRANSFER))

    service.execute(tools, ROW)

    (looked,) = stripe_server.requests("GET", "/v1/transfers")
    assert looked.query["transfer_group"] == f"payout:{PAYOUT}"
    assert stripe_server.requests("POST", "/v1/transfers") == []
    assert database.calls("record_transfer") == [{"p_attempt_id": ATTEMPT, "p_transfer_id": "tr_1"}]


def test_a_second_try_that_finds_nothing_repeats_under_the_same_key(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_payout_attempt", attempt(first_tried_at=TRIED))

    service.execute(tools, ROW)

    (transfer,) = stripe_server.requests("POST", "/v1/transfers")
    assert transfer.headers["idempotency-key"] == f"tr:{ATTEMPT}"


@pytest.mark.parametrize("step", ["transfer", "bank_payout"])
def test_nothing_is_tried_while_stripe_cannot_be_asked(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, step: str
) -> None:
    database.rpc("start_payout_attempt", attempt(first_tried_at=TRIED, step=step, transfer_id="tr_1"))
    stripe_server.on("GET", "/v1/transfers", stripe_error(403, "more_permissions_required"))
    stripe_server.on("GET", "/v1/payouts", stripe_error(403, "more_permissions_required"))

    service.execute(tools, ROW)

    assert [asked.method for asked in stripe_server.asked] == ["GET"]
    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]
    assert database.calls("record_payout_failure") == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_account_that_is_gone_after_the_transfer_ends_the_payout(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, method: str
) -> None:
    database.rpc("start_payout_attempt", attempt(first_tried_at=TRIED, step="bank_payout", transfer_id="tr_1"))
    database.rpc("abandon_bank_payout", Answer(204))
    stripe_server.on(method, "/v1/payouts", stripe_error(403, "account_invalid"))

    service.execute(tools, ROW)

    assert database.calls("abandon_bank_payout") == [{"p_outbox_id": str(ROW), "p_attempt_id": ATTEMPT}]
    assert database.calls("record_payout_failure") == database.calls("fail_outbox") == []


def test_only_the_bank_payout_is_retried_once_the_transfer_exists(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    again = attempt(step="bank_payout", transfer_id="tr_1", first_tried_at=TRIED, payout_key=f"po:{ATTEMPT}:2")
    database.rpc("start_payout_attempt", again)
    failed = {**BANK, "id": "po_0", "status": "failed"}
    stripe_server.on("GET", "/v1/payouts", listing(failed))

    service.execute(tools, ROW)

    assert [(asked.method, asked.path) for asked in stripe_server.asked] == [
        ("GET", "/v1/payouts"),
        ("POST", "/v1/payouts"),
    ]
    assert stripe_server.asked[1].headers["idempotency-key"] == f"po:{ATTEMPT}:2"


def test_a_bank_payout_that_stands_is_recorded_not_repeated(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_payout_attempt", attempt(step="bank_payout", transfer_id="tr_1", first_tried_at=TRIED))
    stripe_server.on("GET", "/v1/payouts", listing({**BANK, "status": "paid"}))

    service.execute(tools, ROW)

    assert stripe_server.requests("POST", "/v1/payouts") == []
    assert database.calls("record_bank_payout")[0]["p_status"] == "paid"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (stripe_error(400, "account_invalid"), "refused"),
        (stripe_error(400, "balance_insufficient"), "insufficient_balance"),
        (stripe_error(500, "api_error", "api_error"), "unknown"),
        (stripe_error(409, "idempotency_key_in_use", "idempotency_error"), "unknown"),
        (stripe_error(400, "idempotency_key_reused", "idempotency_error"), "unknown"),
        (stripe_error(409, "lock_timeout"), "unknown"),
    ],
)
@pytest.mark.parametrize("step", ["transfer", "bank_payout"])
def test_tells_what_a_failure_means_for_the_money(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, fault: Answer, outcome: str, step: str
) -> None:
    stripe_server.on("POST", "/v1/transfers" if step == "transfer" else "/v1/payouts", fault)

    service.execute(tools, ROW)

    (recorded,) = database.calls("record_payout_failure")
    assert (recorded["p_step"], recorded["p_outcome"]) == (step, outcome)
    assert len(database.calls("record_transfer")) == (step == "bank_payout")
    assert database.calls("record_bank_payout") == []


def test_a_transfer_to_an_account_that_is_gone_is_refused(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    stripe_server.on("POST", "/v1/transfers", stripe_error(403, "account_invalid"))

    service.execute(tools, ROW)

    assert [told["p_outcome"] for told in database.calls("record_payout_failure")] == ["refused"]


@pytest.mark.parametrize(
    "fault",
    [
        stripe_error(401, "api_key_expired"),
        stripe_error(403, "more_permissions_required"),
        stripe_error(429, "rate_limit"),
    ],
)
def test_a_call_that_was_never_looked_at_is_simply_due_again(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, fault: Answer
) -> None:
    stripe_server.on("POST", "/v1/transfers", fault)

    service.execute(tools, ROW)

    assert database.calls("record_payout_failure") == []
    assert [failed["p_is_away"] for failed in database.calls("fail_outbox")] == [True]


def test_a_connection_that_broke_leaves_the_outcome_unknown(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    stripe_server.on("POST", "/v1/transfers", Answer(0))

    service.execute(tools, ROW)

    (recorded,) = database.calls("record_payout_failure")
    assert (recorded["p_outcome"], recorded["p_code"]) == ("unknown", "APIConnectionError")
    keys = {asked.headers["idempotency-key"] for asked in stripe_server.requests("POST", "/v1/transfers")}
    assert keys == {f"tr:{ATTEMPT}"}


def test_no_bank_payout_is_made_before_its_transfer_is_recorded(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("record_transfer", refusal(409, "invalid_state"))

    with pytest.raises(RpcError, match="invalid_state"):
        service.execute(tools, ROW)

    assert stripe_server.requests("POST", "/v1/payouts") == []


def test_nothing_is_tried_that_was_not_written_down_first(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    database.rpc("start_payout_attempt", Answer(503))

    with pytest.raises(RpcUnavailableError):
        service.execute(tools, ROW)

    assert stripe_server.asked == []
