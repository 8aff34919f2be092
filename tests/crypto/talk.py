"""Two people who talk, and everything the attacks need: keys, devices, pins and a conversation on each side."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from soulseer_crypto import (
    Conversation,
    CryptoError,
    Device,
    DeviceRecord,
    Identity,
    Message,
    Pins,
    WrappedKey,
    seal_file,
)
from soulseer_crypto.encoding import to_text

Json = dict[str, Any]


def device_row(record: DeviceRecord, *, revoked: bool = False) -> Json:
    """A row of `user_keys`."""
    arguments = {name.removeprefix("p_"): value for name, value in record.arguments().items()}
    return {"user_id": record.user_id, **arguments, "revoked_at": "2026-01-01T00:00:00Z" if revoked else None}


def key_row(wrapped: WrappedKey) -> Json:
    """A row of `conversation_keys`."""
    by = {"wrapped_by": wrapped.wrapped_by, "wrapped_by_device": wrapped.wrapped_by_device}
    return {**wrapped.argument(), **by}


@dataclass
class Party:
    """A person with one identity and any number of devices."""

    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: Identity = field(default_factory=Identity)
    rows: list[Json] = field(default_factory=list)
    pins: Pins = field(default_factory=Pins)

    def device(self) -> Device:
        made = Device(self.user_id)
        self.rows.append(device_row(self.identity.certify(made)))
        return made

    def revoke(self, device: Device) -> None:
        for row in self.rows:
            if row["device_id"] == device.device_id:
                row["revoked_at"] = "2026-01-01T00:00:00Z"


class Talk:
    """A conversation of two, each with one device, under the first key version."""

    def __init__(self) -> None:
        self.alice, self.bob = Party(), Party()
        self.id = str(uuid.uuid4())
        self.version = 0
        self.rows: list[Json] = []
        self.alice_device, self.bob_device = self.alice.device(), self.bob.device()
        self.see_devices()
        self.hers, self.his = self.join(self.alice, self.alice_device), self.join(self.bob, self.bob_device)
        self.rotate(self.hers)

    def see_devices(self) -> None:
        """Both sides read both people's devices."""
        for viewer in (self.alice, self.bob):
            for party in (self.alice, self.bob):
                viewer.pins.trust(party.user_id, party.rows)

    def join(self, party: Party, device: Device) -> Conversation:
        """The conversation on a device."""
        return Conversation(self.id, (self.alice.user_id, self.bob.user_id), device, party.pins)

    def rotate(self, by: Conversation) -> None:
        """One side starts the next version, and both learn it."""
        self.see_devices()
        change = by.start_version(self.version)
        self.version = change.version
        self.rows += map(key_row, change.wrapped)
        self.learn(self.hers, self.alice_device)
        self.learn(self.his, self.bob_device)

    def learn(self, conversation: Conversation, device: Device) -> None:
        """A device reads its own wrapped keys."""
        conversation.learn([row for row in self.rows if row["device_id"] == device.device_id], self.version)

    def shows(self, content: bytes, mime: str = "image/png") -> tuple[Message, bytes]:
        """Alice seals a picture: the message that tells of it, and the bytes to upload."""
        file = seal_file(content, mime, self.id)
        sealed = self.hers.seal(file.note.plaintext(), "IMAGE")
        return Message(self.alice.user_id, "IMAGE", sealed, str(uuid.uuid4())), file.sealed

    def says(self, text: str, kind: Any = "TEXT") -> Message:
        """Alice seals a message."""
        return Message(self.alice.user_id, kind, self.hers.seal(text.encode(), kind), str(uuid.uuid4()))


def refuses(*codes: str) -> AbstractContextManager[None]:
    """The block must be refused with one of the codes."""

    @contextmanager
    def judge() -> Iterator[None]:
        with pytest.raises(CryptoError) as refused:
            yield
        assert refused.value.code in codes, refused.value

    return judge()


def flipped(text: str, place: int = 0) -> str:
    """The same text with one letter changed."""
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def random_key() -> str:
    """A key of the right form that nobody has."""
    return to_text(Identity().public)
