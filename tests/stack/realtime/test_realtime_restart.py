"""A restart of the server, or of Postgres, is survived: clients come back by themselves and hear again."""

import asyncio
import json
import os
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from realtime import RealtimeSubscribeStates
from supabase import AsyncClientOptions, acreate_client

from stack import processes
from stack.environment import StackEnv
from stack.instance import Stack
from stack.paths import PROJECT_ROOT
from tests.stack.realtime.listeners import Town, until

JAVASCRIPT = Path(__file__).parents[1] / "js" / "realtime_rejoin.mjs"
PASSWORD = "correct horse battery"
Told = dict[str, Any]


@dataclass
class Browsers:
    """A node process with two people in it, and what it told so far."""

    process: Process
    told: list[Told] = field(default_factory=list)

    async def listen(self) -> None:
        """Take down what it tells until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.told.append(json.loads(line))

    def have(self, *expected: Told) -> bool:
        """Tell whether each of these was told, in any order."""
        return all(one in self.told for one in expected)


@asynccontextmanager
async def browsers(env: StackEnv, emails: list[str], topic: str) -> AsyncIterator[Browsers]:
    """Start them; they have ended when the block ends."""
    node = shutil.which("node")
    assert node is not None
    known = {"API_URL": env.api_url, "PUBLISHABLE_KEY": env.publishable_key}
    asked = {"PASSWORD": PASSWORD, "EMAILS": ",".join(emails), "TOPIC": topic}
    environment = {**os.environ, **known, **asked}
    process = await asyncio.create_subprocess_exec(
        node, str(JAVASCRIPT), stdin=PIPE, stdout=PIPE, env=environment, cwd=PROJECT_ROOT
    )
    opened = Browsers(process)
    listening = asyncio.create_task(opened.listen())
    try:
        yield opened
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


async def sign_up_two(env: StackEnv) -> tuple[list[str], list[str]]:
    """Two people known to Auth: their e-mails, and their ids."""
    options = AsyncClientOptions(persist_session=False, auto_refresh_token=False)
    service = await acreate_client(env.api_url, env.secret_key, options)
    emails = [f"{name}-{uuid4().hex[:8]}@example.com" for name in ("anna", "ben")]
    made = [
        await service.auth.admin.create_user({"email": email, "password": PASSWORD, "email_confirm": True})
        for email in emails
    ]
    await service.auth.close()
    return emails, [one.user.id for one in made]


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


async def test_supabase_js_rejoins_after_a_restart_hears_again_and_is_seen_again(
    stack: Stack, stack_env: StackEnv
) -> None:
    emails, people = await sign_up_two(stack_env)
    anna, ben = (email.partition("@")[0] for email in emails)
    with psycopg.connect(stack_env.db_url, autocommit=True) as database:
        row = database.execute(
            "insert into public.conversations (first_id, second_id) values (%s, %s) returning id", sorted(people)
        ).fetchone()
        assert row is not None
        topic = f"conversation:{row[0]}:peer"
        address = stack.layout().ports["realtime_socket"]

        def see_one_another(visit: int) -> list[Told]:
            pairs = ((anna, ben), (ben, anna))
            return [{"who": one, "what": "sees", "key": other, "visit": visit} for one, other in pairs]

        def both(what: str, **more: Any) -> list[Told]:
            return [{"who": one, "what": what, **more} for one in (anna, ben)]

        async with browsers(stack_env, emails, topic) as there:
            await until(lambda: there.have(*both("SUBSCRIBED"), *see_one_another(1)), seconds=15)
            await asyncio.to_thread(processes.stop, stack.paths, "realtime", ask_with=signal.SIGKILL)
            await until(lambda: there.have(*both("CHANNEL_ERROR")))
            there.told.clear()

            restarted = await asyncio.to_thread(stack.up, services=False)

            assert restarted.started == ["realtime"]
            assert stack.layout().ports["realtime_socket"] == address
            await until(lambda: there.have(*both("SUBSCRIBED"), *see_one_another(2)), seconds=30)
            database.execute("select realtime.send('{\"n\": 1}', 'told', %s, true)", [topic])
            await until(lambda: sum(one["what"] == "heard" for one in there.told) >= len(people))
            heard = [one for one in there.told if one["what"] == "heard"]
            assert [(one["event"], one["payload"]["n"]) for one in heard] == [("told", 1)] * 2
            assert {one["who"] for one in heard} == {anna, ben}
