"""However many schedulers run, a tick is sent once; a queue that is backed up gets no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from soulseer import jobs
from soulseer.broker import make_broker, make_redis
from tests.doubles.valkey import free_port
from workers.scheduler import BACKLOG, Clock, Tick

NOW = 1_780_000_000.25
TICK = Tick(jobs.CHARGE_DUE_MINUTES, 1.0)


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def time_stands(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Give the scheduler's time."""
    standing = Time()
    monkeypatch.setattr("workers.scheduler.time.time", standing)
    return standing


@pytest.fixture
def clocks(redis_url: str, redis_client: redis.Redis) -> Iterator[list[Clock]]:
    """Give three schedulers on one emptied Valkey."""
    redis_client.flushall()
    brokers = [make_broker(redis_url) for _ in range(3)]
    clients = [make_redis(redis_url) for _ in range(3)]
    yield [Clock(broker, client) for broker, client in zip(brokers, clients, strict=True)]
    for client in [*clients, *(broker.client for broker in brokers)]:
        client.close()


@pytest.mark.usefixtures("time_stands")
def test_one_of_many_schedulers_sends_a_tick(clocks: list[Clock], redis_client: redis.Redis) -> None:
    with ThreadPoolExecutor(9) as pool:
        sent = list(pool.map(lambda clock: clock.tick(TICK), clocks * 3))

    assert sum(sent) == 1
    (raw,) = redis_client.hvals("soulseer:meter.msgs")
    message = json.loads(raw)
    assert (message["actor_name"], message["kwargs"]) == ("sessions.charge_due_minutes", {})
    assert message["options"]["max_age"] == 10_000


def test_the_next_slot_is_sent_again(clocks: list[Clock], time_stands: Time) -> None:
    assert clocks[0].tick(TICK)
    time_stands.now += 0.5
    assert not clocks[1].tick(TICK)
    time_stands.now += 0.5
    assert clocks[1].tick(TICK)


@pytest.mark.usefixtures("time_stands")
def test_each_job_has_slots_of_its_own(clocks: list[Clock]) -> None:
    assert clocks[0].tick(TICK)
    assert clocks[0].tick(Tick(jobs.ADVANCE_SESSIONS, 1.0))


def test_a_backed_up_queue_gets_no_more_ticks(
    clocks: list[Clock], time_stands: Time, redis_client: redis.Redis
) -> None:
    for _ in range(3 * BACKLOG):
        clocks[0].tick(TICK)
        time_stands.now += 1

    assert redis_client.llen("soulseer:meter") == BACKLOG


def test_an_absent_redis_is_no_fault_of_the_scheduler() -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    client, broker = make_redis(url), make_broker(url)

    assert not Clock(broker, client).tick(TICK)

    client.close()
    broker.client.close()
