"""Authorisation of private channels: the policies on `realtime.messages`, asked of Postgres as the token's user.

To receive is to see a row of the topic, to send is to be allowed to insert one. Rows are written and looked at in a
transaction that is always rolled back, so that neither the table nor the stream of commits ever holds them.
"""

from typing import Literal
from uuid import uuid4

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from stack.realtime.tokens import Claims

Connection = AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]
Extension = Literal["broadcast", "presence"]

_SEED = """
    insert into realtime.messages (id, topic, extension)
    values (%s, %s, 'broadcast'), (%s, %s, 'presence')
"""
_SEEN = "select id from realtime.messages where topic = %s and id = any (%s)"
_SEND = "insert into realtime.messages (topic, extension) values (%s, %s)"
_BECOME = """
    select set_config('role', %s, true), set_config('realtime.topic', %s, true),
           set_config('request.jwt.claims', %s, true), set_config('request.jwt.claim.sub', %s, true),
           set_config('request.jwt.claim.role', %s, true), set_config('statement_timeout', '3s', true)
"""


class DatabaseUnavailableError(Exception):
    """Postgres could not be asked."""


async def become(conn: Connection, claims: Claims, topic: str = "") -> None:
    """Be the token's user until the transaction ends."""
    sub = claims.body.get("sub")
    subject = sub if isinstance(sub, str) else ""
    await conn.execute(_BECOME, [claims.role, topic, claims.encoded, subject, claims.role])


class Authorizer:
    """Asks Postgres what a token's user may do on a topic."""

    def __init__(self, pool: Pool, roles: tuple[str, ...]) -> None:
        """Take connections of supabase_realtime_admin, and the roles a token may name."""
        self._pool = pool
        self._roles = frozenset(roles)

    async def may_read(self, topic: str, claims: Claims) -> frozenset[Extension]:
        """Return what the user may receive on the topic.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        if claims.role not in self._roles:
            return frozenset()
        broadcast, presence = uuid4(), uuid4()
        try:
            async with self._pool.connection() as conn, conn.transaction(force_rollback=True):
                async with conn.pipeline():
                    await conn.execute(_SEED, [broadcast, topic, presence, topic])
                    await become(conn, claims, topic)
                    looked = await conn.execute(_SEEN, [topic, [broadcast, presence]])
                seen = {row[0] for row in await looked.fetchall()}
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise DatabaseUnavailableError from error
        except psycopg.Error:
            # A policy that fails lets nobody in.
            return frozenset()
        found: list[Extension] = []
        if broadcast in seen:
            found.append("broadcast")
        if presence in seen:
            found.append("presence")
        return frozenset(found)

    async def may_write(self, topic: str, claims: Claims, extension: Extension) -> bool:
        """Tell whether the user may send broadcasts, or be present, on the topic.

        Raises:
            DatabaseUnavailableError: Postgres did not answer.
        """
        if claims.role not in self._roles:
            return False
        try:
            async with self._pool.connection() as conn, conn.transaction(force_rollback=True):
                await become(conn, claims, topic)
                await conn.execute(_SEND, [topic, extension])
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise DatabaseUnavailableError from error
        except psycopg.Error:
            return False
        return True
