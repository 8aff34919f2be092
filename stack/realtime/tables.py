"""What a change is told with: the table's columns and keys, which of them a role may see, and the row as JSON."""

from dataclasses import dataclass

from psycopg import sql
from pydantic import JsonValue

from stack.realtime.frames import decode_json, encode_json
from stack.realtime.pgoutput import UNCHANGED, Row
from stack.realtime.policies import Connection
from stack.realtime.tokens import JsonObject

_DESCRIBE = """
    select n.nspname::text, c.relname::text, c.relrowsecurity, a.attname::text, t.typname::text,
           coalesce(a.attnum = any (i.indkey), false)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.oid = %s
    order by a.attnum
"""
_MAY_SEE = """
    select a.attname::text from pg_attribute a
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
      and has_schema_privilege(%s, (select c.relnamespace from pg_class c where c.oid = a.attrelid), 'usage')
      and has_column_privilege(%s, a.attrelid, a.attnum, 'select')
"""
_JSON_TYPES = frozenset({"json", "jsonb"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the catalogue has it.

    Attributes:
        oid: its id.
        schema: where it is.
        name: what it is called.
        is_guarded: whether row-level security is on.
        types: type of each column, in order.
        keys: columns of the primary key.
    """

    oid: int
    schema: str
    name: str
    is_guarded: bool
    types: dict[str, str]
    keys: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """Its name in SQL."""
        return sql.Identifier(self.schema, self.name)

    def described(self, names: frozenset[str]) -> list[JsonValue]:
        """Return those of its columns as clients are told of them."""
        return [{"name": name, "type": kind} for name, kind in self.types.items() if name in names]

    def input(self, row: Row) -> str:
        """Return a row of the stream as JSON that `jsonb_populate_record` reads back into the columns' types."""
        told: dict[str, JsonValue] = {}
        for name, value in row.items():
            if value is None or value is UNCHANGED:
                told[name] = None
            else:
                told[name] = decode_json(value) if self.types.get(name) in _JSON_TYPES else value
        return encode_json(told)


async def describe(conn: Connection, oid: int) -> Table | None:
    """Look a table up; None when it is gone."""
    rows = await (await conn.execute(_DESCRIBE, [oid])).fetchall()
    if not rows:
        return None
    schema, name, is_guarded = rows[0][:3]
    keys = tuple(row[3] for row in rows if row[5])
    return Table(oid, schema, name, is_guarded, {row[3]: row[4] for row in rows}, keys)


async def visible_columns(conn: Connection, table: Table, role: str) -> frozenset[str]:
    """Return the columns a role may select."""
    rows = await (await conn.execute(_MAY_SEE, [table.oid, role, role])).fetchall()
    return frozenset(row[0] for row in rows)


async def as_json(conn: Connection, table: Table, row: Row) -> JsonObject:
    """Return a row of the stream with its values as JSON has them: numbers, booleans, objects."""
    query = sql.SQL("select to_jsonb(jsonb_populate_record(null::{}, %s::jsonb))").format(table.identifier)
    answer = await (await conn.execute(query, [table.input(row)])).fetchone()
    whole: JsonObject = answer[0] if answer else {}
    return {name: value for name, value in whole.items() if name in row}
