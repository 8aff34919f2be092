"""`postgres_changes`: rows of published tables reach those who may see them, and nobody else."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from stack.worlds import World
from tests.sql.marketplace import Marketplace, Person
from tests.stack.realtime.listeners import Town, until


@pytest.fixture(scope="module")
def notes(realtime_world: World) -> Iterator[World]:
    """A published table whose rows belong to somebody."""
    with realtime_world.connect() as database:
        database.execute(
            "create table public.notes (id int primary key, owner uuid not null, body text, tags text[], facts jsonb, "
            "  secret text);"
            "alter table public.notes enable row level security;"
            "create policy own on public.notes for select to authenticated using (owner = (select auth.uid()));"
            "grant select (id, owner, body, tags, facts) on public.notes to authenticated;"
            "grant select on public.notes to service_role;"
            "create table public.unpublished (id int primary key);"
            "alter publication supabase_realtime add table public.notes"
        )
        yield realtime_world
        database.execute("drop table public.notes, public.unpublished")


@pytest.fixture
def people(market: Marketplace) -> tuple[Person, Person]:
    return market.client(), market.client()


async def test_each_hears_of_the_own_rows_with_typed_values(
    town: Town, notes: World, people: tuple[Person, Person]
) -> None:
    mine, other = people
    ear = await (await town.device(mine.token)).join(f"c-{uuid4()}", table="notes")
    stranger = await (await town.device(other.token)).join(f"c-{uuid4()}", table="notes")
    nobody = await (await town.device()).join(f"c-{uuid4()}", table="notes")
    assert ear.notices == ["Subscribed to PostgreSQL"]
    # Each is awaited: a row is looked for when its change is told, and must still be there.
    with notes.connect() as database:
        database.execute("insert into notes values (1, %s, 'one', '{a,b}', '{\"n\": 1.5}', 'hidden')", [mine.id])
        await until(lambda: len(ear.changes) == 1)
        database.execute("update notes set body = 'two' where id = 1")
        await until(lambda: len(ear.changes) == 2)
        database.execute("insert into notes values (2, %s, 'end')", [other.id])
        database.execute("delete from notes where id = 1")
    await until(lambda: len(ear.changes) == 3 and len(stranger.changes) == 2)
    insert, update, delete = ear.changes
    record = {"id": 1, "owner": mine.id, "body": "one", "tags": ["a", "b"], "facts": {"n": 1.5}}
    assert (insert["type"], insert["record"], insert["errors"]) == ("INSERT", record, None)
    assert {"name": "id", "type": "int4"} in insert["columns"]
    assert (update["type"], update["record"]["body"], update["old_record"]) == ("UPDATE", "two", {"id": 1})
    # Who may see a row that is gone cannot be asked: its key is told, no more.
    assert (delete["type"], delete["old_record"]) == ("DELETE", {"id": 1})
    assert [(one["type"], one.get("record", {}).get("body")) for one in stranger.changes] == [
        ("INSERT", "end"),
        ("DELETE", None),
    ]
    assert all(one["errors"] == ["Error 401: Unauthorized"] and not one.get("record") for one in nobody.changes)


@pytest.mark.parametrize(
    ("where", "heard"),
    [
        ("id=eq.11", [11]),
        ("id=gt.11,body=neq.c", [13]),
        ("id=not.in.(11,12)", [13]),
        ("body=in.(a,c)", [11, 12]),
        ("body=like.%a", [11]),
        ("tags=is.null", [11, 12, 13]),
    ],
)
async def test_a_filter_is_judged_by_postgres(
    town: Town, notes: World, people: tuple[Person, Person], where: str, heard: list[int]
) -> None:
    mine, _ = people
    ear = await (await town.device(mine.token)).join(f"c-{uuid4()}", table="notes", where=where)
    last = await (await town.device(mine.token)).join(f"c-{uuid4()}", table="notes")
    with notes.connect() as database:
        for number, body in ((11, "a"), (12, "c"), (13, "d")):
            database.execute("insert into notes values (%s, %s, %s)", [number, mine.id, body])
        await until(lambda: len(last.changes) == 3)
        database.execute("delete from notes where owner = %s", [mine.id])
        await until(lambda: len(last.changes) == 6)
    assert [one["record"]["id"] for one in ear.changes if one["type"] == "INSERT"] == heard


async def test_only_wanted_columns_are_told(town: Town, notes: World, people: tuple[Person, Person]) -> None:
    mine, _ = people
    ear = await (await town.device(mine.token)).join(f"c-{uuid4()}", table="notes", columns=["body", "secret"])
    with notes.connect() as database:
        database.execute("insert into notes values (21, %s, 'x', null, null, 'hidden')", [mine.id])
        await until(lambda: ear.changes)
        database.execute("delete from notes where id = 21")
    assert ear.changes[0]["record"] == {"id": 21, "body": "x"}


@pytest.mark.parametrize(
    ("table", "where", "words"),
    [
        ("unpublished", None, "Please check Realtime is enabled for the given connect parameters"),
        ("notes", "id=eq.word", "An exception happened so please check your connect parameters"),
        ("notes", "missing=eq.1", "An exception happened so please check your connect parameters"),
        ("notes", "id=foo.1", "Error parsing `filter` params"),
    ],
)
async def test_what_cannot_be_subscribed_to_is_said(
    town: Town, notes: World, market: Marketplace, table: str, where: str | None, words: str
) -> None:
    assert notes is market.world
    ear = await (await town.device(market.client().token)).join(f"c-{uuid4()}", table=table, where=where)
    assert words in ear.errors[-1]
