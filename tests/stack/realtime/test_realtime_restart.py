"""A restart of the server, or of Postgres, is survived: clients come back by themselves and hear again."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import psycopg
from realtime import RealtimeSubscribeStates

from stack import processes
from stack.environment import StackEnv
from stack.instance import Stack
from tests.stack.realtime.listeners import Town, until


async def test_clients_rejoin_after_a_restart(stack: Stack, stack_env: StackEnv) -> None:
    topic = f"back-{uuid4()}"
    async with AsyncExitStack() as devices:
        town = Town(stack_env.api_url, stack_env.publishable_key, devices)
        public = await (await town.device()).join(topic)
        private = await (await town.device(stack_env.service_role_key)).join(topic, private=True)
        await asyncio.to_thread(processes.stop, stack.paths, "realtime")
        await until(lambda: RealtimeSubscribeStates.CHANNEL_ERROR in public.states[-1:])
        restarted = await asyncio.to_thread(stack.up, services=False)
        assert restarted.started == ["realtime"]
        await until(lambda: public.is_joined and private.is_joined, seconds=15)
        with psycopg.connect(stack_env.db_url, autocommit=True) as database:
            for is_private in (True, False):
                database.execute("select realtime.send('{}', 'told', %s, %s)", [topic, is_private])
        await until(lambda: public.events() == private.events() == ["told"])
