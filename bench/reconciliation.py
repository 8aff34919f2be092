"""A day of Stripe's movements against the ledger, some of them wrong: how long it takes, and that these are found."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from bench.slices import Outcome, Tell
from soulseer.settings import WorkerSettings, load
from soulseer.worker_api.reconciliation import open_differences
from stack.database import MAIN
from stack.instance import Stack
from stack.parts import service_settings
from stack.stripe.settings import PLATFORM
from stack.stripe.store import Store
from workers.reconciliation import service
from workers.tools import Tools

_SCRIPT: Final = Path(__file__).with_suffix(".sql")
_MOVEMENTS: Final = 100_000
_GOAL_SECONDS: Final = 60.0
# Each such top-up: Stripe has no movement of it, one of another amount, or a charge of somebody else's beside it.
_LOST, _CHANGED, _STRANGE = 9_001, 11_003, 13_007


def measure(name: str, tell: Tell) -> list[Outcome]:
    """Reconcile a day on a stack of its own.

    Args:
        name: of the stack, which is gone afterwards.
        tell: called before each part.

    Raises:
        RuntimeError: what was planted was not found, or something else was.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        tell(f"a day of {_MOVEMENTS:,} top-ups")
        planted = _plant(stack)
        tell("reconciled")
        with tools_of(stack) as tools:
            now = datetime.now(UTC)
            begun = time.perf_counter()
            finished = service.reconcile(tools, now - timedelta(hours=26), now - timedelta(hours=1, minutes=30))
            seconds = time.perf_counter() - begun
            found = {row.subject: row.kind for row in tools.rpc.run(open_differences(1000))}
    finally:
        stack.remove()
    if found != planted:
        raise RuntimeError(
            f"planted and not found: {planted.items() - found.items()}, found: {found.items() - planted.items()}"
        )
    return [
        Outcome(
            f"a day of {finished.movements:,} movements reconciled, {len(found)} planted faults found",
            f"{seconds:.1f} s",
            f"{_GOAL_SECONDS:.0f} s",
            seconds / _GOAL_SECONDS,
            1.0,
            at_most=True,
        )
    ]


@contextlib.contextmanager
def tools_of(stack: Stack) -> Iterator[Tools]:
    """Give what jobs work with, on a stack.

    Args:
        stack: a running one.
    """
    before = dict(os.environ)
    os.environ.update(service_settings(stack.layout()))
    try:
        tools = Tools.make(load(WorkerSettings))
        yield tools
        tools.rpc.close()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _plant(stack: Stack) -> dict[str, str]:
    """Make top-ups here and their movements at Stripe; return what does not agree, by its subject."""
    dsn = stack.layout().server.dsn(MAIN)
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as database:
        database.execute("set session_replication_role = replica")
        with database.transaction():
            database.execute(_SCRIPT.read_bytes(), {"topups": _MOVEMENTS})
        database.execute("vacuum analyze")
        rows = database.execute(
            "select n, id::text, amount, fee, extract(epoch from moment)::bigint from made.topups order by n"
        ).fetchall()
    store = Store(stack.paths.stripe_state)
    planted: dict[str, str] = {}
    # In small transactions: the stand-in works on the same file.
    for first in range(0, len(rows), 1000):
        with store.transaction():
            for number, transaction, amount, fee, moment in rows[first : first + 1000]:
                if number % _LOST == 0:
                    planted[transaction] = "NOT_AT_STRIPE"
                    continue
                changed = 1 if number % _CHANGED == 0 else 0
                if changed:
                    planted[transaction] = "AMOUNT_DIFFERS"
                _move(store, f"{number}", f"pi_{number}", amount + changed, fee, moment)
                if number % _STRANGE == 0:
                    planted[f"txn_strange{number}"] = "NOT_OURS"
                    _move(store, f"strange{number}", f"pi_strange{number}", amount, fee, moment)
    store.close()
    return planted


def _move(store: Store, name: str, intent: str, amount: int, fee: int, moment: int) -> None:
    charge = {"id": f"ch_{name}", "object": "charge", "created": moment, "amount": amount, "payment_intent": intent}
    moved = {
        "id": f"txn_{name}", "object": "balance_transaction", "type": "charge", "amount": amount, "fee": fee,
        "net": amount - fee, "currency": "usd", "created": moment, "source": charge["id"], "status": "available",
    }  # fmt: skip
    store.insert(PLATFORM, charge)
    store.insert(PLATFORM, moved)
