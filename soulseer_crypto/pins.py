"""What a client remembers of people: their identity when first seen, their devices, and which of those are revoked.

Whoever runs the server can hand out other keys than a person registered. They cannot make a device that the pinned
identity signed; they could only swap the identity, and that is refused until the person at the screen accepts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from soulseer_crypto.encoding import to_bytes, to_text
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import KEY_BYTES, DeviceRecord, uuid_text


class Pins:
    """Identities and devices by person. `export` and `restore` keep them between runs."""

    def __init__(self) -> None:
        self._identities: dict[str, list[bytes]] = {}
        self._devices: dict[str, dict[str, DeviceRecord]] = {}
        # By person and device: whoever has an account may name a device as somebody else's is named.
        self._revoked: set[tuple[str, str]] = set()

    def identity(self, user_id: str) -> bytes | None:
        """The identity pinned for a person, if any.

        Args:
            user_id: The person.
        """
        known = self._identities.get(user_id)
        return known[-1] if known else None

    def pin(self, user_id: str, identity_key: bytes) -> None:
        """Accept an identity: one's own, one compared by safety number, or a changed one after asking the person.

        Args:
            user_id: The person.
            identity_key: Their Ed25519 public key.
        """
        known = self._identities.setdefault(user_id, [])
        if identity_key in known:
            known.remove(identity_key)
        known.append(identity_key)

    def trust(self, user_id: str, rows: Iterable[object]) -> list[DeviceRecord]:
        """Take a person's rows of `user_keys`, pin what is new, and answer the devices to write to.

        Revoked devices of an identity that is not pinned, or with a wrong certificate, are left out: anybody who had
        the account for a moment can leave such a row behind.

        Args:
            user_id: The person the rows were asked for.
            rows: All of their rows, as the server answers them.

        Returns:
            The devices that are not revoked.

        Raises:
            CryptoError: `identity_changed` when a device is signed by another identity than the pinned one, or shows
                other keys than before; `forged`, `malformed`. Nothing is taken then.
        """
        records = [record for row in rows if (record := self._read(user_id, row)) is not None]
        live = {record.identity_key for record in records if not record.revoked}
        pinned = self.identity(user_id)
        if len(live) > 1 or (pinned is not None and not live <= {pinned}):
            raise CryptoError("identity_changed", "a device is signed by another identity than this person's")
        if pinned is None and live:
            self.pin(user_id, live.pop())
        known = self._devices.setdefault(user_id, {})
        for record in records:
            if record.identity_key in self._identities.get(user_id, []):
                known[record.device_id] = record
                if record.revoked:
                    self._revoked.add((user_id, record.device_id))
        return [record for record in self.devices(user_id) if not record.revoked]

    def _read(self, user_id: str, row: object) -> DeviceRecord | None:
        try:
            record = DeviceRecord.read(row)
        except CryptoError:
            if isinstance(row, Mapping) and row.get("revoked_at") is not None:
                return None
            raise
        if record.user_id != user_id:
            raise CryptoError("forged", "a device of somebody else")
        before = self._devices.get(user_id, {}).get(record.device_id)
        if before is not None and not before.same_keys(record):
            raise CryptoError("identity_changed", "a device shows other keys than before")
        return record

    def device(self, user_id: str, device_id: str) -> DeviceRecord:
        """A device of a person.

        Args:
            user_id: The person.
            device_id: The device.

        Raises:
            CryptoError: `unknown_device` when the person has no such device, as far as `trust` was told.
        """
        record = self._devices.get(user_id, {}).get(device_id)
        if record is None or record.identity_key not in self._identities.get(user_id, []):
            raise CryptoError("unknown_device", "this person has no such device")
        # One identity signs all devices that live: what an earlier one signed is revoked, whatever a server says.
        is_earlier = record.identity_key != self.identity(user_id)
        return replace(record, revoked=is_earlier or (user_id, device_id) in self._revoked)

    def devices(self, user_id: str) -> Iterator[DeviceRecord]:
        """Every device known of a person. What was revoked once stays revoked, whatever a server says later.

        Args:
            user_id: The person.
        """
        for device_id in list(self._devices.get(user_id, {})):
            yield self.device(user_id, device_id)

    def export(self) -> dict[str, object]:
        """What is pinned, as JSON, to be kept on the device."""
        return {
            "identities": {user: [to_text(key) for key in keys] for user, keys in self._identities.items()},
            "revoked": sorted(f"{user_id}/{device_id}" for user_id, device_id in self._revoked),
        }

    def restore(self, kept: dict[str, object]) -> None:
        """Take back what `export` gave; devices are asked of the server again.

        Args:
            kept: What was kept.

        Raises:
            CryptoError: `malformed`.
        """
        identities, revoked = kept.get("identities"), kept.get("revoked")
        if not isinstance(identities, dict) or not isinstance(revoked, list):
            raise CryptoError("malformed", "these are no pins")
        devices = {_named(text) for text in revoked}
        pins = [(uuid_text(user_id, "user_id"), key) for user_id, keys in identities.items() for key in _keys(keys)]
        for user_id, key in pins:
            self.pin(user_id, key)
        self._revoked |= devices


def _named(text: object) -> tuple[str, str]:
    user_id, _, device_id = text.partition("/") if isinstance(text, str) else ("", "", "")
    return uuid_text(user_id, "a revoked device's person"), uuid_text(device_id, "a revoked device")


def _keys(kept: object) -> list[bytes]:
    if not isinstance(kept, list):
        raise CryptoError("malformed", "these are no pins")
    return [to_bytes(key, "identity_key", exactly=KEY_BYTES) for key in kept]
