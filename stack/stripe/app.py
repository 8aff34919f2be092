"""The ASGI application: API, pages, control, and the two loops that run beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stack.stripe import timers
from stack.stripe.checkout_page import CheckoutPage
from stack.stripe.control import Control
from stack.stripe.gateway import Gateway
from stack.stripe.pages import Pages
from stack.stripe.resources import events
from stack.stripe.seed import plant
from stack.stripe.settings import Settings
from stack.stripe.store import Store
from stack.stripe.webhooks import Courier
from stack.stripe.world import World


def build(settings: Settings) -> Starlette:
    """The application over the state file of the settings."""
    world = World(settings, Store(settings.state))
    with world.store.transaction():
        plant(world)
        events.install(world, settings.endpoints)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        alarms = (asyncio.Event(), asyncio.Event())

        def wake() -> None:
            for alarm in alarms:
                alarm.set()

        world.wake = wake
        loops = [
            asyncio.create_task(timers.run(world, alarms[0])),
            asyncio.create_task(Courier(world, alarms[1]).run()),
        ]
        yield
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        world.store.close()

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            *Control(world).routes(),
            *Pages(world).routes(),
            *CheckoutPage(world).routes(),
            Route("/v1/{rest:path}", Gateway(world)),
        ],
        lifespan=lifespan,
    )
