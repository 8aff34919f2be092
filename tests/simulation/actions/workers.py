"""The machinery: ticks of the scheduler, the relay, the sweeper, outages, rivals that commit at the wrong moment."""

from __future__ import annotations

import time
from typing import Any

from soulseer import jobs
from tests.simulation.door import SERVICE, statement
from tests.simulation.errors import RefusedError, ViolationError
from tests.simulation.simulation import Simulation
from tests.simulation.talks import SIDES, Talk
from tests.simulation.timeline import SECOND


def begin(sim: Simulation) -> None:
    """Start the machinery."""
    for seconds, job in (
        (2.5, jobs.CHARGE_DUE_MINUTES),
        (4.0, jobs.ADVANCE_SESSIONS),
        (6.0, jobs.TELL_GIFTS),
        (20.0, jobs.SWEEP_STRIPE_EVENTS),
        (3600.0, jobs.RUN_UPKEEP),
        (600.0, jobs.ROLL_UP),
        (900.0, jobs.CHECK_LEDGER),
    ):
        sim.every(seconds, f"tick {job.actor}", lambda job=job: _tick(sim, job))
    sim.every(5.0, "relay", lambda: _relay(sim))
    sim.often(500.0, "storm", lambda: storm(sim))
    sim.often(300.0, "outage", lambda: _outage(sim))
    sim.often(6000.0, "night", lambda: _night(sim))
    sim.often(8.0, "rival", lambda: _rival(sim))


def _tick(sim: Simulation, job: jobs.Job) -> None:
    message = jobs.message(job)
    if sim.weather.chance(0.05):
        sim.later(sim.rng.uniform(0, 600), f"late {job.actor}", lambda: sim.work(message), personal=False)
    else:
        sim.work(message)


def _relay(sim: Simulation) -> None:
    sim.stripe.run_due()
    sim.relay()


def storm(sim: Simulation) -> None:
    """Stripe can hardly be reached for a while."""
    sim.weather.is_stormy = True

    def pass_by() -> None:
        sim.weather.is_stormy = False

    sim.later(sim.rng.uniform(20, 120), "storm passes", pass_by, personal=False)


def _outage(sim: Simulation) -> None:
    """No worker lives for a while; people go on talking."""
    sim.workers_away_until = sim.clock.now + round(sim.rng.uniform(10, 240)) * SECOND


def _night(sim: Simulation) -> None:
    """Nothing at all happens for hours: what was due is late."""
    sim.clock.move(sim.clock.now + round(sim.rng.uniform(0.5, 14) * 3600) * SECOND)


# A rival's transaction is open while a worker charges --------------------------------------------------------------


def _rival(sim: Simulation) -> None:
    """Meet a session as its next increment falls due, with someone else's transaction open on the money of a side."""
    plain = [talk for talk in sim.live() if _runs_plainly(sim, talk)]
    poor = [talk for talk in plain if sim.books.funds(talk.client.id) < talk.next_price(sim.books)]
    if not plain:
        return
    talk = sim.rng.choice(poor if poor and sim.rng.random() < 0.6 else plain)
    beside = _charge_beside_payout if sim.rng.random() < 0.3 else _charge_beside_topup
    wait = talk.step - talk.shared(sim.clock.now, sim.clock.now) % talk.step
    sim.later(wait / SECOND, f"rival {talk.id}", lambda: beside(sim, talk))


def _runs_plainly(sim: Simulation, talk: Talk) -> bool:
    now = sim.clock.now
    return (
        talk.status == "IN_PROGRESS"
        and talk.row["paused_at"] is None
        and not talk.hints
        and not (talk.was_suspended or talk.was_frozen)
        and not talk.absences(now)
        and all(talk.is_here(side, now) for side in SIDES)
        and not sim.books.of(talk.client.id, "client_wallet").is_frozen
    )


def _charge_beside_topup(sim: Simulation, talk: Talk) -> None:
    if not _runs_plainly(sim, talk):
        return
    sim.doing = ("rival", talk.id, "")
    topup = _pay(sim, talk)
    if topup is None:
        return
    due = talk.shared(sim.clock.now, sim.clock.now) // talk.step
    key = (talk.row["transaction_id"], due)
    is_due = (
        talk.free <= due < talk.most
        and talk.price(due) > 0
        and not sim.books.charged.get(key)
        and not _is_waiting(sim, talk)
    )
    try:
        sim.rival.begin(SERVICE, topup)
    except RefusedError as refusal:
        raise ViolationError(f"a top-up cannot be credited: {refusal}") from refusal
    if (
        _charge_meanwhile(sim)
        and is_due
        and sim.query("select 1 from public.system_settings where key = 'switch.charges' and value = 'true'")
    ):
        # A worker that is late charges all that is due, or none of it at once.
        owed = sum(
            talk.price(number)
            for number in range(talk.free, due + 1)
            if not sim.books.charged.get((talk.row["transaction_id"], number))
        )
        if not sim.books.charged.get(key) and sim.books.funds(talk.client.id) >= owed and _is_waiting(sim, talk):
            raise ViolationError(
                f"a funded session is sent away: increment {due} of {talk.id}, paid for while the worker waited"
            )


def _charge_beside_payout(sim: Simulation, talk: Talk) -> None:
    """The reader asks for the earnings so far as the session's next increment is charged."""
    if not _runs_plainly(sim, talk):
        return
    sim.doing = ("rival", talk.id, "")
    asked = statement("public.request_payout", {"p_idempotency_key": sim.key(), "p_amount": None})
    try:
        sim.rival.begin(talk.reader.who, asked)
    except RefusedError:
        return
    _charge_meanwhile(sim)


def _charge_meanwhile(sim: Simulation) -> bool:
    """Have a worker charge while the rival's transaction is open, and commit that; tell whether the worker waited."""
    sim.door.send(SERVICE, statement("worker_api.charge_due_minutes", {}))
    waited = _wait_for_block(sim)
    if waited:
        sim.rival.commit()
        sim.door.answer()
        sim.counts["rival met"] += 1
    else:
        sim.door.answer()
        sim.rival.commit()
    return waited


def _is_waiting(sim: Simulation, talk: Talk) -> bool:
    """Tell whether the batch set a session aside, but for an appointment that stops it."""
    return bool(
        sim.query(
            f"select 1 from private.meters where session_id = '{talk.id}' and needs_advance and stop_reason is null"
        )
    )


def _pay(sim: Simulation, talk: Talk) -> str | None:
    """Pay by card, and return the call that credits the wallet."""
    amount = 4 * talk.next_price(sim.books) + 100
    call: Any = sim.door.call
    if not sim.query("select 1 from public.system_settings where key = 'switch.topups' and value = 'true'"):
        return None
    try:
        begun = call(
            SERVICE,
            statement(
                "worker_api.begin_topup",
                {"p_user_id": talk.client.id, "p_amount": amount, "p_currency": "USD", "p_idempotency_key": sim.key()},
            ),
        )
    except RefusedError:
        return None
    made = sim.stripe.untroubled.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "return_url": "http://app",
            "metadata": {"transaction_id": begun["transaction_id"]},
        }
    )
    event = f"evt_rival_{made.id}"
    stored = {
        "p_endpoint": "platform", "p_event_id": event, "p_type": "payment_intent.succeeded", "p_api_version": None,
        "p_account": None, "p_object_id": made.id, "p_created": None, "p_payload": {"id": event},
    }  # fmt: skip
    call(SERVICE, statement("worker_api.store_stripe_event", stored))
    sequence = call(SERVICE, statement("worker_api.next_object_sequence", {"p_object_id": made.id}))
    return statement(
        "worker_api.apply_payment_intent",
        {
            "p_event_id": event, "p_sequence": sequence, "p_payment_intent_id": made.id, "p_status": "succeeded",
            "p_amount": amount, "p_amount_received": amount, "p_currency": "USD",
            "p_transaction_id": begun["transaction_id"],
        },
    )  # fmt: skip


def _wait_for_block(sim: Simulation) -> bool:
    """Wait until the worker waits for the rival, or has answered; tell which."""
    while not sim.door.has_answered():
        if sim.query(f"select 1 where {sim.rival.pid} = any(pg_blocking_pids({sim.door.pid}))"):
            return True
        time.sleep(0.001)
    return False
