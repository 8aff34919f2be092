"""The snapshot and the types stand in the repository as the generators would write them, and are of use."""

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import BaseModel

from stack import client_types, diagrams, snapshot
from stack.binaries import find_deno
from stack.errors import BinaryMissingError, StackError
from stack.paths import PROJECT_ROOT
from stack.worlds import World

MODULE = client_types.FOLDER / "database.py"


def test_the_snapshot_says_what_the_database_says(schema_world: World) -> None:
    assert snapshot.PLACE.read_text() == snapshot.text_of(schema_world.dsn), "run `soulseer schema build`"


def test_the_snapshot_does_not_depend_on_the_day_or_the_reader(world: World) -> None:
    before = snapshot.text_of(world.dsn)
    with world.connect() as database:
        database.execute("select private.ensure_partitions(private.now() + interval '1 year', 2)")
        database.execute("set timezone = 'Asia/Kolkata'; analyze")
    assert before == snapshot.text_of(world.dsn) == snapshot.text_of(world.superuser_dsn)


@pytest.mark.parametrize(
    "change",
    [
        "alter table public.readers add column motto text",
        "alter table public.readers alter column headline set default ''",
        "alter table public.reviews drop constraint reviews_rating_check",
        "drop index public.reviews_reader",
        "create or replace function private.zero_uuid() returns uuid language sql immutable as 'select null::uuid'",
        "grant update (rating) on public.reviews to authenticated",
        "create policy everyone on public.reviews for select to anon using (true)",
        "alter table public.reviews disable row level security",
        "drop trigger touch on public.reviews",
        "alter type public.session_type add value 'LETTER'",
        "grant usage on schema worker_api to authenticated",
        "revoke execute on function public.end_session(uuid) from authenticated",
    ],
)
def test_a_change_behind_the_migrations_shows(schema_world: World, change: str) -> None:
    """The change stays in its transaction: the snapshot is read within it."""
    with schema_world.connect() as database:
        before = snapshot.read(database)
        database.autocommit = False
        database.execute(change.encode())
        assert snapshot.read(database) != before
        database.rollback()


def test_a_table_on_no_diagram_is_told_by_name(schema_world: World) -> None:
    with psycopg.connect(schema_world.dsn) as database:
        database.execute("create table public.forgotten (id uuid primary key)")
        with pytest.raises(StackError, match=r"public\.forgotten"):
            diagrams.pages(database)
        database.rollback()


def test_the_types_say_what_the_database_says(schema_world: World) -> None:
    texts = client_types.texts(schema_world.dsn)
    stale = [place.name for place, text in texts.items() if not place.exists() or place.read_text() != text]
    assert stale == [], "run `soulseer types build`"


def test_the_typescript_compiles_under_the_official_client_and_refuses_mistakes() -> None:
    if not (PROJECT_ROOT / "node_modules" / "@supabase" / "supabase-js").exists():
        pytest.skip("node_modules has no @supabase/supabase-js")
    try:
        deno = find_deno().path
    except BinaryMissingError as missing:
        pytest.skip(str(missing))
    checked = subprocess.run(
        [str(deno), "check", "--node-modules-dir=manual", "tests/schema/typed_client.ts"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


# Python -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models() -> ModuleType:
    spec = importlib.util.spec_from_file_location("database_types", MODULE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def peopled(world: World) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A world with a row in most tables."""
    with psycopg.connect(world.dsn, autocommit=True, row_factory=dict_row) as database:
        database.execute((PROJECT_ROOT / "supabase" / "seed.sql").read_bytes())
        yield database


def test_the_python_models_take_the_rows_of_every_public_table(
    models: ModuleType, peopled: psycopg.Connection[dict[str, Any]]
) -> None:
    taken = 0
    for row in peopled.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')"
    ).fetchall():
        name = "".join(word.capitalize() for word in row["relname"].split("_"))
        model: type[BaseModel] = getattr(models, f"Public{name}")
        model.model_rebuild(_types_namespace=vars(models))
        # As the API says it: JSON.
        listing = sql.SQL("select to_jsonb(t) as row from {} t limit 3").format(
            sql.Identifier("public", row["relname"])
        )
        for found in peopled.execute(listing).fetchall():
            model.model_validate(found["row"])
            taken += 1
    assert taken > 40
