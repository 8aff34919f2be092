"""The ledger itself: shares, holds, postings nobody edits, and a proof that finds what is broken."""

import itertools
import uuid

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.sql.marketplace import Marketplace

_MONTHS = "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'ledger.transfers'::regclass"
_IN_ONE_WORLD = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_IN_ONE_WORLD
@given(amount=st.integers(0, 2**62), bps=st.integers(0, 10_000))
def test_a_share_is_the_floor_of_the_exact_one(market: Marketplace, amount: int, bps: int) -> None:
    assert market.value("select ledger.share_of(%s::bigint, %s)", amount, bps) == amount * bps // 10_000


@_IN_ONE_WORLD
@given(rate=st.integers(1, 1_000_000), step=st.integers(1, 3600), count=st.integers(1, 2000))
def test_prices_of_increments_sum_to_the_price_of_all(market: Marketplace, rate: int, step: int, count: int) -> None:
    total = market.value(
        "select sum(private.price_of(r, s, n) - private.price_of(r, s, n - 1))::bigint "
        "from (select %s::bigint as r, %s::integer as s) x, generate_series(1, %s) n",
        rate,
        step,
        count,
    )
    assert total == rate * step * count // 60


@pytest.mark.parametrize("table", ["transfers", "earnings", "rules"])
@pytest.mark.parametrize("role", ["service_role", "postgres"])
def test_nobody_edits_or_removes_what_was_posted(market: Marketplace, table: str, role: str) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    market.clock.advance(30)
    session.by(session.client, "end")
    before = market.fingerprint()
    column = sql.Identifier("share_bps" if table == "rules" else "amount")
    name = sql.Identifier("ledger", table)
    statements = [sql.SQL("update {} set {} = 1").format(name, column), sql.SQL("delete from {}").format(name)]
    for statement in statements:
        with market.world.connect() as database:
            database.execute(f"set role {role}".encode())
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)):
                database.execute(statement)
    assert market.fingerprint() == before


def test_nobody_empties_the_postings_or_one_month_of_them(market: Marketplace) -> None:
    tables = market.rows(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'ledger.transfers'::regclass"
    )
    for name in ["ledger.transfers", *(row["name"] for row in tables)]:
        with pytest.raises(psycopg.errors.RestrictViolation):
            market.database.execute(f"truncate {name}".encode())


def test_a_hold_takes_what_is_there_and_no_more(market: Marketplace) -> None:
    person = market.client(funds=1000)
    account = market.value("select ledger.account_of(%s, 'client_wallet')::text", person.id)
    reference = str(uuid.uuid4())
    market.database.execute("select ledger.hold(%s, %s, 700)", [account, reference])
    with pytest.raises(psycopg.Error) as refused:
        market.database.execute("select ledger.hold(%s, gen_random_uuid(), 301)", [account])
    assert refused.value.sqlstate == "PT402"
    assert market.value("select ledger.resolve_holds(%s, 'VOIDED')", reference) == 700
    assert market.value("select ledger.resolve_holds(%s, 'VOIDED')", reference) == 0
    assert market.wallet(person) == {"balance": 1000, "held": 0, "available": 1000, "promo": 0}


def test_spending_more_than_is_there_is_refused_by_the_account_itself(market: Marketplace) -> None:
    person = market.client(funds=1000)
    spend = (
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_wallet'), "
        "ledger.account_of(null, 'platform_revenue'), 1001)"
    )
    with pytest.raises(psycopg.Error) as refused:
        market.database.execute(spend.encode(), [person.id])
    assert (refused.value.sqlstate, refused.value.diag.message_primary) == ("PT402", "insufficient_funds")


def test_a_month_without_a_partition_is_not_taken_for_an_empty_wallet(market: Marketplace) -> None:
    person = market.client(funds=1000)
    market.clock.advance(200 * 86_400)
    try:
        with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
            market.give(person, 100)
    finally:
        market.clock.advance(-200 * 86_400)


_DAMAGES = {
    "credits differ from postings": "update ledger.accounts set credits = credits + 1 where id = %(wallet)s",
    "debits differ from postings": "update ledger.accounts set debits = debits + 1 where id = %(wallet)s",
    "held differs from pending holds": "update ledger.accounts set held = held + 1 where id = %(wallet)s",
    "posting on an unknown account": "insert into ledger.transfers select private.uuid_v7(), gen_random_uuid(), "
    "'topup', null, gen_random_uuid(), gen_random_uuid(), 5, null, 0, null, null, null, now()",
    "running totals have a gap": "insert into ledger.transfers (id, transaction_id, code, debit_account_id, "
    "credit_account_id, amount, debit_total, posted_at) select private.uuid_v7(), gen_random_uuid(), 'adjustment', "
    "%(wallet)s, ledger.account_of(null, 'platform_revenue'), 5, 1, now()",
    "settled session differs from postings": "update sessions set total_cost = total_cost + 1 where id = %(session)s",
    "transaction differs from its session": "update transactions set reader_earnings = reader_earnings + 1 "
    "where session_id = %(session)s",
    "earnings differ from the account": "insert into ledger.earnings (account_id, transaction_id, amount, earned_at, "
    "clears_at) select %(earnings)s, gen_random_uuid(), 7, now(), now()",
    "hold outlives its session": "update ledger.holds set status = 'PENDING', posted_amount = 0, resolved_at = null "
    "where reference = %(session)s",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_what_is_broken(market: Marketplace, problem: str) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    market.clock.advance(30)
    session.by(session.client, "end")
    names = {
        "session": session.id,
        "wallet": market.value("select ledger.account_of(%s, 'client_wallet')::text", session.client.id),
        "earnings": market.value("select ledger.account_of(%s, 'reader_earnings')::text", session.reader.id),
    }
    with market.database.transaction(force_rollback=True):
        market.database.execute(_DAMAGES[problem].encode(), names)
        found = {row["problem"] for row in market.problems()}
    assert problem in found
    assert market.worker("check_ledger") == {"balanced": True, "problems": []}


def test_the_currency_may_be_chosen_before_the_first_payment(market: Marketplace) -> None:
    with market.database.transaction(force_rollback=True):
        for table in ("transfers", "earnings", "reversals"):
            market.database.execute(f"alter table ledger.{table} disable trigger never_truncated".encode())
        for month in market.rows(_MONTHS):
            market.database.execute(f"alter table {month['name']} disable trigger never_truncated".encode())
        market.database.execute("truncate ledger.transfers, ledger.earnings, ledger.holds, transactions cascade")
        market.database.execute("select private.change_setting('platform.currency', 'EUR')")
        assert market.rows("select distinct currency from ledger.accounts") == [{"currency": "EUR"}]
        with pytest.raises(psycopg.Error) as refused:
            market.database.execute("select private.change_setting('platform.currency', 'euros')")
        assert refused.value.diag.message_primary == "setting_invalid"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=st.integers(1, 3000), bps=st.integers(0, 10_000), seconds=st.integers(10, 600))
def test_a_sessions_shares_are_those_of_its_increments(market: Marketplace, rate: int, bps: int, seconds: int) -> None:
    reader = market.reader(rate=rate)
    market.database.execute(
        "insert into ledger.rules (kind, reader_id, share_bps) values ('SESSION', %s, %s)", [reader.id, bps]
    )
    session = market.started(market.client(funds=100_000), reader)
    session.talk(seconds)
    ended = session.by(session.client, "end")
    step = ended["terms"]["increment_seconds"]
    upto = [rate * step * count // 60 for count in range(seconds // step + 2)]
    prices = [after - before for before, after in itertools.pairwise(upto)]
    (row,) = market.rows(
        "select amount, reader_earnings, platform_revenue from transactions where id = %s", ended["transaction_id"]
    )
    assert row["amount"] in (sum(prices), sum(prices[:-1]))
    charged = prices if row["amount"] == sum(prices) else prices[:-1]
    earned = sum(price * bps // 10_000 for price in charged)
    assert (row["reader_earnings"], row["platform_revenue"]) == (earned, sum(charged) - earned)
