"""Refunds, their failures and disputes of one payment: whichever is applied first, all end with the same money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.sql.cards import Card, given_back, postings, some, taken
from tests.sql.marketplace import Marketplace, Person, RefusedError

PAID = 1000
Deed = Callable[[], Any]


class Ends(NamedTuple):
    """Who has what when all is applied, minor units."""

    wallet: int
    unspent: int
    owed: int
    earned: int
    lost: int


class Case:
    """A client who paid 1000 and spent some of it on a reader; measures from then on."""

    def __init__(self, market: Marketplace, reader: Person, spent: int, paid: int = PAID) -> None:
        self.market, self.reader = market, reader
        self.before, self.lost = market.earned(reader), market.house("dispute_losses")
        self.card = Card(market, paid)
        if spent:
            self.card.spend(reader, spent)

    def ends(self) -> Ends:
        return Ends(
            self.card.balance(),
            self.card.unspent(),
            self.card.owed(),
            self.market.earned(self.reader) - self.before,
            self.lost - self.market.house("dispute_losses"),
        )


class Asked:
    """A refund that the client asked for, and the job that sends it."""

    def __init__(self, case: Case, amount: int) -> None:
        self.market, self.card, self.amount, self.name = case.market, case.card, amount, some("re")
        refund = self.market.call(
            self.card.person,
            "request_card_refund",
            p_topup_transaction_id=self.card.topup,
            p_amount=amount,
            p_idempotency_key=str(uuid4()),
        )
        find = (
            "select o.id::text from private.outbox o join private.card_refunds r "
            "on r.id::text = o.payload ->> 'refund_id' where r.transaction_id = %s"
        )
        self.job = self.market.value(find, refund["id"])
        self.attempt = self.market.worker("start_refund_attempt", p_outbox_id=self.job)["attempt_id"]

    def made(self) -> None:
        named = {"p_outbox_id": self.job, "p_attempt_id": self.attempt}
        self.market.worker("record_card_refund", **named, p_stripe_refund_id=self.name)

    def refused(self) -> None:
        named = {"p_outbox_id": self.job, "p_attempt_id": self.attempt, "p_message": "why"}
        self.market.worker("record_refund_failure", **named, p_outcome="refused", p_code="charge_disputed")

    def told(self, sequence: int, status: str) -> None:
        self.card.refund(self.name, self.amount, status, p_attempt_id=self.attempt, p_sequence=sequence)


def by_hand(case: Case, amount: int, *states: str) -> list[Deed]:
    """Tell of a refund made at Stripe, as it stood at each of these moments."""
    name = some("re")
    return [partial(case.card.refund, name, amount, state, p_sequence=case.card.sequence(name)) for state in states]


def refused(case: Case, amount: int) -> list[Deed]:
    return [Asked(case, amount).refused]


def made(case: Case, amount: int) -> list[Deed]:
    return [Asked(case, amount).made]


def returned(case: Case, amount: int) -> list[Deed]:
    asked = Asked(case, amount)
    return [asked.made, partial(asked.told, case.card.sequence(asked.name), "failed")]


def dispute(case: Case, amount: int, back: int = 0) -> list[Deed]:
    """Tell of a dispute that takes an amount, and of its end."""
    name, gone = some("dp"), taken(amount, fee=0)
    told = [("needs_response", [gone])]
    if back:
        told.append(("won" if back == amount else "lost", [gone, given_back(back)]))
    return [
        partial(case.card.dispute, name, status, *moves, amount=amount, p_sequence=case.card.sequence(name))
        for status, moves in told
    ]


REFUNDS: dict[str, Callable[[Case, int], list[Deed]]] = {
    "ours, refused": refused,
    "ours, made": made,
    "ours, returned": returned,
    "by hand": lambda case, amount: by_hand(case, amount, "succeeded"),
    "by hand, returned": lambda case, amount: by_hand(case, amount, "succeeded", "failed"),
    "by hand, returned before it was heard of": lambda case, amount: by_hand(case, amount, "failed"),
}
DISPUTES: dict[str, Callable[[Case], list[Deed]]] = {
    "lost": lambda case: dispute(case, PAID),
    "of part": lambda case: dispute(case, 550),
    "won": lambda case: dispute(case, PAID, back=PAID),
    "given back in part": lambda case: dispute(case, PAID, back=250),
}


def every_order(make: Callable[[], tuple[Case, Sequence[Sequence[Deed]]]]) -> Ends:
    """Apply what is told of several objects in every order that keeps each its own; return their one end."""
    ends: dict[Ends, list[tuple[int, ...]]] = {}
    _, told = make()
    for order in sorted(set(permutations(place for place, deeds in enumerate(told) for _ in deeds))):
        case, told = make()
        left = [iter(deeds) for deeds in told]
        for place in order:
            next(left[place])()
        ends.setdefault(case.ends(), []).append(order)
    assert len(ends) == 1, ends
    return next(iter(ends))


@pytest.fixture(scope="module")
def reader(market: Marketplace) -> Person:
    """Give somebody to pay."""
    return market.reader()


@pytest.mark.parametrize("told", DISPUTES)
@pytest.mark.parametrize(
    ("spent", "amount", "refund"),
    [
        (spent, amount, refund)
        for spent, amount in ((0, 300), (333, 667), (600, 500), (1000, 400))
        for refund in REFUNDS
        # A client may ask for what is unspent only.
        if amount <= PAID - spent or refund.startswith("by hand")
    ],
)
def test_any_order_of_a_refund_and_a_dispute_leaves_the_same_money(
    market: Marketplace, reader: Person, spent: int, amount: int, refund: str, told: str
) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, spent)
        return case, [REFUNDS[refund](case, amount), DISPUTES[told](case)]

    every_order(make)
    assert market.problems() == []


@pytest.mark.parametrize(
    ("spent", "refund", "amount", "disputed", "ends"),
    [
        # As if the refund had never been: what is unspent pays, then the reader and the house for what was spent.
        (600, "by hand, returned", 300, 700, Ends(wallet=0, unspent=0, owed=0, earned=210, lost=90)),
        (0, "by hand, returned", 300, 1000, Ends(wallet=0, unspent=0, owed=0, earned=0, lost=0)),
        (600, "ours, refused", 400, 1000, Ends(wallet=0, unspent=0, owed=0, earned=0, lost=180)),
        # The card has 1300 or 1400 back of 1000: its owner owes what is beyond the top-up.
        (0, "by hand", 300, 1000, Ends(wallet=0, unspent=0, owed=300, earned=0, lost=0)),
        (600, "by hand", 300, 1000, Ends(wallet=0, unspent=0, owed=300, earned=0, lost=180)),
        (600, "ours, made", 400, 1000, Ends(wallet=0, unspent=0, owed=400, earned=0, lost=180)),
        # 300 and 700 are no more than it was.
        (600, "by hand", 300, 700, Ends(wallet=0, unspent=0, owed=0, earned=0, lost=180)),
    ],
)
def test_who_bears_what_in_the_end(
    market: Marketplace, reader: Person, spent: int, refund: str, amount: int, disputed: int, ends: Ends
) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, spent)
        return case, [REFUNDS[refund](case, amount), dispute(case, disputed)]

    assert every_order(make) == ends


def test_two_refunds_that_both_come_back_and_a_dispute(market: Marketplace, reader: Person) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, 600)
        return case, [refused(case, 150), by_hand(case, 350, "succeeded", "failed"), dispute(case, PAID)]

    assert every_order(make) == Ends(wallet=0, unspent=0, owed=0, earned=0, lost=180)
    assert market.problems() == []


def test_two_disputes_take_from_a_reader_what_one_of_both_would(market: Marketplace, reader: Person) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, 0)
        for amount in (333, 333, 334):
            case.card.spend(reader, amount)
        return case, [dispute(case, 301), dispute(case, 698), by_hand(case, 7, "failed")]

    assert every_order(make).earned == 1


def in_steps(case: Case, amount: int, *back: int) -> list[Deed]:
    """Tell of a dispute that takes an amount and gives it back in parts, won with the last."""
    name, moves = some("dp_a"), [taken(amount, fee=0)]
    moves += [given_back(part, number=number) for number, part in enumerate(back, start=2)]
    statuses = ["needs_response", *["under_review"] * (len(back) - 1), "won"]
    return [
        partial(case.card.dispute, name, status, *moves[:upto], amount=amount, p_sequence=case.card.sequence(name))
        for upto, status in enumerate(statuses, start=1)
    ]


def lost(case: Case, amount: int) -> list[Deed]:
    """Tell of a dispute that takes an amount, and that it is lost."""
    name, gone = some("dp_b"), taken(amount, fee=0)
    return [
        partial(case.card.dispute, name, status, gone, amount=amount, p_sequence=case.card.sequence(name))
        for status in ("needs_response", "lost")
    ]


@pytest.mark.parametrize(
    ("spent", "first", "back", "second", "refund", "ends"),
    [
        # B takes 500 of 1000 of which 300 were given back to the card and 100 are unspent after it.
        (600, 400, (150, 250), 500, 300, Ends(wallet=0, unspent=0, owed=0, earned=140, lost=120)),
        (0, 600, (200, 400), 400, 300, Ends(wallet=300, unspent=300, owed=0, earned=0, lost=0)),
        (1000, 700, (100, 600), 600, 500, Ends(wallet=0, unspent=0, owed=600, earned=350, lost=150)),
        # A keeps 250 of its 400: with B's 700 and the refund, 250 more than was paid.
        (600, 400, (150,), 700, 300, Ends(wallet=0, unspent=0, owed=250, earned=45, lost=225)),
    ],
)
def test_any_order_of_two_disputes_and_a_refund_leaves_the_same_money(
    market: Marketplace,
    reader: Person,
    spent: int,
    first: int,
    back: tuple[int, ...],
    second: int,
    refund: int,
    ends: Ends,
) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, spent)
        return case, [in_steps(case, first, *back), lost(case, second), by_hand(case, refund, "succeeded")]

    found = every_order(make)
    assert found == ends
    assert market.problems() == []


def test_a_debt_of_the_dispute_that_was_paid_before_the_refund_is_refused_comes_back(
    market: Marketplace, reader: Person
) -> None:
    case = Case(market, reader, 600)
    (refuse,) = refused(case, 400)
    (lose,) = dispute(case, PAID)
    lose()
    assert case.ends() == Ends(wallet=400, unspent=0, owed=400, earned=0, lost=180)
    # An administrator let them spend again.
    market.database.execute("update ledger.accounts set frozen_at = null where user_id = %s", [case.card.person.id])
    market.top_up(case.card.person, 300)
    assert case.card.owed() == 100
    refuse()
    # 1000 were taken back and 600 spent: what another card paid is there again.
    assert case.ends() == Ends(wallet=300, unspent=300, owed=0, earned=0, lost=180)
    assert market.problems() == []


def test_a_dispute_takes_anew_by_the_rule_it_began_with(market: Marketplace, reader: Person) -> None:
    case = Case(market, reader, 600)
    book, fail = by_hand(case, 300, "succeeded", "failed")
    (lose,) = dispute(case, 700)
    book()
    with market.setting("dispute.recover_from_readers_bps", 5000):
        lose()
    fail()
    assert case.ends() == Ends(wallet=0, unspent=0, owed=0, earned=420 - 105, lost=195)


def test_what_is_told_again_moves_nothing(market: Marketplace, reader: Person) -> None:
    case = Case(market, reader, 600)
    asked, (lose,) = Asked(case, 400), dispute(case, PAID)
    returned_late = by_hand(case, 100, "succeeded", "failed")
    for deed in (lose, asked.refused, *returned_late):
        deed()
    posted = postings(market, case.card.person)
    for deed in (*returned_late, lose, asked.refused):
        deed()
    assert postings(market, case.card.person) == posted


def test_a_refusal_a_returned_refund_and_a_dispute_at_once_never_stall(market: Marketplace, reader: Person) -> None:
    for _ in range(3):
        case = Case(market, reader, 600)
        (refuse,), (fail,), (lose,) = refused(case, 150), by_hand(case, 200, "failed"), dispute(case, PAID)
        answers = market.at_once([refuse, lose, fail])
        assert not [answer for answer in answers if isinstance(answer, RefusedError)]
        assert (case.card.balance(), case.card.owed()) == (0, 0)
    assert market.problems() == []


@pytest.mark.parametrize("told", DISPUTES)
@pytest.mark.parametrize(("spent", "back"), [(1000, 1000), (1000, 400), (600, 600), (600, 1)])
def test_a_charge_that_is_given_back_and_disputes_end_the_same_in_any_order(
    market: Marketplace, reader: Person, spent: int, back: int, told: str
) -> None:
    def make() -> tuple[Case, Sequence[Sequence[Deed]]]:
        case = Case(market, reader, 0)
        charge = case.card.spend(reader, spent)
        # As the cancelling of an order and an administrator's refund give it back.
        reverse = partial(market.value, "select (ledger.reverse_transaction(%s, %s)).id::text", charge, back)
        return case, [[reverse], DISPUTES[told](case)]

    ends = every_order(make)
    if told == "lost" and back == spent:
        # The card has its money back, so the client has none of it, and the reader earned nothing.
        assert (ends.wallet, ends.owed, ends.earned) == (0, 0, 0)
    assert market.problems() == []
