"""The Postgres server of a stack: its data folder, its process, and connections to it."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from stack import processes
from stack.binaries import Binary
from stack.errors import StartError
from stack.paths import StackPaths
from stack.processes import ProcessRecord

SUPERUSER = "supabase_admin"
PART = "postgres"
# An account without rights of its own, under which Postgres runs when this user is root: it refuses root, and a uid
# without an account.
_NOBODY = "nobody"
_START_SECONDS = 20.0
_POLL_SECONDS = 0.02

# What differs from the defaults, and why. A stack is remade by one command, so it does not wait for the disk: a killed
# server loses nothing, a machine that loses power may, and then `soulseer reset` makes it anew.
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "wal_level": "logical",
    "max_wal_size": "2GB",
    "shared_preload_libraries": "pg_stat_statements",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A Postgres server on the loopback.

    Attributes:
        paths: the stack it belongs to.
        binary: the programs it runs.
        port: its port, on 127.0.0.1 and in the name of its Unix socket.
        password: password of the superuser and of the services' roles.
    """

    paths: StackPaths
    binary: Binary
    port: int
    password: str

    @property
    def run_as(self) -> int | None:
        """The uid the server runs under; None is this user."""
        return pwd.getpwnam(_NOBODY).pw_uid if os.geteuid() == 0 else None

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Return a connection string. `postgres` has the well-known password, every other role the stack's."""
        password = "postgres" if user == "postgres" else self.password
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres", user: str = SUPERUSER) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection that commits each statement."""
        return psycopg.connect(self.dsn(database, user), autocommit=True, connect_timeout=10)

    def is_made(self) -> bool:
        """Tell whether the data folder is complete."""
        return (self.paths.data / "PG_VERSION").exists() and (self.paths.data / "soulseer.conf").exists()

    def make(self) -> None:
        """Make the data folder anew: initdb, settings, and who may connect.

        Raises:
            StartError: initdb refused.
        """
        for folder in (self.paths.data, self.paths.socket):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            if self.run_as is not None:
                os.chown(folder, self.run_as, self.run_as)
        password_file = self.paths.data.with_suffix(".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if self.run_as is not None:
            os.chown(password_file, self.run_as, self.run_as)
        try:
            self._initdb(password_file)
        finally:
            password_file.unlink()
        (self.paths.data / "pg_hba.conf").write_text(
            "host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n"
        )
        with (self.paths.data / "postgresql.conf").open("a") as main:
            main.write("\ninclude_if_exists = 'soulseer.conf'\n")
        (self.paths.data / "soulseer.conf").write_text(
            "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        )

    def _initdb(self, password_file: Path) -> None:
        command = [
            str(self.binary.path / "initdb"),
            f"--pgdata={self.paths.data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]
        made = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.paths.state,
            user=self.run_as,
            group=self.run_as,
            extra_groups=None if self.run_as is None else [],
        )
        if made.returncode != 0:
            shutil.rmtree(self.paths.data, ignore_errors=True)
            raise StartError(f"initdb failed: {made.stderr.strip()}")

    def start(self) -> ProcessRecord:
        """Start the server and wait until it takes connections. A file left by a killed server is no obstacle.

        Raises:
            StartError: it ended, or did not answer in time.
        """
        self._clear_stale_lock()
        command: list[str | Path] = [
            self.binary.path / "postgres",
            "-D", self.paths.data,
            "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1",
            "-c", f"unix_socket_directories={self.paths.socket}",
        ]  # fmt: skip
        record = processes.start(self.paths, PART, command, run_as=self.run_as, folder=self.paths.data)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.answers():
                return record
            if not processes.is_alive(record):
                break
            time.sleep(_POLL_SECONDS)
        processes.stop(self.paths, PART, ask_with=signal.SIGINT)
        raise StartError("Postgres did not start.", f"See {self.paths.logs / 'postgres.log'}.")

    def answers(self) -> bool:
        """Tell whether the server says in its lock file that it takes connections."""
        try:
            lines = (self.paths.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004  # the eighth line holds the state

    def accepts(self, record: ProcessRecord) -> bool:
        """Tell whether the running server takes connections, waiting while it recovers; False when it ended."""
        deadline = time.monotonic() + _START_SECONDS
        while processes.is_alive(record) and time.monotonic() < deadline:
            try:
                self.connect("template1").close()
            except psycopg.OperationalError:
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def _clear_stale_lock(self) -> None:
        """Remove the lock file of a killed server once its processes are gone.

        Postgres refuses to start when the pid in the file runs, even if that is another program by now.
        """
        lock = self.paths.data / "postmaster.pid"
        if not lock.exists():
            return
        deadline = time.monotonic() + _START_SECONDS
        while self._shares_memory(lock) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        with contextlib.suppress(FileNotFoundError):
            lock.unlink()

    def _shares_memory(self, lock: Path) -> bool:
        """Tell whether children of a killed server still work in its data folder."""
        pid = lock.read_text().split("\n", maxsplit=1)[0].strip()
        data = str(self.paths.data)
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if str((place / "cwd").readlink()) == data and place.name != pid:
                    return True
            except OSError:
                continue
        return False

    def stop(self) -> bool:
        """Stop the server, ending its connections. Return whether it was running."""
        return processes.stop(self.paths, PART, ask_with=signal.SIGINT, patience=20.0)
