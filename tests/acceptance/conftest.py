"""The platform of the run, shared with the tests of `chaos`."""

from collections.abc import Iterator

import pytest

from tests.acceptance.platform import Platform


@pytest.fixture(scope="session")
def platform(pytestconfig: pytest.Config) -> Platform:
    """The whole platform, running."""
    return Platform.of_run(pytestconfig)


@pytest.fixture(autouse=True)
def aftermath(platform: Platform) -> Iterator[None]:
    """Whatever a test did, no event of it is left to disturb the next."""
    yield
    platform.wait_quiet()
