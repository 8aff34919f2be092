"""PostgREST: its configuration for one database, taken from supabase/config.toml so that hosted and local agree."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from stack.paths import PROJECT_ROOT

CONFIG = PROJECT_ROOT / "supabase" / "config.toml"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The [api] section of supabase/config.toml.

    Attributes:
        schemas: exposed schemas, the first is the default.
        extra_search_path: schemas searched besides the one asked for.
        max_rows: most rows an answer holds.
    """

    schemas: list[str]
    extra_search_path: list[str]
    max_rows: int

    @classmethod
    def read(cls) -> "ApiSettings":
        """Read them from the project."""
        api = tomllib.loads(CONFIG.read_text())["api"]
        return cls(list(api["schemas"]), list(api["extra_search_path"]), int(api["max_rows"]))


def write_configuration(
    place: Path, *, dsn: str, port: int, admin_port: int, jwks: Path, pool: int = 10, may_roll_back: bool = False
) -> None:
    """Write a configuration file for the owner only; it holds the database password.

    Args:
        place: the file.
        dsn: connection string of the role authenticator.
        port: port of the API.
        admin_port: port of /live and /ready.
        jwks: file with the keys tokens are verified with.
        pool: most connections it opens.
        may_roll_back: whether a request may ask that nothing of it stays (`Prefer: tx=rollback`); for tests.
    """
    api = ApiSettings.read()
    lines = {
        "db-uri": f'"{dsn}"',
        "db-schemas": f'"{",".join(api.schemas)}"',
        "db-extra-search-path": f'"{",".join(api.extra_search_path)}"',
        "db-anon-role": '"anon"',
        "db-max-rows": str(api.max_rows),
        "db-pool": str(pool),
        "jwt-secret": f'"@{jwks}"',
        "server-host": '"127.0.0.1"',
        "server-port": str(port),
        "admin-server-port": str(admin_port),
        "server-trace-header": '"X-Request-Id"',
        "log-level": '"warn"',
        **({"db-tx-end": '"commit-allow-override"'} if may_roll_back else {}),
    }
    place.touch(mode=0o600)
    place.write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
