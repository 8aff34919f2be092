"""Reservations against a naive model: held, then posted whole or in part, voided or expired, once."""

import uuid
from dataclasses import dataclass, field

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import Marketplace, Person

FUNDS = 1000
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(0, 3), st.integers(1, FUNDS + 1)),
        st.tuples(st.just("post"), st.integers(0, 3), st.one_of(st.none(), st.integers(1, FUNDS))),
        st.tuples(st.just("void"), st.integers(0, 3), st.none()),
        st.tuples(st.just("expire"), st.integers(0, 3), st.none()),
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class Model:
    """A wallet and its holds, as they must be: amount and what became of it, by reference."""

    balance: int = FUNDS
    holds: dict[int, tuple[int, str, int]] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """What pending holds keep."""
        return sum(amount for amount, status, _ in self.holds.values() if status == "PENDING")

    def hold(self, reference: int, amount: int) -> bool:
        """Hold once per reference what is there; tell whether it was done."""
        if reference in self.holds or amount > self.balance - self.held:
            return False
        self.holds[reference] = (amount, "PENDING", 0)
        return True

    def resolve(self, reference: int, status: str, posted: int | None) -> int | None:
        """Answer what is set free, None for a refusal."""
        amount, before, _ = self.holds.get(reference, (0, "", 0))
        pending = amount if before == "PENDING" else 0
        if posted is not None and not 1 <= posted <= pending:
            return None
        if pending:
            spent = 0 if status != "POSTED" else pending if posted is None else posted
            self.holds[reference] = (amount, status, spent)
            self.balance -= spent
        return pending


def spend(market: Marketplace, person: Person, amount: int) -> None:
    market.database.execute(
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_wallet'), "
        "ledger.account_of(null, 'platform_revenue'), %s)",
        [person.id, amount],
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_holds_are_resolved_once_and_the_wallet_agrees(
    market: Marketplace, steps: list[tuple[str, int, int | None]]
) -> None:
    person, model = market.client(funds=FUNDS), Model()
    account = market.value("select ledger.account_of(%s, 'client_wallet')::text", person.id)
    names = [str(uuid.uuid4()) for _ in range(4)]
    for verb, reference, amount in steps:
        if verb == "hold":
            assert amount is not None
            if model.hold(reference, amount):
                market.database.execute("select ledger.hold(%s, %s, %s)", [account, names[reference], amount])
            else:
                # A second hold of one reference breaks the key that holds it to one.
                with pytest.raises(psycopg.Error):
                    market.database.execute("select ledger.hold(%s, %s, %s)", [account, names[reference], amount])
            continue
        status = {"post": "POSTED", "void": "VOIDED", "expire": "EXPIRED"}[verb]
        before = model.balance
        freed = model.resolve(reference, status, amount)
        arguments = [names[reference], status, amount]
        if freed is None:
            with pytest.raises(psycopg.Error) as refused:
                market.database.execute("select ledger.resolve_holds(%s, %s, %s)", arguments)
            assert refused.value.diag.message_primary == "amount_out_of_range"
            continue
        with market.database.transaction():
            assert market.value("select ledger.resolve_holds(%s, %s, %s)", *arguments) == freed
            if before > model.balance:
                spend(market, person, before - model.balance)
    wallet = market.wallet(person)
    assert (wallet["balance"], wallet["held"]) == (model.balance, model.held)
    rows = market.rows(
        "select reference::text, status::text, posted_amount from ledger.holds where account_id = %s", account
    )
    assert {row["reference"]: (row["status"], row["posted_amount"]) for row in rows} == {
        names[reference]: (status, posted) for reference, (_, status, posted) in model.holds.items()
    }
    # What is still held belongs to nothing that could outlive it.
    for name in names:
        market.database.execute("select ledger.resolve_holds(%s, 'VOIDED')", [name])
    assert market.problems() == []
    assert market.wallet(person)["held"] == 0


def test_a_part_is_taken_from_promo_credit_first(market: Marketplace) -> None:
    person, reference = market.client(funds=500), str(uuid.uuid4())
    market.give(person, 300)
    promo, wallet = (
        market.value("select ledger.account_of(%s, %s::ledger.account_kind)::text", person.id, kind)
        for kind in ("promo_credit", "client_wallet")
    )
    for account, amount in ((wallet, 200), (promo, 300)):
        market.database.execute("select ledger.hold(%s, %s, %s)", [account, reference, amount])
    with market.database.transaction(force_rollback=True):
        assert market.value("select ledger.resolve_holds(%s, 'POSTED', 250)", reference) == 500
        rows = market.rows(
            "select status::text, posted_amount from ledger.holds where reference = %s order by amount desc", reference
        )
        assert [(row["status"], row["posted_amount"]) for row in rows] == [("POSTED", 250), ("VOIDED", 0)]
    market.database.execute("select ledger.resolve_holds(%s, 'VOIDED')", [reference])
