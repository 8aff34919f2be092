"""A conversation as one device sees it: its keys by version, what it sent, and how far it read.

Nothing here does I/O. A program hands in rows as the database answers them and sends what comes out;
`docs/encryption.md` tells the order of the calls.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from soulseer_crypto.encoding import id_bytes, to_bytes, to_text, whole
from soulseer_crypto.envelope import Context, Envelope, MessageType, message_key, message_type, open_with, seal
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import Device, DeviceRecord, uuid_text
from soulseer_crypto.pins import Pins
from soulseer_crypto.wrapping import CONVERSATION_KEY_BYTES, MAX_VERSION, WrappedKey

# A count of what a device sends goes with its key version and, for signalling, is one of its own.
Count = tuple[str, int, bool]


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
        missing: How many messages the same device sent since the one before, that were not seen.
    """

    message: Message
    envelope: Envelope
    plaintext: bytes
    missing: int = 0


@dataclass(slots=True)
class Progress:
    """How far each device was read, so that nothing is taken twice or out of its order.

    Attributes:
        newest: The newest key version; older ones are refused.
        last: The last number of each count.
        complete: Whether reading began at the first message, so that one missing at the start is noticed.
    """

    newest: int = 0
    last: dict[Count, int] = field(default_factory=dict)
    complete: bool = False

    def check(self, count: Count, seq: int) -> int:
        """Judge a message's place.

        Args:
            count: Its count.
            seq: Its number.

        Returns:
            How many numbers were left out before it.

        Raises:
            CryptoError: `key_outdated` when newer versions were read already, `replayed` when it is not later.
        """
        if count[1] < self.newest:
            raise CryptoError("key_outdated", "sealed under a key that was renewed since")
        last = self.last.get(count)
        if last is None:
            return seq if self.complete else 0
        if seq <= last:
            raise CryptoError("replayed", "this message, or a later one of the same device, was read already")
        return seq - last - 1

    def advance(self, count: Count, seq: int) -> None:
        """Take note of a message that was opened.

        Args:
            count: Its count.
            seq: Its number.
        """
        self.newest = max(self.newest, count[1])
        self.last[count] = max(seq, self.last.get(count, 0))


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A new version of the conversation's key, wrapped for every device, to be sent with `start_conversation_key`.

    Attributes:
        version: The new version.
        wrapped: One copy for each device of both members.
    """

    version: int
    wrapped: tuple[WrappedKey, ...]


class Conversation:
    """One conversation on one device.

    Attributes:
        conversation_id: The conversation.
        members: Its two people.
    """

    def __init__(self, conversation_id: str, members: Iterable[str], device: Device, pins: Pins) -> None:
        """Begin with no keys.

        Args:
            conversation_id: The conversation.
            members: Its two people.
            device: The device this runs on; its owner is a member.
            pins: What is remembered of both members.

        Raises:
            CryptoError: `malformed`, `wrong_sender` when the device's owner is no member.
        """
        id_bytes(conversation_id, "conversation_id")
        self.conversation_id = conversation_id
        self.members: Final = tuple(members)
        if device.user_id not in self.members:
            raise CryptoError("wrong_sender", "this device belongs to neither of the two")
        self._device = device
        self._pins = pins
        self._keys: dict[int, bytes] = {}
        self._sent: dict[Count, int] = {}
        self._read = Progress()

    @property
    def version(self) -> int:
        """The newest key version this device ever saw; 0 before the first."""
        return self._read.newest

    # Keys

    def start_version(self, current: int) -> KeyChange:
        """Make the next version of the key. It is used once the server took it and `learn` was told.

        Args:
            current: The conversation's `key_version`, as the server says.

        Raises:
            CryptoError: `rolled_back` when the server says less than it once did, `unknown_device` when one has none.
        """
        if current < self.version:
            raise CryptoError("rolled_back", "the server says an older key version than before")
        key = secrets.token_bytes(CONVERSATION_KEY_BYTES)
        wrapped: list[WrappedKey] = []
        for member in self.members:
            devices = [device for device in self._pins.devices(member) if not device.revoked]
            if not devices:
                raise CryptoError("unknown_device", "one of the two has no device yet")
            wrapped += [self._wrap(key, current + 1, device) for device in devices]
        return KeyChange(current + 1, tuple(wrapped))

    def _wrap(self, key: bytes, version: int, target: DeviceRecord) -> WrappedKey:
        return WrappedKey.make(key, self.conversation_id, version, target, self._device)

    def learn(self, rows: Iterable[object], current: int) -> None:
        """Take the keys that were wrapped for this device.

        Args:
            rows: Rows of `conversation_keys` of this conversation and device.
            current: The conversation's `key_version`.

        Raises:
            CryptoError: `forged` when a key was not wrapped by a member's device for this one, or differs from it;
                `revoked_device` when the current version comes from a device revoked since: start another one;
                `rolled_back`, `unknown_device`, `malformed`.
        """
        if current < self.version:
            raise CryptoError("rolled_back", "the server says an older key version than before")
        for wrapped in map(WrappedKey.read, rows):
            if wrapped.conversation_id != self.conversation_id or wrapped.version > current:
                raise CryptoError("forged", "a key of another conversation, or of a version that does not exist")
            if wrapped.wrapped_by not in self.members:
                raise CryptoError("forged", "a key wrapped by somebody who is no member")
            wrapper = self._pins.device(wrapped.wrapped_by, wrapped.wrapped_by_device)
            if wrapper.revoked and wrapped.version == current and wrapped.version not in self._keys:
                raise CryptoError("revoked_device", "the current key comes from a revoked device")
            key = wrapped.open(self._device, wrapper)
            if self._keys.setdefault(wrapped.version, key) != key:
                raise CryptoError("forged", "a second key under one version")
        self._read.newest = max(self._read.newest, *self._keys, 0)

    def share(self, device_id: str) -> list[WrappedKey]:
        """Wrap every known version for another of the person's own devices, to be sent with `share_keys`.

        Args:
            device_id: The other device.

        Raises:
            CryptoError: `unknown_device`, `revoked_device`.
        """
        target = self._pins.device(self._device.user_id, device_id)
        if target.revoked:
            raise CryptoError("revoked_device", "a revoked device gets no keys")
        return [self._wrap(key, version, target) for version, key in sorted(self._keys.items())]

    def keys(self) -> dict[int, bytes]:
        """Every known version's key, for a backup."""
        return dict(self._keys)

    def restore_keys(self, keys: Mapping[int, bytes]) -> None:
        """Take keys out of the person's own backup.

        Args:
            keys: Keys by version.

        Raises:
            CryptoError: `forged` when one differs from what is known.
        """
        for version, key in keys.items():
            if self._keys.setdefault(version, key) != key:
                raise CryptoError("forged", "a second key under one version")
        self._read.newest = max(self._read.newest, *self._keys, 0)

    # Messages

    def seal(self, plaintext: bytes, kind: MessageType = "TEXT") -> dict[str, object]:
        """Seal a message under the newest key.

        Args:
            plaintext: At most 16,367 bytes.
            kind: `TEXT`, `IMAGE` or `SIGNAL`.

        Returns:
            The envelope, as JSON.

        Raises:
            CryptoError: `key_unknown` before the first key, `too_long`.
        """
        key = self._keys.get(self.version)
        if key is None:
            raise CryptoError("key_unknown", "this device has no key to seal with")
        count = (self._device.device_id, self.version, kind == "SIGNAL")
        seq = self._sent.get(count, -1) + 1
        context = Context(self.conversation_id, self._device.user_id, kind)
        envelope = seal(key, context, self.version, seq, plaintext, self._device)
        self._sent[count] = seq
        return envelope.json()

    def retract(self, content: object, kind: MessageType = "TEXT") -> None:
        """Give back the number of an envelope that the server refused, or the other side finds one missing.

        Args:
            content: The envelope that `seal` answered last.
            kind: Its type.
        """
        envelope = Envelope.read(content)
        count = (envelope.device, envelope.key, kind == "SIGNAL")
        if self._sent.get(count) == envelope.seq and self._read.last.get(count, -1) < envelope.seq:
            self._sent[count] = envelope.seq - 1

    def receive(self, message: Message) -> Opened:
        """Open a message that just came.

        Args:
            message: The message.

        Raises:
            CryptoError: `malformed`, `wrong_sender`, `unknown_device`, `revoked_device`, `key_unknown`, `key_outdated`,
                `replayed` or `forged`. What was refused leaves no trace.
        """
        return self._open(message, self._read, live=True)

    def read_history(self, messages: Iterable[Message], *, complete: bool = False) -> list[Opened]:
        """Open a stretch of past messages, oldest first; what comes after it is received from there on.

        Args:
            messages: The messages, in the order of their ids.
            complete: Whether they begin with the conversation's first.

        Raises:
            CryptoError: As `receive`; devices revoked since and older keys are taken, each in its order.
        """
        progress = Progress(complete=complete)
        opened = [self._open(message, progress, live=False) for message in messages]
        for count, seq in progress.last.items():
            self._read.last[count] = max(seq, self._read.last.get(count, 0))
        return opened

    def _open(self, message: Message, progress: Progress, *, live: bool) -> Opened:
        envelope, sender = self._judge(message)
        if live and sender.revoked:
            raise CryptoError("revoked_device", "sent by a device that is revoked")
        count = (envelope.device, envelope.key, message.message_type == "SIGNAL")
        missing = progress.check(count, envelope.seq)
        context = Context(self.conversation_id, message.sender_id, message.message_type)
        plaintext = open_with(self._message_key(context, envelope), context, envelope, sender.signing_key)
        progress.advance(count, envelope.seq)
        return Opened(message, envelope, plaintext, missing)

    def _judge(self, message: Message) -> tuple[Envelope, DeviceRecord]:
        if message.sender_id not in self.members:
            raise CryptoError("wrong_sender", "sent by somebody who is no member")
        envelope = Envelope.read(message.content)
        return envelope, self._pins.device(message.sender_id, envelope.device)

    def _message_key(self, context: Context, envelope: Envelope) -> bytes:
        key = self._keys.get(envelope.key)
        if key is None:
            raise CryptoError("key_unknown", "this device does not have the key of this message")
        return message_key(key, context.header(envelope.key, envelope.seq, envelope.device), envelope.nonce)

    def reveal(self, message: Message) -> bytes:
        """The key of one message, for a report; it opens this message and no other.

        Args:
            message: A message of this conversation.

        Raises:
            CryptoError: As `receive`, when the message is not what it says.
        """
        envelope, sender = self._judge(message)
        context = Context(self.conversation_id, message.sender_id, message.message_type)
        key = self._message_key(context, envelope)
        open_with(key, context, envelope, sender.signing_key)
        return key

    # Between runs

    def export(self) -> dict[str, object]:
        """Everything to keep on the device between runs: secret."""
        return {
            "keys": {str(version): to_text(key) for version, key in self._keys.items()},
            "newest": self._read.newest,
            "sent": [[*count, seq] for count, seq in self._sent.items()],
            "read": [[*count, seq] for count, seq in self._read.last.items()],
        }

    def restore(self, kept: Mapping[str, object]) -> None:
        """Take back what `export` gave.

        Args:
            kept: What was kept.

        Raises:
            CryptoError: `malformed`.
        """
        keys, sent, read = kept.get("keys"), kept.get("sent"), kept.get("read")
        if not isinstance(keys, Mapping) or not isinstance(sent, list) or not isinstance(read, list):
            raise CryptoError("malformed", "this is no conversation that was kept")
        self.restore_keys({int(version): to_bytes(key, "key", exactly=32) for version, key in keys.items()})
        self._read.newest = max(self.version, whole(kept.get("newest"), "newest", least=0, most=MAX_VERSION))
        for target, counts in ((self._sent, sent), (self._read.last, read)):
            target.update({(device, version, is_signal): seq for device, version, is_signal, seq in counts})
