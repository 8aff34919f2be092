"""How late a charge is under steady load, in real time, with the scheduler's own tick."""

import statistics
import threading
import time
from typing import Final

import psycopg

from bench.money.charging import SESSIONS
from bench.money.live_sessions import WORKERS, live_sessions
from bench.slices import Outcome, Tell
from soulseer.settings import SchedulerSettings
from stack.postgres import PostgresServer

_SECONDS: Final = 30.0
_HEARTBEAT_SECONDS: Final = 10
# Lateness of every increment posted since the first second, the time since then, oldest first.
_LATENESS: Final = """
select extract(epoch from t.posted_at - c.started_at - t.increment * interval '60 seconds')::float8
from ledger.transfers t join live.cast c using (transaction_id)
where t.code = 'increment' and t.posted_at > %s order by t.posted_at
"""


def measure(server: PostgresServer, tell: Tell) -> Outcome:
    """Measure the latest of a hundred charges."""
    tell("lateness")
    late = lateness(server)
    tick = SchedulerSettings.model_fields["tick_seconds"].default
    p99 = statistics.quantiles(late, n=100)[98]
    return Outcome(
        "lateness of a charge, p99", f"{p99:.2f} s", f"{SESSIONS:,} sessions, tick {tick} s", p99, 1.0, at_most=True
    )


def lateness(server: PostgresServer, sessions: int = SESSIONS) -> list[float]:
    """Run two workers and everybody's heartbeats for half a minute; return the seconds each charge was late."""
    tick: float = SchedulerSettings.model_fields["tick_seconds"].default
    with live_sessions(server, sessions, is_clock_real=True) as live:
        over = threading.Event()
        actors = [threading.Thread(target=_work, args=(live.dsn, tick, n, over)) for n in range(WORKERS)]
        actors.append(threading.Thread(target=_beat, args=(live.dsn, over)))
        for actor in actors:
            actor.start()
        (begun,) = live.database.execute("select clock_timestamp() + interval '2 seconds'").fetchone() or (None,)
        time.sleep(_SECONDS)
        over.set()
        for actor in actors:
            actor.join()
        return [float(row[0]) for row in live.database.execute(_LATENESS, [begun]).fetchall()]


def _work(dsn: str, tick: float, number: int, over: threading.Event) -> None:
    """Take every other tick, as the two do that share a queue."""
    with psycopg.connect(dsn, autocommit=True) as worker:
        due = time.monotonic() + tick * number
        while not over.wait(max(0.0, due - time.monotonic())):
            due += tick * WORKERS
            more = True
            while more:
                row = worker.execute("select worker_api.charge_due_minutes(500)", prepare=True).fetchone()
                more = row is not None and bool(row[0]["more"])


def _beat(dsn: str, over: threading.Event) -> None:
    """Let a tenth of all sides be heard each second."""
    with psycopg.connect(dsn, autocommit=True) as sides:
        number = 0
        while not over.wait(1.0):
            number += 1
            sides.execute(
                "update private.presence p set last_seen_at = private.now() from live.cast c "
                "where p.session_id = c.session_id and c.n %% %s = %s",
                [_HEARTBEAT_SECONDS, number % _HEARTBEAT_SECONDS],
            )
