"""Test vectors, which both clients read: `python -m soulseer_crypto.vectors FOLDER` writes them.

Everything follows from fixed seeds but the wrapped keys, the backup and the sealed files with their notes, which are
random by nature; a run renews them.
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
from soulseer_crypto.files import MAX_FILE, FileNote, seal_file
from soulseer_crypto.keys import Device, DeviceRecord, Identity
from soulseer_crypto.place import Place
from soulseer_crypto.safety import safety_number
from soulseer_crypto.wrapping import WrappedKey

_TEXTS: Final[tuple[tuple[MessageType, str], ...]] = (
    ("TEXT", "What do the cards say?"),
    ("TEXT", ""),
    ("IMAGE", "a picture's address ✨"),
    ("SIGNAL", "offer" * 100),
)
_MESSAGES: Final = sum(kind != "SIGNAL" for kind, _ in _TEXTS)
# Of less than a chunk, and of more.
_FILE_SIZES: Final = (0, 300, 66_000)
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


def _place() -> Place:
    return Place.of(_id("conversation"), (_id("alice"), _id("bob")))


def envelopes() -> dict[str, object]:
    """A conversation: its keys wrapped for bob, and what alice sealed, each with its message's key."""
    alice, bob = _person("alice"), _person("bob")
    place = _place()
    sealed: list[dict[str, object]] = []
    wrapped: list[dict[str, object]] = []
    for version in (1, 2):
        key = _seed(f"key {version}")
        row = WrappedKey.make(key, place, version, bob[2], alice[1])
        by = {"wrapped_by": row.wrapped_by, "wrapped_by_device": row.wrapped_by_device}
        wrapped.append({**row.argument(), **by, "key": to_text(key)})
        for number, (kind, text) in enumerate(_TEXTS):
            # Counts run on when the key is renewed; signals count apart.
            seq = version - 1 if kind == "SIGNAL" else number + (version - 1) * _MESSAGES
            context, nonce = Context(place, alice[1].user_id, kind), _seed(f"nonce {version} {number}")[:24]
            envelope = seal(key, context, version, seq, text.encode(), alice[1], nonce)
            header = context.header(version, seq, alice[1].device_id)
            sealed.append({
                "message_type": kind,
                "plaintext": text,
                "header": to_text(header),
                "message_key": to_text(message_key(key, header, nonce)),
                "envelope": envelope.json(),
            })  # fmt: skip
    return {
        "conversation_id": place.conversation_id,
        "members": list(place.members),
        "wrapped_keys": wrapped,
        "messages": sealed,
    }


def _content(size: int) -> bytes:
    return bytes(place % 251 for place in range(size))


def _refused_notes(note: FileNote) -> list[dict[str, str]]:
    good, elsewhere = note.plaintext().decode(), _id("another conversation")
    size = f'"size":{note.size}'
    changed = [
        ("malformed", ""),
        ("malformed", "[" * 400),
        ("malformed", good + " "),
        ("malformed", good + "\n"),
        ("malformed", "\ufeff" + good),
        ("malformed", good.replace(":", ": ")),
        ("malformed", good.replace('"v":1', '"v":2')),
        ("malformed", good.replace('"v":1', '"v":1,"v":1')),
        ("malformed", good.replace("image/png", "image/svg+xml")),
        ("malformed", good.replace("image/png", "text/html")),
        ("malformed", good.replace(note.path, note.path.upper())),
        ("malformed", good.replace(note.path, f"../{note.path}")),
        ("malformed", good.replace(note.path, note.path.replace("-", "0"))),
        ("malformed", good.replace(to_text(note.key), to_text(note.key[:-1]))),
        ("malformed", good.replace(to_text(note.key), to_text(note.key)[:-1] + "_")),
        *(
            ("malformed", good.replace(size, f'"size":{one}'))
            for one in ("-1", "0300", "3e2", "300.0", "true", "9" * 300)
        ),
        *(("too_long", good.replace(size, f'"size":{one}')) for one in (MAX_FILE + 1, 99_999_999)),
        ("forged", good.replace(note.path.split("/")[0], elsewhere)),
    ]
    return [{"code": code, "plaintext": text} for code, text in changed]


def files() -> dict[str, object]:
    """Files that alice sealed, each with the IMAGE message that tells of it; and notes that are refused."""
    alice, conversation = _person("alice"), _id("conversation")
    context = Context(_place(), alice[1].user_id, "IMAGE")
    made = [seal_file(_content(size), "image/png", conversation) for size in _FILE_SIZES]
    return {
        "conversation_id": conversation,
        "files": [
            {
                "size": one.note.size,
                "note": one.note.plaintext().decode(),
                "sealed": to_text(one.sealed),
                "envelope": seal(_seed("key 1"), context, 1, seq, one.note.plaintext(), alice[1]).json(),
            }
            for seq, one in enumerate(made)
        ],
        "refused_notes": _refused_notes(made[1].note),
    }


def main(folder: str) -> None:
    """Write the vectors.

    Args:
        folder: Where to.
    """
    for name, made in (("keys", keys()), ("envelopes", envelopes()), ("files", files())):
        text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        Path(folder, f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
