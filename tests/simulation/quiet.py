"""The end of a seed: everyone leaves, faults end, the machinery runs dry; then what must be true of everything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from soulseer import jobs
from stack.stripe.store import Body
from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Simulation
from tests.simulation.timeline import BEGINNING, SECOND
from workers.reconciliation import service as reconciliation

_ROUNDS = 1000
# More than a day of rounds, when nothing else is on its way: what waits is tried again every few minutes, and Stripe
# answers a key under which it failed with the same error for a day.
_PATIENCE = 330
_WAITING = {
    "sessions": "select count(*) from public.sessions where status in ('SCHEDULED', 'IN_PROGRESS')",
    "places in line": "select count(*) from public.wait_list",
    "jobs": "select count(*) from private.outbox",
    "events": "select count(*) from private.stripe_events where processed_at is null",
}


def come_to_rest(sim: Simulation) -> None:
    """Send everyone home, let what is under way come to its end, and prove everything."""
    sim.agenda.send_home()
    sim.weather.is_calm = True
    sim.workers_away_until = 0
    sim.doing = ("rest", "", "")
    before, unchanged = _left(sim), 0
    for round_ in range(_ROUNDS):
        left = _left(sim)
        if not sim.deliveries and not left:
            break
        unchanged = unchanged + 1 if left == before and not sim.deliveries else 0
        if unchanged > _PATIENCE:
            raise ViolationError(f"does not come to rest: {left} {_examples(sim)}")
        before = left
        until = sim.clock.now + min(5 + round_, 300) * SECOND
        _run_machinery(sim, until)
    else:
        raise ViolationError(f"does not come to rest: {_left(sim)} {_examples(sim)}")
    for job in (jobs.RUN_UPKEEP, jobs.ROLL_UP, jobs.CHECK_LEDGER):
        sim.work(jobs.message(job))
    sim.sweep()
    _check_holds(sim)
    _check_sessions(sim)
    _check_statistics(sim)
    sim.reloads.check_at_rest()
    _check_stripe(sim)
    _check_reconciliation(sim)


def _run_machinery(sim: Simulation, until: int) -> None:
    while len(sim.agenda):
        event = sim.agenda.next()
        if event.at > until:
            sim.agenda.put_back(event)
            break
        sim.clock.move(event.at)
        sim.trail.append(f"{'rest':>7} {sim.clock.text[11:23]} {event.name}")
        event.run()
    sim.clock.move(until)
    sim.stripe.run_due()
    for job in (jobs.CHARGE_DUE_MINUTES, jobs.ADVANCE_SESSIONS, jobs.SWEEP_STRIPE_EVENTS):
        sim.work(jobs.message(job))
    sim.relay()


def _left(sim: Simulation) -> dict[str, int]:
    counted = {name: int(sim.query(sql)[0][0]) for name, sql in _WAITING.items()}
    return {name: count for name, count in counted.items() if count}


def _examples(sim: Simulation) -> list[Body]:
    return [
        row
        for table in ("private.outbox t", "private.stripe_events t where t.processed_at is null")
        for (row,) in sim.query(f"select to_jsonb(t) - 'payload' from {table} limit 3")
    ]


def _check_holds(sim: Simulation) -> None:
    pending = [row for row in sim.books.holds.values() if row["status"] == "PENDING"]
    if pending:
        raise ViolationError(f"a hold is never resolved: {pending[0]}")
    open_payouts = [row for row in sim.books.payouts.values() if row["status"] not in ("COMPLETED", "FAILED")]
    if open_payouts:
        raise ViolationError(f"a payout never comes to its end: {open_payouts[0]}")


def _check_sessions(sim: Simulation) -> None:
    for talk in sim.talks.values():
        if not talk.is_judged:
            raise ViolationError(f"session {talk.id} was never judged: {talk.row}")
    (lost,) = sim.query("select count(*) from private.leases l")
    if lost[0]:
        raise ViolationError("a lease outlives its session")


def _check_statistics(sim: Simulation) -> None:
    """Every settled session is in its reader's statistics, once."""
    wrong = sim.query(
        "select a.user_id, a.total_earnings, r.total_sessions, s.earned, s.sessions from public.reader_accounts a "
        "join public.readers r on r.user_id = a.user_id left join lateral ("
        "  select coalesce(sum(t.reader_earnings), 0) as earned, "
        "    count(*) filter (where s.billed_seconds > 0) as sessions "
        "  from public.sessions s join public.transactions t on t.id = s.transaction_id "
        "  where s.reader_id = a.user_id and s.status in ('COMPLETED', 'DISCONNECTED')) s on true "
        "where a.total_earnings <> s.earned or r.total_sessions <> s.sessions"
    )
    if wrong:
        raise ViolationError(f"a job was not done once in effect: {wrong[0]}")


class _InTurn(Executor):
    """Does at once what it is given: one connection leads to the database, and Stripe is in this thread."""

    def __init__(self, _workers: int) -> None:
        super().__init__()

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run a function and return what came of it."""
        done: Future[Any] = Future()
        done.set_result(fn(*arguments, **named))
        return done


def _check_reconciliation(sim: Simulation) -> None:
    """Stripe's own movements explain the ledger, and the ledger them, to the last transaction."""
    sim.operate("update public.system_settings set value = '0' where key = 'reconcile.grace_seconds'")
    until = datetime.fromisoformat(sim.clock.text) + timedelta(seconds=1)
    with patch("workers.reconciliation.service.ThreadPoolExecutor", _InTurn):
        finished = reconciliation.reconcile(sim.tools, BEGINNING, until)
    if finished.open or not finished.movements:
        raise ViolationError(
            f"Stripe and the ledger differ after {finished.movements} movements: "
            f"{sim.query('select to_jsonb(d) from private.reconciliation_differences d limit 5')}"
        )


def _check_stripe(sim: Simulation) -> None:
    """What the ledger says of the money at Stripe is what Stripe says."""
    ours, theirs = -sim.books.balance("stripe_clearing"), sim.stripe.books()
    if ours != theirs:
        raise ViolationError(f"{ours} at Stripe by the ledger, {theirs} by Stripe")
