"""Fixtures of the bridge: scripted database, Auth and Stripe, a real Valkey, the application over all."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import jwt
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from standardwebhooks.webhooks import Webhook

from edge_bridge.app import make
from soulseer.settings import BridgeSettings
from tests.doubles.scripted import Answer, ScriptedServer
from tests.doubles.serving import serving

JWKS = "/auth/v1/.well-known/jwks.json"
SECRET = "whsec_" + base64.b64encode(b"the newest secret of these tests").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the one before, not yet retired.").decode()
USER = "0197a000-0000-7000-8000-000000000001"
MakeToken = Callable[..., str]
SignCall = Callable[..., tuple[bytes, dict[str, str]]]


@pytest.fixture(scope="session")
def signing_key() -> ec.EllipticCurvePrivateKey:
    """Give the key the scripted Auth server signs with."""
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[ScriptedServer, ScriptedServer]]:
    """Give the servers that play Supabase and Stripe in the tests of one file."""
    with ScriptedServer() as supabase, ScriptedServer() as stripe:
        yield supabase, stripe


@pytest.fixture(scope="module")
def settings(servers: tuple[ScriptedServer, ScriptedServer], redis_url: str) -> BridgeSettings:
    """Give settings over the scripted servers."""
    supabase, stripe = servers
    return BridgeSettings.model_validate(
        {
            "environment": "local",
            "redis_url": redis_url,
            "supabase_url": supabase.url,
            "supabase_secret_key": "sb_secret_of_these_tests",
            "stripe_secret_key": "sk_test_of_these_tests",
            "stripe_api_url": stripe.url,
            "public_url": "https://app.example.net/",
            "bridge_allowed_origins": ["https://app.example.net"],
            "bridge_call_secrets": [SECRET, OLD_SECRET],
            "presence_listen": False,
        }
    )


@pytest.fixture
def supabase(servers: tuple[ScriptedServer, ScriptedServer], signing_key: ec.EllipticCurvePrivateKey) -> ScriptedServer:
    """Give a project with published keys and an empty outbox."""
    public = {**json.loads(ECAlgorithm.to_jwk(signing_key.public_key())), "kid": "key-1", "use": "sig", "alg": "ES256"}
    server, _ = servers
    server.forget()
    server.on("GET", JWKS, Answer(body={"keys": [public]}))
    server.rpc("claim_outbox", Answer(body=[]))
    return server


@pytest.fixture
def stripe_server(servers: tuple[ScriptedServer, ScriptedServer]) -> ScriptedServer:
    """Give a Stripe that answers what the test says."""
    _, server = servers
    server.forget()
    return server


@pytest.fixture(scope="module")
def served(settings: BridgeSettings) -> Iterator[httpx.Client]:
    """Give a client of the application served for the tests of one file."""
    with serving(make(settings)) as client:
        yield client


@pytest.fixture
def bridge(served: httpx.Client, supabase: ScriptedServer, stripe_server: ScriptedServer) -> httpx.Client:
    """Give a client of the application over servers that know nothing of other tests."""
    assert supabase is not stripe_server
    return served


@pytest.fixture
def fresh_bridge(
    settings: BridgeSettings, redis_client: redis.Redis, supabase: ScriptedServer
) -> Iterator[httpx.Client]:
    """Give a client of an application of the test's own: no keys fetched, nothing counted."""
    assert supabase.url == settings.supabase_url
    redis_client.flushall()
    with serving(make(settings)) as client:
        yield client


@pytest.fixture
def make_token(supabase: ScriptedServer, signing_key: ec.EllipticCurvePrivateKey) -> MakeToken:
    """Give a function that signs an access token; its arguments change the claims."""

    def sign(kid: str = "key-1", key: object = signing_key, algorithm: str = "ES256", **changes: object) -> str:
        claims = {
            "iss": f"{supabase.url}/auth/v1",
            "aud": "authenticated",
            "exp": int(time.time()) + 600,
            "sub": USER,
            "role": "authenticated",
            **changes,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, key, algorithm=algorithm, headers={"kid": kid})  # type: ignore[arg-type]  # any key

    return sign


@pytest.fixture
def sign_call() -> SignCall:
    """Give a function that signs a call as an Edge Function does; its arguments change what is signed."""

    def sign(
        data: object, *, secret: str = SECRET, at: float | None = None, call_id: str = "", **changes: object
    ) -> tuple[bytes, dict[str, str]]:
        call = {"path": "/topups", "user_id": USER, "request_id": "req-9", "data": data, **changes}
        body = json.dumps({name: value for name, value in call.items() if value is not None})
        chosen, moment = call_id or f"call_{uuid.uuid4().hex}", int(time.time() if at is None else at)
        signature = Webhook(secret).sign(chosen, datetime.fromtimestamp(moment, UTC), body)
        return body.encode(), {
            "content-type": "application/json",
            "x-request-id": "req-9",
            "webhook-id": chosen,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature,
        }

    return sign
