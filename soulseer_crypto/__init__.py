"""End-to-end encryption of messages, as a client in Python needs it; `packages/crypto` is the same in TypeScript.

Devices and their certificates (`keys`), what is remembered of people (`pins`), conversations and their messages
(`conversation`, `reading`, `envelope`, `wrapping`, `place`), their files (`files`), reports (`reports`), backups
(`backup`), safety numbers (`safety`).
Nothing here does I/O; every refusal is a `CryptoError` with a code.
"""

from soulseer_crypto.backup import KeyBackup
from soulseer_crypto.conversation import Conversation, KeyChange
from soulseer_crypto.envelope import Envelope, MessageType
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.files import FileNote, SealedFile, open_file, seal_file
from soulseer_crypto.keys import Device, DeviceRecord, Identity
from soulseer_crypto.pins import Pins
from soulseer_crypto.reading import Message, Opened, Refused, RefusedKey
from soulseer_crypto.reports import make_evidence, verify_evidence
from soulseer_crypto.safety import safety_number
from soulseer_crypto.wrapping import WrappedKey

__all__ = [
    "Conversation",
    "CryptoError",
    "Device",
    "DeviceRecord",
    "Envelope",
    "FileNote",
    "Identity",
    "KeyBackup",
    "KeyChange",
    "Message",
    "MessageType",
    "Opened",
    "Pins",
    "Refused",
    "RefusedKey",
    "SealedFile",
    "WrappedKey",
    "make_evidence",
    "open_file",
    "safety_number",
    "seal_file",
    "verify_evidence",
]
