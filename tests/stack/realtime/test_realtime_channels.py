"""Channels as the official client meets them: joining, leaving, broadcasts, presence; and frames no client sends."""

import asyncio
import json
from uuid import uuid4

import pytest
from realtime import RealtimeSubscribeStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stack.worlds import World
from tests.stack.realtime.listeners import Town, until


def room() -> str:
    return f"room-{uuid4()}"


def address(world: World, query: str) -> str:
    return f"{world.api_url.replace('http', 'ws', 1)}/realtime/v1/websocket?{query}"


async def ask(socket: ClientConnection, frame: object) -> object:
    await socket.send(json.dumps(frame))
    return json.loads(await socket.recv())


async def test_a_broadcast_reaches_the_others_and_its_sender_only_on_request(town: Town) -> None:
    topic = room()
    quiet = await (await town.device()).join(topic)
    loud = await (await town.device()).join(topic, to_self=True)
    elsewhere = await (await town.device()).join(room())

    await loud.channel.send_broadcast("moved", {"x": 1, "wörter": "é🎁"})
    await until(lambda: quiet.events() == ["moved"])
    await quiet.channel.send_broadcast("stayed", {})

    await until(lambda: len(loud.broadcasts) == 2)
    assert loud.broadcasts[0] == {"event": "moved", "payload": {"x": 1, "wörter": "é🎁"}}
    assert quiet.events() == ["moved"]
    assert elsewhere.broadcasts == []


async def test_an_acknowledged_broadcast_is_answered(town: Town) -> None:
    ear = await (await town.device()).join(room(), ack=True)
    push = await ear.channel.push("broadcast", {"type": "broadcast", "event": "moved", "payload": {}})
    await until(lambda: push.received_resp is not None)
    assert push.received_resp is not None
    assert push.received_resp[0] == "ok"


async def test_who_left_hears_nothing_more(town: Town) -> None:
    topic = room()
    stays = await (await town.device()).join(topic)
    leaves = await (await town.device()).join(topic)
    await leaves.channel.unsubscribe()
    await until(lambda: leaves.states[-1] == RealtimeSubscribeStates.CLOSED)

    await stays.channel.send_broadcast("gone", {})
    await (await (await town.device()).join(topic)).channel.send_broadcast("still", {})

    await until(lambda: stays.events() == ["still"])
    assert leaves.broadcasts == []


async def test_presence_is_told_to_those_there_and_to_those_who_come(town: Town) -> None:
    topic = room()
    anna_device = await town.device()
    anna = await anna_device.join(topic, key="anna")
    await anna.channel.track({"mood": "calm"})
    await until(lambda: "anna" in anna.channel.presence_state())
    ben = await (await town.device()).join(topic, key="ben")
    await until(lambda: "anna" in ben.channel.presence_state())
    await ben.channel.track({"mood": "wild"})
    await until(lambda: set(anna.channel.presence_state()) == {"anna", "ben"})

    await anna.channel.track({"mood": "tired"})
    await until(lambda: [one["mood"] for one in ben.channel.presence_state()["anna"]] == ["tired"])
    await ben.channel.untrack()
    await until(lambda: set(anna.channel.presence_state()) == {"anna"})
    # A device that goes without a word is gone as well.
    await anna_device.client.close()
    await until(lambda: not ben.channel.presence_state())


async def test_two_devices_share_a_key(town: Town) -> None:
    topic = room()
    first = await (await town.device()).join(topic, key="anna")
    second = await (await town.device()).join(topic, key="anna")
    await first.channel.track({"device": 1})
    await second.channel.track({"device": 2})
    await until(lambda: len(first.channel.presence_state().get("anna", [])) == 2)
    await second.channel.unsubscribe()
    await until(lambda: [one["device"] for one in first.channel.presence_state()["anna"]] == [1])


async def test_nobody_connects_without_a_key_or_in_an_unknown_version(realtime_world: World) -> None:
    key = realtime_world.keys.publishable_key
    for query, status in (("", 401), ("apikey=wrong", 401), (f"apikey={key}&vsn=9.9.9", 403)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(address(realtime_world, query))
        assert refused.value.response.status_code == status


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
async def test_both_versions_of_the_protocol_answer_in_their_own_form(realtime_world: World, version: str) -> None:
    query = f"apikey={realtime_world.keys.publishable_key}&vsn={version}"
    topic = f"realtime:{room()}"

    def frame(event: str, ref: str, payload: object, of: str = topic) -> object:
        if version == "2.0.0":
            return ["1", ref, of, event, payload]
        return {"topic": of, "event": event, "payload": payload, "ref": ref, "join_ref": "1"}

    def answer(status: str, ref: str, response: object, of: str = topic) -> object:
        payload = {"status": status, "response": response}
        if version == "2.0.0":
            return ["1", ref, of, "phx_reply", payload]
        return {"topic": of, "event": "phx_reply", "payload": payload, "ref": ref}

    async with connect(address(realtime_world, query)) as socket:
        assert await ask(socket, frame("heartbeat", "1", {}, "phoenix")) == answer("ok", "1", {}, "phoenix")
        assert await ask(socket, frame("broadcast", "2", {})) == answer("error", "2", {"reason": "unmatched topic"})
        assert await ask(socket, frame("phx_join", "3", {}, "other:x")) == answer(
            "error", "3", {"reason": "unmatched topic"}, "other:x"
        )
        assert await ask(socket, frame("phx_join", "1", {"config": {}})) == answer("ok", "1", {"postgres_changes": []})
        assert await ask(socket, frame("phx_leave", "4", {})) == answer("ok", "4", {})
        closed = json.loads(await socket.recv())
        assert "phx_close" in (closed[3] if version == "2.0.0" else closed["event"])


@pytest.mark.parametrize("config", [{"private": "perhaps"}, {"broadcast": []}, {"presence": {"enabled": 7}}, []])
async def test_a_join_that_cannot_be_understood_is_refused(realtime_world: World, config: object) -> None:
    query = f"apikey={realtime_world.keys.publishable_key}&vsn=2.0.0"
    async with connect(address(realtime_world, query)) as socket:
        answer = await ask(socket, ["1", "1", f"realtime:{room()}", "phx_join", {"config": config}])
    assert isinstance(answer, list)
    assert answer[4]["status"] == "error"
    assert answer[4]["response"]["reason"].startswith("InvalidJoinPayload: ")


@pytest.mark.parametrize(
    "frame",
    [
        "no JSON",
        '{"topic": "phoenix"}',
        "[1, 2]",
        '["1", "1", "t", "e", 7]',
        "[" * 5000,
        '["1","1","realtime:x","broadcast",{"n":NaN}]',
        r'["1", "1", "realtime:\ud800", "phx_join", {}]',
        b"",
        b"\x03",
        b"\x09\x00\x00\x00\x00\x00\x00",
        b"\x03\xff\xff\xff\xff\xff\x01short",
        b"\x03\x00\x00\x00\x00\x00\x01{",
        b"\x03\x00\x00\x01\x00\x00\x00\xff",
    ],
)
async def test_a_malformed_frame_ends_only_its_own_connection(
    town: Town, realtime_world: World, frame: str | bytes
) -> None:
    ear = await (await town.device()).join(room(), to_self=True)
    query = f"apikey={realtime_world.keys.publishable_key}&vsn=2.0.0"
    async with connect(address(realtime_world, query)) as socket:
        await socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011
    await ear.channel.send_broadcast("alive", {})
    await until(lambda: ear.events() == ["alive"])
