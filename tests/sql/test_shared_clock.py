"""Random sessions against a small model of the shared clock: what was shared is paid, to the unit, and nothing else."""

from dataclasses import dataclass
from typing import Literal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import LiveSession, Marketplace

_STEP, _GRACE, _MINIMUM = 60, 120, 10
_Pause = Literal["client_absent", "reader_absent", "insufficient_funds"]


@dataclass
class Model:
    """What must be true, in whole seconds and minor units.

    Attributes:
        rate: price per minute, so each increment of a minute costs it.
        wallet: what the client has left.
        shared: seconds both were there.
        begun: increments paid.
        pause: why it stands still.
        grace: seconds left to top up.
    """

    rate: int
    wallet: int
    shared: int = 0
    begun: int = 0
    pause: _Pause | None = None
    grace: int = 0

    def is_over(self) -> bool:
        return self.pause == "insufficient_funds" and self.grace <= 0

    def charge(self) -> None:
        """Pay for what has begun, or stand still where the money ended."""
        while self.begun * _STEP <= self.shared:
            if self.wallet < self.rate:
                self.shared, self.pause, self.grace = self.begun * _STEP, "insufficient_funds", _GRACE
                return
            self.wallet -= self.rate
            self.begun += 1

    def talk(self, seconds: int) -> None:
        """Both are there."""
        if self.pause == "insufficient_funds":
            if self.wallet >= self.rate:
                self.pause = None
                self.charge()
            else:
                self.grace -= seconds
        elif self.pause is None:
            self.shared += seconds
            self.charge()
        else:
            self.pause = None
            self.charge()

    def leave(self, side: _Pause) -> None:
        """One side goes, for longer than patience lasts."""
        self.pause = side

    def cost_if_ended_by(self, who: Literal["client", "reader"]) -> int:
        """Settle; answer what the client paid."""
        paid = self.begun * self.rate
        if self.shared < _MINIMUM:
            paid = 0
        elif (who == "reader" or self.pause == "reader_absent") and self.shared < self.begun * _STEP:
            paid = self.rate * self.shared // 60
        elif self.begun > self.shared // _STEP + 1:
            paid = (self.shared // _STEP + 1) * self.rate
        return paid


_ACTIONS = st.one_of(
    st.tuples(st.just("talk"), st.integers(1, 40)),
    st.tuples(st.just("talk"), st.integers(1, 40)),
    st.tuples(st.just("client leaves"), st.integers(50, 60)),
    st.tuples(st.just("reader leaves"), st.integers(50, 60)),
    st.tuples(st.just("top up"), st.integers(1, 1500)),
)


def play(session: LiveSession, model: Model, action: str, amount: int) -> None:
    """Do one thing in the marketplace and in the model."""
    market = session.market
    match action:
        case "talk":
            # Coming back takes no time of its own: presence is heard, then the seconds pass.
            if model.pause in {"client_absent", "reader_absent"}:
                session.by(session.client, "heartbeat")
                session.by(session.reader, "heartbeat")
                market.tick()
                model.talk(0)
            session.talk(amount)
            for step in (20, amount - 20) if amount > 20 else (amount,):
                if not model.is_over():
                    model.talk(step)
        case "top up":
            market.top_up(session.client, amount)
            model.wallet += amount
        case _:
            stays = session.reader if action == "client leaves" else session.client
            if model.pause is None:
                session.talk(amount, [stays])
                model.leave("client_absent" if action == "client leaves" else "reader_absent")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.sampled_from([1, 39, 100, 299, 300, 1999]),
    minutes=st.integers(1, 6),
    odd=st.integers(0, 500),
    actions=st.lists(_ACTIONS, max_size=9),
    ended_by=st.sampled_from(["client", "reader"]),
)
def test_a_session_costs_what_the_shared_clock_says(
    market: Marketplace,
    rate: int,
    minutes: int,
    odd: int,
    actions: list[tuple[str, int]],
    ended_by: Literal["client", "reader"],
) -> None:
    funds = rate * minutes + odd
    model = Model(rate, funds)
    session = market.started(market.client(funds=funds), market.reader(rate=rate))
    model.charge()
    for action, amount in actions:
        if model.is_over():
            break
        play(session, model, action, amount)
        row = session.row()
        if model.is_over():
            assert row["end_reason"] == "insufficient_funds"
            break
        meter = session.meter()
        assert (row["pause_reason"], meter["charged"]) == (model.pause, model.begun * rate)
        assert market.wallet(session.client)["balance"] == model.wallet
    if not model.is_over():
        owed = model.cost_if_ended_by(ended_by)
        ended = session.by(getattr(session, ended_by), "end")
        assert ended["total_cost"] == owed
        assert market.wallet(session.client)["balance"] == model.wallet + model.begun * rate - owed
    assert market.problems() == []
    assert session.is_free()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.integers(1, 5000), promo=st.integers(0, 6000), seconds=st.integers(10, 110), share=st.integers(0, 10_000)
)
def test_what_is_given_back_comes_in_the_proportions_it_was_paid(
    market: Marketplace, rate: int, promo: int, seconds: int, share: int
) -> None:
    reader = market.reader(rate=rate)
    market.database.execute(
        "insert into ledger.rules (kind, reader_id, share_bps) values ('SESSION', %s, %s)", [reader.id, share]
    )
    session = market.started(market.client(funds=rate * 3, promo=promo), reader)
    paid = promo + rate * 3 - market.wallet(session.client)["available"]
    assert paid == rate
    session.talk(seconds)
    session.by(session.reader, "end")
    cost = session.row()["total_cost"]
    assert cost == rate * seconds // 60
    legs = session.legs("increment")
    back = session.legs("increment_reversal")
    assert all(leg["amount"] > 0 for leg in legs + back)
    # Nobody gives back more than they got out of each posting, and each payer gets back at most what they paid.
    for leg in legs:
        returned = [r for r in back if r["reverses"] == leg["id"]]
        of_reader = sum(r["amount"] for r in returned if r["debit_account_id"] == leg["credit_account_id"])
        whole = sum(r["amount"] for r in returned)
        assert 0 <= of_reader <= leg["amount"] - leg["commission"]
        assert 0 <= whole - of_reader <= leg["commission"]
        assert all(r["credit_account_id"] == leg["debit_account_id"] for r in returned)
    assert sum(leg["amount"] for leg in legs) - sum(r["amount"] for r in back) == cost
    wallet = market.wallet(session.client)
    assert wallet["balance"] + wallet["promo"] == promo + rate * 3 - cost
    # The reader's part is never off by more than a unit for each posting touched.
    assert abs(market.earned(reader) - cost * share // 10_000) <= len(legs)
    assert market.problems() == []


_HOLDS = st.lists(st.tuples(st.sampled_from(["hold", "void", "post"]), st.integers(1, 400)), max_size=12)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_HOLDS)
def test_holds_never_reserve_more_than_there_is(market: Marketplace, steps: list[tuple[str, int]]) -> None:
    person = market.client(funds=1000)
    account = market.value("select ledger.account_of(%s, 'client_wallet')::text", person.id)
    revenue = market.value("select ledger.account_of(null, 'platform_revenue')::text")
    balance, pending = 1000, dict[str, int]()
    for step, amount in steps:
        if step == "hold":
            fits = sum(pending.values()) + amount <= balance
            if not fits:
                with pytest.raises(psycopg.Error, match="insufficient_funds"):
                    market.value("select ledger.hold(%s, gen_random_uuid(), %s)::text", account, amount)
                continue
            made = market.value("select ledger.hold(%s, gen_random_uuid(), %s)::text", account, amount)
            pending[market.value("select reference::text from ledger.holds where id = %s", made)] = amount
        elif pending:
            reference, held = pending.popitem()
            status = "POSTED" if step == "post" else "VOIDED"
            assert market.value("select ledger.resolve_holds(%s, %s)", reference, status) == held
            if step == "post":
                spend = "select ledger.post_transfer(gen_random_uuid(), 'adjustment', %s, %s, %s)"
                market.database.execute(spend.encode(), [account, revenue, held])
                balance -= held
        held_now = sum(pending.values())
        assert market.wallet(person) == {
            "balance": balance,
            "held": held_now,
            "available": balance - held_now,
            "promo": 0,
        }
    assert market.problems() == []
