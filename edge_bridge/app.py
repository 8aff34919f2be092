"""The bridge as one application: its calls over HTTP, and the relay and the realtime listener beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import httpx
import stripe
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from storage3 import AsyncStorageClient

from edge_bridge import checkouts, downloads, inputs, payout_accounts, topups, turn, unsubscribe
from edge_bridge.callers import Callers
from edge_bridge.identity import TokenVerifier
from edge_bridge.metrics import Metrics
from edge_bridge.presence import PresenceListener
from edge_bridge.relay import Relay
from edge_bridge.seen_calls import SeenCalls
from edge_bridge.turn import TurnServer
from soulseer import logs, request_id
from soulseer.asgi import RequestIds, make_app
from soulseer.broker import make_broker, make_redis
from soulseer.rpc import AsyncRpc
from soulseer.settings import BridgeSettings
from soulseer.stripe_client import make_stripe, provider_error

log = logs.get(__name__)

_ALLOWED_HEADERS: Final = ("authorization", "content-type", "apikey", "x-client-info", request_id.HEADER)
_CORS_SECONDS: Final = 600
_HTTP_TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)


@dataclass(frozen=True, slots=True)
class Calls:
    """The bridge's calls.

    Attributes:
        rpc: The door to the database.
        client: Stripe.
        callers: Tells who calls and what is asked.
        public_url: The web app.
        turn: The server that relays media, where there is one.
        storage: The project's Storage.
        download_seconds: How long a signed address of a file is good for.
    """

    rpc: AsyncRpc
    client: stripe.StripeClient
    callers: Callers
    public_url: str
    turn: TurnServer | None
    storage: AsyncStorageClient
    download_seconds: int

    async def topup(self, request: Request) -> Response:
        """Answer POST /topups."""
        asked = await self.callers.read(request, inputs.TopupInput)
        with _telling_of_stripe():
            return _created(await topups.begin(self.rpc, self.client, asked.user_id, asked.input))

    async def checkout(self, request: Request) -> Response:
        """Answer POST /topups/checkout."""
        asked = await self.callers.read(request, inputs.TopupInput)
        with _telling_of_stripe():
            return _created(
                await checkouts.begin(self.rpc, self.client, asked.user_id, asked.input, public_url=self.public_url)
            )

    async def payout_account(self, request: Request) -> Response:
        """Answer POST /payout-account."""
        asked = await self.callers.read(request, inputs.PayoutAccountInput)
        with _telling_of_stripe():
            return _created(
                await payout_accounts.begin(self.rpc, self.client, asked.user_id, public_url=self.public_url)
            )

    async def turn_credentials(self, request: Request) -> Response:
        """Answer POST /turn-credentials."""
        asked = await self.callers.read(request, inputs.TurnInput)
        return _created(await turn.give(self.rpc, self.turn, asked.user_id, asked.input))

    async def download(self, request: Request) -> Response:
        """Answer POST /downloads."""
        asked = await self.callers.read(request, inputs.DownloadInput)
        answer = await downloads.sign(self.rpc, self.storage, asked.user_id, asked.input, ttl=self.download_seconds)
        return _created(answer)

    async def unsubscribe(self, request: Request) -> Response:
        """Answer POST /unsubscribe."""
        return await unsubscribe.stop(self.rpc, request)


def make(settings: BridgeSettings) -> ASGIApp:
    """Return the application; relay and listener run while it is served.

    Args:
        settings: The bridge's settings.
    """
    rpc = AsyncRpc(settings)
    http = httpx.AsyncClient(timeout=_HTTP_TIMEOUT)
    metrics = Metrics()
    relay = _make_relay(settings, rpc, metrics)
    callers = Callers(
        TokenVerifier(settings.supabase_url, http),
        [secret.get_secret_value() for secret in settings.bridge_call_secrets],
        SeenCalls(make_redis(settings.redis_url.get_secret_value())),
        metrics,
    )
    calls = Calls(
        rpc=rpc,
        client=make_stripe(settings),
        callers=callers,
        public_url=settings.public_url,
        turn=TurnServer.of(settings),
        storage=downloads.make_storage(settings, http),
        download_seconds=settings.download_ttl_seconds,
    )

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        running = [asyncio.create_task(relay.run(), name="relay")]
        if settings.presence_listen:
            listener = PresenceListener.of(settings, rpc, metrics)
            running.append(asyncio.create_task(listener.run(), name="presence"))
        async with rpc, http:
            yield
            for task in running:
                task.cancel()
            for task in running:
                with suppress(asyncio.CancelledError):
                    await task

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(settings.bridge_allowed_origins),
        allow_methods=["POST"],
        allow_headers=list(_ALLOWED_HEADERS),
        expose_headers=[request_id.HEADER, "Retry-After"],
        max_age=_CORS_SECONDS,
    )
    routes = [
        Route("/topups", calls.topup, methods=["POST"]),
        Route("/topups/checkout", calls.checkout, methods=["POST"]),
        Route("/payout-account", calls.payout_account, methods=["POST"]),
        Route("/turn-credentials", calls.turn_credentials, methods=["POST"]),
        Route("/downloads", calls.download, methods=["POST"]),
        Route("/unsubscribe", unsubscribe.ask, methods=["GET"]),
        Route("/unsubscribe", calls.unsubscribe, methods=["POST"]),
        Route("/healthz", healthz, methods=["GET"]),
    ]
    return RequestIds(make_app(routes, metrics.registry, middleware=[cors], lifespan=lifespan))


def _make_relay(settings: BridgeSettings, rpc: AsyncRpc, metrics: Metrics) -> Relay:
    url = settings.redis_url.get_secret_value()
    return Relay(
        rpc,
        make_broker(url),
        make_redis(url),
        metrics,
        batch=settings.relay_batch,
        min_seconds=settings.relay_min_seconds,
        max_seconds=settings.relay_max_seconds,
    )


def _created(answer: BaseModel) -> Response:
    return JSONResponse(answer.model_dump(mode="json"), status_code=201)


@contextmanager
def _telling_of_stripe() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        log.warning("stripe_failed", error=type(error).__name__, code=error.code)
        raise provider_error(error) from error
