"""Bytes and text: base64url without padding, ids as 16 bytes, integers of a fixed width. One form for each value."""

from __future__ import annotations

import binascii
import functools
import re
from collections.abc import Mapping
from typing import Final

from soulseer_crypto.errors import CryptoError

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/   ")
# What the last letter may be when it stands for fewer than six bits, by how many letters there are beyond whole fours.
_LAST: Final = {0: None, 2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}
_UUID_LENGTH: Final = 36
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def to_text(raw: bytes) -> str:
    """Write bytes as base64url without padding.

    Args:
        raw: The bytes.
    """
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def to_bytes(text: object, what: str, *, exactly: int | None = None, at_most: int | None = None) -> bytes:
    """Read base64url without padding; a length is judged before anything is decoded.

    Args:
        text: What was received.
        what: Its name, for the error.
        exactly: How many bytes it must hold.
        at_most: How many bytes it may hold.

    Raises:
        CryptoError: `malformed` for anything but the one text that stands for its bytes.
    """
    most = at_most if exactly is None else exactly
    if not isinstance(text, str) or (most is not None and len(text) > (most * 4 + 2) // 3):
        raise CryptoError("malformed", f"{what} is no base64url of its length")
    beyond = len(text) % 4
    last = _LAST.get(beyond, frozenset())
    if last is not None and text[-1] not in last:
        raise CryptoError("malformed", f"{what} is no base64url")
    try:
        raw = binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"=" * (-beyond % 4), strict_mode=True)
    except ValueError as error:
        raise CryptoError("malformed", f"{what} is no base64url") from error
    if exactly is not None and len(raw) != exactly:
        raise CryptoError("malformed", f"{what} is no base64url of its length")
    return raw


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> bytes | None:
    # The same few people, devices and conversations are named in every message.
    return bytes.fromhex(text.replace("-", "")) if _UUID.fullmatch(text) else None


def id_bytes(text: object, what: str) -> bytes:
    """Read an id in its canonical form.

    Args:
        text: What was received: a UUID in lower case with hyphens.
        what: Its name, for the error.

    Raises:
        CryptoError: `malformed` for any other form.
    """
    raw = _parsed(text) if isinstance(text, str) and len(text) == _UUID_LENGTH else None
    if raw is None:
        raise CryptoError("malformed", f"{what} is no id")
    return raw


def whole(value: object, what: str, *, least: int, most: int) -> int:
    """Read a whole number in a range.

    Args:
        value: What was received.
        what: Its name, for the error.
        least: The smallest that is allowed.
        most: The largest that is allowed.

    Raises:
        CryptoError: `malformed` for anything else, also for true, false and 1.5.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise CryptoError("malformed", f"{what} is no whole number from {least} to {most}")
    return value


def fields(value: object, names: frozenset[str], what: str) -> Mapping[str, object]:
    """Read an object that has exactly these fields.

    Args:
        value: What was received.
        names: The fields.
        what: Its name, for the error.

    Raises:
        CryptoError: `malformed` when it is no object, or a field is missing or one too many.
    """
    if not isinstance(value, dict) or value.keys() != names:
        raise CryptoError("malformed", f"{what} does not have its fields")
    return value
