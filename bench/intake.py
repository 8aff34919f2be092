"""Stripe's events: taken in, against a bare endpoint of the same server; a burst at once; a backlog drained."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
import stripe

from bench.deliveries import Delivered, deliver, made_up, signed
from bench.money import wait_for_disk
from bench.reconciliation import tools_of
from bench.slices import Outcome, Tell, compare
from soulseer.broker import make_redis
from soulseer.worker_api import topups
from stack.database import MAIN
from stack.health import http_answers, wait_until
from stack.instance import Stack
from stack.parts import service_settings
from stack.ports import free_port
from stack.stripe.settings import API_VERSION
from workers.tools import Tools

_CONNECTIONS: Final = 32
# So many that neither server ever waits for a delivery.
_MANY_CONNECTIONS: Final = 128
_SLICE_SECONDS: Final = 2.0
_SLICE_EVENTS: Final = 20_000
_BURST: Final = 2_000
_TOPUPS: Final = 500
_PATIENCE_SECONDS: Final = 900.0
# A card that is charged without a question.
_CARD: Final = "pm_card_visa"
_PEOPLE: Final = """
insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data)
select gen_random_uuid(), 'authenticated', 'authenticated', 'payer' || n || '@bench.example', '', '{}', '{}'
from generate_series(1, %s) n returning id
"""


def measure(name: str, slices: int, tell: Tell) -> list[Outcome]:
    """Measure the intake and what follows it on a stack of its own, whose database waits for its disk.

    Args:
        name: of the stack, which is gone afterwards.
        slices: turns of the receiver and its peer.
        tell: called before each part.

    Raises:
        RuntimeError: an event was refused or lost.
    """
    stack = Stack.named(name)
    try:
        stack.up(services=False)
        layout = stack.layout()
        wait_for_disk(layout.server)
        dsn, secret = layout.server.dsn(MAIN), layout.env.webhook_secret
        with _server(stack, "webhooks") as receiver, _server(stack, "bench.bare_receiver") as bare:
            tell("events taken in")
            outcomes = [
                _sustained(receiver, bare, secret, slices, connections)
                for connections in (_CONNECTIONS, _MANY_CONNECTIONS)
            ]
            tell(f"{_BURST:,} events at once")
            outcomes.append(_burst(receiver, secret, dsn))
            tell(f"events of {_TOPUPS} top-ups while no worker runs")
            waiting = _pile_up(stack, receiver)
        tell("the backlog drained")
        outcomes.append(_drain(stack, dsn, waiting))
    finally:
        stack.remove()
    return outcomes


@contextlib.contextmanager
def _server(stack: Stack, module: str) -> Iterator[int]:
    """Run a receiver of webhooks; give its port."""
    port = free_port(stack.layout().ports.values())
    settings = {**os.environ, **service_settings(stack.layout()), "SOULSEER_WEBHOOK_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", module], env=settings, stdout=subprocess.DEVNULL)
    try:
        wait_until(
            http_answers(port, "/healthz"), lambda: process.poll() is None, name=module, log="its output", patience=30.0
        )
        yield port
    finally:
        process.terminate()
        process.wait()


def _sustained(receiver: int, bare: int, secret: str, slices: int, connections: int) -> Outcome:
    taken: list[Delivered] = []

    def run(port: int) -> Delivered:
        done = deliver(port, made_up(secret, port, _SLICE_EVENTS), connections, _SLICE_SECONDS)
        if done.refused:
            raise RuntimeError(f"{done.refused} events were refused.")
        return done

    def mine() -> float:
        taken.append(run(receiver))
        return taken[-1].rate

    rate, peer, ratio = compare(mine, lambda: run(bare).rate, slices)
    p99 = max(done.p99 for done in taken)
    return Outcome(
        f"events taken in, {connections} connections", f"{rate:,.0f}/s, p99 {p99 * 1000:.0f} ms",
        f"{peer:,.0f}/s bare", ratio, 0.5, at_most=False,
    )  # fmt: skip


def _burst(port: int, secret: str, dsn: str) -> Outcome:
    with psycopg.connect(dsn, autocommit=True) as database:
        before = _stored(database)
        done = deliver(port, made_up(secret, port, _BURST), _BURST)
        stored = _stored(database) - before
    return Outcome(
        f"a burst of {_BURST:,} at once, stored",
        f"{stored:,}, {done.refused} refused, the last after {done.waits[-1]:.1f} s",
        f"{_BURST:,} sent",
        min(stored, done.accepted) / _BURST,
        1.0,
        at_most=False,
    )


def _stored(database: psycopg.Connection[Any], where: str = "true") -> int:
    (number,) = database.execute(f"select count(*) from private.stripe_events where {where}".encode()).fetchone() or (
        0,
    )
    return int(number)


def _pile_up(stack: Stack, port: int) -> int:
    """Have people pay, and take Stripe's events of it in while no worker runs; return how many events wait."""
    layout = stack.layout()
    client = stripe.StripeClient(
        layout.env.stripe_secret_key, stripe_version=API_VERSION, base_addresses={"api": layout.env.stripe_api_url}
    )
    with psycopg.connect(layout.server.dsn(MAIN), autocommit=True) as database, tools_of(stack) as tools:
        # What was measured before is gone, its jobs too: they would stand before those of the backlog.
        database.execute("delete from private.stripe_events where type = 'customer.updated'")
        with make_redis(layout.env.redis_url) as redis:
            redis.flushall()
        people = database.execute(
            _PEOPLE,
            [_TOPUPS],
        ).fetchall()
        for (person,) in people:
            _pay(tools, client, person)
        time.sleep(3.0)
        found = client.v1.events.list({"limit": 100})
        events = [event.to_dict() for event in found.auto_paging_iter()]
        requests = [signed(layout.env.webhook_secret, event, port) for event in events]
        done = deliver(port, requests, _CONNECTIONS)
        waiting = _stored(database, "processed_at is null")
    if done.refused or waiting < len(events):
        raise RuntimeError(f"{done.refused} events were refused; {len(events)} were sent, {waiting} wait.")
    return waiting


def _pay(tools: Tools, client: stripe.StripeClient, person: UUID) -> None:
    begun = tools.rpc.run(topups.begin_topup(user_id=person, amount=2000, currency="USD", idempotency_key="bench"))
    intent = client.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "confirm": True,
            "payment_method": _CARD,
            "return_url": "http://app.example",
            "metadata": {"transaction_id": str(begun.transaction_id)},
        }
    )
    tools.rpc.run(topups.record_payment_intent(begun.transaction_id, intent.id))


def _drain(stack: Stack, dsn: str, waiting: int) -> Outcome:
    begun = time.perf_counter()
    stack.up(services=True)
    started = time.perf_counter()
    with psycopg.connect(dsn, autocommit=True) as database:
        while _stored(database, "processed_at is null"):
            if time.perf_counter() - begun > _PATIENCE_SECONDS:
                raise RuntimeError("The backlog is not drained.")
            time.sleep(0.1)
        seconds = time.perf_counter() - started
        (credited,) = database.execute(
            "select count(*) from public.transactions where type = 'ADD_FUNDS' and status = 'COMPLETED'"
        ).fetchone() or (0,)
    return Outcome(
        f"a backlog of {waiting:,} events drained, each top-up credited",
        f"{waiting / seconds:,.0f} events/s, {seconds:.1f} s",
        f"{_TOPUPS} paid",
        credited / _TOPUPS,
        1.0,
        at_most=False,
    )
