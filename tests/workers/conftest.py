"""Fixtures of the workers: a scripted database and Stripe, a real Valkey, tools over all three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
import redis

from soulseer.broker import make_broker
from soulseer.files import Files
from soulseer.logins import Logins
from soulseer.rpc import Rpc
from soulseer.settings import WorkerSettings, load
from soulseer.stripe_client import make_stripe
from tests.doubles.scripted import Answer, ScriptedServer
from workers.tools import Tools

StoreEvent = Callable[..., None]


@pytest.fixture
def database() -> Iterator[ScriptedServer]:
    """Give a database whose functions answer what the test says."""
    with ScriptedServer() as server:
        for function in ("fail_outbox", "fail_stripe_event", "ignore_stripe_event", "record_payout_failure"):
            server.rpc(function, Answer(204))
        yield server


@pytest.fixture
def stripe_server() -> Iterator[ScriptedServer]:
    """Give a Stripe that answers what the test says."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def environment(database: ScriptedServer, stripe_server: ScriptedServer, redis_url: str) -> dict[str, str]:
    """Give the environment of a worker over the scripted servers."""
    return {
        "SOULSEER_ENVIRONMENT": "local",
        "SOULSEER_REDIS_URL": redis_url,
        "SOULSEER_SUPABASE_URL": database.url,
        "SOULSEER_SUPABASE_SECRET_KEY": "sb_secret_of_these_tests",
        "SOULSEER_STRIPE_SECRET_KEY": "sk_test_of_these_tests",
        "SOULSEER_STRIPE_API_URL": stripe_server.url,
        "SOULSEER_WORKER_POLL_SECONDS": "0.05",
    }


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> WorkerSettings:
    """Give the settings read from that environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load(WorkerSettings)


@pytest.fixture
def tools(settings: WorkerSettings, redis_client: redis.Redis) -> Iterator[Tools]:
    """Give tools on an emptied Valkey."""
    redis_client.flushall()
    made = Tools(
        rpc=Rpc(settings),
        stripe=make_stripe(settings),
        logins=Logins(settings),
        files=Files(settings),
        broker=make_broker(settings.redis_url.get_secret_value()),
        stopping=Event(),
    )
    yield made
    made.broker.close()
    made.rpc.close()
    made.logins.close()
    made.files.close()


@pytest.fixture
def store_event(database: ScriptedServer) -> StoreEvent:
    """Give a function that puts an event into the scripted inbox."""

    def store(event_type: str, object_id: str | None, **changes: object) -> None:
        event: dict[str, object] = {
            "event_id": "evt_1",
            "endpoint": "platform",
            "type": event_type,
            "account": None,
            "object_id": object_id,
            "payload": {},
            "processed_at": None,
            "request_id": "req-1",
        }
        database.rpc("read_stripe_event", Answer(body={**event, **changes}))
        database.rpc("next_object_sequence", Answer(body=7))

    return store


@pytest.fixture
def project() -> Path:
    """Give the folder the services are run from."""
    return Path(__file__).resolve().parents[2]
