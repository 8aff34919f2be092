"""Run the simulator: `python -m tests.simulation`, on a stack of its own, gone afterwards."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stack.instance import Stack
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.seeds import Outcome, run_seed
from tests.simulation.template import template

_out = Console(highlight=False, soft_wrap=True)
_EXAMPLES = """
examples:
  make simulate                             20 seeds of 50,000 steps, two at a time
  make simulate SEED=7 STEPS=5000           one seed
  make simulate SEED=7 STEPS=5000 UNTIL=812 the same as far as step 812, each step told
  make simulate MUTANTS=1                   every mutant must be caught

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
    asked.add_argument("--seeds", type=int, default=20, help="how many seeds, from 1 (default: %(default)s)")
    asked.add_argument("--steps", type=int, default=50_000, help="steps of each seed (default: %(default)s)")
    asked.add_argument("--until", type=int, help="stop at this step and tell the last actions")
    asked.add_argument("--jobs", type=int, default=2, help="processes at once (default: %(default)s)")
    asked.add_argument("--mutants", action="store_true", help="run the mutants instead")
    options = asked.parse_args()
    seeds = [options.seed] if options.seed is not None else list(range(1, options.seeds + 1))
    with _own_stack() as name:
        if options.mutants:
            return _run_mutants(name, [options.seed] if options.seed is not None else [1, 2, 3], options.jobs)
        if options.until is not None:
            return _replay(name, seeds[0], options.until)
        return _run_seeds(name, seeds, options.steps, options.jobs)


@contextmanager
def _own_stack() -> Iterator[str]:
    name = f"simulation-{os.getpid()}"
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        yield name
    finally:
        stack.remove()


def _run_seeds(stack: str, seeds: list[int], steps: int, jobs: int) -> int:
    began = time.monotonic()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), console=Console(stderr=True),
    ) as bars:  # fmt: skip
        task = bars.add_task("steps", total=steps * len(seeds), rate="")
        done: dict[int, int] = {}

        def tell(seed: int, step: int) -> None:
            done[seed] = step
            rate = sum(done.values()) / (time.monotonic() - began)
            bars.update(task, completed=sum(done.values()), rate=f"{rate:,.0f} steps/s")

        outcomes = _in_processes(jobs, _seed_worker, stack, [(seed, steps) for seed in seeds], tell)
    seconds = time.monotonic() - began
    for outcome in outcomes:
        _tell(outcome, steps)
    whole = sum(outcome.steps for outcome in outcomes)
    failed = [outcome.seed for outcome in outcomes if outcome.violation]
    _out.print(
        f"{whole:,} steps of {len(outcomes)} seeds in {seconds:,.0f} s: {whole / seconds:,.0f} steps/s; "
        f"{sum(o.postings for o in outcomes):,} postings, {sum(o.faults for o in outcomes):,} faults; "
        + (f"[red]violations in seeds {failed}[/]" if failed else "[green]no violation[/]")
    )
    return 1 if failed or len(outcomes) < len(seeds) else 0


def _tell(outcome: Outcome, steps: int) -> None:
    if not outcome.violation:
        _out.print(f"seed {outcome.seed}: {outcome.steps / outcome.seconds:,.0f} steps/s, {outcome.postings:,} postings")
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


def _run_mutants(stack: str, seeds: list[int], jobs: int) -> int:
    outcomes = dict(_in_processes(jobs, _mutant_worker, stack, [(m.name, seeds) for m in MUTANTS], lambda *_: None))
    missed = 0
    for mutant in MUTANTS:
        caught, told = outcomes.get(mutant.name, (False, "its process died"))
        missed += not caught
        _out.print(f"{'[green]caught[/]' if caught else '[red]MISSED[/]'} {mutant.name}: {mutant.sentence}")
        _out.print(f"       {told}", markup=False)
    return 1 if missed else 0


def hunt(server: Any, mutant: Mutant, seeds: list[int], steps: int) -> tuple[bool, str]:
    """Run a mutant until a seed catches it; answer whether one did, and what it said."""
    name = "mutant_" + mutant.name.replace("-", "_")
    with template(server, name, mutant.patch) as people:
        for seed in seeds:
            outcome = run_seed(server, name, people, seed, steps)
            if outcome.violation:
                is_expected = any(words in outcome.violation for words in mutant.expected)
                return is_expected, f"seed {seed}, step {outcome.steps}: {outcome.violation[:300]}"
    return False, f"seeds {seeds}, {steps} steps each: nothing"


# Processes ---------------------------------------------------------------------------------------------------------


def _seed_worker(stack: str, number: int, todo: Any, told: Any) -> None:
    server = Stack.named(stack).layout().server
    name = f"simulated_{number}"
    with template(server, name) as people:
        while (work := _take(todo)) is not None:
            seed, steps = work
            outcome = run_seed(server, name, people, seed, steps, lambda step, seed=seed: told.put(("step", seed, step)))
            told.put(("done", outcome))


def _mutant_worker(stack: str, _number: int, todo: Any, told: Any) -> None:
    server = Stack.named(stack).layout().server
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    while (work := _take(todo)) is not None:
        told.put(("done", (work[0], hunt(server, by_name[work[0]], work[1], 6000))))


def _take(todo: Any) -> Any:
    try:
        return todo.get(timeout=0.5)
    except queue.Empty:
        return None


def _in_processes(
    jobs: int, work: Callable[..., None], stack: str, items: list[Any], tell: Callable[[int, int], None]
) -> list[Any]:
    context = multiprocessing.get_context("spawn")
    todo, told = context.Queue(), context.Queue()
    for item in items:
        todo.put(item)
    workers = [context.Process(target=work, args=(stack, number, todo, told)) for number in range(min(jobs, len(items)))]
    for worker in workers:
        worker.start()
    results: list[Any] = []
    while len(results) < len(items):
        try:
            message = told.get(timeout=1.0)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                break
            continue
        if message[0] == "step":
            tell(message[1], message[2])
        else:
            results.append(message[1])
    for worker in workers:
        worker.join()
    return results


if __name__ == "__main__":
    sys.exit(main())
