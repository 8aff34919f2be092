"""How many pages of the reader directory PostgREST serves a second, against a bare `select 1` called the same way."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final

import httpx

from bench.requests import BARE, CALLERS, offer_bare
from bench.requests import rate as rate_of
from bench.slices import Outcome, compare
from stack.worlds import World

GOAL: Final = 0.6
_FILTERS: Final = "?p_type=CHAT&p_specialty=tarot&p_online=true"
# The first page as the site opens it, and one with filters, whose peer takes the same arguments.
_PAGES: Final = {
    "directory, first page": ("/rpc/reader_directory", BARE),
    "directory, filters": (f"/rpc/reader_directory{_FILTERS}", f"/rpc/bare_filters{_FILTERS}"),
}
_BARE_FILTERS: Final = """
create function public.bare_filters(p_type public.session_type, p_specialty text, p_online boolean)
returns integer language sql stable as 'select 1';
grant execute on function public.bare_filters(public.session_type, text, boolean) to anon, authenticated
"""


def measure(world: World, slices: int, tell: Callable[[str], None]) -> list[Outcome]:
    """Measure pages and repeated pages.

    Args:
        world: a world with readers in it; it gains a function of its own.
        slices: turns of each.
        tell: called with the name of each before it is measured.
    """
    with world.connect() as database:
        database.execute(_BARE_FILTERS)
    offer_bare(world)
    outcomes = []
    with ProcessPoolExecutor(CALLERS) as callers:

        def rate(path: str, etag: str = "", status: int = 200) -> float:
            condition = f"If-None-Match: {etag}\r\n" if etag else ""
            return rate_of(
                callers,
                world.rest_url,
                lambda host: [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{condition}\r\n".encode()],
                status,
            )

        for name, (path, peer) in _PAGES.items():
            tell(name)
            pages, bare, ratio = compare(partial(rate, path), partial(rate, peer), slices)
            outcomes.append(Outcome(name, f"{pages:.0f}/s", f"{bare:.0f}/s bare", ratio, GOAL, at_most=False))
        name, path = "directory, repeated: 304", _PAGES["directory, first page"][0]
        tell(name)
        etag = httpx.get(world.rest_url + path).headers["ETag"]
        pages, bare, ratio = compare(lambda: rate(path, etag, 304), lambda: rate(BARE), slices)
        outcomes.append(Outcome(name, f"{pages:.0f}/s", f"{bare:.0f}/s bare", ratio, GOAL, at_most=False))
    return outcomes
