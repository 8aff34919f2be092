"""The one error of this package: a code a program can act on, and a sentence for people."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "malformed",
    "forged",
    "wrong_sender",
    "unknown_device",
    "revoked_device",
    "key_unknown",
    "key_outdated",
    "replayed",
    "rolled_back",
    "identity_changed",
    "too_long",
    "wrong_passphrase",
]


class CryptoError(Exception):
    """Something was refused.

    Attributes:
        code: Which refusal; the same codes as the TypeScript client's.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code: Code = code
