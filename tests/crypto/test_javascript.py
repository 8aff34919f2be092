"""The TypeScript client: its tests as `npm test` in its folder runs them; Python opens what it makes."""

from __future__ import annotations

import json
import subprocess
import uuid
from pathlib import Path

import pytest

from soulseer_crypto import Conversation, KeyBackup, Message, safety_number, verify_evidence
from stack.paths import PROJECT_ROOT
from tests.crypto.talk import Party


@pytest.mark.timeout(240)
def test_the_typescript_client_passes_its_tests() -> None:
    folder = PROJECT_ROOT / "packages" / "crypto"
    ran = subprocess.run(["npm", "test", "--silent"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# fail 0" in ran.stdout


def test_python_opens_what_typescript_makes() -> None:
    bob = Party()
    device = bob.device()
    alice_id, talk_id, passphrase = str(uuid.uuid4()), str(uuid.uuid4()), "correct horse battery staple"
    asked = {
        "bob": bob.rows[0], "alice_id": alice_id, "conversation_id": talk_id, "message_id": str(uuid.uuid4()),
        "passphrase": passphrase,
    }  # fmt: skip
    command = ["node", str(Path(__file__).with_name("typescript_talks.mjs"))]
    ran = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    made = json.loads(ran.stdout)

    bob.pins.trust(alice_id, [made["device"]])
    bob.pins.trust(bob.user_id, bob.rows)
    talk = Conversation(talk_id, (alice_id, bob.user_id), device, bob.pins)
    talk.learn([row for row in made["keys"] if row["device_id"] == device.device_id], 1)

    assert talk.receive(Message(alice_id, "TEXT", made["content"])).plaintext.decode() == "From TypeScript ✨"
    assert verify_evidence(made["evidence"], bob.pins)[0].plaintext.decode() == "From TypeScript ✨"
    opened = KeyBackup.open(made["backup"], alice_id, passphrase)
    assert opened.keys == {talk_id: talk.keys()}
    numbers = ((alice_id, opened.identity.public), (bob.user_id, bob.identity.public))
    assert made["safety_number"] == safety_number(*numbers)
