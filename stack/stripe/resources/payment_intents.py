"""`/v1/payment_intents`: the intention to be paid, from creation to success. Attempts are in `confirmation`."""

from stack.stripe import ids, listing
from stack.stripe.errors import ApiError, invalid
from stack.stripe.resources import charges, confirmation, payment_methods
from stack.stripe.schema import (
    ADDRESS,
    EXPAND,
    PAGE,
    Choice,
    Currency,
    Flag,
    Hash,
    Integer,
    Metadata,
    Sequence,
    Text,
    merge_metadata,
)
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, changed, snapshot

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_LEAST = 50
_MOST = 99_999_999
_USAGE = Choice(("off_session", "on_session"))
_OPTIONS = Hash({"card": Hash({"request_three_d_secure": Choice(("any", "automatic", "challenge"))})})
_SHIPPING = Hash({"address": ADDRESS, "name": Text(), "phone": Text(), "carrier": Text(), "tracking_number": Text()})

_COMMON = Hash(
    {
        "allowed_payment_method_types": Sequence(Choice(("card",))),
        "description": Text(1000),
        "metadata": Metadata(),
        "payment_method": Text(),
        "payment_method_data": payment_methods.NEW_CARD,
        "payment_method_options": _OPTIONS,
        "receipt_email": Text(),
        "setup_future_usage": _USAGE,
        "shipping": _SHIPPING,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        "transfer_group": Text(),
    }
)
_CONFIRM = Hash(
    {
        "allowed_payment_method_types": Sequence(Choice(("card",))),
        "capture_method": Choice(("automatic", "automatic_async", "manual")),
        "error_on_requires_action": Flag(),
        "off_session": Flag(),
        "payment_method": Text(),
        "payment_method_data": payment_methods.NEW_CARD,
        "payment_method_options": _OPTIONS,
        "receipt_email": Text(),
        "return_url": Text(),
        "setup_future_usage": _USAGE,
        "shipping": _SHIPPING,
        "use_stripe_sdk": Flag(),
    }
)
_CREATE = (
    _COMMON
    | _CONFIRM
    | Hash(
        {
            "amount": Integer(1),
            "automatic_payment_methods": Hash(
                {"enabled": Flag(), "allow_redirects": Choice(("always", "never"))}, ("enabled",)
            ),
            "confirm": Flag(),
            "confirmation_method": Choice(("automatic", "manual")),
            "currency": Currency(),
            "customer": Text(),
        },
        ("amount", "currency"),
    )
)
_UPDATE = _COMMON | Hash({"amount": Integer(1), "currency": Currency(), "customer": Text()})
_SECRET = Hash({"client_secret": Text()})


def create(call: Call) -> Body:
    """A new PaymentIntent, confirmed at once when `confirm` says so."""
    params = call.params
    for name in ("off_session", "return_url", "error_on_requires_action"):
        if name in params and not params.get("confirm"):
            raise invalid(f"The parameter {name} cannot be passed unless confirm is set to true.", param=name)
    check_amount(params["amount"], params["currency"])
    body = _blank(call)
    _apply(call, body)
    if body["payment_method"]:
        body["status"] = "requires_confirmation"
    call.store.insert(call.account, body)
    call.world.emit("payment_intent.created", body, call.account)
    return confirmation.confirm(call, body) if params.get("confirm") else body


def _blank(call: Call) -> Body:
    params = call.params
    intent_id = ids.new("pi")
    automatic = params.get("automatic_payment_methods")
    # Without the parameter the Dashboard's payment methods apply, as they do by default since 2023.
    wants_automatic = automatic["enabled"] if automatic else True
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": (
            {"allow_redirects": (automatic or {}).get("allow_redirects", "always"), "enabled": True}
            if wants_automatic
            else None
        ),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{ids.token(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": int(call.world.now()),
        "currency": params["currency"],
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raise, blaming a parameter, unless Stripe takes so much (minor units) at once."""
    if amount < _LEAST:
        message = f"Amount must be at least {_LEAST} of the smallest unit of {currency}."
        raise invalid(message, code="amount_too_small", param=param)
    if amount > _MOST:
        message = f"Amount must be no more than {_MOST} of the smallest unit of {currency}."
        raise invalid(message, code="amount_too_large", param=param)


def _apply(call: Call, body: Body) -> None:
    params = call.params
    body.update(
        call.given(
            "allowed_payment_method_types",
            "amount",
            "currency",
            "description",
            "receipt_email",
            "setup_future_usage",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        )
    )
    body["metadata"] = merge_metadata(body["metadata"], params)
    if params.get("customer"):
        customer = call.world.get("customer", params["customer"], call.account, "customer", 400)
        if customer.get("deleted"):
            message = f"No such customer: '{params['customer']}'"
            raise invalid(message, code="resource_missing", param="customer")
        body["customer"] = params["customer"]
    confirmation.choose_method(call, body)


def retrieve(call: Call) -> Body:
    """An intent; a publishable key must show the client secret."""
    body = call.world.get("payment_intent", call.id, call.account)
    confirmation.check_secret(call, body)
    return body


def update(call: Call) -> Body:
    """Change what was given; amount, currency, customer and card only while the intent is open."""
    body = call.world.get("payment_intent", call.id, call.account)
    fixed = set(call.params) - {"metadata", "description", "receipt_email", "shipping", "transfer_group", "expand"}
    if body["status"] not in _OPEN and fixed:
        name = min(fixed)
        message = (
            f"This PaymentIntent's {name} could not be updated because it has a status of {body['status']}. You may "
            f"only update the {name} of a PaymentIntent with one of the following statuses: {', '.join(_OPEN)}."
        )
        raise _unexpected(message, body)
    _apply(call, body)
    check_amount(body["amount"], body["currency"])
    if body["status"] == "requires_payment_method" and body["payment_method"]:
        body["status"] = "requires_confirmation"
    call.store.save(body)
    return body


def _unexpected(message: str, body: Body) -> ApiError:
    return invalid(message, code="payment_intent_unexpected_state", extra={"payment_intent": body})


def confirm(call: Call) -> Body:
    """Try to take the money."""
    body = call.world.get("payment_intent", call.id, call.account)
    confirmation.check_secret(call, body)
    _check_own(call, "confirm")
    return confirmation.confirm(call, body)


def _check_own(call: Call, verb: str) -> None:
    if "checkout_session" in call.store.private(call.id):
        raise invalid(
            f"You cannot {verb} this PaymentIntent because it was created by Checkout. To cancel it, expire the "
            "Checkout Session.",
            code="payment_intent_unexpected_state",
        )


def capture(call: Call) -> Body:
    """Take the money (or `amount_to_capture` of it) that a manual intent holds."""
    body = call.world.get("payment_intent", call.id, call.account)
    if body["status"] != "requires_capture":
        raise _unexpected(
            f"This PaymentIntent could not be captured because it has a status of {body['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
            body,
        )
    amount = call.params.get("amount_to_capture", body["amount_capturable"])
    if amount > body["amount_capturable"]:
        raise invalid(
            "The amount to capture is greater than the remaining amount available to capture.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = call.world.get("charge", body["latest_charge"], call.account)
    charge.update(captured=True, amount_captured=amount)
    if amount < charge["amount"]:
        charge.update(amount_refunded=charge["amount"] - amount)
    call.store.save(charge)
    charges.settle(call.world, charge["id"], announced=False)
    body.update(status="succeeded", amount_capturable=0, amount_received=amount)
    call.store.save(body)
    call.world.emit("charge.captured", call.world.get("charge", charge["id"], call.account), call.account)
    call.world.emit("payment_intent.succeeded", body, call.account)
    return body


def cancel(call: Call) -> Body:
    """Give up an intent that has not succeeded; what a manual one holds is let go."""
    body = call.world.get("payment_intent", call.id, call.account)
    confirmation.check_secret(call, body)
    _check_own(call, "cancel")
    return give_up(call)


def give_up(call: Call) -> Body:
    """Cancel, whoever's the intent is."""
    body = call.world.get("payment_intent", call.id, call.account)
    if body["status"] not in (*_OPEN, "requires_capture"):
        raise _unexpected(
            f"You cannot cancel this PaymentIntent because it has a status of {body['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join((*_OPEN, 'requires_capture'))}.",
            body,
        )
    if body["status"] == "requires_capture":
        charge = call.world.get("charge", body["latest_charge"], call.account)
        before = snapshot(charge)
        charge.update(amount_refunded=charge["amount"], refunded=True)
        call.store.save(charge)
        call.world.emit("charge.refunded", charge, call.account, changed(before, charge))
    body.update(
        status="canceled",
        canceled_at=int(call.world.now()),
        cancellation_reason=call.params.get("cancellation_reason"),
        amount_capturable=0,
        next_action=None,
    )
    call.store.save(body)
    call.world.emit("payment_intent.canceled", body, call.account)
    return body


def index(call: Call) -> Body:
    """Intents, newest first."""
    return listing.answer(call, "payment_intent", call.given("customer"), "/v1/payment_intents")


_REASON = Choice(("abandoned", "duplicate", "fraudulent", "requested_by_customer"))

ROUTES = (
    Route("POST", "/v1/payment_intents", create, _CREATE | EXPAND),
    Route("GET", "/v1/payment_intents", index, PAGE | EXPAND | Hash({"customer": Text()})),
    Route("GET", "/v1/payment_intents/{id}", retrieve, _SECRET | EXPAND, publishable=True),
    Route("POST", "/v1/payment_intents/{id}", update, _UPDATE | EXPAND),
    Route("POST", "/v1/payment_intents/{id}/confirm", confirm, _CONFIRM | _SECRET | EXPAND, publishable=True),
    Route("POST", "/v1/payment_intents/{id}/capture", capture, Hash({"amount_to_capture": Integer(1)}) | EXPAND),
    Route("POST", "/v1/payment_intents/{id}/cancel", cancel, Hash({"cancellation_reason": _REASON}) | EXPAND),
)
