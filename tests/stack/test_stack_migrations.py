"""Migrations run through the Supabase CLI as the role postgres, on a new stack and on a running one alike."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from stack.binaries import find_supabase
from stack.database import TEMPLATE
from stack.environment import StackEnv
from stack.errors import MigrationError
from stack.instance import Stack
from stack.paths import PROJECT_ROOT, StackPaths

pytestmark = pytest.mark.timeout(300)

FIRST = "29990101000000"
SECOND = "29990101000001"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one migration of its own, whose stack is used instead of this one's."""
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "supabase" / "config.toml", folder.parent)
    hook = (
        "create function public.custom_access_token_hook(event jsonb) returns jsonb language sql as $$ select event $$;"
    )
    (folder / f"{FIRST}_first.sql").write_text(f"create table public.first (id int);\n{hook}\n")
    monkeypatch.setattr(StackPaths, "migrations", folder)
    return folder


@pytest.fixture
def young(project: Path) -> Iterator[Stack]:
    assert project.exists()
    stack = Stack.named(f"test-{os.getpid()}-young")
    yield stack
    stack.remove()


def one(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn) as database:
        row = database.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def test_a_migration_reaches_a_running_stack_its_api_and_its_template(young: Stack, project: Path) -> None:
    first = young.up(services=False)
    assert list(first.migrations) == [FIRST]
    (project / f"{SECOND}_second.sql").write_text(
        "create function public.second() returns int stable language sql as $$ select 2 $$;\n"
        "grant execute on function public.second() to anon;\n"
    )
    second = young.up(services=False)
    assert (list(second.migrations), list(second.started)) == ([SECOND], [])
    assert ask(second.env, "/rest/v1/rpc/second") == 2
    template = young.layout().server.dsn(TEMPLATE)
    assert one(template, "select public.second()") == 2
    assert one(second.env.db_url, "select proowner::regrole::text from pg_proc where proname = 'second'") == "postgres"


def ask(env: StackEnv, path: str) -> Any:
    """Call the API, which sees new functions a moment after they were made."""
    deadline = time.monotonic() + 10
    while (answer := httpx.get(f"{env.api_url}{path}", headers={"apikey": env.publishable_key})).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)
    return answer.json()


def test_a_changed_or_vanished_migration_is_refused_with_advice(young: Stack, project: Path) -> None:
    young.up(services=False)
    place = project / f"{FIRST}_first.sql"
    before = place.read_text()
    place.write_text(before + "create table public.late (id int);\n")
    with pytest.raises(MigrationError, match=f"{FIRST}.*soulseer reset"):
        young.up(services=False)
    place.rename(project / f"{SECOND}_first.sql")
    with pytest.raises(MigrationError, match=f"{FIRST}.*soulseer reset"):
        young.up(services=False)
    assert list(young.reset().migrations) == [SECOND]
    assert one(young.env().db_url, "select to_regclass('public.late') is not null")


def test_a_failing_migration_is_told_with_its_statement_and_undone(young: Stack, project: Path) -> None:
    (project / f"{SECOND}_broken.sql").write_text("create table public.half (id int);\nselect * from nowhere;\n")
    with pytest.raises(MigrationError, match="nowhere"):
        young.up(services=False)
    server = young.layout().server
    assert one(server.dsn(), "select to_regclass('public.half') is null")
    assert one(server.dsn(), "select to_regclass('public.first') is not null")
    (project / f"{SECOND}_broken.sql").write_text("create table public.half (id int);\n")
    assert list(young.up(services=False).migrations) == [SECOND]


def test_the_supabase_cli_agrees_on_what_was_applied(stack_env: StackEnv) -> None:
    quiet = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "SUPABASE_NO_UPDATE_NOTIFIER": "1"}
    arguments = ["migration", "list", "--remote", stack_env.db_url, "--workdir", str(PROJECT_ROOT), "--agent", "no"]
    listed = subprocess.run(
        [str(find_supabase().path), *arguments],
        env={**os.environ, **quiet, "PGSSLMODE": "disable"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    for place in (PROJECT_ROOT / "supabase" / "migrations").glob("*.sql"):
        version = place.name.partition("_")[0]
        # Here, then there.
        assert f"`{version}` | `{version}`" in listed, listed
