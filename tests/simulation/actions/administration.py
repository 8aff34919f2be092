"""The operator: people suspended and restored, wallets frozen and thawed, settings and switches changed."""

from __future__ import annotations

from typing import Final

from tests.simulation.simulation import Simulation

_VALUES: Final[dict[str, tuple[int, ...]]] = {
    "session.increment_seconds": (7, 20, 30, 30, 60),
    "session.heartbeat_timeout_seconds": (30, 45, 45, 90),
    "session.min_billable_seconds": (0, 10, 25),
    "session.max_pauses": (0, 1, 4, 10),
    "session.max_paused_seconds": (60, 240, 600),
    "session.topup_grace_seconds": (20, 60, 120),
    "session.join_window_seconds": (30, 120),
    "payout.clearing_seconds": (0, 300, 900, 7200),
    "payout.minimum": (1, 100, 500),
    "outbox.visibility_seconds": (5, 30, 60),
}
_SWITCHES: Final = ("switch.new_sessions", "switch.charges", "switch.topups", "switch.payouts", "switch.spending")


def begin(sim: Simulation) -> None:
    """Have the operator act now and then."""
    sim.often(150.0, "suspend", lambda: _suspend(sim))
    sim.often(250.0, "freeze", lambda: _freeze(sim))
    sim.often(120.0, "setting", lambda: _change(sim))
    sim.often(500.0, "switch", lambda: _switch_off(sim))


def _suspend(sim: Simulation) -> None:
    person = sim.rng.choice([*sim.people.clients, *sim.people.readers])
    if person.id in sim.suspended:
        return
    for talk in sim.live():
        if person.id in (talk.client.id, talk.reader.id):
            talk.was_suspended = True
    sim.suspended.add(person.id)
    sim.doing = ("suspend", person.id, "")
    answer = sim.ask(sim.people.admin, "admin_set_user_status", user_id=person.id, status="SUSPENDED", reason="tried")

    def restore() -> None:
        if sim.ask(
            sim.people.admin, "admin_set_user_status", user_id=person.id, status="ACTIVE", reason="done"
        ).is_lost:
            sim.later(5.0, f"restore {person.id}", restore, personal=False)
        else:
            sim.suspended.discard(person.id)

    del answer
    sim.later(sim.rng.uniform(20, 400), f"restore {person.id}", restore, personal=False)


def _freeze(sim: Simulation) -> None:
    client = sim.rng.choice(sim.people.clients)
    if any(sim.books.of(client.id, kind).is_frozen for kind in ("client_wallet", "promo_credit")):
        return
    for talk in sim.live():
        if talk.client.id == client.id:
            talk.was_frozen = True
    sim.doing = ("freeze", client.id, "")
    sim.ask(sim.people.admin, "admin_freeze_wallet", user_id=client.id, reason="tried")

    def thaw() -> None:
        if sim.ask(sim.people.admin, "admin_unfreeze_wallet", user_id=client.id, reason="done").is_lost:
            sim.later(5.0, f"thaw {client.id}", thaw, personal=False)

    sim.later(sim.rng.uniform(20, 300), f"thaw {client.id}", thaw, personal=False)


def _change(sim: Simulation) -> None:
    name = sim.rng.choice(list(_VALUES))
    sim.ask(sim.people.admin, "update_setting", key=name, value=str(sim.rng.choice(_VALUES[name])))


def _switch_off(sim: Simulation) -> None:
    name = sim.rng.choice(_SWITCHES)
    sim.ask(sim.people.admin, "update_setting", key=name, value="false")

    def switch_on() -> None:
        if sim.ask(sim.people.admin, "update_setting", key=name, value="true").is_lost:
            sim.later(5.0, f"switch {name}", switch_on, personal=False)

    sim.later(sim.rng.uniform(10, 200), f"switch {name}", switch_on, personal=False)
