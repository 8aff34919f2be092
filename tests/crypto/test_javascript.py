"""The TypeScript client's own tests, as `npm test` in its folder runs them: attacks, fuzzing, the shared vectors."""

from __future__ import annotations

import subprocess

import pytest

from stack.paths import PROJECT_ROOT


@pytest.mark.timeout(240)
def test_the_typescript_client_passes_its_tests() -> None:
    ran = subprocess.run(
        ["npm", "test", "--silent"],
        cwd=PROJECT_ROOT / "packages" / "crypto",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# fail 0" in ran.stdout
