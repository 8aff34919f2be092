"""A bank payout that failed after its transfer is tried again alone, when its reader asks or the way is open again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.sql.marketplace import Marketplace, RefusedError, Row
from tests.sql.payees import Job, Payee, ids


class Sent:
    """A payout whose transfer was made, and whose bank payout failed."""

    def __init__(self, payee: Payee, job: Job) -> None:
        self.payee, self.market = payee, payee.market
        self.attempt: str = job.start()["attempt_id"]
        self.transfer, self.bank = ids("tr"), ids("po")
        job.transferred(self.attempt, self.transfer)
        job.banked(self.attempt, self.bank)
        job.told(self.bank, "failed", "account_closed", self.attempt)
        self.first_job = job

    @property
    def id(self) -> str:
        return str(self.payee.payout()["id"])

    def ask(self) -> Row:
        answer: Row = self.market.call(self.payee.person, "retry_payout", p_payout_id=self.id)
        return answer

    def account(self, *, is_open: bool, reason: str | None = None) -> None:
        self.market.worker(
            "apply_account",
            p_event_id=self.market.store_event("account.updated", self.payee.account, "connect"),
            p_sequence=self.market.worker("next_object_sequence", p_object_id=self.payee.account),
            p_account_id=self.payee.account,
            p_details_submitted=True,
            p_transfers_active=is_open,
            p_payouts_enabled=is_open,
            p_disabled_reason=reason,
            p_requirements_due=[],
        )

    def new_bank(self) -> Row:
        event = self.market.store_event("account.external_account.created", ids("ba"), "connect")
        answer: Row = self.market.worker("apply_bank_account", p_event_id=event, p_account_id=self.payee.account)
        return answer

    def jobs(self) -> list[Row]:
        return self.market.rows(
            "select id::text from private.outbox where topic = 'payout.execute' and payload ->> 'attempt_id' = %s",
            self.attempt,
        )

    def postings(self) -> int:
        count: int = self.market.value(
            "select count(*) from ledger.transfers where transaction_id = %s", self.payee.payout()["transaction_id"]
        )
        return count


@pytest.fixture
def sent(payee: Payee, job: Job) -> Sent:
    return Sent(payee, job)


def test_a_retry_sends_the_bank_payout_alone_under_a_key_of_its_own(sent: Sent) -> None:
    postings = sent.postings()
    asked = sent.ask()
    assert (asked["status"], asked["failure_code"], asked["stripe_payout_id"]) == ("PROCESSING", None, None)
    again = Job(sent.payee)
    step = again.start()
    assert (step["step"], step["payout_key"], step["amount"]) == ("bank_payout", f"po:{sent.attempt}:2", 2100)
    assert (step["transfer_id"], step["method"]) == (sent.transfer, "standard")
    bank = ids("po")
    again.banked(sent.attempt, bank)
    again.told(bank, "paid", None, sent.attempt)
    assert sent.payee.payout()["status"] == "COMPLETED"
    # No money of ours moves a second time: the transfer discharged us.
    assert sent.postings() == postings
    assert sent.payee.money() == {"balance": 0, "held": 0, "payable": 0}
    assert sent.market.problems() == []


def test_asking_twice_sends_once(sent: Sent) -> None:
    assert sent.ask() == sent.ask()
    assert len(sent.jobs()) == 1


def test_asking_from_many_places_at_once_sends_once(sent: Sent) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: sent.ask()["status"], range(6)))
    assert set(answers) == {"PROCESSING"}
    assert len(sent.jobs()) == 1
    assert sent.market.value("select bank_try from public.payout_attempts where id = %s", sent.attempt) == 2


@pytest.mark.parametrize("status", ["failed", "canceled", "paid", "pending"])
def test_what_is_told_late_of_the_failed_one_is_past(sent: Sent, status: str) -> None:
    sent.ask()
    again = Job(sent.payee)
    assert again.told(sent.bank, status, "account_closed", sent.attempt)["reason"] == "stale"
    again.start()
    bank = ids("po")
    again.banked(sent.attempt, bank)
    assert again.told(sent.bank, status, "account_closed", sent.attempt)["reason"] == "stale"
    assert (sent.payee.payout()["status"], sent.payee.payout()["stripe_payout_id"]) == ("PROCESSING", bank)


def test_a_late_run_of_the_first_job_does_not_bring_the_failed_one_back(sent: Sent) -> None:
    sent.ask()
    sent.first_job.banked(sent.attempt, sent.bank)
    assert sent.payee.payout()["stripe_payout_id"] is None
    assert len(sent.jobs()) == 1


def test_one_that_fails_again_may_be_tried_again(sent: Sent) -> None:
    for number in (2, 3):
        sent.ask()
        again = Job(sent.payee)
        assert again.start()["payout_key"] == f"po:{sent.attempt}:{number}"
        bank = ids("po")
        again.banked(sent.attempt, bank)
        again.told(bank, "failed", "no_account", sent.attempt)
        assert sent.payee.payout()["failure_code"] == "no_account"
        assert sent.payee.payout()["stripe_payout_id"] == bank


def test_a_part_of_the_transfer_that_came_back_is_not_sent_again(sent: Sent) -> None:
    reverse(sent, 600)
    sent.ask()
    assert Job(sent.payee).start()["amount"] == 1500


def test_a_transfer_that_came_back_whole_leaves_nothing_to_send(sent: Sent) -> None:
    reverse(sent, 2100)
    with pytest.raises(RefusedError, match="invalid_state"):
        sent.ask()
    assert sent.new_bank()["reason"] == "0 tried again"


def test_a_transfer_that_comes_back_whole_during_a_retry_ends_it(sent: Sent) -> None:
    sent.ask()
    again, bank = Job(sent.payee), ids("po")
    again.start()
    reverse(sent, 2100)
    again.banked(sent.attempt, bank)
    # Paid out of other money that lay there; nothing of ours waits for it.
    assert again.told(bank, "paid", None, sent.attempt)["reason"] == "stale"
    assert (sent.payee.payout()["status"], sent.payee.payout()["failure_code"]) == ("FAILED", "transfer_reversed")
    assert sent.market.problems() == []


def reverse(sent: Sent, amount: int) -> None:
    sent.market.worker(
        "apply_transfer",
        p_event_id=sent.market.store_event("transfer.reversed", sent.transfer, "platform"),
        p_transfer_id=sent.transfer,
        p_attempt_id=sent.attempt,
        p_amount=2100,
        p_reversals=[{"id": ids("trr"), "amount": amount}],
        p_currency="USD",
    )


def test_only_a_payout_of_ones_own_that_failed_at_the_bank_is_tried_again(
    payee: Payee, job: Job, market: Marketplace
) -> None:
    asked: dict[str, Any] = {"p_payout_id": payee.payout()["id"]}
    with pytest.raises(RefusedError, match="invalid_state"):
        market.call(payee.person, "retry_payout", **asked)
    attempt = job.start()["attempt_id"]
    job.failed(attempt, "transfer", "refused", "account_closed")
    with pytest.raises(RefusedError, match="invalid_state"):
        market.call(payee.person, "retry_payout", **asked)
    stranger = market.reader()
    market.open_payout_account(stranger)
    with pytest.raises(RefusedError, match="not_found"):
        market.call(stranger, "retry_payout", **asked)
    with pytest.raises(RefusedError, match="not_found"):
        market.call(payee.person, "retry_payout", p_payout_id=str(uuid4()))


def test_a_paid_payout_is_not_tried_again(payee: Payee, job: Job) -> None:
    attempt, bank = job.start()["attempt_id"], ids("po")
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, bank)
    job.told(bank, "paid")
    with pytest.raises(RefusedError, match="invalid_state"):
        payee.market.call(payee.person, "retry_payout", p_payout_id=payee.payout()["id"])


def test_a_closed_gate_or_a_stop_refuses_and_the_opening_sends_it(sent: Sent) -> None:
    sent.account(is_open=False, reason="requirements.past_due")
    with pytest.raises(RefusedError, match="payout_account_not_ready"):
        sent.ask()
    assert sent.new_bank()["applied"] is False
    sent.account(is_open=True)
    assert (sent.payee.payout()["status"], len(sent.jobs())) == ("PROCESSING", 1)
    # Later news of an account that is open opens nothing.
    sent.account(is_open=True)
    assert len(sent.jobs()) == 1


def test_nothing_is_sent_while_payouts_are_stopped(sent: Sent) -> None:
    sent.market.set("switch.payouts", False)
    try:
        with pytest.raises(RefusedError, match="payouts_disabled"):
            sent.ask()
        assert sent.new_bank()["applied"] is False
    finally:
        sent.market.set("switch.payouts", True)


def test_another_bank_account_sends_what_failed_as_often_as_the_setting_says(sent: Sent) -> None:
    for number in range(2, 6):
        assert sent.new_bank()["reason"] == "1 tried again"
        again, bank = Job(sent.payee), ids("po")
        assert again.start()["payout_key"] == f"po:{sent.attempt}:{number}"
        again.banked(sent.attempt, bank)
        again.told(bank, "failed", "no_account", sent.attempt)
    assert sent.new_bank()["reason"] == "0 tried again"
    # Whoever owns the money may go on asking.
    assert sent.ask()["status"] == "PROCESSING"


def test_money_in_an_account_that_is_gone_is_not_sent_from_another(sent: Sent) -> None:
    sent.account(is_open=False, reason="account_gone")
    sent.market.open_payout_account(sent.payee.person)
    with pytest.raises(RefusedError, match="invalid_state"):
        sent.ask()


def test_an_account_that_goes_during_a_retry_ends_it_whatever_is_told_of_the_failed_one(sent: Sent) -> None:
    sent.ask()
    again = Job(sent.payee)
    again.start()
    sent.account(is_open=False, reason="account_gone")
    sent.market.worker("abandon_bank_payout", p_outbox_id=again.id, p_attempt_id=sent.attempt)
    told = sent.market.worker(
        "apply_unreachable_payout",
        p_event_id=sent.market.store_event("payout.failed", sent.bank, "connect"),
        p_stripe_payout_id=sent.bank,
        p_status="failed",
        p_failure_code="account_closed",
        p_attempt_id=sent.attempt,
    )
    assert told["reason"] == "stale"
    assert (sent.payee.payout()["status"], sent.payee.payout()["failure_code"]) == ("FAILED", "account_gone")
