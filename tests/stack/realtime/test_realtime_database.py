"""What the database says reaches a topic's subscribers once it is committed, in that order."""

import asyncio
from uuid import uuid4

from psycopg.types.json import Jsonb

from tests.administration.tables import remove
from tests.sql.marketplace import Marketplace
from tests.stack.realtime.listeners import Town, until

SEND = "select realtime.send(%s, %s, %s, %s)"


async def test_an_update_of_a_session_reaches_both_sides(town: Town, market: Marketplace) -> None:
    client, reader = market.client(10_000), market.reader()
    session = market.request(client, reader)
    ears = []
    for person in (client, reader):
        device = await town.device(person.token)
        ears += [await device.join(topic, private=True) for topic in (f"session:{session.id}", f"user:{person.id}")]

    await asyncio.to_thread(session.by, reader, "accept")

    await until(lambda: all("session_updated" in ear.events() for ear in ears))
    for ear in ears:
        told = next(one for one in ear.broadcasts if one["event"] == "session_updated")
        assert (told["payload"]["session_id"], told["payload"]["status"]) == (session.id, session.row()["status"])
        assert told["meta"]["id"] == told["payload"]["id"]


async def test_favorites_and_blocks_reach_the_own_devices_and_nobody_else(town: Town, market: Marketplace) -> None:
    person, reader = market.client(), market.reader()
    phone = await (await town.device(person.token)).join(f"user:{person.id}", private=True)
    theirs = await (await town.device(reader.token)).join(f"user:{reader.id}", private=True)
    lists = (
        ("favorites", "favorite_changed", {"client_id": person.id}, "reader_id"),
        ("blocks", "block_changed", {"blocker_id": person.id}, "blocked_id"),
    )
    for table, event, own, listed in lists:
        row = {**own, listed: reader.id}
        await asyncio.to_thread(market.add, person, table, row)
        await until(lambda event=event: phone.events() == [event])  # type: ignore[misc]
        await asyncio.to_thread(remove, market, person, f"{table}?{listed}=eq.{reader.id}")
        await until(lambda event=event: phone.events() == [event] * 2)  # type: ignore[misc]
        told = [{name: value for name, value in one["payload"].items() if name != "id"} for one in phone.broadcasts]
        assert told == [{listed: reader.id}] * 2
        phone.broadcasts.clear()
    # What comes after all of it, so that nothing can be on its way still.
    market.database.execute("select private.tell(%s, 'last', '{}')", [reader.id])
    await until(lambda: "last" in theirs.events())
    assert theirs.events() == ["last"]
    about = "select distinct topic from realtime.messages where event in ('favorite_changed', 'block_changed')"
    assert f"user:{reader.id}" not in [row["topic"] for row in market.rows(about)]


async def test_what_is_rolled_back_is_never_told_and_commits_keep_their_order(town: Town, market: Marketplace) -> None:
    topic = f"order-{uuid4()}"
    ear = await (await town.device(market.world.service_key)).join(topic, private=True)
    with market.world.connect() as first, market.world.connect() as second:
        with first.transaction():
            first.execute(SEND, [Jsonb({}), "first began", topic, True])
            with second.transaction():
                second.execute(SEND, [Jsonb({}), "second began", topic, True])
        with first.transaction(force_rollback=True):
            first.execute(SEND, [Jsonb({}), "never", topic, True])
        second.execute(SEND, [Jsonb({}), "last", topic, True])
    await until(lambda: "last" in ear.events())
    assert ear.events() == ["second began", "first began", "last"]


async def test_public_and_private_rows_go_to_their_own_rooms(town: Town, market: Marketplace) -> None:
    topic = f"both-{uuid4()}"
    public = await (await town.device()).join(topic)
    private = await (await town.device(market.world.service_key)).join(topic, private=True)
    market.database.execute(SEND, [Jsonb({"n": 1}), "for all", topic, False])
    market.database.execute(SEND, [Jsonb({"n": 2}), "for some", topic, True])
    await until(lambda: public.broadcasts and private.broadcasts)
    assert (public.events(), private.events()) == (["for all"], ["for some"])


async def test_a_trigger_tells_of_rows(town: Town, market: Marketplace) -> None:
    topic = f"rows-{uuid4()}"
    ear = await (await town.device(market.world.service_key)).join(topic, private=True)
    change = "select realtime.broadcast_changes(%s, 'INSERT', 'INSERT', 't', 'public', row(1, 'one'), null)"
    market.database.execute(change, [topic])
    await until(lambda: ear.broadcasts)
    payload = ear.broadcasts[0]["payload"]
    assert (payload["operation"], payload["table"], payload["record"]) == ("INSERT", "t", {"f1": 1, "f2": "one"})


async def test_the_stream_is_taken_up_again_when_postgres_ends_it(town: Town, market: Marketplace) -> None:
    topic = f"again-{uuid4()}"
    ear = await (await town.device(market.world.service_key)).join(topic, private=True)
    slots = "from pg_replication_slots where database = current_database() and active"
    before = market.value(f"select active_pid {slots}")
    market.database.execute("select pg_terminate_backend(%s, 5000)", [before])
    await until(lambda: market.value(f"select count(*) {slots} and active_pid <> %s", before) == 1)

    # A slot is active a moment before it streams; from then on nothing is lost.
    async def told() -> bool:
        market.database.execute(SEND, [Jsonb({}), "back", topic, True])
        await asyncio.sleep(0.05)
        return bool(ear.broadcasts)

    for _ in range(40):
        if await told():
            break
    assert ear.is_joined
    assert set(ear.events()) == {"back"}


async def test_a_hundred_devices_hear_one_message_soon(town: Town, market: Marketplace) -> None:
    topic = f"many-{uuid4()}"
    devices = [await town.device(market.world.service_key) for _ in range(100)]
    ears = await asyncio.gather(*(device.join(topic, private=True) for device in devices))
    market.database.execute(SEND, [Jsonb({"n": 1}), "told", topic, True])
    await until(lambda: all(ear.events() == ["told"] for ear in ears), seconds=2)
