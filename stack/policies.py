"""Cuts the policies migration out of `policies/`, where policies and grants stand, one re-runnable file per table."""

from pathlib import Path

from stack.errors import StackError
from stack.paths import PROJECT_ROOT
from stack.releases import MIGRATIONS, released

FOLDER = PROJECT_ROOT / "policies"
_HEADER = "-- Cut from policies/ by `soulseer policies build`. Edit there, not here.\n\nset lock_timeout = '4s';\n"


def cut() -> str:
    """Return the migration that brings a database to what `policies/` says: every file, in the order of their names."""
    return _HEADER + "".join(f"\n{place.read_text()}" for place in sorted(FOLDER.glob("*.sql")))


def newest() -> Path:
    """Return the migration that was cut last.

    Raises:
        StackError: none was ever cut.
    """
    found = sorted(MIGRATIONS.glob("*_policies.sql"))
    if not found:
        raise StackError("No policies migration exists.", f"Make an empty <timestamp>_policies.sql in {MIGRATIONS}.")
    return found[-1]


def build() -> tuple[Path, bool]:
    """Write the newest policies migration anew.

    Returns:
        Its place, and whether anything changed.

    Raises:
        StackError: none was ever cut, or the newest is released and stays as it is.
    """
    place, text = newest(), cut()
    if place.read_text() == text:
        return place, False
    last = released()
    if last is not None and place.name.partition("_")[0] <= last:
        raise StackError(f"{place.name} is released.", "Make an empty <timestamp>_policies.sql after it.")
    place.write_text(text)
    return place, True
