"""What the database commits, as a stream: logical replication over a temporary slot, while anybody is connected.

Writers pay nothing for it: no trigger and no NOTIFY on their path. Rows of `realtime.messages` become broadcasts in the
order of their commits; rows of the tables in `supabase_realtime` are handed to `changes`.
"""

import asyncio
import logging
import secrets
import struct
import time

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from psycopg.pq.abc import PGconn

from stack.realtime.changes import Changes
from stack.realtime.frames import UserBroadcast
from stack.realtime.pgoutput import Change, Decoder, Relation, Row
from stack.realtime.rooms import RoomKey, Rooms
from stack.realtime.settings import RealtimeSettings

logger = logging.getLogger("stack.realtime")

MESSAGES = "supabase_realtime_messages_publication"
CHANGES = "supabase_realtime"
_STATUS_SECONDS = 10.0
_RETRY_SECONDS = 0.5
_DATA_HEADER = 25
_KEEPALIVE = struct.Struct("!cqqB")
_STATUS = struct.Struct("!cqqqqB")
_END = struct.Struct("!q")
_EPOCH_SECONDS = 946_684_800


class Feed:
    """The stream of commits."""

    def __init__(self, settings: RealtimeSettings, rooms: Rooms, changes: Changes) -> None:
        """Take where it goes; nothing is read before it is wanted."""
        self._settings = settings
        self._rooms = rooms
        self._changes = changes
        self._wanted = asyncio.Event()
        self._streaming = asyncio.Event()
        self._idle: asyncio.TimerHandle | None = None
        self._over: asyncio.Future[None] | None = None

    def want(self) -> None:
        """Somebody is connected: let it run."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._wanted.set()

    def leave_idle(self) -> None:
        """Nobody is connected: let it end after a while."""
        self._idle = asyncio.get_running_loop().call_later(self._settings.idle_seconds, self._rest)

    def _rest(self) -> None:
        self._wanted.clear()
        if self._over is not None and not self._over.done():
            self._over.set_result(None)

    async def wait_until_streaming(self, seconds: float) -> bool:
        """Wait until what is committed from now on arrives; False when that takes longer than `seconds`."""
        if self._streaming.is_set():
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._streaming.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Read whenever it is wanted, and begin anew when Postgres was away, until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                await self._stream()
            except (psycopg.Error, OSError) as error:
                logger.warning("the stream of commits ended: %s", str(error).strip())
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception:
                # One row that cannot be read must not end the stream for good.
                logger.exception("the stream of commits broke")
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                self._streaming.clear()

    async def _stream(self) -> None:
        publications = await self._publications()
        connection = await asyncio.to_thread(_connect, self._settings.db_url, publications)
        try:
            await self._read(connection)
        finally:
            connection.finish()

    async def _publications(self) -> list[str]:
        """Make the publication of broadcasts if it is missing, and return those that are there."""
        async with await psycopg.AsyncConnection.connect(self._settings.db_url, autocommit=True) as conn:
            there = "select pubname::text from pg_publication where pubname = any (%s)"
            found = {str(row[0]) for row in await (await conn.execute(there, [[MESSAGES, CHANGES]])).fetchall()}
            if MESSAGES not in found:
                made = "create publication {} for table realtime.messages with (publish = 'insert', {})"
                via = sql.SQL("publish_via_partition_root = true")
                await conn.execute(sql.SQL(made).format(sql.Identifier(MESSAGES), via))
        return [MESSAGES, *(found - {MESSAGES})]

    async def _read(self, connection: PGconn) -> None:
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        reading = _Reading(connection, self, self._over)
        loop.add_reader(connection.socket, reading.on_readable)
        try:
            self._streaming.set()
            # What arrived with the answer is in libpq's buffer already, and the socket will not tell of it.
            reading.on_readable()
            while not self._over.done():
                await asyncio.wait([self._over], timeout=_STATUS_SECONDS)
                if not self._over.done():
                    reading.confirm()
            self._over.result()
        finally:
            loop.remove_reader(connection.socket)

    def take(self, found: Change | Relation | None) -> None:
        """Pass on what the stream holds."""
        if isinstance(found, Relation):
            self._changes.forget(found.oid)
        elif isinstance(found, Change):
            if (found.relation.schema, found.relation.name) == ("realtime", "messages"):
                self._tell(found.new)
            else:
                self._changes.offer(found)

    def _tell(self, row: Row) -> None:
        topic, event, message_id = row["topic"], row["event"], row["id"]
        if row["extension"] != "broadcast" or not isinstance(topic, str) or not isinstance(event, str):
            return
        room = self._rooms.find(RoomKey(topic, row["private"] == "t"))
        if room is None or not isinstance(message_id, str):
            return
        payload, raw = row["payload"], row["binary_payload"]
        if isinstance(payload, str):
            room.broadcast(UserBroadcast(event, is_json=True, body=payload.encode(), message_id=message_id))
        elif isinstance(raw, str):
            body = bytes.fromhex(raw.removeprefix("\\x"))
            room.broadcast(UserBroadcast(event, is_json=False, body=body, message_id=message_id))


class _Reading:
    """One connection being read, as its socket becomes readable."""

    def __init__(self, connection: PGconn, feed: Feed, over: asyncio.Future[None]) -> None:
        self._connection = connection
        self._feed = feed
        self._over = over
        self._decoder = Decoder()
        self._seen = 0

    def on_readable(self) -> None:
        """Take everything that has arrived."""
        try:
            self._connection.consume_input()
            self._take_all()
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits for the stream
            if not self._over.done():
                self._over.set_exception(error)

    def _take_all(self) -> None:
        while not self._over.done():
            size, data = self._connection.get_copy_data(1)
            if size == 0:
                return
            if size < 0:
                raise psycopg.OperationalError("Postgres ended the stream")
            self._take(bytes(data))

    def _take(self, data: bytes) -> None:
        if data[:1] == b"w":
            (self._seen,) = _END.unpack_from(data, 9)
            self._feed.take(self._decoder.feed(data[_DATA_HEADER:]))
        elif data[:1] == b"k":
            _, end, _, wants_answer = _KEEPALIVE.unpack(data)
            self._seen = max(self._seen, end)
            if wants_answer:
                self.confirm()

    def confirm(self) -> None:
        """Say how far it has read, so that Postgres keeps nothing for it and knows that it lives."""
        now = int((time.time() - _EPOCH_SECONDS) * 1_000_000)
        try:
            self._connection.put_copy_data(_STATUS.pack(b"r", self._seen, self._seen, self._seen, now, 0))
            self._connection.flush()
        except psycopg.Error as error:
            if not self._over.done():
                self._over.set_exception(error)


def _connect(dsn: str, publications: list[str]) -> PGconn:
    """Return a connection on which Postgres streams.

    Raises:
        psycopg.OperationalError: Postgres is away, or has no slot left.
    """
    told = make_conninfo(dsn, replication="database", application_name="realtime_replication_connection")
    connection = pq.PGconn.connect(told.encode())
    try:
        _demand(connection, holds=connection.status == pq.ConnStatus.OK)
        slot = f"supabase_realtime_messages_replication_slot_{secrets.token_hex(4)}"
        _ask(connection, f"CREATE_REPLICATION_SLOT {slot} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'nothing')")
        names = ",".join(publications)
        _ask(
            connection,
            f"START_REPLICATION SLOT {slot} LOGICAL 0/0 (proto_version '1', publication_names '{names}')",
        )
    except BaseException:
        connection.finish()
        raise
    connection.nonblocking = 1
    return connection


def _ask(connection: PGconn, command: str) -> None:
    answer = connection.exec_(command.encode())
    _demand(connection, holds=answer.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COPY_BOTH))


def _demand(connection: PGconn, *, holds: bool) -> None:
    if not holds:
        raise psycopg.OperationalError(connection.get_error_message())
