"""Storage behind the gateway, where applications meet it: both official clients, and Auth's own tokens."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import httpx
import pytest
from supabase import AsyncClientOptions, ClientOptions, acreate_client, create_client

from stack.environment import StackEnv
from stack.paths import PROJECT_ROOT
from tests.stack.storage.refusals import NO_RIGHT, refused

JAVASCRIPT = Path(__file__).parents[1] / "js" / "storage.test.mjs"
PNG = {"content-type": "image/png"}


def test_supabase_js_runs_every_flow(stack_env: StackEnv) -> None:
    node = shutil.which("node")
    assert node is not None

    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(JAVASCRIPT)],
        env=os.environ | stack_env.variables(),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout


def test_supabase_py_uploads_as_whoever_signed_in(stack_env: StackEnv, http: httpx.Client) -> None:
    options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
    client = create_client(stack_env.api_url, stack_env.publishable_key, options)
    anonymous = client.storage.from_("avatars")
    assert refused(lambda: anonymous.upload("face.png", b"x", PNG)) == NO_RIGHT
    email = f"person-{uuid.uuid4().hex[:12]}@example.com"
    user = client.auth.sign_up({"email": email, "password": "correct horse battery"}).user
    assert user is not None

    avatars = client.storage.from_("avatars")
    avatars.upload(f"{user.id}/face.png", b"face", PNG)

    assert httpx.get(avatars.get_public_url(f"{user.id}/face.png")).content == b"face"
    signed = avatars.create_signed_url(f"{user.id}/face.png", 60)["signedURL"]
    assert str(signed).startswith(f"{stack_env.api_url}/storage/v1/object/sign/avatars/")
    assert httpx.get(str(signed)).content == b"face"


async def test_the_asynchronous_client_works_behind_the_gateway(stack_env: StackEnv) -> None:
    async with httpx.AsyncClient(timeout=20) as http:
        options = AsyncClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        service = await acreate_client(stack_env.api_url, stack_env.secret_key, options)
        name = f"async-{uuid.uuid4()}"
        await service.storage.create_bucket(name)
        await service.storage.from_(name).upload("a", b"x")
        assert await service.storage.from_(name).download("a") == b"x"
        await service.storage.empty_bucket(name)
        await service.storage.delete_bucket(name)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/object/avatars/x"),
        ("POST", "/object/sign/avatars/x"),
        ("POST", "/object/upload/sign/avatars/x"),
        ("PUT", "/object/avatars/x"),
        ("GET", "/bucket"),
        ("GET", "/object/public/../authenticated/avatars/x"),
    ],
)
def test_all_but_addresses_needs_a_key(stack_env: StackEnv, method: str, path: str) -> None:
    answer = httpx.request(method, f"{stack_env.api_url}/storage/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "no_api_key")
