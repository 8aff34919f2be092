"""The demonstration as a newcomer runs it: it ends well, it ends badly, it is ended; and nothing stays behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import processes
from stack.instance import Stack
from stack.paths import PROJECT_ROOT

CLOSING_LINE = re.compile(
    r"demo ok: minutes=(\d+) charged=(\d+) reader=(\d+) platform=(\d+) payout=(\d+) ledger=balanced"
)
Demo = Callable[..., "subprocess.Popen[str]"]

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc"),
    pytest.mark.timeout(240),
]


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A stack that does not exist yet, for one demonstration; removed in the end."""
    stack = Stack.named(f"test-{os.getpid()}-demo")
    stack.remove()
    yield stack
    stack.remove()


@pytest.fixture
def start(own_stack: Stack) -> Iterator[Demo]:
    """Give a function that starts the demonstration on that stack, with more arguments."""
    started = []

    def run(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "demo", "--stack", own_stack.paths.name, *arguments]
        running = subprocess.Popen(
            command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(running)
        return running

    yield run
    for running in started:
        if running.poll() is None:
            running.terminate()
        running.communicate(timeout=60)


def left_behind(stack: Stack) -> list[str]:
    """Return the command lines of all processes that work for the stack."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"{processes.MARKER}={stack.paths.state}".encode() in (place / "environ").read_bytes().split(b"\0")
            inside = str((place / "cwd").readlink()).startswith(str(stack.paths.state))
            if marked or inside:
                found.append((place / "cmdline").read_text())
        except OSError:
            continue
    return found


def read_until(running: "subprocess.Popen[str]", words: str) -> None:
    """Read the demonstration's lines up to one with these words."""
    assert running.stdout is not None
    for line in running.stdout:
        if words in line:
            return
    pytest.fail(f"The demonstration ended before it said {words!r}.")


def test_the_demo_bills_a_session_in_under_a_minute_and_leaves_nothing(start: Demo, own_stack: Stack) -> None:
    began = time.monotonic()
    running = start()
    told, errors = running.communicate(timeout=200)
    seconds = time.monotonic() - began

    assert (running.returncode, errors) == (0, ""), told
    closing = CLOSING_LINE.fullmatch(told.splitlines()[-1])
    assert closing is not None, told
    minutes, charged, reader, platform, payout = map(int, closing.groups())
    assert minutes >= 4
    assert charged == minutes * 399 == reader + platform
    assert payout == reader > platform > 0
    assert left_behind(own_stack) == []
    assert not own_stack.paths.state.exists()
    # A newcomer's machine does nothing else meanwhile; this one may.
    assert seconds < 120


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_ended_takes_everything_down(start: Demo, own_stack: Stack, number: signal.Signals) -> None:
    running = start()
    read_until(running, "Doors open" if number is signal.SIGINT else "starting postgres")
    running.send_signal(number)
    told, errors = running.communicate(timeout=60)

    assert running.returncode == 1
    assert f"ended by {number.name}" in errors
    assert "demo ok" not in told
    assert left_behind(own_stack) == []
    assert not own_stack.paths.state.exists()


def test_a_demo_that_fails_says_why_and_keeps_the_logs_only(start: Demo, own_stack: Stack) -> None:
    running = start()
    read_until(running, "Doors open")
    for part in ("bridge", "webhooks"):
        os.kill(processes.running(own_stack.paths)[part].pid, signal.SIGKILL)
    told, errors = running.communicate(timeout=90)

    assert running.returncode == 1
    assert "demo failed: " in errors
    assert str(own_stack.paths.logs) in errors
    assert "demo ok" not in told
    assert left_behind(own_stack) == []
    assert (own_stack.paths.logs / "webhooks.log").exists()


def test_a_second_demo_on_the_same_stack_is_refused(start: Demo) -> None:
    first = start()
    read_until(first, "starting postgres")
    second = start()
    _, errors = second.communicate(timeout=30)

    assert second.returncode == 1
    assert "Another demo plays on the stack" in errors
