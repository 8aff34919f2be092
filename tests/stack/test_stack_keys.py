"""A stack keeps its keys, and one that was made before a key came to be is given that key and no other."""

import json
from pathlib import Path

import pytest

from stack.keys import StackKeys, keys_file
from stack.paths import StackPaths


@pytest.fixture
def paths(tmp_path: Path) -> StackPaths:
    made = StackPaths(name="kept", state=tmp_path / "kept")
    made.make()
    return made


def test_keys_are_made_once(paths: StackPaths) -> None:
    assert StackKeys.load_or_make(paths) == StackKeys.load_or_make(paths)


def test_a_key_that_came_to_be_since_is_added(paths: StackPaths) -> None:
    before = StackKeys.load_or_make(paths)
    kept = json.loads(keys_file(paths).read_text())
    del kept["bridge_call_secret"], kept["turn_secret"]
    keys_file(paths).write_text(json.dumps(kept))

    after = StackKeys.load_or_make(paths)

    assert after == StackKeys.load_or_make(paths)
    assert after.bridge_call_secret != before.bridge_call_secret
    assert (after.secret_key, after.signing_key) == (before.secret_key, before.signing_key)
    assert keys_file(paths).stat().st_mode & 0o077 == 0
