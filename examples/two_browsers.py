"""Bring a stack up, let two browsers hold a session on it, take it down: `python -m examples.two_browsers`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from stack.errors import StackError
from stack.instance import Stack

_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_err = Console(stderr=True, highlight=False)


def main() -> int:
    """Run the example; return its exit code, 1 when the stack does not come up."""
    asked = argparse.ArgumentParser(prog="python -m examples.two_browsers", description=__doc__)
    asked.add_argument("--keep", action="store_true", help="leave the stack up, to look around in")
    options = asked.parse_args()
    stack = Stack.named(f"two-browsers-{os.getpid()}")
    try:
        _err.print("[dim]· the stack comes up[/]")
        env = stack.up(services=True).env
        # Older node keeps its WebSocket behind a flag.
        command = ["node", "--experimental-websocket", str(_SCRIPT)]
        return subprocess.run(command, env={**os.environ, **env.variables()}, check=False).returncode
    except StackError as error:
        _err.print(f"[red]two-browsers failed[/]: {error}")
        return 1
    finally:
        if options.keep:
            _err.print(f"The stack is up: `soulseer down --name {stack.paths.name} --remove` ends it.")
        else:
            stack.remove()


if __name__ == "__main__":
    sys.exit(main())
