"""`/v1/payouts`: money from an account's balance to its bank, a little later or never."""

from stack.stripe import ids, listing
from stack.stripe.errors import ApiError, invalid
from stack.stripe.resources import external_accounts
from stack.stripe.schema import EXPAND, PAGE, Choice, Currency, Hash, Integer, Metadata, Text, merge_metadata
from stack.stripe.settings import NOBODY, PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Movement, Route, World, changed, snapshot

_CREATE = Hash(
    {
        "amount": Integer(1),
        "currency": Currency(),
        "description": Text(),
        "destination": Text(),
        "metadata": Metadata(),
        "method": Choice(("standard", "instant")),
        "source_type": Choice(("card", "bank_account", "fpx")),
        "statement_descriptor": Text(22),
    },
    ("amount", "currency"),
)


def instant_fee(amount: int) -> int:
    """What Stripe takes for an instant payout, minor units: 1 %, rounded half up, and 50 at least.

    Of an express account's payout the platform pays, by a movement of its own balance that no event tells of. Stripe
    sums a day's up; here each stands alone.
    """
    return max((amount + 50) // 100, 50)


def create(call: Call) -> Body:
    """Pay an account's available money out to its bank account."""
    params, world = call.params, call.world
    account = _account(call)
    if not account["payouts_enabled"]:
        raise invalid(
            "Cannot create payouts: this account has requirements that need to be collected.",
            code="payouts_not_allowed",
        )
    bank = _destination(call, account)
    if params.get("method", "standard") not in bank["available_payout_methods"]:
        raise invalid("Instant payouts are not available to this bank account.", code="instant_payouts_unsupported")
    world.require_available(call.account, params["currency"], params["amount"])
    now = int(world.now())
    body: Body = {
        "id": ids.new("po"),
        "object": "payout",
        "amount": params["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now + int(2 * world.timing("payout_step_seconds")),
        "automatic": False,
        "balance_transaction": None,
        "created": now,
        "currency": params["currency"],
        "description": params.get("description"),
        "destination": bank["id"],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merge_metadata({}, params),
        "method": params.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": params.get("source_type", "card"),
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    movement = Movement("payout", -body["amount"], body["currency"], body["id"], description="STRIPE PAYOUT")
    body["balance_transaction"] = world.post(call.account, movement)["id"]
    call.store.insert(call.account, body)
    if body["method"] == "instant" and call.account != PLATFORM:
        fee = instant_fee(body["amount"])
        world.post(PLATFORM, Movement("stripe_fee", -fee, body["currency"], None, description="Instant Payouts"))
    world.emit("payout.created", body, call.account)
    world.later("payout_advance", body["id"], world.timing("payout_step_seconds"))
    return body


def _account(call: Call) -> Body:
    return call.world.get("account", call.account, NOBODY if call.account == PLATFORM else PLATFORM)


def _destination(call: Call, account: Body) -> Body:
    wanted = call.params.get("destination")
    if wanted:
        return call.world.get("bank_account", wanted, call.account, "destination", 400)
    for bank in account["external_accounts"]["data"]:
        if bank["currency"] == call.params["currency"] and bank["default_for_currency"]:
            return dict(bank)
    message = f"Sorry, you don't have any external accounts in that currency ({call.params['currency']})."
    raise ApiError(400, message, param="currency")


def advance(world: World, payout_id: str) -> None:
    """The next step of a payout's life: pending, in transit, then paid or failed as its bank account has it."""
    body = world.store.find(payout_id)
    if body is None:
        return
    if body["status"] == "pending":
        move(world, body, "in_transit")
        world.later("payout_advance", payout_id, world.timing("payout_step_seconds"))
    elif body["status"] == "in_transit":
        failure = external_accounts.failure(world.store.private(body["destination"])["number"])
        if failure is None:
            move(world, body, "paid")
        else:
            move(world, body, "failed", failure)


def move(world: World, body: Body, status: str, failure: tuple[str, str] | None = None) -> Body:
    """Set a payout's status and announce it; a failed or canceled one gives the money back.

    `failure` is the code and the sentence of a failure; even a paid payout may fail afterwards.
    """
    account, before = world.store.owner(body["id"]) or PLATFORM, snapshot(body)
    body["status"] = status
    if status in {"failed", "canceled"}:
        kind = "payout_failure" if status == "failed" else "payout_cancel"
        movement = Movement(kind, body["amount"], body["currency"], body["id"], description="STRIPE PAYOUT")
        body["failure_balance_transaction"] = world.post(account, movement)["id"]
    if status == "failed":
        code, message = failure or ("could_not_process", "The bank could not process this payout.")
        body.update(failure_code=code, failure_message=message)
    if status == "paid":
        body["trace_id"] = {"status": "supported", "value": ids.token(15).upper()}
    world.store.save(body)
    kinds = {"paid": "payout.paid", "failed": "payout.failed", "canceled": "payout.canceled"}
    world.emit(kinds.get(status, "payout.updated"), body, account, changed(before, body))
    return body


def cancel(call: Call) -> Body:
    """Stop a payout that is still pending."""
    body = call.world.get("payout", call.id, call.account)
    if body["status"] != "pending":
        raise invalid(f"Payouts with status `{body['status']}` cannot be canceled.", code="payout_not_cancelable")
    return move(call.world, body, "canceled")


def retrieve(call: Call) -> Body:
    """A payout."""
    return call.world.get("payout", call.id, call.account)


def update(call: Call) -> Body:
    """Change metadata."""
    body = call.world.get("payout", call.id, call.account)
    before = snapshot(body)
    body["metadata"] = merge_metadata(body["metadata"], call.params)
    call.store.save(body)
    call.world.emit("payout.updated", body, call.account, changed(before, body))
    return body


def index(call: Call) -> Body:
    """Payouts of the account, newest first."""
    return listing.answer(call, "payout", call.given("destination", "status"), "/v1/payouts")


_FILTERS = Hash({"destination": Text(), "status": Choice(("pending", "in_transit", "paid", "failed", "canceled"))})

ROUTES = (
    Route("POST", "/v1/payouts", create, _CREATE | EXPAND),
    Route("GET", "/v1/payouts", index, PAGE | EXPAND | _FILTERS),
    Route("GET", "/v1/payouts/{id}", retrieve, EXPAND),
    Route("POST", "/v1/payouts/{id}", update, Hash({"metadata": Metadata()}) | EXPAND),
    Route("POST", "/v1/payouts/{id}/cancel", cancel, EXPAND),
)
