"""What people may do to one another: the forum, reviews, blocks, favourites, notifications."""

import uuid
from typing import Any

import pytest

from tests.administration.tables import add, change, refused, remove
from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError, Row


def refusal_of(call: Any) -> str:
    """Return the code, or the SQLSTATE, a call is refused with."""
    with pytest.raises(RefusedError) as caught:
        call()
    return caught.value.code if caught.value.code.isidentifier() else caught.value.sqlstate


# Forum ------------------------------------------------------------


@pytest.fixture(scope="module")
def shelf(market: Marketplace) -> str:
    """A category, made by a moderator."""
    made = add(market, market.admin, "forum_categories", name="Tarot")
    return str(made["id"])


@pytest.fixture
def author(market: Marketplace) -> Person:
    """Somebody who writes."""
    return market.sign_up()


def posted(market: Marketplace, author: Person, shelf: str, **more: Any) -> Row:
    row = {"author_id": author.id, "category_id": shelf, "title": "The moon", "content": "What does it mean?", **more}
    return add(market, author, "forum_posts", **row)


def replied(market: Marketplace, author: Person, post: Row, **more: Any) -> Row:
    return add(market, author, "forum_replies", author_id=author.id, post_id=post["id"], content="A lot.", **more)


def test_moderators_keep_the_shelves(market: Marketplace, author: Person) -> None:
    assert refusal_of(lambda: add(market, author, "forum_categories", name="Mine")) == "42501"
    moderator = market.make_admin("moderate_content")
    made = add(market, moderator, "forum_categories", name=str(uuid.uuid4()))
    assert change(market, moderator, f"forum_categories?id=eq.{made['id']}", description="New.")
    assert change(market, author, f"forum_categories?id=eq.{made['id']}", description="Mine.") == []


def test_a_draft_is_its_authors_until_it_is_published(market: Marketplace, shelf: str, author: Person) -> None:
    post = posted(market, author, shelf, status="DRAFT")
    path, other = f"forum_posts?id=eq.{post['id']}", market.sign_up()
    assert market.read(other, path) == []
    assert market.read(author, path)
    assert refusal_of(lambda: replied(market, other, post)) == "post_locked"
    assert change(market, author, path, status="PUBLISHED")
    assert market.read(other, path)
    assert replied(market, other, post)


def test_a_locked_post_takes_no_reply_by_any_way(market: Marketplace, shelf: str, author: Person) -> None:
    post, other = posted(market, author, shelf), market.sign_up()
    draft = replied(market, other, post, status="DRAFT")
    assert change(market, market.admin, f"forum_posts?id=eq.{post['id']}", is_locked=True)

    assert refusal_of(lambda: replied(market, other, post)) == "post_locked"
    publish = f"forum_replies?id=eq.{draft['id']}"
    assert refusal_of(lambda: change(market, other, publish, status="PUBLISHED")) == "post_locked"

    change(market, market.admin, f"forum_posts?id=eq.{post['id']}", is_locked=False)
    assert change(market, other, publish, status="PUBLISHED")


def test_replies_racing_a_lock_are_before_it_or_refused(market: Marketplace, shelf: str, author: Person) -> None:
    post, people = posted(market, author, shelf), [market.sign_up() for _ in range(6)]

    def reply(person: Person) -> Any:
        return lambda: replied(market, person, post)

    def lock() -> Any:
        return change(market, market.admin, f"forum_posts?id=eq.{post['id']}", is_locked=True)

    outcomes = market.at_once([reply(people[0]), reply(people[1]), lock, *(reply(person) for person in people[2:])])

    refusals = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    assert {refusal.code for refusal in refusals} <= {"post_locked"}
    stored = market.value("select count(*) from public.forum_replies where post_id = %s", post["id"])
    assert stored + len(refusals) == len(people)


def test_flags_are_the_moderators_and_words_the_authors(market: Marketplace, shelf: str, author: Person) -> None:
    post = posted(market, author, shelf)
    path = f"forum_posts?id=eq.{post['id']}"
    for flag in ({"is_pinned": True}, {"is_locked": True}):
        assert refusal_of(lambda flag=flag: change(market, author, path, **flag)) == "permission_denied"
    assert refusal_of(lambda: change(market, market.admin, path, content="Mine.")) == "permission_denied"
    assert change(market, market.admin, path, is_pinned=True)
    assert change(market, author, path, content="Another question.")
    assert change(market, market.sign_up(), path, content="Theirs.") == []
    assert refusal_of(lambda: posted(market, author, shelf, is_pinned=True)) == "42501"
    assert refusal_of(lambda: posted(market, author, shelf, author_id=market.admin.id)) == "42501"

    reply = replied(market, author, post)
    own = f"forum_replies?id=eq.{reply['id']}"
    assert refusal_of(lambda: change(market, market.admin, own, content="Mine.")) == "permission_denied"
    assert change(market, author, own, content="Even more.")


def test_what_a_moderator_took_down_stays_down(market: Marketplace, shelf: str, author: Person) -> None:
    post = posted(market, author, shelf)
    reply = replied(market, author, post)
    for path in (f"forum_replies?id=eq.{reply['id']}", f"forum_posts?id=eq.{post['id']}"):
        assert change(market, market.admin, path, status="DELETED")
        assert market.read(market.sign_up(), path) == []
        assert refusal_of(lambda path=path: change(market, author, path, status="PUBLISHED")) == "permission_denied"
        assert change(market, market.admin, path, status="PUBLISHED")
        assert market.read(market.sign_up(), path)


def test_views_are_counted_without_touching_the_post(market: Marketplace, shelf: str, author: Person) -> None:
    post, draft = posted(market, author, shelf), posted(market, author, shelf, status="DRAFT")
    row = "select xmin::text, xmax::text, ctid::text, view_count, updated_at from public.forum_posts where id = %s"
    before = market.row(row, post["id"])
    viewers = [market.sign_up() for _ in range(3)]
    for viewer in viewers * 2:
        market.call(viewer, "view_post", p_post_id=post["id"])
        market.call(viewer, "view_post", p_post_id=draft["id"])
        market.call(viewer, "view_post", p_post_id=str(uuid.uuid4()))
    assert market.row(row, post["id"]) == before

    market.clock.advance(60)
    assert market.worker("run_upkeep")["views_folded"] == 6

    after = market.row(row, post["id"])
    assert (after["view_count"], after["updated_at"]) == (6, before["updated_at"])
    assert market.worker("run_upkeep")["views_folded"] == 0


# Reviews ------------------------------------------------------------


def finished(market: Marketplace, reader: Person | None = None) -> LiveSession:
    session = market.started(market.client(funds=1000), reader or market.reader())
    session.talk(30)
    session.by(session.client, "end")
    return session


def review(market: Marketplace, session: LiveSession, caller: Person | None = None, **more: Any) -> Row:
    arguments = {"p_session_id": session.id, "p_rating": 5, **more}
    made: Row = market.call(caller or session.client, "review_session", **arguments)
    return made


def test_a_billed_session_is_reviewed_once_by_its_client(market: Marketplace) -> None:
    session = finished(market)
    for caller in (session.reader, market.client()):
        assert refusal_of(lambda caller=caller: review(market, session, caller)) == "not_participant"
    for wrong in ({"p_rating": 0}, {"p_rating": 6}, {"p_rating": None}, {"p_comment": "x" * 4001}):
        assert refusal_of(lambda wrong=wrong: review(market, session, **wrong)) == "invalid_argument"
    assert review(market, session, p_comment="")["comment"] is None
    assert refusal_of(lambda: review(market, session)) == "already_reviewed"


def test_only_what_ended_and_was_billed_is_reviewed(market: Marketplace) -> None:
    running = market.started(market.client(funds=1000), market.reader())
    assert refusal_of(lambda: review(market, running)) == "invalid_state"
    running.by(running.client, "end")
    assert running.row()["billed_minutes"] == 0
    assert refusal_of(lambda: review(market, running)) == "not_billed"
    declined = market.request(market.client(funds=1000), market.reader())
    declined.by(declined.reader, "decline")
    assert refusal_of(lambda: review(market, declined)) == "not_billed"


def test_reviews_at_once_are_all_in_the_average(market: Marketplace) -> None:
    reader = market.reader()
    sessions = [finished(market, reader) for _ in range(4)]

    def rate(session: LiveSession, rating: int) -> Any:
        return lambda: review(market, session, p_rating=rating)

    market.at_once([rate(session, rating) for session, rating in zip(sessions, (5, 4, 2, 1), strict=True)])

    average = "select average_rating::text from public.readers where user_id = %s"
    assert market.value(average, reader.id) == "3.00"
    market.database.execute(
        "update public.reviews set is_hidden = true where reader_id = %s and rating = 1", [reader.id]
    )
    assert market.value(average, reader.id) == "3.67"


def test_a_reader_answers_reviews_of_their_own(market: Marketplace) -> None:
    session = finished(market)
    made = review(market, session, p_comment="Kind.")
    answer = "respond_to_review"
    for caller in (session.client, market.reader()):
        refused(market, "not_found", answer, caller, p_review_id=made["id"], p_response="x")
    for response in (None, "", "x" * 4001):
        refused(market, "invalid_argument", answer, session.reader, p_review_id=made["id"], p_response=response)
    answered = market.call(session.reader, answer, p_review_id=made["id"], p_response="Thank you.")
    assert (answered["response"], answered["rating"], answered["comment"]) == ("Thank you.", 5, "Kind.")
    assert answered["responded_at"] is not None


def test_a_hidden_review_is_its_authors_and_the_moderators(market: Marketplace) -> None:
    session = finished(market)
    made = review(market, session)
    market.database.execute("update public.reviews set is_hidden = true where id = %s", [made["id"]])
    path = f"reviews?id=eq.{made['id']}"
    assert market.read(session.client, path)
    assert market.read(market.make_admin("moderate_content"), path)
    for person in (session.reader, market.sign_up(), Person("", market.world.anon_key)):
        assert market.read(person, path) == []


# Blocks ------------------------------------------------------------


def asked(market: Marketplace, client: Person, reader: Person) -> tuple[int, str, str, str]:
    with pytest.raises(RefusedError) as caught:
        market.request(client, reader)
    return caught.value.status, caught.value.code, caught.value.details, caught.value.hint


@pytest.mark.parametrize("by_the_reader", [True, False])
def test_a_block_is_answered_as_absence_is(market: Marketplace, by_the_reader: bool) -> None:
    client, reader, away = market.client(funds=1000), market.reader(), market.reader(status="OFFLINE")
    blocker, blocked = (reader, client) if by_the_reader else (client, reader)
    block = add(market, blocker, "blocks", blocker_id=blocker.id, blocked_id=blocked.id)

    assert asked(market, client, reader) == asked(market, client, away)
    assert asked(market, client, reader)[:2] == (409, "reader_unavailable")
    assert market.read(blocked, "blocks") == []
    assert market.request(market.client(funds=1000), reader).row()["status"] == "SCHEDULED"

    assert remove(market, blocked, f"blocks?id=eq.{block['id']}") == []
    assert remove(market, blocker, f"blocks?id=eq.{block['id']}")


def test_a_block_lifted_is_lifted(market: Marketplace) -> None:
    client, reader = market.client(funds=1000), market.reader()
    block = add(market, reader, "blocks", blocker_id=reader.id, blocked_id=client.id)
    asked(market, client, reader)
    remove(market, reader, f"blocks?id=eq.{block['id']}")
    assert market.request(client, reader).row()["status"] == "SCHEDULED"


def test_nobody_blocks_in_anothers_name_themselves_or_twice(market: Marketplace) -> None:
    person, other = market.sign_up(), market.sign_up()

    def block(blocker: Person, blocked: Person) -> object:
        return add(market, person, "blocks", blocker_id=blocker.id, blocked_id=blocked.id)

    assert refusal_of(lambda: block(other, person)) == "42501"
    assert refusal_of(lambda: block(person, person)) == "invalid_argument"
    block(person, other)
    assert refusal_of(lambda: block(person, other)) == "already_exists"


# Favourites and notifications ------------------------------------------------------------


def test_favourites_are_a_clients_own_list_of_readers(market: Marketplace) -> None:
    client, other, reader = market.sign_up(), market.sign_up(), market.reader()
    favored = add(market, client, "favorites", client_id=client.id, reader_id=reader.id)
    assert refusal_of(lambda: add(market, other, "favorites", client_id=client.id, reader_id=reader.id)) == "42501"
    assert refusal_of(lambda: add(market, client, "favorites", client_id=client.id, reader_id=other.id)) == "42501"
    for person in (other, reader, market.admin):
        assert market.read(person, "favorites") == []
        assert remove(market, person, f"favorites?id=eq.{favored['id']}") == []
    assert remove(market, client, f"favorites?id=eq.{favored['id']}")


def test_notifications_are_written_by_the_database_and_read_by_one_person(market: Marketplace) -> None:
    person, other = market.sign_up(), market.sign_up()
    note = market.value(
        "insert into public.notifications (user_id, kind) values (%s, 'hello') returning id::text",
        person.id,
    )
    path = f"notifications?id=eq.{note}"
    assert refusal_of(lambda: add(market, person, "notifications", user_id=person.id, kind="mine")) == "42501"
    for stranger in (other, market.admin):
        assert market.read(stranger, path) == []
        assert change(market, stranger, path, read_at="2026-11-01T00:00:00Z") == []
        assert remove(market, stranger, path) == []
    assert refusal_of(lambda: change(market, person, path, kind="other")) == "42501"
    (read,) = change(market, person, path, read_at="2026-11-01T00:00:00Z")
    assert read["read_at"] is not None
    assert remove(market, person, path)
