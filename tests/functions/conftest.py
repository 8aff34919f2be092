"""The platform of the run, shared with `acceptance`."""

import pytest

from tests.acceptance.platform import Platform


@pytest.fixture(scope="session")
def platform(pytestconfig: pytest.Config) -> Platform:
    """The whole platform, running."""
    return Platform.of_run(pytestconfig)
