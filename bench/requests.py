"""Asks a server the same over a few connections for a slice's length: as little of a client as will do."""

import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final
from urllib.parse import urlsplit

import httpx

from stack.worlds import World

CALLERS: Final = 4
BARE: Final = "/rpc/bare"
_SLICE_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 20.0


def offer_bare(world: World) -> None:
    """Give a world's API a function that does nothing, the peer of all others."""
    with world.connect() as database:
        database.execute("create function public.bare() returns integer language sql stable as 'select 1'")
        database.execute("grant execute on function public.bare() to anon, authenticated")
        database.execute("notify pgrst, 'reload schema'")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while httpx.get(world.rest_url + BARE).status_code != httpx.codes.OK:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgREST does not see the new function.")
        time.sleep(0.1)


def rate(
    callers: ProcessPoolExecutor, url: str, requests: Callable[[str], Sequence[bytes]], status: int = 200
) -> float:
    """Return how many answers a second all callers get together.

    Args:
        callers: a pool of as many processes as there are callers.
        url: the server.
        requests: makes the requests that each caller sends in turn, given the name of the host.
        status: what every answer must have.
    """
    made = requests(urlsplit(url).netloc)
    jobs = [callers.submit(_call, url, made[number::CALLERS] or made, status) for number in range(CALLERS)]
    return sum(job.result() for job in jobs)


def _call(url: str, requests: Sequence[bytes], status: int) -> float:
    place = urlsplit(url)
    wanted = f"HTTP/1.1 {status} ".encode()
    answers = 0
    with socket.create_connection((place.hostname, place.port or 80)) as line:
        begun = time.perf_counter()
        while (elapsed := time.perf_counter() - begun) < _SLICE_SECONDS:
            line.sendall(requests[answers % len(requests)])
            answer = _read(line)
            if not answer.startswith(wanted):
                raise RuntimeError(f"Not {status}: {answer[:200]!r}")
            answers += 1
    return answers / elapsed


def _read(line: socket.socket) -> bytes:
    """Read one answer to its end: of the length it names, in chunks, or without a body."""
    answer = line.recv(65536)
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(name[15:]) for name in lines if name.startswith(b"content-length:")), None)
    chunked = b"transfer-encoding: chunked" in lines and not head.startswith(b"HTTP/1.1 304")
    while len(body) < (length or 0) or (chunked and not body.endswith(b"0\r\n\r\n")):
        more = line.recv(65536)
        if not more:
            raise ConnectionError("PostgREST hung up.")
        body += more
    return answer
