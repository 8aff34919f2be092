"""The realtime listener, with the official client: leaves become hints, and an outage takes nobody for gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import pytest

from edge_bridge.metrics import Metrics
from edge_bridge.presence import PresenceListener
from soulseer.rpc import AsyncRpc
from soulseer.settings import BridgeSettings
from tests.doubles.phoenix import Phoenix, running_phoenix
from tests.doubles.scripted import Answer, ScriptedServer, refusal
from tests.doubles.valkey import free_port

# The client reads a property of the connection that the library beneath it would rather rename.
pytestmark = pytest.mark.filterwarnings("ignore:ConnectionClosed.(code|reason) is deprecated")

CLIENT = "0197a000-0000-7000-8000-0000000000f1"
READER = "0197a000-0000-7000-8000-0000000000f2"
KEY = "sb_secret_of_these_tests"


def session(number: int) -> dict[str, object]:
    return {"session_id": str(UUID(int=number)), "client_id": CLIENT, "reader_id": READER}


ONE = str(UUID(int=1))


@pytest.fixture
def live(supabase: ScriptedServer) -> list[dict[str, object]]:
    """Give the live sessions of the scripted database; a test adds and removes."""
    sessions: list[dict[str, object]] = []
    supabase.rpc("live_sessions", lambda _asked: Answer(body=list(sessions)))
    supabase.rpc("record_presence", Answer(body=1))
    supabase.rpc("withdraw_leave_hints", Answer(body=1))
    return sessions


@pytest.fixture
async def phoenix() -> AsyncIterator[Phoenix]:
    """Give a Realtime that does what the test says."""
    async with running_phoenix() as running:
        yield running


@asynccontextmanager
async def listening(
    settings: BridgeSettings, url: str, metrics: Metrics | None = None, channels: int = 100
) -> AsyncIterator[None]:
    async with AsyncRpc(settings) as rpc:
        listener = PresenceListener(rpc, metrics or Metrics(), url=url, key=KEY, poll_seconds=0.1, channels=channels)
        task = asyncio.create_task(listener.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(look: Callable[[], object], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def hints(supabase: ScriptedServer, function: str = "record_presence") -> list[tuple[list[str], list[str]]]:
    return [(call["p_session_ids"], call["p_sides"]) for call in supabase.calls(function)]  # type: ignore[misc]


async def test_a_leave_is_hinted_at_within_two_seconds_and_taken_back_when_the_side_returns(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joined)
        (join,) = phoenix.joins
        assert join["payload"]["config"]["private"] is True
        assert join["payload"]["config"]["presence"]["enabled"] is True
        assert join["payload"]["access_token"] == KEY

        await phoenix.come(ONE, CLIENT)
        device = await phoenix.come(ONE, READER)
        await phoenix.go(ONE, READER, device)
        began = time.monotonic()
        await until(lambda: hints(supabase))
        assert time.monotonic() - began < 2
        assert hints(supabase) == [([ONE], ["reader"])]
        assert supabase.calls("record_presence")[0]["p_left"] is True

        await phoenix.come(ONE, READER)
        await until(lambda: hints(supabase, "withdraw_leave_hints"))
        assert hints(supabase, "withdraw_leave_hints") == [([ONE], ["reader"])]
        assert len(hints(supabase)) == 1


async def test_one_of_two_devices_and_a_stranger_may_leave(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joined)
        phone, laptop = await phoenix.come(ONE, READER), await phoenix.come(ONE, READER)
        stranger = await phoenix.come(ONE, "somebody")
        await phoenix.go(ONE, READER, phone)
        await phoenix.go(ONE, "somebody", stranger)
        await asyncio.sleep(1.0)
        assert hints(supabase) == []
        await phoenix.go(ONE, READER, laptop)
        await until(lambda: hints(supabase))


async def test_channels_follow_the_live_sessions_over_as_many_connections_as_that_takes(
    settings: BridgeSettings, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    metrics = Metrics()
    live.extend(session(number) for number in range(1, 6))
    async with listening(settings, phoenix.url, metrics, channels=2):
        await until(lambda: len(phoenix.joined) == 5)
        assert len(phoenix.connections) == 3
        await until(lambda: metrics.registry.get_sample_value("soulseer_presence_channels") == 5)
        live[:] = [session(5), session(6), session(7)]
        await until(lambda: {UUID(topic.split(":")[2]).int for topic in phoenix.joined} == {5, 6, 7})
        assert len(phoenix.connections) == 2
        live.clear()
        await until(lambda: not phoenix.connections)


async def test_a_broken_connection_is_replaced_and_nobody_taken_for_gone(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    live.extend([session(1), session(2)])
    async with listening(settings, phoenix.url, channels=1):
        await until(lambda: len(phoenix.joined) == 2)
        await phoenix.come(ONE, CLIENT)
        device = await phoenix.come(ONE, READER)
        # After an outage of Realtime everybody comes back one by one; until then nobody seems to be there.
        for room in phoenix.rooms.values():
            room.clear()
        await phoenix.drop()
        await until(lambda: len(phoenix.joined) == 2 and len(phoenix.joins) == 4)
        await asyncio.sleep(0.8)
        assert hints(supabase) == []
        device = await phoenix.come(ONE, READER)
        await phoenix.go(ONE, READER, device)
        await until(lambda: hints(supabase))


@pytest.mark.parametrize("event", ["phx_close", "phx_error"])
async def test_a_channel_that_the_server_ends_is_joined_again(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix, event: str
) -> None:
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joined)
        await phoenix.come(ONE, READER)
        for room in phoenix.rooms.values():
            room.clear()
        await phoenix.send(ONE, event)
        await until(lambda: len(phoenix.joins) == 2)
        await asyncio.sleep(0.8)
        assert hints(supabase) == []


async def test_a_join_that_is_refused_is_tried_again(
    settings: BridgeSettings, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    phoenix.refusing = True
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joins)
        phoenix.refusing = False
        await until(lambda: phoenix.joined)


async def test_it_waits_for_a_realtime_that_is_away(settings: BridgeSettings, live: list[dict[str, object]]) -> None:
    metrics, port = Metrics(), free_port()
    live.append(session(1))
    async with listening(settings, f"http://127.0.0.1:{port}", metrics):
        waited = {"part": "realtime"}
        await until(lambda: (metrics.registry.get_sample_value("soulseer_presence_failures_total", waited) or 0) > 1)


async def test_a_hint_that_the_database_did_not_take_is_told_again(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joined)
        device = await phoenix.come(ONE, CLIENT)
        supabase.rpc("record_presence", refusal(409, "invalid_state"))
        await phoenix.go(ONE, CLIENT, device)
        await until(lambda: hints(supabase))
        supabase.rpc("record_presence", Answer(body=1))
        await until(lambda: len(hints(supabase)) > 1)
        assert set(map(str, hints(supabase))) == {str(([ONE], ["client"]))}


async def test_it_listens_on_while_the_database_is_away(
    settings: BridgeSettings, supabase: ScriptedServer, live: list[dict[str, object]], phoenix: Phoenix
) -> None:
    live.append(session(1))
    async with listening(settings, phoenix.url):
        await until(lambda: phoenix.joined)
        device = await phoenix.come(ONE, CLIENT)
        supabase.rpc("live_sessions", refusal(409, "invalid_state"))
        await asyncio.sleep(0.3)
        await phoenix.go(ONE, CLIENT, device)
        await until(lambda: hints(supabase))
        assert phoenix.joined
