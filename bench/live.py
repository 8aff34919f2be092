"""Live sessions: a broadcast to many, chat rows with all they set off against plain ones, and how long a row takes."""

from __future__ import annotations

import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg

from bench.listeners import listening
from bench.money import wait_for_disk
from bench.requests import CALLERS, rate
from bench.slices import Outcome, Tell, compare
from stack.instance import Stack
from stack.worlds import World, open_world

_SUBSCRIBERS: Final = 200
_BROADCASTS: Final = 60
_CHATS: Final = 200
_ENVELOPE: Final = {
    "v": 1, "key": 1, "seq": 0, "nonce": "n" * 32, "box": "b" * 192, "sig": "s" * 86,
    "device": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
_PATIENCE_SECONDS: Final = 20.0
_PLAIN: Final = """
create table public.plain_messages (
    id uuid primary key default gen_random_uuid(), session_id uuid not null, sender_id uuid not null,
    content jsonb not null, message_type text not null, created_at timestamptz not null default now());
create index on public.plain_messages (session_id, id desc);
grant insert on public.plain_messages to authenticated;
notify pgrst, 'reload schema';
"""


@dataclass(frozen=True, slots=True)
class Talk:
    """A session in progress.

    Attributes:
        id: the session.
        client: who asked for it.
        reader: who is asked.
    """

    id: str
    client: str
    reader: str


def measure(name: str, slices: int, tell: Tell) -> list[Outcome]:
    """Measure on a stack of its own, whose database waits for its disk.

    Args:
        name: of the stack, which is gone afterwards.
        slices: turns of chat rows and their peer.
        tell: called before each part.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        with open_world(stack, with_realtime=True) as world:
            wait_for_disk(world.server)
            talk = _begin(world)
            tell(f"a broadcast to {_SUBSCRIBERS} subscribers")
            outcomes = [_fan_out(world, talk)]
            tell("chat rows")
            outcomes.append(_chat_rows(world, talk, slices))
            tell("a chat row to the other side")
            # Of others: what the rows before still set off is not theirs.
            outcomes.append(_row_to_ear(world, _begin(world)))
    finally:
        stack.remove()
    return outcomes


def _begin(world: World) -> Talk:
    client, reader, session, charge = (str(uuid4()) for _ in range(4))
    with psycopg.connect(world.superuser_dsn, autocommit=True) as database:
        for person in (client, reader):
            database.execute(
                "insert into auth.users (id, aud, role, email) values (%s, 'authenticated', 'authenticated', %s)",
                [person, f"{person}@bench.example"],
            )
        database.execute(
            "insert into public.transactions (id, user_id, type, amount, status) "
            "values (%s, %s, 'SESSION_CHARGE', 300, 'PENDING')",
            [charge, client],
        )
        database.execute(
            "insert into public.sessions (id, client_id, reader_id, type, reader_rate, share_bps, max_minutes, terms, "
            "status, transaction_id, accepted_at, client_joined_at, reader_joined_at, started_at) "
            "values (%s, %s, %s, 'CHAT', 300, 7000, 600, '{}', 'IN_PROGRESS', %s, now(), now(), now(), now())",
            [session, client, reader, charge],
        )
        database.execute(
            "insert into public.conversations (first_id, second_id, session_id, key_version) "
            "values (least(%s::uuid, %s::uuid), greatest(%s::uuid, %s::uuid), %s, 1)",
            [client, reader, client, reader, session],
        )
        database.execute(
            "insert into public.user_keys (user_id, device_id, identity_key, device_key, signing_key, signature) "
            "values (%s, %s, repeat('i', 43), repeat('d', 43), repeat('g', 43), repeat('s', 86))",
            [client, _ENVELOPE["device"]],
        )
    return Talk(session, client, reader)


def _fan_out(world: World, talk: Talk) -> Outcome:
    topic, token = f"session:{talk.id}", world.token(talk.reader)
    waits: list[float] = []
    with (
        listening(
            world.api_url, world.keys.publishable_key, token, topic, number=_SUBSCRIBERS, events=_BROADCASTS
        ) as ears,
        psycopg.connect(world.superuser_dsn) as database,
    ):
        committed = []
        for _ in range(_BROADCASTS):
            database.execute("select realtime.send('{\"bench\": true}', 'bench', %s, true)", [topic])
            committed.append(time.monotonic())
            database.commit()
            time.sleep(0.1)
        for came in ears.all():
            waits += [there - then for then, there in zip(committed, came, strict=True)]
    return Outcome(
        f"from commit to {_SUBSCRIBERS} subscribers of a topic",
        f"p50 {_ms(waits, 0.5)}, p99 {_ms(waits, 0.99)}, all {_ms(waits, 1)}",
        "told",
        len(waits) / (_SUBSCRIBERS * _BROADCASTS),
        1.0,
        at_most=False,
    )


def _ms(seconds: list[float], part: float) -> str:
    ordered = sorted(seconds)
    return f"{ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000:.1f} ms"


def _row(talk: Talk) -> dict[str, Any]:
    return {"session_id": talk.id, "sender_id": talk.client, "content": _ENVELOPE, "message_type": "TEXT"}


def _chat_rows(world: World, talk: Talk, slices: int) -> Outcome:
    token, body = world.token(talk.client), json.dumps(_row(talk))
    with world.connect() as database:
        database.execute(_PLAIN.encode())
    _wait_for_table(world, token, body)

    def requests(table: str, host: str) -> list[bytes]:
        head = (
            f"POST /{table} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nPrefer: return=minimal\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return [(head + body).encode()]

    with ProcessPoolExecutor(CALLERS) as callers:
        mine, plain, ratio = compare(
            lambda: rate(callers, world.rest_url, lambda host: requests("chat_messages", host), 201),
            lambda: rate(callers, world.rest_url, lambda host: requests("plain_messages", host), 201),
            slices,
        )
    return Outcome(
        "chat rows with policy, trigger and broadcast", f"{mine:,.0f}/s", f"{plain:,.0f}/s plain", ratio, 0.5,
        at_most=False,
    )  # fmt: skip


def _wait_for_table(world: World, token: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (
        httpx.post(f"{world.rest_url}/plain_messages", content=body, headers=headers).status_code != httpx.codes.CREATED
    ):
        if time.monotonic() > deadline:
            raise TimeoutError("PostgREST does not see the new table.")
        time.sleep(0.1)


def _row_to_ear(world: World, talk: Talk) -> Outcome:
    topic, token = f"session:{talk.id}", world.token(talk.reader)
    headers = {"Authorization": f"Bearer {world.token(talk.client)}", "Prefer": "return=minimal"}
    sent = []
    with (
        listening(world.api_url, world.keys.publishable_key, token, topic, number=1, events=_CHATS) as ears,
        httpx.Client(base_url=world.rest_url, headers=headers) as http,
    ):
        for _ in range(_CHATS):
            sent.append(time.monotonic())
            http.post("/chat_messages", json=_row(talk)).raise_for_status()
            time.sleep(0.02)
        (came,) = ears.all()
    waits = [there - then for then, there in zip(sent, came, strict=True)]
    return Outcome(
        "from a chat row's request to the other side's socket",
        f"p50 {_ms(waits, 0.5)}, p99 {_ms(waits, 0.99)}",
        "told",
        len(waits) / _CHATS,
        1.0,
        at_most=False,
    )
