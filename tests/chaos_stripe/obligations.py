"""Judges payouts: what the database says of each, against what the Stripe stand-in has really made.

The stand-in is the oracle. Nothing here calls a function of the payouts: rows and oracle are compared as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from tests.acceptance.platform import Platform, Row
from tests.chaos_stripe.earners import Earner, Obligation

_FALLEN: Final = ("failed", "canceled")

_PAYOUTS: Final = """
    select p.id, p.status::text, p.amount, p.failure_code, p.stripe_transfer_id, t.status::text as transaction_status,
           (select array_agg(h.status::text) from ledger.holds h where h.reference = p.id) as holds,
           (select coalesce(array_agg(l.amount), '{}') from ledger.transfers l
             where l.transaction_id = p.transaction_id and l.code = 'payout') as postings
    from public.payouts p join public.transactions t on t.id = p.transaction_id
    where p.id = any(%s)
"""
_LEFT: Final = """
    select 'job ' || o.topic || ' of ' || (o.payload ->> 'payout_id') || coalesce(': ' || o.last_error, '') as what,
           o.parked_at is not null as parked
    from private.outbox o where o.topic = 'payout.execute'
    union all
    select 'event ' || e.event_id || ' ' || e.type || coalesce(': ' || e.last_error, ''), e.parked_at is not null
    from private.stripe_events e where e.processed_at is null
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What Stripe has for one payout.

    Attributes:
        transfers: Transfers.
        standing: Bank payouts that neither failed nor were canceled.
        fallen: Bank payouts that did.
    """

    transfers: int
    standing: int
    fallen: int


def survey(platform: Platform, obligations: Sequence[Obligation]) -> dict[UUID, Made]:
    """Ask the stand-in what it has made for each payout."""
    return {owed.payout_id: _made_for(platform, owed.payout_id) for owed in obligations}


def _made_for(platform: Platform, payout_id: UUID) -> Made:
    def count(kind: str, **fields: str) -> int:
        asked = {"metadata[payout_id]": str(payout_id), **fields}
        return int(platform.control(f"count/{kind}?{urlencode(asked)}")["count"])

    fallen = sum(count("payout", status=status) for status in _FALLEN)
    return Made(count("transfer"), count("payout") - fallen, fallen)


def judge(platform: Platform, obligations: Sequence[Obligation], made: Mapping[UUID, Made]) -> list[str]:
    """Return one sentence for each payout that is not as it must be, once all is quiet.

    Args:
        platform: Where.
        obligations: Which payouts.
        made: What Stripe has for them.
    """
    rows = {row["id"]: row for row in platform.rows(_PAYOUTS, [owed.payout_id for owed in obligations])}
    return [
        f"payout {owed.payout_id}: {problem}"
        for owed in obligations
        for problem in _problems(owed, rows.get(owed.payout_id), made[owed.payout_id])
    ]


def _problems(owed: Obligation, row: Row | None, made: Made) -> Iterable[str]:
    if row is None:
        yield "it is gone"
        return
    if made.transfers > 1:
        yield f"{made.transfers} transfers were made"
    if made.standing > 1:
        yield f"{made.standing} bank payouts stand"
    if row["amount"] != owed.amount:
        yield f"its amount is {row['amount']}, not {owed.amount}"
    if row["status"] not in {"COMPLETED", "FAILED"}:
        yield f"it is stuck, {row['status']}"
        return
    is_refused = row["status"] == "FAILED" and row["stripe_transfer_id"] is None
    # The bank payout of one that failed later has fallen; the transfer discharged us all the same.
    expected = Made(0, 0, 0) if is_refused else Made(1, int(row["status"] == "COMPLETED"), made.fallen)
    if made != expected:
        yield f"{row['status']}, but Stripe has {made}"
    if row["status"] == "FAILED" and row["failure_code"] is None:
        yield "it failed without a reason"
    if row["status"] == "FAILED" and not is_refused and not made.fallen:
        yield "it failed though no bank payout did"
    wanted = ("VOIDED", [], "FAILED") if is_refused else ("POSTED", [owed.amount], "COMPLETED")
    found = (" ".join(row["holds"] or ["none"]), row["postings"], row["transaction_status"])
    if found != wanted:
        yield f"hold, postings and transaction are {found}, not {wanted}"


def judge_earnings(
    earners: Sequence[Earner], obligations: Sequence[Obligation], made: Mapping[UUID, Made]
) -> list[str]:
    """Return one sentence for each reader whose earnings differ from what was earned less what Stripe was sent.

    Args:
        earners: Every reader.
        obligations: Every payout they asked for.
        made: What Stripe has for them.
    """
    problems = []
    for earner in earners:
        mine = [owed for owed in obligations if owed.reader_id == UUID(earner.person.id)]
        sent = sum(owed.amount for owed in mine if made[owed.payout_id].transfers)
        now = earner.person.earnings
        if (now["balance"], now["held"]) != (earner.earned - sent, 0):
            problems.append(
                f"reader {earner.person.id}: balance {now['balance']}, held {now['held']};"
                f" earned {earner.earned}, {sent} of it were sent"
            )
    return problems


def judge_rest(platform: Platform) -> list[str]:
    """Return one sentence for each job or event that is left, and for each broken invariant of the ledger."""
    left = [f"{'parked' if row['parked'] else 'left'}: {row['what']}" for row in platform.rows(_LEFT)]
    check = platform.worker_api("check_ledger")
    return left + [f"ledger: {problem}" for problem in check["problems"]]
