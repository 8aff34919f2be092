"""`/v1/refunds`: money back to card or bank account, from the platform's balance, which may fall below zero."""

from stack.stripe import ids, listing
from stack.stripe.errors import invalid
from stack.stripe.resources import early_fraud_warnings
from stack.stripe.schema import EXPAND, PAGE, Choice, Hash, Integer, Metadata, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Movement, Route, World, changed, snapshot

_CREATE = Hash(
    {
        "amount": Integer(1),
        "charge": Text(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)


def create(call: Call) -> Body:
    """Refund a charge, wholly or in part; it succeeds at once, as card refunds do."""
    charge = _charge(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    if charge["disputed"]:
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, param="amount")
    before = snapshot(charge)
    body: Body = {
        "id": ids.new("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": int(call.world.now()),
        "currency": charge["currency"],
        "destination_details": _destination(charge),
        "metadata": merge_metadata({}, call.params),
        "payment_intent": charge["payment_intent"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    kind = "refund" if charge["payment_method_details"]["type"] == "card" else "payment_refund"
    movement = Movement(kind, -amount, charge["currency"], body["id"], description="REFUND FOR CHARGE")
    body["balance_transaction"] = call.world.post(call.account, movement)["id"]
    call.store.insert(call.account, body)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.save(charge)
    call.world.emit("refund.created", body, call.account)
    call.world.emit("charge.refunded", charge, call.account, changed(before, charge))
    if charge["refunded"]:
        early_fraud_warnings.settle(call.world, charge["id"])
    return body


def _destination(charge: Body) -> Body:
    if charge["payment_method_details"]["type"] != "card":
        return {"type": "us_bank_transfer", "us_bank_transfer": {"reference": None, "reference_status": "pending"}}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"card": card, "type": "card"}


def move(world: World, body: Body, status: str, reason: str) -> Body:
    """Have a refund reach a status: pending, succeeded, or failed or canceled, by which its money comes back."""
    account = world.store.owner(body["id"]) or ""
    before = snapshot(body)
    body["status"] = status
    if status in {"failed", "canceled"}:
        charge = world.get("charge", body["charge"], account)
        charge["amount_refunded"] -= body["amount"]
        charge["refunded"] = False
        world.store.save(charge)
        movement = Movement(
            "refund_failure", body["amount"], body["currency"], body["id"], description="REFUND FAILURE"
        )
        body["failure_balance_transaction"] = world.post(account, movement)["id"]
    if status == "failed":
        body["failure_reason"] = reason
    world.store.save(body)
    world.emit("refund.updated", body, account, changed(before, body))
    if status == "failed":
        world.emit("refund.failed", body, account)
    return body


def _charge(call: Call) -> Body:
    params = call.params
    charge_id = params.get("charge")
    if charge_id is None and params.get("payment_intent"):
        intent = call.world.get("payment_intent", params["payment_intent"], call.account, "payment_intent", 400)
        charge_id = intent["latest_charge"]
        if charge_id is None or intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise invalid(message, code="payment_intent_unexpected_state", param="payment_intent")
    if not charge_id:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message, code="parameter_missing")
    charge = call.world.get("charge", charge_id, call.account, "charge", 400)
    if not charge["captured"]:
        raise invalid(f"Charge {charge_id} has not been captured.", code="charge_not_refundable", param="charge")
    return charge


def retrieve(call: Call) -> Body:
    """A refund."""
    return call.world.get("refund", call.id, call.account)


def update(call: Call) -> Body:
    """Change metadata."""
    body = call.world.get("refund", call.id, call.account)
    before = snapshot(body)
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    call.store.save(body)
    call.world.emit("refund.updated", body, call.account, changed(before, body))
    return body


def index(call: Call) -> Body:
    """Refunds, newest first."""
    return listing.answer(call, "refund", call.given("charge", "payment_intent"), "/v1/refunds")


ROUTES = (
    Route("POST", "/v1/refunds", create, _CREATE | EXPAND),
    Route("GET", "/v1/refunds", index, PAGE | EXPAND | Hash({"charge": Text(), "payment_intent": Text()})),
    Route("GET", "/v1/refunds/{id}", retrieve, EXPAND),
    Route("POST", "/v1/refunds/{id}", update, Hash({"metadata": Metadata()}) | EXPAND),
)
