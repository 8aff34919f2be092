"""Everything the services read from the environment, read once, and refused when missing or unsafe.

Each process has its own class and so needs only what it uses: the webhook receiver holds no Stripe API
key, the scheduler holds no database key.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Annotated, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from soulseer.errors import SettingsError
from soulseer.logs import LogFormat

PREFIX: Final = "SOULSEER_"
Environment = Literal["local", "staging", "production"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104  compared, never bound
_LEAST_SECRET: Final = 24
_MOST_SIGNING_BYTES: Final = 64
# Fragments of secrets that are printed in public documentation, or made for a developer's machine.
_KNOWN_LOCAL: Final = ("local", "example", "changeme", "placeholder", "super-secret", "n7und0ugjktvk", "dummy")
# Issuers of the JWT keys that every installation of the local tools shares.
_KNOWN_LOCAL_ISSUERS: Final = frozenset({"supabase-demo", "supabase-local", "soulseer-local"})

_HERE: Final = "on this machine: `soulseer status -o env`"


class Settings(BaseSettings):
    """What every process needs."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Environment = Field(description="local, staging or production; set by whoever deploys")
    redis_url: SecretStr = Field(description=f"URL of Redis or Valkey, redis(s)://…; {_HERE}")
    log_format: LogFormat = Field(default="json", description="json or console")
    log_level: LogLevel = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def is_local(self) -> bool:
        """Whether this is a developer's machine or a test, where well-known secrets are allowed."""
        return self.environment == "local"

    def unsafe(self) -> list[str]:
        """Return one sentence for each value that is not allowed outside the local stack."""
        return []

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        problems = [] if self.is_local else self.unsafe()
        if problems:
            raise ValueError("; ".join(problems))
        return self


class DatabaseSettings(Settings):
    """What a process needs that calls `worker_api`."""

    supabase_url: str = Field(
        pattern=r"^https?://[^/\s]+$",
        description=f"Supabase dashboard, Project settings, Data API: the project URL, without a path; {_HERE}",
    )
    supabase_secret_key: SecretStr = Field(
        description=f"Supabase dashboard, Project settings, API keys: a secret key (sb_secret_…); {_HERE}"
    )

    @field_validator("supabase_url", mode="before")
    @classmethod
    def _without_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    def secret_headers(self) -> dict[str, str]:
        """Return the headers with which Supabase's services know us by the secret key."""
        key = self.supabase_secret_key.get_secret_value()
        return {"apikey": key, "Authorization": f"Bearer {key}"}

    def unsafe(self) -> list[str]:
        """Return the problems with the database's address and key."""
        return [
            *super().unsafe(),
            *_unsafe_url("SUPABASE_URL", self.supabase_url),
            *_unsafe_secret("SUPABASE_SECRET_KEY", self.supabase_secret_key),
        ]


class StripeSettings(DatabaseSettings):
    """What a process needs that calls Stripe."""

    stripe_secret_key: SecretStr = Field(description=f"Stripe dashboard, Developers, API keys: sk_… or rk_…; {_HERE}")
    stripe_api_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description=f"address of the local Stripe stand-in, never set outside local; {_HERE}",
    )
    stripe_timeout_seconds: float = Field(default=20.0, gt=0, le=80, description="limit of one call to Stripe")

    def unsafe(self) -> list[str]:
        """Return the problems with Stripe's key and address."""
        problems = [*super().unsafe(), *_unsafe_secret("STRIPE_SECRET_KEY", self.stripe_secret_key)]
        if self.stripe_api_url is not None:
            problems.append(f"{PREFIX}STRIPE_API_URL is set, and only the local stack may replace Stripe")
        key = self.stripe_secret_key.get_secret_value()
        if self.environment == "production" and "_test_" in key:
            problems.append(f"{PREFIX}STRIPE_SECRET_KEY is a test key")
        return problems


class WebhookSettings(DatabaseSettings):
    """What `python -m webhooks` needs."""

    stripe_webhook_secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        max_length=2,
        description=(
            "JSON list of the platform endpoint's signing secrets, newest first, two while rotating: "
            f'["whsec_…"]; Stripe dashboard, Developers, Webhooks, your endpoint; {_HERE}'
        ),
    )
    stripe_connect_webhook_secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        max_length=2,
        description=(
            "JSON list of the Connect endpoint's signing secrets, newest first; Stripe dashboard, "
            f"Developers, Webhooks, the endpoint listening to connected accounts; {_HERE}"
        ),
    )
    webhook_host: str = Field(default="127.0.0.1", description="address to listen on")
    webhook_port: int = Field(default=54331, ge=0, le=65535, description="port to listen on")
    webhook_max_body_bytes: int = Field(default=512 * 1024, ge=1024, description="largest event accepted, in bytes")

    def unsafe(self) -> list[str]:
        """Return the problems with the signing secrets."""
        named = [("STRIPE_WEBHOOK_SECRETS", secret) for secret in self.stripe_webhook_secrets]
        named += [("STRIPE_CONNECT_WEBHOOK_SECRETS", secret) for secret in self.stripe_connect_webhook_secrets]
        return [*super().unsafe(), *(problem for name, secret in named for problem in _unsafe_secret(name, secret))]


class BridgeSettings(StripeSettings):
    """What `python -m edge_bridge` needs."""

    public_url: str = Field(
        pattern=r"^https?://\S+$",
        description="address of the web app, where readers return after onboarding at Stripe",
    )
    bridge_host: str = Field(default="127.0.0.1", description="address to listen on")
    bridge_port: int = Field(default=54332, ge=0, le=65535, description="port to listen on")
    bridge_allowed_origins: tuple[str, ...] = Field(
        default=(), description='JSON list of the web origins that may call it: ["https://app.example.com"]'
    )
    bridge_call_secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        max_length=2,
        description=(
            "JSON list of the secrets Edge Functions sign their calls with, newest first, two while rotating: "
            f'["whsec_<base64 of 24 to 64 bytes>"]; the functions\' own SOULSEER_BRIDGE_SECRET; {_HERE}'
        ),
    )
    turn_urls: tuple[Annotated[str, Field(pattern=r"^(turns?|stuns?):\S+$")], ...] = Field(
        default=(), description='JSON list of the TURN server\'s addresses: ["turn:turn.example.com:3478"]'
    )
    turn_secret: SecretStr | None = Field(
        default=None, description="secret shared with the TURN server (coturn: static-auth-secret); none: no relay"
    )
    turn_ttl_seconds: int = Field(default=600, ge=60, le=86_400, description="how long TURN credentials are good for")
    download_ttl_seconds: int = Field(
        default=300, ge=10, le=86_400, description="how long a signed address of a bought file is good for"
    )
    presence_listen: bool = Field(
        default=True,
        description="whether this process listens to the presence of live sessions; one of several suffices",
    )
    presence_poll_seconds: float = Field(
        default=1.0, ge=0.1, le=60, description="how often live sessions are asked for"
    )
    presence_channels_per_connection: int = Field(
        default=100, ge=1, le=10_000, description="channels of one connection; the limit of the Realtime plan"
    )
    relay_batch: int = Field(default=100, ge=1, le=1000, description="outbox rows claimed at once")
    relay_min_seconds: float = Field(default=0.02, gt=0, description="pause after a round that found rows")
    relay_max_seconds: float = Field(default=0.5, gt=0, description="longest pause while the outbox is empty")

    @field_validator("bridge_call_secrets")
    @classmethod
    def _standard_secrets(cls, values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(_is_standard_secret(value.get_secret_value()) for value in values):
            raise ValueError("a secret is whsec_ and then 24 to 64 bytes in base64")
        return values

    @model_validator(mode="after")
    def _turn_is_whole(self) -> Self:
        if bool(self.turn_urls) != (self.turn_secret is not None):
            raise ValueError(f"{PREFIX}TURN_URLS and {PREFIX}TURN_SECRET are set both or neither")
        return self

    def unsafe(self) -> list[str]:
        """Return the problems with the public address, the allowed origins and the functions' secrets."""
        problems = [*super().unsafe(), *_unsafe_url("PUBLIC_URL", self.public_url)]
        for secret in self.bridge_call_secrets:
            problems += _unsafe_secret("BRIDGE_CALL_SECRETS", secret)
        if self.turn_secret is not None:
            problems += _unsafe_secret("TURN_SECRET", self.turn_secret)
        if "*" in self.bridge_allowed_origins:
            problems.append(f"{PREFIX}BRIDGE_ALLOWED_ORIGINS allows every origin")
        return problems


class WorkerSettings(StripeSettings):
    """What `python -m workers` needs."""

    worker_processes: int = Field(default=2, ge=1, le=64, description="worker processes")
    worker_threads: int = Field(
        default=4,
        ge=1,
        le=64,
        description="threads in each worker process for live sessions, and as many for everything else",
    )
    worker_drain_seconds: float = Field(default=25.0, gt=0, description="time a stopping worker has to finish jobs")
    worker_poll_seconds: float = Field(default=0.15, gt=0, description="longest pause between looks into a queue")
    smtp_url: SecretStr | None = Field(
        default=None,
        description=f"your mail provider, smtp(s)://user:password@host:port; unset: nothing is mailed; {_HERE}",
    )
    mail_from: str | None = Field(default=None, description="address that mails come from, where smtp_url is set")
    bridge_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description="address of the bridge as people reach it, for the link that stops mails, where smtp_url is set",
    )

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(value.get_secret_value()) if value else None
        if parts and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("it is smtp://… or smtps://…")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_url is not None and not (self.mail_from and self.bridge_url):
            raise ValueError(f"{PREFIX}SMTP_URL needs {PREFIX}MAIL_FROM and {PREFIX}BRIDGE_URL")
        return self

    def unsafe(self) -> list[str]:
        """Return the problems with the bridge's address."""
        problems = super().unsafe()
        return problems if self.bridge_url is None else [*problems, *_unsafe_url("BRIDGE_URL", self.bridge_url)]


class SchedulerSettings(Settings):
    """What `python -m workers.scheduler` needs."""

    tick_seconds: float = Field(default=1.0, ge=0.1, le=60, description="how often due minutes are charged")
    sweep_seconds: float = Field(default=10.0, ge=0.5, description="how often stored Stripe events are swept")
    ledger_check_seconds: float = Field(default=300.0, ge=1, description="how often the ledger is proved")
    roll_up_seconds: float = Field(default=1800.0, ge=1, description="how often closed days of the house are rolled up")
    upkeep_seconds: float = Field(default=3600.0, ge=1, description="how often partitions and stale rows are tended")
    reconcile_seconds: float = Field(
        default=3600.0,
        ge=60,
        description="how often it is looked whether days (UTC) have ended that are not reconciled with Stripe yet",
    )


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read one process's settings from the environment.

    Args:
        kind: The settings class of the process.

    Raises:
        SettingsError: Something is missing or unsafe; the text names every such variable and says where
            it comes from.
    """
    # Called through a plain callable: the arguments come from the environment, not from here.
    read: Callable[[], SettingsT] = kind
    try:
        return read()
    except ValidationError as error:
        lines = [_explain(kind, item["loc"], item["type"], item["msg"]) for item in error.errors(include_url=False)]
    except SourceError as error:
        # Raised for a list that is not JSON; names the field, never its value.
        lines = [f'{error}: lists are written as JSON, such as ["a", "b"]']
    raise SettingsError("cannot start:\n" + "\n".join(f"  {line}" for line in lines))


def _explain(kind: type[Settings], location: tuple[int | str, ...], problem: str, message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    name = str(location[0])
    field = kind.model_fields.get(name)
    where = "" if field is None or field.description is None else f" ({field.description})"
    fault = "is missing" if problem == "missing" else f"is not usable: {message}"
    return f"{PREFIX}{name.upper()} {fault}{where}"


def _unsafe_url(name: str, url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return [f"{PREFIX}{name} is not https"]
    return [f"{PREFIX}{name} points to this machine"] if parts.hostname in _LOOPBACK else []


def _unsafe_secret(name: str, secret: SecretStr) -> list[str]:
    value = secret.get_secret_value().strip()
    if len(value) < _LEAST_SECRET:
        return [f"{PREFIX}{name} is shorter than {_LEAST_SECRET} characters"]
    lowered = value.lower()
    if any(fragment in lowered for fragment in _KNOWN_LOCAL) or _issuer(value) in _KNOWN_LOCAL_ISSUERS:
        return [f"{PREFIX}{name} is a well-known local secret"]
    return []


def _is_standard_secret(value: str) -> bool:
    """Tell whether a value has the form that Standard Webhooks gives its secrets."""
    try:
        raw = base64.b64decode(value.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    return value.startswith("whsec_") and _LEAST_SECRET <= len(raw) <= _MOST_SIGNING_BYTES


def _issuer(token: str) -> str | None:
    """Return the `iss` claim of a JWT, unverified, or None for anything else."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  a JWT has three parts
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None
