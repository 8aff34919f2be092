"""Payouts by the platform's schedule: whoever has enough and was not paid lately is paid all, once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.sql.marketplace import Marketplace, Row
from tests.sql.payees import Job, Payee, ids

WEEK = 604_800


@pytest.fixture
def payee(market: Marketplace) -> Iterator[Payee]:
    """Somebody who can be paid 2100, on a platform that pays every seven days."""
    made = Payee(market)
    market.worker("change_setting", p_key="payout.schedule_days", p_value="7")
    yield made
    market.worker("change_setting", p_key="payout.schedule_days", p_value="0")


def paid(payee: Payee) -> list[int]:
    """Run the schedule and return what the reader's payouts are of, the newest first."""
    run(payee.market)
    return [row["amount"] for row in payee.market.read(payee.person, "payouts?order=id.desc")]


def run(market: Marketplace) -> Row:
    answer: Row = market.worker("request_scheduled_payouts")
    return answer


def test_what_is_payable_is_paid_out_whole_and_once(payee: Payee) -> None:
    assert paid(payee) == [2100]
    assert payee.money() == {"balance": 2100, "held": 2100, "payable": 0}
    assert paid(payee) == [2100]
    job = Job(payee)
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, ids("po"), "paid")
    assert payee.payout()["status"] == "COMPLETED"


def test_the_schedule_run_many_times_at_once_pays_once(payee: Payee) -> None:
    payee.market.at_once([partial(run, payee.market)] * 6)
    assert paid(payee) == [2100]


def test_nobody_is_paid_who_was_paid_lately(payee: Payee) -> None:
    payee.request(1000)
    job = Job(payee)
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, ids("po"), "paid")
    payee.market.clock.advance(WEEK - 60)
    assert paid(payee) == [1000]
    payee.market.clock.advance(61)
    assert paid(payee) == [1100, 1000]


def test_what_is_below_the_smallest_payout_waits(payee: Payee) -> None:
    payee.market.worker("change_setting", p_key="payout.minimum", p_value="2101")
    assert paid(payee) == []
    payee.market.worker("change_setting", p_key="payout.minimum", p_value="1000")
    assert paid(payee) == [2100]


@pytest.mark.parametrize(
    "closed",
    [
        "update public.reader_accounts set payouts_enabled = false where user_id = %s",
        "update public.users set status = 'SUSPENDED' where id = %s",
        "update ledger.accounts set frozen_at = private.now() where user_id = %s and kind = 'reader_earnings'",
    ],
    ids=["gate", "suspended", "frozen"],
)
def test_nobody_is_paid_whose_way_is_closed(payee: Payee, closed: str) -> None:
    payee.market.database.execute(closed.encode(), [payee.person.id])
    run(payee.market)
    assert payee.market.value("select count(*) from public.payouts where reader_id = %s", payee.person.id) == 0


def test_without_a_schedule_or_with_payouts_off_nobody_is_paid_unasked(payee: Payee) -> None:
    payee.market.worker("change_setting", p_key="payout.schedule_days", p_value="0")
    assert paid(payee) == []
    payee.market.worker("change_setting", p_key="payout.schedule_days", p_value="7")
    payee.market.worker("change_setting", p_key="switch.payouts", p_value="false")
    assert paid(payee) == []
    payee.market.worker("change_setting", p_key="switch.payouts", p_value="true")


def test_a_new_reader_waits_a_whole_period(market: Marketplace, payee: Payee) -> None:
    market.database.execute(
        "update public.reader_accounts set created_at = private.now() where user_id = %s", [payee.person.id]
    )
    assert paid(payee) == []
