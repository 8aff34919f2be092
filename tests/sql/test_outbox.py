"""Outbox and Stripe's inbox: every job and event comes again until it is done, and not for ever."""

from functools import partial
from itertools import chain
from uuid import uuid4

import pytest

from tests.sql.marketplace import Marketplace


@pytest.fixture
def job(market: Marketplace) -> str:
    """A job that waits, and no other."""
    market.database.execute("delete from private.outbox where true")
    made = market.value("select private.enqueue('session.settled', '{}')::text")
    return str(made)


def claimed(market: Marketplace, limit: int = 100) -> list[str]:
    return [row["id"] for row in market.worker("claim_outbox", p_limit=limit)]


def test_a_claimed_job_is_invisible_for_the_timeout_and_comes_again(market: Marketplace, job: str) -> None:
    assert claimed(market) == [job]
    assert claimed(market) == []
    market.clock.advance(29.9)
    assert claimed(market) == []
    market.clock.advance(0.1)
    assert claimed(market) == [job]


def test_a_failed_job_comes_again_after_a_backoff(market: Marketplace, job: str) -> None:
    claimed(market)
    market.worker("fail_outbox", p_outbox_id=job, p_error="boom")
    assert claimed(market) == []
    market.clock.advance(3)
    assert claimed(market) == [job]
    assert market.value("select last_error from private.outbox where id = %s", job) == "boom"


def test_no_pause_is_longer_than_five_minutes(market: Marketplace) -> None:
    longest = market.value("select extract(epoch from max(private.backoff(12)))::float from generate_series(1, 2000)")
    assert 240 < longest <= 300


def test_a_poisonous_job_is_parked_after_its_tries(market: Marketplace, job: str) -> None:
    with market.setting("outbox.max_attempts", 3):
        for _ in range(3):
            assert claimed(market) == [job]
            market.worker("fail_outbox", p_outbox_id=job, p_error="boom")
            market.clock.advance(300)
        assert claimed(market) == []
        market.clock.advance(100_000)
        assert claimed(market) == []
    assert market.value("select parked_at is not null from private.outbox where id = %s", job) is True
    assert market.worker("run_upkeep")["jobs_parked"] >= 1


def test_a_job_that_nobody_runs_is_not_parked_for_it(market: Marketplace, job: str) -> None:
    # No worker is there, for longer than a job would be tried.
    for _ in range(20):
        assert claimed(market) == [job]
        market.clock.advance(30)


def test_a_job_that_waits_after_the_queue_was_away_is_not_parked_for_it(market: Marketplace, job: str) -> None:
    for turn in range(20):
        assert claimed(market) == [job]
        if turn == 5:
            market.worker("fail_outbox", p_outbox_id=job, p_error="redis is away", p_is_away=True)
            market.clock.advance(300)
        market.clock.advance(30)


def test_relays_at_once_never_take_the_same_job(market: Marketplace, job: str) -> None:
    market.database.execute("select private.enqueue('session.settled', '{}') from generate_series(1, 99)")
    batches = market.at_once([partial(claimed, market, 15)] * 8)
    taken = list(chain.from_iterable(batches))
    assert len(taken) == len(set(taken))
    taken += claimed(market)
    assert len(set(taken)) == 100
    assert job in taken


def test_an_event_is_stored_once(market: Marketplace) -> None:
    stored = {
        "p_endpoint": "platform",
        "p_event_id": f"evt_{uuid4().hex}",
        "p_type": "charge.updated",
        "p_api_version": None,
        "p_account": None,
        "p_object_id": None,
        "p_created": None,
        "p_payload": {"a": 1},
    }
    answers = market.at_once([partial(market.worker, "store_stripe_event", **stored)] * 5)
    assert sorted(answers) == [False] * 4 + [True]
    assert market.worker("read_stripe_event", p_event_id=stored["p_event_id"])["payload"] == {"a": 1}
    assert market.worker("read_stripe_event", p_event_id="evt_none") is None


def test_the_sweeper_finds_what_was_stored_and_not_applied(market: Marketplace) -> None:
    event = market.store_event("charge.updated", "ch_1")

    def swept() -> bool:
        return event in [row["event_id"] for row in market.worker("claim_stripe_events", p_limit=1000)]

    assert not swept()
    market.clock.advance(10)
    assert swept()
    assert not swept()
    market.clock.advance(30)
    assert swept()
    market.worker("fail_stripe_event", p_event_id=event, p_error="not yet")
    assert not swept()
    market.clock.advance(400)
    assert swept()
    market.worker("ignore_stripe_event", p_event_id=event)
    market.clock.advance(400)
    assert not swept()
    assert market.value("select outcome from private.stripe_events where event_id = %s", event) == "IGNORED"


def test_a_poisonous_event_is_parked(market: Marketplace) -> None:
    event = market.store_event("charge.updated", "ch_2")
    with market.setting("outbox.max_attempts", 2):
        for _ in range(4):
            market.clock.advance(400)
            market.worker("claim_stripe_events", p_limit=1000)
    row = market.row("select attempts, parked_at from private.stripe_events where event_id = %s", event)
    assert row["parked_at"] is not None
    assert row["attempts"] == 3


def test_a_parked_event_that_stripe_is_told_to_send_again_is_tried_anew(market: Marketplace) -> None:
    event = market.store_event("charge.updated", "ch_4")
    again = {"endpoint": "platform", "event_id": event, "type": "charge.updated", "payload": {"id": event}}
    assert market.worker("store_stripe_events", p_events=[again, again]) == []
    market.database.execute(
        "update private.stripe_events set parked_at = private.now(), attempts = 13 where event_id = %s", [event]
    )
    assert market.worker("store_stripe_events", p_events=[again, again]) == [event]
    row = market.row("select attempts, parked_at from private.stripe_events where event_id = %s", event)
    assert (row["attempts"], row["parked_at"]) == (0, None)
    market.worker("ignore_stripe_event", p_event_id=event)
    assert market.worker("store_stripe_events", p_events=[again]) == []


def test_a_job_whose_needs_were_away_survives_lost_runs_afterwards(market: Marketplace, job: str) -> None:
    for _ in range(15):
        assert claimed(market) == [job]
        market.worker("fail_outbox", p_outbox_id=job, p_error="away", p_is_away=True)
        market.clock.advance(300)
    for _ in range(3):
        # Taken by somebody who was killed.
        assert claimed(market) == [job]
        market.clock.advance(300)
    assert claimed(market) == [job]


def test_an_event_is_not_parked_while_stripe_cannot_be_asked(market: Marketplace) -> None:
    event = market.store_event("charge.updated", "ch_3")
    for _ in range(15):
        market.clock.advance(400)
        assert event in [row["event_id"] for row in market.worker("claim_stripe_events", p_limit=1000)]
        market.worker("fail_stripe_event", p_event_id=event, p_error="away", p_is_away=True)


def test_upkeep_forgets_old_keys_of_people_and_keeps_those_of_stripes_objects(market: Marketplace) -> None:
    person = market.client(funds=500)
    market.clock.advance(30 * 86_400 + 1)
    assert market.worker("run_upkeep")["keys_forgotten"] >= 1
    assert market.value("select count(*) from private.idempotency where caller = %s", person.id) == 0
    assert market.value("select count(*) from private.idempotency where caller = private.zero_uuid()") >= 1


def test_upkeep_makes_months_ahead(market: Marketplace) -> None:
    months = "select count(*) from pg_inherits where inhparent = 'ledger.transfers'::regclass"
    before = market.value(months)
    market.clock.advance(70 * 86_400)
    assert market.worker("run_upkeep")["partitions_made"] >= 2
    assert market.value(months) >= before + 2
    assert market.worker("run_upkeep")["partitions_made"] == 0
