"""SetupIntents and Checkout in setup mode: a card is kept for its customer without being charged."""

import httpx
import pytest
import stripe

from stack.stripe.harness import Receiver, Standin


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    """A customer without cards."""
    return client.v1.customers.create({"email": "ada@example.test"}).id


def kept(client: stripe.StripeClient, customer: str) -> list[str]:
    """The last digits of a customer's cards."""
    cards = client.v1.customers.payment_methods.list(customer).data
    return [card.card.last4 for card in cards if card.card is not None]


def test_the_browser_keeps_a_card_with_the_client_secret(
    client: stripe.StripeClient, browser: stripe.StripeClient, receiver: Receiver, customer: str
) -> None:
    created = client.v1.setup_intents.create({"customer": customer, "metadata": {"a": "1"}})
    assert (created.status, created.usage) == ("requires_payment_method", "off_session")
    with pytest.raises(stripe.InvalidRequestError, match="client_secret"):
        browser.v1.setup_intents.confirm(created.id, {"payment_method": "pm_card_visa"})
    params = {"payment_method": "pm_card_visa", "client_secret": created.client_secret}
    confirmed = browser.v1.setup_intents.confirm(created.id, params)  # type: ignore[arg-type]
    assert confirmed.status == "succeeded"
    assert "metadata" not in confirmed
    [told] = receiver.wait("setup_intent.succeeded")
    assert told.event["data"]["object"]["payment_method"] == confirmed.payment_method
    assert kept(client, customer) == ["4242"]
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        client.v1.setup_intents.cancel(created.id)


def test_a_card_that_asks_is_kept_once_and_then_asks_no_more(
    client: stripe.StripeClient, standin: Standin, customer: str
) -> None:
    intent = client.v1.setup_intents.create(
        {"customer": customer, "payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": True}
    )
    assert (intent.status, kept(client, customer)) == ("requires_action", [])
    standin.control(f"payment_intents/{intent.id}", {"authentication": "complete"})
    [card] = client.v1.customers.payment_methods.list(customer).data
    paid = client.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "customer": customer,
            "payment_method": card.id,
            "off_session": True,
            "confirm": True,
        }
    )
    assert paid.status == "succeeded"


def test_a_refused_card_is_told_and_not_kept(client: stripe.StripeClient, receiver: Receiver, customer: str) -> None:
    with pytest.raises(stripe.CardError) as refused:
        client.v1.setup_intents.create(
            {"customer": customer, "payment_method": "pm_card_chargeDeclined", "confirm": True}
        )
    assert refused.value.code == "card_declined"
    receiver.wait("setup_intent.setup_failed")
    [intent] = client.v1.setup_intents.list({"customer": customer}).data
    assert (intent.status, kept(client, customer)) == ("requires_payment_method", [])
    assert client.v1.setup_intents.cancel(intent.id).status == "canceled"


def open_page(client: stripe.StripeClient, customer: str) -> stripe.checkout.Session:
    """A page to have a card kept on."""
    return client.v1.checkout.sessions.create(
        {"mode": "setup", "customer": customer, "currency": "usd", "success_url": "http://127.0.0.1:1/done"}
    )


def submit(session: stripe.checkout.Session, method: str) -> httpx.Response:
    """Send the form of a session's page."""
    return httpx.post(str(session.url), data={"outcome": "pay", "method": method})


def test_a_card_is_kept_on_the_page(client: stripe.StripeClient, receiver: Receiver, customer: str) -> None:
    session = open_page(client, customer)
    assert (session.payment_status, session.payment_method_types) == ("no_payment_required", ["card"])
    assert "Nothing is charged" in httpx.get(str(session.url)).text
    assert submit(session, "4000000000000002").status_code == 402
    bank = submit(session, "4000002760003184").headers["location"]
    assert "kept" in httpx.get(bank).text
    back = httpx.post(bank, data={"outcome": "complete"}).headers["location"]
    assert httpx.get(back).headers["location"] == "http://127.0.0.1:1/done"
    [told] = receiver.wait("checkout.session.completed")
    assert told.event["data"]["object"]["payment_status"] == "no_payment_required"
    receiver.wait("setup_intent.succeeded")
    assert kept(client, customer) == ["3184"]
    assert client.v1.charges.list().data == []


def test_a_page_to_keep_a_card_on_expires(client: stripe.StripeClient, receiver: Receiver, customer: str) -> None:
    session = open_page(client, customer)
    client.v1.checkout.sessions.expire(session.id)
    receiver.wait("setup_intent.canceled")
    assert submit(session, "4242424242424242").status_code == 410
    assert kept(client, customer) == []
