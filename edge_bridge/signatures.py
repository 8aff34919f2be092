"""Decides whether a call was signed by an Edge Function, just now, with one of our secrets.

The form is that of Standard Webhooks: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, an HMAC over
id, time and raw body. The body names the route, the user and the request id, so that the signature covers them too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
# Seconds a signature stays good, and how far the functions' clock may be ahead of ours. The library's own limit too.
TOLERANCE_SECONDS: Final = 300
# No dot in an id: it is what parts id, time and body in the text that is signed.
_ID_FORM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMESTAMP_FORM: Final = re.compile(r"[0-9]{1,12}")


class Verdict(StrEnum):
    """What was found; the label under which a refusal is counted."""

    GENUINE = "genuine"
    UNSIGNED = "unsigned"
    STALE = "stale_timestamp"
    FUTURE = "future_timestamp"
    FORGED = "bad_signature"
    MISDIRECTED = "misdirected"
    REPLAYED = "replayed"


def is_signed(headers: Mapping[str, str]) -> bool:
    """Tell whether a call claims to be signed, so that it must be."""
    return any(name in headers for name in (ID, TIMESTAMP, SIGNATURE))


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: float) -> Verdict:
    """Judge a signature over the raw body.

    Args:
        body: The body as it came.
        headers: The call's headers.
        secrets: The functions' secrets; two while one is being replaced.
        now: Seconds since the epoch.
    """
    named = {name: headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE)}
    if not all(named.values()):
        return Verdict.UNSIGNED
    if _ID_FORM.fullmatch(named[ID]) is None or _TIMESTAMP_FORM.fullmatch(named[TIMESTAMP]) is None:
        return Verdict.FORGED
    # Told apart for whoever reads the counters; the signature of a stale one may be good or not.
    age = now - int(named[TIMESTAMP])
    if age > TOLERANCE_SECONDS:
        return Verdict.STALE
    if age < -TOLERANCE_SECONDS:
        return Verdict.FUTURE
    return Verdict.GENUINE if any(_fits(body, named, secret) for secret in secrets) else Verdict.FORGED


def _fits(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # A ValueError is a header or a body that is no text or no base64.
        return False
    return True
