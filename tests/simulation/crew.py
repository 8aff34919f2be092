"""Processes that take seeds or mutants from a queue, each in databases of its own."""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from stack import database
from stack.instance import Stack
from stack.postgres import SUPERUSER, PostgresServer
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.seeds import run_seed
from tests.simulation.template import People, template

# A mutant that lives longer than this has got away: a hunt ends while someone waits for it.
PATIENCE: Final = 240.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: caught is one that broke a rule which it was made to break."""

    name: str
    is_caught: bool
    told: str
    seconds: float


class _LateError(Exception):
    """A hunt took too long."""


def hunt(server: PostgresServer, origin: str, people: People, mutant: Mutant, seeds: list[int]) -> Verdict:
    """Run seeds on a mutant until one breaks a rule, or patience ends.

    Args:
        server: where the template is.
        origin: the template, which stays as it is.
        people: who lives in it.
        mutant: what to change.
        seeds: one after the other, each to its rest.
    """
    began = time.monotonic()

    def judged(told: str, *, is_caught: bool = False) -> Verdict:
        return Verdict(mutant.name, is_caught, told, time.monotonic() - began)

    def tell(step: int) -> None:
        if time.monotonic() - began > PATIENCE:
            raise _LateError(f"not within {PATIENCE:.0f} s, step {step}")

    try:
        with _mutated(server, origin, mutant) as name:
            for seed in seeds:
                outcome = run_seed(server, name, people, seed, mutant.steps, tell)
                if outcome.violation:
                    is_expected = any(words in outcome.violation for words in mutant.expected)
                    why = "" if is_expected else f"for another reason than {' or '.join(mutant.expected)}: "
                    told = f"seed {seed}, step {outcome.steps}: {why}{outcome.violation[:300]}"
                    return judged(told, is_caught=is_expected)
                tell(outcome.steps)
    except (LookupError, psycopg.Error) as error:
        return judged(f"it cannot be made: {error}")
    except _LateError as late:
        return judged(f"it got away: {late}")
    return judged(f"it got away: nothing in seeds {seeds} of {mutant.steps} steps")


@contextmanager
def _mutated(server: PostgresServer, origin: str, mutant: Mutant) -> Iterator[str]:
    name = "mutant_" + mutant.name.replace("-", "_")
    database.clone(server, name, origin)
    try:
        with psycopg.connect(server.dsn(name, SUPERUSER), autocommit=True) as superuser:
            mutant.patch(superuser)
        yield name
    finally:
        database.drop(server, name)


def run_in(stack: str, number: int, todo: Any, told: Any) -> None:
    """Run seeds until none is left."""
    server = Stack.named(stack).layout().server
    name = f"simulated_{number}"
    with template(server, name) as people:
        while (work := _take(todo)) is not None:
            seed, steps = work
            outcome = run_seed(
                server, name, people, seed, steps, lambda step, seed=seed: told.put(("step", (seed, step)))
            )
            told.put(("done", outcome))


def hunt_in(stack: str, number: int, todo: Any, told: Any) -> None:
    """Hunt mutants until none is left."""
    server = Stack.named(stack).layout().server
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    name = f"hunted_{number}"
    with template(server, name) as people:
        while (work := _take(todo)) is not None:
            mutant, seeds = work
            told.put(("begun", mutant))
            told.put(("done", hunt(server, name, people, by_name[mutant], seeds)))


def _take(todo: Any) -> Any:
    try:
        return todo.get(timeout=0.5)
    except queue.Empty:
        return None


def in_processes(jobs: int, work: Callable[..., None], stack: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Have `work` done on the items by so many processes, and yield what they tell as they tell it.

    Each item that is done tells ("done", its result); ("died", exit codes) is the last when nobody is
    left to do the rest.
    """
    context = multiprocessing.get_context("spawn")
    todo, told = context.Queue(), context.Queue()
    for item in items:
        todo.put(item)
    workers = [
        context.Process(target=work, args=(stack, number, todo, told)) for number in range(min(jobs, len(items)))
    ]
    for worker in workers:
        worker.start()
    try:
        yield from _told(workers, told, len(items))
    except BaseException:
        # Whoever asked is gone, or wants no more.
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for worker in workers:
            worker.join()


def _told(workers: list[Any], told: Any, awaited: int) -> Iterator[tuple[str, Any]]:
    while awaited:
        try:
            message = told.get(timeout=1.0)
        except queue.Empty:
            if not any(worker.is_alive() for worker in workers):
                yield "died", [worker.exitcode for worker in workers]
                return
            continue
        awaited -= message[0] == "done"
        yield message
