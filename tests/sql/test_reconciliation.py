"""Stripe's movements against the ledger: what agrees is no difference, whatever was planted is found, once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.administration.tables import with_second_factor
from tests.sql.marketplace import Marketplace, Person, Row
from tests.sql.payees import Job, Payee, ids

_numbers = count(1)
HOUR = timedelta(hours=1)


class Reconciliation:
    """A run over the last two hours, whose movements a test makes up."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market
        self.movements: list[Row] = []
        self.unread: list[str] = []

    @property
    def now(self) -> datetime:
        now: datetime = self.market.value("select private.now()")
        return now

    def moved(self, amount: int, source: str | None, kind: str = "charge", *, fee: int = 0, **more: Any) -> str:
        """Have Stripe move money an hour and a half ago."""
        name = f"txn_{next(_numbers)}"
        self.movements.append(
            {
                "id": name, "account": "platform", "type": kind, "source": source, "reference": None, "amount": amount,
                "fee": fee, "net": amount - fee, "currency": "usd", "moved_at": (self.now - 1.5 * HOUR).isoformat(),
                **more,
            }
        )  # fmt: skip
        return name

    def run(self, hours: int = 2) -> Row:
        until = self.now
        since = until - hours * HOUR
        begun = self.market.worker("begin_reconciliation", p_since=since.isoformat(), p_until=until.isoformat())
        named = {"p_reconciliation_id": begun["id"]}
        self.market.worker("record_stripe_movements", **named, p_movements=self.movements)
        for account in self.unread:
            self.market.worker("leave_account_unread", **named, p_account=account)
        for start in (since + part * HOUR for part in range(hours)):
            self.market.worker(
                "compare_stripe_movements", **named,
                p_since=start.isoformat(), p_until=(start + HOUR).isoformat(),
            )  # fmt: skip
        finished: Row = self.market.worker("finish_reconciliation", **named)
        return finished

    def open(self) -> dict[str, tuple[str, int | None, int | None]]:
        rows = self.market.worker("open_differences")
        return {row["subject"]: (row["kind"], row["at_stripe"], row["in_ledger"]) for row in rows}


@pytest.fixture
def stripe(market: Marketplace) -> Iterator[Reconciliation]:
    """Nothing else happened in these two hours; what a test leaves open is settled for the next."""
    market.clock.advance(10_800)
    yield Reconciliation(market)
    market.database.execute("update private.reconciliation_differences set settled_at = private.now()")


def paid(market: Marketplace, amount: int = 5000) -> tuple[str, str]:
    """Top up by card; return our transaction and the PaymentIntent."""
    transaction = market.top_up(market.sign_up(), amount)
    intent = market.value("select stripe_payment_intent_id from transactions where id = %s", transaction)
    market.clock.advance(5400)
    return transaction, intent


def charge(stripe: Reconciliation, intent: str, amount: int = 5000, **more: Any) -> str:
    return stripe.moved(amount, f"ch_{intent}", reference=intent, **more)


def test_what_agrees_is_no_difference(market: Marketplace, stripe: Reconciliation) -> None:
    _, intent = paid(market)
    charge(stripe, intent)
    assert stripe.run() == {"movements": 1, "found": 0, "open": 0}


def test_a_payment_whose_event_was_lost_is_found_and_settled_when_it_is_booked(
    market: Marketplace, stripe: Reconciliation
) -> None:
    person, intent = market.sign_up(), f"pi_lost{next(_numbers)}"
    begun = market.worker("begin_topup", p_user_id=person.id, p_amount=700, p_currency="USD", p_idempotency_key=intent)
    market.worker("record_payment_intent", p_transaction_id=begun["transaction_id"], p_payment_intent_id=intent)
    market.clock.advance(5400)
    charge(stripe, intent, 700)
    assert stripe.run()["found"] == 1
    assert stripe.open() == {begun["transaction_id"]: ("NOT_BOOKED", 700, None)}
    # A second look finds the same, once.
    assert (stripe.run()["found"], len(stripe.open())) == (0, 1)
    market.worker(
        "apply_payment_intent",
        p_event_id=market.store_event("payment_intent.succeeded", intent),
        p_sequence=market.worker("next_object_sequence", p_object_id=intent),
        p_payment_intent_id=intent, p_status="succeeded", p_amount=700, p_amount_received=700, p_currency="usd",
        p_transaction_id=begun["transaction_id"],
    )  # fmt: skip
    market.clock.advance(3601)
    assert stripe.run(hours=3)["open"] == 0


def test_money_that_stripe_never_moved_is_found(market: Marketplace, stripe: Reconciliation) -> None:
    transaction, _ = paid(market)
    stripe.run()
    assert stripe.open() == {transaction: ("NOT_AT_STRIPE", None, 5000)}


def test_another_amount_is_found(market: Marketplace, stripe: Reconciliation) -> None:
    transaction, intent = paid(market)
    charge(stripe, intent, fee=175)
    stripe.run()
    assert stripe.open() == {transaction: ("AMOUNT_DIFFERS", 4825, 5000)}


def test_what_belongs_to_nothing_here_is_found(market: Marketplace, stripe: Reconciliation) -> None:
    _, intent = paid(market)
    by_hand = stripe.moved(-900, "po_ours", "payout")
    unknown = stripe.moved(300, "ch_x", reference="pi_of_nobody")
    charge(stripe, intent)
    foreign = charge(stripe, intent, 100, currency="eur")
    stripe.moved(0, "po_nothing", "adjustment")
    stripe.run()
    assert stripe.open() == {
        by_hand: ("NOT_BOOKED", -900, None),
        unknown: ("NOT_OURS", 300, None),
        foreign: ("NOT_BOOKED", 100, None),
    }


def test_what_may_be_on_its_way_is_no_difference(market: Marketplace, stripe: Reconciliation) -> None:
    stripe.moved(300, "ch_y", reference="pi_of_somebody", moved_at=(stripe.now - 0.5 * HOUR).isoformat())
    transaction = market.top_up(market.sign_up(), 800)
    assert transaction not in stripe.open()
    assert stripe.run()["open"] == 0


def sent(payee: Payee) -> tuple[str, str]:
    """Pay a reader out; return the transfer and the bank payout."""
    payee.request()
    job, transfer, bank = Job(payee), ids("tr"), ids("po")
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, transfer)
    job.banked(attempt, bank)
    return transfer, bank


def test_a_readers_balance_is_explained_by_our_transfers_and_payouts(
    market: Marketplace, stripe: Reconciliation
) -> None:
    payee = Payee(market)
    transfer, bank = sent(payee)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(2100, "py_1", "payment", account=payee.account, reference=transfer)
    stripe.moved(-2100, bank, "payout", account=payee.account)
    # A bank payout that came back leaves nothing to explain.
    stripe.moved(-2100, "po_other", "payout", account=payee.account)
    stripe.moved(2100, "po_other", "payout_failure", account=payee.account)
    stripe.run()
    assert not {transfer, bank, "po_other"} & set(stripe.open())
    assert payee.payout()["transaction_id"] not in stripe.open()


def test_a_bank_payout_that_comes_back_later_leaves_nothing_to_explain(
    market: Marketplace, stripe: Reconciliation
) -> None:
    payee = Payee(market)
    stripe.moved(-900, "po_later", "payout", account=payee.account, moved_at=(stripe.now - 2.5 * HOUR).isoformat())
    stripe.moved(900, "po_later", "payout_failure", account=payee.account)
    stripe.run(hours=3)
    assert "po_later" not in stripe.open()


def test_of_an_account_that_cannot_be_read_only_our_side_is_compared(
    market: Marketplace, stripe: Reconciliation
) -> None:
    payee = Payee(market)
    transfer, _ = sent(payee)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.unread = [payee.account]
    stripe.run()
    assert transfer not in stripe.open()
    stripe.unread = []
    stripe.run()
    assert stripe.open()[transfer] == ("NOT_AT_STRIPE", None, 2100)


def test_a_transfer_taken_back_is_explained_once_it_is_booked(market: Marketplace, stripe: Reconciliation) -> None:
    payee = Payee(market)
    payee.request()
    job, transfer, reversal = Job(payee), ids("tr"), ids("trr")
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, transfer)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(600, reversal, "transfer_refund", reference=transfer)
    stripe.moved(2100, "py_1", "payment", account=payee.account, reference=transfer)
    stripe.moved(-600, "pyr_1", "payment_refund", account=payee.account, reference=reversal)
    stripe.run()
    transaction = payee.payout()["transaction_id"]
    found = stripe.open()
    assert (found[transaction], found[reversal]) == (("AMOUNT_DIFFERS", -1500, -2100), ("NOT_BOOKED", -600, None))
    market.worker(
        "apply_transfer", p_event_id=market.store_event("transfer.reversed", transfer), p_transfer_id=transfer,
        p_attempt_id=attempt, p_amount=2100, p_reversals=[{"id": reversal, "amount": 600}], p_currency="USD",
    )  # fmt: skip
    market.clock.advance(3601)
    stripe.run(hours=4)
    assert not {transaction, reversal, transfer} & set(stripe.open())


def test_the_platforms_own_bank_payouts_agree_and_one_that_came_back_too(
    market: Marketplace, stripe: Reconciliation
) -> None:
    kept, returned = ids("po"), ids("po")
    for payout, status in ((kept, "paid"), (returned, "paid"), (returned, "failed")):
        market.worker(
            "apply_platform_payout", p_event_id=market.store_event(f"payout.{status}", payout),
            p_sequence=market.worker("next_object_sequence", p_object_id=payout), p_stripe_payout_id=payout,
            p_amount=5000, p_currency="USD", p_status=status,
        )  # fmt: skip
    market.clock.advance(5400)
    stripe.moved(-5000, kept, "payout")
    stripe.moved(-5000, returned, "payout")
    stripe.moved(5000, returned, "payout_failure")
    assert stripe.run() == {"movements": 3, "found": 0, "open": 0}


def test_a_readers_balance_that_is_not_explained_is_found(market: Marketplace, stripe: Reconciliation) -> None:
    payee, other = Payee(market), Payee(market)
    (transfer, _), (lost, _) = sent(payee), sent(other)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(2000, "py_1", "payment", account=payee.account, reference=transfer)
    stripe.moved(-500, "po_by_hand", "payout", account=payee.account)
    stripe.moved(-2100, lost, "transfer")
    stripe.run()
    found = stripe.open()
    assert found[transfer] == ("AMOUNT_DIFFERS", 2000, 2100)
    assert found["po_by_hand"] == ("NOT_BOOKED", -500, None)
    assert found[lost] == ("NOT_AT_STRIPE", None, 2100)


def test_a_payment_made_by_hand_is_a_difference_of_its_own_kind(market: Marketplace, stripe: Reconciliation) -> None:
    by_hand = stripe.moved(1234, "ch_h", reference="pi_h", fee=66, is_marked=False)
    given_back = stripe.moved(-234, "re_h", "refund", reference="pi_h", is_marked=False)
    # It names a transaction of ours, whatever has become of our row.
    lost = stripe.moved(700, "ch_l", reference="pi_l", is_marked=True)
    stripe.run()
    found = stripe.open()
    assert (found[by_hand], found[given_back]) == (("NOT_OURS", 1168, None), ("NOT_OURS", -234, None))
    assert found[lost] == ("NOT_BOOKED", 700, None)
    told = {row["subject"]: row["what_to_do"] for row in market.worker("open_differences")}
    assert told[by_hand].startswith("A payment that was made by hand at Stripe")


def test_stripes_charges_for_its_services_are_booked_once(market: Marketplace, stripe: Reconciliation) -> None:
    before = market.house("stripe_fees"), market.house("stripe_clearing")
    charged = [
        stripe.moved(amount, None, kind) for amount, kind in ((-75, "stripe_fee"), (-6, "tax_fee"), (25, "stripe_fee"))
    ]
    for _ in range(2):
        stripe.run()
        assert not set(charged) & set(stripe.open())
        after = market.house("stripe_fees"), market.house("stripe_clearing")
        assert (after[0] - before[0], after[1] - before[1]) == (-56, 56)
    assert market.problems() == []


@pytest.mark.parametrize(("left", "told"), [(-2100, None), (-2099, -2099), (-2120, -2120), (0, 0)])
def test_a_bank_payout_is_of_its_amount_and_ended_as_is_known(
    market: Marketplace, stripe: Reconciliation, left: int, told: int | None
) -> None:
    payee = Payee(market)
    transfer, bank = sent(payee)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(2100, "py_1", "payment", account=payee.account, reference=transfer)
    stripe.moved(left or -2100, bank, "payout", account=payee.account)
    if not left:
        stripe.moved(2100, bank, "payout_failure", account=payee.account)
    stripe.run()
    assert stripe.open().get(bank) == (None if told is None else ("AMOUNT_DIFFERS", told, -2100))


def test_a_bank_payout_that_was_tried_again_is_ours_as_well(market: Marketplace, stripe: Reconciliation) -> None:
    payee = Payee(market)
    payee.request()
    job, transfer, bank = Job(payee), ids("tr"), ids("po")
    attempt = job.start()["attempt_id"]
    job.transferred(attempt, transfer)
    job.banked(attempt, bank)
    job.told(bank, "failed", "account_closed", attempt)
    market.call(payee.person, "retry_payout", p_payout_id=payee.payout()["id"])
    again, second = Job(payee), ids("po")
    assert again.start()["step"] == "bank_payout"
    again.banked(attempt, second)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(2100, "py_1", "payment", account=payee.account, reference=transfer)
    # That the first came back is of a stretch nobody has read yet.
    for left in (bank, second):
        stripe.moved(-2100, left, "payout", account=payee.account)
    stripe.run()
    assert not {bank, second, transfer} & set(stripe.open())


def test_a_failure_long_after_the_payout_is_read_and_compared(market: Marketplace, stripe: Reconciliation) -> None:
    payee = Payee(market)
    transfer, bank = sent(payee)
    market.clock.advance(5400)
    stripe.moved(-2100, transfer, "transfer")
    stripe.moved(2100, "py_1", "payment", account=payee.account, reference=transfer)
    stripe.moved(-2100, bank, "payout", account=payee.account)
    stripe.run()
    read_until = stripe.now
    assert bank not in stripe.open()
    # The failure is of a time between two runs, and its event never came.
    market.clock.advance(20 * 86_400)
    stripe.moved(2100, bank, "payout_failure", account=payee.account)
    market.clock.advance(10 * 86_400)
    begun = market.worker(
        "begin_reconciliation", p_since=(stripe.now - HOUR).isoformat(), p_until=stripe.now.isoformat()
    )
    (reading,) = [row for row in begun["accounts"] if row["account"] == payee.account]
    assert datetime.fromisoformat(reading["since"]) <= read_until
    stripe.run()
    assert stripe.open()[bank] == ("AMOUNT_DIFFERS", 0, -2100)
    stripe.movements.clear()


def test_of_the_rest_the_longest_unread_come_first_and_so_many_as_the_setting_says(
    market: Marketplace, stripe: Reconciliation
) -> None:
    payees = [Payee(market) for _ in range(3)]
    for payee in payees:
        sent(payee)
    market.clock.advance(30 * 86_400)
    read: list[str] = []
    mine = {payee.account for payee in payees}
    with market.setting("reconcile.accounts", 2):
        for _ in range(40):
            begun = market.worker(
                "begin_reconciliation", p_since=(stripe.now - HOUR).isoformat(), p_until=stripe.now.isoformat()
            )
            assert len(begun["accounts"]) <= 4
            market.worker("finish_reconciliation", p_reconciliation_id=begun["id"])
            read += [row["account"] for row in begun["accounts"]]
            market.clock.advance(60)
    assert mine <= set(read)


def test_administrators_of_money_read_what_differs_and_what_to_do(market: Marketplace, stripe: Reconciliation) -> None:
    subject = stripe.moved(-900, "po_ours", "payout")
    stripe.run()
    admin = with_second_factor(market, market.make_admin("manage_finances"))
    rows = [row for row in market.call(admin, "admin_read_differences") if row["subject"] == subject]
    assert [(row["kind"], row["at_stripe"], row["settled_at"]) for row in rows] == [("NOT_BOOKED", -900, None)]
    assert rows[0]["what_to_do"].startswith("Stripe moved money that belongs to nothing here")
    stripe.movements.clear()
    assert audited(market, admin) >= 1
    with market.refuses("invalid_argument"):
        market.call(admin, "admin_read_differences", p_limit=201)


def audited(market: Marketplace, admin: Person) -> int:
    return int(
        market.value("select count(*) from audit_logs where user_id = %s and action = 'differences.read'", admin.id)
    )


def test_a_stretch_that_is_none_is_refused(market: Marketplace, stripe: Reconciliation) -> None:
    now = stripe.now
    with market.refuses("invalid_argument"):
        market.worker("begin_reconciliation", p_since=now.isoformat(), p_until=now.isoformat())


def nightly(market: Marketplace, *, is_finished: bool = True) -> tuple[datetime, datetime] | None:
    """Begin a nightly run, and return the stretch it looks at."""
    begun = market.worker("begin_reconciliation")
    if begun is None:
        return None
    if is_finished:
        market.worker("finish_reconciliation", p_reconciliation_id=begun["id"])
    return datetime.fromisoformat(begun["since"]), datetime.fromisoformat(begun["until"])


def test_nightly_runs_leave_no_movement_between_them(market: Marketplace, stripe: Reconciliation) -> None:
    day = timedelta(days=1)

    def advance_to(moment: datetime) -> None:
        market.clock.advance((moment - stripe.now).total_seconds())

    first = nightly(market)
    assert first is not None
    since, until = first
    assert until - since == day
    assert until == market.value("select date_trunc('day', private.now() - interval '1 hour', 'UTC')")
    assert nightly(market) is None

    # What moved shortly before midnight may still be on its way into the ledger.
    advance_to(until + day + HOUR / 2)
    assert nightly(market) is None
    advance_to(until + day + HOUR)
    assert nightly(market) == (until, until + day)

    # Days on which no run was possible are made up for, also one that was begun and never finished.
    advance_to(until + 4 * day + 2 * HOUR)
    assert nightly(market, is_finished=False) == (until + day, until + 4 * day)
    assert nightly(market) is None
    market.clock.advance(3601)
    assert nightly(market) == (until + day, until + 4 * day)
    assert nightly(market) is None
