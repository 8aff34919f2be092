"""What the Realtime stand-in reads from its environment, once, at start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Limit = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class RealtimeSettings(BaseSettings):
    """Settings of the stand-in; each is the variable `STACK_REALTIME_` plus the name in upper case.

    Limits are those of a hosted project on the Pro plan. Those without a default must be set.
    """

    model_config = SettingsConfigDict(env_prefix="STACK_REALTIME_", frozen=True)

    db_url: str
    """Postgres, as supabase_realtime_admin."""
    port: int
    """Where the HTTP endpoints are."""
    socket_port: int
    """Where WebSockets are taken, on a port of their own: see docs/decisions/0026."""
    host: str = "127.0.0.1"
    jwks_file: Path
    """The keys that verify tokens, as PostgREST has them: public signing keys and the legacy secret."""

    private_only: bool = False
    """Whether public channels are refused."""
    roles: tuple[str, ...] = ("anon", "authenticated", "service_role")
    """Database roles a token may name. A JSON list."""

    max_connections: Limit = 500
    channels_per_connection: Limit = 100
    joins_per_second: Limit = 500
    messages_per_second: Limit = 500
    presences_per_second: Limit = 50
    presence_calls: Limit = 5
    """How often a channel may track and untrack within `presence_window`."""
    presence_window: Seconds = 30.0
    payload_kilobytes: Limit = 3000
    frame_bytes: Limit = 5_000_000
    backlog_bytes: Limit = 8_000_000
    """What may wait for a slow client before its connection is cut."""

    refusal_seconds: Annotated[float, Field(ge=0)] = 0.0
    """How long a refused join waits for its answer; hosted takes five seconds."""
    replication_patience: Seconds = 3.0
    """How long a join waits for the stream of commits to run."""
    idle_seconds: Seconds = 60.0
    """How long the stream of commits is kept after the last connection has gone."""
    pool_size: Limit = 8
