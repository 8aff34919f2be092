"""A stack comes up, says so, survives kills, lives beside another, and leaves no process when it goes down."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from stack import processes
from stack.database import TEMPLATE
from stack.environment import StackEnv
from stack.errors import NotRunningError, StackError
from stack.instance import Stack
from stack.paths import PROJECT_ROOT

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def make_stack() -> Iterator[Callable[[str], Stack]]:
    made: list[Stack] = []

    def make(suffix: str) -> Stack:
        made.append(Stack.named(f"test-{os.getpid()}-{suffix}"))
        return made[-1]

    yield make
    for stack in made:
        stack.remove()


@pytest.fixture(scope="module")
def lone(make_stack: Callable[[str], Stack]) -> Stack:
    """A stack without services that the tests of this file stop, kill and start."""
    return make_stack("life")


def soulseer(stack: Stack, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "soulseer.cli", *arguments],
        env={**os.environ, "SOULSEER_STACK": stack.paths.name, **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def marked_processes(stack: Stack) -> list[str]:
    """Return command lines of every process that works for the stack, its Postgres children included."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment = (place / "environ").read_bytes()
            folder = str((place / "cwd").readlink())
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if place.name != str(os.getpid()) and (
            f"{processes.MARKER}={stack.paths.state}".encode() in environment
            or folder.startswith(str(stack.paths.state))
        ):
            found.append(command)
    return found


def kill(stack: Stack, *parts: str) -> None:
    """Kill parts as the kernel would, and return when they are gone."""
    for part in parts:
        os.kill(processes.running(stack.paths)[part].pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while set(parts) & set(processes.running(stack.paths)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answers(env: StackEnv) -> None:
    """Show that database, API, Auth, Storage, queue and Stripe's stand-in work."""
    with psycopg.connect(env.db_url) as database:
        assert database.execute("select current_user::text").fetchone() == ("postgres",)
    key = {"apikey": env.secret_key}
    assert httpx.get(f"{env.api_url}/rest/v1/", headers=key).status_code == 200
    assert httpx.get(f"{env.api_url}/auth/v1/settings", headers=key).status_code == 200
    assert httpx.get(f"{env.api_url}/storage/v1/bucket/avatars", headers=key).status_code == 200
    with redis.Redis.from_url(env.redis_url) as queue:
        assert queue.ping()
    stripe = httpx.get(f"{env.stripe_api_url}/v1/balance", auth=(env.stripe_secret_key, ""))
    assert stripe.status_code == 200


def test_up_status_and_down_by_the_command(lone: Stack) -> None:
    before = soulseer(lone, "status")
    assert (before.returncode, "is not running" in before.stderr) == (3, True)

    first = soulseer(lone, "up", "--without-services")
    assert first.returncode == 0, first.stderr
    again = soulseer(lone, "up", "--without-services")
    assert again.returncode == 0
    assert "already running" in again.stderr
    assert first.stdout == again.stdout

    printed = soulseer(lone, "status", "-o", "env").stdout
    variables = dict(pair.split("=", maxsplit=1) for pair in shlex.split(printed))
    assert variables == lone.env().variables()
    described = json.loads(soulseer(lone, "status", "-o", "json").stdout)
    ready = {part["name"] for part in described["PARTS"] if part["ready"]}
    assert ready == {"postgres", "valkey", "gateway", "stripe", "postgrest", "auth", "realtime", "storage"}
    answers(lone.env())

    assert soulseer(lone, "down").returncode == 0
    assert marked_processes(lone) == []
    assert soulseer(lone, "status", "-o", "env").returncode == 3
    assert "was not running" in soulseer(lone, "down").stderr


def test_what_the_shell_reads_is_what_was_meant(lone: Stack) -> None:
    lone.up(services=False)
    script = f'eval "$({shlex.quote(sys.executable)} -m soulseer.cli status -o env)" && printf %s "$JWT_SECRET $DB_URL"'
    shown = subprocess.run(
        ["sh", "-c", script],
        env={**os.environ, "SOULSEER_STACK": lone.paths.name},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == f"{lone.env().jwt_secret} {lone.env().db_url}"


@pytest.mark.parametrize(
    "part", ["postgres", "postgrest", "gateway", "auth", "realtime", "storage", "stripe", "valkey"]
)
def test_a_killed_part_is_seen_and_started_again(lone: Stack, part: str) -> None:
    env = lone.up(services=False).env
    kill(lone, part)
    repaired = lone.up(services=False)
    assert part in repaired.started
    assert repaired.env == env
    answers(env)


def test_data_survives_kill_down_and_up(lone: Stack) -> None:
    env = lone.up(services=False).env
    with psycopg.connect(env.db_url, autocommit=True) as database:
        database.execute("create table public.kept as select 7 as id")
    kill(lone, "postgres")
    lone.down()
    lone.up(services=False)
    with psycopg.connect(env.db_url, autocommit=True) as database:
        assert database.execute("select id from public.kept").fetchone() == (7,)
        database.execute("drop table public.kept")


def test_a_lock_file_naming_a_living_stranger_does_not_stop_postgres(lone: Stack) -> None:
    lone.up(services=False)
    kill(lone, "postgres")
    lock = lone.paths.data / "postmaster.pid"
    lines = lock.read_text().split("\n")
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        answers(lone.up(services=False).env)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_two_stacks_run_at_once_and_share_nothing(lone: Stack, make_stack: Callable[[str], Stack]) -> None:
    other = make_stack("other")
    one, two = lone.up(services=False).env, other.up(services=False).env
    answers(one)
    answers(two)
    assert not set(one.variables().values()) & set(two.variables().values())
    refused = httpx.get(f"{two.api_url}/rest/v1/", headers={"apikey": one.secret_key})
    assert refused.status_code == 401
    other.down()
    assert marked_processes(other) == []
    answers(one)


def test_up_at_the_same_time_from_two_terminals_starts_one_stack(make_stack: Callable[[str], Stack]) -> None:
    stack = make_stack("race")
    command = [sys.executable, "-m", "soulseer.cli", "up", "--without-services"]
    environment = {**os.environ, "SOULSEER_STACK": stack.paths.name}
    both = [
        subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert printed[0][0] == printed[1][0]
    assert sum(b"already running" in errors for _, errors in printed) == 1


def test_reset_throws_rows_away_and_keeps_keys(lone: Stack) -> None:
    env = lone.up(services=False).env
    with psycopg.connect(env.db_url, autocommit=True) as database:
        database.execute("create table public.gone (id int)")
    result = lone.reset()
    assert result.env == env
    assert result.migrations
    with psycopg.connect(env.db_url) as database:
        assert database.execute("select to_regclass('public.gone')").fetchone() == (None,)
    answers(env)


def test_services_come_up_are_repaired_and_leave_nothing(lone: Stack) -> None:
    lone.up(services=True)
    assert all(part.ready for part in lone.status())
    # Its children outlive it, and must not outlive the stack.
    kill(lone, "workers", "bridge")
    assert set(lone.up(services=True).started) == {"workers", "bridge"}
    kill(lone, "workers")
    assert lone.down()
    assert marked_processes(lone) == []


def test_the_template_is_there_and_nobody_is_connected_to_it(stack: Stack) -> None:
    with stack.layout().server.connect("template1") as admin:
        row = admin.execute("select count(*) from pg_stat_activity where datname = %s", (TEMPLATE,)).fetchone()
        there = admin.execute("select count(*) from pg_database where datname = %s", (TEMPLATE,)).fetchone()
    assert (row, there) == ((0,), (1,))


def test_a_stack_that_never_ran_says_so() -> None:
    with pytest.raises(NotRunningError, match="soulseer up"):
        Stack.named("never-was").env()


@pytest.mark.parametrize("name", ["", "Ü", "a b", "../up", "x" * 40])
def test_a_name_that_is_no_folder_name_is_refused(name: str) -> None:
    with pytest.raises(StackError, match="no name for a stack"):
        Stack.named(name)


def test_postgres_listens_on_the_loopback_and_wants_a_password(stack_env: StackEnv) -> None:
    wrong = stack_env.db_url.replace("postgres:postgres@", "postgres:wrong@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    superuser = stack_env.db_url.replace("postgres:postgres@", "supabase_admin:postgres@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(superuser)


def test_keys_lie_in_files_for_the_owner_only(stack: Stack) -> None:
    assert stack.paths.private.stat().st_mode & 0o077 == 0
    for place in stack.paths.private.iterdir():
        if place.suffix in {".json", ".conf"}:
            assert place.stat().st_mode & 0o077 == 0, place
