"""The yardstick: `pgbench -N -c 8 -j 2 -M prepared`, and scripts of our own run the same way.

pgbench is no part of the Postgres that the stack brings. A real one is used when it is found: SOULSEER_PGBENCH, or one
on the PATH. Otherwise eight processes that call libpq do the same work: the same tables, statements and round trips.
"""

import contextlib
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import pq

from stack.postgres import PostgresServer

CLIENTS: Final = 8
_SCALE: Final = 10
_VARIABLE: Final = re.compile(r"(?<!:):([a-z]+)")


@dataclass(frozen=True, slots=True)
class Script:
    """What a client does again and again.

    Attributes:
        statements: one round trip each, with variables written `:name`.
        variables: lowest and highest value of each variable, drawn anew each time.
    """

    statements: Sequence[str]
    variables: Mapping[str, tuple[int, int]] = field(default_factory=dict)


# What `pgbench -N` runs.
SIMPLE_UPDATE: Final = Script(
    (
        "BEGIN",
        "UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid",
        "SELECT abalance FROM pgbench_accounts WHERE aid = :aid",
        "INSERT INTO pgbench_history VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP)",
        "END",
    ),
    {
        "aid": (1, 100_000 * _SCALE),
        "bid": (1, _SCALE),
        "tid": (1, 10 * _SCALE),
        "delta": (-5000, 5000),
    },
)
# What `pgbench -i` makes.
_TABLES: Final = f"""
create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
create table pgbench_tellers (tid int not null primary key, bid int, tbalance int, filler char(84));
create table pgbench_accounts (aid int not null primary key, bid int, abalance int, filler char(84));
create table pgbench_branches (bid int not null primary key, bbalance int, filler char(88));
insert into pgbench_branches select n, 0 from generate_series(1, {_SCALE}) n;
insert into pgbench_tellers select n, (n - 1) / 10 + 1, 0 from generate_series(1, {10 * _SCALE}) n;
insert into pgbench_accounts select n, (n - 1) / 100000 + 1, 0, '' from generate_series(1, {100_000 * _SCALE}) n
"""


class Pgbench:
    """Runs scripts on a server, with a database of its own for the yardstick."""

    def __init__(self, server: PostgresServer, program: str | None, clients: ProcessPoolExecutor) -> None:
        self._server = server
        self._program = program
        self._clients = clients

    @property
    def name(self) -> str:
        """Which one it is, for people."""
        if self._program is None:
            return "our re-creation of pgbench"
        told = subprocess.run([self._program, "--version"], capture_output=True, text=True, check=True)
        return told.stdout.strip()

    def yardstick(self, seconds: float = 2.0) -> float:
        """Return B: transactions per second of `pgbench -N -c 8 -j 2 -M prepared`."""
        dsn = self._server.dsn("pgbench")
        if self._program is None:
            return self.rate(dsn, SIMPLE_UPDATE, seconds)
        return _told(self._program, "-N", dsn, seconds=seconds)

    def rate(self, dsn: str, script: Script, seconds: float = 2.0) -> float:
        """Return how often eight clients together run a script, per second."""
        if self._program is None:
            jobs = [self._clients.submit(_run, dsn, script, seconds) for _ in range(CLIENTS)]
            return sum(job.result() for job in jobs)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            lines = [f"\\set {name} random({low}, {high})" for name, (low, high) in script.variables.items()]
            file.write("\n".join([*lines, *(f"{statement};" for statement in script.statements)]) + "\n")
            file.flush()
            return _told(self._program, "-f", file.name, dsn, seconds=seconds)


def _told(program: str, *arguments: str, seconds: float) -> float:
    settled = ["-n", "-c", str(CLIENTS), "-j", "2", "-M", "prepared", "-T", str(max(1, round(seconds)))]
    done = subprocess.run([program, *settled, *arguments], capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if found is None or done.returncode != 0 or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench failed: {done.stdout}{done.stderr}")
    return float(found[1])


@contextlib.contextmanager
def pgbench_on(server: PostgresServer, *, recreated: bool = False) -> Iterator[Pgbench]:
    """Make the yardstick's database and give what measures.

    Args:
        server: a running server; it gains the database `pgbench`.
        recreated: our own even when a real one is there, to compare them.

    Yields:
        The yardstick.
    """
    program = None if recreated else os.environ.get("SOULSEER_PGBENCH") or shutil.which("pgbench")
    with server.connect() as database:
        database.execute("drop database if exists pgbench")
        database.execute("create database pgbench template template0")
    with server.connect("pgbench") as database:
        database.execute(_TABLES.encode())
        database.execute("vacuum analyze")
    with ProcessPoolExecutor(CLIENTS) as clients:
        yield Pgbench(server, program, clients)


def _run(dsn: str, script: Script, seconds: float) -> float:
    """Be one client: straight to libpq, one prepared statement a round trip, as pgbench does."""
    line = pq.PGconn.connect(dsn.encode())
    if line.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(line.error_message.decode())
    steps: list[tuple[bytes, tuple[str, ...]]] = []
    for number, statement in enumerate(script.statements):
        names = tuple(dict.fromkeys(_VARIABLE.findall(statement)))
        text = _VARIABLE.sub(lambda found, names=names: f"${names.index(found[1]) + 1}", statement)  # type: ignore[misc]
        _checked(line.prepare(f"s{number}".encode(), text.encode()))
        steps.append((f"s{number}".encode(), names))
    draw = random.Random()  # noqa: S311  # which rows, nothing secret
    done = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        drawn = {
            name: str(low + int(draw.random() * (high - low + 1))).encode()
            for name, (low, high) in script.variables.items()
        }
        for statement_name, names in steps:
            _checked(line.exec_prepared(statement_name, [drawn[name] for name in names]))
        done += 1
    elapsed = time.perf_counter() - begun
    line.finish()
    return done / elapsed


def _checked(result: "pq.abc.PGresult") -> None:
    if result.status not in {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK}:
        raise psycopg.OperationalError((result.error_message or b"").decode())
