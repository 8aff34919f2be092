"""A marketplace for the tests of one file, which share its people's world but never its people."""

from collections.abc import Iterator

import pytest

from stack.worlds import World
from tests.sql.marketplace import Marketplace


@pytest.fixture(scope="module")
def market(module_world: World) -> Iterator[Marketplace]:
    """People, workers and a clock, in a database of this file's own."""
    opened = Marketplace(module_world)
    yield opened
    assert opened.problems() == []
    opened.close()
