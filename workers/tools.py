"""What the jobs work with, made once per process and handed to each domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, ParamSpec, Self

import dramatiq
import stripe

from soulseer.broker import make_broker
from soulseer.files import Files
from soulseer.jobs import Job
from soulseer.logins import Logins
from soulseer.mail import Mailer, make_mailer
from soulseer.rpc import Rpc
from soulseer.settings import WorkerSettings
from soulseer.stripe_client import make_stripe

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Tools:
    """What the jobs work with.

    Attributes:
        rpc: The door to the database.
        stripe: Stripe.
        logins: Supabase Auth's administration.
        files: Supabase Storage's, past its policies.
        broker: Where jobs come from, and where a job sends others.
        stopping: Set when the process was told to stop; jobs that loop end their loop then.
        mailer: Hands mails over; None where no provider is set.
    """

    rpc: Rpc
    stripe: stripe.StripeClient
    logins: Logins
    files: Files
    broker: dramatiq.Broker
    stopping: Event
    mailer: Mailer | None = None

    @classmethod
    def make(cls, settings: WorkerSettings) -> Self:
        """Return tools of this process's own.

        Args:
            settings: The workers' settings.
        """
        return cls(
            rpc=Rpc(settings),
            stripe=make_stripe(settings),
            logins=Logins(settings),
            files=Files(settings),
            broker=make_broker(settings.redis_url.get_secret_value()),
            stopping=Event(),
            mailer=make_mailer(settings),
        )

    def actor(self, job: Job, run: Callable[P, None], *, priority: int = 10, limit_seconds: int | None = None) -> None:
        """Make a function the actor of a job.

        Args:
            job: Name and queue.
            run: What it does.
            priority: Lower runs first among the jobs a process has fetched.
            limit_seconds: How long it may run; as long as any job when None.
        """
        options: Any = {} if limit_seconds is None else {"time_limit": limit_seconds * 1000}
        declare = dramatiq.actor(
            broker=self.broker, actor_name=job.actor, queue_name=job.queue.value, priority=priority, **options
        )
        declare(run)
