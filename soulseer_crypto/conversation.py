"""A conversation as one device sees it: its keys by version, what it sent, and how far it read.

Nothing here does I/O. A program hands in rows as the database answers them and sends what comes out;
`docs/encryption.md` tells the order of the calls.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soulseer_crypto.encoding import to_bytes, to_text, whole
from soulseer_crypto.envelope import Context, Envelope, MessageType, message_key, open_with, seal
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import Device, DeviceRecord
from soulseer_crypto.pins import Pins
from soulseer_crypto.place import Place
from soulseer_crypto.reading import Count, Message, Opened, Progress, Refused, RefusedKey, kept_counts
from soulseer_crypto.wrapping import CONVERSATION_KEY_BYTES, MAX_VERSION, WrappedKey


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
    """One conversation on one device."""

    def __init__(self, conversation_id: str, members: Iterable[str], device: Device, pins: Pins) -> None:
        """Begin with no keys.

        Args:
            conversation_id: The conversation.
            members: Its two people, in any order.
            device: The device this runs on; its owner is a member.
            pins: What is remembered of both members.

        Raises:
            CryptoError: `malformed`, `wrong_sender` when the device's owner is no member.
        """
        self._place = Place.of(conversation_id, members)
        if device.user_id not in self.members:
            raise CryptoError("wrong_sender", "this device belongs to neither of the two")
        self._device = device
        self._pins = pins
        self._keys: dict[int, bytes] = {}
        self._sent: dict[Count, int] = {}
        self._read = Progress()

    @property
    def conversation_id(self) -> str:
        """The conversation."""
        return self._place.conversation_id

    @property
    def members(self) -> tuple[str, str]:
        """Its two people, in the order of their ids."""
        return self._place.members

    @property
    def version(self) -> int:
        """The newest key version this device ever heard of; 0 before the first."""
        return self._read.newest

    # Keys

    def start_version(self, current: int) -> KeyChange:
        """Make the next version of the key. It is used once the server took it and `learn` was told.

        Args:
            current: The conversation's `key_version`, as the server says.

        Raises:
            CryptoError: `rolled_back` when the server says less than it once did, `unknown_device` when one has none,
                `identity_changed` when what is pinned of this very device is not what it has.
        """
        self._forwards(current)
        self._know_myself()
        key = secrets.token_bytes(CONVERSATION_KEY_BYTES)
        wrapped: list[WrappedKey] = []
        for member in self.members:
            devices = [device for device in self._pins.devices(member) if not device.revoked]
            if not devices:
                raise CryptoError("unknown_device", "one of the two has no device yet")
            wrapped += [self._wrap(key, current + 1, device) for device in devices]
        return KeyChange(current + 1, tuple(wrapped))

    def _forwards(self, current: int) -> None:
        # One more must be a version as well.
        whole(current, "key_version", least=0, most=MAX_VERSION - 1)
        if current < self.version:
            raise CryptoError("rolled_back", "the server says an older key version than before")

    def _know_myself(self) -> None:
        # Whoever shows this person's devices with another identity has none that signed this one.
        mine = self._pins.device(self._device.user_id, self._device.device_id)
        if (mine.device_key, mine.signing_key) != (self._device.box_public, self._device.sign_public):
            raise CryptoError("identity_changed", "the server shows this device with other keys")

    def _wrap(self, key: bytes, version: int, target: DeviceRecord) -> WrappedKey:
        return WrappedKey.make(key, self._place, version, target, self._device)

    def learn(self, rows: Iterable[object], current: int) -> list[RefusedKey]:
        """Take the keys that were wrapped for this device. What is good is taken, whatever else is there.

        Without the current version's key `seal` answers `key_unknown`, until another version is started.

        Args:
            rows: Rows of `conversation_keys` of this conversation and device.
            current: The conversation's `key_version`.

        Returns:
            The rows that were not taken: `forged` when a key was not wrapped by a member's device for this one, or
            differs from what was known; `revoked_device` when the current version comes from a device revoked since:
            start another one; `unknown_device`, `malformed`.

        Raises:
            CryptoError: `rolled_back`, `malformed`, `unknown_device` or `identity_changed` as `start_version`: then
                nothing is taken.
        """
        self._forwards(current)
        self._know_myself()
        refused = []
        for row in rows:
            try:
                self._take(WrappedKey.read(row), current)
            except CryptoError as error:
                refused.append(RefusedKey(row, error.code))
        self._read.newest = max(self._read.newest, current)
        return refused

    def _take(self, wrapped: WrappedKey, current: int) -> None:
        if wrapped.version > current:
            raise CryptoError("forged", "a key of a version that does not exist")
        if wrapped.wrapped_by not in self.members:
            raise CryptoError("forged", "a key wrapped by somebody who is no member")
        wrapper = self._pins.device(wrapped.wrapped_by, wrapped.wrapped_by_device)
        if wrapper.revoked and wrapped.version == current and wrapped.version not in self._keys:
            raise CryptoError("revoked_device", "the current key comes from a revoked device")
        self._keep(wrapped.version, wrapped.open(self._place, self._device, wrapper))

    def _keep(self, version: int, key: bytes) -> None:
        if self._keys.setdefault(version, key) != key:
            raise CryptoError("forged", "a second key under one version")
        self._read.newest = max(self._read.newest, version)

    def share(self, device_id: str) -> list[WrappedKey]:
        """Wrap every known version for another of the person's own devices, to be sent with `share_keys`.

        Args:
            device_id: The other device.

        Raises:
            CryptoError: `unknown_device`, `revoked_device`, `identity_changed`.
        """
        self._know_myself()
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
            self._keep(version, key)

    # Messages

    def seal(self, plaintext: bytes, kind: MessageType = "TEXT") -> dict[str, object]:
        """Seal a message under the newest key.

        Args:
            plaintext: At most 16,367 bytes.
            kind: `TEXT`, `IMAGE` or `SIGNAL`.

        Returns:
            The envelope, as JSON.

        Raises:
            CryptoError: `key_unknown` before the first key, and where the newest version's is missing; `too_long`.
        """
        key = self._keys.get(self.version)
        if key is None:
            raise CryptoError("key_unknown", "this device has no key to seal with")
        count = (self._device.user_id, self._device.device_id, kind == "SIGNAL")
        # What this device finds of its own was sent, even where what was kept between runs says less.
        seq = max(self._sent.get(count, -1), self._read.last.get(count, -1)) + 1
        context = Context(self._place, self._device.user_id, kind)
        envelope = seal(key, context, self.version, seq, plaintext, self._device)
        self._sent[count] = seq
        return envelope.json()

    def receive(self, message: Message) -> Opened:
        """Open a message that just came.

        Args:
            message: The message.

        Raises:
            CryptoError: `malformed`, `wrong_sender`, `unknown_device`, `revoked_device`, `key_unknown`, `key_outdated`,
                `replayed` or `forged`. What was refused leaves no trace.
        """
        return self._open(message, self._read, live=True)

    def read_history(self, messages: Iterable[Message], *, complete: bool = False) -> list[Opened | Refused]:
        """Open a stretch of past messages, oldest first; what comes after it is received from there on.

        Args:
            messages: The messages, in the order of their ids.
            complete: Whether they begin with the conversation's first.

        Returns:
            Each message, opened or refused, with the codes of `receive`. Devices revoked since and older keys are
            taken, each in its order.
        """
        progress = Progress(complete=complete, before=self._read.last)
        answers: list[Opened | Refused] = []
        for message in messages:
            try:
                answers.append(self._open(message, progress, live=False))
            except CryptoError as error:
                answers.append(Refused(message, error.code))
        for count, seq in progress.last.items():
            self._read.reach(count, seq)
        return answers

    def _open(self, message: Message, progress: Progress, *, live: bool) -> Opened:
        envelope, sender = self._judge(message)
        if live and sender.revoked:
            raise CryptoError("revoked_device", "sent by a device that is revoked")
        count = (message.sender_id, envelope.device, message.message_type == "SIGNAL")
        missing = progress.check(count, envelope)
        context = Context(self._place, message.sender_id, message.message_type)
        plaintext = open_with(self._message_key(context, envelope), context, envelope, sender.signing_key)
        progress.advance(count, envelope)
        return Opened(message, envelope, plaintext, sender.identity_key, missing)

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
        context = Context(self._place, message.sender_id, message.message_type)
        key = self._message_key(context, envelope)
        open_with(key, context, envelope, sender.signing_key)
        return key

    # Between runs

    def export(self) -> dict[str, object]:
        """Everything to keep on the device between runs: secret.

        A version whose key was never shown is not kept: a server that once named a wrong one closes no conversation
        for ever.
        """
        return {
            "keys": {str(version): to_text(key) for version, key in self._keys.items()},
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
        keys = kept.get("keys")
        if not isinstance(keys, Mapping):
            raise CryptoError("malformed", "this is no conversation that was kept")
        sent, read = kept_counts(kept.get("sent")), kept_counts(kept.get("read"))
        self.restore_keys({int(version): to_bytes(key, "key", exactly=32) for version, key in keys.items()})
        self._sent.update(sent)
        for count, seq in read.items():
            self._read.reach(count, seq)
