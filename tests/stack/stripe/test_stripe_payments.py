"""PaymentIntents: cards that pay, decline or ask, driven by the `stripe` library."""

import re

import httpx
import pytest
import stripe

from stack.stripe.harness import Receiver, Standin


def pay(client: stripe.StripeClient, method: str, **more: object) -> stripe.PaymentIntent:
    params = {"amount": 2500, "currency": "usd", "confirm": True, "payment_method": method, **more}
    return client.v1.payment_intents.create(params)  # type: ignore[arg-type]


def settled(receiver: Receiver) -> None:
    receiver.wait("charge.updated")


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_mastercard", "pm_card_amex"])
def test_a_good_card_pays(client: stripe.StripeClient, receiver: Receiver, method: str) -> None:
    intent = pay(client, method)
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    settled(receiver)
    charge = client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    ).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (103, 2397)
    assert client.v1.balance.retrieve().available[0].amount == 2397


@pytest.mark.parametrize(("amount", "fee"), [(50, 31), (100, 33), (999, 59), (1000, 59), (1052, 61), (10_000, 320)])
def test_the_fee_is_rounded_as_stripe_rounds(client: stripe.StripeClient, amount: int, fee: int) -> None:
    intent = pay(client, "pm_card_visa", amount=amount, capture_method="automatic")
    found = client.v1.balance_transactions.list({"source": str(intent.latest_charge)}).data
    assert [(row.type, row.amount, row.fee) for row in found] == [("charge", amount, fee)]


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_bad_card_is_declined_and_the_intent_can_be_tried_again(
    client: stripe.StripeClient, receiver: Receiver, method: str, code: str, decline_code: str | None
) -> None:
    with pytest.raises(stripe.CardError) as raised:
        pay(client, method)
    error = raised.value.error
    assert error is not None
    assert (raised.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
    assert error.payment_intent is not None
    intent = client.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.payment_method, intent.amount_received) == ("requires_payment_method", None, 0)
    assert intent.last_payment_error is not None
    assert (intent.last_payment_error.code, intent.last_payment_error.charge) == (code, intent.latest_charge)
    receiver.wait("charge.failed")
    receiver.wait("payment_intent.payment_failed")
    assert client.v1.balance.retrieve().available[0].amount == 0
    again = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)


def test_the_browser_confirms_with_the_client_secret(client: stripe.StripeClient, browser: stripe.StripeClient) -> None:
    created = client.v1.payment_intents.create(
        {"amount": 2500, "currency": "usd", "metadata": {"transaction_id": "t1"}}
    )
    assert created.status == "requires_payment_method"
    assert created.client_secret is not None
    card = browser.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"},
        }
    )
    params = {"payment_method": card.id, "client_secret": created.client_secret}
    confirmed = browser.v1.payment_intents.confirm(created.id, params)  # type: ignore[arg-type]
    assert confirmed.status == "succeeded"
    assert "metadata" not in confirmed
    seen = browser.v1.payment_intents.retrieve(created.id, {"client_secret": created.client_secret})
    assert seen.status == "succeeded"
    assert client.v1.payment_intents.retrieve(created.id).metadata["transaction_id"] == "t1"


def test_the_browser_may_do_nothing_else(client: stripe.StripeClient, browser: stripe.StripeClient) -> None:
    created = client.v1.payment_intents.create({"amount": 2500, "currency": "usd"})
    with pytest.raises(stripe.PermissionError) as refused:
        browser.v1.payment_intents.create({"amount": 2500, "currency": "usd"})
    assert refused.value.error is not None
    assert refused.value.error.code == "secret_key_required"
    with pytest.raises(stripe.InvalidRequestError, match="client_secret"):
        browser.v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="does not match"):
        browser.v1.payment_intents.retrieve(created.id, {"client_secret": "pi_1_secret_2"})
    params = {"payment_method": "pm_card_visa", "client_secret": created.client_secret, "off_session": True}
    with pytest.raises(stripe.InvalidRequestError, match="off_session"):
        browser.v1.payment_intents.confirm(created.id, params)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup"])
def test_a_person_authenticates_on_the_page(client: stripe.StripeClient, receiver: Receiver, method: str) -> None:
    intent = pay(client, method, return_url="http://127.0.0.1/back?x=1")
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    page = str(intent.next_action.redirect_to_url.url)
    receiver.wait("payment_intent.requires_action")
    assert "25.00 USD" in httpx.get(page).text
    sent_back = httpx.post(page, data={"outcome": "complete"})
    assert sent_back.status_code == 303
    assert re.fullmatch(
        r"http://127\.0\.0\.1/back\?x=1&payment_intent=pi_\w+&payment_intent_client_secret=\w+"
        r"&redirect_status=succeeded",
        sent_back.headers["location"],
    )
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert httpx.post(page, data={"outcome": "complete"}).status_code == 410


def test_authentication_may_fail(client: stripe.StripeClient, receiver: Receiver) -> None:
    intent = pay(client, "pm_card_authenticationRequired", return_url="http://127.0.0.1/back")
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    httpx.post(str(intent.next_action.redirect_to_url.url), data={"outcome": "fail"})
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    receiver.wait("payment_intent.payment_failed")


def test_without_a_return_address_the_sdk_is_asked_and_the_control_answers(
    standin: Standin, client: stripe.StripeClient
) -> None:
    intent = pay(client, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    after = standin.control(f"payment_intents/{intent.id}", {"authentication": "complete"})
    assert after["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert after["status"] == "requires_payment_method"


def test_off_session_a_card_that_asks_is_declined_until_it_was_set_up(
    standin: Standin, client: stripe.StripeClient
) -> None:
    customer = client.v1.customers.create({"email": "client@example.test"})
    with pytest.raises(stripe.CardError) as raised:
        pay(client, "pm_card_authenticationRequiredOnSetup", customer=customer.id, off_session=True)
    assert raised.value.code == "authentication_required"
    intent = pay(
        client, "pm_card_authenticationRequiredOnSetup", customer=customer.id, setup_future_usage="off_session"
    )
    standin.control(f"payment_intents/{intent.id}", {"authentication": "complete"})
    [card] = client.v1.customers.payment_methods.list(customer.id).data
    assert pay(client, card.id, customer=customer.id, off_session=True).status == "succeeded"
    assert pay(client, card.id, customer=customer.id).status == "requires_action"


def test_a_card_without_a_customer_is_good_for_once(client: stripe.StripeClient) -> None:
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    assert pay(client, card.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        pay(client, card.id)


def test_manual_capture_takes_part_of_what_was_held(client: stripe.StripeClient, receiver: Receiver) -> None:
    intent = pay(client, "pm_card_visa", capture_method="manual")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2500)
    assert client.v1.balance.retrieve().available[0].amount == 0
    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1000})
    assert (captured.status, captured.amount_received) == ("succeeded", 1000)
    assert client.v1.balance.retrieve().available[0].amount == 1000 - 59
    receiver.wait("charge.captured")
    receiver.wait("payment_intent.succeeded")


def test_cancel_ends_an_open_intent_and_no_other(client: stripe.StripeClient, receiver: Receiver) -> None:
    held = pay(client, "pm_card_visa", capture_method="manual")
    canceled = client.v1.payment_intents.cancel(held.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    receiver.wait("payment_intent.canceled")
    paid = pay(client, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.cancel(paid.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        client.v1.payment_intents.confirm(paid.id)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.confirm(client.v1.payment_intents.create({"amount": 500, "currency": "usd"}).id)


def test_an_open_intent_can_be_changed(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.payment_intents.update(
        intent.id, {"amount": 700, "metadata": {"a": "", "c": "3"}, "payment_method": "pm_card_visa"}
    )
    assert (changed.amount, changed.status) == (700, "requires_confirmation")
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    client.v1.payment_intents.confirm(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.update(intent.id, {"amount": 900})
    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("amount", "code"),
    [(49, "amount_too_small"), (100_000_000, "amount_too_large"), (0, "parameter_invalid_integer")],
)
def test_amounts_out_of_range_are_refused(client: stripe.StripeClient, amount: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": amount, "currency": "usd"})
    assert (refused.value.code, refused.value.param) == (code, "amount")


def test_money_is_pending_until_it_is_available(
    standin: Standin, client: stripe.StripeClient, receiver: Receiver
) -> None:
    standin.control("timing", {"availability_seconds": 3600})
    pay(client, "pm_card_visa", amount=1000, capture_method="automatic")
    pay(client, "pm_card_bypassPending", amount=1000, capture_method="automatic")
    balance = client.v1.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (941, 941)
    standin.control("clock", {"advance_seconds": 3601})
    receiver.wait("balance.available")
    balance = client.v1.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (1882, 0)


def test_refunds_give_back_part_and_then_the_rest(client: stripe.StripeClient, receiver: Receiver) -> None:
    intent = pay(client, "pm_card_visa", amount=1000)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    client.v1.refunds.create({"payment_intent": intent.id, "metadata": {"why": "rest"}})
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    receiver.wait("refund.created", 2)
    assert [row.amount for row in client.v1.refunds.list({"charge": charge.id}).data] == [600, 400]
