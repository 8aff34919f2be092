"""Signed downloads: the file the database names, signed by Storage, for whoever has paid for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import httpx
import pytest

from tests.doubles.scripted import Answer, ScriptedServer, refusal

USER = "0197a000-0000-7000-8000-000000000001"
PRODUCT = "0197a000-0000-7000-8000-0000000000d1"
SELLER = "0197a000-0000-7000-8000-0000000000e1"
PATH = f"/storage/v1/object/sign/products/{SELLER}/moon.pdf"
SignCall = Callable[..., tuple[bytes, dict[str, str]]]


@pytest.fixture
def headers(make_token: Callable[..., str]) -> dict[str, str]:
    """Give the headers of a signed-in user."""
    return {"Authorization": f"Bearer {make_token()}", "X-Request-Id": "req-9"}


@pytest.fixture
def bought(supabase: ScriptedServer) -> ScriptedServer:
    """Give a project in which the user has bought a file."""
    supabase.rpc("purchased_file", Answer(body={"bucket": "products", "path": f"{SELLER}/moon.pdf"}))
    return supabase


def ask(bridge: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    return bridge.post("/downloads", json={"product_id": PRODUCT}, headers=headers)


def test_a_buyer_gets_an_address_that_storage_signed(
    bridge: httpx.Client, bought: ScriptedServer, headers: dict[str, str], sign_call: SignCall
) -> None:
    signed = {"signedURL": f"/object/sign/products/{SELLER}/moon.pdf?token=abc"}
    bought.on("POST", PATH, Answer(body=signed))
    body, marks = sign_call({"product_id": PRODUCT}, path="/downloads")

    for answer in (ask(bridge, headers), bridge.post("/downloads", content=body, headers=marks)):
        assert answer.status_code == 201
        assert answer.json()["url"] == f"{bought.url}{PATH}?token=abc"
        assert abs(datetime.fromisoformat(answer.json()["expires_at"]).timestamp() - time.time() - 300) < 30

    assert bought.calls("purchased_file") == [{"p_user_id": USER, "p_product_id": PRODUCT}] * 2
    asked = bought.requests("POST", PATH)[0]
    assert int(str(asked.arguments["expiresIn"])) == 300
    assert asked.headers["apikey"] == "sb_secret_of_these_tests"
    assert asked.headers["authorization"] == "Bearer sb_secret_of_these_tests"


@pytest.mark.parametrize(("status", "code"), [(403, "not_purchased"), (404, "not_found")])
def test_whom_the_database_refuses_nothing_is_signed_for(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str], status: int, code: str
) -> None:
    supabase.rpc("purchased_file", refusal(status, code))
    answer = ask(bridge, headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert supabase.requests("POST", PATH) == []


def test_a_file_that_is_gone_from_storage_is_not_found(
    bridge: httpx.Client, bought: ScriptedServer, headers: dict[str, str]
) -> None:
    missing = {"statusCode": "404", "error": "not_found", "message": "Object not found"}
    bought.on("POST", PATH, Answer(400, missing))
    answer = ask(bridge, headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "fault",
    [Answer(503, {"message": "x"}), Answer(500, "x"), Answer(0), Answer(200, {"unexpected": 1}), Answer(429, {})],
)
def test_a_storage_that_fails_may_be_asked_again(
    bridge: httpx.Client, bought: ScriptedServer, headers: dict[str, str], fault: Answer
) -> None:
    bought.on("POST", PATH, fault)
    answer = ask(bridge, headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_path_that_climbs_is_not_signed(
    bridge: httpx.Client, supabase: ScriptedServer, headers: dict[str, str]
) -> None:
    supabase.rpc("purchased_file", Answer(body={"bucket": "products", "path": f"{SELLER}/../other/moon.pdf"}))
    answer = ask(bridge, headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not [asked for asked in supabase.asked if asked.path.startswith("/storage")]
