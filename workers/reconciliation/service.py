"""Reads Stripe's balance transactions, several stretches at once, and has the database compare them with the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple
from uuid import UUID

import stripe

from soulseer import logs
from soulseer.errors import SoulSeerError
from soulseer.stripe_client import metadata_id
from soulseer.worker_api import reconciliation
from soulseer.worker_api.reconciliation import Begun, Finished, Movement
from workers.inbox import describe
from workers.outcomes import is_away
from workers.tools import Tools

log = logs.get(__name__)

PLATFORM: Final = "platform"
_PAGE: Final = 100
# Well below the reads a second that Stripe allows.
_READERS: Final = 4
# Stretches that are read side by side, and compared one after the other.
_PARTS: Final = 16
_TRIES: Final = 6
# By which what we make at Stripe names its row here.
_MARKS: Final = ("transaction_id", "attempt_id")

Tell = Callable[[str, int, int], object]


class StoppedError(SoulSeerError):
    """The process was told to stop; the next run begins anew."""

    def __init__(self) -> None:
        super().__init__("stopping", status=503, message="The reconciliation was interrupted.")


class Stretch(NamedTuple):
    """What one reader reads: the movements of one account between two moments."""

    account: str
    since: datetime
    until: datetime


def reconcile(tools: Tools, since: datetime, until: datetime, tell: Tell = lambda *_: None) -> Finished:
    """Read what Stripe moved, compare it with the ledger, and return what came of it.

    Args:
        tools: What the jobs work with.
        since: Beginning of the stretch that is compared.
        until: Its end, not included.
        tell: Called with what is done ("read", "compare"), how many parts of it are done, and of how many.

    Raises:
        RpcError: The database refused, as a stretch that is none (invalid_argument).
        stripe.StripeError: Stripe could not be read.
        StoppedError: The process is to stop.
    """
    begun = tools.rpc.run(reconciliation.begin_reconciliation(since, until))
    return _reconcile(tools, begun, tell)


def reconcile_nightly(tools: Tools) -> Finished | None:
    """Reconcile the days (UTC) that ended since the last nightly run; None when there are none, or one is under way.

    Args:
        tools: What the jobs work with.

    Raises:
        stripe.StripeError: Stripe could not be read; the next run begins where this one did.
        StoppedError: The process is to stop; likewise.
    """
    begun = tools.rpc.run(reconciliation.begin_nightly_reconciliation())
    return None if begun is None else _reconcile(tools, begun, lambda *_: None)


def _reconcile(tools: Tools, begun: Begun, tell: Tell) -> Finished:
    whole = [Stretch(PLATFORM, *part) for part in _parts(begun.read_since, begun.read_until)]
    whole += [Stretch(read.account, read.since, begun.read_until) for read in begun.accounts]
    with ThreadPoolExecutor(_READERS) as readers:
        reading = [readers.submit(_read, tools, begun.id, stretch) for stretch in whole]
        try:
            for done, read in enumerate(reading, start=1):
                read.result()
                tell("read", done, len(reading))
        except BaseException:
            readers.shutdown(cancel_futures=True)
            raise
    parts = list(_parts(begun.since, begun.until))
    for done, (start, end) in enumerate(parts, start=1):
        tools.rpc.run(reconciliation.compare_stripe_movements(begun.id, start, end))
        tell("compare", done, len(parts))
    finished = tools.rpc.run(reconciliation.finish_reconciliation(begun.id))
    about = {"since": begun.since.isoformat(), "until": begun.until.isoformat(), **finished.model_dump()}
    if finished.open:
        log.error("stripe_and_ledger_differ", **about)
    else:
        log.info("reconciled", **about)
    return finished


def _parts(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    step = (until - since) / _PARTS
    # Whole seconds, as Stripe counts; the ends themselves stay as they are.
    marks = [since, *((since + step * n).replace(microsecond=0) for n in range(1, _PARTS)), until]
    yield from ((start, end) for start, end in pairwise(marks) if start < end)


def _read(tools: Tools, run: UUID, stretch: Stretch) -> None:
    after: str | None = None
    while True:
        if tools.stopping.is_set():
            raise StoppedError
        try:
            page = _page(tools.stripe, stretch, after)
        except stripe.PermissionError as error:
            if stretch.account == PLATFORM or is_away(error):
                raise
            # Its owner sent us away, or it is closed: what it moves is no longer ours to see.
            log.warning("account_not_readable", account=stretch.account, error=describe(error))
            tools.rpc.run(reconciliation.leave_account_unread(run, stretch.account))
            return
        if page["data"]:
            movements = [_movement(stretch.account, row) for row in page["data"]]
            tools.rpc.run(reconciliation.record_stripe_movements(run, movements))
        if not page["has_more"]:
            return
        after = page["data"][-1]["id"]


def _page(client: stripe.StripeClient, stretch: Stretch, after: str | None) -> dict[str, Any]:
    """Ask for a page, again after a while when it was too many calls."""
    asked: dict[str, Any] = {
        "limit": _PAGE,
        "created": {"gte": int(stretch.since.timestamp()), "lt": int(stretch.until.timestamp())},
        "expand": ["data.source"],
    }
    if after is not None:
        asked["starting_after"] = after
    options: Any = {} if stretch.account == PLATFORM else {"stripe_account": stretch.account}
    for tried in range(_TRIES):
        try:
            # As it came: objects of the library's own take longer to make than the page to read.
            answer = client.raw_request("get", "/v1/balance_transactions", **asked, **options)
            page: dict[str, Any] = answer.data
        except stripe.RateLimitError:
            if tried == _TRIES - 1:
                raise
            time.sleep(0.5 * 2**tried)
        else:
            return page
    raise AssertionError("the last try returns or raises")


def _movement(account: str, row: dict[str, Any]) -> Movement:
    source = row["source"] if isinstance(row["source"], dict) else {"id": row["source"]}
    # A charge, the payment of a transfer, a transfer's reversal, and its other end at the connected account.
    named = ("payment_intent", "source_transfer", "transfer", "source_transfer_reversal")
    about = next((source[name] for name in named if source.get(name)), None)
    return {
        "id": row["id"],
        "account": account,
        "type": row["type"],
        "source": source["id"],
        "reference": about if isinstance(about, str) else None,
        "amount": row["amount"],
        "fee": row["fee"],
        "net": row["net"],
        "currency": row["currency"],
        "moved_at": datetime.fromtimestamp(row["created"], UTC).isoformat(),
        "is_marked": any(metadata_id(source.get("metadata"), mark) for mark in _MARKS),
    }
