"""Versions of the code that are wrong in one way each; the simulator must catch every one.

They are made from the functions as they stand, so that they stay true to them; one whose place is no longer found fails
aloud.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg

Database = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is wrong, how it is made, and words of the violation that tells of it (any of them)."""

    name: str
    sentence: str
    patch: Callable[[Database], None]
    expected: tuple[str, ...]
    # Of each seed that hunts it.
    steps: int = 3000


def _source(database: Database, function: str) -> str:
    found = database.execute("select pg_get_functiondef(%s::regproc)", [function]).fetchone()
    return str(found[0]) if found else ""


def _swapped(source: str, function: str, old: str, new: str) -> str:
    if source.count(old) != 1:
        raise LookupError(f"{function} has {source.count(old)} of {old!r}: the mutant must be made anew")
    return source.replace(old, new)


def _between(source: str, function: str, first: str, last: str) -> str:
    if source.count(first) != 1 or source.count(last) != 1:
        raise LookupError(f"{function} has no one {first!r} before {last!r}: the mutant must be made anew")
    return source[source.index(first) : source.index(last) + len(last)]


def _replaced(function: str, *changes: tuple[str, str]) -> Callable[[Database], None]:
    def patch(database: Database) -> None:
        source = _source(database, function)
        for old, new in changes:
            source = _swapped(source, function, old, new)
        database.execute(source.encode())

    return patch


def _each(*patches: Callable[[Database], None]) -> Callable[[Database], None]:
    def patch(database: Database) -> None:
        for part in patches:
            part(database)

    return patch


_CLAIMED: Final = """
with claimed as materialized (
    select m.ctid as meter, m.wallet_id, m.promo_id, m.earnings_id, p.credits > p.debits as has_promo
    from private.meters m join ledger.accounts p on p.id = m.promo_id
    where m.state = 'RUNNING' and m.due_at <= p_now and not m.needs_advance
    order by m.due_at
    limit p_limit
    for update of m skip locked
), locked as materialized (
    select a.id from ledger.accounts a
    where a.id in (select c.wallet_id from claimed c union select c.earnings_id from claimed c
                   union select c.promo_id from claimed c where c.has_promo)
    order by a.id
    for update
), """
_CHARGE: Final = """
create or replace function worker_api.charge_due_minutes(p_limit integer default 500) returns jsonb
language plpgsql security definer set search_path = '' as $body$
#variable_conflict use_column
declare
    v_revenue uuid := ledger.account_of(null, 'platform_revenue');
    p_now     timestamptz := private.now();
    v_id      text := left(replace(private.uuid_v7(private.now())::text, '-', ''), 26);
    v_charged bigint;
    v_claimed bigint;
begin
    if not private.setting_bool('switch.charges') then
        return jsonb_build_object('claimed', 0, 'charged', 0, 'slow', 0, 'more', false);
    end if;
    {statement}
    select count(*), coalesce(sum(i.steps) filter (where i.is_fast), 0) into v_claimed, v_charged from charged i;
    return jsonb_build_object('claimed', v_claimed, 'charged', v_charged, 'slow', 0, 'more', false);
end $body$
"""


def _charge_in_one_statement(database: Database) -> None:
    """Put the claim, the locks and the batch's own statement into one."""
    function = "private.post_due_increments"
    first, last = "with due as materialized (", "returning m.client_id, d.steps, d.is_fast, d.is_fast and d.is_low;"
    statement = _between(_source(database, function), function, first, last)
    statement = _swapped(statement, function, first, _CLAIMED + "due as materialized (")
    statement = _swapped(
        statement, function, "from unnest(p_meters, p_has_promo) s (meter, has_promo)",
        "from (select c.meter, c.has_promo from claimed c where (select count(*) from locked) > 0) s",
    )  # fmt: skip
    # By key: a row that moved while it was waited for is found again.
    statement = _swapped(
        statement, function, "w.ctid as wallet, p.ctid as promo, e.ctid as earnings",
        "w.id as wallet, p.id as promo, e.id as earnings",
    )  # fmt: skip
    statement = _swapped(statement, function, "a.ctid = d.place", "a.id = d.place")
    statement = _swapped(statement, function, "update private.meters m", ", charged as (update private.meters m")
    statement = _swapped(statement, function, last, "returning m.client_id, d.steps, d.is_fast)")
    database.execute(_CHARGE.replace("{statement}", statement).encode())


# What is told of an account that was written with what it was before someone else wrote.
_TORN: Final = ("running totals", "differs from its postings", "differ from postings", "below zero")
_NO_LOCKS: Final = _replaced("ledger.lock_accounts", ("for update", "for key share"))

MUTANTS: Final = (
    Mutant(
        "missing-key",
        "A fee of Stripe is posted for every event that tells of it, not once per balance transaction.",
        _replaced(
            "worker_api.apply_charge_fee",
            ("p_fee > 0 and private.claim_key(", "p_fee > 0 and (private.claim_key("),
            (
                "jsonb_build_object('fee', p_fee)) is null then",
                "jsonb_build_object('fee', p_fee)) is null or true) then",
            ),
        ),
        ("at Stripe by the ledger",),
        800,
    ),
    Mutant(
        "swallowed-retry",
        "A job that failed is ended instead of coming again.",
        _replaced(
            "worker_api.fail_outbox",
            (
                "where o.id = p_outbox_id",
                "where false; delete from private.outbox o where o.id = p_outbox_id",
            ),
        ),
        # Events of a payout that nobody carries on wait for ever too.
        ("never resolved", "never comes to its end", "does not come to rest: {'events'"),
        5000,
    ),
    Mutant(
        "hold-kept",
        "A request that ends before its start keeps the money it held.",
        _replaced("private.close_scheduled", ("perform ledger.resolve_holds(p_session.id,", "perform (p_session.id,")),
        ("hold outlives its session", "never resolved"),
    ),
    Mutant(
        "lost-job",
        "A job that is done stays, and comes again and again.",
        _replaced(
            "private.finish_job",
            ("delete from private.outbox o where o.id", "update private.outbox o set attempts = 0 where o.id"),
        ),
        ("not done once", "does not come to rest"),
    ),
    Mutant(
        "missing-request-key",
        "A payout that is asked for twice under one key is made twice.",
        _replaced("private.request_payout", ("if v_known is not null then", "if false then")),
        ("asked twice under one key",),
        6000,
    ),
    Mutant(
        "forgotten-seconds",
        "A meter that resumes charges the next increment at once, whatever was paid and not used.",
        _replaced(
            "private.resume",
            (
                "due_at = p_at + m.increments * m.increment_seconds * interval '1 second' - m.shared_before",
                "due_at = p_at",
            ),
        ),
        ("is charged after",),
        6000,
    ),
    Mutant(
        "unseen-kept",
        "Increments that began after a side had gone are not given back.",
        _replaced(
            "private.charge_until",
            ("v_meter := private.reverse_from(v_meter, greatest(v_needed, v_meter.free_increments));", "null;"),
        ),
        ("is paused and keeps",),
        6000,
    ),
    Mutant(
        "missing-lock",
        "What is read of an account may be changed by others before it is written: the lock does not keep them out.",
        _NO_LOCKS,
        _TORN,
        6000,
    ),
    Mutant(
        "charge-in-one-statement",
        "The batch claims, locks, reads and moves in one statement: it computes with what was before its wait.",
        _charge_in_one_statement,
        ("a funded session is sent away", *_TORN),
    ),
    Mutant(
        "float-split",
        "The reader's share is computed in floating point and rounded.",
        _each(
            _replaced(
                "ledger.share_of",
                (
                    "p_amount / 10000 * p_share_bps + p_amount % 10000 * p_share_bps / 10000",
                    "round(p_amount * (p_share_bps / 10000.0::float8))::bigint",
                ),
            ),
            _replaced(
                "private.post_due_increments",
                (
                    "k.cost / 10000 * k.share_bps + k.cost % 10000 * k.share_bps / 10000 as share",
                    "round(k.cost * (k.share_bps / 10000.0::float8))::bigint as share",
                ),
            ),
        ),
        ("is no share of", "not the share of", "its share is", "a reader gets"),
    ),
)
