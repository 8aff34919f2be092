"""The stack by Supabase's own servers, through `supabase start`, where Docker is. The same `supabase/` folder."""

import os
import shutil
import subprocess

from stack.binaries import find_supabase
from stack.errors import DockerUnavailableError
from stack.paths import PROJECT_ROOT

_ANSWER_SECONDS = 20


def require_docker() -> None:
    """Check that Docker is installed and its daemon answers.

    Raises:
        DockerUnavailableError: it is not, or does not.
    """
    program = shutil.which("docker")
    if program is None:
        raise DockerUnavailableError("Docker is not installed.", "Leave --docker out: the stack needs none.")
    try:
        asked = subprocess.run(
            [program, "info", "--format", "{{.ServerVersion}}"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DockerUnavailableError(
            "The Docker daemon does not answer.", "Start it, or leave --docker out."
        ) from error
    if asked.returncode != 0:
        raise DockerUnavailableError("The Docker daemon does not answer.", "Start it, or leave --docker out.")


def start() -> int:
    """Run `supabase start` on the project, its output as it comes, and return its exit code.

    Raises:
        DockerUnavailableError: there is no Docker to run it on.
    """
    require_docker()
    quiet = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "SUPABASE_NO_UPDATE_NOTIFIER": "1"}
    command = [str(find_supabase().path), "start", "--workdir", str(PROJECT_ROOT)]
    return subprocess.run(command, env={**os.environ, **quiet}, check=False).returncode
