"""The platform of the run, shared with `acceptance`; after each test it is whole again and its ledger proved."""

from collections.abc import Iterator

import pytest

from tests.acceptance.platform import Platform


@pytest.fixture(scope="session")
def platform(pytestconfig: pytest.Config) -> Platform:
    """The whole platform, running."""
    return Platform.of_run(pytestconfig)


@pytest.fixture(autouse=True)
def aftermath(platform: Platform) -> Iterator[None]:
    """Whatever a test did, the next begins with a platform that is whole."""
    yield
    platform.make_whole()
