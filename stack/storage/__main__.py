"""Start the Storage stand-in: `python -m stack.storage`."""

import logging

import uvicorn

from stack.storage.app import create_app
from stack.storage.settings import StorageSettings


def main() -> None:
    """Serve until a signal stops the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("psycopg.pool").setLevel(logging.WARNING)
    settings = StorageSettings.model_validate({})
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
