"""Asks a part whether it answers, and waits for it."""

import http.client
import socket
import time
from collections.abc import Callable

from stack.errors import StartError

_POLL_SECONDS = 0.03
_ANSWER_SECONDS = 2.0


def http_answers(port: int, path: str, *, below: int = 400) -> Callable[[], bool]:
    """Return a check that is true when a GET on the loopback answers with a status below `below`."""

    def check() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < below
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def redis_answers(port: int) -> Callable[[], bool]:
    """Return a check that is true when a server on the loopback answers PING."""

    def check() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    return check


def wait_until(check: Callable[[], bool], alive: Callable[[], bool], *, name: str, log: str, patience: float) -> None:
    """Wait until the check holds.

    Args:
        check: whether it answers.
        alive: whether its process still runs; when not, waiting ends at once.
        name: what it is, for the error.
        log: where its log is, for the error.
        patience: seconds to wait.

    Raises:
        StartError: it ended or did not answer in time.
    """
    deadline = time.monotonic() + patience
    while not check():
        if not alive():
            raise StartError(f"{name} ended while starting.", f"See {log}.")
        if time.monotonic() > deadline:
            raise StartError(f"{name} did not answer within {patience:.0f} s.", f"See {log}.")
        time.sleep(_POLL_SECONDS)
