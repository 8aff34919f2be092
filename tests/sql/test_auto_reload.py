"""Auto-reload: by consent only, at most the cap, one at a time, and what a card's refusal comes to."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

import pytest

from tests.sql.marketplace import LiveSession, Marketplace, Person, Row

_numbers = count(1)
STEP = 60


def agree(market: Marketplace, person: Person, **more: Any) -> Row:
    arguments = {"p_amount": 2000, "p_monthly_cap": 5000, **more}
    made: Row = market.call(person, "set_auto_reload", **arguments)
    return made


def jobs(market: Marketplace, person: Person) -> list[str]:
    rows = market.rows(
        "select id::text from private.outbox where topic = 'payment.auto_reload' and payload ->> 'user_id' = %s "
        "order by id",
        person.id,
    )
    return [row["id"] for row in rows]


def attempts(market: Marketplace, person: Person) -> list[Row]:
    return market.rows("select * from private.reload_attempts where user_id = %s order by id", person.id)


def standing(market: Marketplace, person: Person) -> Row:
    (row,) = market.read(person, "auto_reloads")
    return row


def notified(market: Marketplace, person: Person) -> list[str]:
    return sorted(row["kind"] for row in market.read(person, "notifications"))


def begin(market: Marketplace, job: str) -> Row | None:
    begun: Row | None = market.worker("start_auto_reload", p_outbox_id=job)
    return begun


def record(market: Marketplace, job: str, attempt: Row, outcome: str, code: str | None = None) -> bool:
    return bool(
        market.worker(
            "record_auto_reload",
            p_outbox_id=job,
            p_attempt_id=attempt["attempt_id"],
            p_outcome=outcome,
            p_payment_intent_id=f"pi_{attempt['attempt_id'].replace('-', '')}",
            p_code=code,
        )
    )


def pay(market: Marketplace, attempt: Row) -> None:
    """Credit an attempt as Stripe's event does."""
    intent = f"pi_{attempt['attempt_id'].replace('-', '')}"
    market.worker(
        "apply_payment_intent",
        p_event_id=market.store_event("payment_intent.succeeded", intent),
        p_sequence=market.worker("next_object_sequence", p_object_id=intent),
        p_payment_intent_id=intent,
        p_status="succeeded",
        p_amount=attempt["amount"],
        p_amount_received=attempt["amount"],
        p_currency="usd",
        p_transaction_id=attempt["transaction_id"],
    )


@pytest.fixture
def client(market: Marketplace) -> Person:
    """Somebody with 1000 and a saved card."""
    person = market.client(funds=1000)
    market.save_card(person)
    return person


@pytest.fixture
def reader(market: Marketplace) -> Person:
    """A reader at 300 a minute."""
    return market.reader(rate=300)


@pytest.fixture
def low(market: Marketplace, client: Person, reader: Person) -> Iterator[LiveSession]:
    """A session in which the client, who agreed to auto-reload, was found low once: 400 of 1000 are left."""
    agree(market, client)
    session = market.started(client, reader)
    session.talk(STEP)
    yield session
    if session.row()["ended_at"] is None:
        session.by(client, "end")


def begun(market: Marketplace, session: LiveSession) -> tuple[str, Row]:
    (job,) = jobs(market, session.client)
    attempt = begin(market, job)
    assert attempt is not None
    return job, attempt


# Consent --------------------------------------------------------------------------------------------------------------


def test_the_agreement_is_recorded_with_its_terms(market: Marketplace, client: Person) -> None:
    first = agree(market, client, p_threshold=600)
    assert agree(market, client, p_threshold=600)["id"] == first["id"]
    (consent,) = market.read(client, "consents?kind=eq.AUTO_RELOAD")
    assert consent["details"] == {"amount": 2000, "threshold": 600, "monthly_cap": 5000, "currency": "USD"}
    assert consent["version"] == "2026-11"
    agree(market, client, p_amount=1000)
    rows = market.read(
        client, "consents?kind=eq.AUTO_RELOAD&order=withdrawn_at.asc.nullslast&select=details->amount,withdrawn_at"
    )
    assert [(row["amount"], row["withdrawn_at"] is None) for row in rows] == [(2000, False), (1000, True)]
    assert (standing(market, client)["is_active"], standing(market, client)["amount"]) == (True, 1000)


@pytest.mark.parametrize("way", ["disable", "withdraw"])
def test_the_agreement_is_taken_back_either_way(market: Marketplace, client: Person, way: str) -> None:
    agree(market, client)
    if way == "disable":
        assert market.call(client, "disable_auto_reload")["is_active"] is False
        assert market.call(client, "disable_auto_reload")["stopped_reason"] == "withdrawn"
    else:
        market.call(client, "withdraw_consent", p_kind="AUTO_RELOAD")
    row = standing(market, client)
    assert (row["is_active"], row["stopped_reason"]) == (False, "withdrawn")
    assert market.read(client, "consents?kind=eq.AUTO_RELOAD&withdrawn_at=is.null") == []
    assert agree(market, client)["is_active"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"p_amount": 0},
        {"p_amount": 100_000_001},
        {"p_amount": None},
        {"p_monthly_cap": 1999},
        {"p_monthly_cap": 100_001},
        {"p_monthly_cap": None},
        {"p_threshold": 0},
    ],
    ids=str,
)
def test_amounts_out_of_range_are_refused(market: Marketplace, client: Person, wrong: Row) -> None:
    with market.refuses("amount_out_of_range"):
        agree(market, client, **wrong)


def test_only_an_own_saved_card_will_do(market: Marketplace, client: Person) -> None:
    bare, other = market.client(), market.client()
    theirs = market.save_card(other)
    unsaved = market.save_card(other, is_saved=False)
    with market.refuses("card_required"):
        agree(market, bare)
    with market.refuses("card_required"):
        agree(market, client, p_payment_method=theirs)
    with market.refuses("card_required"):
        agree(market, other, p_payment_method=unsaved)
    with market.refuses("not_found"):
        market.call(bare, "disable_auto_reload")
    anonymous, suspended = market.client(is_anonymous=True), market.client()
    market.suspend(suspended)
    with market.refuses("account_required"):
        agree(market, anonymous)
    with market.refuses("account_suspended"):
        agree(market, suspended)
    with market.refuses("account_suspended"):
        market.call(suspended, "disable_auto_reload")
    assert agree(market, other, p_payment_method=theirs)["is_active"] is True


# Low balance ----------------------------------------------------------------------------------------------------------


def test_low_balance_asks_once_and_again_after_a_credit_lifted_it(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    low.talk(STEP)
    assert jobs(market, low.client) == [job]
    assert record(market, job, attempt, "succeeded") is True
    pay(market, attempt)
    assert (market.wallet(low.client)["balance"], low.meter()["low_balance_told"]) == (2100, False)
    low.talk(5 * STEP)
    assert len(jobs(market, low.client)) == 1
    assert market.problems() == []


def test_a_credit_that_does_not_lift_it_is_not_told_again(market: Marketplace, low: LiveSession) -> None:
    market.top_up(low.client, 50)
    assert low.meter()["low_balance_told"] is True


def test_running_dry_asks_too_though_it_never_was_low(market: Marketplace, reader: Person) -> None:
    client = market.client(funds=300)
    market.save_card(client)
    agree(market, client)
    session = market.started(client, reader)
    session.talk(STEP + 10)
    assert session.row()["pause_reason"] == "insufficient_funds"
    job, attempt = begun(market, session)
    record(market, job, attempt, "succeeded")
    pay(market, attempt)
    session.talk(5)
    assert session.row()["pause_reason"] is None
    session.by(client, "end")


def test_running_dry_is_low_whatever_the_threshold(market: Marketplace, reader: Person) -> None:
    client = market.client(funds=500)
    market.save_card(client)
    agree(market, client, p_threshold=1)
    session = market.started(client, reader)
    session.talk(STEP + 10)
    assert market.wallet(client)["available"] == 200
    assert begun(market, session)[1]["amount"] == 2000
    session.by(client, "end")


def test_without_an_agreement_nothing_is_asked(market: Marketplace, client: Person, reader: Person) -> None:
    session = market.started(client, reader)
    session.talk(STEP)
    assert session.meter()["low_balance_told"] is True
    assert jobs(market, client) == []
    session.by(client, "end")


# The attempt ----------------------------------------------------------------------------------------------------------


def test_an_attempt_is_frozen_and_answered_alike_until_it_is_recorded(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    assert attempt["first_tried_at"] is None
    assert (attempt["amount"], attempt["currency"]) == (2000, "USD")
    assert attempt["idempotency_key"] == f"ar:{attempt['attempt_id']}"
    agree(market, low.client, p_amount=1000)
    again = begin(market, job)
    assert again is not None
    assert again["first_tried_at"] is not None
    assert {**again, "first_tried_at": None} == attempt
    assert record(market, job, attempt, "succeeded") is True
    assert record(market, job, attempt, "declined", "late") is False
    assert begin(market, job) is None
    assert [row["status"] for row in attempts(market, low.client)] == ["SUCCEEDED"]


def test_two_jobs_at_once_make_one_attempt(market: Marketplace, low: LiveSession) -> None:
    market.rows("select private.queue_reload(%s)", low.client.id)
    market.database.execute(
        "update private.outbox set payload = payload || '{\"increment\": 77}' where id = %s",
        [jobs(market, low.client)[1]],
    )
    answers = market.at_once([partial(begin, market, job) for job in jobs(market, low.client) * 2])
    assert len({answer["attempt_id"] for answer in answers if answer}) == 1
    assert len(attempts(market, low.client)) == 1
    assert len(jobs(market, low.client)) == 1


def test_none_begins_while_the_money_of_one_is_on_its_way(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    record(market, job, attempt, "succeeded")
    market.rows("select private.queue_reload(%s)", low.client.id)
    market.database.execute(
        "update private.outbox set payload = payload || '{\"increment\": 78}' where id = %s", jobs(market, low.client)
    )
    assert begin(market, jobs(market, low.client)[0]) is None
    assert jobs(market, low.client) == []


def _spend_cap(market: Marketplace, session: LiveSession) -> None:
    agree(market, session.client, p_monthly_cap=2000)
    job, attempt = begun(market, session)
    record(market, job, attempt, "succeeded")
    pay(market, attempt)
    session.talk(6 * STEP)


def test_the_cap_is_never_passed_and_told(market: Marketplace, low: LiveSession) -> None:
    _spend_cap(market, low)
    (job,) = jobs(market, low.client)
    assert begin(market, job) is None
    assert len(attempts(market, low.client)) == 1
    assert notified(market, low.client) == ["auto_reload_cap_reached"]


@pytest.mark.parametrize(
    "reason", ["switched off", "switch", "suspended", "frozen", "ended", "filled", "above the threshold", "too often"]
)
def test_nothing_is_charged_that_is_not_wanted_any_more(market: Marketplace, low: LiveSession, reason: str) -> None:
    (job,) = jobs(market, low.client)
    if reason == "switched off":
        market.call(low.client, "disable_auto_reload")
    elif reason == "suspended":
        market.suspend(low.client)
    elif reason == "frozen":
        market.freeze(low.client)
    elif reason == "ended":
        low.by(low.client, "end")
    elif reason == "filled":
        market.top_up(low.client, 5000)
    elif reason == "above the threshold":
        agree(market, low.client, p_threshold=100)
    with (
        market.setting("switch.topups", reason != "switch"),
        market.setting("topup.per_hour", 1 if reason == "too often" else 20),
    ):
        assert begin(market, job) is None
    assert (attempts(market, low.client), jobs(market, low.client)) == ([], [])
    if reason in {"suspended", "frozen"}:
        low.talk(3 * STEP)
        market.database.execute("update ledger.accounts set frozen_at = null where frozen_at is not null")


def test_authentication_switches_it_off_and_tells(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    record(market, job, attempt, "authentication_required", "authentication_required")
    row = standing(market, low.client)
    assert (row["is_active"], row["stopped_reason"]) == (False, "authentication_required")
    assert market.read(low.client, "consents?kind=eq.AUTO_RELOAD&withdrawn_at=is.null") == []
    assert notified(market, low.client) == ["auto_reload_stopped"]
    (charge,) = market.read(low.client, f"transactions?id=eq.{attempt['transaction_id']}")
    assert (charge["status"], charge["metadata"]["last_error"]) == ("FAILED", "authentication_required")
    assert jobs(market, low.client) == []


def test_declines_wait_ever_longer_and_the_last_ends_it(market: Marketplace, low: LiveSession) -> None:
    waits = []
    for _ in range(2):
        job, attempt = begun(market, low)
        record(market, job, attempt, "declined", "insufficient_funds")
        waits.append(
            market.value(
                "select extract(epoch from retry_at - private.now())::int from public.auto_reloads where user_id = %s",
                low.client.id,
            )
        )
        market.rows("select private.queue_reload(%s)", low.client.id)
        assert jobs(market, low.client) == []
        market.database.execute("update public.auto_reloads set retry_at = null where user_id = %s", [low.client.id])
        market.rows("select private.queue_reload(%s)", low.client.id)
        market.database.execute(
            "update private.outbox set payload = payload || jsonb_build_object('increment', %s::int) where id = %s",
            [100 + len(waits), jobs(market, low.client)[0]],
        )
    assert waits == [3600, 7200]
    job, attempt = begun(market, low)
    record(market, job, attempt, "declined", "card_declined")
    assert standing(market, low.client)["stopped_reason"] == "card_declined"
    assert notified(market, low.client) == ["auto_reload_declined", "auto_reload_declined", "auto_reload_stopped"]


def test_a_success_forgets_the_declines(market: Marketplace, low: LiveSession) -> None:
    market.database.execute("update public.auto_reloads set declines = 2 where user_id = %s", [low.client.id])
    job, attempt = begun(market, low)
    record(market, job, attempt, "succeeded")
    assert standing(market, low.client)["declines"] == 0


def test_a_card_that_stripe_refuses_or_takes_off_ends_it(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    record(market, job, attempt, "refused", "resource_missing")
    assert standing(market, low.client)["stopped_reason"] == "card_unusable"
    agree(market, low.client)
    method = market.value("select payment_method_id from public.cards where user_id = %s", low.client.id)
    market.tell_card(low.client, method, "whatever", is_saved=False)
    assert standing(market, low.client)["stopped_reason"] == "card_removed"
    with market.refuses("card_required"):
        agree(market, low.client)


def test_an_unknown_outcome_keeps_the_attempt_open(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    assert record(market, job, attempt, "unknown", "APIConnectionError") is True
    assert jobs(market, low.client) == [job]
    again = begin(market, job)
    assert again is not None
    assert (again["attempt_id"], again["first_tried_at"] is None) == (attempt["attempt_id"], False)
    # Its money comes though nobody heard the answer; it stands in the way of none any more.
    pay(market, attempt)
    low.talk(6 * STEP)
    later = next(other for other in jobs(market, low.client) if other != job)
    assert begin(market, later) is not None
    assert [row["status"] for row in attempts(market, low.client)] == ["SUCCEEDED", "SENDING"]


def test_whoever_is_being_charged_is_not_erased(market: Marketplace, low: LiveSession) -> None:
    begun(market, low)
    low.by(low.client, "end")
    market.database.execute(
        "select ledger.post_transfer(gen_random_uuid(), 'adjustment', ledger.account_of(%s, 'client_wallet'), "
        "ledger.account_of(null, 'promo_expense'), %s)",
        [low.client.id, market.wallet(low.client)["balance"]],
    )
    with market.refuses("money_remains"):
        market.call(low.client, "erase_account")


def test_an_outcome_is_one_of_the_list(market: Marketplace, low: LiveSession) -> None:
    job, attempt = begun(market, low)
    with market.refuses("invalid_argument"):
        record(market, job, attempt, "perhaps")
    with market.refuses("not_found"):
        record(market, job, {"attempt_id": low.id}, "declined")
