"""Codes and links sent by mail: making, storing, finding and spending them.

A code of a few digits is stored as the hash of e-mail and code; the link of the same mail carries the hash. A link
asked for with a PKCE challenge carries the hash behind `pkce_`, and leads to a code only the asking device can redeem.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.rows import class_row

from stack.auth.errors import AuthError, invalid
from stack.auth.mailbox import Mail
from stack.auth.people import Connection, Person
from stack.auth.settings import AuthSettings

PKCE_PREFIX = "pkce_"
CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")

TokenType = Literal[
    "confirmation_token",
    "recovery_token",
    "reauthentication_token",
    "email_change_token_new",
    "email_change_token_current",
]
Kind = Literal["signup", "invite", "magiclink", "recovery", "email_change", "reauthentication"]

SUBJECTS: dict[Kind, str] = {
    "signup": "Confirm your e-mail",
    "invite": "You have been invited",
    "magiclink": "Your sign-in link",
    "recovery": "Reset your password",
    "email_change": "Confirm your new e-mail",
    "reauthentication": "Confirm it is you",
}

# The columns beside the person that keep each kind of hash, where older readers of the schema expect it, and its time.
COLUMNS: dict[TokenType, tuple[str, str]] = {
    "confirmation_token": ("confirmation_token", "confirmation_sent_at"),
    "recovery_token": ("recovery_token", "recovery_sent_at"),
    "reauthentication_token": ("reauthentication_token", "reauthentication_sent_at"),
    "email_change_token_new": ("email_change_token_new", "email_change_sent_at"),
    "email_change_token_current": ("email_change_token_current", "email_change_sent_at"),
}

# How a flow is named in auth.flow_state, and so in the amr claim, by kind of mail.
FLOWS: dict[str, str] = {
    "signup": "email/signup",
    "invite": "invite",
    "magiclink": "magiclink",
    "recovery": "recovery",
    "email_change": "email_change",
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A PKCE challenge."""

    method: str
    value: str

    @classmethod
    def read(cls, method: str | None, value: str | None) -> "Challenge | None":
        """Check a challenge, if there is one.

        Raises:
            AuthError: validation_failed.
        """
        if not method and not value:
            return None
        if not method or not value:
            raise invalid("PKCE flow requires code_challenge_method and code_challenge")
        if not CHALLENGE.fullmatch(value):
            raise invalid("code challenge has to be between 43 and 128 characters of letters, digits and -._~")
        if method.lower() not in ("s256", "plain"):
            raise invalid("code_challenge_method must be s256 or plain")
        return cls(method.lower(), value)

    def met_by(self, verifier: str) -> bool:
        """Tell whether the verifier is the one the challenge was made from."""
        proof = verifier
        if self.method == "s256":
            digest = hashlib.sha256(verifier.encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return hmac.compare_digest(proof.encode(), self.value.encode())


def token_hash(email: str, code: str) -> str:
    """Hash a code so that it stands for one address only."""
    return hashlib.sha224((email + code).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to write: its kind, the stored type of its code, and where it and its link go."""

    kind: Kind
    stored_as: TokenType
    address: str
    """Where the mail goes; its code works with this address only."""
    redirect_to: str
    """Where the link leads in the end."""
    challenge: Challenge | None = None
    """For a link only the asking device can redeem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A code that was stored, and the mail that brings it."""

    code: str
    hash: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """Makes codes inside the caller's transaction. Deliver the mail after the commit."""

    settings: AuthSettings

    async def make(self, conn: Connection, person: Person, letter: Letter) -> Sent:
        """Store a new code for a person, in place of an earlier one of its type, and write the mail."""
        code = "".join(secrets.choice("0123456789") for _ in range(self.settings.otp_digits))
        hashed = token_hash(letter.address, code)
        if letter.challenge is not None:
            hashed = PKCE_PREFIX + hashed
            await _remember_flow(conn, person.id, FLOWS[letter.kind], letter.challenge)
        column, sent_at = COLUMNS[letter.stored_as]
        stored = sql.SQL("update auth.users set {} = %s, {} = now() where id = %s")
        await conn.execute(stored.format(sql.Identifier(column), sql.Identifier(sent_at)), [hashed, person.id])
        await conn.execute(
            """
            insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
            values (%s, %s, %s, %s, %s)
            on conflict (user_id, token_type) do update
               set token_hash = excluded.token_hash, relates_to = excluded.relates_to,
                   created_at = now(), updated_at = now()
            """,
            [uuid4(), person.id, letter.stored_as, hashed, letter.address],
        )
        query = urlencode({"token": hashed, "type": letter.kind, "redirect_to": letter.redirect_to})
        link = "" if letter.kind == "reauthentication" else f"{self.settings.issuer}/verify?{query}"
        mail = Mail(to=letter.address, kind=letter.kind, subject=SUBJECTS[letter.kind], token=code, link=link)
        return Sent(code=code, hash=hashed, mail=mail)

    def expired(self, sent_at: datetime | None) -> bool:
        """Tell whether a code sent then is too old."""
        return sent_at is None or datetime.now(UTC) > sent_at + timedelta(seconds=self.settings.otp_seconds)


async def note_consent(conn: Connection, person_id: UUID, spent: TokenType) -> None:
    """Note one of the two consents a change of e-mail needs, and void its code."""
    column, _ = COLUMNS[spent]
    noted = sql.SQL("update auth.users set email_change_confirm_status = 1, {} = '' where id = %s")
    await conn.execute(noted.format(sql.Identifier(column)), [person_id])
    await conn.execute(
        "delete from auth.one_time_tokens where user_id = %s and token_type::text = %s", [person_id, spent]
    )


async def owner_of_hash(conn: Connection, hashed: str, types: list[TokenType]) -> tuple[UUID, TokenType] | None:
    """Find whose stored hash this is, and of which type."""
    row = await (
        await conn.execute(
            "select user_id, token_type::text from auth.one_time_tokens "
            "where token_hash = %s and token_type::text = any(%s)",
            [hashed, list(types)],
        )
    ).fetchone()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A row of auth.flow_state: a mailed link waiting for the device that asked for it."""

    id: UUID
    user_id: UUID
    auth_code: str
    code_challenge_method: str
    code_challenge: str
    authentication_method: str
    auth_code_issued_at: datetime | None


async def _remember_flow(conn: Connection, person_id: UUID, method: str, challenge: Challenge) -> None:
    await conn.execute(
        """
        insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type,
               authentication_method, created_at, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s, clock_timestamp(), clock_timestamp())
        """,
        [uuid4(), person_id, str(uuid4()), challenge.method, challenge.value, method, method],
    )


async def issue_flow_code(conn: Connection, person_id: UUID, kind: str) -> str:
    """Give the code of the latest link of this kind a person asked for with a challenge.

    Raises:
        AuthError: flow_state_not_found.
    """
    row = await (
        await conn.execute(
            """
            update auth.flow_state set auth_code_issued_at = now(), updated_at = now()
             where id = (select id from auth.flow_state
                          where user_id = %s and authentication_method = %s
                          order by created_at desc limit 1)
            returning auth_code
            """,
            [person_id, FLOWS.get(kind, kind)],
        )
    ).fetchone()
    if row is None:
        raise AuthError(400, "flow_state_not_found", "No associated flow state found.")
    return str(row[0])


async def redeem_flow(conn: Connection, auth_code: str, verifier: str, lifetime: timedelta) -> Flow:
    """Exchange the code of a link, once, for the flow it belongs to.

    Raises:
        AuthError: flow_state_not_found, flow_state_expired, bad_code_verifier.
    """
    async with conn.cursor(row_factory=class_row(Flow)) as cursor:
        await cursor.execute(
            """
            select id, user_id, auth_code, code_challenge_method, code_challenge, authentication_method,
                   auth_code_issued_at
              from auth.flow_state
             where auth_code = %s
               for update
            """,
            [auth_code],
        )
        flow = await cursor.fetchone()
    if flow is None:
        raise AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
    if flow.auth_code_issued_at is None or datetime.now(UTC) > flow.auth_code_issued_at + lifetime:
        raise AuthError(403, "flow_state_expired", "invalid flow state, flow state has expired")
    if not Challenge(flow.code_challenge_method, flow.code_challenge).met_by(verifier):
        raise AuthError(400, "bad_code_verifier", "code challenge does not match previously saved code verifier")
    await conn.execute("delete from auth.flow_state where id = %s", [flow.id])
    return flow
