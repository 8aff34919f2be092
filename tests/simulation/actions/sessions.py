"""What clients and readers do with each other: ask, answer, come, stay, vanish, end; and what strangers try."""

from __future__ import annotations

from typing import Any

from tests.simulation.actions import payments
from tests.simulation.door import SERVICE
from tests.simulation.errors import ViolationError
from tests.simulation.simulation import Answer, Simulation
from tests.simulation.talks import SIDES, Talk
from tests.simulation.template import Person

_ENDED = ("invalid_state",)


def begin(sim: Simulation) -> None:
    """Have clients arrive, and strangers meddle."""
    sim.often(2.5, "arrive", lambda: _arrive(sim))
    sim.often(25.0, "meddle", lambda: _meddle(sim))
    sim.often(60.0, "hint", lambda: _hint(sim))
    sim.often(30.0, "reader's status", lambda: _choose_status(sim))


def _arrive(sim: Simulation) -> None:
    client = idle(sim, sim.people.clients)
    if sim.books.funds(client.id) < 1000 and sim.rng.random() < 0.8:
        payments.top_up(sim, client)
        sim.later(sim.rng.uniform(3, 20), "request", lambda: request(sim, client))
    else:
        request(sim, client)


def request(sim: Simulation, client: Person, reader: Person | None = None, kind: str = "") -> None:
    """Ask for a session at once, with this reader or any, of this kind or any."""
    sim.doing = ("request", "", "client")
    reader = reader or idle(sim, sim.people.readers)
    answer = sim.ask_twice(
        client,
        "request_session",
        "reader_unavailable", "type_not_offered", "insufficient_funds", "already_in_session", "wallet_frozen",
        "sessions_disabled",
        reader_id=reader.id,
        type=kind or sim.rng.choice(("CHAT", "CHAT", "CHAT", "CHAT", "CALL", "CALL", "CALL", "VIDEO")),
        max_minutes=sim.rng.choice((None, None, None, 1, 2, 5)),
    )  # fmt: skip
    if answer.body is not None:
        _wait_for_answer(sim, sim.talks[answer.body["id"]])


def _wait_for_answer(sim: Simulation, talk: Talk) -> None:
    fate = sim.rng.random()
    wait = sim.rng.uniform(1, 25)
    if fate < 0.82:
        sim.later(wait, f"accept {talk.id}", lambda: _accept(sim, talk))
    elif fate < 0.88:
        sim.later(wait, f"decline {talk.id}", lambda: act(sim, talk, "reader", "decline", *_ENDED))
    elif fate < 0.94:
        sim.later(wait, f"cancel {talk.id}", lambda: act(sim, talk, "client", "cancel", *_ENDED))


def _accept(sim: Simulation, talk: Talk) -> None:
    act(sim, talk, "reader", "accept", *_ENDED)
    for side in SIDES:
        if sim.rng.random() < 0.96:
            sim.later(sim.rng.uniform(0.5, 25), f"join {side} {talk.id}", lambda side=side: _join(sim, talk, side))
    if sim.rng.random() < 0.03:
        sim.later(sim.rng.uniform(0.5, 25), f"cancel {talk.id}", lambda: act(sim, talk, "reader", "cancel", *_ENDED))


def act(sim: Simulation, talk: Talk, side: str, verb: str, *may_refuse: str) -> Answer:
    """Have a side do something, which is a sign of life if it is heard."""
    sim.doing = (verb, talk.id, side)
    is_sign = verb in ("join", "heartbeat", "end")
    beats = talk.beats[side]
    if is_sign:
        beats.append(sim.clock.now)
    answer = sim.ask(talk.person(side), f"{verb}_session", *may_refuse, session_id=talk.id)
    if is_sign and answer.body is None:
        beats.pop()
    return answer


def _join(sim: Simulation, talk: Talk, side: str) -> None:
    answer = act(sim, talk, side, "join", "invalid_state", "insufficient_funds", "wallet_frozen")
    if answer.is_lost and talk.is_open:
        sim.later(1.0, f"join {side} {talk.id}", lambda: _join(sim, talk, side))
    elif answer.is_done:
        stay(sim, talk, side)
        if side == "client":
            plan_end(sim, talk)


def stay(sim: Simulation, talk: Talk, side: str) -> None:
    """Have a side go on giving signs of life."""
    sim.later(sim.rng.uniform(14, 20), f"beat {side} {talk.id}", lambda: _beat(sim, talk, side))


def _beat(sim: Simulation, talk: Talk, side: str) -> None:
    if not talk.is_open:
        return
    act(sim, talk, side, "heartbeat", "invalid_state")
    if not talk.is_open:
        return
    if sim.rng.random() < 0.03:
        _vanish(sim, talk, side)
    else:
        stay(sim, talk, side)


def _vanish(sim: Simulation, talk: Talk, side: str) -> None:
    if sim.rng.random() < 0.2:
        _tell_left(sim, talk, side)
    if sim.rng.random() < 0.8:
        back = _join if sim.rng.random() < 0.5 else _beat
        sim.later(sim.rng.expovariate(1 / 70), f"return {side} {talk.id}", lambda: back(sim, talk, side))


def plan_end(sim: Simulation, talk: Talk) -> None:
    """Have a side end the session sometime."""
    side = sim.rng.choice(SIDES)
    sim.later(sim.rng.expovariate(1 / 110), f"end {side} {talk.id}", lambda: _end(sim, talk, side))


def _end(sim: Simulation, talk: Talk, side: str) -> None:
    answer = act(sim, talk, side, "end", *_ENDED)
    if (answer.is_lost or talk.status == "SCHEDULED") and talk.is_open:
        sim.later(sim.rng.uniform(1, 20), f"end {side} {talk.id}", lambda: _end(sim, talk, side))
    elif answer.is_done and talk.is_open:
        raise ViolationError(f"session {talk.id} was ended and is open")


def _meddle(sim: Simulation) -> None:
    """Someone calls about a session of others, or ends what has ended."""
    talk = some(sim)
    if talk is None:
        return
    sim.doing = ("meddle", talk.id, "")
    stranger = sim.rng.choice([*sim.people.clients, *sim.people.readers])
    if stranger.id in (talk.client.id, talk.reader.id) or stranger.id in sim.suspended:
        return
    verb = sim.rng.choice(("join", "heartbeat", "end", "accept", "decline", "cancel"))
    answer = sim.ask(stranger, f"{verb}_session", "not_participant", session_id=talk.id)
    if answer.is_done:
        raise ViolationError(f"a stranger may {verb} session {talk.id}")


def _hint(sim: Simulation) -> None:
    """The realtime listener sees a side leave that is there."""
    talk = some(sim)
    if talk is not None and talk.status == "IN_PROGRESS":
        _tell_left(sim, talk, sim.rng.choice(SIDES))


def _tell_left(sim: Simulation, talk: Talk, side: str) -> None:
    talk.hints += 1
    talk.hinted[side] = sim.clock.now
    ids, sides = "{" + talk.id + "}", "{" + side + "}"
    sim.door.call(
        SERVICE, f"select worker_api.record_presence(p_session_ids => '{ids}', p_sides => '{sides}', p_left => true)"
    )


def _choose_status(sim: Simulation) -> None:
    reader: Person = sim.rng.choice(sim.people.readers)
    status = sim.rng.choice(("ONLINE", "ONLINE", "ONLINE", "ONLINE", "AWAY", "INVISIBLE", "OFFLINE"))
    sim.ask(reader, "set_reader_status", status=status)
    if status != "ONLINE":
        sim.later(120, "reader's status", lambda: sim.ask(reader, "set_reader_status", status="ONLINE"))


def idle(sim: Simulation, people: list[Person]) -> Person:
    """Draw someone who is in no session, mostly."""
    taken = [talk for talk in sim.live() if talk.status == "IN_PROGRESS" or talk.row["scheduled_at"] is None]
    busy = {person.id for talk in taken for person in (talk.client, talk.reader)}
    idle = [person for person in people if person.id not in busy]
    return sim.rng.choice(idle if idle and sim.rng.random() < 0.85 else people)


def some(sim: Simulation) -> Talk | None:
    """Draw a session that may still change."""
    live: list[Any] = sim.live()
    return sim.rng.choice(live) if live else None
