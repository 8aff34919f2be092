"""One seed: a database of its own, people and services acting on it, and what is checked after each call."""

from __future__ import annotations

import json
import logging
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from threading import Event as Flag
from typing import Any
from unittest.mock import patch

import dramatiq
import psycopg
import redis
import structlog

from edge_bridge.metrics import Metrics
from edge_bridge.relay import Relay
from soulseer import jobs
from soulseer.errors import RpcError, SoulSeerError
from soulseer.rpc import Call, Rpc
from soulseer.settings import WorkerSettings
from stack.postgres import SUPERUSER, PostgresServer
from stack.stripe.store import Body
from tests.simulation.books import Books
from tests.simulation.broker import MemoryBroker
from tests.simulation.door import Door, Entry, statement
from tests.simulation.errors import CutError, KilledError, RefusedError, ViolationError
from tests.simulation.faults import Fault, Weather
from tests.simulation.lines import Lines
from tests.simulation.postgrest import Transport
from tests.simulation.saved_cards import Reloads
from tests.simulation.stripe_world import Stripe, drive
from tests.simulation.talks import Talk
from tests.simulation.template import People, Person
from tests.simulation.timeline import Agenda, Clock
from webhooks import events as webhook_events
from workers import dispatch
from workers.accounts import tasks as account_tasks
from workers.disputes import tasks as dispute_tasks
from workers.notifications import tasks as notification_tasks
from workers.payments import tasks as payment_tasks
from workers.payouts import tasks as payout_tasks
from workers.refunds import tasks as refund_tasks
from workers.sessions import tasks as session_tasks
from workers.streams import tasks as stream_tasks
from workers.tools import Tools
from workers.upkeep import tasks as upkeep_tasks

SWEEP_EVERY = 1000
# A session's end is folded into its reader's statistics later than it is settled, and never a second time.
_FOLDED_TWICE = (
    "select a.user_id, a.total_earnings, r.total_sessions, s.earned, s.sessions from public.reader_accounts a "
    "join public.readers r on r.user_id = a.user_id cross join lateral ("
    "  select coalesce(sum(t.reader_earnings), 0) as earned, count(*) filter (where s.billed_seconds > 0) as sessions "
    "  from public.sessions s join public.transactions t on t.id = s.transaction_id "
    "  where s.reader_id = a.user_id and s.status in ('COMPLETED', 'DISCONNECTED')) s "
    "where a.total_earnings > s.earned or r.total_sessions > s.sessions"
)
# Any call may meet these: an account that is suspended, a limit that is reached.
_ALWAYS = ("account_suspended", "rate_limited")
# A refusal whose transaction stands: what it counted is kept.
_COMMITTED_REFUSAL = {"code", "message", "details", "hint"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a person's call: a body, a refusal's code, or an answer that got lost (`body` is what it was)."""

    body: Any = None
    code: str = ""
    is_lost: bool = False

    @property
    def is_done(self) -> bool:
        """Tell whether the caller knows that it was done."""
        return not self.code and not self.is_lost


class WorkerTime:
    """A worker's own clock, which may jump; the database's is the one that counts."""

    def __init__(self, clock: Clock, weather: Weather, rng: Random) -> None:
        self._clock = clock
        self._weather = weather
        self._rng = rng
        self._ahead = 0.0

    def monotonic(self) -> float:
        """Return its seconds."""
        if self._weather.chance(0.02):
            self._ahead += self._rng.uniform(-7200, 7200)
        return self._clock.seconds + self._ahead


class Simulation:
    """Everything a seed needs; `domains` put their first actions on the agenda."""

    def __init__(self, server: PostgresServer, database: str, people: People, seed: int) -> None:
        self.seed = seed
        self.rng = Random(seed)  # noqa: S311  draws fates, guards nothing
        self.people = people
        self.persons = {person.id: person for person in [*people.clients, *people.readers, *people.admins]}
        self.clock = Clock()
        self.agenda = Agenda(self.clock)
        self.weather = Weather(self.rng)
        self.books = Books()
        self.lines = Lines(self)
        self.reloads = Reloads(self)
        self.talks: dict[str, Talk] = {}
        # Those that may still change.
        self._open: dict[str, Talk] = {}
        self.suspended: set[str] = set()
        self.steps = 0
        self.counts: Counter[str] = Counter()
        self.trail: deque[str] = deque(maxlen=30)
        self.doing = ("", "", "")
        self.workers_away_until = 0
        # Signed deliveries of Stripe that were not answered yet.
        self.deliveries = 0
        self._by_transaction: dict[str, Talk] = {}
        self._numbers = 0
        self._stack = ExitStack()
        self.superuser = self._stack.enter_context(psycopg.connect(server.dsn(database, SUPERUSER), autocommit=True))
        dsn = server.dsn(database, "authenticator")
        self.door = Door(dsn, self.clock, self._heard)
        self.rival = Door(dsn, self.clock, self._heard)
        self._stack.callback(self.door.close)
        self._stack.callback(self.rival.close)
        for (row,) in self.query("select to_jsonb(a) from ledger.accounts a order by a.id"):
            self.books.open(row)
        self.lines.learn_prices()
        books = self.books
        # What is done with each kind of change that the journal tells.
        self._take_over: dict[str, Callable[[dict[str, Any]], object]] = {
            "transfer": books.transfer,
            "account": books.account,
            "hold": books.hold,
            "job": lambda row: books.jobs.__setitem__(row["id"], row),
            "job done": lambda row: books.jobs.pop(row["id"]),
            "payout": lambda row: books.payouts.__setitem__(row["id"], row),
            "place": self.lines.place,
            "place gone": self.lines.gone,
            "redemption": self._note_redemption,
            "reload": self.reloads.attempt,
            "reload terms": self.reloads.agreed,
        }
        self.stripe = Stripe(self.clock, self.weather, self.rng, self._deliver)
        self._start_services()

    def close(self) -> None:
        """Let go of connections and patches."""
        self._stack.close()

    def _start_services(self) -> None:
        logging.disable(logging.CRITICAL)
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
            logger_factory=structlog.ReturnLoggerFactory(),
        )
        immediately = self._stack.enter_context
        immediately(patch("soulseer.rpc._pause", return_value=0.0))
        immediately(patch("edge_bridge.topups.run_in_threadpool", _at_once))
        immediately(patch("edge_bridge.payout_accounts.run_in_threadpool", _at_once))
        immediately(patch("edge_bridge.relay.run_in_threadpool", _at_once))
        immediately(patch("workers.sessions.service.time", WorkerTime(self.clock, self.weather, self.rng)))
        self.broker = MemoryBroker(self.weather, self._carry, self.rng.uniform)
        settings = WorkerSettings.model_construct(
            supabase_url="http://database", supabase_secret_key=_Secret("service"), environment="local"
        )
        self.rpc = Rpc(settings, transport=Transport(self.door, self.weather, self.superuser))
        self.bridge_rpc: Any = _Awaited(self.rpc)
        self.tools = Tools(
            rpc=self.rpc,
            stripe=self.stripe.client,
            logins=None,
            files=None,
            broker=self.broker,
            stopping=Flag(),  # type: ignore[arg-type]
        )
        money = (session_tasks, payment_tasks, payout_tasks, refund_tasks, dispute_tasks)
        for tasks in (*money, account_tasks, notification_tasks, stream_tasks, upkeep_tasks, dispatch):
            tasks.register(self.tools)
        self._relay = Relay(
            self.bridge_rpc,
            self.broker,
            _Redis(self.weather),  # type: ignore[arg-type]
            Metrics(),
            batch=500,
            min_seconds=0.0,
            max_seconds=0.0,
        )

    # Steps -----------------------------------------------------------------------------------------------------------

    def run(self, steps: int, tell: Callable[[int], None] = lambda _: None) -> None:
        """Take so many steps, and prove everything every thousand."""
        while self.steps < steps:
            self.step()
            if self.steps % SWEEP_EVERY == 0:
                self.sweep()
                tell(self.steps)

    def step(self) -> None:
        """Do what comes next on the agenda."""
        event = self.agenda.next()
        self.clock.move(event.at)
        self.steps += 1
        self.counts[event.name.split(" ", 1)[0]] += 1
        self.trail.append(f"{self.steps:>7} {self.clock.text[11:23]} {event.name}")
        event.run()

    def later(self, seconds: float, name: str, run: Callable[[], object], *, personal: bool = True) -> None:
        """Put something on the agenda."""
        self.agenda.add(seconds, name, lambda: run() and None, personal=personal)

    def often(self, mean: float, name: str, run: Callable[[], object]) -> None:
        """Have something happen again and again, at random, so many seconds apart in the mean."""

        def happen() -> None:
            self.later(self.rng.expovariate(1 / mean), name, happen)
            run()

        self.later(self.rng.expovariate(1 / mean), name, happen)

    def every(self, seconds: float, name: str, run: Callable[[], object]) -> None:
        """Have machinery work at intervals, until the end begins, which works it by itself."""

        def happen() -> None:
            self.later(seconds, name, happen)
            run()

        self.later(self.rng.uniform(0, seconds), name, happen)

    def key(self) -> str:
        """Return a fresh idempotency key."""
        self._numbers += 1
        return f"key-{self._numbers}"

    # Calls -----------------------------------------------------------------------------------------------------------

    def ask(self, person: Person, function: str, *may_refuse: str, **arguments: object) -> Answer:
        """Call a public function as a person, who may lose the connection on the way.

        Args:
            person: who calls.
            function: its name.
            may_refuse: codes of refusals that are right here; any other is a violation.
            arguments: its arguments, without their p_.
        """
        sql = statement(f"public.{function}", {f"p_{name}": value for name, value in arguments.items()})
        fault = self.weather.at_person()
        if fault == Fault.UNREACHABLE:
            return Answer(is_lost=True)
        try:
            if fault == Fault.CUT:
                self.door.begin(person.who, sql)
                self.door.cut(self.superuser)
                return Answer(is_lost=True)
            body = _unrefused(self.door.call(person.who, sql))
        except CutError:
            return Answer(is_lost=True)
        except RefusedError as refusal:
            is_right = refusal.code in may_refuse or refusal.code in _ALWAYS
            if not is_right or (refusal.code == "account_suspended" and person.id not in self.suspended):
                raise ViolationError(f"{function} is refused with {refusal}") from refusal
            return Answer(code=refusal.code)
        return Answer(body, is_lost=fault == Fault.ANSWER_LOST)

    def ask_twice(self, person: Person, function: str, *may_refuse: str, **arguments: object) -> Answer:
        """Call with an idempotency key, again after a lost answer or for no reason: the first answer stands."""
        arguments["idempotency_key"] = self.key()
        first = self.ask(person, function, *may_refuse, **arguments)
        if not first.is_lost and not self.weather.chance(0.25):
            return first
        second = self.ask(person, function, *may_refuse, **arguments)
        known = [answer.body["id"] for answer in (first, second) if answer.body is not None]
        if len(set(known)) > 1:
            raise ViolationError(f"{function} was asked twice under one key and answered {known}")
        if first.body is not None and second.code not in ("", *_ALWAYS):
            raise ViolationError(f"{function} was asked twice under one key: done, then refused with {second.code}")
        return Answer(first.body or second.body) if known else second

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database past every policy, at the virtual time."""
        self.superuser.execute("select set_config('simulation.now', %s, false)", [self.clock.text])
        return self.superuser.execute(sql.encode()).fetchall()

    def operate(self, sql: str) -> None:
        """Do what the operator does by SQL."""
        self.superuser.execute("select set_config('simulation.now', %s, false)", [self.clock.text])
        self.superuser.execute(sql.encode())
        self.door.listen()

    # Services --------------------------------------------------------------------------------------------------------

    def work(self, message: dramatiq.Message[Any]) -> None:
        """Run a job as a worker does; a worker that dies may leave its message for another."""
        if self.clock.now < self.workers_away_until:
            return
        try:
            self.broker.get_actor(message.actor_name).fn(*message.args, **message.kwargs)
        except KilledError as death:
            self.trail.append(f"{'':>7} {'':12} killed {death}")
            if self.rng.random() < 0.6:
                self._carry(self.rng.uniform(20, 60), message)
        except RpcError as error:
            if not error.typed and error.sqlstate:
                raise ViolationError(f"{message.actor_name}: {error}") from error
        except (SoulSeerError, redis.RedisError):
            return

    def relay(self) -> None:
        """Run one round of the bridge's relay."""
        try:
            drive(self._relay.round())
        except (KilledError, SoulSeerError, redis.RedisError):
            return

    def _carry(self, seconds: float, message: dramatiq.Message[Any]) -> None:
        about = (
            message.kwargs.get("outbox_id") or message.kwargs.get("event_id") or message.kwargs.get("event_ids") or ""
        )
        self.later(seconds, f"job {message.actor_name} {about}", lambda: self.work(message), personal=False)

    def _deliver(self, event: Body, endpoint: str) -> None:
        seconds = self.rng.uniform(0.05, 3.0)
        if self.weather.chance(0.03):
            seconds += self.rng.uniform(10, 6 * 3600)
        for _ in range(2 if self.weather.chance(0.05) else 1):
            self._post(seconds, event["id"], endpoint)
            seconds += self.rng.uniform(0, 90)

    def _post(self, seconds: float, event_id: str, endpoint: str) -> None:
        self.deliveries += 1
        self.later(seconds, f"webhook {event_id}", lambda: self._receive(event_id, endpoint), personal=False)

    def _receive(self, event_id: str, endpoint: Any) -> None:
        self.deliveries -= 1
        event = self.stripe.world.store.find(event_id)
        if event is None:
            return
        self.trail[-1] += f" {event['type']}"
        _, store = webhook_events.read(endpoint, json.dumps(event).encode())
        try:
            if self.rpc.run(store):
                self.broker.enqueue(jobs.message(jobs.STRIPE_EVENT, event_ids=[event_id]))
        except (KilledError, SoulSeerError):
            self._post(self.rng.uniform(5, 120), event_id, endpoint)
        except redis.RedisError:
            return

    # Checks ----------------------------------------------------------------------------------------------------------

    def _heard(self, entries: list[Entry]) -> None:
        books, now = self.books, self.clock.now
        books.begin_call()
        touched: dict[str, set[str | None]] = {}
        self._note_frozen(entries)
        for what, row in entries:
            if what == "session":
                self._note_session(row, touched)
            else:
                self._take_over[what](row)
        for (transaction, increment), posted in books.call_posted.items():
            self._by_transaction[transaction].check_posted(increment, posted, now)
        books.end_call()
        for session, reasons in touched.items():
            talk = self.talks[session]
            talk.judge(reasons, now, books)
            if not talk.is_open:
                self._open.pop(session, None)

    def _note_frozen(self, entries: list[Entry]) -> None:
        """Know whose sessions a freeze may end, by whomever it came, before the sessions of the call are judged."""
        frozen = {row["user_id"] for what, row in entries if what == "account" and row["frozen_at"] is not None}
        for talk in self.live() if frozen else ():
            talk.was_frozen = talk.was_frozen or talk.client.id in frozen

    def _note_session(self, row: dict[str, Any], touched: dict[str, set[str | None]]) -> None:
        talk = self.talks.get(row["id"])
        if talk is None:
            talk = Talk(row, self.persons[row["client_id"]], self.persons[row["reader_id"]])
            self.talks[talk.id] = self._open[talk.id] = talk
            if row["scheduled_at"] is None:
                self.lines.check_reserved(talk)
            return
        reasons = touched.setdefault(talk.id, {talk.row["pause_reason"]})
        if row["transaction_id"] is not None:
            self._by_transaction[row["transaction_id"]] = talk
        if row["status"] == "IN_PROGRESS" and talk.status != "IN_PROGRESS":
            self._check_alone(talk)
        talk.note(row, self.clock.now, self.books, self.doing)
        reasons.add(row["pause_reason"])

    def _check_alone(self, talk: Talk) -> None:
        """Refuse a start while either side is in another session."""
        for other in self.live():
            if other.status == "IN_PROGRESS" and {other.client.id, other.reader.id} & {talk.client.id, talk.reader.id}:
                raise ViolationError(f"somebody is in two sessions at once: {talk.id} starts, {other.id} runs")

    def _note_redemption(self, row: dict[str, Any]) -> None:
        if row["session_id"] is not None and row["transaction_id"] is None:
            self.talks[row["session_id"]].reserve_free(row)

    def live(self) -> list[Talk]:
        """Sessions that may still change."""
        return list(self._open.values())

    def sweep(self) -> None:
        """Prove everything: the database's own proof, and every account against the second ledger."""
        problems = self.query("select to_jsonb(c) from ledger.check() c")
        if problems:
            raise ViolationError(f"ledger.check() finds {problems[:5]}")
        for (row,) in self.query("select to_jsonb(a) from ledger.accounts a"):
            self.books.compare(row)
        if again := self.query(_FOLDED_TWICE):
            raise ViolationError(f"a job was not done once in effect: {again[0]}")
        whole = sum(account.credits - account.debits for account in self.books.accounts.values())
        if whole:
            raise ViolationError(f"the sum of everything is {whole}")
        for session in [talk.id for talk in self.talks.values() if talk.is_judged]:
            del self.talks[session]
        self.superuser.execute("truncate simulation.journal")
        for table in (
            "private.meters",
            "private.presence",
            "private.presence_gaps",
            "private.leases",
            "private.outbox",
            "ledger.accounts",
            "public.sessions",
            "public.readers",
            "public.reader_accounts",
        ):
            self.superuser.execute(f"vacuum {table}".encode())


async def _at_once(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    return function(*arguments, **named)


def _unrefused(body: Any) -> Any:
    """Return an answer, unless it is a refusal that was committed."""
    if isinstance(body, dict) and body.keys() == _COMMITTED_REFUSAL:
        raise RefusedError(body["message"], body["code"], body["details"], body["hint"])
    return body


class _Secret:
    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value


class _Awaited:
    """The services' door for code that awaits it."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def run(self, call: Call[Any]) -> Any:
        """Send a call."""
        return self._rpc.run(call)


class _Redis:
    """What the relay asks whether it is there."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    def ping(self) -> bool:
        """Answer, or be away."""
        if self._weather.chance(0.02):
            raise redis.ConnectionError("away")
        return True
