"""Play Stripe's events in many orders: `python -m tests.orders`, on a stack of its own, gone afterwards.

Duplicates, reorderings and long delays must leave the same ledger. Each story's orders are drawn from the seed, played
on the real handlers and SQL functions, and compared with the order in which nothing is late.
"""

from __future__ import annotations

import argparse
import ast
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stack.instance import Stack
from tests.orders.crew import Outcome, in_words, play_in
from tests.orders.digest import difference
from tests.orders.play import replay
from tests.orders.stage import staged
from tests.orders.stories import STORIES
from tests.simulation.crew import in_processes
from tests.simulation.errors import ViolationError

_out = Console(highlight=False, soft_wrap=True)
_EXAMPLES = f"""
stories: {", ".join(STORIES)}

examples:
  python -m tests.orders                                        10,000 orders over all stories
  python -m tests.orders --orders 500 --seed 2                  other ones, fewer
  python -m tests.orders --story dispute-won                    one story
  python -m tests.orders --story top-up --replay "[('advance', 0), ('start', 0)]"

An order that comes to something else is shrunk and told with the command that plays it again.
"""


def main() -> int:
    """Play orders; return 1 when one came to something else than its story's own."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.orders",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument(
        "--orders", type=int, default=10_000, help="different orders, over all stories (default: %(default)s)"
    )
    asked.add_argument("--seed", type=int, default=1, help="what the orders are drawn from (default: %(default)s)")
    asked.add_argument("--jobs", type=int, default=2, help="processes at once (default: %(default)s)")
    asked.add_argument("--story", choices=STORIES, metavar="NAME", help="this story alone")
    asked.add_argument("--replay", metavar="MOVES", help="play this order of the story, as it was told")
    options = asked.parse_args()
    if options.replay is not None and options.story is None:
        asked.error("--replay needs --story")
    names = [options.story] if options.story else list(STORIES)
    with _own_stack() as stack:
        if options.replay is not None:
            return _replay(stack, options.story, ast.literal_eval(options.replay))
        return _play(stack, names, options.seed, options.orders, options.jobs)


@contextmanager
def _own_stack() -> Iterator[str]:
    name = f"orders-{os.getpid()}"
    stack = Stack.named(name)
    # Ended from outside, it still takes its stack along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        stack.up(services=False)
        yield name
    finally:
        stack.remove()


def _play(stack: str, names: list[str], seed: int, orders: int, jobs: int) -> int:
    began = time.monotonic()
    share, more = divmod(orders, len(names))
    work = [(name, seed, share + (place < more)) for place, name in enumerate(names)]
    outcomes: list[Outcome] = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as bars:  # fmt: skip
        task = bars.add_task("orders", total=orders)
        done: dict[object, int] = {}
        for what, told in in_processes(jobs, play_in, stack, work):
            if what == "step":
                done[told[0]] = told[1]
                bars.update(task, completed=sum(done.values()))
            elif what == "done":
                outcomes.append(told[0])
                _tell(*told)
            else:
                _out.print(f"[red]processes died, exit codes {told}[/]")
    played, seconds = sum(outcome.orders for outcome in outcomes), time.monotonic() - began
    wrong = [outcome.story for outcome in outcomes if outcome.found]
    lost = sorted(set(names) - {outcome.story for outcome in outcomes})
    _out.print(
        f"{played:,} different orders of {len(outcomes)} stories, {sum(o.moves for o in outcomes):,} moves, "
        f"in {seconds:,.0f} s: "
        + (f"[red]other ledgers in {', '.join(wrong)}[/]" if wrong else "[green]each left its story's ledger[/]")
        + (f"; [red]no end of {', '.join(lost)}[/]" if lost else "")
    )
    return 1 if wrong or lost else 0


def _tell(outcome: Outcome, words: list[list[str]]) -> None:
    if not outcome.found:
        rate = outcome.orders / max(outcome.seconds, 0.001)
        _out.print(f"{outcome.story}: {outcome.orders:,} orders, {rate:,.0f} a second")
    for finding, moves in zip(outcome.found, words, strict=True):
        _out.print(f"[red]{finding.story}[/], order {outcome.orders} ({finding.seed}):")
        for line in [*moves, *finding.told.splitlines()]:
            _out.print(f"  {line}", markup=False)
        replayed = f'python -m tests.orders --story {finding.story} --replay "{finding.shrunk}"'
        _out.print(f"again: {replayed}", markup=False)


def _replay(stack: str, name: str, moves: list[tuple[str, int]]) -> int:
    with staged(Stack.named(stack).layout().server, "orders_replayed", [name]) as stage:
        story = stage.stories[name]
        expected = replay(story, stage.desk, [])
        for line in in_words(story, moves):
            _out.print(line, markup=False)
        try:
            came_to = replay(story, stage.desk, moves, check=True)
        except ViolationError as violation:
            _out.print(str(violation), markup=False)
            return 1
    _out.print(difference(expected, came_to) or "the same ledger", markup=False)
    return int(came_to != expected)


if __name__ == "__main__":
    sys.exit(main())
