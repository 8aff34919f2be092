"""Only a token that the project's Auth server signed for a signed-in user opens the bridge's calls."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.doubles.scripted import Answer, ScriptedServer, refusal

JWKS = "/auth/v1/.well-known/jwks.json"
TOPUP = {"amount": 2500, "currency": "USD", "idempotency_key": "k1"}
MakeToken = Callable[..., str]


def ask(bridge: httpx.Client, token: str | None) -> tuple[int, str]:
    """Begin a top-up and return the status and the code."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = bridge.post("/topups", json=TOPUP, headers=headers)
    return answer.status_code, answer.json()["code"]


def test_asks_for_a_token(bridge: httpx.Client) -> None:
    answer = bridge.post("/topups", json=TOPUP)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"aud": "anon"},
        {"aud": None},
        {"iss": "https://elsewhere.example.net/auth/v1"},
        {"sub": "not-an-id"},
        {"sub": None},
        {"role": "service_role"},
        {"role": "anon"},
        {"kid": "key-of-somebody-else"},
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"key": "a-shared-secret-of-more-than-32-bytes", "algorithm": "HS256"},
    ],
)
def test_refuses_any_other_token_and_asks_the_database_nothing(
    bridge: httpx.Client, supabase: ScriptedServer, make_token: MakeToken, changes: dict[str, object]
) -> None:
    assert ask(bridge, make_token(**changes)) == (401, "unauthenticated")
    assert supabase.calls("begin_topup") == []


def test_refuses_an_unsigned_token(bridge: httpx.Client, make_token: MakeToken) -> None:
    head, body, _ = make_token().split(".")

    assert ask(bridge, f"{head}.{body}.") == (401, "unauthenticated")
    assert ask(bridge, "garbage") == (401, "unauthenticated")


def test_fetches_the_keys_once(fresh_bridge: httpx.Client, supabase: ScriptedServer, make_token: MakeToken) -> None:
    supabase.rpc("begin_topup", refusal(403, "account_suspended"))

    for _ in range(3):
        assert ask(fresh_bridge, make_token()) == (403, "account_suspended")
    for _ in range(3):
        assert ask(fresh_bridge, make_token(kid="made-up")) == (401, "unauthenticated")

    assert len(supabase.requests("GET", JWKS)) == 1


def test_says_that_the_keys_cannot_be_had(
    fresh_bridge: httpx.Client, supabase: ScriptedServer, make_token: MakeToken
) -> None:
    supabase.on("GET", JWKS, Answer(500))

    assert ask(fresh_bridge, make_token()) == (503, "auth_unavailable")
