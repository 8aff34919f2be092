"""`/v1/transfers`: money from the platform's balance to a connected account's, and its reversals."""

from stack.stripe import ids, listing
from stack.stripe.errors import insufficient_balance, invalid, missing
from stack.stripe.schema import (
    CURSOR,
    EXPAND,
    PAGE,
    Choice,
    Currency,
    Flag,
    Hash,
    Integer,
    Metadata,
    Text,
    merge_metadata,
)
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Movement, Route, changed, snapshot

# Reversals told within their transfer; the others are in their own list.
_LISTED = 10
_CREATE = Hash(
    {
        "amount": Integer(1),
        "currency": Currency(),
        "description": Text(),
        "destination": Text(),
        "metadata": Metadata(),
        "source_transaction": Text(),
        "source_type": Choice(("card", "bank_account", "fpx")),
        "transfer_group": Text(),
    },
    ("amount", "currency", "destination"),
)


def create(call: Call) -> Body:
    """Move money to a connected account, whose `transfers` capability must be active."""
    params, world = call.params, call.world
    account = call.store.find(params["destination"])
    if account is None or account["object"] != "account" or account.get("deleted"):
        raise missing("destination", params["destination"], "destination", 400)
    if account["capabilities"].get("transfers") != "active":
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
            "crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    source = _source(call)
    if source is None:
        world.require_available(call.account, params["currency"], params["amount"])
    body = _new(call, source)
    _pay_in(call, body)
    movement = Movement("transfer", -body["amount"], body["currency"], body["id"], description=body["description"])
    body["balance_transaction"] = world.post(call.account, movement)["id"]
    call.store.insert(call.account, body)
    world.emit("transfer.created", body, call.account)
    return body


def _source(call: Call) -> Body | None:
    """The charge whose money is passed on, and which it may not exceed; None for the balance."""
    params = call.params
    if not params.get("source_transaction"):
        return None
    charge = call.world.get("charge", params["source_transaction"], call.account, "source_transaction", 400)
    passed_on = call.store.select("transfer", call.account, {"source_transaction": charge["id"]})
    if sum(row["amount"] for row in passed_on) + params["amount"] > charge["amount_captured"]:
        raise insufficient_balance()
    return charge


def _new(call: Call, source: Body | None) -> Body:
    transfer_id = ids.new("tr")
    params = call.params
    group = params.get("transfer_group")
    if group is None and source is not None:
        group = source["transfer_group"] or f"group_{source['payment_intent']}"
    return {
        "id": transfer_id,
        "object": "transfer",
        "amount": params["amount"],
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": int(call.world.now()),
        "currency": params["currency"],
        "description": params.get("description"),
        "destination": params["destination"],
        "destination_payment": None,
        "livemode": False,
        "metadata": merge_metadata({}, params),
        "reversals": listing.whole([], f"/v1/transfers/{transfer_id}/reversals") | {"total_count": 0},
        "reversed": False,
        "source_transaction": None if source is None else source["id"],
        "source_type": params.get("source_type", "card"),
        "transfer_group": group,
    }


def _pay_in(call: Call, transfer: Body) -> None:
    """The other end: a payment (`py_…`, a charge without a card) on the destination account."""
    payment: Body = {
        "id": ids.new("py"),
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": transfer["created"],
        "currency": transfer["currency"],
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": transfer["id"],
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": transfer["transfer_group"],
    }
    account = transfer["destination"]
    movement = Movement("payment", transfer["amount"], transfer["currency"], payment["id"])
    payment["balance_transaction"] = call.world.post(account, movement)["id"]
    call.store.insert(account, payment)
    transfer["destination_payment"] = payment["id"]


def retrieve(call: Call) -> Body:
    """A transfer."""
    return call.world.get("transfer", call.id, call.account)


def update(call: Call) -> Body:
    """Change description or metadata."""
    body = call.world.get("transfer", call.id, call.account)
    before = snapshot(body)
    body.update(call.given("description"))
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    call.store.save(body)
    call.world.emit("transfer.updated", body, call.account, changed(before, body))
    return body


def index(call: Call) -> Body:
    """Transfers, newest first."""
    return listing.answer(call, "transfer", call.given("destination", "transfer_group"), "/v1/transfers")


def reverse(call: Call) -> Body:
    """Take money back from the destination account, which must have it."""
    transfer = call.world.get("transfer", call.id, call.account)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", left)
    if left == 0:
        raise invalid(f"Transfer {call.id} has already been fully reversed.", code="transfer_reversed")
    if amount > left:
        raise invalid(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})", param="amount"
        )
    call.world.require_available(transfer["destination"], transfer["currency"], amount)
    before = snapshot(transfer)
    reversal_id = ids.new("trr")
    body: Body = {
        "id": reversal_id,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": int(call.world.now()),
        "currency": transfer["currency"],
        "destination_payment_refund": _pay_back(call, transfer, amount, reversal_id),
        "metadata": merge_metadata({}, call.params),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    movement = Movement("transfer_refund", amount, transfer["currency"], body["id"])
    body["balance_transaction"] = call.world.post(call.account, movement)["id"]
    call.store.insert(call.account, body)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    rows = [body, *transfer["reversals"]["data"]]
    transfer["reversals"].update(data=rows[:_LISTED], has_more=len(rows) > _LISTED, total_count=len(rows))
    call.store.save(transfer)
    call.world.emit("transfer.reversed", transfer, call.account, changed(before, transfer))
    return body


def _pay_back(call: Call, transfer: Body, amount: int, reversal_id: str) -> str:
    """The other end of a reversal: a refund (`pyr_…`) of the payment on the destination account; returns its id."""
    account = transfer["destination"]
    payment = call.world.get("charge", transfer["destination_payment"], account)
    refund: Body = {
        "id": ids.new("pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": payment["id"],
        "created": int(call.world.now()),
        "currency": transfer["currency"],
        "destination_details": None,
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal_id,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    movement = Movement("payment_refund", -amount, transfer["currency"], refund["id"])
    refund["balance_transaction"] = call.world.post(account, movement)["id"]
    call.store.insert(account, refund)
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    call.store.save(payment)
    return str(refund["id"])


def reversals(call: Call) -> Body:
    """A transfer's reversals, newest first."""
    call.world.get("transfer", call.id, call.account)
    url = f"/v1/transfers/{call.id}/reversals"
    return listing.answer(call, "transfer_reversal", {"transfer": call.id}, url)


def reversal(call: Call) -> Body:
    """One reversal."""
    return call.world.get("transfer_reversal", call.path["reversal"], PLATFORM)


_CHANGES = Hash({"description": Text(), "metadata": Metadata()})
_REVERSAL = Hash(
    {"amount": Integer(1), "description": Text(), "metadata": Metadata(), "refund_application_fee": Flag()}
)

ROUTES = (
    Route("POST", "/v1/transfers", create, _CREATE | EXPAND),
    Route("GET", "/v1/transfers", index, PAGE | EXPAND | Hash({"destination": Text(), "transfer_group": Text()})),
    Route("GET", "/v1/transfers/{id}", retrieve, EXPAND),
    Route("POST", "/v1/transfers/{id}", update, _CHANGES | EXPAND),
    Route("POST", "/v1/transfers/{id}/reversals", reverse, _REVERSAL | EXPAND),
    Route("GET", "/v1/transfers/{id}/reversals", reversals, CURSOR | EXPAND),
    Route("GET", "/v1/transfers/{id}/reversals/{reversal}", reversal, EXPAND),
)
