"""Limits, on a server that has little patience."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx
import pytest
from realtime import AsyncRealtimeClient, RealtimeSubscribeStates

from stack.instance import Stack
from stack.parts import realtime_settings
from stack.realtime.harness import RealtimeHost, start_server
from stack.worlds import World
from tests.stack.realtime.listeners import Device, until

LIMITS = {
    "MAX_CONNECTIONS": 3,
    "CHANNELS_PER_CONNECTION": 3,
    "JOINS_PER_SECOND": 20,
    "MESSAGES_PER_SECOND": 10,
    "PRESENCE_CALLS": 3,
    "PAYLOAD_KILOBYTES": 1,
    "FRAME_BYTES": 4000,
}


@pytest.fixture(scope="module")
def strict(stack: Stack, realtime_world: World) -> Iterator[RealtimeHost]:
    settings = realtime_settings(stack.layout(), {"realtime": 0, "realtime_socket": 0}, realtime_world.database)
    with start_server({**settings, **{f"STACK_REALTIME_{name}": str(value) for name, value in LIMITS.items()}}) as host:
        yield host


@pytest.fixture
async def clients(strict: RealtimeHost, realtime_world: World) -> AsyncIterator[list[Device]]:
    """Four devices; the fourth is one too many."""
    async with AsyncExitStack() as closing:
        made = [Device(AsyncRealtimeClient(strict.url, realtime_world.anon_key)) for _ in range(4)]
        for device in made:
            closing.push_async_callback(device.client.close)
        yield made


def post(host: RealtimeHost, message: dict[str, object], key: str) -> httpx.Response:
    body = {"messages": [message]}
    return httpx.post(f"{host.http_url}/api/broadcast", json=body, headers={"apikey": key})


def room() -> str:
    return f"room-{uuid4()}"


async def test_connections_are_counted(clients: list[Device]) -> None:
    for device in clients[:3]:
        assert (await device.join(room())).is_joined
    over = await clients[3].join(room())
    assert "ConnectionRateLimitReached: Too many connected users" in over.errors[0]


async def test_channels_of_a_connection_are_counted_and_a_left_one_makes_room(clients: list[Device]) -> None:
    ears = [await clients[0].join(room()) for _ in range(3)]
    assert all(ear.is_joined for ear in ears)
    over = await clients[0].join(room())
    assert "ChannelRateLimitReached: Too many channels" in over.errors[0]
    await ears[0].channel.unsubscribe()
    assert (await clients[0].join(room())).is_joined


async def test_a_payload_that_is_too_large_is_refused(
    clients: list[Device], strict: RealtimeHost, realtime_world: World
) -> None:
    ear = await clients[0].join(room(), ack=True, to_self=True)
    large = {"type": "broadcast", "event": "large", "payload": {"x": "y" * 1500}}
    push = await ear.channel.push("broadcast", large)
    await until(lambda: push.received_resp is not None)
    assert push.received_resp == ("error", {"reason": "payload_size_exceeded"})
    assert ear.broadcasts == []
    answer = post(strict, {"topic": "x", "event": "large", "payload": {"x": "y" * 1500}}, realtime_world.anon_key)
    assert (answer.status_code, answer.json()["errors"]) == (422, {"payload": ["Payload size exceeds tenant limit"]})


# The client itself asks the exception for what websockets would rather give otherwise.
@pytest.mark.filterwarnings("ignore:ConnectionClosed.(code|reason) is deprecated:DeprecationWarning")
async def test_a_frame_beyond_the_limit_ends_the_connection_and_the_client_comes_back(clients: list[Device]) -> None:
    ear = await clients[0].join(room())
    await ear.channel.send_broadcast("huge", {"x": "y" * 5000})
    await until(lambda: RealtimeSubscribeStates.CHANNEL_ERROR in ear.states)
    await until(lambda: ear.is_joined)


async def test_too_many_changes_of_presence_end_the_channel(clients: list[Device]) -> None:
    ear = await clients[0].join(room(), key="one")
    for number in range(4):
        await ear.channel.track({"n": number})
    await until(lambda: ear.errors)
    assert "Client presence rate limit exceeded" in ear.errors[0]


async def test_too_many_messages_end_the_channel(clients: list[Device]) -> None:
    ear = await clients[0].join(room())
    for number in range(30):
        await ear.channel.send_broadcast("much", {"n": number})
    await until(lambda: ear.errors)
    assert "Too many messages per second" in ear.errors[0]
    assert RealtimeSubscribeStates.CLOSED in ear.states


async def test_joins_are_limited_by_the_second(clients: list[Device]) -> None:
    ears = await asyncio.gather(*(clients[0].join(room()) for _ in range(40)))
    errors = [ear.errors[0] for ear in ears if ear.errors]
    assert any("ClientJoinRateLimitReached: Too many joins per second" in error for error in errors)
