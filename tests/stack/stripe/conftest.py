"""One stand-in for all tests, emptied before each; tests that kill it start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from stack.stripe.harness import PUBLISHABLE_KEY, Receiver, Standin


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where the shared stand-in sends its webhooks."""
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="session")
def shared(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A running stand-in."""
    with Standin(tmp_path_factory.mktemp("stripe") / "state.db", receiver.endpoints()) as running:
        yield running


@pytest.fixture
def standin(shared: Standin, receiver: Receiver) -> Standin:
    """The stand-in with nothing in it, quick about everything."""
    shared.control("reset", {})
    shared.control("timing", {"charge_settle_seconds": 0.02, "verification_seconds": 0.02, "payout_step_seconds": 0.05})
    receiver.status = 200
    receiver.answers.clear()
    receiver.deliveries.clear()
    return shared


@pytest.fixture
def client(standin: Standin) -> stripe.StripeClient:
    """The library with the secret key and no retries of its own."""
    return standin.client()


@pytest.fixture
def browser(standin: Standin) -> stripe.StripeClient:
    """The library with the publishable key, as a browser has it."""
    return standin.client(PUBLISHABLE_KEY)


@pytest.fixture
def reader_account(standin: Standin, client: stripe.StripeClient) -> str:
    """The id of an onboarded express account that payouts reach."""
    account = client.v1.accounts.create({"type": "express", "capabilities": {"transfers": {"requested": True}}})
    standin.control("timing", {"verification_seconds": 0.0})
    standin.control(f"accounts/{account.id}", {"onboard": True})
    standin.control("balance", {"available": 100_000})
    return account.id


@pytest.fixture
def own_state(tmp_path: Path) -> Path:
    """Where a stand-in of a test's own keeps its state."""
    return tmp_path / "state.db"
