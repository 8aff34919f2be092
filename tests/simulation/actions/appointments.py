"""Appointments: booked, answered, cancelled in time or late, kept by both or missed by one."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.simulation.actions import sessions
from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Simulation
from tests.simulation.talks import SIDES, Talk
from tests.simulation.timeline import SECOND, micros

_REFUSED = (
    "reader_unavailable", "type_not_offered", "already_in_session", "outside_availability", "too_many_open",
    "wallet_frozen", "sessions_disabled",
)  # fmt: skip


def begin(sim: Simulation) -> None:
    """Have clients book readers."""
    sim.often(45.0, "appointment", lambda: _book(sim))


def _book(sim: Simulation) -> None:
    """Book some minutes from now; a time too near or too far is refused."""
    sim.doing = ("appointment", "", "client")
    seconds = sim.rng.choice((10.0, 100 * 86_400.0)) if sim.rng.random() < 0.05 else sim.rng.uniform(130, 1200)
    at = datetime.fromisoformat(sim.clock.text) + timedelta(seconds=round(seconds))
    answer = sim.ask_twice(
        sim.rng.choice(sim.people.clients), "request_session", *_REFUSED,
        reader_id=sim.rng.choice(sim.people.readers).id,
        type=sim.rng.choice(("CHAT", "CALL")),
        scheduled_at=at.isoformat(),
        max_minutes=sim.rng.choice((1, 2, 5, 10)),
    )  # fmt: skip
    if answer.body is None:
        return
    if not 130 <= seconds <= 1200:
        raise ViolationError(f"an appointment is booked {seconds} seconds ahead")
    _plan(sim, sim.talks[answer.body["id"]])


def _plan(sim: Simulation, talk: Talk) -> None:
    rng, seconds = sim.rng, (micros(talk.row["scheduled_at"]) - sim.clock.now) / SECOND
    answer = "accept" if rng.random() < 0.88 else "decline"
    if rng.random() < 0.95:
        sim.later(
            rng.uniform(1, 60), f"{answer} {talk.id}",
            lambda: sessions.act(sim, talk, "reader", answer, "invalid_state"),
        )  # fmt: skip
    if rng.random() < 0.25:
        side = rng.choice(("client", "client", "reader"))
        sim.later(
            rng.uniform(0, seconds + 90), f"cancel {talk.id}",
            lambda: sessions.act(sim, talk, side, "cancel", "invalid_state"),
        )  # fmt: skip
    for side in SIDES:
        if rng.random() < 0.85:
            sim.later(
                seconds + rng.uniform(-70, 90), f"come {side} {talk.id}", lambda side=side: _come(sim, talk, side)
            )


def _come(sim: Simulation, talk: Talk, side: str) -> None:
    """Come in; whoever is early, or finds the other side still taken, tries again."""
    if not talk.is_open:
        return
    answer = sessions.act(sim, talk, side, "join", "invalid_state", "insufficient_funds", "wallet_frozen")
    if not answer.is_done:
        sim.later(sim.rng.uniform(5, 25), f"come {side} {talk.id}", lambda: _come(sim, talk, side))
        return
    sessions.stay(sim, talk, side)
    if side == "client":
        sessions.plan_end(sim, talk)
