"""Every cell of the access matrix on files: each bucket, each kind of folder, everyone of the cast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg
import pytest

from stack.access import Right
from tests.policies.cast import Actor
from tests.policies.impersonation import Connection, become
from tests.policies.scenery import PAIRS
from tests.policies.stage import Stage

ACTIONS = ("read", "insert", "update", "delete")
_STATEMENTS = {
    "read": "select from storage.objects where bucket_id = %(bucket)s and name = %(name)s",
    "insert": "insert into storage.objects (bucket_id, name, owner_id) "
    "values (%(bucket)s, %(name)s || '.new', %(caller)s)",
    "update": "update storage.objects set metadata = '{}' where bucket_id = %(bucket)s and name = %(name)s",
    "delete": "delete from storage.objects where bucket_id = %(bucket)s and name = %(name)s",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and what rights on it depend on.

    Attributes:
        bucket: its bucket.
        name: its name.
        owner: who uploaded it.
        people: names to user ids.
        rows: conditions it meets.
    """

    bucket: str
    name: str
    owner: str | None = None
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()

    def grants(self, action: str, right: Right, actor: Actor) -> bool:
        """Tell whether a right lets somebody do something with the file."""
        mine = {name for name, users in self.people.items() if actor.id in users}
        theirs = action in ("read", "insert") or self.owner == actor.id
        return right.holds(actor.caller, mine, self.rows) and theirs


def _of_people(stage: Stage) -> Iterator[Place]:
    for actor in stage.cast.people():
        for bucket in ("avatars", "verification-docs"):
            yield Place(bucket, f"{actor.id}/file", actor.id, {"self": frozenset({actor.id})})


def _of_sellers(stage: Stage) -> Iterator[Place]:
    sold = stage.database.execute(
        "select p.reader_id::text, p.id::text, array_remove(array_agg(o.client_id::text), null) "
        "from public.products p left join public.order_items i on i.product_id = p.id "
        "left join public.orders o on o.id = i.order_id where p.reader_id is not null group by p.id order by p.id"
    ).fetchall()
    products = dict.fromkeys(seller for seller, _, _ in sold)
    for seller, product, buyers in sold:
        own, people = frozenset({"own_product"}), {"self": frozenset({seller})}
        folder = f"{seller}/{product}"
        yield Place("products", f"{folder}/book.pdf", seller, {**people, "buyer": frozenset(buyers)}, own)
        # In the product's folder, and nothing that the product hands out.
        yield Place("products", f"{folder}/notes.pdf", seller, people, own)
        yield Place("product-images", f"{folder}/front.png", seller, people, own)
        another = next(name for name in products if name != seller)
        for bucket in ("products", "product-images"):
            yield Place(bucket, f"{another}/{product}/mine.pdf", another, {"self": frozenset({another})})


def _of_sessions(stage: Stage) -> Iterator[Place]:
    for client, reader in PAIRS:
        sides = {"client": stage.cast[client].id, "reader": stage.cast[reader].id}
        people = {name: frozenset({user}) for name, user in sides.items()}
        members = {"member": frozenset(sides.values())}
        for state in ("requested", "running", "paused", "ended", "reviewed"):
            folder, running = stage.scenery.sessions[client, reader, state], state == "running"
            agreed = frozenset({"both_consent"} if running else ())
            yield Place("recordings", f"{folder}/a.webm", sides["client"], people, agreed)
            writable = frozenset({"writable"} if running else ())
            yield Place("chat-media", f"{folder}/a.bin", sides["reader"], members, writable)


def _of_conversations(stage: Stage) -> Iterator[Place]:
    talks = stage.database.execute(
        "select c.id::text, c.first_id::text, c.second_id::text, c.session_id is null or s.status = 'IN_PROGRESS' "
        "from public.conversations c left join public.sessions s on s.id = c.session_id"
    )
    for folder, first, second, is_open in talks:
        rows = frozenset({"writable"} if is_open else ())
        yield Place("chat-media", f"{folder}/a.bin", first, {"member": frozenset({first, second})}, rows)


@pytest.fixture(scope="module")
def places(stage: Stage) -> Iterator[list[Place]]:
    """Files everywhere; they are gone when the tests of this file end."""
    found = [*_of_people(stage), *_of_sellers(stage), *_of_sessions(stage), *_of_conversations(stage)]
    found += [Place(bucket, "loose.bin") for bucket in stage.matrix.buckets]
    stage.database.cursor().executemany(
        "insert into storage.objects (bucket_id, name, owner_id) values (%s, %s, %s)",
        [(place.bucket, place.name, place.owner) for place in found],
    )
    yield found
    with stage.database.transaction():
        stage.database.execute("set local storage.allow_delete_query = 'true'")
        stage.database.execute("delete from storage.objects where true")


def _callers(stage: Stage) -> list[Actor]:
    # The services' key passes every policy.
    return [actor for actor in stage.cast if actor.caller.role != "service_role"]


def _does(database: Connection, statement: str, **values: object) -> bool:
    """Tell whether a statement finds or writes a row; nothing of it stays."""
    try:
        with database.transaction(force_rollback=True):
            database.execute("set local storage.allow_delete_query = 'true'")
            return database.execute(statement.encode(), values).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False


def test_the_matrix_and_the_database_name_the_same_buckets(stage: Stage) -> None:
    query = "select id, public from storage.buckets where id not in ('anon', 'authenticated')"
    named = {(name, bucket.public) for name, bucket in stage.matrix.buckets.items()}
    assert set(stage.database.execute(query)) == named
    bounded = "select id from storage.buckets where file_size_limit is null or allowed_mime_types is null"
    assert [name for (name,) in stage.database.execute(bounded) if name in stage.matrix.buckets] == []


def test_every_right_on_files_is_somebodys_and_refused_to_somebody(stage: Stage, places: list[Place]) -> None:
    idle = [
        f"{name}: {action} {right}"
        for name, bucket in stage.matrix.buckets.items()
        for action in ACTIONS
        for right in bucket.rights(action)
        if right.person != "service_role"
        and {place.grants(action, right, actor) for place in places if place.bucket == name for actor in stage.cast}
        != {True, False}
    ]
    assert idle == []


@pytest.mark.parametrize("action", ACTIONS)
def test_everyone_does_with_files_what_they_may_and_nothing_else(
    stage: Stage, places: list[Place], action: str
) -> None:
    wrong = []
    for actor in _callers(stage):
        with become(stage, actor.caller.role, actor) as database:
            for place in places:
                rights = stage.matrix.buckets[place.bucket].rights(action)
                expected = any(place.grants(action, right, actor) for right in rights)
                values = {"bucket": place.bucket, "name": place.name, "caller": actor.id or None}
                if _does(database, _STATEMENTS[action], **values) != expected:
                    wrong.append(f"{actor.name} {action} {place}: expected {expected}")
    assert wrong == []


def test_nobody_writes_in_another_name_or_gives_a_file_away(stage: Stage, places: list[Place]) -> None:
    insert = (
        "insert into storage.objects (bucket_id, name, owner_id) values (%(bucket)s, %(name)s || '.new', %(other)s)"
    )
    give = "update storage.objects set owner_id = %(other)s where bucket_id = %(bucket)s and name = %(name)s"
    take = "update storage.objects set owner_id = %(caller)s where bucket_id = %(bucket)s and name = %(name)s"
    other = stage.cast["manage_settings"].id
    wrong = []
    for actor in _callers(stage):
        if actor.id == other:
            continue
        with become(stage, actor.caller.role, actor) as database:
            for place in places:
                values = {"bucket": place.bucket, "name": place.name, "caller": actor.id or None, "other": other}
                tried = [insert, give, *([take] if place.owner != actor.id else [])]
                wrong += [f"{actor.name} {place}" for query in tried if _does(database, query, **values)]
    assert wrong == []
