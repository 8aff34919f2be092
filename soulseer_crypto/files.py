"""Files of a conversation, sealed on the sender's device; its IMAGE message tells what opens one.

The file is libsodium's secretstream under a key of its own. Key, hash, size, type and path stand in the file note,
which is what an IMAGE envelope seals, so that its signature holds for the file too. Form: `docs/encryption.md`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Final, Self

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from soulseer_crypto.encoding import id_bytes, to_bytes, to_text, whole
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.reading import Opened

# Padded content and what sealing adds stay within the bucket's 10 MiB.
MAX_FILE: Final = 10_223_615
# What a browser shows as a picture and never runs: no SVG.
MIME_TYPES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif")
FILE_KEY_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES

_MAGIC: Final = b"soulseer/file/1"
_CHUNK: Final = 65_536
_SMALLEST: Final = 4096
_HEADER_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_CHUNK_TAG_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_BETWEEN: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_HASH_BYTES: Final = 32
_PAD: Final = b"\x80"
_MAX_NOTE: Final = 512
_NOTE: Final = re.compile(
    r'\{"v":1,"path":"([0-9a-f-]{36})/([0-9a-f-]{36})","key":"([\w-]{43})","hash":"([\w-]{43})",'
    r'"size":(0|[1-9][0-9]{0,7}),"mime":"([a-z/]{1,32})"\}',
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class FileNote:
    """What a conversation's member needs to find a file, to know it again and to open it.

    Attributes:
        path: Its name in the bucket `chat-media`: the conversation's id, and one of its own.
        key: Its 32 bytes of key.
        hash: BLAKE2b-256 of the sealed bytes.
        size: Bytes of the content.
        mime: One of `MIME_TYPES`.
    """

    path: str
    key: bytes = field(repr=False)
    hash: bytes
    size: int
    mime: str

    @classmethod
    def of(cls, opened: Opened, conversation_id: str) -> Self:
        """Read the note in an IMAGE message that was opened, received or revealed by a report.

        Args:
            opened: The message.
            conversation_id: Its conversation.

        Raises:
            CryptoError: `malformed` for another type of message and anything but the one form of a note, `too_long` for
                more than any file has, `forged` when it leads to another conversation's folder.
        """
        if opened.message.message_type != "IMAGE":
            raise CryptoError("malformed", "only an IMAGE message has a file note")
        text = opened.plaintext.decode("ascii", "replace") if len(opened.plaintext) <= _MAX_NOTE else ""
        found = _NOTE.fullmatch(text)
        if found is None or found[6] not in MIME_TYPES:
            raise CryptoError("malformed", "this is no file note")
        for name in (found[1], found[2]):
            id_bytes(name, "path")
        note = cls(
            path=f"{found[1]}/{found[2]}",
            key=to_bytes(found[3], "key", exactly=FILE_KEY_BYTES),
            hash=to_bytes(found[4], "hash", exactly=_HASH_BYTES),
            size=_allowed(int(found[5])),
            mime=found[6],
        )
        if found[1] != conversation_id:
            raise CryptoError("forged", "a file of another conversation")
        return note

    def plaintext(self) -> bytes:
        """The note's one form: what `Conversation.seal` takes for an IMAGE message."""
        return (
            f'{{"v":1,"path":"{self.path}","key":"{to_text(self.key)}","hash":"{to_text(self.hash)}",'
            f'"size":{self.size},"mime":"{self.mime}"}}'
        ).encode("ascii")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file to be uploaded as `application/octet-stream`, and the note that opens it.

    Attributes:
        note: To be sent in an IMAGE message, once the upload succeeded; its `path` says where to.
        sealed: The bytes to upload.
    """

    note: FileNote
    sealed: bytes


def _allowed(size: int) -> int:
    if size > MAX_FILE:
        raise CryptoError("too_long", f"a file holds at most {MAX_FILE} bytes")
    return size


def padded_length(size: int) -> int:
    """How long a content is once it is padded: Padmé, so that a length tells at most its few highest bits.

    Args:
        size: Bytes of the content.
    """
    length = max(size + 1, _SMALLEST)
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def sealed_length(size: int) -> int:
    """How many bytes a sealed file has.

    Args:
        size: Bytes of its content.
    """
    padded = padded_length(size)
    return len(_MAGIC) + _HEADER_BYTES + padded + -(-padded // _CHUNK) * _CHUNK_TAG_BYTES


def seal_file(content: bytes, mime: str, conversation_id: str) -> SealedFile:
    """Seal a file under a fresh key, for a fresh place in the conversation's folder.

    Args:
        content: At most 10,223,615 bytes.
        mime: One of `MIME_TYPES`.
        conversation_id: The conversation it is for.

    Raises:
        CryptoError: `too_long`, or `malformed` for another type of content.
    """
    if mime not in MIME_TYPES:
        raise CryptoError("malformed", f"a file is one of {', '.join(MIME_TYPES)}")
    id_bytes(conversation_id, "conversation_id")
    padded = (content + _PAD).ljust(padded_length(_allowed(len(content))), b"\0")
    key = secrets.token_bytes(FILE_KEY_BYTES)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    pieces = [_MAGIC, bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)]
    for place in range(0, len(padded), _CHUNK):
        tag = _FINAL if place + _CHUNK >= len(padded) else _BETWEEN
        chunk = padded[place : place + _CHUNK]
        pieces.append(bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, _MAGIC, tag))
    sealed = b"".join(pieces)
    path = f"{conversation_id}/{uuid.uuid4()}"
    return SealedFile(FileNote(path, key, _hash(sealed), len(content), mime), sealed)


def open_file(note: FileNote, sealed: bytes) -> bytes:
    """Open a file that was downloaded from the note's path.

    Args:
        note: What its message says of it.
        sealed: What was downloaded.

    Returns:
        The content.

    Raises:
        CryptoError: `forged` unless it is just the file that the note was written for: whole, in its order, under its
            key; `malformed` for a file of another version, or badly padded; `too_long` for a size no file has.
    """
    whole(note.size, "size", least=0, most=2**53 - 1)
    # The length follows from the size: nothing is hashed, opened or allocated for a file that is too long or too short.
    if len(sealed) != sealed_length(_allowed(note.size)) or _hash(sealed) != note.hash:
        raise CryptoError("forged", "this is not the file that was sent")
    if not sealed.startswith(_MAGIC):
        raise CryptoError("malformed", "there is no such version of a sealed file")
    padded = _opened(note.key, sealed)
    content = padded[: note.size]
    if padded[note.size :] != _PAD.ljust(len(padded) - note.size, b"\0"):
        raise CryptoError("malformed", "the file is not padded as it should be")
    return content


def _hash(sealed: bytes) -> bytes:
    return hashlib.blake2b(sealed, digest_size=_HASH_BYTES).digest()


def _opened(key: bytes, sealed: bytes) -> bytes:
    start = len(_MAGIC) + _HEADER_BYTES
    pieces = []
    try:
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, sealed[len(_MAGIC) : start], key)
        for place in range(start, len(sealed), _CHUNK + _CHUNK_TAG_BYTES):
            end = place + _CHUNK + _CHUNK_TAG_BYTES
            chunk, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed[place:end], _MAGIC)
            if tag != (_FINAL if end >= len(sealed) else _BETWEEN):
                raise CryptoError("forged", "a file that ends where it should not")
            pieces.append(chunk)
    except SodiumError as error:
        raise CryptoError("forged", "a file does not open") from error
    return b"".join(pieces)
