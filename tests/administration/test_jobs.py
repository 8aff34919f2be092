"""Exports and erasures through everything that carries them: Auth, the API, the outbox, the relay, the workers."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from supabase import Client, ClientOptions, create_client
from supabase_auth.errors import AuthApiError

from soulseer.files import Files
from soulseer.settings import WorkerSettings, load
from stack.environment import StackEnv
from stack.instance import Stack
from workers.accounts import service
from workers.tools import Tools

PASSWORD = "correct horse battery"


@pytest.fixture
def database(stack: Stack) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The stack's main database."""
    with psycopg.connect(stack.env().db_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def tools(stack_env: StackEnv, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tools]:
    """What a worker has, on the stack."""
    settings = {
        "ENVIRONMENT": "local",
        "REDIS_URL": stack_env.redis_url,
        "SUPABASE_URL": stack_env.api_url,
        "SUPABASE_SECRET_KEY": stack_env.secret_key,
        "STRIPE_SECRET_KEY": stack_env.stripe_secret_key,
        "STRIPE_API_URL": stack_env.stripe_api_url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"SOULSEER_{name}", value)
    made = Tools.make(load(WorkerSettings))
    yield made
    made.broker.close()
    made.rpc.close()
    made.logins.close()
    made.files.close()


@pytest.fixture
def person(stack_env: StackEnv) -> Iterator[tuple[Client, str]]:
    """Somebody signed up at Auth, and their e-mail."""
    with httpx.Client(timeout=20) as http:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        client = create_client(stack_env.api_url, stack_env.publishable_key, options)
        email = f"person-{time.time_ns()}@example.com"
        client.auth.sign_up({"email": email, "password": PASSWORD})
        yield client, email


def signed_in(client: Client) -> str:
    user = client.auth.get_user()
    assert user is not None
    return user.user.id


def eventually(look: Callable[[], Any], seconds: float = 20) -> Any:
    """Look until something is seen."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert seen
    return seen


def login(database: psycopg.Connection[tuple[Any, ...]], user: str) -> tuple[Any, ...]:
    row = database.execute(
        "select email, deleted_at, encrypted_password from auth.users where id = %s", [user]
    ).fetchone()
    assert row is not None
    return row


def test_a_worker_killed_between_closing_and_ending_closes_a_login_once(
    tools: Tools, database: psycopg.Connection[tuple[Any, ...]], person: tuple[Client, str]
) -> None:
    client, email = person
    user = signed_in(client)
    client.rpc("erase_account", {}).execute()
    row = database.execute("select id from private.outbox where payload ->> 'user_id' = %s", [user]).fetchone()
    assert row is not None
    # As far as the killed run came.
    tools.logins.close_login(UUID(user))
    closed = login(database, user)
    assert closed[1] is not None
    assert email not in str(closed[0])

    service.erase(tools, row[0])

    assert login(database, user) == closed
    assert database.execute("select 1 from private.outbox where id = %s", [row[0]]).fetchone() is None
    service.erase(tools, row[0])
    with pytest.raises(AuthApiError):
        client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    # The address is free for a new beginning, which has nothing of the old one.
    again = client.auth.sign_up({"email": email, "password": PASSWORD}).user
    assert again is not None
    assert again.id != user


def files_of(database: psycopg.Connection[tuple[Any, ...]], user: str) -> list[str]:
    rows = database.execute("select name from storage.objects where owner_id = %s order by name", [user])
    return [str(name) for (name,) in rows]


def test_a_worker_killed_between_two_batches_leaves_the_rest_to_the_next(
    tools: Tools,
    stack_env: StackEnv,
    database: psycopg.Connection[tuple[Any, ...]],
    person: tuple[Client, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, _ = person
    user = signed_in(client)
    avatars = client.storage.from_("avatars")
    names = [f"{user}/{number}.png" for number in range(5)]
    for name in names:
        avatars.upload(name, b"face", {"content-type": "image/png"})
    client.storage.from_("verification-docs").upload(f"{user}/id.pdf", b"me", {"content-type": "application/pdf"})
    client.rpc("request_export", {}).execute()
    (row,) = database.execute(
        "select o.id from private.outbox o join public.data_exports e on o.payload ->> 'export_id' = e.id::text "
        "where e.user_id = %s",
        [user],
    ).fetchall()
    service.export(tools, row[0])
    (export,) = client.table("data_exports").select("content").execute().data
    assert [(one["bucket"], one["name"]) for one in export["content"]["files"]] == [
        *(("avatars", name) for name in names),
        ("verification-docs", f"{user}/id.pdf"),
    ]
    client.rpc("erase_account", {}).execute()
    (row,) = database.execute("select id from private.outbox where payload ->> 'user_id' = %s", [user]).fetchall()
    monkeypatch.setattr(service, "FILES_AT_ONCE", 2)
    # As a process that is killed when the first batch is gone.
    remove = tools.files.remove

    def remove_and_die(bucket: str, paths: list[str]) -> int:
        remove(bucket, paths)
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(Files, "remove", lambda _self, bucket, paths: remove_and_die(bucket, paths))
        with pytest.raises(SystemExit):
            service.erase(tools, row[0])
    assert files_of(database, user) == [*names[2:], f"{user}/id.pdf"]

    service.erase(tools, row[0])

    assert files_of(database, user) == []
    assert database.execute("select 1 from private.outbox where id = %s", [row[0]]).fetchone() is None
    assert httpx.get(f"{stack_env.api_url}/storage/v1/object/public/avatars/{names[0]}").status_code == 400


def test_an_export_killed_anywhere_is_gathered_once(
    tools: Tools, database: psycopg.Connection[tuple[Any, ...]], person: tuple[Client, str]
) -> None:
    client, email = person
    export = client.rpc("request_export", {}).execute().data
    row = database.execute(
        "select id from private.outbox where payload ->> 'export_id' = %s", [export["id"]]
    ).fetchone()
    assert row is not None
    service.export(tools, row[0])
    first = client.table("data_exports").select("*").execute().data
    service.export(tools, row[0])
    assert client.table("data_exports").select("*").execute().data == first
    assert first[0]["content"]["account"]["email"] == email


def test_the_services_export_and_erase(
    services: StackEnv, database: psycopg.Connection[tuple[Any, ...]], person: tuple[Client, str]
) -> None:
    assert services.api_url
    client, email = person
    user = signed_in(client)
    client.rpc("request_export", {}).execute()
    (export,) = eventually(
        lambda: client.table("data_exports").select("*").not_.is_("completed_at", "null").execute().data
    )
    assert export["content"]["account"]["email"] == email

    picture = f"{user}/face.png"
    client.storage.from_("avatars").upload(picture, b"face", {"content-type": "image/png"})
    address = client.storage.from_("avatars").get_public_url(picture)
    assert httpx.get(address).content == b"face"

    client.rpc("erase_account", {}).execute()
    eventually(lambda: login(database, user)[1])
    eventually(
        lambda: not database.execute("select 1 from private.outbox where payload ->> 'user_id' = %s", [user]).fetchall()
    )
    with pytest.raises(AuthApiError):
        client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    assert httpx.get(address).json()["error"] == "not_found"


def test_auth_signs_nobody_up_while_sign_ups_are_off_and_everybody_known_in(
    database: psycopg.Connection[tuple[Any, ...]], person: tuple[Client, str]
) -> None:
    client, email = person
    switch = "select private.change_setting('switch.sign_ups', %s)"
    database.execute(switch, ["false"])
    try:
        with pytest.raises(AuthApiError) as refused:
            client.auth.sign_up({"email": f"new-{email}", "password": PASSWORD})
        assert refused.value.message == "Database error saving new user"
        assert client.auth.sign_in_with_password({"email": email, "password": PASSWORD}).session is not None
        assert client.auth.refresh_session().session is not None
    finally:
        database.execute(switch, ["true"])
    assert client.auth.sign_up({"email": f"new-{email}", "password": PASSWORD}).user is not None
