"""The database that each seed's is copied from: migrations, instruments, people, and whatever a mutant changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg

from stack import database
from stack.postgres import SUPERUSER, PostgresServer
from tests.simulation.door import SERVICE, Door, caller, literal, statement
from tests.simulation.timeline import BEGINNING, Clock

_INSTRUMENTS = Path(__file__).with_name("instruments.sql")
CLIENTS, READERS = 60, 40
# Shorter than on the platform, so that whole lives pass within a seed's steps.
_SETTINGS = {
    "session.increment_seconds": 30,
    "session.heartbeat_seconds": 20,
    "session.max_paused_seconds": 240,
    "session.topup_grace_seconds": 60,
    "session.max_pauses": 4,
    "session.requests_per_minute": 1000,
    "topup.minimum": 1,
    "topup.per_hour": 1000,
    "payout.minimum": 10,
    "payout.clearing_seconds": 5,
    "outbox.max_attempts": 900,
    "refund.per_day": 1000,
    "admin.second_approval_from": 200,
    "admin.approval_seconds": 3600,
    "admin.daily_maximum": 30_000,
    "session.prehold_minutes": 1,
    "session.min_minutes": 2,
    "booking.min_notice_seconds": 0,
    "booking.no_show_seconds": 120,
    "booking.funds_grace_seconds": 60,
    "booking.free_cancel_seconds": 300,
    "wait_list.keep_seconds": 600,
    "promo.attempts_per_hour": 100,
    "reload.retry_seconds": 60,
}
Patch = Callable[[psycopg.Connection[tuple[object, ...]]], None]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account."""

    id: str
    who: str

    @classmethod
    def of(cls, user: str, level: str = "") -> Person:
        """Return a person by id, signed in with one factor, or with two (aal2)."""
        return cls(user, caller("authenticated", user, level))


@dataclass(frozen=True, slots=True)
class People:
    """Who lives in the template."""

    clients: list[Person]
    readers: list[Person]
    admins: list[Person]

    @property
    def admin(self) -> Person:
        """The first administrator."""
        return self.admins[0]


@contextmanager
def template(server: PostgresServer, name: str, patch: Patch | None = None) -> Iterator[People]:
    """Make the template and drop it at the end; `patch` changes functions before anybody uses them."""
    database.clone(server, name)
    try:
        with psycopg.connect(server.dsn(name, SUPERUSER), autocommit=True) as superuser:
            superuser.execute(_INSTRUMENTS.read_bytes())
            superuser.execute("select set_config('simulation.now', %s, false)", [BEGINNING.isoformat()])
            superuser.execute("select private.ensure_partitions(private.now() - interval '1 month', 14)")
            if patch is not None:
                patch(superuser)
            people = _populate(superuser, server.dsn(name, "authenticator"))
            superuser.execute("delete from simulation.journal")
            superuser.execute("vacuum analyze")
        yield people
    finally:
        database.drop(server, name)


def _populate(superuser: psycopg.Connection[tuple[object, ...]], dsn: str) -> People:
    rng = Random(1)  # noqa: S311  draws people, guards nothing
    with closing(Door(dsn, Clock(), lambda _: None)) as door:

        def sign_up() -> Person:
            user = str(UUID(int=rng.getrandbits(128), version=4))
            superuser.execute(
                "insert into auth.users (id, aud, role, email) values (%s, 'authenticated', 'authenticated', %s)",
                [user, f"{user}@example.test"],
            )
            return Person.of(user)

        for key, value in _SETTINGS.items():
            door.call(SERVICE, statement("worker_api.change_setting", {"p_key": key, "p_value": str(value)}))
        admins = [Person.of(sign_up().id, "aal2") for _ in range(2)]
        permissions = ["manage_users", "manage_finances", "moderate_content", "manage_settings"]
        for admin in admins:
            appoint = f"worker_api.appoint_admin(p_user_id => '{admin.id}', p_permissions => {literal(permissions)})"
            door.call(SERVICE, f"select {appoint}")
        readers = [sign_up() for _ in range(READERS)]
        for number, reader in enumerate(readers):
            _make_reader(door, superuser, rng, admins[0], reader)
            if number % 3 == 0:
                superuser.execute(
                    "insert into ledger.rules (kind, reader_id, share_bps) values ('SESSION', %s, %s)",
                    [reader.id, rng.choice((0, 1, 3333, 5000, 6667, 7123, 8999, 10000))],
                )
        return People([sign_up() for _ in range(CLIENTS)], readers, admins)


def _make_reader(
    door: Door, superuser: psycopg.Connection[tuple[object, ...]], rng: Random, admin: Person, reader: Person
) -> None:
    rates = {kind: rng.choice((1, 7, 59, 90, 199, 299, 300, 399, 1001)) for kind in ("CHAT", "CALL")}
    applied = {
        "p_first_name": "Ada",
        "p_last_name": "Reader",
        "p_bio": "Reads.",
        "p_specialties": ["tarot"],
        "p_session_types": list(rates),
        "p_pricing": json.dumps(rates),
        "p_timezone": "Europe/Berlin",
    }
    door.call(reader.who, statement("public.apply_as_reader", applied))
    door.call(admin.who, statement("public.review_reader_application", {"p_user_id": reader.id, "p_approve": True}))
    door.call(reader.who, statement("public.set_reader_status", {"p_status": "ONLINE"}))
    superuser.execute(
        "insert into public.availability (reader_id, day_of_week, start_time, end_time) "
        "select %s, d, '00:00', '24:00' from generate_series(0, 6) d",
        [reader.id],
    )
