"""The stand-in's settings, read once from the environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"
PLATFORM = "acct_1SoulSeerPlatform"
# Whose object the platform's own account is: nobody's connected account.
NOBODY = "stripe"


class SettingsError(Exception):
    """A setting is missing or cannot be read; the message says which and what is wanted."""


@dataclass(frozen=True)
class Endpoint:
    """Where events are sent: `connect` endpoints get the events of connected accounts, others the platform's own."""

    url: str
    secret: str
    connect: bool


@dataclass(frozen=True)
class Settings:
    """Port on 127.0.0.1, the SQLite file that holds all state, the two API keys and the webhook endpoints."""

    port: int
    state: Path
    secret_key: str
    publishable_key: str
    endpoints: tuple[Endpoint, ...]

    @property
    def origin(self) -> str:
        """The address pages and links are served from."""
        return f"http://127.0.0.1:{self.port}"


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from STACK_STRIPE_*; raises `SettingsError` naming the variable that is missing or wrong."""
    port = _wanted(environment, "STACK_STRIPE_PORT", "a TCP port")
    if not port.isdigit():
        raise SettingsError(f"STACK_STRIPE_PORT: a TCP port is wanted, not {port!r}")
    return Settings(
        port=int(port),
        state=Path(_wanted(environment, "STACK_STRIPE_STATE", "the path of a SQLite file")),
        secret_key=_key(environment, "STACK_STRIPE_SECRET_KEY", "sk_test_"),
        publishable_key=_key(environment, "STACK_STRIPE_PUBLISHABLE_KEY", "pk_test_"),
        endpoints=_endpoints(environment.get("STACK_STRIPE_WEBHOOKS", "[]")),
    )


def _wanted(environment: Mapping[str, str], name: str, what: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set: {what} is wanted")
    return value


def _key(environment: Mapping[str, str], name: str, prefix: str) -> str:
    value = _wanted(environment, name, f"a key beginning with {prefix}")
    if not value.startswith(prefix):
        raise SettingsError(f"{name}: a key beginning with {prefix} is wanted")
    return value


def _endpoints(text: str) -> tuple[Endpoint, ...]:
    wanted = 'STACK_STRIPE_WEBHOOKS: a JSON list of {"url", "secret", "connect"} is wanted'
    try:
        rows = json.loads(text)
        return tuple(Endpoint(str(row["url"]), str(row["secret"]), bool(row.get("connect", False))) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(wanted) from error
