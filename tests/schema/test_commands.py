"""The commands that write what is generated, and the one that checks migrations."""

import pytest
from typer.testing import CliRunner

from soulseer.cli import app
from stack import releases
from stack.paths import PROJECT_ROOT

runner = CliRunner()


@pytest.mark.parametrize("group", ["docs", "types", "schema"])
def test_what_reads_a_database_says_when_its_stack_does_not_run(group: str) -> None:
    done = runner.invoke(app, [group, "build", "--name", "nobody-started-this"])
    assert done.exit_code == 1
    assert "has never been started" in done.output or "is not running" in done.output


def test_lint_passes_the_projects_migrations_without_a_stack() -> None:
    done = runner.invoke(app, ["schema", "lint"])
    assert (done.exit_code, "nothing to say" in done.output) == (0, True), done.output


def test_lint_fails_with_the_rule_that_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    unsafe = PROJECT_ROOT / "tests" / "schema" / "unsafe" / "dropped_column.sql"
    monkeypatch.setattr(releases, "unreleased", lambda: [unsafe])
    done = runner.invoke(app, ["schema", "lint"])
    assert done.exit_code == 1
    assert "ban-drop-column" in done.output
