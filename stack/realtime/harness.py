"""Realtime servers for tests: real processes, each with settings of its own, without a gateway before them.

with start_server(settings) as host:         # answers /healthz
    AsyncRealtimeClient(host.url, token)     # the official client
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from stack.ports import free_port

_START_SECONDS = 20.0
_POLL_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class RealtimeHost:
    """A running server.

    Attributes:
        url: where clients connect.
        http_url: where the HTTP endpoints are.
    """

    url: str
    http_url: str


@contextmanager
def start_server(settings: Mapping[str, str]) -> Iterator[RealtimeHost]:
    """Start a server on free ports; it has ended when the block ends.

    Args:
        settings: every variable it reads but the ports.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    port = free_port()
    socket_port = free_port([port])
    ports = {"STACK_REALTIME_PORT": str(port), "STACK_REALTIME_SOCKET_PORT": str(socket_port)}
    process = subprocess.Popen([sys.executable, "-m", "stack.realtime"], env={**os.environ, **settings, **ports})
    host = RealtimeHost(f"ws://127.0.0.1:{socket_port}", f"http://127.0.0.1:{port}")
    try:
        _await_health(host, process)
        yield host
    finally:
        process.terminate()
        process.wait(10)


def _await_health(host: RealtimeHost, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{host.http_url}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"the Realtime server did not start (exit code {process.poll()})")
