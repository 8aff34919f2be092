"""Who is calling: access tokens are verified against the project's published keys (JWKS)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import httpx
import jwt
from pydantic import BaseModel, ValidationError

from soulseer import logs
from soulseer.errors import UnauthenticatedError, UnavailableError

log = logs.get(__name__)

AUDIENCE: Final = "authenticated"
# Asymmetric only: a token signed with a shared secret proves nothing to a service that publishes keys.
ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
KEYS_LIVE_SECONDS: Final = 600.0
# An unknown key id asks for the keys again, but not more often than this, or forged tokens would make
# us flood the Auth server.
REFETCH_SECONDS: Final = 5.0
LEEWAY_SECONDS: Final = 10


class _Claims(BaseModel):
    sub: UUID
    role: str


@dataclass(frozen=True, slots=True)
class _Keys:
    by_id: dict[str, jwt.PyJWK]
    fetched: float


class TokenVerifier:
    """Verifies access tokens; keys are fetched once and kept.

    Args:
        supabase_url: The project's URL; tokens must have been issued by its Auth server.
        http: Client the keys are fetched with.
    """

    def __init__(self, supabase_url: str, http: httpx.AsyncClient) -> None:
        self._issuer = f"{supabase_url}/auth/v1"
        self._http = http
        self._keys = _Keys({}, float("-inf"))
        self._fetching = asyncio.Lock()

    async def user(self, authorization: str | None) -> UUID:
        """Return the id of the signed-in user.

        Args:
            authorization: The request's Authorization header.

        Raises:
            UnauthenticatedError: No token, or not a valid one of a signed-in user.
            UnavailableError: The keys cannot be had now.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("The Authorization header holds no bearer token.")
        try:
            key = await self._key(jwt.get_unverified_header(token))
            raw = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
            claims = _Claims.model_validate(raw)
        except jwt.ExpiredSignatureError as error:
            raise UnauthenticatedError("The token has expired.") from error
        except (jwt.PyJWTError, ValidationError) as error:
            raise UnauthenticatedError("The token is not valid.") from error
        if claims.role != AUDIENCE:
            raise UnauthenticatedError("The token is not a signed-in user's.")
        return claims.sub

    async def _key(self, header: dict[str, object]) -> jwt.PyJWK:
        identifier = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(identifier, str):
            raise UnauthenticatedError("The token is not signed with one of the project's keys.")
        age = time.monotonic() - self._keys.fetched
        if age > KEYS_LIVE_SECONDS or (identifier not in self._keys.by_id and age > REFETCH_SECONDS):
            await self._refresh(self._keys.fetched)
        key = self._keys.by_id.get(identifier)
        if key is None:
            raise UnauthenticatedError("The token is not signed with one of the project's keys.")
        return key

    async def _refresh(self, seen: float) -> None:
        async with self._fetching:
            if self._keys.fetched != seen:
                return  # another request fetched them while this one waited
            try:
                answer = await self._http.get(f"{self._issuer}/.well-known/jwks.json")
                answer.raise_for_status()
                keys = jwt.PyJWKSet.from_json(answer.text).keys
            except (httpx.HTTPError, jwt.PyJWTError, ValueError) as error:
                log.warning("jwks_unavailable", error=str(error))
                if self._keys.by_id:
                    # Yesterday's keys are still better than turning everyone away.
                    return
                raise UnavailableError("the signing keys cannot be fetched", code="auth_unavailable") from error
            by_id = {key.key_id: key for key in keys if key.key_id is not None}
            self._keys = _Keys(by_id, time.monotonic())
