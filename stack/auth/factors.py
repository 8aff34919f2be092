"""Second factors: rows of auth.mfa_factors and auth.mfa_challenges, and what proving one does to a device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg.rows import class_row
from pydantic import JsonValue

from stack.auth.keys import JsonObject
from stack.auth.people import Connection, shown_time

TOTP = "totp"
# Methods that, once proved, lift a device to aal2.
SECOND_FACTORS = frozenset({"totp", "mfa/phone", "mfa/webauthn"})


@dataclass(frozen=True, slots=True)
class Factor:
    """A row of auth.mfa_factors."""

    id: UUID
    user_id: UUID
    friendly_name: str | None
    factor_type: str
    status: str
    secret: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_verified(self) -> bool:
        """Tell whether a code of it was ever accepted."""
        return self.status == "verified"

    def as_json(self) -> JsonObject:
        """Show the factor as the API does, without its secret."""
        shown: JsonObject = {
            "id": str(self.id),
            "factor_type": self.factor_type,
            "status": self.status,
            "created_at": shown_time(self.created_at),
            "updated_at": shown_time(self.updated_at),
        }
        return shown | ({"friendly_name": self.friendly_name} if self.friendly_name else {})


@dataclass(frozen=True, slots=True)
class Question:
    """A row of auth.mfa_challenges: a request to prove a factor."""

    id: UUID
    created_at: datetime
    verified_at: datetime | None
    ip_address: str


SELECT = "select id, user_id, friendly_name, factor_type::text, status::text, secret, created_at, updated_at "


async def of_person(conn: Connection, person_id: UUID) -> list[Factor]:
    """List a person's factors, oldest first."""
    async with conn.cursor(row_factory=class_row(Factor)) as cursor:
        await cursor.execute(SELECT + "from auth.mfa_factors where user_id = %s order by created_at", [person_id])
        return await cursor.fetchall()


async def owned(conn: Connection, person_id: UUID, factor_id: UUID) -> Factor | None:
    """Find a factor of this person's and lock it, so that each challenge counts once."""
    async with conn.cursor(row_factory=class_row(Factor)) as cursor:
        await cursor.execute(
            SELECT + "from auth.mfa_factors where id = %s and user_id = %s for update", [factor_id, person_id]
        )
        return await cursor.fetchone()


async def forget_unfinished(conn: Connection, lifetime: timedelta) -> None:
    """Delete factors that were enrolled and never verified in time, everybody's."""
    await conn.execute(
        "delete from auth.mfa_factors where status = 'unverified' and created_at < now() - %s::interval", [lifetime]
    )


async def add_totp(conn: Connection, person_id: UUID, friendly_name: str, secret: str) -> UUID:
    """Enroll a factor, not verified yet; answers its id."""
    factor_id = uuid4()
    await conn.execute(
        """
        insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
        values (%s, %s, %s, 'totp', 'unverified', %s, now(), now())
        """,
        [factor_id, person_id, friendly_name, secret],
    )
    return factor_id


async def ask(conn: Connection, factor_id: UUID, address: str) -> tuple[UUID, datetime]:
    """Open a challenge for whoever calls from this address; answers its id and when it was made."""
    challenge_id = uuid4()
    rows = await conn.execute(
        """
        insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
        values (%s, %s, now(), %s) returning created_at
        """,
        [challenge_id, factor_id, address],
    )
    made = await rows.fetchone()
    # Unique in the whole table, so it takes the moment of this statement, not of the transaction.
    await conn.execute(
        "update auth.mfa_factors set last_challenged_at = clock_timestamp(), updated_at = now() where id = %s",
        [factor_id],
    )
    if made is None:
        message = "a challenge was not stored"
        raise LookupError(message)
    return challenge_id, made[0]


async def question(conn: Connection, factor_id: UUID, challenge_id: UUID) -> Question | None:
    """Find a challenge of this factor's."""
    async with conn.cursor(row_factory=class_row(Question)) as cursor:
        await cursor.execute(
            """
            select id, created_at, verified_at, host(ip_address) as ip_address
              from auth.mfa_challenges where id = %s and factor_id = %s
            """,
            [challenge_id, factor_id],
        )
        return await cursor.fetchone()


async def drop_question(conn: Connection, challenge_id: UUID) -> None:
    """Delete a challenge that waited too long."""
    await conn.execute("delete from auth.mfa_challenges where id = %s", [challenge_id])


async def prove(conn: Connection, factor: Factor, challenge_id: UUID) -> None:
    """Note that a factor was proved; other enrolments that were never finished go."""
    await conn.execute("update auth.mfa_challenges set verified_at = now() where id = %s", [challenge_id])
    await conn.execute(
        "update auth.mfa_factors set status = 'verified', updated_at = now() where id = %s and status = 'unverified'",
        [factor.id],
    )
    await conn.execute(
        "delete from auth.mfa_factors where user_id = %s and factor_type = 'totp' and status = 'unverified'",
        [factor.user_id],
    )


async def remove(conn: Connection, factor: Factor) -> None:
    """Delete a factor; devices that were lifted by it fall back to aal1 at their next renewal."""
    await conn.execute("delete from auth.mfa_factors where id = %s", [factor.id])
    await conn.execute(
        """
        delete from auth.mfa_amr_claims
         where authentication_method = 'totp' and session_id in (select id from auth.sessions where factor_id = %s)
        """,
        [factor.id],
    )
    await conn.execute("update auth.sessions set aal = 'aal1', factor_id = null where factor_id = %s", [factor.id])


def level_of(proofs: list[JsonObject]) -> JsonValue:
    """Say which assurance level these proofs reach: aal2 with a second factor among them."""
    return "aal2" if any(proof["method"] in SECOND_FACTORS for proof in proofs) else "aal1"
