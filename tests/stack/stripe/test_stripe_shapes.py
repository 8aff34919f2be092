"""Every object the stand-in answers or sends fits the `stripe` library's classes, and every parameter is Stripe's.

The library's classes are generated from Stripe's own description, so they are the shape to be held to: each field must
exist there with a fitting type, and each field that is not Optional there must be present.
"""

import importlib
import re
import sys
import typing
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import httpx
import pytest
import stripe

from stack.stripe.harness import SECRET_KEY, Receiver, Standin
from stack.stripe.routes import ROUTES
from stack.stripe.schema import Hash, Sequence
from stack.stripe.world import Route
from tests.stack.stripe.shapes import Names, Recorder, check, error_problems, fields


def play(client: stripe.StripeClient, standin: Standin, receiver: Receiver) -> None:
    """Have every kind of object in every state it can reach."""
    v1 = client.v1
    customer = v1.customers.create(
        {
            "email": "a@example.test",
            "name": "Ada",
            "address": {"line1": "1 Way"},
            "shipping": {"name": "Ada", "address": {"line1": "1 Way"}},
            "preferred_locales": ["en"],
            "metadata": {"user_id": "u"},
            "payment_method": "pm_card_visa",
        }
    )
    card = v1.customers.payment_methods.list(customer.id).data[0]
    v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})
    base: stripe.params.PaymentIntentCreateParams = {"amount": 2500, "currency": "usd", "confirm": True}
    for method in ("pm_card_visa", "pm_card_amex", "pm_card_authenticationRequired", "pm_card_chargeDeclined"):
        for capture in ("automatic", "automatic_async", "manual"):
            try:
                v1.payment_intents.create(
                    {**base, "payment_method": method, "capture_method": capture, "return_url": "http://127.0.0.1/"}
                )
            except stripe.CardError:
                continue
    for row in v1.payment_intents.list({"limit": 100}).data:
        if row.status == "requires_action":
            standin.control(f"payment_intents/{row.id}", {"authentication": "fail"})
        elif row.status == "requires_capture":
            v1.payment_intents.capture(row.id, {"amount_to_capture": 2000})
    held = v1.payment_intents.create(
        {**base, "payment_method": card.id, "customer": customer.id, "capture_method": "manual"}
    )
    v1.payment_intents.cancel(held.id)
    paid = v1.payment_intents.create(
        {
            **base,
            "customer": customer.id,
            "payment_method": "pm_card_visa",
            "setup_future_usage": "off_session",
            "shipping": {"name": "Ada", "address": {"line1": "1 Way"}},
        }
    )
    v1.refunds.create({"payment_intent": paid.id, "amount": 100, "reason": "requested_by_customer"})
    checkout(client, standin, customer.id)
    taken_back(client, standin)
    connect(client, standin)
    receiver.wait("payout.failed")
    each(client)
    lists(client, customer.id, card.id)


def checkout(client: stripe.StripeClient, standin: Standin, customer: str) -> None:
    """Sessions open, paid by card and by bank account, failed and expired; a debit refunded."""
    sessions = client.v1.checkout.sessions
    item: stripe.params.checkout.SessionCreateParamsLineItem = {
        "price_data": {"currency": "usd", "unit_amount": 2500, "product_data": {"name": "Thing"}},
        "quantity": 1,
    }
    base: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "line_items": [item],
        "success_url": "http://127.0.0.1/",
        "expand": ["line_items"],
    }
    opened = sessions.create({**base, "customer": customer, "client_reference_id": "c"})
    made = [sessions.create({**base, "customer_creation": "always", "metadata": {"a": "1"}}) for _ in range(5)]
    for session, method in zip(
        made,
        ("4242424242424242", "000000000009", "000000000009", "4000000000000002", "4000002760003184"),
        strict=True,
    ):
        httpx.post(str(session.url), data={"outcome": "pay", "method": method, "email": "a@example.test"})
    standin.control(f"checkout_sessions/{made[1].id}", {"debit": "succeeded"})
    standin.control(f"checkout_sessions/{made[2].id}", {"debit": "failed"})
    sessions.expire(made[3].id)
    sessions.retrieve(made[1].id, {"expand": ["payment_intent.latest_charge", "payment_intent.payment_method"]})
    client.v1.refunds.create({"payment_intent": str(sessions.retrieve(made[1].id).payment_intent)})
    client.v1.setup_intents.create({"customer": customer, "payment_method": "pm_card_visa", "confirm": True})
    asking = client.v1.setup_intents.create({"payment_method": "pm_card_authenticationRequired", "confirm": True})
    standin.control(f"payment_intents/{asking.id}", {"authentication": "fail"})
    client.v1.setup_intents.cancel(asking.id)
    kept = client.v1.setup_intents.create({"customer": customer})
    client.v1.setup_intents.confirm(kept.id, {"payment_method": "pm_card_visa"})
    client.v1.setup_intents.retrieve(kept.id)
    sessions.create({"mode": "setup", "customer": customer, "currency": "usd", "success_url": "http://127.0.0.1/"})
    client.v1.setup_intents.list()
    sessions.line_items.list(opened.id)
    sessions.update(opened.id, {"metadata": {"a": "2"}})
    sessions.list({"limit": 100})


def taken_back(client: stripe.StripeClient, standin: Standin) -> None:
    """Refunds that fail, fraud warnings, inquiries, disputes lost and won."""
    v1 = client.v1

    def pay() -> str:
        paid = v1.payment_intents.create(
            {"amount": 2500, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
        )
        return paid.id

    for status in ("failed", "canceled"):
        refund = v1.refunds.create({"payment_intent": pay()})
        standin.control(f"refunds/{refund.id}", {"status": "pending"})
        standin.control(f"refunds/{refund.id}", {"status": status})
        v1.refunds.retrieve(refund.id)
    intent = pay()
    standin.control("fraud_warnings", {"payment_intent": intent})
    won = standin.control("disputes", {"payment_intent": intent})
    v1.disputes.update(won["id"], {"evidence": {"customer_name": "Ada"}, "submit": True})
    standin.control(f"disputes/{won['id']}", {"status": "won"})
    inquiry = standin.control("disputes", {"payment_intent": pay(), "inquiry": True})
    standin.control(f"disputes/{inquiry['id']}", {"status": "needs_response"})
    v1.disputes.close(inquiry["id"])
    v1.disputes.retrieve(won["id"], {"expand": ["charge"]})
    v1.disputes.list()
    [warning] = v1.radar.early_fraud_warnings.list().data
    v1.radar.early_fraud_warnings.retrieve(warning.id, {"expand": ["charge"]})


def connect(client: stripe.StripeClient, standin: Standin) -> None:
    """Accounts, transfers and payouts."""
    v1 = client.v1
    standin.control("balance", {"available": 10_000})
    asked: stripe.params.AccountCreateParamsCapabilities = {
        "transfers": {"requested": True},
        "card_payments": {"requested": True},
    }
    account = v1.accounts.create({"type": "express", "capabilities": asked})
    link = v1.account_links.create(
        {"account": account.id, "type": "account_onboarding", "refresh_url": "http://x/", "return_url": "http://x/"}
    )
    httpx.post(link.url, data={"outcome": "complete", "account_number": "000111111116"})
    v1.accounts.create(
        {
            "controller": {"stripe_dashboard": {"type": "none"}, "requirement_collection": "application"},
            "individual": {"first_name": "A", "dob": {"day": 1, "month": 1, "year": 1990}, "address": {"line1": "1"}},
            "external_account": {
                "object": "bank_account",
                "account_number": "000123456789",
                "country": "US",
                "currency": "usd",
                "routing_number": "110000000",
            },
        }
    )
    standin.control("timing", {"verification_seconds": 0})
    standin.control(f"accounts/{account.id}", {"onboard": True, "account_number": "000111111116"})
    v1.accounts.login_links.create(account.id)
    v1.accounts.external_accounts.create(account.id, {"external_account": "btok_us_verified"})
    made = v1.transfers.create(
        {"amount": 5000, "currency": "usd", "destination": account.id, "expand": ["destination_payment"]}
    )
    v1.transfers.reversals.create(made.id, {"amount": 100, "metadata": {"a": "1"}})
    v1.transfers.update(made.id, {"metadata": {"a": "1"}})
    on_account: stripe.RequestOptions = {"stripe_account": account.id}
    # Payouts move when told to: one that moved by itself could no longer be cancelled.
    standin.control("timing", {"payout_step_seconds": 60})
    first = v1.payouts.create({"amount": 1000, "currency": "usd"}, on_account)
    standin.control(f"payouts/{first.id}", {"status": "paid"})
    second = v1.payouts.create({"amount": 1000, "currency": "usd"}, on_account)
    v1.payouts.cancel(second.id, {}, on_account)
    standin.control("timing", {"payout_step_seconds": 0.2})
    third = v1.payouts.create({"amount": 1000, "currency": "usd"}, on_account)
    v1.payouts.update(third.id, {"metadata": {"a": "1"}}, on_account)
    for listed in (v1.payouts, v1.charges, v1.balance_transactions, v1.events, v1.refunds):
        listed.list({"limit": 100}, on_account)
    v1.balance.retrieve({}, on_account)
    v1.accounts.retrieve_current({}, on_account)
    v1.accounts.delete(v1.accounts.create({"type": "custom"}).id)


def each(client: stripe.StripeClient) -> None:
    """Everything looked at by itself, and changed where it can be."""
    v1, marks = client.v1, {"metadata": {"b": "2"}}
    customer = v1.customers.create({"payment_method": "pm_card_visa"}).id
    card = v1.customers.payment_methods.list(customer).data[0].id
    v1.customers.retrieve(customer)
    v1.customers.payment_methods.retrieve(customer, card)
    v1.payment_methods.retrieve(card)
    v1.payment_methods.update(card, {"metadata": marks["metadata"]})
    number: stripe.params.PaymentMethodCreateParamsCard = {
        "number": "4242424242424242",
        "exp_month": 1,
        "exp_year": 2040,
    }
    made = v1.payment_methods.create({"type": "card", "card": number})
    v1.payment_methods.attach(made.id, {"customer": customer})
    intent = v1.payment_intents.create({"amount": 900, "currency": "usd", "customer": customer}).id
    v1.payment_intents.update(intent, {"metadata": marks["metadata"]})
    v1.payment_intents.confirm(intent, {"payment_method": card, "return_url": "http://127.0.0.1/"})
    paid = v1.payment_intents.retrieve(intent)
    v1.charges.retrieve(str(paid.latest_charge))
    v1.charges.update(str(paid.latest_charge), {"metadata": marks["metadata"]})
    refund = v1.refunds.create({"payment_intent": intent, "amount": 100}).id
    v1.refunds.update(refund, {"metadata": marks["metadata"]})
    v1.balance_transactions.retrieve(v1.balance_transactions.list().data[0].id)
    v1.events.retrieve(v1.events.list().data[0].id)
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["payout.paid"]}).id
    v1.webhook_endpoints.update(endpoint, {"disabled": True})
    v1.webhook_endpoints.retrieve(endpoint)
    v1.webhook_endpoints.delete(endpoint)
    transfer = v1.transfers.list().data[0].id
    v1.transfers.retrieve(transfer)
    v1.transfers.reversals.retrieve(transfer, v1.transfers.reversals.list(transfer).data[0].id)
    account = str(v1.transfers.retrieve(transfer).destination)
    on_account: stripe.RequestOptions = {"stripe_account": account}
    v1.payouts.retrieve(v1.payouts.list({}, on_account).data[0].id, {}, on_account)
    v1.accounts.update(account, {"metadata": marks["metadata"]})
    v1.accounts.retrieve(account)
    banks = v1.accounts.external_accounts.list(account).data
    v1.accounts.external_accounts.retrieve(account, banks[-1].id)
    spare = next(bank.id for bank in banks if not bank.default_for_currency)
    v1.accounts.external_accounts.delete(account, spare)


def lists(client: stripe.StripeClient, customer: str, card: str) -> None:
    """Everything as lists have it, and what deletion answers."""
    v1 = client.v1
    client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["payout.paid"]})
    v1.accounts.retrieve_current()
    v1.balance.retrieve()
    v1.payment_methods.detach(card)
    for listed in (v1.customers, v1.payment_intents, v1.charges, v1.refunds, v1.balance_transactions, v1.accounts):
        listed.list({"limit": 100})
    v1.payment_methods.list({"customer": customer})
    v1.transfers.list({"expand": ["data.destination_payment", "data.balance_transaction"]})
    v1.payment_intents.list({"limit": 100, "expand": ["data.latest_charge", "data.payment_method"]})
    v1.events.list({"limit": 100})
    v1.webhook_endpoints.delete(v1.webhook_endpoints.list().data[0].id)
    v1.customers.delete(customer)


def test_every_object_fits_the_librarys_classes(standin: Standin, receiver: Receiver) -> None:
    session = Recorder()
    client = stripe.StripeClient(
        SECRET_KEY,
        base_addresses={"api": standin.url},
        http_client=stripe.RequestsClient(session=session),
    )
    play(client, standin, receiver)
    found: set[str] = set()
    kinds: set[str] = set()
    for call, body in session.answers:
        if "error" in body:
            found.update(f"{call}: {problem}" for problem in error_problems(body))
            continue
        kinds.update(row["object"] for row in body["data"]) if body["object"] == "list" else kinds.add(body["object"])
        found.update(f"{call}: {problem}" for problem in check(body))
    for delivery in receiver.deliveries:
        found.update(f"event {delivery.event['type']}: {problem}" for problem in check(delivery.event))
    assert sorted(found) == []
    assert kinds >= {
        "account",
        "account_link",
        "balance",
        "balance_transaction",
        "bank_account",
        "charge",
        "checkout.session",
        "customer",
        "dispute",
        "event",
        "item",
        "login_link",
        "payment_intent",
        "payment_method",
        "payout",
        "radar.early_fraud_warning",
        "refund",
        "setup_intent",
        "transfer",
        "transfer_reversal",
        "webhook_endpoint",
    }


def test_every_route_is_among_those_whose_answers_are_checked(standin: Standin, receiver: Receiver) -> None:
    session = Recorder()
    client = stripe.StripeClient(
        SECRET_KEY, base_addresses={"api": standin.url}, http_client=stripe.RequestsClient(session=session)
    )
    play(client, standin, receiver)
    answered = {call.upper().replace(standin.url.upper(), "") for call, body in session.answers if "error" not in body}
    paths = [call.lower().split("?", 1)[0].split(" ", 1) for call in answered]
    missing = [
        f"{route.method} {route.path}"
        for route in ROUTES
        if not any(
            method == route.method.lower() and re.fullmatch(re.sub(r"{\w+}", "[^/]+", route.path), path)
            for method, path in paths
        )
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"amount": "100"}, "payout.amount: '100' is no int"),
        ({"amount": None}, "payout.amount: None is no int"),
        ({"colour": "red"}, "payout.colour: Payout has no such field"),
        ({"type": "shell"}, "payout.type: 'shell' is none of"),
        ({"trace_id": {"status": 1}}, "payout.trace_id.status: 1 is no str"),
        ({"metadata": {"a": 1}}, "payout.metadata.a: 1 is no str"),
        ({"destination": {"object": "charge"}}, "payout.destination: "),
    ],
)
def test_the_check_finds_what_does_not_fit(
    client: stripe.StripeClient, standin: Standin, reader_account: str, change: dict[str, Any], problem: str
) -> None:
    standin.control("balance", {"account": reader_account, "available": 500})
    made = client.v1.payouts.create({"amount": 500, "currency": "usd"}, {"stripe_account": reader_account}).to_dict()
    assert check(made) == []
    [found] = check({**made, **change})
    assert found.startswith(problem)
    del made["currency"]
    assert check(made) == ["payout.currency: missing, but Payout requires it"]


def test_every_event_type_is_one_the_library_knows(standin: Standin, receiver: Receiver) -> None:
    play(standin.client(), standin, receiver)
    known = set(get_args(fields(stripe.Event)["type"]))
    sent = {delivery.event["type"] for delivery in receiver.deliveries}
    assert sent - known == set()
    assert len(sent) > 20


RESOURCES = {
    "accounts": "account",
    "account": "account",
    "account_links": "account_link",
    "balance": "balance",
    "balance_transactions": "balance_transaction",
    "charges": "charge",
    "customers": "customer",
    "disputes": "dispute",
    "early_fraud_warnings": "early_fraud_warning",
    "events": "event",
    "external_accounts": "account_external_account",
    "line_items": "session_line_item",
    "login_links": "account_login_link",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "payouts": "payout",
    "refunds": "refund",
    "reversals": "transfer_reversal",
    "sessions": "session",
    "setup_intents": "setup_intent",
    "transfers": "transfer",
    "webhook_endpoints": "webhook_endpoint",
}


def params_class(route: Route) -> tuple[str, str]:
    """Module and class of the library's parameters for an endpoint."""
    parts = [part for part in route.path.split("/")[2:] if not part.startswith("{")]
    resource, verb = parts[-1], ""
    if resource not in RESOURCES:
        verb, resource = parts[-1], parts[-2]
    name = RESOURCES[resource]
    if resource == "payment_methods" and parts[0] == "customers":
        name = "customer_payment_method"
    single = route.path.endswith("}") or resource in {"balance", "account"}
    if not verb:
        verb = {"GET": "retrieve" if single else "list", "DELETE": "delete"}.get(
            route.method, "update" if single else "create"
        )
    if resource == "account":
        verb = "retrieve_current"
    namespace = f"{parts[0]}." if parts[0] in {"checkout", "radar"} else ""
    module = f"stripe.params.{namespace}_{name}_{verb}_params"
    return module, "".join(word.title() for word in f"{name}_{verb}_params".split("_"))


# What a browser's library sends beyond the parameters of servers, and cards where the library knows other methods only.
BEYOND = {"confirm.client_secret", "card.token", "payment_method_data.card"}


def strange(schema: Hash, wanted: Any, place: str) -> Iterator[str]:
    """The parameters of a schema that a TypedDict of the library lacks."""
    known = wanted.__annotations__
    names = Names(sys.modules[wanted.__module__])
    for name, kind in schema.fields.items():
        here = f"{place}.{name}"
        if any(here.endswith(beyond) for beyond in BEYOND):
            continue
        if name not in known:
            yield here
            continue
        inner = kind.item if isinstance(kind, Sequence) else kind
        if isinstance(inner, Hash):
            holder = type("Holder", (), {"__annotations__": {name: known[name]}})
            resolved = typing.get_type_hints(holder, {**vars(typing)}, names)[name]
            options = [option for option in flat(resolved) if hasattr(option, "__required_keys__")]
            if not options:
                yield f"{here}: no hash"
            elif all(list(strange(inner, option, here)) for option in options):
                yield from strange(inner, options[0], here)


def flat(wanted: Any) -> Iterator[Any]:
    """The types a union or a list is made of."""
    arguments = get_args(wanted)
    if not arguments or get_origin(wanted) is Literal:
        yield wanted
    for argument in arguments:
        yield from flat(argument)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_parameter_is_stripes(route: Route) -> None:
    module, name = params_class(route)
    wanted = getattr(importlib.import_module(module), name)
    assert list(strange(route.params, wanted, route.path.split("/")[-1])) == []
