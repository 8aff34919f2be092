"""Faults: what the library sees of a failing network, and what the oracle knows to have happened."""

import time

import httpx
import pytest
import stripe

from stack.stripe.harness import Standin

PATTERN = {"method": "POST", "path": "/v1/transfers"}


def transfer(client: stripe.StripeClient, account: str, key: str = "tr:1") -> stripe.Transfer:
    return client.v1.transfers.create(
        {"amount": 100, "currency": "usd", "destination": account, "metadata": {"attempt_id": key}},
        {"idempotency_key": key},
    )


def transfers(standin: Standin, key: str = "tr:1") -> int:
    return int(standin.control(f"count/transfer?metadata[attempt_id]={key}")["count"])


def test_a_drop_before_leaves_nothing(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "drop"})
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, reader_account)
    assert transfers(standin) == 0
    transfer(client, reader_account)
    assert transfers(standin) == 1


def test_a_drop_after_leaves_a_transfer_that_the_key_finds(
    standin: Standin, client: stripe.StripeClient, reader_account: str
) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "drop", "when": "after"})
    with pytest.raises(stripe.APIConnectionError):
        transfer(client, reader_account)
    assert transfers(standin) == 1
    found = transfer(client, reader_account)
    assert standin.control("count/transfer")["ids"] == [found.id]


def test_the_library_retries_drops_and_500s_by_itself(standin: Standin, reader_account: str) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "drop", "when": "after"})
    standin.control("faults", {"match": PATTERN, "kind": "500"})
    made = transfer(standin.client(retries=2), reader_account)
    assert standin.control("count/transfer?metadata[attempt_id]=tr:1")["ids"] == [made.id]
    log = standin.control("requests?path=/v1/transfers")["requests"]
    assert [(row["status"], row["replayed"], row["fault"]) for row in log] == [
        (200, 1, None),
        (500, 0, "before 500"),
        (200, 0, "after drop"),
    ]


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_timeout_is_an_unknown_outcome(standin: Standin, reader_account: str, when: str, made: int) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "timeout", "when": when, "seconds": 5})
    began = time.monotonic()
    with pytest.raises(stripe.APIConnectionError):
        transfer(standin.client(seconds=0.3), reader_account)
    assert time.monotonic() - began < 2
    assert transfers(standin) == made


def test_rate_limits_are_told(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "429", "times": 2})
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            transfer(client, reader_account)
    transfer(client, reader_account)


def test_want_of_balance_on_demand_is_kept_under_the_key(
    standin: Standin, client: stripe.StripeClient, reader_account: str
) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "balance_insufficient"})
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            transfer(client, reader_account)
        assert refused.value.code == "balance_insufficient"
    assert transfers(standin) == 0
    transfer(client, reader_account, "tr:2")


def test_any_refusal_can_be_told(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    fault = {"match": PATTERN, "kind": "error", "status": 400, "code": "account_closed", "message": "It is closed."}
    standin.control("faults", fault)
    with pytest.raises(stripe.InvalidRequestError, match=r"It is closed\.") as refused:
        transfer(client, reader_account)
    assert refused.value.code == "account_closed"


def test_faults_wait_for_their_turn_and_their_account(
    standin: Standin, client: stripe.StripeClient, reader_account: str
) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "500", "skip": 1})
    standin.control("faults", {"match": {"path": "/v1/payouts", "account": reader_account}, "kind": "500"})
    transfer(client, reader_account, "tr:1")
    with pytest.raises(stripe.APIError):
        transfer(client, reader_account, "tr:2")
    on_account: stripe.RequestOptions = {"stripe_account": reader_account}
    client.v1.payouts.list()
    with pytest.raises(stripe.APIError):
        client.v1.payouts.create({"amount": 100, "currency": "usd"}, on_account)
    client.v1.payouts.create({"amount": 100, "currency": "usd"}, on_account)
    assert standin.control("faults")["faults"] == []


def test_a_delay_holds_the_key(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "delay", "seconds": 0.5})
    with pytest.raises(stripe.APIConnectionError):
        transfer(standin.client(seconds=0.15), reader_account)
    with pytest.raises(stripe.APIError) as refused:
        transfer(client, reader_account)
    assert refused.value.http_status == 409
    assert transfer(standin.client(retries=2), reader_account).amount == 100
    assert transfers(standin) == 1


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("faults", {"kind": "earthquake"}),
        ("faults", {"kind": "drop", "when": "during"}),
        ("faults", {"kind": "drop", "mach": {}}),
        ("webhooks", {"lost": True}),
        ("timing", {"payout_step_seconds": "soon"}),
        ("payouts/po_none", {"status": "paid"}),
        ("accounts/acct_none", {"onboard": True}),
    ],
)
def test_orders_without_sense_are_refused(standin: Standin, path: str, order: dict[str, object]) -> None:
    answer = httpx.post(f"{standin.url}/_control/{path}", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert standin.control("faults")["faults"] == []


def test_faults_can_be_cleared(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    standin.control("faults", {"match": PATTERN, "kind": "500", "times": 100})
    standin.control("faults", method="DELETE")
    transfer(client, reader_account)
