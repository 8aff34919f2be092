"""Payouts while Stripe fails and workers die between steps: at most one transfer each, and none forgotten.

The Stripe stand-in is the oracle: it counts the transfers and bank payouts that were really made.
"""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from soulseer import jobs
from soulseer.broker import make_broker
from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform, Row
from tests.acceptance.waiting import eventually, for_a_while

AMOUNT = 1000
TRANSFERS, BANK_PAYOUTS = "/v1/transfers", "/v1/payouts"
# More often than the library itself tries.
EVERY_TRY = 3


@pytest.fixture(scope="module")
def reader(platform: Platform) -> Person:
    """A reader with an open payout gate, who has earned enough for every test here."""
    earner = make_reader(platform, 1_000_000)
    earner.open_payouts()
    client = make_client(platform, 100_000)
    with Conversation(client, earner) as talk:
        talk.wait_increments(4)
        talk.end(client)
    return earner


@pytest.fixture
def payout(platform: Platform, reader: Person) -> Iterator["Payout"]:
    """Requests a payout when told to; at the end exactly one transfer and one bank payout must stand for it."""
    begun = Payout(platform, reader)
    yield begun
    begun.assert_paid_once()


class Payout:
    """One payout of a reader, and what Stripe knows of it."""

    def __init__(self, platform: Platform, reader: Person) -> None:
        self.platform, self.reader = platform, reader
        self.before = reader.earnings
        self.row: Row = {}

    def request(self) -> None:
        self.row = self.reader.request_payout(AMOUNT)

    @property
    def transfers(self) -> int:
        return self.platform.count("transfer", payout_id=self.row["id"])

    @property
    def bank_payouts(self) -> int:
        return self.platform.count("payout", payout_id=self.row["id"])

    @property
    def attempts(self) -> list[Row]:
        return self.platform.rows(
            "select * from public.payout_attempts where payout_id = %s order by number", self.row["id"]
        )

    @property
    def job(self) -> Row | None:
        found = self.platform.rows(
            "select * from private.outbox where topic = 'payout.execute' and payload ->> 'payout_id' = %s",
            self.row["id"],
        )
        return found[0] if found else None

    @property
    def runs_recorded(self) -> int:
        """How many runs of the job have recorded its bank payout."""
        lines = [line for line in self.platform.log("workers") if line["event"] == "bank_payout_made"]
        return sum(line["payout_id"] == self.row["id"] for line in lines)

    def hasten(self) -> None:
        """Make the job due now, as time would."""
        self.platform.rows(
            "update private.outbox set visible_at = now() where payload ->> 'payout_id' = %s", self.row["id"]
        )

    def hurry_on(self) -> None:
        """Skip the pause after a failure that was noted, as time would."""
        self.platform.rows(
            "update private.outbox set visible_at = now(), last_error = null"
            " where last_error is not null and visible_at > now() and payload ->> 'payout_id' = %s",
            self.row["id"],
        )

    @property
    def status(self) -> str:
        return str(self.reader.row("payouts", id=self.row["id"])["status"])

    def wait_paid(self) -> None:
        def paid() -> bool:
            self.hurry_on()
            return self.status == "COMPLETED"

        eventually(paid, f"payout {self.row['id']} paid", seconds=40.0)

    def assert_paid_once(self) -> None:
        self.wait_paid()
        assert (self.transfers, self.bank_payouts) == (1, 1)
        eventually(lambda: self.job is None, "the job done")
        after = self.reader.earnings
        assert after["balance"] == self.before["balance"] - AMOUNT
        assert after["held"] == self.before["held"]
        postings = self.platform.rows(
            "select t.code::text, t.amount from ledger.transfers t where t.transaction_id = %s",
            self.row["transaction_id"],
        )
        assert postings == [{"code": "payout", "amount": AMOUNT}]


@pytest.mark.parametrize(
    "fault",
    [
        {"when": "before", "kind": "drop", "times": EVERY_TRY},
        {"when": "after", "kind": "drop", "times": EVERY_TRY},
        {"when": "after", "kind": "500"},
        {"when": "before", "kind": "500", "times": EVERY_TRY},
        {"when": "before", "kind": "429"},
    ],
    ids=lambda fault: f"{fault['when']} {fault['kind']}",
)
@pytest.mark.parametrize("step", [TRANSFERS, BANK_PAYOUTS], ids=["transfer", "bank payout"])
def test_whatever_becomes_of_the_answer_the_money_leaves_once(
    platform: Platform, payout: Payout, step: str, fault: dict[str, object]
) -> None:
    platform.fault("POST", step, **fault)
    payout.request()


def test_while_the_outcome_is_unknown_the_money_is_neither_lost_nor_free(
    platform: Platform, payout: Payout, reader: Person
) -> None:
    platform.fault("POST", TRANSFERS, when="after", kind="drop", times=EVERY_TRY)
    # Nor can it be looked up.
    platform.fault("GET", TRANSFERS, kind="500", times=100)
    # Nor does an event tell.
    platform.control("webhooks", {"paused": True})
    payout.request()
    eventually(lambda: payout.attempts[0]["status"] == "UNKNOWN", "outcome unknown")
    for_a_while(
        lambda: reader.earnings["held"] == payout.before["held"] + AMOUNT and payout.transfers == 1,
        "the money is held and not sent again",
        seconds=1.5,
    )
    assert payout.status == "PENDING"
    platform.calm()


def test_a_transfer_whose_answer_was_lost_is_booked_by_its_event(platform: Platform, payout: Payout) -> None:
    platform.fault("POST", TRANSFERS, when="after", kind="drop", times=EVERY_TRY)
    platform.fault("GET", TRANSFERS, kind="500", times=100)
    payout.request()
    eventually(lambda: payout.attempts[0]["status"] in {"TRANSFERRED", "COMPLETED"}, "booked by transfer.created")


@pytest.mark.parametrize("step", [TRANSFERS, BANK_PAYOUTS], ids=["transfer", "bank payout"])
@pytest.mark.parametrize(
    "fault", [{"when": "before", "kind": "delay"}, {"when": "after", "kind": "timeout"}], ids=["before", "after"]
)
def test_a_worker_killed_in_the_middle_of_a_step_leaves_it_to_the_next(
    platform: Platform, payout: Payout, step: str, fault: dict[str, object]
) -> None:
    platform.fault("POST", step, seconds=1.5, **fault)
    payout.request()
    made = "transfer" if step == TRANSFERS else "payout"
    if fault["when"] == "before":
        eventually(lambda: payout.attempts[0]["first_tried_at"], "the attempt begun")
        eventually(lambda: not platform.control("faults")["faults"], "the call under way")
    else:
        eventually(lambda: platform.count(made, payout_id=payout.row["id"]) == 1, f"the {made} made at Stripe")
    platform.kill_workers()


def test_a_slow_answer_does_not_take_a_paid_payout_back(platform: Platform, payout: Payout) -> None:
    # The first run is kept waiting for its answer; a second finds the bank payout and finishes; Stripe pays.
    # Then the first run hears, from the answer saved under its key, that the bank payout is pending.
    platform.fault("POST", BANK_PAYOUTS, when="after", kind="timeout", seconds=6)
    payout.request()
    eventually(lambda: payout.bank_payouts == 1, "the bank payout made at Stripe")
    payout.hasten()
    payout.wait_paid()
    eventually(lambda: payout.runs_recorded >= 2, "both runs over")
    assert payout.status == "COMPLETED"


def test_a_late_failure_does_not_touch_a_finished_payout(platform: Platform, payout: Payout) -> None:
    payout.request()
    row = eventually(lambda: payout.job, "the job")
    payout.wait_paid()
    finished = payout.attempts
    for step in ("transfer", "bank_payout"):
        for outcome in ("refused", "unknown", "insufficient_balance"):
            platform.worker_api(
                "record_payout_failure",
                outbox_id=str(row["id"]),
                attempt_id=str(finished[0]["id"]),
                step=step,
                outcome=outcome,
                code="late",
                message="late",
            )
    assert payout.attempts == finished


def test_a_job_that_comes_ten_times_at_once_pays_once(platform: Platform, payout: Payout) -> None:
    broker = make_broker(platform.env.redis_url)
    with platform.without("workers"):
        payout.request()
        row = eventually(lambda: payout.job, "the job")
        for _ in range(10):
            broker.enqueue(
                jobs.message(
                    jobs.EXECUTE_PAYOUT, outbox_id=str(row["id"]), payload=json.loads(json.dumps(row["payload"]))
                )
            )
    broker.close()


def test_an_empty_balance_makes_a_payout_wait_and_then_it_is_paid(
    platform: Platform, payout: Payout, reader: Person
) -> None:
    platform.control("balance", {"currency": "usd", "available": AMOUNT - 1})
    payout.request()
    eventually(lambda: len(payout.attempts) == 2, "a second attempt planned")
    assert [attempt["status"] for attempt in payout.attempts] == ["FAILED", "PENDING"]
    assert payout.status == "PENDING"
    assert reader.earnings["held"] == payout.before["held"] + AMOUNT
    assert payout.transfers == 0
    platform.control("balance", {"currency": "usd", "available": 1_000_000})
    payout.hasten()
    payout.wait_paid()
    assert [attempt["status"] for attempt in payout.attempts] == ["FAILED", "COMPLETED"]


def test_a_refused_bank_payout_is_tried_again_alone(platform: Platform, payout: Payout) -> None:
    platform.fault("POST", BANK_PAYOUTS, kind="error", status=400, code="payouts_not_allowed", message="Not now.")
    payout.request()
    eventually(lambda: payout.attempts[0]["bank_try"] == 2, "a second try planned")


def test_a_refused_transfer_gives_the_money_back(platform: Platform, reader: Person) -> None:
    before = reader.earnings
    platform.fault("POST", TRANSFERS, kind="error", status=400, code="account_closed", message="Closed.")
    asked = reader.request_payout(AMOUNT)
    failed = reader.wait_payout(asked, "FAILED")
    assert failed["failure_code"] == "account_closed"
    assert reader.row("transactions", id=asked["transaction_id"])["status"] == "FAILED"
    assert {name: reader.earnings[name] for name in ("balance", "held", "payable")} == {
        name: before[name] for name in ("balance", "held", "payable")
    }
    assert platform.count("transfer", payout_id=asked["id"]) == 0


def test_a_bank_payout_that_fails_after_it_was_paid_is_told(platform: Platform, reader: Person) -> None:
    asked = reader.request_payout(AMOUNT)
    paid = reader.wait_payout(asked, "COMPLETED")
    platform.control(f"payouts/{paid['stripe_payout_id']}", {"status": "failed", "failure_code": "account_closed"})
    failed = reader.wait_payout(asked, "FAILED")
    assert failed["failure_code"] == "account_closed"
    # The reader's money is in their Stripe balance; ours stays settled.
    assert platform.count("transfer", payout_id=asked["id"]) == 1


def test_a_reader_cannot_ask_for_a_payout_twice_under_one_key(reader: Person, platform: Platform) -> None:
    key = str(uuid4())
    first = reader.call("request_payout", idempotency_key=key, amount=AMOUNT)
    assert reader.call("request_payout", idempotency_key=key, amount=AMOUNT)["id"] == first["id"]
    reader.wait_payout(first, "COMPLETED")
    assert platform.count("transfer", payout_id=first["id"]) == 1
