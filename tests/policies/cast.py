"""The people of the matrix, and their tokens.

Everyone's token is made while their account is ACTIVE, and says so: those whose status is another one by now, and the
administrator whose permissions are gone, call with a stale token throughout.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from stack.access import PERMISSIONS, Caller
from stack.worlds import World


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the cast.

    Attributes:
        name: what they are.
        id: their user id; empty for those who have none.
        token: what they send; empty for none.
        caller: what their rights depend on.
        known: whether there is such a person.
        is_reader: whether they are a reader.
        second_factor: whether they signed in with one.
    """

    name: str
    id: str
    token: str
    caller: Caller
    known: bool = True
    is_reader: bool = False
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    status: str = "ACTIVE"
    is_reader: bool = False
    named: bool = True
    admin: tuple[str, ...] | None = None
    second_factor: bool = False


_PARTS = {
    "anonymous_sign_in": _Part(named=False),
    "client": _Part(),
    "other_client": _Part(),
    "reader": _Part(is_reader=True),
    "other_reader": _Part(is_reader=True),
    "suspended_client": _Part(status="SUSPENDED"),
    "banned_client": _Part(status="BANNED"),
    "pending_client": _Part(status="PENDING"),
    "suspended_reader": _Part(status="SUSPENDED", is_reader=True),
    **{permission: _Part(admin=(permission,)) for permission in PERMISSIONS},
    "manage_users_with_second_factor": _Part(admin=("manage_users",), second_factor=True),
    "admin_with_every_permission": _Part(admin=PERMISSIONS, second_factor=True),
    "admin_without_permissions": _Part(admin=()),
    "suspended_admin": _Part(status="SUSPENDED", admin=PERMISSIONS, second_factor=True),
}


class Cast:
    """Everyone who tries the cells."""

    def __init__(self, world: World, database: psycopg.Connection[tuple[object, ...]]) -> None:
        """Sign everyone up, past the API: this is Auth's part."""
        self.actors: dict[str, Actor] = {}
        for name, part in _PARTS.items():
            self.actors[name] = _sign_up(world, database, name, part)
        nobody = str(uuid.uuid4())
        self.actors["nobody"] = Actor("nobody", nobody, world.token(nobody), Caller("authenticated"), known=False)
        self.actors["anon"] = Actor("anon", "", "", Caller("anon"), known=False)
        self.actors["service_role"] = Actor("service_role", "", world.service_key, Caller("service_role"), known=False)

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    def __iter__(self) -> Iterator[Actor]:
        return iter(self.actors.values())

    def people(self) -> list[Actor]:
        """Return those who have an account and so may own rows."""
        return [actor for actor in self if actor.known]

    def readers(self) -> list[Actor]:
        """Return the readers."""
        return [actor for actor in self if actor.is_reader]


def _sign_up(world: World, database: psycopg.Connection[tuple[object, ...]], name: str, part: _Part) -> Actor:
    user = str(uuid.uuid4())
    database.execute(
        "insert into auth.users (id, aud, role, email, is_anonymous) "
        "values (%s, 'authenticated', 'authenticated', %s, %s)",
        [user, f"{name}@example.test" if part.named else None, not part.named],
    )
    role = "READER" if part.is_reader else "CLIENT" if part.admin is None else "ADMIN"
    card = "update public.users set role = %s, status = %s, username = %s where id = %s"
    database.execute(card, [role, part.status, name[:30], user])
    if part.admin is not None:
        database.execute(
            "insert into public.admins (user_id, permissions) values (%s, %s::public.admin_permission[])",
            [user, list(part.admin)],
        )
    token = world.token(
        user,
        is_anonymous=not part.named,
        aal="aal2" if part.second_factor else "aal1",
        user_status="ACTIVE",
        user_role=role,
        app_metadata={"role": "admin", "permissions": list(PERMISSIONS)} if part.admin is not None else {},
        user_metadata={"role": "ADMIN", "user_role": "ADMIN", "permissions": list(PERMISSIONS)},
    )
    active = part.status == "ACTIVE"
    caller = Caller("authenticated", active=active, named=part.named, permissions=frozenset(part.admin or ()))
    return Actor(name, user, token, caller, is_reader=part.is_reader, second_factor=part.second_factor)
