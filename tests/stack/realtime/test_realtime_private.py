"""Private channels: who may receive is what the project's policies say, asked at the join and at each new token."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from realtime import RealtimeSubscribeStates

from stack.worlds import World
from tests.sql.marketplace import Marketplace, Person
from tests.stack.realtime.listeners import Ear, Town, until


@pytest.fixture(scope="module")
def halls(realtime_world: World) -> Iterator[World]:
    """Topics beside the project's.

    `open:` all may speak on, `shy:` has no broadcasts to hear, `once:` has them for tokens of the first level only.
    """
    with realtime_world.connect() as database:
        database.execute(
            "create policy halls_read on realtime.messages for select to authenticated using ("
            "  (select realtime.topic()) like 'open:%'"
            "  or ((select realtime.topic()) ~ '^(shy|once):' and (extension = 'presence' or ("
            "    (select realtime.topic()) like 'once:%' and (select auth.jwt() ->> 'aal') = 'aal1'))));"
            "create policy halls_write on realtime.messages for insert to authenticated with check ("
            "  (select realtime.topic()) like 'open:%'"
            "  or ((select realtime.topic()) like 'shy:%' and extension = 'broadcast'))"
        )
        yield realtime_world
        database.execute("drop policy halls_read on realtime.messages; drop policy halls_write on realtime.messages")


def denial(topic: str) -> str:
    return f"Unauthorized: You do not have permissions to read from this Channel topic: {topic}"


async def join(town: Town, token: str | None, topic: str) -> Ear:
    return await (await town.device(token)).join(topic, private=True)


def live_stream(market: Marketplace) -> tuple[Person, str]:
    reader = market.reader()
    title = f"Cards {uuid4()}"
    market.add(reader, "live_streams", {"reader_id": reader.id, "title": title, "category": "cards"})
    stream = str(market.value("select id::text from live_streams where title = %s", title))
    market.call(reader, "start_stream", p_stream_id=stream)
    return reader, stream


async def test_participants_are_let_in_and_strangers_are_not(town: Town, market: Marketplace) -> None:
    client, reader, stranger = market.client(10_000), market.reader(), market.client()
    topic = f"session:{market.accepted(client, reader).id}"
    for person in (client, reader):
        assert (await join(town, person.token, topic)).is_joined
    for token in (stranger.token, None):
        ear = await join(town, token, topic)
        assert ear.states[0] == RealtimeSubscribeStates.CHANNEL_ERROR
        assert denial(topic) in ear.errors[0]


async def test_a_topic_that_does_not_exist_is_refused_in_the_same_words(town: Town, market: Marketplace) -> None:
    for topic in (f"session:{uuid4()}", "session:no-uuid", f"user:{uuid4()}", "anything"):
        ear = await join(town, market.client().token, topic)
        assert denial(topic) in ear.errors[0]


async def test_a_blocked_viewer_is_refused(town: Town, market: Marketplace) -> None:
    reader, stream = live_stream(market)
    viewer = market.client()
    market.call(viewer, "join_stream", p_stream_id=stream)
    assert (await join(town, viewer.token, f"stream:{stream}")).is_joined
    market.add(reader, "blocks", {"blocker_id": reader.id, "blocked_id": viewer.id})
    assert denial(f"stream:{stream}") in (await join(town, viewer.token, f"stream:{stream}")).errors[0]


async def test_who_left_is_refused_at_the_next_join_and_put_out_with_the_next_token(
    town: Town, market: Marketplace, realtime_world: World
) -> None:
    _, stream = live_stream(market)
    viewer = market.client()
    topic = f"stream:{stream}"
    market.call(viewer, "join_stream", p_stream_id=stream)
    device = await town.device(viewer.token)
    ear = await device.join(topic, private=True)
    market.call(viewer, "leave_stream", p_stream_id=stream)
    # What a membership gives is cached until the token is renewed, as on hosted.
    assert ear.is_joined

    assert denial(topic) in (await join(town, viewer.token, topic)).errors[0]
    await device.client.set_auth(realtime_world.token(viewer.id, aal="aal2"))
    await until(lambda: ear.states[-1] == RealtimeSubscribeStates.CLOSED)
    assert f"You do not have permissions to read from this Channel topic: {topic}" in ear.errors[-1]


async def test_a_renewed_token_keeps_the_channel_and_its_expiry_ends_it(
    town: Town, market: Marketplace, realtime_world: World
) -> None:
    person = market.client()
    device = await town.device(realtime_world.token(person.id, valid_for=3))
    ear = await device.join(f"user:{person.id}", private=True)
    await device.client.set_auth(realtime_world.token(person.id, valid_for=2, aal="aal2"))
    joined = time.time()
    await until(lambda: ear.states[-1] == RealtimeSubscribeStates.CLOSED)
    assert time.time() - joined < 2.5
    assert "Token has expired 0 seconds ago" in ear.errors[-1]


@pytest.mark.parametrize("kind", ["expired", "forged", "nonsense", "no role", "unknown role"])
async def test_a_token_that_does_not_hold_opens_nothing(
    town: Town, market: Marketplace, realtime_world: World, kind: str
) -> None:
    person = market.client()
    head, body, _ = realtime_world.token(person.id).split(".")
    *_, signature = realtime_world.token(market.admin.id).split(".")
    token, words = {
        "expired": (realtime_world.token(person.id, valid_for=-60), "InvalidJWTToken: Token has expired 6"),
        "forged": (f"{head}.{body}.{signature}", "JwtSignatureError: Failed to validate JWT signature"),
        "nonsense": ("nonsense", "MalformedJWT: The token provided is not a valid JWT"),
        "no role": (
            realtime_world.keys.user_token(person.id, role=None),
            "InvalidJWTToken: Fields `role` and `exp` are required in JWT",
        ),
        "unknown role": (
            realtime_world.token(person.id, "supabase_realtime_admin"),
            f"Unauthorized: You do not have permissions to read from this Channel topic: user:{person.id}",
        ),
    }[kind]
    ear = await join(town, token, f"user:{person.id}")
    assert words in ear.errors[0]


async def test_nobody_sends_or_is_present_on_a_topic_the_database_speaks_on(town: Town, market: Marketplace) -> None:
    client, reader = market.client(10_000), market.reader()
    session = market.accepted(client, reader)
    for topic in (f"session:{session.id}", "readers"):
        liar = await (await town.device(client.token)).join(topic, private=True, key="reader")
        victim = await (await town.device(reader.token)).join(topic, private=True, key="victim")
        await liar.channel.send_broadcast("session_updated", {"status": "ENDED"})
        await liar.channel.track({"here": True})
        # The same name in public is another room.
        outside = await (await town.device(client.token)).join(topic)
        await outside.channel.send_broadcast("session_updated", {"status": "ENDED"})
        market.database.execute("select realtime.send('{}', 'true', %s, true)", [topic])
        await until(lambda ear=victim: ear.broadcasts)
        assert victim.events() == ["true"]
        assert victim.channel.presence_state() == {}


async def test_no_rows_are_left_by_asking(town: Town, market: Marketplace) -> None:
    person = market.client()
    count = "select count(*) from realtime.messages where topic = %s"
    ear = await join(town, person.token, f"user:{person.id}")
    await ear.channel.send_broadcast("lie", {})
    assert market.value(count, f"user:{person.id}") == 0


async def test_the_secret_key_may_receive_and_send(town: Town, market: Marketplace, realtime_world: World) -> None:
    person = market.client()
    ear = await join(town, person.token, f"user:{person.id}")
    server = await join(town, realtime_world.service_key, f"user:{person.id}")
    await server.channel.send_broadcast("hint", {})
    await until(lambda: ear.events() == ["hint"])


async def test_who_may_insert_may_send_and_be_present(town: Town, market: Marketplace, halls: World) -> None:
    topic = f"open:{uuid4()}"
    one, other = [await (await town.device(market.client().token)).join(topic, private=True, key=k) for k in "ab"]
    await one.channel.send_broadcast("hello", {"n": 1})
    await other.channel.track({"here": True})
    await until(lambda: other.events() == ["hello"] and "b" in one.channel.presence_state())
    assert market.world is halls
    assert market.value("select count(*) from realtime.messages where topic = %s", topic) == 0


async def test_broadcast_and_presence_are_granted_apart(town: Town, market: Marketplace, halls: World) -> None:
    topic = f"shy:{uuid4()}"
    one, other = [await (await town.device(market.client().token)).join(topic, private=True, key=k) for k in "ab"]
    server = await (await town.device(halls.service_key)).join(topic, private=True, key="server")
    await one.channel.track({"here": True})
    await one.channel.send_broadcast("hello", {})
    await server.channel.track({"here": True})
    await until(lambda: server.events() == ["hello"] and "server" in other.channel.presence_state())
    assert other.broadcasts == []
    assert set(other.channel.presence_state()) == {"server"}


async def test_a_token_that_takes_a_right_away_ends_the_channel(town: Town, market: Marketplace, halls: World) -> None:
    person = market.client()
    topic = f"once:{uuid4()}"
    device = await town.device(halls.token(person.id))
    ear = await device.join(topic, private=True)
    await device.client.set_auth(halls.token(person.id, valid_for=3000))
    await device.client.set_auth(halls.token(person.id, aal="aal2"))
    await until(lambda: ear.states[-1] == RealtimeSubscribeStates.CLOSED)
    assert f"You no longer have permission to read from this Channel topic: {topic}" in ear.errors[-1]
