"""Many at once for one thing, through the gateway: one stands, the others are told why, nothing half-done stays."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from postgrest.exceptions import APIError

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import Person, make_client, make_reader
from tests.acceptance.platform import Platform, at_once
from tests.acceptance.waiting import eventually

CROWD = 50


def outcomes(answers: list[Any]) -> Counter[str]:
    """How often each outcome came: a refusal's code, or a session's status."""
    return Counter(str(answer.message) if isinstance(answer, APIError) else answer["status"] for answer in answers)


@pytest.fixture(scope="module")
def reader(platform: Platform) -> Person:
    return make_reader(platform)


def test_of_fifty_requests_by_one_client_one_stands(platform: Platform, reader: Person) -> None:
    client = make_client(platform, 100_000)
    readers = [reader, make_reader(platform)]

    def request(number: int) -> Any:
        return client.call(
            "request_session", reader_id=readers[number % 2].id, type="CHAT", idempotency_key=str(uuid4())
        )

    answers = at_once(*[lambda number=number: request(number) for number in range(CROWD)])
    assert outcomes(answers) == {"SCHEDULED": 1, "already_in_session": CROWD - 1}
    (standing,) = client.rows("sessions")
    # One hold, one lease: the refused left nothing behind.
    assert client.row("wallets", user_id=client.id)["held"] == 100
    assert len(platform.rows("select 1 from private.leases where user_id = %s", client.id)) == 1
    client.call("cancel_session", session_id=standing["id"])
    assert client.row("wallets", user_id=client.id)["held"] == 0


def test_fifty_repeats_of_one_request_are_one_session(platform: Platform, reader: Person) -> None:
    client, key = make_client(platform, 100_000), str(uuid4())
    answers = at_once(
        *[lambda: client.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=key)] * CROWD
    )
    assert outcomes(answers) == {"SCHEDULED": CROWD}
    assert len({answer["id"] for answer in answers}) == 1
    client.call("cancel_session", session_id=answers[0]["id"])


def test_of_fifty_clients_for_one_reader_one_stands(platform: Platform, reader: Person) -> None:
    with ThreadPoolExecutor(max_workers=6) as signing_up:
        crowd = list(signing_up.map(lambda _: Person(platform), range(CROWD)))
    give(platform, crowd, 1000)
    answers = at_once(
        *[
            lambda person=person: person.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key="k")
            for person in crowd
        ]
    )
    assert outcomes(answers) == {"SCHEDULED": 1, "reader_unavailable": CROWD - 1}
    held = platform.rows(
        "select user_id from ledger.accounts where held > 0 and user_id = any(%s::uuid[])",
        [person.id for person in crowd],
    )
    (standing,) = [answer for answer in answers if not isinstance(answer, APIError)]
    assert [str(row["user_id"]) for row in held] == [standing["client_id"]]
    reader.call("decline_session", session_id=standing["id"])


def test_a_wallet_that_covers_one_increment_pays_one_of_two_that_are_due(platform: Platform) -> None:
    # An increment costs 250: the wallet covers the first, charged at the start, and one more.
    client, reader = make_client(platform, 500), make_reader(platform, 15_000)
    with Conversation(client, reader) as talk:
        with platform.setting("switch.charges", value=False):
            eventually(
                lambda: platform.rows(
                    "select 1 from private.meters where session_id = %s and due_at < now() - interval '1.2 seconds'",
                    talk.id,
                ),
                "two increments due",
            )
        charge, advance = (
            lambda: platform.worker_api("charge_due_minutes"),
            lambda: platform.worker_api("advance_sessions"),
        )
        answers = at_once(*[charge, advance] * 10, lanes=20)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        talk.wait_pause("insufficient_funds")
        assert talk.increments() == [0, 1]
        assert client.balance == 0


def test_of_two_payouts_of_everything_at_once_one_stands(platform: Platform) -> None:
    client, reader = make_client(platform, 5000), make_reader(platform)
    reader.open_payouts()
    with Conversation(client, reader) as talk:
        talk.wait_increments(3)
        talk.end(client)
    answers = at_once(*[reader.request_payout] * 10)
    assert outcomes(answers) == {"PENDING": 1, "nothing_payable": 9}
    (payout,) = [answer for answer in answers if not isinstance(answer, APIError)]
    reader.wait_payout(payout, "COMPLETED")
    assert platform.count("transfer", payout_id=payout["id"]) == 1


def give(platform: Platform, people: list[Person], amount: int) -> None:
    """Give everyone promo credit, as the house may; a card for each would take longer than what is tested."""
    platform.rows(
        "select ledger.post_transfer(private.uuid_v7(), 'adjustment', ledger.account_of(null, 'promo_expense'),"
        " ledger.account_of(person, 'promo_credit'), %s) from unnest(%s::uuid[]) person",
        amount,
        [person.id for person in people],
    )
