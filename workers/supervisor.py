"""Keeps the worker processes running: starts them, replaces one that died, drains all on SIGTERM.

Dramatiq's own command line ends all workers when one dies; here a killed worker costs only its own jobs,
which stand in the outbox and the inbox, and the others charge on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.connection import wait
from multiprocessing.context import ForkContext, ForkProcess, SpawnContext, SpawnProcess
from types import FrameType
from typing import Final

from soulseer import logs
from soulseer.settings import WorkerSettings
from workers import process

log = logs.get(__name__)

# A worker that died sooner than this after its start is replaced only after this pause.
_SETTLED_SECONDS: Final = 5.0
_RESTART_PAUSE_SECONDS: Final = 2.0
_GRACE_SECONDS: Final = 5.0
_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT})


class Supervisor:
    """Runs the worker processes of one machine.

    Args:
        settings: The workers' settings.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        # Forked children share the memory of imported libraries; elsewhere than on Linux forking is unsafe.
        self._context: ForkContext | SpawnContext = (
            multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
        )
        self._workers: dict[ForkProcess | SpawnProcess, float] = {}
        self._stopping = False

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then drain the workers and return."""
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        for _ in range(self._settings.worker_processes):
            self._start()
        while not self._stopping:
            wait([worker.sentinel for worker in self._workers], timeout=1.0)
            self._replace_dead()
        self._drain()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self) -> None:
        worker = self._context.Process(target=process.run, args=(self._settings, os.getpid()), daemon=False)
        # Held back until the child has handlers of its own, or it would answer with its parent's.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self._workers[worker] = time.monotonic()

    def _replace_dead(self) -> None:
        for worker, started in list(self._workers.items()):
            if worker.is_alive() or self._stopping:
                continue
            del self._workers[worker]
            log.error("worker_died", pid=worker.pid, exit_code=worker.exitcode)
            if time.monotonic() - started < _SETTLED_SECONDS:
                time.sleep(_RESTART_PAUSE_SECONDS)
            self._start()

    def _drain(self) -> None:
        log.info("workers_draining", processes=len(self._workers))
        for worker in self._workers:
            worker.terminate()
        until = time.monotonic() + self._settings.worker_drain_seconds + _GRACE_SECONDS
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
            if worker.is_alive():
                log.error("worker_killed", pid=worker.pid)
                worker.kill()
                worker.join()
