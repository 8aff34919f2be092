"""The key that signs access tokens, and the checking of whatever bearer token arrives."""

import json
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.algorithms import ECAlgorithm
from pydantic import JsonValue

JsonObject = dict[str, JsonValue]
PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "kid")


@dataclass(frozen=True, slots=True)
class Keys:
    """An ES256 key pair for people's tokens and the secret of the legacy role keys."""

    kid: str
    private: EllipticCurvePrivateKey
    public_jwk: JsonObject
    secret: str

    @classmethod
    def load(cls, path: Path, secret: str) -> "Keys":
        """Read the private JWK.

        Raises:
            ValueError: not an EC P-256 private key with a kid.
        """
        jwk: JsonObject = json.loads(path.read_text(encoding="utf-8"))
        kid = jwk.get("kid")
        private = ECAlgorithm(ECAlgorithm.SHA256).from_jwk(json.dumps(jwk))
        if not isinstance(kid, str) or jwk.get("crv") != "P-256" or not isinstance(private, EllipticCurvePrivateKey):
            message = f"{path} must hold an EC P-256 private key as a JWK with a kid"
            raise ValueError(message)
        public = {name: jwk[name] for name in PUBLIC_MEMBERS} | {
            "alg": "ES256",
            "use": "sig",
            "key_ops": ["verify"],
            "ext": True,
        }
        return cls(kid, private, public, secret)

    def jwks(self) -> JsonObject:
        """Give the public key set that verifies people's tokens."""
        return {"keys": [self.public_jwk]}

    def sign(self, claims: JsonObject) -> str:
        """Sign claims as an access token."""
        return jwt.encode(claims, self.private, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str) -> JsonObject:
        """Check signature and expiry, and give the claims.

        The audience is left to the endpoint, as the legacy role keys carry none.

        Raises:
            jwt.InvalidTokenError: malformed, expired, or signed with another key.
        """
        header = jwt.get_unverified_header(token)
        claims: JsonObject
        if header.get("kid") == self.kid:
            claims = jwt.decode(token, self.private.public_key(), algorithms=["ES256"], options={"verify_aud": False})
        elif "kid" not in header:
            claims = jwt.decode(token, self.secret, algorithms=["HS256"], options={"verify_aud": False})
        else:
            message = f"unrecognized JWT kid {header['kid']} for algorithm {header.get('alg')}"
            raise jwt.InvalidTokenError(message)
        return claims
