"""Verification of the tokens that connections and channels name, with Realtime's own words for what is wrong."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt
from pydantic import JsonValue

JsonObject = dict[str, JsonValue]


class TokenError(Exception):
    """A token that opens nothing."""

    def __init__(self, code: str, message: str) -> None:
        """Make it out of Realtime's error code and its sentence."""
        super().__init__(f"{code}: {message}")
        self.message = message


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says.

    Attributes:
        role: the database role it names.
        expires_at: seconds since the epoch.
        body: every claim.
        encoded: every claim, as the JSON that policies read.
    """

    role: str
    expires_at: int
    body: JsonObject
    encoded: str


def expired(expires_at: int) -> TokenError:
    """Return the refusal of a token that expired then."""
    return TokenError("InvalidJWTToken", f"Token has expired {int(time.time()) - expires_at} seconds ago")


class Verifier:
    """Knows the keys of the stack."""

    def __init__(self, keys: Mapping[str, jwt.PyJWK], secret: jwt.PyJWK | None) -> None:
        """Take the keys.

        Args:
            keys: public keys by their id.
            secret: key of the legacy tokens, which name no id.
        """
        self._keys = dict(keys)
        self._secret = secret

    @classmethod
    def load(cls, path: Path) -> "Verifier":
        """Read a key set.

        Raises:
            ValueError: the file holds no key that verifies.
        """
        try:
            listed = [jwt.PyJWK(key) for key in json.loads(path.read_text(encoding="utf-8"))["keys"]]
        except (jwt.PyJWKError, KeyError, TypeError) as error:
            raise ValueError(f"{path} holds no usable key set: {error}") from error
        named = {key.key_id: key for key in listed if key.key_id}
        return cls(named, next((key for key in listed if key.key_type == "oct"), None))

    def verify(self, token: str) -> Claims:
        """Check a token's signature and expiry.

        Raises:
            TokenError: malformed, forged, expired, or without role and expiry.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise TokenError("MalformedJWT", "The token provided is not a valid JWT") from error
        key = self._key_of(header)
        try:
            body: JsonObject = jwt.decode(
                token, key.key, algorithms=[key.algorithm_name], options={"verify_aud": False, "verify_exp": False}
            )
        except jwt.InvalidTokenError as error:
            raise TokenError("JwtSignatureError", "Failed to validate JWT signature") from error
        role, expires_at = body.get("role"), body.get("exp")
        if not isinstance(role, str) or not isinstance(expires_at, int):
            raise TokenError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT")
        if expires_at <= time.time():
            raise expired(expires_at)
        return Claims(role, expires_at, body, json.dumps(body, separators=(",", ":")))

    def _key_of(self, header: Mapping[str, object]) -> jwt.PyJWK:
        kid = header.get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else self._secret
        if key is None:
            named = f" for key ID (kid) {json.dumps(kid)}" if kid is not None else ""
            message = f"Failed to generate JWT signer{named}, check your JWT secret or JWKS configuration"
            raise TokenError("JwtSignerError", message)
        return key
