"""What an increment leaves behind and what a tick costs: `python -m bench.footprint`, for the arithmetic of scaling."""

import os
import sys
import time
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.money.charging import SESSIONS
from bench.money.live_sessions import Connection, LiveSessions, live_sessions
from stack.instance import Stack

_SECONDS: Final = 5.0
_BATCH: Final = 500
_WAL: Final = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
_POSTINGS: Final = """
select count(*), (select sum(pg_table_size(p.relid)) from pg_partition_tree('ledger.transfers') p where p.isleaf),
       (select sum(pg_indexes_size(p.relid)) from pg_partition_tree('ledger.transfers') p where p.isleaf)
from ledger.transfers
"""
_TIMES: Final = 20


def main() -> int:
    """Charge for a few seconds and print what each increment took."""
    table = Table("what", "figure")
    stack = Stack.named(f"footprint-{os.getpid()}")
    try:
        stack.up(services=False)
        with live_sessions(stack.layout().server, SESSIONS) as live:
            for what, figure in [*_growth(live), *_processor(live), *_passes(live)]:
                table.add_row(what, figure)
    finally:
        stack.remove()
    Console(highlight=False).print(table)
    return 0


def _row(database: Connection, query: str) -> list[float]:
    row = database.execute(query.encode()).fetchone()
    return [float(value or 0) for value in row or ()]


def _growth(live: LiveSessions) -> list[tuple[str, str]]:
    live.charge(_BATCH, 1.0)
    count, heap, indexes = _row(live.database, _POSTINGS)
    (wal,) = _row(live.database, _WAL)
    live.charge(_BATCH, _SECONDS)
    more, more_heap, more_indexes = _row(live.database, _POSTINGS)
    (more_wal,) = _row(live.database, _WAL)
    charged = more - count
    return [
        ("increments measured", f"{charged:,.0f}"),
        ("table bytes an increment", f"{(more_heap - heap) / charged:.0f}"),
        ("index bytes an increment", f"{(more_indexes - indexes) / charged:.0f}"),
        ("WAL bytes an increment", f"{(more_wal - wal) / charged:.0f}"),
    ]


def _processor(live: LiveSessions) -> list[tuple[str, str]]:
    """Processor time of the workers' backends, which a busy machine does not stretch as it stretches the clock."""
    if sys.platform != "linux":
        return []
    before = sum(_spent(pid) for pid in live.backends)
    begun = time.perf_counter()
    rate = live.charge(_BATCH, _SECONDS)
    elapsed = time.perf_counter() - begun
    spent = sum(_spent(pid) for pid in live.backends) - before
    return [
        ("increments a second, two workers", f"{rate:,.0f}"),
        ("processor time an increment", f"{spent / (rate * elapsed) * 1e6:.0f} µs"),
        ("cores in use", f"{spent / elapsed:.2f}"),
    ]


def _spent(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  # a path of the kernel's
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _passes(live: LiveSessions) -> list[tuple[str, str]]:
    """A tick that finds nothing to do, of each kind: what live sessions cost merely by being there."""
    passes = []
    for name in ("charge_due_minutes", "advance_sessions"):
        times = []
        live.pass_time(-30)
        for _ in range(_TIMES):
            begun = time.perf_counter()
            live.database.execute(f"select worker_api.{name}()".encode(), prepare=True)
            times.append(time.perf_counter() - begun)
        passes.append((f"{name} that finds nothing, {live.sessions:,} sessions", f"{min(times) * 1000:.1f} ms"))
    return passes


if __name__ == "__main__":
    sys.exit(main())
