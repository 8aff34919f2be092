"""Fixtures of the webhook receiver: a scripted database, a real Valkey, the application over both."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from soulseer.settings import WebhookSettings
from tests.doubles.scripted import ScriptedServer
from tests.doubles.serving import serving
from webhooks.app import make

SECRET = "whsec_first0000000000000000000000000"
OLD_SECRET = "whsec_second000000000000000000000000"
CONNECT_SECRET = "whsec_third0000000000000000000000000"


@pytest.fixture
def database() -> Iterator[ScriptedServer]:
    """Give a database whose functions answer what the test says."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def settings(database: ScriptedServer, redis_url: str) -> WebhookSettings:
    """Give settings with two platform secrets, as while one is being replaced."""
    return WebhookSettings.model_validate(
        {
            "environment": "local",
            "redis_url": redis_url,
            "supabase_url": database.url,
            "supabase_secret_key": "sb_secret_of_these_tests",
            "stripe_webhook_secrets": [SECRET, OLD_SECRET],
            "stripe_connect_webhook_secrets": [CONNECT_SECRET],
            "webhook_max_body_bytes": 4096,
        }
    )


@pytest.fixture
def receiver(settings: WebhookSettings) -> Iterator[httpx.Client]:
    """Give a client of the served application."""
    with serving(make(settings)) as client:
        yield client
