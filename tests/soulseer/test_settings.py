"""Settings refuse to start when something is missing or unsafe, and say what, and where it comes from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from soulseer.errors import SettingsError
from soulseer.settings import BridgeSettings, SchedulerSettings, WebhookSettings, WorkerSettings, load

GOOD = {
    "SOULSEER_ENVIRONMENT": "production",
    "SOULSEER_REDIS_URL": "rediss://cache.example.net:6379/0",
    "SOULSEER_SUPABASE_URL": "https://abcdefghijkl.supabase.co",
    "SOULSEER_SUPABASE_SECRET_KEY": "sb_secret_" + "Zq8" * 10,
    "SOULSEER_STRIPE_SECRET_KEY": "sk_" + "live_" + "Zq8" * 10,
    "SOULSEER_STRIPE_WEBHOOK_SECRETS": '["whsec_' + "Zq8" * 10 + '"]',
    "SOULSEER_STRIPE_CONNECT_WEBHOOK_SECRETS": '["whsec_' + "Yp7" * 10 + '"]',
    "SOULSEER_PUBLIC_URL": "https://app.soulseer.net",
    "SOULSEER_BRIDGE_CALL_SECRETS": '["whsec_' + "Xo6/" * 10 + '"]',
}
Set = Callable[..., None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Give a function that sets the good environment, with changes; None takes a variable away."""
    for name in list(os.environ):
        if name.startswith("SOULSEER_"):
            monkeypatch.delenv(name)

    def change(**changes: str | None) -> None:
        for name, value in {**GOOD, **{f"SOULSEER_{key}": value for key, value in changes.items()}}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return change


def test_reads_each_process_its_settings(environment: Set) -> None:
    environment()

    assert load(BridgeSettings).supabase_url == "https://abcdefghijkl.supabase.co"
    assert len(load(WebhookSettings).stripe_webhook_secrets) == 1
    assert load(WorkerSettings).worker_processes == 2
    assert load(SchedulerSettings).tick_seconds == 1.0


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("REDIS_URL", "Redis"),
        ("SUPABASE_URL", "Supabase dashboard"),
        ("SUPABASE_SECRET_KEY", "API keys"),
        ("STRIPE_WEBHOOK_SECRETS", "Webhooks"),
        ("STRIPE_CONNECT_WEBHOOK_SECRETS", "connected accounts"),
        ("ENVIRONMENT", "staging"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_names_what_is_missing_and_where_it_comes_from(
    environment: Set, name: str, source: str, value: str | None
) -> None:
    environment(**{name: value})

    with pytest.raises(SettingsError) as refused:
        load(WebhookSettings)

    assert f"SOULSEER_{name} is missing" in str(refused.value)
    assert source in str(refused.value)


def test_names_everything_that_is_missing_at_once(environment: Set) -> None:
    environment(REDIS_URL=None, SUPABASE_SECRET_KEY=None, STRIPE_SECRET_KEY=None)

    with pytest.raises(SettingsError) as refused:
        load(WorkerSettings)

    assert str(refused.value).count("is missing") == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SUPABASE_URL": "http://127.0.0.1:54321"}, "SUPABASE_URL is not https"),
        ({"SUPABASE_URL": "https://localhost"}, "SUPABASE_URL points to this machine"),
        ({"SUPABASE_SECRET_KEY": "short"}, "SUPABASE_SECRET_KEY is shorter"),
        (
            {"SUPABASE_SECRET_KEY": "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIn0.c2lnbmF0dXJl"},
            "SUPABASE_SECRET_KEY is a well-known local secret",
        ),
        ({"SUPABASE_SECRET_KEY": "super-secret-jwt-token-with-at-least-32-characters-long"}, "well-known local secret"),
        ({"STRIPE_SECRET_KEY": "sk_" + "test_" + "Zq8" * 10}, "STRIPE_SECRET_KEY is a test key"),
        ({"STRIPE_API_URL": "http://127.0.0.1:12111"}, "only the local stack may replace Stripe"),
        ({"PUBLIC_URL": "http://app.soulseer.net"}, "PUBLIC_URL is not https"),
        ({"BRIDGE_ALLOWED_ORIGINS": '["*"]'}, "allows every origin"),
        ({"BRIDGE_CALL_SECRETS": '["whsec_c2hvcnQ="]'}, "a secret is whsec_ and then 24 to 64 bytes"),
        ({"BRIDGE_CALL_SECRETS": '["' + "Xo6/" * 10 + '"]'}, "a secret is whsec_ and then 24 to 64 bytes"),
        ({"BRIDGE_CALL_SECRETS": '["whsec_' + "Local+" * 8 + '"]'}, "BRIDGE_CALL_SECRETS is a well-known local"),
    ],
)
def test_refuses_what_is_unsafe_outside_the_local_stack(environment: Set, changes: dict[str, str], said: str) -> None:
    environment(**changes)

    with pytest.raises(SettingsError) as refused:
        load(BridgeSettings)

    assert said in str(refused.value)


def test_allows_on_a_developers_machine_what_is_unsafe_elsewhere(environment: Set) -> None:
    environment(ENVIRONMENT="local", SUPABASE_URL="http://127.0.0.1:54321/", SUPABASE_SECRET_KEY="short")

    assert load(WebhookSettings).supabase_url == "http://127.0.0.1:54321"


@pytest.mark.parametrize("value", ["whsec_not_a_list", "[", "[]", '["a", "b", "c"]'])
def test_a_list_of_secrets_that_is_none_is_refused_without_showing_it(environment: Set, value: str) -> None:
    environment(STRIPE_WEBHOOK_SECRETS=value)

    with pytest.raises(SettingsError) as refused:
        load(WebhookSettings)

    assert "stripe_webhook_secrets" in str(refused.value).lower()
    assert "whsec_not_a_list" not in str(refused.value)


@pytest.mark.parametrize("module", ["webhooks", "edge_bridge", "workers", "workers.scheduler"])
def test_a_process_without_settings_ends_saying_what_is_missing(module: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SOULSEER_")}

    ended = subprocess.run(
        [sys.executable, "-m", module], env=clean, capture_output=True, text=True, check=False, timeout=30
    )

    assert ended.returncode == 78
    assert "SOULSEER_REDIS_URL is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
