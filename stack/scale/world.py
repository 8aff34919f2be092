"""Makes a large world in a database: N sessions with their people, money, words and appointments.

    grow(server_dsn, Shape.of(1_000_000), tell)

Rows are made by the database from numbers, in batches, past triggers and foreign keys, so that only reading is slow;
`ledger.check()` has nothing to say about them, and every foreign key holds. Nobody can sign in as one of these people.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from stack.errors import SeedError
from stack.paths import PROJECT_ROOT

SEED: Final = PROJECT_ROOT / "supabase" / "seed.sql"
_FOLDER: Final = Path(__file__).parent
_BATCH: Final = 25_000
# For this one connection: triggers and foreign keys rest, nobody waits for the disk, sorts stay in memory.
_SETTINGS: Final = (
    b"set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB';"
    b"set statement_timeout = 0; set jit = off"
)
_VACUUMED: Final = (
    "auth.users",
    "public.users",
    "public.clients",
    "public.readers",
    "public.reader_accounts",
    "private.directory_entries",
    "public.availability",
    "public.bookings",
    "ledger.accounts",
    "public.transactions",
    "public.sessions",
    "ledger.transfers",
    "ledger.earnings",
    "public.reviews",
    "public.conversations",
    "public.messages",
    "public.chat_messages",
    "public.forum_posts",
    "public.forum_replies",
)

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a world is.

    Attributes:
        sessions: finished sessions, and about as many messages and chat messages.
        clients: people who pay; at least as many as readers.
        readers: people who are paid.
        conversations: pairs of them that write, at most.
        forum_posts: topics of the forum, with two replies each.
        months: how far it goes back.
    """

    sessions: int
    clients: int
    readers: int
    conversations: int
    forum_posts: int
    months: int = 12

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            SeedError: a number is below one, or there are more readers than clients.
        """
        if min(self.sessions, self.clients, self.readers, self.conversations, self.forum_posts, self.months) < 1:
            raise SeedError("Every part of a large world has at least one row.")
        if self.readers > self.clients:
            raise SeedError("A large world has at least as many clients as readers.")

    @classmethod
    def of(cls, sessions: int) -> "Shape":
        """Return the proportions of a marketplace in its second year: 20 sessions a client, 50 a reader."""
        clients = max(4, sessions // 20)
        return cls(sessions, clients, max(2, sessions // 50), clients, max(6, sessions // 10))


@dataclass(frozen=True, slots=True)
class Growth:
    """What was made.

    Attributes:
        rows: how many rows, in all tables.
        seconds: how long that took, statistics included.
    """

    rows: int
    seconds: float


def plant(dsn: str) -> None:
    """Apply `supabase/seed.sql`, the small world. What is there stays as it is.

    Args:
        dsn: connection string of the role postgres, which the Supabase CLI seeds as.
    """
    with psycopg.connect(dsn, autocommit=True) as database, database.transaction():
        database.execute(SEED.read_bytes())


def grow(dsn: str, shape: Shape, tell: Tell) -> Growth:
    """Make a large world beside what is there.

    Args:
        dsn: connection string of the superuser; only a local stack has one to give.
        shape: how large.
        tell: called with the name of what is being made, how much of it is made, and of how much.

    Raises:
        SeedError: the database holds a large world already, or half of one.
    """
    begun = time.monotonic()
    rows = 0
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.ClientCursor) as database:
        _refuse_second(database)
        database.execute(_SETTINGS)
        tell("plan", 0, 1)
        _run(database, "10_plan", _arguments(shape))
        tell("plan", 1, 1)
        for name, total in _steps(database, shape):
            tell(name, 0, total)
            for first, last in _batches(total):
                rows += _run(database, _FILES[name], {"first": first, "last": last})
                tell(name, last + 1, total)
            if name == "sessions":
                rows += _run(database, "55_conversations", {})
        rows += _finish(database, tell)
    return Growth(rows, time.monotonic() - begun)


_FILES: Final = {
    "clients": "20_clients",
    "readers": "30_readers",
    "top-ups": "40_topups",
    "sessions": "50_sessions",
    "messages": "60_messages",
    "forum": "70_forum",
    "appointments": "80_appointments",
}


def _arguments(shape: Shape) -> dict[str, int]:
    """Return a shape as the arguments of the plan."""
    return {
        "sessions": shape.sessions,
        "clients": shape.clients,
        "readers": shape.readers,
        "conversations": shape.conversations,
        "forum_posts": shape.forum_posts,
        "months": shape.months,
    }


def _refuse_second(database: psycopg.Connection[tuple[object, ...]]) -> None:
    found = database.execute(
        "select to_regnamespace('scale') is not null or exists (select from public.users where username = 'client_0')"
    ).fetchone()
    if found is not None and found[0]:
        raise SeedError("This database holds a large world already.", "Run `soulseer reset` first.")


def _steps(database: psycopg.Connection[tuple[object, ...]], shape: Shape) -> Iterator[tuple[str, int]]:
    yield "clients", shape.clients
    yield "readers", shape.readers
    counted = database.execute("select count(*) from scale.topups").fetchone()
    yield "top-ups", int(str(counted[0])) if counted else 0
    yield "sessions", shape.sessions
    yield "messages", shape.sessions
    yield "forum", shape.forum_posts
    yield "appointments", shape.readers


def _batches(total: int) -> Iterator[tuple[int, int]]:
    for first in range(0, total, _BATCH):
        yield first, min(first + _BATCH, total) - 1


def _run(database: psycopg.Connection[tuple[object, ...]], name: str, arguments: dict[str, int]) -> int:
    """Run one file in one transaction; return how many rows it inserted."""
    text = (_FOLDER / f"{name}.sql").read_bytes()
    inserted = 0
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(text, arguments)
        while True:
            if (cursor.statusmessage or "").startswith("INSERT"):
                inserted += cursor.rowcount
            if not cursor.nextset():
                return inserted


def _finish(database: psycopg.Connection[tuple[object, ...]], tell: Tell) -> int:
    rows = _run(database, "90_finish", {})
    for number, table in enumerate(_VACUUMED):
        tell("statistics", number, len(_VACUUMED))
        # Sets the visibility map too, without which no index-only scan is one.
        database.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*table.split("."))))
    tell("statistics", len(_VACUUMED), len(_VACUUMED))
    return rows
