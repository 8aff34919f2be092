"""Increments charged per second by two workers: against the yardstick, late, beside an old snapshot, over history."""

from typing import Final

import psycopg

from bench.money.live_sessions import LiveSessions, live_sessions
from bench.pgbench import Pgbench
from bench.slices import Outcome, Tell, compare
from stack.postgres import PostgresServer

SESSIONS: Final = 5_000
BATCHES: Final = (200, 500, 1_000)
_BATCH: Final = 500
_OUTAGE_MINUTES: Final = 10
_SNAPSHOT_SECONDS: Final = 20.0
_FEW: Final = 1_000
_HISTORY: Final = 10_000
_GROWTH: Final = 100

# Postings of sessions long over, of people who are here, so that the ledger goes on balancing.
_GROW: Final = """
with people as (
    select c.wallet_id, c.earnings_id, a.debits, e.credits, row_number() over (order by c.n) as n
    from live.cast c join ledger.accounts a on a.id = c.wallet_id join ledger.accounts e on e.id = c.earnings_id
), posted as (
    insert into ledger.transfers (id, transaction_id, code, increment, debit_account_id, credit_account_id, amount,
        debit_total, credit_total, posted_at)
    select private.uuid_v7(h.at), overlay(md5(p.n || '/' || i / 20)
               placing left(replace(private.uuid_v7_floor(h.at)::text, '-', ''), 12) from 1 for 12)::uuid, 'gift',
           i %% 20, p.wallet_id, p.earnings_id, 1, p.debits + i, p.credits + i, private.now()
    from people p, generate_series(1, %(each)s) i
    cross join lateral (select private.now() - (i / 20 + 1) * interval '1 second' as at) h
), earned as (
    insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at)
    select p.earnings_id, md5(p.n || '/e')::uuid, %(each)s, private.now(), private.now() from people p
)
update ledger.accounts a
set debits = a.debits + case when a.id = p.wallet_id then %(each)s else 0 end,
    credits = a.credits + case when a.id = p.earnings_id then %(each)s else 0 end
from people p where a.id in (p.wallet_id, p.earnings_id)
"""


def measure(server: PostgresServer, pgbench: Pgbench, slices: int, tell: Tell) -> list[Outcome]:
    """Measure everything about the batch but its lateness."""
    with live_sessions(server, SESSIONS) as live:
        outcomes = [_against_yardstick(live, pgbench, batch, slices, tell) for batch in BATCHES]
        tell("after an outage")
        mine, peer, ratio = compare(lambda: live.catch_up(_BATCH, _OUTAGE_MINUTES), lambda: live.charge(_BATCH), slices)
        outcomes.append(
            Outcome(
                f"catch-up: {SESSIONS:,} sessions, {_OUTAGE_MINUTES} minutes",
                f"{mine:,.0f}/s",
                f"{peer:,.0f}/s normal",
                ratio,
                0.9,
                at_most=False,
            )
        )
    return [*outcomes, _beside_snapshot(server, max(2, slices // 5), tell), _over_history(server, slices, tell)]


def _against_yardstick(live: LiveSessions, pgbench: Pgbench, batch: int, slices: int, tell: Tell) -> Outcome:
    tell(f"batches of {batch:,}")
    mine, peer, ratio = compare(lambda: live.charge(batch), pgbench.yardstick, slices)
    return Outcome(
        f"increments, 2 workers, batches of {batch:,}", f"{mine:,.0f}/s", f"B = {peer:,.0f}/s", ratio, 5, at_most=False
    )


def _beside_snapshot(server: PostgresServer, slices: int, tell: Tell) -> Outcome:
    tell("a snapshot held open")
    with live_sessions(server, SESSIONS) as live:

        def held() -> float:
            with psycopg.connect(live.dsn) as other:
                other.execute("set transaction isolation level repeatable read")
                other.execute("select 1")
                return live.charge(_BATCH, _SNAPSHOT_SECONDS)

        def normal() -> float:
            live.database.execute("vacuum private.meters, private.presence, ledger.accounts")
            return live.charge(_BATCH, _SNAPSHOT_SECONDS / 4)

        mine, peer, ratio = compare(held, normal, slices)
    return Outcome(
        "charging beside a snapshot held 20 s", f"{mine:,.0f}/s", f"{peer:,.0f}/s normal", ratio, 0.6, at_most=False
    )


def _over_history(server: PostgresServer, slices: int, tell: Tell) -> Outcome:
    tell("over history")
    with live_sessions(server, _FEW) as young, live_sessions(server, _FEW) as old:
        grow(young, _HISTORY)
        grow(old, _HISTORY * _GROWTH)
        mine, peer, ratio = compare(
            lambda: 1e6 / old.charge(_BATCH, 1.0), lambda: 1e6 / young.charge(_BATCH, 1.0), slices
        )
    return Outcome(
        f"cost of an increment, {_GROWTH} times the history",
        f"{mine:.0f} µs",
        f"{peer:.0f} µs",
        ratio,
        1.1,
        at_most=True,
    )


def grow(live: LiveSessions, postings: int) -> None:
    """Add so many postings of sessions long over."""
    (people,) = live.database.execute("select count(*) from live.cast").fetchone() or (1,)
    live.database.execute(_GROW, {"each": postings // people})
    live.database.execute("vacuum analyze ledger.transfers")
