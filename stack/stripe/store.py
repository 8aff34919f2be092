"""Everything the stand-in remembers, in one SQLite file, so that a killed process goes on where it stopped.

One request is one transaction (`Store.transaction`), and the server runs them one after another, so handlers see no
concurrency. Objects are kept as the JSON that the API answers, beside a `private` JSON that never leaves the process.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Body = dict[str, Any]

_SCHEMA = """
create table if not exists objects (
    seq integer primary key autoincrement,
    id text not null unique,
    kind text not null,
    account text not null,
    created integer not null,
    body text not null,
    private text not null default '{}'
);
create index if not exists objects_listed on objects (kind, account, seq);
create index if not exists objects_by_transfer_group on objects (json_extract(body, '$.transfer_group'))
    where kind = 'transfer';
create index if not exists objects_by_source on objects (json_extract(body, '$.source'))
    where kind = 'balance_transaction';
create index if not exists objects_by_intent on objects (json_extract(body, '$.payment_intent')) where kind = 'charge';
create table if not exists balances (
    account text not null,
    currency text not null,
    available integer not null default 0,
    pending integer not null default 0,
    primary key (account, currency)
);
create table if not exists idempotency (
    account text not null,
    key text not null,
    path text not null,
    fingerprint text not null,
    request_id text not null,
    status integer not null,
    answer text not null,
    created real not null,
    primary key (account, key)
);
create index if not exists idempotency_created on idempotency (created);
create table if not exists timers (
    id integer primary key,
    due real not null,
    kind text not null,
    object_id text not null
);
create index if not exists timers_due on timers (due);
create table if not exists deliveries (
    id integer primary key,
    event_id text not null,
    endpoint_id text not null,
    tries integer not null default 0,
    due real not null,
    state text not null default 'pending',
    answer text
);
create index if not exists deliveries_due on deliveries (state, due);
create index if not exists deliveries_of_event on deliveries (event_id);
create table if not exists requests (
    id text primary key,
    at real not null,
    method text not null,
    path text not null,
    account text not null,
    key text,
    status integer,
    replayed integer not null default 0,
    fault text
);
create table if not exists faults (id integer primary key, body text not null);
create table if not exists notes (name text primary key, body text not null);
"""

_TABLES = ("objects", "balances", "idempotency", "timers", "deliveries", "requests", "faults", "notes")


@dataclass(frozen=True)
class Page:
    """A slice of a list, newest first, and whether more lies beyond it."""

    rows: list[Body]
    has_more: bool


class Store:
    """The SQLite file behind everything; not thread-safe, and used from the event loop's thread alone."""

    def __init__(self, path: Path, *, any_thread: bool = False) -> None:
        """Open (and create) the file at `path`; `any_thread` may use it when whoever asks sees to it that one does."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=not any_thread)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        # A killed process loses nothing under NORMAL, only a power cut might: the state of a test stack needs no more.
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; nothing may be called after."""
        self._db.close()

    def copy(self) -> "Store":
        """Everything as it is now, in memory; neither hears of what the other is told afterwards."""
        made = Store(Path(":memory:"), any_thread=True)
        self._db.backup(made._db)
        return made

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; entered within another one, it is part of that one."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Within a transaction: what is written here is undone by an exception, and the transaction goes on."""
        self._db.execute("savepoint part")
        try:
            yield
        except BaseException:
            self._db.execute("rollback to part")
            raise
        finally:
            self._db.execute("release part")

    def wipe(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in _TABLES:
                self._db.execute(f"delete from {table}")  # noqa: S608 - names from the constant above

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        return self._db.execute(sql, values).fetchall()

    def insert(self, account: str, body: Body, private: Body | None = None) -> None:
        """Keep a new object under `account`; its kind is its `object` field."""
        self._db.execute(
            "insert into objects (id, kind, account, created, body, private) values (?, ?, ?, ?, ?, ?)",
            (
                body["id"],
                body["object"],
                account,
                body.get("created", 0),
                json.dumps(body),
                json.dumps(private or {}),
            ),
        )

    def save(self, body: Body) -> None:
        """Replace an object's body."""
        self._db.execute("update objects set body = ? where id = ?", (json.dumps(body), body["id"]))

    def find(self, object_id: str) -> Body | None:
        """The object with this id, whoever owns it; None when there is none."""
        row = self._db.execute("select body from objects where id = ?", (object_id,)).fetchone()
        return None if row is None else json.loads(row["body"])

    def owner(self, object_id: str) -> str | None:
        """The account an object belongs to."""
        row = self._db.execute("select account from objects where id = ?", (object_id,)).fetchone()
        return None if row is None else str(row["account"])

    def private(self, object_id: str) -> Body:
        """What is known about an object and never answered; empty when there is none."""
        row = self._db.execute("select private from objects where id = ?", (object_id,)).fetchone()
        return {} if row is None else json.loads(row["private"])

    def save_private(self, object_id: str, private: Body) -> None:
        """Replace what `private` returns."""
        self._db.execute("update objects set private = ? where id = ?", (json.dumps(private), object_id))

    def select(
        self, kind: str, account: str | None, filters: Mapping[str, object], limit: int | None = None
    ) -> list[Body]:
        """Objects of a kind, newest first, whose fields equal the values of `filters`.

        A field is a name or, one level deeper, `metadata/key`; a list of values means any of them.
        """
        where, values = _where(kind, account, filters)
        tail = "" if limit is None else f" limit {limit:d}"
        found = self.rows(f"select body from objects where {where} order by seq desc{tail}", values)  # noqa: S608
        return [json.loads(row["body"]) for row in found]

    def page(
        self,
        kind: str,
        account: str | None,
        filters: Mapping[str, object],
        *,
        limit: int,
        after: str | None = None,
        before: str | None = None,
        created: tuple[int, int] | None = None,
    ) -> Page:
        """One page of a list, newest first: the `limit` objects beyond the object `after`, or up to `before`.

        `created` bounds the creation time in seconds, both ends included.
        """
        where, values = _where(kind, account, filters)
        if created is not None:
            where += " and created between ? and ?"
            values += created
        order = "desc"
        if after is not None:
            where += " and seq < (select seq from objects where id = ?)"
            values.append(after)
        elif before is not None:
            where += " and seq > (select seq from objects where id = ?)"
            values.append(before)
            order = "asc"
        sql = f"select body from objects where {where} order by seq {order} limit {limit + 1:d}"  # noqa: S608
        found = [json.loads(row["body"]) for row in self.rows(sql, values)]
        rows = found[:limit]
        return Page(rows if order == "desc" else rows[::-1], len(found) > limit)

    def note(self, name: str) -> Body:
        """A small named record, such as the webhook modes; empty when never written."""
        row = self._db.execute("select body from notes where name = ?", (name,)).fetchone()
        return {} if row is None else json.loads(row["body"])

    def save_note(self, name: str, body: Body) -> None:
        """Write a named record."""
        self._db.execute(
            "insert into notes (name, body) values (?, ?) on conflict (name) do update set body = excluded.body",
            (name, json.dumps(body)),
        )


def _where(kind: str, account: str | None, filters: Mapping[str, object]) -> tuple[str, list[Any]]:
    clauses = ["kind = ?"]
    values: list[Any] = [kind]
    if account is not None:
        clauses.append("account = ?")
        values.append(account)
    for field, value in filters.items():
        name, _, key = field.partition("/")
        if key:
            clauses.append("json_extract(body, ?) is ?")
            values += [f'$.{name}."{key}"', value]
        elif isinstance(value, (list, tuple)):
            # Spelled into the statement, not bound: SQLite uses an expression's index only then.
            clauses.append(f"json_extract(body, '$.{name}') in ({','.join('?' * len(value))})")
            values += value
        else:
            clauses.append(f"json_extract(body, '$.{name}') is ?")
            values.append(value)
    return " and ".join(clauses), values
