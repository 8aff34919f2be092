"""Passwords: strength, bcrypt hashes, and checking without blocking the server."""

import asyncio
import re
import secrets

import bcrypt

from stack.auth.errors import AuthError, invalid, weak_password
from stack.auth.settings import AuthSettings

LONGEST_BYTES = 72
BCRYPT_HASH = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")


def check_strength(password: str, settings: AuthSettings) -> None:
    """Refuse a password that is too short, or longer than bcrypt reads.

    Raises:
        AuthError: weak_password, validation_failed.
    """
    if len(password.encode()) > LONGEST_BYTES:
        message = f"Password cannot be longer than {LONGEST_BYTES} characters"
        raise invalid(message)
    if len(password) < settings.password_min_length:
        raise weak_password(settings.password_min_length)


async def hashed(password: str, settings: AuthSettings) -> str:
    """Hash a password in a thread, since bcrypt is slow on purpose."""
    salt = bcrypt.gensalt(settings.bcrypt_cost)
    return (await asyncio.to_thread(bcrypt.hashpw, password.encode(), salt)).decode()


async def matches(password: str, stored: str | None) -> bool:
    """Tell whether the password is the one behind the hash; nobody has the empty hash."""
    if not stored or len(password.encode()) > LONGEST_BYTES:
        return False
    return await asyncio.to_thread(bcrypt.checkpw, password.encode(), stored.encode())


def checked_hash(value: str) -> str:
    """Accept a bcrypt hash made elsewhere.

    Raises:
        AuthError: validation_failed.
    """
    if not BCRYPT_HASH.fullmatch(value):
        raise AuthError(400, "validation_failed", "password_hash must be a bcrypt hash")
    return value


def unguessable() -> str:
    """Make a password nobody knows, for a person who signs in by mail only."""
    return secrets.token_urlsafe(48)
