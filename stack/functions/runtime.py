"""How Deno is started: offline, listening on the loopback, reading the functions' folder and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from stack.paths import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "supabase" / "functions"
_MAIN = Path(__file__).with_name("main.ts")
# Neither modules by address nor packages, no project file, no question to anybody: what stands here is all there is.
OFFLINE = ("--no-config", "--no-remote", "--no-npm", "--no-prompt", "--quiet")
QUIET_ENVIRONMENT = {"DENO_NO_UPDATE_CHECK": "1", "DENO_NO_PACKAGE_JSON": "1", "NO_COLOR": "1"}


def arguments(port: int, variables: Sequence[str]) -> list[str | Path]:
    """Return what follows the program's name.

    Args:
        port: to listen on.
        variables: names of what functions may read of their environment.
    """
    return [
        "run",
        *OFFLINE,
        "--allow-net=127.0.0.1",
        f"--allow-read={FOLDER}",
        f"--allow-env={','.join(variables)}",
        _MAIN,
        FOLDER,
        str(port),
    ]


def files() -> list[Path]:
    """Return the programs; a change of theirs means that Deno is started anew."""
    return [_MAIN, *sorted(place for place in FOLDER.rglob("*.ts") if not place.name.endswith("_test.ts"))]
