"""The platform of the run, shared with `acceptance` and `chaos`; after each test it is whole and its ledger proved."""

from collections.abc import Iterator

import pytest

from tests.acceptance.platform import Platform


@pytest.fixture(scope="session")
def platform(pytestconfig: pytest.Config) -> Platform:
    """The whole platform, running."""
    return Platform.of_run(pytestconfig)


@pytest.fixture(autouse=True)
def aftermath(platform: Platform) -> Iterator[None]:
    """Whatever a test did: Stripe behaves again, every part runs, no event is left, nobody lost money."""
    yield
    platform.calm()
    platform.mend()
    platform.wait_quiet()
    platform.assert_balanced()
