"""Giving back what was paid: the way it came, in parts that sum to the whole, never more than that."""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import Marketplace, Person, Row

DAY = 86_400
_KINDS = "select kind::text, (credits - debits)::bigint as balance from ledger.accounts where user_id = %s"
_REVERSE = "select * from ledger.reverse_transaction(%s, %s, 'Refund')"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who pays and who earns, the same in every example."""

    client: Person
    readers: Sequence[Person]


@pytest.fixture(scope="module")
def cast(market: Marketplace) -> Cast:
    return Cast(market.client(), [market.reader(), market.reader(), market.reader()])


@pytest.fixture
def kept_clean(market: Marketplace) -> Iterator[None]:
    """Undo what a test posted by SQL, after the proof."""
    with market.database.transaction(force_rollback=True):
        yield
        assert market.problems() == []


def fund(market: Marketplace, person: Person, kind: str, amount: int) -> None:
    if amount:
        market.database.execute(
            "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(null, 'promo_expense'), "
            "ledger.account_of(%s, %s), %s)",
            [person.id, kind, amount],
        )


def pay(market: Marketplace, payer: Person, sales: Sequence[tuple[Person, int, int]]) -> str:
    """Spend on several earners (earner, amount, share in basis points) in one transaction; answers its id."""
    earners, amounts, shares = zip(*sales, strict=True)
    paid = market.value(
        "select id::text from private.pay(%s, 'PURCHASE', 'order', (select array_agg((e, a, s)::private.sale) "
        "from unnest(%s::uuid[], %s::bigint[], %s::integer[]) x (e, a, s)), 'Order')",
        payer.id,
        [earner.id for earner in earners],
        list(amounts),
        list(shares),
    )
    return str(paid)


def reverse(market: Marketplace, transaction: str, amount: int) -> Row:
    return market.row(_REVERSE, transaction, amount)


def balances(market: Marketplace, *people: Person) -> list[dict[str, int]]:
    return [{row["kind"]: row["balance"] for row in market.rows(_KINDS, person.id)} for person in people]


sales = st.lists(st.tuples(st.integers(1, 2_000), st.integers(0, 10_000)), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sold=sales, data=st.data())
def test_partial_reversals_sum_to_the_whole_and_keep_the_proportions(
    market: Marketplace, cast: Cast, sold: list[tuple[int, int]], data: st.DataObject
) -> None:
    paid = sum(amount for amount, _ in sold)
    promo = data.draw(st.integers(0, paid), label="promo")
    cuts = sorted(data.draw(st.sets(st.integers(1, paid), max_size=5), label="cuts") | {paid})
    with market.database.transaction(force_rollback=True):
        fund(market, cast.client, "promo_credit", promo)
        fund(market, cast.client, "client_wallet", paid - promo)
        before = balances(market, cast.client, *cast.readers)
        transaction = pay(
            market, cast.client, [(cast.readers[i], amount, share) for i, (amount, share) in enumerate(sold)]
        )
        spent = balances(market, cast.client, *cast.readers)
        for earlier, upto in itertools.pairwise([0, *cuts]):
            reversal = reverse(market, transaction, upto - earlier)
            now = balances(market, cast.client, *cast.readers)
            assert reversal["reader_earnings"] + reversal["platform_revenue"] == upto - earlier
            assert sum(now[0].values()) - sum(spent[0].values()) == upto
            # Each cut and each share is rounded once, by less than one.
            slack = 2 * len(sold) + 1
            assert abs(now[0]["promo_credit"] * paid - promo * upto) < slack * paid
            for i, (amount, share) in enumerate(sold):
                back = spent[i + 1]["reader_earnings"] - now[i + 1]["reader_earnings"]
                assert abs(back * paid - amount * share // 10_000 * upto) < slack * paid
        assert now == before
        assert market.value("select status::text from transactions where id = %s", transaction) == "REFUNDED"
        assert market.problems() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=st.integers(0, 2**62), of=st.integers(1, 2**62), data=st.data())
def test_a_part_is_the_floor_of_the_exact_one(market: Marketplace, whole: int, of: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, of))
    assert market.value("select ledger.part_of(%s, %s, %s)", whole, done, of) == whole * done // of


@pytest.mark.usefixtures("kept_clean")
def test_the_payer_gets_it_back_and_the_earner_and_the_platform_give_it(market: Marketplace, cast: Cast) -> None:
    fund(market, cast.client, "promo_credit", 100)
    fund(market, cast.client, "client_wallet", 300)
    transaction = pay(market, cast.client, [(cast.readers[0], 400, 7000)])
    reversal = reverse(market, transaction, 200)
    assert (reversal["type"], reversal["status"], reversal["amount"]) == ("REVERSAL", "COMPLETED", 200)
    assert (reversal["reader_earnings"], reversal["platform_revenue"]) == (140, 60)
    assert reversal["metadata"]["reverses"] == transaction
    assert balances(market, cast.client)[0] == {
        "promo_credit": 50,
        "client_wallet": 150,
        "client_debt": 0,
    }
    legs = market.rows(
        "select t.code::text, d.kind::text as giver, c.kind::text as taker, t.amount, o.code::text as corrects "
        "from ledger.transfers t join ledger.accounts d on d.id = t.debit_account_id "
        "join ledger.accounts c on c.id = t.credit_account_id join ledger.transfers o on o.id = t.reverses "
        "where t.transaction_id = %s order by 2, 3",
        reversal["id"],
    )
    assert [tuple(leg.values()) for leg in legs] == [
        ("reversal", "platform_revenue", "client_wallet", 45, "order"),
        ("reversal", "platform_revenue", "promo_credit", 15, "order"),
        ("reversal", "reader_earnings", "client_wallet", 105, "order"),
        ("reversal", "reader_earnings", "promo_credit", 35, "order"),
    ]


def test_a_session_is_given_back_as_it_was_settled(market: Marketplace) -> None:
    client, reader = market.client(funds=1000, promo=100), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(90)
    session.by(reader, "end")
    assert market.wallet(client)["available"] == 650
    reverse(market, session.row()["transaction_id"], 450)
    assert market.wallet(client) == {"balance": 1000, "held": 0, "available": 1100, "promo": 100}
    assert market.earned(reader) == 0
    assert session.row()["total_cost"] == 450


@pytest.mark.usefixtures("kept_clean")
def test_what_is_taken_back_clears_with_what_was_earned(market: Marketplace, cast: Cast) -> None:
    reader = cast.readers[0]
    account = market.value("select ledger.account_of(%s, 'reader_earnings')", reader.id)
    payable = "select ledger.payable(%s, private.now() + %s * interval '1 second')"
    fund(market, cast.client, "client_wallet", 1000)
    pay(market, cast.client, [(reader, 500, 10_000)])
    market.clock.advance(4 * DAY)
    later = pay(market, cast.client, [(reader, 500, 10_000)])
    market.clock.advance(4 * DAY)
    assert market.value(payable, account, 0) == 500
    reverse(market, later, 200)
    assert market.value(payable, account, 0) == 500
    assert market.value(payable, account, 4 * DAY) == 800
    market.clock.advance(4 * DAY)
    reverse(market, later, 100)
    assert market.value(payable, account, 0) == 700


@pytest.mark.usefixtures("kept_clean")
def test_earnings_paid_out_leave_a_debt_of_the_earners(market: Marketplace, cast: Cast) -> None:
    fund(market, cast.client, "client_wallet", 500)
    transaction = pay(market, cast.client, [(cast.readers[0], 500, 10_000)])
    account = market.value("select ledger.account_of(%s, 'reader_earnings')", cast.readers[0].id)
    market.database.execute(
        "select ledger.post_transfer("
        "gen_random_uuid(), 'adjustment', %s, ledger.account_of(null, 'stripe_clearing'), 500)",
        [account],
    )
    market.database.execute(
        "insert into ledger.earnings (account_id, transaction_id, amount, earned_at, clears_at) "
        "values (%s, gen_random_uuid(), -500, private.now(), private.now())",
        [account],
    )
    reverse(market, transaction, 500)
    assert balances(market, cast.readers[0])[0]["reader_earnings"] == -500
    assert market.value("select ledger.payable(%s, private.now() + interval '1 year')", account) == 0


@pytest.mark.parametrize(
    ("amount", "code"),
    [(101, "refund_exceeds_charge"), (2**63 - 1, "refund_exceeds_charge"), (0, "amount_out_of_range"),
     (-1, "amount_out_of_range"), (None, "amount_out_of_range")],
)  # fmt: skip
@pytest.mark.usefixtures("kept_clean")
def test_no_more_is_given_back_than_is_left(market: Marketplace, cast: Cast, amount: int | None, code: str) -> None:
    fund(market, cast.client, "client_wallet", 300)
    transaction = pay(market, cast.client, [(cast.readers[0], 300, 7000)])
    reverse(market, transaction, 200)
    before = market.fingerprint()
    with pytest.raises(psycopg.Error) as refused, market.database.transaction():
        market.rows(_REVERSE, transaction, amount)
    assert refused.value.diag.message_primary == code
    assert market.fingerprint() == before


@pytest.mark.parametrize("kind", ["top-up", "reversal", "session in progress", "unknown"])
def test_only_a_settled_charge_is_given_back(market: Marketplace, kind: str) -> None:
    client = market.client()
    if kind == "session in progress":
        transaction = market.started(market.client(funds=1000), market.reader()).row()["transaction_id"]
    elif kind == "unknown":
        transaction = str(uuid.uuid4())
    else:
        transaction = market.top_up(client, 1000)
    if kind == "reversal":
        transaction = reverse(market, pay(market, client, [(market.reader(), 300, 7000)]), 200)["id"]
    with pytest.raises(psycopg.Error) as refused:
        reverse(market, transaction, 1)
    assert refused.value.diag.message_primary == ("not_found" if kind == "unknown" else "invalid_state")


def test_of_reversals_at_once_only_as_many_stand_as_the_charge_covers(market: Marketplace) -> None:
    client = market.client(funds=1000)
    transaction = pay(market, client, [(market.reader(), 1000, 7000)])

    def take(_: int) -> str | None:
        with market.world.connect() as database:
            try:
                database.execute("select ledger.reverse_transaction(%s, 300)", [transaction])
            except psycopg.Error as refused:
                return refused.diag.message_primary
            return "stands"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(6))) == ["refund_exceeds_charge"] * 3 + ["stands"] * 3
    assert market.wallet(client)["balance"] == 900


_DAMAGES = {
    "reversal differs from its postings": "insert into ledger.reversals (transaction_id, reversed_id, amount) "
    "select t.id, %(paid)s, 1 from transactions t where t.id = %(other)s",
    "transaction differs from its reversal": "update transactions set platform_revenue = platform_revenue + 1 "
    "where id = %(reversal)s",
    "reversal posted without its row": "insert into ledger.transfers select private.uuid_v7(), gen_random_uuid(), "
    "'reversal', null, gen_random_uuid(), gen_random_uuid(), 5, null, 0, null, null, null, now()",
    "more given back than was paid": "insert into ledger.reversals (transaction_id, reversed_id, amount) "
    "select t.id, %(paid)s, 500 from transactions t where t.id = %(other)s",
    "part given back differs from its proportion": "insert into ledger.transfers select private.uuid_v7(), "
    "%(reversal)s, 'reversal', null, gen_random_uuid(), gen_random_uuid(), 5, null, 0, null, null, null, now()",
}


@pytest.mark.parametrize("problem", _DAMAGES)
def test_the_proof_finds_a_wrong_reversal(market: Marketplace, problem: str) -> None:
    client = market.client()
    other = market.top_up(client, 1000)
    with market.database.transaction(force_rollback=True):
        paid = pay(market, client, [(market.reader(), 300, 7000)])
        names = {"paid": paid, "other": other, "reversal": reverse(market, paid, 100)["id"]}
        assert market.problems() == []
        market.database.execute(_DAMAGES[problem].encode(), names)
        assert problem in {row["problem"] for row in market.problems()}
