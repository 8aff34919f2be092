"""`/v1/disputes`: a card's owner takes a payment back. Opened and decided by the control, as banks would."""

from stack.stripe import ids, listing
from stack.stripe.errors import invalid
from stack.stripe.resources import early_fraud_warnings
from stack.stripe.schema import EXPAND, PAGE, Flag, Hash, Metadata, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Movement, Route, World, changed, snapshot

FEE = 1500
_DAYS_TO_RESPOND = 7 * 86_400
_FINAL = {"won", "lost", "warning_closed"}
STATUSES = ("needs_response", "under_review", "warning_under_review", *sorted(_FINAL))
_EVIDENCE = ("customer_email_address", "customer_name", "product_description", "uncategorized_text")


def open_one(world: World, charge: Body, order: Body) -> Body:
    """Dispute a charge: a chargeback, whose money goes at once, or an inquiry, which moves none."""
    account = world.store.owner(charge["id"]) or ""
    is_inquiry = bool(order.get("inquiry"))
    if charge["payment_method_details"]["type"] != "card":
        raise invalid("The stand-in knows disputes of card payments only.", param="charge")
    card = charge["payment_method_details"]["card"]
    body: Body = {
        "id": ids.new("du"),
        "object": "dispute",
        "amount": int(order.get("amount", charge["amount_captured"] - charge["amount_refunded"])),
        "balance_transactions": [],
        "charge": charge["id"],
        "created": int(world.now()),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": int(world.now()) + _DAYS_TO_RESPOND,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry" if is_inquiry else "chargeback",
                "network": card["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": order.get("reason", "fraudulent"),
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }
    charge["disputed"] = True
    world.store.save(charge)
    world.store.insert(account, body)
    world.emit("charge.dispute.created", body, account)
    if not is_inquiry:
        _move_money(world, body, -body["amount"], FEE)
        world.emit("charge.dispute.funds_withdrawn", body, account)
    early_fraud_warnings.settle(world, charge["id"])
    return body


def move(world: World, body: Body, status: str) -> Body:
    """Have a dispute reach a status; an inquiry that needs a response became a chargeback, a won one gives back."""
    account = world.store.owner(body["id"]) or ""
    before = snapshot(body)
    body["status"] = status
    taken = sum(moved["amount"] for moved in body["balance_transactions"])
    if status == "needs_response" and not taken:
        body["payment_method_details"]["card"]["case_type"] = "chargeback"
        body["is_charge_refundable"] = False
        _move_money(world, body, -body["amount"], FEE)
        world.emit("charge.dispute.funds_withdrawn", body, account)
    elif status == "won" and taken:
        _move_money(world, body, -taken, 0)
        world.emit("charge.dispute.funds_reinstated", body, account)
    world.store.save(body)
    kind = "closed" if status in _FINAL else "updated"
    world.emit(f"charge.dispute.{kind}", body, account, changed(before, body) if kind == "updated" else None)
    return body


def _move_money(world: World, body: Body, amount: int, fee: int) -> None:
    category = "dispute" if amount < 0 else "dispute_reversal"
    movement = Movement(
        "adjustment", amount, body["currency"], body["id"], fee, f"Chargeback for {body['charge']}", category=category
    )
    body["balance_transactions"].append(world.post(world.store.owner(body["id"]) or "", movement))
    world.store.save(body)


def retrieve(call: Call) -> Body:
    """A dispute."""
    return call.world.get("dispute", call.id, call.account)


def update(call: Call) -> Body:
    """Give evidence, submit it, or change metadata."""
    body = call.world.get("dispute", call.id, call.account)
    if body["status"] in _FINAL:
        raise invalid("This dispute is already closed", code="dispute_already_closed")
    before = snapshot(body)
    body["evidence"].update(call.params.get("evidence", {}))
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    body["evidence_details"]["has_evidence"] = any(body["evidence"][name] for name in _EVIDENCE)
    if call.params.get("submit"):
        body["evidence_details"]["submission_count"] += 1
        body["status"] = {"needs_response": "under_review"}.get(body["status"], "warning_under_review")
    call.store.save(body)
    call.world.emit("charge.dispute.updated", body, call.account, changed(before, body))
    return body


def close(call: Call) -> Body:
    """Accept a dispute as lost."""
    body = call.world.get("dispute", call.id, call.account)
    if body["status"] in _FINAL:
        raise invalid("This dispute is already closed", code="dispute_already_closed")
    return move(call.world, body, "lost")


def index(call: Call) -> Body:
    """Disputes, newest first."""
    return listing.answer(call, "dispute", call.given("charge", "payment_intent"), "/v1/disputes")


_CHANGES = Hash({"evidence": Hash({name: Text() for name in _EVIDENCE}), "metadata": Metadata(), "submit": Flag()})

ROUTES = (
    Route("GET", "/v1/disputes", index, PAGE | EXPAND | Hash({"charge": Text(), "payment_intent": Text()})),
    Route("GET", "/v1/disputes/{id}", retrieve, EXPAND),
    Route("POST", "/v1/disputes/{id}", update, _CHANGES | EXPAND),
    Route("POST", "/v1/disputes/{id}/close", close, EXPAND),
)
