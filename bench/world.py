"""A stack of a benchmark's own, with a large world in it, made with a progress bar and removed afterwards."""

import contextlib
from collections.abc import Iterator

from rich.console import Console

from soulseer.cli_seed import Bars
from stack.instance import Stack
from stack.scale.world import Shape, grow, plant
from stack.worlds import World, open_world


@contextlib.contextmanager
def large_world(name: str, sessions: int, console: Console) -> Iterator[World]:
    """Make it.

    Args:
        name: of the stack.
        sessions: how large.
        console: where progress is shown.

    Yields:
        The world.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        with open_world(stack) as world:
            plant(world.dsn)
            with Bars(console) as bars:
                made = grow(world.superuser_dsn, Shape.of(sessions), bars.tell)
            console.print(f"{made.rows:,} rows in {made.seconds:.1f} s: {made.rows / made.seconds:,.0f} rows/s.")
            yield world
    finally:
        stack.remove()
