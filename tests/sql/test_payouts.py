"""Payouts: money that cleared leaves once, and an unknown outcome is never taken for a known one."""

from functools import partial
from uuid import uuid4

import pytest

from tests.sql.marketplace import Marketplace, RefusedError, Row
from tests.sql.payees import Job, Payee, ids


def test_a_payout_holds_sends_and_books_the_money(payee: Payee, job: Job) -> None:
    assert payee.money() == {"balance": 2100, "held": 2100, "payable": 0}
    first = job.start()
    assert (first["step"], first["amount"], first["first_tried_at"]) == ("transfer", 2100, None)
    assert (first["destination"], first["transfer_key"]) == (payee.account, f"tr:{first['attempt_id']}")
    transfer, bank = ids("tr"), ids("po")
    job.transferred(first["attempt_id"], transfer)
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}
    second = job.start()
    assert (second["step"], second["transfer_id"]) == ("bank_payout", transfer)
    job.banked(first["attempt_id"], bank)
    assert (payee.payout()["status"], job.row()) == ("PROCESSING", [])
    assert job.start() is None
    job.told(bank, "paid")
    assert payee.payout()["status"] == "COMPLETED"
    assert payee.market.problems() == []


def test_paid_may_still_become_failed(payee: Payee, job: Job) -> None:
    attempt, bank = job.start()["attempt_id"], ids("po")
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, bank)
    job.told(bank, "paid")
    job.told(bank, "failed", "account_closed")
    assert (payee.payout()["status"], payee.payout()["failure_code"]) == ("FAILED", "account_closed")
    # The money is in the reader's Stripe balance, whatever the bank says.
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}


def test_a_bank_payout_that_failed_before_it_was_recorded_and_was_followed_by_another_is_past(
    payee: Payee, job: Job
) -> None:
    attempt, lost, bank = job.start()["attempt_id"], ids("po"), ids("po")
    job.transferred(attempt, ids("tr"))
    # Its answer was lost: nobody knows whose it is until the job finds it, or makes another.
    with pytest.raises(RefusedError, match="transaction_not_found"):
        job.told(lost, "failed", "account_closed", attempt)
    job.banked(attempt, bank)
    assert job.told(lost, "failed", "account_closed", attempt)["reason"] == "stale"
    assert payee.payout()["status"] == "PROCESSING"
    # One that has not failed would be a second one under way, which somebody has to look at.
    with pytest.raises(RefusedError, match="transaction_not_found"):
        job.told(ids("po"), "paid", None, attempt)
    job.told(bank, "paid", None, attempt)
    assert payee.payout()["status"] == "COMPLETED"


def test_a_late_second_run_of_the_job_does_not_undo_what_the_bank_said(payee: Payee, job: Job) -> None:
    attempt, bank = job.start()["attempt_id"], ids("po")
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, bank)
    job.told(bank, "paid")
    job.banked(attempt, bank)
    assert payee.payout()["status"] == "COMPLETED"


def test_an_event_may_tell_of_the_transfer_before_the_job_does(payee: Payee, job: Job) -> None:
    attempt, transfer = job.start()["attempt_id"], ids("tr")
    event = payee.market.store_event("transfer.created", transfer)
    told = {
        "p_event_id": event,
        "p_transfer_id": transfer,
        "p_attempt_id": attempt,
        "p_amount": 2100,
        "p_reversals": [],
        "p_currency": "usd",
    }
    assert payee.market.worker("apply_transfer", **told)["applied"]
    assert payee.market.worker("apply_transfer", **told)["reason"] == "already_applied"
    job.transferred(attempt, transfer)
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}
    assert job.start()["step"] == "bank_payout"
    with payee.market.refuses("invalid_state"):
        job.transferred(attempt, "tr_another")


def test_a_transfer_that_differs_from_its_attempt_is_refused(payee: Payee, job: Job) -> None:
    attempt, event = job.start()["attempt_id"], payee.market.store_event("transfer.created", "tr_odd")
    with payee.market.refuses("invalid_state"):
        payee.market.worker(
            "apply_transfer",
            p_event_id=event,
            p_transfer_id="tr_odd",
            p_attempt_id=attempt,
            p_amount=2101,
            p_reversals=[],
            p_currency="usd",
        )


def test_a_second_transfer_of_one_attempt_is_not_taken_for_the_first(payee: Payee, job: Job) -> None:
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    event = payee.market.store_event("transfer.created", "tr_second")
    told = {"p_event_id": event, "p_transfer_id": "tr_second", "p_attempt_id": attempt, "p_amount": 2100}
    # The event stays unprocessed, is parked after its tries, and is an administrator's.
    with payee.market.refuses("invalid_state"):
        payee.market.worker("apply_transfer", **told, p_reversals=[], p_currency="usd")


def test_a_transfer_booked_by_many_at_once_is_booked_once(payee: Payee, job: Job) -> None:
    attempt, transfer = job.start()["attempt_id"], ids("tr")
    payee.market.at_once([partial(job.transferred, attempt, transfer)] * 6)
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}
    posted = "select count(*) from ledger.transfers where code = 'payout' and transaction_id = %s"
    assert payee.market.value(posted, payee.payout()["transaction_id"]) == 1


# Who may ask for how much ------------------------------------------------------------


def test_two_requests_for_the_same_money_leave_one(payee: Payee) -> None:
    answers = payee.market.at_once([partial(payee.request, key=key) for key in ("a", "b", "c", "d")])
    refused = [a for a in answers if isinstance(a, RefusedError)]
    assert [refusal.code for refusal in refused] == ["nothing_payable"] * 3
    assert payee.money() == {"balance": 2100, "held": 2100, "payable": 0}
    assert payee.market.problems() == []


def test_the_same_key_is_the_same_payout(payee: Payee) -> None:
    answers = payee.market.at_once([payee.request] * 5)
    assert len({answer["id"] for answer in answers}) == 1
    with payee.market.refuses("idempotency_key_reused"):
        payee.request(1500)


def test_part_of_the_money_may_be_asked_for(payee: Payee) -> None:
    payee.request(1000)
    assert payee.money() == {"balance": 2100, "held": 1000, "payable": 1100}
    payee.request(1100, key="rest")
    assert payee.money() == {"balance": 2100, "held": 2100, "payable": 0}


def test_money_clears_at_its_time(market: Marketplace) -> None:
    payee = Payee(market)
    assert payee.money()["payable"] == 2100
    market.clock.advance(-1)
    assert payee.money()["payable"] == 0
    with market.refuses("nothing_payable"):
        payee.request()
    market.clock.advance(1)
    assert payee.request()["amount"] == 2100


def test_a_closed_gate_refuses_and_an_older_answer_does_not_open_it(payee: Payee) -> None:
    market = payee.market

    def tell(sequence: int, *, enabled: bool) -> Row:
        event = market.store_event("account.updated", payee.account, "connect")
        answer: Row = market.worker(
            "apply_account",
            p_event_id=event,
            p_sequence=sequence,
            p_account_id=payee.account,
            p_details_submitted=True,
            p_transfers_active=True,
            p_payouts_enabled=enabled,
            p_disabled_reason=None if enabled else "requirements.past_due",
            p_requirements_due=[],
        )
        return answer

    older, newer = (market.worker("next_object_sequence", p_object_id=payee.account) for _ in range(2))
    tell(newer, enabled=False)
    assert tell(older, enabled=True)["reason"] == "stale"
    with market.refuses("payout_account_not_ready"):
        payee.request()
    # The reader is notified of what opened or closed the gate, and not each time Stripe says the same.
    tell(market.worker("next_object_sequence", p_object_id=payee.account), enabled=False)
    kept = "select count(*) from notifications where kind = 'payout_account_changed' and user_id = %s"
    assert market.value(kept, payee.person.id) == 2
    hints = "select count(*) from realtime.messages where topic = %s and payload ->> 'kind' = 'payout_account_changed'"
    assert market.value(hints, f"user:{payee.person.id}") == 3


# What goes wrong ------------------------------------------------------------


def test_a_refused_transfer_gives_the_money_back(payee: Payee, job: Job) -> None:
    job.failed(job.start()["attempt_id"], "transfer", "refused", "account_invalid")
    assert (payee.payout()["status"], payee.payout()["failure_code"]) == ("FAILED", "account_invalid")
    assert payee.money() == {"balance": 2100, "held": 0, "payable": 2100}
    assert job.row() == []
    payee.request(key="again")


def test_an_unknown_outcome_keeps_the_money_held_and_comes_again_under_the_same_key(payee: Payee, job: Job) -> None:
    first = job.start()
    job.failed(first["attempt_id"], "transfer", "unknown")
    assert payee.money()["held"] == 2100
    payee.market.clock.advance(400)
    again = job.start()
    assert (again["step"], again["transfer_key"]) == ("transfer", first["transfer_key"])
    assert again["first_tried_at"] is not None
    job.transferred(first["attempt_id"], ids("tr"))
    assert payee.money()["balance"] == 0


def test_an_empty_platform_balance_makes_a_new_attempt_later(payee: Payee, job: Job) -> None:
    first = job.start()["attempt_id"]
    job.failed(first, "transfer", "insufficient_balance")
    assert job.row() == []
    assert payee.money()["held"] == 2100
    later = Job(payee)
    waits = payee.market.value("select visible_at > private.now() from private.outbox where id = %s", later.id)
    assert waits is True
    second = later.start()["attempt_id"]
    assert second != first
    later.transferred(second, ids("tr"))
    assert payee.market.problems() == []


@pytest.mark.parametrize("outcome", ["refused", "insufficient_balance"])
def test_a_refused_bank_payout_is_tried_again_under_a_new_key(payee: Payee, job: Job, outcome: str) -> None:
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    before = job.start()
    job.failed(attempt, "bank_payout", outcome)
    after = job.start()
    assert (after["step"], after["transfer_key"]) == ("bank_payout", before["transfer_key"])
    assert after["payout_key"] != before["payout_key"]
    assert payee.money()["balance"] == 0


@pytest.mark.parametrize(
    ("outcome", "code"), [("refused", "instant_payouts_unsupported"), ("insufficient_balance", "balance_insufficient")]
)
def test_an_instant_bank_payout_that_is_not_made_is_asked_for_the_standard_way(
    payee: Payee, outcome: str, code: str
) -> None:
    with payee.market.setting("payout.instant", True):
        payee.request()
    job = Job(payee)
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    # Frozen with the attempt, whatever the setting says by now.
    before = job.start()
    job.failed(attempt, "bank_payout", "unknown")
    again = job.start()
    job.failed(attempt, "bank_payout", outcome, code)
    after = job.start()
    assert [run["method"] for run in (before, again, after)] == ["instant", "instant", "standard"]
    assert before["payout_key"] == again["payout_key"] != after["payout_key"]


def test_without_the_setting_the_standard_way_is_taken(job: Job) -> None:
    assert job.start()["method"] == "standard"


def test_an_unknown_bank_payout_comes_again_under_the_same_key(job: Job) -> None:
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    before = job.start()
    job.failed(attempt, "bank_payout", "unknown")
    assert job.start()["payout_key"] == before["payout_key"]


def test_a_failure_told_after_the_transfer_was_booked_changes_nothing(payee: Payee, job: Job) -> None:
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    job.failed(attempt, "transfer", "refused")
    assert payee.payout()["status"] == "PROCESSING"
    assert job.start()["step"] == "bank_payout"


def test_money_on_its_way_is_never_parked(payee: Payee, job: Job) -> None:
    market = payee.market
    for _ in range(15):
        market.clock.advance(1000)
        claimed = [row["id"] for row in market.worker("claim_outbox", p_limit=1000)]
        assert job.id in claimed
        job.failed(job.start()["attempt_id"], "transfer", "unknown")


def test_money_on_its_way_is_not_parked_while_stripe_cannot_be_asked(payee: Payee, job: Job) -> None:
    market = payee.market
    for _ in range(15):
        market.clock.advance(1000)
        assert job.id in [row["id"] for row in market.worker("claim_outbox", p_limit=1000)]
        job.start()
        market.worker("fail_outbox", p_outbox_id=job.id, p_error="look_up_failed", p_is_away=True)


def test_a_payout_whose_runs_outlast_the_visibility_timeout_is_not_parked(payee: Payee, job: Job) -> None:
    market = payee.market
    # Stripe hangs: a run waits for a minute, and is claimed again meanwhile.
    for _ in range(15):
        market.clock.advance(1000)
        market.worker("claim_outbox", p_limit=1000)
        attempt = job.start()["attempt_id"]
        for _ in range(2):
            market.clock.advance(30)
            market.worker("claim_outbox", p_limit=1000)
        job.failed(attempt, "transfer", "unknown")
    market.clock.advance(1000)
    assert job.id in [row["id"] for row in market.worker("claim_outbox", p_limit=1000)]


@pytest.mark.parametrize("attempt", [None, str(uuid4())], ids=["no attempt", "another's attempt"])
def test_a_payout_that_is_none_of_ours_is_ignored(payee: Payee, job: Job, attempt: str | None) -> None:
    # The reader's own, or Stripe's debit of a negative balance.
    assert job.told(ids("po"), "paid", None, attempt)["reason"] == "not_ours"
    assert payee.payout()["status"] == "PENDING"


def test_a_payout_of_somebody_elses_account_is_ignored(market: Marketplace) -> None:
    answer = market.worker(
        "apply_payout_state",
        p_event_id=market.store_event("payout.paid", "po_x", "connect"),
        p_sequence=1,
        p_account_id="acct_stranger",
        p_stripe_payout_id="po_x",
        p_status="paid",
    )
    assert answer["reason"] == "not_ours"


# Waiting for a balance at Stripe --------------------------------------------------------------------------------------


def told_of_balance(market: Marketplace, account: str | None) -> Row:
    """Apply balance.available, ours or a connected account's."""
    event = market.store_event("balance.available", "", "platform" if account is None else "connect")
    answer: Row = market.worker("apply_balance_available", p_event_id=event, p_account_id=account)
    return answer


def is_due(job: Job) -> bool:
    return bool(job.market.value("select visible_at <= private.now() from private.outbox where id = %s", job.id))


def test_a_payout_that_waits_for_our_balance_is_due_when_money_comes(payee: Payee, job: Job) -> None:
    job.failed(job.start()["attempt_id"], "transfer", "insufficient_balance")
    later = Job(payee)
    told_of_balance(payee.market, payee.account)
    assert not is_due(later)
    assert told_of_balance(payee.market, None)["applied"] is True
    assert is_due(later)
    later.transferred(later.start()["attempt_id"], ids("tr"))
    assert payee.market.problems() == []


def test_a_bank_payout_that_waits_is_due_when_money_comes_to_its_account(payee: Payee, job: Job) -> None:
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, ids("tr"))
    job.failed(attempt, "bank_payout", "insufficient_balance")
    told_of_balance(payee.market, None)
    told_of_balance(payee.market, "acct_other")
    assert not is_due(job)
    assert told_of_balance(payee.market, payee.account)["applied"] is True
    assert is_due(job)


def test_an_unknown_outcome_is_not_hurried(payee: Payee, job: Job) -> None:
    job.failed(job.start()["attempt_id"], "transfer", "unknown")
    told_of_balance(payee.market, None)
    told_of_balance(payee.market, payee.account)
    assert not is_due(job)


def test_a_payout_that_kills_whoever_runs_it_is_parked(payee: Payee, job: Job) -> None:
    with payee.market.setting("outbox.max_attempts", 3):
        for _ in range(4):
            payee.market.worker("claim_outbox", p_limit=1000)
            job.start()
            payee.market.clock.advance(400)
    (row,) = job.row()
    assert row["parked_at"] is not None
