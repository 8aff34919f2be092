"""Judges the intake: what was acknowledged is stored, and what was stored had its effect, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlencode

from tests.acceptance.people import Person
from tests.acceptance.platform import Platform
from tests.chaos_stripe.events import ACCOUNT, FEE, IGNORED, PAID, Event

_STORED: Final = """
    select e.event_id, e.outcome, e.processed_at is not null as processed, e.parked_at is not null as parked
    from private.stripe_events e where e.event_id = any(%s)
"""
_CREDITS: Final = """
    select t.user_id::text as user_id, count(*) as topups, sum(t.amount)::bigint as amount,
           count(*) filter (where t.status <> 'COMPLETED') as open,
           count(*) filter (where 1 <> (select count(*) from ledger.transfers l
                                        where l.transaction_id = t.id and l.code = 'topup')) as not_once,
           count(*) filter (where array[t.fee] is distinct from (select array_agg(l.amount) from ledger.transfers l
                                        where l.transaction_id = t.id and l.code = 'stripe_fee')) as fee_not_once
    from public.transactions t
    where t.type = 'ADD_FUNDS' and t.user_id = any(%s::uuid[])
    group by t.user_id
"""
# An applied event about an account tells its reader, in the transaction that applies it: the tidings count effects.
_TIDINGS: Final = """
    select a.stripe_account_id as account,
           (select count(*) from private.stripe_events e
             where e.account = a.stripe_account_id and e.outcome = 'APPLIED'
               and (e.type like 'account.%%' or e.type like 'capability.%%')) as applied,
           (select count(*) from realtime.messages m
             where m.topic = 'user:' || a.user_id and m.payload ->> 'kind' = 'payout_account_changed') as told,
           a.payouts_enabled as is_open
    from public.reader_accounts a where a.stripe_account_id = any(%s)
"""
_OUTCOMES: Final = {
    PAID: {"APPLIED"},
    FEE: {"APPLIED"},
    # Stale: another event brought the same state, or a newer one, first.
    ACCOUNT: {"APPLIED", "STALE"},
    **{event_type: {"IGNORED"} for event_type in IGNORED},
}
_TOLD_AT_MOST: Final = 5


def judge_inbox(platform: Platform, sent: Sequence[Event], acknowledged: Collection[str]) -> list[str]:
    """Return one sentence for each kind of event that is not stored, not processed, or came to the wrong end.

    Args:
        platform: Where.
        sent: Every event.
        acknowledged: Ids of those that were answered with 2xx.
    """
    stored = {row["event_id"]: row for row in platform.rows(_STORED, [event.event_id for event in sent])}
    found: dict[str, list[str]] = {}
    for event in sent:
        row = stored.get(event.event_id)
        if event.event_id not in acknowledged:
            found.setdefault("never acknowledged", []).append(event.event_id)
        elif row is None:
            found.setdefault("acknowledged and not stored", []).append(event.event_id)
        elif row["parked"] or not row["processed"]:
            found.setdefault("parked" if row["parked"] else "not processed", []).append(event.event_id)
        elif row["outcome"] not in _OUTCOMES[event.type]:
            found.setdefault(f"{event.type} came to {row['outcome']}", []).append(event.event_id)
    return [
        f"{len(ids)} events {what}: {', '.join(ids[:_TOLD_AT_MOST])}{' …' if len(ids) > _TOLD_AT_MOST else ''}"
        for what, ids in found.items()
    ]


def judge_wallets(platform: Platform, payers: Sequence[Person]) -> list[str]:
    """Return one sentence for each payer whose wallet is not what Stripe has received from them.

    Args:
        platform: Where.
        payers: People who did nothing but pay.
    """
    credited = {row["user_id"]: row for row in platform.rows(_CREDITS, [payer.id for payer in payers])}
    problems = []
    for payer in payers:
        asked = urlencode({"metadata[user_id]": payer.id, "status": "succeeded"})
        paid = platform.control(f"count/payment_intent?{asked}")
        row = credited.get(payer.id, Counter())
        ours = {"payments": row["topups"], "credited": row["amount"], "balance": payer.balance}
        stripes = {"payments": paid["count"], "credited": paid["amount"], "balance": paid["amount"]}
        if ours != stripes:
            problems.append(f"payer {payer.id}: {ours}, but Stripe received {stripes}")
        problems += [
            f"payer {payer.id}: {row[name]} top-ups are {what}"
            for name, what in (
                ("open", "not completed"),
                ("not_once", "not credited once"),
                ("fee_not_once", "without their one fee"),
            )
            if row[name]
        ]
    return problems


def judge_accounts(platform: Platform, accounts: Sequence[str]) -> list[str]:
    """Return one sentence for each account whose events were not applied once each, or whose gate is not open.

    Args:
        platform: Where.
        accounts: Connected accounts in good order at Stripe.
    """
    rows = platform.rows(_TIDINGS, list(accounts))
    problems = [] if len(rows) == len(accounts) else [f"{len(rows)} of {len(accounts)} accounts are known"]
    for row in rows:
        if row["applied"] != row["told"]:
            problems.append(f"account {row['account']}: {row['applied']} events applied, {row['told']} effects")
        if not row["is_open"]:
            problems.append(f"account {row['account']}: its payout gate is shut")
    return problems
