"""The Dramatiq broker on Redis: work is carried, never kept.

Every job stands in the outbox, the inbox or the schedule, so a job that fails is not retried from Redis:
its row is claimed again after the visibility timeout, with its attempts counted where admins can see them.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from threading import local
from typing import Final

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Middleware, ShutdownNotifications, TimeLimit

from soulseer import logs, request_id
from soulseer.errors import UnavailableError

log = logs.get(__name__)

NAMESPACE: Final = "soulseer"
# A worker that was killed is taken for dead after this, and what it had fetched is handed out again.
_HEARTBEAT_TIMEOUT_MS: Final = 20_000
# Out of a million commands, how many also look after dead workers' messages.
_MAINTENANCE_CHANCE: Final = 10_000
# Dead letters are only dropped ticks; kept for a look at what happened.
_DEAD_MESSAGE_TTL_MS: Final = 3_600_000
_JOB_LIMIT_MS: Final = 120_000


class RequestIds(Middleware):
    """Gives every message a request id, and binds it while the job runs."""

    def __init__(self) -> None:
        self._running = local()

    def before_enqueue(self, _broker: dramatiq.Broker, message: dramatiq.Message[object], _delay: int | None) -> None:
        """Write the current request id, or a fresh one, into a message that has none."""
        message.options.setdefault("request_id", request_id.current_or_new())

    def before_process_message(self, _broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        """Bind the message's request id and the job's name for logs and calls."""
        stack = ExitStack()
        stack.enter_context(request_id.bound(request_id.accept(_text(message)), job=message.actor_name))
        self._running.stack = stack
        self._running.since = time.perf_counter()

    def after_process_message(
        self,
        _broker: dramatiq.Broker,
        _message: dramatiq.MessageProxy,
        *,
        result: object = None,  # noqa: ARG002  passed by name
        exception: BaseException | None = None,
    ) -> None:
        """Log how the job went and unbind its id."""
        milliseconds = round((time.perf_counter() - self._running.since) * 1000, 1)
        if isinstance(exception, UnavailableError):
            # Expected while a part of the system is away: its row is due again by itself.
            log.warning("job_unavailable", milliseconds=milliseconds, error=str(exception))
        elif exception is not None:
            log.error("job_failed", milliseconds=milliseconds, exc_info=exception)
        else:
            log.debug("job_done", milliseconds=milliseconds)
        self._unbind()

    def after_skip_message(self, _broker: dramatiq.Broker, _message: dramatiq.MessageProxy) -> None:
        """Unbind the id of a job that was dropped."""
        self._unbind()

    def _unbind(self) -> None:
        stack: ExitStack | None = getattr(self._running, "stack", None)
        if stack is not None:
            self._running.stack = None
            stack.close()


def make_redis(url: str) -> redis.Redis:
    """Return a client that gives up on an unreachable Redis within seconds.

    Args:
        url: redis(s)://…, may hold a password.
    """
    return redis.Redis.from_url(
        url, socket_connect_timeout=2.0, socket_timeout=5.0, health_check_interval=30, decode_responses=False
    )


def make_broker(url: str) -> RedisBroker:
    """Return a broker; connects on first use.

    Args:
        url: redis(s)://…, may hold a password.
    """
    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves its constructor untyped
        client=make_redis(url),
        namespace=NAMESPACE,
        heartbeat_timeout=_HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=_MAINTENANCE_CHANCE,
        dead_message_ttl=_DEAD_MESSAGE_TTL_MS,
        middleware=[RequestIds(), AgeLimit(), TimeLimit(time_limit=_JOB_LIMIT_MS), ShutdownNotifications()],
    )


def waiting(broker: dramatiq.Broker, *queues: str) -> int:
    """Return how many messages wait in some queues, none of which a worker has fetched.

    Args:
        broker: A broker of `make_broker`; any other tells nothing, which is 0.
        queues: Names of the queues.

    Raises:
        redis.RedisError: Redis is away.
    """
    if not isinstance(broker, RedisBroker):
        return 0
    return sum(broker.client.llen(f"{NAMESPACE}:{queue}") for queue in queues)


def _text(message: dramatiq.MessageProxy) -> str | None:
    value = message.options.get("request_id")
    return value if isinstance(value, str) else None
