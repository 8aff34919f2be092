"""Envelopes nobody sealed: whatever they hold, a client refuses them with a code and never opens one.

`SOULSEER_FUZZ_CASES` says how many are tried; see `docs/encryption.md`. A few are drawn by hypothesis value by value,
which finds odd values and shrinks well. Most come in crowds: hypothesis draws a plan of changes and a seed, and a
hundred envelopes, each another, are made after the plan by the dice of that seed.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from soulseer_crypto import CryptoError, Message
from soulseer_crypto.encoding import to_bytes, to_text
from tests.crypto.talk import Talk

CASES: Final = int(os.environ.get("SOULSEER_FUZZ_CASES", "5000"))
DRAWN: Final = max(100, CASES // 100)
CROWD: Final = 100
TALK: Final = Talk()
SENT: Final[Message] = TALK.says("sealed once")
REAL: Final[dict[str, Any]] = dict(SENT.content)  # type: ignore[call-overload]
FIELDS: Final = sorted(REAL)

ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BASE64: Final = st.text("ABCdefXYZ019-_=+/ ", max_size=130)
LARGE: Final[list[object]] = ["A" * 5_000_000, [[]] * 100_000, 10**400, -1, 2**63, 1e308, "\ud800", "\uff21" * 32]
HUGE: Final = st.sampled_from(LARGE)


@st.composite
def mutated(draw: st.DrawFn) -> object:
    """A real envelope with something changed: a field, a letter, one missing, one too many."""
    content = dict(REAL)
    name = draw(st.sampled_from(FIELDS))
    how = draw(st.sampled_from(["letter", "cut", "value", "drop", "more", "form", "huge"]))
    if how == "drop":
        del content[name]
    elif how == "more":
        content[draw(st.text(max_size=5).filter(lambda one: one not in REAL))] = draw(ANYTHING)
    elif how in ("letter", "cut") and isinstance(content[name], str):
        text = content[name]
        place = draw(st.integers(0, len(text) - 1))
        new = draw(st.characters(max_codepoint=0x2FF).filter(lambda one: one != text[place]))
        content[name] = text[:place] + (new + text[place + 1 :] if how == "letter" else "")
    elif how == "form":
        content[name] = draw(BASE64)
    elif how == "huge":
        content[name] = draw(HUGE)
    else:
        content[name] = draw(ANYTHING)
    return content


# Changes by dice: each takes an envelope's fields and the name of one, and changes that.
Change = Callable[[random.Random, dict[str, Any], str], None]
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ODD: Final[list[object]] = [
    None, True, False, 0, -0.0, 1, 1.0, 1.5, 2**53, float("nan"), float("inf"), "", "0", "1", "=", [], {}, [[[]]],
    {"v": 1}, b"bytes", "\x00", *LARGE,
]  # fmt: skip


def _text(dice: random.Random, length: int) -> str:
    return "".join(dice.choices(ALPHABET, k=length))


def _text_of(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if isinstance(value, int) and value.bit_length() > 64:
        return ""
    return str(value)[:1000] if isinstance(value, (str, int, float)) else ""


def _letters(dice: random.Random, content: dict[str, Any], name: str) -> None:
    # Well-formed letters in a real text: these come as far as the signature and the box.
    text = _text_of(content, name)
    for _ in range(dice.choice((1, 1, 1, 2, 8))):
        place = dice.randrange(len(text) + 1)
        text = text[:place] + dice.choice(ALPHABET) + text[place + 1 :]
    content[name] = text


def _any_character(dice: random.Random, content: dict[str, Any], name: str) -> None:
    # Also what a lenient reader of base64 or of ids would skip.
    text = _text_of(content, name)
    place = dice.choice((0, len(text), dice.randrange(len(text) + 1)))
    character = dice.choice((dice.choice("=+/ \t\n-_"), chr(dice.randrange(0x300)), chr(dice.randrange(0x110000))))
    content[name] = text[:place] + character + text[place + dice.randrange(2) :]


def _length(dice: random.Random, content: dict[str, Any], name: str) -> None:
    text = _text_of(content, name)
    content[name] = text[: dice.randrange(len(text) + 1)] + _text(dice, dice.choice((0, 1, 2, 3, 4, 200)))


def _as_long(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content[name] = _text(dice, len(_text_of(content, name)))


def _number(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content[name] = dice.choice((dice.randrange(3), dice.randrange(10**16), -dice.randrange(9), dice.random() * 9))


def _odd(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content[name] = dice.choice(ODD)


def _drop(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content.pop(name, None)
    if dice.random() < 0.5:
        content[_text(dice, dice.randrange(6))] = dice.choice(ODD)


def _more(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content[dice.choice((name.upper(), f"{name} ", _text(dice, dice.randrange(9)), "__proto__"))] = content.get(name)


def _swap(dice: random.Random, content: dict[str, Any], name: str) -> None:
    content[name] = content.get(dice.choice(FIELDS))


def _sound(dice: random.Random, content: dict[str, Any], name: str) -> None:
    # Still of the right form: these come as far as device, key, signature and box.
    if name in ("nonce", "box", "sig"):
        raw = bytearray(to_bytes(REAL[name], name))
        for _ in range(dice.choice((1, 1, 1, 2, 8))):
            raw[dice.randrange(len(raw))] ^= dice.randrange(1, 256)
        content[name] = to_text(bytes(raw))
    elif name == "device":
        content[name] = str(uuid.UUID(int=dice.getrandbits(128)))
    elif name in ("seq", "key"):
        content[name] = dice.choice((1, 2, dice.randrange(1, 10**6)))


CHANGES: Final[list[Change]] = [_letters, _any_character, _length, _as_long, _number, _odd, _drop, _more, _swap, _sound]


def plans(changes: list[Change]) -> st.SearchStrategy[list[tuple[Change, str]]]:
    """One to three of the changes, each to a field."""
    return st.lists(st.tuples(st.sampled_from(changes), st.sampled_from(FIELDS)), min_size=1, max_size=3)


# Half of the crowds keep to the right form.
PLAN: Final = plans(CHANGES) | plans([_sound])


def same(content: object) -> bool:
    """Whether nothing was changed after all: 1 and 1.0 are equal, and only one of them is a version."""
    return (
        isinstance(content, dict)
        and content.keys() == REAL.keys()
        and all(type(content[name]) is type(real) and content[name] == real for name, real in REAL.items())
    )


def tried(content: object) -> bool:
    """Whether this was an envelope nobody sealed; then it was refused."""
    if same(content):
        return False
    try:
        TALK.his.receive(Message(SENT.sender_id, "TEXT", content))
    except CryptoError:
        return True
    # So that hypothesis can try it again, smaller: this receiver has read it now.
    TALK.his = TALK.join(TALK.bob, TALK.bob_device)
    TALK.learn(TALK.his, TALK.bob_device)
    raise AssertionError(f"it was opened: {content!r:.500}")


def fuzzing(examples: int) -> settings:
    """The same cases in every run; what fails is made small."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(0)
@fuzzing(DRAWN)
@given(content=st.one_of(mutated(), mutated(), ANYTHING))
def test_no_envelope_that_nobody_sealed_is_opened(content: object) -> None:
    tried(content)


def envelope_of(dice: random.Random, plan: list[tuple[Change, str]]) -> dict[str, Any]:
    """The real envelope after all changes of the plan, and sometimes one or two sound ones more."""
    content = dict(REAL)
    more = [(_sound, dice.choice(FIELDS)) for _ in range(dice.choice((0, 0, 1, 2)))]
    for change, name in plan + more:
        change(dice, content, name)
    return content


def mark_of(content: dict[str, Any]) -> int:
    """A number for each different envelope; lists and objects are all of `ODD`, each there once."""
    values = (
        (name, type(value), value if isinstance(value, (str, int, float, bytes)) else id(value))
        for name, value in content.items()
    )
    return hash(frozenset(values))


@pytest.mark.timeout(0)
def test_no_envelope_of_a_crowd_is_opened() -> None:
    wanted = CASES - DRAWN
    seen: set[int] = set()

    @fuzzing(2 * -(-wanted // CROWD))
    @given(plan=PLAN, seed=st.integers(0, 2**64 - 1))
    def crowd(plan: list[tuple[Change, str]], seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - dice, no keys
        for _ in range(CROWD if len(seen) < wanted else 0):
            content = envelope_of(dice, plan)
            mark = mark_of(content)
            # What changed nothing, or was there before, counts for nothing.
            if mark not in seen and tried(content):
                seen.add(mark)

    crowd()
    assert len(seen) >= wanted


def test_the_sealed_one_is_opened_after_all_that() -> None:
    assert TALK.his.receive(SENT).plaintext == b"sealed once"
