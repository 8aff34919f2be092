"""Webhooks: signed, routed, retried, repeated, shuffled, and not lost by a kill."""

import json
import time
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import stripe

from stack.stripe.harness import Receiver, Standin


def customers(client: stripe.StripeClient, count: int) -> list[str]:
    return [client.v1.customers.create({"name": f"n{number}"}).id for number in range(count)]


def ids(receiver: Receiver) -> list[str]:
    return [delivery.event["data"]["object"]["id"] for delivery in receiver.of("customer.created")]


def test_events_are_signed_as_the_library_verifies(client: stripe.StripeClient, receiver: Receiver) -> None:
    [made] = customers(client, 1)
    [told] = receiver.wait("customer.created")
    event = stripe.Webhook.construct_event(told.payload, told.signature, "whsec_platform")
    assert (event.type, event.api_version) == ("customer.created", "2026-10-28.endive")
    assert event.data.object["id"] == made
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(told.payload, told.signature, "whsec_connect")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(told.payload + b" ", told.signature, "whsec_platform", 300)


def test_events_of_connected_accounts_go_to_the_connect_endpoint(
    receiver: Receiver, reader_account: str, client: stripe.StripeClient
) -> None:
    updates = receiver.wait("account.updated")
    stripe.WebhookSignature.verify_header(updates[0].payload.decode(), updates[0].signature, "whsec_connect", 300)
    customers(client, 1)
    receiver.wait("customer.created")
    for delivery in list(receiver.deliveries):
        connect = "account" in delivery.event
        assert delivery.path == ("/connect" if connect else "/platform")
        assert not connect or delivery.event["account"] == reader_account


def test_what_is_refused_is_sent_again(standin: Standin, client: stripe.StripeClient, receiver: Receiver) -> None:
    standin.control("webhooks", {"retry_base_seconds": 0.05})
    receiver.answers = [500, 404, 302]
    customers(client, 1)
    told = receiver.wait("customer.created", 4)
    assert len({delivery.payload for delivery in told}) == 1
    pauses = [later.at - sooner.at for sooner, later in pairwise(told)]
    assert pauses[2] > pauses[0]
    time.sleep(0.2)
    assert len(receiver.of("customer.created")) == 4
    [event] = client.v1.events.list({"type": "customer.created"}).data
    assert event.pending_webhooks == 0


def test_a_delivery_is_given_up_in_the_end(standin: Standin, client: stripe.StripeClient, receiver: Receiver) -> None:
    standin.control("webhooks", {"retry_base_seconds": 0.01, "max_tries": 3})
    receiver.status = 500
    customers(client, 1)
    receiver.wait("customer.created", 3)
    time.sleep(0.2)
    [row] = standin.control("webhooks")["deliveries"]
    assert (row["state"], row["tries"], row["answer"]) == ("failed", 3, "500")


def test_duplicates_come_when_wished_for(standin: Standin, client: stripe.StripeClient, receiver: Receiver) -> None:
    standin.control("webhooks", {"duplicates": 4})
    customers(client, 1)
    told = receiver.wait("customer.created", 5)
    assert len({delivery.event["id"] for delivery in told}) == 1


def test_shuffled_events_come_in_another_order(
    standin: Standin, client: stripe.StripeClient, receiver: Receiver
) -> None:
    standin.control("webhooks", {"shuffle_seconds": 0.4})
    made = customers(client, 12)
    receiver.wait("customer.created", 12)
    assert sorted(ids(receiver)) == sorted(made)
    assert ids(receiver) != made


def test_paused_events_wait_and_none_is_lost(standin: Standin, client: stripe.StripeClient, receiver: Receiver) -> None:
    standin.control("webhooks", {"paused": True})
    made = customers(client, 3)
    time.sleep(0.2)
    assert ids(receiver) == []
    assert standin.control("")["undelivered"] == 3
    standin.control("webhooks", {"paused": False})
    receiver.wait("customer.created", 3)
    assert sorted(ids(receiver)) == sorted(made)


def test_an_event_can_be_delivered_again(standin: Standin, client: stripe.StripeClient, receiver: Receiver) -> None:
    customers(client, 1)
    [first] = receiver.wait("customer.created")
    standin.control("webhooks/redeliver", {"event": first.event["id"], "times": 2})
    assert len({delivery.event["id"] for delivery in receiver.wait("customer.created", 3)}) == 1
    standin.control("webhooks/redeliver", {"type": "customer.created"})
    receiver.wait("customer.created", 4)
    with pytest.raises(httpx.HTTPStatusError):
        standin.control("webhooks/redeliver", {"event": "evt_none"})


def test_a_kill_loses_no_event(own_state: Path) -> None:
    with Receiver() as receiver:
        standin = Standin(own_state, receiver.endpoints())
        with standin:
            standin.control("webhooks", {"paused": True})
            made = customers(standin.client(), 5)
            standin.stop()
            standin.start()
            assert ids(receiver) == []
            standin.control("webhooks", {"paused": False})
            receiver.wait("customer.created", 5)
            assert sorted(ids(receiver)) == sorted(made)


def test_a_receiver_that_is_down_gets_its_events_later(own_state: Path) -> None:
    with Receiver() as receiver:
        endpoints = receiver.endpoints()
    port = int(endpoints[0]["url"].split(":")[2].split("/")[0])
    with Standin(own_state, endpoints) as standin:
        standin.control("webhooks", {"retry_base_seconds": 0.05, "retry_cap_seconds": 0.1})
        customers(standin.client(), 1)
        time.sleep(0.2)
        with Receiver(port=port) as again:
            again.wait("customer.created")


def test_updates_say_what_was_before(client: stripe.StripeClient, receiver: Receiver) -> None:
    [made] = customers(client, 1)
    client.v1.customers.update(made, {"name": "new", "metadata": {"a": "1"}})
    [told] = receiver.wait("customer.updated")
    assert told.event["data"]["previous_attributes"] == {"name": "n0", "metadata": {"a": None}}


def test_endpoints_can_be_made_and_choose_their_events(client: stripe.StripeClient, receiver: Receiver) -> None:
    url = receiver.endpoints()[0]["url"] + "/more"
    made = client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["customer.deleted"]})
    assert made.secret is not None
    [customer] = customers(client, 1)
    client.v1.customers.delete(customer)
    told = receiver.wait("customer.deleted", 2)
    [more] = [delivery for delivery in told if delivery.path == "/platform/more"]
    stripe.WebhookSignature.verify_header(more.payload.decode(), more.signature, made.secret, 300)
    client.v1.webhook_endpoints.delete(made.id)
    assert made.id not in [row.id for row in client.v1.webhook_endpoints.list().data]
    assert json.loads(more.payload)["data"]["object"]["id"] == customer
