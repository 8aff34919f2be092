"""People: rows of auth.users and auth.identities, read and written inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from stack.auth.keys import JsonObject

Connection = AsyncConnection[TupleRow]
AUDIENCE = "authenticated"
NO_INSTANCE = UUID(int=0)
EMAIL_KEY = "users_email_partial_key"


class EmailInUseError(Exception):
    """Another person has this e-mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row of auth.users with its identities."""

    id: UUID
    aud: str | None
    role: str | None
    email: str | None
    phone: str | None
    encrypted_password: str | None
    email_confirmed_at: datetime | None
    phone_confirmed_at: datetime | None
    confirmed_at: datetime | None
    invited_at: datetime | None
    confirmation_token: str | None
    confirmation_sent_at: datetime | None
    recovery_token: str | None
    recovery_sent_at: datetime | None
    email_change: str | None
    email_change_token_current: str | None
    email_change_token_new: str | None
    email_change_sent_at: datetime | None
    email_change_confirm_status: int | None
    reauthentication_token: str | None
    reauthentication_sent_at: datetime | None
    last_sign_in_at: datetime | None
    raw_app_meta_data: JsonObject | None
    raw_user_meta_data: JsonObject | None
    created_at: datetime | None
    updated_at: datetime | None
    banned_until: datetime | None
    deleted_at: datetime | None
    is_anonymous: bool
    identities: list[JsonObject]
    factors: list[JsonObject]

    def has_second_factor(self) -> bool:
        """Tell whether a second factor was verified."""
        return any(factor["status"] == "verified" for factor in self.factors)

    def is_banned(self) -> bool:
        """Tell whether a ban holds now."""
        return self.banned_until is not None and self.banned_until > now()

    def as_json(self) -> JsonObject:
        """Show the person as the API does; times that are not set are left out."""
        shown: JsonObject = {
            "id": str(self.id),
            "aud": self.aud or "",
            "role": self.role or "",
            "email": self.email or "",
            "phone": self.phone or "",
            "app_metadata": self.raw_app_meta_data or {},
            "user_metadata": self.raw_user_meta_data or {},
            "identities": list(self.identities),
            "is_anonymous": self.is_anonymous,
        }
        times = {
            "email_confirmed_at": self.email_confirmed_at,
            "phone_confirmed_at": self.phone_confirmed_at,
            "confirmed_at": self.confirmed_at,
            "invited_at": self.invited_at,
            "confirmation_sent_at": self.confirmation_sent_at,
            "recovery_sent_at": self.recovery_sent_at,
            "email_change_sent_at": self.email_change_sent_at,
            "reauthentication_sent_at": self.reauthentication_sent_at,
            "last_sign_in_at": self.last_sign_in_at,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "banned_until": self.banned_until,
            "deleted_at": self.deleted_at,
        }
        shown |= {name: shown_time(time) for name, time in times.items() if time is not None}
        if self.factors:
            shown["factors"] = list(self.factors)
        if self.email_change:
            shown["new_email"] = self.email_change
        return shown


def now() -> datetime:
    """Give the time, with its zone."""
    return datetime.now(UTC)


def shown_time(time: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


# Read without a lock the row is a snapshot; every change below names the row by id and is one statement.
SELECT = """
select u.id, u.aud, u.role, u.email, u.phone, u.encrypted_password, u.email_confirmed_at, u.phone_confirmed_at,
       u.confirmed_at, u.invited_at, u.confirmation_token, u.confirmation_sent_at, u.recovery_token,
       u.recovery_sent_at, u.email_change, u.email_change_token_current, u.email_change_token_new,
       u.email_change_sent_at, u.email_change_confirm_status, u.reauthentication_token, u.reauthentication_sent_at,
       u.last_sign_in_at, u.raw_app_meta_data, u.raw_user_meta_data, u.created_at, u.updated_at, u.banned_until,
       u.deleted_at, u.is_anonymous,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
                   'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
                   'updated_at', i.updated_at, 'email', i.email) order by i.created_at), '[]'::jsonb)
          from auth.identities i
         where i.user_id = u.id) as identities,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'id', f.id, 'factor_type', f.factor_type, 'status', f.status, 'friendly_name', f.friendly_name,
                   'created_at', f.created_at, 'updated_at', f.updated_at) order by f.created_at), '[]'::jsonb)
          from auth.mfa_factors f
         where f.user_id = u.id) as factors
  from auth.users u
"""


async def _one(conn: Connection, condition: LiteralString, values: Sequence[object]) -> Person | None:
    async with conn.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(SELECT + condition, values)
        return await cursor.fetchone()


async def by_id(conn: Connection, person_id: UUID) -> Person | None:
    """Find a person by id, soft-deleted ones too."""
    return await _one(conn, "where u.id = %s", [person_id])


async def by_email(conn: Connection, email: str) -> Person | None:
    """Find a person by e-mail, which is stored in lower case."""
    return await _one(conn, "where u.email = %s and not u.is_sso_user", [email])


async def locked(conn: Connection, person_id: UUID) -> Person | None:
    """Find a person and keep others from changing the row until the transaction ends. Rows may still refer to it."""
    return await _one(conn, "where u.id = %s for no key update of u", [person_id])


async def by_email_change(conn: Connection, email: str, hashes: list[str]) -> Person | None:
    """Find the person who asked for a change of e-mail and was mailed one of these codes at this address."""
    condition = """
     where u.email_change <> ''
       and (   (u.email_change = %(email)s and u.email_change_token_new = any(%(hashes)s))
            or (u.email = %(email)s and u.email_change_token_current = any(%(hashes)s)))
     limit 1"""
    async with conn.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(SELECT + condition, {"email": email, "hashes": hashes})
        return await cursor.fetchone()


COUNT = "select count(*) from auth.users u "
LISTED = """
 where u.aud = %(aud)s
   and (%(text)s = '' or u.email like %(like)s or u.raw_user_meta_data ->> 'full_name' ilike %(like)s)
"""


async def page(conn: Connection, *, filter_text: str, offset: int, limit: int) -> tuple[list[Person], int]:
    """List people, newest first, whose e-mail or name contains the text; and count all of them."""
    escaped = filter_text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"aud": AUDIENCE, "text": filter_text, "like": f"%{escaped}%", "offset": offset, "limit": limit}
    async with conn.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            SELECT + LISTED + "order by u.created_at desc, u.id offset %(offset)s limit %(limit)s", values
        )
        people = await cursor.fetchall()
    counted = await (await conn.execute(COUNT + LISTED, values)).fetchone()
    return people, counted[0] if counted else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What a row of auth.users starts from. `email` in lower case; None for an anonymous person."""

    email: str | None
    password_hash: str
    user_metadata: Mapping[str, JsonValue]
    app_metadata: Mapping[str, JsonValue]
    role: str = AUDIENCE
    person_id: UUID | None = None


async def create(conn: Connection, new: NewPerson) -> Person:
    """Insert a person, not confirmed yet, with an identity when there is an e-mail.

    Raises:
        EmailInUseError: somebody has the e-mail, perhaps since a moment ago.
    """
    person_id = new.person_id or uuid4()
    try:
        async with conn.transaction():
            await conn.execute(
                """
                insert into auth.users (instance_id, id, aud, role, email, encrypted_password, raw_app_meta_data,
                       raw_user_meta_data, is_anonymous, created_at, updated_at, confirmation_token, recovery_token,
                       email_change, email_change_token_new)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s, now(), now(), '', '', '', '')
                """,
                [
                    NO_INSTANCE,
                    person_id,
                    AUDIENCE,
                    new.role,
                    new.email,
                    new.password_hash,
                    Jsonb(dict(new.app_metadata)),
                    Jsonb(dict(new.user_metadata)),
                    new.email is None,
                ],
            )
    except UniqueViolation as error:
        # A trigger on the table may break a rule of its own; that is not ours to explain.
        if error.diag.constraint_name != EMAIL_KEY:
            raise
        raise EmailInUseError from error
    if new.email is not None:
        await _add_identity(conn, person_id, new.email, verified=False)
    return await reload(conn, person_id)


async def reload(conn: Connection, person_id: UUID) -> Person:
    """Read a person again, who must be there.

    Raises:
        LookupError: nobody has the id.
    """
    person = await by_id(conn, person_id)
    if person is None:
        message = f"person {person_id} is gone within the transaction"
        raise LookupError(message)
    return person


async def _add_identity(conn: Connection, person_id: UUID, email: str, *, verified: bool) -> None:
    data = {"sub": str(person_id), "email": email, "email_verified": verified, "phone_verified": False}
    await conn.execute(
        """
        insert into auth.identities
               (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
        values (%s, %s, %s, 'email', now(), now(), now())
        """,
        [str(person_id), person_id, Jsonb(data)],
    )


async def set_email(conn: Connection, person_id: UUID, email: str, *, verified: bool) -> None:
    """Give a person another e-mail, and the identity that goes with it.

    Raises:
        EmailInUseError: somebody else has it.
    """
    try:
        async with conn.transaction():
            await conn.execute("update auth.users set email = %s, updated_at = now() where id = %s", [email, person_id])
    except UniqueViolation as error:
        raise EmailInUseError from error
    changed = await conn.execute(
        """
        update auth.identities set identity_data = identity_data || %s, updated_at = now()
         where user_id = %s and provider = 'email'
        """,
        [Jsonb({"email": email, "email_verified": verified}), person_id],
    )
    if changed.rowcount == 0:
        await _add_identity(conn, person_id, email, verified=verified)
    await conn.execute(
        """
        update auth.users set raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || %s where id = %s
        """,
        [Jsonb({"provider": "email", "providers": ["email"]}), person_id],
    )


async def confirm(conn: Connection, person_id: UUID) -> None:
    """Count the person's e-mail as confirmed; the codes sent so far are spent."""
    await conn.execute(
        """
        update auth.users
           set email_confirmed_at = now(), confirmation_token = '', updated_at = now(),
               raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{"email_verified": true}'
         where id = %s
        """,
        [person_id],
    )
    await conn.execute("delete from auth.one_time_tokens where user_id = %s", [person_id])


async def settle(conn: Connection, person_id: UUID) -> None:
    """Turn an anonymous person into a known one, and forget a wish for another e-mail, now fulfilled."""
    await conn.execute(
        """
        update auth.users
           set is_anonymous = false, email_change = '', email_change_token_new = '', email_change_token_current = '',
               email_change_confirm_status = 0, updated_at = now()
         where id = %s
        """,
        [person_id],
    )


async def verify_identity(conn: Connection, person_id: UUID) -> None:
    """Mark the e-mail identity as proven by a mail."""
    await conn.execute(
        """
        update auth.identities set identity_data = identity_data || '{"email_verified": true}', updated_at = now()
         where user_id = %s and provider = 'email'
        """,
        [person_id],
    )


async def set_password(conn: Connection, person_id: UUID, password_hash: str, keep_device: UUID | None) -> None:
    """Store a new password: every code sent before is void, every device but one is signed out."""
    await conn.execute(
        """
        update auth.users
           set encrypted_password = %s, confirmation_token = '', confirmation_sent_at = null, recovery_token = '',
               recovery_sent_at = null, email_change_token_current = '', email_change_token_new = '',
               email_change_sent_at = null, reauthentication_token = '', reauthentication_sent_at = null,
               updated_at = now()
         where id = %s
        """,
        [password_hash, person_id],
    )
    await conn.execute("delete from auth.one_time_tokens where user_id = %s", [person_id])
    await conn.execute(
        "delete from auth.sessions where user_id = %s and id is distinct from %s", [person_id, keep_device]
    )


async def merge_metadata(
    conn: Connection, person_id: UUID, *, user: Mapping[str, JsonValue], app: Mapping[str, JsonValue]
) -> None:
    """Change members of the metadata; a member set to null goes, members not named stay."""
    await conn.execute(
        """
        update auth.users
           set raw_user_meta_data = (coalesce(raw_user_meta_data, '{}') || %(user)s) - %(user_gone)s::text[],
               raw_app_meta_data  = (coalesce(raw_app_meta_data, '{}') || %(app)s) - %(app_gone)s::text[],
               updated_at = now()
         where id = %(id)s
        """,
        {
            "id": person_id,
            "user": Jsonb(dict(user)),
            "user_gone": [name for name, value in user.items() if value is None],
            "app": Jsonb(dict(app)),
            "app_gone": [name for name, value in app.items() if value is None],
        },
    )


async def ban(conn: Connection, person_id: UUID, duration: timedelta) -> None:
    """Keep a person from signing in and renewing for a while; zero lifts the ban."""
    until = now() + duration if duration else None
    await conn.execute("update auth.users set banned_until = %s, updated_at = now() where id = %s", [until, person_id])


async def soft_delete(conn: Connection, person: Person) -> None:
    """Keep the row and make it unusable: e-mail and identities hashed, secrets and devices gone."""
    await conn.execute(
        """
        update auth.users
           set email = left(encode(sha256(convert_to(id::text || coalesce(email, ''), 'utf8')), 'hex'), 255),
               encrypted_password = '', email_change = '', confirmation_token = '', recovery_token = '',
               email_change_token_current = '', email_change_token_new = '', reauthentication_token = '',
               raw_user_meta_data = '{}', raw_app_meta_data = '{}', deleted_at = now(), updated_at = now()
         where id = %s
        """,
        [person.id],
    )
    await conn.execute(
        """
        update auth.identities
           set provider_id = encode(sha256(convert_to(user_id::text || provider_id, 'utf8')), 'hex'),
               identity_data = '{}', updated_at = now()
         where user_id = %s
        """,
        [person.id],
    )
    await conn.execute("delete from auth.mfa_factors where user_id = %s", [person.id])
    await conn.execute("delete from auth.sessions where user_id = %s", [person.id])
    await conn.execute("delete from auth.one_time_tokens where user_id = %s", [person.id])
