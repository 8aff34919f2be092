"""What holds for every endpoint: keys, versions, parameters, lists, expansion, errors; and the pages and settings."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import stripe

from stack.stripe.harness import PUBLISHABLE_KEY, SECRET_KEY, Standin
from stack.stripe.settings import SettingsError, read


def get(standin: Standin, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{standin.url}{path}", headers={"Authorization": f"Bearer {SECRET_KEY}", **headers})


def test_a_wrong_key_or_none_is_401(standin: Standin) -> None:
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: sk_test_\*+"):
        standin.client("sk_test_wrong0000").v1.balance.retrieve()
    bare = httpx.get(f"{standin.url}/v1/balance")
    assert bare.status_code == 401
    assert bare.json()["error"]["type"] == "invalid_request_error"
    assert httpx.get(f"{standin.url}/v1/balance", auth=(SECRET_KEY, "")).status_code == 200


def test_the_headers_are_stripes(standin: Standin) -> None:
    answer = get(standin, "/v1/balance", **{"Stripe-Version": "2026-10-28.endive"})
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert answer.headers["Request-Id"].startswith("req_")
    assert get(standin, "/v1/balance", **{"Stripe-Version": "2020-08-27"}).status_code == 400


def test_the_version_is_the_librarys() -> None:
    assert stripe.api_version == "2026-10-28.endive"


def test_unknown_urls_and_objects_are_404(standin: Standin, client: stripe.StripeClient) -> None:
    answer = get(standin, "/v1/unicorns")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: /v1/unicorns)")
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_none'") as refused:
        client.v1.customers.retrieve("cus_none")
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", "id")
    with pytest.raises(stripe.InvalidRequestError) as named:
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": "cus_none"})
    assert (named.value.http_status, named.value.param) == (400, "customer")


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": "500"}, "parameter_missing", "currency"),
        ({"amount": "5.5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "500", "currency": "gold"}, None, "currency"),
        ({"amount": "500", "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": "500", "currency": "usd", "automatic_payment_methods[on]": "true"},
            "parameter_unknown",
            "automatic_payment_methods[on]",
        ),
        ({"amount": "500", "currency": "usd", "confirm": "yes"}, None, "confirm"),
        ({"amount": "500", "currency": "usd", "capture_method": "never"}, None, "capture_method"),
        ({"amount": "500", "currency": "usd", "metadata[a]": "x" * 501}, None, "metadata[a]"),
        ({"amount": "500", "currency": "usd", "metadata[" + "k" * 41 + "]": "x"}, None, "metadata[" + "k" * 41 + "]"),
        ({"amount": "500", "currency": "usd", "metadata": "x"}, "parameter_invalid_empty", "metadata"),
        ({"amount": "500", "currency": "usd", "off_session": "true"}, None, "off_session"),
    ],
)
def test_bad_parameters_are_blamed(standin: Standin, form: dict[str, str], code: str | None, param: str) -> None:
    answer = httpx.post(f"{standin.url}/v1/payment_intents", data=form, auth=(SECRET_KEY, ""))
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["type"], error.get("code"), error["param"]) == ("invalid_request_error", code, param)
    assert standin.control("count/payment_intent")["count"] == 0


def test_lists_are_paged_newest_first(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"metadata": {"n": str(n)}}).id for n in range(7)][::-1]
    first = client.v1.customers.list({"limit": 3})
    assert ([row.id for row in first.data], first.has_more) == (made[:3], True)
    second = client.v1.customers.list({"limit": 3, "starting_after": made[2]})
    assert [row.id for row in second.data] == made[3:6]
    back = client.v1.customers.list({"limit": 3, "ending_before": made[6]})
    assert ([row.id for row in back.data], back.has_more) == (made[3:6], True)
    assert [row.id for row in client.v1.customers.list({"limit": 2}).auto_paging_iter()] == made
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.list({"starting_after": "cus_none"})
    assert refused.value.param == "starting_after"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list({"limit": 101})
    created = client.v1.customers.retrieve(made[0]).created
    assert created is not None
    assert client.v1.customers.list({"created": {"gt": created + 60}}).data == []
    assert len(client.v1.customers.list({"created": {"lte": created}}).data) == 7


def test_expansion_goes_deep_and_refuses_what_is_no_reference(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "a@example.test"})
    intent = client.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "customer": customer.id,
            "confirm": True,
            "payment_method": "pm_card_visa",
            "capture_method": "automatic",
            "expand": ["customer", "latest_charge.balance_transaction.source"],
        }
    )
    assert isinstance(intent.customer, stripe.Customer)
    assert intent.customer.email == "a@example.test"
    assert isinstance(intent.latest_charge, stripe.Charge)
    listed = client.v1.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]})
    assert isinstance(listed.data[0].latest_charge, stripe.Charge)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "expand": ["status"]})
    assert len(client.v1.payment_intents.list().data) == 1


def test_customers_keep_cards_until_they_are_detached(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "a@example.test", "payment_method": "pm_card_visa"})
    [card] = client.v1.customers.payment_methods.list(customer.id).data
    assert card.card is not None
    assert (card.customer, card.card.last4, card.card.brand) == (customer.id, "4242", "visa")
    client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    client.v1.payment_methods.update(card.id, {"metadata": {"a": "1"}, "billing_details": {"name": "Ada"}})
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id})
    with pytest.raises(stripe.CardError):
        client.v1.customers.create({"payment_method": "pm_card_visa_chargeDeclined"})
    assert len(client.v1.customers.list().data) == 1
    client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    assert client.v1.payment_methods.detach(card.id).customer is None
    assert len(client.v1.payment_methods.list({"customer": customer.id}).data) == 1
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": card.id})
    assert client.v1.customers.delete(customer.id).deleted is True
    assert client.v1.customers.retrieve(customer.id).deleted is True
    assert client.v1.customers.list().data == []


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"number": "4242424242424241", "exp_month": 1, "exp_year": 2034}, "incorrect_number"),
        ({"number": "4111111111111111", "exp_month": 1, "exp_year": 2034}, "card_declined"),
        ({"number": "4242424242424242", "exp_month": 13, "exp_year": 2034}, "invalid_expiry_month"),
        ({"number": "4242424242424242", "exp_month": 1, "exp_year": 2020}, "invalid_expiry_year"),
    ],
)
def test_cards_that_cannot_be_are_refused(
    browser: stripe.StripeClient, card: stripe.params.PaymentMethodCreateParamsCard, code: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        browser.v1.payment_methods.create({"type": "card", "card": card})
    assert refused.value.code == code


def test_people_see_what_there_is(standin: Standin, client: stripe.StripeClient, reader_account: str) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 1234, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa", "metadata": {"a": "<b>"}}
    )
    page = httpx.get(f"{standin.url}/").text
    assert intent.id in page
    assert reader_account in page
    assert "12.34 USD" in page
    assert "a=&lt;b&gt;" in page
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert "12.34 USD" in httpx.get(str(charge.receipt_url)).text
    assert httpx.get(f"{standin.url}/setup/nothing").status_code == 404
    assert httpx.get(f"{standin.url}/authenticate/{intent.id}/nothing").status_code == 410


@pytest.mark.parametrize("name", ["PORT", "STATE", "SECRET_KEY", "PUBLISHABLE_KEY"])
def test_settings_say_what_is_missing(name: str, tmp_path: Path) -> None:
    settings = {
        "STACK_STRIPE_PORT": "1",
        "STACK_STRIPE_STATE": str(tmp_path / "s.db"),
        "STACK_STRIPE_SECRET_KEY": SECRET_KEY,
        "STACK_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
    }
    assert read(settings).endpoints == ()
    del settings[f"STACK_STRIPE_{name}"]
    with pytest.raises(SettingsError, match=f"STACK_STRIPE_{name}"):
        read(settings)


def test_the_process_refuses_live_keys() -> None:
    environment = {
        **os.environ,
        "STACK_STRIPE_PORT": "1",
        "STACK_STRIPE_STATE": "s",
        "STACK_STRIPE_SECRET_KEY": "sk_live_x",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "stack.stripe"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "STACK_STRIPE_SECRET_KEY" in ended.stderr


def test_endpoints_that_are_no_list_are_refused() -> None:
    settings = {
        "STACK_STRIPE_PORT": "1",
        "STACK_STRIPE_STATE": "s",
        "STACK_STRIPE_SECRET_KEY": SECRET_KEY,
        "STACK_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "STACK_STRIPE_WEBHOOKS": '{"url": 1}',
    }
    with pytest.raises(SettingsError, match="STACK_STRIPE_WEBHOOKS"):
        read(settings)
