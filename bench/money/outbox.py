"""What it saves to claim jobs by the hundred."""

from typing import Final

from bench.money.live_sessions import Connection
from bench.slices import Outcome, Tell, compare, seconds_each
from stack import database
from stack.postgres import PostgresServer

_JOBS: Final = 20_000
_ANEW: Final = "update private.outbox set visible_at = private.now(), attempts = 0"


def measure(server: PostgresServer, slices: int, tell: Tell) -> Outcome:
    """Measure rows claimed per second, a hundred a call against one a call."""
    tell("claiming jobs")
    name = "bench_outbox"
    database.clone(server, name)
    try:
        with server.connect(name) as relay:
            relay.execute(
                "insert into private.outbox (topic, payload) "
                "select 'session.settled', '{}' from generate_series(1, %s)", [_JOBS]
            )  # fmt: skip
            relay.execute("vacuum analyze private.outbox")
            mine, peer, ratio = compare(lambda: _claimed(relay, 100, 100), lambda: _claimed(relay, 1, 300), slices)
    finally:
        database.drop(server, name)
    return Outcome("jobs claimed, 100 a call", f"{mine:,.0f}/s", f"{peer:,.0f}/s one a call", ratio, 10, at_most=False)


def _claimed(relay: Connection, limit: int, calls: int) -> float:
    relay.execute(_ANEW)
    relay.execute("vacuum private.outbox")
    query = "select count(*) from worker_api.claim_outbox(%s)"
    return limit / seconds_each(lambda: relay.execute(query, [limit], prepare=True), calls)
