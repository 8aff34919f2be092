"""People who seal what they write, through the calls; and the shortcut for tests whose matter is something else."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from soulseer_crypto import Conversation, Device, Identity, Message, Pins, WrappedKey
from tests.sql.marketplace import Marketplace, Person, Row

ENVELOPE = {
    "v": 1, "key": 1, "seq": 0, "nonce": "n" * 32, "box": "b" * 107, "sig": "s" * 86,
    "device": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def give_keys(market: Marketplace) -> None:
    """From here on everybody has the device of `ENVELOPE`, and every conversation a key: forms with nothing inside."""
    market.database.execute("alter table public.conversations alter column key_version set default 1")
    market.database.execute(
        """create function private.test_device() returns trigger
        language plpgsql security definer set search_path = '' as $$
        begin
            insert into public.user_keys (user_id, device_id, identity_key, device_key, signing_key, signature)
            values (new.id, '00000000-0000-4000-8000-000000000000', repeat('i', 43), repeat('d', 43), repeat('g', 43),
                    repeat('s', 86));
            return null;
        end $$"""
    )
    market.database.execute(
        "create trigger test_device after insert on public.users for each row execute function private.test_device()"
    )


@dataclass
class Member:
    """Somebody with an identity and a device, who talks through the API."""

    market: Marketplace
    person: Person
    identity: Identity = field(default_factory=Identity)
    pins: Pins = field(default_factory=Pins)
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        self.pins.pin(self.person.id, self.identity.public)
        self.device = self.register()

    def register(self) -> Device:
        made = Device(self.person.id)
        self.market.call(self.person, "register_device", **self.identity.certify(made).arguments())
        return made

    def another(self, device: Device) -> Member:
        """The same person on another device."""
        other = Member.__new__(Member)
        other.market, other.person, other.identity, other.pins = self.market, self.person, self.identity, Pins()
        other.pins.pin(self.person.id, self.identity.public)
        other.device = device
        return other

    def see(self, *people: str) -> None:
        """Read people's devices, and trust what may be trusted."""
        for user_id in people:
            self.pins.trust(user_id, self.market.read(self.person, f"user_keys?user_id=eq.{user_id}"))

    def talk(self, row: Row) -> Conversation:
        """The conversation on this device, with the keys it was given."""
        members = (row["first_id"], row["second_id"])
        self.see(*members)
        talk = Conversation(row["id"], members, self.device, self.pins)
        self.learn(talk)
        return talk

    def learn(self, talk: Conversation) -> None:
        (row,) = self.market.read(self.person, f"conversations?id=eq.{talk.conversation_id}")
        mine = f"conversation_id=eq.{row['id']}&device_id=eq.{self.device.device_id}"
        assert talk.learn(self.market.read(self.person, f"conversation_keys?{mine}"), row["key_version"]) == []

    def start_key(self, talk: Conversation, current: int) -> Row:
        """Start the next version and learn it."""
        self.see(*talk.members)
        change = talk.start_version(current)
        row = self.market.call(
            self.person, "start_conversation_key", **self.key_arguments(change.version, change.wrapped, talk)
        )
        self.learn(talk)
        answer: Row = row
        return answer

    def key_arguments(self, version: int, wrapped: tuple[WrappedKey, ...], talk: Conversation) -> Row:
        keys = [one.argument() for one in wrapped]
        return {
            "p_conversation_id": talk.conversation_id, "p_version": version,
            "p_device_id": self.device.device_id, "p_keys": keys,
        }  # fmt: skip

    def send(self, receiver: Person, content: object, kind: str = "TEXT") -> Row:
        answer: Row = self.market.call(
            self.person,
            "send_message",
            p_receiver_id=receiver.id,
            p_content=content,
            p_message_type=kind,
            p_idempotency_key=str(uuid.uuid4()),
        )
        return answer

    def read(self, table: str = "messages") -> list[Message]:
        rows: list[Any] = self.market.read(self.person, f"{table}?select=id,sender_id,message_type,content&order=id")
        return [Message.read(row) for row in rows]
