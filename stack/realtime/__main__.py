"""Start the Realtime stand-in: `python -m stack.realtime`."""

import logging

import uvicorn

from stack.realtime.app import create_app
from stack.realtime.settings import RealtimeSettings


def main() -> None:
    """Serve until a signal stops the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("psycopg.pool", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    settings = RealtimeSettings.model_validate({})
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
