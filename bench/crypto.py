"""Sealing and opening, in each client, against the bare calls of libsodium that no client could do without."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nacl import bindings

from bench.slices import Outcome, Tell, compare, seconds_each
from soulseer_crypto.envelope import BUCKETS, Context, Envelope, message_key, open_with, seal
from soulseer_crypto.keys import Device
from soulseer_crypto.place import Place

_PLAINTEXT: Final = b"What do the cards say about the week that comes? " * 4
_CALLS: Final = 200
_GOAL: Final = 0.7
_SCRIPT: Final = Path(__file__).with_name("crypto.mjs")


def measure(slices: int, tell: Tell) -> list[Outcome]:
    """Measure both clients.

    Args:
        slices: turns of a client and libsodium.
        tell: called before each part.
    """
    tell("sealing and opening in Python")
    outcomes = [_outcome("Python", name, *figures) for name, figures in _python(slices).items()]
    tell("sealing and opening in TypeScript")
    command = ["node", str(_SCRIPT), str(slices)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return outcomes + [_outcome("TypeScript", name, *figures) for name, figures in json.loads(answer).items()]


def _outcome(client: str, name: str, mine: float, bare: float, ratio: float) -> Outcome:
    return Outcome(
        f"{client}: messages {name}", f"{mine:,.0f}/s", f"{bare:,.0f}/s bare libsodium", ratio, _GOAL, at_most=False
    )


def _python(slices: int) -> dict[str, tuple[float, float, float]]:
    conversation_key, device = bytes(range(32)), Device(str(uuid.uuid4()))
    place = Place.of(str(uuid.uuid4()), (device.user_id, str(uuid.uuid4())))
    context = Context(place, device.user_id, "TEXT")
    sealed = seal(conversation_key, context, 1, 0, _PLAINTEXT, device)
    header, content = context.header(1, 0, device.device_id), sealed.json()

    def opened() -> bytes:
        envelope = Envelope.read(content)
        place = context.header(envelope.key, envelope.seq, envelope.device)
        key = message_key(conversation_key, place, envelope.nonce)
        return open_with(key, context, envelope, device.sign_public)

    # What is encrypted and signed has the same lengths as in an envelope.
    padded = _PLAINTEXT.ljust(next(size for size in BUCKETS if size > len(_PLAINTEXT)), b"\0")
    statement = bytes(19 + len(header) + 24 + 32) + sealed.box
    signed = bindings.crypto_sign(statement, device.sign_secret)

    def bare_seal() -> None:
        nonce = bindings.randombytes(24)
        bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, nonce, conversation_key)
        bindings.crypto_sign(statement, device.sign_secret)

    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, header, sealed.nonce, conversation_key)

    def bare_open() -> None:
        bindings.crypto_sign_open(signed, device.sign_public)
        bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(box, header, sealed.nonce, conversation_key)

    return {
        "sealed": compare(
            _rate(lambda: seal(conversation_key, context, 1, 0, _PLAINTEXT, device).json()), _rate(bare_seal), slices
        ),
        "opened": compare(_rate(opened), _rate(bare_open), slices),
    }


def _rate(act: Callable[[], object]) -> Callable[[], float]:
    return lambda: 1 / seconds_each(act, _CALLS)
