"""The small world and the large one are right: people sign in, twice is once, every key holds, the ledger is proved."""

import httpx
import psycopg
import pytest

from stack.database import MAIN
from stack.environment import StackEnv
from stack.errors import SeedError
from stack.instance import Stack
from stack.scale.world import Shape, grow, plant
from stack.worlds import World

SMALL = "0190a000-0000-7000-%"


def counts(database: psycopg.Connection[tuple[object, ...]]) -> dict[str, int]:
    tables = database.execute(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'ledger', 'private')"
    ).fetchall()
    return {str(name): _count(database, str(name)) for (name,) in tables}


def _count(database: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    row = database.execute(f"select count(*) from {table}".encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_planting_twice_is_planting_once(world: World) -> None:
    plant(world.dsn)
    with world.connect() as database:
        once = counts(database)
        plant(world.dsn)
        assert counts(database) == once
        assert once["public.readers"] == 8
        assert min(once[f"public.{name}"] for name in ("products", "virtual_gifts", "forum_posts", "availability")) >= 5
        zones = database.execute("select count(distinct timezone) from public.readers").fetchone()
        assert zones == (8,)
        assert database.execute("select * from ledger.check()").fetchall() == []


@pytest.mark.parametrize("name", ["nora", "amara", "admin"])
def test_people_of_the_small_world_sign_in(stack: Stack, stack_env: StackEnv, name: str) -> None:
    server = stack.layout().server
    plant(server.dsn(MAIN, "postgres"))
    try:
        answer = httpx.post(
            f"{stack_env.api_url}/auth/v1/token?grant_type=password",
            json={"email": f"{name}@soulseer.example", "password": "soulseer-demo"},
            headers={"apikey": stack_env.publishable_key},
        )
        assert answer.status_code == 200, answer.text
        me = httpx.get(
            f"{stack_env.api_url}/rest/v1/users?id=eq.{answer.json()['user']['id']}&select=role",
            headers={"apikey": stack_env.publishable_key, "Authorization": f"Bearer {answer.json()['access_token']}"},
        )
        assert me.json() == [{"role": {"nora": "CLIENT", "amara": "READER", "admin": "ADMIN"}[name]}]
    finally:
        _unplant(stack)


def _unplant(stack: Stack) -> None:
    """The main database is shared with the tests of the services."""
    with stack.layout().server.connect(MAIN) as database:
        database.execute("set session_replication_role = replica")
        for table, column in (
            ("public.forum_replies", "id"), ("public.forum_posts", "id"), ("public.products", "id"),
            ("public.availability", "reader_id"), ("public.reader_accounts", "user_id"), ("public.readers", "user_id"),
            ("public.admins", "user_id"), ("public.clients", "user_id"), ("ledger.accounts", "user_id"),
            ("public.users", "id"), ("auth.identities", "user_id"), ("auth.sessions", "user_id"), ("auth.users", "id"),
        ):  # fmt: skip
            database.execute(f"delete from {table} where {column}::text like '{SMALL}'".encode())
        database.execute("delete from public.virtual_gifts where true; delete from public.forum_categories where true")


def test_the_ledger_of_a_large_world_is_proved(large_world: World) -> None:
    with large_world.connect() as database:
        assert database.execute("select * from ledger.check()").fetchall() == []
        assert _count(database, "ledger.transfers") > 50_000


def test_every_foreign_key_of_a_large_world_holds(large_world: World) -> None:
    with large_world.connect("supabase_admin") as database:
        keys = database.execute(
            """
            select c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
                   (select string_agg(format('r.%I = t.%I', f.attname, a.attname), ' and ')
                    from unnest(c.conkey, c.confkey) k (own, theirs)
                    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
                    join pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.theirs),
                   (select string_agg(format('t.%I is not null', a.attname), ' and ') from unnest(c.conkey) k (own)
                    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own)
            from pg_constraint c join pg_namespace n on n.oid = c.connamespace
            where c.contype = 'f' and c.conparentid = 0 and n.nspname in ('public', 'private', 'ledger')
            """
        ).fetchall()
        assert len(keys) > 60
        broken = [
            name
            for name, table, other, same, there in keys
            if database.execute(
                f"select exists (select from {table} t where {there} "
                f"and not exists (select from {other} r where {same}))".encode()
            ).fetchone()
            != (False,)
        ]
    assert broken == []


def test_running_totals_of_a_large_world_pass_without_a_gap(large_world: World) -> None:
    with large_world.connect() as database:
        gaps = database.execute(
            """
            select count(*) from (
                select t.debit_total - t.amount - coalesce(lag(t.debit_total) over w, 0) as gap
                from ledger.transfers t
                join ledger.accounts a on a.id = t.debit_account_id and a.kind = 'client_wallet'
                window w as (partition by t.debit_account_id order by t.debit_total)) g
            where g.gap <> 0
            """
        ).fetchone()
    assert gaps == (0,)


def test_a_second_large_world_is_refused(large_world: World) -> None:
    with pytest.raises(SeedError, match="already"):
        grow(large_world.superuser_dsn, Shape.of(100), lambda _what, _done, _total: None)


def test_a_world_of_no_size_or_without_clients_for_its_readers_is_refused() -> None:
    with pytest.raises(SeedError):
        Shape(0, 1, 1, 1, 1)
    with pytest.raises(SeedError):
        Shape(10, 1, 2, 1, 1)
