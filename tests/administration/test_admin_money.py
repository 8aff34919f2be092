"""What administrators do with money: commission, refunds, goodwill, a second pair of eyes, frozen wallets."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.administration.tables import with_second_factor
from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError, Row

_keys = itertools.count(1)
_DAY = 86_400


@pytest.fixture
def treasurer(market: Marketplace) -> Person:
    """An administrator with manage_finances, at aal2, who has given nothing yet."""
    return with_second_factor(market, market.make_admin("manage_finances"))


@pytest.fixture
def colleague(market: Marketplace) -> Person:
    """Another one."""
    return with_second_factor(market, market.make_admin("manage_finances"))


@pytest.fixture
def second_from_500(market: Marketplace) -> Iterator[None]:
    """Amounts of 500 and more wait for a second administrator."""
    with market.setting("admin.second_approval_from", 500):
        yield


def ended(market: Marketplace, funds: int = 3000, promo: int = 0, seconds: float = 130, rate: int = 300) -> Row:
    """A session that has ended; 130 seconds at 300 cost 900."""
    session = market.started(market.client(funds=funds, promo=promo), market.reader(rate=rate))
    session.talk(seconds)
    session.by(session.client, "end")
    return {**session.row(), "client": session.client, "reader": session.reader}


def refund(market: Marketplace, admin: Person, session: Row, amount: object, **more: object) -> Row:
    asked = {"p_amount": amount, "p_reason": "The line was poor.", "p_idempotency_key": f"r-{next(_keys)}", **more}
    order: Row = market.call(admin, "admin_refund_session", p_session_id=str(session["id"]), **asked)
    return order


def goodwill(market: Marketplace, admin: Person, person: Person, amount: object, **more: object) -> Row:
    asked = {"p_amount": amount, "p_reason": "Sorry.", "p_idempotency_key": f"g-{next(_keys)}", **more}
    order: Row = market.call(admin, "admin_goodwill", p_user_id=person.id, **asked)
    return order


def statement(market: Marketplace, person: Person) -> list[Row]:
    lines: list[Row] = market.call(person, "wallet_statement")
    return lines


# Refunds ------------------------------------------------------------


def test_a_refund_goes_back_the_way_it_came_and_stands_in_both_statements(
    market: Marketplace, treasurer: Person
) -> None:
    session = ended(market, promo=300)
    before = market.house("platform_revenue")
    market.clock.advance(1)

    order = refund(market, treasurer, session, 450)

    assert (order["status"], order["kind"], order["needs_second"], order["approved_by"]) == (
        "DONE",
        "REFUND",
        False,
        None,
    )
    assert market.wallet(session["client"]) == {"balance": 2700, "held": 0, "available": 2850, "promo": 150}
    assert market.earned(session["reader"]) == 315
    assert market.house("platform_revenue") == before - 135
    line = statement(market, session["client"])[0]
    assert (line["type"], line["amount"], line["promo_amount"], line["session_id"]) == (
        "REVERSAL", 300, 150, str(session["id"]),
    )  # fmt: skip
    assert line["transaction_id"] == order["transaction_id"]
    taken, earned = market.call(session["reader"], "reader_statement")
    assert (taken["state"], taken["gross"], taken["platform_part"], taken["amount"]) == ("TAKEN_BACK", -450, -135, -315)
    assert (earned["gross"], earned["platform_part"], earned["amount"]) == (900, 270, 630)
    assert market.problems() == []


def test_a_charge_given_back_whole_is_refunded_and_nothing_is_left(market: Marketplace, treasurer: Person) -> None:
    session = ended(market)
    for amount in (1, 333, 566):
        refund(market, treasurer, session, amount)
    assert market.wallet(session["client"])["balance"] == 3000
    assert market.earned(session["reader"]) == 0
    charge = market.row("select status::text from public.transactions where id = %s", session["transaction_id"])
    assert charge["status"] == "REFUNDED"
    with market.refuses("refund_exceeds_charge"):
        refund(market, treasurer, session, 1)


def test_earnings_already_paid_out_go_below_zero(market: Marketplace, treasurer: Person) -> None:
    session = ended(market, funds=9000, rate=3000, seconds=70)
    market.open_payout_account(session["reader"])
    market.clock.advance(7 * _DAY)
    payout = market.call(session["reader"], "request_payout", p_idempotency_key="all")
    attempt = market.row("select id::text from public.payout_attempts where payout_id = %s", payout["id"])["id"]
    market.worker("record_transfer", p_attempt_id=attempt, p_transfer_id=f"tr_{next(_keys)}")
    refund(market, treasurer, session, 6000)
    assert market.earned(session["reader"]) == -4200
    (sums,) = market.call(session["reader"], "reader_totals")
    assert (sums["earned"], sums["paid_out"], sums["balance"], sums["payable"]) == (0, 4200, -4200, 0)


@pytest.mark.parametrize("amount", [0, -1, -(2**63), 2**63, 10**30, 1.5, None])
def test_no_amount_out_of_range_is_given(market: Marketplace, treasurer: Person, amount: object) -> None:
    session = ended(market)
    more_than_there_is = isinstance(amount, int) and amount > 900
    with market.refuses("refund_exceeds_charge" if more_than_there_is else "amount_out_of_range"):
        refund(market, treasurer, session, amount)
    with market.refuses("admin_limit_exceeded" if more_than_there_is else "amount_out_of_range"):
        goodwill(market, treasurer, session["client"], amount)


def test_only_what_has_ended_and_was_charged_is_refunded(market: Marketplace, treasurer: Person) -> None:
    live = market.started(market.client(funds=1000), market.reader())
    with market.refuses("invalid_state"):
        refund(market, treasurer, live.row(), 100)
    live.by(live.client, "end")
    cancelled = market.request(market.client(funds=1000), market.reader())
    cancelled.by(cancelled.client, "cancel")
    with market.refuses("invalid_state"):
        refund(market, treasurer, cancelled.row(), 100)
    with market.refuses("not_found"):
        refund(market, treasurer, {"id": uuid.uuid4()}, 100)


def test_a_repeat_answers_as_before_and_other_input_is_refused(market: Marketplace, treasurer: Person) -> None:
    session = ended(market)
    first = refund(market, treasurer, session, 100, p_idempotency_key="once")
    assert refund(market, treasurer, session, 100, p_idempotency_key="once") == first
    with market.refuses("idempotency_key_reused"):
        refund(market, treasurer, session, 101, p_idempotency_key="once")
    with market.refuses("invalid_argument"):
        refund(market, treasurer, session, 100, p_idempotency_key="")
    assert market.wallet(session["client"])["balance"] == 2200


def test_refunds_at_once_never_give_more_than_was_charged(market: Marketplace) -> None:
    session = ended(market)
    admins = [with_second_factor(market, market.make_admin("manage_finances")) for _ in range(4)]
    outcomes = market.at_once([lambda admin=admin: refund(market, admin, session, 400) for admin in admins])  # type: ignore[misc]
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, RefusedError)]
    assert refused == ["refund_exceeds_charge"] * 2
    assert market.wallet(session["client"])["balance"] == 2900


# Goodwill ------------------------------------------------------------


def test_goodwill_is_promo_credit_at_the_houses_expense(market: Marketplace, treasurer: Person) -> None:
    person, before = market.client(funds=100), market.house("promo_expense")
    market.clock.advance(1)
    order = goodwill(market, treasurer, person, 250)
    assert (order["status"], order["session_id"]) == ("DONE", None)
    assert market.wallet(person) == {"balance": 100, "held": 0, "available": 350, "promo": 250}
    assert market.house("promo_expense") == before - 250
    line = statement(market, person)[0]
    assert (line["type"], line["promo_amount"], line["promo_balance"]) == ("ADJUSTMENT", 250, 250)
    assert line["description"] == "Goodwill credit"


def test_goodwill_is_for_somebody_else_who_is_there(market: Marketplace, treasurer: Person) -> None:
    erased = market.sign_up()
    market.call(erased, "erase_account")
    with market.refuses("invalid_state"):
        goodwill(market, treasurer, erased, 100)
    with market.refuses("not_found"):
        goodwill(market, treasurer, Person(str(uuid.uuid4()), ""), 100)
    with market.refuses("own_request"):
        goodwill(market, treasurer, treasurer, 100)
    person = market.sign_up()
    for reason in ("", None, "x" * 2001):
        with market.refuses("invalid_argument"):
            goodwill(market, treasurer, person, 100, p_reason=reason)


@pytest.mark.usefixtures("second_from_500")
def test_an_erased_account_gets_nothing_and_no_paper_says_why(
    market: Marketplace, treasurer: Person, colleague: Person
) -> None:
    session = ended(market, funds=900)
    order = refund(market, treasurer, session, 600, p_reason="Her mother died.")
    market.call(session["client"], "erase_account")
    with market.refuses("invalid_state"):
        market.call(colleague, "admin_approve", p_id=order["id"])
    with market.refuses("invalid_state"):
        refund(market, treasurer, session, 100)
    assert market.value("select reason from public.money_approvals where id = %s", order["id"]) == "…"


# Limits ------------------------------------------------------------


def test_a_call_and_a_day_have_their_limits(market: Marketplace, treasurer: Person) -> None:
    person, session = market.sign_up(), ended(market)
    with market.setting("admin.goodwill_maximum", 300), market.setting("admin.refund_maximum", 200):
        with market.refuses("admin_limit_exceeded"):
            goodwill(market, treasurer, person, 301)
        with market.refuses("admin_limit_exceeded"):
            refund(market, treasurer, session, 201)
    with market.setting("admin.daily_maximum", 500):
        goodwill(market, treasurer, person, 300)
        with market.refuses("admin_limit_exceeded"):
            refund(market, treasurer, session, 201)
        refund(market, treasurer, session, 200)
        market.clock.advance(_DAY + 1)
        refund(market, treasurer, session, 201)


def test_calls_at_once_do_not_pass_the_daily_limit_together(market: Marketplace, treasurer: Person) -> None:
    person = market.sign_up()
    with market.setting("admin.daily_maximum", 500):
        outcomes = market.at_once([lambda: goodwill(market, treasurer, person, 200)] * 5)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    assert {one.code for one in refused} == {"admin_limit_exceeded"}
    assert (len(refused), market.wallet(person)["promo"]) == (3, 400)


# The second administrator ------------------------------------------------------------

pytest_second = pytest.mark.usefixtures("second_from_500")


@pytest_second
def test_a_large_amount_waits_for_another_administrator(
    market: Marketplace, treasurer: Person, colleague: Person
) -> None:
    session = ended(market)
    order = refund(market, treasurer, session, 500)
    assert (order["status"], order["transaction_id"], order["decided_at"]) == ("WAITING", None, None)
    assert market.wallet(session["client"])["balance"] == 2100
    assert order["id"] in {row["id"] for row in market.read(colleague, "money_approvals?status=eq.WAITING")}
    assert market.read(session["client"], "money_approvals") == []

    done = market.call(colleague, "admin_approve", p_id=order["id"])

    assert (done["status"], done["approved_by"]) == ("DONE", colleague.id)
    assert market.wallet(session["client"])["balance"] == 2600
    assert market.call(colleague, "admin_approve", p_id=order["id"]) == done
    assert market.wallet(session["client"])["balance"] == 2600
    with market.refuses("invalid_state"):
        market.call(colleague, "admin_reject", p_id=order["id"])


@pytest_second
def test_who_asked_does_not_decide(market: Marketplace, treasurer: Person) -> None:
    order = goodwill(market, treasurer, market.sign_up(), 500)
    for verb in ("admin_approve", "admin_reject"):
        with market.refuses("own_request"):
            market.call(treasurer, verb, p_id=order["id"])
    with pytest.raises(psycopg.errors.CheckViolation):
        market.database.execute("update public.money_approvals set approved_by = requested_by where true")


@pytest_second
def test_what_is_turned_down_has_no_effect(market: Marketplace, treasurer: Person, colleague: Person) -> None:
    person = market.sign_up()
    order = goodwill(market, treasurer, person, 500)
    rejected = market.call(colleague, "admin_reject", p_id=order["id"])
    assert (rejected["status"], rejected["rejected_by"]) == ("REJECTED", colleague.id)
    assert market.call(colleague, "admin_reject", p_id=order["id"]) == rejected
    with market.refuses("invalid_state"):
        market.call(colleague, "admin_approve", p_id=order["id"])
    assert market.wallet(person)["promo"] == 0


@pytest_second
def test_a_request_expires(market: Marketplace, treasurer: Person, colleague: Person) -> None:
    person = market.sign_up()
    order = goodwill(market, treasurer, person, 500)
    market.clock.advance(259_200)
    with market.refuses("approval_expired"):
        market.call(colleague, "admin_approve", p_id=order["id"])
    market.worker("run_upkeep")
    assert (
        market.row("select status::text from public.money_approvals where id = %s", order["id"])["status"] == "EXPIRED"
    )
    with market.refuses("invalid_state"):
        market.call(colleague, "admin_approve", p_id=order["id"])
    assert market.wallet(person)["promo"] == 0


@pytest_second
def test_a_waiting_refund_is_measured_again_when_it_is_carried_out(
    market: Marketplace, treasurer: Person, colleague: Person
) -> None:
    session = ended(market)
    order = refund(market, treasurer, session, 600)
    refund(market, colleague, session, 400)
    with market.refuses("refund_exceeds_charge"):
        market.call(colleague, "admin_approve", p_id=order["id"])
    with market.refuses("refund_exceeds_charge"):
        refund(market, treasurer, session, 501)


@pytest_second
def test_two_who_approve_at_once_have_one_effect(market: Marketplace, treasurer: Person, colleague: Person) -> None:
    person, third = market.sign_up(), with_second_factor(market, market.make_admin("manage_finances"))
    order = goodwill(market, treasurer, person, 700)
    outcomes = market.at_once(
        [lambda admin=admin: market.call(admin, "admin_approve", p_id=order["id"]) for admin in (colleague, third) * 2]  # type: ignore[misc]
    )
    assert sum(isinstance(outcome, RefusedError) for outcome in outcomes) == 2
    assert market.wallet(person)["promo"] == 700


# Who may ------------------------------------------------------------


def test_every_call_asks_for_the_permission_and_a_second_factor(market: Marketplace) -> None:
    session, person = ended(market), market.sign_up()
    given = {"p_amount": 1, "p_reason": "x", "p_idempotency_key": "k"}
    calls: dict[str, Row] = {
        "admin_refund_session": {"p_session_id": str(session["id"]), **given},
        "admin_goodwill": {"p_user_id": person.id, **given},
        "admin_approve": {"p_id": str(uuid.uuid4())},
        "admin_reject": {"p_id": str(uuid.uuid4())},
        "admin_freeze_wallet": {"p_user_id": person.id, "p_reason": "x"},
        "admin_unfreeze_wallet": {"p_user_id": person.id, "p_reason": "x"},
        "admin_set_commission": {"p_kind": "SESSION", "p_share_bps": 7000},
    }  # fmt: skip
    others = market.make_admin("manage_users", "manage_settings", "moderate_content")
    for function, asked in calls.items():
        with market.refuses("permission_denied"):
            market.call(with_second_factor(market, others), function, **asked)
        with market.refuses("second_factor_required"):
            market.call(market.admin, function, **asked)


def test_every_order_and_decision_is_recorded(market: Marketplace, treasurer: Person, colleague: Person) -> None:
    with market.setting("admin.second_approval_from", 1):
        order = goodwill(market, treasurer, market.sign_up(), 100)
        market.call(colleague, "admin_approve", p_id=order["id"])
    record = market.rows(
        "select user_id::text, action, changes from public.audit_logs where entity_type = 'money_approvals' "
        "and entity_id = %s order by id",
        order["id"],
    )
    assert sorted((row["user_id"], row["action"]) for row in record) == sorted(
        [(treasurer.id, "insert"), (colleague.id, "update")]
    )
    told = next(row["changes"] for row in record if row["action"] == "update")
    assert told["status"] == ["WAITING", "DONE"]
    assert "Sorry." not in str(record)


# Commission ------------------------------------------------------------


def test_a_new_commission_is_a_new_version_and_a_session_keeps_its_own(market: Marketplace, treasurer: Person) -> None:
    reader = market.reader(rate=1000)
    session = market.started(market.client(funds=5000), reader)
    rules = market.value("select count(*) from ledger.rules")

    (rule,) = market.call(treasurer, "admin_set_commission", p_kind="SESSION", p_share_bps=5000, p_reader_id=reader.id)

    assert (rule["kind"], rule["reader_id"], rule["share_bps"], rule["created_by"]) == (
        "SESSION", reader.id, 5000, treasurer.id,
    )  # fmt: skip
    assert market.value("select count(*) from ledger.rules") == rules + 1
    session.talk(70)
    session.by(session.client, "end")
    assert (session.row()["share_bps"], market.earned(reader)) == (7000, 1400)
    later = market.started(market.client(funds=5000), reader)
    later.talk(30)
    later.by(later.client, "end")
    assert (later.row()["share_bps"], market.earned(reader)) == (5000, 1900)
    assert market.problems() == []


def test_a_commission_may_begin_later_but_not_in_the_past(market: Marketplace, treasurer: Person) -> None:
    reader, now = market.reader(), market.clock.now()
    asked = {"p_kind": "TIP", "p_share_bps": 100, "p_reader_id": reader.id}
    rate = "select (ledger.rule_for('TIP', %s, private.now())).share_bps"
    market.call(treasurer, "admin_set_commission", **asked, p_valid_from=(now + timedelta(hours=1)).isoformat())
    assert market.value(rate, reader.id) == 9000
    market.clock.advance(3601)
    assert market.value(rate, reader.id) == 100
    with market.refuses("invalid_argument"):
        market.call(treasurer, "admin_set_commission", **asked, p_valid_from=now.isoformat())


@pytest.mark.parametrize(
    "wrong", [{"p_share_bps": 10_001}, {"p_share_bps": -1}, {"p_share_bps": None}, {"p_kind": "RENT"}, {"p_kind": None}]
)
def test_a_commission_that_cannot_be_is_refused(market: Marketplace, treasurer: Person, wrong: Row) -> None:
    with market.refuses("invalid_argument"):
        market.call(treasurer, "admin_set_commission", **{"p_kind": "GIFT", "p_share_bps": 7000, **wrong})


def test_a_commission_is_of_a_reader_and_once_a_moment(market: Marketplace, treasurer: Person) -> None:
    client = market.sign_up()
    with market.refuses("not_found"):
        market.call(treasurer, "admin_set_commission", p_kind="GIFT", p_share_bps=1, p_reader_id=client.id)
    asked = {"p_kind": "GIFT", "p_share_bps": 1, "p_reader_id": market.reader().id}
    market.call(treasurer, "admin_set_commission", **asked)
    with market.refuses("already_exists"):
        market.call(treasurer, "admin_set_commission", **asked)


# Frozen wallets ------------------------------------------------------------


def test_freezing_ends_what_runs_at_paid_until_and_stops_all_spending(market: Marketplace, treasurer: Person) -> None:
    client, reader = market.client(funds=3000, promo=900), market.reader(rate=300)
    session = market.started(client, reader)
    session.talk(30)

    since = market.call(treasurer, "admin_freeze_wallet", p_user_id=client.id, p_reason="A stolen card.")

    assert market.call(treasurer, "admin_freeze_wallet", p_user_id=client.id, p_reason="Again.") == since
    session.talk(40)
    row = session.row()
    assert (row["status"], row["end_reason"], row["total_cost"]) == ("COMPLETED", "admin_ended", 300)
    assert row["ended_at"] == row["started_at"] + timedelta(seconds=60)
    assert market.wallet(client)["available"] == 0
    with market.refuses("wallet_frozen"):
        market.request(client, reader)
    record = market.rows(
        "select changes from public.audit_logs where action = 'wallet.freeze' and entity_id = %s", client.id
    )
    assert [entry["changes"] for entry in record] == [{"reason": "A stolen card."}]

    assert market.call(treasurer, "admin_unfreeze_wallet", p_user_id=client.id, p_reason="It was theirs.") is None
    assert market.wallet(client)["available"] == 3600
    market.request(client, reader)


def test_freezing_in_the_middle_of_charges_leaves_the_books_right(market: Marketplace, treasurer: Person) -> None:
    sessions = [market.started(market.client(funds=5000), market.reader(rate=300)) for _ in range(4)]
    pass_time(market, sessions, 20, 20, 20)
    jobs = [
        lambda session=session: market.call(  # type: ignore[misc]
            treasurer, "admin_freeze_wallet", p_user_id=session.client.id, p_reason="x"
        )
        for session in sessions
    ]
    outcomes = market.at_once([*jobs, *[lambda: market.worker("charge_due_minutes")] * 3])
    assert not any(isinstance(outcome, RefusedError) for outcome in outcomes), outcomes
    pass_time(market, sessions, 20, 20, 20)
    market.tick()
    ends = {(row["status"], row["end_reason"]) for row in (session.row() for session in sessions)}
    assert ends == {("COMPLETED", "admin_ended")}
    # Charged a moment before, or frozen a moment before: which, is a matter of who came first.
    assert all(session.row()["total_cost"] in {300, 600} for session in sessions)
    assert market.problems() == []


def pass_time(market: Marketplace, sessions: list[LiveSession], *steps: float) -> None:
    """Let time pass with everyone present and no worker at work."""
    for step in steps:
        market.clock.advance(step)
        for session in sessions:
            for person in (session.client, session.reader):
                with contextlib.suppress(RefusedError):
                    session.by(person, "heartbeat")


def test_a_wallet_is_frozen_of_somebody_and_for_a_reason(market: Marketplace, treasurer: Person) -> None:
    with market.refuses("not_found"):
        market.call(treasurer, "admin_freeze_wallet", p_user_id=str(uuid.uuid4()), p_reason="x")
    person = market.sign_up()
    for reason in ("", None, "x" * 2001):
        with market.refuses("invalid_argument"):
            market.call(treasurer, "admin_freeze_wallet", p_user_id=person.id, p_reason=reason)
