"""Knows which migrations are released, and checks those that are not for what would hurt a live database.

Until the first release nothing is checked: a migration may then be edited in place. Afterwards squawk, configured in
`.squawk.toml`, refuses what rewrites a table, locks it for long, or takes away what running clients still use.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stack.errors import StackError
from stack.paths import PROJECT_ROOT

MIGRATIONS = PROJECT_ROOT / "supabase" / "migrations"
_MARKER = "RELEASED"
_RULES = PROJECT_ROOT / ".squawk.toml"
_NONE = "none"
_VERSION = re.compile(r"\d{14}")


def released(folder: Path = MIGRATIONS) -> str | None:
    """Return the version of the newest released migration, or None before the first release.

    Raises:
        StackError: the marker is missing, or says something else than `none` or the version of a migration.
    """
    marker = folder / _MARKER
    lines = marker.read_text().splitlines() if marker.exists() else []
    words = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if words == [_NONE]:
        return None
    if len(words) == 1 and _VERSION.fullmatch(words[0]) and list(folder.glob(f"{words[0]}_*.sql")):
        return words[0]
    raise StackError(f"{marker} does not name a migration.", "It holds one version, or `none`, beside comments.")


def unreleased(folder: Path = MIGRATIONS) -> list[Path]:
    """Return the migrations after the last release, oldest first; none before the first release."""
    last = released(folder)
    if last is None:
        return []
    return [place for place in sorted(folder.glob("*.sql")) if place.name.partition("_")[0] > last]


def findings(places: Sequence[Path]) -> list[str]:
    """Return what squawk finds in these migrations, a line each: place, rule and reason.

    Raises:
        StackError: squawk is not installed or failed.
    """
    if not places:
        return []
    squawk = Path(sys.executable).parent / "squawk"
    if not squawk.exists():
        raise StackError("There is no squawk here.", "Run `make setup`.")
    command = [str(squawk), "--config", str(_RULES), "--reporter", "gcc", *map(str, places)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in found.stdout.splitlines() if line.strip()]
    if found.returncode != 0 and not lines:
        raise StackError(f"squawk failed:\n{found.stderr.strip()}")
    return lines
