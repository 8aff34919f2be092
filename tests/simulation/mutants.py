"""Versions of the code that are wrong in one way each; the simulator must catch every one.

Most are made from the functions as they stand, so that they stay true to them; one whose place is no longer found fails
aloud.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

Database = psycopg.Connection[tuple[Any, ...]]
_IN_ONE_STATEMENT = Path(__file__).parents[1] / "sql" / "mutants" / "charge_in_one_statement.sql"


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is wrong, how it is made, and words of the violation that tells of it (any of them)."""

    name: str
    sentence: str
    patch: Callable[[Database], None]
    expected: tuple[str, ...]
    # Of each seed that hunts it.
    steps: int = 3000


def _replaced(function: str, old: str, new: str) -> Callable[[Database], None]:
    def patch(database: Database) -> None:
        found = database.execute("select pg_get_functiondef(%s::regproc)", [function]).fetchone()
        source = str(found[0]) if found else ""
        if source.count(old) != 1:
            raise LookupError(f"{function} has {source.count(old)} of {old!r}: the mutant must be made anew")
        database.execute(source.replace(old, new).encode())

    return patch


def _whole(place: Path) -> Callable[[Database], None]:
    def patch(database: Database) -> None:
        database.execute(place.read_bytes())

    return patch


def _statement(sql: str) -> Callable[[Database], None]:
    def patch(database: Database) -> None:
        database.execute(sql.encode())

    return patch


MUTANTS: Final = (
    Mutant(
        "charge-in-one-statement",
        "The batch claims, locks, reads and moves in one statement: it computes with what was before its wait.",
        _whole(_IN_ONE_STATEMENT),
        ("a funded session is sent away", "running totals", "costs", "differs", "charged after"),
    ),
    Mutant(
        "missing-lock",
        "The batch does not lock the accounts before it reads them.",
        _statement(
            "create or replace function ledger.lock_accounts(p_ids uuid[]) returns void language sql "
            "security definer set search_path = '' as 'select'"
        ),
        ("a funded session is sent away", "running totals", "differs"),
    ),
    Mutant(
        "missing-key",
        "A fee of Stripe is posted for every event that tells of it, not once per balance transaction.",
        _replaced(
            "worker_api.apply_charge_fee",
            "if p_fee > 0 and private.claim_key(",
            "if p_fee > 0 and null::jsonb is not distinct from (select null::jsonb where false) or false "
            "and private.claim_key(",
        ),
        ("at Stripe by the ledger",),
    ),
    Mutant(
        "missing-request-key",
        "A payout that is asked for twice under one key is made twice.",
        _replaced("private.request_payout", "if v_known is not null then", "if false then"),
        ("asked twice under one key", "no refusal", "is refused with"),
    ),
    Mutant(
        "swallowed-retry",
        "A job that failed is ended instead of coming again.",
        _statement(
            "create or replace function worker_api.fail_outbox(p_outbox_id uuid, p_error text) returns void "
            "language sql security definer set search_path = '' "
            "as 'delete from private.outbox o where o.id = p_outbox_id'"
        ),
        ("never resolved", "never comes to its end", "not done once"),
    ),
    Mutant(
        "lost-job",
        "A job is ended when it is claimed, not when it is done.",
        _replaced(
            "private.finish_job",
            "delete from private.outbox o where o.id = p_outbox_id;",
            "update private.outbox o set attempts = 0 where o.id = p_outbox_id;",
        ),
        ("does not come to rest", "not done once"),
    ),
    Mutant(
        "float-split",
        "The reader's share is computed in floating point and rounded.",
        _statement(
            "create or replace function ledger.share_of(p_amount bigint, p_share_bps integer) returns bigint "
            "language sql immutable parallel safe set search_path = '' "
            "as 'select round(p_amount * (p_share_bps / 10000.0::float8))::bigint'"
        ),
        ("is no share of", "not the share of"),
    ),
    Mutant(
        "forgotten-seconds",
        "A meter that resumes charges the next increment at once, whatever was paid and not used.",
        _replaced(
            "private.resume",
            "due_at = p_at + m.increments * m.increment_seconds * interval '1 second' - m.shared_before",
            "due_at = p_at",
        ),
        ("is charged after", " cost "),
    ),
    Mutant(
        "unseen-kept",
        "Increments that began after a side had gone are not given back.",
        _replaced("private.charge_until", "v_meter := private.reverse_from(v_meter, v_needed);", "null;"),
        ("is charged twice", " cost ", "is charged after"),
    ),
    Mutant(
        "hold-kept",
        "A request that ends before its start keeps the money it held.",
        _replaced("private.close_scheduled", "perform ledger.resolve_holds(p_session.id,", "perform (p_session.id,"),
        ("ledger.check()", "never resolved"),
    ),
)
