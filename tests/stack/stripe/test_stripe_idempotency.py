"""Idempotency keys: the same answer for a day, whatever it was, and nothing else under the key."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import stripe

from stack.stripe.harness import SECRET_KEY, Standin


def post(standin: Standin, path: str, key: str, form: dict[str, str], **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": key, **headers}
    return httpx.post(f"{standin.url}/v1/{path}", data=form, headers=sent, timeout=20)


def test_the_same_key_and_parameters_get_the_same_answer(standin: Standin) -> None:
    first = post(standin, "customers", "k1", {"email": "a@example.test"})
    again = post(standin, "customers", "k1", {"email": "a@example.test"})
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert standin.control("count/customer")["count"] == 1


def test_a_replay_is_the_answer_of_then(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"name": "Then"}, {"idempotency_key": "k1"})
    client.v1.customers.update(made.id, {"name": "Now"})
    assert client.v1.customers.create({"name": "Then"}, {"idempotency_key": "k1"}).name == "Then"


def test_other_parameters_or_another_endpoint_are_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "One"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with") as other:
        client.v1.customers.create({"name": "Two"}, {"idempotency_key": "k1"})
    assert other.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match=r"same endpoint .*'/v1/customers' vs '/v1/payment_intents'"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, {"idempotency_key": "k1"})


def test_keys_belong_to_an_account(standin: Standin, reader_account: str) -> None:
    own = post(standin, "customers", "k1", {"name": "One"})
    theirs = post(standin, "customers", "k1", {"name": "One"}, **{"Stripe-Account": reader_account})
    assert own.json()["id"] != theirs.json()["id"]


def test_a_decline_is_kept(standin: Standin, client: stripe.StripeClient) -> None:
    form = {
        "amount": "500",
        "currency": "usd",
        "confirm": "true",
        "payment_method": "pm_card_visa_chargeDeclined",
    }
    first = post(standin, "payment_intents", "k1", form)
    again = post(standin, "payment_intents", "k1", form)
    assert (first.status_code, again.status_code) == (402, 402)
    assert first.content == again.content
    assert standin.control("count/charge")["count"] == 1
    assert len(client.v1.payment_intents.list().data) == 1


def test_want_of_balance_is_kept_although_money_came(standin: Standin, reader_account: str) -> None:
    standin.control("balance", {"available": 0})
    form = {"amount": "500", "currency": "usd", "destination": reader_account}
    assert post(standin, "transfers", "k1", form).json()["error"]["code"] == "balance_insufficient"
    standin.control("balance", {"available": 1000})
    again = post(standin, "transfers", "k1", form)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (400, "true")
    assert post(standin, "transfers", "k2", form).status_code == 200


def test_invalid_parameters_are_not_kept(standin: Standin) -> None:
    assert post(standin, "payment_intents", "k1", {"amount": "many", "currency": "usd"}).status_code == 400
    assert post(standin, "payment_intents", "k1", {"amount": "500", "currency": "usd"}).status_code == 200


def test_a_500_after_execution_is_kept_and_the_object_exists(standin: Standin) -> None:
    standin.control("faults", {"match": {"path": "/v1/customers"}, "when": "after", "kind": "500"})
    first = post(standin, "customers", "k1", {"name": "One"})
    assert (first.status_code, first.headers["Stripe-Should-Retry"]) == (500, "false")
    again = post(standin, "customers", "k1", {"name": "One"})
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert standin.control("count/customer")["count"] == 1


def test_rate_limits_and_500s_before_execution_are_not_kept(standin: Standin) -> None:
    for kind, status in (("429", 429), ("500", 500)):
        standin.control("faults", {"match": {"path": "/v1/customers"}, "kind": kind})
        assert post(standin, "customers", f"k{kind}", {"name": "One"}).status_code == status
        assert post(standin, "customers", f"k{kind}", {"name": "One"}).status_code == 200


def test_a_key_in_use_is_a_conflict_and_one_object_is_made(standin: Standin) -> None:
    standin.control("timing", {"latency_seconds": 0.3})
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: post(standin, "customers", "k1", {"name": "One"}), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["error"]["code"] == "idempotency_key_in_use"
    assert standin.control("count/customer")["count"] == 1
    assert post(standin, "customers", "k1", {"name": "One"}).headers["Idempotent-Replayed"] == "true"


def test_the_library_waits_out_a_key_in_use(standin: Standin) -> None:
    standin.control("timing", {"latency_seconds": 0.3})
    client = standin.client(retries=2)
    with ThreadPoolExecutor(2) as pool:
        made = list(
            pool.map(lambda _: client.v1.customers.create({"name": "One"}, {"idempotency_key": "k1"}).id, range(2))
        )
    assert made[0] == made[1]


def test_keys_are_forgotten_after_a_day(standin: Standin) -> None:
    first = post(standin, "customers", "k1", {"name": "One"}).json()["id"]
    standin.control("clock", {"advance_seconds": 23 * 3600})
    assert post(standin, "customers", "k1", {"name": "One"}).json()["id"] == first
    standin.control("clock", {"advance_seconds": 3700})
    assert post(standin, "customers", "k1", {"name": "One"}).json()["id"] != first


def test_keys_and_objects_outlive_a_kill(own_state: Path) -> None:
    standin = Standin(own_state)
    with standin:
        first = post(standin, "customers", "k1", {"name": "One"})
        standin.stop()
        standin.start()
        again = post(standin, "customers", "k1", {"name": "One"})
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"


def test_keys_too_long_are_refused_and_reads_ignore_them(standin: Standin) -> None:
    assert post(standin, "customers", "k" * 256, {}).status_code == 400
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": "k1"}
    answer = httpx.get(f"{standin.url}/v1/balance", headers=headers)
    assert "Idempotent-Replayed" not in httpx.get(f"{standin.url}/v1/balance", headers=headers).headers
    assert answer.status_code == 200
