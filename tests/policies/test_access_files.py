"""Every cell of the access matrix on files: each bucket, each kind of folder, everyone of the cast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from stack.access import Right
from tests.policies.cast import Actor
from tests.policies.impersonation import become, try_each
from tests.policies.scenery import PAIRS, SHOWN
from tests.policies.stage import Stage

ACTIONS = ("read", "insert", "update", "delete")
_HERE = "where bucket_id = $1 ->> 'bucket' and name = $1 ->> 'name'"
_INSERT = "insert into storage.objects (bucket_id, name, owner_id) select $1 ->> 'bucket', $1 ->> 'name' || '.new', "
_STATEMENTS = {
    "insert": f"{_INSERT} $1 ->> 'caller'",
    "update": f"update storage.objects set metadata = '{{}}' {_HERE}",
    "delete": f"delete from storage.objects {_HERE}",
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
    looked = {stage.cast[name].id for name in SHOWN}
    for actor in stage.cast.people():
        for bucket in ("avatars", "verification-docs"):
            shown = frozenset({"shown"} if bucket == "verification-docs" and actor.id in looked else ())
            yield Place(bucket, f"{actor.id}/file", actor.id, {"self": frozenset({actor.id})}, shown)


def _of_sellers(stage: Stage) -> Iterator[Place]:
    sold = stage.database.execute(
        "select p.reader_id::text, p.id::text, array_remove(array_agg(o.client_id::text), null) "
        "from public.products p left join public.order_items i on i.product_id = p.id "
        "left join public.orders o on o.id = i.order_id where p.reader_id is not null group by p.id order by p.id"
    ).fetchall()
    products = dict.fromkeys(seller for seller, _, _ in sold)
    unsold: set[str] = set()
    for seller, product, buyers in sold:
        # What nobody bought is all alike.
        if not buyers and seller in unsold:
            continue
        unsold |= set() if buyers else {seller}
        own, people = frozenset({"own_product", "own_unsold", "unsold"}), {"self": frozenset({seller})}
        folder = f"{seller}/{product}"
        yield Place(
            "products",
            f"{folder}/book.pdf",
            seller,
            {**people, "buyer": frozenset(buyers)},
            frozenset({"own_product"}) if buyers else own,
        )
        # In the product's folder, and nothing that the product hands out.
        yield Place("products", f"{folder}/notes.pdf", seller, people, own)
        yield Place("product-images", f"{folder}/front.png", seller, people, own)
        another = next(name for name in products if name != seller)
        for bucket in ("products", "product-images"):
            yield Place(
                bucket, f"{another}/{product}/mine.pdf", another, {"self": frozenset({another})}, frozenset({"unsold"})
            )


def _of_sessions(stage: Stage) -> Iterator[Place]:
    for client, reader in (PAIRS[0], PAIRS[2], PAIRS[-1]):
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
        "select c.id::text, c.first_id::text, c.second_id::text, c.session_id is not null, s.status = 'IN_PROGRESS', "
        "exists (select from public.reports r where r.evidence ->> 'conversation_id' = c.id::text) "
        "from public.conversations c left join public.sessions s on s.id = c.session_id"
    )
    blocked = {frozenset(facts.people.values()) for facts in stage.facts["blocks"]}
    for folder, first, second, in_session, runs, is_reported in talks:
        is_open = runs if in_session else frozenset({first, second}) not in blocked
        rows = frozenset({"writable"} if is_open else ()) | frozenset({"reported"} if is_reported else ())
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


def _may(stage: Stage, action: str, place: Place, actor: Actor) -> bool:
    return any(place.grants(action, right, actor) for right in stage.matrix.buckets[place.bucket].rights(action))


def _callers(stage: Stage) -> list[Actor]:
    # The services' key passes every policy.
    return [actor for actor in stage.cast if actor.caller.role != "service_role"]


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


def _values(places: list[Place], actor: Actor, **more: str) -> list[dict[str, str | None]]:
    return [{"bucket": place.bucket, "name": place.name, "caller": actor.id or None, **more} for place in places]


def test_everyone_reads_the_files_they_may_and_no_other(stage: Stage, places: list[Place]) -> None:
    wrong = []
    for actor in _callers(stage):
        with become(stage, actor.caller.role, actor) as database:
            database.execute("set storage.operation = 'object.list'")
            seen = set(database.execute("select bucket_id, name from storage.objects"))
        expected = {(place.bucket, place.name) for place in places if _may(stage, "read", place, actor)}
        wrong += [f"{actor.name} {name}: {name in expected}" for name in seen ^ expected]
    assert wrong == []


@pytest.mark.parametrize("action", _STATEMENTS)
def test_everyone_writes_the_files_they_may_and_no_other(stage: Stage, places: list[Place], action: str) -> None:
    wrong = []
    for actor in _callers(stage):
        with become(stage, actor.caller.role, actor) as database:
            database.execute("set storage.allow_delete_query = 'true'")
            done = try_each(database, _STATEMENTS[action], _values(places, actor))
        wrong += [
            f"{actor.name} {action} {place}: {did}"
            for place, did in zip(places, done, strict=True)
            if did != _may(stage, action, place, actor)
        ]
    assert wrong == []


def test_nobody_writes_in_another_name_or_gives_a_file_away(stage: Stage, places: list[Place]) -> None:
    other = stage.cast["manage_settings"].id
    tried = (f"{_INSERT} $1 ->> 'other'", f"update storage.objects set owner_id = $1 ->> 'other' {_HERE}")
    wrong = []
    for actor in _callers(stage):
        if actor.id == other:
            continue
        theirs = [place for place in places if place.owner != actor.id]
        with become(stage, actor.caller.role, actor) as database:
            for statement in tried:
                done = try_each(database, statement, _values(places, actor, other=other))
                wrong += [f"{actor.name} {place}" for place, did in zip(places, done, strict=True) if did]
            take = f"update storage.objects set owner_id = $1 ->> 'caller' {_HERE}"
            done = try_each(database, take, _values(theirs, actor))
            wrong += [f"{actor.name} takes {place}" for place, did in zip(theirs, done, strict=True) if did]
    assert wrong == []
