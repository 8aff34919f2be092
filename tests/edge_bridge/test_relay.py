"""The relay sends every outbox row as a job, at least once, and outlives what it depends on."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

import httpx
import pytest
import redis

from edge_bridge.app import make
from soulseer.settings import BridgeSettings
from tests.doubles.scripted import Answer, Asked, ScriptedServer
from tests.doubles.serving import eventually, serving
from tests.doubles.valkey import free_port, running_valkey

PAYOUT = "0197a000-0000-7000-8000-0000000000b1"


def row(topic: str = "payout.execute", request_id: str | None = "req-5") -> dict[str, object]:
    """Return one claimed row."""
    payload = {"payout_id": "p", "attempt_id": "a"}
    return {"id": PAYOUT, "topic": topic, "payload": payload, "attempts": 1, "request_id": request_id}


class Outbox:
    """An outbox that hands out each row once."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self._lock = Lock()

    def claim(self, _asked: Asked) -> Answer:
        """Answer claim_outbox."""
        with self._lock:
            claimed, self.rows = self.rows, []
        return Answer(body=claimed)


@pytest.fixture
def outbox(supabase: ScriptedServer) -> Outbox:
    """Give the outbox of the scripted database."""
    box = Outbox()
    supabase.rpc("claim_outbox", box.claim)
    supabase.rpc("fail_outbox", Answer(204))
    return box


@pytest.fixture
def idle_settings(settings: BridgeSettings) -> BridgeSettings:
    """Give settings whose Redis is not there yet."""
    secret = type(settings.redis_url)
    return settings.model_copy(update={"redis_url": secret(f"redis://127.0.0.1:{free_port()}/0")})


def messages(client: redis.Redis, queue: str) -> list[dict[str, object]]:
    """Return the messages of a queue."""
    raw = client.hvals(f"soulseer:{queue}.msgs")
    assert isinstance(raw, list)
    return [json.loads(item) for item in raw]


def test_sends_a_row_as_the_job_of_its_topic(
    fresh_bridge: httpx.Client, outbox: Outbox, redis_client: redis.Redis
) -> None:
    outbox.rows = [row()]

    (message,) = eventually(lambda: messages(redis_client, "payouts"))

    assert message["actor_name"] == "payouts.execute"
    assert message["kwargs"] == {"outbox_id": PAYOUT, "payload": {"payout_id": "p", "attempt_id": "a"}}
    options = message["options"]
    assert isinstance(options, dict)
    assert options["request_id"] == "req-5"
    assert 'soulseer_outbox_relayed_total{topic="payout.execute"} 1.0' in fresh_bridge.get("/metrics").text


def test_a_topic_without_a_job_is_given_back_with_the_reason(
    fresh_bridge: httpx.Client, outbox: Outbox, supabase: ScriptedServer
) -> None:
    outbox.rows = [row(topic="from.the.future")]

    (failed,) = eventually(lambda: supabase.calls("fail_outbox"))

    assert failed["p_outbox_id"] == PAYOUT
    assert "from.the.future" in str(failed["p_error"])
    assert fresh_bridge.get("/healthz").is_success


def test_claims_nothing_while_redis_is_away_and_goes_on_when_it_is_back(
    idle_settings: BridgeSettings, outbox: Outbox, supabase: ScriptedServer, tmp_path: Path
) -> None:
    outbox.rows = [row()]
    port = int(idle_settings.redis_url.get_secret_value().split(":")[2].split("/")[0])

    with serving(make(idle_settings)) as bridge:
        eventually(lambda: 'soulseer_relay_failures_total{part="redis"}' in bridge.get("/metrics").text, seconds=20)
        assert supabase.calls("claim_outbox") == []
        with running_valkey(tmp_path, port) as url, redis.Redis.from_url(url) as client:
            assert len(eventually(lambda: messages(client, "payouts"), seconds=20)) == 1


def test_goes_on_after_the_database_was_away(
    fresh_bridge: httpx.Client, outbox: Outbox, supabase: ScriptedServer, redis_client: redis.Redis
) -> None:
    supabase.rpc("claim_outbox", Answer(503))
    eventually(lambda: 'soulseer_relay_failures_total{part="database"}' in fresh_bridge.get("/metrics").text)

    outbox.rows = [row()]
    supabase.rpc("claim_outbox", outbox.claim)

    assert len(eventually(lambda: messages(redis_client, "payouts"))) == 1


def test_survives_an_answer_it_did_not_expect(
    fresh_bridge: httpx.Client, outbox: Outbox, supabase: ScriptedServer, redis_client: redis.Redis
) -> None:
    supabase.rpc("claim_outbox", Answer(body={"not": "rows"}))
    eventually(lambda: 'soulseer_relay_failures_total{part="refused"}' in fresh_bridge.get("/metrics").text)

    outbox.rows = [row()]
    supabase.rpc("claim_outbox", outbox.claim)

    assert len(eventually(lambda: messages(redis_client, "payouts"))) == 1


@pytest.mark.usefixtures("fresh_bridge", "outbox")
def test_looks_less_often_while_the_outbox_is_empty(supabase: ScriptedServer) -> None:
    path = "/rest/v1/rpc/claim_outbox"
    eventually(lambda: len(supabase.requests("POST", path)) >= 10)

    looks = [asked.at for asked in supabase.requests("POST", path)]

    assert 3 * (looks[2] - looks[0]) < looks[9] - looks[7]
