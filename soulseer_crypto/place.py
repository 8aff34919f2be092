"""Where a message or a key belongs: its conversation and both people in it.

Envelopes and wrapped keys are bound to all three. Bound to the conversation alone, what one person wrote to another
could be shown to them as written to a third.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from soulseer_crypto.encoding import id_bytes
from soulseer_crypto.errors import CryptoError


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation of two people.

    Attributes:
        conversation_id: The conversation.
        members: Its two people, in the order of their ids.
        raw: The three ids as 48 bytes: the conversation's, the first member's, the second's.
    """

    conversation_id: str
    members: tuple[str, str]
    raw: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ids = (self.conversation_id, *self.members)
        object.__setattr__(self, "raw", b"".join(id_bytes(one, "a conversation's id") for one in ids))

    @classmethod
    def of(cls, conversation_id: str, members: Iterable[str]) -> Place:
        """Name a conversation.

        Args:
            conversation_id: The conversation.
            members: Its two people, in any order.

        Raises:
            CryptoError: `malformed` unless these are three ids, of two people.
        """
        match sorted(map(str, members)):
            case [first, second] if first != second:
                return cls(conversation_id, (first, second))
        raise CryptoError("malformed", "a conversation has two members")
