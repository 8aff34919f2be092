"""The TypeScript client: its tests as `npm test` in its folder runs them; each client opens what the other makes."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from soulseer_crypto import Conversation, FileNote, KeyBackup, Message, open_file, safety_number, verify_evidence
from stack.paths import PROJECT_ROOT
from tests.crypto.talk import Party, Talk


@pytest.mark.timeout(240)
def test_the_typescript_client_passes_its_tests() -> None:
    folder = PROJECT_ROOT / "packages" / "crypto"
    done = subprocess.run(["npm", "test", "--silent"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout


def ran(script: str, asked: object) -> Any:
    """What a script of this folder prints, told something."""
    command = ["node", str(Path(__file__).with_name(script))]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_python_opens_what_typescript_makes() -> None:
    bob = Party()
    device = bob.device()
    alice_id, talk_id, passphrase = str(uuid.uuid4()), str(uuid.uuid4()), "correct horse battery staple"
    asked = {
        "bob": bob.rows[0], "alice_id": alice_id, "conversation_id": talk_id, "message_id": str(uuid.uuid4()),
        "passphrase": passphrase,
    }  # fmt: skip
    made = ran("typescript_talks.mjs", asked)

    bob.pins.trust(alice_id, [made["device"]])
    bob.pins.trust(bob.user_id, bob.rows)
    talk = Conversation(talk_id, (alice_id, bob.user_id), device, bob.pins)
    assert talk.learn([row for row in made["keys"] if row["device_id"] == device.device_id], 1) == []

    assert talk.receive(Message(alice_id, "TEXT", made["content"])).plaintext.decode() == "From TypeScript ✨"
    note = FileNote.of(talk.receive(Message(alice_id, "IMAGE", made["picture"])), talk_id)
    assert open_file(note, bytes.fromhex(made["sealed"])) == bytes([7]) * 100_000
    assert note.mime == "image/webp"
    assert verify_evidence(made["evidence"], [made["device"]])[0].plaintext.decode() == "From TypeScript ✨"
    opened = KeyBackup.open(made["backup"], alice_id, passphrase)
    assert opened.keys == {talk_id: talk.keys()}
    numbers = ((alice_id, opened.identity.public), (bob.user_id, bob.identity.public))
    assert made["safety_number"] == safety_number(*numbers)


def test_typescript_opens_the_files_that_python_seals() -> None:
    talk = Talk()
    contents = [os.urandom(size) for size in (0, 1, 5000, 65_535, 65_536, 200_000)]
    pictures = []
    for content in contents:
        message, sealed = talk.shows(content)
        row = {"sender_id": message.sender_id, "message_type": "IMAGE", "content": message.content, "id": message.id}
        pictures.append({"row": row, "sealed": sealed.hex()})
    device = talk.bob_device
    seeds = {"box_seed": device.box_seed.hex(), "sign_seed": device.sign_seed.hex()}
    opened = ran("typescript_opens.mjs", {
        "bob": {"user_id": device.user_id, "device_id": device.device_id, **seeds},
        "people": {party.user_id: party.rows for party in (talk.alice, talk.bob)},
        "keys": [row for row in talk.rows if row["device_id"] == device.device_id],
        "conversation_id": talk.id,
        "pictures": pictures,
    })  # fmt: skip
    assert [bytes.fromhex(one["content"]) for one in opened] == contents
    assert {one["mime"] for one in opened} == {"image/png"}
    assert {one["path"].split("/")[0] for one in opened} == {talk.id}
