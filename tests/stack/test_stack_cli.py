"""The command line teaches, reports, and refuses with sentences; with Docker it hands over to the Supabase CLI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soulseer.cli import app
from stack.binaries import find_postgres, find_postgrest
from stack.doctor import examine
from stack.errors import BinaryMissingError
from stack.instance import Stack
from stack.paths import PROJECT_ROOT

COMMANDS = ("up", "down", "status", "logs", "reset", "doctor")


def soulseer(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "soulseer.cli", *arguments],
        env={**os.environ, **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def script(folder: Path, name: str, body: str) -> Path:
    place = folder / name
    place.write_text(f"#!/bin/sh\n{body}\n")
    place.chmod(0o755)
    return place


def test_help_lists_every_command_and_first_steps() -> None:
    shown = soulseer("--help")
    assert shown.returncode == 0
    for command in COMMANDS:
        assert f" {command} " in shown.stdout
    assert 'eval "$(soulseer status -o env)"' in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    registered = {
        (info.name or info.callback.__name__): info.callback for info in app.registered_commands if info.callback
    }
    assert (registered[command].__doc__ or "").strip()


def test_doctor_names_each_server_its_version_and_what_is_left_out() -> None:
    shown = soulseer("doctor")
    assert shown.returncode == 0, shown.stdout
    for server in ("postgres", "postgrest", "valkey", "caddy", "supabase"):
        line = next(line for line in shown.stdout.splitlines() if line.startswith(server))
        assert line.split()[1][0].isdigit()
    assert "safeupdate" in shown.stdout


def test_a_setting_that_names_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOULSEER_POSTGREST", "/nowhere/postgrest")
    with pytest.raises(BinaryMissingError, match="SOULSEER_POSTGREST=/nowhere/postgrest does not exist"):
        find_postgrest()
    report = examine()
    assert not report.usable
    assert any("postgrest: not installed" in line for line in report.left_out)


def test_a_server_named_by_a_setting_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = script(tmp_path, "postgrest", "echo PostgREST 1.0.0")
    monkeypatch.setenv("SOULSEER_POSTGREST", str(place))
    found = find_postgrest()
    assert (found.path, found.version, found.source) == (place, "1.0.0", "SOULSEER_POSTGREST")


@pytest.mark.parametrize(("version", "source"), [("99.1.0", "PATH"), ("9.0.0", "npm")])
def test_a_newer_server_on_the_path_is_preferred_and_an_older_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, source: str
) -> None:
    script(tmp_path, "postgrest", f"echo PostgREST {version}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert find_postgrest().source.split()[0] == source


def test_a_bin_folder_of_another_postgres_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, "postgres", "echo 'postgres (PostgreSQL) 16.4'")
    script(tmp_path, "initdb", "")
    monkeypatch.setenv("SOULSEER_PG_BIN", str(tmp_path))
    with pytest.raises(BinaryMissingError, match="holds no Postgres 17"):
        find_postgres()
    monkeypatch.delenv("SOULSEER_PG_BIN")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert find_postgres().source.startswith("npm")


def test_docker_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    script(tmp_path, "docker", "exit 1")
    shown = soulseer("up", "--docker", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert shown.returncode == 1
    assert "The Docker daemon does not answer" in shown.stderr
    assert "leave --docker out" in shown.stderr


def test_with_docker_the_supabase_cli_starts_the_same_folder(tmp_path: Path) -> None:
    script(tmp_path, "docker", "echo 28.0.0")
    supabase = script(tmp_path, "supabase", 'echo "called: $*"; exit 7')
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SOULSEER_SUPABASE_CLI": str(supabase)}
    shown = soulseer("up", "--docker", **variables)
    assert shown.returncode == 7
    assert shown.stdout.strip() == f"called: start --workdir {PROJECT_ROOT}"


def test_a_bad_name_is_refused_in_a_sentence() -> None:
    shown = soulseer("up", "--name", "not a name")
    assert shown.returncode == 1
    assert "is no name for a stack" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    shown = soulseer("up", SOULSEER_STACK_HOME=str(tmp_path))
    assert shown.returncode == 1
    assert "is not a folder only this user may write to" in shown.stderr


def test_logs_are_shown_by_part(stack: Stack) -> None:
    shown = soulseer("logs", "postgres", "--name", stack.paths.name, "--lines", "5")
    assert shown.returncode == 0
    wrong = soulseer("logs", "nothing", "--name", stack.paths.name)
    assert wrong.returncode == 1
    assert "postgres" in wrong.stderr
