"""Migrations are careful with a live database, and reach the same schema whether or not there is data in it."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from stack import database, policies, releases, snapshot, supabase_cli
from stack.errors import StackError
from stack.instance import Stack
from stack.paths import PROJECT_ROOT
from stack.worlds import World

MIGRATIONS = sorted(releases.MIGRATIONS.glob("*.sql"))
ROWS = PROJECT_ROOT / "tests" / "schema" / "rows"
UNSAFE = PROJECT_ROOT / "tests" / "schema" / "unsafe"

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.mark.parametrize("place", MIGRATIONS, ids=lambda place: place.stem)
def test_a_migration_waits_for_locks_a_few_seconds_at_most(place: Path) -> None:
    statements = re.sub(r"--.*", "", place.read_text()).strip()
    assert re.match(r"set lock_timeout = '[1-9]s';", statements), "begin with: set lock_timeout = '4s';"


def test_versions_are_unique_and_names_say_a_domain() -> None:
    told = [re.fullmatch(r"(\d{14})_[a-z][a-z0-9_]*\.sql", place.name) for place in MIGRATIONS]
    assert None not in told
    versions = [match[1] for match in told if match]
    assert sorted(set(versions)) == versions


# One after the other, over data -------------------------------------------------------------------------------------


@pytest.fixture
def unmigrated(stack: Stack) -> Iterator[Connection]:
    """A database as hosted is before the first migration."""
    server, name = stack.layout().server, f"unmigrated_{os.getpid()}"
    database.clone(server, name, database.BASELINE)
    try:
        with psycopg.connect(server.dsn(name, "postgres"), autocommit=True) as connection:
            yield connection
    finally:
        database.drop(server, name)


def counts(connection: Connection) -> dict[str, int]:
    """Rows of every table of ours that has any."""
    tables = connection.execute(
        """
        select relnamespace::regnamespace::text, relname from pg_class
        where relkind in ('r', 'p') and not relispartition
          and relnamespace::regnamespace::text in ('public', 'private', 'ledger')
        """
    ).fetchall()
    found: dict[str, int] = {}
    for schema, table in tables:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
        if row is not None and row[0]:
            found[f"{schema}.{table}"] = row[0]
    return found


def test_each_migration_applies_to_a_database_that_holds_the_data_of_its_time(
    unmigrated: Connection, schema_world: World
) -> None:
    written = {place.stem: place.read_text() for place in ROWS.glob("*.sql")}
    kept: dict[str, int] = {}
    for place in MIGRATIONS:
        with unmigrated.transaction():
            unmigrated.execute(place.read_bytes())
        now = counts(unmigrated)
        lost = {table: count for table, count in kept.items() if now.get(table, 0) < count}
        assert lost == {}, f"{place.name} lost rows"
        unmigrated.execute(written.pop(place.stem.partition("_")[2], "").encode())
        kept = counts(unmigrated)
    assert written == {}, "rows for a migration that is not there"
    assert len(kept) > 25
    proof = unmigrated.execute("select worker_api.check_ledger()").fetchone()
    assert proof == ({"balanced": True, "problems": []},)
    assert snapshot.text_of(f"{unmigrated.info.dsn} password=postgres") == snapshot.text_of(schema_world.dsn)


# Advice -------------------------------------------------------------------------------------------------------------


def test_the_advisors_find_neither_error_nor_warning(schema_world: World) -> None:
    asked = supabase_cli.run(["db", "advisors", "--level", "warn", "--fail-on", "warn"], schema_world.dsn)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "No issues found" in asked.stdout + asked.stderr


def test_the_advisors_would_say_it(world: World) -> None:
    with world.connect() as connection:
        connection.execute("create table public.bare (id int primary key); grant select on public.bare to anon")
    asked = supabase_cli.run(["db", "advisors", "--level", "warn", "--fail-on", "warn"], world.dsn)
    assert asked.returncode != 0
    assert "rls_disabled_in_public" in asked.stdout + asked.stderr


# After a release ----------------------------------------------------------------------------------------------------


def release(folder: Path, marker: str) -> Path:
    """A folder with a released and an unreleased migration."""
    (folder / "20260101000000_first.sql").write_text("create index readers_bio on public.readers (bio);\n")
    (folder / "20270101000000_second.sql").write_text("create index readers_name on public.readers (last_name);\n")
    (folder / "RELEASED").write_text(f"# The newest.\n{marker}\n")
    return folder


@pytest.mark.parametrize(
    ("marker", "checked"), [("none", []), ("20260101000000", ["20270101000000_second.sql"]), ("20270101000000", [])]
)
def test_only_migrations_after_the_last_release_are_checked(tmp_path: Path, marker: str, checked: list[str]) -> None:
    folder = release(tmp_path, marker)
    assert [place.name for place in releases.unreleased(folder)] == checked


@pytest.mark.parametrize("marker", ["", "20250101000000", "soon", "none\nnone"])
def test_a_marker_that_names_no_migration_is_refused(tmp_path: Path, marker: str) -> None:
    with pytest.raises(StackError, match="does not name a migration"):
        releases.released(release(tmp_path, marker))


def test_the_projects_own_marker_is_good_and_its_migrations_pass() -> None:
    releases.released()
    assert releases.findings(releases.unreleased()) == []


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("rewrite", {"changing-column-type", "adding-field-with-default"}),
        ("index", {"require-concurrent-index-creation"}),
        ("concurrent_index_in_transaction", {"ban-concurrent-index-creation-in-transaction"}),
        ("dropped_column", {"ban-drop-column"}),
        ("renamed_column", {"renaming-column"}),
        ("required_column", {"adding-required-field"}),
        ("constraint", {"constraint-missing-not-valid", "adding-foreign-key-constraint"}),
        ("no_lock_timeout", {"require-lock-timeout"}),
    ],
)
def test_an_unsafe_migration_is_refused_by_name_of_the_rule(name: str, rules: set[str]) -> None:
    found = releases.findings([UNSAFE / f"{name}.sql"])
    assert {match[1] for line in found if (match := re.search(r"warning: ([a-z-]+) ", line))} == rules


@pytest.mark.parametrize("place", sorted((UNSAFE.parent / "safe").glob("*.sql")), ids=lambda place: place.stem)
def test_the_careful_way_to_do_the_same_passes(place: Path) -> None:
    assert releases.findings([place]) == []


def test_policies_may_be_cut_anew_after_a_release(tmp_path: Path) -> None:
    place = tmp_path / "20270101000000_policies.sql"
    place.write_text(policies.cut())
    assert releases.findings([place]) == []


def test_the_supabase_cli_applies_the_careful_ones(world: World, tmp_path: Path) -> None:
    """An index made concurrently among them, which a transaction would refuse."""
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    for place in MIGRATIONS:
        shutil.copy(place, folder)
    for number, place in enumerate(sorted((UNSAFE.parent / "safe").glob("*.sql"))):
        shutil.copy(place, folder / f"299901010000{number:02}_{place.name}")
    shutil.copy(PROJECT_ROOT / "supabase" / "config.toml", folder.parent)
    pushed = supabase_cli.run(["db", "push", "--yes"], world.dsn, project=tmp_path)
    assert pushed.returncode == 0, pushed.stderr
    with world.connect() as connection:
        made = connection.execute("select indisvalid from pg_index where indexrelid = 'public.readers_name'::regclass")
        assert made.fetchone() == (True,)
