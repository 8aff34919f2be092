"""Kill switches, thrown in the middle of live traffic: each stops its flow at once, and nothing is lost."""

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.administration.tables import refused
from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError

RATE = 300


def talking(market: Marketplace, sessions: int = 3) -> list[LiveSession]:
    return [market.started(market.client(funds=6000), market.reader(rate=RATE)) for _ in range(sessions)]


def pass_time(market: Marketplace, sessions: list[LiveSession], seconds: int) -> None:
    """Let everybody talk at once while the workers work."""
    for _ in range(seconds // 20):
        market.clock.advance(20)
        for session in sessions:
            session.by(session.client, "heartbeat")
            session.by(session.reader, "heartbeat")
        market.tick()


def test_charges_stop_at_once_and_every_minute_is_charged_once_afterwards(market: Marketplace) -> None:
    sessions = talking(market)
    pass_time(market, sessions, 120)
    assert [len(session.legs("increment")) for session in sessions] == [3, 3, 3]

    with market.setting("switch.charges", value=False):
        pass_time(market, sessions, 180)
        assert [len(session.legs("increment")) for session in sessions] == [3, 3, 3]
        assert market.worker("charge_due_minutes")["claimed"] == 0
        assert [session.row()["status"] for session in sessions] == ["IN_PROGRESS"] * 3

    market.tick()
    for session in sessions:
        legs = session.legs("increment")
        assert [leg["increment"] for leg in legs] == list(range(6))
        session.by(session.client, "end")
        assert session.row()["total_cost"] == 6 * RATE
        assert market.wallet(session.client)["balance"] == 6000 - 6 * RATE


def test_a_session_that_ends_while_charges_are_off_is_settled_whole(market: Marketplace) -> None:
    (session,) = talking(market, 1)
    pass_time(market, [session], 60)
    with market.setting("switch.charges", value=False):
        pass_time(market, [session], 60)
        session.by(session.client, "end")
        assert session.is_free()
    market.tick()
    assert session.row()["total_cost"] == 3 * RATE
    assert market.wallet(session.client)["balance"] == 6000 - 3 * RATE


def test_charges_thrown_between_workers_leave_no_half_minute(market: Marketplace) -> None:
    sessions = talking(market, 8)
    market.clock.advance(20)
    for session in sessions:
        session.by(session.client, "heartbeat")
        session.by(session.reader, "heartbeat")
    market.clock.advance(41)
    for session in sessions:
        session.by(session.client, "heartbeat")
        session.by(session.reader, "heartbeat")
    work: list[Callable[[], Any]] = [lambda: market.worker("charge_due_minutes", p_limit=2)] * 6
    off: list[Callable[[], Any]] = [lambda: market.set("switch.charges", value=False)]
    market.at_once([*work[:3], *off, *work[3:]])
    charged = [len(session.legs("increment")) for session in sessions]
    assert set(charged) <= {1, 2}

    market.set("switch.charges", value=True)
    market.tick()

    assert [len(session.legs("increment")) for session in sessions] == [2] * 8
    for session in sessions:
        session.by(session.client, "end")


def test_new_sessions_stop_and_those_under_way_go_on(market: Marketplace) -> None:
    running, asked = talking(market, 1)[0], market.request(market.client(funds=1000), market.reader())
    waiting, reader = market.client(funds=1000), market.reader()
    with market.setting("switch.new_sessions", value=False):
        key = str(uuid.uuid4())
        arguments = {"p_reader_id": reader.id, "p_type": "CHAT", "p_idempotency_key": key}
        refused(market, "sessions_disabled", "request_session", waiting, **arguments)
        asked.by(asked.reader, "accept")
        asked.by(asked.client, "join")
        assert asked.by(asked.reader, "join")["status"] == "IN_PROGRESS"
        pass_time(market, [running, asked], 60)
        assert len(running.legs("increment")) == len(asked.legs("increment")) == 2
    # The refusal rolled back its key, so the same click works afterwards.
    assert market.call(waiting, "request_session", **arguments)["status"] == "SCHEDULED"
    for session in (running, asked):
        session.by(session.client, "end")


def test_of_many_requests_at_once_those_after_the_switch_are_refused_whole(market: Marketplace) -> None:
    pairs = [(market.client(funds=1000), market.reader()) for _ in range(6)]

    def ask(client: Person, reader: Person) -> Callable[[], Any]:
        return lambda: market.request(client, reader)

    throw: list[Callable[[], Any]] = [lambda: market.set("switch.new_sessions", value=False)]
    asks = [ask(*pair) for pair in pairs]
    try:
        outcomes = market.at_once([*asks[:3], *throw, *asks[3:]])
    finally:
        market.set("switch.new_sessions", value=True)
    outcomes.pop(3)
    for (client, _), outcome in zip(pairs, outcomes, strict=True):
        if isinstance(outcome, RefusedError):
            assert outcome.code == "sessions_disabled"
            assert market.wallet(client)["held"] == 0
        else:
            assert market.wallet(client)["held"] == RATE
            outcome.by(client, "cancel")


def test_top_ups_stop_and_money_already_paid_is_credited(market: Marketplace) -> None:
    person = market.client()
    begun = market.worker("begin_topup", p_user_id=person.id, p_amount=700, p_currency="USD", p_idempotency_key="a")
    intent = f"pi_{uuid.uuid4().hex}"
    market.worker("record_payment_intent", p_transaction_id=begun["transaction_id"], p_payment_intent_id=intent)
    with market.setting("switch.topups", value=False):
        with pytest.raises(RefusedError) as caught:
            market.worker("begin_topup", p_user_id=person.id, p_amount=700, p_currency="USD", p_idempotency_key="b")
        assert caught.value.code == "topups_disabled"
        # The repeat of a call that was answered is answered.
        again = market.worker("begin_topup", p_user_id=person.id, p_amount=700, p_currency="USD", p_idempotency_key="a")
        assert again["transaction_id"] == begun["transaction_id"]
        market.worker(
            "apply_payment_intent",
            p_event_id=market.store_event("payment_intent.succeeded", intent),
            p_sequence=market.worker("next_object_sequence", p_object_id=intent),
            p_payment_intent_id=intent,
            p_status="succeeded",
            p_amount=700,
            p_amount_received=700,
            p_currency="usd",
            p_transaction_id=begun["transaction_id"],
        )
        assert market.wallet(person)["balance"] == 700
    market.worker("begin_topup", p_user_id=person.id, p_amount=700, p_currency="USD", p_idempotency_key="b")


def earned(market: Marketplace) -> Person:
    """Return a reader with 2100 cleared and an open payout account."""
    session = market.started(market.client(funds=3000), market.reader(rate=3000))
    session.by(session.client, "heartbeat")
    market.clock.advance(30)
    session.by(session.client, "end")
    market.clock.advance(604_800)
    market.open_payout_account(session.reader)
    return session.reader


def payout_job(market: Marketplace, reader: Person) -> str:
    market.call(reader, "request_payout", p_idempotency_key=str(uuid.uuid4()))
    return str(
        market.value(
            "select o.id::text from private.outbox o join public.payouts p on p.id = (o.payload ->> 'payout_id')::uuid "
            "where p.reader_id = %s",
            reader.id,
        )
    )


def test_payouts_not_yet_sent_wait_and_leave_afterwards(market: Marketplace) -> None:
    reader, later = earned(market), earned(market)
    job = payout_job(market, reader)
    with market.setting("switch.payouts", value=False):
        refused(market, "payouts_disabled", "request_payout", later, p_idempotency_key="k")
        for _ in range(30):
            assert job in {row["id"] for row in market.worker("claim_outbox", p_limit=1000)}
            assert market.worker("start_payout_attempt", p_outbox_id=job) is None
            market.clock.advance(31)
        waiting = market.row("select attempts, parked_at, last_error from private.outbox where id = %s", job)
        assert waiting == {"attempts": 0, "parked_at": None, "last_error": "payouts are switched off"}
        status = market.value(
            "select a.status::text from public.payout_attempts a join public.payouts p on p.id = a.payout_id "
            "where p.reader_id = %s",
            reader.id,
        )
        assert status == "PENDING"

    assert job in {row["id"] for row in market.worker("claim_outbox", p_limit=1000)}
    attempt = market.worker("start_payout_attempt", p_outbox_id=job)
    assert (attempt["step"], attempt["amount"], attempt["first_tried_at"]) == ("transfer", 2100, None)
    market.call(later, "request_payout", p_idempotency_key="k")


def test_a_payout_already_sent_is_seen_through(market: Marketplace) -> None:
    reader = earned(market)
    job = payout_job(market, reader)
    attempt = market.worker("start_payout_attempt", p_outbox_id=job)
    with market.setting("switch.payouts", value=False):
        assert market.worker("start_payout_attempt", p_outbox_id=job)["step"] == "transfer"
        transfer = f"tr_{uuid.uuid4().hex}"
        market.worker("record_transfer", p_attempt_id=attempt["attempt_id"], p_transfer_id=transfer)
        assert market.worker("start_payout_attempt", p_outbox_id=job)["step"] == "bank_payout"
        market.worker(
            "record_bank_payout",
            p_outbox_id=job,
            p_attempt_id=attempt["attempt_id"],
            p_stripe_payout_id=f"po_{uuid.uuid4().hex}",
            p_status="pending",
        )
    assert market.value("select status::text from public.payouts where reader_id = %s", reader.id) == "PROCESSING"
    assert market.earned(reader) == 0


def test_sign_ups_stop_and_those_signed_up_go_on(market: Marketplace) -> None:
    person, reader = market.client(funds=1000), market.reader()
    before = market.value("select count(*) from auth.users")
    market.set("switch.sign_ups", value=False)
    try:
        with pytest.raises(psycopg.Error) as caught:
            market.sign_up()
        assert caught.value.diag.message_primary == "sign_ups_disabled"
        assert market.value("select count(*) from auth.users") == before
        session = market.started(person, reader)
    finally:
        market.set("switch.sign_ups", value=True)
    session.by(person, "end")
    market.sign_up()


def test_a_switch_counts_for_the_very_next_call(market: Marketplace) -> None:
    """The switch is thrown while a call on another connection is under way: that call ends as it began."""
    client, reader = market.client(funds=1000), market.reader()
    with psycopg.connect(market.world.dsn) as slow:
        assert slow.execute("select private.setting_bool('switch.new_sessions')").fetchone() == (True,)
        market.set("switch.new_sessions", value=False)
        try:
            assert slow.execute("select private.setting_bool('switch.new_sessions')").fetchone() == (True,)
            with pytest.raises(RefusedError):
                market.request(client, reader)
        finally:
            market.set("switch.new_sessions", value=True)
    market.request(client, reader).by(client, "cancel")
