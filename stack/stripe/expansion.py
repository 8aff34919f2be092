"""`expand[]`: ids replaced by the objects they name, up to four levels deep."""

from collections.abc import Callable

from stack.stripe.errors import ApiError, invalid
from stack.stripe.store import Body

_EXPANDABLE = {
    "balance_transaction",
    "charge",
    "customer",
    "line_items",
    "default_payment_method",
    "destination",
    "destination_payment",
    "destination_payment_refund",
    "failure_balance_transaction",
    "latest_charge",
    "payment_intent",
    "payment_method",
    "setup_intent",
    "source",
    "source_transaction",
    "source_transfer",
    "transfer",
    "transfer_reversal",
    "source_transfer_reversal",
}

Find = Callable[[str], Body | None]


def expand(body: Body, paths: list[str], find: Find) -> Body:
    """Replace the ids at `paths` (such as `latest_charge.balance_transaction`) in `body`, and return it.

    Raises:
        ApiError: 400 for a property that cannot be expanded, or a path deeper than four levels.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4 + (steps[0] == "data"):
            raise invalid(f"You cannot expand more than 4 levels of a property ({path}).", param="expand")
        _follow(body, steps, path, find)
    return body


def _follow(body: Body, steps: list[str], path: str, find: Find) -> None:
    name, rest = steps[0], steps[1:]
    if name not in body:
        raise _refusal(path)
    value = body[name]
    if isinstance(value, str):
        if name not in _EXPANDABLE:
            raise _refusal(path)
        found = find(value)
        if found is None:
            return
        body[name] = value = found
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            if rest:
                _follow(item, rest, path, find)
        elif item is not None:
            raise _refusal(path)


def _refusal(path: str) -> ApiError:
    message = f"This property cannot be expanded ({path}). You may want to try expanding another property."
    return invalid(message, param="expand")
