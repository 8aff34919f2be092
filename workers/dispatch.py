"""Sends every stored Stripe event to the job named for its type, and sets the others aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from soulseer import jobs
from soulseer.jobs import Job, Queue
from soulseer.worker_api.inbox import StoredEvent
from workers.inbox import Handler, ignore, process
from workers.tools import Tools


def register_handlers(tools: Tools, queue: Queue, handlers: Mapping[str, Handler]) -> None:
    """Declare one job per type of event.

    Args:
        tools: What they work with.
        queue: Queue of their domain.
        handlers: Which function applies which type.
    """
    for event_type, handler in handlers.items():
        job = jobs.stripe_webhook(event_type, queue)
        tools.actor(job, _run(tools, job, handler))


def register(tools: Tools) -> None:
    """Declare the job stored events arrive at; after all others, which it looks up.

    What it does not come to, because it was stopped or the database went away, the sweeper finds again.

    Args:
        tools: What it works with.
    """
    known = {name: Queue(actor.queue_name) for name, actor in tools.broker.actors.items()}

    def route(tools: Tools, event: StoredEvent) -> None:
        queue = known.get(f"stripe.webhook.{event.type}")
        if queue is None:
            ignore(tools, event, "no job is named for this type")
            return
        job = jobs.stripe_webhook(event.type, queue)
        tools.broker.enqueue(jobs.message(job, request=event.request_id, event_id=event.event_id))

    def run(event_ids: Sequence[str]) -> None:
        for event_id in event_ids:
            process(tools, jobs.STRIPE_EVENT, event_id, route)

    tools.actor(jobs.STRIPE_EVENT, run)


class RunEvent(Protocol):
    """What the actor of an event is called with."""

    def __call__(self, event_id: str, tries: int = 0) -> None:
        """Process an event that came too early `tries` times."""


def _run(tools: Tools, job: Job, handler: Handler) -> RunEvent:
    def run(event_id: str, tries: int = 0) -> None:
        process(tools, job, event_id, handler, tries=tries)

    return run
