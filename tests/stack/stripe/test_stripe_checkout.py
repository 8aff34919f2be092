"""Checkout Sessions: a page on which a person pays, clicked through by form posts, and what Stripe tells of it."""

from typing import Any

import httpx
import pytest
import stripe

from stack.stripe.harness import Receiver, Standin

CARD = "4242424242424242"
BANK = "000123456789"
SLOW_BANK = "000000000009"


def order(**changes: object) -> Any:
    """The parameters of a session over 25.00 USD."""
    item = {
        "price_data": {"currency": "usd", "unit_amount": 2500, "product_data": {"name": "Wallet top-up"}},
        "quantity": 1,
    }
    return {
        "mode": "payment",
        "line_items": [item],
        "success_url": "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:1/back",
        "metadata": {"transaction_id": "t1"},
        "payment_intent_data": {"metadata": {"transaction_id": "t1"}},
        **changes,
    }


@pytest.fixture
def session(client: stripe.StripeClient) -> stripe.checkout.Session:
    """An open session over 25.00 USD."""
    return client.v1.checkout.sessions.create(order())


def submit(session: stripe.checkout.Session, **form: str) -> httpx.Response:
    """Send the form of a session's page."""
    return httpx.post(str(session.url), data={"outcome": "pay", "email": "ada@example.test", "name": "Ada", **form})


def types(receiver: Receiver) -> list[str]:
    """The types of the events that came."""
    return [delivery.event["type"] for delivery in receiver.deliveries]


def intent_of(client: stripe.StripeClient, session_id: str) -> stripe.PaymentIntent:
    """The PaymentIntent a session was paid with."""
    found = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]}).payment_intent
    assert isinstance(found, stripe.PaymentIntent)
    return found


def test_a_session_is_open_and_has_no_payment_yet(session: stripe.checkout.Session) -> None:
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.mode) == (2500, "usd", "payment")
    assert session.payment_method_types == ["card", "us_bank_account"]
    assert session.expires_at - session.created == 24 * 3600
    assert session.id.startswith("cs_test_")


def test_the_page_shows_what_for_and_how_to_pay(session: stripe.checkout.Session) -> None:
    shown = httpx.get(str(session.url))
    assert shown.status_code == 200
    for text in ("25.00 USD", "Wallet top-up", CARD, "4000000000000002", "4000002760003184", BANK, "Cancel", "<label>"):
        assert text in shown.text
    assert "<script" not in shown.text
    assert httpx.get(str(session.url) + "x").status_code == 404


def test_a_card_pays_and_the_person_goes_on(
    client: stripe.StripeClient, receiver: Receiver, session: stripe.checkout.Session
) -> None:
    sent_on = submit(session, method=CARD)
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, f"http://127.0.0.1:1/done?session={session.id}")
    [told] = receiver.wait("checkout.session.completed")
    assert told.event["data"]["object"]["payment_status"] == "paid"
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.payment_status, after.url) == ("complete", "paid", None)
    assert after.customer_details is not None
    assert (after.customer_details.email, after.customer_details.name) == ("ada@example.test", "Ada")
    intent = intent_of(client, session.id)
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert intent.metadata.to_dict() == {"transaction_id": "t1"}
    receiver.wait("payment_intent.succeeded")
    assert submit(session, method=CARD).status_code == 410
    assert "nothing left to do" in httpx.get(str(session.url)).text


def test_a_card_of_ones_own_is_typed(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    assert submit(session, number="5555 5555 5555 4444", expiry="02/35", cvc="777").status_code == 303
    method = client.v1.payment_methods.retrieve(str(intent_of(client, session.id).payment_method))
    assert method.card is not None
    assert (method.card.brand, method.card.exp_month, method.card.exp_year) == ("mastercard", 2, 2035)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"number": "4242424242424241"}, "card number is incorrect"),
        ({"method": CARD, "expiry": "02/21"}, "expiration year is invalid"),
        ({"method": CARD, "expiry": "soon"}, "expiration month is invalid"),
        ({"method": ""}, "card[number]"),
    ],
)
def test_what_is_typed_wrong_is_said_and_leaves_nothing(
    client: stripe.StripeClient, session: stripe.checkout.Session, form: dict[str, str], message: str
) -> None:
    shown = submit(session, **form)
    assert shown.status_code == 402
    assert message in shown.text
    assert client.v1.checkout.sessions.retrieve(session.id).payment_intent is None
    assert client.v1.payment_intents.list().data == []


def test_a_declined_card_leaves_the_page_open_and_another_pays_the_same_intent(
    client: stripe.StripeClient, receiver: Receiver, session: stripe.checkout.Session
) -> None:
    shown = submit(session, method="4000000000009995")
    assert shown.status_code == 402
    assert 'role="alert">Your card has insufficient funds.' in shown.text
    receiver.wait("payment_intent.payment_failed")
    first = intent_of(client, session.id)
    assert (first.status, client.v1.checkout.sessions.retrieve(session.id).status) == (
        "requires_payment_method",
        "open",
    )
    assert submit(session, method=CARD).status_code == 303
    assert intent_of(client, session.id).id == first.id
    assert intent_of(client, session.id).status == "succeeded"


def test_another_attempt_makes_the_last_error_forgotten(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    submit(session, method="4000000000000002")
    assert intent_of(client, session.id).last_payment_error is not None
    submit(session, method="4000002760003184")
    waiting = intent_of(client, session.id)
    assert (waiting.status, waiting.last_payment_error) == ("requires_action", None)


@pytest.mark.parametrize(("outcome", "status"), [("complete", "complete"), ("fail", "open")])
def test_the_bank_asks_on_its_own_page(
    client: stripe.StripeClient, receiver: Receiver, session: stripe.checkout.Session, outcome: str, status: str
) -> None:
    bank = submit(session, method="4000002760003184").headers["location"]
    assert "/authenticate/" in bank
    receiver.wait("payment_intent.requires_action")
    back = httpx.post(bank, data={"outcome": outcome}).headers["location"]
    arrived = httpx.get(back)
    assert client.v1.checkout.sessions.retrieve(session.id).status == status
    if outcome == "complete":
        assert arrived.headers["location"] == f"http://127.0.0.1:1/done?session={session.id}"
        receiver.wait("checkout.session.completed")
    else:
        assert "failed authentication" in arrived.text
        assert submit(session, method=CARD).status_code == 303


def test_going_back_leaves_the_session_open(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    assert submit(session, outcome="cancel").headers["location"] == "http://127.0.0.1:1/back"
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_bank_debit_is_complete_and_unpaid_until_the_bank_pays(
    client: stripe.StripeClient, receiver: Receiver, standin: Standin, session: stripe.checkout.Session
) -> None:
    standin.control("timing", {"bank_debit_seconds": 0.2})
    assert submit(session, method=BANK).status_code == 303
    [told] = receiver.wait("checkout.session.completed")
    assert (told.event["data"]["object"]["status"], told.event["data"]["object"]["payment_status"]) == (
        "complete",
        "unpaid",
    )
    receiver.wait("payment_intent.processing")
    [paid] = receiver.wait("checkout.session.async_payment_succeeded")
    assert paid.event["data"]["object"]["payment_status"] == "paid"
    receiver.wait("payment_intent.succeeded")
    intent = client.v1.payment_intents.retrieve(
        str(intent_of(client, session.id).id), {"expand": ["latest_charge.balance_transaction"]}
    )
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.id[:3], charge.status, charge.balance_transaction.type) == ("py_", "succeeded", "payment")
    assert (charge.balance_transaction.fee, client.v1.balance.retrieve().available[0].amount) == (20, 2480)


def test_a_bank_debit_that_fails_is_told_later(
    client: stripe.StripeClient, receiver: Receiver, standin: Standin, session: stripe.checkout.Session
) -> None:
    standin.control("timing", {"bank_debit_seconds": 0.05})
    submit(session, method="000222222227")
    receiver.wait("checkout.session.async_payment_failed")
    receiver.wait("payment_intent.payment_failed")
    receiver.wait("charge.failed")
    after = client.v1.checkout.sessions.retrieve(session.id)
    assert (after.status, after.payment_status) == ("complete", "unpaid")
    intent = intent_of(client, session.id)
    assert intent.last_payment_error is not None
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "insufficient_funds")
    assert client.v1.balance.retrieve().available[0].amount == 0


@pytest.mark.parametrize(
    ("debit", "event", "status"),
    [
        ({"debit": "succeeded"}, "async_payment_succeeded", "paid"),
        ({"debit": "failed", "failure_code": "account_closed"}, "async_payment_failed", "unpaid"),
    ],
)
def test_the_control_answers_for_the_bank(
    client: stripe.StripeClient,
    receiver: Receiver,
    standin: Standin,
    session: stripe.checkout.Session,
    debit: dict[str, str],
    event: str,
    status: str,
) -> None:
    submit(session, method=SLOW_BANK)
    assert intent_of(client, session.id).status == "processing"
    assert standin.control(f"checkout_sessions/{session.id}", debit)["payment_status"] == status
    receiver.wait(f"checkout.session.{event}")
    with pytest.raises(httpx.HTTPStatusError):
        standin.control(f"checkout_sessions/{session.id}", debit)


def test_money_on_its_way_can_be_neither_refunded_nor_called_back(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    submit(session, method=SLOW_BANK)
    intent = intent_of(client, session.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError, match="expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_session_expires_when_told_to(
    client: stripe.StripeClient, receiver: Receiver, session: stripe.checkout.Session
) -> None:
    submit(session, method="4000000000000002")
    expired = client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    receiver.wait("checkout.session.expired")
    receiver.wait("payment_intent.canceled")
    assert intent_of(client, session.id).cancellation_reason == "expired"
    assert submit(session, method=CARD).status_code == 410
    assert "expired" in httpx.get(str(session.url)).text
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_session_expires_in_its_time(
    client: stripe.StripeClient, receiver: Receiver, standin: Standin, session: stripe.checkout.Session
) -> None:
    soon = client.v1.checkout.sessions.create(order(expires_at=session.created + 1900))
    standin.control("clock", {"advance_seconds": 2000})
    [told] = receiver.wait("checkout.session.expired")
    assert told.event["data"]["object"]["id"] == soon.id
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_card_is_kept_for_the_customer_when_asked(client: stripe.StripeClient, receiver: Receiver) -> None:
    customer = client.v1.customers.create({"email": "known@example.test"})
    data = {"setup_future_usage": "off_session"}
    session = client.v1.checkout.sessions.create(order(customer=customer.id, payment_intent_data=data))
    assert session.customer_details is not None
    assert session.customer_details.email == "known@example.test"
    assert 'name="email"' not in httpx.get(str(session.url)).text
    submit(session, method=CARD)
    receiver.wait("payment_method.attached")
    [card] = client.v1.customers.payment_methods.list(customer.id).data
    assert intent_of(client, session.id).payment_method == card.id
    account = client.v1.checkout.sessions.create(order(customer=customer.id, payment_intent_data=data))
    submit(account, method=BANK)
    [kept] = client.v1.payment_methods.list({"customer": customer.id, "type": "us_bank_account"}).data
    assert kept.us_bank_account is not None
    assert kept.us_bank_account.last4 == "6789"


def test_a_customer_is_made_of_the_payer_when_asked(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(order(customer_creation="always"))
    submit(session, method=CARD)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert isinstance(paid.customer, stripe.Customer)
    assert (paid.customer.email, paid.customer.name) == ("ada@example.test", "Ada")
    assert intent_of(client, session.id).customer == paid.customer.id


def test_sessions_are_listed_and_their_items_too(client: stripe.StripeClient, session: stripe.checkout.Session) -> None:
    items = [
        {
            "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": f"Thing {amount}"}},
            "quantity": 2,
        }
        for amount in (100, 200, 300)
    ]
    other = client.v1.checkout.sessions.create(order(line_items=items, expand=["line_items"]))
    assert other.line_items is not None
    assert (other.amount_total, len(other.line_items.data)) == (1200, 3)
    first = client.v1.checkout.sessions.line_items.list(other.id, {"limit": 2})
    assert ([row.amount_total for row in first.data], first.has_more) == ([200, 400], True)
    rest = client.v1.checkout.sessions.line_items.list(other.id, {"starting_after": first.data[1].id})
    assert [(row.description, row.quantity) for row in rest.data] == [("Thing 300", 2)]
    submit(session, method=CARD)
    listed = client.v1.checkout.sessions.list({"status": "complete"}).data
    assert [row.id for row in listed] == [session.id]
    paid_with = client.v1.checkout.sessions.list({"payment_intent": intent_of(client, session.id).id}).data
    assert [row.id for row in paid_with] == [session.id]
    changed = client.v1.checkout.sessions.update(other.id, {"metadata": {"a": "1"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"transaction_id": "t1", "a": "1"}


def test_the_same_key_makes_one_session(client: stripe.StripeClient) -> None:
    first, again = (client.v1.checkout.sessions.create(order(), {"idempotency_key": "cs:1"}) for _ in range(2))
    assert (first.id, first.url) == (again.id, again.url)
    assert len(client.v1.checkout.sessions.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(order(success_url="http://other.test/"), {"idempotency_key": "cs:1"})


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"mode": None}, "mode", "parameter_missing"),
        ({"mode": "subscription"}, "mode", None),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "javascript:alert(1)"}, "success_url", "url_invalid"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"line_items": [{"price": "price_1", "quantity": 1}]}, "line_items[0][price]", "resource_missing"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0]", "parameter_missing"),
        ({"customer": "cus_none"}, "customer", "resource_missing"),
        ({"expires_at": 1}, "expires_at", None),
        ({"expires_at": 4_000_000_000}, "expires_at", None),
        ({"allowed_payment_method_types": ["cash"]}, "allowed_payment_method_types[0]", None),
        ({"excluded_payment_method_types": ["card", "us_bank_account"]}, "allowed_payment_method_types", None),
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"payment_intent_data": {"colour": "red"}}, "payment_intent_data[colour]", "parameter_unknown"),
    ],
)
def test_what_makes_no_session_is_refused(
    client: stripe.StripeClient, change: dict[str, object], param: str, code: str | None
) -> None:
    asked = {name: value for name, value in order(**change).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(asked)
    assert (refused.value.param, refused.value.code) == (param, code)
    assert client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(("amount", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_a_session_over_too_little_or_too_much_is_refused(client: stripe.StripeClient, amount: int, code: str) -> None:
    item = {"price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": "x"}}, "quantity": 1}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(order(line_items=[item]))
    assert refused.value.code == code


def test_a_session_of_cards_takes_no_bank_account(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(order(allowed_payment_method_types=["card"]))
    assert BANK not in httpx.get(str(session.url)).text
    assert "page takes no bank accounts" in submit(session, method=BANK).text
    assert client.v1.checkout.sessions.retrieve(session.id).payment_intent is None
