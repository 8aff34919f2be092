"""Refunds to card: a top-up's own unspent money goes back once, and an unknown outcome keeps it held."""

from functools import partial
from itertools import permutations
from uuid import uuid4

import pytest

from tests.sql.cards import Card, postings, some, taken
from tests.sql.marketplace import Marketplace, Person, RefusedError, Row


class Job:
    """The job that sends a refund, as its actor runs it."""

    def __init__(self, card: Card, refund: Row) -> None:
        self.market, self.card = card.market, card
        self.find = (
            "select o.id::text from private.outbox o join private.card_refunds r "
            "on r.id::text = o.payload ->> 'refund_id' where r.transaction_id = %s"
        )
        self.refund = refund

    @property
    def id(self) -> str:
        return str(self.market.value(self.find, self.refund["id"]))

    def is_done(self) -> bool:
        return self.market.rows(self.find, self.refund["id"]) == []

    def start(self) -> Row:
        answer: Row = self.market.worker("start_refund_attempt", p_outbox_id=self.id)
        return answer

    def made(self, attempt: str, refund: str) -> None:
        self.market.worker("record_card_refund", p_outbox_id=self.id, p_attempt_id=attempt, p_stripe_refund_id=refund)

    def failed(self, attempt: str, outcome: str) -> None:
        self.market.worker(
            "record_refund_failure",
            p_outbox_id=self.id,
            p_attempt_id=attempt,
            p_outcome=outcome,
            p_code="some_code",
            p_message="why",
        )


def ask(card: Card, amount: int, key: str = "k", topup: str | None = None, who: Person | None = None) -> Row:
    answer: Row = card.market.call(
        who or card.person,
        "request_card_refund",
        p_topup_transaction_id=topup or card.topup,
        p_amount=amount,
        p_idempotency_key=key,
    )
    return answer


def status(card: Card, refund: Row) -> str:
    (row,) = card.market.read(card.person, f"transactions?id=eq.{refund['id']}")
    return str(row["status"])


@pytest.fixture(scope="module")
def reader(market: Marketplace) -> Person:
    """Give somebody to pay."""
    return market.reader()


@pytest.fixture
def card(market: Marketplace) -> Card:
    """Give a card that paid 1000."""
    return Card(market)


def test_a_refund_is_held_sent_and_booked(market: Marketplace, card: Card) -> None:
    refund = ask(card, 400)
    assert (refund["type"], refund["amount"], refund["status"]) == ("REFUND", 400, "PENDING")
    assert market.wallet(card.person) == {"balance": 1000, "held": 400, "available": 600, "promo": 0}
    job = Job(card, refund)
    first = job.start()
    assert (first["amount"], first["payment_intent_id"], first["first_tried_at"]) == (400, card.intent, None)
    assert first["idempotency_key"] == f"re:{first['attempt_id']}"
    job.made(first["attempt_id"], some("re"))
    assert job.is_done()
    assert market.wallet(card.person) == {"balance": 600, "held": 0, "available": 600, "promo": 0}
    assert (status(card, refund), card.unspent()) == ("COMPLETED", 600)
    assert market.problems() == []


def test_only_what_is_unspent_of_that_top_up_may_go_back(market: Marketplace, card: Card, reader: Person) -> None:
    second = Card(market, 500, card.person)
    card.spend(reader, 700)
    with market.refuses("refund_exceeds_unspent"):
        ask(card, 301)
    ask(card, 300)
    ask(second, 500, key="second")
    assert market.wallet(card.person)["available"] == 0
    with market.refuses("refund_exceeds_unspent"):
        ask(second, 1, key="more")


def test_a_promised_refund_is_not_eaten_by_a_charge(market: Marketplace, card: Card, reader: Person) -> None:
    second = Card(market, 500, card.person)
    refund = ask(card, 1000)
    second.spend(reader, 200)
    assert (card.unspent(), second.unspent()) == (0, 300)
    job = Job(card, refund)
    job.made(job.start()["attempt_id"], some("re"))
    assert (card.balance(), second.unspent()) == (300, 300)


def test_promotional_credit_never_goes_to_a_card(market: Marketplace, card: Card) -> None:
    market.give(card.person, 5000)
    with market.refuses("refund_exceeds_unspent"):
        ask(card, 1001)


@pytest.mark.parametrize("amount", [0, -1, None])
def test_a_refund_is_a_positive_amount(market: Marketplace, card: Card, amount: int) -> None:
    with market.refuses("amount_out_of_range"):
        ask(card, amount)


def test_somebody_elses_top_up_is_not_found(market: Marketplace, card: Card) -> None:
    stranger = market.client(funds=100)
    with market.refuses("not_found"):
        ask(card, 10, who=stranger)
    with market.refuses("not_found"):
        ask(card, 10, topup=str(uuid4()))


def test_a_frozen_wallet_gives_nothing_back(market: Marketplace, card: Card) -> None:
    market.freeze(card.person)
    with market.refuses("wallet_frozen"):
        ask(card, 10)


def test_money_held_for_a_session_stays(market: Marketplace) -> None:
    card = Card(market, 300)
    market.request(card.person, market.reader(rate=300))
    with market.refuses("insufficient_funds"):
        ask(card, 100)


def test_the_same_key_is_the_same_refund(market: Marketplace, card: Card) -> None:
    answers = market.at_once([partial(ask, card, 600)] * 5)
    assert len({answer["id"] for answer in answers}) == 1
    with market.refuses("idempotency_key_reused"):
        ask(card, 100)


def test_two_requests_for_the_same_money_leave_one(market: Marketplace, card: Card) -> None:
    answers = market.at_once([partial(ask, card, 600, key) for key in ("a", "b", "c")])
    assert [a.code for a in answers if isinstance(a, RefusedError)] == ["refund_exceeds_unspent"] * 2
    assert market.wallet(card.person)["held"] == 600


def test_refunds_are_limited_by_the_day(market: Marketplace, card: Card) -> None:
    with market.setting("refund.per_day", 1):
        ask(card, 10)
        with pytest.raises(RefusedError, match="rate_limited"):
            ask(card, 10, key="again")
        market.clock.advance(86_401)
        ask(card, 10, key="again")


def test_the_switch_refuses_and_holds_back_what_was_not_sent(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 100))
    with market.setting("switch.card_refunds", value=False):
        with market.refuses("card_refunds_disabled"):
            ask(card, 100, key="off")
        assert job.start() is None
        assert not job.is_done()
    assert job.start()["amount"] == 100


# What goes wrong ------------------------------------------------------------


def test_a_refused_refund_gives_the_money_back_in_line(market: Marketplace, card: Card, reader: Person) -> None:
    second = Card(market, 500, card.person)
    refund = ask(card, 1000)
    card.spend(reader, 100)
    job = Job(card, refund)
    job.failed(job.start()["attempt_id"], "refused")
    assert (status(card, refund), job.is_done()) == ("FAILED", True)
    # The charge meanwhile was paid by the other top-up, and stays so.
    assert (card.unspent(), second.unspent(), market.wallet(card.person)["held"]) == (1000, 400, 0)
    ask(card, 1000, key="again")
    assert market.problems() == []


def test_an_unknown_outcome_keeps_the_money_held_and_comes_again_under_the_same_key(
    market: Marketplace, card: Card
) -> None:
    job = Job(card, ask(card, 1000))
    first = job.start()
    job.failed(first["attempt_id"], "unknown")
    assert market.wallet(card.person)["held"] == 1000
    again = job.start()
    assert again["idempotency_key"] == first["idempotency_key"]
    assert again["first_tried_at"] is not None


def test_a_refund_on_its_way_is_never_parked(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 1000))
    for _ in range(14):
        market.clock.advance(1000)
        assert job.id in [row["id"] for row in market.worker("claim_outbox", p_limit=1000)]
        job.failed(job.start()["attempt_id"], "unknown")


def test_an_empty_platform_balance_makes_a_new_attempt_later(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 1000))
    first = job.start()["attempt_id"]
    job.failed(first, "insufficient_balance")
    assert market.wallet(card.person)["held"] == 1000
    second = job.start()["attempt_id"]
    assert second != first
    job.made(second, some("re"))
    assert card.balance() == 0


def test_an_event_may_tell_of_the_refund_before_the_job_does(card: Card) -> None:
    refund = ask(card, 1000)
    job, name = Job(card, refund), some("re")
    attempt = job.start()["attempt_id"]
    assert card.refund(name, 1000, p_attempt_id=attempt)["transaction_id"] == refund["id"]
    job.made(attempt, name)
    assert job.is_done()
    assert (card.balance(), status(card, refund)) == (0, "COMPLETED")


def test_a_refund_that_differs_from_its_attempt_is_refused(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 1000))
    attempt, name = job.start()["attempt_id"], some("re")
    event, sequence = market.store_event("refund.created", name), card.sequence(name)
    with market.refuses("invalid_state"):
        card.refund(name, 999, p_attempt_id=attempt, p_event_id=event, p_sequence=sequence)


def test_a_refund_settled_otherwise_is_not_booked_again(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 1000))
    attempt, row = job.start()["attempt_id"], job.id
    job.failed(attempt, "refused")
    with market.refuses("invalid_state"):
        market.worker("record_card_refund", p_outbox_id=row, p_attempt_id=attempt, p_stripe_refund_id="re_late")


def test_the_workers_calls_refuse_what_is_not_theirs(market: Marketplace, card: Card) -> None:
    job = Job(card, ask(card, 1000))
    attempt, stranger = job.start()["attempt_id"], str(uuid4())
    with market.refuses("not_found"):
        job.made(stranger, some("re"))
    with market.refuses("not_found"):
        job.failed(stranger, "refused")
    with market.refuses("invalid_argument"):
        job.failed(attempt, "maybe")
    assert market.worker("start_refund_attempt", p_outbox_id=stranger) is None


def test_a_refund_is_booked_once_by_many_at_once(market: Marketplace, card: Card) -> None:
    refund = ask(card, 1000)
    job, name = Job(card, refund), some("re")
    attempt, row = job.start()["attempt_id"], job.id
    recorded = partial(
        market.worker, "record_card_refund", p_outbox_id=row, p_attempt_id=attempt, p_stripe_refund_id=name
    )
    told = partial(card.refund, name, 1000, p_attempt_id=attempt)
    answers = market.at_once([recorded, told, recorded, told, told])
    assert not [a for a in answers if isinstance(a, RefusedError)]
    assert [(p["code"], p["amount"]) for p in postings(market, card.person)] == [("card_refund", 1000)]


# What the bank and the dashboard do ------------------------------------------------------------


def test_a_refund_the_bank_returns_comes_back_to_the_wallet_once(market: Marketplace, card: Card) -> None:
    refund = ask(card, 1000)
    job, name = Job(card, refund), some("re")
    job.made(job.start()["attempt_id"], name)
    market.at_once([partial(card.refund, name, 1000, "failed")] * 3)
    card.refund(name, 1000, "failed", p_failure_transaction_id="txn_another")
    assert (card.balance(), card.unspent(), status(card, refund)) == (1000, 1000, "FAILED")
    ask(card, 1000, key="again")
    assert market.problems() == []


def test_a_dashboard_refund_takes_what_is_unspent_and_the_rest_is_owed(
    market: Marketplace, card: Card, reader: Person
) -> None:
    card.spend(reader, 700)
    second = Card(market, 500, card.person)
    card.refund(some("re"), 1000)
    assert (card.unspent(), second.unspent(), card.balance(), card.owed()) == (0, 500, 500, 700)
    (row,) = card.rows("REFUND")
    assert (row["amount"], row["status"], row["metadata"]) == (1000, "COMPLETED", {"topup_id": card.topup})
    assert market.problems() == []


def test_a_debt_stops_no_session_and_the_next_top_up_pays_it_first(
    market: Marketplace, card: Card, reader: Person
) -> None:
    card.spend(reader, 1000)
    Card(market, 500, card.person)
    card.refund(some("re"), 1000)
    market.request(card.person, market.reader(rate=300))
    paid = market.top_up(card.person, 1200)
    assert (card.owed(), card.balance()) == (0, 700)
    (row,) = [row for row in card.rows("ADD_FUNDS") if row["id"] == paid]
    assert (row["amount"], row["metadata"]) == (1200, {"debt_paid": 1000})


def test_a_debt_that_was_paid_comes_back_when_the_refund_fails(market: Marketplace, card: Card, reader: Person) -> None:
    card.spend(reader, 1000)
    name = some("re")
    card.refund(name, 1000)
    market.top_up(card.person, 400)
    card.refund(name, 1000, "failed")
    assert (card.owed(), card.balance(), card.unspent()) == (0, 400, 400)
    assert market.problems() == []


@pytest.mark.parametrize("order", list(permutations(["pending", "succeeded", "failed"])))
def test_any_order_of_a_refunds_events_leaves_the_same_ledger(
    market: Marketplace, card: Card, reader: Person, order: tuple[str, ...]
) -> None:
    card.spend(reader, 700)
    name = some("re")
    # Each was fetched when its event came, under a sequence of its own; they are applied in this order.
    fetched = {state: card.sequence(name) for state in ("pending", "succeeded", "failed")}
    for state in order:
        event = market.store_event(f"refund.{state}", name)
        for _ in range(2):
            card.refund(name, 1000, state, p_event_id=event, p_sequence=fetched[state])
    assert [(p["status"], p["code"], p["debit"], p["credit"], p["amount"]) for p in postings(market, card.person)] == [
        ("FAILED", "card_refund", "client_wallet", "stripe_clearing", 300),
        ("FAILED", "card_refund_reversal", "stripe_clearing", "client_debt", 700),
        ("FAILED", "card_refund_reversal", "stripe_clearing", "client_wallet", 300),
        ("FAILED", "debt", "client_debt", "stripe_clearing", 700),
    ]
    assert (card.balance(), card.owed(), card.unspent()) == (300, 0, 300)


@pytest.mark.parametrize("is_late", [False, True], ids=["in turn", "the second one late"])
def test_a_refund_that_comes_back_pays_what_another_of_its_top_up_left_owing(
    market: Marketplace, card: Card, reader: Person, is_late: bool
) -> None:
    earned = market.earned(reader)
    card.spend(reader, 600)
    first, second = some("re"), some("re")
    card.refund(first, 300)
    if not is_late:
        card.refund(second, 500)
        assert (card.balance(), card.owed()) == (0, 400)
    card.refund(first, 300, "failed")
    if is_late:
        card.refund(second, 500)
    # 1000 paid, 600 spent, 500 given back: 100 are owed, whichever refund was heard of first.
    assert (card.balance(), card.owed(), card.unspent()) == (0, 100, 0)
    assert market.problems() == []
    card.dispute(some("dp"), "lost", taken(500), amount=500)
    assert (card.owed(), market.earned(reader) - earned) == (100, 420 - 350)


def test_what_is_paid_days_later_stands_in_the_statement_all_the_same(
    market: Marketplace, card: Card, reader: Person
) -> None:
    card.spend(reader, 600)
    first, second = some("re"), some("re")
    card.refund(first, 300)
    card.refund(second, 500)
    # Posted under the second refund, which nobody has touched since.
    market.clock.advance(3 * 86_400)
    card.refund(first, 300, "failed")
    assert card.owed() == 100
    assert market.problems() == []


def test_a_cancelled_refund_is_undone(card: Card) -> None:
    card.refund(some("re"), 1000, "canceled")
    assert (card.balance(), [row["status"] for row in card.rows("REFUND")]) == (1000, ["FAILED"])


def test_a_refund_before_its_top_up_is_credited_waits(market: Marketplace, card: Card) -> None:
    name = some("re")
    event, sequence = market.store_event("refund.created", name), card.sequence(name)
    card.intent = "pi_unknown"
    with market.refuses("transaction_not_found"):
        card.refund(name, 1000, p_event_id=event, p_sequence=sequence)


def test_another_currency_is_refused(market: Marketplace, card: Card) -> None:
    name = some("re")
    event, sequence = market.store_event("refund.created", name), card.sequence(name)
    with market.refuses("currency_mismatch"):
        card.refund(name, 1000, p_currency="eur", p_event_id=event, p_sequence=sequence)


def test_the_charges_own_sum_only_reconciles(market: Marketplace, card: Card) -> None:
    event = market.store_event("charge.refunded", card.charge)
    with market.refuses("transaction_not_found"):
        card.reconcile(300, event)
    card.refund(some("re"), 300)
    assert card.reconcile(300, event)["reason"] == "reconciled"
    assert card.balance() == 700
