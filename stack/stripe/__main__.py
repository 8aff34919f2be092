"""`python -m stack.stripe`: serve the stand-in on 127.0.0.1 until told to stop."""

import os
import sys

import uvicorn

from stack.stripe.app import build
from stack.stripe.settings import SettingsError, read


def main() -> int:
    """Run the server; returns the exit code: 2 for settings that cannot be read."""
    try:
        settings = read(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"stripe stand-in: {error}\n")
        return 2
    uvicorn.run(
        build(settings),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
