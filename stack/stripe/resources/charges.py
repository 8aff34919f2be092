"""`/v1/charges`: one attempt to take money, made by a PaymentIntent, settled by a balance transaction."""

from stack.stripe import ids, listing
from stack.stripe.cards import Decline, TestCard
from stack.stripe.resources import bank_accounts, payment_methods
from stack.stripe.schema import EXPAND, PAGE, Hash, Metadata, Text, merge_metadata
from stack.stripe.store import Body
from stack.stripe.world import Call, Movement, Route, World, changed, snapshot


def fee(amount: int, method: str = "card") -> int:
    """Stripe's fee in minor units, rounded half up: 2.9 % and 30 on a domestic card, 0.8 % up to 500 on a debit."""
    if method == bank_accounts.KIND:
        return min((amount * 8 + 500) // 1000, 500)
    return (amount * 29 + 500) // 1000 + 30


def make(
    call: Call, intent: Body, method: Body, decline: Decline | None, *, authenticated: bool, pending: bool = False
) -> Body:
    """Charge a card or a bank account for a PaymentIntent: kept, whether it succeeds, is declined or is `pending`.

    The money itself moves in `settle`, at once or a moment later as the intent's capture method has it.
    """
    held = pending or intent["capture_method"] == "manual"
    amount, failed = intent["amount"], decline is not None
    body: Body = {
        "id": ids.new("ch" if method["type"] == "card" else "py"),
        "object": "charge",
        "amount": amount,
        "amount_captured": 0 if failed or held else amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": (intent["statement_descriptor"] or "SOULSEER").upper(),
        "captured": not failed and not held,
        "created": int(call.world.now()),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": not failed and not pending,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, amount, authenticated=authenticated),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if failed else "pending" if pending else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
    if body["paid"]:
        body["receipt_url"] = f"{call.world.settings.origin}/receipts/{body['id']}"
    call.store.insert(call.account, body)
    return body


def announce(call: Call, charge: Body, capture_method: str) -> None:
    """Send the charge's first event, and see to its balance transaction."""
    if not charge["paid"]:
        call.world.emit("charge.failed", charge, call.account)
        return
    if capture_method == "automatic":
        settle(call.world, charge["id"], announced=False)
        charge.update(call.world.get("charge", charge["id"], call.account))
    call.world.emit("charge.succeeded", charge, call.account)
    if capture_method == "automatic_async":
        call.world.later("charge_settle", charge["id"], call.world.timing("charge_settle_seconds"))


def settle(world: World, charge_id: str, *, announced: bool = True) -> None:
    """Give a captured charge its balance transaction, and say so by `charge.updated` once it was announced."""
    charge, account = world.store.find(charge_id), world.store.owner(charge_id)
    if charge is None or account is None or charge["balance_transaction"] is not None or not charge["captured"]:
        return
    before = snapshot(charge)
    number = world.store.private(charge["payment_method"])["number"]
    method = charge["payment_method_details"]["type"]
    movement = Movement(
        "charge" if method == "card" else "payment",
        charge["amount_captured"],
        charge["currency"],
        charge["id"],
        fee=fee(charge["amount_captured"], method),
        description=charge["description"],
        available_in=0.0 if number == "4000000000000077" else world.timing("availability_seconds"),
    )
    charge["balance_transaction"] = world.post(account, movement)["id"]
    world.store.save(charge)
    if announced:
        world.emit("charge.updated", charge, account, changed(before, charge))


def _outcome(decline: Decline | None) -> Body:
    blocked = decline is not None and decline.decline_code == "fraudulent"
    messages = {None: "Payment complete.", "generic_decline": "The bank did not return any further details."}
    return {
        "advice_code": None if decline is None else decline.advice,
        "network_advice_code": None,
        "network_decline_code": None if decline is None or blocked else "01",
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": None if decline is None else (decline.decline_code or decline.code),
        "risk_level": "highest" if blocked else "normal",
        "risk_score": 90 if blocked else 12,
        "seller_message": messages.get(
            None if decline is None else decline.decline_code, "The bank declined the payment."
        ),
        "type": "authorized" if decline is None else "blocked" if blocked else "issuer_declined",
    }


def _details(method: Body, amount: int, *, authenticated: bool) -> Body:
    if method["type"] == bank_accounts.KIND:
        return bank_accounts.charged(method)
    card = method["card"]
    named = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    three_d_secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": ids.token(36),
        "version": "2.2.0",
    }
    return {
        "card": {
            **{name: card[name] for name in named},
            "amount_authorized": amount,
            "authorization_code": ids.token(6).upper(),
            "checks": card["checks"],
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": ids.token(15),
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "three_d_secure": three_d_secure if authenticated else None,
            "wallet": None,
        },
        "type": "card",
    }


def card_of(call: Call, method: Body) -> TestCard:
    """The test card a payment method stands for."""
    return payment_methods.test_card(call, method["id"])


def retrieve(call: Call) -> Body:
    """A charge."""
    return call.world.get("charge", call.id, call.account)


def update(call: Call) -> Body:
    """Change description, receipt address, transfer group or metadata."""
    body = call.world.get("charge", call.id, call.account)
    before = snapshot(body)
    body.update(call.given("description", "receipt_email", "transfer_group"))
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    call.store.save(body)
    call.world.emit("charge.updated", body, call.account, changed(before, body))
    return body


def index(call: Call) -> Body:
    """Charges, newest first."""
    filters = call.given("customer", "payment_intent", "transfer_group")
    return listing.answer(call, "charge", filters, "/v1/charges")


_CHANGES = Hash({"description": Text(), "metadata": Metadata(), "receipt_email": Text(), "transfer_group": Text()})
_FILTERS = Hash({"customer": Text(), "payment_intent": Text(), "transfer_group": Text()})

ROUTES = (
    Route("GET", "/v1/charges", index, PAGE | EXPAND | _FILTERS),
    Route("GET", "/v1/charges/{id}", retrieve, EXPAND),
    Route("POST", "/v1/charges/{id}", update, _CHANGES | EXPAND),
)
