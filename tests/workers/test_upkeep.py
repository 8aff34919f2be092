"""Upkeep says loudly when months are running out, and rolls up what is closed."""

from __future__ import annotations

import pytest

from tests.doubles.scripted import Answer, ScriptedServer
from workers.tools import Tools
from workers.upkeep import service


@pytest.mark.parametrize(("ready", "alarms"), [(0, 1), (1, 1), (2, 0), (3, 0)])
def test_fewer_than_two_months_ahead_is_an_alarm(
    tools: Tools, database: ScriptedServer, monkeypatch: pytest.MonkeyPatch, ready: int, alarms: int
) -> None:
    said: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(service.log, "critical", lambda event, **about: said.append((event, about)))
    database.rpc("run_upkeep", Answer(body={"partitions_made": 0, "months_ready": ready}))
    database.rpc("seal_audit", Answer(body=[]))

    service.run_upkeep(tools)

    assert said == [("partitions_running_out", {"months_ready": ready, "wanted": 2})] * alarms


@pytest.mark.parametrize("stuck", [0, 3])
def test_payouts_the_bank_is_silent_about_are_an_alarm_of_their_own(
    tools: Tools, database: ScriptedServer, monkeypatch: pytest.MonkeyPatch, stuck: int
) -> None:
    said: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(service.log, "error", lambda event, **about: said.append((event, about)))
    database.rpc("run_upkeep", Answer(body={"partitions_made": 0, "months_ready": 3, "payouts_stuck": stuck}))
    database.rpc("seal_audit", Answer(body=[]))

    service.run_upkeep(tools)

    assert said == ([("payouts_stuck", {"payouts": 3})] if stuck else [])


def test_closed_days_are_rolled_up_until_none_is_left(tools: Tools, database: ScriptedServer) -> None:
    answers = iter([Answer(body={"rolled": 7, "more": True}), Answer(body={"rolled": 2, "more": False})])
    database.rpc("roll_up_days", lambda _: next(answers))

    assert service.roll_up(tools) == 9


def test_scheduled_payouts_are_requested_until_none_is_due(tools: Tools, database: ScriptedServer) -> None:
    answers = iter([Answer(body={"requested": 100, "more": True}), Answer(body={"requested": 3, "more": False})])
    database.rpc("request_scheduled_payouts", lambda _: next(answers))

    assert service.pay_on_schedule(tools) == 103
