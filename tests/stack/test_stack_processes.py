"""Processes are ended only while they are ours, with everything they started, and never by their number alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import processes
from stack.paths import StackPaths
from stack.processes import ProcessRecord

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
# Starts a child in a session of its own, then waits.
PARENT = [
    sys.executable,
    "-c",
    (
        "import subprocess, sys, time;"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True);"
        "print('started', flush=True); time.sleep(60)"
    ),
]


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[StackPaths]:
    made = StackPaths(name="unit", state=tmp_path / "unit")
    made.make()
    yield made
    for name in processes.records(made):
        processes.stop(made, name, patience=0.1)
    processes.end_orphans(made)


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_started_process_is_apart_from_the_terminal_and_logs_to_its_file(paths: StackPaths) -> None:
    record = processes.start(paths, "speaker", [sys.executable, "-c", "print('hello'); import time; time.sleep(60)"])
    assert os.getsid(record.pid) == record.pid != os.getsid(0)
    processes.stop(paths, "speaker")
    assert not processes.is_alive(record)


def test_its_output_is_kept(paths: StackPaths) -> None:
    processes.start(paths, "speaker", [sys.executable, "-uc", "print('hello')"])
    wait_for(lambda: "hello" in (paths.logs / "speaker.log").read_text())


def test_a_process_killed_from_outside_counts_as_not_running(paths: StackPaths) -> None:
    record = processes.start(paths, "victim", SLEEP)
    assert list(processes.running(paths)) == ["victim"]
    os.kill(record.pid, signal.SIGKILL)
    wait_for(lambda: not processes.running(paths))
    assert processes.stop(paths, "victim") is False
    assert processes.records(paths) == {}


def test_a_pid_that_belongs_to_someone_else_by_now_is_left_alone(paths: StackPaths) -> None:
    stranger = subprocess.Popen(SLEEP)
    try:
        processes.adopt(paths, ProcessRecord("victim", stranger.pid, "another boot:1"))
        assert processes.running(paths) == {}
        assert processes.stop(paths, "victim") is False
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_does_not_listen_is_killed(paths: StackPaths) -> None:
    record = processes.start(paths, "stubborn", STUBBORN)
    wait_for(lambda: "deaf" in (paths.logs / "stubborn.log").read_text())
    assert processes.stop(paths, "stubborn", patience=0.2) is True
    assert not processes.is_alive(record)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="orphans are found through /proc")
def test_children_of_a_killed_parent_are_found_and_ended(paths: StackPaths) -> None:
    record = processes.start(paths, "parent", PARENT)
    wait_for(lambda: "started" in (paths.logs / "parent.log").read_text())
    os.kill(record.pid, signal.SIGKILL)
    wait_for(lambda: not processes.running(paths))
    orphans = list(processes.orphans(paths))
    assert len(orphans) == 1
    assert processes.end_orphans(paths) == 1
    assert processes.began_at(orphans[0]) is None


def test_orphans_of_another_stack_are_left_alone(paths: StackPaths, tmp_path: Path) -> None:
    other = StackPaths(name="other", state=tmp_path / "other")
    other.make()
    record = processes.start(other, "theirs", SLEEP)
    try:
        assert processes.end_orphans(paths) == 0
        assert processes.is_alive(record)
    finally:
        processes.stop(other, "theirs")
