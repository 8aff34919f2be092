"""From an empty wallet to a reader's bank account, through the calls an app makes and nothing else."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from postgrest.exceptions import APIError

from tests.acceptance.conversation import Conversation
from tests.acceptance.people import RATE, Person, make_client, make_reader
from tests.acceptance.platform import Platform
from tests.acceptance.waiting import eventually, for_a_while

# One increment of one second.
PRICE = RATE // 60


@pytest.fixture
def reader(platform: Platform) -> Person:
    return make_reader(platform)


@pytest.fixture(autouse=True)
def balanced(platform: Platform) -> Iterator[None]:
    """Whatever a test did, the ledger is proved afterwards."""
    yield
    platform.assert_balanced()


def test_a_session_is_paid_by_card_charged_by_the_workers_and_paid_out(platform: Platform, reader: Person) -> None:
    account_id = reader.open_payouts()
    client = Person(platform)
    assert client.balance == 0

    client.top_up(20_000)
    assert client.balance == 20_000

    with Conversation(client, reader) as talk:
        assert talk.session["status"] == "IN_PROGRESS"
        assert platform.rows("select status from public.readers where user_id = %s", reader.id) == [{"status": "BUSY"}]
        talk.wait_increments(3)
        ended = talk.end(client)
    charged = ended["total_cost"]
    assert (ended["status"], ended["end_reason"]) == ("COMPLETED", "client_ended")
    assert charged >= 3 * PRICE
    assert charged == ended["billed_seconds"] * PRICE
    assert client.balance == 20_000 - charged

    settled = client.row("transactions", id=ended["transaction_id"])
    share = charged * 7000 // 10_000
    assert (settled["type"], settled["status"], settled["amount"]) == ("SESSION_CHARGE", "COMPLETED", charged)
    assert (settled["reader_earnings"], settled["platform_revenue"]) == (share, charged - share)
    assert reader.earnings["payable"] == share

    payout = reader.request_payout()
    assert (payout["amount"], payout["status"]) == (share, "PENDING")
    paid = reader.wait_payout(payout, "COMPLETED")
    assert paid["processed_at"] is not None
    transfer = platform.stripe.v1.transfers.retrieve(paid["stripe_transfer_id"])
    assert (transfer.amount, transfer.destination) == (share, account_id)
    bank = platform.stripe.v1.payouts.retrieve(paid["stripe_payout_id"], None, {"stripe_account": account_id})
    assert (bank.amount, bank.status) == (share, "paid")
    assert {"balance": 0, "held": 0, "payable": 0}.items() <= reader.earnings.items()


def test_a_declined_card_credits_nothing_and_another_card_pays_the_same_topup(platform: Platform) -> None:
    client = Person(platform)
    topup = client.begin_topup(2500)
    declined = client.pay_declined(topup)
    assert declined.code == "card_declined"
    failed = client.wait_transaction(topup, "FAILED")
    assert failed["metadata"]["last_error"] == "generic_decline"
    assert client.balance == 0

    assert client.pay(topup) == "succeeded"
    credited = client.wait_transaction(topup, "COMPLETED")
    assert "last_error" not in credited["metadata"]
    assert client.balance == 2500
    assert platform.count("payment_intent", transaction_id=topup["transaction_id"]) == 1


def test_what_stripe_keeps_of_a_topup_is_booked_as_its_fee(platform: Platform) -> None:
    client = Person(platform)
    topup = client.top_up(10_000)
    fee = eventually(lambda: client.row("transactions", id=topup["transaction_id"])["fee"], "fee booked")
    postings = platform.rows(
        "select t.code::text, t.amount from ledger.transfers t where t.transaction_id = %s order by t.code",
        topup["transaction_id"],
    )
    assert postings == [{"code": "topup", "amount": 10_000}, {"code": "stripe_fee", "amount": fee}]
    assert client.balance == 10_000


def test_the_client_is_warned_before_the_wallet_runs_dry(platform: Platform, reader: Person) -> None:
    # A minute's price and a little more: the warning comes with the third increment.
    client = make_client(platform, RATE + 2 * PRICE)
    with Conversation(client, reader) as talk:
        assert talk.state(client)["low_balance"] is False
        eventually(lambda: talk.state(client)["low_balance"], "low balance shown")
        assert talk.state(client)["balance"] < RATE
        assert "balance" not in talk.state(reader)
        told = platform.rows(
            "select topic from realtime.messages where event = 'low_balance' and topic = %s", f"user:{client.id}"
        )
        assert len(told) == 1


def test_a_topup_during_the_session_resumes_it(platform: Platform) -> None:
    price = 250
    client, reader = make_client(platform, 2 * price), make_reader(platform, price * 60)
    with Conversation(client, reader) as talk:
        talk.wait_pause("insufficient_funds")
        assert talk.increments() == [0, 1]
        assert client.balance == 0
        client.top_up(20 * price)
        talk.wait_pause(None)
        talk.wait_increments(4)
        ended = talk.end(client)
    # A worker that comes more than a second late leaves to the house what the wallet could not cover then.
    assert len(set(talk.increments())) == len(talk.increments())
    assert ended["total_cost"] == len(talk.increments()) * price
    assert client.balance == 22 * price - ended["total_cost"]


def test_without_a_topup_the_session_ends_where_the_money_did(platform: Platform) -> None:
    price = 250
    client, reader = make_client(platform, 2 * price), make_reader(platform, price * 60)
    with platform.setting("session.topup_grace_seconds", 1), Conversation(client, reader) as talk:
        eventually(lambda: talk.session["status"] == "COMPLETED", "session ended")
        assert talk.session["end_reason"] == "insufficient_funds"
        assert talk.session["total_cost"] == 2 * price
        # Both sides learn it from their next heartbeat.
        eventually(lambda: talk.state(reader)["status"] == "COMPLETED", "the reader's app told")
    assert client.balance == 0


def test_time_without_a_side_is_not_billed(platform: Platform, reader: Person) -> None:
    client = make_client(platform, 20_000)
    with platform.setting("session.heartbeat_timeout_seconds", 2), Conversation(client, reader) as talk:
        talk.wait_increments(2)
        talk.silence(client)
        talk.wait_pause("client_absent")
        charged = len(talk.increments()) - _reversed(talk)
        for_a_while(lambda: len(talk.increments()) - _reversed(talk) == charged, "the meter stands", seconds=1.5)
        talk.return_of(client)
        talk.wait_pause(None)
        eventually(lambda: len(talk.increments()) - _reversed(talk) > charged, "the meter runs again")
        ended = talk.end(reader)
    (lasted,) = platform.rows(
        "select extract(epoch from ended_at - started_at)::float as seconds from public.sessions where id = %s", talk.id
    )
    # At least what the meter was seen to stand still, and the timeout's wait, were not billed.
    assert ended["billed_seconds"] <= lasted["seconds"] - 2
    assert client.balance == 20_000 - ended["total_cost"]


def test_a_settled_session_counts_in_the_readers_statistics(platform: Platform, reader: Person) -> None:
    client = make_client(platform, 20_000)

    def told() -> int:
        return int(reader.row("readers", user_id=reader.id)["total_sessions"])

    for number in (1, 2):
        with Conversation(client, reader) as talk:
            talk.wait_increments(1)
            talk.end(reader)
        eventually(lambda: told() == number, f"session {number} told")  # noqa: B023  asked at once
    (earned,) = platform.rows(
        "select sum(t.reader_earnings)::bigint as amount from public.sessions s"
        " join public.transactions t on t.id = s.transaction_id where s.reader_id = %s",
        reader.id,
    )
    assert reader.row("reader_accounts", user_id=reader.id)["total_earnings"] == earned["amount"]


def test_a_reader_in_a_session_cannot_be_reached_and_a_declined_request_frees_both(
    platform: Platform, reader: Person
) -> None:
    first, second = make_client(platform, 1000), make_client(platform, 1000)
    asked = first.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key="first")
    assert first.row("wallets", user_id=first.id)["held"] == PRICE
    with pytest.raises(APIError) as refused:
        second.call("request_session", reader_id=reader.id, type="CHAT", idempotency_key=str(uuid4()))
    assert refused.value.message == "reader_unavailable"
    declined = reader.call("decline_session", session_id=asked["id"])
    assert (declined["status"], declined["end_reason"]) == ("CANCELLED", "declined")
    assert first.row("wallets", user_id=first.id)["held"] == 0
    with Conversation(second, reader) as talk:
        assert talk.session["status"] == "IN_PROGRESS"


def _reversed(talk: Conversation) -> int:
    rows = talk.client.platform.rows(
        "select count(distinct increment) as n from ledger.transfers t join public.sessions s"
        " on s.transaction_id = t.transaction_id where s.id = %s and t.code = 'increment_reversal'",
        talk.id,
    )
    return int(rows[0]["n"])
