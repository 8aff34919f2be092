"""The services meet in the database and in Redis, never in an import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "soulseer": {"soulseer"},
    "webhooks": {"soulseer", "webhooks"},
    "edge_bridge": {"soulseer", "edge_bridge"},
    "workers": {"soulseer", "workers"},
    # Clients bring it along; it knows nothing of the services.
    "soulseer_crypto": {"soulseer_crypto"},
}
OURS = {*MAY_IMPORT, "stack", "tests"}
# The command line starts the local stack; it is part of no service.
COMMAND_LINE = "soulseer/cli"


def imported(source: Path) -> set[str]:
    """Return the top-level names a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{source}: relative imports hide where a thing comes from"
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_it_may(package: str) -> None:
    sources = [path for path in (ROOT / package).rglob("*.py") if COMMAND_LINE not in path.as_posix()]

    strangers = {path.name: (imported(path) & OURS) - MAY_IMPORT[package] for path in sources}

    assert sources
    assert {name: found for name, found in strangers.items() if found} == {}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_every_module_says_first_why_it_exists(package: str) -> None:
    silent = [
        path.as_posix() for path in (ROOT / package).rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []
