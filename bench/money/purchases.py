"""One charge at a time, waited for: a purchase against the yardstick, and against itself with a job in the outbox."""

from pathlib import Path
from typing import Final

from bench.money.live_sessions import live_sessions
from bench.pgbench import Pgbench, Script
from bench.slices import Outcome, Tell, compare
from stack.postgres import PostgresServer

_SCRIPT: Final = Path(__file__).with_suffix(".sql")
_PEOPLE: Final = 5_000


def measure(server: PostgresServer, pgbench: Pgbench, slices: int, tell: Tell) -> list[Outcome]:
    """Measure purchases of eight clients at once."""
    alone = Script(("select live.buy(:n, false)",), {"n": (1, _PEOPLE)})
    with_job = Script(("select live.buy(:n, true)",), {"n": (1, _PEOPLE)})
    outcomes = []
    with live_sessions(server, _PEOPLE) as live:
        live.database.execute(_SCRIPT.read_bytes())

        tell("one charge at a time")
        mine, peer, ratio = compare(lambda: pgbench.rate(live.dsn, alone), pgbench.yardstick, slices)
        outcomes.append(
            Outcome("one charge at a time", f"{mine:,.0f}/s", f"B = {peer:,.0f}/s", ratio, 0.9, at_most=False)
        )
        tell("a job in the same transaction")
        mine, peer, ratio = compare(
            lambda: pgbench.rate(live.dsn, with_job), lambda: pgbench.rate(live.dsn, alone), slices
        )
        outcomes.append(
            Outcome("charge and its job", f"{mine:,.0f}/s", f"{peer:,.0f}/s without", ratio, 0.85, at_most=False)
        )
    return outcomes
