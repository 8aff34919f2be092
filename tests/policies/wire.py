"""Thousands of small requests to one PostgREST, quickly: kept connections, several at once, every one rolled back."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_AT_ONCE = 6
_AHEAD = 20
# Refusals by privilege or by what the API shows: nothing of ours ran.
_PRIVILEGE = "42501"
_UNSEEN = ("PGRST106", "PGRST202", "PGRST205")
_NO_TOKEN = ("PGRST300", "PGRST301", "PGRST302", "PGRST303")
# Generated columns and computed views take no value from anyone, whatever the privileges.
_UNWRITABLE = ("428C9", "0A000", "55000")


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `what` says which cell it tries.

    Inserts ask for no row back: whoever may not read what they wrote would be refused for that.
    """

    what: str
    method: str
    path: str
    token: str
    body: object = None
    profile: str = "public"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    call: Call
    status: int
    body: Any

    @property
    def code(self) -> str:
        """SQLSTATE or PostgREST's code of a refusal, else empty."""
        return str(self.body.get("code", "")) if self.status >= 400 and isinstance(self.body, dict) else ""

    @property
    def name(self) -> str:
        """The snake_case code of one of our refusals, else empty."""
        ours = self.code.startswith("PT") and self.status < 500
        return str(self.body.get("message", "")) if ours else ""

    @property
    def kind(self) -> str:
        """What became of the request: done, empty, privilege, policy, unwritable, typed, unseen, token or broken."""
        if self.status < 400:
            return "done" if self.body or self.body is None else "empty"
        if self.code == _PRIVILEGE:
            return "policy" if "row-level security" in self.body["message"] else "privilege"
        kinds = {
            **dict.fromkeys(_UNWRITABLE, "unwritable"),
            **dict.fromkeys(_UNSEEN, "unseen"),
            **dict.fromkeys(_NO_TOKEN, "token"),
        }
        return kinds.get(self.code) or ("typed" if self.name else "broken")

    def is_denied(self, name: str) -> bool:
        """Tell whether the privilege on a relation or function itself was lacking, not on something it reaches for."""
        return self.kind == "privilege" and str(self.body["message"]).endswith(f" {name}")

    def __str__(self) -> str:
        said = self.body.get("message", "") if isinstance(self.body, dict) else ""
        return f"{self.call.what}: {self.kind} ({self.status} {self.code} {said})"


class Wire:
    """Sends requests to one address."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address)
        self.sent = 0

    def send(self, calls: Iterable[Call]) -> list[Answer]:
        """Send all and return their answers in order; nothing of any of them stays in the database."""
        waiting = list(calls)
        self.sent += len(waiting)
        return asyncio.run(self._send(waiting))

    async def _send(self, calls: list[Call]) -> list[Answer]:
        parts = await asyncio.gather(*(self._send_part(calls[start::_AT_ONCE]) for start in range(_AT_ONCE)))
        return [parts[place % _AT_ONCE][place // _AT_ONCE] for place in range(len(calls))]

    async def _send_part(self, calls: list[Call]) -> list[Answer]:
        reader, writer = await asyncio.open_connection(self._host.hostname, self._host.port)
        answers: list[Answer] = []
        try:
            # A few ahead of their answers, which HTTP/1.1 allows: PostgREST never waits for us.
            for start in range(0, len(calls), _AHEAD):
                batch = calls[start : start + _AHEAD]
                writer.write(b"".join(map(_request, batch)))
                answers += [await _answer(reader, call) for call in batch]
        finally:
            writer.close()
            await writer.wait_closed()
        return answers


def _request(call: Call) -> bytes:
    profile = "Accept-Profile" if call.method == "GET" else "Content-Profile"
    body = b"" if call.method in ("GET", "DELETE") else json.dumps(call.body).encode()
    lines = [
        f"{call.method} {call.path} HTTP/1.1",
        "Host: world",
        f"{profile}: {call.profile}",
        f"Prefer: tx=rollback, return={'minimal' if call.method == 'POST' else 'representation'}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *([f"Authorization: Bearer {call.token}"] if call.token else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader, call: Call) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"transfer-encoding: chunked" in head:
        content = await _chunks(reader)
    else:
        _, _, rest = head.partition(b"content-length: ")
        content = await reader.readexactly(int(rest.split(b"\r\n", 1)[0] or 0))
    return Answer(call, status, json.loads(content) if content else None)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
