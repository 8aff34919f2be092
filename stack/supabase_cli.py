"""Runs the Supabase CLI against a database by its address: quiet, without telemetry, without Docker."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from stack.binaries import find_supabase
from stack.paths import PROJECT_ROOT

_QUIET = {
    "SUPABASE_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
    "SUPABASE_NO_UPDATE_NOTIFIER": "1",
    # The packaged Postgres speaks no TLS.
    "PGSSLMODE": "disable",
}


def run(
    arguments: Sequence[str], dsn: str, *, project: Path = PROJECT_ROOT, patience: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run a command of the Supabase CLI on a database and return how it ended, output included.

    Args:
        arguments: the command, such as `["db", "advisors"]`, and its options.
        dsn: address of the database, as the role the command acts as.
        project: the folder that holds `supabase/`.
        patience: seconds after which it is ended.

    Raises:
        BinaryMissingError: the CLI is not installed.
        subprocess.TimeoutExpired: it took longer than it may.
    """
    command = [str(find_supabase().path), *arguments, "--remote", dsn, "--agent", "no", "--workdir", str(project)]
    return subprocess.run(
        command,
        env={**os.environ, **_QUIET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
