"""One database with Realtime behind its gateway for all these tests, and a marketplace in it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, closing

import pytest

from stack.worlds import World
from tests.sql.marketplace import Marketplace
from tests.stack.realtime.listeners import Town


@pytest.fixture(scope="session")
def realtime_world(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[World]:
    """A database of its own with PostgREST, Realtime and a gateway."""
    with make_world(with_realtime=True) as world:
        yield world


@pytest.fixture(scope="session")
def market(realtime_world: World) -> Iterator[Marketplace]:
    """People who meet there."""
    with closing(Marketplace(realtime_world)) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture
async def town(realtime_world: World) -> AsyncIterator[Town]:
    """Devices at its gateway."""
    async with AsyncExitStack() as devices:
        yield Town(realtime_world.api_url, realtime_world.keys.publishable_key, devices)
