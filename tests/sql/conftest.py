"""A marketplace for the tests of one file, which share its people's world but never its people."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from stack.worlds import World
from tests.sql.marketplace import Marketplace
from tests.sql.payees import Job, Payee


@pytest.fixture(scope="module")
def market(module_world: World) -> Iterator[Marketplace]:
    """People, workers and a clock, in a database of this file's own."""
    with closing(Marketplace(module_world)) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture
def payee(market: Marketplace) -> Payee:
    """Somebody who can be paid 2100."""
    return Payee(market)


@pytest.fixture
def job(payee: Payee) -> Job:
    """A payout of 2100, requested."""
    payee.request()
    return Job(payee)
