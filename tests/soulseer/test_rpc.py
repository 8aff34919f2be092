"""The door to the database: typed answers, typed refusals, and no call repeated that may not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import httpx
import pytest

from soulseer import request_id
from soulseer.errors import RpcError, RpcUnavailableError
from soulseer.rpc import AsyncRpc, Rpc
from soulseer.settings import DatabaseSettings
from soulseer.worker_api import meter, outbox, upkeep
from tests.doubles.scripted import Answer, Asked, ScriptedServer, refusal
from tests.doubles.valkey import free_port

ROW = UUID("0197a000-0000-7000-8000-0000000000b1")
CHARGED = {"claimed": 2, "charged": 2, "slow": 0, "more": False, "added_later": 1}


def settings_for(url: str) -> DatabaseSettings:
    """Return settings of a database at an address."""
    return DatabaseSettings.model_validate(
        {
            "environment": "local",
            "redis_url": "redis://127.0.0.1:1/0",
            "supabase_url": url,
            "supabase_secret_key": "sb_secret_of_these_tests",
        }
    )


@pytest.fixture
def database() -> Iterator[ScriptedServer]:
    """Give a database whose functions answer what the test says."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def rpc(database: ScriptedServer) -> Iterator[Rpc]:
    """Give the door to it."""
    made = Rpc(settings_for(database.url))
    yield made
    made.close()


def failing(times: int, failure: Answer, then: Answer) -> Callable[[Asked], Answer]:
    """Answer a failure some times and then something else."""
    left = [failure] * times

    def answer(_asked: Asked) -> Answer:
        return left.pop() if left else then

    return answer


def test_the_proof_of_the_ledger_has_more_time_than_other_calls() -> None:
    given: dict[str, float] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        given[request.url.path.rpartition("/")[2]] = request.extensions["timeout"]["read"]
        body = CHARGED if request.url.path.endswith("minutes") else {"balanced": True, "problems": []}
        return httpx.Response(200, json=body, request=request)

    door = Rpc(settings_for("http://127.0.0.1:1"), transport=httpx.MockTransport(answer))
    door.run(meter.charge_due_minutes(5))
    door.run(upkeep.check_ledger())
    door.close()
    assert given["charge_due_minutes"] < given["check_ledger"]


def test_an_answer_becomes_a_frozen_model(rpc: Rpc, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", Answer(body=CHARGED))

    answer = rpc.run(meter.charge_due_minutes(200))

    assert (answer.claimed, answer.more) == (2, False)
    assert database.calls("charge_due_minutes") == [{"p_limit": 200}]
    with pytest.raises(ValueError, match="frozen"):
        answer.claimed = 3


def test_a_call_carries_the_key_the_schema_and_the_request_id(rpc: Rpc, database: ScriptedServer) -> None:
    database.rpc("fail_outbox", Answer(204))

    with request_id.bound("req-3"):
        rpc.run(outbox.fail_outbox(ROW, "why"))

    (asked,) = database.asked
    assert asked.arguments == {"p_outbox_id": str(ROW), "p_error": "why", "p_is_away": False}
    assert asked.headers["apikey"] == "sb_secret_of_these_tests"
    assert asked.headers["authorization"] == "Bearer sb_secret_of_these_tests"
    assert asked.headers["content-profile"] == "worker_api"
    assert asked.headers["x-request-id"] == "req-3"


def test_a_refusal_is_typed(rpc: Rpc, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", refusal(409, "invalid_state", "Not now."))

    with pytest.raises(RpcError) as raised:
        rpc.run(meter.charge_due_minutes())

    error = raised.value
    assert (error.code, error.status, error.details, error.typed) == ("invalid_state", 409, "Not now.", True)
    assert (error.sqlstate, error.function) == ("PT409", "charge_due_minutes")


@pytest.mark.parametrize(
    "fault",
    [
        Answer(403, {"code": "42501", "message": "permission denied for function x", "details": None, "hint": None}),
        Answer(404, {"code": "PGRST202", "message": "Could not find the function"}),
        Answer(500, "not what PostgREST answers"),
    ],
)
def test_a_fault_is_no_refusal(rpc: Rpc, database: ScriptedServer, fault: Answer) -> None:
    database.rpc("charge_due_minutes", fault)

    with pytest.raises(RpcError) as raised:
        rpc.run(meter.charge_due_minutes())

    assert (raised.value.code, raised.value.typed) == ("database_error", False)


def test_an_answer_of_another_form_is_refused_at_the_door(rpc: Rpc, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", Answer(body={"claimed": "many"}))

    with pytest.raises(RpcError, match="unexpected_answer"):
        rpc.run(meter.charge_due_minutes())


@pytest.mark.parametrize("failure", [Answer(0), Answer(503), Answer(502)])
def test_a_lost_connection_is_retried_where_repeating_does_no_harm(
    rpc: Rpc, database: ScriptedServer, failure: Answer
) -> None:
    database.rpc("charge_due_minutes", failing(2, failure, Answer(body=CHARGED)))

    assert rpc.run(meter.charge_due_minutes()).charged == 2
    assert len(database.asked) == 3


@pytest.mark.parametrize("failure", [Answer(0), Answer(503)])
def test_a_call_that_must_not_be_repeated_is_not(rpc: Rpc, database: ScriptedServer, failure: Answer) -> None:
    database.rpc("claim_outbox", failing(1, failure, Answer(body=[])))

    with pytest.raises(RpcUnavailableError):
        rpc.run(outbox.claim_outbox())
    assert len(database.asked) == 1


def test_a_typed_refusal_is_not_taken_for_an_absent_database(rpc: Rpc, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", refusal(503, "charges_disabled"))

    with pytest.raises(RpcError, match="charges_disabled"):
        rpc.run(meter.charge_due_minutes())
    assert len(database.asked) == 1


def test_an_absent_database_is_said_within_seconds() -> None:
    nobody = Rpc(settings_for(f"http://127.0.0.1:{free_port()}"))

    with pytest.raises(RpcUnavailableError):
        nobody.run(meter.charge_due_minutes())
    nobody.close()


async def test_the_asynchronous_door_behaves_alike(database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", failing(1, Answer(0), Answer(body=CHARGED)))
    database.rpc("claim_outbox", Answer(0))
    database.rpc("apply_session_settled", refusal(404, "not_found"))

    async with AsyncRpc(settings_for(database.url)) as rpc:
        assert (await rpc.run(meter.charge_due_minutes())).charged == 2
        with pytest.raises(RpcUnavailableError):
            await rpc.run(outbox.claim_outbox())
        with pytest.raises(RpcError, match="not_found"):
            await rpc.run(outbox.apply_session_settled(ROW))
