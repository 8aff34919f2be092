"""Applies the project's migrations with the Supabase CLI, as a release does; not called when nothing is pending.

The CLI runs each file in one transaction as the role postgres and records it in supabase_migrations.schema_migrations,
so `supabase migration list` agrees with what happened here.
"""

import hashlib
import json
import re
from pathlib import Path

from stack import supabase_cli
from stack.errors import MigrationError
from stack.paths import StackPaths
from stack.postgres import PostgresServer

_FILE_NAME = re.compile(r"(\d+)_.*\.sql")
_PATIENCE_SECONDS = 300


def apply_pending(server: PostgresServer, paths: StackPaths, database: str) -> list[str]:
    """Apply what `supabase/migrations` has and the database has not.

    Args:
        server: where the database is.
        paths: the stack, which keeps a digest of each applied file.
        database: name of the database.

    Returns:
        The versions that ran, oldest first.

    Raises:
        MigrationError: a statement failed, a file changed after it ran, or one that ran is no longer there.
    """
    local = _digests(paths.migrations)
    done = _recorded(server, database)
    kept = paths.state / "migrations.json"
    before: dict[str, str] = json.loads(kept.read_text()) if done and kept.exists() else {}
    changed = [
        version for version in done if version in local and before.get(version, local[version]) != local[version]
    ]
    gone = [version for version in done if version not in local]
    if changed or gone:
        raise MigrationError(
            f"Migrations that ran have changed or gone since: {', '.join(changed + gone)}.",
            "Run `soulseer reset` to start the database anew.",
        )
    pending = [version for version in local if version not in done]
    if pending:
        # Before, so that files which ran ahead of a failing one are known too.
        kept.write_text(json.dumps(local))
        _push(server.dsn(database, "postgres"), paths.migrations.parents[1])
    return pending


def _digests(folder: Path) -> dict[str, str]:
    """Return the digest of each migration by version, oldest first."""
    found: dict[str, str] = {}
    for place in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(place.name)
        if match:
            found[match.group(1)] = hashlib.sha256(place.read_bytes()).hexdigest()
    return found


def _recorded(server: PostgresServer, database: str) -> list[str]:
    with server.connect(database) as connection:
        there = connection.execute("select to_regclass('supabase_migrations.schema_migrations') is not null").fetchone()
        if there is None or not there[0]:
            return []
        rows = connection.execute("select version from supabase_migrations.schema_migrations order by version")
        return [str(row[0]) for row in rows]


def _push(dsn: str, project: Path) -> None:
    pushed = supabase_cli.run(["db", "push", "--yes"], dsn, project=project, patience=_PATIENCE_SECONDS)
    if pushed.returncode != 0:
        raise MigrationError(f"`supabase db push` failed:\n{pushed.stdout.strip()}\n{pushed.stderr.strip()}".rstrip())
