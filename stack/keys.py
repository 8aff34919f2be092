"""Keys of a stack, made once and kept: API keys old and new, signing key of user tokens, Stripe's keys, passwords."""

import base64
import json
import secrets
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from stack.paths import StackPaths

_TEN_YEARS = 10 * 365 * 24 * 3600


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _token(length: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _new_signing_key() -> dict[str, str]:
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.private_numbers()
    public = numbers.public_numbers
    return {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": secrets.token_hex(8),
        "x": _b64(public.x.to_bytes(32, "big")),
        "y": _b64(public.y.to_bytes(32, "big")),
        "d": _b64(numbers.private_value.to_bytes(32, "big")),
    }


@dataclass(frozen=True, slots=True)
class StackKeys:
    """Every secret of a stack.

    Attributes:
        publishable_key: API key for browsers (`sb_publishable_…`), stands for the role anon.
        secret_key: API key for servers (`sb_secret_…`), stands for the role service_role.
        jwt_secret: the legacy HS256 secret, with which the two legacy keys are signed.
        anon_key: legacy API key, a token of the role anon.
        service_role_key: legacy API key, a token of the role service_role.
        signing_key: private ES256 key of user tokens, as a JWK.
        database_password: password of the superuser and of the services' roles.
        stripe_secret_key: `sk_test_…`.
        stripe_publishable_key: `pk_test_…`.
        webhook_secret: `whsec_…` of the platform's webhook endpoint.
        connect_webhook_secret: `whsec_…` of the Connect webhook endpoint.
        bridge_call_secret: `whsec_…` with which Edge Functions sign their calls of the bridge.
        turn_secret: what the bridge would share with a TURN server.
    """

    publishable_key: str
    secret_key: str
    jwt_secret: str
    anon_key: str
    service_role_key: str
    signing_key: dict[str, str]
    database_password: str
    stripe_secret_key: str
    stripe_publishable_key: str
    webhook_secret: str
    connect_webhook_secret: str
    bridge_call_secret: str
    turn_secret: str

    @classmethod
    def make(cls) -> "StackKeys":
        """Return a fresh set."""
        jwt_secret = _token(48)
        now = int(time.time())

        def legacy(role: str) -> str:
            claims = {"iss": "supabase-demo", "role": role, "iat": now, "exp": now + _TEN_YEARS}
            return jwt.encode(claims, jwt_secret, algorithm="HS256")

        return cls(
            publishable_key=f"sb_publishable_{_token(22)}_{_token(8)}",
            secret_key=f"sb_secret_{_token(22)}_{_token(8)}",
            jwt_secret=jwt_secret,
            anon_key=legacy("anon"),
            service_role_key=legacy("service_role"),
            signing_key=_new_signing_key(),
            database_password=_token(32),
            stripe_secret_key=f"sk_test_{_token(32)}",
            stripe_publishable_key=f"pk_test_{_token(32)}",
            webhook_secret=f"whsec_{_token(32)}",
            connect_webhook_secret=f"whsec_{_token(32)}",
            bridge_call_secret=f"whsec_{_token(32)}",
            turn_secret=_token(32),
        )

    @classmethod
    def load_or_make(cls, paths: StackPaths) -> "StackKeys":
        """Return the keys of the stack, making and keeping them the first time, and those that came to be since."""
        place = keys_file(paths)
        kept = json.loads(place.read_text()) if place.exists() else {}
        if kept.keys() == {field.name for field in fields(cls)}:
            return cls(**kept)
        made = cls(**{**asdict(cls.make()), **kept})
        _write_private(place, json.dumps(asdict(made)))
        _write_private(signing_key_file(paths), json.dumps(made.signing_key))
        _write_private(jwks_file(paths), json.dumps(made.jwks()))
        return made

    def public_signing_key(self) -> dict[str, str]:
        """Return the public half of the signing key, as a JWK."""
        return {name: value for name, value in self.signing_key.items() if name != "d"}

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return what PostgREST verifies tokens with: public signing key and legacy secret. Not for the public."""
        legacy = {"kty": "oct", "alg": "HS256", "k": _b64(self.jwt_secret.encode())}
        return {"keys": [self.public_signing_key(), legacy]}

    def user_token(self, user_id: str, role: str = "authenticated", *, valid_for: int = 3600, **claims: Any) -> str:  # noqa: ANN401  # claims are whatever JSON a test wants
        """Return a signed token as Auth would give it, without asking Auth.

        Args:
            user_id: the `sub` claim; empty leaves it out.
            role: database role the token names.
            valid_for: seconds until it expires; negative makes one that has.
            claims: further claims; they win over the ones made here, and None leaves one out.
        """
        now = int(time.time())
        body: dict[str, Any] = {
            "aud": "authenticated",
            "sub": user_id or None,
            "role": role,
            "iat": now,
            "exp": now + valid_for,
            "aal": "aal1",
            "is_anonymous": False,
            "app_metadata": {},
            "user_metadata": {},
        }
        body.update(claims)
        key = jwt.PyJWK(self.signing_key).key
        held = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(held, key, algorithm="ES256", headers={"kid": self.signing_key["kid"]})


def keys_file(paths: StackPaths) -> Path:
    """Return where the keys are kept."""
    return paths.private / "keys.json"


def signing_key_file(paths: StackPaths) -> Path:
    """Return where Auth finds the private signing key."""
    return paths.private / "signing-key.jwk.json"


def jwks_file(paths: StackPaths) -> Path:
    """Return where PostgREST finds the keys it verifies with."""
    return paths.private / "jwks.json"


def _write_private(place: Path, content: str) -> None:
    written = place.with_suffix(".new")
    written.touch(mode=0o600)
    written.write_text(content)
    written.rename(place)
