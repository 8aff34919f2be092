"""How many pages of the reader directory PostgREST serves a second, against a bare `select 1` served the same way."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Final
from urllib.parse import urlsplit

import httpx

from bench.slices import Outcome, compare
from stack.worlds import World

GOAL: Final = 0.6
_CALLERS: Final = 4
_SLICE_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 20.0
# The first page as the site opens it, and one with filters.
_PAGES: Final = {
    "directory, first page": "/rpc/reader_directory",
    "directory, filters": "/rpc/reader_directory?p_type=CHAT&p_specialty=tarot&p_online=true",
}


def measure(world: World, slices: int, tell: Callable[[str], None]) -> list[Outcome]:
    """Measure pages and repeated pages.

    Args:
        world: a world with readers in it; it gains a function of its own.
        slices: turns of each.
        tell: called with the name of each before it is measured.
    """
    _offer_bare(world)
    outcomes = []
    with ProcessPoolExecutor(_CALLERS) as callers:

        def rate(path: str, etag: str = "", status: int = 200) -> float:
            jobs = [callers.submit(_call, world.rest_url, path, etag, status) for _ in range(_CALLERS)]
            return sum(job.result() for job in jobs)

        for name, path in _PAGES.items():
            tell(name)
            pages, bare, ratio = compare(lambda path=path: rate(path), lambda: rate("/rpc/bare"), slices)  # type: ignore[misc]
            outcomes.append(Outcome(name, f"{pages:.0f}/s", f"{bare:.0f}/s bare", ratio, GOAL, at_most=False))
        name, path = "directory, repeated: 304", _PAGES["directory, first page"]
        tell(name)
        etag = httpx.get(world.rest_url + path).headers["ETag"]
        pages, bare, ratio = compare(lambda: rate(path, etag, 304), lambda: rate("/rpc/bare"), slices)
        outcomes.append(Outcome(name, f"{pages:.0f}/s", f"{bare:.0f}/s bare", ratio, GOAL, at_most=False))
    return outcomes


def _offer_bare(world: World) -> None:
    with world.connect() as database:
        database.execute("create function public.bare() returns integer language sql stable as 'select 1'")
        database.execute("grant execute on function public.bare() to anon")
        database.execute("notify pgrst, 'reload schema'")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while httpx.get(f"{world.rest_url}/rpc/bare").status_code != httpx.codes.OK:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgREST does not see the new function.")
        time.sleep(0.1)


def _call(url: str, path: str, etag: str, status: int) -> float:
    """Ask over one connection for a slice's length; return answers per second. As little of a client as will do."""
    place = urlsplit(url)
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    request = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n{condition}\r\n".encode()
    wanted = f"HTTP/1.1 {status} ".encode()
    answers = 0
    with socket.create_connection((place.hostname, place.port or 80)) as line:
        begun = time.perf_counter()
        while (elapsed := time.perf_counter() - begun) < _SLICE_SECONDS:
            line.sendall(request)
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
