"""What row-level security costs: a query as its user, against the same text as a role that passes every policy."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Final

import psycopg

from bench.queries import Cast, Query, become, queries
from bench.slices import Outcome, compare, seconds_each

GOAL: Final = 1.15
_SLICE_SECONDS: Final = 0.15
# Calls that only clients may make are measured against the role that owns them.
_OWNED: Final = ("reader directory", "my statement", "forum search", "a reader's free slots")


def measure(dsn: str, slices: int, tell: Callable[[str], None]) -> list[Outcome]:
    """Measure the six queries.

    Args:
        dsn: connection string of the superuser to a database with a large world.
        slices: turns of each.
        tell: called with the name of each before it is measured.
    """
    with psycopg.connect(dsn, autocommit=True) as database:
        asked = [query for query in queries(Cast.of(database)) if query.group]
    outcomes = []
    for query in asked:
        tell(query.group)
        outcomes.append(_measure_one(dsn, query, slices))
    return outcomes


def _measure_one(dsn: str, query: Query, slices: int) -> Outcome:
    privileged = "postgres" if query.group in _OWNED else "service_role"
    with _asking(dsn, query, "") as owner, _asking(dsn, query, privileged) as other:
        times = max(5, int(_SLICE_SECONDS / seconds_each(other, 20)))
        mine, theirs, ratio = compare(lambda: seconds_each(owner, times), lambda: seconds_each(other, times), slices)
    return Outcome(
        f"RLS: {query.group}",
        f"{mine * 1e6:.0f} µs",
        f"{theirs * 1e6:.0f} µs as {privileged}",
        ratio,
        GOAL,
        at_most=True,
    )


@contextlib.contextmanager
def _asking(dsn: str, query: Query, role: str) -> Iterator[Callable[[], object]]:
    """Give what runs a query once as PostgREST does: prepared, rows gathered as JSON, in a role taken on for it."""
    text = f"select coalesce(json_agg(t), '[]')::text from ({query.text}) t".encode()
    with psycopg.connect(dsn, autocommit=True) as database, database.transaction(force_rollback=True):
        become(database, query.user, role)

        def ask() -> object:
            return database.execute(text, prepare=True).fetchone()

        # Past the runs after which Postgres settles on a plan.
        seconds_each(ask, 12)
        yield ask
