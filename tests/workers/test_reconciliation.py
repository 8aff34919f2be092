"""The reconciliation reads every page of every balance, waits when it is too fast, and stops when it is told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
import stripe

from tests.doubles.scripted import Answer, Asked, ScriptedServer, stripe_error
from workers.reconciliation import service
from workers.tools import Tools

RUN = "0197a000-0000-7000-8000-0000000000d1"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
READ = SINCE - timedelta(days=7)
PATH = "/v1/balance_transactions"
FINISHED = {"movements": 3, "found": 1, "open": 2}


def movement(name: str, source: object, **more: object) -> dict[str, object]:
    row = {
        "id": name, "object": "balance_transaction", "type": "charge", "amount": 1000, "fee": 59, "net": 941,
        "currency": "usd", "created": int(SINCE.timestamp()) + 60, "source": source,
    }  # fmt: skip
    return {**row, **more}


@pytest.fixture(autouse=True)
def scripted(database: ScriptedServer, stripe_server: ScriptedServer) -> None:
    """Script a run over a day and one account, in which Stripe moved nothing."""
    database.rpc(
        "begin_reconciliation",
        Answer(
            body={
                "id": RUN, "since": SINCE.isoformat(), "until": UNTIL.isoformat(),
                "read_since": READ.isoformat(), "read_until": (UNTIL + timedelta(hours=1)).isoformat(),
                "accounts": [{"account": "acct_1", "since": (READ - timedelta(days=30)).isoformat()}],
            }
        ),
    )  # fmt: skip
    database.rpc("record_stripe_movements", lambda asked: Answer(body=len(_sent(asked))))
    database.rpc("compare_stripe_movements", Answer(204))
    database.rpc("finish_reconciliation", Answer(body=FINISHED))
    stripe_server.on("GET", PATH, page())


def _sent(asked: Asked) -> list[Any]:
    sent: Any = asked.arguments["p_movements"]
    return list(sent)


def page(*rows: dict[str, object], more: bool = False) -> Answer:
    return Answer(body={"object": "list", "data": list(rows), "has_more": more, "url": PATH})


def is_last_stretch(asked: Asked) -> bool:
    return int(asked.query["created[lt]"]) == int((UNTIL + timedelta(hours=1)).timestamp())


def test_every_page_of_every_balance_is_read_and_the_stretch_is_compared(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.headers.get("stripe-account") == "acct_1":
            return page(movement("txn_3", {"id": "py_1", "source_transfer": "tr_1"}, type="payment"))
        if not is_last_stretch(asked):
            return page()
        if "starting_after" not in asked.query:
            return page(movement("txn_1", {"id": "ch_1", "payment_intent": "pi_1"}), more=True)
        return page(movement("txn_2", None, type="adjustment"))

    stripe_server.on("GET", PATH, answer)
    told: list[tuple[str, int, int]] = []

    finished = service.reconcile(tools, SINCE, UNTIL, lambda *what: told.append(what))

    assert finished.model_dump() == FINISHED
    kept = {
        row["id"]: row
        for asked in database.requests("POST", "/rest/v1/rpc/record_stripe_movements")
        for row in _sent(asked)
    }
    assert {name: (row["account"], row["source"], row["reference"]) for name, row in kept.items()} == {
        "txn_1": ("platform", "ch_1", "pi_1"),
        "txn_2": ("platform", None, None),
        "txn_3": ("acct_1", "py_1", "tr_1"),
    }
    assert (kept["txn_1"]["amount"], kept["txn_1"]["fee"], kept["txn_1"]["net"]) == (1000, 59, 941)
    assert datetime.fromisoformat(kept["txn_1"]["moved_at"]) == SINCE + timedelta(seconds=60)
    after = [asked.query["starting_after"] for asked in stripe_server.asked if "starting_after" in asked.query]
    assert after == ["txn_1"]
    of_the_account = [asked.query for asked in stripe_server.asked if "stripe-account" in asked.headers]
    assert int(of_the_account[0]["created[gte]"]) == int((READ - timedelta(days=30)).timestamp())
    # All of the time is read, without gaps, and all of the stretch is compared.
    read = sorted(
        (int(asked.query["created[gte]"]), int(asked.query["created[lt]"]))
        for asked in stripe_server.asked
        if "stripe-account" not in asked.headers and "starting_after" not in asked.query
    )
    assert (read[0][0], read[-1][1]) == (int(READ.timestamp()), int((UNTIL + timedelta(hours=1)).timestamp()))
    assert all(before[1] == then[0] for before, then in pairwise(read))
    compared = sorted((call["p_since"], call["p_until"]) for call in database.calls("compare_stripe_movements"))
    assert (compared[0][0], compared[-1][1]) == (SINCE.isoformat(), UNTIL.isoformat())
    assert told[-1][0] == "compare"
    assert told[-1][1] == told[-1][2]


def test_too_many_calls_are_asked_again_later(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("workers.reconciliation.service.time.sleep", slept.append)
    numbers = count()
    stripe_server.on("GET", PATH, lambda _: stripe_error(429, "rate_limit") if next(numbers) < 2 else page())
    service.reconcile(tools, SINCE, UNTIL)
    assert len(slept) == 2
    assert len(database.calls("finish_reconciliation")) == 1


def test_what_cannot_be_read_is_not_compared(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    stripe_server.on("GET", PATH, stripe_error(401, "api_key_expired", "authentication_error"))
    with pytest.raises(stripe.StripeError):
        service.reconcile(tools, SINCE, UNTIL)
    assert database.calls("compare_stripe_movements") == []
    assert database.calls("finish_reconciliation") == []


def test_an_account_that_is_no_longer_ours_to_see_is_passed_over(
    tools: Tools, database: ScriptedServer, stripe_server: ScriptedServer
) -> None:
    def answer(asked: Asked) -> Answer:
        is_account = "stripe-account" in asked.headers
        return stripe_error(403, "account_invalid") if is_account else page()

    stripe_server.on("GET", PATH, answer)
    database.rpc("leave_account_unread", Answer(204))
    service.reconcile(tools, SINCE, UNTIL)
    assert [call["p_account"] for call in database.calls("leave_account_unread")] == ["acct_1"]
    assert len(database.calls("finish_reconciliation")) == 1


def test_a_process_that_stops_does_not_wait_for_the_end(tools: Tools, database: ScriptedServer) -> None:
    tools.stopping.set()
    with pytest.raises(service.StoppedError):
        service.reconcile(tools, SINCE, UNTIL)
    assert database.calls("finish_reconciliation") == []


def test_the_nightly_job_reconciles_what_the_database_says_is_due(tools: Tools, database: ScriptedServer) -> None:
    assert service.reconcile_nightly(tools) is not None
    assert database.calls("begin_reconciliation") == [{}]
    compared = database.calls("compare_stripe_movements")
    assert (compared[0]["p_since"], compared[-1]["p_until"]) == (SINCE.isoformat(), UNTIL.isoformat())


def test_the_nightly_job_does_nothing_where_nothing_is_due(tools: Tools, database: ScriptedServer) -> None:
    database.rpc("begin_reconciliation", Answer(body=None))
    assert service.reconcile_nightly(tools) is None
    assert database.calls("compare_stripe_movements") == []
