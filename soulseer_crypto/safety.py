"""Safety numbers: sixty digits that are the same on both sides if, and only if, both see the same two identities."""

from __future__ import annotations

import hashlib
from typing import Final

from soulseer_crypto.encoding import id_bytes

# As Signal does: each guess at a colliding identity costs this many hashes.
ROUNDS: Final = 5200
_SAFETY: Final = b"soulseer/safety/1"
_GROUPS: Final = 6
_GROUP_BYTES: Final = 5


def safety_number(one: tuple[str, bytes], other: tuple[str, bytes]) -> str:
    """The number two people compare, by voice or side by side.

    Args:
        one: A person's id and identity.
        other: The other's.

    Returns:
        Twelve groups of five digits.

    Raises:
        CryptoError: `malformed` when an id is none.
    """
    halves = sorted((id_bytes(user_id, "user_id"), identity) for user_id, identity in (one, other))
    return " ".join(_half(user_id, identity) for user_id, identity in halves)


def _half(user_id: bytes, identity: bytes) -> str:
    digest = _SAFETY + user_id + identity
    for _ in range(ROUNDS):
        digest = hashlib.blake2b(digest + identity, digest_size=64).digest()
    chunks = (digest[start : start + _GROUP_BYTES] for start in range(0, _GROUPS * _GROUP_BYTES, _GROUP_BYTES))
    return " ".join(f"{int.from_bytes(chunk, 'big') % 100_000:05d}" for chunk in chunks)
