"""The stage the matrix is tried on: a world, its cast, rows of every table, and what each row says about everyone."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from stack.access import Matrix, Table, load
from stack.worlds import World
from tests.policies.cast import Actor, Cast
from tests.policies.scenery import Database, Scenery
from tests.policies.wire import Wire

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """A row, and what rights on it depend on.

    Attributes:
        key: what names it.
        row: its columns.
        people: names to user ids.
        rows: names of the conditions it meets.
    """

    key: str
    row: Row
    people: dict[str, str | None]
    rows: frozenset[str]

    def of(self, actor: Actor) -> frozenset[str]:
        """Return what the row names somebody as."""
        return frozenset(name for name, user in self.people.items() if actor.id and user == actor.id)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a cell is tried with."""

    world: World
    database: Database
    matrix: Matrix
    cast: Cast
    scenery: Scenery
    wire: Wire
    facts: dict[str, list[Facts]]
    columns: dict[str, list[str]]

    def describe(self, table: str, row: Row) -> Facts:
        """Return the facts of a row that is not there yet."""
        source = sql.SQL("jsonb_populate_record(null::public.{table}, %s)").format(table=sql.Identifier(table))
        (facts,) = _read(self.database, table, self.matrix.tables[table], source, Jsonb(row))
        return facts

    def shown(self, table: str, actor: Actor) -> list[str]:
        """Return the columns of a table that somebody may read, wherever they read it."""
        hidden = () if actor.caller.role == "service_role" else self.matrix.tables[table].hidden
        return [column for column in self.columns[table] if column not in hidden]

    def strongest(self, table: str) -> dict[Actor, Facts]:
        """Return, for each database role, who has most to say about a table, and the row they have it about.

        A privilege on a column belongs to a role, and differs for nobody: trying it with these tries it for everyone.
        """
        rows = self.facts[table]
        owner = max(self.cast.people(), key=lambda actor: max(len(facts.of(actor)) for facts in rows))
        dearest = max(rows, key=lambda facts: len(facts.of(owner)))
        others = ("anon", "admin_with_every_permission", "service_role")
        return {owner: dearest} | {self.cast[name]: rows[0] for name in others}


@contextlib.contextmanager
def set_stage(world: World) -> Iterator[Stage]:
    """Fill a world and read what is in it."""
    matrix = load()
    with psycopg.connect(world.superuser_dsn, autocommit=True) as database:
        cast = Cast(world, database)
        with database.transaction():
            scenery = Scenery(database, cast).build()
        found = database.execute(
            "select c.relname::text, array_agg(a.attname::text order by a.attnum) from pg_class c "
            "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
            "where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') group by 1"
        ).fetchall()
        columns = {str(name): list(names) for name, names in found}
        facts = {
            name: _read(database, name, table, sql.Identifier("public", name))
            for name, table in matrix.tables.items()
            if name in columns
        }
        yield Stage(world, database, matrix, cast, scenery, Wire(world.rest_url), facts, columns)


def _read(database: Database, name: str, table: Table, source: sql.Composable, *values: object) -> list[Facts]:
    people, rows = _pairs(table.people), _pairs(table.rows)
    query = sql.SQL(
        "select {name}.{key}::text, to_jsonb({name}), jsonb_build_object({people}), jsonb_build_object({rows}) "
        "from {source} {name}"
    ).format(name=sql.Identifier(name), key=sql.Identifier(table.key), people=people, rows=rows, source=source)
    return [
        Facts(str(key), row, who, frozenset(said for said, met in which.items() if met))
        for key, row, who, which in database.execute(query, values or None)
    ]


def _pairs(named: dict[str, str]) -> sql.Composed:
    """Return names and meanings as SQL: the matrix's own words, in which a row goes by its table's name."""
    parts = [sql.SQL("{}, ({})").format(sql.Literal(said), sql.SQL(meant)) for said, meant in named.items()]
    return sql.SQL(", ").join(parts)
