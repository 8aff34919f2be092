"""Auth behind the gateway, where applications meet it: both official clients, keys old and new, and PostgREST."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from supabase import AsyncClientOptions, Client, ClientOptions, acreate_client, create_client
from supabase_auth.errors import AuthApiError

from stack.environment import StackEnv
from stack.paths import PROJECT_ROOT

PASSWORD = "correct horse battery"
JAVASCRIPT = Path(__file__).parents[1] / "js" / "auth.test.mjs"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20) as client:
        yield client


def _client(env: StackEnv, http: httpx.Client, key: str) -> Client:
    options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
    return create_client(env.api_url, key, options)


def test_supabase_js_runs_every_flow(stack_env: StackEnv) -> None:
    node = shutil.which("node")
    assert node is not None
    environment = os.environ | stack_env.variables()

    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(JAVASCRIPT)],
        env=environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout


@pytest.mark.parametrize("key", ["publishable_key", "anon_key"])
def test_supabase_py_signs_up_in_and_out(stack_env: StackEnv, http: httpx.Client, email: str, key: str) -> None:
    client = _client(stack_env, http, getattr(stack_env, key))
    signed_up = client.auth.sign_up({"email": email, "password": PASSWORD})
    signed_in = client.auth.sign_in_with_password({"email": email, "password": PASSWORD})

    assert signed_in.user.id == signed_up.user.id
    assert client.auth.get_claims()["claims"]["iss"] == f"{stack_env.api_url}/auth/v1"
    client.auth.sign_out()
    with pytest.raises(AuthApiError) as closed:
        client.auth.get_user(signed_in.session.access_token)
    assert closed.value.code == "session_not_found"


@pytest.mark.parametrize("key", ["secret_key", "service_role_key"])
def test_supabase_py_administers_with_a_secret_key(
    stack_env: StackEnv, http: httpx.Client, email: str, key: str
) -> None:
    admin = _client(stack_env, http, getattr(stack_env, key)).auth.admin

    created = admin.create_user({"email": email, "password": PASSWORD, "email_confirm": True}).user

    assert admin.get_user_by_id(created.id).user.email == email
    admin.delete_user(created.id)


def test_the_publishable_key_does_not_administer(stack_env: StackEnv, http: httpx.Client) -> None:
    with pytest.raises(AuthApiError) as refused:
        _client(stack_env, http, stack_env.publishable_key).auth.admin.list_users()

    assert (refused.value.code, refused.value.status) == ("not_admin", 403)


async def test_the_asynchronous_client_works_behind_the_gateway(stack_env: StackEnv, email: str) -> None:
    async with httpx.AsyncClient(timeout=20) as http:
        options = AsyncClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        client = await acreate_client(stack_env.api_url, stack_env.publishable_key, options)
        await client.auth.sign_in_with_otp({"email": email})
        mails = (await http.get(stack_env.mailbox_url, params={"to": email})).json()
        answer = await client.auth.verify_otp({"email": email, "token": mails[0]["token"], "type": "email"})

        assert answer.user.email == email
        assert (await client.auth.refresh_session()).session.refresh_token != answer.session.refresh_token


def test_mailed_links_lead_through_the_gateway(stack_env: StackEnv, http: httpx.Client, email: str) -> None:
    client = _client(stack_env, http, stack_env.publishable_key)
    client.auth.sign_up({"email": email, "password": PASSWORD})
    client.auth.reset_password_for_email(email)
    link = http.get(stack_env.mailbox_url, params={"to": email}).json()[0]["link"]

    answer = http.get(link)

    assert link.startswith(f"{stack_env.api_url}/auth/v1/verify?")
    assert answer.status_code == 303
    assert "code=" in answer.headers["location"]


def test_postgrest_believes_access_tokens_and_no_forged_ones(
    stack_env: StackEnv, http: httpx.Client, email: str
) -> None:
    session = _client(stack_env, http, stack_env.publishable_key).auth.sign_up({"email": email, "password": PASSWORD})
    token = session.session.access_token
    head, claims, signature = token.split(".")

    def status(bearer: str) -> int:
        headers = {"apikey": stack_env.publishable_key, "Authorization": f"Bearer {bearer}"}
        return http.get(f"{stack_env.api_url}/rest/v1/", headers=headers).status_code

    assert status(token) == 200
    assert status(f"{head}.{claims}.{signature[::-1]}") == 401
