"""The line before a busy reader: whose turn it is has the reader to themselves for a moment."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.sql.calendar import always_open, book, go_to, leased, notified
from tests.sql.marketplace import LiveSession, Marketplace, Person, RefusedError, Row

_OFFER = 60


@pytest.fixture
def busy(market: Marketplace) -> Iterator[LiveSession]:
    """Give a request that takes its reader."""
    session = market.request(market.client(funds=1000), market.reader())
    yield session
    market.clock.advance(_OFFER + 1)
    market.tick()


def stand(client: Person, session: LiveSession) -> Row:
    place: Row = session.market.call(client, "join_wait_list", p_reader_id=session.reader.id, p_type="CHAT")
    return place


def line(session: LiveSession) -> list[Row]:
    """Who waits, as the reader reads it."""
    return session.market.read(session.reader, f"wait_list?reader_id=eq.{session.reader.id}&order=id")


def status(session: LiveSession) -> str:
    return str(session.market.value("select status from public.readers where user_id = %s", session.reader.id))


def waiting(session: LiveSession, number: int, funds: int = 1000) -> list[Person]:
    people = []
    for _ in range(number):
        people.append(session.market.client(funds=funds))
        session.market.clock.advance(0.01)
        stand(people[-1], session)
    return people


def test_who_waits_knows_the_place_and_nobody_elses(market: Marketplace, busy: LiveSession) -> None:
    first, second = waiting(busy, 2)
    position = partial(market.call, function="wait_list_position", p_reader_id=busy.reader.id)
    assert [position(caller=person) for person in (first, second, busy.client)] == [1, 2, None]
    assert len(market.read(first, "wait_list")) == 1
    assert market.call(first, "leave_wait_list", p_reader_id=busy.reader.id) is True
    assert position(caller=second) == 1
    assert market.call(first, "leave_wait_list", p_reader_id=busy.reader.id) is False


def test_joining_again_keeps_the_place(busy: LiveSession) -> None:
    first, _ = waiting(busy, 2)
    before = line(busy)
    assert stand(first, busy)["id"] == before[0]["id"]
    assert line(busy) == before


def test_the_first_in_line_is_offered_a_reader_who_is_free_at_that_moment(
    market: Marketplace, busy: LiveSession
) -> None:
    first, second = waiting(busy, 2)
    stranger = market.client(funds=1000)
    busy.by(busy.client, "cancel")
    # No tick in between: nobody slips in.
    for person in (stranger, second):
        with market.refuses("reader_unavailable"):
            market.request(person, busy.reader)
    assert status(busy) == "BUSY"
    assert notified(market, first) == ["place_offered"]
    told = "select count(*) from realtime.messages where topic = %s and event = 'notification'"
    assert market.value(told, f"user:{first.id}") == 1
    session = market.request(first, busy.reader)
    assert [place["client_id"] for place in line(busy)] == [second.id]
    assert leased(market, [first, busy.reader]) == 2
    session.by(busy.reader, "decline")
    assert notified(market, second) == ["place_offered"]


def test_the_end_of_a_session_offers_the_place(market: Marketplace) -> None:
    session = market.started(market.client(funds=1000), market.reader())
    (first,) = waiting(session, 1)
    session.talk(20)
    session.by(session.client, "end")
    assert notified(market, first) == ["place_offered"]


def test_a_reader_who_comes_online_is_offered(market: Marketplace) -> None:
    reader, client = market.reader(status="OFFLINE"), market.client(funds=1000)
    market.call(client, "join_wait_list", p_reader_id=reader.id, p_type="CHAT")
    assert notified(market, client) == []
    assert market.call(reader, "set_reader_status", p_status="ONLINE") == "BUSY"
    assert notified(market, client) == ["place_offered"]


def test_a_reader_who_is_free_already_is_offered_at_once(market: Marketplace) -> None:
    reader, client = market.reader(), market.client(funds=1000)
    place = market.call(client, "join_wait_list", p_reader_id=reader.id, p_type="CHAT")
    assert place["offered_at"] is not None
    market.request(client, reader).by(client, "cancel")


def test_an_unused_place_lapses_and_the_next_one_is_offered(market: Marketplace, busy: LiveSession) -> None:
    first, second = waiting(busy, 2)
    busy.by(busy.client, "cancel")
    market.clock.advance(_OFFER - 1)
    market.tick()
    assert len(line(busy)) == 2
    market.clock.advance(1)
    market.tick()
    assert [place["client_id"] for place in line(busy)] == [second.id]
    assert notified(market, first) == ["place_offered", "place_expired"]
    assert notified(market, second) == ["place_offered"]
    market.clock.advance(_OFFER)
    market.tick()
    assert (line(busy), status(busy)) == ([], "ONLINE")


def test_an_offer_that_is_declined_goes_to_the_next(market: Marketplace, busy: LiveSession) -> None:
    first, second = waiting(busy, 2)
    busy.by(busy.client, "cancel")
    market.call(first, "leave_wait_list", p_reader_id=busy.reader.id)
    assert notified(market, second) == ["place_offered"]
    assert leased(market, [busy.reader]) == 1


def test_who_cannot_begin_is_passed_over_and_keeps_the_place(market: Marketplace, busy: LiveSession) -> None:
    (poor,) = waiting(busy, 1, funds=299)
    taken, blocked, frozen, suspended, able = waiting(busy, 5)
    market.add(busy.reader, "blocks", {"blocker_id": busy.reader.id, "blocked_id": blocked.id})
    market.freeze(frozen)
    market.suspend(suspended)
    elsewhere = market.request(taken, market.reader())
    busy.by(busy.client, "cancel")
    assert notified(market, able) == ["place_offered"]
    for person in (poor, taken, blocked, frozen):
        assert notified(market, person) == []
    assert len(line(busy)) == 6
    elsewhere.by(taken, "cancel")


def test_who_has_free_minutes_and_no_money_is_offered(market: Marketplace, busy: LiveSession) -> None:
    (guest,) = waiting(busy, 1, funds=0)
    market.database.execute(
        "with made as (insert into public.promo_codes (code, kind, minutes, redemptions) "
        "values ('GUEST', 'FREE_MINUTES', 5, 1) returning id) "
        "insert into public.promo_redemptions (promo_code_id, user_id) select made.id, %s from made",
        [guest.id],
    )
    busy.by(busy.client, "cancel")
    assert notified(market, guest) == ["place_offered"]


def test_who_tops_up_while_the_reader_is_free_is_offered_by_the_workers(market: Marketplace, busy: LiveSession) -> None:
    (poor,) = waiting(busy, 1, funds=299)
    busy.by(busy.client, "cancel")
    assert status(busy) == "ONLINE"
    market.top_up(poor, 1)
    market.tick()
    assert notified(market, poor) == ["place_offered"]


def test_a_reader_who_goes_away_takes_the_offer_back_and_the_place_stays(
    market: Marketplace, busy: LiveSession
) -> None:
    (first,) = waiting(busy, 1)
    busy.by(busy.client, "cancel")
    market.call(busy.reader, "set_reader_status", p_status="AWAY")
    with market.refuses("reader_unavailable"):
        market.request(first, busy.reader)
    market.clock.advance(1)
    market.tick()
    assert status(busy) == "AWAY"
    assert [place["offered_at"] for place in line(busy)] == [None]
    assert notified(market, first) == ["place_offered", "place_withdrawn"]
    market.clock.advance(1)
    market.call(busy.reader, "set_reader_status", p_status="ONLINE")
    assert notified(market, first)[-1] == "place_offered"


def test_no_place_is_offered_shortly_before_an_appointment(market: Marketplace) -> None:
    reader = always_open(market, market.reader())
    appointment = book(market, market.client(funds=1000), reader, hours=2)
    appointment.by(reader, "accept")
    go_to(market, appointment, -600 - 299)
    client = market.client(funds=1000)
    assert market.call(client, "join_wait_list", p_reader_id=reader.id, p_type="CHAT")["offered_at"] is None
    appointment.by(reader, "cancel")
    market.tick()
    assert notified(market, client) == ["place_offered"]


def test_a_place_that_never_came_up_lapses(market: Marketplace) -> None:
    reader, client = market.reader(status="OFFLINE"), market.client(funds=1000)
    market.call(client, "join_wait_list", p_reader_id=reader.id, p_type="CHAT")
    market.clock.advance(86_400)
    market.tick()
    assert market.read(client, "wait_list") == []
    assert notified(market, client) == ["place_expired"]


def test_an_erased_account_leaves_every_line(market: Marketplace, busy: LiveSession) -> None:
    first, second = waiting(busy, 2, funds=0)
    market.give(first, 1000)
    market.give(second, 1000)
    busy.by(busy.client, "cancel")
    market.call(first, "erase_account")
    assert [place["client_id"] for place in line(busy)] == [second.id]
    assert notified(market, second) == ["place_offered"]


# At the same moment ---------------------------------------------------------------------------------------------------


def test_one_offer_stands_whoever_works_asks_and_leaves_at_once(market: Marketplace) -> None:
    sessions = [market.request(market.client(funds=1000), market.reader()) for _ in range(4)]
    lines = [waiting(session, 3) for session in sessions]
    strangers = [market.client(funds=1000) for _ in sessions]
    calls = [partial(session.by, session.client, "cancel") for session in sessions]
    calls += [partial(market.worker, "advance_wait_list")] * 8
    for session, people, stranger in zip(sessions, lines, strangers, strict=True):
        calls.append(partial(market.request, stranger, session.reader))
        calls.append(partial(market.call, people[1], "leave_wait_list", p_reader_id=session.reader.id))
        calls += [partial(market.request, person, session.reader) for person in people[:1]]
    refused = [answer for answer in market.at_once(calls) if isinstance(answer, RefusedError)]
    assert {refusal.code for refusal in refused} <= {"reader_unavailable"}
    market.tick()
    for session in sessions:
        assert leased(market, [session.reader]) == 1
        assert sum(place["offered_at"] is not None for place in line(session)) <= 1
    assert market.problems() == []


def test_two_clients_who_race_for_an_offer_leave_the_one_it_is_for(market: Marketplace) -> None:
    sessions = [market.request(market.client(funds=1000), market.reader()) for _ in range(4)]
    lines = [waiting(session, 2) for session in sessions]
    for session in sessions:
        session.by(session.client, "cancel")
    calls = [partial(market.request, p, s.reader) for s, people in zip(sessions, lines, strict=True) for p in people]
    answers = market.at_once(calls)
    stands = [answer for answer in answers if isinstance(answer, LiveSession)]
    assert {session.client.id for session in stands} == {people[0].id for people in lines}
    assert {answer.code for answer in answers if isinstance(answer, RefusedError)} == {"reader_unavailable"}


# Refused --------------------------------------------------------------------------------------------------------------


def test_a_block_is_answered_as_absence_is(market: Marketplace, busy: LiveSession) -> None:
    client = market.client(funds=1000)
    market.add(busy.reader, "blocks", {"blocker_id": busy.reader.id, "blocked_id": client.id})
    with market.refuses("reader_unavailable"):
        stand(client, busy)


def test_a_kind_that_is_not_offered_and_oneself_are_refused(market: Marketplace, busy: LiveSession) -> None:
    client = market.client()
    with market.refuses("type_not_offered"):
        market.call(client, "join_wait_list", p_reader_id=busy.reader.id, p_type="VIDEO")
    with market.refuses("invalid_argument"):
        market.call(busy.reader, "join_wait_list", p_reader_id=busy.reader.id, p_type="CHAT")
    with market.refuses("reader_unavailable"):
        market.call(busy.reader, "join_wait_list", p_reader_id=client.id, p_type="CHAT")


def test_a_client_stands_in_so_many_lines_at_most(market: Marketplace, busy: LiveSession) -> None:
    client, other = market.client(), market.reader()
    stand(client, busy)
    with market.setting("wait_list.max_places", 1):
        stand(client, busy)
        with market.refuses("too_many_open"):
            market.call(client, "join_wait_list", p_reader_id=other.id, p_type="CHAT")


def test_a_suspended_and_an_anonymous_client_are_refused(market: Marketplace, busy: LiveSession) -> None:
    suspended, anonymous = market.client(), market.client(is_anonymous=True)
    market.suspend(suspended)
    with market.refuses("account_suspended"):
        stand(suspended, busy)
    with market.refuses("account_required"):
        stand(anonymous, busy)
