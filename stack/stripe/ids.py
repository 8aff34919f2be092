"""Identifiers in Stripe's style: a prefix for the kind, then letters and digits."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    """A fresh id such as `pi_3Tq…`."""
    return f"{prefix}_{token(length)}"


def token(length: int = 24) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
