"""`postgres_changes`: rows of published tables, told to each subscriber that may see them.

Whether it may is asked of Postgres as the subscriber, once for each change and each distinct user, by looking for the
row under row-level security. A row that is gone cannot be looked for; of those only the primary key is told.
"""

import asyncio
import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg_pool import PoolTimeout

from stack.realtime.filters import Binding, BindingError
from stack.realtime.frames import TextMessage, encode_json
from stack.realtime.pgoutput import UNCHANGED, Change, Row
from stack.realtime.policies import Connection, Pool, become
from stack.realtime.rooms import Subscriber
from stack.realtime.tables import Table, as_json, describe, visible_columns
from stack.realtime.tokens import Claims, JsonObject

logger = logging.getLogger("stack.realtime")

_PUBLISHED = """
    select schemaname::text, tablename::text from pg_publication_tables where pubname = 'supabase_realtime'
"""
# The stream carries a commit a moment before other connections see its rows. It names the lower half of a transaction's
# number; the upper half is that of the nearest to now.
_VISIBLE = """
    select pg_visible_in_snapshot(
        (now + ((%s - now + 2147483648) & 4294967295) - 2147483648)::text::xid8, pg_current_snapshot())
    from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) as s (now)
"""
_SIGHT_SECONDS = 0.001
_UNAUTHORIZED = "Error 401: Unauthorized"


@dataclass(frozen=True, slots=True)
class _Subscription:
    """What one channel wants to hear of, and as whom."""

    subscriber: Subscriber
    topic: str
    binding: Binding
    claims: Claims


@dataclass(frozen=True, slots=True)
class _Told:
    """A change with its rows as JSON, before anybody's rights are looked at."""

    change: Change
    table: Table
    record: JsonObject
    old: JsonObject


class Changes:
    """Who listens to which table."""

    def __init__(self, pool: Pool, roles: tuple[str, ...]) -> None:
        """Take connections of supabase_realtime_admin, and the roles a token may name."""
        self._pool = pool
        self._roles = frozenset(roles)
        self._subscriptions: dict[Subscriber, list[_Subscription]] = {}
        self._waiting: asyncio.Queue[Change] = asyncio.Queue()
        self._tables: dict[int, Table] = {}
        self._columns: dict[tuple[int, str], frozenset[str]] = {}
        self._seen = 0

    # Subscribing ----------------------------------------------------------------------------------------------------

    def bindings(self, wanted: Sequence[JsonObject]) -> list[JsonObject]:
        """Return what a client asked for, with the ids under which it will be told."""
        return [{**one, "id": _id(one)} for one in wanted]

    async def subscribe(
        self, subscriber: Subscriber, topic: str, wanted: Sequence[JsonObject], claims: Claims
    ) -> str | None:
        """Let a channel hear of tables from now on.

        Returns:
            What is wrong with what it wants, in which case it hears of nothing; None when all is well.
        """
        try:
            read = [Binding.read(one, _id(one)) for one in wanted]
            async with self._pool.connection() as conn:
                for binding in read:
                    await _check(conn, binding)
        except BindingError as error:
            return str(error)
        except (psycopg.Error, PoolTimeout) as error:
            logger.warning("could not subscribe to tables: %s", error)
            return "Unable to subscribe to changes with given parameters. Please check your connect parameters"
        if claims.role not in self._roles:
            return _UNAUTHORIZED
        self._subscriptions[subscriber] = [_Subscription(subscriber, topic, one, claims) for one in read]
        return None

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Let a channel hear of no table any more."""
        self._subscriptions.pop(subscriber, None)

    # Changes --------------------------------------------------------------------------------------------------------

    def forget(self, oid: int) -> None:
        """Look a table up anew, as it may have been altered."""
        self._tables.pop(oid, None)
        for key in [key for key in self._columns if key[0] == oid]:
            del self._columns[key]

    def offer(self, change: Change) -> None:
        """Take a change out of the stream; those nobody listens to go no further."""
        if any(self._interested(change)):
            self._waiting.put_nowait(change)

    def _interested(self, change: Change) -> Iterable[_Subscription]:
        relation = change.relation
        for subscriptions in self._subscriptions.values():
            for one in subscriptions:
                if one.binding.covers(relation.schema, relation.name) and one.binding.wants(change.kind):
                    yield one

    async def run(self) -> None:
        """Tell of changes, in the order of their commits, until cancelled."""
        while True:
            change = await self._waiting.get()
            try:
                async with self._pool.connection() as conn:
                    await self._tell(conn, change)
            except Exception:
                # One change that cannot be told must not keep the later ones back.
                logger.exception("a change of %s could not be told", change.relation.name)

    async def _tell(self, conn: Connection, change: Change) -> None:
        if change.transaction != self._seen:
            await _until_visible(conn, change.transaction)
            self._seen = change.transaction
        table = self._tables.get(change.relation.oid) or await describe(conn, change.relation.oid)
        if table is None:
            return
        self._tables[table.oid] = table
        told = await _as_told(conn, table, change)
        users: dict[tuple[str, str], list[_Subscription]] = {}
        for one in list(self._interested(change)):
            if await _passes(conn, table, change, one.binding):
                users.setdefault((one.claims.role, one.claims.encoded), []).append(one)
        for subscriptions in users.values():
            await self._tell_user(conn, told, subscriptions)

    async def _tell_user(self, conn: Connection, told: _Told, subscriptions: Sequence[_Subscription]) -> None:
        """Tell one user, on whatever channels it listens, if it may see the row."""
        claims = subscriptions[0].claims
        key = (told.table.oid, claims.role)
        if key not in self._columns:
            self._columns[key] = await visible_columns(conn, told.table, claims.role)
        columns = self._columns[key]
        record = told.record
        if columns and told.change.kind != "DELETE":
            found = await _look(conn, told, claims, columns)
            if found is None:
                return
            record = {**record, **found}
        channels: dict[Subscriber, list[_Subscription]] = {}
        for one in subscriptions:
            channels.setdefault(one.subscriber, []).append(one)
        for subscriber, those in channels.items():
            data = _data(told, record, columns, those[0].binding.columns)
            ids = [one.binding.id for one in those]
            message = TextMessage("postgres_changes", f'{{"ids":{encode_json(ids)},"data":{encode_json(data)}}}')
            subscriber.send(message.encode(subscriber.version, those[0].topic))


def _id(wanted: JsonObject) -> int:
    """Return a number that stands for just this wish, the same at every join."""
    return zlib.crc32(encode_json(dict(sorted(wanted.items()))).encode())


async def _until_visible(conn: Connection, transaction: int) -> None:
    while True:
        row = await (await conn.execute(_VISIBLE, [transaction])).fetchone()
        if row is None or row[0]:
            return
        await asyncio.sleep(_SIGHT_SECONDS)


async def _check(conn: Connection, binding: Binding) -> None:
    """Find the tables of a binding, and let Postgres read its conditions.

    Raises:
        BindingError: there is no such table, or a condition does not fit it.
    """
    published = await (await conn.execute(_PUBLISHED)).fetchall()
    tables = [(schema, name) for schema, name in published if binding.covers(schema, name)]
    if not tables:
        raise BindingError(
            "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given "
            f"connect parameters: [{binding}]"
        )
    for schema, name in tables:
        try:
            await conn.execute(_matching(sql.Identifier(schema, name), binding, "{}"))
        except psycopg.Error as error:
            raise BindingError(
                "Unable to subscribe to changes with given parameters. An exception happened so please check your "
                f"connect parameters: [{binding}]. Exception: {error.diag.message_primary}"
            ) from error


def _matching(table: sql.Identifier, binding: Binding, row: str) -> sql.Composed:
    # Without parameters, so that a percent sign of a pattern stands for itself.
    conditions = [condition.sql("r") for condition in binding.conditions] or [sql.SQL("true")]
    query = sql.SQL("select from jsonb_populate_record(null::{}, {}::jsonb) r where {}")
    return query.format(table, sql.Literal(row), sql.SQL(" and ").join(conditions))


async def _passes(conn: Connection, table: Table, change: Change, binding: Binding) -> bool:
    """Tell whether the row meets the binding's conditions: as it is now, or as it was when it is gone."""
    if not binding.conditions:
        return True
    row = change.old if change.kind == "DELETE" else change.new
    return (await conn.execute(_matching(table.identifier, binding, table.input(row)))).rowcount > 0


async def _as_told(conn: Connection, table: Table, change: Change) -> _Told:
    # An update that leaves the key alone brings no old row: its key is the new one's.
    old: Row = change.old or {name: value for name, value in change.new.items() if name in change.relation.keys}
    shown = {name: value for name, value in old.items() if not table.is_guarded or name in table.keys}
    record = await as_json(conn, table, change.new) if change.new else {}
    before = await as_json(conn, table, shown) if shown and change.kind != "INSERT" else {}
    return _Told(change, table, record, before)


async def _look(conn: Connection, told: _Told, claims: Claims, columns: frozenset[str]) -> JsonObject | None:
    """Look for the row as the user.

    Returns:
        The values that were not in the stream; None when the user may not see the row, or it is gone by now.
    """
    table, row = told.table, told.change.new
    absent = [name for name, value in row.items() if value is UNCHANGED and name in columns]
    if not table.keys or not columns.issuperset(table.keys):
        return None
    members = [sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in absent]
    keys = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(row[name])) for name in table.keys]
    query = sql.SQL("select jsonb_build_object({}) from {} where {}").format(
        sql.SQL(", ").join(members), table.identifier, sql.SQL(" and ").join(keys)
    )
    found = None
    async with conn.transaction(force_rollback=True):
        await become(conn, claims)
        try:
            found = await (await conn.execute(query)).fetchone()
        except psycopg.Error as error:
            logger.warning("a policy of %s failed: %s", table.name, error)
            raise psycopg.Rollback from error
    return found[0] if found else None


def _data(told: _Told, record: JsonObject, columns: frozenset[str], selected: Sequence[str]) -> JsonObject:
    change = told.change
    committed = f"{change.committed_at:%Y-%m-%dT%H:%M:%S}.{change.committed_at.microsecond // 1000:03d}Z"
    shown = columns.intersection(selected) | columns.intersection(told.table.keys) if selected else columns
    data: JsonObject = {
        "schema": change.relation.schema,
        "table": change.relation.name,
        "type": change.kind,
        "commit_timestamp": committed,
        "columns": told.table.described(shown),
        "errors": None if columns else [_UNAUTHORIZED],
    }
    if change.kind != "DELETE":
        data["record"] = {name: value for name, value in record.items() if name in shown}
    if change.kind != "INSERT":
        data["old_record"] = {name: value for name, value in told.old.items() if name in shown}
    return data
