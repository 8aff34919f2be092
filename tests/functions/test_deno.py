"""The functions' own checks, by Deno and offline: types, lints, format, and the tests that stand beside the code."""

import os
import subprocess
from pathlib import Path

import pytest

from stack.binaries import find_deno
from stack.functions import runtime
from stack.paths import PROJECT_ROOT

SOURCES = [runtime.FOLDER, PROJECT_ROOT / "stack" / "functions"]
NETWORK = ("--no-config", "--no-remote", "--no-npm")


@pytest.fixture(scope="session")
def deno_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Deno may keep what it has compiled."""
    return tmp_path_factory.mktemp("deno")


def deno(folder: Path, command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_deno().path, command, *arguments],
        env={**os.environ, **runtime.QUIET_ENVIRONMENT, "DENO_DIR": str(folder)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_file_passes_the_type_check(deno_folder: Path) -> None:
    files = sorted(file for folder in SOURCES for file in folder.rglob("*.ts"))
    checked = deno(deno_folder, "check", *NETWORK, *files)
    assert checked.returncode == 0, checked.stderr


def test_every_file_is_linted_and_formatted(deno_folder: Path) -> None:
    linted = deno(deno_folder, "lint", "--no-config", *SOURCES)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    formatted = deno(deno_folder, "fmt", "--check", "--no-config", "--line-width", "120", *SOURCES)
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr


def test_the_tests_beside_the_code_pass(deno_folder: Path) -> None:
    tested = deno(deno_folder, "test", *NETWORK, "--no-prompt", runtime.FOLDER)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_nothing_is_imported_but_what_stands_here() -> None:
    for file in runtime.FOLDER.rglob("*.ts"):
        if file.name.endswith("_test.ts"):
            continue
        imports = [line for line in file.read_text().splitlines() if line.startswith(("import ", "export * from"))]
        assert all(' from "./' in line or ' from "../_shared/' in line for line in imports), file


def test_every_function_is_declared_and_verifies_its_caller_itself() -> None:
    declared = (PROJECT_ROOT / "supabase" / "config.toml").read_text()
    names = [place.name for place in runtime.FOLDER.iterdir() if (place / "index.ts").exists()]
    assert names
    for name in names:
        assert f"[functions.{name}]\nverify_jwt = false\n" in declared
        source = (runtime.FOLDER / name / "index.ts").read_text()
        assert source.count("Deno.serve(endpoint({") == 1
