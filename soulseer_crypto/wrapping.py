"""A conversation's key, wrapped for one device: sealed to the device, signed by the device that wrapped it.

Without the signature whoever runs the server could seal a key of their own to everybody, and read what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from soulseer_crypto.encoding import id_bytes, to_bytes, to_text, whole
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import SIGNATURE_BYTES, Device, DeviceRecord, sign, uuid_text, verify
from soulseer_crypto.place import Place

CONVERSATION_KEY_BYTES: Final = 32
MAX_VERSION: Final = 999_999_999
_SEALED_BYTES: Final = CONVERSATION_KEY_BYTES + bindings.crypto_box_SEALBYTES
_WRAP: Final = b"soulseer/wrap/1"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One row of `conversation_keys`.

    Attributes:
        conversation_id: The conversation.
        version: The key's version.
        user_id: Whom it is wrapped for.
        device_id: Which device of theirs.
        wrapped_by: Who wrapped it.
        wrapped_by_device: With which device.
        wrapped: The sealed key and the signature.
    """

    conversation_id: str
    version: int
    user_id: str
    device_id: str
    wrapped_by: str
    wrapped_by_device: str
    wrapped: bytes

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of `conversation_keys`.

        Args:
            row: The row as JSON; columns it has beyond these are left alone.

        Raises:
            CryptoError: `malformed`.
        """
        if not isinstance(row, Mapping):
            raise CryptoError("malformed", "a wrapped key is no row")
        return cls(
            conversation_id=uuid_text(row.get("conversation_id"), "conversation_id"),
            version=whole(row.get("version"), "version", least=1, most=MAX_VERSION),
            user_id=uuid_text(row.get("user_id"), "user_id"),
            device_id=uuid_text(row.get("device_id"), "device_id"),
            wrapped_by=uuid_text(row.get("wrapped_by"), "wrapped_by"),
            wrapped_by_device=uuid_text(row.get("wrapped_by_device"), "wrapped_by_device"),
            wrapped=to_bytes(row.get("wrapped_key"), "wrapped_key", exactly=_SEALED_BYTES + SIGNATURE_BYTES),
        )

    @classmethod
    def make(cls, key: bytes, place: Place, version: int, target: DeviceRecord, device: Device) -> Self:
        """Wrap a key.

        Args:
            key: The conversation's key.
            place: The conversation and its members.
            version: The key's version.
            target: The device it is wrapped for.
            device: The device that wraps.

        Raises:
            CryptoError: `malformed` when the target's key is one that nothing can be sealed to.
        """
        try:
            sealed = bindings.crypto_box_seal(key, target.device_key)
        except SodiumError as error:
            raise CryptoError("malformed", "nothing can be sealed to this device") from error
        made = cls(
            place.conversation_id, version, target.user_id, target.device_id, device.user_id, device.device_id, sealed
        )
        return replace(made, wrapped=sealed + sign(device.sign_secret, made.statement(place)))

    def statement(self, place: Place) -> bytes:
        """What the wrapping device signs.

        Args:
            place: The conversation and its members.
        """
        ids = b"".join(
            id_bytes(value, "id") for value in (self.user_id, self.device_id, self.wrapped_by, self.wrapped_by_device)
        )
        return _WRAP + place.raw + ids + self.version.to_bytes(4, "big") + self.wrapped[:_SEALED_BYTES]

    def open(self, place: Place, device: Device, wrapper: DeviceRecord) -> bytes:
        """Check who wrapped the key, and unwrap it.

        Args:
            place: The conversation and its members.
            device: The device it is wrapped for.
            wrapper: The device that wrapped it.

        Returns:
            The conversation's key.

        Raises:
            CryptoError: `forged` when it was not wrapped by that device, for this one, as the row says.
        """
        if self.conversation_id != place.conversation_id:
            raise CryptoError("forged", "a key of another conversation")
        if (self.user_id, self.device_id) != (device.user_id, device.device_id):
            raise CryptoError("forged", "a key wrapped for another device")
        verify(wrapper.signing_key, self.statement(place), self.wrapped[_SEALED_BYTES:], "a wrapped key")
        try:
            key = bindings.crypto_box_seal_open(self.wrapped[:_SEALED_BYTES], device.box_public, device.box_secret)
        except SodiumError as error:
            raise CryptoError("forged", "a wrapped key does not open") from error
        return key

    def argument(self) -> dict[str, object]:
        """One element of `p_keys` of the RPCs `start_conversation_key` and `share_keys`."""
        return {
            "conversation_id": self.conversation_id,
            "version": self.version,
            "user_id": self.user_id,
            "device_id": self.device_id,
            "wrapped_key": to_text(self.wrapped),
        }
