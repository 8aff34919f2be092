"""`/v1/radar/early_fraud_warnings`: a card's bank suspects fraud. Sent by the control, as networks would."""

from stack.stripe import ids, listing
from stack.stripe.schema import EXPAND, PAGE, Hash, Text
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World, changed, snapshot

_KIND = "radar.early_fraud_warning"


def warn(world: World, charge: Body, fraud_type: str) -> Body:
    """Suspect a charge."""
    body: Body = {
        "id": ids.new("issfr"),
        "object": _KIND,
        "actionable": not charge["disputed"] and not charge["refunded"],
        "charge": charge["id"],
        "created": int(world.now()),
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    account = world.store.owner(charge["id"]) or ""
    world.store.insert(account, body)
    world.emit(f"{_KIND}.created", body, account)
    return body


def settle(world: World, charge_id: str) -> None:
    """Nothing is left to act on: the charge was disputed, or refunded whole."""
    for body in world.store.select(_KIND, None, {"charge": charge_id}):
        if body["actionable"]:
            before = snapshot(body)
            body["actionable"] = False
            world.store.save(body)
            world.emit(f"{_KIND}.updated", body, world.store.owner(body["id"]) or "", changed(before, body))


def retrieve(call: Call) -> Body:
    """A warning."""
    return call.world.get(_KIND, call.id, call.account)


def index(call: Call) -> Body:
    """Warnings, newest first."""
    return listing.answer(call, _KIND, call.given("charge", "payment_intent"), "/v1/radar/early_fraud_warnings")


_FILTERS = Hash({"charge": Text(), "payment_intent": Text()})

ROUTES = (
    Route("GET", "/v1/radar/early_fraud_warnings", index, PAGE | EXPAND | _FILTERS),
    Route("GET", "/v1/radar/early_fraud_warnings/{id}", retrieve, EXPAND),
)
