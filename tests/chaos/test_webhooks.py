"""Webhooks as the world sends them: many times, in any order, forged, stale, too large, and to a receiver that dies."""

import json
import time
from uuid import uuid4

import pytest

from stack.stripe.webhooks import signature
from tests.acceptance.people import Person, make_reader
from tests.acceptance.platform import Platform, Row, at_once
from tests.acceptance.waiting import eventually

AMOUNT = 2500


@pytest.fixture(scope="module")
def client(platform: Platform) -> Person:
    return Person(platform)


def credits_of(platform: Platform, topup: Row) -> int:
    """How often a top-up was credited."""
    (row,) = platform.rows(
        "select count(*) as n from ledger.transfers where code = 'topup' and transaction_id = %s",
        topup["transaction_id"],
    )
    return int(row["n"])


def held_back(platform: Platform) -> None:
    """Keep Stripe's own deliveries until `calm`: the test delivers by hand."""
    platform.control("webhooks", {"paused": True})


def event_of(platform: Platform, object_id: str, event_type: str, *, account: str | None = None) -> Row:
    """The latest event of a type about an object, once Stripe has it."""
    return eventually(lambda: platform.events(object_id, event_type, account), f"{event_type} of {object_id}")[-1]


def made_up(event_type: str, object_id: str = "obj_1") -> Row:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": event_type,
        "api_version": None,
        "created": int(time.time()),
        "data": {"object": {"id": object_id}},
    }


def test_one_event_five_times_at_once_credits_once(platform: Platform, client: Person) -> None:
    held_back(platform)
    topup = client.begin_topup(AMOUNT)
    client.pay(topup)
    body = json.dumps(event_of(platform, topup["payment_intent_id"], "payment_intent.succeeded")).encode()
    answers = at_once(*[lambda: platform.post_webhook(body)] * 5)
    assert [answer.status_code for answer in answers] == [200] * 5
    client.wait_transaction(topup, "COMPLETED")
    platform.calm()
    # Stripe's own delivery of the same event comes as the sixth.
    platform.wait_delivered()
    platform.wait_processed(event_of(platform, topup["payment_intent_id"], "payment_intent.succeeded")["id"])
    assert credits_of(platform, topup) == 1


def test_topups_are_credited_once_though_every_event_comes_thrice_and_shuffled(
    platform: Platform, client: Person
) -> None:
    before = client.balance
    platform.control("webhooks", {"duplicates": 2, "shuffle_seconds": 0.5})
    topups = [client.begin_topup(AMOUNT) for _ in range(4)]
    assert at_once(*[lambda topup=topup: client.pay(topup) for topup in topups]) == ["succeeded"] * 4
    for topup in topups:
        client.wait_transaction(topup, "COMPLETED")
    platform.wait_delivered()
    assert [credits_of(platform, topup) for topup in topups] == [1] * 4
    assert client.balance == before + 4 * AMOUNT


def test_a_failure_that_arrives_after_the_success_changes_nothing(platform: Platform, client: Person) -> None:
    held_back(platform)
    topup = client.begin_topup(AMOUNT)
    intent = topup["payment_intent_id"]
    client.pay_declined(topup)
    client.pay(topup)
    failed, succeeded = (
        event_of(platform, intent, f"payment_intent.{kind}") for kind in ("payment_failed", "succeeded")
    )
    platform.deliver(succeeded)
    assert platform.wait_processed(succeeded["id"])["outcome"] == "APPLIED"
    platform.deliver(failed)
    assert platform.wait_processed(failed["id"])["outcome"] == "STALE"
    assert client.row("transactions", id=topup["transaction_id"])["status"] == "COMPLETED"
    assert credits_of(platform, topup) == 1


def test_a_late_success_is_believed_over_the_event_of_an_older_failure(platform: Platform, client: Person) -> None:
    held_back(platform)
    topup = client.begin_topup(AMOUNT)
    client.pay_declined(topup)
    client.pay(topup)
    # The event tells of the failure; the object fetched for it has succeeded since.
    failed = event_of(platform, topup["payment_intent_id"], "payment_intent.payment_failed")
    platform.deliver(failed)
    assert platform.wait_processed(failed["id"])["outcome"] == "APPLIED"
    assert client.row("transactions", id=topup["transaction_id"])["status"] == "COMPLETED"
    assert credits_of(platform, topup) == 1


def test_a_fee_that_is_told_before_its_payment_is_booked_once(platform: Platform, client: Person) -> None:
    held_back(platform)
    topup = client.begin_topup(AMOUNT)
    client.pay(topup)
    succeeded = event_of(platform, topup["payment_intent_id"], "payment_intent.succeeded")
    charge = succeeded["data"]["object"]["latest_charge"]
    updated = event_of(platform, charge, "charge.updated")
    created = event_of(platform, charge, "charge.succeeded")
    for event in (updated, succeeded, created):
        platform.deliver(event)
        platform.wait_processed(event["id"])
    done = client.wait_transaction(topup, "COMPLETED")
    codes = platform.rows(
        "select t.code::text from ledger.transfers t where t.transaction_id = %s order by t.code",
        topup["transaction_id"],
    )
    assert [row["code"] for row in codes] == ["topup", "stripe_fee"]
    assert done["fee"] > 0


def test_events_of_an_account_in_any_order_leave_the_gate_as_the_account_is(platform: Platform) -> None:
    reader = make_reader(platform)
    account = reader.open_payouts()
    platform.wait_delivered()
    held_back(platform)
    platform.control(f"accounts/{account}", {"payouts_off": True})
    platform.control(f"accounts/{account}", {})
    platform.control(f"accounts/{account}", {"payouts_off": True, "disabled_reason": "rejected.fraud"})
    first, second, third = eventually(
        lambda: found if len(found := platform.events(account, "account.updated", account)[-3:]) == 3 else None,
        "three changes",
    )
    for event in (third, first, second):
        platform.deliver(event, connect=True)
    for event in (first, second, third):
        platform.wait_processed(event["id"])
    gate = reader.row("reader_accounts", user_id=reader.id)
    assert (gate["payouts_enabled"], gate["disabled_reason"]) == (False, "rejected.fraud")
    platform.control(f"accounts/{account}", {})
    platform.calm()
    eventually(lambda: reader.row("reader_accounts", user_id=reader.id)["payouts_enabled"], "gate open again")


def test_an_event_that_comes_before_our_own_row_is_kept_and_looked_at_again(platform: Platform) -> None:
    held_back(platform)
    intent = platform.stripe.v1.payment_intents.create(
        {
            "amount": AMOUNT,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"transaction_id": str(uuid4())},
        }
    )
    event = event_of(platform, intent.id, "payment_intent.succeeded")
    platform.deliver(event)
    stored = eventually(lambda: platform.stored_event(event["id"]), "stored")
    assert stored["processed_at"] is None
    eventually(
        lambda: [
            line
            for line in platform.log("workers")
            if line["event"] == "stripe_event_early" and line["event_id"] == event["id"] and line["tries"] == 1
        ],
        "looked at again",
    )
    kept = platform.stored_event(event["id"])
    assert kept is not None
    assert (kept["processed_at"], kept["parked_at"]) == (None, None)
    platform.forget(intent.id, str(intent.latest_charge))


def test_only_a_genuine_signature_of_now_is_stored(platform: Platform) -> None:
    event = made_up("customer.created")
    body, now = json.dumps(event).encode(), time.time()
    url = platform.env.webhook_url
    refused = [
        platform.http.post(url, content=body),
        platform.http.post(url, content=body, headers={"Stripe-Signature": "t=1,v1="}),
        platform.http.post(url, content=body, headers={"Stripe-Signature": f"t={int(now)},v0=abc"}),
        platform.post_webhook(body, secret="whsec_forged"),
        # The other endpoint's secret is another's.
        platform.post_webhook(body, secret=platform.env.connect_webhook_secret),
        platform.post_webhook(body, secret=platform.env.webhook_secret, connect=True),
        platform.post_webhook(body, at=now - 3600),
        platform.post_webhook(body, at=now - 310),
        platform.post_webhook(body, at=now + 90),
        platform.post_webhook(body, at=now + 3600),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(400, "bad_signature")] * 10
    assert platform.stored_event(event["id"]) is None
    # The same body, signed rightly, is taken: nothing of the refusals stuck.
    platform.deliver(event)
    assert platform.stored_event(event["id"]) is not None


def test_a_body_changed_on_its_way_is_not_what_was_signed(platform: Platform) -> None:
    event = made_up("customer.created")
    body = json.dumps(event).encode()
    signed = signature(platform.env.webhook_secret, body, int(time.time()))
    changed = platform.http.post(
        platform.env.webhook_url, content=body.replace(b"obj_1", b"obj_2"), headers={"Stripe-Signature": signed}
    )
    assert changed.status_code == 400
    assert platform.stored_event(event["id"]) is None


def test_a_body_beyond_the_limit_is_refused_signed_or_not(platform: Platform) -> None:
    event = made_up("customer.created")
    body = json.dumps({**event, "padding": "x" * 600_000}).encode()
    answer = platform.post_webhook(body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert platform.stored_event(event["id"]) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "evt_1"}', b"\xff\xfe", b'{"object": "event", "id": ""}'])
def test_what_is_signed_and_no_event_is_refused(platform: Platform, body: bytes) -> None:
    answer = platform.post_webhook(body)
    assert (answer.status_code, answer.json()["code"]) in {(400, "malformed_event"), (400, "bad_signature")}


def test_a_type_nobody_handles_is_stored_and_set_aside(platform: Platform) -> None:
    event = made_up("moon.phase.changed")
    platform.deliver(event)
    stored = platform.wait_processed(event["id"])
    assert (stored["outcome"], stored["payload"]) == ("IGNORED", event)


def test_an_event_is_not_lost_on_a_receiver_that_dies_in_a_burst(platform: Platform, client: Person) -> None:
    before = client.balance
    topups = [client.begin_topup(AMOUNT) for _ in range(8)]
    for topup in topups[:4]:
        client.pay(topup)
    with platform.without("webhooks"):
        for topup in topups[4:]:
            client.pay(topup)
    platform.wait_delivered()
    platform.age_inbox()
    for topup in topups:
        client.wait_transaction(topup, "COMPLETED")
    assert [credits_of(platform, topup) for topup in topups] == [1] * 8
    assert client.balance == before + 8 * AMOUNT
