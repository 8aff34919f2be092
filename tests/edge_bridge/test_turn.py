"""TURN credentials: coturn's scheme to the letter, for whom the database names, from settings that are whole."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from edge_bridge.app import make
from edge_bridge.turn import TurnServer
from soulseer.settings import BridgeSettings
from tests.doubles.scripted import Answer, ScriptedServer, refusal
from tests.doubles.serving import serving

USER = "0197a000-0000-7000-8000-000000000001"
SESSION = "0197a000-0000-7000-8000-0000000000c1"
URLS = ("turn:turn.example.net:3478?transport=udp", "turns:turn.example.net:5349")
SignCall = Callable[..., tuple[bytes, dict[str, str]]]
MakeToken = Callable[..., str]


def test_the_password_is_what_openssl_makes_of_the_same_name() -> None:
    server = TurnServer(URLS, "a secret of the TURN server", 600)
    answer = server.admit(UUID(SESSION), "client", now=1_800_000_000.9)
    assert answer.username == f"1800000600:{SESSION}:client"
    # printf <username> | openssl dgst -sha1 -hmac "a secret of the TURN server" -binary | base64
    assert answer.credential == "ti+jgd/HGIltfcRESwWvaUstWCk="
    assert (answer.urls, answer.ttl, int(answer.expires_at.timestamp())) == (URLS, 600, 1_800_000_600)


def test_a_participant_gets_credentials_by_token_and_by_signature(
    settings: BridgeSettings, supabase: ScriptedServer, make_token: MakeToken, sign_call: SignCall
) -> None:
    supabase.rpc("turn_side", Answer(body="reader"))
    secret = "shared with the TURN server alone"
    relayed = settings.model_copy(update={"turn_urls": URLS, "turn_secret": SecretStr(secret)})
    with serving(make(relayed)) as bridge:
        headers = {"Authorization": f"Bearer {make_token()}"}
        direct = bridge.post("/turn-credentials", json={"session_id": SESSION}, headers=headers)
        body, signed = sign_call({"session_id": SESSION}, path="/turn-credentials")
        handed_on = bridge.post("/turn-credentials", content=body, headers=signed)

    assert supabase.calls("turn_side") == [{"p_user_id": USER, "p_session_id": SESSION}] * 2
    for answer in (direct, handed_on):
        assert answer.status_code == 201
        given = answer.json()
        expiry, session, side = given["username"].split(":")
        assert (session, side, given["urls"], given["ttl"]) == (SESSION, "reader", list(URLS), 600)
        assert abs(int(expiry) - time.time() - 600) < 30
        expected = hmac.new(secret.encode(), given["username"].encode(), hashlib.sha1).digest()
        assert base64.b64decode(given["credential"]) == expected


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not_participant"), (409, "invalid_state"), (403, "account_suspended")]
)
def test_whom_the_database_refuses_gets_none(
    settings: BridgeSettings, supabase: ScriptedServer, make_token: MakeToken, status: int, code: str
) -> None:
    supabase.rpc("turn_side", refusal(status, code))
    relayed = settings.model_copy(update={"turn_urls": URLS, "turn_secret": SecretStr("shared")})
    with serving(make(relayed)) as bridge:
        headers = {"Authorization": f"Bearer {make_token()}"}
        answer = bridge.post("/turn-credentials", json={"session_id": SESSION}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "credential" not in answer.text


def test_without_a_server_there_is_nothing_to_give(bridge: httpx.Client, make_token: MakeToken) -> None:
    headers = {"Authorization": f"Bearer {make_token()}"}
    answer = bridge.post("/turn-credentials", json={"session_id": SESSION}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "turn_not_configured")


@pytest.mark.parametrize(
    "body", [{}, {"session_id": "x"}, {"session_id": 7}, {"session_id": SESSION, "side": "client"}]
)
def test_a_body_of_another_form_is_refused(bridge: httpx.Client, make_token: MakeToken, body: object) -> None:
    answer = bridge.post("/turn-credentials", json=body, headers={"Authorization": f"Bearer {make_token()}"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    "changes",
    [{"turn_urls": ["turn:a"]}, {"turn_secret": "s"}, {"turn_urls": ["https://a"], "turn_secret": "s"}],
)
def test_half_a_server_is_no_setting(settings: BridgeSettings, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BridgeSettings.model_validate({**settings.model_dump(), **changes})
