"""A backup of a person's keys under a passphrase: Argon2id, then XChaCha20-Poly1305. The server cannot open it."""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from soulseer_crypto.encoding import fields, id_bytes, to_bytes, to_text, whole
from soulseer_crypto.envelope import NONCE_BYTES, TAG_BYTES
from soulseer_crypto.errors import CryptoError
from soulseer_crypto.keys import SEED_BYTES, Identity, uuid_text
from soulseer_crypto.wrapping import CONVERSATION_KEY_BYTES, MAX_VERSION

VERSION: Final = 1
KDF: Final = "argon2id13"
SALT_BYTES: Final = 16
# libsodium's limits: INTERACTIVE is the least that is opened, SENSITIVE the most: nobody is made to compute for hours.
INTERACTIVE: Final = (2, 64 * 1024 * 1024)
MODERATE: Final = (3, 256 * 1024 * 1024)
SENSITIVE: Final = (4, 1024 * 1024 * 1024)
MAX_BOX_BYTES: Final = 192 * 1024
MIN_PASSPHRASE: Final = 12
_BACKUP: Final = b"soulseer/backup/1"
_FIELDS: Final = frozenset({"v", "kdf", "ops", "mem", "salt", "nonce", "box"})


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """What a backup holds.

    Attributes:
        user_id: Whose it is.
        identity: The person's identity.
        keys: Keys by conversation and version.
    """

    user_id: str
    identity: Identity
    keys: Mapping[str, Mapping[int, bytes]] = field(repr=False, default_factory=dict)

    def seal(self, passphrase: str, limits: tuple[int, int] = MODERATE) -> dict[str, object]:
        """Seal it: the argument `p_backup` of `set_key_backup`.

        Args:
            passphrase: At least 12 characters; who has it and the sealed backup has everything.
            limits: Argon2id's passes and bytes of memory.

        Raises:
            CryptoError: `wrong_passphrase` when it is too short, `too_long` when the keys do not fit.
        """
        if len(passphrase) < MIN_PASSPHRASE:
            raise CryptoError("wrong_passphrase", f"a passphrase has at least {MIN_PASSPHRASE} characters")
        content = {
            "identity": to_text(self.identity.seed),
            "keys": {
                conversation: {str(version): to_text(key) for version, key in versions.items()}
                for conversation, versions in self.keys.items()
            },
        }
        plaintext = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
        if len(plaintext) + TAG_BYTES > MAX_BOX_BYTES:
            raise CryptoError("too_long", "a backup holds at most 192 KiB")
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        key = _derive(passphrase, salt, limits)
        associated = _associated(self.user_id, salt, limits)
        box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associated, nonce, key)
        ops, mem = limits
        return {
            "v": VERSION, "kdf": KDF, "ops": ops, "mem": mem,
            "salt": to_text(salt), "nonce": to_text(nonce), "box": to_text(box),
        }  # fmt: skip

    @classmethod
    def open(cls, blob: object, user_id: str, passphrase: str) -> KeyBackup:
        """Open a backup.

        Args:
            blob: `key_backups.backup`, as JSON.
            user_id: Whose it is.
            passphrase: What it was sealed with.

        Raises:
            CryptoError: `malformed`, also for limits out of libsodium's range; `wrong_passphrase`, which is also what a
                changed backup looks like.
        """
        found = fields(blob, _FIELDS, "a backup")
        whole(found["v"], "v", least=VERSION, most=VERSION)
        if found["kdf"] != KDF:
            raise CryptoError("malformed", "a backup of another kind")
        limits = (
            whole(found["ops"], "ops", least=INTERACTIVE[0], most=SENSITIVE[0]),
            whole(found["mem"], "mem", least=INTERACTIVE[1], most=SENSITIVE[1]),
        )
        salt = to_bytes(found["salt"], "salt", exactly=SALT_BYTES)
        nonce = to_bytes(found["nonce"], "nonce", exactly=NONCE_BYTES)
        box = to_bytes(found["box"], "box", at_most=MAX_BOX_BYTES)
        key = _derive(passphrase, salt, limits)
        try:
            plaintext = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                box, _associated(user_id, salt, limits), nonce, key
            )
        except (SodiumError, ValueError) as error:
            raise CryptoError("wrong_passphrase", "the backup does not open") from error
        return cls._read(user_id, json.loads(plaintext))

    @classmethod
    def _read(cls, user_id: str, content: object) -> KeyBackup:
        found = fields(content, frozenset({"identity", "keys"}), "a backup")
        if not isinstance(found["keys"], Mapping):
            raise CryptoError("malformed", "a backup without keys")
        keys = {
            uuid_text(conversation, "conversation_id"): {
                whole(int(version), "version", least=1, most=MAX_VERSION): to_bytes(
                    key, "key", exactly=CONVERSATION_KEY_BYTES
                )
                for version, key in versions.items()
            }
            for conversation, versions in found["keys"].items()
        }
        return cls(user_id, Identity(to_bytes(found["identity"], "identity", exactly=SEED_BYTES)), keys)


def _derive(passphrase: str, salt: bytes, limits: tuple[int, int]) -> bytes:
    # One passphrase has one spelling, whichever keyboard it came from.
    spelled = unicodedata.normalize("NFKC", passphrase).encode()
    return bindings.crypto_pwhash_alg(32, spelled, salt, *limits, bindings.crypto_pwhash_ALG_ARGON2ID13)


def _associated(user_id: str, salt: bytes, limits: tuple[int, int]) -> bytes:
    ops, mem = limits
    return _BACKUP + id_bytes(user_id, "user_id") + salt + ops.to_bytes(4, "big") + mem.to_bytes(8, "big")
