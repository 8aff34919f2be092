"""Refunds and disputes from Stripe's stand-in through the workers into a real ledger, in any order and repeated."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import MappingProxyType
from uuid import UUID, uuid4

import pytest
import stripe
from dramatiq.brokers.stub import StubBroker

from soulseer.files import Files
from soulseer.jobs import Queue, stripe_webhook
from soulseer.logins import Logins
from soulseer.rpc import Rpc
from soulseer.settings import WorkerSettings, load
from soulseer.stripe_client import make_stripe
from stack.stripe.harness import SECRET_KEY, Standin
from stack.worlds import World
from tests.sql.cards import pay_reader, postings
from tests.sql.marketplace import Marketplace, Person, Row
from workers import inbox, process
from workers.disputes import service as disputes
from workers.inbox import Handler
from workers.payments import service as payments
from workers.refunds import service as refunds
from workers.refunds import stripe_events
from workers.tools import Tools

HANDLERS: Mapping[str, Handler] = MappingProxyType({**payments.HANDLERS, **stripe_events.HANDLERS, **disputes.HANDLERS})


@dataclass
class Bench:
    """A database, Stripe, and the workers' code between them; the test says what is delivered when."""

    market: Marketplace
    standin: Standin
    tools: Tools
    delivered: set[str] = field(default_factory=set)

    @property
    def stripe(self) -> stripe.StripeClient:
        """Stripe, as its dashboard reaches it."""
        return self.standin.client()

    def deliver(self, *, seed: int | None = None, times: int = 1) -> None:
        """Bring what Stripe has to tell, in its order or shuffled, and have the sweeper try again what waits."""
        told = [event for event in self.stripe.v1.events.list({"limit": 100}).data if event.id not in self.delivered]
        told.reverse()
        if seed is not None:
            random.Random(seed).shuffle(told)  # noqa: S311  an order, not a secret
        for event in told:
            self.delivered.add(event.id)
            self.market.worker(
                "store_stripe_event",
                p_endpoint="platform",
                p_event_id=event.id,
                p_type=event.type,
                p_api_version=event.api_version,
                p_account=None,
                p_object_id=event.data.object.to_dict().get("id"),
                p_created=None,
                p_payload={"id": event.id},
            )
        for _ in range(3):
            for event in told * times:
                if event.type in HANDLERS:
                    job = stripe_webhook(event.type, Queue.PAYMENTS)
                    inbox.process(self.tools, job, event.id, HANDLERS[event.type], tries=9)
        waiting = self.market.rows(
            "select type, last_error from private.stripe_events where processed_at is null and event_id = any (%s)",
            [event.id for event in told if event.type in HANDLERS],
        )
        assert waiting == []

    def run_refunds(self) -> None:
        """Run the job of every refund that is due."""
        self.market.clock.advance(400)
        for row in self.market.worker("claim_outbox", p_limit=1000):
            if row["topic"] == "refund.execute":
                refunds.execute(self.tools, UUID(row["id"]))

    def pay(self, person: Person, amount: int) -> tuple[str, str]:
        """Top a wallet up by card; answers our transaction and Stripe's PaymentIntent."""
        begun = self.market.worker(
            "begin_topup", p_user_id=person.id, p_amount=amount, p_currency="USD", p_idempotency_key=str(uuid4())
        )
        intent = self.stripe.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_visa",
                "metadata": {"transaction_id": begun["transaction_id"]},
            }
        )
        self.deliver()
        return str(begun["transaction_id"]), intent.id


@pytest.fixture(scope="module")
def bench(
    make_world: Callable[..., AbstractContextManager[World]], tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[Bench]:
    """Give a real database behind its gateway, and a Stripe stand-in."""
    state: Path = tmp_path_factory.mktemp("stripe") / "state.db"
    with make_world(with_gateway=True) as world, closing(Marketplace(world)) as market, Standin(state) as standin:
        standin.control("timing", {"charge_settle_seconds": 0.0})
        variables = {
            "SOULSEER_ENVIRONMENT": "local",
            "SOULSEER_REDIS_URL": redis_url,
            "SOULSEER_SUPABASE_URL": world.api_url,
            "SOULSEER_SUPABASE_SECRET_KEY": world.service_key,
            "SOULSEER_STRIPE_SECRET_KEY": SECRET_KEY,
            "SOULSEER_STRIPE_API_URL": standin.url,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            settings = load(WorkerSettings)
        tools = Tools(Rpc(settings), make_stripe(settings), Logins(settings), Files(settings), StubBroker(), Event())
        process.register(tools)
        yield Bench(market, standin, tools)
        tools.rpc.close()
        tools.logins.close()
        tools.files.close()
        assert market.problems() == []


@dataclass
class Client:
    """Somebody who paid 1000 by card and spent 600 of it on a reader."""

    bench: Bench
    person: Person
    reader: Person
    topup: str
    intent: str

    @property
    def balance(self) -> int:
        return int(self.bench.market.wallet(self.person)["balance"])

    @property
    def owed(self) -> int:
        query = "select debits - credits from ledger.accounts where user_id = %s and kind = 'client_debt'"
        return int(self.bench.market.value(query, self.person.id))

    @property
    def is_frozen(self) -> bool:
        return bool(self.bench.market.value("select private.wallet_is_frozen(%s)", self.person.id))

    def ask(self, amount: int) -> Row:
        """Ask for a refund to card."""
        made: Row = self.bench.market.call(
            self.person,
            "request_card_refund",
            p_topup_transaction_id=self.topup,
            p_amount=amount,
            p_idempotency_key=str(uuid4()),
        )
        return made

    def status(self, refund: Row) -> str:
        (row,) = self.bench.market.read(self.person, f"transactions?id=eq.{refund['id']}")
        return str(row["status"])

    def refunds(self) -> list[stripe.Refund]:
        return self.bench.stripe.v1.refunds.list({"payment_intent": self.intent}).data


@pytest.fixture
def client(bench: Bench) -> Client:
    """Give somebody with 400 of 1000 unspent."""
    market, person, reader = bench.market, bench.market.client(), bench.market.reader()
    topup, intent = bench.pay(person, 1000)
    pay_reader(market, person, reader, 600, 7000)
    return Client(bench, person, reader, topup, intent)


def test_a_refund_that_was_asked_for_reaches_the_card_once(bench: Bench, client: Client) -> None:
    refund = client.ask(400)
    bench.run_refunds()
    bench.deliver(seed=1, times=2)
    assert [made.amount for made in client.refunds()] == [400]
    assert (client.balance, client.status(refund)) == (0, "COMPLETED")


def test_a_refund_whose_answer_was_lost_is_found_not_made_again(bench: Bench, client: Client) -> None:
    refund = client.ask(400)
    lost = {"method": "POST", "path": "/v1/refunds"}
    bench.standin.control("faults", {"match": lost, "kind": "drop", "when": "after", "times": 3})
    bench.run_refunds()
    assert client.status(refund) == "PENDING"
    bench.standin.control("faults", method="DELETE")
    bench.run_refunds()
    assert [made.amount for made in client.refunds()] == [400]
    assert (client.balance, client.status(refund)) == (0, "COMPLETED")
    bench.deliver()


def test_a_refund_the_bank_returns_is_in_the_wallet_again(bench: Bench, client: Client) -> None:
    refund = client.ask(400)
    bench.run_refunds()
    bench.standin.control(f"refunds/{client.refunds()[0].id}", {"status": "failed"})
    bench.deliver(seed=2, times=2)
    assert (client.balance, client.status(refund)) == (400, "FAILED")


def test_a_refund_of_a_disputed_charge_is_refused_and_its_money_freed(bench: Bench, client: Client) -> None:
    refund = client.ask(400)
    bench.standin.control("disputes", {"payment_intent": client.intent, "amount": 500})
    bench.run_refunds()
    assert (client.status(refund), client.balance) == ("FAILED", 400)
    bench.deliver()
    assert client.balance == 0


def test_a_refund_in_the_dashboard_after_the_money_was_spent_is_owed(bench: Bench, client: Client) -> None:
    bench.stripe.v1.refunds.create({"payment_intent": client.intent})
    bench.deliver(seed=3)
    assert (client.balance, client.owed) == (0, 600)
    bench.pay(client.person, 700)
    assert (client.balance, client.owed) == (100, 0)


@pytest.mark.parametrize("seed", range(5))
def test_a_dispute_won_leaves_the_same_ledger_in_any_order(bench: Bench, client: Client, seed: int) -> None:
    dispute = bench.standin.control("disputes", {"payment_intent": client.intent})["id"]
    if seed % 2:
        # Told in two parts: what was withdrawn is posted before the bank has decided.
        bench.deliver(seed=seed, times=2)
        assert (client.balance, client.is_frozen, bench.market.earned(client.reader)) == (0, True, 0)
    bench.standin.control(f"disputes/{dispute}", {"status": "under_review"})
    bench.standin.control(f"disputes/{dispute}", {"status": "won"})
    bench.deliver(seed=seed, times=2)
    assert (client.balance, client.is_frozen, bench.market.earned(client.reader)) == (400, False, 420)
    assert [(row["code"], row["debit"], row["amount"]) for row in postings(bench.market, client.person)] == [
        ("dispute", "client_wallet", 400),
        ("dispute", "dispute_losses", 180),
        ("dispute", "reader_earnings", 420),
        ("dispute_fee", "dispute_losses", 1500),
        ("dispute_reversal", "stripe_clearing", 400),
        ("dispute_reversal", "stripe_clearing", 180),
        ("dispute_reversal", "stripe_clearing", 420),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_dispute_takes_of_what_its_payments_refunds_have_left(bench: Bench, client: Client, seed: int) -> None:
    bench.stripe.v1.refunds.create({"payment_intent": client.intent, "amount": 300})
    bench.standin.control("disputes", {"payment_intent": client.intent})
    bench.deliver(seed=seed, times=2)
    # 300 and 100 of the 400 that were unspent; the 600 that were spent are the reader's and the house's.
    assert (client.balance, client.owed, bench.market.earned(client.reader)) == (0, 0, 0)


def test_a_dispute_lost_keeps_the_wallet_frozen(bench: Bench, client: Client) -> None:
    dispute = bench.standin.control("disputes", {"payment_intent": client.intent})["id"]
    bench.stripe.v1.disputes.close(dispute)
    bench.deliver(seed=6)
    assert (client.balance, client.is_frozen) == (0, True)
    kept = bench.market.row("select * from private.disputes where stripe_dispute_id = %s", dispute)
    assert (kept["status"], kept["withdrawn"], kept["fee"], kept["reason"]) == ("lost", 1000, 1500, "fraudulent")


def test_an_inquiry_moves_money_only_when_it_becomes_a_chargeback(bench: Bench, client: Client) -> None:
    order = {"payment_intent": client.intent, "inquiry": True}
    dispute = bench.standin.control("disputes", order)["id"]
    bench.deliver()
    assert (client.balance, client.is_frozen) == (400, True)
    bench.standin.control(f"disputes/{dispute}", {"status": "needs_response"})
    bench.deliver()
    assert (client.balance, client.is_frozen) == (0, True)


def test_a_fraud_warning_freezes_until_its_charge_is_refunded(bench: Bench, client: Client) -> None:
    bench.standin.control("fraud_warnings", {"payment_intent": client.intent})
    bench.deliver()
    assert client.is_frozen
    bench.stripe.v1.refunds.create({"payment_intent": client.intent})
    bench.deliver(seed=7, times=2)
    assert not client.is_frozen


def test_another_accounts_events_are_set_aside(bench: Bench) -> None:
    for kind in (*stripe_events.HANDLERS, *disputes.HANDLERS):
        event = bench.market.store_event(kind, "x_1", "connect")
        inbox.process(bench.tools, stripe_webhook(kind, Queue.PAYMENTS), event, HANDLERS[kind])
        outcome = bench.market.value("select outcome from private.stripe_events where event_id = %s", event)
        assert outcome == "IGNORED"


def test_a_payment_made_by_hand_and_all_that_becomes_of_it_is_ignored(bench: Bench) -> None:
    made = bench.stripe.v1.payment_intents.create(
        {"amount": 1200, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    bench.stripe.v1.refunds.create({"payment_intent": made.id, "amount": 300})
    bench.standin.control("disputes", {"charge": str(made.latest_charge)})

    bench.deliver()

    told = bench.market.rows(
        "select outcome::text, count(*) from private.stripe_events where event_id = any (%s) group by 1",
        [event.id for event in bench.stripe.v1.events.list({"limit": 100}).data
         if event.type in HANDLERS and made.id in str(event.data.object)],
    )  # fmt: skip
    assert [row["outcome"] for row in told] == ["IGNORED"]
    assert told[0]["count"] >= 4


def test_what_names_a_transaction_of_ours_that_is_not_there_yet_is_kept(bench: Bench) -> None:
    made = bench.stripe.v1.payment_intents.create(
        {
            "amount": 1200,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "metadata": {"transaction_id": str(uuid4())},
        }
    )
    with pytest.raises(AssertionError, match="transaction_not_found"):
        bench.deliver()
    bench.market.database.execute(
        "delete from private.stripe_events where object_id in (%s, %s)", [made.id, str(made.latest_charge)]
    )
