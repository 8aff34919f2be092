"""Who calls, by their token; and the tokens of signed URLs."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

import jwt
from pydantic import JsonValue

JsonObject = dict[str, JsonValue]
Use = Literal["download", "upload"]
ROLES = ("anon", "authenticated", "service_role")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who calls.

    Attributes:
        role: database role the request runs as.
        claims: what the token says; policies read it.
    """

    role: str
    claims: JsonObject

    @property
    def owner_id(self) -> str | None:
        """Who owns what the caller uploads: the token's subject."""
        subject = self.claims.get("sub")
        return subject if isinstance(subject, str) and subject else None


SERVER = Caller("service_role", {"role": "service_role"})
"""The server itself, past every policy."""


def as_uuid(owner_id: str | None) -> UUID | None:
    """Give an owner for the older column, which holds UUIDs only."""
    try:
        return UUID(owner_id) if owner_id else None
    except ValueError:
        return None


class Keys:
    """The keys of a JWK set: public ones of people's tokens, each with a kid, and the secret."""

    def __init__(self, keys: list[jwt.PyJWK]) -> None:
        """Take the keys.

        Raises:
            ValueError: there is no secret among them.
        """
        self._public = {key.key_id: key for key in keys if key.key_type != "oct"}
        secrets = [key for key in keys if key.key_type == "oct"]
        if not secrets:
            message = "the JWK set must hold a secret, which signs URLs"
            raise ValueError(message)
        self._secret = secrets[0]

    @classmethod
    def load(cls, path: Path) -> "Keys":
        """Read a JWK set.

        Raises:
            ValueError: it is none, or holds no secret.
        """
        return cls([jwt.PyJWK(key) for key in json.loads(path.read_text(encoding="utf-8"))["keys"]])

    def caller(self, token: str) -> Caller:
        """Check the signature and expiry of a bearer token and give its caller.

        Raises:
            jwt.InvalidTokenError: malformed, expired, signed with another key, or of a role that is no caller's.
        """
        claims = self._verified(token)
        role = claims.get("role", "anon")
        if role not in ROLES:
            message = "the role of the token is not one that may call"
            raise jwt.InvalidTokenError(message)
        return Caller(str(role), claims)

    def sign(self, use: Use, claims: JsonObject, seconds: int) -> str:
        """Sign the claims of a URL for one use and a number of seconds."""
        now = int(time.time())
        # No role: as a bearer token it is worth nothing.
        body = {**claims, "use": use, "iat": now, "exp": now + seconds}
        return jwt.encode(body, self._secret.key, algorithm="HS256")

    def signed(self, use: Use, token: str) -> JsonObject | None:
        """Give the claims of a signed URL's token, or None if it was made for another use.

        Raises:
            jwt.InvalidTokenError: malformed, expired, or signed with another key.
        """
        claims: JsonObject = jwt.decode(token, self._secret.key, algorithms=["HS256"], options={"require": ["exp"]})
        return claims if claims.get("use") == use else None

    def _verified(self, token: str) -> JsonObject:
        kid = jwt.get_unverified_header(token).get("kid")
        key = self._secret if kid is None else self._public.get(kid)
        if key is None:
            message = "no key of that kid"
            raise jwt.InvalidTokenError(message)
        claims: JsonObject = jwt.decode(token, key.key, algorithms=[key.algorithm_name], options={"verify_aud": False})
        return claims
