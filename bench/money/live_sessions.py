"""Live sessions in a database of their own, and workers that charge them.

Their clock is the benchmark's: minutes pass in no time, and all are due again. Whether both sides are here is looked up
for each charge; their patience is long, so that nobody need be heard between two.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import psycopg

from stack import database
from stack.postgres import PostgresServer

WORKERS: Final = 2
_CLOCK: Final = b"""
create schema live;
create table live.clock (moment timestamptz not null);
insert into live.clock values (clock_timestamp());
create or replace function private.now() returns timestamptz
language plpgsql volatile security definer set search_path = ''
as $$ begin return c.moment from live.clock c; end $$
"""
_SCRIPT: Final = Path(__file__).with_suffix(".sql")

Connection = psycopg.Connection[tuple[Any, ...]]


class LiveSessions:
    """So many sessions that run, and two workers."""

    def __init__(self, dsn: str) -> None:
        """Connect to a database that `fill` filled.

        Args:
            dsn: connection string of the superuser.
        """
        self.dsn = dsn
        self.database: Connection = psycopg.connect(dsn, autocommit=True)
        self._workers = [psycopg.connect(dsn, autocommit=True) for _ in range(WORKERS)]
        self._pool = ThreadPoolExecutor(WORKERS)
        self._clock = threading.Lock()
        (self.sessions,) = self.database.execute("select count(*) from private.meters").fetchone() or (0,)

    @property
    def backends(self) -> list[int]:
        """Processes of the server that work for the workers."""
        return [worker.info.backend_pid for worker in self._workers]

    def close(self) -> None:
        """End the workers."""
        self._pool.shutdown()
        for connection in (self.database, *self._workers):
            connection.close()

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.database.execute("update live.clock set moment = moment + %s * interval '1 second'", [seconds])

    def charge(self, limit: int, seconds: float = 2.0) -> float:
        """Let both workers charge without a pause; return increments per second.

        A worker that is answered that nothing more is due moves the clock to where enough is due for two.

        Args:
            limit: sessions a call.
            seconds: for how long.
        """
        step = 60 * WORKERS * limit / self.sessions
        begun = time.perf_counter()

        def work(worker: Connection) -> int:
            charged = 0
            while time.perf_counter() - begun < seconds:
                answer = _charge(worker, limit)
                charged += answer["charged"]
                if not answer["more"]:
                    with self._clock:
                        self.pass_time(step)
            return charged

        charged = sum(self._pool.map(work, self._workers))
        return charged / (time.perf_counter() - begun)

    def catch_up(self, limit: int, minutes: int) -> float:
        """Let minutes pass in which nobody charged, and both workers charge all of it; return increments per second."""

        def work(worker: Connection) -> int:
            charged = 0
            while (answer := _charge(worker, limit))["claimed"]:
                charged += answer["charged"]
            return charged

        self.pass_time(minutes * 60)
        begun = time.perf_counter()
        charged = sum(self._pool.map(work, self._workers))
        return charged / (time.perf_counter() - begun)

    def problems(self) -> list[tuple[Any, ...]]:
        """What `ledger.check()` has to say."""
        return self.database.execute("select * from ledger.check()").fetchall()


def fill(dsn: str, sessions: int, *, is_clock_real: bool = False) -> None:
    """Make live sessions in a database that has none.

    Args:
        dsn: connection string of the superuser.
        sessions: how many.
        is_clock_real: whether time passes by itself.
    """
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        clock = _CLOCK.split(b"create or replace", maxsplit=1)[0].rstrip(b";\n ") if is_clock_real else _CLOCK
        connection.execute(clock)
        connection.execute("set session_replication_role = replica")
        with connection.transaction():
            connection.execute(_SCRIPT.read_bytes(), {"sessions": sessions})
        connection.execute("vacuum analyze")


@contextlib.contextmanager
def live_sessions(server: PostgresServer, sessions: int, *, is_clock_real: bool = False) -> Iterator[LiveSessions]:
    """Make a database with live sessions; it is gone when the block ends, and proved before.

    Raises:
        RuntimeError: `ledger.check()` found something, so that nothing measured counts.
    """
    name = f"live_{time.monotonic_ns()}"
    database.clone(server, name)
    try:
        fill(server.dsn(name), sessions, is_clock_real=is_clock_real)
        with contextlib.closing(LiveSessions(server.dsn(name))) as live:
            yield live
            problems = live.problems()
            if problems:
                raise RuntimeError(f"The ledger does not balance: {problems[:3]}")
    finally:
        database.drop(server, name)


def _charge(worker: Connection, limit: int) -> dict[str, Any]:
    row = worker.execute("select worker_api.charge_due_minutes(%s)", [limit], prepare=True).fetchone()
    answer: dict[str, Any] = row[0] if row else {}
    if answer["slow"]:
        raise RuntimeError(f"Not the common case: {answer}")
    return answer
