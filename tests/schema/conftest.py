"""The catalogue of one world, which the tests of this folder read and leave as it is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest

from stack.worlds import World


@pytest.fixture(scope="package")
def schema_world(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[World]:
    """One world for the folder."""
    with make_world() as opened:
        yield opened


@pytest.fixture(scope="package")
def catalogue(schema_world: World) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection that changes nothing."""
    with schema_world.connect() as connection:
        connection.read_only = True
        yield connection
