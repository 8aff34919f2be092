"""How many heartbeats PostgREST takes a second, against a bare `select 1` called the same way."""

import random
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import psycopg

from bench.money.live_sessions import fill
from bench.requests import BARE, CALLERS, offer_bare, rate
from bench.slices import Outcome, Tell, compare
from stack.instance import Stack
from stack.worlds import open_world

_SESSIONS: Final = 500


def measure(stack: Stack, slices: int, tell: Tell) -> Outcome:
    """Measure heartbeats of both sides of many sessions over a few connections."""
    tell("heartbeats")
    with open_world(stack) as world, ProcessPoolExecutor(CALLERS) as callers:
        fill(world.superuser_dsn, _SESSIONS, is_clock_real=True)
        offer_bare(world)
        with psycopg.connect(world.superuser_dsn) as database:
            beats = database.execute(
                "select c.session_id::text, p.id::text from live.cast c "
                "cross join lateral (values (c.client_id), (c.reader_id)) p (id)"
            ).fetchall()
        random.Random(7).shuffle(beats)  # noqa: S311  # an order, nothing secret
        tokens = [(session, world.token(person)) for session, person in beats]

        def post(host: str, path: str, token: str, body: str) -> bytes:
            return (
                f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()

        def beat(host: str) -> list[bytes]:
            path = "/rpc/heartbeat_session"
            return [post(host, path, token, f'{{"p_session_id":"{session}"}}') for session, token in tokens]

        def bare(host: str) -> list[bytes]:
            return [post(host, BARE, token, "{}") for _, token in tokens]

        url = world.rest_url
        mine, peer, ratio = compare(lambda: rate(callers, url, beat), lambda: rate(callers, url, bare), slices)
    return Outcome("heartbeats through PostgREST", f"{mine:,.0f}/s", f"{peer:,.0f}/s bare", ratio, 0.7, at_most=False)
