"""What comes back of payouts: reversals of transfers, each booked once; and the platform's own payouts to its bank."""

from __future__ import annotations

import itertools
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import Marketplace, RefusedError, Row
from tests.sql.payees import Job, Payee, ids

AMOUNT = 2100


class Sent:
    """A payout whose transfer is made, and what Stripe says of it."""

    def __init__(self, payee: Payee, job: Job) -> None:
        self.market, self.payee, self.job = payee.market, payee, job
        self.attempt, self.transfer = job.start()["attempt_id"], ids("tr")
        job.transferred(self.attempt, self.transfer)

    def told(self, reversals: list[tuple[str, int]], event: str | None = None) -> Row:
        answer: Row = self.market.worker(
            "apply_transfer",
            p_event_id=event or self.market.store_event("transfer.reversed", self.transfer),
            p_transfer_id=self.transfer,
            p_attempt_id=self.attempt,
            p_amount=AMOUNT,
            p_reversals=[{"id": f"{name}_{self.transfer}", "amount": amount} for name, amount in reversals],
            p_currency="USD",
        )
        return answer

    def postings(self) -> list[Row]:
        return self.market.rows(
            "select t.code::text, d.kind::text as gives, c.kind::text as gets, t.amount from ledger.transfers t"
            " join ledger.accounts d on d.id = t.debit_account_id join ledger.accounts c on c.id = t.credit_account_id"
            " where t.transaction_id = %s order by t.code",
            self.payee.payout()["transaction_id"],
        )


@pytest.fixture
def sent(payee: Payee, job: Job) -> Sent:
    """A payout of 2100 whose transfer is made."""
    return Sent(payee, job)


def test_a_reversal_gives_the_money_back_to_the_earnings(payee: Payee, job: Job, sent: Sent) -> None:
    job.banked(sent.attempt, ids("po"), "paid")
    assert sent.told([("trr_a", 600)])["applied"]
    assert payee.money() == {"balance": 600, "held": 0, "payable": 600}
    assert payee.payout()["returned"] == 600
    assert payee.payout()["status"] == "COMPLETED"
    assert sent.postings()[1:] == [
        {"code": "payout_reversal", "gives": "stripe_clearing", "gets": "reader_earnings", "amount": 600}
    ]


def test_each_reversal_counts_once_however_often_and_in_whatever_company_it_is_told(payee: Payee, sent: Sent) -> None:
    sent.told([("trr_a", 600)])
    sent.told([("trr_a", 600)])
    sent.told([("trr_b", 100), ("trr_a", 600)])
    sent.told([])
    assert (payee.money()["balance"], payee.payout()["returned"]) == (700, 700)


def test_reversals_told_by_many_at_once_count_once(payee: Payee, sent: Sent) -> None:
    payee.market.at_once([partial(sent.told, [("trr_a", 600)]) for _ in range(6)])
    assert (payee.money()["balance"], payee.payout()["returned"]) == (600, 600)


def test_more_than_was_paid_does_not_come_back(payee: Payee, sent: Sent) -> None:
    sent.told([("trr_a", 2000)])
    with pytest.raises(RefusedError, match="invalid_state"):
        sent.told([("trr_a", 2000), ("trr_b", 101)])
    assert payee.payout()["returned"] == 2000


def test_a_reversal_may_be_told_before_the_transfer_was_recorded(payee: Payee, job: Job) -> None:
    attempt, transfer = job.start()["attempt_id"], ids("tr")
    payee.market.worker(
        "apply_transfer",
        p_event_id=payee.market.store_event("transfer.reversed", transfer),
        p_transfer_id=transfer,
        p_attempt_id=attempt,
        p_amount=AMOUNT,
        p_reversals=[{"id": ids("trr"), "amount": 100}],
        p_currency="USD",
    )
    job.transferred(attempt, transfer)
    assert payee.money() == {"balance": 100, "held": 0, "payable": 100}


def test_a_bank_payout_that_is_still_to_come_is_of_what_is_left(payee: Payee, job: Job, sent: Sent) -> None:
    before = job.start()
    sent.told([("trr_a", 600)])
    after = job.start()
    assert (before["amount"], after["amount"], after["step"]) == (2100, 1500, "bank_payout")
    # Another amount needs another key.
    assert before["payout_key"] != after["payout_key"]
    job.banked(sent.attempt, ids("po"), "paid")
    assert (payee.payout()["status"], payee.money()["balance"]) == ("COMPLETED", 600)


def test_a_transfer_that_came_back_whole_ends_the_payout(payee: Payee, job: Job, sent: Sent) -> None:
    sent.told([("trr_a", 2100)])
    assert payee.money() == {"balance": 2100, "held": 0, "payable": 2100}
    assert (payee.payout()["status"], payee.payout()["failure_code"]) == ("FAILED", "transfer_reversed")
    assert job.row() == []
    # A run of the job that had begun comes to its end without harm, and the money can be asked for again.
    job.banked(sent.attempt, ids("po"), "pending")
    assert payee.request(key="again")["amount"] == 2100


def test_what_was_paid_out_and_came_back_counts_as_earned_once(payee: Payee, sent: Sent) -> None:
    payee.market.clock.advance(1)
    sent.told([("trr_a", 600)])
    (totals,) = payee.market.call(payee.person, "reader_totals")
    assert (totals["earned"], totals["paid_out"], totals["balance"], totals["payable"]) == (2100, 1500, 600, 600)
    states = [
        (line["type"], line["amount"], line["state"]) for line in payee.market.call(payee.person, "reader_statement")
    ]
    assert states[:2] == [("PAYOUT", 600, "PAYABLE"), ("PAYOUT", -2100, "PAID_OUT")]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, 700), min_size=1, max_size=3), seed=st.randoms(use_true_random=False))
def test_in_any_order_and_company_the_sum_comes_back(market: Marketplace, parts: list[int], seed: object) -> None:
    payee = Payee(market)
    payee.request(key=ids("k"))
    sent = Sent(payee, Job(payee))
    reversals = [(ids("trr"), part) for part in parts]
    tellings = [list(some) for size in range(len(parts) + 1) for some in itertools.combinations(reversals, size)]
    seed.shuffle(tellings)  # type: ignore[attr-defined]
    for telling in tellings:
        sent.told(telling)
    assert (payee.money()["balance"], payee.payout()["returned"]) == (sum(parts), sum(parts))


class Bank:
    """Payouts from the platform's balance at Stripe to the platform's bank."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market
        self.payout = ids("po")
        self.before = market.house("platform_bank")

    def told(self, status: str, amount: int = 5000, currency: str = "USD", sequence: int | None = None) -> Row:
        answer: Row = self.market.worker(
            "apply_platform_payout",
            p_event_id=self.market.store_event(f"payout.{status}", self.payout),
            p_sequence=sequence or self.market.worker("next_object_sequence", p_object_id=self.payout),
            p_stripe_payout_id=self.payout,
            p_amount=amount,
            p_currency=currency,
            p_status=status,
        )
        return answer

    @property
    def balance(self) -> int:
        """What came to the account since, credits minus debits."""
        return self.market.house("platform_bank") - self.before


def test_the_platforms_own_payout_is_booked_once_and_taken_back_when_it_fails(market: Marketplace) -> None:
    bank = Bank(market)
    clearing = market.house("stripe_clearing")
    for status in ("pending", "in_transit", "paid", "paid"):
        bank.told(status)
        assert (bank.balance, market.house("stripe_clearing") - clearing) == (-5000, 5000)
    bank.told("failed")
    assert (bank.balance, market.house("stripe_clearing")) == (0, clearing)


def test_a_payout_that_is_first_heard_of_when_it_failed_moves_nothing(market: Marketplace) -> None:
    bank = Bank(market)
    bank.told("failed")
    assert bank.balance == 0


def test_what_stripe_takes_from_the_bank_goes_the_other_way(market: Marketplace) -> None:
    bank = Bank(market)
    bank.told("paid", -700)
    assert bank.balance == 700


def test_an_older_answer_about_the_platforms_payout_does_not_win(market: Marketplace) -> None:
    bank = Bank(market)
    older = market.worker("next_object_sequence", p_object_id=bank.payout)
    bank.told("failed")
    assert bank.told("paid", sequence=older)["reason"] == "stale"
    assert bank.balance == 0


def test_another_currency_or_another_amount_is_refused(market: Marketplace) -> None:
    bank = Bank(market)
    with pytest.raises(RefusedError, match="currency_mismatch"):
        bank.told("paid", currency="EUR")
    bank.told("paid")
    with pytest.raises(RefusedError, match="invalid_state"):
        bank.told("paid", 5001)
