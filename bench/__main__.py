"""Run the benchmarks: `python -m bench`, on a stack of their own, gone afterwards."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import crypto, directory, intake, live, money, reconciliation, rls
from bench.slices import Outcome
from bench.world import large_world

_err = Console(stderr=True, highlight=False)


def main() -> int:
    """Measure, print a table of ratios, and return 1 when a goal is missed."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--only", choices=_GROUPS, action="append", help="a group; may be repeated (default: all)")
    asked.add_argument("--sessions", type=int, default=30_000, help="size of the world (default: %(default)s)")
    asked.add_argument("--slices", type=int, default=15, help="turns of a thing and its peer (default: %(default)s)")
    asked.add_argument("--pgledger", type=Path, help="pgledger's repository, to measure it instead of a re-creation")
    asked.add_argument("--without-disk", action="store_true", help="money on a server whose commits wait for no disk")
    options = asked.parse_args()
    outcomes: list[Outcome] = []
    for name in options.only or _GROUPS:
        outcomes += _GROUPS[name](options)
    _print(outcomes)
    load = os.getloadavg()
    _err.print(
        f"Load of the machine: {load[0]:.1f} over one minute, {load[2]:.1f} over fifteen; {os.cpu_count()} cores."
    )
    return 0 if all(outcome.met for outcome in outcomes) else 1


def _tell(name: str) -> None:
    _err.print(f"[dim]·[/] {name}")


def _in_a_large_world(options: argparse.Namespace, *, is_rls: bool) -> list[Outcome]:
    with large_world(f"bench-{os.getpid()}", options.sessions, _err) as world:
        if is_rls:
            return rls.measure(world.superuser_dsn, options.slices, _tell)
        return directory.measure(world, options.slices, _tell)


def _money(options: argparse.Namespace) -> list[Outcome]:
    # Its slices are several times as long as the others'.
    slices = max(3, options.slices // 2)
    name = f"bench-{os.getpid()}"
    return money.measure(name, slices, options.pgledger, _tell, is_durable=not options.without_disk)


_GROUPS: Final[dict[str, Callable[[argparse.Namespace], list[Outcome]]]] = {
    "rls": lambda options: _in_a_large_world(options, is_rls=True),
    "directory": lambda options: _in_a_large_world(options, is_rls=False),
    "money": _money,
    "intake": lambda options: intake.measure(f"bench-{os.getpid()}", max(3, options.slices // 2), _tell),
    "live": lambda options: live.measure(f"bench-{os.getpid()}", options.slices, _tell),
    "crypto": lambda options: crypto.measure(options.slices, _tell),
    "reconciliation": lambda _: reconciliation.measure(f"bench-{os.getpid()}", _tell),
}


def _print(outcomes: list[Outcome]) -> None:
    table = Table("what", "measured", "peer", "ratio", "goal", "")
    for outcome in outcomes:
        bound = "≤" if outcome.at_most else "≥"
        verdict = "[green]pass[/]" if outcome.met else "[red]miss[/]"
        table.add_row(
            outcome.name, outcome.measured, outcome.peer, f"{outcome.ratio:.2f}", f"{bound} {outcome.goal}", verdict
        )
    Console(highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
