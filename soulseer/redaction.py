"""Nothing secret reaches a log: values are masked by the name of their key and by their form."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Final

MASK: Final = "[redacted]"
_SECRET_NAMES: Final = re.compile(
    r"(?i)(passw|secret|token|authori[sz]ation|api_?key|cookie|credential|signature|private_?key|service_role)"
)
# What a secret looks like wherever it stands: Stripe's and Supabase's keys, JWTs, client secrets of
# PaymentIntents, bearer tokens, and passwords inside URLs.
_SECRET_FORMS: Final = re.compile(
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9_]{4,}"
    r"|whsec_[A-Za-z0-9+/=_-]{4,}"
    r"|sb_secret_[A-Za-z0-9_-]{4,}"
    r"|eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"
    r"|(?:pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+"
    r"|(?i:bearer)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)


def mask_text(text: str) -> str:
    """Return the text with everything that has the form of a secret masked."""
    return _SECRET_FORMS.sub(MASK, text)


def mask(value: object) -> object:
    """Return a value fit for a log line: strings and nested values masked, other types as text."""
    if isinstance(value, str):
        return mask_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _mask_entry(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    return mask_text(str(value))


def _mask_entry(key: str, value: object) -> object:
    # Numbers and flags under such names (token counts, has_secret) carry nothing secret.
    if _SECRET_NAMES.search(key) and value is not None and not isinstance(value, bool | int | float):
        return MASK
    return mask(value)


def redact(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Mask a whole log event; a structlog processor, placed last before rendering."""
    for key in list(event):
        # structlog's own bookkeeping keys hold live objects that the formatter still needs.
        if not key.startswith("_"):
            event[key] = _mask_entry(key, event[key])
    return event
