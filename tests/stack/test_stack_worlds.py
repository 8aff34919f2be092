"""Worlds are databases of their own: what one writes no other sees, and nothing of them is left behind."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import psycopg
import pytest

from stack import processes
from stack.instance import Stack
from stack.worlds import World, open_world

USER = "33333333-3333-4333-8333-333333333333"


def test_two_worlds_do_not_see_each_other(stack: Stack) -> None:
    with open_world(stack) as one, open_world(stack) as other:
        with one.connect() as database:
            database.execute("create table public.only_here (id int)")
        with other.connect() as database:
            found = database.execute("select to_regclass('public.only_here') is null").fetchone()
        assert found == (True,)
        assert one.rest_url != other.rest_url


def test_a_world_has_every_migration(world: World) -> None:
    with world.connect() as database:
        row = database.execute("select count(*) from supabase_migrations.schema_migrations").fetchone()
    assert row is not None
    assert row[0] > 0


def test_a_world_that_ends_leaves_no_database_process_or_file(stack: Stack) -> None:
    with open_world(stack, with_gateway=True) as world:
        started = [name for name in processes.running(stack.paths) if name.startswith(world.database)]
        assert len(started) == 2
    assert not [name for name in processes.records(stack.paths) if name.startswith(world.database)]
    assert not list(stack.paths.private.glob(f"{world.database}*"))
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        world.connect()


def test_a_world_that_fails_inside_leaves_nothing_either(stack: Stack) -> None:
    with pytest.raises(ZeroDivisionError), open_world(stack) as world:
        raise ZeroDivisionError
    assert not [name for name in processes.running(stack.paths) if name.startswith(world.database)]


@pytest.mark.parametrize(
    ("claims", "status"),
    [({}, 200), ({"role": "anon"}, 200), ({"role": "postgres"}, 403), ({"exp": 1}, 401), ({"role": "nobody"}, 403)],
)
def test_postgrest_takes_tokens_for_the_roles_of_the_api_only(
    module_world: World, claims: dict[str, object], status: int
) -> None:
    token = module_world.token(USER, **claims)
    answer = httpx.get(f"{module_world.rest_url}/", headers={"Authorization": f"Bearer {token}"})
    if status == 403:
        # Which role may not be taken on is the database's to say, not always with the same status.
        assert answer.status_code in {400, 401, 403}
    else:
        assert answer.status_code == status


def test_a_token_signed_with_another_key_is_refused(module_world: World) -> None:
    stranger = type(module_world.keys).make()
    for token in (stranger.user_token(USER), stranger.service_role_key):
        answer = httpx.get(f"{module_world.rest_url}/", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_a_world_behind_a_gateway_takes_api_keys(
    make_world: Callable[..., AbstractContextManager[World]],
) -> None:
    with make_world(with_gateway=True) as world:
        answer = httpx.get(f"{world.api_url}/rest/v1/", headers={"apikey": world.keys.secret_key})
    assert answer.status_code == 200
