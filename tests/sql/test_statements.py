"""Statements: what each side's money did, with a running balance that is the wallet's at every step."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row

_DAY = 86_400


def statement(market: Marketplace, person: Person, **asked: Any) -> list[Row]:
    lines: list[Row] = market.call(person, "wallet_statement", **asked)
    return lines


def earnings(market: Marketplace, reader: Person, **asked: Any) -> list[Row]:
    lines: list[Row] = market.call(reader, "reader_statement", **asked)
    return lines


def totals(market: Marketplace, reader: Person) -> Row:
    (found,) = market.call(reader, "reader_totals")
    assert isinstance(found, dict)
    return found


def funded(market: Marketplace, funds: int, promo: int = 0) -> Person:
    """Someone with money, bought before it was given: ids of one moment have no order."""
    client = market.client(funds=funds)
    market.clock.advance(1)
    if promo:
        market.give(client, promo)
        market.clock.advance(1)
    return client


def talked(market: Marketplace, client: Person, reader: Person, seconds: float, by: str = "client") -> str:
    """Hold a session of so many seconds; answers its id."""
    market.call(reader, "set_reader_status", p_status="ONLINE")
    session = market.started(client, reader)
    session.talk(seconds)
    session.by(client if by == "client" else reader, "end")
    return session.id


# A client's ------------------------------------------------------------


def test_a_client_reads_what_was_charged_for_which_minutes(market: Marketplace) -> None:
    client, reader = funded(market, 1000, promo=250), market.reader(rate=300)
    session = talked(market, client, reader, 70)

    charge, given_line, topup = statement(market, client)

    assert (charge["type"], charge["session_id"], charge["reader_id"]) == ("SESSION_CHARGE", session, reader.id)
    assert (charge["reader_name"], charge["session_type"]) == ("Ada Reader", "CHAT")
    assert (charge["billed_minutes"], charge["rate"]) == (2, 300)
    assert (charge["promo_amount"], charge["amount"]) == (-250, -350)
    assert (charge["balance"], charge["promo_balance"]) == (650, 0)
    assert (given_line["amount"], given_line["promo_amount"], given_line["promo_balance"]) == (0, 250, 250)
    assert (topup["type"], topup["amount"], topup["balance"], topup["promo_balance"]) == ("ADD_FUNDS", 1000, 1000, 0)
    assert topup["session_id"] is None


def test_a_live_session_is_a_line_that_grows(market: Marketplace) -> None:
    client, reader = funded(market, 2000), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(130)
    top_up = market.top_up(client, 500)

    lines = statement(market, client)

    assert lines[0]["transaction_id"] == top_up
    assert [(line["amount"], line["balance"]) for line in lines] == [(500, 1600), (-900, 1100), (2000, 2000)]
    assert (lines[1]["status"], lines[1]["billed_minutes"]) == ("PENDING", 3)
    session.by(client, "end")


def test_a_payment_by_card_that_brought_nothing_is_no_line(market: Marketplace) -> None:
    client = market.client(funds=100)
    market.worker("begin_topup", p_user_id=client.id, p_amount=500, p_currency="USD", p_idempotency_key="later")
    assert [line["amount"] for line in statement(market, client)] == [100]


def test_pages_and_periods_carry_the_same_balances(market: Marketplace) -> None:
    client = market.client()
    moments = []
    for amount in (100, 200, 300, 400, 500, 600, 700):
        moments.append(market.clock.now().isoformat())
        market.top_up(client, amount)
        market.clock.advance(3600)
    whole = statement(market, client)
    assert [line["balance"] for line in whole] == [2800, 2100, 1500, 1000, 600, 300, 100]

    paged: list[Row] = []
    while page := statement(market, client, p_limit=3, p_after=paged[-1]["cursor"] if paged else None):
        paged += page
    assert paged == whole
    assert statement(market, client, p_from=moments[2], p_to=moments[5]) == whole[2:5]
    assert statement(market, client, p_to=moments[5], p_limit=1) == whole[2:3]
    assert statement(market, client, p_from=moments[2], p_to=moments[2]) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"p_limit": 0},
        {"p_limit": 201},
        {"p_limit": None},
        {"p_after": "yesterday"},
        {"p_after": str(uuid.uuid4())},
        {"p_after": f"{uuid.uuid4()}_1_2_{'9' * 19}"},
    ],
)
def test_a_page_that_cannot_be_is_refused(market: Marketplace, asked: Row) -> None:
    client = market.client(funds=100)
    with market.refuses("invalid_argument"):
        statement(market, client, **asked)


def test_nobody_reads_anybody_elses(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader(rate=300)
    talked(market, client, reader, 30)
    cursor = statement(market, client)[0]["cursor"]
    stranger = market.sign_up()
    assert statement(market, stranger) == []
    assert statement(market, stranger, p_after=cursor) == []
    assert statement(market, reader) == []
    with market.refuses("not_a_reader"):
        earnings(market, client)
    with market.refuses("not_a_reader"):
        market.call(client, "reader_totals")
    visitor = Person("", market.world.anon_key)
    for function in ("wallet_statement", "reader_statement", "reader_totals"):
        with pytest.raises(RefusedError) as refused:
            market.call(visitor, function)
        assert refused.value.sqlstate == "42501"


def test_a_suspended_client_still_reads_theirs(market: Marketplace) -> None:
    client = market.client(funds=100)
    market.suspend(client)
    assert [line["balance"] for line in statement(market, client)] == [100]


# A reader's ------------------------------------------------------------


def test_a_reader_reads_gross_parts_and_when_it_clears(market: Marketplace) -> None:
    client, reader = market.client(funds=5000, promo=100), market.reader(rate=333)
    session = talked(market, client, reader, 70)

    (line,) = earnings(market, reader)

    assert (line["gross"], line["platform_part"], line["amount"]) == (666, 200, 466)
    assert (line["type"], line["state"], line["session_id"]) == ("SESSION_CHARGE", "CLEARING", session)
    assert (line["billed_minutes"], line["rate"], line["session_type"]) == (2, 333, "CHAT")
    assert set(line) & {"client_id", "user_id", "balance", "status", "description", "metadata"} == set()
    assert client.id not in str(line)
    sums = totals(market, reader)
    assert (sums["earned"], sums["clearing"], sums["cleared"], sums["payable"]) == (466, 466, 0, 0)
    assert (sums["next_clears_on"], sums["next_clearing"]) == (line["clears_at"][:10], 466)


def test_what_was_given_back_within_a_session_is_in_neither_part(market: Marketplace) -> None:
    client, reader = funded(market, 5000), market.reader(rate=600)
    talked(market, client, reader, 90, by="reader")
    (line,) = earnings(market, reader)
    assert (line["gross"], line["platform_part"], line["amount"]) == (900, 270, 630)
    assert statement(market, client)[0]["amount"] == -900


def test_a_live_session_counts_in_the_totals_only(market: Marketplace) -> None:
    client, reader = market.client(funds=5000), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(70)
    assert earnings(market, reader) == []
    sums = totals(market, reader)
    assert (sums["balance"], sums["in_session"], sums["clearing"]) == (420, 420, 0)
    session.by(client, "end")


def test_payouts_take_the_earliest_cleared_first(market: Marketplace) -> None:
    client, reader = market.client(funds=50_000), market.reader(rate=3000)
    market.open_payout_account(reader)
    for _ in range(3):
        talked(market, client, reader, 30)
        market.clock.advance(60)
    market.clock.advance(7 * _DAY)
    talked(market, client, reader, 30)
    assert [line["state"] for line in earnings(market, reader)] == ["CLEARING", "PAYABLE", "PAYABLE", "PAYABLE"]

    payout = market.call(reader, "request_payout", p_idempotency_key="one", p_amount=4200)
    assert [line["state"] for line in earnings(market, reader)] == ["CLEARING", "PAYABLE", "ON_ITS_WAY", "ON_ITS_WAY"]
    sums = totals(market, reader)
    assert (sums["cleared"], sums["held"], sums["payable"], sums["paid_out"]) == (6300, 4200, 2100, 0)

    market.clock.advance(1)
    attempt = market.row("select id::text from public.payout_attempts where payout_id = %s", payout["id"])["id"]
    market.worker("record_transfer", p_attempt_id=attempt, p_transfer_id=f"tr_{payout['id'][:8]}")
    lines = earnings(market, reader)
    assert [line["state"] for line in lines] == ["PAID_OUT", "CLEARING", "PAYABLE", "PAID_OUT", "PAID_OUT"]
    assert (lines[0]["type"], lines[0]["amount"], lines[0]["gross"]) == ("PAYOUT", -4200, None)
    sums = totals(market, reader)
    assert (sums["earned"], sums["paid_out"], sums["balance"]) == (8400, 4200, 4200)
    assert (sums["cleared"], sums["clearing"], sums["held"], sums["payable"]) == (2100, 2100, 0, 2100)


def test_a_reader_pages_and_bounds_by_time(market: Marketplace) -> None:
    client, reader = market.client(funds=50_000), market.reader(rate=300)
    moments = []
    for _ in range(5):
        moments.append(market.clock.now().isoformat())
        talked(market, client, reader, 30)
        market.clock.advance(60)
    whole = earnings(market, reader)
    assert len(whole) == 5
    first = earnings(market, reader, p_limit=2)
    assert first + earnings(market, reader, p_after=first[-1]["cursor"]) == whole
    assert earnings(market, reader, p_from=moments[1], p_to=moments[3]) == whole[2:4]
    with market.refuses("invalid_argument"):
        earnings(market, reader, p_limit=0)


# Any order of events ------------------------------------------------------------

_EVENTS = st.one_of(
    st.tuples(st.just("top up"), st.integers(1, 5000)),
    st.tuples(st.just("give"), st.integers(1, 900)),
    st.tuples(st.just("talk"), st.integers(5, 200)),
    st.tuples(st.just("talk, reader ends"), st.integers(5, 200)),
    st.tuples(st.just("talk and top up meanwhile"), st.integers(1, 5000)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(_EVENTS, min_size=1, max_size=7))
def test_the_running_balance_is_the_wallet_at_every_step(market: Marketplace, events: list[tuple[str, int]]) -> None:
    client, reader = market.client(), market.reader(rate=300)
    seen: dict[str, tuple[int, int]] = {}
    for event, amount in events:
        _happen(market, client, reader, event, amount)
        market.clock.advance(1)
        wallet = market.wallet(client)
        lines = statement(market, client, p_limit=200)
        assert sum(line["amount"] for line in lines) == wallet["balance"]
        assert sum(line["promo_amount"] for line in lines) == wallet["promo"]
        if lines:
            seen[lines[0]["transaction_id"]] = (wallet["balance"], wallet["promo"])
    lines = statement(market, client, p_limit=200)
    for newer, older in itertools.pairwise(lines):
        assert newer["balance"] - newer["amount"] == older["balance"]
        assert newer["promo_balance"] - newer["promo_amount"] == older["promo_balance"]
    told = {line["transaction_id"]: (line["balance"], line["promo_balance"]) for line in lines}
    assert {key: told[key] for key in seen} == seen
    assert sum(line["amount"] for line in earnings(market, reader)) == market.earned(reader)


def _happen(market: Marketplace, client: Person, reader: Person, event: str, amount: int) -> None:
    if event == "top up":
        market.top_up(client, amount)
    elif event == "give":
        market.give(client, amount)
    elif market.wallet(client)["available"] >= 300:
        if event == "talk and top up meanwhile":
            session = market.started(client, reader)
            session.talk(20)
            market.top_up(client, amount)
            session.talk(50)
            session.by(client, "end")
        else:
            talked_until_end(market, client, reader, amount, event)
    elif event.startswith("talk"):
        with pytest.raises(RefusedError):
            market.request(client, reader)


def talked_until_end(market: Marketplace, client: Person, reader: Person, seconds: int, event: str) -> None:
    """Hold a session that may run out of money, and see its end."""
    session = market.started(client, reader)
    session.talk(seconds)
    if session.row()["status"] == "IN_PROGRESS":
        session.by(reader if event.endswith("reader ends") else client, "end")


# The proof ------------------------------------------------------------

_DAMAGES = {
    "of somebody else's": "select ledger.post_transfer(t.id, 'adjustment', ledger.account_of(null, 'promo_expense'), "
    "ledger.account_of(%(other)s, 'promo_credit'), 5) from public.transactions t where t.user_id = %(client)s",
    "long after its transaction": "update private.test_clock set moment = moment + interval '3 days'; "
    "select ledger.post_transfer(t.id, 'adjustment', ledger.account_of(null, 'promo_expense'), "
    "ledger.account_of(t.user_id, 'promo_credit'), 5) from public.transactions t where t.user_id = %(client)s",
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_the_proof_finds_a_posting_that_no_statement_shows(market: Marketplace, damage: str) -> None:
    people = {"client": market.client(funds=100).id, "other": market.sign_up().id}
    with psycopg.ClientCursor(market.database) as cursor, market.database.transaction(force_rollback=True):
        cursor.execute(_DAMAGES[damage].encode(), people)
        found = {row["problem"] for row in market.problems()}
    assert found == {"posting is not in its owner's statement"}
