"""`/v1/checkout/sessions`: a page to pay or to keep a card on. What happens there is in `checkout_payments`."""

from stack.stripe import ids, listing
from stack.stripe.errors import invalid, missing
from stack.stripe.resources import checkout_items, checkout_payments, payment_intents, payment_methods, setup_intents
from stack.stripe.schema import CURSOR, EXPAND, PAGE, Choice, Currency, Flag, Hash, Integer, Metadata, Sequence, Text
from stack.stripe.schema import merge_metadata as merged
from stack.stripe.store import Body
from stack.stripe.world import Call, Route

OBJECT = "checkout.session"
_SOONEST = 30 * 60
_LATEST = 24 * 3600
_USAGE = Choice(("off_session", "on_session"))
_INTENT = Hash(
    {
        "capture_method": Choice(("automatic", "automatic_async")),
        "description": Text(1000),
        "metadata": Metadata(),
        "receipt_email": Text(),
        "setup_future_usage": _USAGE,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        "transfer_group": Text(),
    }
)
_KINDS = Sequence(Choice(payment_methods.KINDS))
_CREATE = Hash(
    {
        "allowed_payment_method_types": _KINDS,
        "cancel_url": Text(),
        "client_reference_id": Text(200),
        "currency": Currency(),
        "customer": Text(),
        "customer_creation": Choice(("always", "if_required")),
        "customer_email": Text(512),
        "excluded_payment_method_types": _KINDS,
        "expires_at": Integer(),
        "line_items": Sequence(checkout_items.ITEM),
        "locale": Choice(("auto", "de", "en", "es", "fr")),
        "metadata": Metadata(),
        "mode": Choice(("payment", "setup", "subscription")),
        "payment_intent_data": _INTENT,
        "submit_type": Choice(("auto", "book", "donate", "pay")),
        "success_url": Text(),
        "ui_mode": Choice(("hosted_page",)),
        "phone_number_collection": Hash({"enabled": Flag()}, ("enabled",)),
        "setup_intent_data": Hash({"description": Text(1000), "metadata": Metadata()}),
    }
)


def create(call: Call) -> Body:
    """A session that is open until it is paid or its time is over."""
    params = call.params
    if params.get("mode") is None:
        raise invalid("Missing required param: mode.", code="parameter_missing", param="mode")
    if params["mode"] == "subscription":
        raise invalid("The stand-in knows no Checkout Session in subscription mode.", param="mode")
    _check_urls(params)
    _check_customer(call)
    now = int(call.world.now())
    body = _blank(call, now, _expiry(params.get("expires_at"), now))
    items = _to_pay(call, body) if body["mode"] == "payment" else []
    call.store.insert(call.account, body, {"items": items, "intent": params.get("payment_intent_data") or {}})
    if body["mode"] == "setup":
        _to_keep(call, body)
    call.world.later("checkout_expire", body["id"], body["expires_at"] - call.world.now())
    return _with_items(call, body)


def _to_pay(call: Call, body: Body) -> list[Body]:
    """Put amount and payment methods on a session that is paid; returns its line items."""
    _refuse(call, "setup_intent_data", "payment")
    items = checkout_items.read(call, call.params.get("line_items") or [])
    total, currency = sum(item["amount_total"] for item in items), items[0]["currency"]
    if call.params.get("currency", currency) != currency:
        raise invalid("The currency of the line items is another one.", param="currency")
    payment_intents.check_amount(total, currency, "line_items")
    body.update(amount_subtotal=total, amount_total=total, currency=currency)
    body["payment_method_types"] = _methods(call.params, currency)
    return items


def _to_keep(call: Call, body: Body) -> None:
    """Put the SetupIntent on a session that keeps a card; it is there from the start."""
    for name in ("line_items", "payment_intent_data", "submit_type"):
        _refuse(call, name, "setup")
    asked = {**(call.params.get("setup_intent_data") or {}), **call.given("customer")}
    intent = setup_intents.create(Call(call.world, call.account, {}, asked))
    call.store.save_private(intent["id"], {"checkout_session": body["id"]})
    body.update(setup_intent=intent["id"], payment_status="no_payment_required", payment_method_types=["card"])
    call.store.save(body)


def _refuse(call: Call, name: str, mode: str) -> None:
    if call.params.get(name):
        raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)


def _check_urls(params: Body) -> None:
    if not params.get("success_url"):
        raise invalid("Missing required param: success_url.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        if params.get(name) and not params[name].startswith(("http://", "https://")):
            raise invalid("Not a valid URL", code="url_invalid", param=name)


def _check_customer(call: Call) -> None:
    params = call.params
    if not params.get("customer"):
        return
    for other in ("customer_email", "customer_creation"):
        if params.get(other):
            message = f"You may only specify one of these parameters: customer, {other}."
            raise invalid(message, param="customer")
    customer = call.world.get("customer", params["customer"], call.account, "customer", 400)
    if customer.get("deleted"):
        raise missing("customer", params["customer"], "customer", 400)


def _expiry(wanted: int | None, now: int) -> int:
    if wanted is None:
        return now + _LATEST
    if wanted < now + _SOONEST:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(message, param="expires_at")
    if wanted > now + _LATEST:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(message, param="expires_at")
    return wanted


def _methods(params: Body, currency: str) -> list[str]:
    """The kinds that fit the currency: all there are, as the Dashboard has them, filtered by what the call allows."""
    fitting = [kind for kind in payment_methods.KINDS if kind == "card" or currency == "usd"]
    allowed = params.get("allowed_payment_method_types") or fitting
    excluded = params.get("excluded_payment_method_types") or []
    left = [kind for kind in fitting if kind in allowed and kind not in excluded]
    if not left:
        raise invalid("No valid payment method types for this Checkout Session.", param="allowed_payment_method_types")
    return left


def _blank(call: Call, now: int, expires_at: int) -> Body:
    params = call.params
    session_id = ids.new("cs_test", 58)
    return {
        "id": session_id,
        "object": OBJECT,
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": params.get("currency"),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": params.get("customer"),
        "customer_account": None,
        "customer_creation": None if params.get("customer") else params.get("customer_creation", "if_required"),
        "customer_details": checkout_payments.details_of(call),
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merged({}, params),
        "mode": params["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": [],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": (params.get("phone_number_collection") or {}).get("enabled", False)},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": (
            {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if params["mode"] == "payment" else None
        ),
        "ui_mode": "hosted_page",
        "url": f"{call.world.settings.origin}/pay/{session_id}",
        "wallet_options": None,
    }


def _with_items(call: Call, body: Body) -> Body:
    """The session with its line items when they are to be expanded."""
    if "line_items" in (call.params.get("expand") or []):
        rows = call.store.private(body["id"])["items"]
        body["line_items"] = listing.whole(rows, f"/v1/checkout/sessions/{body['id']}/line_items")
    return body


def retrieve(call: Call) -> Body:
    """A session."""
    return _with_items(call, call.world.get(OBJECT, call.id, call.account))


def update(call: Call) -> Body:
    """Change metadata."""
    body = call.world.get(OBJECT, call.id, call.account)
    body["metadata"] = merged(body["metadata"], call.params)
    call.store.save(body)
    return _with_items(call, body)


def expire(call: Call) -> Body:
    """End an open session: nobody can pay any more."""
    body = call.world.get(OBJECT, call.id, call.account)
    if body["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{body['status']}`."
        )
    return _with_items(call, checkout_payments.expire(call, body))


def line_items(call: Call) -> Body:
    """What is paid for, a page at a time."""
    call.world.get(OBJECT, call.id, call.account)
    rows: list[Body] = call.store.private(call.id)["items"]
    after, before, limit = (call.params.get(name) for name in ("starting_after", "ending_before", "limit"))
    known = [row["id"] for row in rows]
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor and cursor not in known:
            raise missing("item", cursor, name, 400)
    if after:
        rows = rows[known.index(after) + 1 :]
    if before:
        rows = rows[: known.index(before)]
    shown = rows[: limit or 10]
    return listing.whole(shown, f"/v1/checkout/sessions/{call.id}/line_items", has_more=len(rows) > len(shown))


def index(call: Call) -> Body:
    """Sessions, newest first."""
    filters: dict[str, object] = call.given("customer", "payment_intent", "status")
    email = (call.params.get("customer_details") or {}).get("email")
    if email:
        filters["customer_details/email"] = email
    return listing.answer(call, OBJECT, filters, "/v1/checkout/sessions")


_FILTERS = Hash(
    {
        "customer": Text(),
        "customer_details": Hash({"email": Text()}, ("email",)),
        "payment_intent": Text(),
        "status": Choice(("complete", "expired", "open")),
    }
)

ROUTES = (
    Route("POST", "/v1/checkout/sessions", create, _CREATE | EXPAND),
    Route("GET", "/v1/checkout/sessions", index, PAGE | EXPAND | _FILTERS),
    Route("GET", "/v1/checkout/sessions/{id}", retrieve, EXPAND),
    Route("POST", "/v1/checkout/sessions/{id}", update, Hash({"metadata": Metadata()}) | EXPAND),
    Route("POST", "/v1/checkout/sessions/{id}/expire", expire, EXPAND),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", line_items, CURSOR | EXPAND),
)
