"""One worker process: declares all jobs, runs them in threads, and drains when told to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import FrameType
from typing import Final

import dramatiq

from soulseer import logs
from soulseer.jobs import Queue
from soulseer.settings import WorkerSettings
from workers import dispatch
from workers.accounts import tasks as accounts
from workers.disputes import tasks as disputes
from workers.notifications import tasks as notifications
from workers.payments import tasks as payments
from workers.payouts import tasks as payouts
from workers.reconciliation import tasks as reconciliation
from workers.refunds import tasks as refunds
from workers.sessions import tasks as sessions
from workers.streams import tasks as streams
from workers.tools import Tools
from workers.upkeep import tasks as upkeep

log = logs.get(__name__)

_LOOK_SECONDS: Final = 0.5
# What a session lives by. Its jobs ask the database alone, and have threads that no call to Stripe can hold up.
_LIVE: Final = frozenset({Queue.METER, Queue.SESSIONS})


def register(tools: Tools) -> None:
    """Declare every job of every domain.

    Args:
        tools: What they work with.
    """
    for domain in (
        sessions,
        payments,
        refunds,
        disputes,
        payouts,
        accounts,
        notifications,
        streams,
        upkeep,
        reconciliation,
    ):
        domain.register(tools)
    # Last: it sends events to the jobs declared above.
    dispatch.register(tools)


def make_workers(tools: Tools, settings: WorkerSettings) -> list[dramatiq.Worker]:
    """Return a worker for live sessions and one for everything else, not yet started.

    Args:
        tools: What the jobs work with, jobs declared.
        settings: Threads and polling.
    """
    return [
        dramatiq.Worker(
            tools.broker,
            queues={queue.value for queue in queues},
            worker_timeout=round(settings.worker_poll_seconds * 1000),
            worker_threads=settings.worker_threads,
        )
        for queues in (_LIVE, frozenset(Queue) - _LIVE)
    ]


def run(settings: WorkerSettings, parent: int) -> None:
    """Work until SIGTERM, or until the supervisor is gone; then finish the jobs under way.

    Args:
        settings: The workers' settings.
        parent: Process id of the supervisor.
    """
    stop = Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Ctrl-C reaches the whole group; the supervisor passes it on once, as SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})

    tools = Tools.make(settings)
    register(tools)
    tools.broker.emit_after("process_boot")
    workers = make_workers(tools, settings)
    for worker in workers:
        worker.start()
    log.info("worker_started", pid=os.getpid(), threads=settings.worker_threads)
    while not stop.wait(_LOOK_SECONDS):
        # A supervisor that was killed cannot pass a signal on; its workers must not outlive it.
        if os.getppid() != parent:
            log.warning("supervisor_gone")
            break
    tools.stopping.set()
    _stop(workers, settings.worker_drain_seconds)
    tools.broker.close()
    tools.rpc.close()
    tools.logins.close()
    tools.files.close()
    log.info("worker_stopped", pid=os.getpid())


def _stop(workers: Sequence[dramatiq.Worker], seconds: float) -> None:
    """Stop all at once, so that together they have so many seconds to finish what is under way."""
    with ThreadPoolExecutor(len(workers)) as stopping:
        for worker in workers:
            stopping.submit(worker.stop, timeout=round(seconds * 1000))
