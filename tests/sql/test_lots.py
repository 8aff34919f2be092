"""Lots: the functions over running totals agree with lots kept one by one, whatever is bought, spent or given back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.cards import pay_reader
from tests.sql.marketplace import Marketplace, Person

SHARE = 7000
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["topup", "charge", "charge", "reverse", "ask", "book", "give_up", "undo"]),
        st.integers(1, 60),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class Piece:
    """What is left of a lot, or of a lot's part, of one top-up."""

    topup: str
    left: int


class Lots:
    """The naive model: every lot is kept, and so is what each charge took from which."""

    def __init__(self) -> None:
        self.line: list[Piece] = []
        self.eaten: dict[str, list[tuple[str, int]]] = {}

    def add(self, topup: str, amount: int) -> None:
        self.line.append(Piece(topup, amount))

    def unspent(self) -> dict[str, int]:
        left: dict[str, int] = defaultdict(int)
        for piece in self.line:
            left[piece.topup] += piece.left
        return {topup: amount for topup, amount in left.items() if amount}

    def charge(self, name: str, amount: int) -> None:
        self.eaten[name] = self._take(self.line, amount)

    def claim(self, topup: str, amount: int) -> None:
        self._take([piece for piece in reversed(self.line) if piece.topup == topup], amount)

    def _take(self, pieces: Iterable[Piece], amount: int) -> list[tuple[str, int]]:
        taken = []
        for piece in pieces:
            part = min(piece.left, amount)
            if part:
                piece.left -= part
                taken.append((piece.topup, part))
                amount -= part
        assert amount == 0
        return taken

    def reverse(self, name: str, amount: int) -> None:
        back: dict[str, int] = {}
        while amount:
            topup, part = self.eaten[name].pop()
            given = min(part, amount)
            if given < part:
                self.eaten[name].append((topup, part - given))
            back = {topup: back.pop(topup, 0) + given, **back}
            amount -= given
        for topup, part in back.items():
            self.add(topup, part)


class Wallet:
    """A wallet moved by the ledger's own functions, and the model beside it."""

    def __init__(self, market: Marketplace, reader: Person) -> None:
        self.market, self.reader, self.person = market, reader, market.sign_up()
        self.lots = Lots()
        self.topups: list[str] = []
        self.charges: list[str] = []
        self.asked: list[tuple[str, str, int]] = []
        self.booked: list[tuple[str, str, int]] = []

    def account(self, kind: str) -> str:
        owner = self.reader if kind == "reader_earnings" else self.person
        return str(self.market.value("select ledger.account_of(%s, %s::ledger.account_kind)", owner.id, kind))

    def transaction(self, kind: str, amount: int, status: str = "COMPLETED") -> str:
        query = (
            "insert into public.transactions (user_id, type, amount, status) "
            "values (%s, %s::public.transaction_type, %s, %s::public.transaction_status) returning id::text"
        )
        return str(self.market.value(query, self.person.id, kind, amount, status))

    def free(self) -> int:
        query = "select credits - debits - held from ledger.accounts where id = %s"
        return int(self.market.value(query, self.account("client_wallet")))

    def topup(self, amount: int, _: int) -> None:
        self.topups.append(self.transaction("ADD_FUNDS", amount))
        self.market.value(
            "select ledger.post_transfer(%s, 'topup', ledger.account_of(null, 'stripe_clearing'), %s, %s)",
            self.topups[-1],
            self.account("client_wallet"),
            amount,
        )
        self.lots.add(self.topups[-1], amount)

    def charge(self, amount: int, _: int) -> None:
        amount = min(amount, self.free())
        if amount:
            made = pay_reader(self.market, self.person, self.reader, amount, SHARE)
            self.charges.append(made)
            self.lots.charge(made, amount)

    def reverse(self, amount: int, which: int) -> None:
        """Give part of a charge back: the reader's part, then the house's, each a posting of its own."""
        if not self.charges:
            return
        name = self.charges[which % len(self.charges)]
        amount = min(amount, sum(part for _, part in self.lots.eaten[name]))
        if not amount:
            return
        posted = self.market.row(
            "select t.id, t.amount - t.commission - coalesce((select sum(r.amount) from ledger.transfers r "
            "where r.reverses = t.id and r.debit_account_id = t.credit_account_id), 0) as kept "
            "from ledger.transfers t where t.transaction_id = %s and t.reverses is null",
            name,
        )
        part = min(int(posted["kept"]), max(amount * SHARE // 10_000, amount - self.house_kept(name)))
        for source, back in (("reader_earnings", part), ("platform_revenue", amount - part)):
            if not back:
                continue
            account = self.account(source) if source == "reader_earnings" else None
            self.market.value(
                "select ledger.post_transfers(%s, array[('increment_reversal', "
                "coalesce(%s::uuid, ledger.account_of(null, 'platform_revenue')), "
                "%s, %s, null, 0, null, %s)::ledger.leg])",
                name,
                account,
                self.account("client_wallet"),
                back,
                posted["id"],
            )
            if account:
                self.market.database.execute(
                    "insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at) "
                    "values (%s, %s, %s, private.now(), private.now())",
                    [account, name, -back],
                )
            self.lots.reverse(name, back)

    def house_kept(self, name: str) -> int:
        query = (
            "select t.commission - coalesce((select sum(r.amount) from ledger.transfers r where r.reverses = t.id "
            "and r.debit_account_id <> t.credit_account_id), 0) from ledger.transfers t "
            "where t.transaction_id = %s and t.reverses is null"
        )
        return int(self.market.value(query, name))

    def ask(self, amount: int, which: int) -> None:
        """Promise unspent money of a top-up to its card: held, claimed, not posted."""
        if not self.topups:
            return
        topup = self.topups[which % len(self.topups)]
        amount = min(amount, self.lots.unspent().get(topup, 0), self.free())
        if amount:
            made = self.transaction("REFUND", amount, "PENDING")
            self.market.value("select ledger.hold(%s, %s, %s)", self.account("client_wallet"), made, amount)
            assert self.market.value("select ledger.claim_lots(%s, %s, %s)", made, topup, amount) == amount
            self.asked.append((made, topup, amount))
            self.lots.claim(topup, amount)

    def book(self, _: int, which: int) -> None:
        if self.asked:
            made, topup, amount = self.asked.pop(which % len(self.asked))
            self.market.value("select ledger.resolve_holds(%s, 'POSTED')", made)
            self.market.value(
                "select ledger.post_transfer(%s, 'card_refund', %s, ledger.account_of(null, 'stripe_clearing'), %s)",
                made,
                self.account("client_wallet"),
                amount,
            )
            self.end(made, "COMPLETED")
            self.booked.append((made, topup, amount))

    def give_up(self, _: int, which: int) -> None:
        if self.asked:
            made, topup, amount = self.asked.pop(which % len(self.asked))
            self.market.value("select ledger.resolve_holds(%s, 'VOIDED')", made)
            self.market.value("select ledger.give_up_claims(%s)", made)
            self.end(made, "FAILED")
            self.lots.add(topup, amount)

    def undo(self, _: int, which: int) -> None:
        """The bank returned a refund."""
        if self.booked:
            made, topup, amount = self.booked.pop(which % len(self.booked))
            self.market.value(
                "select ledger.post_card_return(%s, ledger.card_return_legs(%s, 'card_refund_reversal', %s))",
                made,
                made,
                amount,
            )
            self.end(made, "FAILED")
            self.lots.add(topup, amount)

    def end(self, made: str, status: str) -> None:
        self.market.database.execute("update public.transactions set status = %s where id = %s", [status, made])

    def check(self) -> None:
        """The functions answer what the model says: what is left of each top-up, and which charge took how much."""
        wallet = self.account("client_wallet")
        left = self.market.rows(
            "select topup_id::text as topup, sum(unspent)::bigint as left from ledger.lots(%s) group by 1", wallet
        )
        assert {row["topup"]: row["left"] for row in left if row["left"]} == self.lots.unspent()
        spent: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        earned: dict[str, int] = defaultdict(int)
        for topup in self.topups:
            for row in self.market.rows(
                "select t.transaction_id::text as charge, s.amount, s.earned from ledger.topup_spending(%s) s "
                "join ledger.transfers t on t.id = s.transfer_id",
                topup,
            ):
                spent[row["charge"]][topup] += row["amount"]
                earned[row["charge"]] += row["earned"]
        expected: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for charge, parts in self.lots.eaten.items():
            for topup, part in parts:
                expected[charge][topup] += part
        assert spent == expected
        kept = self.market.rows(
            "select t.transaction_id::text as charge, (t.amount - t.commission - coalesce((select sum(r.amount) "
            "from ledger.transfers r where r.reverses = t.id and r.debit_account_id = t.credit_account_id), 0))::bigint"
            " as kept from ledger.transfers t where t.transaction_id = any (%s::uuid[]) and t.reverses is null",
            self.charges,
        )
        assert earned == {row["charge"]: row["kept"] for row in kept if row["charge"] in expected}


@pytest.fixture(scope="module")
def reader(market: Marketplace) -> Person:
    """Give the one whom all wallets pay."""
    return market.reader()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_lots_from_running_totals_agree_with_lots_kept_one_by_one(
    market: Marketplace, reader: Person, steps: list[Step]
) -> None:
    wallet = Wallet(market, reader)
    for name, amount, which in [("topup", 20, 0), ("topup", 15, 0), *steps]:
        getattr(wallet, name)(amount, which)
        wallet.check()


def test_what_a_charge_took_stays_with_it(market: Marketplace, reader: Person) -> None:
    """A later reversal of an older charge gives its own top-up's money back; the younger charge keeps its own."""
    wallet = Wallet(market, reader)
    wallet.topup(100, 0)
    wallet.charge(100, 0)
    wallet.topup(40, 0)
    wallet.charge(40, 0)
    wallet.reverse(100, 0)
    first, second = wallet.topups
    assert wallet.lots.unspent() == {first: 100}
    assert market.value("select ledger.unspent(%s)", first) == 100
    assert market.value("select ledger.unspent(%s)", second) == 0
    wallet.check()


def test_the_last_money_of_a_charge_comes_back_first(market: Marketplace, reader: Person) -> None:
    wallet = Wallet(market, reader)
    wallet.topup(30, 0)
    wallet.topup(30, 0)
    wallet.charge(60, 0)
    wallet.reverse(20, 0)
    first, second = wallet.topups
    assert [market.value("select ledger.unspent(%s)", topup) for topup in (first, second)] == [0, 20]
    wallet.reverse(30, 0)
    assert [market.value("select ledger.unspent(%s)", topup) for topup in (first, second)] == [20, 30]
    wallet.check()


@pytest.mark.parametrize("promo", [0, 250])
def test_a_refund_of_several_minutes_gives_the_last_ones_money_back(market: Marketplace, promo: int) -> None:
    """A session is charged minute by minute: a refund of more than a minute reaches back over several of them."""
    client, reader = market.client(promo=promo), market.reader(rate=300)
    market.top_up(client, 350)
    market.top_up(client, 1000)
    first, second = (
        row["id"] for row in market.rows(
            "select id from transactions where user_id = %s and type = 'ADD_FUNDS' order by amount", client.id
        )
    )  # fmt: skip
    session = market.started(client, reader)
    session.talk(170)
    session.by(client, "end")
    charge = session.row()["transaction_id"]
    assert market.value("select amount from transactions where id = %s", charge) == 900
    from_wallet = 900 - promo
    for refund in (400, 250):
        market.value("select (ledger.reverse_transaction(%s, %s)).id", charge, refund)
    back = market.wallet(client)["balance"] - (1350 - from_wallet)
    assert market.value("select ledger.unspent(%s)", second) == 1000 - max(from_wallet - 350 - back, 0)
    assert market.value("select ledger.unspent(%s)", first) == max(back - (from_wallet - 350), 0)
    corrected = market.rows(
        "select o.increment, sum(r.amount)::bigint as back, min(o.amount) as paid from ledger.reversals v "
        "join ledger.transfers r on r.transaction_id = v.transaction_id join ledger.transfers o on o.id = r.reverses "
        "where v.reversed_id = %s group by o.id, o.increment",
        charge,
    )
    assert all(row["back"] <= row["paid"] for row in corrected)
    assert market.problems() == []


def test_an_unknown_top_up_has_nothing_left(market: Marketplace) -> None:
    assert market.value("select ledger.unspent(%s)", str(uuid4())) == 0
