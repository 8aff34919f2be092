"""Explain what clients ask for in a world of a million sessions: `python -m bench.scale`.

Prints each query with what it read, its rows and milliseconds; ends with 1 when one of them reads a large table from
end to end.
"""

import argparse
import os
import sys
import time

import psycopg
from rich.console import Console
from rich.table import Table

from bench.plans import Explained, Explainer
from bench.queries import Cast, queries
from bench.world import large_world
from stack.database import MAIN
from stack.instance import Stack

_err = Console(stderr=True, highlight=False)


def main() -> int:
    """Make or take a world, explain every query, print the table."""
    asked = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    asked.add_argument("--sessions", type=int, default=1_000_000, help="size of the world (default: %(default)s)")
    asked.add_argument("--stack", help="a running stack that `soulseer seed --scale` filled, instead of a new world")
    options = asked.parse_args()
    if options.stack:
        return _report(Stack.named(options.stack).layout().server.dsn(MAIN))
    with large_world(f"scale-{os.getpid()}", options.sessions, _err) as world:
        return _report(world.superuser_dsn)


def _report(dsn: str) -> int:
    with psycopg.connect(dsn, autocommit=True) as database:
        begun = time.monotonic()
        broken = database.execute("select * from ledger.check() limit 5").fetchall()
        _err.print(f"ledger.check(): {broken or 'nothing'}, in {time.monotonic() - begun:.1f} s")
        cast = Cast.of(database)
    explainer = Explainer(dsn)
    seen = []
    for query in queries(cast):
        _err.print(f"[dim]·[/] {query.name}")
        # Twice: what is cold is the disk's speed, not the plan's.
        explainer.run(query)
        seen.append(explainer.run(query))
    explainer.close()
    _print(seen)
    return 1 if broken or any(one.faults for one in seen) else 0


def _print(seen: list[Explained]) -> None:
    table = Table("query", "read", "rows", "ms", "")
    for one in seen:
        read = [scan for scan in one.scans if not scan.endswith(("system_settings", "admins"))]
        verdict = f"[red]{'; '.join(one.faults)}[/]" if one.faults else "[green]pass[/]"
        table.add_row(one.query.name, "\n".join(read), str(one.rows), f"{one.milliseconds:.1f}", verdict)
    Console(highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
