"""What Stripe delivers is stored once when it is genuine, and leaves nothing behind when it is not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import redis
import stripe

from soulseer.settings import WebhookSettings
from tests.doubles.scripted import Answer, Asked, ScriptedServer, refusal
from tests.doubles.serving import eventually, serving
from tests.doubles.valkey import free_port
from webhooks.app import make

SECRET = "whsec_first0000000000000000000000000"
OLD_SECRET = "whsec_second000000000000000000000000"
CONNECT_SECRET = "whsec_third0000000000000000000000000"
SNAPSHOT = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_780_000_000,
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    }
)
THIN = json.dumps(
    {
        "id": "evt_2",
        "object": "v2.core.event",
        "type": "v2.core.account.closed",
        "created": "2026-11-01T10:00:00.000Z",
        "context": "acct_1",
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
)


def sign(body: str, secret: str = SECRET, *, at: float | None = None) -> dict[str, str]:
    """Return the headers Stripe sends with a body."""
    timestamp = int(time.time() if at is None else at)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp)
    return {"Stripe-Signature": header}


def post(receiver: httpx.Client, body: str, headers: dict[str, str], endpoint: str = "platform") -> tuple[int, object]:
    """Deliver a body and return the status and the answer's code."""
    answer = receiver.post(f"/stripe/{endpoint}", content=body, headers=headers)
    return answer.status_code, answer.json().get("code")


def test_stores_a_genuine_event_and_then_sends_its_job(
    receiver: httpx.Client, database: ScriptedServer, redis_client: redis.Redis
) -> None:
    database.rpc("store_stripe_event", Answer(body=True))

    answer = receiver.post("/stripe/platform", content=SNAPSHOT, headers={**sign(SNAPSHOT), "X-Request-Id": "req-7"})

    assert answer.status_code == 200
    assert answer.headers["X-Request-Id"] == "req-7"
    (stored,) = database.calls("store_stripe_event")
    assert {
        "p_endpoint": "platform",
        "p_event_id": "evt_1",
        "p_type": "payment_intent.succeeded",
        "p_api_version": "2026-10-28.endive",
        "p_account": None,
        "p_object_id": "pi_1",
        "p_created": "2026-05-28T20:26:40+00:00",
        "p_payload": json.loads(SNAPSHOT),
    } == stored
    asked = database.asked[0]
    assert (asked.headers["content-profile"], asked.headers["x-request-id"]) == ("worker_api", "req-7")
    (raw,) = eventually(lambda: redis_client.hvals("soulseer:payments.msgs"))
    message = json.loads(raw)
    assert (message["actor_name"], message["kwargs"]) == ("stripe.event", {"event_ids": ["evt_1"]})
    assert message["options"]["request_id"] == "req-7"


def test_stores_thin_events_with_the_account_they_happened_in(receiver: httpx.Client, database: ScriptedServer) -> None:
    database.rpc("store_stripe_event", Answer(body=True))

    assert post(receiver, THIN, sign(THIN, CONNECT_SECRET), "connect") == (200, None)

    (stored,) = database.calls("store_stripe_event")
    assert (
        stored["p_endpoint"],
        stored["p_type"],
        stored["p_account"],
        stored["p_object_id"],
    ) == ("connect", "v2.core.account.closed", "acct_1", "acct_1")


def test_a_repeated_event_is_answered_and_sends_no_second_job(
    receiver: httpx.Client, database: ScriptedServer, redis_client: redis.Redis
) -> None:
    database.rpc("store_stripe_event", Answer(body=False))

    assert post(receiver, SNAPSHOT, sign(SNAPSHOT)) == (200, None)

    assert redis_client.hlen("soulseer:payments.msgs") == 0


def event(number: int) -> str:
    return SNAPSHOT.replace("evt_1", f"evt_{number}")


class Rush:
    """Ten events at once, while the database takes its time over the first two."""

    def __init__(self, receiver: httpx.Client, database: ScriptedServer, *, alone: Callable[[Asked], Answer]) -> None:
        self.receiver, self.database = receiver, database
        self.release = threading.Event()

        def first(asked: Asked) -> Answer:
            self.release.wait(10)
            return alone(asked)

        database.rpc("store_stripe_event", first)

    def post(self) -> list[tuple[int, object]]:
        with ThreadPoolExecutor(10) as pool:
            begun = [self._begin(pool, n) for n in range(2)]
            others = [pool.submit(post, self.receiver, event(n), sign(event(n))) for n in range(2, 10)]
            for waiting in others:
                assert not waiting.done()
            time.sleep(0.3)
            self.release.set()
            return [answer.result() for answer in (*begun, *others)]

    def _begin(self, pool: ThreadPoolExecutor, number: int) -> Future[tuple[int, object]]:
        answer = pool.submit(post, self.receiver, event(number), sign(event(number)))
        eventually(lambda: len(self.database.calls("store_stripe_event")) > number)
        return answer


def test_events_that_come_at_once_are_stored_together(
    receiver: httpx.Client, database: ScriptedServer, redis_client: redis.Redis
) -> None:
    def together(asked: Asked) -> Answer:
        # The last was there before.
        return Answer(body=[event["event_id"] for event in sent(asked) if event["event_id"] != "evt_9"])

    rush = Rush(receiver, database, alone=lambda _: Answer(body=True))
    database.rpc("store_stripe_events", together)

    assert rush.post() == [(200, None)] * 10

    calls = database.calls("store_stripe_events")
    stored = [event for call in calls for event in call["p_events"]]
    assert len(calls) <= 2
    assert sorted(event["event_id"] for event in stored) == [f"evt_{n}" for n in range(2, 10)]
    assert all(event["request_id"] and event["endpoint"] == "platform" for event in stored)
    eventually(lambda: sorted(jobs_of(redis_client)) == [f"evt_{n}" for n in range(9)])
    # No more jobs than calls of the database that stored something.
    assert redis_client.hlen("soulseer:payments.msgs") <= 2 + len(calls)


def jobs_of(redis_client: redis.Redis) -> list[str]:
    messages: Any = redis_client.hvals("soulseer:payments.msgs")
    return [event_id for raw in messages for event_id in json.loads(raw)["kwargs"]["event_ids"]]


def test_one_that_cannot_be_stored_does_not_keep_the_others_out(
    receiver: httpx.Client, database: ScriptedServer
) -> None:
    def alone(asked: Asked) -> Answer:
        return refusal(422, "payload_too_deep") if asked.arguments["p_event_id"] == "evt_5" else Answer(body=True)

    rush = Rush(receiver, database, alone=alone)
    database.rpc("store_stripe_events", refusal(422, "payload_too_deep"))

    answers = rush.post()

    assert answers.pop(5) == (422, "payload_too_deep")
    assert answers == [(200, None)] * 9


def test_when_the_inbox_goes_away_everybody_is_told_to_come_again(
    receiver: httpx.Client, database: ScriptedServer
) -> None:
    rush = Rush(receiver, database, alone=lambda _: Answer(body=True))
    database.rpc("store_stripe_events", Answer(503))

    assert rush.post()[2:] == [(503, "database_unavailable")] * 8


def sent(asked: Asked) -> list[dict[str, Any]]:
    events: Any = asked.arguments["p_events"]
    return list(events)


def test_accepts_the_older_secret_while_it_is_being_replaced(receiver: httpx.Client, database: ScriptedServer) -> None:
    database.rpc("store_stripe_event", Answer(body=True))

    assert post(receiver, SNAPSHOT, sign(SNAPSHOT, OLD_SECRET)) == (200, None)


# Signed when the test runs: a signature made while tests are collected would be stale by then.
@pytest.mark.parametrize(
    ("headers_of", "verdict"),
    [
        (dict, "unsigned"),
        (lambda: {"Stripe-Signature": "nonsense"}, "bad_signature"),
        (lambda: {"Stripe-Signature": "t=,v1="}, "bad_signature"),
        (lambda: {"Stripe-Signature": f"t={'1' * 5000},v1=00"}, "bad_signature"),
        (lambda: sign(SNAPSHOT, "whsec_of_somebody_else"), "bad_signature"),
        (lambda: sign(SNAPSHOT, CONNECT_SECRET), "bad_signature"),
        (lambda: sign(SNAPSHOT + " "), "bad_signature"),
        (lambda: sign(SNAPSHOT, at=time.time() - 3600), "stale_timestamp"),
        (lambda: sign(SNAPSHOT, at=time.time() + 3600), "future_timestamp"),
    ],
)
def test_refuses_what_is_not_genuine_counts_it_and_stores_nothing(
    receiver: httpx.Client, database: ScriptedServer, headers_of: Callable[[], dict[str, str]], verdict: str
) -> None:
    assert post(receiver, SNAPSHOT, headers_of()) == (400, "bad_signature")

    assert database.asked == []
    shown = receiver.get("/metrics").text
    assert f'soulseer_webhook_events_total{{endpoint="platform",result="{verdict}"}} 1.0' in shown


def test_refuses_a_body_that_is_not_text(receiver: httpx.Client, database: ScriptedServer) -> None:
    answer = receiver.post("/stripe/platform", content=b"\xff\xfe", headers=sign(SNAPSHOT))

    assert answer.status_code == 400
    assert database.asked == []


def test_refuses_a_body_beyond_the_limit_before_reading_it(receiver: httpx.Client, database: ScriptedServer) -> None:
    body = json.dumps({"filler": "x" * 5000})

    assert post(receiver, body, sign(body)) == (413, "body_too_large")
    assert database.asked == []


@pytest.mark.parametrize("body", ["[]", "{}", "not json", json.dumps({"id": "evt_3", "object": "event"})])
def test_refuses_a_signed_body_that_is_no_event(receiver: httpx.Client, database: ScriptedServer, body: str) -> None:
    assert post(receiver, body, sign(body)) == (400, "malformed_event")
    assert database.asked == []


@pytest.mark.parametrize("away", [Answer(503), Answer(0)])
def test_asks_stripe_to_deliver_again_while_the_inbox_is_away(
    receiver: httpx.Client, database: ScriptedServer, away: Answer
) -> None:
    database.rpc("store_stripe_event", away)

    assert post(receiver, SNAPSHOT, sign(SNAPSHOT)) == (503, "database_unavailable")


def test_a_fault_of_the_database_is_answered_without_its_details(
    receiver: httpx.Client, database: ScriptedServer
) -> None:
    fault = Answer(403, {"code": "42501", "message": "permission denied for table stripe_events"})
    database.rpc("store_stripe_event", fault)

    answer = receiver.post("/stripe/platform", content=SNAPSHOT, headers=sign(SNAPSHOT))

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "stripe_events" not in answer.text


def test_an_event_is_answered_though_its_job_cannot_be_sent(
    settings: WebhookSettings, database: ScriptedServer
) -> None:
    database.rpc("store_stripe_event", Answer(body=True))
    nobody = settings.model_copy(update={"redis_url": type(settings.redis_url)(f"redis://127.0.0.1:{free_port()}/0")})

    with serving(make(nobody)) as receiver:
        assert post(receiver, SNAPSHOT, sign(SNAPSHOT)) == (200, None)
        eventually(lambda: "soulseer_webhook_enqueue_failures_total 1.0" in receiver.get("/metrics").text)


def test_unknown_paths_and_methods_are_refused_in_the_common_form(receiver: httpx.Client) -> None:
    missing = receiver.get("/elsewhere")
    wrong = receiver.get("/stripe/platform")

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert missing.json()["request_id"] == missing.headers["X-Request-Id"]


def test_a_typed_refusal_of_the_database_is_passed_on(receiver: httpx.Client, database: ScriptedServer) -> None:
    database.rpc("store_stripe_event", refusal(422, "payload_too_deep"))

    assert post(receiver, SNAPSHOT, sign(SNAPSHOT)) == (422, "payload_too_deep")


def test_is_healthy(receiver: httpx.Client) -> None:
    assert receiver.get("/healthz").json() == {"status": "ok"}


def test_many_that_wait_get_more_calls(receiver: httpx.Client, database: ScriptedServer) -> None:
    release = threading.Event()

    def slowly(asked: Asked) -> Answer:
        release.wait(10)
        return Answer(body=[event["event_id"] for event in sent(asked)] if "p_events" in asked.arguments else True)

    database.rpc("store_stripe_event", slowly)
    database.rpc("store_stripe_events", slowly)
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(post, receiver, event(n), sign(event(n))) for n in range(40)]
        # Two at once, and two more for those that wait for them.
        eventually(lambda: len(database.calls("store_stripe_events")) + len(database.calls("store_stripe_event")) == 4)
        release.set()
        assert [answer.result() for answer in answers] == [(200, None)] * 40
