"""Somebody who is paid out, and the job that does it, as the tests of payouts share them."""

from __future__ import annotations

from uuid import uuid4

from tests.sql.marketplace import Marketplace, Person, Row


class Payee:
    """A reader with 2100 cleared and an open payout account."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market
        session = market.started(market.client(funds=3000), market.reader(rate=3000))
        market.clock.advance(30)
        session.by(session.client, "end")
        self.person: Person = session.reader
        self.account = market.open_payout_account(self.person)
        market.clock.advance(604_800)
        market.worker("run_upkeep")

    def request(self, amount: int | None = None, key: str = "k") -> Row:
        made: Row = self.market.call(self.person, "request_payout", p_idempotency_key=key, p_amount=amount)
        return made

    def money(self) -> Row:
        (row,) = self.market.read(self.person, "reader_earnings?select=balance,held,payable")
        return row

    def payout(self) -> Row:
        (row,) = self.market.read(self.person, "payouts?order=id.desc&limit=1")
        return row


class Job:
    """The job that sends a payout, as its actor runs it."""

    def __init__(self, payee: Payee) -> None:
        self.market, self.payee = payee.market, payee
        self.id: str = self.market.value(
            "select id::text from private.outbox where payload ->> 'payout_id' = %s", payee.payout()["id"]
        )

    def start(self) -> Row:
        answer: Row = self.market.worker("start_payout_attempt", p_outbox_id=self.id)
        return answer

    def transferred(self, attempt: str, transfer: str) -> None:
        self.market.worker("record_transfer", p_attempt_id=attempt, p_transfer_id=transfer)

    def banked(self, attempt: str, payout: str, status: str = "pending") -> None:
        self.market.worker(
            "record_bank_payout",
            p_outbox_id=self.id,
            p_attempt_id=attempt,
            p_stripe_payout_id=payout,
            p_status=status,
        )

    def failed(self, attempt: str, step: str, outcome: str, code: str = "some_code") -> None:
        self.market.worker(
            "record_payout_failure",
            p_outbox_id=self.id,
            p_attempt_id=attempt,
            p_step=step,
            p_outcome=outcome,
            p_code=code,
            p_message="why",
        )

    def row(self) -> list[Row]:
        return self.market.rows("select * from private.outbox where id = %s", self.id)

    def told(self, payout: str, status: str, failure: str | None = None, attempt: str | None = None) -> Row:
        """Apply a payout event of the reader's account, whose object names an attempt of ours or none."""
        answer: Row = self.market.worker(
            "apply_payout_state",
            p_event_id=self.market.store_event(f"payout.{status}", payout, "connect"),
            p_sequence=self.market.worker("next_object_sequence", p_object_id=payout),
            p_account_id=self.payee.account,
            p_stripe_payout_id=payout,
            p_status=status,
            p_failure_code=failure,
            p_attempt_id=attempt,
        )
        return answer


def ids(kind: str) -> str:
    """Return a new id of Stripe's for a kind of object."""
    return f"{kind}_{uuid4().hex[:12]}"
