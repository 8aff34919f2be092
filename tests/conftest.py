"""What every test may ask for: a running stack, the services on it, and databases of its own.

- `stack` (whole run): a stack of this run without services, named for its process, removed at the end.
- `services` (whole run): the same stack with webhooks, bridge, workers and scheduler running on its main database.
- `world` (one test) and `module_world` (one file): a database and a PostgREST of its own: `stack.worlds.World`.
- `make_world` (whole run): opens worlds with options, as a context manager.
- `redis_url` (whole run) and `redis_client` (one test, emptied): a Valkey beside any stack, for one service's tests.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import redis

from stack.environment import StackEnv
from stack.instance import Stack
from stack.paths import StackPaths, state_root
from stack.worlds import World, open_world
from tests.doubles.valkey import running_valkey

_PREFIX = "test-"


def _remove_abandoned() -> None:
    """Remove stacks of earlier runs that were killed before they could clean up."""
    digest = StackPaths.of("local").state.name.split("-", maxsplit=1)[0]
    for place in state_root().glob(f"{digest}-{_PREFIX}*"):
        owner = place.name.removeprefix(f"{digest}-{_PREFIX}").split("-", maxsplit=1)[0]
        if place.is_dir() and owner.isdigit() and not _runs(int(owner)):
            Stack.named(place.name.removeprefix(f"{digest}-")).remove()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A stack for this run alone, without the services."""
    _remove_abandoned()
    made = Stack.named(f"{_PREFIX}{os.getpid()}")
    try:
        made.up(services=False)
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def stack_env(stack: Stack) -> StackEnv:
    """Addresses and keys of the stack."""
    return stack.env()


@pytest.fixture(scope="session")
def services(stack: Stack) -> StackEnv:
    """The stack with its services running, and its addresses and keys."""
    return stack.up(services=True).env


@pytest.fixture(scope="session")
def make_world(stack: Stack) -> Callable[..., AbstractContextManager[World]]:
    """Return what opens a world; takes `with_gateway=True` for one behind a gateway, `with_realtime=True` beside it."""

    @contextlib.contextmanager
    def make(*, with_gateway: bool = False, with_realtime: bool = False) -> Iterator[World]:
        with open_world(stack, with_gateway=with_gateway, with_realtime=with_realtime) as opened:
            yield opened

    return make


@pytest.fixture
def world(stack: Stack) -> Iterator[World]:
    """A database of its own for one test."""
    with open_world(stack) as opened:
        yield opened


@pytest.fixture(scope="module")
def module_world(stack: Stack) -> Iterator[World]:
    """A database of its own for the tests of one file, which share what they write."""
    with open_world(stack) as opened:
        yield opened


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey beside any stack, for the tests of one service."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """A client of that Valkey, emptied."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client
