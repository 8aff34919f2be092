"""A side that closes its app is taken for gone seconds later, long before its heartbeat would be missed."""

import asyncio
import time

import pytest
from realtime import AsyncRealtimeClient

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform

pytestmark = pytest.mark.filterwarnings("ignore:ConnectionClosed.(code|reason) is deprecated")


async def show(platform: Platform, person: Person, session_id: str) -> AsyncRealtimeClient:
    """Show a person on a session's channel, as their app does, and return the connection."""
    client = AsyncRealtimeClient(f"{platform.env.api_url}/realtime/v1", platform.env.publishable_key)
    await client.connect()
    await client.set_auth(person.token)
    config = {"broadcast": None, "presence": {"key": person.id, "enabled": True}, "private": True}
    channel = client.channel(f"session:{session_id}:peer", {"config": config})  # type: ignore[typeddict-item]
    await channel.subscribe()
    await channel.track({"at": "the table"})
    return client


def reported(platform: Platform, **fields: object) -> bool:
    said = {"event": "presence_reported", **fields}
    return any(said.items() <= line.items() for line in platform.log("bridge"))


def test_a_leave_is_hinted_at_and_pauses_the_session_of_who_is_silent(platform: Platform) -> None:
    client, reader = make_client(platform, 30_000), make_reader(platform)
    # Far less than the six seconds after which silence alone would pause it.
    with platform.setting("session.hint_deadline_seconds", 1), Conversation(client, reader) as talk:

        async def leave_the_table() -> float:
            shown = [await show(platform, person, talk.id) for person in (client, reader)]
            # The bridge asks for the live sessions each second.
            await asyncio.sleep(2.5)
            talk.silence(reader)
            began = time.monotonic()
            await shown[1].close()
            while not reported(platform, left=1):
                assert time.monotonic() - began < 2, "no hint within two seconds"
                await asyncio.sleep(0.05)
            await shown[0].close()
            return began

        began = asyncio.run(leave_the_table())
        talk.wait_pause("reader_absent")
        assert time.monotonic() - began < 5
        talk.return_of(reader)
        talk.wait_pause(None)
