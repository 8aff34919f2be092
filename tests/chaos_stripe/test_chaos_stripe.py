"""A short run of the fault tests of Stripe holds, and what they judge by catches what is planted."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.acceptance.people import GOOD_CARD
from tests.acceptance.platform import Platform
from tests.chaos_stripe import obligations
from tests.chaos_stripe.events import ACCOUNT, PAID
from tests.chaos_stripe.intake import IntakeRun
from tests.chaos_stripe.keeper import Keeper
from tests.chaos_stripe.payouts import PayoutRun

_FAULTS = 24
_EVENTS, _KILLS = 150, 4


@pytest.fixture(scope="module")
def payouts(platform: Platform) -> PayoutRun:
    """A run of payouts that has ended; without the clock, which other tests on this platform share."""
    run = PayoutRun(platform, 1, Keeper(platform), with_days=False, per_round=16)
    run.run(_FAULTS)
    return run


@pytest.fixture(scope="module")
def intake(platform: Platform) -> Iterator[IntakeRun]:
    """A run of the intake that has ended."""
    with platform.setting("outbox.visibility_seconds", 5), platform.setting("topup.per_hour", 10_000):
        run = IntakeRun(platform, 1, Keeper(platform))
        run.run(_EVENTS, _KILLS)
        yield run


def test_payouts_leave_once_whatever_goes_wrong(payouts: PayoutRun) -> None:
    result = payouts.result
    assert result.violations == []
    assert result.met.total >= _FAULTS
    assert result.asked


def test_a_transfer_that_is_made_twice_is_reported(platform: Platform, payouts: PayoutRun) -> None:
    owed = payouts.result.asked[:1]
    platform.control("webhooks", {"paused": True})
    made = [
        platform.stripe.v1.transfers.create(
            {
                "amount": owed[0].amount,
                "currency": "usd",
                "destination": payouts.earners[0].account,
                "metadata": {"payout_id": str(owed[0].payout_id)},
            },
            {"idempotency_key": str(uuid4())},
        ).id
        for _ in range(2)
    ]
    told = obligations.judge(platform, owed, obligations.survey(platform, owed))
    platform.forget(*made)
    assert any("transfers were made" in problem for problem in told), told


def test_a_hold_that_is_left_is_reported(platform: Platform, payouts: PayoutRun) -> None:
    owed = payouts.result.asked[1:2]
    held = "update ledger.holds set status = 'PENDING', posted_amount = 0, resolved_at = null where reference = %s"
    before = platform.rows("select * from ledger.holds where reference = %s", owed[0].payout_id)[0]
    platform.rows(held, owed[0].payout_id)
    try:
        told = obligations.judge(platform, owed, obligations.survey(platform, owed))
    finally:
        platform.rows(
            "update ledger.holds set status = %s, posted_amount = %s, resolved_at = %s where id = %s",
            before["status"],
            before["posted_amount"],
            before["resolved_at"],
            before["id"],
        )
    assert any("hold, postings and transaction" in problem for problem in told), told


def test_every_acknowledged_event_has_its_effect_once(intake: IntakeRun) -> None:
    result = intake.result
    assert result.violations == []
    assert sum(result.events.values()) == _EVENTS
    assert result.posts >= _EVENTS + result.duplicates
    assert intake.kills >= _KILLS


def test_an_acknowledged_event_that_is_gone_is_reported(platform: Platform, intake: IntakeRun) -> None:
    lost = next(event for event in intake.sent if event.type == PAID)
    platform.rows("delete from private.stripe_events where event_id = %s", lost.event_id)
    assert f"1 events acknowledged and not stored: {lost.event_id}" in intake.judge()


def test_a_payment_that_is_not_credited_is_reported(platform: Platform, intake: IntakeRun) -> None:
    payer = intake.payers[0]
    platform.control("webhooks", {"paused": True})
    made = platform.stripe.v1.payment_intents.create(
        {
            "amount": 1234,
            "currency": "usd",
            "payment_method": GOOD_CARD,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"user_id": payer.id},
        }
    )
    told = intake.judge()
    platform.forget(made.id, str(made.latest_charge))
    assert any(f"payer {payer.id}" in problem for problem in told), told


def test_an_effect_without_its_event_is_reported(platform: Platform, intake: IntakeRun) -> None:
    platform.rows(
        "delete from private.stripe_events where event_id = (select e.event_id from private.stripe_events e"
        " where e.outcome = 'APPLIED' and e.event_id = any(%s) limit 1)",
        [event.event_id for event in intake.sent if event.type == ACCOUNT],
    )
    assert any("effects" in problem for problem in intake.judge())
