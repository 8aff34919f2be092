"""The two endpoints Stripe delivers to: one for the platform, one for connected accounts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from soulseer import logs
from soulseer.asgi import RequestIds, make_app, read_body
from soulseer.broker import make_broker
from soulseer.errors import BadRequestError, SoulSeerError
from soulseer.rpc import AsyncRpc
from soulseer.settings import WebhookSettings
from soulseer.worker_api.inbox import Endpoint
from webhooks import events
from webhooks.intake import Intake
from webhooks.metrics import Metrics
from webhooks.verify import Verdict, verify

log = logs.get(__name__)

_SIGNATURE: Final = "stripe-signature"


@dataclass(slots=True)
class Receiver:
    """Receives events: verify, store, answer, enqueue.

    Attributes:
        intake: Stores what is genuine, and sends its job.
        secrets: Signing secrets of each endpoint.
        max_body_bytes: Largest event accepted.
        metrics: Counters.
    """

    intake: Intake
    secrets: Mapping[Endpoint, Sequence[str]]
    max_body_bytes: int
    metrics: Metrics

    async def receive(self, endpoint: Endpoint, request: Request) -> Response:
        """Take one delivery; 2xx means that it is stored.

        Args:
            endpoint: The endpoint it came to.
            request: The delivery.

        Raises:
            BadRequestError: body_too_large, bad_signature or malformed_event; nothing was stored.
            RpcUnavailableError: The inbox is away; Stripe delivers again.
        """
        try:
            body = await read_body(request, self.max_body_bytes)
            self._refuse_unsigned(endpoint, body, request.headers.get(_SIGNATURE))
            event_id, store = events.read(endpoint, body)
            is_new = await self.intake.store(event_id, store)
        except SoulSeerError as error:
            if error.code != "bad_signature":
                self._count(endpoint, error.code)
            raise
        self._count(endpoint, "new" if is_new else "repeated")
        # On the line that tells the request: one line an event.
        logs.note(event_id=event_id, new=is_new)
        return JSONResponse({"received": True})

    def _refuse_unsigned(self, endpoint: Endpoint, body: bytes, header: str | None) -> None:
        verdict = verify(body, header, self.secrets[endpoint], now=time.time())
        if verdict is Verdict.GENUINE:
            return
        self._count(endpoint, verdict.value)
        log.warning("webhook_refused", endpoint=endpoint, verdict=verdict.value)
        # The answer is the same for all verdicts: whoever forges need not learn how close it came.
        raise BadRequestError(
            "bad_signature",
            "The signature does not fit the body.",
            hint="Check the endpoint's signing secret and the clocks.",
        )

    def _count(self, endpoint: Endpoint, result: str) -> None:
        self.metrics.events.labels(endpoint, result).inc()


def make(settings: WebhookSettings) -> ASGIApp:
    """Return the application.

    Args:
        settings: The receiver's settings.
    """
    rpc = AsyncRpc(settings)
    metrics = Metrics()
    receiver = Receiver(
        intake=Intake(rpc, make_broker(settings.redis_url.get_secret_value()), metrics.enqueue_failures),
        secrets={
            "platform": [secret.get_secret_value() for secret in settings.stripe_webhook_secrets],
            "connect": [secret.get_secret_value() for secret in settings.stripe_connect_webhook_secrets],
        },
        max_body_bytes=settings.webhook_max_body_bytes,
        metrics=metrics,
    )

    async def platform(request: Request) -> Response:
        return await receiver.receive("platform", request)

    async def connect(request: Request) -> Response:
        return await receiver.receive("connect", request)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        async with rpc:
            yield
            await receiver.intake.finish()

    routes = [
        Route("/stripe/platform", platform, methods=["POST"]),
        Route("/stripe/connect", connect, methods=["POST"]),
        Route("/healthz", healthz, methods=["GET"]),
    ]
    return RequestIds(make_app(routes, metrics.registry, lifespan=lifespan))
