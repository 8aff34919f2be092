"""A story: what happens at Stripe to a few people, what Stripe tells of it, and what our own jobs do meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any, TypeVar, cast

import dramatiq
from dramatiq.brokers.stub import StubBroker

from soulseer.files import Files
from soulseer.jobs import Queue, stripe_webhook
from soulseer.logins import Logins
from soulseer.worker_api.inbox import Endpoint
from stack.stripe import ids
from stack.stripe.store import Body
from tests.orders.desk import Desk, DeskRpc
from tests.orders.people import People
from tests.orders.script import Answer, Posted, Script, client
from tests.simulation.errors import ViolationError
from tests.simulation.faults import Weather
from tests.simulation.stripe_world import Stripe
from tests.simulation.timeline import Clock
from webhooks import events as reader
from workers import inbox
from workers.disputes import service as disputes
from workers.inbox import Handler
from workers.payments import cards
from workers.payments import service as payments
from workers.payouts import stripe_events as payouts
from workers.refunds import stripe_events as refunds
from workers.tools import Tools

HANDLERS: Mapping[str, Handler] = {
    **payments.HANDLERS,
    **cards.HANDLERS,
    **refunds.HANDLERS,
    **disputes.HANDLERS,
    **payouts.HANDLERS,
}
T = TypeVar("T")
# So often that the actor does not send itself the same event again, but leaves it to the sweeper, played by the order.
_NO_MORE_TRIES = 99


@dataclass(frozen=True)
class Deed:
    """Something of ours that runs: an event's delivery and handler, or a job.

    Attributes:
        name: What it is, for people.
        since: The moment from which on it may run.
        run: Runs it once.
        event_id: The event it delivers; empty for a job.
    """

    name: str
    since: int
    run: Callable[[Tools], None]
    event_id: str = ""


@dataclass
class Story:
    """What may be put into an order, and on what.

    Attributes:
        name: Its name.
        people: Whose ledger is compared.
        script: What happens at Stripe.
        deeds: What is delivered and run.
        is_netted: Whether some orders do and undo what others never do, so that only what remains is compared.
    """

    name: str
    people: list[str]
    script: Script = field(default_factory=Script)
    deeds: list[Deed] = field(default_factory=list)
    is_netted: bool = False


def tools_over(desk: Desk, answer: Callable[..., Answer], pause: Callable[[str], None] = lambda _: None) -> Tools:
    """Return what the handlers work with, over a desk and whoever plays Stripe."""
    broker: dramatiq.Broker = StubBroker()
    return Tools(
        DeskRpc(desk, pause), client(answer, pause), cast("Logins", None), cast("Files", None), broker, Event()
    )


def delivery(endpoint: Endpoint, body: Body, since: int) -> Deed:
    """Return what stores an event, as the receiver does, and runs its handler, as a worker does."""
    event_id, store = reader.read(endpoint, json.dumps(body).encode())
    job, handler = stripe_webhook(body["type"], Queue.PAYMENTS), HANDLERS.get(body["type"])

    def run(tools: Tools) -> None:
        tools.rpc.run(store)
        inbox.process(tools, job, event_id, handler or _unhandled, tries=_NO_MORE_TRIES)

    return Deed(f"{body['type']} {_about(body)}", since, run, event_id)


def _unhandled(tools: Tools, event: inbox.StoredEvent) -> None:
    inbox.ignore(tools, event, "no job is named for this type")


def _about(body: Body) -> str:
    told = body.get("data", {}).get("object", body.get("related_object") or {})
    return " ".join(str(told[name]) for name in ("id", "status", "amount") if told.get(name) is not None)


class Recorder:
    """Makes a story: what is done before `begin` has happened to everybody; what comes after is put into orders."""

    def __init__(self, name: str, desk: Desk, people: People, seed: int) -> None:
        rng = Random(seed)  # noqa: S311  draws ids of the stand-in, guards nothing
        self.desk, self.people = desk, people
        self.clock = Clock()
        weather = Weather(rng)
        weather.is_calm = True
        token = ids.token
        self.stripe = Stripe(self.clock, weather, rng, self._hear)
        self._tokens, ids.token = ids.token, token
        self.story = Story(name, [])
        self.beyond: dict[str, Body] = {}
        # What happens at Stripe just before the next request of ours to a path is answered.
        self.before: dict[str, Callable[[], None]] = {}
        self._heard: list[tuple[Endpoint, Body]] = []
        self._numbers = 0
        self._is_begun = False

    def _hear(self, event: Body, endpoint: str) -> None:
        self._heard.append((cast("Endpoint", endpoint), json.loads(json.dumps(event))))

    # What happens ---------------------------------------------------------------------------------------------------

    def at_stripe(self, do: Callable[[], T]) -> T:
        """Let something happen at Stripe."""
        made = self._with_tokens(do)
        self._moment()
        return made

    def control(self, act: Callable[..., Body], *arguments: Any) -> Body:
        """Let a bank or the dashboard act, through a function of the stand-in that takes its world first."""

        def within() -> Body:
            with self.stripe.world.store.transaction():
                return act(self.stripe.world, *arguments)

        return self.at_stripe(within)

    def find(self, object_id: str) -> Body:
        """Return an object of Stripe's as it is now."""
        found = self.stripe.world.store.find(object_id)
        if found is None:
            raise LookupError(object_id)
        return found

    def wait(self, seconds: float) -> None:
        """Let time pass at Stripe, and what it does by itself happen."""
        self.clock.move(self.clock.now + round(seconds * 1_000_000))
        self._with_tokens(self.stripe.run_due)
        self._moment()

    def tell(self, kind: str, about: Body, endpoint: Endpoint = "platform", account: str | None = None) -> None:
        """Have Stripe tell of something that the stand-in does not know."""
        self._numbers += 1
        body: Body = {
            "id": f"evt_beyond_{self._numbers}",
            "object": "event",
            "type": kind,
            "created": int(self.clock.seconds),
            "data": {"object": about},
            **({"account": account} if account else {}),
        }
        self._hear(body, endpoint)
        self._moment()

    def tell_thin(self, kind: str, account: str) -> None:
        """Have Stripe tell of an account by a thin event."""
        self._numbers += 1
        self._hear(
            {
                "id": f"evt_thin_{self._numbers}",
                "object": reader.THIN,
                "type": kind,
                "created": "2027-03-10T09:00:00Z",
                "related_object": {"id": account, "type": "v2.core.account", "url": f"/v2/core/accounts/{account}"},
            },
            "platform",
        )
        self._moment()

    def job(self, name: str, run: Callable[[Tools], None]) -> None:
        """Let one of our own jobs run from now on; what it creates at Stripe is found out by running it once."""
        self.story.deeds.append(Deed(name, len(self.story.script.moments) - 1, run))
        self.desk.begin()
        try:
            self._with_tokens(lambda: run(tools_over(self.desk, self._answer)))
        finally:
            self.desk.roll_back()

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Answer:
        first = self.before.pop(url.removeprefix("http://stripe"), None) if method.lower() != "get" else None
        if first is not None:
            first()
        answer = self.stripe.answer(method, url, headers, body)
        if method.lower() != "get" and self._is_begun:
            self._moment(Posted.of(url, headers, body), answer)
        return answer

    def _with_tokens(self, do: Callable[[], T]) -> T:
        others, ids.token = ids.token, self._tokens
        try:
            return do()
        finally:
            ids.token = others

    # What is recorded -----------------------------------------------------------------------------------------------

    def _moment(self, posted: Posted | None = None, answer: Answer | None = None) -> None:
        if not self._is_begun:
            return
        moment = self.story.script.add(self.stripe, self.clock, self.beyond)
        moment.posted, moment.answer = posted, answer
        self._take(len(self.story.script.moments) - 1)

    def _take(self, since: int) -> None:
        self.story.deeds += [delivery(endpoint, body, since) for endpoint, body in self._heard]
        self._heard.clear()

    def settle(self) -> None:
        """Have everything that Stripe told so far applied, to stay."""
        tools = tools_over(self.desk, self.stripe.answer)
        # Twice, for what came too early.
        for endpoint, body in self._heard * 2:
            delivery(endpoint, body, 0).run(tools)
        waiting = self.desk.text(
            "select string_agg(type || ': ' || coalesce(last_error, ''), '; ') "
            "from private.stripe_events where processed_at is null"
        )
        if waiting:
            raise ViolationError(f"not settled: {waiting}")
        self._heard.clear()

    def begin(self) -> None:
        """From here on everything is part of the story."""
        self._is_begun = True
        self._moment()
