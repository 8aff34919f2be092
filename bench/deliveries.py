"""Delivers signed events over many connections at once, as Stripe does, and times each answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import stripe

_numbers = count(int(time.time()))


def signed(secret: str, event: dict[str, object], port: int) -> bytes:
    """Return a whole request that delivers an event to the platform's endpoint."""
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()))
    head = (
        f"POST /stripe/platform HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Stripe-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def made_up(secret: str, port: int, number: int) -> list[bytes]:
    """Return deliveries of so many different events, as large as Stripe's are, of a type nobody acts on."""
    about = {"id": "cus_bench", "object": "customer", "description": "x" * 800}
    return [
        signed(
            secret,
            {
                "id": f"evt_bench{next(_numbers)}", "object": "event", "type": "customer.updated",
                "created": 1_795_000_000, "api_version": "2026-10-28.endive", "livemode": False,
                "data": {"object": about},
            },
            port,
        )
        for _ in range(number)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of deliveries.

    Attributes:
        accepted: how many were answered with 200.
        refused: how many otherwise.
        seconds: how long all took.
        waits: seconds until each answer, sorted.
    """

    accepted: int
    refused: int
    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        """Accepted ones per second."""
        return self.accepted / self.seconds

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 were answered."""
        return self.waits[int(len(self.waits) * 0.99)]


def deliver(port: int, requests: Sequence[bytes], connections: int, seconds: float | None = None) -> Delivered:
    """Deliver over so many connections until nothing is left, or the time is over."""
    return asyncio.run(_deliver(port, iter(requests), connections, seconds))


async def _deliver(port: int, requests: Iterable[bytes], connections: int, seconds: float | None) -> Delivered:
    waits: list[float] = []
    refused = 0
    begun = time.perf_counter()
    left = iter(requests)

    async def line() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            sent = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(name[15:]) for name in head.lower().split(b"\r\n") if name.startswith(b"content-length:"))
            await reader.readexactly(length)
            waits.append(time.perf_counter() - sent)
            refused += not head.startswith(b"HTTP/1.1 200 ")
            if seconds is not None and time.perf_counter() - begun > seconds:
                break
        writer.close()

    await asyncio.gather(*(line() for _ in range(connections)))
    return Delivered(len(waits) - refused, refused, time.perf_counter() - begun, sorted(waits))
