"""Monthly tables: months are made ahead, one that is missing is an alarm, an old one leaves and comes back whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

from stack.scale.world import Shape, grow, plant
from stack.worlds import World
from tests.sql.marketplace import Marketplace

TABLES = {"ledger.transfers": "ledger", "public.chat_messages": "private", "public.audit_logs": "private"}


@pytest.fixture(scope="module")
def market(module_world: World) -> Iterator[Marketplace]:
    """A world with a year behind it."""
    plant(module_world.dsn)
    grow(module_world.superuser_dsn, Shape(400, 20, 8, 10, 10), lambda _what, _done, _total: None)
    opened = Marketplace(module_world)
    yield opened
    assert opened.problems() == []
    opened.close()


def months(market: Marketplace, table: str) -> list[str]:
    rows = market.rows(
        "select right(c.relname, 7) as month from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = %s::regclass order by 1",
        table,
    )
    return [row["month"] for row in rows]


def ahead(market: Marketplace, count: int) -> list[str]:
    """The months after the clock's, as partitions name them."""
    month = market.clock.now().replace(day=1)
    names = []
    for _ in range(count):
        month = (month + timedelta(days=32)).replace(day=1)
        names.append(f"{month:%Y_%m}")
    return names


def test_every_monthly_table_is_one_that_upkeep_knows(market: Marketplace) -> None:
    known = {row["parent"] for row in market.rows("select parent::text from private.partitioned_tables()")}
    assert {name.removeprefix("public.") for name in TABLES} <= {name.removeprefix("public.") for name in known}
    assert (
        market.rows(
            "select from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent "
            "where p.relkind = 'p' and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'"
        )
        == []
    )


@pytest.mark.parametrize("table", TABLES)
def test_three_months_stand_ready_where_nobody_has_a_grant(market: Marketplace, table: str) -> None:
    assert market.worker("run_upkeep")["months_ready"] == 3
    assert set(ahead(market, 3)) <= set(months(market, table))
    homes = {
        row["home"]: row["open"]
        for row in market.rows(
            "select n.nspname as home, bool_or(has_table_privilege(r.name, c.oid, 'select')) as open "
            "from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace "
            "cross join (values ('anon'), ('authenticated'), ('service_role')) r (name) "
            "where i.inhparent = %s::regclass group by 1",
            table,
        )
    }
    assert homes == {TABLES[table]: False}


def test_months_are_made_as_time_passes_and_take_rows(market: Marketplace) -> None:
    before = {table: months(market, table) for table in TABLES}
    market.clock.advance(62 * 86_400)
    done = market.worker("run_upkeep")
    assert (done["partitions_made"], done["months_ready"]) == (2 * len(TABLES), 3)
    assert market.worker("run_upkeep")["partitions_made"] == 0
    for table in TABLES:
        assert len(months(market, table)) == len(before[table]) + 2
    client = market.client(funds=1000)
    assert market.wallet(client)["balance"] == 1000


def test_a_month_that_does_not_stand_ready_is_counted(market: Marketplace) -> None:
    first, second, _ = ahead(market, 3)
    with market.database.transaction(force_rollback=True):
        # Made, but not attached: it takes no rows, and its name keeps another from being made.
        market.database.execute(
            f"alter table public.chat_messages detach partition private.chat_messages_{second}".encode()
        )
        assert market.value("select private.months_ready(private.now())") == 1
        market.database.execute(f"alter table ledger.transfers detach partition ledger.transfers_{first}".encode())
        assert market.value("select (worker_api.run_upkeep() ->> 'months_ready')::int") == 0
    assert market.value("select private.months_ready(private.now())") == 3


def bounds(market: Marketplace, partition: str) -> str:
    text: str = market.value("select pg_get_expr(relpartbound, oid) from pg_class where oid = %s::regclass", partition)
    return text


@pytest.mark.parametrize("table", TABLES)
def test_an_old_month_is_detached_and_attached_again_whole(market: Marketplace, table: str) -> None:
    month = months(market, table)[3]
    partition = f"{TABLES[table]}.{table.split('.')[1]}_{month}"
    whole = market.value(f"select count(*) from {table}")
    within = market.value(f"select count(*) from {partition}")
    limits = bounds(market, partition)
    market.database.execute(f"alter table {table} detach partition {partition}".encode())
    try:
        assert market.value(f"select count(*) from {table}") == whole - within
        assert market.value(f"select count(*) from {partition}") == within
        # What left is still nobody's to read or change.
        assert not market.value("select has_table_privilege('service_role', %s::regclass, 'select')", partition)
    finally:
        market.database.execute(f"alter table {table} attach partition {partition} {limits}".encode())
    assert market.value(f"select count(*) from {table}") == whole
    assert month in months(market, table)


def test_a_month_of_postings_that_came_back_can_not_be_edited(market: Marketplace) -> None:
    partition = f"ledger.transfers_{months(market, 'ledger.transfers')[3]}"
    limits = bounds(market, partition)
    market.database.execute(f"alter table ledger.transfers detach partition {partition}".encode())
    market.database.execute(f"alter table ledger.transfers attach partition {partition} {limits}".encode())
    with pytest.raises(psycopg.errors.RestrictViolation):
        market.database.execute(f"delete from {partition}".encode())


def test_a_row_of_a_month_without_a_partition_is_refused_not_lost(market: Marketplace) -> None:
    far = datetime.fromisoformat("2099-01-01T00:00:00+00:00")
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
        market.database.execute(
            "insert into public.audit_logs (id, action, entity_type, entity_id) "
            "values (private.uuid_v7(%s), 'x', 'y', 'z')",
            [far],
        )
