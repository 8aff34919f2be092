"""A person's identity and devices: who signs for whom.

An identity (Ed25519) signs devices. A device has an X25519 key, which conversation keys are sealed to, and an Ed25519
key, which signs what the device sends. Secrets are 32-byte seeds.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from soulseer_crypto.encoding import id_bytes, to_bytes, to_text
from soulseer_crypto.errors import CryptoError

SEED_BYTES: Final = 32
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_DEVICE: Final = b"soulseer/device/1"
# Any scalar: a point of low order gives nothing under each.
_SCALAR: Final = b"\x01" * 32


def sign(secret: bytes, statement: bytes) -> bytes:
    """Sign.

    Args:
        secret: libsodium's 64-byte Ed25519 secret key.
        statement: What is signed.
    """
    return bindings.crypto_sign(statement, secret)[:SIGNATURE_BYTES]


def verify(public: bytes, statement: bytes, signature: bytes, what: str) -> None:
    """Check a signature.

    Args:
        public: The Ed25519 public key.
        statement: What was signed.
        signature: 64 bytes.
        what: What is signed, for the error.

    Raises:
        CryptoError: `forged` unless the signature is this key's over this statement.
    """
    try:
        bindings.crypto_sign_open(signature + statement, public)
    except (SodiumError, ValueError) as error:
        raise CryptoError("forged", f"the signature of {what} is not right") from error


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """The public half of a device, as a row of `user_keys` has it, its certificate checked.

    Attributes:
        user_id: Whose device it is.
        device_id: Which one.
        identity_key: The person's identity that signed it.
        device_key: X25519: what is sealed to the device.
        signing_key: Ed25519: what the device signs with.
        signature: The identity's signature.
        revoked: Whether it was revoked.
    """

    user_id: str
    device_id: str
    identity_key: bytes
    device_key: bytes
    signing_key: bytes
    signature: bytes
    revoked: bool = False

    @classmethod
    def read(cls, row: object) -> Self:
        """Read a row of `user_keys` and check its certificate.

        Args:
            row: The row as JSON; columns it has beyond these are left alone.

        Raises:
            CryptoError: `malformed`, also for an X25519 key of low order, or `forged`.
        """
        if not isinstance(row, Mapping):
            raise CryptoError("malformed", "a device is no row")
        record = cls(
            user_id=uuid_text(row.get("user_id"), "user_id"),
            device_id=uuid_text(row.get("device_id"), "device_id"),
            identity_key=to_bytes(row.get("identity_key"), "identity_key", exactly=KEY_BYTES),
            device_key=to_bytes(row.get("device_key"), "device_key", exactly=KEY_BYTES),
            signing_key=to_bytes(row.get("signing_key"), "signing_key", exactly=KEY_BYTES),
            signature=to_bytes(row.get("signature"), "signature", exactly=SIGNATURE_BYTES),
            revoked=row.get("revoked_at") is not None,
        )
        verify(record.identity_key, record.statement(), record.signature, "a device")
        try:
            bindings.crypto_scalarmult(_SCALAR, record.device_key)
        except SodiumError as error:
            raise CryptoError("malformed", "nothing can be sealed to this device") from error
        return record

    def statement(self) -> bytes:
        """What the identity signs: this device, with these keys, is this person's."""
        ids = id_bytes(self.user_id, "user_id") + id_bytes(self.device_id, "device_id")
        return _DEVICE + ids + self.device_key + self.signing_key

    def arguments(self) -> dict[str, str]:
        """The arguments of the RPC `register_device`."""
        return {
            "p_device_id": self.device_id,
            "p_identity_key": to_text(self.identity_key),
            "p_device_key": to_text(self.device_key),
            "p_signing_key": to_text(self.signing_key),
            "p_signature": to_text(self.signature),
        }

    def same_keys(self, other: DeviceRecord) -> bool:
        """Whether two records are of one device with one set of keys.

        Args:
            other: The other record.
        """
        mine = (self.user_id, self.device_id, self.identity_key, self.device_key, self.signing_key)
        return mine == (other.user_id, other.device_id, other.identity_key, other.device_key, other.signing_key)


def uuid_text(value: object, what: str) -> str:
    """Read an id and keep it as text.

    Args:
        value: What was received.
        what: Its name, for the error.

    Raises:
        CryptoError: `malformed` unless it is a UUID in canonical form.
    """
    id_bytes(value, what)
    return str(value)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's signing key; the seed stays with the person, in a backup under a passphrase.

    Attributes:
        seed: The secret.
    """

    seed: bytes = field(repr=False, default_factory=lambda: secrets.token_bytes(SEED_BYTES))

    @property
    def public(self) -> bytes:
        """The Ed25519 public key."""
        return bindings.crypto_sign_seed_keypair(self.seed)[0]

    def certify(self, device: Device) -> DeviceRecord:
        """Sign a device.

        Args:
            device: One of the person's own.
        """
        record = DeviceRecord(
            user_id=device.user_id,
            device_id=device.device_id,
            identity_key=self.public,
            device_key=device.box_public,
            signing_key=device.sign_public,
            signature=b"",
        )
        signature = sign(bindings.crypto_sign_seed_keypair(self.seed)[1], record.statement())
        return DeviceRecord(
            record.user_id, record.device_id, record.identity_key, record.device_key, record.signing_key, signature
        )


@dataclass(frozen=True, slots=True)
class Device:
    """One device's secrets; they never leave it.

    Attributes:
        user_id: Whose device it is.
        device_id: Its id, made here.
        box_seed: The secret behind the X25519 key.
        sign_seed: The secret behind the Ed25519 key.
    """

    user_id: str
    device_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    box_seed: bytes = field(repr=False, default_factory=lambda: secrets.token_bytes(SEED_BYTES))
    sign_seed: bytes = field(repr=False, default_factory=lambda: secrets.token_bytes(SEED_BYTES))
    box_public: bytes = field(init=False)
    box_secret: bytes = field(init=False, repr=False)
    sign_public: bytes = field(init=False)
    sign_secret: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        id_bytes(self.user_id, "user_id")
        id_bytes(self.device_id, "device_id")
        pairs = (
            ("box_public", "box_secret", bindings.crypto_box_seed_keypair(self.box_seed)),
            ("sign_public", "sign_secret", bindings.crypto_sign_seed_keypair(self.sign_seed)),
        )
        for public, secret, (public_key, secret_key) in pairs:
            object.__setattr__(self, public, public_key)
            object.__setattr__(self, secret, secret_key)
