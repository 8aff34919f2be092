"""The meter's jobs work until nothing is due, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.doubles.scripted import Answer, Asked, ScriptedServer
from workers.sessions import service
from workers.tools import Tools

ROW = UUID("0197a000-0000-7000-8000-0000000000b1")


def batches(*more: bool) -> Callable[[Asked], Answer]:
    """Answer one full batch after another, then the last one for ever."""
    left = list(more)

    def answer(_asked: Asked) -> Answer:
        flag = left.pop(0) if len(left) > 1 else left[0]
        return Answer(body={"claimed": 500, "charged": 500, "slow": 0, "advanced": 50, "failed": 0, "more": flag})

    return answer


def test_charges_until_nothing_is_due(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", batches(True, True, False))

    assert service.charge_due_minutes(tools) == 1500
    assert database.calls("charge_due_minutes") == [{"p_limit": 500}] * 3


def test_one_job_ends_though_more_keeps_coming(
    tools: Tools, database: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LOOP_SECONDS", 0.05)
    database.rpc("charge_due_minutes", batches(True))
    database.rpc("advance_sessions", batches(True))
    database.rpc("advance_appointment", batches(True))
    database.rpc("advance_wait_list", batches(True))

    service.charge_due_minutes(tools)
    service.advance_sessions(tools)

    assert len(database.calls("charge_due_minutes")) < 200
    assert len(database.calls("advance_sessions")) < 200


def test_a_stopping_worker_begins_no_further_batch(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("charge_due_minutes", batches(True))
    tools.stopping.set()

    assert service.charge_due_minutes(tools) == 0
    assert database.asked == []


def test_sessions_that_cannot_be_moved_do_not_keep_the_job_going(tools: Tools, database: ScriptedServer) -> None:
    calls = ("advance_sessions", "advance_appointment", "advance_wait_list")
    for name in calls:
        database.rpc(name, Answer(body={"advanced": 0, "failed": 50, "more": True}))

    assert service.advance_sessions(tools) == 0
    assert [len(database.calls(name)) for name in calls] == [1, 1, 1]


def test_appointments_and_lines_are_moved_one_by_one_until_none_is_due(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("advance_sessions", batches(False))
    database.rpc("advance_appointment", batches(True, True, False))
    database.rpc("advance_wait_list", batches(True, False))

    assert service.advance_sessions(tools) == 50 * 6
    assert len(database.calls("advance_appointment")) == 3
    assert len(database.calls("advance_wait_list")) == 2


@pytest.mark.parametrize("done", [True, False])
def test_a_settled_session_is_folded_in(tools: Tools, database: ScriptedServer, done: bool) -> None:
    database.rpc("apply_session_settled", Answer(body=done))

    service.apply_settled(tools, ROW)

    assert database.calls("apply_session_settled") == [{"p_outbox_id": str(ROW)}]
