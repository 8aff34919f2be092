"""The shared vectors: this client reads them, and makes the same again from the same seeds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from soulseer_crypto import (
    Conversation,
    Device,
    FileNote,
    Identity,
    KeyBackup,
    Message,
    Pins,
    open_file,
    safety_number,
    vectors,
)
from soulseer_crypto.encoding import to_bytes, to_text
from stack.paths import PROJECT_ROOT
from tests.crypto.talk import opened, refuses

_FOLDER: Final = PROJECT_ROOT / "packages" / "crypto" / "vectors"
KEYS: Final[dict[str, Any]] = json.loads((_FOLDER / "keys.json").read_text())
ENVELOPES: Final[dict[str, Any]] = json.loads((_FOLDER / "envelopes.json").read_text())
FILES: Final[dict[str, Any]] = json.loads((_FOLDER / "files.json").read_text())


def device(name: str) -> Device:
    person = KEYS["people"][name]
    seeds = (to_bytes(person[seed], seed, exactly=32) for seed in ("box_seed", "sign_seed"))
    return Device(person["device"]["user_id"], person["device"]["device_id"], *seeds)


def test_devices_are_certified_as_written() -> None:
    for name, person in KEYS["people"].items():
        record = Identity(to_bytes(person["identity_seed"], "seed", exactly=32)).certify(device(name))
        written = {f"p_{column}": value for column, value in person["device"].items()}
        assert record.arguments() == {column: written[column] for column in record.arguments()}


def bobs_talk(version: int) -> tuple[str, Conversation]:
    """Alice's id, and the conversation as bob's device sees it."""
    pins = Pins()
    rows = [person["device"] for person in KEYS["people"].values()]
    for row in rows:
        pins.trust(row["user_id"], [row])
    talk = Conversation(ENVELOPES["conversation_id"], [row["user_id"] for row in rows], device("bob"), pins)
    assert list(talk.members) == ENVELOPES["members"]
    assert talk.learn([row for row in ENVELOPES["wrapped_keys"] if row["version"] <= version], version) == []
    return rows[0]["user_id"], talk


def test_messages_open_and_are_made_the_same_again() -> None:
    made = vectors.envelopes()
    assert made["messages"] == ENVELOPES["messages"]
    alice, talk = bobs_talk(2)
    assert {str(version): to_text(key) for version, key in talk.keys().items()} == {
        str(row["version"]): row["key"] for row in ENVELOPES["wrapped_keys"]
    }
    sent = [Message(alice, one["message_type"], one["envelope"]) for one in ENVELOPES["messages"]]
    answers = opened(talk.read_history(sent, complete=True))
    assert {one.missing for one in answers} == {0}
    assert [one.plaintext.decode() for one in answers] == [one["plaintext"] for one in ENVELOPES["messages"]]
    assert [to_text(talk.reveal(one)) for one in sent] == [one["message_key"] for one in ENVELOPES["messages"]]


def test_files_open() -> None:
    alice, talk = bobs_talk(1)
    for one in FILES["files"]:
        shown = talk.receive(Message(alice, "IMAGE", one["envelope"]))
        note = FileNote.of(shown, FILES["conversation_id"])
        assert note.plaintext().decode() == one["note"]
        content = open_file(note, to_bytes(one["sealed"], "sealed"))
        assert content == bytes(place % 251 for place in range(one["size"]))


def test_notes_of_another_form_are_refused() -> None:
    alice, talk = bobs_talk(1)
    shown = talk.receive(Message(alice, "IMAGE", FILES["files"][1]["envelope"]))
    for refused in FILES["refused_notes"]:
        with refuses(refused["code"]):
            changed = replace(shown, plaintext=refused["plaintext"].encode())
            FileNote.of(changed, FILES["conversation_id"])


def test_the_safety_number_is_the_written_one() -> None:
    people = [
        (person["device"]["user_id"], to_bytes(person["device"]["identity_key"], "identity_key", exactly=32))
        for person in KEYS["people"].values()
    ]
    assert safety_number(people[0], people[1]) == KEYS["safety_number"]


@pytest.mark.timeout(60)
def test_the_backup_opens() -> None:
    alice = KEYS["people"]["alice"]
    opened = KeyBackup.open(KEYS["backup"]["sealed"], alice["device"]["user_id"], KEYS["backup"]["passphrase"])
    assert to_text(opened.identity.seed) == alice["identity_seed"]
    assert opened.keys[ENVELOPES["conversation_id"]].keys() == {1, 2}
