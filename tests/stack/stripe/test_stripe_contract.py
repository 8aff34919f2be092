"""What we rely on of Stripe's API, asked of the stand-in and, when told to, of Stripe itself.

With STRIPE_SANDBOX_TEST=1 and the secret key of a sandbox in STRIPE_SECRET_KEY each test runs there as well; it makes
objects of its own and relies on nothing that was there before. Without them that half is skipped.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
import stripe

from soulseer.stripe_client import API_VERSION
from stack.stripe.harness import SECRET_KEY, Standin
from tests.stack.stripe.shapes import Recorder, check, error_problems

_PATIENCE = 20.0


@dataclass(frozen=True)
class Api:
    """Somebody who answers as Stripe does.

    Attributes:
        client: The library, leading there.
        answers: Everything that was answered.
        is_stripe: Whether it is Stripe itself.
    """

    client: stripe.StripeClient
    answers: Recorder
    is_stripe: bool

    @property
    def v1(self) -> stripe.V1Services:
        """The calls."""
        return self.client.v1


def _sandbox_key() -> str:
    if os.environ.get("STRIPE_SANDBOX_TEST") != "1":
        pytest.skip("STRIPE_SANDBOX_TEST=1 and STRIPE_SECRET_KEY=sk_test_… run this against Stripe itself")
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    if not key.startswith(("sk_test_", "rk_test_")):
        pytest.fail("STRIPE_SANDBOX_TEST=1 wants the key of a sandbox, sk_test_… or rk_test_…, in STRIPE_SECRET_KEY")
    return key


@pytest.fixture(params=["stand-in", "Stripe"])
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """Give the stand-in, then Stripe; all that either answered must fit Stripe's published shapes."""
    answers = Recorder()
    is_stripe = request.param == "Stripe"
    if is_stripe:
        key, address = _sandbox_key(), None
    else:
        standin: Standin = request.getfixturevalue("standin")
        key, address = SECRET_KEY, standin.url
    yield Api(
        stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={} if address is None else {"api": address},
            max_network_retries=2 if is_stripe else 0,
            http_client=stripe.RequestsClient(session=answers, timeout=30),
        ),
        answers,
        is_stripe,
    )
    found = [
        f"{call}: {problem}"
        for call, body in answers.answers
        for problem in (error_problems(body) if "error" in body else check(body))
        # Stripe may send fields that the library does not know yet; the stand-in may not.
        if not (is_stripe and "no such field" in problem)
    ]
    assert found == []


@pytest.fixture
def customer(api: Api) -> Iterator[str]:
    """Give a customer of the test's own."""
    made = api.v1.customers.create({"email": f"{uuid4()}@example.test", "metadata": {"made_by": "contract tests"}})
    yield made.id
    api.v1.customers.delete(made.id)


def _pay(api: Api, customer: str, amount: int = 2500) -> stripe.PaymentIntent:
    return api.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "customer": customer,
            "confirm": True,
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"transaction_id": str(uuid4())},
        }
    )


def _charge(api: Api, intent: stripe.PaymentIntent) -> stripe.Charge:
    """Return the charge of a payment once its fee is known."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        charge = api.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["balance_transaction"]})
        if charge.balance_transaction is not None or time.monotonic() > deadline:
            return charge
        time.sleep(0.05 if not api.is_stripe else 1)


def test_a_payment_succeeds_and_its_fee_is_known_soon(api: Api, customer: str) -> None:
    intent = _pay(api, customer)
    assert (intent.status, intent.amount_received, intent.last_payment_error) == ("succeeded", 2500, None)
    charge = _charge(api, intent)
    balance = charge.balance_transaction
    assert isinstance(balance, stripe.BalanceTransaction)
    assert (balance.type, balance.amount, balance.net) == ("charge", 2500, 2500 - balance.fee)
    assert (charge.payment_intent, charge.amount_refunded, charge.disputed) == (intent.id, 0, False)


def test_a_decline_names_its_reason_and_leaves_the_intent_to_try_again(api: Api, customer: str) -> None:
    intent = api.v1.payment_intents.create(
        {
            "amount": 2500,
            "currency": "usd",
            "customer": customer,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    with pytest.raises(stripe.CardError) as declined:
        api.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    error = declined.value.error
    assert error is not None
    assert (declined.value.http_status, error.type, error.code) == (402, "card_error", "card_declined")
    assert error.decline_code == "insufficient_funds"
    again = api.v1.payment_intents.retrieve(intent.id)
    assert again.status == "requires_payment_method"
    assert again.last_payment_error is not None
    assert again.last_payment_error.decline_code == "insufficient_funds"
    assert api.v1.payment_intents.cancel(intent.id).status == "canceled"


def test_refunds_are_cumulative_and_no_more_than_the_charge(api: Api, customer: str) -> None:
    intent = _pay(api, customer)
    _charge(api, intent)
    marks = {"attempt_id": str(uuid4())}
    first = api.v1.refunds.create({"payment_intent": intent.id, "amount": 300, "metadata": marks})
    second = api.v1.refunds.create({"payment_intent": intent.id, "amount": 200})
    assert (first.amount, first.payment_intent, first.charge) == (300, intent.id, intent.latest_charge)
    assert api.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 500
    listed = api.v1.refunds.list({"payment_intent": intent.id})
    assert [refund.id for refund in listed.data] == [second.id, first.id]
    assert listed.data[1].to_dict()["metadata"] == marks
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.refunds.create({"payment_intent": intent.id, "amount": 2001})
    assert refused.value.http_status == 400


def test_a_key_stands_for_one_request(api: Api, customer: str) -> None:
    key = str(uuid4())
    options: stripe.RequestOptions = {"idempotency_key": key}
    asked: stripe.params.PaymentIntentCreateParams = {"amount": 700, "currency": "usd", "customer": customer}
    first = api.v1.payment_intents.create(asked, options)
    again = api.v1.payment_intents.create(asked, options)
    assert first.id == again.id
    assert again.last_response is not None
    assert again.last_response.headers.get("idempotent-replayed") == "true"
    with pytest.raises(stripe.IdempotencyError) as other:
        api.v1.payment_intents.create({**asked, "amount": 800}, options)
    assert other.value.error is not None
    assert (other.value.http_status, other.value.error.type) == (400, "idempotency_error")
    assert len(api.v1.payment_intents.list({"customer": customer}).data) == 1


def test_lists_are_paged_both_ways(api: Api, customer: str) -> None:
    made = [
        api.v1.payment_intents.create({"amount": 500 + number, "currency": "usd", "customer": customer}).id
        for number in range(5)
    ][::-1]
    first = api.v1.payment_intents.list({"customer": customer, "limit": 2})
    assert ([row.id for row in first.data], first.has_more) == (made[:2], True)
    last = api.v1.payment_intents.list({"customer": customer, "limit": 3, "starting_after": made[1]})
    assert ([row.id for row in last.data], last.has_more) == (made[2:], False)
    back = api.v1.payment_intents.list({"customer": customer, "limit": 2, "ending_before": made[4]})
    assert ([row.id for row in back.data], back.has_more) == (made[2:4], True)
    paged = api.v1.payment_intents.list({"customer": customer, "limit": 2})
    assert [row.id for row in paged.auto_paging_iter()] == made
    assert paged.url == "/v1/payment_intents"


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": 500}, "parameter_missing", "currency"),
        ({"amount": 500, "currency": "usd", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "many", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 1, "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": 500, "currency": "usd", "customer": "cus_none"}, "resource_missing", "customer"),
    ],
)
def test_a_bad_request_is_blamed_on_its_parameter(api: Api, form: dict[str, object], code: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.payment_intents.create(form)  # type: ignore[arg-type]  # wrong on purpose
    error = refused.value.error
    assert error is not None
    assert (refused.value.http_status, error.type) == (400, "invalid_request_error")
    assert (error.code, error.param) == (code, param)
    assert error.message


def test_what_is_not_there_is_404(api: Api) -> None:
    for retrieve in (api.v1.payment_intents.retrieve, api.v1.refunds.retrieve, api.v1.disputes.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            retrieve("pi_none")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


def test_a_card_that_was_taken_off_names_nobody_and_stays_readable(api: Api, customer: str) -> None:
    card = api.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    assert card.card is not None
    assert (card.customer, card.card.last4, bool(card.card.fingerprint)) == (customer, "4242", True)
    assert api.v1.payment_methods.detach(card.id).customer is None
    assert api.v1.payment_methods.retrieve(card.id).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_methods.attach(card.id, {"customer": customer})


def test_an_account_opens_step_by_step_and_cannot_be_paid_before(api: Api) -> None:
    account = api.v1.accounts.create(
        {"type": "express", "country": "US", "capabilities": {"transfers": {"requested": True}}}
    )
    assert account.capabilities is not None
    assert (account.details_submitted, account.payouts_enabled) == (False, False)
    assert account.capabilities.transfers == "inactive"
    link = api.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": "https://example.test/again",
            "return_url": "https://example.test/done",
        }
    )
    assert link.url.startswith("http")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account.id})
    assert refused.value.code in {"insufficient_capabilities_for_transfer", "balance_insufficient"}
    assert api.v1.accounts.delete(account.id).deleted is True
    with pytest.raises(stripe.PermissionError) as gone:
        api.v1.accounts.retrieve(account.id)
    assert gone.value.error is not None
    # By this code a late event of an account knows that it is gone.
    assert (gone.value.http_status, gone.value.error.code) == (403, "account_invalid")
