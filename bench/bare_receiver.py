"""The receiver's peer: the same server, which verifies a delivery and answers 200, and keeps nothing."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soulseer.asgi import RequestIds, make_app, read_body, serve
from soulseer.process import begin
from soulseer.settings import WebhookSettings
from webhooks.metrics import Metrics
from webhooks.verify import Verdict, verify


def main() -> None:
    """Serve until told to stop."""
    settings = begin("webhooks", WebhookSettings)
    secrets = [secret.get_secret_value() for secret in settings.stripe_webhook_secrets]

    async def platform(request: Request) -> Response:
        body = await read_body(request, settings.webhook_max_body_bytes)
        verdict = verify(body, request.headers.get("stripe-signature"), secrets, now=time.time())
        return JSONResponse({"received": verdict is Verdict.GENUINE}, 200 if verdict is Verdict.GENUINE else 400)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes = [Route("/stripe/platform", platform, methods=["POST"]), Route("/healthz", healthz, methods=["GET"])]
    app = RequestIds(make_app(routes, Metrics().registry))
    serve(app, host=settings.webhook_host, port=settings.webhook_port)


if __name__ == "__main__":
    main()
