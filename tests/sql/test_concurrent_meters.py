"""Several workers on the same meters while all else goes on: each increment is charged once, nobody is wronged."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stack.worlds import World
from tests.sql.marketplace import LiveSession, Marketplace, RefusedError

_MUTANT = Path(__file__).parent / "mutants" / "charge_in_one_statement.sql"


@pytest.fixture(scope="module")
def market(make_world: Callable[..., AbstractContextManager[World]]) -> Iterator[Marketplace]:
    """A marketplace whose people may be silent for ten minutes, so that minutes can pass in one step of the clock."""
    with make_world() as world, closing(Marketplace(world)) as opened:
        opened.set("session.heartbeat_timeout_seconds", 600)
        yield opened
        assert opened.problems() == []


def many(market: Marketplace, funds: list[int]) -> list[LiveSession]:
    """Start a session for each sum of money, eight at a time."""

    def start(money: int) -> LiveSession:
        return market.started(market.client(funds=money), market.reader(rate=300))

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(start, funds))


def work(market: Marketplace, until: threading.Event) -> None:
    """Be a worker: charge in small batches and advance, again and again."""
    while not until.is_set():
        market.worker("charge_due_minutes", p_limit=7)
        market.worker("advance_sessions", p_limit=7)


def surprises(answers: list[Any]) -> list[Any]:
    """Answers that are neither results nor typed refusals: deadlocks, broken constraints."""
    return [a for a in answers if isinstance(a, RefusedError) and not a.sqlstate.startswith("PT")]


@pytest.mark.parametrize(("workers", "meters"), [(2, 24), (4, 60)])
def test_workers_heartbeats_and_endings_on_the_same_meters(market: Marketplace, workers: int, meters: int) -> None:
    sessions = many(market, [3000] * (meters * 2 // 3) + [900] * (meters // 3))
    rich, poor = sessions[: meters * 2 // 3], sessions[meters * 2 // 3 :]
    leavers, stayers = rich[:15], rich[15:]
    over = threading.Event()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running = [pool.submit(work, market, over) for _ in range(workers)]
        for minute in range(5):
            market.clock.advance(60)
            calls = [partial(s.by, p, "heartbeat") for s in sessions[minute::6] for p in (s.client, s.reader)]
            leaving = leavers[minute * 3 : minute * 3 + 3]
            calls += [partial(s.by, p, "end") for s in leaving for p in (s.client, s.reader)]
            assert surprises(market.at_once(calls, threads=12)) == []
        time.sleep(0.2)
        over.set()
        for worker in running:
            worker.result()
    market.tick()
    assert market.problems() == []
    for session in stayers:
        row = session.row()
        assert (row["status"], row["pause_reason"]) == ("IN_PROGRESS", None)
        assert [leg["increment"] for leg in session.legs("increment")] == list(range(6))
    for session in poor:
        row = session.row()
        assert (row["status"], row["pause_reason"]) in {
            ("IN_PROGRESS", "insufficient_funds"),
            ("COMPLETED", "insufficient_funds"),
        } or row["end_reason"] == "insufficient_funds"
        assert [leg["increment"] for leg in session.legs("increment")] == [0, 1, 2]
        assert market.wallet(session.client)["balance"] == 0
    for number, session in enumerate(leavers):
        minutes = number // 3 + 1
        assert session.row()["status"] == "COMPLETED"
        assert session.row()["total_cost"] in {300 * minutes, 300 * (minutes + 1)}
        assert market.wallet(session.client)["balance"] == 3000 - session.row()["total_cost"]


def test_a_wallet_that_covers_one_increment_pays_one_however_many_charge_it(market: Marketplace) -> None:
    sessions = many(market, [600] * 12)
    market.clock.advance(120)
    calls: list[Callable[[], Any]] = [partial(market.worker, "charge_due_minutes", p_limit=3)] * 8
    calls += [partial(market.worker, "advance_sessions", p_limit=5)] * 8
    calls += [partial(s.by, s.client, "end") for s in sessions[::2]]
    assert surprises(market.at_once(calls)) == []
    market.tick()
    for session in sessions:
        assert len(session.legs("increment")) == 2
        assert market.wallet(session.client)["balance"] == 0
    assert market.problems() == []


def test_statistics_and_status_of_a_reader_at_once_do_not_lock_each_other_out(market: Marketplace) -> None:
    sessions = many(market, [1000] * 6)
    market.clock.advance(30)
    for session in sessions:
        session.by(session.client, "end")
    jobs = [job["id"] for job in market.worker("claim_outbox", p_limit=100)]
    calls: list[Callable[[], Any]] = [partial(market.worker, "apply_session_settled", p_outbox_id=job) for job in jobs]
    for session in sessions:
        calls += [partial(market.call, session.reader, "set_reader_status", p_status=s) for s in ("AWAY", "ONLINE")]
    assert surprises(market.at_once(calls)) == []


# A top-up commits while a worker waits for the wallet ------------------------------------------------------------


def charge_while_a_top_up_commits(market: Marketplace) -> dict[str, Any]:
    """Let a worker wait for the wallet of a client whose top-up is about to commit; answer the meter it leaves."""
    session = market.started(market.client(funds=300), market.reader(rate=300))
    market.clock.advance(60)
    with (
        psycopg.connect(market.world.dsn) as paying,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        paying.execute(
            "select ledger.post_transfer(gen_random_uuid(), 'topup', ledger.account_of(null, 'stripe_clearing'), "
            "ledger.account_of(%s, 'client_wallet'), 300)",
            [session.client.id],
        )
        charging: Future[dict[str, Any]] = pool.submit(market.worker, "charge_due_minutes")
        blocked = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
        while market.value(blocked, paying.info.backend_pid) == 0:
            assert not charging.done(), "the worker was expected to wait for the wallet"
            time.sleep(0.005)
        paying.commit()
        charging.result()
    return session.meter()


def test_a_worker_that_waited_for_a_wallet_sees_what_was_paid_into_it_meanwhile(market: Marketplace) -> None:
    meter = charge_while_a_top_up_commits(market)
    assert (meter["charged"], meter["needs_advance"]) == (600, False)
    assert market.problems() == []


def test_a_charge_in_one_statement_is_caught(make_world: Callable[..., AbstractContextManager[World]]) -> None:
    with make_world() as world, closing(Marketplace(world)) as market:
        market.database.execute(_MUTANT.read_bytes())
        alone = market.started(market.client(funds=600), market.reader(rate=300))
        alone.talk(60)
        assert (alone.meter()["charged"], market.problems()) == (600, [])

        meter = charge_while_a_top_up_commits(market)
        assert (meter["charged"], meter["needs_advance"]) == (300, True)
