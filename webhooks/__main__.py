"""Runs the webhook receiver: `python -m webhooks`."""

from __future__ import annotations

from soulseer.asgi import serve
from soulseer.process import begin
from soulseer.settings import WebhookSettings
from webhooks.app import make


def main() -> None:
    """Serve until told to stop."""
    settings = begin("webhooks", WebhookSettings)
    serve(make(settings), host=settings.webhook_host, port=settings.webhook_port)


if __name__ == "__main__":
    main()
