"""A real HTTP server on loopback that answers as a test tells it and remembers what it was asked.

Plays PostgREST or Stripe where a test needs an answer that the real ones give only when they break.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def arguments(self) -> dict[str, object]:
        """The JSON body."""
        value: dict[str, object] = json.loads(self.body)
        return value

    @property
    def form(self) -> dict[str, str]:
        """The form body, as Stripe's library sends it."""
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Answer:
    """What is answered; a status of 0 closes the connection without a word."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answerer = Callable[[Asked], Answer]


def refusal(status: int, code: str, details: str = "Refused.") -> Answer:
    """Return PostgREST's answer for an error raised with SQLSTATE PT<status>."""
    return Answer(status, {"code": f"PT{status}", "message": code, "details": details, "hint": None})


def stripe_error(status: int, code: str, kind: str = "invalid_request_error") -> Answer:
    """Return Stripe's answer for an error; the library is told not to retry it."""
    body = {"error": {"type": kind, "code": code, "message": f"refused: {code}"}}
    return Answer(status, body, {"Stripe-Should-Retry": "false"})


class ScriptedServer:
    """Serves on a free port of loopback while the block is open."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], Answerer] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Address, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def forget(self) -> None:
        """Forget what was said and asked, for the next test."""
        self.asked.clear()
        self._answers.clear()

    def on(self, method: str, path: str, answer: Answer | Answerer) -> None:
        """Say what one path answers from now on."""
        self._answers[method, path] = answer if callable(answer) else lambda _asked: answer

    def rpc(self, function: str, answer: Answer | Answerer) -> None:
        """Say what one SQL function answers from now on."""
        self.on("POST", f"/rest/v1/rpc/{function}", answer)

    def calls(self, function: str) -> list[dict[str, object]]:
        """Return the arguments of each call of one SQL function."""
        return [asked.arguments for asked in self.asked if asked.path == f"/rest/v1/rpc/{function}"]

    def requests(self, method: str, path: str) -> list[Asked]:
        """Return each request of one path."""
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length", "0"))
                asked = Asked(
                    self.command,
                    parts.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                    dict(parse_qsl(parts.query)),
                )
                scripted.asked.append(asked)
                missing = Answer(404, {"code": "PGRST202", "message": f"nothing scripted for {parts.path}"})
                answerer = scripted._answers.get((self.command, parts.path))
                answer = missing if answerer is None else answerer(asked)
                if answer.status == 0:
                    self.close_connection = True
                    return
                content = b"" if answer.status == 204 else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                """Answer a GET."""
                self._serve()

            def do_POST(self) -> None:
                """Answer a POST."""
                self._serve()

            def do_DELETE(self) -> None:
                """Answer a DELETE."""
                self._serve()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's signature
                """Say nothing."""

        return Handler
