"""Worker processes come back after a kill, finish what they began, and leave nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from soulseer import jobs
from soulseer.broker import make_broker
from tests.doubles.scripted import Answer, Asked, ScriptedServer
from tests.doubles.serving import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROW = "0197a000-0000-7000-8000-0000000000b1"
Start = Callable[[str], "subprocess.Popen[bytes]"]


def children(pid: int) -> set[int]:
    """Return the process ids of a process's children."""
    try:
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except FileNotFoundError:
        return set()


def two_children(process: subprocess.Popen[bytes], *, but: frozenset[int] = frozenset()) -> set[int]:
    """Wait until a process has two children, none of them among others, and return them."""

    def look() -> set[int]:
        found = children(process.pid)
        return found if len(found) == 2 and not found & but else set()

    return eventually(look, seconds=20)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(environment: dict[str, str], project: Path, redis_client: redis.Redis) -> Iterator[Start]:
    """Give a function that starts a module over the scripted servers; what is left is killed."""
    redis_client.flushall()
    started: list[subprocess.Popen[bytes]] = []

    def run(module: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen([sys.executable, "-m", module], cwd=project, env={**os.environ, **environment})
        started.append(made)
        return made

    yield run
    for process in started:
        for pid in {process.pid, *children(process.pid)}:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def send(redis_url: str) -> Iterator[Callable[[], None]]:
    """Give a function that sends one settled session."""
    broker = make_broker(redis_url)

    def enqueue() -> None:
        broker.enqueue(jobs.message(jobs.APPLY_SETTLED, outbox_id=ROW, payload={}))

    yield enqueue
    broker.client.close()


def test_a_killed_worker_is_replaced_and_work_goes_on(
    start: Start, send: Callable[[], None], database: ScriptedServer
) -> None:
    database.rpc("apply_session_settled", Answer(body=True))
    supervisor = start("workers")
    before = two_children(supervisor)
    send()
    eventually(lambda: len(database.calls("apply_session_settled")) == 1)

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    two_children(supervisor, but=frozenset(before))
    send()
    eventually(lambda: len(database.calls("apply_session_settled")) == 2, seconds=20)


def test_a_stopped_worker_finishes_the_job_it_began(
    start: Start, send: Callable[[], None], database: ScriptedServer, redis_client: redis.Redis
) -> None:
    def slowly(_asked: Asked) -> Answer:
        time.sleep(1.5)
        return Answer(body=True)

    database.rpc("apply_session_settled", slowly)
    supervisor = start("workers")
    workers = two_children(supervisor)
    send()
    eventually(lambda: len(database.calls("apply_session_settled")) == 1)

    supervisor.terminate()

    assert supervisor.wait(timeout=20) == 0
    assert not any(alive(pid) for pid in workers)
    # Acknowledged: neither waiting nor taken and unfinished.
    assert redis_client.hlen("soulseer:sessions.msgs") == 0


def test_workers_do_not_outlive_a_killed_supervisor(start: Start) -> None:
    supervisor = start("workers")
    workers = two_children(supervisor)

    supervisor.kill()

    eventually(lambda: not any(alive(pid) for pid in workers), seconds=20)


def test_the_scheduler_sends_ticks_until_it_is_told_to_stop(start: Start, redis_client: redis.Redis) -> None:
    schedulers = [start("workers.scheduler"), start("workers.scheduler")]
    began = time.monotonic()
    eventually(lambda: redis_client.llen("soulseer:meter") >= 6, seconds=30)

    for scheduler in schedulers:
        scheduler.terminate()
    assert [scheduler.wait(timeout=10) for scheduler in schedulers] == [0, 0]
    # Two jobs a second, from the two of them together.
    assert redis_client.llen("soulseer:meter") <= 2 * (time.monotonic() - began + 2)


def test_work_goes_on_after_redis_was_emptied(
    start: Start, send: Callable[[], None], database: ScriptedServer, redis_client: redis.Redis
) -> None:
    database.rpc("apply_session_settled", Answer(body=True))
    supervisor = start("workers")
    two_children(supervisor)
    send()
    eventually(lambda: len(database.calls("apply_session_settled")) == 1)

    redis_client.flushall()
    redis_client.script_flush()
    send()

    eventually(lambda: len(database.calls("apply_session_settled")) == 2)
