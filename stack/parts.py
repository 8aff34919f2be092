"""The parts of a stack beside Postgres: how each is started and how one knows that it works."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stack import gateway, postgrest, processes
from stack.binaries import find_caddy, find_deno, find_postgrest, find_valkey
from stack.database import MAIN
from stack.environment import StackEnv
from stack.functions import runtime
from stack.health import http_answers, redis_answers
from stack.keys import StackKeys, jwks_file, signing_key_file
from stack.paths import PROJECT_ROOT, StackPaths
from stack.postgres import PostgresServer

SITE_URL = "http://127.0.0.1:3000"
# Starting eight interpreters at once on a small machine takes a while.
_PATIENCE_SECONDS = 40.0
_SILENCE_SECONDS = 10.0
# What a child gets from this environment: programs and folders, no setting of another stack and no pytest.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "LOGNAME", "TZ", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack.

    Attributes:
        name: as in `soulseer status` and `soulseer logs`.
        what: what it is, for people.
        command: program and arguments.
        ready: whether it works.
        environment: what it reads beside the inherited variables.
        url: where it answers; empty when it has no address.
        files: its configuration files; a change of theirs means that it is started anew.
        patience: seconds it may take to become ready.
    """

    name: str
    what: str
    command: Sequence[str | Path]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    files: Sequence[Path] = ()
    patience: float = _PATIENCE_SECONDS

    def configuration(self) -> str:
        """Return a digest of how it is started."""
        told = json.dumps([[str(word) for word in self.command], dict(self.environment)], sort_keys=True)
        digest = hashlib.sha256(told.encode())
        for place in self.files:
            digest.update(place.read_bytes())
        return digest.hexdigest()

    def full_environment(self) -> dict[str, str]:
        """Return the whole environment of its process."""
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {**inherited, "PYTHONUNBUFFERED": "1", **self.environment}


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything a part is configured from."""

    paths: StackPaths
    keys: StackKeys
    ports: Mapping[str, int]
    server: PostgresServer

    @property
    def env(self) -> StackEnv:
        """What the stack tells the outside."""
        return StackEnv.of(self.keys, self.ports)


def _python(*arguments: str) -> list[str | Path]:
    return [sys.executable, *arguments]


def postgrest_part(layout: Layout) -> Part:
    """Return PostgREST on the main database, its configuration written."""
    place = layout.paths.private / "postgrest.conf"
    port, admin = layout.ports["postgrest"], layout.ports["postgrest_admin"]
    postgrest.write_configuration(
        place,
        dsn=layout.server.dsn(user="authenticator"),
        port=port,
        admin_port=admin,
        jwks=jwks_file(layout.paths),
        pool=20,
    )
    return Part(
        name="postgrest",
        what="REST API of the database",
        command=[find_postgrest().path, place],
        ready=http_answers(admin, "/ready"),
        url=f"http://127.0.0.1:{port}",
        files=(place, jwks_file(layout.paths)),
    )


def valkey_part(layout: Layout) -> Part:
    """Return Valkey, which carries jobs; what it holds is found again elsewhere, so it keeps nothing on disk."""
    port = layout.ports["valkey"]
    command: list[str | Path] = [
        find_valkey().path,
        "--bind", "127.0.0.1",
        "--port", str(port),
        "--save", "",
        "--appendonly", "no",
        "--dir", str(layout.paths.state),
    ]  # fmt: skip
    return Part("valkey", "job queue (speaks Redis)", command, redis_answers(port), url=layout.env.redis_url)


def gateway_part(layout: Layout) -> Part:
    """Return Caddy as the gateway."""
    return Part(
        name="gateway",
        what="one origin for the API, swaps keys",
        command=[find_caddy().path, *gateway.arguments()],
        ready=http_answers(layout.ports["gateway"], "/gateway/health"),
        environment=gateway.environment(layout.keys, layout.ports, layout.paths.state / "caddy"),
        url=layout.env.api_url,
        files=(gateway.CADDYFILE,),
    )


def auth_part(layout: Layout) -> Part:
    """Return the stand-in for Supabase Auth."""
    port = layout.ports["auth"]
    return Part(
        name="auth",
        what="stand-in for Supabase Auth",
        command=_python("-m", "stack.auth"),
        ready=http_answers(port, "/health"),
        environment={
            "STACK_AUTH_DB_URL": layout.server.dsn(user="supabase_auth_admin"),
            "STACK_AUTH_PORT": str(port),
            "STACK_AUTH_SIGNING_KEY_FILE": str(signing_key_file(layout.paths)),
            "STACK_AUTH_JWT_SECRET": layout.keys.jwt_secret,
            "STACK_AUTH_SITE_URL": SITE_URL,
            "STACK_AUTH_ISSUER": f"{layout.env.api_url}/auth/v1",
            "STACK_AUTH_MAILBOX_FILE": str(layout.paths.private / "mailbox.json"),
            "STACK_AUTH_SMTP_PORT": str(layout.ports["smtp"]),
        },
        url=f"http://127.0.0.1:{port}",
    )


def realtime_settings(layout: Layout, ports: Mapping[str, int], database: str = MAIN) -> dict[str, str]:
    """Return the STACK_REALTIME_* settings of a server on a database of this stack."""
    return {
        "STACK_REALTIME_DB_URL": layout.server.dsn(database, "supabase_realtime_admin"),
        "STACK_REALTIME_PORT": str(ports["realtime"]),
        "STACK_REALTIME_SOCKET_PORT": str(ports["realtime_socket"]),
        "STACK_REALTIME_JWKS_FILE": str(jwks_file(layout.paths)),
    }


def realtime_part(layout: Layout) -> Part:
    """Return the stand-in for Supabase Realtime. A limit that is set outside, as for a benchmark, reaches it."""
    port = layout.ports["realtime"]
    limits = {name: value for name, value in os.environ.items() if name.startswith("STACK_REALTIME_")}
    return Part(
        name="realtime",
        what="stand-in for Supabase Realtime",
        command=_python("-m", "stack.realtime"),
        ready=http_answers(port, "/healthz"),
        environment={**limits, **realtime_settings(layout, layout.ports)},
        url=f"http://127.0.0.1:{port}",
        files=(jwks_file(layout.paths),),
    )


def storage_part(layout: Layout) -> Part:
    """Return the stand-in for Supabase Storage."""
    port = layout.ports["storage"]
    return Part(
        name="storage",
        what="stand-in for Supabase Storage",
        command=_python("-m", "stack.storage"),
        ready=http_answers(port, "/health"),
        environment={
            "STACK_STORAGE_DB_URL": layout.server.dsn(user="supabase_storage_admin"),
            "STACK_STORAGE_PORT": str(port),
            "STACK_STORAGE_FOLDER": str(layout.paths.storage),
            "STACK_STORAGE_JWKS_FILE": str(jwks_file(layout.paths)),
        },
        url=f"http://127.0.0.1:{port}",
        files=(jwks_file(layout.paths),),
    )


def stripe_part(layout: Layout) -> Part:
    """Return the stand-in for Stripe, told where its webhooks go."""
    env = layout.env
    hooks = [
        {"url": env.webhook_url, "secret": env.webhook_secret, "connect": False},
        {"url": env.connect_webhook_url, "secret": env.connect_webhook_secret, "connect": True},
    ]
    return Part(
        name="stripe",
        what="stand-in for Stripe",
        command=_python("-m", "stack.stripe"),
        # Any answer will do: without a key it is a refusal.
        ready=http_answers(layout.ports["stripe"], "/", below=500),
        environment={
            "STACK_STRIPE_PORT": str(layout.ports["stripe"]),
            "STACK_STRIPE_STATE": str(layout.paths.stripe_state),
            "STACK_STRIPE_SECRET_KEY": env.stripe_secret_key,
            "STACK_STRIPE_PUBLISHABLE_KEY": env.stripe_publishable_key,
            "STACK_STRIPE_WEBHOOKS": json.dumps(hooks),
        },
        url=env.stripe_api_url,
    )


def functions_part(layout: Layout) -> Part:
    """Return Deno with the Edge Functions; what of their environment hosted sets too bears the same names."""
    env, port = layout.env, layout.ports["functions"]
    variables = {
        "SUPABASE_URL": env.api_url,
        "SUPABASE_ANON_KEY": env.anon_key,
        "SUPABASE_PUBLISHABLE_KEY": env.publishable_key,
        "SUPABASE_PUBLISHABLE_KEYS": json.dumps({"default": env.publishable_key}),
        "SOULSEER_BRIDGE_URL": env.bridge_url,
        "SOULSEER_BRIDGE_SECRET": layout.keys.bridge_call_secret,
        "SOULSEER_JWT_ISSUER": f"{env.api_url}/auth/v1",
    }
    return Part(
        name="functions",
        what="Edge Functions, in Deno",
        command=[find_deno().path, *runtime.arguments(port, list(variables))],
        ready=http_answers(port, "/_health"),
        environment={**runtime.QUIET_ENVIRONMENT, "DENO_DIR": str(layout.paths.state / "deno"), **variables},
        url=env.functions_url,
        files=runtime.files(),
    )


def service_settings(layout: Layout) -> dict[str, str]:
    """Return the SOULSEER_* settings of the services on this stack."""
    env = layout.env
    return {
        "SOULSEER_ENVIRONMENT": "local",
        "SOULSEER_LOG_FORMAT": "json",
        "SOULSEER_SUPABASE_URL": env.api_url,
        "SOULSEER_SUPABASE_SECRET_KEY": env.secret_key,
        "SOULSEER_REDIS_URL": env.redis_url,
        "SOULSEER_STRIPE_SECRET_KEY": env.stripe_secret_key,
        "SOULSEER_STRIPE_API_URL": env.stripe_api_url,
        "SOULSEER_STRIPE_WEBHOOK_SECRETS": json.dumps([env.webhook_secret]),
        "SOULSEER_STRIPE_CONNECT_WEBHOOK_SECRETS": json.dumps([env.connect_webhook_secret]),
        "SOULSEER_WEBHOOK_HOST": "127.0.0.1",
        "SOULSEER_WEBHOOK_PORT": str(layout.ports["webhooks"]),
        "SOULSEER_BRIDGE_HOST": "127.0.0.1",
        "SOULSEER_BRIDGE_PORT": str(layout.ports["bridge"]),
        "SOULSEER_BRIDGE_ALLOWED_ORIGINS": json.dumps([SITE_URL]),
        "SOULSEER_BRIDGE_CALL_SECRETS": json.dumps([layout.keys.bridge_call_secret]),
        # No TURN server runs here; the credentials are what one with this secret would accept.
        "SOULSEER_TURN_URLS": json.dumps(["turn:127.0.0.1:3478?transport=udp"]),
        "SOULSEER_TURN_SECRET": layout.keys.turn_secret,
        "SOULSEER_PRESENCE_LISTEN": json.dumps("realtime" in layout.ports),
        "SOULSEER_PUBLIC_URL": SITE_URL,
        "SOULSEER_BRIDGE_URL": env.bridge_url,
        "SOULSEER_SMTP_URL": env.smtp_url,
        "SOULSEER_MAIL_FROM": "SoulSeer <notifications@soulseer.local>",
    }


def service_parts(layout: Layout) -> list[Part]:
    """Return the project's own services; those without an address say in their log that they work."""
    settings = service_settings(layout)
    # A name set outside, such as a shorter increment for a demonstration, reaches the services.
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(_TUNABLE)}
    environment = {**passed_on, **settings}

    def said(name: str, word: str) -> Callable[[], bool]:
        return lambda: processes.has_said(layout.paths, name, word, else_after=_SILENCE_SECONDS)

    return [
        Part(
            "webhooks",
            "receives Stripe's events",
            _python("-m", "webhooks"),
            http_answers(layout.ports["webhooks"], "/healthz"),
            environment,
            f"http://127.0.0.1:{layout.ports['webhooks']}",
        ),
        Part(
            "bridge",
            "outbox relay and calls of users",
            _python("-m", "edge_bridge"),
            http_answers(layout.ports["bridge"], "/healthz"),
            environment,
            layout.env.bridge_url,
        ),
        functions_part(layout),
        Part(
            "workers",
            "jobs: minutes, events, payouts",
            _python("-m", "workers"),
            said("workers", "worker_started"),
            environment,
        ),
        Part(
            "scheduler",
            "tells workers what is due",
            _python("-m", "workers.scheduler"),
            said("scheduler", "scheduler_started"),
            environment,
        ),
    ]


# Settings of the services that a caller may change for a stack by exporting them.
_TUNABLE = (
    "SOULSEER_WORKER_",
    "SOULSEER_TICK_",
    "SOULSEER_SWEEP_",
    "SOULSEER_LEDGER_CHECK_",
    "SOULSEER_UPKEEP_",
    "SOULSEER_RELAY_",
    "SOULSEER_LOG_LEVEL",
    "SOULSEER_STRIPE_TIMEOUT_",
)


def base_parts(layout: Layout) -> list[Part]:
    """Return the parts every stack has, in the order in which they are started after Postgres."""
    return [
        valkey_part(layout),
        gateway_part(layout),
        stripe_part(layout),
        postgrest_part(layout),
        auth_part(layout),
        realtime_part(layout),
        storage_part(layout),
    ]


def working_folder() -> Path:
    """Return the folder the parts written in Python run in."""
    return PROJECT_ROOT
