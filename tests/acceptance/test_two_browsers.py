"""The example of two browsers, run as a newcomer runs it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from stack.paths import PROJECT_ROOT


@pytest.mark.timeout(180)
def test_two_browsers_hold_a_session() -> None:
    command = [sys.executable, "-m", "examples.two_browsers"]
    ran = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    last = ran.stdout.strip().splitlines()[-1]
    counts, bill = r"messages=3 files=1 signals=3 pauses=1", r"billed_seconds=(\d+) charged=(\d+)"
    found = re.fullmatch(f"two-browsers ok: {counts} {bill} end=client_ended", last)
    assert found is not None, last
    assert int(found[1]) >= 4
    assert int(found[2]) > 0
    for seen in (
        "reads: What do the cards say?",
        "sees a picture: image/gif, 42 bytes",
        "signal: answer",
        "the session is paused",
        "may not write in the pause",
    ):
        assert seen in ran.stdout
