"""`soulseer reconcile` on the running platform: what was done by hand at Stripe is found, what agrees is not told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import GOOD_CARD, make_client, make_reader
from tests.acceptance.platform import Platform
from tests.acceptance.waiting import eventually

_ROOT = Path(__file__).parents[2]


def reconcile(platform: Platform) -> tuple[int, str]:
    """Run the command over the last day; return its exit status and all it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "soulseer.cli", "reconcile", "--name", platform.stack.paths.name],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "250"},
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_a_payment_made_by_hand_at_stripe_is_found_and_ours_is_not_told(platform: Platform) -> None:
    client = make_client(platform, 0)
    ours = client.top_up(2500)
    eventually(
        lambda: client.row("transactions", id=ours["transaction_id"])["fee"] is not None,
        "the fee of the top-up is booked",
    )
    made = platform.stripe.v1.payment_intents.create(
        {
            "amount": 1234,
            "currency": "usd",
            "confirm": True,
            "payment_method": GOOD_CARD,
            "return_url": "http://app.example",
            "description": f"by hand {uuid4()}",
        },
        {"idempotency_key": str(uuid4())},
    )
    movement = str(
        eventually(
            lambda: platform.stripe.v1.charges.retrieve(str(made.latest_charge)).balance_transaction,
            "Stripe settled the charge",
        )
    )

    with platform.setting("reconcile.grace_seconds", 0):
        status, said = reconcile(platform)

    assert status == 1, said
    line = next(line for line in said.splitlines() if movement in line)
    assert "NOT_OURS" in line
    # Less Stripe's fee of 66.
    assert "1,168" in line
    assert ours["transaction_id"] not in said
    # Its events are ignored, not waited for.
    platform.wait_quiet()
    outcomes = platform.rows(
        "select distinct outcome from private.stripe_events where object_id = any(%s)",
        [made.id, str(made.latest_charge)],
    )
    assert [row["outcome"] for row in outcomes if row["outcome"] != "IGNORED"] == []
    assert outcomes


def test_what_came_back_of_a_payout_and_the_platforms_own_payouts_are_explained(platform: Platform) -> None:
    reader = make_reader(platform, 1_000_000)
    reader.open_payouts()
    client = make_client(platform, 100_000)
    with Conversation(client, reader) as talk:
        talk.wait_increments(2)
        talk.end(client)
    payout = reader.request_payout(1000)
    eventually(lambda: reader.row("payouts", id=payout["id"])["status"] == "COMPLETED", "the payout paid")
    transfer = reader.row("payouts", id=payout["id"])["stripe_transfer_id"]
    # Money of the reader's that did not go to the bank, so that there is something to take back.
    account = platform.stripe.v1.transfers.retrieve(transfer).destination
    platform.control("balance", {"account": account, "currency": "usd", "available": 1000})
    before = reader.earnings["balance"]

    platform.stripe.v1.transfers.reversals.create(transfer, {"amount": 400})
    own = platform.stripe.v1.payouts.create({"amount": 777, "currency": "usd"})

    eventually(lambda: reader.earnings["balance"] == before + 400, "the money back in the earnings")
    assert reader.row("payouts", id=payout["id"])["returned"] == 400
    eventually(
        lambda: platform.rows("select p.id from private.platform_payouts p where p.id = %s and p.is_booked", own.id),
        "the platform's own payout booked",
    )
    with platform.setting("reconcile.grace_seconds", 0):
        _, said = reconcile(platform)
    for subject in (payout["transaction_id"], transfer, own.id):
        assert subject not in said
