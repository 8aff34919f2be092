"""`/v1/accounts/{id}/external_accounts`: the bank accounts payouts go to, and which of them fail."""

from hashlib import sha256

from stack.stripe import ids, listing
from stack.stripe.errors import invalid, missing
from stack.stripe.forms import Raw
from stack.stripe.resources import requirements
from stack.stripe.schema import CURSOR, EXPAND, Choice, Currency, Flag, Hash, Metadata, Text, merge_metadata
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World, snapshot

GOOD = "000123456789"
# Stripe's test account numbers whose payouts fail, and how.
FAILING = {
    "000111111116": ("no_account", "The bank account details on file are probably incorrect: no such account."),
    "000111111113": ("account_closed", "The bank account has been closed."),
    "000222222227": ("insufficient_funds", "Your Stripe account has insufficient funds to cover the payout."),
    "000333333335": ("debit_not_authorized", "Debit transactions are not approved on your bank account."),
    "000444444440": ("invalid_currency", "The bank was unable to process this payout because of its currency."),
}
_SHORTEST = 4
_TOKENS = {
    "btok_us": GOOD,
    "btok_us_verified": GOOD,
    "btok_us_verified_noAccount": "000111111116",
    "btok_us_verified_accountClosed": "000111111113",
}
_DETAILS = Hash(
    {
        "object": Choice(("bank_account",)),
        "account_holder_name": Text(),
        "account_holder_type": Choice(("individual", "company")),
        "account_number": Text(),
        "country": Text(2),
        "currency": Currency(),
        "routing_number": Text(),
    },
    ("object", "account_number", "country"),
)


class _Bank:
    """A bank account as a token or as its details."""

    def read(self, raw: Raw, name: str) -> Body:
        """The details; a token is looked up."""
        if not isinstance(raw, str):
            return _DETAILS.read(raw, name)
        if raw not in _TOKENS:
            raise missing("token", raw, name, 400)
        return {"account_number": _TOKENS[raw], "country": "US", "currency": "usd", "routing_number": "110000000"}


BANK = _Bank()


def make(call: Call, account: Body, details: Body) -> Body:
    """A new bank account of a connected account, not yet listed on it."""
    number = details["account_number"]
    if not number.isalnum() or len(number) < _SHORTEST:
        raise invalid("You must use a test bank account number in test mode.", code="account_number_invalid")
    body: Body = {
        "id": ids.new("ba"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": details.get("account_holder_name"),
        "account_holder_type": details.get("account_holder_type"),
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": (details.get("country") or "US").upper(),
        "currency": details.get("currency") or account["default_currency"],
        "default_for_currency": True,
        "fingerprint": sha256(number.encode()).hexdigest()[:16],
        "future_requirements": _nothing_due(),
        "last4": number[-4:],
        "metadata": {},
        "requirements": _nothing_due(),
        "routing_number": details.get("routing_number"),
        "status": "new",
    }
    call.store.insert(account["id"], body, {"number": number})
    return body


def _nothing_due() -> Body:
    return {"currently_due": [], "errors": [], "past_due": [], "pending_verification": []}


def replace_default(call: Call, account: Body, bank: Body) -> None:
    """List `bank` on the account in place of the default of its currency."""
    kept = [row for row in account["external_accounts"]["data"] if row["currency"] != bank["currency"]]
    _list(call, account, [bank, *kept])
    call.world.emit("account.external_account.created", bank, account["id"])


def _list(call: Call, account: Body, banks: list[Body]) -> None:
    account["external_accounts"].update(data=banks, total_count=len(banks))
    call.store.save(account)


def offer_instant(world: World, account_id: str) -> Body:
    """Have an account's banks take instant payouts."""
    account = world.get("account", account_id, PLATFORM)
    for bank in account["external_accounts"]["data"]:
        bank["available_payout_methods"] = ["standard", "instant"]
        world.store.save(bank)
    world.store.save(account)
    return account


def failure(number: str) -> tuple[str, str] | None:
    """Code and sentence with which payouts to this account number fail; None when they arrive."""
    return FAILING.get(number)


def _account(call: Call) -> Body:
    return call.world.get("account", call.id, PLATFORM)


def create(call: Call) -> Body:
    """Add a bank account; it becomes the default of its currency when told, or when it is the first."""
    account = _account(call)
    before = snapshot(account)
    bank = make(call, account, call.params["external_account"])
    others = account["external_accounts"]["data"]
    first = not any(row["currency"] == bank["currency"] for row in others)
    default = call.params.get("default_for_currency", first)
    bank["default_for_currency"] = default
    if default:
        for row in others:
            row["default_for_currency"] = row["default_for_currency"] and row["currency"] != bank["currency"]
            call.store.save(row)
    bank["metadata"] = merge_metadata({}, call.params)
    call.store.save(bank)
    _list(call, account, [bank, *others])
    call.world.emit("account.external_account.created", bank, account["id"])
    requirements.refresh(call.world, account, before)
    return bank


def index(call: Call) -> Body:
    """An account's bank accounts."""
    account = _account(call)
    url = f"/v1/accounts/{account['id']}/external_accounts"
    return listing.answer(call, "bank_account", {"deleted": None}, url, account=account["id"])


def retrieve(call: Call) -> Body:
    """One bank account."""
    return call.world.get("bank_account", call.path["bank"], _account(call)["id"])


def delete(call: Call) -> Body:
    """Delete a bank account that is not the default."""
    account = _account(call)
    bank = call.world.get("bank_account", call.path["bank"], account["id"])
    if bank["default_for_currency"]:
        raise invalid("You cannot delete the default external account for your default currency.")
    gone: Body = {"id": bank["id"], "object": "bank_account", "deleted": True}
    call.store.save(gone)
    _list(call, account, [row for row in account["external_accounts"]["data"] if row["id"] != bank["id"]])
    call.world.emit("account.external_account.deleted", bank, account["id"])
    return dict(gone)


_CREATE = Hash(
    {"external_account": BANK, "default_for_currency": Flag(), "metadata": Metadata()}, ("external_account",)
)
_PATH = "/v1/accounts/{id}/external_accounts"

ROUTES = (
    Route("POST", _PATH, create, _CREATE | EXPAND),
    Route("GET", _PATH, index, CURSOR | EXPAND | Hash({"object": Text()})),
    Route("GET", _PATH + "/{bank}", retrieve, EXPAND),
    Route("DELETE", _PATH + "/{bank}", delete),
)
