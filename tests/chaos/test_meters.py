"""Workers on the same meters, killed, doubled, late: each increment is charged once, and none is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from soulseer import jobs
from soulseer.broker import make_broker
from stack import processes
from stack.parts import service_parts, working_folder
from tests.acceptance.conversation import Conversation
from tests.acceptance.people import RATE, Person, make_client, make_reader
from tests.acceptance.platform import Platform, Row, at_once
from tests.acceptance.waiting import eventually, for_a_while

PAIRS = 3
PRICE = RATE // 60


@pytest.fixture(scope="module")
def pairs(platform: Platform) -> list[tuple[Person, Person]]:
    """Clients with money and readers online."""
    return [(make_client(platform, 50_000), make_reader(platform)) for _ in range(PAIRS)]


@contextmanager
def all_talking(pairs: list[tuple[Person, Person]]) -> Iterator[list[Conversation]]:
    with ExitStack() as open_talks:
        yield [open_talks.enter_context(Conversation(client, reader)) for client, reader in pairs]


@contextmanager
def extra_workers(platform: Platform) -> Iterator[None]:
    """A second set of worker processes, as on a second machine."""
    part = next(part for part in service_parts(platform.stack.layout()) if part.name == "workers")
    name = "workers-second"
    processes.start(
        platform.stack.paths, name, part.command, environment=part.full_environment(), folder=working_folder()
    )
    try:
        eventually(
            lambda: any(line["event"] == "worker_started" for line in platform.log(name)), "second workers ready"
        )
        yield
    finally:
        processes.stop(platform.stack.paths, name)


def wait_late(platform: Platform, talks: list[Conversation], *, seconds: float) -> None:
    """Wait until every meter is so late with its next increment."""
    late = (
        "select 1 from private.meters where session_id = any(%s::uuid[]) and due_at < now() - %s * interval '1 second'"
    )
    ids = [talk.id for talk in talks]
    eventually(lambda: len(platform.rows(late, ids, seconds)) == len(talks), "minutes due")


def end_and_judge(platform: Platform, talks: list[Conversation]) -> list[Row]:
    """End every session and see that it was charged for its time, each increment once."""
    ended = [talk.end(talk.client) for talk in talks]
    for talk, session in zip(talks, ended, strict=True):
        charged = talk.increments()
        assert charged == list(range(len(charged)))
        (lasted,) = platform.rows(
            "select extract(epoch from ended_at - started_at)::float as seconds from public.sessions where id = %s",
            talk.id,
        )
        # Ended by the client, the begun increment is owed: as many increments as began, but for one that begins
        # in the very moment of the end.
        assert int(lasted["seconds"] - 0.1) + 1 <= len(charged) <= int(lasted["seconds"]) + 1
        assert session["total_cost"] == len(charged) * PRICE
    return ended


def test_many_workers_on_the_same_meters_charge_each_increment_once(
    platform: Platform, pairs: list[tuple[Person, Person]]
) -> None:
    broker = make_broker(platform.env.redis_url)
    with extra_workers(platform), all_talking(pairs) as talks:
        over = threading.Event()

        def flood() -> None:
            # Both ways a charge is asked for: as a job, many more than the scheduler sends, and as the call itself.
            while not over.wait(0.1):
                for job in (jobs.CHARGE_DUE_MINUTES, jobs.ADVANCE_SESSIONS) * 4:
                    broker.enqueue(jobs.message(job))
                at_once(*[lambda: platform.worker_api("charge_due_minutes")] * 4)

        flooding = threading.Thread(target=flood, daemon=True)
        flooding.start()
        for talk in talks:
            talk.wait_increments(4)
        over.set()
        flooding.join(10.0)
        end_and_judge(platform, talks)
    broker.close()


def test_workers_killed_while_they_charge_lose_and_double_nothing(
    platform: Platform, pairs: list[tuple[Person, Person]]
) -> None:
    with all_talking(pairs) as talks:
        for _ in range(2):
            seen = len(talks[0].increments())
            platform.kill_workers()
            # Replaced by their supervisor; what became due meanwhile is caught up.
            talks[0].wait_increments(seen + 2)
        end_and_judge(platform, talks)


def test_minutes_wait_while_no_worker_lives_and_are_charged_when_one_does(
    platform: Platform, pairs: list[tuple[Person, Person]]
) -> None:
    with all_talking(pairs) as talks:
        talks[0].wait_increments(1)
        with platform.without("workers", "scheduler"):
            wait_late(platform, talks, seconds=0.5)
            before = [len(talk.increments()) for talk in talks]
            wait_late(platform, talks, seconds=1.5)
            assert [len(talk.increments()) for talk in talks] == before
        for talk, already in zip(talks, before, strict=True):
            talk.wait_increments(already + 3)
        end_and_judge(platform, talks)


def test_a_stripe_that_hangs_does_not_hold_up_the_minutes(
    platform: Platform, pairs: list[tuple[Person, Person]]
) -> None:
    with all_talking(pairs) as talks:
        platform.control("faults", {"match": {"path": "/v1/*"}, "kind": "timeout", "times": 1000})
        events = [f"evt_hangs_{number}" for number in range(40)]
        for event in events:
            about = {"id": f"pi_{event}"}
            platform.deliver(
                {
                    "id": event, "object": "event", "type": "payment_intent.succeeded", "api_version": None,
                    "created": int(time.time()), "data": {"object": about},
                }
            )  # fmt: skip
        eventually(lambda: platform.rows("select 1 from private.stripe_events where event_id = any(%s)", events), "in")
        # Every thread that talks to Stripe waits for it now, and will for longer than this takes.
        late = (
            "select 1 from private.meters where session_id = any(%s::uuid[]) and due_at < now() - interval '3 seconds'"
        )
        ids = [talk.id for talk in talks]
        for_a_while(lambda: not platform.rows(late, ids), "minutes are charged in time", seconds=8.0)
        platform.rows("delete from private.stripe_events where event_id = any(%s)", events)
        platform.calm()
        end_and_judge(platform, talks)
