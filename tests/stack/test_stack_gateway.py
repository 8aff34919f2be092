"""The gateway swaps API keys for role tokens as hosted does, answers browsers, and refuses with typed errors."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import httpx
import pytest

from stack.environment import StackEnv
from stack.instance import Stack
from stack.worlds import World

USER = "22222222-2222-4222-8222-222222222222"


@dataclass(frozen=True)
class Door:
    """A gateway before a database that can say who is asking."""

    world: World
    http: httpx.Client

    def role(self, headers: dict[str, str] | None = None, query: str = "") -> str:
        answer = self.http.get(f"/rest/v1/rpc/who{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json())


@pytest.fixture(scope="module")
def door(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[Door]:
    with make_world(with_gateway=True) as world, httpx.Client(base_url=world.api_url) as http:
        with world.connect() as database:
            database.execute(
                "create function public.who() returns text stable language sql as $$"
                "  select current_role || coalesce(' ' || (select auth.uid())::text, '') $$;"
                "grant execute on function public.who() to anon, authenticated, service_role;"
                "notify pgrst, 'reload schema'"
            )
        opened = Door(world, http)
        wait_for_function(opened)
        yield opened


def wait_for_function(door: Door) -> None:
    deadline = time.monotonic() + 10
    headers = {"apikey": door.world.keys.secret_key}
    while door.http.get("/rest/v1/rpc/who", headers=headers).status_code == 404:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("publishable_key", "anon"),
        ("secret_key", "service_role"),
        ("anon_key", "anon"),
        ("service_role_key", "service_role"),
    ],
)
def test_every_kind_of_key_stands_for_its_role_wherever_it_is_sent(door: Door, kind: str, role: str) -> None:
    key = getattr(door.world.keys, kind)
    assert door.role({"apikey": key}) == role
    assert door.role({"apikey": key, "Authorization": f"Bearer {key}"}) == role
    assert door.role({"Authorization": f"Bearer {key}"}) == role
    assert door.role(query=f"?apikey={key}") == role


@pytest.mark.parametrize("kind", ["publishable_key", "anon_key", "secret_key"])
def test_a_users_token_is_left_alone_behind_any_key(door: Door, kind: str) -> None:
    headers = {"apikey": getattr(door.world.keys, kind), "Authorization": f"Bearer {door.world.token(USER)}"}
    assert door.role(headers) == f"authenticated {USER}"


def test_an_expired_or_forged_token_is_refused_behind_a_good_key(door: Door) -> None:
    key = door.world.keys.publishable_key
    expired = door.world.keys.user_token(USER, valid_for=-60)
    head, body, signature = door.world.token(USER).split(".")
    forged = ".".join([head, body, signature[::-1]])
    for token in (expired, forged):
        answer = door.http.get("/rest/v1/rpc/who", headers={"apikey": key, "Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        ({}, "", "no_api_key"),
        ({"Authorization": "Bearer nonsense"}, "", "no_api_key"),
        ({"apikey": "sb_publishable_wrong"}, "", "invalid_api_key"),
        ({"apikey": "sb_secret_wrong"}, "", "invalid_api_key"),
        ({}, "?apikey=wrong", "invalid_api_key"),
    ],
)
def test_a_missing_or_wrong_key_is_refused(door: Door, headers: dict[str, str], query: str, code: str) -> None:
    answer = door.http.get(f"/rest/v1/rpc/who{query}", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == code


def test_a_users_token_alone_opens_nothing(door: Door) -> None:
    answer = door.http.get("/rest/v1/rpc/who", headers={"Authorization": f"Bearer {door.world.token(USER)}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "no_api_key")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/storage/v1/object/x", 502, "service_not_running"),
        ("/realtime/v1/websocket", 502, "service_not_running"),
        ("/functions/v1/hello", 502, "service_not_running"),
        ("/auth/v1/settings", 502, "service_not_running"),
        ("/nowhere", 404, "route_not_found"),
    ],
)
def test_what_nobody_serves_is_refused_with_a_typed_error(door: Door, path: str, status: int, code: str) -> None:
    # A world's gateway stands before no Auth, which makes it a server that is down.
    answer = door.http.get(path, headers={"apikey": door.world.keys.publishable_key})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "details", "hint"}
    assert answer.json()["code"] == code


def test_a_browser_may_ask_before_it_sends_a_key(door: Door) -> None:
    wanted = "authorization, apikey, x-client-info, x-request-id"
    asked = {
        "Origin": "http://app.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": wanted,
    }
    answer = door.http.options("/rest/v1/users", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == wanted
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]


def test_answers_and_refusals_may_be_read_by_any_origin_once(door: Door) -> None:
    for headers in ({"apikey": door.world.keys.secret_key}, {}):
        answer = door.http.get("/rest/v1/rpc/who", headers={**headers, "Origin": "http://app.example"})
        assert answer.headers.get_list("Access-Control-Allow-Origin") == ["*"]
        assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]


def test_a_request_id_is_echoed_and_made_when_absent(door: Door) -> None:
    key = {"apikey": door.world.keys.publishable_key}
    told = door.http.get("/rest/v1/rpc/who", headers={**key, "X-Request-Id": "req-1"})
    assert told.headers.get_list("X-Request-Id") == ["req-1"]
    made = [door.http.get("/rest/v1/rpc/who", headers=key).headers["X-Request-Id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert all(len(request_id) == 36 for request_id in made)


def test_verifiers_and_mails_reach_auth_without_a_key(stack: Stack, stack_env: StackEnv) -> None:
    published = httpx.get(f"{stack_env.api_url}/auth/v1/.well-known/jwks.json")
    kids = [key["kid"] for key in published.json()["keys"]]
    assert kids == [stack.layout().keys.signing_key["kid"]]
    assert "d" not in published.text.split('"')
    assert httpx.get(f"{stack_env.api_url}/auth/v1/settings").status_code == 401
    keyed = httpx.get(f"{stack_env.api_url}/auth/v1/settings", headers={"apikey": stack_env.publishable_key})
    assert keyed.status_code == 200


def test_a_function_is_asked_without_a_key_and_speaks_to_browsers_itself(door: Door) -> None:
    # Nothing serves functions behind this gateway, which shows that it neither refuses nor answers in their place.
    for method in ("POST", "OPTIONS"):
        asked = {"Origin": "http://app.example", "Access-Control-Request-Method": "POST"}
        answer = door.http.request(method, "/functions/v1/top-up", headers=asked)
        assert (answer.status_code, answer.json()["code"]) == (502, "service_not_running")
        assert "Access-Control-Allow-Origin" not in answer.headers
