"""Test vectors, which both clients read: `python -m soulseer_crypto.vectors FOLDER` writes them.

Everything follows from fixed seeds but the wrapped keys and the backup, which are random by nature; a run renews them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from pathlib import Path
from typing import Final

from soulseer_crypto.backup import INTERACTIVE, KeyBackup
from soulseer_crypto.encoding import to_text
from soulseer_crypto.envelope import Context, MessageType, message_key, seal
from soulseer_crypto.keys import Device, DeviceRecord, Identity
from soulseer_crypto.safety import safety_number
from soulseer_crypto.wrapping import WrappedKey

_TEXTS: Final[tuple[tuple[MessageType, str], ...]] = (
    ("TEXT", "What do the cards say?"),
    ("TEXT", ""),
    ("IMAGE", "a picture's address ✨"),
    ("SIGNAL", "offer" * 100),
)
_WORDS: Final = "correct horse battery staple"


def _seed(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=32).digest()


def _id(name: str) -> str:
    return str(uuid.UUID(bytes=_seed(name)[:16], version=4))


def _person(name: str) -> tuple[Identity, Device, DeviceRecord]:
    identity = Identity(_seed(f"{name} identity"))
    device = Device(_id(name), _id(f"{name} device"), _seed(f"{name} box"), _seed(f"{name} sign"))
    return identity, device, identity.certify(device)


def _row(record: DeviceRecord) -> dict[str, object]:
    columns = {name.removeprefix("p_"): value for name, value in record.arguments().items()}
    return {"user_id": record.user_id, **columns, "revoked_at": None}


def keys() -> dict[str, object]:
    """Two people's devices, their safety number and a backup."""
    people = {name: _person(name) for name in ("alice", "bob")}
    alice, bob = people["alice"], people["bob"]
    backup = KeyBackup(alice[1].user_id, alice[0], {_id("conversation"): {1: _seed("key 1"), 2: _seed("key 2")}})
    return {
        "people": {
            name: {
                "identity_seed": to_text(identity.seed),
                "box_seed": to_text(device.box_seed),
                "sign_seed": to_text(device.sign_seed),
                "device": _row(record),
            }
            for name, (identity, device, record) in people.items()
        },
        "safety_number": safety_number((alice[1].user_id, alice[0].public), (bob[1].user_id, bob[0].public)),
        "backup": {"passphrase": _WORDS, "sealed": backup.seal(_WORDS, INTERACTIVE)},
    }


def envelopes() -> dict[str, object]:
    """A conversation: its keys wrapped for bob, and what alice sealed, each with its message's key."""
    alice, bob = _person("alice"), _person("bob")
    conversation = _id("conversation")
    sealed: list[dict[str, object]] = []
    wrapped: list[dict[str, object]] = []
    for version in (1, 2):
        key = _seed(f"key {version}")
        row = WrappedKey.make(key, conversation, version, bob[2], alice[1])
        by = {"wrapped_by": row.wrapped_by, "wrapped_by_device": row.wrapped_by_device}
        wrapped.append({**row.argument(), **by, "key": to_text(key)})
        for seq, (kind, text) in enumerate(_TEXTS):
            context, nonce = Context(conversation, alice[1].user_id, kind), _seed(f"nonce {version} {seq}")[:24]
            envelope = seal(key, context, version, seq, text.encode(), alice[1], nonce)
            header = context.header(version, seq, alice[1].device_id)
            sealed.append({
                "message_type": kind,
                "plaintext": text,
                "header": to_text(header),
                "message_key": to_text(message_key(key, header, nonce)),
                "envelope": envelope.json(),
            })  # fmt: skip
    return {"conversation_id": conversation, "wrapped_keys": wrapped, "messages": sealed}


def main(folder: str) -> None:
    """Write the vectors.

    Args:
        folder: Where to.
    """
    for name, made in (("keys", keys()), ("envelopes", envelopes())):
        text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        Path(folder, f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
