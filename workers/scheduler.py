"""The clock: sends the periodic jobs, once per slot however many schedulers run.

    python -m workers.scheduler

A slot is a stretch of time of one period's length, numbered from the epoch. Whoever first writes a slot's
key in Redis sends its job; the others see the key and do nothing. A queue that is backed up gets no more
ticks: one charge of what is due does the work of all the ticks that were left out.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Final

import redis
from apscheduler.schedulers.blocking import BlockingScheduler  # type: ignore[import-untyped]  # ships no types
from dramatiq.brokers.redis import RedisBroker
from redis import RedisError

from soulseer import jobs, logs, request_id
from soulseer.broker import NAMESPACE, make_broker, make_redis
from soulseer.jobs import Job
from soulseer.process import begin
from soulseer.settings import SchedulerSettings

# By name: run as a program, this module is called __main__.
log = logs.get("workers.scheduler")

# Messages that may wait in a tick's queue before further ticks are left out.
BACKLOG: Final = 8


@dataclass(frozen=True, slots=True)
class Tick:
    """A job sent at every period.

    Attributes:
        job: What is sent.
        seconds: The period.
    """

    job: Job
    seconds: float


class Clock:
    """Sends ticks.

    Args:
        broker: Where jobs are sent.
        client: Redis, which remembers the slots.
    """

    def __init__(self, broker: RedisBroker, client: redis.Redis) -> None:
        self._broker = broker
        self._redis = client
        self._is_away = False

    def tick(self, tick: Tick) -> bool:
        """Send one tick's job unless its slot is taken or its queue is backed up.

        Args:
            tick: The tick that is due.

        Returns:
            Whether it was sent. An unreachable Redis is logged once and not raised: the next tick
            tries again.
        """
        try:
            sent = self._send(tick)
        except (RedisError, OSError) as error:
            if not self._is_away:
                log.warning("redis_away", error=type(error).__name__)
            self._is_away = True
            return False
        if self._is_away:
            log.info("redis_back")
        self._is_away = False
        return sent

    def _send(self, tick: Tick) -> bool:
        slot = int(time.time() / tick.seconds)
        key = f"{NAMESPACE}:slot:{tick.job.actor}:{slot}"
        lifetime = max(round(tick.seconds * 2000), 5000)
        if not self._redis.set(key, "taken", nx=True, px=lifetime):
            return False
        waiting = self._redis.llen(f"{NAMESPACE}:{tick.job.queue}")
        if waiting >= BACKLOG:
            log.warning("tick_left_out", job=tick.job.actor, waiting=waiting)
            return False
        self._broker.enqueue(jobs.message(tick.job, request=request_id.new()))
        return True


def ticks(settings: SchedulerSettings) -> list[Tick]:
    """Return every periodic job with its period.

    Args:
        settings: The periods.
    """
    return [
        Tick(jobs.CHARGE_DUE_MINUTES, settings.tick_seconds),
        Tick(jobs.ADVANCE_SESSIONS, settings.tick_seconds),
        Tick(jobs.TELL_GIFTS, settings.tick_seconds),
        Tick(jobs.SWEEP_STRIPE_EVENTS, settings.sweep_seconds),
        Tick(jobs.ROLL_UP, settings.roll_up_seconds),
        Tick(jobs.CHECK_LEDGER, settings.ledger_check_seconds),
        Tick(jobs.RUN_UPKEEP, settings.upkeep_seconds),
        Tick(jobs.RECONCILE, settings.reconcile_seconds),
    ]


def run(settings: SchedulerSettings) -> None:
    """Send ticks until SIGTERM or SIGINT.

    Args:
        settings: The scheduler's settings.
    """
    url = settings.redis_url.get_secret_value()
    clock = Clock(make_broker(url), make_redis(url))
    scheduler = BlockingScheduler(timezone=UTC)
    for tick in ticks(settings):
        scheduler.add_job(
            clock.tick,
            "interval",
            args=[tick],
            seconds=tick.seconds,
            id=tick.job.actor,
            next_run_time=datetime.now(UTC),
            # Late runs are folded into one: a tick says "look now", not "look once more".
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    log.info("scheduler_started", tick_seconds=settings.tick_seconds)
    scheduler.start()
    log.info("scheduler_stopped")


def main() -> None:
    """Run the scheduler."""
    run(begin("scheduler", SchedulerSettings))


if __name__ == "__main__":
    main()
