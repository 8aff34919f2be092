"""Two people who talk, and everything the attacks need: keys, devices, pins and a conversation on each side."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from soulseer_crypto import (
    Conversation,
    CryptoError,
    Device,
    DeviceRecord,
    Identity,
    Message,
    Opened,
    Pins,
    Refused,
    RefusedKey,
    WrappedKey,
    seal_file,
)
from soulseer_crypto.encoding import to_text
from soulseer_crypto.keys import sign
from soulseer_crypto.place import Place

Json = dict[str, Any]


def device_row(record: DeviceRecord, *, revoked: bool = False) -> Json:
    """A row of `user_keys`."""
    arguments = {name.removeprefix("p_"): value for name, value in record.arguments().items()}
    return {"user_id": record.user_id, **arguments, "revoked_at": "2026-01-01T00:00:00Z" if revoked else None}


def resigned(wrapped: WrappedKey, sealed: bytes, place: Place, by: Device) -> WrappedKey:
    """A wrapped key with something else sealed in it, and the right signature over that."""
    changed = replace(wrapped, wrapped=sealed)
    return replace(changed, wrapped=sealed + sign(by.sign_secret, changed.statement(place)))


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

    def place(self) -> Place:
        """The conversation and both people."""
        return Place.of(self.id, (self.alice.user_id, self.bob.user_id))

    def wrapped(self, key: bytes, version: int, device: Device, by: Device) -> Json:
        """A row of `conversation_keys`: a key of somebody's choice, wrapped by a device for another."""
        target = DeviceRecord(device.user_id, device.device_id, b"", device.box_public, device.sign_public, b"")
        return key_row(WrappedKey.make(key, self.place(), version, target, by))

    def rotate(self, by: Conversation) -> None:
        """One side starts the next version, and both learn it."""
        self.see_devices()
        change = by.start_version(self.version)
        self.version = change.version
        self.rows += map(key_row, change.wrapped)
        self.learn(self.hers, self.alice_device)
        self.learn(self.his, self.bob_device)

    def learn(self, conversation: Conversation, device: Device) -> None:
        """A device reads its own wrapped keys, all good ones."""
        assert not conversation.learn(self.key_rows(device), self.version)

    def shows(self, content: bytes, mime: str = "image/png") -> tuple[Message, bytes]:
        """Alice seals a picture: the message that tells of it, and the bytes to upload."""
        file = seal_file(content, mime, self.id)
        sealed = self.hers.seal(file.note.plaintext(), "IMAGE")
        return Message(self.alice.user_id, "IMAGE", sealed, str(uuid.uuid4())), file.sealed

    def says(self, text: str, kind: Any = "TEXT") -> Message:
        """Alice seals a message."""
        return self.by(self.alice, self.hers, text, kind)

    @staticmethod
    def by(party: Party, conversation: Conversation, text: str, kind: Any = "TEXT") -> Message:
        """Somebody seals a message on a device."""
        return Message(party.user_id, kind, conversation.seal(text.encode(), kind), str(uuid.uuid4()))

    def user_keys(self) -> list[Json]:
        """Both people's rows of `user_keys`, as a moderator reads them."""
        return [*self.alice.rows, *self.bob.rows]

    def key_rows(self, device: Device) -> list[Json]:
        """A device's rows of `conversation_keys`."""
        return [row for row in self.rows if row["device_id"] == device.device_id]


def codes(refused: Iterable[RefusedKey]) -> list[str]:
    """Why rows of `conversation_keys` were not taken."""
    return [one.code for one in refused]


def texts(answers: Iterable[Opened | Refused]) -> list[str]:
    """What a stretch of history says; for what was refused, the code."""
    return [one.plaintext.decode() if isinstance(one, Opened) else one.code for one in answers]


def opened(answers: Iterable[Opened | Refused]) -> list[Opened]:
    """A stretch of history that was opened whole."""
    whole = list(answers)
    assert all(isinstance(one, Opened) for one in whole), whole
    return [one for one in whole if isinstance(one, Opened)]


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
