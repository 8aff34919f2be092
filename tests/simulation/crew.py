"""Processes that take seeds or mutants from a queue, each in databases of its own."""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Callable
from typing import Any

from stack.instance import Stack
from stack.postgres import PostgresServer
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.seeds import run_seed
from tests.simulation.template import template


def hunt(server: PostgresServer, mutant: Mutant, seeds: list[int], steps: int) -> tuple[bool, str]:
    """Run a mutant until a seed catches it; answer whether one did, and what it said."""
    name = "mutant_" + mutant.name.replace("-", "_")
    with template(server, name, mutant.patch) as people:
        for seed in seeds:
            outcome = run_seed(server, name, people, seed, steps)
            if outcome.violation:
                is_expected = any(words in outcome.violation for words in mutant.expected)
                return is_expected, f"seed {seed}, step {outcome.steps}: {outcome.violation[:300]}"
    return False, f"seeds {seeds}, {steps} steps each: nothing"


def run_in(stack: str, number: int, todo: Any, told: Any) -> None:
    """Run seeds until none is left."""
    server = Stack.named(stack).layout().server
    name = f"simulated_{number}"
    with template(server, name) as people:
        while (work := _take(todo)) is not None:
            seed, steps = work
            outcome = run_seed(
                server, name, people, seed, steps, lambda step, seed=seed: told.put(("step", seed, step))
            )
            told.put(("done", outcome))


def hunt_in(stack: str, _number: int, todo: Any, told: Any) -> None:
    """Hunt mutants until none is left."""
    server = Stack.named(stack).layout().server
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    while (work := _take(todo)) is not None:
        told.put(("done", (work[0], hunt(server, by_name[work[0]], work[1], 6000))))


def _take(todo: Any) -> Any:
    try:
        return todo.get(timeout=0.5)
    except queue.Empty:
        return None


def in_processes(
    jobs: int, work: Callable[..., None], stack: str, items: list[Any], tell: Callable[[int, int], None]
) -> list[Any]:
    """Have `work` done on the items by so many processes; `tell` hears of steps. Fewer results mean that one died."""
    context = multiprocessing.get_context("spawn")
    todo, told = context.Queue(), context.Queue()
    for item in items:
        todo.put(item)
    workers = [
        context.Process(target=work, args=(stack, number, todo, told)) for number in range(min(jobs, len(items)))
    ]
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
