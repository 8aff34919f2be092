"""For tests: the stand-in as a child process that can be killed, and a receiver of its webhooks."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import stripe

from stack.stripe.store import Body

SECRET_KEY = "sk_test_standin0001"  # noqa: S105 - a key that opens nothing but a stand-in
PUBLISHABLE_KEY = "pk_test_standin0001"
_PATIENCE = 15.0


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Standin:
    """`python -m stack.stripe` as a child process on a free port."""

    def __init__(self, state: Path, webhooks: list[Body] | None = None) -> None:
        """Args: the SQLite file of its state, and its webhook endpoints as STACK_STRIPE_WEBHOOKS has them."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "STACK_STRIPE_PORT": str(self.port),
            "STACK_STRIPE_STATE": str(state),
            "STACK_STRIPE_SECRET_KEY": SECRET_KEY,
            "STACK_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "STACK_STRIPE_WEBHOOKS": json.dumps(webhooks or []),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop(signal.SIGTERM)

    def start(self) -> None:
        """Start the process and wait until it answers; raises RuntimeError when it does not."""
        self._process = subprocess.Popen([sys.executable, "-m", "stack.stripe"], env=self._environment)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                httpx.get(f"{self.url}/healthz", timeout=1)
            except httpx.HTTPError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("the Stripe stand-in did not start")

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process, by default as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE)
            self._process = None

    def client(self, key: str = SECRET_KEY, *, retries: int = 0, seconds: float = 20.0) -> stripe.StripeClient:
        """The real library's client, pointed at the stand-in."""
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=seconds),
        )

    def control(self, path: str, order: Body | None = None, method: str | None = None) -> Body:
        """Call `/_control/<path>`: GET without an order, POST with one; raises for a refusal."""
        verb = method or ("GET" if order is None else "POST")
        response = httpx.request(verb, f"{self.url}/_control/{path}".rstrip("/"), json=order or {}, timeout=20)
        response.raise_for_status()
        answer: Any = response.json()
        return dict(answer)


@dataclass(frozen=True)
class Delivery:
    """One webhook as it arrived."""

    path: str
    event: Body
    signature: str
    payload: bytes
    at: float


@dataclass
class Receiver:
    """An HTTP server in this process that keeps the webhooks it gets.

    `answers` are the statuses of the next deliveries, one each; then `status` is answered. Port 0 is any free one.
    """

    port: int = 0
    status: int = 200
    answers: list[int] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                signature = self.headers["Stripe-Signature"]
                receiver.deliveries.append(
                    Delivery(self.path, json.loads(payload), signature, payload, time.monotonic())
                )
                self.send_response(receiver.answers.pop(0) if receiver.answers else receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing of each request."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def endpoints(self) -> list[Body]:
        """This receiver as a platform endpoint (`/platform`) and a Connect endpoint (`/connect`)."""
        address = f"http://127.0.0.1:{self._server.server_port}"
        return [
            {"url": f"{address}/platform", "secret": "whsec_platform", "connect": False},
            {"url": f"{address}/connect", "secret": "whsec_connect", "connect": True},
        ]

    def of(self, kind: str) -> list[Delivery]:
        """The deliveries of events of a type."""
        return [delivery for delivery in list(self.deliveries) if delivery.event["type"] == kind]

    def wait(self, kind: str, count: int = 1, seconds: float = 8.0) -> list[Delivery]:
        """Wait until so many deliveries of a type have come; raises AssertionError when they do not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.of(kind)
            if len(found) >= count:
                return found
            time.sleep(0.01)
        seen = [delivery.event["type"] for delivery in self.deliveries]
        raise AssertionError(f"{count} of {kind} wanted, seen: {seen}")
