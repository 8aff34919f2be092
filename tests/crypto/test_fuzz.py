"""Envelopes nobody sealed: whatever they hold, a client refuses them with a code and never opens one.

`SOULSEER_FUZZ_CASES` says how many are tried; see `docs/encryption.md`.
"""

from __future__ import annotations

import os
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from soulseer_crypto import CryptoError, Message
from tests.crypto.talk import Talk

CASES: Final = int(os.environ.get("SOULSEER_FUZZ_CASES", "300"))
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
HUGE: Final = st.sampled_from(["A" * 5_000_000, [[]] * 100_000, 10**400, -1, 2**63, 1e308, "\ud800", "\uff21" * 32])


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


def same(content: object) -> bool:
    """Whether nothing was changed after all: 1 and 1.0 are equal, and only one of them is a version."""
    return isinstance(content, dict) and {key: repr(value) for key, value in content.items()} == {
        key: repr(value) for key, value in REAL.items()
    }


@pytest.mark.timeout(0)
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(content=st.one_of(mutated(), mutated(), ANYTHING))
def test_no_envelope_that_nobody_sealed_is_opened(content: object) -> None:
    if same(content):
        return
    try:
        TALK.his.receive(Message(SENT.sender_id, "TEXT", content))
    except CryptoError:
        return
    pytest.fail(f"it was opened: {content!r:.500}")


def test_the_sealed_one_is_opened_after_all_that() -> None:
    assert TALK.his.receive(SENT).plaintext == b"sealed once"
