"""A world large enough that a bad plan shows, made once for the tests of this folder."""

from collections.abc import Iterator

import pytest

from bench.plans import Explainer
from bench.queries import Cast
from stack.instance import Stack
from stack.scale.world import Shape, grow, plant
from stack.worlds import World, open_world

# Above 10,000 rows in each table that a client's query reads; less where it reads none.
SHAPE = Shape(sessions=16_000, clients=11_000, readers=11_000, conversations=11_000, forum_posts=11_000)


@pytest.fixture(scope="session")
def large_world(stack: Stack) -> Iterator[World]:
    """A large world beside the small one."""
    with open_world(stack) as opened:
        plant(opened.dsn)
        grow(opened.superuser_dsn, SHAPE, lambda _what, _done, _total: None)
        yield opened


@pytest.fixture(scope="session")
def cast(large_world: World) -> Cast:
    """Whose rows are asked for."""
    with large_world.connect() as database:
        return Cast.of(database)


@pytest.fixture(scope="session")
def explainer(large_world: World) -> Iterator[Explainer]:
    """Runs queries as their people and reports plans."""
    opened = Explainer(large_world.superuser_dsn)
    yield opened
    opened.close()
