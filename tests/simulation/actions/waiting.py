"""The line before a busy reader: people stand in it, leave it, take what is offered or let it pass."""

from __future__ import annotations

from tests.simulation.actions import sessions
from tests.simulation.simulation import Simulation


def begin(sim: Simulation) -> None:
    """Have clients stand in line for readers who are taken, and come when it is their turn."""
    sim.often(14.0, "stand in line", lambda: _join(sim))
    sim.often(60.0, "leave the line", lambda: _leave(sim))
    sim.often(10.0, "look at offers", lambda: _take(sim))


def _join(sim: Simulation) -> None:
    talk = sessions.some(sim)
    reader = talk.reader if talk is not None and sim.rng.random() < 0.9 else sim.rng.choice(sim.people.readers)
    client = sessions.idle(sim, sim.people.clients)
    sim.doing = ("stand in line", "", "")
    sim.ask(
        client, "join_wait_list", "reader_unavailable", "type_not_offered", "too_many_open",
        reader_id=reader.id, type=sim.rng.choice(("CHAT", "CALL")),
    )  # fmt: skip


def _leave(sim: Simulation) -> None:
    client = sim.rng.choice(sim.people.clients)
    for place in sim.lines.of_client(client.id)[:1]:
        sim.doing = ("leave the line", "", "")
        sim.ask(client, "leave_wait_list", reader_id=place["reader_id"])


def _take(sim: Simulation) -> None:
    """Whoever sees an offer takes it, mostly; others try to get in between, which must not help them."""
    for client in sim.people.clients:
        for place in sim.lines.of_client(client.id):
            if place["offered_at"] is not None and sim.rng.random() < 0.6:
                rival = sim.rng.choice(sim.people.clients)
                comer = client if sim.rng.random() < 0.8 else rival
                sessions.request(sim, comer, sim.persons[place["reader_id"]], place["type"])
                return
