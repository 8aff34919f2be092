"""Reports: a member reveals chosen messages, each with its own key; a moderator checks just those.

There is no key but the members' own, so nothing can be revealed that a member does not reveal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from soulseer_crypto.conversation import Conversation, Message, Opened
from soulseer_crypto.encoding import fields, to_bytes, to_text, whole
from soulseer_crypto.envelope import MESSAGE_KEY_BYTES, Context, Envelope, message_type, open_with
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import uuid_text
from soulseer_crypto.pins import Pins

VERSION: Final = 1
MAX_MESSAGES: Final = 50
_EVIDENCE: Final = frozenset({"v", "conversation_id", "messages"})
_REVEALED: Final = frozenset({"id", "sender_id", "message_type", "envelope", "key"})


def make_evidence(conversation: Conversation, messages: Iterable[Message]) -> dict[str, object]:
    """Reveal messages: the argument `p_evidence` of `file_report`.

    Args:
        conversation: The conversation they belong to.
        messages: At most 50 rows of it, each with its id.

    Raises:
        CryptoError: `malformed`, or as `Conversation.receive` for a message that is not what it says.
    """
    revealed = [
        {
            "id": uuid_text(message.id, "id"),
            "sender_id": message.sender_id,
            "message_type": message.message_type,
            "envelope": message.content,
            "key": to_text(conversation.reveal(message)),
        }
        for message in messages
    ]
    if not 1 <= len(revealed) <= MAX_MESSAGES:
        raise CryptoError("malformed", f"a report reveals 1 to {MAX_MESSAGES} messages")
    return {"v": VERSION, "conversation_id": conversation.conversation_id, "messages": revealed}


def verify_evidence(evidence: object, pins: Pins) -> list[Opened]:
    """Check what a report reveals, as a moderator.

    Args:
        evidence: The report's evidence.
        pins: What is known of both members: `Pins.trust` their rows of `user_keys` first.

    Returns:
        The messages, each proved to be sealed by a device of its sender, in this conversation, with this content.

    Raises:
        CryptoError: `malformed`, `unknown_device`, `forged`: then the report proves nothing.
    """
    found = fields(evidence, _EVIDENCE, "evidence")
    whole(found["v"], "v", least=VERSION, most=VERSION)
    conversation_id = uuid_text(found["conversation_id"], "conversation_id")
    revealed = found["messages"]
    if not isinstance(revealed, list) or not 1 <= len(revealed) <= MAX_MESSAGES:
        raise CryptoError("malformed", f"a report reveals 1 to {MAX_MESSAGES} messages")
    return [_verify(conversation_id, one, pins) for one in revealed]


def _verify(conversation_id: str, revealed: object, pins: Pins) -> Opened:
    found = fields(revealed, _REVEALED, "a revealed message")
    message = Message(
        sender_id=uuid_text(found["sender_id"], "sender_id"),
        message_type=message_type(found["message_type"]),
        content=found["envelope"],
        id=uuid_text(found["id"], "id"),
    )
    envelope = Envelope.read(message.content)
    sender = pins.device(message.sender_id, envelope.device)
    context = Context(conversation_id, message.sender_id, message.message_type)
    key = to_bytes(found["key"], "key", exactly=MESSAGE_KEY_BYTES)
    return Opened(message, envelope, open_with(key, context, envelope, sender.signing_key))
