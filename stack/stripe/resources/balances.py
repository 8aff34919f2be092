"""`/v1/balance` and `/v1/balance_transactions`: what an account has, and every movement that made it so."""

from stack.stripe import listing
from stack.stripe.schema import EXPAND, PAGE, Currency, Hash, Text
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Body
from stack.stripe.world import Call, Route, World


def of(world: World, account: str) -> Body:
    """An account's balance object."""
    rows = world.store.rows(
        "select currency, available, pending from balances where account = ? order by currency", (account,)
    )
    parts: dict[str, list[Body]] = {
        part: [{"amount": row[part], "currency": row["currency"], "source_types": {"card": row[part]}} for row in rows]
        or [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}]
        for part in ("available", "pending")
    }
    body: Body = {"object": "balance", **parts, "livemode": False}
    if account == PLATFORM:
        body["connect_reserved"] = [{"amount": 0, "currency": part["currency"]} for part in parts["available"]]
    return body


def mature(world: World, transaction_id: str) -> None:
    """Money that was pending becomes available, and `balance.available` says so."""
    body, account = world.store.find(transaction_id), world.store.owner(transaction_id)
    if body is None or account is None or body["status"] == "available":
        return
    body["status"] = "available"
    world.store.save(body)
    world.shift(account, body["currency"], body["net"], -body["net"])
    world.emit("balance.available", of(world, account), account)


def balance(call: Call) -> Body:
    """The calling account's balance."""
    return of(call.world, call.account)


def retrieve(call: Call) -> Body:
    """A balance transaction."""
    return call.world.get("balance_transaction", call.id, call.account)


def index(call: Call) -> Body:
    """Balance transactions, newest first."""
    filters = call.given("source", "type", "currency")
    return listing.answer(call, "balance_transaction", filters, "/v1/balance_transactions")


_FILTERS = Hash({"source": Text(), "type": Text(), "currency": Currency()})

ROUTES = (
    Route("GET", "/v1/balance", balance, EXPAND),
    Route("GET", "/v1/balance_transactions", index, PAGE | EXPAND | _FILTERS),
    Route("GET", "/v1/balance_transactions/{id}", retrieve, EXPAND),
)
