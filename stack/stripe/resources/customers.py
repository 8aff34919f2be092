"""`/v1/customers`: people who pay."""

from stack.stripe import ids, listing
from stack.stripe.resources import payment_methods
from stack.stripe.schema import ADDRESS, CURSOR, EXPAND, PAGE, Hash, Metadata, Sequence, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, changed, snapshot

_SHIPPING = Hash({"address": ADDRESS, "name": Text(), "phone": Text()}, ("address", "name"))
_FIELDS = Hash(
    {
        "address": ADDRESS,
        "description": Text(),
        "email": Text(512),
        "invoice_settings": Hash({"default_payment_method": Text()}),
        "metadata": Metadata(),
        "name": Text(256),
        "phone": Text(20),
        "preferred_locales": Sequence(Text()),
        "shipping": _SHIPPING,
    }
)
_PLAIN = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


def create(call: Call) -> Body:
    """A new customer; with `payment_method`, that card is attached at once."""
    body: Body = {
        "id": ids.new("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": int(call.world.now()),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": ids.token(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(call, body)
    call.store.insert(call.account, body)
    call.world.emit("customer.created", body, call.account)
    if call.params.get("payment_method"):
        payment_methods.attach_to(call, call.params["payment_method"], body["id"])
    return body


def _apply(call: Call, body: Body) -> None:
    body.update(call.given(*_PLAIN))
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    if "invoice_settings" in call.params:
        method = call.params["invoice_settings"].get("default_payment_method")
        if method:
            call.world.get("payment_method", method, call.account, "invoice_settings[default_payment_method]", 400)
        body["invoice_settings"]["default_payment_method"] = method


def retrieve(call: Call) -> Body:
    """A customer, or the note that it was deleted."""
    return call.world.get("customer", call.id, call.account)


def update(call: Call) -> Body:
    """Change what was given."""
    body = call.world.get("customer", call.id, call.account)
    before = snapshot(body)
    _apply(call, body)
    call.store.save(body)
    if body != before:
        call.world.emit("customer.updated", body, call.account, changed(before, body))
    return body


def delete(call: Call) -> Body:
    """Delete for good: cards are detached, and only the id remains."""
    body = call.world.get("customer", call.id, call.account)
    for method in call.store.select("payment_method", call.account, {"customer": call.id}):
        payment_methods.detach_from(call, method)
    gone = {"id": body["id"], "object": "customer", "deleted": True}
    call.store.save(gone)
    call.world.emit("customer.deleted", body, call.account)
    return dict(gone)


def index(call: Call) -> Body:
    """Customers, newest first."""
    filters: dict[str, object] = {"deleted": None}
    if call.params.get("email"):
        filters["email"] = call.params["email"]
    return listing.answer(call, "customer", filters, "/v1/customers")


def cards(call: Call) -> Body:
    """The cards attached to a customer."""
    call.world.get("customer", call.id, call.account)
    url = f"/v1/customers/{call.id}/payment_methods"
    return listing.answer(call, "payment_method", {"customer": call.id, **call.given("type")}, url)


def card(call: Call) -> Body:
    """One card of a customer."""
    call.world.get("customer", call.id, call.account)
    method = call.world.get("payment_method", call.path["method"], call.account)
    if method["customer"] != call.id:
        raise payment_methods.not_found(method["id"])
    return method


ROUTES = (
    Route("POST", "/v1/customers", create, _FIELDS | Hash({"payment_method": Text()}) | EXPAND),
    Route("GET", "/v1/customers", index, PAGE | EXPAND | Hash({"email": Text()})),
    Route("GET", "/v1/customers/{id}", retrieve, EXPAND),
    Route("POST", "/v1/customers/{id}", update, _FIELDS | EXPAND),
    Route("DELETE", "/v1/customers/{id}", delete),
    Route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        cards,
        CURSOR | EXPAND | Hash({"type": Text()}),
    ),
    Route("GET", "/v1/customers/{id}/payment_methods/{method}", card, EXPAND),
)
