"""A marketplace for the tests of one file, and the stage that all tests of the access matrix share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing

import pytest

from stack.worlds import World
from tests.policies.stage import Stage, set_stage
from tests.sql.marketplace import Marketplace


@pytest.fixture(scope="module")
def market(module_world: World) -> Iterator[Marketplace]:
    """People, workers and a clock, in a database of this file's own."""
    with closing(Marketplace(module_world)) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture(scope="session")
def stage(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[Stage]:
    """A world with the cast of the matrix and rows of every table; no request of it changes anything."""
    with make_world() as world, set_stage(world) as made:
        yield made
