"""Top-ups: whatever order Stripe's events come in and however often, a wallet is credited once."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row


class Payment:
    """A PaymentIntent as Stripe would tell of it."""

    def __init__(self, market: Marketplace, person: Person, amount: int = 2500) -> None:
        self.market, self.person, self.amount = market, person, amount
        self.intent = f"pi_{uuid4().hex}"
        begun = market.worker(
            "begin_topup", p_user_id=person.id, p_amount=amount, p_currency="usd", p_idempotency_key=self.intent
        )
        self.transaction: str = begun["transaction_id"]

    def event(self, kind: str = "succeeded") -> str:
        return self.market.store_event(f"payment_intent.{kind}", self.intent)

    def sequence(self) -> int:
        return int(self.market.worker("next_object_sequence", p_object_id=self.intent))

    def apply(self, event: str, status: str = "succeeded", **changed: Any) -> Row:
        arguments = {
            "p_sequence": changed.pop("p_sequence", None) or self.sequence(),
            "p_payment_intent_id": self.intent,
            "p_amount": self.amount,
            "p_amount_received": self.amount if status == "succeeded" else 0,
            "p_currency": "usd",
            "p_transaction_id": self.transaction,
        }
        answer: Row = self.market.worker(
            "apply_payment_intent", p_event_id=event, p_status=status, **{**arguments, **changed}
        )
        return answer

    def fee(self, event: str, balance_transaction: str = "") -> Row:
        answer: Row = self.market.worker(
            "apply_charge_fee",
            p_event_id=event,
            p_payment_intent_id=self.intent,
            p_charge_id="ch_1",
            p_balance_transaction_id=balance_transaction or f"txn_{self.intent}",
            p_fee=103,
            p_net=self.amount - 103,
            p_currency="usd",
        )
        return answer

    def status(self) -> str:
        (row,) = self.market.read(self.person, f"transactions?id=eq.{self.transaction}")
        return str(row["status"])

    def balance(self) -> int:
        return int(self.market.wallet(self.person)["balance"])


@pytest.fixture
def payment(market: Marketplace) -> Payment:
    """Somebody's top-up of 2500, begun and not paid."""
    return Payment(market, market.client())


def test_a_payment_is_credited_once_though_told_five_times_at_once(market: Marketplace, payment: Payment) -> None:
    event = payment.event()
    answers = market.at_once([partial(payment.apply, event)] * 5)
    assert sorted(answer["reason"] for answer in answers) == ["already_applied"] * 4 + ["applied"]
    assert (payment.balance(), payment.status()) == (2500, "COMPLETED")
    assert market.problems() == []


def test_five_events_about_one_payment_credit_it_once(market: Marketplace, payment: Payment) -> None:
    events = [payment.event() for _ in range(5)]
    answers = market.at_once([partial(payment.apply, event) for event in events])
    assert sum(answer["applied"] for answer in answers) == 1
    assert payment.balance() == 2500
    left = "select count(*) from private.stripe_events where object_id = %s and processed_at is null"
    assert market.value(left, payment.intent) == 0


def test_a_payment_is_found_by_its_intent_or_by_our_transaction(market: Marketplace, payment: Payment) -> None:
    market.worker("record_payment_intent", p_transaction_id=payment.transaction, p_payment_intent_id=payment.intent)
    assert payment.apply(payment.event(), p_transaction_id=None)["applied"]
    assert payment.balance() == 2500


def test_an_event_before_its_transaction_waits_and_is_applied_later(market: Marketplace, payment: Payment) -> None:
    event = payment.event()
    with market.refuses("transaction_not_found"):
        payment.apply(event, p_sequence=1, p_transaction_id=str(uuid4()))
    market.worker("fail_stripe_event", p_event_id=event, p_error="transaction_not_found")
    assert payment.apply(event)["applied"]


def test_a_failed_payment_that_succeeds_later_is_credited(payment: Payment) -> None:
    payment.apply(payment.event("payment_failed"), "requires_payment_method", p_error_code="card_declined")
    assert (payment.balance(), payment.status()) == (0, "FAILED")
    payment.apply(payment.event())
    assert (payment.balance(), payment.status()) == (2500, "COMPLETED")


def test_a_failure_told_after_the_success_changes_nothing(payment: Payment) -> None:
    early = payment.event("payment_failed")
    payment.apply(payment.event())
    assert payment.apply(early, "requires_payment_method", p_error_code="card_declined")["applied"] is False
    assert (payment.balance(), payment.status()) == (2500, "COMPLETED")


def test_an_object_fetched_earlier_never_overrules_one_fetched_later(payment: Payment) -> None:
    older, newer = payment.sequence(), payment.sequence()
    payment.apply(payment.event(), "canceled", p_sequence=newer)
    answer = payment.apply(payment.event(), "requires_payment_method", p_sequence=older, p_error_code="card_declined")
    assert answer["reason"] == "stale"
    assert payment.status() == "CANCELLED"


def test_a_sequence_nobody_took_is_stale(payment: Payment) -> None:
    assert payment.apply(payment.event(), p_sequence=99)["reason"] == "stale"
    assert payment.balance() == 0


def test_what_stripe_received_is_what_is_credited(market: Marketplace, payment: Payment) -> None:
    payment.apply(payment.event(), p_amount_received=2400)
    assert payment.balance() == 2400
    assert market.read(payment.person, f"transactions?id=eq.{payment.transaction}")[0]["amount"] == 2400


def test_another_currency_is_refused_and_the_event_stays(market: Marketplace, payment: Payment) -> None:
    event, sequence = payment.event(), payment.sequence()
    with market.refuses("currency_mismatch"):
        payment.apply(event, p_currency="eur", p_sequence=sequence)
    assert market.worker("read_stripe_event", p_event_id=event)["processed_at"] is None


def test_a_transaction_carries_one_payment_intent_only(market: Marketplace, payment: Payment) -> None:
    market.worker("record_payment_intent", p_transaction_id=payment.transaction, p_payment_intent_id=payment.intent)
    market.worker("record_payment_intent", p_transaction_id=payment.transaction, p_payment_intent_id=payment.intent)
    with market.refuses("invalid_state"):
        market.worker("record_payment_intent", p_transaction_id=payment.transaction, p_payment_intent_id="pi_other")


def test_debt_is_paid_before_the_wallet_is_filled(market: Marketplace, payment: Payment) -> None:
    market.database.execute(
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_debt'), "
        "ledger.account_of(null, 'stripe_clearing'), 700)",
        [payment.person.id],
    )
    payment.apply(payment.event())
    assert payment.balance() == 1800
    owed = "select debits - credits from ledger.accounts where user_id = %s and kind = 'client_debt'"
    assert market.value(owed, payment.person.id) == 0
    assert market.problems() == []


def test_a_debt_larger_than_the_payment_takes_it_all(market: Marketplace, payment: Payment) -> None:
    market.database.execute(
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_debt'), "
        "ledger.account_of(null, 'stripe_clearing'), 4000)",
        [payment.person.id],
    )
    payment.apply(payment.event())
    assert (payment.balance(), payment.status()) == (0, "COMPLETED")


def test_the_fee_is_posted_once_and_may_come_first_or_last(market: Marketplace, payment: Payment) -> None:
    before = market.house("stripe_fees")
    market.worker("record_payment_intent", p_transaction_id=payment.transaction, p_payment_intent_id=payment.intent)
    assert payment.fee(payment.event("charge"))["applied"]
    payment.apply(payment.event())
    market.at_once([partial(payment.fee, payment.event("charge")) for _ in range(4)])
    assert market.house("stripe_fees") == before - 103
    assert market.read(payment.person, f"transactions?id=eq.{payment.transaction}")[0]["fee"] == 103
    assert market.problems() == []


def test_a_fee_before_its_transaction_waits(market: Marketplace, payment: Payment) -> None:
    event = payment.event("charge")
    with market.refuses("transaction_not_found"):
        payment.fee(event)


def test_a_bank_that_is_asked_leaves_the_topup_pending_and_its_answer_decides(
    market: Marketplace, payment: Payment
) -> None:
    def told() -> list[str]:
        query = "select kind from notifications where user_id = %s"
        return [row["kind"] for row in market.rows(query, payment.person.id)]

    payment.apply(payment.event("processing"), "processing")
    [row] = market.read(payment.person, f"transactions?id=eq.{payment.transaction}")
    assert (row["status"], row["metadata"]["processing"], payment.balance()) == ("PENDING", True, 0)
    refused = {"p_status": "requires_payment_method", "p_error_code": "insufficient_funds"}
    for _ in range(2):
        payment.apply(payment.event("payment_failed"), refused["p_status"], p_error_code=refused["p_error_code"])
    [row] = market.read(payment.person, f"transactions?id=eq.{payment.transaction}")
    assert (row["status"], row["metadata"]["last_error"]) == ("FAILED", "insufficient_funds")
    assert "processing" not in row["metadata"]
    assert told() == ["topup_failed"]


def test_an_earlier_attempts_error_is_no_failure_of_this_one(payment: Payment) -> None:
    payment.apply(payment.event("payment_failed"), "requires_payment_method", p_error_code="card_declined")
    assert payment.status() == "FAILED"
    payment.apply(payment.event("requires_action"), "requires_action", p_error_code="card_declined")
    assert payment.status() == "PENDING"


def test_a_bank_that_pays_credits_the_wallet_and_nothing_is_processing_any_more(payment: Payment) -> None:
    payment.apply(payment.event("processing"), "processing", p_error_code="card_declined")
    assert payment.status() == "PENDING"
    payment.apply(payment.event())
    [row] = payment.market.read(payment.person, f"transactions?id=eq.{payment.transaction}")
    assert (row["status"], payment.balance()) == ("COMPLETED", 2500)
    assert not row["metadata"].keys() & {"processing", "last_error"}


class Checkout(Payment):
    """A top-up that is paid on a page of Stripe's."""

    def __init__(self, market: Marketplace, person: Person) -> None:
        super().__init__(market, person)
        self.session = f"cs_test_{uuid4().hex}"
        self.key = uuid4().hex
        self.transaction = self.begin()["transaction_id"]

    def begin(self, **changed: Any) -> Row:
        arguments = {"p_amount": self.amount, "p_currency": "usd", "p_idempotency_key": self.key, "p_checkout": True}
        answer: Row = self.market.worker("begin_topup", p_user_id=self.person.id, **{**arguments, **changed})
        return answer

    def record(self) -> None:
        self.market.worker("record_checkout_session", p_transaction_id=self.transaction, p_session_id=self.session)

    def expire(self, event: str = "", **changed: Any) -> Row:
        if "p_sequence" not in changed:
            changed["p_sequence"] = self.market.worker("next_object_sequence", p_object_id=self.session)
        arguments = {
            "p_event_id": event or self.market.store_event("checkout.session.expired", self.session),
            "p_session_id": self.session,
            "p_status": "expired",
            "p_transaction_id": self.transaction,
        }
        answer: Row = self.market.worker("apply_checkout_session", **{**arguments, **changed})
        return answer


@pytest.fixture
def checkout(market: Marketplace) -> Checkout:
    """Somebody's page for a top-up of 2500, opened and not paid."""
    opened = Checkout(market, market.client())
    opened.record()
    return opened


def test_a_key_stands_for_a_page_or_for_none(market: Marketplace, checkout: Checkout) -> None:
    assert checkout.begin()["checkout_session_id"] == checkout.session
    with market.refuses("idempotency_key_reused"):
        checkout.begin(p_checkout=False)
    with market.refuses("idempotency_key_reused"):
        checkout.begin(p_amount=2600)


def test_a_transaction_is_paid_on_one_page_only(market: Marketplace, checkout: Checkout) -> None:
    checkout.record()
    with market.refuses("invalid_state"):
        market.worker("record_checkout_session", p_transaction_id=checkout.transaction, p_session_id="cs_test_another")


def test_a_page_that_expires_cancels_its_topup_once(market: Marketplace, checkout: Checkout) -> None:
    event = market.store_event("checkout.session.expired", checkout.session)
    answers = market.at_once([partial(checkout.expire, event)] * 4)
    assert sorted(answer["reason"] for answer in answers) == ["already_applied"] * 3 + ["applied"]
    assert (checkout.status(), checkout.balance()) == ("CANCELLED", 0)


@pytest.mark.parametrize("first", ["apply", "expire"])
def test_money_that_came_is_credited_whenever_the_page_is_said_to_have_expired(checkout: Checkout, first: str) -> None:
    steps = [lambda: checkout.apply(checkout.event()), checkout.expire]
    for step in steps if first == "apply" else reversed(steps):
        step()
    assert (checkout.status(), checkout.balance()) == ("COMPLETED", 2500)


def test_a_page_of_nobody_waits_and_anothers_page_changes_nothing(market: Marketplace, checkout: Checkout) -> None:
    event = market.store_event("checkout.session.expired", checkout.session)
    with market.refuses("transaction_not_found"):
        checkout.expire(event, p_sequence=1, p_transaction_id=str(uuid4()))
    answer = checkout.expire(
        p_session_id="cs_test_other", p_sequence=market.worker("next_object_sequence", p_object_id="cs_test_other")
    )
    assert (answer["reason"], checkout.status()) == ("stale", "PENDING")


def test_a_page_seen_earlier_never_overrules_one_seen_later(market: Marketplace, checkout: Checkout) -> None:
    older = market.worker("next_object_sequence", p_object_id=checkout.session)
    checkout.expire(p_status="open")
    assert checkout.expire(p_sequence=older)["reason"] == "stale"
    assert checkout.status() == "PENDING"


def test_beginning_again_under_the_same_key_answers_how_it_stands_now(market: Marketplace) -> None:
    person = market.client()
    arguments = {"p_user_id": person.id, "p_amount": 900, "p_currency": "USD", "p_idempotency_key": "k"}
    answers = market.at_once([partial(market.worker, "begin_topup", **arguments)] * 10)
    assert not [a for a in answers if isinstance(a, RefusedError)]
    assert len({answer["transaction_id"] for answer in answers}) == 1
    assert market.value("select count(*) from transactions where user_id = %s", person.id) == 1
    market.worker("record_stripe_customer", p_user_id=person.id, p_stripe_customer_id="cus_1")
    assert market.worker("record_stripe_customer", p_user_id=person.id, p_stripe_customer_id="cus_2") == "cus_1"
    market.worker("record_payment_intent", p_transaction_id=answers[0]["transaction_id"], p_payment_intent_id="pi_x")
    again = market.worker("begin_topup", **arguments)
    assert (again["payment_intent_id"], again["stripe_customer_id"]) == ("pi_x", "cus_1")
    assert again["email"] == f"{person.id}@example.test"


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_decline_is_forgotten_once_stripe_has_forgotten_it(market: Marketplace, is_seen: bool) -> None:
    person = market.client()
    payment = Payment(market, person)
    if is_seen:
        payment.apply(payment.event("payment_failed"), "requires_payment_method", p_error_code="card_declined")
    payment.apply(payment.event("canceled"), "canceled")
    (row,) = market.read(person, f"transactions?id=eq.{payment.transaction}")
    assert (row["status"], row["metadata"]) == ("CANCELLED", {})
