"""Signed-in devices: rows of auth.sessions, and the chain of refresh tokens that keeps each signed in.

A chain is a family: a token that is used is revoked and replaced. Using a revoked one again is a retry when it is the
parent of the live one, or when it was revoked within the reuse interval; otherwise it is theft, and the family dies.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid4

from psycopg.rows import class_row

from stack.auth.errors import AuthError
from stack.auth.keys import JsonObject
from stack.auth.people import NO_INSTANCE, Connection

TOKEN_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # noqa: S105 - the alphabet of tokens, not a token
TOKEN_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a request comes from; kept with the device."""

    user_agent: str | None
    ip: str | None


@dataclass(frozen=True, slots=True)
class Device:
    """A row of auth.sessions."""

    id: UUID
    user_id: UUID
    created_at: datetime
    not_after: datetime | None
    aal: str


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A row of auth.refresh_tokens."""

    id: int
    token: str
    user_id: UUID
    revoked: bool
    updated_at: datetime
    parent: str | None
    session_id: UUID | None


DEVICE_ROW: LiteralString = (
    "select id, user_id, created_at, not_after, coalesce(aal::text, 'aal1') as aal from auth.sessions where id = %s"
)


class ReusedTokenError(Exception):
    """A revoked token came back too late; the family is revoked, and that must be committed."""


async def find(conn: Connection, device_id: UUID) -> Device | None:
    """Find a signed-in device."""
    async with conn.cursor(row_factory=class_row(Device)) as cursor:
        await cursor.execute(DEVICE_ROW, [device_id])
        return await cursor.fetchone()


async def sign_in(conn: Connection, person_id: UUID, method: str, caller: Caller) -> tuple[UUID, str]:
    """Open a device for a person.

    Args:
        conn: connection inside the caller's transaction.
        person_id: whose device it is.
        method: how the person proved who they are: password, otp, anonymous, magiclink, recovery, …
        caller: where the request comes from.

    Returns:
        The device's id and its first refresh token.
    """
    device_id = uuid4()
    await conn.execute(
        """
        insert into auth.sessions (id, user_id, aal, user_agent, ip, created_at, updated_at)
        values (%s, %s, 'aal1', %s, %s, now(), now())
        """,
        [device_id, person_id, caller.user_agent, caller.ip],
    )
    await conn.execute(
        """
        insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
        values (%s, %s, %s, now(), now())
        """,
        [uuid4(), device_id, method],
    )
    await conn.execute("update auth.users set last_sign_in_at = now(), updated_at = now() where id = %s", [person_id])
    return device_id, await _add_token(conn, person_id, device_id, parent=None)


async def _add_token(conn: Connection, person_id: UUID, device_id: UUID, *, parent: str | None) -> str:
    token = "".join(secrets.choice(TOKEN_ALPHABET) for _ in range(TOKEN_LENGTH))
    await conn.execute(
        """
        insert into auth.refresh_tokens
               (instance_id, token, user_id, revoked, parent, session_id, created_at, updated_at)
        values (%s, %s, %s, false, %s, %s, clock_timestamp(), clock_timestamp())
        """,
        [NO_INSTANCE, token, str(person_id), parent, device_id],
    )
    return token


CHAIN_ROW = "select id, token, user_id::uuid, revoked, updated_at, parent, session_id from auth.refresh_tokens "


async def _token(conn: Connection, condition: LiteralString, value: object) -> RefreshToken | None:
    async with conn.cursor(row_factory=class_row(RefreshToken)) as cursor:
        await cursor.execute(CHAIN_ROW + condition, [value])
        return await cursor.fetchone()


async def locked_token(conn: Connection, token: str) -> tuple[RefreshToken, Device]:
    """Find a refresh token and lock its device, so that renewals of one family happen one after another.

    Raises:
        AuthError: refresh_token_not_found, session_not_found, session_expired.
    """
    missing = AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
    found = await _token(conn, "where token = %s", token)
    if found is None:
        raise missing
    async with conn.cursor(row_factory=class_row(Device)) as cursor:
        await cursor.execute(
            DEVICE_ROW + " for update",
            [found.session_id],
        )
        device = await cursor.fetchone()
    if device is None:
        raise AuthError(400, "session_not_found", "Invalid Refresh Token: No Valid Session Found")
    if device.not_after is not None and device.not_after < datetime.now(UTC):
        raise AuthError(400, "session_expired", "Invalid Refresh Token: Session Expired")
    # Read again: whoever held the lock before may have used the token meanwhile.
    current = await _token(conn, "where token = %s", token)
    if current is None:
        raise missing
    return current, device


async def renew(conn: Connection, used: RefreshToken, device: Device, caller: Caller, reuse: timedelta) -> str:
    """Replace a refresh token whose device is locked, or give the live one again to a retry.

    Args:
        conn: connection inside the caller's transaction.
        used: the token that came in.
        device: its device.
        caller: where the request comes from.
        reuse: how long after its revocation a token is still taken for a retry.

    Raises:
        ReusedTokenError: the family is revoked; commit before answering.
    """
    await conn.execute(
        """
        update auth.sessions
           set refreshed_at = now() at time zone 'utc', updated_at = now(), user_agent = %s, ip = %s
         where id = %s
        """,
        [caller.user_agent, caller.ip, device.id],
    )
    if used.revoked:
        live = await _token(conn, "where session_id = %s and not revoked order by id desc limit 1", device.id)
        if live is not None and live.parent == used.token:
            return live.token
        # Without a live token the family was revoked before; no interval brings it back.
        if live is None or datetime.now(UTC) > used.updated_at + reuse:
            await conn.execute(
                """
                update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp()
                 where session_id = %s and not revoked
                """,
                [device.id],
            )
            raise ReusedTokenError
    await conn.execute(
        "update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where id = %s", [used.id]
    )
    return await _add_token(conn, device.user_id, device.id, parent=used.token)


async def lift(conn: Connection, device_id: UUID, person_id: UUID, factor_id: UUID) -> str:
    """Lift a device that proved a second factor to aal2; the person's devices below that are signed out.

    Args:
        conn: connection inside the caller's transaction.
        device_id: the device.
        person_id: whose it is.
        factor_id: what was proved.

    Returns:
        The refresh token that replaces the device's own.
    """
    await conn.execute("select from auth.sessions where id = %s for update", [device_id])
    await conn.execute(
        """
        insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
        values (%s, %s, 'totp', now(), now())
        on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at
        """,
        [uuid4(), device_id],
    )
    await conn.execute(
        "update auth.sessions set aal = 'aal2', factor_id = %s, updated_at = now() where id = %s",
        [factor_id, device_id],
    )
    await conn.execute("delete from auth.sessions where user_id = %s and coalesce(aal, 'aal1') < 'aal2'", [person_id])
    replaced = await _token(conn, "where session_id = %s and not revoked order by id desc limit 1", device_id)
    await conn.execute(
        """
        update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp()
         where session_id = %s and not revoked
        """,
        [device_id],
    )
    return await _add_token(conn, person_id, device_id, parent=None if replaced is None else replaced.token)


async def sign_out(conn: Connection, person_id: UUID, *, only: UUID | None = None, keep: UUID | None = None) -> None:
    """Close one device, every device but one, or every device of a person; their refresh tokens go with them."""
    await conn.execute(
        """
        delete from auth.sessions
         where user_id = %(person)s
           and (%(only)s::uuid is null or id = %(only)s)
           and (%(keep)s::uuid is null or id <> %(keep)s)
        """,
        {"person": person_id, "only": only, "keep": keep},
    )


async def proofs(conn: Connection, device_id: UUID) -> list[JsonObject]:
    """List how a device proved itself, newest first, as the amr claim has it; timestamps in Unix seconds."""
    rows = await conn.execute(
        """
        select authentication_method, extract(epoch from updated_at)::bigint
          from auth.mfa_amr_claims
         where session_id = %s
         order by updated_at desc
        """,
        [device_id],
    )
    return [{"method": method, "timestamp": at} for method, at in await rows.fetchall()]
