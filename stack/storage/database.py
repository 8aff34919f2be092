"""Transactions that run as whoever calls, so that the policies decide."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from stack.storage.keys import Caller

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]


class Database:
    """The schema `storage` of one database."""

    def __init__(self, pool: Pool) -> None:
        """Take the connections, of a role that may become every caller's."""
        self._pool = pool

    @asynccontextmanager
    async def acting(self, caller: Caller, operation: str, *, keep: bool = True) -> AsyncIterator[Connection]:
        """Open a transaction as a caller; it is kept when the block ends without an error.

        Args:
            caller: whose role and claims hold.
            operation: what is being done, for policies that ask `storage.operation()`.
            keep: false tries whether something is allowed and leaves nothing.
        """
        async with self._pool.connection() as conn, conn.transaction(force_rollback=not keep):
            await become(conn, caller, operation)
            yield conn


async def become(conn: Connection, caller: Caller, operation: str) -> None:
    """Go on as another caller within a transaction."""
    await conn.execute(
        "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true),"
        " set_config('storage.operation', %s, true), set_config('storage.allow_delete_query', 'true', true)",
        [caller.role, json.dumps(caller.claims), f"storage.{operation}"],
    )
