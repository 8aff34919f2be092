"""Streams: who is in, how many they are, and who is told."""

import uuid

import pytest

from tests.sql.marketplace import Marketplace, Person, RefusedError, Row

NOBODYS = "00000000-0000-7000-8000-000000000000"


def plan(market: Marketplace, reader: Person, **more: object) -> str:
    """Plan a stream, as a reader does; answers its id."""
    title = f"Cards {uuid.uuid4()}"
    market.add(reader, "live_streams", {"reader_id": reader.id, "title": title, "category": "cards", **more})
    return str(market.value("select id::text from live_streams where title = %s", title))


def live(market: Marketplace, **more: object) -> tuple[Person, str]:
    reader = market.reader()
    stream = plan(market, reader, **more)
    market.call(reader, "start_stream", p_stream_id=stream)
    return reader, stream


def stream_row(market: Marketplace, stream: str) -> Row:
    return market.row(
        "select status::text, viewer_count, (select count(*) from private.stream_viewers v "
        "where v.stream_id = l.id and v.left_at is null) as inside from live_streams l where id = %s",
        stream,
    )


def told(market: Marketplace, topic: str) -> list[Row]:
    return market.rows("select event, payload from realtime.messages where topic = %s order by inserted_at, id", topic)


def test_a_stream_goes_live_and_ends_with_everyone_out(market: Marketplace) -> None:
    reader, stream = live(market)
    viewer = market.client()
    assert market.call(viewer, "join_stream", p_stream_id=stream)["viewer_count"] == 1
    ended = market.call(reader, "end_stream", p_stream_id=stream)
    assert (ended["status"], ended["viewer_count"]) == ("ENDED", 0)
    assert ended == market.call(reader, "end_stream", p_stream_id=stream)
    assert stream_row(market, stream) == {"status": "ENDED", "viewer_count": 0, "inside": 0}
    with market.refuses("invalid_state"):
        market.call(viewer, "join_stream", p_stream_id=stream)
    with market.refuses("invalid_state"):
        market.call(reader, "start_stream", p_stream_id=stream)


def test_a_planned_stream_is_cancelled(market: Marketplace) -> None:
    reader = market.reader()
    stream = plan(market, reader)
    assert market.call(reader, "end_stream", p_stream_id=stream)["status"] == "CANCELLED"


def test_a_repeat_counts_once(market: Marketplace) -> None:
    reader, stream = live(market)
    viewer = market.client()
    for verb, count in (("join", 1), ("leave", 0), ("join", 1)):
        for _ in range(2):
            answer = market.call(viewer, f"{verb}_stream", p_stream_id=stream)
            assert answer["viewer_count"] == count
    assert market.call(reader, "start_stream", p_stream_id=stream)["status"] == "LIVE"


def test_viewers_and_reader_are_told_states_and_counts_only(market: Marketplace) -> None:
    reader, stream = live(market)
    viewer = market.client()
    for verb in ("join", "leave"):
        market.call(viewer, f"{verb}_stream", p_stream_id=stream)
    market.call(reader, "end_stream", p_stream_id=stream)
    messages = [(row["event"], row["payload"]) for row in told(market, f"stream:{stream}")]
    assert [(event, payload["status"], payload["viewer_count"]) for event, payload in messages] == [
        ("stream_updated", "LIVE", 0),
        ("viewer_count", "LIVE", 1),
        ("viewer_count", "LIVE", 0),
        ("stream_updated", "ENDED", 0),
    ]
    assert all(payload.keys() - {"id"} == {"stream_id", "status", "viewer_count"} for _, payload in messages)


def test_a_full_stream_takes_nobody_until_somebody_leaves(market: Marketplace) -> None:
    _, stream = live(market, max_viewers=1)
    first, second = market.client(), market.client()
    market.call(first, "join_stream", p_stream_id=stream)
    with market.refuses("stream_full"):
        market.call(second, "join_stream", p_stream_id=stream)
    market.call(first, "leave_stream", p_stream_id=stream)
    market.call(second, "join_stream", p_stream_id=stream)


def test_the_count_is_exact_when_many_come_and_go_at_once(market: Marketplace) -> None:
    _, stream = live(market, max_viewers=7)
    viewers = [market.client() for _ in range(12)]
    answers = market.at_once(
        [lambda viewer=viewer: market.call(viewer, "join_stream", p_stream_id=stream) for viewer in viewers]
    )
    refused = [answer for answer in answers if isinstance(answer, RefusedError)]
    assert [refusal.code for refusal in refused] == ["stream_full"] * 5
    assert stream_row(market, stream) == {"status": "LIVE", "viewer_count": 7, "inside": 7}
    inside = [v for v, answer in zip(viewers, answers, strict=True) if not isinstance(answer, RefusedError)]
    market.at_once(
        [lambda viewer=viewer: market.call(viewer, "leave_stream", p_stream_id=stream) for viewer in inside * 2]
    )
    assert stream_row(market, stream) == {"status": "LIVE", "viewer_count": 0, "inside": 0}


def test_a_reader_is_live_once_also_when_starting_two_at_once(market: Marketplace) -> None:
    reader = market.reader()
    streams = [plan(market, reader) for _ in range(4)]
    answers = market.at_once(
        [lambda stream=stream: market.call(reader, "start_stream", p_stream_id=stream) for stream in streams]
    )
    refused = [answer.code for answer in answers if isinstance(answer, RefusedError)]
    assert refused == ["invalid_state"] * 3


@pytest.mark.parametrize("blocker", ["viewer", "reader"])
def test_to_somebody_blocked_the_stream_is_not_there(market: Marketplace, blocker: str) -> None:
    reader, stream = live(market)
    viewer = market.client()
    market.call(viewer, "join_stream", p_stream_id=stream)
    one, other = (viewer, reader) if blocker == "viewer" else (reader, viewer)
    market.add(one, "blocks", {"blocker_id": one.id, "blocked_id": other.id})
    assert market.call(viewer, "leave_stream", p_stream_id=stream)["viewer_count"] == 0
    with market.refuses("not_found"):
        market.call(viewer, "join_stream", p_stream_id=stream)
    with market.refuses("not_found"):
        market.call(viewer, "join_stream", p_stream_id=NOBODYS)


def test_only_the_reader_starts_and_ends_a_stream(market: Marketplace) -> None:
    reader, stream = live(market)
    other, client = market.reader(), market.client()
    planned = plan(market, reader)
    with market.refuses("not_found"):
        market.call(other, "start_stream", p_stream_id=planned)
    with market.refuses("not_a_reader"):
        market.call(client, "start_stream", p_stream_id=planned)
    with market.refuses("not_found"):
        market.call(client, "end_stream", p_stream_id=stream)
    with market.refuses("not_found"):
        market.call(client, "leave_stream", p_stream_id=stream)
    with market.refuses("invalid_argument"):
        market.call(reader, "join_stream", p_stream_id=stream)
    with market.refuses("invalid_state"):
        market.call(client, "join_stream", p_stream_id=planned)


def test_only_those_inside_receive_on_the_streams_topic(market: Marketplace) -> None:
    reader, stream = live(market)
    inside, gone, stranger = market.client(), market.client(), market.client()
    for viewer in (inside, gone):
        market.call(viewer, "join_stream", p_stream_id=stream)
    market.call(gone, "leave_stream", p_stream_id=stream)
    hears = "select private.may_hear(%s)"
    for person, receives in ((reader, True), (inside, True), (gone, False), (stranger, False)):
        with market.database.transaction(force_rollback=True):
            market.database.execute(
                "select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, true)", [person.id]
            )
            assert market.value(hears, f"stream:{stream}") == receives
