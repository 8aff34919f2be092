"""The house's accounts, rolled up by day: closed days only, once, and proved against the postings."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from stack.worlds import World
from tests.sql.marketplace import Marketplace, Row

_DAY = 86_400
_KINDS = 7


@pytest.fixture
def market(world: World) -> Iterator[Marketplace]:
    """A marketplace of one test's own: days are closed for good."""
    opened = Marketplace(world)
    yield opened
    assert opened.problems() == []
    opened.close()


def work(market: Marketplace) -> None:
    """Move money on several house accounts."""
    session = market.started(market.client(funds=2000, promo=100), market.reader())
    session.talk(70)
    session.by(session.client, "end")


def house(market: Marketplace) -> list[Row]:
    return market.rows("select kind::text, debits, credits from ledger.house_totals order by 1")


def rolled(market: Marketplace) -> list[Row]:
    return market.rows("select day, account_id, debits, credits from ledger.house_days order by 1, 2")


def to_next_day(market: Marketplace, after_midnight: float) -> None:
    now = market.clock.now()
    since_midnight = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
    market.clock.advance(_DAY - since_midnight + after_midnight)


def test_totals_stay_what_they_are_when_days_are_rolled_up(market: Marketplace) -> None:
    for _ in range(3):
        work(market)
        to_next_day(market, 4000)
    before = house(market)
    assert market.worker("roll_up_days") == {"rolled": 3, "more": False}
    assert house(market) == before
    assert len(rolled(market)) == 3 * _KINDS
    work(market)
    assert house(market) != before
    assert market.problems() == []


def test_a_day_is_rolled_up_once_and_only_when_closed(market: Marketplace) -> None:
    work(market)
    assert market.worker("roll_up_days") == {"rolled": 0, "more": False}
    to_next_day(market, 3599)
    assert market.worker("roll_up_days") == {"rolled": 0, "more": False}
    market.clock.advance(2)
    assert market.worker("roll_up_days") == {"rolled": 1, "more": False}
    once = rolled(market)
    assert market.worker("roll_up_days") == {"rolled": 0, "more": False}
    assert rolled(market) == once


def test_a_long_pause_is_made_up_in_bounded_calls_and_empty_days_count(market: Marketplace) -> None:
    work(market)
    market.clock.advance(10 * _DAY)
    market.worker("run_upkeep")
    assert market.worker("roll_up_days", p_limit=4) == {"rolled": 4, "more": True}
    assert market.worker("roll_up_days", p_limit=100)["more"] is False
    sums = market.row("select count(distinct day) as days, sum(debits) > 0 as moved from ledger.house_days")
    assert sums == {"days": 10, "moved": True}


def test_callers_at_once_roll_a_day_up_once(market: Marketplace) -> None:
    work(market)
    to_next_day(market, 4000)
    answers = market.at_once([lambda: market.worker("roll_up_days")] * 4)
    assert sorted(answer["rolled"] for answer in answers) == [0, 0, 0, 1]


def test_before_the_first_posting_there_is_nothing_to_roll_up(market: Marketplace) -> None:
    market.clock.advance(3 * _DAY)
    assert market.worker("roll_up_days") == {"rolled": 0, "more": False}


def test_totals_read_the_days_since_only(market: Marketplace) -> None:
    work(market)
    market.clock.advance(35 * _DAY)
    market.worker("run_upkeep")
    while market.worker("roll_up_days")["more"]:
        continue
    plan = market.rows("explain (analyze, format text) select * from ledger.house_totals")
    opened = [
        line["QUERY PLAN"]
        for line in plan
        if "transfers_20" in line["QUERY PLAN"] and "never executed" not in line["QUERY PLAN"]
    ]
    month = market.clock.now().strftime("transfers_%Y_%m")
    assert [line for line in opened if month not in line and line.split("transfers_")[1][:7] < month[10:]] == []


_DAMAGES = {
    "house day differs from postings": "insert into ledger.transfers (id, transaction_id, code, debit_account_id, "
    "credit_account_id, amount, posted_at) select private.uuid_v7(posted_at), transaction_id, 'adjustment', "
    "ledger.account_of(null, 'promo_expense'), ledger.account_of(null, 'platform_revenue'), 5, posted_at "
    "from ledger.transfers order by id limit 1",
    "house day is missing": "insert into ledger.house_days (account_id, day, debits, credits) "
    "select account_id, day + 2, 0, 0 from ledger.house_days",
    "posting before the first house day": "insert into ledger.transfers (id, transaction_id, code, debit_account_id, "
    "credit_account_id, amount, posted_at) select private.uuid_v7(posted_at - interval '1 day'), transaction_id, "
    "'adjustment', ledger.account_of(null, 'promo_expense'), ledger.account_of(null, 'platform_revenue'), 5, posted_at "
    "from ledger.transfers order by id limit 1",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_what_came_late_or_is_missing(market: Marketplace, problem: str) -> None:
    work(market)
    to_next_day(market, 4000)
    market.worker("roll_up_days")
    with market.database.transaction(force_rollback=True):
        market.database.execute(_DAMAGES[problem].encode())
        assert problem in {row["problem"] for row in market.problems()}


@pytest.mark.parametrize("statement", ["update ledger.house_days set debits = 1", "delete from ledger.house_days"])
def test_nobody_edits_a_day(market: Marketplace, statement: str) -> None:
    work(market)
    to_next_day(market, 4000)
    market.worker("roll_up_days")
    with pytest.raises(psycopg.errors.RestrictViolation):
        market.database.execute(statement.encode())
    with pytest.raises(psycopg.errors.RestrictViolation):
        market.database.execute("truncate ledger.house_days")
