"""Access tokens: their claims, the hook that may reshape them, and the answer a sign-in gets."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from stack.auth import devices, factors, people
from stack.auth.devices import Caller
from stack.auth.errors import AuthError, unexpected
from stack.auth.keys import JsonObject, Keys
from stack.auth.people import Connection, Person
from stack.auth.settings import AuthSettings

logger = logging.getLogger(__name__)

HOOK = "public.custom_access_token_hook(jsonb)"
HOOK_ADDRESS = "pg-functions://postgres/public/custom_access_token_hook"

# HTTP statuses a hook may refuse with.
REFUSING = range(400, 600)

# What a token cannot do without, and the JSON types each may have after the hook.
REQUIRED_CLAIMS: dict[str, tuple[type, ...]] = {
    "aud": (str, list),
    "exp": (int,),
    "iat": (int,),
    "sub": (str,),
    "email": (str,),
    "phone": (str,),
    "role": (str,),
    "aal": (str,),
    "session_id": (str,),
    "is_anonymous": (bool,),
}


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs people in and renews them, inside the caller's transaction."""

    settings: AuthSettings
    keys: Keys

    async def sign_in(self, conn: Connection, person_id: UUID, method: str, caller: Caller) -> JsonObject:
        """Open a device for a person and give the tokens.

        Raises:
            AuthError: the hook refuses, fails, or loses a claim.
        """
        device_id, refresh_token = await devices.sign_in(conn, person_id, method, caller)
        person = await people.reload(conn, person_id)
        return await self._answer(conn, person, device_id, refresh_token, method)

    async def renew(self, conn: Connection, refresh_token: str, caller: Caller) -> JsonObject:
        """Exchange a refresh token for new tokens.

        Raises:
            AuthError: unknown, expired or banned; or the hook refuses.
            ReusedTokenError: the family is revoked; commit before answering.
        """
        used, device = await devices.locked_token(conn, refresh_token)
        person = await people.reload(conn, device.user_id)
        if person.is_banned():
            raise AuthError(400, "user_banned", "Invalid Refresh Token: User Banned")
        reuse = timedelta(seconds=self.settings.reuse_seconds)
        live = await devices.renew(conn, used, device, caller, reuse)
        return await self._answer(conn, person, device.id, live, "token_refresh")

    async def lift(self, conn: Connection, person_id: UUID, device_id: UUID, factor_id: UUID) -> JsonObject:
        """Lift a device to aal2 and give it new tokens.

        Raises:
            AuthError: the hook refuses, fails, or loses a claim.
        """
        refresh_token = await devices.lift(conn, device_id, person_id, factor_id)
        person = await people.reload(conn, person_id)
        return await self._answer(conn, person, device_id, refresh_token, factors.TOTP)

    async def _answer(
        self, conn: Connection, person: Person, device_id: UUID, refresh_token: str, method: str
    ) -> JsonObject:
        issued_at = int(time.time())
        expires_at = issued_at + self.settings.token_seconds
        proofs = await devices.proofs(conn, device_id)
        claims: JsonObject = {
            "iss": self.settings.issuer,
            "sub": str(person.id),
            "aud": person.aud or people.AUDIENCE,
            "exp": expires_at,
            "iat": issued_at,
            "email": person.email or "",
            "phone": person.phone or "",
            "app_metadata": person.raw_app_meta_data or {},
            "user_metadata": person.raw_user_meta_data or {},
            "role": person.role or people.AUDIENCE,
            "aal": factors.level_of(proofs),
            "amr": list(proofs),
            "session_id": str(device_id),
            "is_anonymous": person.is_anonymous,
        }
        claims = await self._hooked(conn, person.id, claims, method)
        return {
            "access_token": self.keys.sign(claims),
            "token_type": "bearer",
            "expires_in": self.settings.token_seconds,
            "expires_at": expires_at,
            "refresh_token": refresh_token,
            "user": person.as_json(),
        }

    async def _hooked(self, conn: Connection, person_id: UUID, claims: JsonObject, method: str) -> JsonObject:
        """Let the database reshape the claims, where it has a function for that."""
        event: JsonObject = {"user_id": str(person_id), "claims": claims, "authentication_method": method}
        limit = f"{round(self.settings.hook_seconds * 1000)}ms"
        try:
            exists = await (await conn.execute("select to_regprocedure(%s) is not null", [HOOK])).fetchone()
            if exists is None or not exists[0]:
                return claims
            await conn.execute("select set_config('statement_timeout', %s, true)", [limit])
            row = await (await conn.execute("select public.custom_access_token_hook(%s)", [Jsonb(event)])).fetchone()
            await conn.execute("set local statement_timeout to default")
        except psycopg.errors.QueryCanceled as error:
            message = f"Failed to reach hook within maximum time of {self.settings.hook_seconds:f} seconds"
            raise AuthError(422, "hook_timeout", message) from error
        except psycopg.Error as error:
            logger.warning("custom access token hook failed: %s", error)
            message = f"Error running hook URI: {HOOK_ADDRESS}"
            raise unexpected(message) from error
        return _checked(row[0] if row else None)


def _checked(output: JsonValue) -> JsonObject:
    """Take the claims out of the hook's answer.

    Raises:
        AuthError: the hook refuses with `{"error": {"http_code", "message"}}`, or a required claim is gone.
    """
    refusal = output.get("error") if isinstance(output, dict) else None
    if isinstance(refusal, dict) and refusal.get("message"):
        status = refusal.get("http_code")
        status = status if isinstance(status, int) and status in REFUSING else HTTPStatus.INTERNAL_SERVER_ERROR
        code = "unexpected_failure" if status == HTTPStatus.INTERNAL_SERVER_ERROR else "unknown"
        raise AuthError(status, code, str(refusal["message"]))
    claims = output.get("claims") if isinstance(output, dict) else None
    if not isinstance(claims, dict):
        message = "output claims field is missing"
        raise unexpected(message)
    broken = [
        f"- {name} is required with its type"
        for name, kinds in REQUIRED_CLAIMS.items()
        if not isinstance(claims.get(name), kinds) or (kinds == (int,) and isinstance(claims.get(name), bool))
    ]
    if broken:
        raise unexpected("output claims do not conform to the expected schema: \n" + "\n".join(broken))
    return claims
