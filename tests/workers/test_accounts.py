"""Exports are gathered once; an erased person's login is closed, and its row ends only then."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from soulseer import jobs
from soulseer.errors import RpcUnavailableError
from tests.doubles.scripted import Answer, Asked, ScriptedServer
from workers.accounts import service
from workers.tools import Tools
from workers.upkeep import service as upkeep

ROW = UUID("0197a000-0000-7000-8000-0000000000c1")
PERSON = "0197a000-0000-4000-8000-0000000000c2"
LOGIN = f"/auth/v1/admin/users/{PERSON}"


@pytest.fixture(autouse=True)
def scripted(database: ScriptedServer) -> None:
    """Script an erasure on which nothing goes wrong."""
    database.rpc("start_account_erasure", Answer(body=PERSON))
    database.rpc("erased_files", Answer(body=[]))
    database.rpc("finish_account_erasure", Answer(body=True))
    database.on("DELETE", LOGIN, Answer(body={}))


def test_both_topics_have_their_job() -> None:
    assert jobs.OUTBOX_TOPICS["account.export"] == jobs.EXPORT_ACCOUNT
    assert jobs.OUTBOX_TOPICS["account.erased"] == jobs.ERASE_ACCOUNT


@pytest.mark.parametrize("done", [True, False])
def test_an_export_is_gathered_by_the_database(tools: Tools, database: ScriptedServer, done: bool) -> None:
    database.rpc("apply_account_export", Answer(body=done))

    service.export(tools, ROW)

    assert database.calls("apply_account_export") == [{"p_outbox_id": str(ROW)}]
    assert database.calls("fail_outbox") == []


def test_an_export_that_fails_comes_again_later(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("apply_account_export", Answer(500, {"code": "57014", "message": "canceling statement"}))

    service.export(tools, ROW)

    (failed,) = database.calls("fail_outbox")
    assert failed["p_outbox_id"] == str(ROW)


def test_an_erased_login_is_closed_softly_with_the_secret_key_and_then_the_row_ends(
    tools: Tools, database: ScriptedServer
) -> None:
    service.erase(tools, ROW)

    (closed,) = database.requests("DELETE", LOGIN)
    assert closed.arguments == {"should_soft_delete": True}
    assert closed.headers["authorization"] == "Bearer sb_secret_of_these_tests"
    assert closed.headers["x-request-id"]
    assert [asked.path.rsplit("/", 1)[1] for asked in database.asked] == [
        "start_account_erasure",
        PERSON,
        "erased_files",
        "finish_account_erasure",
    ]


def test_an_erasure_done_before_asks_nothing_of_auth(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("start_account_erasure", Answer(body=None))

    service.erase(tools, ROW)

    assert database.requests("DELETE", LOGIN) == []


def test_killed_after_closing_it_is_closed_again_and_ends_once(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("finish_account_erasure", Answer(0))
    with pytest.raises(RpcUnavailableError):
        service.erase(tools, ROW)

    database.rpc("finish_account_erasure", Answer(body=True))
    service.erase(tools, ROW)

    assert len(database.requests("DELETE", LOGIN)) == 2
    assert database.calls("fail_outbox") == []


def test_a_login_that_is_gone_counts_as_closed(tools: Tools, database: ScriptedServer) -> None:
    database.on("DELETE", LOGIN, Answer(404, {"code": 404, "error_code": "user_not_found", "msg": "User not found"}))

    service.erase(tools, ROW)

    assert len(database.calls("finish_account_erasure")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(0),
        Answer(503, {"msg": "away"}),
        Answer(500, {"code": 500, "error_code": "unexpected_failure", "msg": "fault"}),
        Answer(429, {"code": 429, "error_code": "over_request_rate_limit", "msg": "slow down"}),
        Answer(403, {"code": 403, "error_code": "not_admin", "msg": "User not allowed"}),
        Answer(400, {"msg": "no code"}),
    ],
)
def test_while_auth_does_not_close_it_the_row_stays(tools: Tools, database: ScriptedServer, answer: Answer) -> None:
    database.on("DELETE", LOGIN, answer)

    service.erase(tools, ROW)

    assert database.calls("finish_account_erasure") == []
    (failed,) = database.calls("fail_outbox")
    assert failed["p_error"]


def test_a_database_away_is_raised_and_nothing_is_closed(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("start_account_erasure", Answer(0))

    with pytest.raises(RpcUnavailableError):
        service.erase(tools, ROW)

    assert database.requests("DELETE", LOGIN) == []


def batches(*names: list[tuple[str, str]]) -> Callable[[Asked], Answer]:
    """Answer these files one batch after the other, then none."""
    left = iter([[{"bucket": bucket, "path": path} for bucket, path in batch] for batch in names])
    return lambda _asked: Answer(body=next(left, []))


def test_files_are_removed_bucket_by_bucket_until_none_is_named_and_then_the_row_ends(
    tools: Tools, database: ScriptedServer
) -> None:
    first = [("avatars", "a/1"), ("avatars", "a/2"), ("chat-media", "c/1")]
    database.rpc("erased_files", batches(first, [("chat-media", "c/2")]))
    for bucket in ("avatars", "chat-media"):
        database.on("DELETE", f"/storage/v1/object/{bucket}", Answer(body=[{"name": "one"}]))

    service.erase(tools, ROW)

    asked = [one for one in database.asked if one.path.startswith("/storage/")]
    assert [(one.path.rsplit("/", 1)[1], one.arguments["prefixes"]) for one in asked] == [
        ("avatars", ["a/1", "a/2"]),
        ("chat-media", ["c/1"]),
        ("chat-media", ["c/2"]),
    ]
    assert {one.headers["authorization"] for one in asked} == {"Bearer sb_secret_of_these_tests"}
    assert all(one.headers["x-request-id"] for one in asked)
    assert database.calls("erased_files")[0] == {"p_outbox_id": str(ROW), "p_limit": service.FILES_AT_ONCE}
    assert len(database.calls("finish_account_erasure")) == 1


@pytest.mark.parametrize(
    ("answer", "is_away"),
    [
        (Answer(0), True),
        (Answer(502, "no JSON"), True),
        (Answer(500, {"statusCode": "500", "error": "InternalError", "message": "fault"}), True),
        (Answer(400, {"statusCode": "429", "error": "TooManyRequests", "message": "slow down"}), True),
        (Answer(400, {"statusCode": "403", "error": "Unauthorized", "message": "no right"}), False),
        # Storage says that it removed none of what the database names.
        (Answer(200, []), False),
    ],
)
def test_while_files_are_left_the_row_stays(
    tools: Tools, database: ScriptedServer, answer: Answer, is_away: bool
) -> None:
    database.rpc("erased_files", batches([("avatars", "a/1")]))
    database.on("DELETE", "/storage/v1/object/avatars", answer)

    service.erase(tools, ROW)

    assert database.calls("finish_account_erasure") == []
    (failed,) = database.calls("fail_outbox")
    assert failed["p_is_away"] is is_away


def test_a_process_that_ends_leaves_the_rest_to_the_next(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("erased_files", batches([("avatars", "a/1")]))
    tools.stopping.set()

    service.erase(tools, ROW)

    assert database.requests("DELETE", "/storage/v1/object/avatars") == []
    assert database.calls("finish_account_erasure") == []
    (failed,) = database.calls("fail_outbox")
    assert failed["p_is_away"] is True


def test_upkeep_seals_the_audit_record_after_everything_else(
    tools: Tools, database: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(upkeep.log, "info", lambda event, **about: said.append((event, about)))
    database.rpc("run_upkeep", Answer(body={"partitions_made": 0, "months_ready": 3}))
    database.rpc("seal_audit", Answer(body=[{"month": "2026-10-01", "sealed_rows": 7, "hash": "ab12"}]))

    upkeep.run_upkeep(tools)

    assert [asked.path.rsplit("/", 1)[1] for asked in database.asked] == ["run_upkeep", "seal_audit"]
    assert said[-1] == ("audit_sealed", {"month": "2026-10-01", "rows": 7, "hash": "ab12"})
