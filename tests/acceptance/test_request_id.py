"""One id leads from a client's call to the posting: through HTTP, the database, the queue, and every log."""

from uuid import uuid4

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import make_client, make_reader
from tests.acceptance.platform import Platform, Row
from tests.acceptance.waiting import eventually


def lines(platform: Platform, part: str, **fields: object) -> list[Row]:
    return [line for line in platform.log(part) if fields.items() <= line.items()]


def line(platform: Platform, part: str, **fields: object) -> Row:
    """The first log line of a part with these fields, once it is there."""
    return eventually(lambda: lines(platform, part, **fields), f"{part} logs {fields}")[0]


def test_a_topup_can_be_followed_from_the_call_to_the_posting(platform: Platform) -> None:
    client = make_client(platform, 0)
    request_id = f"web:{uuid4()}"
    order = {"amount": 2500, "currency": "usd", "idempotency_key": str(uuid4())}
    answer = client.bridge("/topups", order, **{"X-Request-Id": request_id})
    assert answer.headers["X-Request-Id"] == request_id
    topup = answer.json()

    # The call: the bridge's lines and the transaction carry the caller's id.
    assert line(platform, "bridge", request_id=request_id, event="request")["status"] == 201
    begun = line(platform, "bridge", request_id=request_id, event="topup_begun")
    assert begun["payment_intent_id"] == topup["payment_intent_id"]
    assert client.row("transactions", id=topup["transaction_id"])["metadata"]["request_id"] == request_id

    # Stripe's answer: receiver, inbox and worker share the delivery's id; the PaymentIntent ties it to the call.
    client.pay(topup)
    client.wait_transaction(topup, "COMPLETED")
    applied = line(platform, "workers", event="stripe_event_applied", object_id=topup["payment_intent_id"])
    assert applied["transaction_id"] == topup["transaction_id"]
    stored = line(platform, "webhooks", request_id=applied["request_id"], event="request")
    assert (stored["event_id"], stored["new"]) == (applied["event_id"], True)
    inbox = platform.stored_event(applied["event_id"])
    assert inbox is not None
    assert inbox["request_id"] == applied["request_id"]


def test_a_call_through_the_gateway_carries_its_id_through_the_outbox_to_the_worker(platform: Platform) -> None:
    reader, client = make_reader(platform), make_client(platform, 1000)
    request_id = f"web:{uuid4()}"
    with Conversation(client, reader) as talk:
        answer = platform.http.post(
            f"{platform.env.api_url}/rest/v1/rpc/end_session",
            json={"p_session_id": talk.id},
            headers={
                "apikey": platform.env.publishable_key,
                "Authorization": f"Bearer {reader.token}",
                "X-Request-Id": request_id,
            },
        )
        assert answer.status_code == 200, answer.text
    relayed = line(platform, "bridge", event="outbox_relayed", request_id=request_id)
    assert relayed["topic"] == "session.settled"
    applied = line(platform, "workers", event="session_settled_applied", request_id=request_id)
    assert applied["outbox_id"] == relayed["outbox_id"]


def test_an_id_that_is_no_id_is_replaced(platform: Platform) -> None:
    answer = platform.http.get(f"{platform.env.bridge_url}/healthz", headers={"X-Request-Id": 'x" forged="1'})
    assert answer.headers["X-Request-Id"].startswith("req_")
