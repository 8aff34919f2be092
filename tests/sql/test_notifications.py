"""Notifications: kept, hinted at, and mailed to whoever wants a mail and has not read them yet."""

import uuid

import pytest

from tests.sql.marketplace import Marketplace, Person, Row


def notify(market: Marketplace, person: Person, kind: str = "payout_changed") -> None:
    market.database.execute("select private.notify(%s, %s, '{\"a\": 1}')", [person.id, kind])


def jobs_of(market: Marketplace, person: Person) -> list[str]:
    rows = market.rows(
        "select o.id::text from private.outbox o "
        "join notifications n on n.id = (o.payload ->> 'notification_id')::uuid "
        "where o.topic = 'notification.email' and n.user_id = %s order by o.id",
        person.id,
    )
    return [row["id"] for row in rows]


def start(market: Marketplace, job: str) -> Row | None:
    answer: Row | None = market.worker("start_notification_email", p_outbox_id=job)
    return answer


def test_a_notification_is_kept_hinted_at_and_mailed(market: Marketplace) -> None:
    person = market.client()
    notify(market, person)
    assert market.read(person, "notifications?select=kind,payload") == [{"kind": "payout_changed", "payload": {"a": 1}}]
    (job,) = jobs_of(market, person)
    mail = start(market, job)
    assert mail is not None
    assert mail["user_id"] == person.id
    assert mail["sentence"].endswith(".")
    # Asked again, as after a crash, it says the same; handed over, it is done once.
    assert start(market, job) == mail
    assert market.worker("finish_notification_email", p_outbox_id=job) is True
    assert market.worker("finish_notification_email", p_outbox_id=job) is False
    assert start(market, job) is None


@pytest.mark.parametrize("wish", [{"p_by_email": False}, {"p_by_email": True, "p_muted": ["payout_changed"]}])
def test_nobody_is_written_to_who_does_not_want_it(market: Marketplace, wish: Row) -> None:
    person = market.client()
    notify(market, person)
    answer = market.call(person, "set_notification_preferences", **wish)
    assert answer["unsubscribe_token"] is None
    # Said before the job ran, and before there was one.
    (job,) = jobs_of(market, person)
    assert start(market, job) is None
    assert jobs_of(market, person) == []
    notify(market, person)
    assert jobs_of(market, person) == []
    # Another kind goes out only where mails are wanted at all.
    notify(market, person, "topup_failed")
    assert len(jobs_of(market, person)) == int(bool(wish["p_by_email"]))
    assert len(market.read(person, "notifications")) == 3


def test_what_was_read_or_is_nobodys_is_not_mailed(market: Marketplace) -> None:
    person, gone = market.client(), market.client()
    for one in (person, gone):
        notify(market, one)
    market.change(person, f"notifications?user_id=eq.{person.id}", {"read_at": "2026-11-01T00:00:00Z"})
    market.suspend(gone)
    for one in (person, gone):
        (job,) = jobs_of(market, one)
        assert start(market, job) is None


def test_mails_can_be_switched_off_and_small_news_is_never_mailed(market: Marketplace) -> None:
    person = market.client()
    notify(market, person, "earnings_changed")
    with market.setting("notification.email", value=False):
        notify(market, person)
    assert jobs_of(market, person) == []


def test_the_token_in_a_mail_stops_mails_and_nothing_else(market: Marketplace) -> None:
    person = market.client()
    notify(market, person)
    (job,) = jobs_of(market, person)
    mail = start(market, job)
    assert mail is not None
    for token in (mail["unsubscribe_token"], mail["unsubscribe_token"], str(uuid.uuid4())):
        assert market.worker("unsubscribe", p_token=token) is None
    (row,) = market.read(person, "notification_preferences?select=by_email,muted")
    assert row == {"by_email": False, "muted": []}
    notify(market, person)
    assert len(jobs_of(market, person)) == 1


@pytest.mark.parametrize("wrong", [{"p_by_email": None}, {"p_by_email": True, "p_muted": ["nonsense"]}])
def test_wishes_that_mean_nothing_are_refused(market: Marketplace, wrong: Row) -> None:
    person = market.client()
    with market.refuses("invalid_argument"):
        market.call(person, "set_notification_preferences", **wrong)


def test_every_kind_that_is_told_is_described(market: Marketplace) -> None:
    named = market.rows(
        r"select distinct m[1] as kind from pg_proc p, "
        r"regexp_matches(p.prosrc, 'notify(?:_both)?\(\s*[a-z_.]+,\s*''([a-z_]+)''', 'g') m "
        r"where p.pronamespace in ('private'::regnamespace, 'ledger'::regnamespace, 'worker_api'::regnamespace)"
    )
    described = {row["kind"] for row in market.rows("select kind from private.notification_kinds")}
    assert len(named) > 10
    assert {row["kind"] for row in named} == described
