"""Decides whether a webhook's body was signed by Stripe, just now, with one of our secrets."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import stripe

# Seconds a signature stays good, and how far Stripe's clock may be ahead of ours.
TOLERANCE_SECONDS: Final = 300
AHEAD_SECONDS: Final = 60
_MOST_DIGITS: Final = 12


class Verdict(StrEnum):
    """What was found; the label under which it is counted."""

    GENUINE = "genuine"
    UNSIGNED = "unsigned"
    FORGED = "bad_signature"
    STALE = "stale_timestamp"
    FUTURE = "future_timestamp"


def verify(body: bytes, header: str | None, secrets: Sequence[str], *, now: float) -> Verdict:
    """Judge a signature over the raw body.

    Args:
        body: The body as it came.
        header: The Stripe-Signature header.
        secrets: The endpoint's secrets; two while one is being replaced.
        now: Seconds since the epoch.
    """
    if not header:
        return Verdict.UNSIGNED
    if not any(_matches(body, header, secret) for secret in secrets):
        timestamp = _timestamp(header)
        # Told apart for whoever reads the counters; the signature of a stale one may be good or not.
        is_stale = timestamp is not None and timestamp < now - TOLERANCE_SECONDS
        return Verdict.STALE if is_stale else Verdict.FORGED
    timestamp = _timestamp(header)
    if timestamp is None or timestamp > now + AHEAD_SECONDS:
        return Verdict.FUTURE
    return Verdict.GENUINE


def _matches(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _timestamp(header: str) -> int | None:
    for item in header.split(","):
        name, _, value = item.partition("=")
        if name == "t":
            # Seconds since 1970; int() itself refuses what is thousands of digits long.
            return int(value) if value.isdecimal() and len(value) <= _MOST_DIGITS else None
    return None
