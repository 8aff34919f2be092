"""The same minutes posted by pgledger, one by one and in batches.

A minute is two transfers there, payer to earner and payer to platform, in one transaction. Its SQL files are used when
a path to them is given; otherwise a re-creation of its posting work.
"""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from bench.money.charging import SESSIONS
from bench.money.live_sessions import WORKERS, Connection, live_sessions
from bench.slices import Outcome, Tell, compare
from stack.postgres import PostgresServer

_BATCH: Final = 500
_SLICE_SECONDS: Final = 1.5
_RECREATION: Final = Path(__file__).with_name("text_ledger.sql")
_NAME: Final = "bench_other_ledger"


@dataclass(frozen=True, slots=True)
class _Ledger:
    name: str
    files: tuple[Path, ...]
    opening: str
    posting: str


def _ours() -> _Ledger:
    return _Ledger(
        "our re-creation of pgledger",
        (_RECREATION,),
        "insert into accounts (id, name, currency, may_be_negative, updated_at) "
        "select new_id('a_'), %(name)s || n, 'USD', true, now() from generate_series(1, %(count)s) n returning id",
        "select count(*) from post(%s::request[])",
    )


def _real(folder: Path) -> _Ledger:
    vendored = sorted(folder.glob("vendor/**/*.sql"))
    return _Ledger(
        "pgledger",
        (*vendored, folder / "pgledger.sql"),
        "select (pgledger_create_account(%(name)s || n, 'USD')).id from generate_series(1, %(count)s) n",
        "select count(*) from pgledger_create_transfers(transfer_requests => %s::transfer_request[])",
    )


def measure(server: PostgresServer, folder: Path | None, slices: int, tell: Tell) -> list[Outcome]:
    """Measure minutes per second.

    Args:
        server: a running server.
        folder: pgledger's repository; None takes the re-creation.
        slices: turns of each.
        tell: called with the name of each before it is measured.
    """
    ledger = _real(folder) if folder else _ours()
    outcomes = []
    with live_sessions(server, SESSIONS) as live, _opened(server, ledger) as workers:
        for many, goal in ((1, 40), (_BATCH, 12)):
            how = "one by one" if many == 1 else f"batches of {many}"
            tell(f"{ledger.name}, {how}")
            mine, peer, ratio = compare(
                lambda: live.charge(_BATCH), lambda many=many: workers.rate(many), slices  # type: ignore[misc]
            )  # fmt: skip
            name = f"minutes, against pgledger's {how}"
            outcomes.append(Outcome(name, f"{mine:,.0f}/s", f"{peer:,.0f}/s {ledger.name}", ratio, goal, at_most=False))
    return outcomes


class _Workers:
    """Two workers that post minutes of people of their own."""

    def __init__(self, server: PostgresServer, ledger: _Ledger) -> None:
        self._ledger = ledger
        self._lines: list[Connection] = [psycopg.connect(server.dsn(_NAME), autocommit=True) for _ in range(WORKERS)]
        self._pool = ThreadPoolExecutor(WORKERS)
        (self._platform,) = self._open("platform", 1)
        payers, earners = self._open("payer", SESSIONS), self._open("earner", SESSIONS)
        self._pairs = list(zip(payers, earners, strict=True))

    def _open(self, name: str, count: int) -> list[str]:
        rows = self._lines[0].execute(self._ledger.opening.encode(), {"name": name, "count": count})
        return [str(row[0]) for row in rows]

    def rate(self, many: int) -> float:
        return sum(self._pool.map(lambda number: self._post(number, many), range(WORKERS)))

    def _post(self, number: int, many: int) -> float:
        mine = self._pairs[number::WORKERS]
        posted = 0
        begun = time.perf_counter()
        while (elapsed := time.perf_counter() - begun) < _SLICE_SECONDS:
            minutes = [mine[(posted + n) % len(mine)] for n in range(many)]
            transfers = [
                f'"({payer},{to},{amount})"'
                for payer, earner in minutes
                for to, amount in ((earner, "0.70"), (self._platform, "0.30"))
            ]
            self._lines[number].execute(self._ledger.posting.encode(), ["{" + ",".join(transfers) + "}"], prepare=True)
            posted += many
        return posted / elapsed

    def close(self) -> None:
        self._pool.shutdown()
        for line in self._lines:
            line.close()


@contextlib.contextmanager
def _opened(server: PostgresServer, ledger: _Ledger) -> Iterator[_Workers]:
    with server.connect() as database:
        database.execute(f"drop database if exists {_NAME}".encode())
        database.execute(f"create database {_NAME} template template0".encode())
    with server.connect(_NAME) as database:
        for file in ledger.files:
            database.execute(file.read_bytes())
    with contextlib.closing(_Workers(server, ledger)) as workers:
        with server.connect(_NAME) as database:
            database.execute("vacuum analyze")
        yield workers
