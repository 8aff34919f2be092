"""Reports: a member reveals chosen messages, each with its own key; a moderator checks just those.

There is no key but the members' own, so nothing can be revealed that a member does not reveal. A moderator has pinned
nobody: what is proved is that a device sealed a message, and which identity signed that device. Whose identity it is
stays the server's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from soulseer_crypto.conversation import Conversation
from soulseer_crypto.encoding import fields, to_bytes, to_text, whole
from soulseer_crypto.envelope import MESSAGE_KEY_BYTES, Context, Envelope, message_type, open_with
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import DeviceRecord, uuid_text
from soulseer_crypto.place import Place
from soulseer_crypto.reading import Message, Opened

VERSION: Final = 1
MAX_MESSAGES: Final = 50
_EVIDENCE: Final = frozenset({"v", "conversation_id", "members", "messages"})
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
    return {
        "v": VERSION,
        "conversation_id": conversation.conversation_id,
        "members": list(conversation.members),
        "messages": revealed,
    }


def verify_evidence(evidence: object, rows: Iterable[object]) -> list[Opened]:
    """Check what a report reveals, as a moderator.

    Args:
        evidence: The report's evidence.
        rows: Both members' rows of `user_keys`, as the server answers them, revoked ones too. Only those of the devices
            that sealed something are looked at.

    Returns:
        The messages, each proved to be sealed by a device of its sender, between these two in this conversation, with
        this content. `identity` is the one that signed the device.

    Raises:
        CryptoError: `malformed`, `wrong_sender`, `unknown_device`, `forged`: then the report proves nothing.
    """
    found = fields(evidence, _EVIDENCE, "evidence")
    whole(found["v"], "v", least=VERSION, most=VERSION)
    place = _place(found["conversation_id"], found["members"])
    revealed = found["messages"]
    if not isinstance(revealed, list) or not 1 <= len(revealed) <= MAX_MESSAGES:
        raise CryptoError("malformed", f"a report reveals 1 to {MAX_MESSAGES} messages")
    shown = list(rows)
    return [_verify(place, one, shown) for one in revealed]


def _place(conversation_id: object, members: object) -> Place:
    if not isinstance(members, list):
        raise CryptoError("malformed", "members is no list")
    people = [uuid_text(member, "members") for member in members]
    place = Place.of(uuid_text(conversation_id, "conversation_id"), people)
    if people != list(place.members):
        raise CryptoError("malformed", "members are not in the order of their ids")
    return place


def _verify(place: Place, revealed: object, rows: Sequence[object]) -> Opened:
    found = fields(revealed, _REVEALED, "a revealed message")
    message = Message(
        sender_id=uuid_text(found["sender_id"], "sender_id"),
        message_type=message_type(found["message_type"]),
        content=found["envelope"],
        id=uuid_text(found["id"], "id"),
    )
    if message.sender_id not in place.members:
        raise CryptoError("wrong_sender", "sent by somebody who is no member")
    envelope = Envelope.read(message.content)
    sender = _shown(message.sender_id, envelope.device, rows)
    context = Context(place, message.sender_id, message.message_type)
    key = to_bytes(found["key"], "key", exactly=MESSAGE_KEY_BYTES)
    plaintext = open_with(key, context, envelope, sender.signing_key)
    return Opened(message, envelope, plaintext, sender.identity_key)


def _shown(user_id: str, device_id: str, rows: Sequence[object]) -> DeviceRecord:
    named = [
        row
        for row in rows
        if isinstance(row, Mapping) and (row.get("user_id"), row.get("device_id")) == (user_id, device_id)
    ]
    if len(named) != 1:
        raise CryptoError("unknown_device", "the server shows no such device of this person, or more than one")
    return DeviceRecord.read(named[0])
