"""A backup opens with its passphrase, for its person, unchanged; nobody computes beyond libsodium's limits."""

from __future__ import annotations

import uuid

import pytest

from soulseer_crypto import Identity, KeyBackup
from soulseer_crypto.backup import INTERACTIVE
from tests.crypto.talk import Json, flipped, refuses

PASSPHRASE = "correct horse battery staple"


def sealed() -> tuple[KeyBackup, Json]:
    backup = KeyBackup(str(uuid.uuid4()), Identity(), {str(uuid.uuid4()): {1: b"k" * 32, 2: b"l" * 32}})
    return backup, backup.seal(PASSPHRASE, INTERACTIVE)


def test_a_backup_opens_with_its_passphrase_only() -> None:
    backup, blob = sealed()
    assert KeyBackup.open(blob, backup.user_id, PASSPHRASE) == backup
    with refuses("wrong_passphrase"):
        KeyBackup.open(blob, backup.user_id, PASSPHRASE + "r")
    with refuses("wrong_passphrase"):
        KeyBackup.open(blob, str(uuid.uuid4()), PASSPHRASE)
    with refuses("wrong_passphrase"):
        KeyBackup.open({**blob, "box": flipped(str(blob["box"]))}, backup.user_id, PASSPHRASE)
    with refuses("wrong_passphrase"):
        backup.seal("too short", INTERACTIVE)


@pytest.mark.parametrize(
    "change", [{"mem": 1 << 40}, {"ops": 1 << 30}, {"mem": 8192}, {"ops": 1}, {"kdf": "md5"}, {"v": 2}, {"more": 1}]
)
def test_limits_out_of_range_are_refused_before_anything_is_computed(change: Json) -> None:
    backup, blob = sealed()
    with refuses("malformed"):
        KeyBackup.open({**blob, **change}, backup.user_id, PASSPHRASE)
