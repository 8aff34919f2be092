"""Parts that die with work in hand, and a queue that forgets: every job is found again where it is written down."""

from collections.abc import Iterator

import pytest

from soulseer.broker import make_redis
from tests.acceptance.conversation import Conversation
from tests.acceptance.people import RATE, Person, make_client, make_reader
from tests.acceptance.platform import Platform, Row, at_once
from tests.acceptance.waiting import eventually

QUEUES = ("payments", "payouts", "sessions")
PAYOUT, TOPUP = 100, 2500


class Work:
    """One of each job that waits: a settled session, a payout, and cards that were paid with."""

    def __init__(self, platform: Platform, reader: Person, client: Person) -> None:
        self.platform, self.reader, self.client = platform, reader, client
        # What earlier sessions left to do must not be counted as this one's.
        self._wait_nothing_left()
        self.balance = client.balance
        self.sessions = reader.row("readers", user_id=reader.id)["total_sessions"]

    def cause(self) -> None:
        """Do what makes the jobs, while those who would do them are away."""
        with Conversation(self.client, self.reader) as talk:
            self.spent = int(talk.end(self.client)["total_cost"])
        self.payout: Row = self.reader.request_payout(PAYOUT)
        self.topups = [self.client.begin_topup(TOPUP) for _ in range(3)]
        assert at_once(*[lambda topup=topup: self.client.pay(topup) for topup in self.topups]) == ["succeeded"] * 3

    def assert_done_once(self) -> None:
        self.platform.wait_delivered()
        self.platform.age_inbox()
        for topup in self.topups:
            self.client.wait_transaction(topup, "COMPLETED", seconds=40.0)
        assert self.client.balance == self.balance - self.spent + len(self.topups) * TOPUP
        self.reader.wait_payout(self.payout, "COMPLETED")
        assert self.platform.count("transfer", payout_id=self.payout["id"]) == 1
        assert self.platform.count("payout", payout_id=self.payout["id"]) == 1
        eventually(lambda: self.reader.row("readers", user_id=self.reader.id)["total_sessions"] > self.sessions, "told")
        assert self.reader.row("readers", user_id=self.reader.id)["total_sessions"] == self.sessions + 1
        self._wait_nothing_left()

    def _wait_nothing_left(self) -> None:
        eventually(lambda: not self.platform.rows("select id from private.outbox"), "the outbox empty")


@pytest.fixture(scope="module")
def reader(platform: Platform) -> Person:
    earner = make_reader(platform)
    earner.open_payouts()
    with Conversation(make_client(platform, 5000), earner) as talk:
        talk.wait_increments(4)
        talk.end(earner)
    return earner


@pytest.fixture
def work(platform: Platform, reader: Person) -> Iterator[Work]:
    """Work to be caused; in the end each piece of it must have been done, once."""
    caused = Work(platform, reader, make_client(platform, 5000))
    yield caused
    caused.assert_done_once()


def test_jobs_that_redis_forgot_are_found_in_the_outbox_and_the_inbox(platform: Platform, work: Work) -> None:
    redis = make_redis(platform.env.redis_url)
    with platform.without("workers", "scheduler"):
        work.cause()
        for queue in QUEUES:
            eventually(lambda: redis.llen(f"soulseer:{queue}"), f"jobs in {queue}")  # noqa: B023  asked at once
        eventually(
            lambda: len([topup for topup in work.topups if platform.events(topup["payment_intent_id"])]) == 3, "paid"
        )
        platform.wait_delivered()
        redis.flushall()
        assert [redis.llen(f"soulseer:{queue}") for queue in QUEUES] == [0, 0, 0]
    redis.close()


def test_a_redis_that_dies_and_comes_back_empty_costs_time_and_nothing_else(platform: Platform, reader: Person) -> None:
    client = make_client(platform, 50_000)
    with Conversation(client, reader) as talk:
        talk.wait_increments(1)
        with platform.without("valkey"):
            # What needs no queue goes on.
            topup = client.begin_topup(TOPUP)
            assert client.pay(topup) == "succeeded"
        seen = len(talk.increments())
        talk.wait_increments(seen + 2)
        ended = talk.end(client)
    assert talk.increments() == list(range(len(talk.increments())))
    assert ended["total_cost"] == len(talk.increments()) * RATE // 60
    platform.age_inbox()
    client.wait_transaction(topup, "COMPLETED", seconds=40.0)
    assert client.balance == 50_000 + TOPUP - ended["total_cost"]


def test_every_service_killed_at_once_leaves_nothing_undone(platform: Platform, work: Work) -> None:
    work.cause()
    with platform.without("webhooks", "bridge", "workers", "scheduler", "valkey"):
        assert work.reader.row("payouts", id=work.payout["id"])["amount"] == PAYOUT
