"""Faults on demand: what goes wrong with the next requests that fit a pattern.

A fault is a JSON object, kept until its `times` are used up, over kills of the stand-in as well:

- `match`: `{"method": "POST", "path": "/v1/transfers", "account": "acct_…"}`; a method or account left out is any, the
  path is a shell pattern (`/v1/transfers/*`).
- `when`: `before` (nothing is executed; the default) or `after` (executed, kept, then the answer is lost).
- `kind`: `drop` (connection cut), `timeout` (no answer for `seconds`, then cut), `delay` (executed after `seconds`,
  the idempotency key held), `500`, `429`, `balance_insufficient`, or `error` with `status`, `code`, `message`.
  The last two are refusals by the endpoint itself, so they are saved under the key, as is a 500 `after`.
- `times` (1) and `skip` (0): how many requests it hits, after letting so many pass.
"""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stack.stripe.errors import ApiError, insufficient_balance
from stack.stripe.store import Body, Store

KINDS = ("drop", "timeout", "delay", "500", "429", "balance_insufficient", "error")
_FIELDS = {"match", "when", "kind", "times", "skip", "seconds", "status", "code", "message"}


class FaultError(Exception):
    """A fault that makes no sense; the message says why."""


@dataclass(frozen=True)
class Fault:
    """What happens to one request."""

    kind: str
    after: bool
    seconds: float
    refusal: ApiError | None


def add(store: Store, body: Body) -> int:
    """Keep a fault and return its number; raises `FaultError` for one that cannot be."""
    unknown = set(body) - _FIELDS
    if unknown:
        raise FaultError(f"unknown field {min(unknown)}: known are {', '.join(sorted(_FIELDS))}")
    if str(body.get("kind")) not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}")
    if body.get("when", "before") not in {"before", "after"}:
        raise FaultError("when must be before or after")
    match = body.get("match", {})
    if not isinstance(match, dict) or set(match) - {"method", "path", "account"}:
        raise FaultError("match takes method, path and account")
    kept = {"times": 1, "skip": 0, **body, "kind": str(body["kind"])}
    rows = store.rows("insert into faults (body) values (?) returning id", (json.dumps(kept),))
    return int(rows[0]["id"])


def every(store: Store) -> list[Body]:
    """The faults that have not been used up."""
    return [{"id": row["id"], **json.loads(row["body"])} for row in store.rows("select * from faults order by id")]


def clear(store: Store) -> None:
    """Nothing goes wrong any more."""
    store.rows("delete from faults")


def take(store: Store, method: str, path: str, account: str) -> Fault | None:
    """The fault this request meets, if any, which is used up by one."""
    for body in every(store):
        match = body.get("match", {})
        if not (
            match.get("method", method) == method
            and match.get("account", account) == account
            and fnmatchcase(path, match.get("path", "*"))
        ):
            continue
        number = body.pop("id")
        if body["skip"] > 0:
            _keep(store, number, {**body, "skip": body["skip"] - 1})
            continue
        _keep(store, number, {**body, "times": body["times"] - 1})
        return _fault(body)
    return None


def _keep(store: Store, number: int, body: Body) -> None:
    if body["times"] <= 0:
        store.rows("delete from faults where id = ?", (number,))
    else:
        store.rows("update faults set body = ? where id = ?", (json.dumps(body), number))


def _fault(body: Body) -> Fault:
    refusal = None
    if body["kind"] == "balance_insufficient":
        refusal = insufficient_balance()
    elif body["kind"] == "error":
        message = body.get("message", "The stand-in was told to refuse this request.")
        refusal = ApiError(int(body.get("status", 400)), message, code=body.get("code"))
    seconds = float(body.get("seconds", 60 if body["kind"] == "timeout" else 1))
    return Fault(body["kind"], body.get("when", "before") == "after", seconds, refusal)
