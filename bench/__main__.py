"""Run the benchmarks: `python -m bench`, on a stack and in a world of their own, gone afterwards."""

import argparse
import os
import sys

from rich.console import Console
from rich.table import Table

from bench import directory, rls
from bench.slices import Outcome
from bench.world import large_world

_err = Console(stderr=True, highlight=False)


def main() -> int:
    """Measure, print a table of ratios, and return 1 when a goal is missed."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--sessions", type=int, default=30_000, help="size of the world (default: %(default)s)")
    asked.add_argument("--slices", type=int, default=15, help="turns of a thing and its peer (default: %(default)s)")
    options = asked.parse_args()
    with large_world(f"bench-{os.getpid()}", options.sessions, _err) as world:

        def tell(name: str) -> None:
            _err.print(f"[dim]·[/] {name}")

        outcomes = rls.measure(world.superuser_dsn, options.slices, tell)
        outcomes += directory.measure(world, options.slices, tell)
    _print(outcomes)
    return 0 if all(outcome.met for outcome in outcomes) else 1


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
