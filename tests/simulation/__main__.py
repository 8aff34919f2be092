"""Run the simulator: `python -m tests.simulation`, on a stack of its own, gone afterwards."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stack.instance import Stack
from tests.simulation.crew import Verdict, hunt_in, in_processes, run_in
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.seeds import Outcome, run_seed
from tests.simulation.template import template

_out = Console(highlight=False, soft_wrap=True)
_EXAMPLES = """
examples:
  make simulate                             20 seeds of 50,000 steps, two at a time
  make simulate SEED=7 STEPS=5000           one seed
  make simulate SEED=7 STEPS=5000 UNTIL=812 the same as far as step 812, each step told
  make simulate MUTANTS=1                   every mutant must be caught, each told of as it is decided

A seed that fails prints its step, the last 30 actions and the command that replays it.
"""


def main() -> int:
    """Run seeds or mutants; return 1 when something that must never be true was, or a mutant got away."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--seed", type=int, help="run this seed alone")
    asked.add_argument("--seeds", type=int, default=20, help="how many seeds (default: %(default)s)")
    asked.add_argument("--first", type=int, default=1, help="the first of them, to go on with a long run (default: 1)")
    asked.add_argument("--steps", type=int, default=50_000, help="steps of each seed (default: %(default)s)")
    asked.add_argument("--until", type=int, help="stop at this step and tell the last actions")
    asked.add_argument("--jobs", type=int, default=2, help="processes at once (default: %(default)s)")
    asked.add_argument("--mutants", action="store_true", help="run the mutants instead")
    asked.add_argument("--only", choices=[mutant.name for mutant in MUTANTS], metavar="NAME", help="this mutant alone")
    options = asked.parse_args()
    seeds = [options.seed] if options.seed is not None else list(range(options.first, options.first + options.seeds))
    with _own_stack() as name:
        if options.mutants:
            chosen = [mutant for mutant in MUTANTS if options.only in (None, mutant.name)]
            return _run_mutants(name, chosen, [options.seed] if options.seed is not None else [1, 2, 3], options.jobs)
        if options.until is not None:
            return _replay(name, seeds[0], options.until)
        return _run_seeds(name, seeds, options.steps, options.jobs)


@contextmanager
def _own_stack() -> Iterator[str]:
    name = f"simulation-{os.getpid()}"
    stack = Stack.named(name)
    # Ended from outside, it still takes its stack along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        stack.up(services=False)
        yield name
    finally:
        stack.remove()


def _run_seeds(stack: str, seeds: list[int], steps: int, jobs: int) -> int:
    began = time.monotonic()
    outcomes: list[Outcome] = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), console=Console(stderr=True),
    ) as bars:  # fmt: skip
        task = bars.add_task("steps", total=steps * len(seeds), rate="")
        done: dict[int, int] = {}
        for what, told in in_processes(jobs, run_in, stack, [(seed, steps) for seed in seeds]):
            if what == "done":
                outcomes.append(told)
                _tell(told, steps)
                continue
            if what == "died":
                bars.console.print(f"[red]processes died, exit codes {told}[/]")
                continue
            seed, step = told
            done[seed] = step
            rate = sum(done.values()) / (time.monotonic() - began)
            bars.update(task, completed=sum(done.values()), rate=f"{rate:,.0f} steps/s")
    seconds = time.monotonic() - began
    whole = sum(outcome.steps for outcome in outcomes)
    failed = [outcome.seed for outcome in outcomes if outcome.violation]
    _out.print(
        f"{whole:,} steps of {len(outcomes)} seeds in {seconds:,.0f} s: {whole / seconds:,.0f} steps/s; "
        f"{sum(o.postings for o in outcomes):,} postings, {sum(o.faults for o in outcomes):,} faults; "
        + (f"[red]violations in seeds {failed}[/]" if failed else "[green]no violation[/]")
    )
    lost = [seed for seed in seeds if seed not in {outcome.seed for outcome in outcomes}]
    if lost:
        _out.print(f"[red]seeds {lost} came to no end: their process died[/]")
    return 1 if failed or lost else 0


def _tell(outcome: Outcome, steps: int) -> None:
    if not outcome.violation:
        _out.print(
            f"seed {outcome.seed}: {outcome.steps / outcome.seconds:,.0f} steps/s, {outcome.postings:,} postings"
        )
        return
    _out.print(f"[red]seed {outcome.seed}, step {outcome.steps}[/]: {outcome.violation}", markup=True)
    for line in outcome.trail:
        _out.print(f"  {line}", markup=False)
    _out.print(f"replay: make simulate SEED={outcome.seed} STEPS={steps}")


def _replay(stack: str, seed: int, until: int) -> int:
    server = Stack.named(stack).layout().server
    with template(server, "replayed") as people:
        outcome = run_seed(server, "replayed", people, seed, until, to_rest=False)
    for line in outcome.trail:
        _out.print(line, markup=False)
    _out.print(outcome.violation or f"step {until} of seed {seed}: no violation so far")
    return 1 if outcome.violation else 0


def _run_mutants(stack: str, mutants: list[Mutant], seeds: list[int], jobs: int) -> int:
    began = time.monotonic()
    left = {mutant.name: mutant for mutant in mutants}
    missed = 0
    for what, told in in_processes(jobs, hunt_in, stack, [(mutant.name, seeds) for mutant in mutants]):
        if what == "done":
            missed += not told.is_caught
            _tell_verdict(left.pop(told.name), told)
        elif what == "died":
            _out.print(f"[red]processes died, exit codes {told}[/]")
        else:
            _out.print(f"[dim]{time.monotonic() - began:5.0f} s  hunting {told}[/]")
    missed += len(left)
    for mutant in left.values():
        _out.print(f"[red]MISSED[/] {mutant.name}: its process died")
    _out.print(
        f"{len(mutants)} mutants in {time.monotonic() - began:,.0f} s: "
        + (f"[red]{missed} missed[/]" if missed else "[green]all caught[/]")
    )
    return 1 if missed else 0


def _tell_verdict(mutant: Mutant, verdict: Verdict) -> None:
    mark = "[green]caught[/]" if verdict.is_caught else "[red]MISSED[/]"
    _out.print(f"{mark} {mutant.name} in {verdict.seconds:.0f} s: {mutant.sentence}")
    _out.print(f"       {verdict.told}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
