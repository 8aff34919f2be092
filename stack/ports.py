"""Ports on the loopback: the wished one when free, another otherwise, kept for the stack's next start."""

import json
import random
import socket
from collections.abc import Iterable

from stack.errors import StackError
from stack.paths import DEFAULT_NAME, StackPaths

# What the Supabase CLI uses, so that habits and examples hold; the rest follows on.
WISHED = {
    "gateway": 54321,
    "postgres": 54322,
    "auth": 54331,
    "postgrest": 54332,
    "postgrest_admin": 54333,
    "valkey": 54334,
    "stripe": 54335,
    "webhooks": 54336,
    "bridge": 54337,
    "realtime": 54338,
    "realtime_socket": 54339,
    "smtp": 54340,
    "storage": 54341,
    "functions": 54342,
}
# Below the range from which systems give ports to outgoing connections, so that a free port stays free.
_RANGE = range(20_000, 32_000)
_ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Tell whether a server may listen on the port of the loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: Iterable[int] = ()) -> int:
    """Return a free port that is not among `taken`.

    Raises:
        StackError: none was found, which means that thousands are in use.
    """
    avoided = set(taken)
    for _ in range(_ATTEMPTS):
        port = random.choice(_RANGE)  # noqa: S311  # no secret: it only spreads stacks that start at once
        if port not in avoided and is_free(port):
            return port
    raise StackError("No free port was found.", f"Ports {_RANGE.start} to {_RANGE.stop} look busy.")


def choose_ports(paths: StackPaths, held: Iterable[str]) -> dict[str, int]:
    """Return a port for every part, and write them down.

    A part keeps the port of its last start when it still holds it (`held`: names of parts that are running) or when the
    port is free. The default stack wishes for the well-known ports, others do not, so that they never race for them.
    """
    place = paths.state / "ports.json"
    recorded: dict[str, int] = json.loads(place.read_text()) if place.exists() else {}
    running = set(held)
    chosen: dict[str, int] = {}
    for part, wished in WISHED.items():
        last = recorded.get(part)
        if last is not None and (part in running or is_free(last)):
            chosen[part] = last
        elif paths.name == DEFAULT_NAME and is_free(wished):
            chosen[part] = wished
        else:
            chosen[part] = free_port([*recorded.values(), *chosen.values()])
    place.write_text(json.dumps(chosen))
    return chosen


def recorded_ports(paths: StackPaths) -> dict[str, int]:
    """Return the ports of the last start; empty when the stack never started."""
    place = paths.state / "ports.json"
    return dict(json.loads(place.read_text())) if place.exists() else {}
