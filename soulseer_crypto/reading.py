"""Reading: messages as they come, what opening one answers, and how far each device was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from soulseer_crypto.encoding import whole
from soulseer_crypto.envelope import MAX_SEQ, Envelope, MessageType, message_type
from soulseer_crypto.errors import Code, CryptoError
from soulseer_crypto.keys import uuid_text

# Who counts, with which device, and whether signals; a count runs on when the conversation's key is renewed.
Count = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Message:
    """A row of `messages` or `chat_messages`, or a signal from a peer topic.

    Attributes:
        sender_id: Who is said to have sent it.
        message_type: Its type.
        content: The envelope, as JSON, not yet read.
        id: The row's id; a signal has none.
    """

    sender_id: str
    message_type: MessageType
    content: object
    id: str | None = None

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row.

        Args:
            row: The row as JSON; columns it has beyond these are left alone.

        Raises:
            CryptoError: `malformed`.
        """
        if not isinstance(row, Mapping):
            raise CryptoError("malformed", "a message is no row")
        known = row.get("id")
        return cls(
            sender_id=uuid_text(row.get("sender_id"), "sender_id"),
            message_type=message_type(row.get("message_type")),
            content=row.get("content"),
            id=None if known is None else uuid_text(known, "id"),
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was opened: sealed by this device of this person, at this place, and unchanged.

    Attributes:
        message: The message as it came.
        envelope: Its envelope.
        plaintext: What it says.
        identity: The identity that signed the device.
        missing: How many messages of the same device between the one before and this were not opened.
    """

    message: Message
    envelope: Envelope
    plaintext: bytes
    identity: bytes
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A message of a stretch that was not opened.

    Attributes:
        message: The message as it came.
        code: Why.
    """

    message: Message
    code: Code


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A wrapped key that was not taken.

    Attributes:
        row: The row as it came.
        code: Why.
    """

    row: object
    code: Code


@dataclass(slots=True)
class Progress:
    """How far each device was read, so that nothing is taken twice or out of its order.

    Attributes:
        newest: The newest key version; older ones are refused.
        last: The last number of each count.
        complete: Whether reading began at the first message, so that one missing at the start is noticed.
        before: How far each count was read before this began.
    """

    newest: int = 0
    last: dict[Count, int] = field(default_factory=dict)
    complete: bool = False
    before: Mapping[Count, int] = field(default_factory=dict)

    def check(self, count: Count, envelope: Envelope) -> int:
        """Judge a message's place.

        Args:
            count: Its count.
            envelope: Its envelope.

        Returns:
            How many numbers were left out before it.

        Raises:
            CryptoError: `key_outdated` when newer versions were read already, `replayed` when it is not later.
        """
        if envelope.key < self.newest:
            raise CryptoError("key_outdated", "sealed under a key that was renewed since")
        last = self.last.get(count, -1 if self.complete else None)
        if last is None:
            # A stretch that goes on from what was read is judged by that; an older one begins wherever it begins.
            return max(0, envelope.seq - self.before.get(count, envelope.seq) - 1)
        if envelope.seq <= last:
            raise CryptoError("replayed", "this message, or a later one of the same device, was read already")
        return envelope.seq - last - 1

    def advance(self, count: Count, envelope: Envelope) -> None:
        """Take note of a message that was opened.

        Args:
            count: Its count.
            envelope: Its envelope.
        """
        self.newest = max(self.newest, envelope.key)
        self.reach(count, envelope.seq)

    def reach(self, count: Count, seq: int) -> None:
        """Take note that a count was read as far as a number.

        Args:
            count: The count.
            seq: The number.
        """
        self.last[count] = max(seq, self.last.get(count, -1))


def kept_counts(kept: object) -> dict[Count, int]:
    """Read counts that were kept between runs.

    Args:
        kept: A list of sender, device, whether signals, and number.

    Raises:
        CryptoError: `malformed`.
    """
    if not isinstance(kept, list):
        raise CryptoError("malformed", "these are no counts")
    counts: dict[Count, int] = {}
    for one in kept:
        match one:
            case [sender, device, bool(is_signal), seq]:
                count = (uuid_text(sender, "a count's person"), uuid_text(device, "a count's device"), is_signal)
                counts[count] = whole(seq, "a count", least=-1, most=MAX_SEQ)
            case _:
                raise CryptoError("malformed", "this is no count")
    return counts
