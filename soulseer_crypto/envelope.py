"""An envelope: one message, sealed by one device under one version of its conversation's key.

Its form, byte by byte, is in `docs/encryption.md`. The message's own key is derived from the conversation's, so that a
report can reveal one message without any other; the signature commits to it, so that no other key fits the message.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Literal, Self, cast, get_args

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from soulseer_crypto.encoding import fields, id_bytes, to_bytes, to_text, whole
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import SIGNATURE_BYTES, Device, sign, uuid_text, verify
from soulseer_crypto.place import Place
from soulseer_crypto.wrapping import MAX_VERSION

MessageType = Literal["TEXT", "IMAGE", "SIGNAL"]
TYPES: Final[tuple[str, ...]] = get_args(MessageType)

VERSION: Final = 1
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
MESSAGE_KEY_BYTES: Final = 32
MAX_SEQ: Final = 999_999_999_999_999
# What is sealed is padded to one of these lengths; the last, with its tag, is the largest the database takes.
BUCKETS: Final = (64, 128, 256, 512, 1024, 2048, 4096, 8192, 16368)
MAX_PLAINTEXT: Final = BUCKETS[-1] - 1

_FIELDS: Final = frozenset({"v", "key", "seq", "nonce", "box", "sig", "device"})
_MESSAGE: Final = b"soulseer/message/1"
_COMMIT: Final = b"soulseer/commit/1"
_ENVELOPE: Final = b"soulseer/envelope/1"
_TYPE_BYTE: Final = {"TEXT": b"\x01", "IMAGE": b"\x02", "SIGNAL": b"\x03"}
_PAD: Final = b"\x80"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope, read or made.

    Attributes:
        key: Version of the conversation's key.
        seq: The device's count of what it sent in this conversation, under all versions; of signals, if it is one.
        nonce: 24 random bytes.
        box: The ciphertext with its tag.
        sig: The device's signature.
        device: The device that sealed it.
    """

    key: int
    seq: int
    nonce: bytes
    box: bytes
    sig: bytes
    device: str

    @classmethod
    def read(cls, value: object) -> Self:
        """Read an envelope as the database has it.

        Args:
            value: JSON, from anybody.

        Raises:
            CryptoError: `malformed` for anything but the one form of an envelope.
        """
        found = fields(value, _FIELDS, "an envelope")
        whole(found["v"], "v", least=VERSION, most=VERSION)
        box = to_bytes(found["box"], "box", at_most=BUCKETS[-1] + TAG_BYTES)
        if len(box) - TAG_BYTES not in BUCKETS:
            raise CryptoError("malformed", "box has none of the padded lengths")
        return cls(
            key=whole(found["key"], "key", least=1, most=MAX_VERSION),
            seq=whole(found["seq"], "seq", least=0, most=MAX_SEQ),
            nonce=to_bytes(found["nonce"], "nonce", exactly=NONCE_BYTES),
            box=box,
            sig=to_bytes(found["sig"], "sig", exactly=SIGNATURE_BYTES),
            device=uuid_text(found["device"], "device"),
        )

    def json(self) -> dict[str, object]:
        """The envelope as the database has it."""
        return {
            "v": VERSION,
            "key": self.key,
            "seq": self.seq,
            "nonce": to_text(self.nonce),
            "box": to_text(self.box),
            "sig": to_text(self.sig),
            "device": self.device,
        }


def pad(plaintext: bytes) -> bytes:
    """Pad to the next bucket: one byte 0x80, then zeros.

    Args:
        plaintext: At most 16,367 bytes.

    Raises:
        CryptoError: `too_long`.
    """
    for bucket in BUCKETS:
        if len(plaintext) < bucket:
            return (plaintext + _PAD).ljust(bucket, b"\0")
    raise CryptoError("too_long", f"a message holds at most {MAX_PLAINTEXT} bytes")


def unpad(padded: bytes) -> bytes:
    """Take the padding away.

    Args:
        padded: What `pad` answered.

    Raises:
        CryptoError: `malformed` when it is not padded, or to another bucket than it would be.
    """
    stripped = padded.rstrip(b"\0")
    plaintext = stripped[:-1]
    if not stripped.endswith(_PAD) or next((size for size in BUCKETS if size > len(plaintext)), 0) != len(padded):
        raise CryptoError("malformed", "the message is not padded as it should be")
    return plaintext


@dataclass(frozen=True, slots=True)
class Context:
    """What an envelope is bound to beside its own fields.

    Attributes:
        place: The conversation and its members.
        sender_id: Who sent it.
        message_type: `TEXT`, `IMAGE`, or `SIGNAL` for what two browsers send to set up a call.
    """

    place: Place
    sender_id: str
    message_type: MessageType

    def header(self, key: int, seq: int, device: str) -> bytes:
        """The associated data of an envelope: 93 bytes.

        Args:
            key: Version of the conversation's key.
            seq: The device's count.
            device: The device's id.

        Raises:
            CryptoError: `malformed` when an id or the type is none.
        """
        if self.message_type not in _TYPE_BYTE:
            raise CryptoError("malformed", "there is no such type of message")
        ids = id_bytes(self.sender_id, "sender_id") + id_bytes(device, "device")
        counts = key.to_bytes(4, "big") + seq.to_bytes(8, "big")
        return self.place.raw + ids + _TYPE_BYTE[self.message_type] + counts


def message_key(conversation_key: bytes, header: bytes, nonce: bytes) -> bytes:
    """Derive the key of one message. Nothing about the conversation's key, or another message's, follows from it.

    Args:
        conversation_key: The conversation's key, of the version in the header.
        header: `Context.header` of the message.
        nonce: Its nonce.
    """
    return hashlib.blake2b(_MESSAGE + header + nonce, key=conversation_key, digest_size=MESSAGE_KEY_BYTES).digest()


def _statement(key: bytes, header: bytes, nonce: bytes, box: bytes) -> bytes:
    return _ENVELOPE + header + nonce + hashlib.blake2b(_COMMIT, key=key, digest_size=32).digest() + box


def seal(
    conversation_key: bytes,
    context: Context,
    version: int,
    seq: int,
    plaintext: bytes,
    device: Device,
    nonce: bytes | None = None,
) -> Envelope:
    """Seal and sign a message.

    Args:
        conversation_key: The conversation's key.
        context: What the message is bound to; its sender is the device's owner.
        version: The key's version.
        seq: The device's count, never used before.
        plaintext: At most 16,367 bytes.
        device: The device that sends.
        nonce: 24 bytes, only for test vectors; random when left out.

    Raises:
        CryptoError: `too_long`, `wrong_sender`.
    """
    if context.sender_id != device.user_id:
        raise CryptoError("wrong_sender", "a device seals for its owner only")
    nonce = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    header = context.header(version, seq, device.device_id)
    key = message_key(conversation_key, header, nonce)
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plaintext), header, nonce, key)
    sig = sign(device.sign_secret, _statement(key, header, nonce, box))
    return Envelope(version, seq, nonce, box, sig, device.device_id)


def open_with(key: bytes, context: Context, envelope: Envelope, signing_key: bytes) -> bytes:
    """Check a message's signature with its own key, and open it.

    Args:
        key: The message's key: derived, or revealed in a report.
        context: What the message is said to be bound to.
        envelope: The envelope.
        signing_key: The Ed25519 key of the device that is said to have sealed it.

    Returns:
        The plaintext.

    Raises:
        CryptoError: `forged` unless that device sealed just this, in this place, under this key.
    """
    header = context.header(envelope.key, envelope.seq, envelope.device)
    verify(signing_key, _statement(key, header, envelope.nonce, envelope.box), envelope.sig, "a message")
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(envelope.box, header, envelope.nonce, key)
    except SodiumError as error:
        raise CryptoError("forged", "a message does not open") from error
    return unpad(padded)


def message_type(value: object) -> MessageType:
    """Read a type of message.

    Args:
        value: What was received.

    Raises:
        CryptoError: `malformed` for any other; SYSTEM messages are plain and are not opened.
    """
    if not isinstance(value, str) or value not in TYPES:
        raise CryptoError("malformed", "there is no such type of message")
    return cast("MessageType", value)
