"""Plays many orders in several processes, and says which of them came to something else."""

from __future__ import annotations

import hashlib
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from stack.instance import Stack
from tests.orders.digest import difference
from tests.orders.play import Move, draw, replay, shrink
from tests.orders.stage import Stage, staged
from tests.orders.story import Story
from tests.simulation.errors import ViolationError

_SWEPT_EVERY, _CHECKED_EVERY = 200, 25


@dataclass
class Finding:
    """An order that came to something else than the one in which nothing is late."""

    story: str
    seed: str
    moves: list[Move]
    shrunk: list[Move]
    told: str


@dataclass
class Outcome:
    """What became of many orders of one story."""

    story: str
    orders: int = 0
    moves: int = 0
    seconds: float = 0.0
    seen: set[bytes] = field(default_factory=set)
    found: list[Finding] = field(default_factory=list)


def play_many(
    stage: Stage, story: Story, seed: int, orders: int, tell: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Play orders that differ from one another, until so many were played or one came to something else.

    A story may have fewer orders than are asked for; then it ends earlier.
    """
    outcome, began = Outcome(story.name), time.monotonic()
    try:
        expected = replay(story, stage.desk, [])
    except ViolationError as violation:
        outcome.found.append(Finding(story.name, "", [], [], f"in the story's own order: {violation}"))
        return outcome
    number = repeated = 0
    while outcome.orders < orders and repeated < orders + 100 and not outcome.found:
        drawn = f"{story.name}/{seed}/{number}"
        number += 1
        moves, came_to = draw(story, stage.desk, Random(drawn), check=number % _CHECKED_EVERY == 1)  # noqa: S311
        mark = hashlib.blake2b(repr(moves).encode(), digest_size=16).digest()
        if mark in outcome.seen:
            repeated += 1
            continue
        outcome.seen.add(mark)
        outcome.orders += 1
        outcome.moves += len(moves)
        if came_to != expected:
            shrunk = shrink(story, stage.desk, moves, expected)
            outcome.found.append(Finding(story.name, drawn, moves, shrunk, _told(story, stage, shrunk, expected)))
        if outcome.orders % _SWEPT_EVERY == 0:
            stage.sweep()
        tell(outcome.orders)
    outcome.seconds = time.monotonic() - began
    return outcome


def _told(story: Story, stage: Stage, moves: Sequence[Move], expected: str) -> str:
    try:
        return difference(expected, replay(story, stage.desk, moves, check=True))
    except ViolationError as violation:
        return str(violation)


def in_words(story: Story, moves: Sequence[Move]) -> list[str]:
    """Return moves with the names of what they begin."""
    return [what if what == "advance" else f"{what} {number}  {story.deeds[number].name}" for what, number in moves]


def play_in(stack: str, number: int, todo: Any, told: Any) -> None:
    """Take stories and how many orders of each, until none is left."""
    server = Stack.named(stack).layout().server
    while True:
        try:
            name, seed, orders = todo.get(timeout=0.5)
        except queue.Empty:
            return
        with staged(server, f"orders_{number}", [name]) as stage:
            story = stage.stories[name]
            outcome = play_many(
                stage, story, seed, orders, lambda done, key=(name, seed): told.put(("step", (key, done)))
            )
            words = [in_words(story, finding.shrunk) for finding in outcome.found]
        told.put(("done", (outcome, words)))
