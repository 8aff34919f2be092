"""Broadcasts over HTTP: to anybody on public topics, and on private ones by those whom the policies let send."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from realtime import RealtimeHTTPError

from stack.worlds import World
from tests.sql.marketplace import Marketplace
from tests.stack.realtime.listeners import Town, until


def send(world: World, *messages: dict[str, Any], key: str = "", token: str = "") -> httpx.Response:
    headers = {"apikey": key or world.keys.publishable_key}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.post(f"{world.api_url}/realtime/v1/api/broadcast", json={"messages": messages}, headers=headers)


async def test_a_batch_reaches_its_topics(town: Town, realtime_world: World) -> None:
    first, second = f"a-{uuid4()}", f"b-{uuid4()}"
    ears = [await (await town.device()).join(topic) for topic in (first, second)]
    answer = send(
        realtime_world,
        {"topic": first, "event": "one", "payload": {"n": 1}},
        {"topic": second, "event": "two", "payload": {"n": 2}},
    )
    assert (answer.status_code, answer.content) == (202, b"")
    await until(lambda: all(ear.broadcasts for ear in ears))
    assert [(ear.broadcasts[0]["event"], ear.broadcasts[0]["payload"]) for ear in ears] == [
        ("one", {"n": 1}),
        ("two", {"n": 2}),
    ]


async def test_the_database_s_topics_are_closed_to_people_and_open_to_servers(
    town: Town, market: Marketplace, realtime_world: World
) -> None:
    person = market.client()
    topic = f"user:{person.id}"
    ear = await (await town.device(person.token)).join(topic, private=True)
    message = {"topic": topic, "event": "wallet_changed", "payload": {"available": 10**9}, "private": True}
    # Hosted says 202 to both; the one is passed over without a word.
    assert send(realtime_world, message, token=person.token).status_code == 202
    assert send(realtime_world, {**message, "private": False}, token=person.token).status_code == 202
    true = {**message, "event": "true"}
    assert send(realtime_world, true, key=realtime_world.keys.secret_key).status_code == 202
    await until(lambda: ear.broadcasts)
    assert ear.events() == ["true"]


async def test_one_message_by_the_official_client(town: Town, market: Marketplace, realtime_world: World) -> None:
    person = market.client()
    topic = f"user:{person.id}"
    ear = await (await town.device(person.token)).join(topic, private=True)
    with pytest.raises(RealtimeHTTPError) as refused:
        await ear.channel.http_send("lie", {})
    assert refused.value.status == 403
    server = await (await town.device(realtime_world.service_key)).join(topic, private=True)
    await server.channel.http_send("hint", {"n": [1, None]})
    await until(lambda: ear.broadcasts)
    assert ear.broadcasts[0] == {"event": "hint", "payload": {"n": [1, None]}}


def test_what_is_no_batch_or_no_caller_is_refused(realtime_world: World) -> None:
    blank = send(realtime_world, {"topic": "", "payload": {}})
    assert (blank.status_code, set(blank.json()["errors"])) == (422, {"messages.0.topic", "messages.0.event"})
    address = f"{realtime_world.api_url}/realtime/v1/api/broadcast"
    key = {"apikey": realtime_world.keys.publishable_key}
    assert httpx.post(address, content="no JSON", headers=key).status_code == 422
    assert httpx.post(address, json={"messages": []}).json()["code"] == "no_api_key"
    expired = send(realtime_world, token=realtime_world.keys.user_token("x", valid_for=-9))
    assert (expired.status_code, expired.json()) == (401, {"message": "Unauthorized"})


def test_more_than_a_second_takes_is_refused(realtime_world: World) -> None:
    many = [{"topic": "x", "event": "e", "payload": {}}] * 501
    answer = send(realtime_world, *many)
    words = "Too many messages to broadcast, please reduce the batch size"
    assert (answer.status_code, answer.json()) == (429, {"message": words})
