"""A Connect account that is gone ends its payouts, and the reader is paid by another one."""

import pytest

from tests.sql.marketplace import Marketplace, RefusedError, Row
from tests.sql.payees import Job, Payee, ids


def gone(payee: Payee, account: str) -> Row:
    """Tell that an account was deauthorised."""
    market = payee.market
    answer: Row = market.worker(
        "apply_account",
        p_event_id=market.store_event("account.application.deauthorized", "ca_1", "connect"),
        p_sequence=market.worker("next_object_sequence", p_object_id=account),
        p_account_id=account,
        p_details_submitted=False,
        p_transfers_active=False,
        p_payouts_enabled=False,
        p_disabled_reason="account_gone",
        p_requirements_due=[],
    )
    return answer


def told_late(
    market: Marketplace, bank: str, status: str, failure: str | None = None, attempt: str | None = None
) -> Row:
    """Apply a payout event whose account is gone, so that only the event itself is known."""
    answer: Row = market.worker(
        "apply_unreachable_payout",
        p_event_id=market.store_event(f"payout.{status}", bank, "connect"),
        p_stripe_payout_id=bank,
        p_status=status,
        p_failure_code=failure,
        p_attempt_id=attempt,
    )
    return answer


def state(payee: Payee) -> tuple[str, str | None]:
    payout = payee.payout()
    return payout["status"], payout["failure_code"]


@pytest.fixture
def bank(job: Job) -> str:
    """A bank payout under way."""
    attempt, made = job.start()["attempt_id"], ids("po")
    job.transferred(attempt, ids("tr"))
    job.banked(attempt, made)
    return made


def test_a_payout_under_way_ends_with_its_account(payee: Payee, bank: str) -> None:
    assert gone(payee, payee.account)["applied"] is True
    assert state(payee) == ("FAILED", "account_gone")
    # The transfer discharged us: the money is in the balance at Stripe that the reader took along.
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}
    assert told_late(payee.market, bank, "in_transit")["reason"] == "stale"
    assert state(payee) == ("FAILED", "account_gone")


@pytest.mark.parametrize("first", ["the account", "the bank"])
def test_what_the_bank_said_stands_whichever_is_heard_of_first(payee: Payee, bank: str, first: str) -> None:
    if first == "the account":
        gone(payee, payee.account)
        told_late(payee.market, bank, "paid")
    else:
        told_late(payee.market, bank, "paid")
        gone(payee, payee.account)
    assert state(payee) == ("COMPLETED", None)
    told_late(payee.market, bank, "failed", "account_closed")
    assert state(payee) == ("FAILED", "account_closed")
    assert told_late(payee.market, bank, "paid")["reason"] == "stale"
    assert state(payee) == ("FAILED", "account_closed")


def test_an_event_that_says_nothing_final_ends_the_payout_too(payee: Payee, bank: str) -> None:
    event = payee.market.store_event("payout.updated", bank, "connect")
    told = {"p_event_id": event, "p_stripe_payout_id": bank, "p_status": "in_transit"}
    assert payee.market.worker("apply_unreachable_payout", **told)["applied"] is True
    assert payee.market.worker("apply_unreachable_payout", **told)["reason"] == "already_applied"
    assert state(payee) == ("FAILED", "account_gone")


def test_a_bank_payout_recorded_after_the_account_left_ends_at_once(payee: Payee, job: Job) -> None:
    attempt, made = job.start()["attempt_id"], ids("po")
    job.transferred(attempt, ids("tr"))
    gone(payee, payee.account)
    # Its job is still under way, and finds out by itself.
    assert state(payee) == ("PROCESSING", None)
    with pytest.raises(RefusedError, match="transaction_not_found"):
        told_late(payee.market, made, "paid", None, attempt)
    job.banked(attempt, made)
    assert state(payee) == ("FAILED", "account_gone")


def test_an_account_that_left_between_transfer_and_bank_payout_ends_the_job(payee: Payee, job: Job) -> None:
    attempt = job.start()["attempt_id"]
    abandon = {"p_outbox_id": job.id, "p_attempt_id": attempt}
    with payee.market.refuses("invalid_state"):
        payee.market.worker("abandon_bank_payout", **abandon)
    job.transferred(attempt, ids("tr"))
    payee.market.worker("abandon_bank_payout", **abandon)
    payee.market.worker("abandon_bank_payout", **abandon)
    assert (state(payee), job.row()) == (("FAILED", "account_gone"), [])
    assert told_late(payee.market, ids("po"), "paid")["reason"] == "not_ours"
    # It was made all the same, and its answer was lost.
    assert told_late(payee.market, ids("po"), "paid", None, attempt)["applied"] is True
    assert state(payee) == ("COMPLETED", None)
    assert payee.money() == {"balance": 0, "held": 0, "payable": 0}
    assert payee.market.problems() == []


def test_another_account_follows_one_that_is_gone(payee: Payee) -> None:
    market, begin = payee.market, {"p_user_id": payee.person.id}
    gone(payee, payee.account)
    known = market.worker("begin_payout_account", **begin)
    assert (known["stripe_account_id"], known["former_account_id"]) == (None, payee.account)
    # The former one, told once more, is no other.
    assert market.worker("record_payout_account", **begin, p_stripe_account_id=payee.account) == payee.account
    with market.refuses("payout_account_not_ready"):
        payee.request()
    another = market.open_payout_account(payee.person)
    assert market.worker("record_payout_account", **begin, p_stripe_account_id="acct_third") == another
    known = market.worker("begin_payout_account", **begin)
    assert (known["stripe_account_id"], known["former_account_id"]) == (another, None)
    # What is heard of the former one is nobody's.
    assert gone(payee, payee.account)["reason"] == "not_ours"
    payee.request()
    assert Job(payee).start()["destination"] == another


@pytest.mark.usefixtures("bank")
def test_a_payout_the_bank_is_silent_about_is_counted(payee: Payee) -> None:
    market = payee.market
    before = market.worker("run_upkeep")["payouts_stuck"]
    market.clock.advance(15 * 86_400)
    assert market.worker("run_upkeep")["payouts_stuck"] >= before + 1
