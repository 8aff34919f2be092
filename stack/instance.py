"""A named stack: brings it up, says what runs, takes it down. This is what the CLI and the tests call.

    stack = Stack.named("local")
    env = stack.up(services=True)     # StackEnv: addresses and keys; everything answers
    stack.status()                    # one PartStatus for each part
    stack.down()                      # True when something was running; no process is left

Two stacks never share a folder, a port or a process, be it by name or by project folder. `up` repairs: what
is missing, or was started differently, is started; what runs well is left alone.
"""

import contextlib
import fcntl
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stack import database, processes
from stack.binaries import find_postgres
from stack.environment import StackEnv
from stack.errors import NotRunningError
from stack.health import wait_until
from stack.keys import StackKeys, keys_file
from stack.parts import Layout, Part, base_parts, service_parts, working_folder
from stack.paths import StackPaths
from stack.ports import choose_ports, recorded_ports
from stack.postgres import PART as POSTGRES
from stack.postgres import PostgresServer

# Ends connections instead of waiting for them.
_FAST_SHUTDOWN = signal.SIGINT
# Ports are named after parts; these parts have two.
_PORTS_OF = {
    "auth": ("auth", "smtp"),
    "postgrest": ("postgrest", "postgrest_admin"),
    "realtime": ("realtime", "realtime_socket"),
}
_SERVICES = frozenset({"webhooks", "bridge", "functions", "workers", "scheduler"})


@dataclass(frozen=True, slots=True)
class PartStatus:
    """How a part of a stack is.

    Attributes:
        name: the part.
        what: what it is, for people.
        running: whether its process runs.
        ready: whether it answers.
        pid: its process, when it runs.
        url: where it answers.
    """

    name: str
    what: str
    running: bool
    ready: bool
    pid: int | None
    url: str


@dataclass(frozen=True, slots=True)
class UpResult:
    """What `up` did.

    Attributes:
        env: addresses and keys.
        started: parts that had to be started; empty when everything ran already.
        migrations: versions of the migrations that were applied.
    """

    env: StackEnv
    started: Sequence[str]
    migrations: Sequence[str]


def _silent(_message: str) -> None:
    return None


class Stack:
    """One stack of this project."""

    def __init__(self, paths: StackPaths) -> None:
        """Take the files of a stack; nothing is made or started."""
        self.paths = paths

    @classmethod
    def named(cls, name: str) -> "Stack":
        """Return the stack of this project called `name`, whether or not it exists.

        Raises:
            StackError: the name cannot be used.
        """
        return cls(StackPaths.of(name))

    # Reading --------------------------------------------------------------------------------------------------------

    def layout(self) -> Layout:
        """Return keys, ports and server of the last start.

        Raises:
            NotRunningError: it never started.
        """
        ports = recorded_ports(self.paths)
        if not ports or not keys_file(self.paths).exists():
            raise NotRunningError(f"The stack {self.paths.name!r} has never been started.", "Run `soulseer up`.")
        return self._layout_with(ports)

    def _layout_with(self, ports: dict[str, int]) -> Layout:
        keys = StackKeys.load_or_make(self.paths)
        server = PostgresServer(self.paths, find_postgres(), ports["postgres"], keys.database_password)
        return Layout(self.paths, keys, ports, server)

    def env(self) -> StackEnv:
        """Return addresses and keys of a running stack.

        Raises:
            NotRunningError: it is not running.
        """
        if POSTGRES not in processes.running(self.paths):
            raise NotRunningError(f"The stack {self.paths.name!r} is not running.", "Run `soulseer up`.")
        return self.layout().env

    def status(self) -> list[PartStatus]:
        """Return how each part is, those that were never started included.

        Raises:
            NotRunningError: the stack never started.
        """
        layout = self.layout()
        alive = processes.running(self.paths)

        def of(part: Part) -> PartStatus:
            record = alive.get(part.name)
            ready = record is not None and part.ready()
            return PartStatus(part.name, part.what, record is not None, ready, record.pid if record else None, part.url)

        parts = [_postgres_part(layout), *base_parts(layout), *service_parts(layout)]
        with ThreadPoolExecutor(max_workers=len(parts)) as asking:
            return list(asking.map(of, parts))

    # Changing -------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the stack's lock: two commands on one stack wait for each other."""
        with self.paths.lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def up(self, *, services: bool = True, tell: Callable[[str], None] = _silent) -> UpResult:
        """Bring the stack up, starting what is missing, and return when everything answers.

        Args:
            services: whether the project's own services run too. Those that run already are left running.
            tell: called with a line for each step.

        Raises:
            StackError: a server is not installed or did not start, or a migration failed. What runs stays up.
        """
        with self._changing():
            self.paths.make()
            alive = processes.running(self.paths)
            held = [port for name in alive for port in _PORTS_OF.get(name, (name,))]
            layout = self._layout_with(choose_ports(self.paths, held))
            started: list[str] = []
            self._start_database(layout, started, tell)
            # These need no database, so they start while it is prepared.
            parts = {part.name: part for part in base_parts(layout)}
            early = [parts[name] for name in ("valkey", "gateway", "stripe")]
            self._start_missing(early, started, tell)
            applied = database.prepare(layout.server, self.paths)
            if applied:
                tell(f"applied {len(applied)} migrations")
            self._start_missing(list(parts.values()), started, tell)
            self._wait_for(list(parts.values()))
            if services:
                own = service_parts(layout)
                self._start_missing(own, started, tell)
                self._wait_for(own)
            return UpResult(layout.env, started, applied)

    def _start_database(self, layout: Layout, started: list[str], tell: Callable[[str], None]) -> None:
        record = processes.running(self.paths).get(POSTGRES)
        if record is not None and layout.server.accepts(record):
            return
        # One that runs and takes nobody in must go before another may have its data.
        layout.server.stop()
        if not layout.server.is_made():
            tell("making the database cluster")
            layout.server.make()
        tell("starting postgres")
        layout.server.start()
        started.append(POSTGRES)

    def _start_missing(self, parts: Sequence[Part], started: list[str], tell: Callable[[str], None]) -> None:
        """Start the parts that do not run, and those that run with another configuration."""
        alive = processes.running(self.paths)
        for part in parts:
            wanted = part.configuration()
            there = alive.get(part.name)
            if there is not None and there.configuration == wanted:
                continue
            # Also clears what a killed process of this name left.
            processes.stop(self.paths, part.name)
            tell(f"starting {part.name}")
            processes.start(
                self.paths,
                part.name,
                part.command,
                environment=part.full_environment(),
                folder=working_folder(),
                configuration=wanted,
            )
            started.append(part.name)

    def _wait_for(self, parts: Sequence[Part]) -> None:
        records = processes.records(self.paths)
        for part in parts:
            record = records[part.name]
            wait_until(
                part.ready,
                lambda record=record: processes.is_alive(record),  # type: ignore[misc]
                name=part.name,
                log=str(self.paths.logs / f"{part.name}.log"),
                patience=part.patience,
            )

    def down(self) -> bool:
        """Stop everything of the stack, what a killed part left behind included. The data stays.

        Returns:
            Whether anything was running.
        """
        if not self.paths.state.exists():
            return False
        with self._changing():
            return self._stop_all()

    def _stop_all(self) -> bool:
        there = set(processes.records(self.paths)) - {POSTGRES}
        stopped: list[bool] = []
        # The services before what they use, so that workers hand back their jobs instead of looking for a queue that
        # is gone; the database last. Those of a round are asked at the same time, so that the slowest decides.
        for names in (there & _SERVICES, there - _SERVICES):
            with ThreadPoolExecutor(max_workers=max(1, len(names))) as asking:
                stopped += asking.map(lambda name: processes.stop(self.paths, name), names)
        stopped.append(processes.stop(self.paths, POSTGRES, ask_with=_FAST_SHUTDOWN, patience=20.0))
        return processes.end_orphans(self.paths) > 0 or any(stopped)

    def reset(self, *, tell: Callable[[str], None] = _silent) -> UpResult:
        """Throw away every row, file, mail, job and payment of the stack and bring it up anew; keys and ports stay.

        The services run afterwards if they ran before.
        """
        ran = set(processes.running(self.paths))
        had_services = bool(ran & _SERVICES)
        self.down()
        with self._changing():
            tell("removing the data")
            for place in (self.paths.data, self.paths.socket, self.paths.storage):
                shutil.rmtree(place, ignore_errors=True)
            for pattern in (f"{self.paths.stripe_state.name}*", "mailbox.json*"):
                for place in self.paths.private.glob(pattern):
                    place.unlink()
            (self.paths.state / "migrations.json").unlink(missing_ok=True)
        return self.up(services=had_services, tell=tell)

    def remove(self) -> None:
        """Stop the stack and remove every file of it, keys included."""
        self.down()
        shutil.rmtree(self.paths.state, ignore_errors=True)
        self.paths.lock.unlink(missing_ok=True)


def _postgres_part(layout: Layout) -> Part:
    return Part(POSTGRES, "database", [], layout.server.answers, url=layout.env.db_url)
