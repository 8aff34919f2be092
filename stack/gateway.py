"""The gateway: Caddy with `stack/Caddyfile`, which takes ports and keys from its environment."""

from collections.abc import Mapping
from pathlib import Path

from stack.keys import StackKeys

CADDYFILE = Path(__file__).with_name("Caddyfile")


def arguments() -> list[str | Path]:
    """Return what follows the program's name."""
    return ["run", "--adapter", "caddyfile", "--config", CADDYFILE]


def environment(keys: StackKeys, ports: Mapping[str, int], home: Path) -> dict[str, str]:
    """Return the variables the Caddyfile names.

    Args:
        keys: the stack's API keys, old and new.
        ports: of the parts gateway, postgrest, auth, storage, functions and realtime, which has two.
        home: folder for Caddy's own files, so that it leaves the user's alone.
    """
    return {
        "GATEWAY_PORT": str(ports["gateway"]),
        "POSTGREST_PORT": str(ports["postgrest"]),
        "AUTH_PORT": str(ports["auth"]),
        "REALTIME_PORT": str(ports["realtime"]),
        "REALTIME_SOCKET_PORT": str(ports["realtime_socket"]),
        "FUNCTIONS_PORT": str(ports["functions"]),
        "STORAGE_PORT": str(ports["storage"]),
        "PUBLISHABLE_KEY": keys.publishable_key,
        "SECRET_KEY": keys.secret_key,
        "ANON_KEY": keys.anon_key,
        "SERVICE_ROLE_KEY": keys.service_role_key,
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
    }
