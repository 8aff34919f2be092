"""`/v1/payment_methods`: cards. Only Stripe's test cards exist; `pm_card_…` makes a fresh one wherever it is named."""

from datetime import UTC, datetime
from hashlib import sha256

from stack.stripe import ids, listing
from stack.stripe.cards import TestCard, by_number, by_token, card_error
from stack.stripe.errors import ApiError, invalid, missing
from stack.stripe.schema import ADDRESS, CURSOR, EXPAND, Choice, Hash, Integer, Metadata, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, changed, snapshot

_CARD = Hash(
    {"number": Text(), "exp_month": Integer(), "exp_year": Integer(), "cvc": Text(4), "token": Text()},
)
_BILLING = Hash({"address": ADDRESS, "email": Text(), "name": Text(), "phone": Text(), "tax_id": Text()})
# Kinds of payment method there are; of a bank account see `bank_accounts`.
KINDS = ("card", "us_bank_account")
_REDISPLAY = Choice(("always", "limited", "unspecified"))

# The parameters of a new card, here and as `payment_method_data` of a PaymentIntent.
NEW_CARD = Hash(
    {
        "allow_redisplay": _REDISPLAY,
        "billing_details": _BILLING,
        "card": _CARD,
        "metadata": Metadata(),
        "type": Choice(("card",)),
    },
    ("type",),
)


def make(call: Call, params: Body) -> Body:
    """A new card from the parameters of `NEW_CARD`; raises card errors for numbers and dates that cannot be."""
    given = params.get("card") or {}
    if given.get("token"):
        found = by_token(given["token"])
        if found is None:
            raise missing("token", given["token"], "card[token]", 400)
        return _keep(call, found, params, None)
    if not given.get("number"):
        raise invalid("Missing required param: card[number].", code="parameter_missing", param="card[number]")
    card = by_number(given["number"])
    expiry = (given.get("exp_month") or 0, _year(given.get("exp_year") or 0))
    today = datetime.fromtimestamp(call.world.now(), UTC)
    if expiry[0] not in range(1, 13):
        raise _bad_date("month")
    if expiry[1] not in range(today.year, today.year + 51):
        raise _bad_date("year")
    if (expiry[1], expiry[0]) < (today.year, today.month):
        raise _bad_date("month")
    return _keep(call, card, params, expiry)


def _year(year: int) -> int:
    return year + 2000 if year in range(1, 100) else year


def _bad_date(part: str) -> ApiError:
    message = f"Your card's expiration {part} is invalid."
    return ApiError(402, message, code=f"invalid_expiry_{part}", param=f"exp_{part}", kind="card_error")


def _keep(call: Call, card: TestCard, params: Body, expiry: tuple[int, int] | None) -> Body:
    now = int(call.world.now())
    month, year = expiry or (12, datetime.fromtimestamp(now, UTC).year + 4)
    billing = params.get("billing_details") or {}
    address = billing.get("address") or {}
    body: Body = {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        "billing_details": {
            "address": {name: address.get(name) for name in ADDRESS.fields},
            **{name: billing.get(name) for name in ("email", "name", "phone", "tax_id")},
        },
        "card": _card_body(card, month, year, has_cvc=bool((params.get("card") or {}).get("cvc"))),
        "created": now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": merge_metadata({}, params),
        "type": "card",
    }
    call.store.insert(call.account, body, {"number": card.number, "set_up": False})
    return body


def _card_body(card: TestCard, month: int, year: int, *, has_cvc: bool) -> Body:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked" if has_cvc else None,
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def resolve(call: Call, method_id: str, param: str = "payment_method") -> Body:
    """The payment method named by an id or by a test token, which becomes a new card on this account."""
    card = by_token(method_id) if method_id.startswith("pm_card_") else None
    if card is not None:
        return _keep(call, card, {}, None)
    return call.world.get("payment_method", method_id, call.account, param, 400)


def test_card(call: Call, method_id: str) -> TestCard:
    """The test card behind a payment method."""
    return by_number(call.store.private(method_id)["number"])


def not_found(method_id: str) -> ApiError:
    """404 for a card that is not there, or not this customer's."""
    return missing("PaymentMethod", method_id)


def create(call: Call) -> Body:
    """A new card, of no customer yet."""
    return make(call, call.params)


def retrieve(call: Call) -> Body:
    """A card."""
    return (
        resolve(call, call.id, "id") if by_token(call.id) else call.world.get("payment_method", call.id, call.account)
    )


def update(call: Call) -> Body:
    """Change billing details, expiry or metadata of an attached card."""
    body = call.world.get("payment_method", call.id, call.account)
    if body["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    before = snapshot(body)
    for name, value in (call.params.get("billing_details") or {}).items():
        old = body["billing_details"][name]
        body["billing_details"][name] = {**old, **value} if isinstance(value, dict) else value
    if call.params.get("card"):
        if body["type"] != "card":
            raise invalid("This PaymentMethod is no card.", code="parameter_unknown", param="card")
        body["card"].update(call.params["card"])
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    body.update(call.given("allow_redisplay"))
    call.store.save(body)
    call.world.emit("payment_method.updated", body, call.account, changed(before, body))
    return body


def index(call: Call) -> Body:
    """Cards of the customer given, newest first."""
    filters: dict[str, object] = call.given("type")
    if call.params.get("customer"):
        call.world.get("customer", call.params["customer"], call.account, "customer", 400)
        filters["customer"] = call.params["customer"]
    return listing.answer(call, "payment_method", filters, "/v1/payment_methods")


def attach_to(call: Call, method_id: str, customer_id: str) -> Body:
    """Give a card to a customer; cards that banks refuse to check raise their decline."""
    customer = call.world.get("customer", customer_id, call.account, "customer", 400)
    if customer.get("deleted"):
        raise missing("customer", customer_id, "customer", 400)
    body = resolve(call, method_id)
    if body["customer"] == customer_id:
        return body
    if body["customer"] is not None:
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    if call.store.private(body["id"]).get("spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
    if body["type"] == "card":
        _check_with_bank(call, body)
    body["customer"] = customer_id
    call.store.save(body)
    call.world.emit("payment_method.attached", body, call.account)
    return body


def _check_with_bank(call: Call, body: Body) -> None:
    card = test_card(call, body["id"])
    if card.decline is not None and not card.attaches:
        raise card_error(card.decline)
    if body["card"]["checks"]["cvc_check"] == "unchecked":
        body["card"]["checks"]["cvc_check"] = "pass"


def detach_from(call: Call, body: Body) -> Body:
    """Take a card from its customer, for good."""
    before = snapshot(body)
    body["customer"] = None
    call.store.save(body)
    call.world.emit("payment_method.detached", body, call.account, changed(before, body))
    return body


def attach(call: Call) -> Body:
    """Attach to the customer given."""
    return attach_to(call, call.id, call.params["customer"])


def detach(call: Call) -> Body:
    """Detach from its customer."""
    body = call.world.get("payment_method", call.id, call.account)
    if body["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    private = call.store.private(body["id"])
    call.store.save_private(body["id"], {**private, "spent": True})
    return detach_from(call, body)


_CHANGES = Hash(
    {
        "allow_redisplay": _REDISPLAY,
        "billing_details": _BILLING,
        "card": Hash({"exp_month": Integer(1, 12), "exp_year": Integer(2000, 2100)}),
        "metadata": Metadata(),
    }
)

ROUTES = (
    Route("POST", "/v1/payment_methods", create, NEW_CARD | EXPAND, publishable=True),
    Route("GET", "/v1/payment_methods", index, CURSOR | EXPAND | Hash({"customer": Text(), "type": Choice(KINDS)})),
    Route("GET", "/v1/payment_methods/{id}", retrieve, EXPAND),
    Route("POST", "/v1/payment_methods/{id}", update, _CHANGES | EXPAND),
    Route("POST", "/v1/payment_methods/{id}/attach", attach, Hash({"customer": Text()}, ("customer",)) | EXPAND),
    Route("POST", "/v1/payment_methods/{id}/detach", detach, EXPAND),
)
